//! Times of programs, by the clock and of the processors, and how they are told.

use std::fs;
use std::process::Command;
use std::time::Instant;

/// Runs a command: seconds by the clock and of the processors; `None` if it failed.
pub(super) fn time(command: &mut Command) -> Option<[f64; 2]> {
    let (began, worked) = (Instant::now(), of_children()?);
    let status = command.status().ok()?;
    let times = [began.elapsed().as_secs_f64(), of_children()? - worked];
    status.success().then_some(times)
}

/// Seconds that processors have worked for children that ended (proc_pid_stat(5), `cutime` and
/// `cstime`).
fn of_children() -> Option<f64> {
    /// `USER_HZ`, which Linux shows to every program on every machine that Go is on.
    const TICKS: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program, in brackets, may have any character.
    let fields = stat.rsplit_once(')')?.1.split_whitespace().skip(13).take(2);
    let ticks: Vec<f64> = fields.filter_map(|it| it.parse().ok()).collect();
    (ticks.len() == 2).then(|| ticks.iter().sum::<f64>() / TICKS)
}

/// The middle one; `None` of none.
pub(super) fn median(mut times: Vec<f64>) -> Option<f64> {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied()
}

/// A figure, what it was to be, and whether it is.
pub(super) fn verdict(figure: f64, target: f64, says: &str, holds: bool) -> String {
    format!("{says} {target} x: {figure:.2}, {}", if holds { "holds" } else { "**missed**" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_of_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(Vec::new()), None);
    }
}
