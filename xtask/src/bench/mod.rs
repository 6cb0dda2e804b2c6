//! Tables of real programs, written to docs/results by the lab itself.

mod accuracy;
mod causes;
mod claims;
mod diff;
mod difference;
mod env;
mod grown;
mod pack;
mod paths;
mod published;
mod repro;
mod roots;
mod slim;
mod timing;
mod treemap;
mod weigh;
mod wsl;

use crate::corpus::Scope;
use crate::{demo, setup, shell};
use accuracy::Judged;
use anyhow::{Context, Result};
use clap::Subcommand;
use std::fs;
use std::path::{Path, PathBuf};

/// The large program: Go's language server, fetched through the module proxy, in the newest
/// version that Go 1.24 builds.
const LARGE: &str = "golang.org/x/tools/gopls";
const LARGE_VERSION: &str = "v0.20.0";

/// What is measured.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Bench {
    /// Runs the lab on the bundled programs and on gopls, and keeps report.md and table.csv.
    ///
    /// A run that was stopped goes on where it was.
    Lab {
        /// Only these of hello, server and gopls.
        #[arg(long, value_delimiter = ',')]
        only: Vec<String>,
    },
    /// Runs the lab on the bundled server, and prints what of the time and memory is elfin's own.
    Overhead,
    /// Packs the bundled server by UPX --best and by --best --lzma: why the default plan has LZMA.
    Upx,
    /// Holds what elfin says about every file of the corpus against the linker's own word.
    Accuracy {
        /// The small corpus, and nothing is written.
        #[arg(long, conflicts_with = "built")]
        quick: bool,
        /// Only what of the corpus is built already.
        #[arg(long)]
        built: bool,
        /// Print the mistakes about the file of this name instead.
        #[arg(long)]
        explain: Option<String>,
    },
    /// Holds the causes that elfin names for every pair of `corpus diff` against those injected.
    Causes {
        /// Only the pairs that are built already, and nothing is written.
        #[arg(long)]
        built: bool,
    },
    /// Times `elfin weigh` beside other tools that are there, on files of 10 to 400 MB.
    Weigh {
        /// Every tool reads every file so many times.
        #[arg(long, default_value_t = 5)]
        rounds: usize,
    },
    /// Times `elfin diff` beside the weighing of both files, and on documents.
    Diff {
        /// Everything is compared so many times.
        #[arg(long, default_value_t = 9)]
        rounds: usize,
    },
    /// Builds one source under the roots of `cargo xtask roots`, and sees whether two receipts and two
    /// documents tell what of the machines made the programs differ.
    Wsl,
    /// Times the page of a weighing of 50,000 rows in headless Chromium.
    Treemap,
    /// Times switches of Go beside direnv and others, and builds under each, and keeps the table.
    Env {
        /// Rounds of switches.
        #[arg(long, default_value_t = 200)]
        rounds: u16,
        /// Builds in each state of the toolchain.
        #[arg(long, default_value_t = 100)]
        builds: u16,
    },
    /// Builds the same module on ext4 and on 9P in one guest of QEMU, and keeps the table.
    Paths {
        /// Each file system has its turn so many times.
        #[arg(long, default_value_t = 5)]
        rounds: u16,
        /// An elfin that is built already.
        #[arg(long)]
        elfin: Option<PathBuf>,
    },
    /// Holds `elfin slim` against strip, llvm-strip and eu-strip on every file of the corpus, and
    /// what it makes against what it was made from; writes docs/results/slim.md.
    Slim {
        /// Only files with one of these in their name, as hello-1.27,server.
        #[arg(long, default_value = "")]
        only: String,
        /// The small corpus.
        #[arg(long)]
        quick: bool,
        /// Instead, what is measured on programs of this machine's Go.
        #[arg(long, value_enum, value_delimiter = ',', conflicts_with_all = ["only", "quick"])]
        figures: Vec<slim::Figures>,
    },
    /// Packs real programs by `elfin pack` and by UPX: sizes, starts, memory; writes docs/results/pack.md.
    Pack {
        /// Only the programs of the Go that is installed here, and nothing is written.
        #[arg(long)]
        quick: bool,
        /// Only programs of which an earlier run has kept what `upx --best` makes, which takes an hour.
        #[arg(long)]
        kept: bool,
        /// Every form of every program is started so many times.
        #[arg(long, default_value_t = 25)]
        rounds: usize,
    },
    /// Holds packed programs against plain ones wherever packed programs have broken.
    Gauntlet {
        /// Only the programs of the Go that is installed here.
        #[arg(long)]
        quick: bool,
        /// Only programs of the corpus with one of these in their name, as hello-1.27,server.
        #[arg(long, conflicts_with = "quick")]
        only: Option<String>,
    },
    /// Builds the smallest program and one with C in every world, and 100 times with another build ID.
    Repro,
    /// Tests the published claims on the bundled server and on gopls, twice, and keeps the tables.
    Claims {
        /// Only one of server and gopls; what is kept of the other stays as it is.
        #[arg(long)]
        only: Option<String>,
    },
    /// Builds and runs the bundled server, and a program with C, across the roots of `cargo xtask roots`.
    Roots,
}

/// A program, and how it is started.
struct Subject {
    name: &'static str,
    package: &'static str,
    arguments: &'static [&'static str],
}

pub(crate) fn run(what: Bench) -> Result<()> {
    let elfin = || {
        setup::run(false)?;
        demo::elfin(&["--release"])
    };
    match what {
        Bench::Lab { only } => tables(&elfin()?, &only),
        Bench::Overhead => overhead(&elfin()?),
        Bench::Upx => setup::run(false).and_then(|()| upx()),
        Bench::Accuracy { quick, built, explain } => {
            let judged = match (quick, built) {
                (_, true) => Judged::Built,
                (true, false) => Judged::Of(Scope::Quick),
                (false, false) => Judged::Of(Scope::All),
            };
            setup::run(false).and_then(|()| accuracy::run(judged, explain.as_deref()))
        }
        Bench::Causes { built } => causes::run(&demo::elfin(&[])?, built),
        Bench::Weigh { rounds } => setup::run(false).and_then(|()| weigh::run(rounds)),
        Bench::Diff { rounds } => diff::run(rounds),
        Bench::Wsl => wsl::run(&demo::elfin(&[])?),
        Bench::Treemap => treemap::run(),
        Bench::Paths { rounds, elfin: Some(built) } => paths::run(&built, rounds),
        Bench::Paths { rounds, elfin: None } => paths::run(&demo::elfin(&["--release"])?, rounds),
        Bench::Env { rounds, builds } => env::run(&elfin()?, rounds, builds),
        Bench::Slim { only, quick, figures } => {
            let scope = if quick { Scope::Quick } else { Scope::All };
            match &figures[..] {
                [] => slim::run(&elfin()?, scope, &only),
                some => slim::figures(&elfin()?, some),
            }
        }
        Bench::Pack { quick, kept, rounds } => pack::run(&elfin()?, quick, kept, rounds),
        Bench::Gauntlet { quick, only } => pack::gauntlet(&elfin()?, quick, only.as_deref()),
        Bench::Repro => repro::run(&elfin()?),
        Bench::Claims { only } => published::run(&elfin()?, only.as_deref()),
        Bench::Roots => roots::run(&elfin()?),
    }
}

/// The most that elfin may add to its children's time and memory.
const MOST_SHARE: f64 = 5.0;
const MOST_MEMORY: f64 = 100.0;

/// What elfin adds to the time of its children: nothing may come from an earlier run.
fn overhead(elfin: &Path) -> Result<()> {
    let out = shell::root().join("target/bench/overhead");
    let mut lab = shell::command(&elfin.to_string_lossy());
    lab.args(["lab", demo::SERVER]).args(demo::START_SERVER).arg("--fresh");
    shell::run(lab.stdout(std::process::Stdio::null()).arg("--out").arg(&out))?;
    let path = out.join("experiment.json");
    let text = fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
    let experiment: serde_json::Value = serde_json::from_str(&text)?;
    let figure = |pointer: &str| {
        let figure = experiment.pointer(pointer).and_then(serde_json::Value::as_f64);
        figure.with_context(|| format!("{} has no {pointer}", path.display()))
    };
    let (wall, own) = (figure("/seconds")?, figure("/own/seconds")?);
    let (share, memory) = (100.0 * own / wall, figure("/own/peak_memory")? / f64::from(1 << 20));
    println!(
        "elfin's own, without its children (`elfin facts`, which compresses, is one): {own:.2} s of {wall:.1} s, {share:.2} % (at most {MOST_SHARE} %); \
         peak memory {memory:.1} MiB (at most {MOST_MEMORY} MiB)"
    );
    anyhow::ensure!(share <= MOST_SHARE && memory <= MOST_MEMORY, "more than promised");
    Ok(())
}

/// The time and the size of UPX's two flavours on a stripped server, in one run.
fn upx() -> Result<()> {
    let folder = shell::root().join("target/bench/upx");
    fs::create_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
    let server = folder.join("server");
    let mut build = shell::command("go");
    build.current_dir(shell::root().join("corpus/server"));
    shell::run(build.args(["build", "-ldflags=-s -w", "-o"]).arg(&server).arg("."))?;
    let mut lines = Vec::new();
    for flags in [&["--best"][..], &["--best", "--lzma"]] {
        let packed = folder.join("packed");
        let began = std::time::Instant::now();
        let mut upx = shell::command("upx");
        shell::run(upx.args(["-qqq", "-f"]).args(flags).arg("-o").arg(&packed).arg(&server))?;
        let (seconds, bytes) = (began.elapsed().as_secs_f64(), fs::metadata(&packed)?.len());
        fs::remove_file(&packed)?;
        lines.push(format!("upx {}: {seconds:.1} s, {bytes} bytes", flags.join(" ")));
    }
    println!("{} bytes before\n{}", fs::metadata(&server)?.len(), lines.join("\n"));
    Ok(())
}

fn tables(elfin: &Path, only: &[String]) -> Result<()> {
    for subject in SUBJECTS {
        if !only.is_empty() && !only.iter().any(|name| name == subject.name) {
            continue;
        }
        let folder = subject.folder()?;
        let out = shell::root().join("target/bench").join(subject.name);
        let mut lab = shell::command(&elfin.to_string_lossy());
        lab.current_dir(folder).args(["lab", subject.package]).args(subject.arguments);
        shell::run(lab.arg("--out").arg(&out))?;
        keep(subject.name, &out)?;
    }
    Ok(())
}

const SUBJECTS: [Subject; 3] = [
    Subject { name: "hello", package: "./corpus/hello", arguments: &[] },
    Subject { name: "server", package: demo::SERVER, arguments: &demo::START_SERVER },
    Subject { name: "gopls", package: LARGE, arguments: &["--run", "version"] },
];

impl Subject {
    /// Where it is built.
    fn folder(&self) -> Result<PathBuf> {
        if self.package == LARGE { large() } else { Ok(shell::root().to_owned()) }
    }
}

/// Makes a module that requires the large program, so that its package can be built from there.
fn large() -> Result<PathBuf> {
    let module = shell::root().join("target/bench/module");
    fs::create_dir_all(&module).with_context(|| format!("{}", module.display()))?;
    let go_mod = module.join("go.mod");
    if !go_mod.is_file() {
        fs::write(&go_mod, "module bench\n").with_context(|| format!("{}", go_mod.display()))?;
    }
    let get = format!("{LARGE}@{LARGE_VERSION}");
    shell::run(shell::command("go").current_dir(&module).args(["get", &get]))?;
    Ok(module)
}

fn keep(name: &str, out: &Path) -> Result<()> {
    let results = shell::root().join("docs/results");
    fs::create_dir_all(&results).with_context(|| format!("{}", results.display()))?;
    for (from, extension) in [("report.md", "md"), ("table.csv", "csv")] {
        let (from, to) = (out.join(from), results.join(format!("{name}.{extension}")));
        fs::copy(&from, &to).with_context(|| format!("{} to {}", from.display(), to.display()))?;
        println!("wrote {}", to.display());
    }
    Ok(())
}
