//! What follows from the documents: the baseline, the answers, the troubles,
//! what each stage does to a download, the Pareto front.
//!
//! Every renderer says these, so they are derived once, without words. Nothing
//! here measures or guesses: each figure is one of the record's or the
//! difference of two.

use crate::Lang;
use crate::catalogue::messages;
use elfin_schema::{Capability, Experiment, Message, Pick, PickKind, Probe, RecipeRecord, Status};
use std::collections::HashMap;

/// The recipe against which everything is compared.
pub(crate) const BASELINE: &str = "baseline";

/// Finds a recipe by its name.
pub(crate) fn find<'a>(records: &'a [RecipeRecord], recipe: &str) -> Option<&'a RecipeRecord> {
    records.iter().find(|record| record.recipe == recipe)
}

/// The baseline, if it was made and works.
pub(crate) fn baseline(records: &[RecipeRecord]) -> Option<&RecipeRecord> {
    find(records, BASELINE).filter(|record| record.status == Status::Ok)
}

/// A question with its answer and the recipe that the answer names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer<'a> {
    pub(crate) kind: PickKind,
    /// `None` where no recipe qualifies.
    pub(crate) found: Option<(&'a Pick, &'a RecipeRecord)>,
    /// Why none could qualify, where what decides it was not tried.
    pub(crate) untried: Option<&'a Message>,
}

/// The three questions in order, each with its answer.
pub(crate) fn answers<'a>(e: &'a Experiment, records: &'a [RecipeRecord]) -> [Answer<'a>; 3] {
    [PickKind::KeepsGdb, PickKind::StartsFast, PickKind::Smallest].map(|kind| {
        let pick = e.picks.iter().find(|pick| pick.kind == kind);
        let found = pick.and_then(|pick| {
            let record = find(records, pick.recipe.as_deref()?)?;
            Some((pick, record))
        });
        let untried =
            gdb_untried(records).filter(|_| found.is_none() && kind == PickKind::KeepsGdb);
        Answer { kind, found, untried }
    })
}

/// Why gdb was not tried, where it was not.
fn gdb_untried(records: &[RecipeRecord]) -> Option<&Message> {
    match baseline(records)?.debug.as_ref()?.probed.get(&Capability::GdbFunction)? {
        Probe::Skipped { why } => Some(why),
        _ => None,
    }
}

/// The answer whose text is pasted: what starts fast, or else the smallest.
pub(crate) fn winner<'a>(answers: &[Answer<'a>]) -> Option<(PickKind, &'a Pick)> {
    [PickKind::StartsFast, PickKind::Smallest].into_iter().find_map(|kind| {
        let answer = answers.iter().find(|answer| answer.kind == kind)?;
        answer.found.filter(|(pick, _)| pick.paste.is_some()).map(|(pick, _)| (kind, pick))
    })
}

/// Recipes that did not come about, or were not measured in full, for one reason.
#[derive(Debug)]
pub(crate) struct Trouble<'a> {
    pub(crate) status: Status,
    pub(crate) explains: Option<&'a Message>,
    /// The tools' own words, each once.
    pub(crate) says: Vec<&'a str>,
    pub(crate) recipes: Vec<&'a str>,
}

/// Groups what did not come about by status and reason, in the order of the plan.
pub(crate) fn troubles(records: &[RecipeRecord]) -> Vec<Trouble<'_>> {
    let mut groups: Vec<Trouble<'_>> = Vec::new();
    let mut index: HashMap<(Status, String), usize> = HashMap::new();
    for record in records {
        if record.status == Status::Ok && record.explains.is_none() {
            continue;
        }
        let explains = record.explains.as_ref();
        let reason =
            explains.map_or_else(|| words(record).to_owned(), |m| messages::message(m, Lang::En));
        let at = *index.entry((record.status, reason)).or_insert_with(|| {
            let status = record.status;
            groups.push(Trouble { status, explains, says: Vec::new(), recipes: Vec::new() });
            groups.len() - 1
        });
        let group = &mut groups[at];
        group.recipes.push(&record.recipe);
        // The words differ where a tool names its file; a few stand for all.
        let says = words(record);
        if !says.is_empty() && group.says.len() < 5 && !group.says.contains(&says) {
            group.says.push(says);
        }
    }
    groups
}

fn words(record: &RecipeRecord) -> &str {
    record.says.as_deref().unwrap_or_default().trim()
}

/// Why a recipe has no figures, short enough for a table's row; `None` if it is `ok`.
pub(crate) fn reason(record: &RecipeRecord, lang: Lang) -> Option<String> {
    if record.status == Status::Ok {
        return None;
    }
    Some(match &record.explains {
        Some(message) => messages::brief(message, lang),
        None => words(record).lines().next().unwrap_or_default().to_owned(),
    })
}

/// What the last stage of a recipe changed, on disk and as downloads, bytes before and after.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effect<'a> {
    pub(crate) before: &'a RecipeRecord,
    pub(crate) after: &'a RecipeRecord,
    pub(crate) disk: (u64, u64),
    pub(crate) gzip_6: (u64, u64),
    pub(crate) zstd_19: (u64, u64),
}

/// What strip changes, and then what UPX changes, on the baseline's build.
///
/// The first strip flavour of the plan stands for strip; UPX is taken after it
/// where the plan has that, or else alone.
pub(crate) fn strip_and_upx(records: &[RecipeRecord]) -> Vec<Effect<'_>> {
    let Some(baseline) = baseline(records) else { return Vec::new() };
    let plain = |record: &&RecipeRecord, stage: &str| {
        record.variant == baseline.variant
            && record.stages.last().is_some_and(|last| last.starts_with(stage))
    };
    let strip = records
        .iter()
        .filter(|record| plain(record, "strip") && record.stages.len() == 1)
        .find_map(|record| effect(baseline, record));
    let before_upx = strip.map_or(baseline, |effect| effect.after);
    let upx = records
        .iter()
        .filter(|record| plain(record, "upx"))
        .filter(|record| record.stages[..record.stages.len() - 1] == before_upx.stages[..])
        .filter_map(|record| effect(before_upx, record));
    strip.into_iter().chain(upx).collect()
}

fn effect<'a>(before: &'a RecipeRecord, after: &'a RecipeRecord) -> Option<Effect<'a>> {
    let (from, to) = (before.transfer?, after.transfer?);
    (after.status == Status::Ok).then_some(Effect {
        before,
        after,
        disk: (before.bytes?, after.bytes?),
        gzip_6: (from.gzip_6, to.gzip_6),
        zstd_19: (from.zstd_19, to.zstd_19),
    })
}

/// A recipe as a point: milliseconds to start, bytes of the file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Point<'a> {
    pub(crate) record: &'a RecipeRecord,
    pub(crate) ms: f64,
    pub(crate) bytes: u64,
    /// No other recipe is both smaller and faster.
    pub(crate) front: bool,
}

/// Every working recipe with a size and a start, fastest first.
pub(crate) fn points(records: &[RecipeRecord]) -> Vec<Point<'_>> {
    let mut points: Vec<Point<'_>> = records
        .iter()
        .filter(|record| record.status == Status::Ok)
        .filter_map(|record| {
            let ms = record.start_ms.filter(|ms| ms.is_finite() && *ms > 0.0)?;
            Some(Point { record, ms, bytes: record.bytes?, front: false })
        })
        .collect();
    points.sort_by(|a, b| a.ms.total_cmp(&b.ms).then(a.bytes.cmp(&b.bytes)));
    let mut smallest = u64::MAX;
    for point in &mut points {
        point.front = point.bytes < smallest;
        smallest = smallest.min(point.bytes);
    }
    points
}
