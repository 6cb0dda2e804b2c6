//! What every report of a difference says: the first sentences, the names of what changed.

use super::DiffBy;
use crate::catalogue::{Text, causes, kinds, machines};
use crate::{Lang, clean};
use elfin_schema::{CauseEvidence, Caused, Change, Diff, Kind, MachineDifference};

/// So many causes are named in the first sentences.
const NAMED: usize = 3;

/// Which file is larger, by how much, and why, in two sentences.
pub(crate) fn lede(d: &Diff, lang: Lang) -> String {
    let [from, to] = [&d.from, &d.to].map(|it| (clean::line(&it.name), it.size));
    let (from, to) = if from.0 == to.0 {
        let name = |side: Text, name: &str| format!("{name} ({})", side.to(lang));
        ((name(causes::FROM, &from.0), from.1), (name(causes::TO, &to.0), to.1))
    } else {
        (from, to)
    };
    let larger = causes::larger((&from.0, from.1), (&to.0, to.1), lang);
    let worth = d.causes.iter().filter(|it| it.bytes != 0).take(NAMED);
    let parts: Vec<String> =
        worth.map(|it| causes::part(it.bytes, &causes::cause(&it.cause, lang), lang)).collect();
    let why = match parts.is_empty() {
        true if d.unexplained_bytes == 0 => causes::SAME.to(lang).to_owned(),
        true => return larger,
        false => causes::because(&parts, lang),
    };
    let space = match lang {
        Lang::En => " ",
        Lang::Zh => "",
    };
    format!("{larger}{space}{why}")
}

/// The evidence of a cause, a sentence each, and its remedy.
pub(crate) fn reasons(it: &Caused, lang: Lang) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    for evidence in &it.evidence {
        let is_empty = matches!(evidence, CauseEvidence::Kinds { kinds } if kinds.is_empty());
        if !is_empty {
            said.push(causes::evidence(evidence, lang));
        }
    }
    said.extend(it.remedy.iter().map(|it| causes::remedy(it, lang)));
    said
}

/// The name of what changed.
pub(crate) fn name(by: DiffBy, change: &Change, lang: Lang) -> String {
    let versions = match (&change.from_version, &change.to_version) {
        (Some(from), Some(to)) if from != to => format!(" {from} → {to}"),
        (None, Some(version)) | (Some(version), None) => format!(" {version}"),
        _ => String::new(),
    };
    let name = match by {
        DiffBy::Kind => {
            let kind = Kind::ALL.into_iter().find(|it| it.name() == change.name);
            kind.map_or(kinds::UNKNOWN, kinds::kind).to(lang)
        }
        DiffBy::Package if change.name.is_empty() => causes::NONE.to(lang),
        DiffBy::Section if change.name.is_empty() => kinds::OUTSIDE.to(lang),
        _ => &change.name,
    };
    format!("{name}{versions}")
}

/// The title of a list of changes.
pub(crate) fn title(by: DiffBy) -> Text {
    match by {
        DiffBy::Package => causes::PACKAGES,
        DiffBy::Module => causes::MODULES,
        DiffBy::Kind => causes::KINDS,
        DiffBy::Section => causes::SECTIONS,
    }
}

/// What differs between the machines: what, on the one, on the other, and the causes behind which
/// it stands.
pub(crate) fn machine(d: &Diff, it: &MachineDifference, lang: Lang) -> [String; 4] {
    let value = |text: &str| match text.is_empty() {
        true => machines::NONE.to(lang).to_owned(),
        false => clean::line(text),
    };
    let is_it =
        |evidence: &CauseEvidence| matches!(evidence, CauseEvidence::Machine(of) if of == it);
    let behind = d.causes.iter().filter(|cause| cause.evidence.iter().any(is_it));
    let behind: Vec<String> = behind.map(|cause| causes::cause(&cause.cause, lang)).collect();
    let behind = behind.join(match lang {
        Lang::En => ", ",
        Lang::Zh => "，",
    });
    [clean::line(&machines::fact(&it.what, lang)), value(&it.from), value(&it.to), behind]
}
