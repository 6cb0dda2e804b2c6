//! The lab across the roots of `cargo xtask roots`: the bundled server, and a program whose C code
//! asks for a symbol that only a newer glibc has.

use crate::roots::{self, Root};
use crate::{demo, shell};
use anyhow::{Context, Result};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// Headers of glibc 2.38 and later give strtol another name.
const STRTOL: &str = r#"package main

// #define _GNU_SOURCE
// #include <stdlib.h>
import "C"

import "fmt"

func main() { fmt.Println(C.strtol(C.CString("42"), nil, 10)) }
"#;

/// Runs the experiments and keeps the tables.
pub(super) fn run(elfin: &Path) -> Result<()> {
    roots::run()?;
    let strtol = shell::root().join("target/bench/strtol");
    fs::create_dir_all(&strtol).with_context(|| format!("{}", strtol.display()))?;
    fs::write(strtol.join("go.mod"), "module example.com/strtol\n\ngo 1.21\n")?;
    fs::write(strtol.join("main.go"), STRTOL)?;
    let subjects: [(&str, PathBuf, &str, &[&str]); 2] = [
        ("server", shell::root().to_owned(), demo::SERVER, &demo::START_SERVER),
        ("strtol", strtol, ".", &[]),
    ];
    let mut page =
        "Written by `cargo xtask bench roots`: the bundled server, and a program whose C code \
                    calls `strtol`, which headers of glibc 2.38 and later give another name.\n"
            .to_owned();
    for (name, folder, package, arguments) in subjects {
        let out = shell::root().join("target/bench").join(format!("{name}-roots"));
        let mut lab = shell::command(&elfin.to_string_lossy());
        lab.current_dir(&folder).args(["lab", package]).args(arguments).arg("--out").arg(&out);
        for root in Root::ALL {
            lab.arg("--root").arg(format!("{}={}", root.name(), root.folder().display()));
        }
        shell::run(lab.env("GOENV", "off").env_remove("GOFLAGS"))?;
        let report = out.join("report.md");
        let text = fs::read_to_string(&report).with_context(|| format!("{}", report.display()))?;
        let _ = write!(page, "\n{text}");
    }
    let path = shell::root().join("docs/results/roots.md");
    fs::write(&path, shell::without_root(&page)).with_context(|| format!("{}", path.display()))?;
    println!("wrote {}", path.display());
    Ok(())
}
