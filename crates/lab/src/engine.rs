//! The course of an experiment, from an order to the documents.

use crate::behaviour::{Broken, Launch, Reference};
use crate::bench::{self, Benches};
use crate::error::LabError;
use crate::events::{Event, Phase, Progress};
use crate::inspect::first_difference;
use crate::machine;
use crate::make::{Artifact, Kitchen, Source};
use crate::parallel::{in_parallel, processors};
use crate::picks::picks;
use crate::plan::Plan;
use crate::probing;
use crate::record::{Cell, Context};
use crate::source::Package;
use crate::startup::{Course, Starts};
use crate::store::{Key, Store, hash_file, replace};
use crate::tools::{Toolbox, remedy};
use crate::variant::Variant;
use elfin_process::{Cancel, Ready, StartError};
use elfin_schema::{
    EXPERIMENT_SCHEMA, Experiment, Identity, Machine, Message, Own, Probe, RecipeRecord, Status,
    Subject, SubjectKind,
};
use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What to experiment with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A Go main package, as `go build` takes it.
    Package(String),
    /// A finished program.
    Binary(PathBuf),
}

/// An order for an experiment.
#[derive(Debug)]
pub struct Order {
    /// The program.
    pub what: What,
    /// The folder in which `go` is run.
    pub directory: PathBuf,
    /// Its arguments when it is started, as one shell-quoted text.
    pub run: String,
    /// When it counts as started.
    pub ready: Ready,
    /// When it counts as never ready.
    pub timeout: Duration,
    /// What is tried and how often it is measured.
    pub plan: Plan,
    /// The output folder.
    pub out: PathBuf,
    /// Forget what is in the store.
    pub fresh: bool,
    /// The user's own benchmark; `{}` stands for the program.
    pub bench: Option<String>,
    /// A command that prints a file's [`FileFacts`](crate::FileFacts) as JSON, without the file.
    pub helper: Vec<String>,
}

/// What came out.
#[derive(Debug)]
pub struct Outcome {
    /// The experiment.
    pub experiment: Experiment,
    /// The recipes, in the order of the plan.
    pub records: Vec<RecipeRecord>,
    /// The output folder, absolute.
    pub out: PathBuf,
}

/// Carries out an experiment, or goes on with it.
///
/// Returns an error if it cannot be done at all; what fails for a recipe is in its record.
pub fn run(
    order: &Order,
    tell: &(dyn Fn(Event) + Sync),
    cancel: &Cancel,
) -> Result<Outcome, LabError> {
    let began = Instant::now();
    let arguments = shell_words::split(&order.run)
        .map_err(|source| LabError::Arguments { text: order.run.clone(), source })?;
    let launch = Launch { arguments, ready: order.ready.clone(), timeout: order.timeout };
    let tools = Toolbox::look(order.helper.first().map(String::as_str), cancel);
    // Before the output folder is touched: a wrong package leaves nothing behind.
    let source = find_source(order, &tools, cancel)?;
    let store = Store::open(&order.out, order.fresh)?;
    let machine = machine::look(store.out());
    let name = match &source {
        Source::Package(package) => package.name.clone(),
        Source::Binary(given, _) => file_name(&given.path),
    };
    let kitchen = Kitchen::new(&store, &tools, source, name, cancel);
    let lab = Lab { order, launch, kitchen, progress: Progress::new(tell) };
    lab.run(machine, began)
}

/// An experiment in hand.
pub(crate) struct Lab<'a> {
    pub order: &'a Order,
    pub launch: Launch,
    pub kitchen: Kitchen<'a>,
    pub progress: Progress<'a>,
}

impl Lab<'_> {
    fn run(&self, machine: Machine, began: Instant) -> Result<Outcome, LabError> {
        let mut experiment = Experiment {
            schema: EXPERIMENT_SCHEMA.into(),
            elfin: env!("CARGO_PKG_VERSION").into(),
            started: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            seconds: 0.0,
            own: Own::default(),
            finished: false,
            subject: self.subject()?,
            tools: self.kitchen.tools.listed(),
            effort: self.order.plan.effort.clone(),
            recipes: self.order.plan.recipes.len(),
            picks: Vec::new(),
            findings: Vec::new(),
            machine,
        };

        self.foresee();
        let (mut cells, reference, own) = self.make(&experiment)?;
        self.identify(&mut cells)?;
        probing::probe(self, &mut cells, &reference)?;
        let identity = format!(
            "{} {} {} {}",
            experiment.machine.host,
            experiment.machine.kernel,
            experiment.machine.cpu,
            experiment.machine.cpus
        );
        let (starts, benches) = self.measure(&cells, &reference, &own, &identity)?;
        for cell in &mut cells {
            cell.broken =
                cell.broken.take().or_else(|| starts.broken.get(cell.content()?).cloned());
        }

        let records = self.records(&cells, &starts, benches.as_ref());
        experiment.machine.load = starts.busy;
        let fails =
            reference.failure().map(|exit| Message::BaselineFails { exit: exit.to_owned() });
        let mut findings = Vec::from_iter(fails);
        findings.extend(machine::findings(&experiment.machine));
        if reference.varies() {
            findings.push(Message::OutputVaries);
        }
        findings.extend(noise(&records));
        findings.extend(cells.iter().filter_map(|cell| failed_starts(cell, &starts)));
        experiment.findings = findings;
        experiment.picks = picks(&records, self.package(), &self.cgo()?);
        experiment.seconds = began.elapsed().as_secs_f64();
        experiment.own = Own {
            seconds: experiment.seconds - elfin_process::time_with_children().as_secs_f64(),
            peak_memory: machine::own_peak_memory(),
        };
        experiment.finished = true;
        self.publish(&experiment, &records)?;
        Ok(Outcome { experiment, records, out: self.kitchen.store.out().to_owned() })
    }

    fn subject(&self) -> Result<Subject, LabError> {
        let (kind, sources, go) = match &self.kitchen.source {
            Source::Package(package) => {
                let ingredients = package.ingredients(&Variant::default(), self.kitchen.cancel)?;
                let sources = ingredients.map(|from| from.content).unwrap_or_default();
                (SubjectKind::Package, sources, package.toolchain.clone())
            }
            Source::Binary(given, go) => {
                (SubjectKind::Binary, given.content.clone(), go.clone().unwrap_or_default())
            }
        };
        let path = match &self.order.what {
            What::Package(argument) => argument.clone(),
            What::Binary(path) => path.display().to_string(),
        };
        Ok(Subject {
            name: self.kitchen.name.clone(),
            kind,
            path,
            go,
            sources,
            arguments: self.launch.arguments.clone(),
            ready: self.launch.ready.to_string(),
        })
    }

    /// Tells the progress line how much there is to do if every recipe comes to its end.
    fn foresee(&self) {
        let (plan, packages) = (&self.order.plan, self.package().is_some());
        let (recipes, variants) = (plan.recipes.len(), plan.variants().len());
        let rounds = plan.effort.rounds;
        let benches = if self.order.bench.is_some() { rounds.bench } else { 0 };
        for (phase, jobs) in [
            (Phase::Build, variants),
            (Phase::Stage, plan.recipes.iter().filter(|recipe| !recipe.stages.is_empty()).count()),
            (Phase::Rebuild, if packages { variants } else { 0 }),
            (Phase::Probe, 2 * recipes),
            (Phase::Start, (rounds.warm + rounds.cold) * recipes),
            (Phase::Bench, benches * recipes),
        ] {
            self.progress.plan(phase, jobs);
        }
    }

    /// Makes every recipe and holds each against the first that can be started.
    fn make(&self, experiment: &Experiment) -> Result<(Vec<Cell>, Reference, Artifact), LabError> {
        let recipes = &self.order.plan.recipes;
        let staged: Vec<usize> =
            (0..recipes.len()).filter(|&at| !recipes[at].stages.is_empty()).collect();
        let (reference, own) = self.build()?;
        let mut chains = in_parallel(&staged, processors(), &|at| {
            let name = recipes[at].to_string();
            self.progress.job(Phase::Stage, &name, || self.kitchen.make(&recipes[at]))
        })?;
        let mut cells = Vec::with_capacity(recipes.len());
        for (at, recipe) in recipes.iter().enumerate() {
            let chain = match chains.remove(&at) {
                Some(chain) => chain,
                None => self.kitchen.make(recipe)?,
            };
            let mut cell = Cell::new(recipe.clone(), chain, foreign(&recipe.variant));
            if let (Ok(artifact), None) = (&cell.chain.finished, &cell.foreign) {
                cell.broken = self.judge(&reference, &own, artifact)?;
            }
            cells.push(cell);
        }
        self.publish(experiment, &self.ended(&cells))?;
        Ok((cells, reference, own))
    }

    /// Builds every variant, one at a time, for `go build` uses all processors itself.
    ///
    /// The first that starts is the reference for all, and comes with it; if it does not get ready,
    /// nothing else is built.
    fn build(&self) -> Result<(Reference, Artifact), LabError> {
        let (mut reference, mut says) = (None, None);
        for variant in self.order.plan.variants() {
            let name = variant.to_string();
            match self.progress.job(Phase::Build, &name, || self.kitchen.source(&variant))? {
                Ok(artifact) if reference.is_none() && foreign(&variant).is_none() => {
                    reference = Some((self.reference(&name, &artifact)?, artifact));
                }
                Ok(_) => {}
                Err(miss) => says = says.or(miss.says),
            }
        }
        reference.ok_or(LabError::NothingBuilt { says: says.unwrap_or_default() })
    }

    fn reference(&self, recipe: &str, artifact: &Artifact) -> Result<Reference, LabError> {
        let key = Key::of(["reference", &artifact.content, &self.launch.identity()]);
        let store = self.kitchen.store;
        store.memo(
            &key,
            |_| true,
            || {
                Reference::of(&self.launch, &artifact.path, self.kitchen.cancel)
                    .map_err(|error| no_reference(recipe, error, &self.launch.ready))
            },
        )
    }

    fn judge(
        &self,
        reference: &Reference,
        own: &Artifact,
        artifact: &Artifact,
    ) -> Result<Option<Broken>, LabError> {
        let key = Key::of(["judge", &artifact.content, &own.content, &self.launch.identity()]);
        self.kitchen.store.memo(&key, Option::is_none, || {
            reference
                .judge(&self.launch, &artifact.path, &own.path, self.kitchen.cancel)
                .map_err(|error| no_reference("a recipe", error, &self.launch.ready))
        })
    }

    /// Builds every variant a second time and compares the bytes.
    fn identify(&self, cells: &mut [Cell]) -> Result<(), LabError> {
        let Source::Package(package) = &self.kitchen.source else { return Ok(()) };
        let variants = self.order.plan.variants();
        for variant in variants {
            let first = cells
                .iter()
                .find(|cell| cell.recipe.variant == variant)
                .and_then(|cell| cell.chain.steps.first())
                .map(|(_, artifact)| artifact.clone());
            let name = variant.to_string();
            let identity = self.progress.job(Phase::Rebuild, &name, || {
                first.map(|first| self.build_again(package, &variant, &first)).transpose()
            })?;
            for cell in cells.iter_mut().filter(|cell| cell.recipe.variant == variant) {
                cell.identity.clone_from(&identity);
            }
        }
        Ok(())
    }

    fn build_again(
        &self,
        package: &Package,
        variant: &Variant,
        first: &Artifact,
    ) -> Result<Probe<Identity>, LabError> {
        let own_caches = self.order.plan.own_caches;
        let ingredients = package.ingredients(variant, self.kitchen.cancel)?;
        let sources = ingredients.as_ref().map_or("", |from| from.key.as_str());
        let caches = own_caches.to_string();
        let key = Key::of(["again", &first.content, sources, &variant.to_string(), &caches]);
        let definite = |identity: &Probe<Identity>| identity.value().is_some();
        self.kitchen.store.memo(&key, definite, || {
            let scratch = self.kitchen.store.scratch()?;
            let file = scratch.path().join(&self.kitchen.name);
            let cache = own_caches.then(|| scratch.path().join("cache"));
            let built = self.kitchen.build_into(package, variant, &file, cache.as_deref())?;
            Ok(match built {
                Err(says) => Probe::Failed { says },
                Ok(()) => {
                    let first_difference = first_difference(&first.path, &file)
                        .map_err(|source| LabError::io("read", &file, source))?;
                    let same = first_difference.is_none();
                    Probe::Measured { value: Identity { same, first_difference, own_caches } }
                }
            })
        })
    }

    /// Starts every file that works, round by round; nothing else of the lab runs meanwhile.
    fn measure(
        &self,
        cells: &[Cell],
        reference: &Reference,
        own: &Artifact,
        machine: &str,
    ) -> Result<(Starts, Option<Benches>), LabError> {
        let mut seen = HashSet::new();
        let files: Vec<(String, &Artifact)> = cells
            .iter()
            .filter(|cell| cell.works())
            .filter_map(|cell| Some((cell.recipe.to_string(), cell.chain.finished.as_ref().ok()?)))
            .filter(|(_, artifact)| seen.insert(&artifact.content))
            .collect();
        let rounds = self.order.plan.effort.rounds;
        let course = Course {
            files: &files,
            launch: &self.launch,
            reference,
            own: &own.content,
            rounds,
            machine,
            store: self.kitchen.store,
            cancel: self.kitchen.cancel,
        };
        self.progress.plan(Phase::Start, (rounds.warm + rounds.cold) * files.len());
        let starts = course.run(&self.progress)?;
        let command = self.order.bench.as_deref();
        let benches = command.map(|command| bench::measure(&course, command, &self.progress));
        Ok((starts, benches.transpose()?))
    }

    /// The packages of the baseline that use C.
    fn cgo(&self) -> Result<Vec<String>, LabError> {
        let Some(package) = self.package() else { return Ok(Vec::new()) };
        let ingredients = package.ingredients(&Variant::default(), self.kitchen.cancel)?;
        Ok(ingredients.map(|from| from.cgo).unwrap_or_default())
    }

    /// The package that is built.
    fn package(&self) -> Option<&Package> {
        match &self.kitchen.source {
            Source::Package(package) => Some(package),
            Source::Binary(..) => None,
        }
    }

    fn records(
        &self,
        cells: &[Cell],
        starts: &Starts,
        benches: Option<&Benches>,
    ) -> Vec<RecipeRecord> {
        let package = self.package();
        let baseline = cells.iter().find(|cell| cell.recipe.is_baseline());
        let context = Context { baseline, starts, benches, package };
        cells.iter().map(|cell| context.record(cell)).collect()
    }

    /// The records of the recipes that came to an early end: they are finished.
    fn ended(&self, cells: &[Cell]) -> Vec<RecipeRecord> {
        let mut records = self.records(cells, &Starts::default(), None);
        records.retain(|record| record.status != Status::Ok);
        records
    }

    fn publish(&self, experiment: &Experiment, records: &[RecipeRecord]) -> Result<(), LabError> {
        let out = self.kitchen.store.out();
        let json = |path: &Path, error| LabError::io("write", path, io::Error::other(error));
        let path = out.join("record.jsonl");
        let mut lines = Vec::new();
        for record in records {
            serde_json::to_writer(&mut lines, record).map_err(|error| json(&path, error))?;
            lines.push(b'\n');
        }
        replace(&path, &lines)?;
        let path = out.join("experiment.json");
        let mut text = serde_json::to_vec_pretty(experiment).map_err(|error| json(&path, error))?;
        text.push(b'\n');
        replace(&path, &text)
    }
}

fn find_source(order: &Order, tools: &Toolbox, cancel: &Cancel) -> Result<Source, LabError> {
    match &order.what {
        What::Package(argument) => {
            let no_go = |_| LabError::NoGo { remedy: remedy("go").into() };
            let go = tools.need("go").map_err(no_go)?;
            Package::find(&go.path, argument, &order.directory, cancel).map(Source::Package)
        }
        What::Binary(path) => {
            let path = order.directory.join(path);
            let read = |source| LabError::io("read", &path, source);
            let data = std::fs::read(&path).map_err(read)?;
            let wrong = |says: String| LabError::NotAProgram { path: path.clone(), says };
            let elf = elfin_elf::ElfFile::parse(&data).map_err(|error| wrong(error.to_string()))?;
            if !elf.is_executable_program() {
                return Err(wrong("it is not a program (an object file or a library)".into()));
            }
            let host = elfin_goenv::go_arch();
            if elf.machine().go_name().is_some_and(|arch| arch != host) {
                return Err(wrong(format!("it is not for this machine ({host})")));
            }
            let mode = std::fs::metadata(&path).map_err(read)?;
            if std::os::unix::fs::PermissionsExt::mode(&mode.permissions()) & 0o111 == 0 {
                return Err(wrong("it is not executable (chmod +x)".into()));
            }
            let content = hash_file(&path)?;
            let go = elf.go_version();
            Ok(Source::Binary(Artifact { bytes: data.len() as u64, content, path }, go))
        }
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| "app".into(), |name| name.to_string_lossy().into_owned())
}

/// The target, where it is not this machine's.
fn foreign(variant: &Variant) -> Option<String> {
    let (os, arch) = variant.target.as_ref()?;
    let here = os == "linux" && arch == elfin_goenv::go_arch();
    (!here).then(|| format!("{os}/{arch}"))
}

/// The error for a program that cannot serve as the one that others are compared with.
fn no_reference(recipe: &str, error: StartError, ready: &Ready) -> LabError {
    let says = error.to_string();
    let indented = |stream: &[u8]| {
        let text = String::from_utf8_lossy(stream);
        text.lines().take(20).map(|line| format!("  | {line}\n")).collect::<String>()
    };
    let (output, hint) = match error {
        StartError::Interrupted => return LabError::Interrupted,
        StartError::NeverReady { stdout, stderr, .. } if ready_on_stderr(ready, &stderr) => (
            indented(&stdout) + &indented(&stderr),
            "it says so on standard error, which --ready does not look at; let it write to \
             standard output, or use --ready tcp:PORT",
        ),
        StartError::NeverReady { exit: None, stdout, stderr, .. } => (
            indented(&stdout) + &indented(&stderr),
            "say what it is started with (--run '--version'), or when a server is ready \
             (--ready 'stdout:listening' or --ready tcp:8080), or wait longer (--timeout)",
        ),
        StartError::NeverReady { stdout, stderr, .. } => (
            indented(&stdout) + &indented(&stderr),
            "say what it is started with: --run 'ARGUMENTS'",
        ),
        _ => (String::new(), ""),
    };
    LabError::NoReference { recipe: recipe.to_owned(), says, output, hint: hint.into() }
}

/// True if what is waited for on standard output came on the other stream.
fn ready_on_stderr(ready: &Ready, stderr: &[u8]) -> bool {
    let Ready::Stdout(regex) = ready else { return false };
    stderr.split(|&byte| byte == b'\n').any(|line| regex.is_match(line))
}

/// Says where the baseline's own starts vary so much that small differences drown.
fn noise(records: &[RecipeRecord]) -> Option<Message> {
    let start = records.first()?.start.as_ref()?;
    let percent = 100.0 * start.warm.deviation / start.warm.median;
    (percent > 25.0).then_some(Message::Noisy { percent })
}

/// Says that starts of a recipe failed and were repeated.
fn failed_starts(cell: &Cell, starts: &Starts) -> Option<Message> {
    let failed = starts.failed(cell.content()?);
    (failed > 0).then(|| Message::StartsFailed { recipe: cell.recipe.to_string(), failed })
}
