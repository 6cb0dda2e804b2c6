//! Go programs of a wanted size, for times that should grow as the file does.
//!
//! A program is as many copies of one package as it takes, each with names,
//! texts and types of its own, all of them reachable: twice the copies are
//! twice the file, of the same composition.

use crate::shell;
use anyhow::{Context, Result};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// Types in a copy, each with two methods and some texts.
const TYPES: usize = 150;

/// Builds the program of so many copies, unless it is there; without symbols and DWARF if asked.
///
/// Returns an error if it cannot be written or built.
pub(super) fn program(copies: usize, stripped: bool) -> Result<PathBuf> {
    let flags: &[&str] = if stripped { &["-ldflags=-s -w"] } else { &[] };
    made(copies, if stripped { "stripped" } else { "program" }, flags)
}

/// Builds it position-independent, with symbols and DWARF.
///
/// Returns an error if it cannot be written or built.
pub(super) fn pie(copies: usize) -> Result<PathBuf> {
    made(copies, "pie", &["-buildmode=pie"])
}

/// How large a file is.
///
/// Returns an error if it is not there.
pub(super) fn megabytes(file: &Path) -> Result<f64> {
    let bytes = fs::metadata(file).with_context(|| format!("{}", file.display()))?.len();
    Ok(bytes as f64 / 1e6)
}

fn made(copies: usize, name: &str, flags: &[&str]) -> Result<PathBuf> {
    let folder = shell::root().join(format!("target/bench/grown/{copies}"));
    let file = folder.join(name);
    if file.is_file() {
        return Ok(file);
    }
    write(&folder, copies)?;
    let mut go = shell::command("go");
    go.current_dir(&folder).env("CGO_ENABLED", "0").args(["build", "-buildvcs=false"]);
    go.args(flags);
    let making = folder.join("making");
    shell::run(go.arg("-o").arg(&making).arg("."))?;
    fs::rename(&making, &file).with_context(|| format!("{}", file.display()))?;
    Ok(file)
}

fn write(folder: &Path, copies: usize) -> Result<()> {
    let put = |path: PathBuf, text: String| -> Result<()> {
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(&path, text).with_context(|| format!("{}", path.display()))
    };
    put(folder.join("go.mod"), "module example.com/grown\n\ngo 1.21\n".to_owned())?;
    let mut main = "package main\n\nimport (\n\t\"fmt\"\n".to_owned();
    for copy in 0..copies {
        let _ = writeln!(main, "\t\"example.com/grown/copy{copy}\"");
        put(folder.join(format!("copy{copy}/copy.go")), package(copy))?;
    }
    main += ")\n\nfunc main() {\n\tvar all []fmt.Stringer\n";
    for copy in 0..copies {
        let _ = writeln!(main, "\tall = append(all, copy{copy}.All...)");
    }
    main += "\tfmt.Println(len(all), all[len(all)-1])\n}\n";
    put(folder.join("main.go"), main)
}

fn package(copy: usize) -> String {
    let mut text = format!("package copy{copy}\n\nimport \"fmt\"\n\nvar All = []fmt.Stringer{{\n");
    for number in 0..TYPES {
        let _ = writeln!(text, "\t&Reading{number}{{Place: \"reading {number} of {copy}\"}},");
    }
    text += "}\n";
    for number in 0..TYPES {
        let _ = write!(
            text,
            r#"
// Reading{number} is one of many.
type Reading{number} struct {{
	Place  string
	Height [{number} + 1]float64
	Seen   map[string][]*Reading{number}
}}

func (r *Reading{number}) rank(level int) (text string) {{
	defer func() {{ text += r.Place }}()
	switch level % 5 {{
	case 0:
		return fmt.Sprintf("%s stands at %v of {copy}/{number}", r.Place, r.Height[0])
	case 1:
		return "gauge {copy}/{number} was not read: " + r.Place
	case 2:
		for i := range r.Height {{
			r.Height[i] *= {number}.5
		}}
	case 3:
		for key, others := range r.Seen {{
			text += key + others[len(others)-1].Place
		}}
	}}
	return text + "of the readings of {copy} this is {number}"
}}

// String reads all levels.
func (r *Reading{number}) String() string {{
	all := ""
	for level := range r.Height {{
		all += r.rank(level + {copy})
	}}
	return all
}}
"#
        );
    }
    text
}
