//! The lab across roots: one source built inside of several root file systems, run in each, and
//! asked what becomes of it there.
//!
//! elfin sets itself apart first, in a user namespace with mounts of its own, where it puts each root
//! together ([`place`]); then it builds ([`built`]), takes a network of nothing but a loopback, starts
//! every pair in every round ([`pairs`]), loads what is a server ([`load`]), and has names resolved by a
//! server of its own ([`names`], [`trials`]). The roots that were given stay as they are.

mod built;
mod load;
mod names;
mod pairs;
mod place;
mod trials;
mod why;

pub use place::root_of;

use crate::behaviour::Launch;
use crate::error::LabError;
use crate::events::{Event, Phase, Progress};
use crate::machine;
use crate::source::{Package, installed_go};
use crate::store::{Store, replace};
use crate::variant::Variant;
use built::{Built, Workshop, ways};
use elfin_process::{
    ApartError, Cancel, Ready, StartError, own_mounts, own_network, room_for_roots,
};
use elfin_schema::{AcrossRoots, ROOTS_SCHEMA, RootBuild};
use load::Asked;
use pairs::Pair;
use place::Place;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The program that resolves names.
const NAMES: &str = include_str!("../../probe/names/main.go");
const NAMES_MODULE: &str = "module elfin.invalid/names\n\ngo 1.19\n";
/// What a load asks for.
const RATE: f64 = 10_000.0;
const CONNECTIONS: usize = 8;

/// An order for an experiment across roots.
#[derive(Debug)]
pub struct RootsOrder {
    /// A Go main package, as `go build` takes it.
    pub package: String,
    /// The folder in which `go` is run.
    pub directory: PathBuf,
    /// Its arguments when it is started, as one shell-quoted text.
    pub run: String,
    /// When it counts as started.
    pub ready: Ready,
    /// When it counts as never ready.
    pub timeout: Duration,
    /// The roots, each with its name.
    pub roots: Vec<(String, PathBuf)>,
    /// Starts of each pair.
    pub rounds: usize,
    /// What a server is asked for under load: `/`.
    pub load_path: String,
    /// How long each load lasts.
    pub load_time: Duration,
    /// The output folder.
    pub out: PathBuf,
    /// Forget what earlier runs left.
    pub fresh: bool,
}

/// Why an experiment across roots could not be made at all.
#[derive(Debug, thiserror::Error)]
pub enum RootsError {
    /// As for any experiment.
    #[error(transparent)]
    Lab(#[from] LabError),
    /// There is no mounting of other roots here.
    #[error(transparent)]
    Apart(#[from] ApartError),
    /// A start that says nothing of the program.
    #[error(transparent)]
    Start(StartError),
    /// Two roots have one name.
    #[error("two roots are called {name}; give each a name of its own")]
    NamedTwice {
        /// The name.
        name: String,
    },
    /// The path that is to be asked for is none.
    #[error("--load {path:?}: a path begins with / and has no spaces")]
    LoadPath {
        /// As the user gave it.
        path: String,
    },
    /// Nothing was built anywhere.
    #[error("the program could not be built in any root; the first said:\n{says}")]
    NothingBuilt {
        /// Go's own words.
        says: String,
    },
    /// What was to serve on loopback could not.
    #[error("{doing}: {source}")]
    Network {
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

impl RootsError {
    fn io(doing: &'static str, path: &Path, source: io::Error) -> RootsError {
        LabError::io(doing, path, source).into()
    }

    fn interrupted() -> RootsError {
        LabError::Interrupted.into()
    }
}

/// What all parts of an experiment use.
struct Shop<'a> {
    launch: Launch,
    load: Asked,
    rounds: usize,
    progress: Progress<'a>,
    cancel: &'a Cancel,
}

/// Carries out an experiment across roots. The process is apart from the machine afterwards: it has
/// no network but a loopback.
///
/// Returns an error if it cannot be done at all; what fails in one root is in the document.
pub fn run_across_roots(
    order: &RootsOrder,
    tell: &(dyn Fn(Event) + Sync),
    cancel: &Cancel,
) -> Result<(AcrossRoots, PathBuf), RootsError> {
    let began = Instant::now();
    check(order)?;
    let arguments = shell_words::split(&order.run)
        .map_err(|source| LabError::Arguments { text: order.run.clone(), source })?;
    let launch = Launch { arguments, ready: order.ready.clone(), timeout: order.timeout };
    let load = Asked {
        path: order.load_path.clone(),
        rate: RATE,
        connections: CONNECTIONS,
        time: order.load_time,
    };
    let (rounds, progress) = (order.rounds, Progress::new(tell));
    let shop = Shop { launch, load, rounds, progress, cancel };

    let package = Package::find(&installed_go()?, &order.package, &order.directory, cancel)?;
    let store = Store::open(&order.out, order.fresh)?;
    let machine = machine::look(store.out());
    let dir = store.out().join("store");
    let probe = names_program(&package, &dir)?;
    let workshop = Workshop::of(&package, &probe, &dir, cancel)?;

    let room = dir.join("rooms");
    fs::create_dir_all(&room).map_err(|source| RootsError::io("write", &room, source))?;
    own_mounts()?;
    room_for_roots(&room)?;
    let places = order
        .roots
        .iter()
        .map(|(name, path)| Place::compose(name, path, &room, &workshop.grafts, cancel));
    let places: Vec<Place> = places.collect::<Result<_, _>>()?;
    let (builds, probes) = build(&shop, &workshop, &package, &probe, &places)?;
    own_network()?;

    let busy = machine::busy_processors();
    let machine = elfin_schema::Machine { load: busy, ..machine };
    let pairs = pairs::measure(&shop, pair_up(&places, &builds))?;
    let trials = trials::trials();
    let resolvers = trials::run(&shop, &places, &probes, &trials)?;
    let document = AcrossRoots {
        schema: ROOTS_SCHEMA.into(),
        elfin: env!("CARGO_PKG_VERSION").into(),
        started: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        seconds: began.elapsed().as_secs_f64(),
        program: package.name.clone(),
        package: order.package.clone(),
        go: package.toolchain.clone(),
        arguments: shop.launch.arguments.clone(),
        ready: shop.launch.ready.to_string(),
        rounds: order.rounds,
        findings: machine::findings(&machine),
        machine,
        roots: places.iter().map(|it| it.facts.clone()).collect(),
        builds: builds.iter().map(|it| it.record(&places, &builds, &package)).collect(),
        pairs,
        trials,
        resolvers,
    };
    let json = serde_json::to_string_pretty(&document).map_err(io::Error::other);
    let file = store.out().join("roots.json");
    let json = json.map_err(|source| RootsError::io("write", &file, source))? + "\n";
    replace(&file, json.as_bytes())?;
    Ok((document, store.out().to_owned()))
}

fn check(order: &RootsOrder) -> Result<(), RootsError> {
    for (index, (name, _)) in order.roots.iter().enumerate() {
        if order.roots[..index].iter().any(|(other, _)| other == name) {
            return Err(RootsError::NamedTwice { name: name.clone() });
        }
    }
    let plain = |it: char| it.is_ascii_graphic();
    if !order.load_path.starts_with('/') || !order.load_path.chars().all(plain) {
        return Err(RootsError::LoadPath { path: order.load_path.clone() });
    }
    Ok(())
}

/// Lays out the program that resolves names.
fn names_program(package: &Package, dir: &Path) -> Result<Package, RootsError> {
    let directory = dir.join("names");
    fs::create_dir_all(&directory).map_err(|source| RootsError::io("write", &directory, source))?;
    replace(&directory.join("main.go"), NAMES.as_bytes())?;
    replace(&directory.join("go.mod"), NAMES_MODULE.as_bytes())?;
    Ok(package.own(&directory, "names"))
}

/// A build in a root and what came of it.
struct Attempt {
    place: usize,
    way: Variant,
    made: Result<Built, String>,
}

/// Builds the program and the one that resolves names, every way in every root.
fn build(
    shop: &Shop<'_>,
    workshop: &Workshop,
    package: &Package,
    probe: &Package,
    places: &[Place],
) -> Result<(Vec<Attempt>, Vec<trials::Probe>), RootsError> {
    let (mut builds, mut probes) = (Vec::new(), Vec::new());
    let jobs: Vec<(usize, Variant)> = places
        .iter()
        .enumerate()
        .flat_map(|(at, place)| ways(place).into_iter().map(move |way| (at, way)))
        .collect();
    shop.progress.plan(Phase::Build, 2 * jobs.len());
    for (at, way) in jobs {
        let place = &places[at];
        let doing = format!("{way} in {}", place.facts.name);
        let made = shop
            .progress
            .job(Phase::Build, &doing, || workshop.build(package, &way, place, shop.cancel))?;
        builds.push(Attempt { place: at, way: way.clone(), made });
        let netgo = Variant { tags: vec!["netgo".into()], ..way.clone() };
        let with_tag = way.cc.as_deref() != Some(place::MUSL_GCC);
        let mut resolve = |way: Variant| -> Result<(), RootsError> {
            if let Ok(built) = workshop.build(probe, &way, place, shop.cancel)? {
                probes.push(trials::Probe { place: at, way, built });
            }
            Ok(())
        };
        shop.progress.job(Phase::Build, &doing, || -> Result<(), RootsError> {
            resolve(way.clone())?;
            if with_tag { resolve(netgo) } else { Ok(()) }
        })?;
    }
    if builds.iter().all(|it| it.made.is_err()) {
        let says = builds.into_iter().find_map(|it| it.made.err()).unwrap_or_default();
        return Err(RootsError::NothingBuilt { says });
    }
    Ok((builds, probes))
}

/// Each different file with each root.
fn pair_up<'a>(places: &'a [Place], builds: &'a [Attempt]) -> Vec<Pair<'a>> {
    let mut pairs = Vec::new();
    for (at, attempt) in builds.iter().enumerate() {
        let Ok(built) = &attempt.made else { continue };
        if attempt.same_as(&builds[..at]).is_none() {
            let built_in = &places[attempt.place];
            let way = attempt.way.to_string();
            pairs.extend(
                places.iter().map(|run_in| Pair::new(built_in, way.clone(), built, run_in)),
            );
        }
    }
    pairs
}

impl Attempt {
    /// The first of these that came to the same bytes the same way.
    fn same_as<'b>(&self, before: &'b [Attempt]) -> Option<&'b Attempt> {
        let content = &self.made.as_ref().ok()?.content;
        before.iter().find(|it| {
            it.way == self.way && it.made.as_ref().is_ok_and(|made| made.content == *content)
        })
    }

    fn record(&self, places: &[Place], all: &[Attempt], package: &Package) -> RootBuild {
        let before = all.iter().position(|it| std::ptr::eq(it, self)).unwrap_or(0);
        let same = self.same_as(&all[..before]).map(|it| places[it.place].facts.name.clone());
        let built = self.made.as_ref().ok().cloned();
        let bytes = built.as_ref().map(|it| it.bytes);
        let built = built.unwrap_or_default();
        RootBuild {
            root: places[self.place].facts.name.clone(),
            way: self.way.to_string(),
            command: self.way.command(package),
            says: self.made.as_ref().err().cloned(),
            content: built.content,
            bytes,
            interpreter: built.interpreter,
            needed: built.needed,
            versions: built.versions,
            same_as: same,
        }
    }
}
