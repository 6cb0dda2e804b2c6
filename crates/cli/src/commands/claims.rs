//! `elfin claims`: published claims, tested on the user's own program and machine.

use crate::arguments::ClaimsArguments;
use crate::commands::report::{self, CLAIMS, replace};
use crate::commands::{print, stop_on_signals, terminal};
use crate::progress::Line;
use anyhow::{Context, Result, bail};
use elfin_claims::{BUNDLED, Brought, ClaimsFile, ClaimsOrder};
use elfin_report::Lang;
use std::fs;
use std::path::{Component, Path};
use std::time::Duration;

/// The server that comes with elfin, so that claims can be tested without a program of one's own.
const SERVER: [(&str, &str); 2] = [
    ("go.mod", include_str!("../../../../corpus/server/go.mod")),
    ("main.go", include_str!("../../../../corpus/server/main.go")),
];
/// How the bundled server is started, and how it shows that it has come up.
const START_SERVER: (&str, &str) = ("-addr 127.0.0.1:0", "stdout:listening on");

/// Judges claims.
pub(crate) fn run(arguments: ClaimsArguments) -> Result<()> {
    let file = claims_file(&arguments)?;
    if arguments.check {
        let mut text = String::new();
        for claim in &file.claims {
            text.push_str(&format!("{}: {}\n", claim.id, claim.says.en));
        }
        return print(text.as_bytes());
    }
    let (asked, lang) = (arguments.form.output.json, arguments.form.output.lang.into());
    let (md, html) = (arguments.form.md, arguments.form.html.clone());
    let order = order(arguments, file)?;
    let stop = stop_on_signals()?;
    let line = Line::new();
    let judged = elfin_claims::run(&order, &|event| line.show(&event), &|_| (), &stop);
    line.clear();
    let judged = judged?;
    let stored = elfin_report::claims_json(&judged, Lang::En)? + "\n";
    replace(&order.out.join(CLAIMS), &stored)?;
    if let Some(page) = &html {
        return report::page(page, &elfin_report::claims_html(&judged, lang));
    }
    let text = if asked {
        elfin_report::claims_json(&judged, lang)? + "\n"
    } else if md {
        elfin_report::claims_markdown(&judged, lang)
    } else {
        let (width, colour) = terminal();
        elfin_report::claims(&judged, lang, width, colour)
    };
    print(text.as_bytes())
}

fn claims_file(arguments: &ClaimsArguments) -> Result<ClaimsFile> {
    let mut file = match &arguments.file {
        None => ClaimsFile::parse(BUNDLED).context("the bundled claims")?,
        Some(path) => {
            let named = || path.display().to_string();
            let text = fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            ClaimsFile::parse(&text).with_context(named)?
        }
    };
    if let Some(pattern) = &arguments.only {
        file.only(pattern);
        if file.claims.is_empty() {
            bail!("--only {pattern}: no claim has such an id; elfin claims --check lists them");
        }
    }
    Ok(file)
}

fn order(arguments: ClaimsArguments, file: ClaimsFile) -> Result<ClaimsOrder> {
    let directory = std::env::current_dir().context("the current folder cannot be told")?;
    // `.` has no name of its own.
    let words = |package: &str| {
        let name = directory.join(package);
        let name = name.components().next_back().and_then(|it| match it {
            Component::Normal(name) => Some(name),
            _ => directory.file_name(),
        });
        let name = name.map(|it| it.to_string_lossy().into_owned());
        name.unwrap_or_else(|| "app".to_owned())
    };
    let name = arguments.package.as_deref().map_or_else(|| "server".to_owned(), words);
    let out = arguments.out.unwrap_or_else(|| Path::new("elfin-claims").join(&name));
    let out = directory.join(out);
    let mut brought = Brought::default();
    for path in &arguments.elsewhere {
        brought.add(path)?;
    }
    let (package, directory, assumed) = match arguments.package {
        Some(package) => (package, directory, ("", "exit")),
        None => {
            let folder = out.join("server");
            fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
            for (name, text) in SERVER {
                let path = folder.join(name);
                if fs::read_to_string(&path).ok().as_deref() != Some(text) {
                    fs::write(&path, text).with_context(|| path.display().to_string())?;
                }
            }
            (".".to_owned(), folder, START_SERVER)
        }
    };
    Ok(ClaimsOrder {
        file,
        name,
        package,
        directory,
        run: arguments.run.unwrap_or_else(|| assumed.0.to_owned()),
        ready: match arguments.ready {
            Some(ready) => ready,
            None => assumed.1.parse()?,
        },
        timeout: Duration::from_secs(arguments.timeout.into()),
        out,
        fresh: arguments.fresh,
        elfin: std::env::current_exe().context("elfin's own path cannot be told")?,
        brought,
        roots: arguments.root,
    })
}
