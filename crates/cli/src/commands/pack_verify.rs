//! `elfin pack --verify`: a packed program is unpacked in memory, and its loader is run up to the program.
//!
//! The program itself is not started: its loader is told by a variable to end
//! where it would enter the program, so nothing of what the program does happens.

use crate::commands::print;
use crate::placing::Input;
use anyhow::{Context, Result};
use elfin_process::{
    Cancel, EmptyRootError, Exit, Program, Ready, StartError, Started, start, start_in_empty_root,
};
use elfin_report::Lang;
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

/// Tells the loader to end with status 0 where it would enter the program.
const ONLY_LOAD: &str = "ELFIN_PACK_ONLY_LOAD";
/// How long a loader may take.
const LIMIT: Duration = Duration::from_secs(60);
/// So many more variables are in the environment, each time.
const VARIABLES: [usize; 4] = [0, 500, 1000, 5000];

/// Verifies a packed program; false if something is not as it should be.
pub(crate) fn run(file: &Path, lang: Lang) -> Result<bool> {
    let input = Input::read(file)?;
    let original = match elfin_pack::unpack(&input.data) {
        Ok(original) => original,
        Err(error) if elfin_pack::is_packed(&input.data) => {
            say(lang, false, &format!("{}: {error}", file.display()))?;
            return Ok(false);
        }
        Err(error) => return Err(error).with_context(|| file.display().to_string()),
    };
    let inspected = elfin_pack::inspect(&input.data)?;
    let unpacked = match lang {
        Lang::En => format!(
            "unpacks to the original: {} bytes, SHA-256 {}",
            original.len(),
            inspected.original_sha256
        ),
        Lang::Zh => format!(
            "解包得到原文件：{} 字节，SHA-256 {}",
            original.len(),
            inspected.original_sha256
        ),
    };
    say(lang, true, &unpacked)?;
    let mut fine = true;
    for count in VARIABLES {
        let name = match lang {
            Lang::En => format!("loads with {count} environment variables more"),
            Lang::Zh => format!("增加 {count} 个环境变量时可加载"),
        };
        let started = start(&program(&input, count), &Ready::Exit, LIMIT, &Cancel::default());
        fine &= judge(lang, &name, loaded(&started))?;
    }
    let name = match lang {
        Lang::En => "loads in an empty root, without /proc",
        Lang::Zh => "在没有 /proc 的空根目录中可加载",
    };
    fine &= in_empty_root(&input, lang, name, inspected.kind)?;
    Ok(fine)
}

fn program(input: &Input, variables: usize) -> Program {
    let more = (0..variables).map(|it| (format!("ELFIN_VARIABLE_{it}").into(), "value".into()));
    let only: (OsString, OsString) = (ONLY_LOAD.into(), "1".into());
    Program {
        path: input.path.clone(),
        environment: more.chain([only]).collect(),
        ..Program::default()
    }
}

/// `None` if the loader did all its work; what it said, otherwise.
fn loaded(started: &Result<Started, StartError>) -> Option<String> {
    match started {
        Ok(started) if started.exit == Some(Exit::Code(0)) => None,
        Ok(started) => Some(String::from_utf8_lossy(&started.stderr).trim().to_owned()),
        Err(error) => Some(error.to_string()),
    }
}

fn in_empty_root(
    input: &Input,
    lang: Lang,
    name: &str,
    kind: elfin_schema::PackKind,
) -> Result<bool> {
    use elfin_schema::PackKind::{FixedInterpreted, Interpreted};
    if matches!(kind, FixedInterpreted | Interpreted) {
        return Ok(true); // Its dynamic linker is not in an empty root.
    }
    let parent = std::env::temp_dir();
    let program = program(input, 0);
    match start_in_empty_root(&program, &Ready::Exit, &parent, LIMIT, &Cancel::default()) {
        Err(skipped @ EmptyRootError::NoUserNamespace { .. }) => {
            let skipped = match lang {
                Lang::En => format!("skipped: {name}: {skipped}\n"),
                Lang::Zh => format!("跳过：{name}：{skipped}\n"),
            };
            print(skipped.as_bytes())?;
            Ok(true)
        }
        Err(EmptyRootError::Start(error)) => judge(lang, name, loaded(&Err(error))),
        Err(other) => Err(other.into()),
        Ok(started) => judge(lang, name, loaded(&Ok(started))),
    }
}

fn judge(lang: Lang, name: &str, failed: Option<String>) -> Result<bool> {
    let fine = failed.is_none();
    let text = failed.map_or_else(|| name.to_owned(), |says| format!("{name}: {says}"));
    say(lang, fine, &text)?;
    Ok(fine)
}

fn say(lang: Lang, fine: bool, text: &str) -> Result<()> {
    let mark = match (fine, lang) {
        (true, Lang::En) => "yes",
        (false, Lang::En) => "NO",
        (true, Lang::Zh) => "是",
        (false, Lang::Zh) => "否",
    };
    print(format!("{mark}: {text}\n").as_bytes())
}
