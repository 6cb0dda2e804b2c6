//! The flag or the setting that makes the later file as the earlier one is.

use crate::circumstances::Circumstances;
use elfin_schema::{Cause, CauseEvidence, Fact, MachineDifference, MachineFact};

/// What is typed; `None` where no setting does it.
pub(crate) fn of(cause: &Cause, there: &Circumstances) -> Option<String> {
    let evidence = there.evidence(cause);
    let fact = |wanted: Fact| {
        evidence.iter().find_map(|it| match it {
            CauseEvidence::Fact { what, from, to } if *what == wanted => {
                Some((from.as_str(), to.as_str()))
            }
            _ => None,
        })
    };
    let yes = |wanted: Fact| fact(wanted).map(|(from, _)| from == "true");
    match cause {
        Cause::GoVersion => {
            fact(Fact::GoVersion).filter(|(from, _)| from.starts_with("go1")).map(|(from, _)| {
                format!("GOTOOLCHAIN={}", from.split([' ', '-']).next().unwrap_or(from))
            })
        }
        Cause::ModuleVersion { module } | Cause::ModuleRemoved { module } => {
            fact(Fact::ModuleVersion)
                .filter(|(from, _)| from.starts_with('v'))
                .map(|(from, _)| format!("go get {module}@{from}"))
        }
        Cause::ModuleAdded { module } => Some(format!("go get {module}@none")),
        Cause::Dwarf => {
            yes(Fact::Dwarf).map(|it| if it { "-ldflags=-w=0" } else { "-ldflags=-w" }.to_owned())
        }
        Cause::DwarfCompression => fact(Fact::DwarfCompression)
            .map(|(from, _)| format!("-ldflags=-compressdwarf={}", !from.is_empty())),
        Cause::SymbolTable => {
            yes(Fact::SymbolTable).filter(|it| !it).map(|_| "-ldflags=-s".to_owned())
        }
        Cause::Linkage => fact(Fact::Linker).map(|(from, _)| format!("-ldflags=-linkmode={from}")),
        Cause::FunctionAlignment => {
            fact(Fact::FunctionAlignment).map(|(from, _)| format!("-ldflags=-funcalign={from}"))
        }
        Cause::BuildMode => {
            yes(Fact::Pie).map(|pie| format!("-buildmode={}", if pie { "pie" } else { "exe" }))
        }
        Cause::Paths => match fact(Fact::GoSources)? {
            (_, "") => Some("-trimpath=false".to_owned()),
            _ => Some("-trimpath".to_owned()),
        },
        _ => None,
    }
    .or_else(|| setting(evidence))
    .or_else(|| of_machine(evidence))
}

/// What makes the one machine build as the other does.
fn of_machine(evidence: &[CauseEvidence]) -> Option<String> {
    evidence.iter().find_map(|it| match it {
        CauseEvidence::Machine(MachineDifference {
            what: MachineFact::GoSetting { name } | MachineFact::Variable { name },
            from,
            ..
        }) => {
            let quote = if from.contains([' ', '\'', '"']) { "'" } else { "" };
            Some(format!("{name}={quote}{from}{quote}"))
        }
        _ => None,
    })
}

/// A setting as it was.
fn setting(evidence: &[CauseEvidence]) -> Option<String> {
    evidence.iter().find_map(|it| match it {
        CauseEvidence::Setting { name, from, .. }
            if name.starts_with('-') && from.contains(' ') =>
        {
            Some(format!("'{name}={from}'"))
        }
        CauseEvidence::Setting { name, from, .. } => Some(format!("{name}={from}")),
        _ => None,
    })
}
