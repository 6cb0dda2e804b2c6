//! From claims to verdicts: each test is made once for all that ask the same of it.

use crate::brought::Brought;
use crate::file::{Claim, ClaimsFile, Words, placeholders};
use crate::measure::{Ground, Seen, Unmeasured};
use elfin_lab::{Event, LabError, Ready};
use elfin_process::Cancel;
use elfin_schema::{CLAIMS_SCHEMA, ClaimValue, ClaimVerdict, JudgedClaim, JudgedClaims};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// What is judged, and on what.
#[derive(Debug)]
pub struct ClaimsOrder {
    /// The claims.
    pub file: ClaimsFile,
    /// What the program is called.
    pub name: String,
    /// The Go package that they are tested on.
    pub package: String,
    /// The folder in which `go` is run.
    pub directory: PathBuf,
    /// The program's arguments when it is started.
    pub run: String,
    /// When it counts as started.
    pub ready: Ready,
    /// When it counts as never ready.
    pub timeout: Duration,
    /// The output folder, absolute.
    pub out: PathBuf,
    /// Forget what earlier runs made.
    pub fresh: bool,
    /// The program `elfin` itself.
    pub elfin: PathBuf,
    /// Documents of other machines: what is said of WSL2 can be judged from those made there.
    pub brought: Brought,
    /// Root file systems, each with its name: what is said of distributions is tested in them.
    pub roots: Vec<(String, PathBuf)>,
}

/// Why claims could not be judged at all.
#[derive(Debug, thiserror::Error)]
pub enum ClaimsError {
    /// The lab could not do its work.
    #[error(transparent)]
    Lab(#[from] LabError),
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    /// A file or a folder.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Judges every claim.
///
/// `tell` hears of the lab's progress, `said` of everything else. Returns an error if the program
/// cannot be built or started at all.
pub fn run(
    order: &ClaimsOrder,
    tell: &(dyn Fn(Event) + Sync),
    said: &dyn Fn(&str),
    cancel: &Cancel,
) -> Result<JudgedClaims, ClaimsError> {
    let mut ground = Ground::new(order, tell, cancel)?;
    let mut claims = Vec::new();
    for claim in &order.file.claims {
        said(&claim.id);
        claims.push(judge(claim, &mut ground)?);
    }
    Ok(JudgedClaims {
        schema: CLAIMS_SCHEMA.to_owned(),
        elfin: env!("CARGO_PKG_VERSION").to_owned(),
        program: order.name.clone(),
        go: ground.go.clone(),
        findings: ground.findings(),
        machine: ground.machine.clone(),
        claims,
    })
}

fn judge(claim: &Claim, ground: &mut Ground<'_>) -> Result<JudgedClaim, ClaimsError> {
    let seen = match ground.measure(claim) {
        Ok(seen) => seen,
        Err(Unmeasured::Interrupted) => return Err(ClaimsError::Interrupted),
        Err(Unmeasured::Lab(error)) => return Err(error.into()),
        Err(Unmeasured::NotHere { command }) => {
            return Ok(not_here(claim, needs(claim), command));
        }
        Err(Unmeasured::Failed { says, command }) => {
            return Ok(not_here(claim, failed(&says), command));
        }
    };
    let Seen { mut values, intervals, command } = seen;
    values.insert("figure".to_owned(), claim.figure.clone());
    let rule = claim.rules.iter().find(|it| match &it.when {
        None => true,
        Some(when) => when.holds(&values) == Some(true),
    });
    let Some(rule) = rule else { return Ok(not_here(claim, needs(claim), command)) };
    let measured = values.get(&claim.measured).cloned();
    if measured.is_none() && rule.when.is_none() {
        return Ok(not_here(claim, needs(claim), command));
    }
    let (en, zh) = (filled(&rule.why.en, &values), filled(&rule.why.zh, &values));
    values.remove("figure");
    Ok(JudgedClaim {
        interval: intervals.get(&claim.measured).copied(),
        verdict: rule.verdict,
        why: en,
        why_zh: zh,
        measured,
        ..blank(claim, command, values)
    })
}

fn needs(claim: &Claim) -> Words {
    claim.needs.clone().unwrap_or_else(|| Words {
        en: "It was not measured on this machine.".to_owned(),
        zh: "本机未能测量。".to_owned(),
    })
}

fn failed(says: &str) -> Words {
    Words { en: format!("It could not be measured: {says}"), zh: format!("未能测量：{says}") }
}

fn not_here(claim: &Claim, why: Words, command: String) -> JudgedClaim {
    JudgedClaim {
        verdict: ClaimVerdict::NotHere,
        why: why.en,
        why_zh: why.zh,
        ..blank(claim, command, BTreeMap::new())
    }
}

fn blank(claim: &Claim, command: String, values: BTreeMap<String, ClaimValue>) -> JudgedClaim {
    JudgedClaim {
        id: claim.id.clone(),
        says: claim.says.en.clone(),
        says_zh: claim.says.zh.clone(),
        figure: claim.figure.clone(),
        unit: claim.unit,
        measured: None,
        interval: None,
        verdict: ClaimVerdict::NotHere,
        why: String::new(),
        why_zh: String::new(),
        command,
        test: claim.test.name.to_owned(),
        values,
    }
}

/// Puts values where a sentence names them.
fn filled(text: &str, values: &BTreeMap<String, ClaimValue>) -> String {
    let mut out = text.to_owned();
    let names: Vec<String> = placeholders(text).map(str::to_owned).collect();
    for name in names {
        let value = values.get(&name).map_or_else(|| "?".to_owned(), shown);
        out = out.replace(&format!("{{{name}}}"), &value);
    }
    out
}

/// A value in a sentence: numbers to three places, large ones in thousands.
fn shown(value: &ClaimValue) -> String {
    match value {
        ClaimValue::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        ClaimValue::Text(text) => text.clone(),
        ClaimValue::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            let digits = format!("{:.0}", number.abs());
            let mut grouped = String::new();
            for (index, digit) in digits.chars().enumerate() {
                if index > 0 && (digits.len() - index).is_multiple_of(3) {
                    grouped.push(',');
                }
                grouped.push(digit);
            }
            if *number < 0.0 { format!("−{grouped}") } else { grouped }
        }
        ClaimValue::Number(number) => {
            let places = match number.abs() {
                size if size >= 100.0 => 0,
                size if size >= 10.0 => 1,
                _ => 2,
            };
            let text = format!("{:.places$}", number.abs());
            if *number < 0.0 { format!("−{text}") } else { text }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_takes_its_values() {
        let values = BTreeMap::from([
            ("percent".to_owned(), ClaimValue::Number(-16.24)),
            ("bytes".to_owned(), ClaimValue::Number(12_345_678.0)),
            ("says".to_owned(), ClaimValue::Text("bad DT_HASH".to_owned())),
        ]);
        let text = filled("{percent} % to {bytes}: {says}, {gone}", &values);
        assert_eq!(text, "−16.2 % to 12,345,678: bad DT_HASH, ?");
    }
}
