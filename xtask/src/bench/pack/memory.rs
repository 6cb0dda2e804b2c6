//! The memory of five processes of one server, each form beside the plain one.

use super::{Form, folder, pack};
use crate::shell;
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

const PROCESSES: usize = 5;

/// A line for each form: the sum of the proportional set sizes of idle processes.
pub(super) fn of_five(elfin: &Path) -> Result<String> {
    let plain = folder()?.join("idle");
    let source = folder()?.join("idle.go");
    // It has the server's packages in it, and does nothing.
    let text = "package main\n\nimport (\n\t\"net/http\"\n\t\"os\"\n\t\"time\"\n)\n\nfunc main() {\n\
                \tif len(os.Args) > 1 {\n\t\tpanic(http.ListenAndServe(os.Args[1], nil))\n\t}\n\
                \ttime.Sleep(time.Hour)\n}\n";
    fs::write(&source, text).with_context(|| format!("{}", source.display()))?;
    let mut build = shell::command("go");
    build.args(["build", "-ldflags=-s -w", "-o"]).arg(&plain).arg(&source);
    shell::run(build.env("CGO_ENABLED", "0").env("GO111MODULE", "off"))?;
    let mut text = format!(
        "\nMemory of {PROCESSES} idle processes of a net/http server, the sum of their proportional set \
         sizes. Processes of a plain file share the pages that they read of it; a packed program's are \
         each process's own, whoever packed it.\n\n* plain: {:.1} MiB\n",
        sum(&plain)?
    );
    for form in Form::ALL {
        if let Some(packed) = pack(elfin, form, &plain)? {
            text.push_str(&format!("* `{}`: {:.1} MiB\n", form.name(), sum(&packed.file)?));
        }
    }
    Ok(text)
}

/// Mebibytes.
fn sum(program: &Path) -> Result<f64> {
    let start = |_| {
        let mut command = shell::command(&program.to_string_lossy());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
    };
    let mut children = (0..PROCESSES).map(start).collect::<Result<Vec<Child>, _>>()?;
    std::thread::sleep(Duration::from_secs(3));
    let sizes: Result<Vec<f64>> = children.iter().map(|it| proportional(it.id())).collect();
    for child in &mut children {
        child.kill()?;
        child.wait()?;
    }
    Ok(sizes?.iter().sum::<f64>() / 1024.0)
}

/// Kibibytes.
fn proportional(process: u32) -> Result<f64> {
    let path = format!("/proc/{process}/smaps_rollup");
    let text = fs::read_to_string(&path).with_context(|| path.clone())?;
    let line = text.lines().find_map(|it| it.strip_prefix("Pss:"));
    let figure = line.and_then(|it| it.trim().strip_suffix("kB")).context(path)?;
    Ok(figure.trim().parse()?)
}
