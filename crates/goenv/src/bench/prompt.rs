//! What a hook adds to a prompt while nothing changes: it is called many times in one shell.

use super::BenchOrder;
use super::scratch::Scratch;
use crate::{EnvError, Surroundings};
use elfin_process::{Cancel, Exit, Tool};
use elfin_schema::Prompt;
use std::path::Path;

/// Calls in one shell: of ours, which starts nothing, and of direnv's, which starts a process.
const CALLS: usize = 200;
const CALLS_OF_PROCESSES: usize = 20;

/// The shells and hooks that are here, in turn.
pub(super) fn prompts(
    order: &BenchOrder<'_>,
    scratch: &Scratch,
    surroundings: &Surroundings,
    cancel: &Cancel,
) -> Result<Vec<Prompt>, EnvError> {
    let Some(bash) = surroundings.find("bash") else { return Ok(Vec::new()) };
    let elfin = order.elfin.display();
    let mut hooks = vec![(
        "elfin",
        scratch.project(),
        format!("eval \"$('{elfin}' env hook bash)\""),
        "__elfin_hook",
        CALLS,
    )];
    if surroundings.find("direnv").is_some() {
        let folder = scratch.project().with_file_name("direnv");
        let hook = "direnv allow; eval \"$(direnv hook bash)\"".to_owned();
        hooks.push(("direnv", folder, hook, "_direnv_hook", CALLS_OF_PROCESSES));
    }
    let prompt = |name: &str| Prompt { name: name.into(), shell: "bash".into(), each: Vec::new() };
    let mut prompts: Vec<Prompt> = hooks.iter().map(|it| prompt(it.0)).collect();
    for _ in 0..order.rounds.div_ceil(4) {
        for ((_, folder, hook, call, calls), prompt) in hooks.iter().zip(&mut prompts) {
            let script = format!(
                "{hook}; {call}; began=$EPOCHREALTIME; for ((i = 0; i < {calls}; i++)); do {call}; done; \
                 ended=$EPOCHREALTIME; echo; echo \"$began $ended\""
            );
            prompt.each.extend(time(&bash, folder, &script, *calls, scratch, cancel)?);
        }
    }
    Ok(prompts)
}

fn time(
    bash: &Path,
    folder: &Path,
    script: &str,
    calls: usize,
    scratch: &Scratch,
    cancel: &Cancel,
) -> Result<Option<f64>, EnvError> {
    let tool = Tool::new(bash).args(["--norc", "-c", script]).dir(folder).env("LC_ALL", "C");
    let tool = scratch.environment().into_iter().fold(tool, |tool, it| tool.env(it.0, it.1));
    let output = tool.run(cancel)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let seconds = || -> Option<f64> {
        let (began, ended) = text.lines().last()?.split_once(' ')?;
        Some(ended.parse::<f64>().ok()? - began.parse::<f64>().ok()?)
    };
    Ok(seconds().filter(|_| output.exit == Exit::Code(0)).map(|it| 1e3 * it / calls as f64))
}
