//! `elfin claims --json`: published claims with what was measured here and the verdict.
//!
//! The words of a claim and of its verdict come out of the claims file, in both
//! languages, because a claims file may be anybody's.

use crate::{Machine, ReadError, read_one};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The schema of judged claims.
pub const CLAIMS_SCHEMA: &str = "elfin.claims/1";

/// Claims, judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JudgedClaims {
    /// Always [`CLAIMS_SCHEMA`].
    pub schema: String,
    /// The version of elfin that judged.
    pub elfin: String,
    /// The program that they were tested on.
    pub program: String,
    /// `go version` of the Go that built it.
    pub go: String,
    /// The machine.
    pub machine: Machine,
    /// What disturbs the figures.
    #[serde(default)]
    pub findings: Vec<crate::Message>,
    /// The claims, in the order of the file.
    pub claims: Vec<JudgedClaim>,
}

/// A claim with its verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JudgedClaim {
    /// Its id: `1.pie.native`.
    pub id: String,
    /// What was said.
    pub says: String,
    /// The same in Chinese.
    pub says_zh: String,
    /// The figure that was said.
    pub figure: ClaimValue,
    /// Its unit.
    pub unit: ClaimUnit,
    /// What was measured here; `None` where it was not.
    pub measured: Option<ClaimValue>,
    /// Where measurements have one: the 95 % interval of what was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<[f64; 2]>,
    /// The verdict.
    pub verdict: ClaimVerdict,
    /// Why, in one sentence.
    pub why: String,
    /// The same in Chinese.
    pub why_zh: String,
    /// A command that shows it.
    pub command: String,
    /// The test that was made.
    pub test: String,
    /// Everything that the test gave, by name.
    pub values: BTreeMap<String, ClaimValue>,
}

/// A value of a test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ClaimValue {
    /// Yes or no.
    Bool(bool),
    /// A number, in the unit that its name tells.
    Number(f64),
    /// Words of a tool, a version, a list.
    Text(String),
}

/// What a claim turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimVerdict {
    /// It is so.
    Holds,
    /// A part of it is so; why says which.
    InPart,
    /// It is not so.
    DoesNotHold,
    /// It cannot be so, as it was said.
    Impossible,
    /// It cannot be measured here; why says what that needs.
    NotHere,
}

impl ClaimVerdict {
    /// Every verdict.
    pub const ALL: [ClaimVerdict; 5] = [
        ClaimVerdict::Holds,
        ClaimVerdict::InPart,
        ClaimVerdict::DoesNotHold,
        ClaimVerdict::Impossible,
        ClaimVerdict::NotHere,
    ];
}

/// The unit of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClaimUnit {
    /// Change against the baseline.
    Percent,
    /// How many times.
    Ratio,
    /// Milliseconds.
    Ms,
    /// Microseconds.
    Us,
    /// Nanoseconds.
    Ns,
    /// Megabytes of 1,000,000 bytes.
    Mb,
    /// Kilobytes of 1,000 bytes.
    Kb,
    /// Bytes.
    Bytes,
    /// A number of things.
    Count,
    /// Address bits.
    Bits,
    /// Yes or no.
    Bool,
    /// Words.
    Text,
}

impl ClaimUnit {
    /// Every unit with its name in a claims file.
    pub const ALL: [(&'static str, ClaimUnit); 12] = [
        ("percent", ClaimUnit::Percent),
        ("ratio", ClaimUnit::Ratio),
        ("ms", ClaimUnit::Ms),
        ("us", ClaimUnit::Us),
        ("ns", ClaimUnit::Ns),
        ("mb", ClaimUnit::Mb),
        ("kb", ClaimUnit::Kb),
        ("bytes", ClaimUnit::Bytes),
        ("count", ClaimUnit::Count),
        ("bits", ClaimUnit::Bits),
        ("bool", ClaimUnit::Bool),
        ("text", ClaimUnit::Text),
    ];
}

/// Reads judged claims.
///
/// Returns an error if the text is not JSON of [`CLAIMS_SCHEMA`].
pub fn read_claims(text: &str) -> Result<JudgedClaims, ReadError> {
    read_one(text, 1, CLAIMS_SCHEMA)
}
