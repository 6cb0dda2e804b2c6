//! What is fed, and what must hold whatever it is fed.

use crate::pack_image;
use clap::ValueEnum;
use elfin_elf::ElfFile;
use elfin_elf::image::Image;
use elfin_golang::{BuildInfo, ModuleData, PcValues, Pclntab, package_of};
use elfin_ledger::{Claim, Claims};
use elfin_model::{FileOffset, FileRange, VirtAddr};
use elfin_pack::{Effort, inspect, pack, resealed, unpack};
use elfin_shrink::{Compression, Keep, Loader, Options, Strip, memory, slim, strip, unslim};
use std::fmt;

/// A room that reads bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Target {
    Elf,
    Golang,
    Ledger,
    Weigh,
    Shrink,
    Unslim,
    PackImage,
    Unpack,
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value();
        formatter.write_str(value.as_ref().map_or("", |it| it.get_name()))
    }
}

impl Target {
    /// Feeds an input; panics where something does not hold.
    pub(crate) fn feed(self, input: &[u8]) {
        match self {
            Target::Elf => elf(input),
            Target::Golang => golang(input),
            Target::Ledger => ledger(input),
            Target::Weigh => weigh(input),
            Target::Shrink => shrink(input),
            Target::Unslim => unslim_damaged(input),
            Target::PackImage => pack_image::feed(input),
            Target::Unpack => unpack_damaged(input),
        }
    }

    /// Gives what is damaged for this target, from programs.
    pub(crate) fn prepared(self, programs: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        if self != Target::Unpack {
            return programs;
        }
        let efforts = [Effort::Small, Effort::Fast];
        let forms = programs.iter().flat_map(|it| efforts.map(|effort| pack(it, effort)));
        forms.filter_map(Result::ok).collect()
    }
}

/// A packed file, as it is and with its checksums made right, so that what is behind them is reached.
fn unpack_damaged(input: &[u8]) {
    let _ = (inspect(input), unpack(input));
    if let Some(sealed) = resealed(input) {
        let _ = inspect(&sealed);
        if let Ok(original) = unpack(&sealed) {
            assert!(inspect(&sealed).is_ok_and(|it| it.original_len == original.len() as u64));
        }
    }
}

fn elf(input: &[u8]) {
    let _ = Image::parse(input);
    let Ok(file) = ElfFile::parse(input) else { return };
    if let Ok(parts) = file.composition() {
        assert_eq!(parts.values().sum::<u64>(), input.len() as u64);
    }
    let _ = (file.needed(), file.interpreter(), file.version_needs(), file.relro(), file.nx());
    let _ = (file.go_version(), file.gnu_build_id(), file.has_pclntab(), file.has_build_info());
    let addends = file.addends();
    for section in file.sections() {
        let names = section.is_symbol_table().then(|| file.symbols(section)).into_iter().flatten();
        assert!(names.map(|it| it.name.len()).sum::<usize>() <= 8 * input.len());
        let relocations = section.is_relocations().then(|| file.relocations(section));
        for relocation in relocations.into_iter().flatten() {
            let _ = addends.word(&file, relocation.slot);
        }
        let at = file.offset_of(VirtAddr(section.address)).and_then(|it| file.address_of(it));
        let _ = (at, file.compression(section));
    }
}

fn golang(input: &[u8]) {
    let Ok(file) = ElfFile::parse(input) else { return };
    let addends = file.addends();
    let _ = BuildInfo::find(&file);
    let module = ModuleData::find(&file, &addends);
    let Some(table) = Pclntab::find(&file, &addends, module.as_ref()) else { return };
    for (_, name) in table.names.texts().take(input.len()) {
        let _ = package_of(name);
    }
    // Tables may be shared by all functions; a program's are not long.
    let mut left = 4 * input.len();
    for function in table.functions() {
        for offset in function.pc_tables() {
            for _ in PcValues::new(table.pc_table(offset), table.quantum) {
                let Some(less) = left.checked_sub(1) else { return };
                left = less;
            }
        }
        let _ = (function.funcdata().count(), function.first_file(&table));
    }
}

/// Ten bytes of the input are a claim.
fn ledger(input: &[u8]) {
    const FILE: u64 = 1 << 16;
    let mut claims = Claims::new(FILE);
    let (rows, _) = input.as_chunks::<10>();
    for [start, start_high, bytes, bytes_high, owner, label, class, layer, exact, may_share] in
        rows.iter().copied().take(20_000)
    {
        claims.push(Claim {
            range: FileRange::new(
                FileOffset(u16::from_le_bytes([start, start_high]).into()),
                u16::from_le_bytes([bytes, bytes_high]).into(),
            ),
            owner: owner.into(),
            label: label.into(),
            class: class % 8,
            layer,
            exact: exact % 2 == 0,
            may_share: may_share % 4 != 0,
        });
    }
    match claims.settle() {
        Ok(settled) => {
            let mut end = 0;
            for piece in settled.pieces() {
                assert_eq!(piece.range.start(), end);
                end = piece.range.end();
            }
            assert_eq!(end, FILE);
        }
        Err(error) => panic!("{error}"),
    }
}

fn weigh(input: &[u8]) {
    let options = elfin_weigh::Options { dump: true, ..elfin_weigh::Options::default() };
    let Ok(weighing) = elfin_weigh::weigh(input, &options) else { return };
    let rows: u64 = weighing.rows.iter().map(|it| it.bytes).sum();
    assert_eq!(rows + weighing.unknown_bytes, input.len() as u64);
}

fn shrink(input: &[u8]) {
    let most = 8 * input.len() + (1 << 20);
    let _ = memory(input);
    for what in [Strip::All, Strip::Locals, Strip::Debug] {
        if let Ok(stripped) = strip(input, what) {
            assert!(stripped.len() <= most);
        }
    }
    let debug_file = Some("program.debug");
    let packed = Options { debug_file, loader: Loader::New, ..Options::default() };
    let moving = Options { debug_file, static_pie: true, full_aslr: true, ..Options::default() };
    for options in [packed, moving] {
        let Ok(slimmed) = slim(input, &options) else { continue };
        assert!(slimmed.program.len() <= most);
        let Some(debug) = slimmed.debug.map(|it| it.to_vec()) else { continue };
        let original = unslim(&slimmed.program.to_vec(), &debug);
        assert!(original.is_ok_and(|it| it == input), "what is slimmed can be undone");
    }
    let kept =
        Options { keep: vec![Keep::Dwarf], compression: Compression::Zlib, ..Options::default() };
    let _ = slim(input, &kept).map(|it| it.program.to_vec());
}

/// Damages the debug file instead of the program, in places that the input decides.
fn unslim_damaged(input: &[u8]) {
    const TRIES: usize = 8;
    let _ = unslim(input, input);
    let options = Options { debug_file: Some("program.debug"), ..Options::default() };
    let Ok(slimmed) = slim(input, &options) else { return };
    let Some(mut debug) = slimmed.debug.map(|it| it.to_vec()) else { return };
    let program = slimmed.program.to_vec();
    let seed =
        input.iter().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add((*byte).into()));
    for turn in 0..TRIES {
        let number = seed.wrapping_mul(2 * turn as u64 + 3).rotate_left(29);
        // What is read first is at both ends: the headers, and the record of the original.
        let near = (number >> 8) as usize % debug.len().min(4096);
        let at = if turn % 2 == 0 { near } else { debug.len() - 1 - near };
        let was = std::mem::replace(&mut debug[at], number.to_le_bytes()[0]);
        let _ = unslim(&program, &debug[..at]);
        if let Ok(original) = unslim(&program, &debug) {
            assert!(original == input, "it is the original or an error");
        }
        debug[at] = was;
    }
}
