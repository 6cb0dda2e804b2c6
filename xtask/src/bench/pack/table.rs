//! The table of sizes and starts, and whether what was promised holds.

use super::starts::Starts;
use super::{Form, MOST_MEMORY, Program};
use anyhow::Result;
use std::fmt::Write;
use std::fs;

/// From that size on no file may be larger than UPX makes it.
const LARGE: u64 = 5_000_000;

/// Writes all in Markdown.
pub(super) fn write(programs: &[Program], starts: &[Starts]) -> Result<String> {
    let mut text = format!(
        "Written by `cargo xtask bench pack`: stripped programs, UPX 4.2.2 or newer; all starts of a \
         row are of one run, interleaved.\nTransparent huge pages: `{}`.\n\n| program | plain |",
        huge_pages().trim()
    );
    Form::ALL.iter().for_each(|it| text.push_str(&format!(" `{}` |", it.name())));
    text.push_str("\n| :-- | --: | --: | --: | --: | --: |\n");
    for program in programs {
        let _ = write!(text, "| {} | {} |", program.name, fs::metadata(&program.plain)?.len());
        for packed in &program.packed {
            let size = packed.as_ref().map_or("refused".to_owned(), |it| it.size.to_string());
            let _ = write!(text, " {size} |");
        }
        text.push('\n');
    }
    let totals = Form::ALL.map(|form| total(programs, form));
    let _ = writeln!(
        text,
        "| total | | {} | {} | {} | {} |\n",
        totals[0], totals[1], totals[2], totals[3]
    );
    text.push_str(
        "Milliseconds of a start above the plain program's, median; the last columns say how many times \
         longer than merely copying the unpacked bytes into fresh memory.\n\n| program | plain |",
    );
    Form::ALL.iter().for_each(|it| text.push_str(&format!(" `{}` |", it.name())));
    text.push_str(" copy | fast / copy | small / copy |\n| :-- | --: | --: | --: | --: | --: | --: | --: | --: |\n");
    for (program, starts) in programs.iter().zip(starts) {
        let _ = write!(text, "| {} | {:.1} |", program.name, starts.plain);
        for above in starts.above {
            let _ = write!(text, " {} |", above.map_or("–".to_owned(), |it| format!("{it:.1}")));
        }
        let times = |form: usize| starts.above[form].map_or(f64::NAN, |it| it / starts.copy);
        let _ = writeln!(text, " {:.2} | ×{:.1} | ×{:.1} |", starts.copy, times(2), times(3));
    }
    text.push_str(&promises(programs, starts, totals)?);
    Ok(text)
}

/// What the kernel says of huge pages.
fn huge_pages() -> String {
    fs::read_to_string("/sys/kernel/mm/transparent_hugepage/enabled").unwrap_or_default()
}

fn total(programs: &[Program], form: Form) -> u64 {
    programs.iter().filter_map(|it| it.packed[form as usize].as_ref()).map(|it| it.size).sum()
}

/// Each promise with what came of it.
fn promises(programs: &[Program], starts: &[Starts], totals: [u64; 4]) -> Result<String> {
    let mut text = "\n| promise | | |\n| :-- | --: | :-- |\n".to_owned();
    let mut say = |promise: &str, is: String, holds: bool| {
        let _ =
            writeln!(text, "| {promise} | {is} | {} |", if holds { "holds" } else { "**missed**" });
    };
    let saved = |of: usize, by: usize| 100.0 - 100.0 * totals[of] as f64 / totals[by] as f64;
    let (small, fast) = (saved(3, 1), saved(2, 0));
    say(
        "--small at least 5 % smaller than `upx --best --lzma`",
        format!("{small:.1} %"),
        small >= 5.0,
    );
    say("--fast at least 10 % smaller than `upx --best`", format!("{fast:.1} %"), fast >= 10.0);
    let mut worst = [(f64::MIN, ""); 2];
    for program in programs {
        let [Some(lzma), Some(small)] = [1, 3].map(|it| program.packed[it].as_ref()) else {
            continue;
        };
        let more = 100.0 * small.size as f64 / lzma.size as f64 - 100.0;
        let class = usize::from(fs::metadata(&program.plain)?.len() > LARGE);
        if more > worst[class].0 {
            worst[class] = (more, &program.name);
        }
    }
    for ((more, name), (most, what)) in worst
        .into_iter()
        .zip([(3.0, "no file below 5 MB more than 3 % larger"), (0.0, "no file above 5 MB larger")])
    {
        say(what, format!("{more:+.1} % {name}"), more <= most);
    }
    let (fast, most) = if huge_pages().contains("[never]") {
        ("--fast at least 3x less above plain than `upx --best`", 3.0)
    } else {
        ("--fast at least 4x less above plain than `upx --best`, with huge pages", 4.0)
    };
    for (promise, form, against, least) in [
        ("--small at least 4x less above plain than `upx --best --lzma`", 3, 1, 4.0),
        (fast, 2, 0, most),
    ] {
        let times = starts.iter().zip(programs).filter_map(|(it, program)| {
            Some((it.above[against]? / it.above[form]?, program.name.as_str()))
        });
        let worst = times.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((f64::NAN, ""));
        say(promise, format!("×{:.1} {}", worst.0, worst.1), worst.0 >= least);
    }
    let (mut slowest, mut memory) = ((0.0_f64, ""), (0.0_f64, ""));
    for program in programs {
        let len = fs::metadata(&program.plain)?.len() as f64;
        let cost = |it: usize| program.packed[it].as_ref().and_then(|it| it.cost);
        let Some(lzma) = cost(Form::Lzma as usize) else { continue };
        for ours in [Form::Fast, Form::Small].iter().filter_map(|it| cost(*it as usize)) {
            let (time, share) = (ours.seconds / lzma.seconds, ours.memory as f64 / len);
            if time > slowest.0 {
                slowest = (time, &program.name);
            }
            if share > memory.0 {
                memory = (share, &program.name);
            }
        }
    }
    say(
        "packing takes no longer than `upx --best --lzma`",
        format!("×{:.2} {}", slowest.0, slowest.1),
        slowest.0 <= 1.0,
    );
    say(
        "and at most 12 times the file in memory",
        format!("×{:.1} {}", memory.0, memory.1),
        memory.0 <= MOST_MEMORY,
    );
    Ok(text)
}
