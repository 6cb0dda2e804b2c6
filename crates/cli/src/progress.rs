//! The progress line: what is being done, how many are left, and an estimate.

use elfin_lab::Event;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Where there is no terminal, a line is printed this often.
const QUIET_STEP: Duration = Duration::from_secs(10);

/// Shows events on standard error.
pub(crate) struct Line {
    bar: ProgressBar,
    /// When the last plain line was printed; `None` on a terminal.
    plain: Option<std::sync::Mutex<Instant>>,
}

impl Line {
    pub(crate) fn new() -> Line {
        let terminal = std::io::stderr().is_terminal();
        let bar = if terminal { ProgressBar::new(0) } else { ProgressBar::hidden() };
        let style = ProgressStyle::with_template("{bar:24.cyan/dim} {pos}/{len} {wide_msg}");
        if let Ok(style) = style {
            bar.set_style(style.progress_chars("━━─"));
        }
        Line { bar, plain: (!terminal).then(|| std::sync::Mutex::new(Instant::now())) }
    }

    /// Shows an event.
    pub(crate) fn show(&self, event: &Event) {
        let left = event.left.map(|left| format!(", {} left", duration(left))).unwrap_or_default();
        let text = format!("{} {}{left}", event.phase.word(), event.doing);
        self.bar.set_length(event.total as u64);
        self.bar.set_position(event.done as u64);
        self.bar.set_message(text.clone());
        let Some(last) = &self.plain else { return };
        let mut last = last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if last.elapsed() >= QUIET_STEP {
            *last = Instant::now();
            eprintln!("{}/{} {text}", event.done, event.total);
        }
    }

    /// Takes the line away.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

/// What is being done now, on a terminal's last line; nothing elsewhere. Gone when dropped.
pub(crate) struct Spinner(ProgressBar);

impl Spinner {
    pub(crate) fn new() -> Spinner {
        const STEP: Duration = Duration::from_millis(120);
        let bar = ProgressBar::no_length();
        if !std::io::stderr().is_terminal() {
            return Spinner(ProgressBar::hidden());
        }
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(STEP);
        Spinner(bar)
    }

    /// Says what is being done.
    pub(crate) fn say(&self, doing: &str) {
        self.0.set_message(doing.to_owned());
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// A duration as a person says it.
pub(crate) fn duration(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => format!("{} s", seconds.max(1)),
        seconds @ 60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}
