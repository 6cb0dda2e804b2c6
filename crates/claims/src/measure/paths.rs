//! The same build under two file systems, from a bench that was made where Windows serves one.

use super::{Ground, Seen, Unmeasured};
use crate::file::Claim;
use elfin_schema::{BenchPath, BenchWhat, PathBench};

pub(super) const GIVES: &[&str] =
    &["wsl2", "ratio", "seconds", "base_seconds", "file_system", "base_file_system"];

pub(super) fn measure(ground: &mut Ground<'_>, claim: &Claim) -> Result<Seen, Unmeasured> {
    let benches = &ground.order.brought.path_benches;
    // One of WSL2 before any other.
    let bench = benches.iter().find(|it| is_wsl2(it)).or_else(|| benches.first());
    let nothing = || Unmeasured::NotHere { command: ground.command(claim) };
    of(bench.ok_or_else(nothing)?).ok_or_else(nothing)
}

fn is_wsl2(bench: &PathBench) -> bool {
    bench.kernel.contains("microsoft")
}

/// The first folder on another file system against the first of all.
fn of(bench: &PathBench) -> Option<Seen> {
    let (base, others) = bench.paths.split_first()?;
    let other = others.iter().find(|it| it.file_system != base.file_system)?;
    let seconds = |path: &BenchPath| {
        path.steps.iter().find(|it| it.what == BenchWhat::BuildChanged)?.median()
    };
    let (base_seconds, other_seconds) = (seconds(base)?, seconds(other)?);
    let mut seen = Seen::of("elfin doctor --bench --path ~/x --path /mnt/c/x --json");
    seen.yes("wsl2", is_wsl2(bench));
    seen.number("seconds", other_seconds);
    seen.number("base_seconds", base_seconds);
    seen.number("ratio", other_seconds / base_seconds);
    seen.text("file_system", other.file_system.as_str());
    seen.text("base_file_system", base.file_system.as_str());
    Some(seen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use elfin_schema::{BenchStep, BenchSubject, ClaimValue};

    #[test]
    fn another_file_system_stands_against_the_first() {
        let path = |file_system: &str, seconds: f64| BenchPath {
            path: "/".into(),
            file_system: file_system.into(),
            options: String::new(),
            measured: None,
            steps: vec![BenchStep {
                what: BenchWhat::BuildChanged,
                seconds: vec![seconds],
                ratio: None,
                failed: None,
            }],
        };
        let mut bench = PathBench {
            schema: String::new(),
            elfin: String::new(),
            go: String::new(),
            kernel: "6.6.114.1-microsoft-standard-WSL2".into(),
            subject: BenchSubject { module: None, files: 1, bytes: 1 },
            rounds: 1,
            paths: vec![path("ext4", 2.0), path("ext4", 3.0), path("9p", 9.0)],
        };
        let seen = of(&bench).unwrap();
        assert_eq!(seen.values["ratio"], ClaimValue::Number(4.5));
        assert_eq!(seen.values["wsl2"], ClaimValue::Bool(true));
        bench.paths.pop();
        assert!(of(&bench).is_none());
    }
}
