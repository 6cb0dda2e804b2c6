//! The claims file: TOML, checked whole before anything is measured.
//!
//! An unknown test, a unit that does not fit the figure, a missing figure, a
//! condition that names what the test does not give: each is an error with its
//! line, so that nobody waits an hour for it.

use crate::measure::{self, Test};
use crate::rule::{Rule, RuleError};
use elfin_schema::{ClaimUnit, ClaimValue, ClaimVerdict};
use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};
use toml::Spanned;

/// The claims that come with elfin.
pub const BUNDLED: &str = include_str!("../../../claims/claims.toml");

/// Why a claims file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Not TOML, or a key that a claim does not have.
    #[error("{0}")]
    Toml(#[from] Box<toml::de::Error>),
    /// A claim is not as it must be.
    #[error("line {line}: claim {id:?}: {says}")]
    Claim {
        /// One-based line of the file.
        line: usize,
        /// The claim; empty where it has no id.
        id: String,
        /// What is wrong, and what would be right.
        says: String,
    },
    /// There is none in it.
    #[error("line 1: no claim: a claims file has `[[claim]]` tables")]
    Empty,
}

/// Words in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// English.
    pub en: String,
    /// Simplified Chinese.
    pub zh: String,
}

/// A claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Its id.
    pub id: String,
    /// What was said.
    pub says: Words,
    /// The figure that was said.
    pub figure: ClaimValue,
    /// Its unit.
    pub unit: ClaimUnit,
    /// It is about WSL2, and can be judged only there or from a document that was made there.
    pub wsl2: bool,
    pub(crate) test: Test,
    /// What the test is told: a recipe, a section.
    pub(crate) with: BTreeMap<String, String>,
    /// The name of the value that stands against the figure.
    pub(crate) measured: String,
    pub(crate) rules: Vec<Verdict>,
    /// What a machine needs that can measure it.
    pub(crate) needs: Option<Words>,
}

/// A rule with the verdict that it gives.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) when: Option<Rule>,
    pub(crate) verdict: ClaimVerdict,
    pub(crate) why: Words,
}

/// Claims, read and checked.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimsFile {
    /// The claims in their order.
    pub claims: Vec<Claim>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    claim: Vec<Spanned<RawClaim>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawClaim {
    id: Option<Spanned<String>>,
    says: Option<Words>,
    figure: Option<Spanned<toml::Value>>,
    unit: Option<Spanned<String>>,
    #[serde(default)]
    wsl2: bool,
    test: Option<Spanned<String>>,
    #[serde(default)]
    with: BTreeMap<String, String>,
    measured: Option<Spanned<String>>,
    #[serde(default)]
    rule: Vec<Spanned<RawRule>>,
    needs: Option<Words>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    when: Option<Spanned<String>>,
    verdict: ClaimVerdict,
    en: String,
    zh: String,
}

impl ClaimsFile {
    /// Reads a claims file.
    ///
    /// Returns an error, with its line, if a claim is not as it must be.
    pub fn parse(text: &str) -> Result<ClaimsFile, FileError> {
        let raw: RawFile = toml::from_str(text).map_err(Box::new)?;
        let mut seen = HashSet::new();
        let mut claims = Vec::new();
        for claim in raw.claim {
            let claim = Reader::new(text, &claim).claim(claim.into_inner(), &mut seen)?;
            claims.push(claim);
        }
        if claims.is_empty() { Err(FileError::Empty) } else { Ok(ClaimsFile { claims }) }
    }

    /// Keeps the claims whose id matches a pattern, in which `*` stands for anything.
    pub fn only(&mut self, pattern: &str) {
        self.claims.retain(|it| matches(pattern, &it.id));
    }
}

/// Tells whether a text matches a pattern, in which `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, between)) = parts.split_last() else { return rest.is_empty() };
    for part in between {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// Reads one claim and knows where it stands.
struct Reader<'t> {
    text: &'t str,
    start: usize,
    id: String,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, claim: &Spanned<RawClaim>) -> Reader<'t> {
        let id = claim.get_ref().id.as_ref().map(|it| it.get_ref().clone());
        Reader { text, start: claim.span().start, id: id.unwrap_or_default() }
    }

    fn error(&self, at: usize, says: impl Into<String>) -> FileError {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        FileError::Claim { line, id: self.id.clone(), says: says.into() }
    }

    fn missing(&self, key: &str, remedy: &str) -> FileError {
        self.error(self.start, format!("has no `{key}`: {remedy}"))
    }

    fn claim(&self, raw: RawClaim, seen: &mut HashSet<String>) -> Result<Claim, FileError> {
        let id = raw.id.as_ref().ok_or_else(|| self.missing("id", "give it one of its own"))?;
        if !seen.insert(id.get_ref().clone()) {
            return Err(self.error(id.span().start, "another claim has this id"));
        }
        let figure = raw
            .figure
            .as_ref()
            .ok_or_else(|| self.missing("figure", "say the number that was claimed, or true"))?;
        let unit = self.unit(raw.unit.as_ref())?;
        let figure = self.figure(figure, unit, raw.unit.as_ref())?;
        let test = self.test(raw.test.as_ref())?;
        for key in raw.with.keys() {
            if !test.takes.contains(&key.as_str()) {
                let takes = test.takes.join(", ");
                return Err(self.error(
                    self.start,
                    format!("`with.{key}`: the test {} takes {takes}", test.name),
                ));
            }
        }
        let measured = raw.measured.ok_or_else(|| {
            self.missing("measured", "name the value that stands against the figure")
        })?;
        self.known(test, measured.get_ref(), measured.span().start)?;
        let rules = raw.rule.into_iter().map(|it| self.rule(it, test));
        let rules: Vec<Verdict> = rules.collect::<Result<_, _>>()?;
        if rules.last().is_none_or(|it| it.when.is_some()) {
            let says = "its last `[[claim.rule]]` has a `when`, or there is none: \
                        the last rule is for every other case and has none";
            return Err(self.error(self.start, says));
        }
        Ok(Claim {
            id: id.get_ref().clone(),
            says: raw.says.ok_or_else(|| self.missing("says", "give `en` and `zh`"))?,
            figure,
            unit,
            wsl2: raw.wsl2,
            test: *test,
            with: raw.with,
            measured: measured.into_inner(),
            rules,
            needs: raw.needs,
        })
    }

    fn unit(&self, unit: Option<&Spanned<String>>) -> Result<ClaimUnit, FileError> {
        let unit = unit.ok_or_else(|| self.missing("unit", "percent, ratio, ms, bool, …"))?;
        let known = ClaimUnit::ALL.iter().find(|(name, _)| name == unit.get_ref());
        known.map(|(_, unit)| *unit).ok_or_else(|| {
            let all = ClaimUnit::ALL.map(|(name, _)| name).join(", ");
            self.error(unit.span().start, format!("unknown unit {:?}: use {all}", unit.get_ref()))
        })
    }

    fn figure(
        &self,
        figure: &Spanned<toml::Value>,
        unit: ClaimUnit,
        named: Option<&Spanned<String>>,
    ) -> Result<ClaimValue, FileError> {
        let value = match figure.get_ref() {
            toml::Value::Boolean(yes) => ClaimValue::Bool(*yes),
            toml::Value::Float(number) => ClaimValue::Number(*number),
            // Exact up to 2^53, beyond which nobody claims anything.
            toml::Value::Integer(number) => ClaimValue::Number(*number as f64),
            toml::Value::String(text) => ClaimValue::Text(text.clone()),
            other => {
                let says =
                    format!("the figure {other} is no number, no text and not true or false");
                return Err(self.error(figure.span().start, says));
            }
        };
        let fits = match value {
            ClaimValue::Bool(_) => unit == ClaimUnit::Bool,
            ClaimValue::Text(_) => unit == ClaimUnit::Text,
            ClaimValue::Number(it) => {
                it.is_finite() && !matches!(unit, ClaimUnit::Bool | ClaimUnit::Text)
            }
        };
        if fits {
            return Ok(value);
        }
        let unit = named.map(|it| it.get_ref().clone()).unwrap_or_default();
        let says = format!("the unit {unit:?} does not fit the figure {}", figure.get_ref());
        Err(self.error(named.map_or(self.start, |it| it.span().start), says))
    }

    fn test(&self, test: Option<&Spanned<String>>) -> Result<&'static Test, FileError> {
        let test = test.ok_or_else(|| self.missing("test", "name the test that is made"))?;
        measure::TESTS.iter().find(|it| it.name == test.get_ref()).ok_or_else(|| {
            let all: Vec<&str> = measure::TESTS.iter().map(|it| it.name).collect();
            let says = format!("unknown test {:?}: there are {}", test.get_ref(), all.join(", "));
            self.error(test.span().start, says)
        })
    }

    fn known(&self, test: &Test, name: &str, at: usize) -> Result<(), FileError> {
        if test.gives.contains(&name) || name == "figure" {
            return Ok(());
        }
        let gives = test.gives.join(", ");
        Err(self
            .error(at, format!("the test {} does not give {name:?}: it gives {gives}", test.name)))
    }

    fn rule(&self, rule: Spanned<RawRule>, test: &Test) -> Result<Verdict, FileError> {
        let at = rule.span().start;
        let rule = rule.into_inner();
        for text in [&rule.en, &rule.zh] {
            for name in placeholders(text) {
                self.known(test, name, at)?;
            }
        }
        let when = match &rule.when {
            None => None,
            Some(text) => {
                let at = text.span().start;
                let parsed = Rule::parse(text.get_ref());
                let parsed =
                    parsed.map_err(|error: RuleError| self.error(at, error.to_string()))?;
                for name in parsed.names() {
                    self.known(test, name, at)?;
                }
                Some(parsed)
            }
        };
        let why = Words { en: rule.en, zh: rule.zh };
        Ok(Verdict { when, verdict: rule.verdict, why })
    }
}

/// The names in braces.
pub(crate) fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|it| it.split_once('}').map(|(name, _)| name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_claims_are_in_order_and_there_are_all_of_them() {
        let file = ClaimsFile::parse(BUNDLED).unwrap();
        assert_eq!(file.claims.len(), 37);
    }

    const GOOD: &str = "[[claim]]\nid = \"a\"\nsays = { en = \"x\", zh = \"y\" }\nfigure = 1.5\n\
                        unit = \"percent\"\ntest = \"lab\"\nwith = { recipe = \"pie\" }\n\
                        measured = \"percent\"\n[[claim.rule]]\nverdict = \"holds\"\n\
                        when = \"percent > 1\"\nen = \"e {percent}\"\nzh = \"z\"\n\
                        [[claim.rule]]\nverdict = \"does-not-hold\"\nen = \"e\"\nzh = \"z\"\n";

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        assert_eq!(ClaimsFile::parse(GOOD).unwrap().claims.len(), 1);
        let cases = [
            ("figure = 1.5\n", "", "line 1: claim \"a\": has no `figure`"),
            (
                "\"percent\"\ntest",
                "\"furlong\"\ntest",
                "line 5: claim \"a\": unknown unit \"furlong\"",
            ),
            (
                "figure = 1.5",
                "figure = true",
                "line 5: claim \"a\": the unit \"percent\" does not fit",
            ),
            ("\"lab\"", "\"oracle\"", "line 6: claim \"a\": unknown test \"oracle\""),
            (
                "percent > 1",
                "price > 1",
                "line 11: claim \"a\": the test lab does not give \"price\"",
            ),
            ("percent > 1", "percent >", "line 11: claim \"a\": condition `percent >`"),
            ("{percent}", "{price}", "does not give \"price\""),
            ("recipe = \"pie\"", "section = \"x\"", "`with.section`: the test lab takes recipe"),
        ];
        for (from, to, expected) in cases {
            let says = ClaimsFile::parse(&GOOD.replace(from, to)).unwrap_err().to_string();
            assert!(says.contains(expected), "{to}: {says}");
        }
        assert!(ClaimsFile::parse("").is_err());
        let twice = format!("{GOOD}{GOOD}");
        assert!(ClaimsFile::parse(&twice).unwrap_err().to_string().contains("another claim"));
        assert!(
            ClaimsFile::parse("[[claim]]\nsort = 1\n").unwrap_err().to_string().contains("line 2")
        );
    }

    #[test]
    fn a_pattern_takes_what_it_names() {
        for (pattern, id, expected) in [
            ("4.*", "4.pie.rop", true),
            ("4.*", "1.pie", false),
            ("*.pie.*", "4.pie.rop", true),
            ("4.pie", "4.pie.rop", false),
            ("*", "x", true),
            ("1.*.wsl", "1.pie.wsl", true),
        ] {
            assert_eq!(matches(pattern, id), expected, "{pattern} {id}");
        }
    }
}
