//! The three answers: which recipe to take, and what it gives up.

use crate::paste::paste;
use crate::recipe::Recipe;
use crate::source::Package;
use elfin_schema::{Capability, GivenUp, Paste, Pick, PickKind, Probe, RecipeRecord, Status};

/// How much slower than the baseline still counts as starting fast.
const FAST: f64 = 1.2;
/// More private memory than this share of the baseline's is worth a word, and so many bytes: a start of
/// the same program differs from the next by some pages.
const MORE_MEMORY: f64 = 1.1;
const SOME_MEMORY: u64 = 256 << 10;
/// A download larger by less than this is the same.
const LARGER_DOWNLOAD: f64 = 1.01;

/// Answers the three questions from the records.
///
/// `package` is what is built, `None` for a finished file; `cgo` are the packages of it that use C.
pub(crate) fn picks(
    records: &[RecipeRecord],
    package: Option<&Package>,
    cgo: &[String],
) -> Vec<Pick> {
    // Only what was started here can be recommended here.
    let candidates: Vec<&RecipeRecord> = records
        .iter()
        .filter(|record| record.status == Status::Ok && record.start.is_some())
        .collect();
    let baseline = candidates.iter().copied().find(|record| is_baseline(record));
    let smallest = |qualifies: &dyn Fn(&RecipeRecord) -> bool| {
        let qualified = candidates.iter().copied().filter(|record| qualifies(record));
        qualified.min_by_key(|record| (record.bytes, record.stages.len()))
    };
    [PickKind::KeepsGdb, PickKind::StartsFast, PickKind::Smallest]
        .into_iter()
        .map(|kind| {
            let chosen = smallest(&|record| match kind {
                PickKind::KeepsGdb => {
                    record.debug.as_ref().is_some_and(elfin_schema::Debuggability::gdb_works)
                }
                PickKind::StartsFast => starts_fast(record),
                PickKind::Smallest => true,
            });
            Pick {
                kind,
                recipe: chosen.map(|record| record.recipe.clone()),
                gives_up: match (chosen, baseline) {
                    (Some(record), Some(baseline)) => gives_up(record, baseline, cgo),
                    _ => Vec::new(),
                },
                paste: chosen.and_then(|record| pasted(record, package?)),
            }
        })
        .collect()
}

fn is_baseline(record: &RecipeRecord) -> bool {
    record.recipe.parse::<Recipe>().is_ok_and(|recipe| recipe.is_baseline())
}

fn starts_fast(record: &RecipeRecord) -> bool {
    let ratio = record.start.as_ref().and_then(|start| start.ratio);
    is_baseline(record) || ratio.is_some_and(|ratio| ratio.median <= FAST)
}

fn pasted(record: &RecipeRecord, package: &Package) -> Option<Paste> {
    let recipe: Recipe = record.recipe.parse().ok()?;
    let scratch = record
        .portability
        .as_ref()
        .and_then(|portability| portability.runs_from_scratch.value())
        .is_some_and(|works| works.yes);
    Some(paste(&recipe, package, scratch))
}

fn gives_up(record: &RecipeRecord, baseline: &RecipeRecord, cgo: &[String]) -> Vec<GivenUp> {
    let mut lost: Vec<GivenUp> = Capability::ALL
        .into_iter()
        .filter(|&of| can(baseline, of) == Some(true) && can(record, of) == Some(false))
        .map(|capability| GivenUp::Lost { capability })
        .collect();
    if let (Some(ratio), Some(ms)) = (record.start.as_ref().and_then(|s| s.ratio), record.start_ms)
        && ratio.differs
        && ratio.median > 1.0
    {
        lost.push(GivenUp::SlowerStart { times: ratio.median, ms });
    }
    let private = |record: &RecipeRecord| {
        record.memory.as_ref().and_then(Probe::value).map(|memory| memory.private_dirty)
    };
    if let (Some(own), Some(base)) = (private(record), private(baseline))
        && own as f64 > base as f64 * MORE_MEMORY
        && own - base >= SOME_MEMORY
    {
        lost.push(GivenUp::MoreMemory { bytes: own - base });
    }
    let gzip = |record: &RecipeRecord| record.transfer.map(|transfer| transfer.gzip_6);
    if let (Some(own), Some(base)) = (gzip(record), gzip(baseline))
        && own as f64 > base as f64 * LARGER_DOWNLOAD
    {
        lost.push(GivenUp::LargerDownload { bytes: own - base });
    }
    let pie = |record: &RecipeRecord| record.protection.as_ref().is_some_and(|p| p.pie);
    if pie(baseline) && !pie(record) {
        lost.push(GivenUp::NoPie);
    }
    if from_scratch(baseline) == Some(true) && from_scratch(record) == Some(false) {
        lost.push(GivenUp::NotFromScratch);
    }
    if links_c(baseline) && !links_c(record) && is_without_cgo(record) && !cgo.is_empty() {
        lost.push(GivenUp::NoCgo { packages: cgo.to_vec() });
    }
    if lost.is_empty() {
        lost.push(GivenUp::Nothing);
    }
    lost
}

/// True if it needs a C library when it is started.
fn links_c(record: &RecipeRecord) -> bool {
    record.portability.as_ref().is_some_and(|portability| !portability.needed.is_empty())
}

fn is_without_cgo(record: &RecipeRecord) -> bool {
    record.recipe.parse::<Recipe>().is_ok_and(|recipe| recipe.variant.cgo == Some(false))
}

fn can(record: &RecipeRecord, capability: Capability) -> Option<bool> {
    record.debug.as_ref()?.probed.get(&capability)?.value().map(|works| works.yes)
}

fn from_scratch(record: &RecipeRecord) -> Option<bool> {
    record.portability.as_ref()?.runs_from_scratch.value().map(|works| works.yes)
}
