//! `.godotenv`: which Go, and what Go is told, in this folder and below.
//!
//! A line is `NAME=VALUE`, empty, or a comment behind `#`. A value may stand in `'` or `"`; nothing
//! in it is expanded, so `$`, backticks and backslashes are themselves. Names outside Go's own are
//! refused: a folder does not get to set PATH or LD_PRELOAD.

use std::fmt;

/// The name of the file.
pub const GODOTENV: &str = ".godotenv";
/// The name that says which Go.
pub(crate) const GOVERSION: &str = "GOVERSION";

/// The names that a file may set.
///
/// Source: golang/go src/internal/cfg/cfg.go (go1.26), KnownEnv, without what only go itself sets;
/// and what the runtime reads (src/runtime/extern.go).
const NAMES: &[&str] = &[
    "AR",
    "CC",
    "CGO_CFLAGS",
    "CGO_CFLAGS_ALLOW",
    "CGO_CFLAGS_DISALLOW",
    "CGO_CPPFLAGS",
    "CGO_CPPFLAGS_ALLOW",
    "CGO_CPPFLAGS_DISALLOW",
    "CGO_CXXFLAGS",
    "CGO_CXXFLAGS_ALLOW",
    "CGO_CXXFLAGS_DISALLOW",
    "CGO_ENABLED",
    "CGO_FFLAGS",
    "CGO_FFLAGS_ALLOW",
    "CGO_FFLAGS_DISALLOW",
    "CGO_LDFLAGS",
    "CGO_LDFLAGS_ALLOW",
    "CGO_LDFLAGS_DISALLOW",
    "CXX",
    "FC",
    "GCCGO",
    "GO111MODULE",
    "GO386",
    "GOAMD64",
    "GOARCH",
    "GOARM",
    "GOARM64",
    "GOAUTH",
    "GOBIN",
    "GOCACHE",
    "GOCACHEPROG",
    "GODEBUG",
    "GOENV",
    "GOEXPERIMENT",
    "GOFIPS140",
    "GOFLAGS",
    "GOGC",
    "GOINSECURE",
    "GOMAXPROCS",
    "GOMEMLIMIT",
    "GOMIPS",
    "GOMIPS64",
    "GOMODCACHE",
    "GONOPROXY",
    "GONOSUMDB",
    "GOOS",
    "GOPATH",
    "GOPPC64",
    "GOPRIVATE",
    "GOPROXY",
    "GORISCV64",
    "GOROOT",
    "GOSUMDB",
    "GOTMPDIR",
    "GOTOOLCHAIN",
    "GOTRACEBACK",
    GOVERSION,
    "GOVCS",
    "GOWASM",
    "GOWORK",
    "GO_EXTLINK_ENABLED",
    "PKG_CONFIG",
];

/// An assignment in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The name, one of Go's own.
    pub name: String,
    /// The value, as it shall reach the environment.
    pub value: String,
    /// One-based.
    pub line: usize,
}

/// A line that is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    line: usize,
    why: Why,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Why {
    NoAssignment,
    Name(String),
    Unclosed(char),
    Trailing(String),
    Control,
    Twice(String),
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        match &self.why {
            Why::NoAssignment => f.write_str("write NAME=VALUE"),
            Why::Name(name) => write!(
                f,
                "{name:?} is none of Go's own names; only those that `go env` knows can be set here"
            ),
            Why::Unclosed(quote) => write!(f, "the {quote} is never closed"),
            Why::Trailing(rest) => write!(f, "{rest:?} stands behind the closing quote"),
            Why::Control => f.write_str("a control character stands in the value"),
            Why::Twice(name) => write!(f, "{name} is set twice"),
        }
    }
}

impl std::error::Error for BadLine {}

/// Reads the text of a file.
///
/// Fails at the first line that is not taken, so that a file works as a whole or not at all.
pub fn parse(text: &str) -> Result<Vec<Assignment>, BadLine> {
    let mut assignments: Vec<Assignment> = Vec::new();
    for (index, line) in text.strip_prefix('\u{feff}').unwrap_or(text).lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let assignment = assignment(line, index + 1)
            .and_then(|one| match assignments.iter().any(|it| it.name == one.name) {
                true => Err(Why::Twice(one.name)),
                false => Ok(one),
            })
            .map_err(|why| BadLine { line: index + 1, why })?;
        assignments.push(assignment);
    }
    Ok(assignments)
}

fn assignment(text: &str, line: usize) -> Result<Assignment, Why> {
    let (name, value) = text.split_once('=').ok_or(Why::NoAssignment)?;
    let name = name.trim();
    if !NAMES.contains(&name) {
        return Err(Why::Name(name.to_owned()));
    }
    let value = unquoted(value.trim())?;
    if value.chars().any(char::is_control) {
        return Err(Why::Control);
    }
    Ok(Assignment { name: name.to_owned(), value: value.to_owned(), line })
}

/// The value without its quotes, or without the comment behind it.
fn unquoted(value: &str) -> Result<&str, Why> {
    let Some(quote) = value.chars().next().filter(|it| matches!(it, '\'' | '"')) else {
        let end = value.find(" #").or_else(|| value.find("\t#")).unwrap_or(value.len());
        return Ok(value[..end].trim_end());
    };
    let (inside, rest) = value[1..].split_once(quote).ok_or(Why::Unclosed(quote))?;
    let rest = rest.trim();
    if rest.is_empty() || rest.starts_with('#') {
        return Ok(inside);
    }
    Err(Why::Trailing(rest.to_owned()))
}

/// Gives the text with the line of one name set, and the rest as it is.
pub fn with_version(text: &str, version: &str) -> String {
    let line = format!("{GOVERSION}={version}");
    let is_it = |it: &str| it.split_once('=').is_some_and(|(name, _)| name.trim() == GOVERSION);
    if !text.lines().any(is_it) {
        let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        return format!("{text}{gap}{line}\n");
    }
    let lines = text.lines().map(|it| if is_it(it) { &line } else { it });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        parse(text).unwrap().into_iter().map(|it| (it.name, it.value)).collect()
    }

    fn says(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn values_are_taken_as_they_stand() {
        let text = "# ours\n\nGOVERSION = 1.24.11 # pinned\nGOFLAGS='-tags=a,b -ldflags=\"-s\"'\r\n\
                    CC=\"gcc # no comment\"\nGOPROXY=$(reboot)`id`\\n;|&\nGODEBUG=\n";
        let expected = [
            ("GOVERSION", "1.24.11"),
            ("GOFLAGS", "-tags=a,b -ldflags=\"-s\""),
            ("CC", "gcc # no comment"),
            ("GOPROXY", "$(reboot)`id`\\n;|&"),
            ("GODEBUG", ""),
        ];
        assert_eq!(pairs(text), expected.map(|(name, value)| (name.into(), value.into())));
    }

    #[test]
    fn a_line_that_is_not_taken_is_named() {
        assert!(says("GOOS=linux\nPATH=/tmp").starts_with("line 2: \"PATH\" is none of"));
        assert!(says("LD_PRELOAD=x.so").contains("LD_PRELOAD"));
        assert!(says("export GOOS=linux").contains("export GOOS"));
        assert!(says("go fast").contains("NAME=VALUE"));
        assert!(says("GOFLAGS='-v").contains("never closed"));
        assert!(says("GOFLAGS='-v' -x").contains("behind the closing quote"));
        assert!(says("GOFLAGS=a\u{1b}[2J").contains("control"));
        assert!(says("GOOS=a\nGOOS=b").starts_with("line 2: GOOS is set twice"));
    }

    #[test]
    fn the_version_is_written_where_it_stands() {
        assert_eq!(with_version("", "1.24.11"), "GOVERSION=1.24.11\n");
        assert_eq!(with_version("GOOS=linux", "1.2"), "GOOS=linux\nGOVERSION=1.2\n");
        assert_eq!(
            with_version("# a\nGOVERSION = 1\nGOOS=js\n", "1.2"),
            "# a\nGOVERSION=1.2\nGOOS=js\n"
        );
    }
}
