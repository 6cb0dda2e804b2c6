//! The flags of `elfin startup` and `elfin harden`.

use super::FormArguments;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct StartupArguments {
    /// The program. It is started again and again, and stopped where its own `main` begins.
    pub file: PathBuf,
    /// A program to compare it with, start by start.
    #[arg(long, value_name = "FILE")]
    pub vs: Option<PathBuf>,
    /// Starts that are timed.
    #[arg(long, value_name = "COUNT", default_value = "20", value_parser = clap::value_parser!(u16).range(1..))]
    pub starts: u16,
    /// Starts whose instructions are counted; 0 for none.
    #[arg(long, value_name = "COUNT", default_value = "2")]
    pub counts: u16,
    /// Let the processor do every instruction that is counted, one at a time; slow.
    #[arg(long)]
    pub single_step: bool,
    /// List every package.
    #[arg(long)]
    pub all: bool,
    /// Seconds that a start may take.
    #[arg(long, value_name = "SECONDS", default_value = "120")]
    pub timeout: u16,
    #[command(flatten)]
    pub form: FormArguments,
}

#[derive(Debug, clap::Args)]
pub(crate) struct HardenArguments {
    /// The program. It is started again and again, and stopped where its own `main` begins.
    pub file: PathBuf,
    /// A program to compare it with: the same source as a PIE or without.
    #[arg(long, value_name = "FILE")]
    pub vs: Option<PathBuf>,
    /// Starts over which addresses are compared; 0 for none.
    #[arg(long, value_name = "COUNT", default_value = "64")]
    pub starts: u16,
    /// Do not start it at all: what the file says alone.
    #[arg(long)]
    pub no_start: bool,
    #[command(flatten)]
    pub returns: ReturnArguments,
    /// Exit with 1 if a protection is missing.
    #[arg(long)]
    pub exit_code: bool,
    #[command(flatten)]
    pub form: FormArguments,
}

/// The inputs of the return model.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What PIE costs and returns")]
pub(crate) struct ReturnArguments {
    /// Starts a day.
    #[arg(long, value_name = "COUNT", default_value = "1000", value_parser = amount)]
    pub starts_a_day: f64,
    /// Milliseconds that a start takes longer [default: measured].
    #[arg(long, value_name = "MS", value_parser = amount)]
    pub extra_ms: Option<f64>,
    /// What a millisecond costs [default: a processor at 0.05 an hour].
    #[arg(long, value_name = "MONEY", value_parser = amount)]
    pub cost_of_ms: Option<f64>,
    /// Probability in a year of an exploit that an unknown address could stop.
    #[arg(long, value_name = "0..1", default_value = "0.003", value_parser = share)]
    pub exploits_a_year: f64,
    /// What such an exploit costs.
    #[arg(long, value_name = "MONEY", default_value = "100000", value_parser = amount)]
    pub cost_of_exploit: f64,
    /// Which part of them it stops.
    #[arg(long, value_name = "0..1", default_value = "0.5", value_parser = share)]
    pub stopped: f64,
}

fn amount(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|it: &f64| it.is_finite() && *it >= 0.0);
    number.ok_or_else(|| "give a number that is not negative".to_owned())
}

fn share(text: &str) -> Result<f64, String> {
    amount(text).ok().filter(|it| *it <= 1.0).ok_or_else(|| "give a number from 0 to 1".to_owned())
}
