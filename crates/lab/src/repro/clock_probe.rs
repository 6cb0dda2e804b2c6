//! Proves that a Go program, and one that it starts, see the clock that they are shown.

use super::scene::Scene;
use super::{ReproError, Workshop};
use elfin_process::{Tool, ToolError};
use std::fs;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const SOURCE: &str = r#"package main

import (
	"os"
	"os/exec"
	"time"
)

func main() {
	os.Stdout.WriteString(time.Now().UTC().Format(time.RFC3339) + "\n")
	if len(os.Args) == 1 {
		child, _ := exec.Command(os.Args[0], "child").Output()
		os.Stdout.Write(child)
	}
}
"#;

/// Seconds that a start may take.
const SLACK: i64 = 3600;

/// Builds a Go program that tells the time, and shows it another.
///
/// The inner error says what it saw, or why it could not be shown.
pub(super) fn prove(
    workshop: &Workshop<'_>,
    scene: &Scene,
    ahead: i64,
) -> Result<Result<(), String>, ReproError> {
    let folder = workshop.folder("clock");
    let write = |source| ReproError::io("write", &folder, source);
    fs::create_dir_all(&folder).map_err(write)?;
    fs::write(folder.join("main.go"), SOURCE).map_err(write)?;
    fs::write(folder.join("go.mod"), "module clock\n").map_err(write)?;
    let mut probe = Scene { directory: folder.clone(), wrapper: Vec::new(), ..scene.clone() };
    for (name, value) in [("GOWORK", "off"), ("GOFLAGS", ""), ("GOTOOLCHAIN", "local")] {
        probe.set(name, value);
    }
    for name in ["GOOS", "GOARCH"] {
        probe.unset(name);
    }
    let run = |tool: &Tool| match tool.run(workshop.cancel) {
        Err(ToolError::Interrupted) => Err(ReproError::Stopped),
        Err(error) => Ok(Err(error.to_string())),
        Ok(output) if output.exit.success() => {
            Ok(Ok(String::from_utf8_lossy(&output.stdout).into_owned()))
        }
        Ok(output) => {
            Ok(Err(format!("{}: {}", output.exit, String::from_utf8_lossy(&output.stderr).trim())))
        }
    };
    if let Err(says) = run(&probe.tool(&[], &["build", "-buildvcs=false", "-o", "clock", "."]))? {
        return Ok(Err(says));
    }
    let tool = Tool::new(folder.join("clock")).clock_ahead(ahead).timeout(Duration::from_secs(60));
    Ok(run(&tool)?.and_then(|says| judged(&says, ahead)))
}

fn judged(says: &str, ahead: i64) -> Result<(), String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let expected = i64::try_from(now.as_secs()).unwrap_or(i64::MAX).saturating_add(ahead);
    let seen = |line: &str| Some(line.parse::<jiff::Timestamp>().ok()?.as_second());
    let right = |line: &str| seen(line).is_some_and(|it| (it - expected).abs() < SLACK);
    let lines: Vec<&str> = says.lines().collect();
    match lines[..] {
        [own, child] if right(own) && right(child) => Ok(()),
        _ => Err(format!(
            "a Go program was shown a clock {ahead} s ahead, and saw {}",
            lines.join(", ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::judged;

    #[test]
    fn a_clock_that_stood_still_is_found_out() {
        let now = jiff::Timestamp::now();
        let told = |ahead: i64| (now + jiff::SignedDuration::from_secs(ahead)).to_string();
        let year = 31_536_000;
        assert!(judged(&format!("{}\n{}\n", told(year), told(year)), year).is_ok());
        assert!(judged(&format!("{}\n{}\n", told(year), told(0)), year).is_err(), "the child's");
        assert!(judged(&told(year), year).is_err(), "no child");
    }
}
