//! What protects a program, what that costs and what it buys.

mod addresses;
mod checks;
mod gadgets;
mod returns;

use crate::WatchError;
use crate::marks::Subject;
use crate::startup::{loader, name, timed_totals};
use elfin_elf::ElfFile;
use elfin_golang::ModuleData;
use elfin_lab::stats;
use elfin_process::{Cancel, Program};
use elfin_schema::{
    ExtraFrom, HARDEN_SCHEMA, HardenedProgram, Hardening, LoaderCost, Message, Probe, Relocated,
};
use std::time::Duration;

pub use checks::Privileges;
pub use returns::{ReturnOrder, returns};

/// How a program is looked at.
#[derive(Debug, Clone)]
pub struct HardenOrder {
    /// Starts over which addresses are compared; 0 for none.
    pub starts: usize,
    /// Starts that are timed.
    pub timed: usize,
    /// No start may take longer.
    pub timeout: Duration,
    /// What the return model is given; what it is not given it measures or assumes.
    pub returns: ReturnOrder,
}

impl Default for HardenOrder {
    fn default() -> HardenOrder {
        HardenOrder {
            starts: 64,
            timed: 10,
            timeout: Duration::from_secs(60),
            returns: ReturnOrder::default(),
        }
    }
}

/// A program, its bytes, and the rights that its file gives.
#[derive(Debug, Clone, Copy)]
pub struct Hardened<'a> {
    /// How it is started.
    pub program: &'a Program,
    /// Its bytes.
    pub data: &'a [u8],
    /// The rights that its file gives.
    pub privileges: Privileges,
}

/// Looks at a program, beside another if there is one.
///
/// `said` is told what is being done. Returns an error if a file is no program; what cannot be
/// measured of one that is, says so in its place.
pub fn harden(
    program: Hardened<'_>,
    versus: Option<Hardened<'_>>,
    order: &HardenOrder,
    cancel: &Cancel,
    said: &dyn Fn(&str),
) -> Result<Hardening, WatchError> {
    let subject = Subject::read(program.program, program.data)?;
    let other = versus.map(|it| Subject::read(it.program, it.data)).transpose()?;
    let one = look(&subject, program.privileges, order, cancel, said)?;
    let two = match (&other, versus) {
        (Some(subject), Some(it)) => Some(look(subject, it.privileges, order, cancel, said)?),
        _ => None,
    };
    let measured = match &other {
        Some(other) if order.returns.extra_ms.is_none() => {
            said("comparing starts");
            compared(&subject, other, order, cancel)?
        }
        _ => None,
    };
    let (extra_ms, from) = match (order.returns.extra_ms, measured, loader_ms(&one)) {
        (Some(given), ..) => (given, ExtraFrom::Given),
        (None, Some(ms), _) => (ms, ExtraFrom::Compared),
        (None, None, Some(ms)) => (ms, ExtraFrom::Loader),
        (None, None, None) if one.relocations.loader.is_some() => (0.0, ExtraFrom::NotMeasured),
        (None, None, None) => (0.0, ExtraFrom::Nothing),
    };
    Ok(Hardening {
        schema: HARDEN_SCHEMA.to_owned(),
        elfin: env!("CARGO_PKG_VERSION").to_owned(),
        program: one,
        versus: two,
        returns: returns(&order.returns, extra_ms, from),
    })
}

fn look(
    subject: &Subject<'_>,
    privileges: Privileges,
    order: &HardenOrder,
    cancel: &Cancel,
    said: &dyn Fn(&str),
) -> Result<HardenedProgram, WatchError> {
    let file = &subject.file;
    let module = ModuleData::find(file, &file.addends());
    let c_code = c_code(file, module.as_ref());
    said("comparing addresses");
    let aslr_bits = addresses::bits(subject, order, cancel)?;
    said("timing the dynamic linker");
    let relocations = relocated(subject, order, cancel)?;
    said("looking for gadgets");
    let gadgets = gadgets::count(file, aslr_bits.value());
    Ok(HardenedProgram {
        name: name(subject.path()),
        size: file.data().len() as u64,
        go: file.go_version(),
        arch: file.machine().go_name().unwrap_or("?").to_owned(),
        c_code,
        checks: checks::all(subject, c_code, privileges),
        aslr_bits,
        relocations,
        gadgets,
    })
}

/// Bytes of code outside of what Go's linker calls text.
fn c_code(file: &ElfFile<'_>, module: Option<&ModuleData>) -> u64 {
    let code = file.sections().iter().filter(|it| it.is_code() && it.is_loaded());
    let mut ranges: Vec<_> = code.map(elfin_elf::Section::addresses).collect();
    if ranges.is_empty() {
        let loads = file.segments().iter().filter(|it| it.is_loaded() && it.is_code());
        ranges.extend(loads.map(|it| it.address..it.address.saturating_add(it.file_size)));
    }
    let go = module.map_or(0..0, |it| it.text.clone());
    let outside = ranges.iter().map(|it| {
        let all = it.end.saturating_sub(it.start);
        let shared = it.end.min(go.end).saturating_sub(it.start.max(go.start));
        all.saturating_sub(shared)
    });
    outside.fold(0, u64::saturating_add)
}

fn relocated(
    subject: &Subject<'_>,
    order: &HardenOrder,
    cancel: &Cancel,
) -> Result<Relocated, WatchError> {
    let file = &subject.file;
    let cost = match file.interpreter() {
        None => None,
        Some(_) if !subject.runs_here() => {
            let target = format!("linux/{}", file.machine().go_name().unwrap_or("?"));
            Some(Probe::Skipped { why: Message::OtherTarget { target } })
        }
        Some(_) if order.timed == 0 => Some(Probe::Skipped { why: Message::NotAsked }),
        Some(_) => Some(match loader(subject, order.timed, order.timeout, cancel) {
            Ok((Some(ms), instructions)) => {
                Probe::Measured { value: LoaderCost { ms, instructions } }
            }
            Ok((None, _)) => {
                Probe::Skipped { why: Message::NotSeen { what: "entry point".into() } }
            }
            Err(WatchError::Interrupted) => return Err(WatchError::Interrupted),
            Err(error) => Probe::Failed { says: error.to_string() },
        }),
    };
    Ok(Relocated {
        by_type: file.relocation_types(),
        table_bytes: file.relocation_bytes(),
        loader: cost,
    })
}

fn loader_ms(program: &HardenedProgram) -> Option<f64> {
    let loader = program.relocations.loader.as_ref()?.value()?;
    Some(loader.ms.median)
}

/// How many milliseconds longer the first of two programs takes to its `main`: the difference of
/// medians of starts in turn. `None` where one does not start.
fn compared(
    one: &Subject<'_>,
    other: &Subject<'_>,
    order: &HardenOrder,
    cancel: &Cancel,
) -> Result<Option<f64>, WatchError> {
    if order.timed == 0 || !one.runs_here() || !other.runs_here() {
        return Ok(None);
    }
    match timed_totals(&[one, other], order.timed.max(10), order.timeout, cancel) {
        Ok(totals) => {
            let median = |at: usize| totals.get(at).map(|it| stats::median(it));
            Ok(median(0).zip(median(1)).map(|(one, other)| one - other))
        }
        Err(WatchError::Interrupted) => Err(WatchError::Interrupted),
        Err(_) => Ok(None),
    }
}
