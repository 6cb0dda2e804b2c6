//! The user's program of one recipe, looked at outside the clock: its file's facts, its memory
//! and addresses over many starts, and whether it starts where there is nothing else.

use crate::behaviour::{Launch, Reference};
use crate::error::LabError;
use crate::file_facts::FileFacts;
use crate::make::{Artifact, own_words};
use crate::store::{Key, Store};
use elfin_process::{
    Cancel, EmptyRootError, Snapshot, StartError, Tool as Command, ToolError, snapshot,
    start_in_empty_root,
};
use elfin_schema::{AslrBits, Bytes, Memory, Message, Probe, Works};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;
use std::time::Duration;

const FACTS_LIMIT: Duration = Duration::from_secs(1800);

/// Tells a file's facts in a process of its own: `helper FILE` prints them as JSON.
///
/// The inner error is in the helper's words.
pub(crate) fn file_facts(
    helper: &[String],
    artifact: &Artifact,
    store: &Store,
    cancel: &Cancel,
) -> Result<Result<FileFacts, String>, LabError> {
    let key = Key::of(["facts", &artifact.content]);
    if let Some(facts) = store.recall(&key) {
        return Ok(Ok(facts));
    }
    let [program, arguments @ ..] = helper else {
        return Ok(Err("no helper program was named".into()));
    };
    let command = Command::new(program).args(arguments).arg(&artifact.path).timeout(FACTS_LIMIT);
    let output = match command.run(cancel) {
        Ok(output) => output,
        Err(ToolError::Interrupted) => return Err(LabError::Interrupted),
        Err(error) => return Ok(Err(error.to_string())),
    };
    if !output.exit.success() {
        return Ok(Err(own_words(&output)));
    }
    match serde_json::from_slice::<FileFacts>(&output.stdout) {
        Ok(facts) => {
            store.remember(&key, &facts)?;
            Ok(Ok(facts))
        }
        Err(error) => Ok(Err(error.to_string())),
    }
}

/// What many starts showed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Seen {
    pub memory: Probe<Memory>,
    pub aslr: Probe<AslrBits>,
}

/// Starts a file many times and looks at its memory and addresses.
pub(crate) fn look(
    artifact: &Artifact,
    launch: &Launch,
    starts: usize,
    store: &Store,
    cancel: &Cancel,
) -> Result<Seen, LabError> {
    let key = Key::of(["look", &artifact.content, &launch.identity(), &starts.to_string()]);
    let definite = |seen: &Seen| seen.memory.value().is_some();
    store.memo(&key, definite, || {
        let program = launch.program(&artifact.path);
        let mut seen = Vec::with_capacity(starts);
        for _ in 0..starts {
            match snapshot(&program, &launch.ready, launch.timeout, cancel) {
                Ok(snapshot) => seen.push(snapshot),
                Err(StartError::Interrupted) => return Err(LabError::Interrupted),
                Err(error) => return Ok(not_seen(error)),
            }
        }
        Ok(Seen { memory: memory(&seen), aslr: address_bits(&seen) })
    })
}

fn not_seen(error: StartError) -> Seen {
    match error {
        StartError::NotPermitted { what } => {
            let why = Message::NotPermitted { what };
            Seen { memory: Probe::Skipped { why: why.clone() }, aslr: Probe::Skipped { why } }
        }
        error => {
            let says = error.to_string();
            Seen { memory: Probe::Failed { says: says.clone() }, aslr: Probe::Failed { says } }
        }
    }
}

fn memory(seen: &[Snapshot]) -> Probe<Memory> {
    let middle = |of: fn(&Snapshot) -> Bytes| {
        let mut values: Vec<Bytes> = seen.iter().map(of).collect();
        values.sort_unstable();
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    let value =
        Memory { max_rss: middle(|s| s.max_rss), private_dirty: middle(|s| s.private_dirty) };
    Probe::Measured { value }
}

fn address_bits(seen: &[Snapshot]) -> Probe<AslrBits> {
    let bits = |what: &str, of: fn(&Snapshot) -> Option<u64>| {
        let addresses: Option<Vec<u64>> = seen.iter().map(of).collect();
        addresses.map(|all| varying_bits(&all)).ok_or_else(|| what.to_owned())
    };
    let all = || {
        Ok(AslrBits {
            starts: seen.len(),
            text: bits("text", |s| s.text)?,
            heap: bits("heap", |s| s.heap)?,
            stack: bits("stack", |s| s.stack)?,
        })
    };
    match all() {
        Ok(value) => Probe::Measured { value },
        Err(what) => Probe::Skipped { why: Message::NotSeen { what } },
    }
}

/// Counts the bits of the addresses that were not the same each time.
pub fn varying_bits(addresses: &[u64]) -> u32 {
    let first = addresses.first().copied().unwrap_or_default();
    addresses.iter().fold(0, |varied, address| varied | (address ^ first)).count_ones()
}

/// Starts a file in an empty root.
pub(crate) fn from_scratch(
    artifact: &Artifact,
    launch: &Launch,
    reference: &Reference,
    store: &Store,
    cancel: &Cancel,
) -> Result<Probe<Works>, LabError> {
    // A no may be one for want of patience.
    let patience = launch.timeout.as_millis().to_string();
    let key = Key::of(["from-scratch", &artifact.content, &launch.identity(), &patience]);
    let definite = |probe: &Probe<Works>| probe.value().is_some();
    store.memo(&key, definite, || {
        let scratch = store.scratch()?;
        let program = launch.program(&artifact.path);
        let started =
            start_in_empty_root(&program, &launch.ready, scratch.path(), launch.timeout, cancel);
        let no = |says: String| Ok(Probe::Measured { value: Works { yes: false, says } });
        match started {
            Ok(started) if reference.ends_alike(&started) => {
                Ok(Probe::Measured { value: Works { yes: true, says: String::new() } })
            }
            Ok(started) => {
                let exit = started.exit.map_or_else(String::new, |exit| exit.to_string());
                let says = format!("{exit}: {}", String::from_utf8_lossy(&started.stderr).trim());
                no(says.trim_end_matches([':', ' ']).to_owned())
            }
            Err(EmptyRootError::NoUserNamespace { .. }) => {
                Ok(Probe::Skipped { why: Message::NoUserNamespace })
            }
            Err(EmptyRootError::Start(StartError::Interrupted)) => Err(LabError::Interrupted),
            Err(EmptyRootError::Start(StartError::CannotStart { source, .. })) => {
                no(source.to_string())
            }
            Err(EmptyRootError::Start(StartError::NeverReady { exit, stdout, stderr, .. })) => {
                let exit = exit.map_or_else(|| "never ready".into(), |exit| exit.to_string());
                let said = if stderr.is_empty() { stdout } else { stderr };
                let says = format!("{exit}: {}", String::from_utf8_lossy(&said).trim());
                no(says.trim_end_matches([':', ' ']).to_owned())
            }
            Err(EmptyRootError::Start(StartError::NotPermitted { what })) => {
                Ok(Probe::Skipped { why: Message::NotPermitted { what } })
            }
            Err(error) => Ok(Probe::Failed { says: error.to_string() }),
        }
    })
}

/// Finds the first byte in which two files differ; `None` where they are the same.
pub(crate) fn first_difference(one: &Path, other: &Path) -> io::Result<Option<u64>> {
    use std::io::Read;
    let (mut one, mut other) = (std::fs::File::open(one)?, std::fs::File::open(other)?);
    let (mut left, mut right) = (Vec::new(), Vec::new());
    let mut offset = 0u64;
    loop {
        left.clear();
        right.clear();
        one.by_ref().take(1 << 16).read_to_end(&mut left)?;
        other.by_ref().take(1 << 16).read_to_end(&mut right)?;
        if left != right {
            let same = left.iter().zip(&right).take_while(|(a, b)| a == b).count();
            return Ok(Some(offset + same as u64));
        }
        if left.is_empty() {
            return Ok(None);
        }
        offset += left.len() as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_that_never_change_are_not_counted() {
        assert_eq!(varying_bits(&[0x40_0000; 32]), 0);
        assert_eq!(varying_bits(&[0x5500_0000_1000, 0x5500_0000_2000, 0x5500_0000_3000]), 2);
        assert_eq!(varying_bits(&[]), 0);
    }

    #[test]
    fn an_address_that_was_not_seen_is_said_and_not_guessed() {
        let snapshot = Snapshot {
            max_rss: 4096,
            private_dirty: 4096,
            text: Some(1),
            heap: None,
            stack: Some(3),
        };
        let probe = address_bits(&[snapshot]);
        let why = Message::NotSeen { what: "heap".into() };
        assert_eq!(probe, Probe::Skipped { why });
    }

    #[test]
    fn the_first_difference_is_found_across_buffers() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (dir.path().join("a"), dir.path().join("b"));
        let mut bytes = vec![7u8; 200_000];
        std::fs::write(&a, &bytes).unwrap();
        std::fs::write(&b, &bytes).unwrap();
        assert_eq!(first_difference(&a, &b).unwrap(), None);
        bytes[150_001] = 8;
        std::fs::write(&b, &bytes).unwrap();
        assert_eq!(first_difference(&a, &b).unwrap(), Some(150_001));
        std::fs::write(&b, &bytes[..10]).unwrap();
        assert_eq!(first_difference(&a, &b).unwrap(), Some(10));
    }
}
