//! Hostile files under a limit of memory: 4 times the file and 128 MiB, as is promised.
//!
//! The kernel holds the limit: what takes more cannot have it, and the run
//! does not end as it should.

use crate::fixture::Folder;
use crate::weigh::folder;
use elfin_elf::ElfFile;
use flate2::{Compression, write::ZlibEncoder};
use std::io::Write;
use std::process::{Command, Output};

const MORE: u64 = 128 << 20;
/// So much comes out of each section that is compressed too well.
const BOMB: usize = 200 << 20;

/// Weighs a file with so much memory.
fn weigh_in(folder: &Folder, memory: u64) -> Output {
    let script = format!("ulimit -d {} && exec \"$0\" weigh hostile --json", memory / 1024);
    let mut shell = Command::new("sh");
    shell.current_dir(folder.path("")).arg("-c").arg(script).arg(env!("CARGO_BIN_EXE_elfin"));
    shell.env("RAYON_NUM_THREADS", "2").output().unwrap()
}

/// Weighs a file in the memory that is promised: it adds up, or an error says what is wrong where.
fn check(folder: &Folder, file: &[u8], what: &str) {
    std::fs::write(folder.path("hostile"), file).unwrap();
    let output = weigh_in(folder, 4 * file.len() as u64 + MORE);
    let error = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        Some(0) => {
            let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            let rows = document["rows"].as_array().unwrap().iter();
            let sum: u64 = rows.map(|it| it["bytes"].as_u64().unwrap()).sum();
            let all = sum + document["unknown_bytes"].as_u64().unwrap();
            assert_eq!(all, file.len() as u64, "{what}");
        }
        Some(2) => {
            let says_where = error.contains("offset") || error.contains("byte");
            assert!(error.starts_with("error: ") && says_where, "{what}: {error}");
        }
        code => panic!("{what} ended with {code:?}: {error}"),
    }
}

/// Where the program's section headers are told of, and each begins (elf(5)): offset and size of
/// the section stand 24 and 32 bytes behind the beginning.
fn header(program: &[u8], section: &str) -> usize {
    let table = u64::from_le_bytes(program[0x28..0x30].try_into().unwrap());
    let file = ElfFile::parse(program).unwrap();
    let index = file.sections().iter().position(|it| it.name == section).unwrap();
    usize::try_from(table).unwrap() + 64 * index
}

/// Zeros, compressed to a thousandth.
fn bomb() -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..BOMB >> 20 {
        encoder.write_all(&[0; 1 << 20]).unwrap();
    }
    encoder.finish().unwrap()
}

/// Puts a compressed section behind the file, in the place of its own.
fn put(program: &mut Vec<u8>, section: &str, stream: &[u8]) {
    let (at, header) = (program.len() as u64, header(program, section));
    for field in [1, BOMB as u64, 1] {
        program.extend(field.to_le_bytes()); // ELFCOMPRESS_ZLIB, size, alignment
    }
    program.extend(stream);
    let size = 24 + stream.len() as u64;
    program[header + 8..header + 16].copy_from_slice(&0x800_u64.to_le_bytes()); // SHF_COMPRESSED
    program[header + 24..header + 32].copy_from_slice(&at.to_le_bytes());
    program[header + 32..header + 40].copy_from_slice(&size.to_le_bytes());
}

#[test]
fn compressed_dwarf_that_is_enormous_or_says_so_takes_no_memory() {
    let folder = folder();
    let app = std::fs::read(folder.path("app")).unwrap();
    let sections: Vec<String> = ElfFile::parse(&app)
        .unwrap()
        .sections()
        .iter()
        .filter(|it| it.name.starts_with(".debug_"))
        .map(|it| it.name.to_owned())
        .collect();
    assert!(sections.iter().any(|it| it == ".debug_info"), "{sections:?}");
    let bomb = bomb();
    for section in &sections {
        let mut program = app.clone();
        put(&mut program, section, &bomb);
        check(&folder, &program, section);
        // The stream as it was, with another size before it.
        let mut program = app.clone();
        let at = header(&program, section) + 24;
        let stream = u64::from_le_bytes(program[at..at + 8].try_into().unwrap());
        let stream = usize::try_from(stream).unwrap();
        program[stream + 8..stream + 16].copy_from_slice(&(1_u64 << 44).to_le_bytes());
        check(&folder, &program, &format!("the size of {section}"));
    }
    let mut program = app;
    for section in &sections {
        put(&mut program, section, &bomb);
    }
    check(&folder, &program, "all of them");
}

#[test]
fn a_file_that_is_cut_off_at_a_table_takes_no_memory() {
    let folder = folder();
    let app = std::fs::read(folder.path("app")).unwrap();
    let file = ElfFile::parse(&app).unwrap();
    let ends = file.sections().iter().filter(|it| !it.is_memory_only());
    let mut ends: Vec<u64> = ends.flat_map(|it| [it.offset, it.offset + it.size]).collect();
    ends.sort_unstable();
    ends.dedup();
    ends.retain(|it| *it > 0);
    assert!(ends.len() > 20);
    for end in ends.into_iter().step_by(2) {
        check(&folder, &app[..usize::try_from(end).unwrap()], &format!("cut at {end:#x}"));
    }
}

#[test]
fn the_limit_is_one() {
    // tail keeps what it may have to print.
    let keeps = |limit: &str| {
        let script = format!("{limit}head -c 64M /dev/zero | tail -c 48M > /dev/null");
        Command::new("sh").arg("-c").arg(script).output().unwrap().status.success()
    };
    assert!(keeps(""));
    assert!(!keeps("ulimit -d 16384 && "));
}
