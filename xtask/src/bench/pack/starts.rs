//! How long each form of a program takes to start, round by round.

use super::{Form, Program, folder};
use crate::shell;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Instant;

/// Medians in milliseconds.
pub(super) struct Starts {
    pub plain: f64,
    /// Above the plain program's of the same round, in the order of [`Form::ALL`].
    pub above: [Option<f64>; 4],
    /// To copy the file's bytes into fresh memory.
    pub copy: f64,
}

/// Starts every form in every round.
pub(super) fn measure(program: &Program, rounds: usize) -> Result<Starts> {
    eprintln!("{}: {rounds} rounds of starts", program.name);
    let telemetry = folder()?.join("config/go/telemetry");
    fs::create_dir_all(&telemetry)?;
    fs::write(telemetry.join("mode"), "off")?;
    let bytes = fs::read(&program.plain)?;
    let (mut plain, mut copies) = (Vec::new(), Vec::new());
    let mut above = Form::ALL.map(|_| Vec::new());
    let (_, expected) = start(&program.plain, program.arguments)?;
    for round in 0..=rounds {
        let (base, _) = start(&program.plain, program.arguments)?;
        let copied = copy(&bytes);
        for ((packed, above), form) in program.packed.iter().zip(&mut above).zip(Form::ALL) {
            let Some(packed) = packed else { continue };
            let (time, status) = start(&packed.file, program.arguments)?;
            let ends = || format!("{} by {} ends otherwise", program.name, form.name());
            ensure!(status == expected, ends());
            if round > 0 {
                above.push(time - base);
            }
        }
        if round > 0 {
            plain.push(base);
            copies.push(copied);
        }
    }
    let above = above.map(|it| (!it.is_empty()).then(|| median(it)));
    Ok(Starts { plain: median(plain), above, copy: median(copies) })
}

fn start(file: &Path, arguments: &[&str]) -> Result<(f64, ExitStatus)> {
    let mut command = shell::command(&file.to_string_lossy());
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // A program of Go's own that counts its starts begins another for that.
    command.env("XDG_CONFIG_HOME", folder()?.join("config"));
    let began = Instant::now();
    let status = command.status().with_context(|| format!("{}", file.display()))?;
    Ok((1000.0 * began.elapsed().as_secs_f64(), status))
}

/// Copies bytes into memory that was never touched.
fn copy(bytes: &[u8]) -> f64 {
    let began = Instant::now();
    let fresh = bytes.to_vec();
    let time = 1000.0 * began.elapsed().as_secs_f64();
    assert_eq!(std::hint::black_box(&fresh).len(), bytes.len());
    time
}

pub(super) fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}
