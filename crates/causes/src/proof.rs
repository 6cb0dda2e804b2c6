//! Suspicion to proof: rebuilds, each with one cause less, from the later file towards the earlier.
//!
//! The bytes of a cause are those that the rebuild without it lost. The rebuilds are a chain, so
//! its steps add up from the first to the last; what lies between the chain's ends and the two
//! files is compared as any two files are. So all of it still adds up to the difference.

use crate::diff;
use crate::way::Way;
use elfin_schema::{Bytes, Cause, CauseEvidence, Caused, Confidence, Diff, Message, Weighing};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The rebuilds that a difference needs.
#[derive(Debug, Clone)]
pub struct Plan {
    from: Way,
    /// How the later file is built as it is.
    pub base: Way,
    /// The causes that a setting undoes, those with the most bytes first.
    pub causes: Vec<Cause>,
}

/// A rebuild without one cause more than the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The cause.
    pub cause: Cause,
    /// What was changed, as it is typed.
    pub setting: String,
    /// How much larger the cause had made the file; or why that cannot be told.
    pub bytes: Result<i64, String>,
}

impl Plan {
    /// Plans which causes of a difference to undo.
    pub fn of(from: &Weighing, to: &Weighing, diff: &Diff) -> Plan {
        let (before, base) = (Way::of(from), Way::of(to));
        let causes = diff.causes.iter().map(|it| &it.cause);
        let causes = causes.filter(|it| base.without(it, (&before, from)).is_some());
        Plan { causes: causes.cloned().collect(), from: before, base }
    }

    /// How many builds it takes.
    pub fn builds(&self) -> usize {
        if self.causes.is_empty() { 0 } else { self.causes.len() + 1 }
    }

    /// The next way to build, with one cause less; `None` where another undid it already.
    pub fn without(&self, way: &Way, cause: &Cause, from: &Weighing) -> Option<(Way, String)> {
        way.without(cause, (&self.from, from))
    }
}

/// How much larger the second of two sizes is.
pub fn grown(from: Bytes, to: Bytes) -> i64 {
    crate::difference::delta(from, to)
}

/// Puts what rebuilds showed in the place of what was suspected.
///
/// `base` is the later file built again as it is, `last` the end of the chain. The causes and
/// what is unexplained still add up to the difference.
pub fn prove(
    told: Diff,
    [from, to]: [&Weighing; 2],
    [base, last]: [&Weighing; 2],
    steps: &[Step],
) -> Diff {
    let (before, after) = (diff(from, last), diff(base, to));
    let mut all: BTreeMap<Cause, Caused> = BTreeMap::new();
    // As many bytes of each as no rebuild moved.
    let mut rest: BTreeMap<Cause, i64> = BTreeMap::new();
    for it in before.causes.into_iter().chain(after.causes).filter(|it| it.bytes != 0) {
        *rest.entry(it.cause.clone()).or_default() += it.bytes;
        let place = all.entry(it.cause.clone()).or_insert(Caused { bytes: 0, ..it.clone() });
        place.bytes = place.bytes.saturating_add(it.bytes);
    }
    // What was told of the whole speaks better than what is left of it.
    for it in &told.causes {
        if let Some(place) = all.get_mut(&it.cause) {
            *place = Caused { bytes: place.bytes, confidence: place.confidence, ..it.clone() };
        }
    }
    for step in steps {
        let of_it = told.causes.iter().find(|it| it.cause == step.cause);
        let place = all.entry(step.cause.clone()).or_insert_with(|| Caused {
            cause: step.cause.clone(),
            bytes: 0,
            confidence: Confidence::Proved,
            evidence: of_it.map(|it| it.evidence.clone()).unwrap_or_default(),
            remedy: of_it.and_then(|it| it.remedy.clone()),
        });
        let setting = step.setting.clone();
        match &step.bytes {
            Ok(bytes) => {
                place.bytes = place.bytes.saturating_add(*bytes);
                let left = rest.get(&step.cause).copied().unwrap_or_default();
                if left.unsigned_abs() <= bytes.unsigned_abs() {
                    place.confidence = Confidence::Proved;
                }
                // These told of the bytes that were suspected.
                place.evidence.retain(|it| {
                    !matches!(
                        it,
                        CauseEvidence::Kinds { .. }
                            | CauseEvidence::Packages { .. }
                            | CauseEvidence::AlsoPossible { .. }
                            | CauseEvidence::NotToldApart
                    )
                });
                place.evidence.push(CauseEvidence::Rebuilt { setting, bytes: *bytes });
            }
            Err(says) => {
                if place.confidence == Confidence::Proved {
                    place.confidence = Confidence::Suspected;
                }
                place.evidence.push(CauseEvidence::NotRebuilt { setting, says: says.clone() });
            }
        }
    }
    let mut causes: Vec<Caused> = all.into_values().collect();
    causes.sort_by(|a, b| {
        let key = |it: &Caused| Reverse(it.bytes.unsigned_abs());
        key(a).cmp(&key(b)).then_with(|| a.cause.cmp(&b.cause))
    });
    let mut warnings = told.warnings.clone();
    let bytes = grown(to.file.size, base.file.size);
    if bytes != 0 {
        warnings.push(Message::RebuildDiffers { name: to.file.name.clone(), bytes });
    }
    let unexplained_bytes = before.unexplained_bytes.saturating_add(after.unexplained_bytes);
    Diff { causes, unexplained_bytes, warnings, ..told }
}
