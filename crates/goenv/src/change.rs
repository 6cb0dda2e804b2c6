//! What changes in a shell's environment on entering a folder, and back on leaving it.
//!
//! The variable ELFIN_ENV remembers what each name was before, so that leaving restores exactly
//! that, in this shell and in those started from it.

use crate::Surroundings;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// The variable that remembers.
pub const STATE: &str = "ELFIN_ENV";

/// What a folder wants of the environment; the same as nothing where no file decides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// What PATH shall begin with.
    pub bin: Option<PathBuf>,
    /// Other names, each with its value or taken away.
    pub variables: BTreeMap<String, Option<OsString>>,
}

/// A name with its new value, or taken away.
pub type Change = (OsString, Option<OsString>);

/// What an earlier change remembered.
#[derive(Debug, Default)]
struct State {
    bin: Option<PathBuf>,
    before: BTreeMap<OsString, Option<OsString>>,
}

/// The surroundings as they were before elfin changed anything.
pub fn before(current: &Surroundings) -> Surroundings {
    let mut before = current.clone();
    let Some(state) = before.variables.remove(OsStr::new(STATE)) else { return before };
    let state = State::read(state.as_bytes()).unwrap_or_default();
    for (name, value) in state.before {
        let value = match &state.bin {
            Some(bin) if name == "PATH" => path_before(current, bin, value),
            _ => value,
        };
        set(&mut before.variables, name, value);
    }
    before
}

/// PATH without what was put in front; what somebody else changed meanwhile stays.
fn path_before(current: &Surroundings, bin: &Path, was: Option<OsString>) -> Option<OsString> {
    let now = current.variables.get(OsStr::new("PATH"));
    if now == Some(&in_front(bin, was.as_deref())) {
        return was;
    }
    let now = now?;
    let mut taken = false;
    let kept = now.as_bytes().split(|byte| *byte == b':').filter(|folder| {
        let is_it = !taken && *folder == bin.as_os_str().as_bytes();
        taken |= is_it;
        !is_it
    });
    Some(OsString::from_vec(kept.collect::<Vec<_>>().join(&b':')))
}

fn in_front(bin: &Path, path: Option<&OsStr>) -> OsString {
    let mut whole = bin.as_os_str().to_owned();
    if let Some(path) = path {
        whole.push(":");
        whole.push(path);
    }
    whole
}

/// The changes that lead from the current environment to what a folder wants.
pub fn changes(current: &Surroundings, target: &Target) -> Vec<Change> {
    let before = before(current).variables;
    let mut after = before.clone();
    let mut state = State { bin: target.bin.clone(), before: BTreeMap::new() };
    let mut wanted: Vec<Change> = target
        .variables
        .iter()
        .map(|(name, value)| (OsString::from(name), value.clone()))
        .collect();
    if let Some(bin) = &target.bin {
        let path = before.get(OsStr::new("PATH")).map(OsString::as_os_str);
        wanted.push(("PATH".into(), Some(in_front(bin, path))));
    }
    for (name, value) in wanted {
        state.before.insert(name.clone(), before.get(&name).cloned());
        set(&mut after, name, value);
    }
    if !state.before.is_empty() {
        after.insert(STATE.into(), state.write());
    }
    let mut names: Vec<&OsString> = current.variables.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter(|name| current.variables.get(*name) != after.get(*name))
        .map(|name| (name.clone(), after.get(name).cloned()))
        .collect()
}

fn set(variables: &mut BTreeMap<OsString, OsString>, name: OsString, value: Option<OsString>) {
    match value {
        Some(value) => variables.insert(name, value),
        None => variables.remove(&name),
    };
}

impl State {
    /// `1:BIN:NAME=VALUE:NAME…`, with all but letters, digits and some signs as `%XX`.
    fn write(&self) -> OsString {
        let bin = self.bin.as_ref().map(|bin| escaped(bin.as_os_str())).unwrap_or_default();
        let mut text = format!("1:{bin}");
        for (name, value) in &self.before {
            text.push(':');
            text.push_str(&escaped(name));
            if let Some(value) = value {
                text.push('=');
                text.push_str(&escaped(value));
            }
        }
        text.into()
    }

    fn read(text: &[u8]) -> Option<State> {
        let mut parts = std::str::from_utf8(text).ok()?.strip_prefix("1:")?.split(':');
        let bin = unescaped(parts.next()?)?;
        let bin = Some(PathBuf::from(bin)).filter(|bin| !bin.as_os_str().is_empty());
        let mut before = BTreeMap::new();
        for part in parts {
            match part.split_once('=') {
                Some((name, value)) => before.insert(unescaped(name)?, Some(unescaped(value)?)),
                None => before.insert(unescaped(part)?, None),
            };
        }
        Some(State { bin, before })
    }
}

fn escaped(text: &OsStr) -> String {
    let mut escaped = String::new();
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"_./-@+,".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02x}"));
        }
    }
    escaped
}

fn unescaped(text: &str) -> Option<OsString> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &rest[2..];
    }
    Some(OsString::from_vec(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surroundings(pairs: &[(&str, &str)]) -> Surroundings {
        let variables = pairs.iter().map(|(name, value)| (name.into(), value.into())).collect();
        Surroundings { variables, ..Surroundings::default() }
    }

    fn apply(current: &Surroundings, changes: Vec<Change>) -> Surroundings {
        let mut next = current.clone();
        for (name, value) in changes {
            set(&mut next.variables, name, value);
        }
        next
    }

    fn target(bin: &str, pairs: &[(&str, Option<&str>)]) -> Target {
        let variables = pairs.iter().map(|(name, value)| (name.to_string(), value.map(Into::into)));
        Target { bin: Some(bin.into()), variables: variables.collect() }
    }

    #[test]
    fn leaving_restores_exactly_what_was_there() {
        let odd = "a=b:c%d 'e'\n\u{1b}$(x)";
        let home = surroundings(&[("PATH", "/bin::/x"), ("GOROOT", odd), ("OTHER", "1")]);
        let one = target("/go1/bin", &[("GOROOT", None), ("GOFLAGS", Some("-v"))]);
        let two = target("/go2/bin", &[("GOOS", Some("js"))]);
        let in_one = apply(&home, changes(&home, &one));
        assert_eq!(in_one.get("PATH").unwrap(), "/go1/bin:/bin::/x");
        assert!(in_one.get("GOROOT").is_none());
        assert_eq!(changes(&in_one, &one), []);
        let in_two = apply(&in_one, changes(&in_one, &two));
        assert_eq!(in_two.get("PATH").unwrap(), "/go2/bin:/bin::/x");
        assert_eq!(in_two.get("GOROOT").unwrap(), odd);
        assert!(in_two.get("GOFLAGS").is_none());
        assert_eq!(before(&in_two), home);
        assert_eq!(apply(&in_two, changes(&in_two, &Target::default())), home);
    }

    #[test]
    fn what_somebody_else_put_into_path_stays() {
        let home = surroundings(&[("PATH", "/bin")]);
        let mut inside = apply(&home, changes(&home, &target("/go/bin", &[])));
        inside.variables.insert("PATH".into(), "/venv:/go/bin:/bin".into());
        let left = apply(&inside, changes(&inside, &Target::default()));
        assert_eq!(left.get("PATH").unwrap(), "/venv:/bin");
    }

    #[test]
    fn a_state_that_is_none_is_forgotten() {
        for text in ["", "2:", "1:%zz", "1::A=%4", "\u{1}", "1:%e4%b8"] {
            let odd = surroundings(&[("PATH", "/bin"), (STATE, text)]);
            let left = apply(&odd, changes(&odd, &Target::default()));
            assert_eq!(left.get("PATH").unwrap(), "/bin", "{text:?}");
            assert!(!left.variables.contains_key(OsStr::new(STATE)));
        }
    }
}
