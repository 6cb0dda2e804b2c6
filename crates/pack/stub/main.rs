//! The loader of a packed program: unpacks it where it shall run, and jumps to it.
//!
//! It is the first code of a packed file. It holds the file's bytes against
//! their checksum, reserves the program's addresses, unpacks into fresh memory,
//! relocates what needs no library, protects every segment as the program's own
//! headers say, and enters the program or its dynamic linker with the stack as
//! the kernel made it: arguments and environment untouched, the auxiliary vector
//! saying what it would say of the unpacked program. It opens no file but the
//! dynamic linker, needs no /proc, and nothing is ever writable and executable.
//! What goes wrong is said on standard error, with exit status 127.
//!
//! `build.rs` of `elfin-pack` compiles it to one block of position independent code without
//! data of its own that is written.

#![no_std]
#![no_main]

mod auxiliary;
mod debugger;
mod entry;
mod failure;
mod fresh;
mod interpreter;
mod memory;
mod place;
mod protect;
mod system;
mod thread;
mod unpacking;

use auxiliary::Auxiliary;
use elfin_pack_format::Damaged;
use elfin_pack_format::container::{Header, Kind};
use elfin_pack_format::program::Loaded;
use elfin_pack_format::relocate::{relocate_rela, relocate_relr};
use failure::{Failure, fail};

/// Set by `elfin pack --verify`: all is done but to enter the program.
const ONLY_LOAD: &[u8] = b"ELFIN_PACK_ONLY_LOAD=1";

const DT_RELA: u64 = 7;
const DT_RELASZ: u64 = 8;
const DT_RELRSZ: u64 = 35;
const DT_RELR: u64 = 36;

/// Starts the program; gives the address at which it begins.
///
/// # Safety
/// `stack` is the stack as the kernel made it; `file` is where the packed file
/// is mapped.
#[unsafe(no_mangle)]
unsafe extern "C" fn start(stack: *mut usize, file: *const u8) -> usize {
    // SAFETY: as the caller promises; the packer wrote what `file` holds.
    match unsafe { run(stack, file) } {
        Ok(entry) => entry,
        Err(failure) => fail(failure),
    }
}

unsafe fn run(stack: *mut usize, file: *const u8) -> Result<usize, Failure> {
    // SAFETY: the kernel mapped the page with the headers, and the packer keeps all in one page.
    let page = unsafe { core::slice::from_raw_parts(file, system::PAGE) };
    let loaded = Header::loaded_len(page)?;
    // SAFETY: the kernel mapped as many bytes as the program header says, the header the same.
    let file = unsafe { core::slice::from_raw_parts(file, loaded) };
    if !system::is_readable(file) {
        return Err(Damaged("its end is missing").into());
    }
    let header = Header::read(file)?;
    if header.loaded_checksum(file)? != header.checksum {
        return Err(Damaged("its bytes are not those that were packed").into());
    }
    // SAFETY: `stack` is the kernel's.
    let mut auxiliary = unsafe { Auxiliary::find(stack) };
    let place = place::reserve(&header, file.as_ptr() as usize)?;
    // SAFETY: `reserve` mapped this memory for us alone, readable and writable.
    let memory =
        unsafe { core::slice::from_raw_parts_mut(place as *mut u8, header.memory_len as usize) };
    let (image, _zero) = memory.split_at_mut(header.image_len as usize);
    unpacking::unpack(&header, file, image)?;
    let by = (place as u64).wrapping_sub(header.base) as usize;
    if header.kind == Kind::Relocated {
        relocate(&header, image, place as u64)?;
    }
    let program = Loaded {
        bytes: image,
        base: header.base,
        program_headers: (header.program_headers, header.program_header_count),
    };
    protect::protect(&program, header.kind, place, header.memory_len as usize)?;
    let entry = (header.entry as usize).wrapping_add(by);
    auxiliary.describe(
        (header.program_headers as usize).wrapping_add(by),
        header.program_header_count as usize,
        entry,
    );
    let start = match header.kind.is_interpreted() {
        true => {
            let path = program.interpreter().ok_or(Damaged("it names no dynamic linker"))?;
            let interpreter = interpreter::map(path)?;
            auxiliary.set_interpreter(interpreter.base);
            interpreter.entry
        }
        false => entry,
    };
    debugger::tell(&header, &program, &auxiliary, stack as usize, file, by);
    if auxiliary.has_variable(ONLY_LOAD) {
        system::exit(0);
    }
    system::unmap(file.as_ptr() as usize + system::PAGE, file.len().saturating_sub(system::PAGE));
    Ok(start)
}

fn relocate(header: &Header, image: &mut [u8], place: u64) -> Result<(), Damaged> {
    let program = Loaded {
        bytes: image,
        base: header.base,
        program_headers: (header.program_headers, header.program_header_count),
    };
    let rela = program.dynamic_table(DT_RELA, DT_RELASZ);
    let relr = program.dynamic_table(DT_RELR, DT_RELRSZ);
    if let Some(table) = rela {
        relocate_rela(image, table, header.base, place)?;
    }
    if let Some(table) = relr {
        relocate_relr(image, table, header.base, place)?;
    }
    Ok(())
}
