//! Versions of Go and their order.

use std::fmt;
use std::str::FromStr;

/// A version of Go: `1.24.11`, `1.25rc1`, or the language version `1.24`.
///
/// Format: golang/go src/internal/gover/gover.go (go1.26). The order is that of the fields:
/// 1.21 before 1.21rc1 before 1.21.0.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GoVersion {
    major: u32,
    minor: u32,
    /// `None` in a language version, and in one before the first release.
    patch: Option<u32>,
    /// `alpha`, `beta`, `rc` or nothing.
    kind: String,
    pre: Option<u32>,
    text: String,
}

/// A text that is no version of Go.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no version of Go; write it as 1.24.11 or go1.24.11")]
pub struct NoVersion(String);

/// The first language version whose releases all have a patch number.
const PATCH_ALWAYS: u32 = 21;

impl GoVersion {
    /// Says whether it names a language and no release: `1.24`.
    pub fn is_language(&self) -> bool {
        self.patch.is_none() && self.kind.is_empty()
    }

    /// Says whether it is a release of the same language: 1.24.11 and 1.24.
    pub fn is_of(&self, language: &GoVersion) -> bool {
        (self.major, self.minor) == (language.major, language.minor) && !self.is_language()
    }

    /// Says whether it is a finished release.
    pub fn is_release(&self) -> bool {
        self.patch.is_some()
    }

    /// Gives the first release of a language version; any other as it is.
    pub fn first_release(&self) -> GoVersion {
        if !self.is_language() {
            return self.clone();
        }
        GoVersion { patch: Some(0), text: format!("{}.0", self.text), ..self.clone() }
    }

    /// Says whether this Go can fetch others: those before 1.21 cannot.
    pub fn fetches_toolchains(&self) -> bool {
        (self.major, self.minor) >= (1, PATCH_ALWAYS)
    }
}

impl FromStr for GoVersion {
    type Err = NoVersion;

    fn from_str(given: &str) -> Result<GoVersion, NoVersion> {
        let text = given.strip_prefix("go").unwrap_or(given);
        parse(text).ok_or_else(|| NoVersion(given.to_owned()))
    }
}

fn parse(text: &str) -> Option<GoVersion> {
    let (major, rest) = number(text)?;
    let (minor, rest) = number(rest.strip_prefix('.')?)?;
    let mut version = GoVersion {
        major,
        minor,
        patch: (minor < PATCH_ALWAYS && rest.is_empty()).then_some(0),
        kind: String::new(),
        pre: None,
        text: text.to_owned(),
    };
    if let Some(patch) = rest.strip_prefix('.') {
        let (patch, rest) = number(patch)?;
        version.patch = Some(patch);
        return rest.is_empty().then_some(version);
    }
    if !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(rest.len());
        let (kind, pre) = rest.split_at(end);
        let (pre, rest) = number(pre)?;
        if !["alpha", "beta", "rc"].contains(&kind) || !rest.is_empty() {
            return None;
        }
        (version.kind, version.pre) = (kind.to_owned(), Some(pre));
    }
    Some(version)
}

/// The decimal number that a text begins with, without leading zeros, and what follows it.
fn number(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    if digits.len() > 1 && digits.starts_with('0') {
        return None;
    }
    Some((digits.parse().ok()?, rest))
}

/// The name of its toolchain: `go1.24.11`.
impl fmt::Display for GoVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "go{}", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> GoVersion {
        text.parse().unwrap()
    }

    #[test]
    fn versions_are_in_the_order_of_the_go_command() {
        let ordered =
            ["1.20", "1.20.14", "1.21", "1.21beta1", "1.21rc2", "1.21.0", "1.21.13", "1.22"];
        for pair in ordered.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
        }
        assert_eq!(version("go1.24.11"), version("1.24.11"));
        assert_eq!(version("1.24.11").to_string(), "go1.24.11");
    }

    #[test]
    fn a_language_is_told_from_its_releases() {
        assert!(version("1.24").is_language() && !version("1.24.0").is_language());
        assert!(!version("1.20").is_language() && !version("1.25rc1").is_language());
        assert!(
            version("1.24.3").is_of(&version("1.24")) && !version("1.24").is_of(&version("1.24"))
        );
        assert_eq!(version("1.24").first_release(), version("1.24.0"));
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for text in [
            "",
            "1",
            "go",
            "1.",
            "1.024",
            "1.24.",
            "1.24.1.2",
            "1.24-x",
            "1.24gamma1",
            "../x",
            "1.99999999999",
        ] {
            assert!(text.parse::<GoVersion>().is_err(), "{text}");
        }
    }
}
