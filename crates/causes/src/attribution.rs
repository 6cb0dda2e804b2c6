//! Every cell to one cause: what the causes add up to, and how sure that is.

use crate::circumstances::Circumstances;
use crate::difference::{Cell, Difference};
use crate::rules::{Candidates, Rules, reaches_nothing};
use crate::{evidence, remedy};
use elfin_schema::{Cause, Caused, Confidence};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// The cells that one cause took.
#[derive(Debug, Default)]
pub(crate) struct Taken<'d, 'a> {
    pub(crate) cells: Vec<&'d Cell<'a>>,
    pub(crate) bytes: i64,
    /// Of cells that no other cause can have, and of the others; without their signs.
    certain: u64,
    pub(crate) uncertain: u64,
    /// What else the others can have.
    pub(crate) also: BTreeSet<Cause>,
}

/// Gives each cell to a cause; tells the causes, and what none accounts for.
pub(crate) fn attribute(difference: &Difference<'_>, there: &Circumstances) -> (Vec<Caused>, i64) {
    let rules = Rules::new(there, difference);
    let mut taken: BTreeMap<Cause, Taken<'_, '_>> = BTreeMap::new();
    let mut reached: Vec<(&Cell<'_>, Vec<Cause>)> = Vec::new();
    for cell in &difference.cells {
        let Candidates { causes, reached: is_reached } = rules.candidates(cell);
        match causes.split_first() {
            Some((first, others)) if !is_reached || sure_of(first) => {
                give(&mut taken, first, others, cell);
            }
            _ => reached.push((cell, causes)),
        }
    }
    let grown = difference.cells.iter().map(|it| it.bytes).sum::<i64>() > 0;
    let roots = roots(&taken, there, grown);
    let mut unexplained = 0_i64;
    for (cell, mut causes) in reached {
        causes.extend(
            roots.iter().filter(|root| !causes.contains(root)).cloned().collect::<Vec<_>>(),
        );
        match causes.split_first() {
            Some((first, others)) => give(&mut taken, first, others, cell),
            None => unexplained = unexplained.saturating_add(cell.bytes),
        }
    }
    // What differs and may have moved some of the bytes that went to others is not kept silent.
    let also: BTreeSet<Cause> = taken.values().flat_map(|it| it.also.clone()).collect();
    for cause in also.into_iter().filter(|it| there.has(it)) {
        taken.entry(cause).or_default();
    }
    let mut causes: Vec<Caused> = taken
        .into_iter()
        .filter(|(cause, taken)| !taken.cells.is_empty() || there.has(cause))
        .map(|(cause, taken)| Caused {
            bytes: taken.bytes,
            confidence: match taken.certain >= taken.uncertain && !taken.cells.is_empty() {
                true => Confidence::Accounted,
                false => Confidence::Suspected,
            },
            evidence: evidence::of(&cause, &taken, difference, there),
            remedy: remedy::of(&cause, there),
            cause,
        })
        .collect();
    causes.sort_by(|a, b| {
        let key = |it: &Caused| Reverse(it.bytes.unsigned_abs());
        key(a).cmp(&key(b)).then_with(|| a.cause.cmp(&b.cause))
    });
    (causes, unexplained)
}

/// True for a cause that takes what it can have, whatever else is reached.
fn sure_of(cause: &Cause) -> bool {
    !matches!(cause, Cause::BuildTags)
}

fn give<'d, 'a>(
    taken: &mut BTreeMap<Cause, Taken<'d, 'a>>,
    first: &Cause,
    others: &[Cause],
    cell: &'d Cell<'a>,
) {
    let place = taken.entry(first.clone()).or_default();
    place.cells.push(cell);
    place.bytes = place.bytes.saturating_add(cell.bytes);
    let bytes = cell.bytes.unsigned_abs();
    if others.is_empty() {
        place.certain = place.certain.saturating_add(bytes);
    } else {
        place.uncertain = place.uncertain.saturating_add(bytes);
        place.also.extend(others.iter().cloned());
    }
}

/// The causes that make more code be reached, or less: those with the most bytes of their own first.
fn roots(taken: &BTreeMap<Cause, Taken<'_, '_>>, there: &Circumstances, grown: bool) -> Vec<Cause> {
    let own = |cause: &Cause| {
        let cells = taken.get(cause).map(|it| &it.cells[..]).unwrap_or_default();
        cells.iter().fold(0_u64, |sum, cell| sum.saturating_add(cell.bytes.unsigned_abs()))
    };
    let causes: BTreeSet<&Cause> = taken.keys().chain(there.all()).collect();
    let sorted = |wanted: &dyn Fn(&Cause) -> bool| {
        let mut sorted: Vec<&Cause> = causes.iter().copied().filter(|it| wanted(it)).collect();
        // Of equals those that came before those that went where the file has grown, and the other
        // way round where it has shrunk: who compares the other way round gets the same.
        sorted.sort_by_key(|cause| (Reverse(own(cause)), order(cause), goes(cause) == grown));
        sorted.into_iter().cloned().collect::<Vec<Cause>>()
    };
    let reaching = sorted(&|it| !reaches_nothing(it));
    // Where nothing else differs, what else there is is what is left.
    if reaching.is_empty() { sorted(&|_| true) } else { reaching }
}

/// True for what is there no more.
fn goes(cause: &Cause) -> bool {
    matches!(cause, Cause::PackageGone | Cause::ModuleRemoved { .. })
}

/// A cause, where that what came and what went are the same.
fn order(cause: &Cause) -> Cause {
    match cause.clone() {
        Cause::PackageGone => Cause::PackageNew,
        Cause::ModuleRemoved { module } => Cause::ModuleAdded { module },
        cause => cause,
    }
}
