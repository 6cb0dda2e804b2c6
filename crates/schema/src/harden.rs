//! `elfin harden --json`: what protects a program, what it costs and what it buys.
//!
//! Checks are ids with what was found; whether that is good is a verdict that
//! knows what Go does, so that a reader need not. The return model carries its
//! inputs: no answer of it stands without them.

use crate::{Bytes, Probe, ReadError, Relro, Series, read_one};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The schema of a hardening.
pub const HARDEN_SCHEMA: &str = "elfin.harden/1";

/// What protects a program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hardening {
    /// Always [`HARDEN_SCHEMA`].
    pub schema: String,
    /// The version of elfin that looked.
    pub elfin: String,
    /// The program.
    #[serde(flatten)]
    pub program: HardenedProgram,
    /// The program that it is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub versus: Option<HardenedProgram>,
    /// What position independence costs and returns, with every input.
    pub returns: ReturnModel,
}

/// One program with all that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HardenedProgram {
    /// Its name, without folders.
    pub name: String,
    /// Its size.
    pub size: Bytes,
    /// The Go that built it, where it is a Go program.
    pub go: Option<String>,
    /// GOARCH's name of its processor.
    pub arch: String,
    /// Bytes of code outside of what Go's linker calls text: C, and what a C linker adds. Go's own
    /// linker puts C among Go.
    pub c_code: Bytes,
    /// What was checked.
    pub checks: Vec<HardenCheck>,
    /// Address bits by mapping, over many starts.
    pub aslr_bits: Probe<AddressBits>,
    /// What is relocated at the start.
    pub relocations: Relocated,
    /// What an attacker finds in its code.
    pub gadgets: Probe<GadgetCount>,
}

/// A check and its verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HardenCheck {
    /// What was looked at and found.
    #[serde(flatten)]
    pub found: HardenFound,
    /// What that means for this program.
    pub verdict: HardenVerdict,
    /// Why, where there is more to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<HardenWhy>,
}

/// What was looked at and found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "check", rename_all = "kebab-case")]
pub enum HardenFound {
    /// Position-independent?
    Pie {
        /// It is.
        yes: bool,
    },
    /// Is relocated data read-only after the start?
    Relro {
        /// How much of it.
        relro: Relro,
    },
    /// Is the stack not executable?
    Nx {
        /// It is not.
        yes: bool,
    },
    /// Do functions of C have canaries?
    StackProtector {
        /// `__stack_chk_fail` is there.
        yes: bool,
    },
    /// Are C functions checked at run time?
    Fortify {
        /// The checked twins, such as `__memcpy_chk`.
        functions: Vec<String>,
    },
    /// Segments that are writable and executable.
    WritableCode {
        /// How many.
        segments: usize,
    },
    /// Folders that are searched for libraries first.
    LibraryPath {
        /// The folders of RPATH and RUNPATH.
        folders: Vec<String>,
    },
    /// Symbols and debug information.
    Symbols {
        /// `.symtab` is there.
        symtab: bool,
        /// DWARF is there.
        dwarf: bool,
    },
    /// setuid, setgid.
    Setuid {
        /// The mode's bits in octal: `4000`; empty without.
        bits: String,
    },
    /// File capabilities.
    Capabilities {
        /// They are there.
        yes: bool,
    },
    /// Intel's control-flow enforcement.
    ControlFlow {
        /// The note promises `endbr64` at targets.
        branch_tracking: bool,
        /// The note allows a second stack.
        shadow_stack: bool,
    },
}

/// What a finding means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HardenVerdict {
    /// The protection is there.
    Good,
    /// It is missing, and missed.
    Missing,
    /// Other tools call it missing; here there is nothing to protect.
    FalseAlarm,
    /// Worth knowing, neither good nor bad.
    Note,
}

/// Why a finding means what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HardenWhy {
    /// Code and data lie where they always lie.
    FixedAddress,
    /// A file at a fixed address without dynamic linking has no table that is relocated.
    NothingRelocated,
    /// Nothing is bound late, so nothing stays writable.
    NothingBoundLate,
    /// The table of functions of libraries stays writable.
    TableStaysWritable,
    /// Only C functions have canaries; Go checks bounds and moves its stacks.
    NoCForCanaries,
    /// There is C code, and none of it has a canary.
    CWithoutCanaries,
    /// Only C functions have checked twins.
    NoCForFortify,
    /// There is C code, and none of the functions it calls is checked.
    CWithoutFortify,
    /// A relative, empty or world-writable folder lets others choose the library.
    PathIsOpen,
    /// Names of functions stay in pclntab whatever is stripped.
    NamesStay,
    /// Whoever starts it gets rights by it.
    StartsWithRights,
    /// Go's compiler emits no `endbr64`, and Linux has no branch tracking for programs.
    GoHasNoControlFlow,
    /// The file says nothing, and the kernel makes the stack executable then.
    KernelDecides,
}

/// Address bits by mapping.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AddressBits {
    /// How many starts were looked at.
    pub starts: usize,
    /// Where the program was when it was looked at: `main.main`, or its entry.
    pub at: String,
    /// `vm.mmap_rnd_bits`, where the kernel tells.
    pub mmap_rnd_bits: Option<u32>,
    /// `kernel.randomize_va_space`: 2 is all, 1 all but the heap, 0 nothing.
    pub randomize_va_space: Option<u32>,
    /// The mappings.
    pub mappings: BTreeMap<AddressOf, BitsOf>,
}

/// A mapping of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AddressOf {
    /// The program's code and data.
    Text,
    /// Go's heap, or the C library's.
    Heap,
    /// The heap that the kernel grows.
    Brk,
    /// The stack.
    Stack,
    /// The dynamic linker.
    Loader,
    /// The lowest library.
    Libraries,
    /// The kernel's code in every process.
    Vdso,
}

/// The bits of one mapping's address.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BitsOf {
    /// Bit positions that were not the same each time.
    pub varying: u32,
    /// Bits of the number of places that it was found to be spread over: range over step.
    pub entropy: f64,
    /// What the kernel could give it here; `None` where that is not its doing or not known.
    pub kernel: Option<u32>,
}

/// What is relocated at the start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Relocated {
    /// Relocations by type: `R_X86_64_RELATIVE`; `RELR` counts words.
    pub by_type: BTreeMap<String, u64>,
    /// Bytes of the tables.
    pub table_bytes: Bytes,
    /// What the dynamic linker does before the program's own code begins; `None` without one.
    pub loader: Option<Probe<LoaderCost>>,
}

/// What runs before a program's own code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoaderCost {
    /// Milliseconds from the end of exec to the entry point.
    pub ms: Series,
    /// Instructions up to the entry point.
    pub instructions: Option<u64>,
}

/// What an attacker finds in the code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GadgetCount {
    /// Executable bytes looked through.
    pub bytes: Bytes,
    /// At how many places there are gadgets.
    pub total: u64,
    /// With different bytes.
    pub unique: u64,
    /// By what they are good for.
    pub by_class: BTreeMap<GadgetClass, GadgetsOf>,
    /// Expected tries until one is hit, the code lying still between tries; `None` where the
    /// address bits were not measured.
    pub probes: Option<f64>,
    /// The same where each try finds the code elsewhere.
    pub probes_moving: Option<f64>,
}

/// What a gadget is good for, the most useful to an attacker first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GadgetClass {
    /// Moves the stack pointer elsewhere.
    StackPivot,
    /// Ends in a system call.
    SystemCall,
    /// Loads a register from the stack.
    LoadRegister,
    /// Writes memory.
    WriteMemory,
    /// Reads memory.
    ReadMemory,
    /// Copies a register.
    Move,
    /// Computes.
    Arithmetic,
    /// Goes on at a register or a place in memory.
    Jump,
    /// Anything else that ends in a return.
    Other,
}

/// Gadgets of one class.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GadgetsOf {
    /// Places.
    pub total: u64,
    /// Different bytes.
    pub unique: u64,
    /// One of them in words.
    pub example: String,
}

/// The inputs of the return model. Money has no name: any currency will do, if it is the same.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ReturnInputs {
    /// Starts a day.
    pub starts_a_day: f64,
    /// Milliseconds that a start takes longer.
    pub extra_ms: f64,
    /// What a millisecond costs.
    pub cost_of_ms: f64,
    /// Probability in a year that an exploit of the kind succeeds without the protection.
    pub exploits_a_year: f64,
    /// What such an exploit costs.
    pub cost_of_exploit: f64,
    /// Which part of them the unknown address stops.
    pub stopped: f64,
}

/// What position independence costs and returns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReturnModel {
    /// The inputs.
    pub inputs: ReturnInputs,
    /// Where `extra_ms` comes from.
    pub extra_ms_from: ExtraFrom,
    /// What the longer starts cost in a year.
    pub cost_a_year: f64,
    /// What the exploits that do not happen would have cost in a year.
    pub return_a_year: f64,
    /// Starts a day up to which it pays for itself; `None` where it costs nothing.
    pub break_even_starts: Option<f64>,
    /// The break-even where one input is another multiple of itself.
    pub sensitivity: Vec<Sensitivity>,
}

/// Where an input comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExtraFrom {
    /// The order said it.
    Given,
    /// The difference of the medians of two programs' starts.
    Compared,
    /// The median of the time that the dynamic linker takes.
    Loader,
    /// Nothing runs before the program.
    Nothing,
    /// Nobody knows: the dynamic linker was not timed.
    NotMeasured,
}

/// How the break-even moves with one input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sensitivity {
    /// The input, by its name in [`ReturnInputs`].
    pub input: String,
    /// The break-even with a tenth of it, with half, with twice and with ten times as much.
    pub break_even: [Option<f64>; 4],
}

/// Reads a hardening.
///
/// Returns an error if the text is not JSON of [`HARDEN_SCHEMA`].
pub fn read_hardening(text: &str) -> Result<Hardening, ReadError> {
    read_one(text, 1, HARDEN_SCHEMA)
}
