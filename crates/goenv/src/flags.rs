//! The user's own GOFLAGS.
//!
//! A flag on the command line of `go build` replaces the same flag in
//! GOFLAGS, so a variant that sets `-ldflags` or `-tags` has to say the
//! user's again; and what GOFLAGS names by a path reaches the binary. Which
//! flags there are is Go's business: nothing is refused here.

use std::fmt;

/// The flags in GOFLAGS, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GoFlags(Vec<String>);

impl GoFlags {
    /// Splits as Go does: at spaces, a whole element in `'` or `"` kept together.
    ///
    /// Source: golang/go src/cmd/internal/quoted/quoted.go (go1.26).
    pub fn parse(text: &str) -> GoFlags {
        let mut flags = Vec::new();
        let mut rest = text.trim_start();
        while let Some(first) = rest.chars().next() {
            let (flag, after) = match first {
                '\'' | '"' => {
                    let inside = &rest[1..];
                    inside.split_once(first).unwrap_or((inside, ""))
                }
                _ => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
            };
            flags.push(flag.to_owned());
            rest = after.trim_start();
        }
        GoFlags(flags)
    }

    /// The value of a flag, given without dashes; where it is there twice, the last counts.
    pub fn value(&self, name: &str) -> Option<&str> {
        let flag = self.0.iter().rfind(|flag| flag_name(flag) == name)?;
        flag.split_once('=').map(|(_, value)| value)
    }

    /// The flags' names, in order, without dashes.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|flag| flag_name(flag))
    }

    /// These and one more.
    #[must_use]
    pub fn with(mut self, flag: String) -> GoFlags {
        self.0.push(flag);
        self
    }

    /// All but the flags of these names.
    pub fn without(&self, names: &[&str]) -> GoFlags {
        let kept = self.0.iter().filter(|flag| !names.contains(&flag_name(flag)));
        GoFlags(kept.cloned().collect())
    }
}

/// `mod` of `-mod=vendor` and of `--mod=vendor`.
fn flag_name(flag: &str) -> &str {
    let flag = flag.trim_start_matches('-');
    flag.split_once('=').map_or(flag, |(name, _)| name)
}

impl fmt::Display for GoFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = self.0.iter().map(|flag| match flag {
            flag if flag.contains('\'') => format!("\"{flag}\""),
            flag if flag.contains(|letter: char| letter.is_whitespace() || letter == '"') => {
                format!("'{flag}'")
            }
            flag => flag.clone(),
        });
        f.write_str(&quoted.collect::<Vec<_>>().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_split_as_go_splits_them_and_written_back() {
        let text = r#"-trimpath '-ldflags=-s -w' --tags=a,b "-ldflags=-X 'main.v=1 2'""#;
        let flags = GoFlags::parse(text);
        assert_eq!(flags.to_string(), text);
        assert_eq!(flags.value("ldflags"), Some("-X 'main.v=1 2'"));
        assert_eq!(flags.value("tags"), Some("a,b"));
        assert_eq!((flags.value("trimpath"), flags.value("mod")), (None, None));
        assert_eq!(flags.without(&["ldflags", "tags"]).to_string(), "-trimpath");
        assert_eq!(GoFlags::parse("  'never closed").to_string(), "'never closed'");
    }
}
