//! What one experiment of the lab tells of a recipe, here or on another machine.

use super::{Ground, Seen, Unmeasured};
use crate::file::Claim;
use elfin_lab::{Depth, LabError, Order, Plan, What};
use elfin_process::Tool;
use elfin_schema::{Capability, Caused, Part, RecipeRecord, Status};
use std::path::{Path, PathBuf};

/// The values of a recipe. `base_…` are those of what it is held against.
pub(super) const GIVES: &[&str] = &[
    "ok",
    "failed",
    "impossible",
    "broken",
    "skipped",
    "says",
    "bytes",
    "base_bytes",
    "percent",
    "of_percent",
    "times",
    "start_ms",
    "base_ms",
    "ratio",
    "memory_mb",
    "base_memory_mb",
    "symtab",
    "dwarf",
    "symtab_bytes",
    "base_symtab_bytes",
    "symtab_times",
    "dwarf_bytes",
    "relocation_bytes",
    "lost",
    "lost_names",
    "gdb",
    "base_gdb",
    "gdb_function",
    "gdb_line",
    "gdb_backtrace",
    "gdb_locals",
    "pprof",
    "panic_trace",
    "runtime_caller",
    "addr2line",
    "go_version",
    "go_nm",
    "dlv_break",
    "dlv_locals",
    "perf",
    "from_scratch",
    "base_from_scratch",
    "glibc",
    "base_glibc",
    "pie",
    "after_bytes",
    "after_base_bytes",
    "after_percent",
];

/// The values of two builds of one source, here and on WSL2.
pub(super) const GAP: &[&str] =
    &["percent", "bytes_here", "bytes_there", "go_here", "go_there", "diffed", "causes"];

/// The recipes that a claim names: what it is about, against what, and the same after elfin's work.
const RECIPES: [&str; 4] = ["recipe", "against", "after", "after_against"];

/// Rounds of starts: medians, and no claim asks for more than which side of a wide margin.
const ROUNDS: &str = "[rounds]\nwarm = 12\ncold = 1\naslr = 4\n";

pub(super) fn measure(ground: &mut Ground<'_>, claim: &Claim) -> Result<Seen, Unmeasured> {
    run(ground)?;
    let Some(outcome) = &ground.experiment else { return Err(nothing(ground, claim)) };
    of(&outcome.records, ground, claim)
}

/// The same from an experiment that was made on WSL2.
pub(super) fn elsewhere(ground: &mut Ground<'_>, claim: &Claim) -> Result<Seen, Unmeasured> {
    match ground.order.brought.experiment_of_wsl2() {
        Some((_, records)) => of(records, ground, claim),
        None => Err(nothing(ground, claim)),
    }
}

/// How much larger the same source is on WSL2 than here.
pub(super) fn gap(ground: &mut Ground<'_>, claim: &Claim) -> Result<Seen, Unmeasured> {
    if let Some((weighing, receipt)) = ground.order.brought.weighing_of_wsl2() {
        return by_diff(ground, weighing, receipt);
    }
    let is_here = ground.machine.wsl == Some(2);
    let experiments = &ground.order.brought.experiments;
    let other = experiments.iter().find(|(it, _)| (it.machine.wsl == Some(2)) != is_here);
    let Some((experiment, records)) = other else { return Err(nothing(ground, claim)) };
    let there = base(records).and_then(|it| it.bytes);
    let go_there = experiment.subject.go.clone();
    run(ground)?;
    let here = ground.experiment.as_ref().and_then(|it| base(&it.records)?.bytes);
    let go_here = ground.experiment.as_ref().map(|it| it.experiment.subject.go.clone());
    let (Some(here), Some(there)) = (here, there) else { return Err(nothing(ground, claim)) };
    let mut seen = Seen::of("elfin diff native.json wsl2.json");
    let (native, wsl) = if is_here { (there, here) } else { (here, there) };
    seen.number("percent", 100.0 * (wsl as f64 / native as f64 - 1.0));
    seen.number("bytes_here", here as f64);
    seen.number("bytes_there", there as f64);
    seen.text("go_here", go_here.unwrap_or_default());
    seen.text("go_there", go_there);
    Ok(seen)
}

/// The same by a difference of two weighings, which also says why.
fn by_diff(ground: &mut Ground<'_>, there: &Path, receipt: &Path) -> Result<Seen, Unmeasured> {
    let program = ground.program("baseline", &[], &[])?;
    let elfin = || Tool::new(&ground.order.elfin).dir(&ground.order.directory);
    let keep = |name: &str, text: &[u8]| -> Result<PathBuf, Unmeasured> {
        let path = ground.order.out.join(name);
        std::fs::write(&path, text)
            .map_err(|error| Unmeasured::failed(error, &path.display().to_string()))?;
        Ok(path)
    };
    let weighed = ground.run(&elfin().args(["weigh", "--json"]).arg(&program))?;
    let here = keep("here.json", &weighed)?;
    let own = keep("here-receipt.json", &ground.run(&elfin().arg("receipt"))?)?;
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let diff = elfin().arg("diff").arg(here).arg(absolute(there)).arg("--receipt");
    let printed = ground.run(&diff.arg(own).arg(absolute(receipt)).arg("--json"))?;
    let command = "elfin diff here.json wsl2.json --receipt here-receipt.json wsl2-receipt.json";
    let diff = elfin_schema::read_diff(&String::from_utf8_lossy(&printed))
        .map_err(|error| Unmeasured::failed(error, command))?;
    let mut seen = Seen::of(command);
    let (here, there) = (diff.from.size as f64, diff.to.size as f64);
    seen.number("percent", 100.0 * (there / here - 1.0));
    seen.number("bytes_here", here);
    seen.number("bytes_there", there);
    seen.yes("diffed", true);
    seen.text("causes", most(&diff.causes));
    Ok(seen)
}

/// The three causes that move the most bytes: `build-mode +871061`.
fn most(causes: &[Caused]) -> String {
    const FIRST: usize = 3;
    let mut causes: Vec<&Caused> = causes.iter().filter(|it| it.bytes != 0).collect();
    causes.sort_by_key(|it| std::cmp::Reverse(it.bytes.unsigned_abs()));
    let words = causes.iter().take(FIRST).filter_map(|it| {
        let cause = serde_json::to_value(it).ok()?;
        Some(format!("{} {:+}", cause["cause"].as_str()?, it.bytes))
    });
    words.collect::<Vec<_>>().join(", ")
}

fn nothing(ground: &Ground<'_>, claim: &Claim) -> Unmeasured {
    Unmeasured::NotHere { command: ground.command(claim) }
}

fn base(records: &[RecipeRecord]) -> Option<&RecipeRecord> {
    records.iter().find(|it| it.recipe == "baseline")
}

/// Runs the experiment with every recipe that a claim of the file names.
fn run(ground: &mut Ground<'_>) -> Result<(), Unmeasured> {
    if ground.experiment.is_some() {
        return Ok(());
    }
    let order = ground.order;
    let mut recipes: Vec<&String> = Vec::new();
    for claim in &order.file.claims {
        let named = claim.with.iter().filter(|(key, _)| RECIPES.contains(&key.as_str()));
        recipes.extend(named.map(|(_, recipe)| recipe));
    }
    recipes.retain(|it| *it != "baseline");
    recipes.sort();
    recipes.dedup();
    let text = format!("recipes = {recipes:?}\n{ROUNDS}");
    let command = "elfin lab --plan";
    let plan = Plan::from_toml(&text, "claims", Depth::Default)
        .map_err(|error| Unmeasured::failed(error, command))?;
    let lab = Order {
        what: What::Package(order.package.clone()),
        directory: order.directory.clone(),
        run: order.run.clone(),
        ready: order.ready.clone(),
        timeout: order.timeout,
        plan,
        out: order.out.join("lab"),
        fresh: order.fresh,
        bench: None,
        helper: vec![order.elfin.display().to_string(), "facts".into()],
    };
    match elfin_lab::run(&lab, ground.tell, ground.cancel) {
        Ok(outcome) => {
            ground.experiment = Some(outcome);
            Ok(())
        }
        Err(LabError::Interrupted) => Err(Unmeasured::Interrupted),
        Err(error) => Err(Unmeasured::Lab(error)),
    }
}

fn of(records: &[RecipeRecord], ground: &Ground<'_>, claim: &Claim) -> Result<Seen, Unmeasured> {
    let named = |key: &str| claim.with.get(key).map_or("baseline", String::as_str);
    let find = |recipe: &str| records.iter().find(|it| it.recipe == recipe);
    let (recipe, against) = (named("recipe"), named("against"));
    let (Some(record), Some(other)) = (find(recipe), find(against)) else {
        return Err(nothing(ground, claim));
    };
    let package = shell_words::quote(&ground.order.package).into_owned();
    let plan = format!("recipes = {:?}", [recipe]);
    let mut seen =
        Seen::of(format!("echo '{plan}' > plan.toml; elfin lab {package} --plan plan.toml"));
    status(&mut seen, record);
    let bytes = |key: &str| claim.with.get(key).and_then(|it| find(it)?.bytes);
    if let (Some(after), Some(base)) = (bytes("after"), bytes("after_against")) {
        seen.number("after_bytes", after as f64);
        seen.number("after_base_bytes", base as f64);
        seen.number("after_percent", 100.0 * (after as f64 / base as f64 - 1.0));
    }
    sizes(&mut seen, record, other);
    starts(&mut seen, record, other);
    tools(&mut seen, record, other);
    portability(&mut seen, record, other);
    Ok(seen)
}

fn status(seen: &mut Seen, record: &RecipeRecord) {
    for (name, status) in [
        ("ok", Status::Ok),
        ("failed", Status::Failed),
        ("impossible", Status::Impossible),
        ("broken", Status::Broken),
        ("skipped", Status::Skipped),
    ] {
        seen.yes(name, record.status == status);
    }
    let says = record.says.as_deref().unwrap_or_default().trim();
    seen.text("says", says.lines().last().unwrap_or_default());
}

fn sizes(seen: &mut Seen, record: &RecipeRecord, other: &RecipeRecord) {
    let (Some(bytes), Some(base)) = (record.bytes, other.bytes) else { return };
    seen.number("bytes", bytes as f64);
    seen.number("base_bytes", base as f64);
    seen.number("percent", 100.0 * (bytes as f64 / base as f64 - 1.0));
    seen.number("of_percent", 100.0 * bytes as f64 / base as f64);
    seen.number("times", bytes as f64 / base as f64);
    let part = |of: &RecipeRecord, part| {
        of.composition.as_ref().map(|it| it.get(&part).copied().unwrap_or(0) as f64)
    };
    if let (Some(symtab), Some(base)) = (part(record, Part::Symtab), part(other, Part::Symtab)) {
        seen.number("symtab_bytes", symtab);
        seen.number("base_symtab_bytes", base);
        seen.number("symtab_times", symtab / base);
    }
    seen.values.extend(
        part(record, Part::Debug)
            .map(|it| ("dwarf_bytes".to_owned(), elfin_schema::ClaimValue::Number(it))),
    );
    if let Some(relocations) = part(record, Part::Relocations) {
        seen.number("relocation_bytes", relocations);
    }
}

fn starts(seen: &mut Seen, record: &RecipeRecord, other: &RecipeRecord) {
    if let (Some(one), Some(base)) = (&record.start, &other.start) {
        seen.number("start_ms", one.warm.median);
        seen.number("base_ms", base.warm.median);
        seen.number("ratio", one.warm.median / base.warm.median);
        seen.intervals
            .insert("start_ms".to_owned(), [one.warm.interval.low, one.warm.interval.high]);
        if let Some(ratio) = &one.ratio {
            seen.intervals.insert("ratio".to_owned(), [ratio.interval.low, ratio.interval.high]);
        }
    }
    for (name, record) in [("memory_mb", record), ("base_memory_mb", other)] {
        if let Some(memory) = record.memory.as_ref().and_then(|it| it.value()) {
            seen.number(name, memory.max_rss as f64 / 1e6);
        }
    }
}

fn tools(seen: &mut Seen, record: &RecipeRecord, other: &RecipeRecord) {
    let (Some(debug), Some(base)) = (&record.debug, &other.debug) else { return };
    seen.yes("symtab", debug.has_symtab);
    seen.yes("dwarf", debug.has_dwarf);
    seen.yes("gdb", debug.gdb_works());
    seen.yes("base_gdb", base.gdb_works());
    let works = |of: &elfin_schema::Debuggability, it| {
        of.probed.get(&it).and_then(|probe| probe.value()).map(|works| works.yes)
    };
    let mut lost = Vec::new();
    for (name, capability) in [
        ("panic_trace", Capability::PanicTrace),
        ("runtime_caller", Capability::RuntimeCaller),
        ("go_version", Capability::GoVersion),
        ("go_nm", Capability::GoNm),
        ("addr2line", Capability::Addr2line),
        ("pprof", Capability::Pprof),
        ("gdb_function", Capability::GdbFunction),
        ("gdb_line", Capability::GdbLine),
        ("gdb_backtrace", Capability::GdbBacktrace),
        ("gdb_locals", Capability::GdbLocals),
        ("dlv_break", Capability::DlvBreak),
        ("dlv_locals", Capability::DlvLocals),
        ("perf", Capability::Perf),
    ] {
        if let Some(yes) = works(debug, capability) {
            seen.yes(name, yes);
            if !yes && works(base, capability) == Some(true) {
                lost.push(name);
            }
        }
    }
    seen.number("lost", lost.len() as f64);
    seen.text("lost_names", lost.join(", "));
}

fn portability(seen: &mut Seen, record: &RecipeRecord, other: &RecipeRecord) {
    for (prefix, record) in [("", record), ("base_", other)] {
        let Some(runs) = &record.portability else { continue };
        if let Some(works) = runs.runs_from_scratch.value() {
            seen.yes(&format!("{prefix}from_scratch"), works.yes);
        }
        let libc = runs.versions.iter().find(|it| it.version.starts_with("GLIBC_"));
        let version = libc.map(|it| it.version.clone()).unwrap_or_default();
        seen.text(&format!("{prefix}glibc"), version);
    }
    if let Some(protection) = &record.protection {
        seen.yes("pie", protection.pie);
    }
}
