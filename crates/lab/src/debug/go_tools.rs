//! What Go itself offers: traces and callers from inside, and the tools of its distribution.

use super::{GoTools, Probed, Workbench, answer};
use crate::error::LabError;
use crate::make::own_words;
use elfin_process::Tool as Command;
use elfin_schema::{Capability, Probe, Works};

/// Tries panic trace, runtime.Caller, go version -m, nm, addr2line and pprof.
pub(super) fn try_all(
    bench: &Workbench<'_>,
    go: &GoTools,
    probed: &mut Probed,
) -> Result<(), LabError> {
    let own = |argument: &str| Command::new(bench.program).arg(argument);
    let trace = judge(bench, own("panic"), |text| {
        text.contains("main.crash(") && text.contains("main.hot(") && text.contains("main.go:")
    })?;
    probed.insert(Capability::PanicTrace, trace);

    let located = match bench.run(own("caller"))? {
        Ok(output) if output.exit.success() => String::from_utf8_lossy(&output.stdout).into_owned(),
        Ok(output) => own_words(&output),
        Err(says) => says,
    };
    let caller = located.lines().find(|line| line.starts_with("caller "));
    let named = caller.is_some_and(|line| {
        line.contains("main.caller") && line.contains("main.go:") && !line.ends_with(":0")
    });
    probed.insert(Capability::RuntimeCaller, answer(named, &located));

    let version = Command::new(&go.go).args(["version", "-m"]).arg(bench.program);
    let version = judge(bench, version, |text| text.contains("\tpath\t"))?;
    probed.insert(Capability::GoVersion, version);

    let nm = Command::new(&go.nm).arg(bench.program);
    let nm = judge(bench, nm, |text| text.lines().any(|line| line.ends_with(" main.hot")))?;
    probed.insert(Capability::GoNm, nm);

    probed.insert(Capability::Addr2line, addr2line(bench, go, &located)?);
    probed.insert(Capability::Pprof, pprof(bench, go)?);
    Ok(())
}

/// Runs a command and judges its two streams together; a no is told in the command's own words.
fn judge(
    bench: &Workbench<'_>,
    command: Command,
    works: impl Fn(&str) -> bool,
) -> Result<Probe<Works>, LabError> {
    Ok(match bench.run(command)? {
        Ok(output) => {
            let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
            text.push_str(&String::from_utf8_lossy(&output.stderr));
            answer(works(&text), &own_words(&output))
        }
        Err(says) => Probe::Failed { says },
    })
}

/// addr2line is given the address of main.hot as the file knows it.
fn addr2line(bench: &Workbench<'_>, go: &GoTools, located: &str) -> Result<Probe<Works>, LabError> {
    let number = |name: &str| {
        let text = located.lines().find_map(|line| line.strip_prefix(name))?.trim();
        u64::from_str_radix(text.strip_prefix("0x")?, 16).ok()
    };
    let (Some(pc), Some(base)) = (number("pc "), number("base ")) else {
        return Ok(Probe::Failed { says: located.to_owned() });
    };
    // It reads addresses from standard input only.
    let asked = format!("{:#x}", pc.wrapping_sub(base));
    let script = "echo \"$2\" | \"$0\" \"$1\"";
    let command = Command::new("/bin/sh").args(["-c", script]).arg(&go.addr2line);
    judge(bench, command.arg(bench.program).arg(asked), |text| {
        text.lines().next() == Some("main.hot") && text.contains("main.go:")
    })
}

fn pprof(bench: &Workbench<'_>, go: &GoTools) -> Result<Probe<Works>, LabError> {
    let profile = bench.dir.path().join("cpu.prof");
    let taken = Command::new(bench.program).arg("profile").arg(&profile);
    match bench.run(taken)? {
        Ok(output) if output.exit.success() => {}
        Ok(output) => return Ok(answer(false, &own_words(&output))),
        Err(says) => return Ok(Probe::Failed { says }),
    }
    let top = Command::new(&go.pprof)
        .args(["-top", "-nodecount=5"])
        .arg(bench.program)
        .arg(&profile)
        // Nothing of earlier profiles may help.
        .env("PPROF_TMPDIR", bench.dir.path())
        .env("PPROF_BINARY_PATH", bench.dir.path());
    judge(bench, top, |text| text.lines().any(|line| line.ends_with(" main.hot")))
}
