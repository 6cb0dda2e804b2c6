//! Why one program is larger than another: two weighings to a difference with causes.
//!
//! The difference is cut into cells by what bytes are and whose, never by
//! where they stand; a cell of code is cut once more, into functions that
//! came, that went and that are on both sides. Every cell goes to exactly one
//! cause, by rules in a fixed order, so the causes add up to the difference by
//! construction; a cell that no rule takes is unexplained. No binary is seen.

mod attribution;
mod changes;
mod circumstances;
mod difference;
mod evidence;
mod functions;
mod machines;
mod owner;
mod proof;
mod remedy;
mod rules;
mod settings;
mod way;

pub use proof::{Plan, Step, grown, prove};
pub use way::Way;

use circumstances::Circumstances;
use difference::Difference;
use elfin_schema::{DIFF_SCHEMA, Diff, Message, Receipt, Weighing};

/// Compares two weighings.
///
/// The causes and the unexplained bytes add up to the difference of the sizes.
pub fn diff(from: &Weighing, to: &Weighing) -> Diff {
    compared(from, to, None)
}

/// Compares two weighings, and the machines that the files were built on.
///
/// What differs between the machines speaks for the causes that it can be behind.
pub fn diff_of_machines(from: &Weighing, to: &Weighing, machines: [&Receipt; 2]) -> Diff {
    compared(from, to, Some(machines))
}

fn compared(from: &Weighing, to: &Weighing, receipts: Option<[&Receipt; 2]>) -> Diff {
    let mut circumstances = Circumstances::of(from, to);
    let machines = receipts.map(machines::differences).unwrap_or_default();
    machines::speak(&machines, [&from.build, &to.build], &mut circumstances);
    let difference = Difference::of(from, to);
    let (causes, unexplained_bytes) = attribution::attribute(&difference, &circumstances);
    Diff {
        schema: DIFF_SCHEMA.to_owned(),
        elfin: env!("CARGO_PKG_VERSION").to_owned(),
        from: from.file.clone(),
        to: to.file.clone(),
        delta: difference::delta(from.file.size, to.file.size),
        causes,
        unexplained_bytes,
        packages: changes::packages(from, to),
        modules: changes::modules(from, to),
        kinds: changes::kinds(from, to),
        sections: changes::sections(from, to),
        rows: changes::rows(from, to),
        machines,
        warnings: warnings(from, to, receipts),
    }
}

/// What makes the two hard to compare.
fn warnings(from: &Weighing, to: &Weighing, receipts: Option<[&Receipt; 2]>) -> Vec<Message> {
    let mut warnings = Vec::new();
    if from.file.arch != to.file.arch {
        let (from, to) = (from.file.arch.clone(), to.file.arch.clone());
        warnings.push(Message::OtherArchitecture { from, to });
    }
    match (&from.go, &to.go) {
        (Some(from), Some(to)) => {
            if let (Some(from), Some(to)) = (&from.path, &to.path)
                && from != to
            {
                let (from, to) = (from.clone(), to.clone());
                warnings.push(Message::OtherProgram { from, to });
            }
        }
        (None, None) => warnings.push(Message::NeitherIsGo),
        (None, Some(_)) => warnings.push(Message::IsNotGo { name: from.file.name.clone() }),
        (Some(_), None) => warnings.push(Message::IsNotGo { name: to.file.name.clone() }),
    }
    for (w, receipt) in [from, to].into_iter().zip(receipts.into_iter().flatten()) {
        warnings.extend(machines::other_go(w, receipt));
    }
    warnings
}
