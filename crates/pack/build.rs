//! Builds the loaders of packed programs: each one block of position independent code.
//!
//! `rustc` compiles the format and the loader, the system's linker lays them out by
//! `stub.ld`, and the block is taken from between the headers. Nothing is
//! downloaded and nothing but a Rust toolchain is needed. A block that holds
//! an address or that is written would not run at any place and is refused.

use object::elf::{
    R_X86_64_GOTPCREL, R_X86_64_GOTPCRELX, R_X86_64_PC32, R_X86_64_PLT32, R_X86_64_REX_GOTPCRELX,
};
use object::read::elf::{ElfFile64, FileHeader};
use object::{
    LittleEndian, Object, ObjectSection, ObjectSymbol, RelocationFlags, RelocationTarget,
};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// What programs are packed for, and how the loader for that is optimised: each knows only what is used for
/// it, so that the one for speed has room to be quick.
const LOADERS: [(&str, &str); 2] = [("fast", "-Copt-level=3"), ("small", "-Copt-level=s")];

/// The sections that would need relocating or writing.
const UNWANTED: [&str; 2] = [".moved", ".written"];

fn main() {
    for path in ["format/src", "stub", "build.rs"] {
        println!("cargo:rerun-if-changed={path}");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let amd64 = env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|it| it == "x86_64");
    for (loader, optimised) in LOADERS {
        let out = out.join(loader);
        fs::create_dir_all(&out).unwrap_or_else(|error| panic!("{}: {error}", out.display()));
        let block = if amd64 {
            build(&out, loader, optimised)
                .unwrap_or_else(|says| panic!("the loader for {loader}: {says}"))
        } else {
            Vec::new() // Elsewhere `pack` says that it has no loader.
        };
        fs::write(out.join("stub.bin"), block).unwrap_or_else(|error| panic!("stub.bin: {error}"));
    }
}

fn build(out: &Path, loader: &str, optimised: &str) -> Result<Vec<u8>, String> {
    let format = out.join("libelfin_pack_format.rlib");
    let used = format!("--cfg=loader=\"{loader}\"");
    let library = ["--crate-type=rlib", "--crate-name=elfin_pack_format", optimised, &used];
    rustc(&library, &format, "format/src/lib.rs")?;
    let program = out.join("stub.elf");
    let external = format!("--extern=elfin_pack_format={}", format.display());
    let linked = [
        "--crate-type=bin",
        "--crate-name=stub",
        optimised,
        "-Clto=fat",
        "-Clink-arg=-nostdlib",
        "-Clink-arg=-nostartfiles",
        "-Clink-arg=-static",
        "-Clink-arg=-no-pie",
        "-Clink-arg=-Wl,-T,stub/stub.ld,--gc-sections,--emit-relocs,--build-id=none,-z,norelro,-z,noexecstack",
        &external,
    ];
    rustc(&linked, &program, "stub/main.rs")?;
    block(&fs::read(&program).map_err(|error| error.to_string())?)
}

/// Compiles one crate; the same flags for all, so that they can be optimised as one.
fn rustc(flags: &[&str], output: &Path, source: &str) -> Result<(), String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let status = Command::new(rustc)
        .args(["--edition=2024", "-Cpanic=abort", "-Crelocation-model=pic", "-Cdebuginfo=0"])
        .args(["-Ccodegen-units=1", "-Cembed-bitcode=yes", "-Cforce-frame-pointers=no"])
        .arg("--target=x86_64-unknown-linux-gnu")
        .args(flags)
        .arg("-o")
        .arg(output)
        .arg(source)
        .env_remove("RUSTFLAGS")
        .status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("rustc {source}: {status}")),
        Err(error) => Err(format!("rustc {source}: {error}")),
    }
}

/// To as many bytes the packer aligns it (`src/writer.rs`).
const ALIGNED: u64 = 16;
/// The most that a loader may add to each packed file; bytes.
const LARGEST: usize = 32 << 10;

/// Takes the block out of the linked program, its calls made direct.
fn block(program: &[u8]) -> Result<Vec<u8>, String> {
    let file = ElfFile64::<LittleEndian>::parse(program).map_err(|error| error.to_string())?;
    for name in UNWANTED {
        let size = file.section_by_name(name).map_or(0, |it| it.size());
        if size > 0 {
            return Err(format!(
                "{name} has {size} bytes: it may hold no address and write nothing"
            ));
        }
    }
    if file.elf_header().e_entry(LittleEndian) != 0 {
        return Err("it does not begin with its entry".to_owned());
    }
    let section = file.section_by_name(".stub").ok_or("it has no section .stub")?;
    let mut block = section.data().map_err(|error| error.to_string())?.to_vec();
    if section.align() > ALIGNED {
        return Err(format!("it wants {} bytes of alignment", section.align()));
    }
    if block.len() > LARGEST {
        return Err(format!("{} bytes are more than {LARGEST}", block.len()));
    }
    for (at, relocation) in section.relocations() {
        let RelocationFlags::Elf { r_type } = relocation.flags() else { continue };
        match r_type {
            R_X86_64_PC32 | R_X86_64_PLT32 => {}
            R_X86_64_GOTPCREL | R_X86_64_GOTPCRELX | R_X86_64_REX_GOTPCRELX => {
                let RelocationTarget::Symbol(index) = relocation.target() else { continue };
                let symbol = file.symbol_by_index(index).map_err(|error| error.to_string())?;
                make_direct(&mut block, at, symbol.address())?;
            }
            _ => return Err(format!("a relocation of type {r_type:?} at {at:#x}")),
        }
    }
    Ok(block)
}

/// Makes a call through a table of addresses a call of the address itself, and a load of the
/// address likewise. Linkers do so where the compiler says that they may, which Rust's does not.
fn make_direct(block: &mut [u8], at: u64, target: u64) -> Result<(), String> {
    let field = usize::try_from(at).map_err(|error| error.to_string())?;
    let instruction = block.get_mut(field - 2..field + 4).ok_or("a relocation outside of it")?;
    let distance =
        i64::try_from(target).unwrap_or_default() - i64::try_from(at).unwrap_or_default() - 4;
    let distance = i32::try_from(distance).map_err(|error| error.to_string())?;
    match instruction {
        [call @ 0xff, mode @ 0x15, ..] => (*call, *mode) = (0x67, 0xe8), // `addr32 call`
        [load @ 0x8b, mode, ..] if *mode & 0xc7 == 5 => *load = 0x8d,    // `lea`
        [jump @ 0xff, mode @ 0x25, ..] => (*jump, *mode) = (0x2e, 0xe9), // `cs jmp`
        _ => {
            // Linked already: the linker may have made it direct itself.
            let direct = matches!(instruction, [0x67, 0xe8, ..] | [0x8d, ..]);
            return if direct { Ok(()) } else { Err(format!("what stands at {at:#x}?")) };
        }
    }
    instruction[2..].copy_from_slice(&distance.to_le_bytes());
    Ok(())
}
