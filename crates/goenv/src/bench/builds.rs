//! Builds with a toolchain that is healthy, missing or broken: which fail, and which are made by
//! another version.

use super::BenchOrder;
use super::scratch::Scratch;
use crate::EnvError;
use elfin_process::{Cancel, Exit, Tool};
use elfin_schema::{BuildsUnder, ToolchainState, Way};

const WAYS: [Way; 3] = [Way::Elfin, Way::ElfinStrict, Way::Path];
const STATES: [ToolchainState; 3] =
    [ToolchainState::Healthy, ToolchainState::Missing, ToolchainState::Broken];

pub(super) fn fare(
    order: &BenchOrder<'_>,
    scratch: &Scratch,
    says: &mut dyn FnMut(&str),
    cancel: &Cancel,
) -> Result<Vec<BuildsUnder>, EnvError> {
    let mut all = Vec::new();
    for state in STATES {
        scratch.make(state)?;
        for way in WAYS {
            says(&format!("{} builds: {way:?}, {state:?}", order.builds));
            let mut fared = BuildsUnder {
                way,
                state,
                builds: order.builds,
                failed: 0,
                other_said: 0,
                other_silent: 0,
                says: None,
            };
            for _ in 0..order.builds {
                build(order, way, scratch, &mut fared, cancel)?;
            }
            all.push(fared);
        }
    }
    Ok(all)
}

/// Builds the project, asks what was built for its version, and counts.
fn build(
    order: &BenchOrder<'_>,
    way: Way,
    scratch: &Scratch,
    fared: &mut BuildsUnder,
    cancel: &Cancel,
) -> Result<(), EnvError> {
    let made = scratch.home().join("made");
    let _ = std::fs::remove_file(&made);
    let go = ["go", "build", "-trimpath", "-o"];
    let tool = match way {
        Way::Elfin => Tool::new(order.elfin).args(["env", "exec", "--"]).args(go),
        Way::ElfinStrict => Tool::new(order.elfin).args(["env", "exec", "--strict", "--"]).args(go),
        Way::Path => {
            let path = std::env::var("PATH").unwrap_or_default();
            let path = format!("{}:{path}", scratch.goroot().join("bin").display());
            // The shell looks for go as a user's shell does.
            let line = ["-c", "exec go build -trimpath -o \"$1\"", "sh"];
            Tool::new("sh").args(line).env("PATH", path).env("GOTOOLCHAIN", "local")
        }
    };
    let tool = tool.arg(&made).dir(scratch.project()).env_remove("GOROOT").env("CGO_ENABLED", "0");
    let tool = scratch.environment().into_iter().fold(tool, |tool, it| tool.env(it.0, it.1));
    let output = tool.run(cancel)?;
    let stderr = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if output.exit != Exit::Code(0) || !made.is_file() {
        fared.failed += 1;
        fared.says = Some(if stderr.is_empty() { output.exit.to_string() } else { stderr });
        return Ok(());
    }
    let said = Tool::new(&made).run(cancel)?;
    let version = String::from_utf8_lossy(&said.stderr);
    if version.trim() != scratch.version() {
        match stderr.is_empty() {
            true => fared.other_silent += 1,
            false => fared.other_said += 1,
        }
    }
    Ok(())
}
