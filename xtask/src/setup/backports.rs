//! The source entry of the distribution's backports, derived from the entry that apt already has.
//!
//! A machine may use any mirror, so none is written down here: the new entry
//! takes location and signature of the entry whose suite is the
//! distribution's own.

use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Where packages come from: locations and key of one entry of apt's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    /// Where they are; several are parted by white space.
    pub(crate) uris: String,
    /// A file, or the key itself.
    pub(crate) signed_by: Option<String>,
}

/// Adds the backports of the distribution under `root`, and names their suite.
///
/// Returns an error if the distribution or its entry cannot be told, or the file not written.
pub(crate) fn add(root: &Path) -> Result<String> {
    let (codename, source) = own(root)?;
    let suite = format!("{codename}-backports");
    let path = root.join("etc/apt/sources.list.d/elfin-backports.sources");
    fs::write(&path, source.entry(&suite)).with_context(|| format!("{}", path.display()))?;
    Ok(suite)
}

/// The codename of the distribution under `root`, and apt's entry for it.
///
/// Returns an error if either cannot be told.
pub(crate) fn own(root: &Path) -> Result<(String, Source)> {
    let os_release = root.join("etc/os-release");
    let text = fs::read_to_string(&os_release).context("cannot read /etc/os-release")?;
    let codename = text
        .lines()
        .find_map(|line| line.strip_prefix("VERSION_CODENAME="))
        .map(|it| it.trim_matches('"'))
        .context("/etc/os-release has no VERSION_CODENAME")?;
    let apt = root.join("etc/apt");
    let source = files(&apt)
        .iter()
        .find_map(|path| find(path, codename))
        .with_context(|| format!("apt has no source entry with suite {codename}"))?;
    Ok((codename.to_owned(), source))
}

impl Source {
    fn entry(&self, suite: &str) -> String {
        let signed_by = self.signed_by.iter().map(|it| format!("Signed-By: {it}\n"));
        let entry = format!("Types: deb\nURIs: {}\nSuites: {suite}\nComponents: main\n", self.uris);
        entry + &signed_by.collect::<String>()
    }
}

/// All files that apt reads sources from.
fn files(apt: &Path) -> Vec<PathBuf> {
    let parts = fs::read_dir(apt.join("sources.list.d")).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = parts.map(|entry| entry.path()).collect();
    files.sort();
    files.insert(0, apt.join("sources.list"));
    files
}

fn find(path: &Path, codename: &str) -> Option<Source> {
    let text = fs::read_to_string(path).ok()?;
    match path.extension()?.to_str()? {
        "list" => text.lines().find_map(|line| one_line(line, codename)),
        "sources" => paragraphs(&text).find_map(|it| paragraph(&it, codename)),
        _ => None,
    }
}

/// Reads `deb [signed-by=KEY] URI SUITE COMPONENT...`.
fn one_line(line: &str, codename: &str) -> Option<Source> {
    let line = line.split('#').next()?.trim().strip_prefix("deb ")?.trim_start();
    let (options, rest) = match line.strip_prefix('[') {
        Some(line) => line.split_once(']')?,
        None => ("", line),
    };
    let [uri, suite, components @ ..] = &*rest.split_whitespace().collect::<Vec<_>>() else {
        return None;
    };
    let signed_by = options.split_whitespace().find_map(|it| it.strip_prefix("signed-by="));
    (*suite == codename && components.contains(&"main"))
        .then(|| Source { uris: (*uri).to_owned(), signed_by: signed_by.map(str::to_owned) })
}

/// Cuts a deb822 file into paragraphs without comments.
fn paragraphs(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let split = lines.split(|line| line.trim().is_empty()).map(<[&str]>::to_vec);
    split.collect::<Vec<_>>().into_iter()
}

/// Reads a paragraph of fields; the lines that go on a field begin with a space.
fn paragraph(lines: &[&str], codename: &str) -> Option<Source> {
    let field = |name: &str| {
        let is_it = |line: &&str| {
            line.split_once(':').is_some_and(|(key, _)| key.eq_ignore_ascii_case(name))
        };
        let at = lines.iter().position(is_it)?;
        let (_, first) = lines[at].split_once(':')?;
        let more = lines[at + 1..].iter().take_while(|line| line.starts_with([' ', '\t']));
        let value = more.fold(first.trim().to_owned(), |value, line| value + "\n" + line);
        Some(value.trim().to_owned())
    };
    let has = |name, word| field(name).is_some_and(|it| it.split_whitespace().any(|it| it == word));
    let enabled = field("Enabled").is_none_or(|it| it != "no");
    (enabled && has("Types", "deb") && has("Suites", codename) && has("Components", "main"))
        .then(|| Some(Source { uris: field("URIs")?, signed_by: field("Signed-By") }))?
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEB822: &str = "Types: deb\n# http://comment.example/\nURIs: http://mirror.example/debian\n\
        Suites: bookworm bookworm-updates\nComponents: main\nSigned-By: /keys/debian.gpg\n\n\
        Types: deb\nURIs: http://mirror.example/security\nSuites: bookworm-security\n\
        Components: main\n";

    fn deb822(text: &str) -> Option<Source> {
        paragraphs(text).find_map(|it| paragraph(&it, "bookworm"))
    }

    #[test]
    fn the_entry_of_the_distribution_is_found_among_others() {
        let source = deb822(DEB822).unwrap();
        assert_eq!(source.uris, "http://mirror.example/debian");
        assert_eq!(
            source.entry("bookworm-backports"),
            "Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm-backports\n\
             Components: main\nSigned-By: /keys/debian.gpg\n"
        );
    }

    #[test]
    fn an_entry_that_is_off_or_of_another_kind_is_not_taken() {
        assert_eq!(deb822(&DEB822.replace("Types: deb\n#", "Types: deb-src\n#")), None);
        assert_eq!(deb822(&format!("Enabled: no\n{DEB822}")), None);
        assert_eq!(deb822(&DEB822.replace("bookworm ", "trixie ")), None);
    }

    #[test]
    fn a_key_that_stands_in_the_entry_itself_is_kept_whole() {
        let key = "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINBF\n";
        let source = deb822(&DEB822.replace("Signed-By: /keys/debian.gpg\n", key)).unwrap();
        let again = deb822(&source.entry("bookworm")).unwrap();
        assert_eq!(again, source);
        assert!(again.signed_by.unwrap().contains("\n .\n mQINBF"));
    }

    #[test]
    fn one_line_entries_are_read_with_and_without_options() {
        let line =
            "deb [arch=amd64 signed-by=/k.gpg] http://m.example/debian bookworm main contrib";
        let source = one_line(line, "bookworm").unwrap();
        assert_eq!(source.uris, "http://m.example/debian");
        assert_eq!(source.signed_by.as_deref(), Some("/k.gpg"));
        assert!(one_line("deb http://m.example/debian bookworm main", "bookworm").is_some());
        for other in [
            "# deb http://m.example/debian bookworm main",
            "deb-src http://m.example/debian bookworm main",
            "deb http://m.example/debian bookworm-updates main",
            "deb http://m.example/debian bookworm contrib",
            "deb [broken http://m.example/debian bookworm main",
            "",
        ] {
            assert_eq!(one_line(other, "bookworm"), None, "{other}");
        }
    }
}
