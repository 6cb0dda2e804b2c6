//! What is looked at in the file, judged for what the program is: Go, C, or both.

use crate::marks::Subject;
use elfin_elf::{ElfFile, Relro};
use elfin_schema::{HardenCheck, HardenFound, HardenVerdict, HardenWhy};

/// The rights that a file gives to whoever starts it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Privileges {
    /// setuid and setgid of its mode: 0o4000, 0o2000.
    pub bits: u32,
    /// It has file capabilities.
    pub capabilities: bool,
}

/// So little code outside of Go's is what a linker adds, and no C of anybody's.
const LINKER_CODE: u64 = 1024;

/// Makes every check.
pub(super) fn all(subject: &Subject<'_>, c_code: u64, privileges: Privileges) -> Vec<HardenCheck> {
    let (file, is_go) = (&subject.file, subject.marks.runtime_main.is_some());
    let calls = file.checked_calls();
    // In a program that is not Go's all code is C, or like it; Go's own linker puts C among Go.
    let has_c = !is_go || subject.marks.cgo || c_code > LINKER_CODE;
    vec![
        pie(file),
        relro(file),
        nx(file),
        stack_protector(calls.stack_protector, has_c),
        fortify(calls.fortified.into_iter().collect(), has_c),
        writable_code(file),
        library_path(file),
        symbols(file, is_go),
        setuid(privileges),
        capabilities(privileges),
        control_flow(file, is_go),
    ]
}

fn check(
    found: HardenFound,
    verdict: HardenVerdict,
    why: impl Into<Option<HardenWhy>>,
) -> HardenCheck {
    HardenCheck { found, verdict, why: why.into() }
}

fn pie(file: &ElfFile<'_>) -> HardenCheck {
    let yes = file.is_pie();
    match yes {
        true => check(HardenFound::Pie { yes }, HardenVerdict::Good, None),
        false => check(HardenFound::Pie { yes }, HardenVerdict::Missing, HardenWhy::FixedAddress),
    }
}

fn relro(file: &ElfFile<'_>) -> HardenCheck {
    let relro = file.relro();
    let (found, verdict, why) = match relro {
        Relro::Full => (elfin_schema::Relro::Full, HardenVerdict::Good, None),
        // Go's own linker never asks for all to be bound at the start, and has nothing to bind
        // late where there is no C.
        Relro::Partial if !file.binds_late() => (
            elfin_schema::Relro::Partial,
            HardenVerdict::FalseAlarm,
            Some(HardenWhy::NothingBoundLate),
        ),
        Relro::Partial => (
            elfin_schema::Relro::Partial,
            HardenVerdict::Missing,
            Some(HardenWhy::TableStaysWritable),
        ),
        Relro::None if !file.is_dynamic() && !file.is_pie() => (
            elfin_schema::Relro::None,
            HardenVerdict::FalseAlarm,
            Some(HardenWhy::NothingRelocated),
        ),
        Relro::None => {
            (elfin_schema::Relro::None, HardenVerdict::Missing, Some(HardenWhy::TableStaysWritable))
        }
    };
    check(HardenFound::Relro { relro: found }, verdict, why)
}

fn nx(file: &ElfFile<'_>) -> HardenCheck {
    let yes = file.nx();
    let says = file.segments().iter().any(elfin_elf::Segment::is_stack);
    let why = (!yes && !says).then_some(HardenWhy::KernelDecides);
    let verdict = if yes { HardenVerdict::Good } else { HardenVerdict::Missing };
    check(HardenFound::Nx { yes }, verdict, why)
}

fn stack_protector(yes: bool, has_c: bool) -> HardenCheck {
    let (verdict, why) = match (yes, has_c) {
        (true, _) => (HardenVerdict::Good, None),
        (false, true) => (HardenVerdict::Missing, Some(HardenWhy::CWithoutCanaries)),
        (false, false) => (HardenVerdict::FalseAlarm, Some(HardenWhy::NoCForCanaries)),
    };
    check(HardenFound::StackProtector { yes }, verdict, why)
}

fn fortify(functions: Vec<String>, has_c: bool) -> HardenCheck {
    let (verdict, why) = match (functions.is_empty(), has_c) {
        (false, _) => (HardenVerdict::Good, None),
        // C code that calls none of the functions that have a checked twin needs none.
        (true, true) => (HardenVerdict::Note, Some(HardenWhy::CWithoutFortify)),
        (true, false) => (HardenVerdict::FalseAlarm, Some(HardenWhy::NoCForFortify)),
    };
    check(HardenFound::Fortify { functions }, verdict, why)
}

fn writable_code(file: &ElfFile<'_>) -> HardenCheck {
    let segments = file.writable_executable_segments();
    let verdict = if segments == 0 { HardenVerdict::Good } else { HardenVerdict::Missing };
    check(HardenFound::WritableCode { segments }, verdict, None)
}

fn library_path(file: &ElfFile<'_>) -> HardenCheck {
    let folders = file.library_paths();
    let is_open = |folder: &String| {
        let own = folder.starts_with("$ORIGIN") || folder.starts_with("${ORIGIN}");
        let anybodys = ["/tmp", "/var/tmp", "/dev/shm"].iter().any(|it| folder.starts_with(it));
        anybodys || !(own || folder.starts_with('/')) || folder.contains("/../")
    };
    let (verdict, why) = match () {
        () if folders.is_empty() => (HardenVerdict::Good, None),
        () if folders.iter().any(is_open) => (HardenVerdict::Missing, Some(HardenWhy::PathIsOpen)),
        () => (HardenVerdict::Note, None),
    };
    check(HardenFound::LibraryPath { folders }, verdict, why)
}

fn symbols(file: &ElfFile<'_>, is_go: bool) -> HardenCheck {
    let found = HardenFound::Symbols { symtab: file.has_symtab(), dwarf: file.has_dwarf() };
    check(found, HardenVerdict::Note, is_go.then_some(HardenWhy::NamesStay))
}

fn setuid(privileges: Privileges) -> HardenCheck {
    let bits = match privileges.bits & 0o6000 {
        0 => String::new(),
        bits => format!("{bits:o}"),
    };
    match bits.is_empty() {
        true => check(HardenFound::Setuid { bits }, HardenVerdict::Good, None),
        false => {
            check(HardenFound::Setuid { bits }, HardenVerdict::Note, HardenWhy::StartsWithRights)
        }
    }
}

fn capabilities(privileges: Privileges) -> HardenCheck {
    let yes = privileges.capabilities;
    match yes {
        false => check(HardenFound::Capabilities { yes }, HardenVerdict::Good, None),
        true => check(
            HardenFound::Capabilities { yes },
            HardenVerdict::Note,
            HardenWhy::StartsWithRights,
        ),
    }
}

fn control_flow(file: &ElfFile<'_>, is_go: bool) -> HardenCheck {
    let promised = file.control_flow();
    let (branch_tracking, shadow_stack) = (promised.branch_tracking, promised.shadow_stack);
    let found = HardenFound::ControlFlow { branch_tracking, shadow_stack };
    let (verdict, why) = match (branch_tracking && shadow_stack, is_go) {
        (true, _) => (HardenVerdict::Good, None),
        (false, true) => (HardenVerdict::FalseAlarm, Some(HardenWhy::GoHasNoControlFlow)),
        (false, false) => (HardenVerdict::Note, None),
    };
    check(found, verdict, why)
}
