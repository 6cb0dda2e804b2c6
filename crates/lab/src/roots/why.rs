//! Why a program does not start in a root: from what the dynamic linker said and what the file asks
//! for.

use super::built::Built;
use elfin_process::{Exit, StartError, Started};
use elfin_schema::RootWhy;
use std::io::ErrorKind;

/// Why a program could not be started, or did not get ready, with its own words.
pub(super) fn of_error(error: &StartError, built: &Built, libc: &str) -> (RootWhy, String) {
    match error {
        StartError::CannotStart { source, .. } => {
            // The file itself is there, so what was not found is its interpreter.
            let why = match &built.interpreter {
                Some(path) if source.kind() == ErrorKind::NotFound => {
                    RootWhy::NoLoader { path: path.clone() }
                }
                _ => RootWhy::NotExecuted,
            };
            (why, source.to_string())
        }
        StartError::NeverReady { exit, stdout, stderr, .. } => {
            let said = words(stderr, stdout);
            let ended = || match exit {
                Some(exit) => RootWhy::Ended { exit: exit.to_string() },
                None => RootWhy::NeverReady,
            };
            (of_words(&said, built, libc).unwrap_or_else(ended), said)
        }
        error => (RootWhy::NotExecuted, error.to_string()),
    }
}

/// Why a program that ran to its end did not do what it does elsewhere; `None` where it did.
pub(super) fn of_end(
    started: &Started,
    usual: Option<Exit>,
    built: &Built,
    libc: &str,
) -> Option<(RootWhy, String)> {
    let exit = started.exit?;
    let said = words(&started.stderr, &started.stdout);
    if !exit.success()
        && let Some(why) = of_words(&said, built, libc)
    {
        return Some((why, said));
    }
    let expected = usual.unwrap_or(Exit::Code(0));
    (exit != expected).then(|| (RootWhy::Ended { exit: exit.to_string() }, said))
}

/// What a program wrote last, errors first; a few lines of it.
fn words(stderr: &[u8], stdout: &[u8]) -> String {
    const LINES: usize = 6;
    let said = if stderr.trim_ascii().is_empty() { stdout } else { stderr };
    let text = String::from_utf8_lossy(said);
    let lines: Vec<&str> = text.trim().lines().take(LINES).collect();
    lines.join("\n")
}

/// Reads what glibc's and musl's dynamic linkers say.
fn of_words(said: &str, built: &Built, libc: &str) -> Option<RootWhy> {
    let mut missing: Vec<(Vec<u64>, String, String)> = Vec::new();
    for line in said.lines() {
        // PROGRAM: /lib/…/libc.so.6: version `GLIBC_2.38' not found (required by PROGRAM)
        if let Some((before, after)) = line.split_once(": version `") {
            let (version, rest) = after.split_once('\'')?;
            if !rest.trim_start().starts_with("not found") {
                continue;
            }
            let library = before.rsplit([' ', '/']).next().unwrap_or(before);
            missing.push((numbers(version), version.to_owned(), library.to_owned()));
        }
        // PROGRAM: error while loading shared libraries: libx.so.1: cannot open shared object file
        // Error loading shared library libx.so.1: No such file or directory (needed by PROGRAM)
        for mark in ["error while loading shared libraries: ", "Error loading shared library "] {
            if let Some((_, after)) = line.split_once(mark) {
                let library = after.split(':').next().unwrap_or(after).to_owned();
                return Some(RootWhy::NoLibrary { library });
            }
        }
        // Error relocating PROGRAM: name: symbol not found
        if let Some((_, after)) = line.split_once("Error relocating ")
            && let Some(symbol) = after.strip_suffix(": symbol not found")
        {
            let symbol = symbol.rsplit(": ").next().unwrap_or(symbol).to_owned();
            return Some(RootWhy::NoSymbol { symbol });
        }
        // PROGRAM: symbol lookup error: PROGRAM: undefined symbol: name, version GLIBC_2.38
        if let Some((_, after)) = line.split_once(": undefined symbol: ") {
            let symbol = after.split(',').next().unwrap_or(after).trim().to_owned();
            return Some(RootWhy::NoSymbol { symbol });
        }
    }
    let (_, version, library) = missing.into_iter().max()?;
    let needs = built.versions.iter().find(|it| it.library == library && it.version == version);
    let symbols = needs.map(|it| it.symbols.clone()).unwrap_or_default();
    Some(RootWhy::NoVersion { library, version, has: libc.to_owned(), symbols })
}

/// The numbers of a version, by which `GLIBC_2.38` is above `GLIBC_2.4`.
fn numbers(version: &str) -> Vec<u64> {
    let parts = version.split(|it: char| !it.is_ascii_digit());
    parts.filter_map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use elfin_schema::VersionNeed;

    #[test]
    fn what_the_dynamic_linkers_say_is_understood() {
        let built = Built {
            versions: vec![VersionNeed {
                library: "libc.so.6".into(),
                version: "GLIBC_2.38".into(),
                symbols: vec!["__isoc23_strtol".into()],
            }],
            ..Built::default()
        };
        let of = |said: &str| of_words(said, &built, "glibc 2.36");
        let version = RootWhy::NoVersion {
            library: "libc.so.6".into(),
            version: "GLIBC_2.38".into(),
            has: "glibc 2.36".into(),
            symbols: vec!["__isoc23_strtol".into()],
        };
        let glibc = "/p/app: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.4' not found (required by /p/app)\n\
                     /p/app: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by /p/app)";
        assert_eq!(of(glibc), Some(version));
        let library = |library: &str| Some(RootWhy::NoLibrary { library: library.into() });
        assert_eq!(
            of(
                "/p/app: error while loading shared libraries: libz.so.1: cannot open shared object file: No such file or directory"
            ),
            library("libz.so.1")
        );
        assert_eq!(
            of(
                "Error loading shared library libz.so.1: No such file or directory (needed by /p/app)"
            ),
            library("libz.so.1")
        );
        let symbol = Some(RootWhy::NoSymbol { symbol: "strlcpy".into() });
        assert_eq!(of("Error relocating /p/app: strlcpy: symbol not found"), symbol);
        assert_eq!(of("/p/app: symbol lookup error: /p/app: undefined symbol: strlcpy"), symbol);
        assert_eq!(of("panic: oh\n"), None);
    }
}
