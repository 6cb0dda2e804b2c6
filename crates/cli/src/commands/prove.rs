//! `elfin diff --prove`: rebuilds with one suspected cause less at a time.

use crate::commands::stop_on_signals;
use crate::commands::weigh::mapped;
use anyhow::{Context, Result, bail};
use elfin_causes::{Plan, Step, Way, grown};
use elfin_lab::{Cancel, Rebuild};
use elfin_report::Lang;
use elfin_schema::{Diff, Weighing};
use elfin_weigh::Options;
use indicatif::ProgressBar;
use std::path::Path;
use std::time::Duration;

/// Proves what of a difference can be, by builds of a package; says before how many.
pub(crate) fn prove(
    package: &str,
    [from, to]: [&Weighing; 2],
    told: Diff,
    lang: Lang,
) -> Result<Diff> {
    let plan = Plan::of(from, to, &told);
    eprintln!("{}", elfin_report::rebuilds(&plan.causes, plan.builds(), lang));
    if plan.builds() == 0 {
        return Ok(told);
    }
    let cancel = stop_on_signals()?;
    let rebuild = Rebuild::of(package, &std::env::current_dir()?, &cancel)?;
    let folder = tempfile::tempdir().context("no folder for rebuilds")?;
    let bar = ProgressBar::new(plan.builds() as u64);
    bar.enable_steady_tick(Duration::from_millis(200));
    let make = |way: &Way| {
        let made = made(&rebuild, way, folder.path(), &to.file.name, &cancel);
        bar.inc(1);
        made
    };
    let base = match make(&plan.base)? {
        Ok(base) => base,
        Err(says) => bail!(
            "{} cannot be built here as it was, so nothing can be proved:\n{says}",
            to.file.name
        ),
    };
    let (mut way, mut steps) = (plan.base.clone(), Vec::new());
    let mut last: Option<Weighing> = None;
    for cause in &plan.causes {
        let Some((next, setting)) = plan.without(&way, cause, from) else { continue };
        bar.set_message(setting.clone());
        let bytes = match make(&next)? {
            Ok(made) => {
                let size = last.as_ref().unwrap_or(&base).file.size;
                let bytes = grown(made.file.size, size);
                (way, last) = (next, Some(made));
                Ok(bytes)
            }
            Err(says) => Err(says),
        };
        steps.push(Step { cause: cause.clone(), setting, bytes });
    }
    bar.finish_and_clear();
    let last = last.as_ref().unwrap_or(&base);
    Ok(elfin_causes::prove(told, [from, to], [&base, last], &steps))
}

/// Builds and weighs; or Go's own words.
fn made(
    rebuild: &Rebuild,
    way: &Way,
    folder: &Path,
    name: &str,
    cancel: &Cancel,
) -> Result<Result<Weighing, String>> {
    let file = folder.join("app");
    if let Err(says) = rebuild.build(way.environment(), &way.flags(), &file, cancel)? {
        return Ok(Err(says));
    }
    let data = mapped(&file).context("a rebuild cannot be read")?;
    let options = Options { name: name.to_owned(), ..Options::default() };
    Ok(Ok(elfin_weigh::weigh(&data, &options).context("a rebuild cannot be weighed")?))
}
