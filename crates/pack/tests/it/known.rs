//! What a packed program is stays readable: for Go's own tools and for whoever reads notes.

use crate::programs::{Built, ended, pair, told};
use elfin_elf::ElfFile;
use std::fs;
use std::process::Command;

#[test]
fn go_reads_the_build_information() {
    for built in Built::PURE.into_iter().chain(Built::CGO) {
        let Some(pair) = pair(built) else { return };
        let version = |program: &std::path::Path| {
            let (said, ..) = told(&ended(Command::new("go").args(["version", "-m"]).arg(program)));
            said.replace(program.to_str().unwrap(), "PROGRAM")
        };
        let said = version(&pair.packed);
        assert!(said.contains("CGO_ENABLED"), "{said}");
        assert_eq!(said, version(&pair.plain), "{built:?}");
    }
}

#[test]
fn build_ids_are_the_originals() {
    for built in Built::PURE.into_iter().chain(Built::CGO) {
        let Some(pair) = pair(built) else { return };
        let [plain, packed] = [&pair.plain, &pair.packed].map(|it| fs::read(it).unwrap());
        let [plain, packed] = [&plain, &packed].map(|it| ElfFile::parse(it).unwrap());
        assert!(plain.gnu_build_id().is_some());
        assert_eq!(packed.gnu_build_id(), plain.gnu_build_id(), "{built:?}");
        let go = |program| told(&ended(Command::new("go").args(["tool", "buildid"]).arg(program)));
        assert_eq!(go(&pair.packed), go(&pair.plain), "{built:?}");
    }
}

#[test]
fn unpacking_gives_the_original_byte_for_byte_and_packing_is_deterministic() {
    for built in Built::PURE.into_iter().chain(Built::CGO) {
        let Some(pair) = pair(built) else { return };
        let (plain, packed) = (fs::read(&pair.plain).unwrap(), fs::read(&pair.packed).unwrap());
        assert!(elfin_pack::unpack(&packed).unwrap() == plain, "{built:?}");
        let inspected = elfin_pack::inspect(&packed).unwrap();
        let sum: u64 = inspected.shares.iter().map(|it| it.bytes).sum();
        assert_eq!(sum, packed.len() as u64);
        if built == Built::CgoExe {
            assert!(elfin_pack::pack(&plain, elfin_pack::Effort::Fast).unwrap() == packed);
        }
    }
}
