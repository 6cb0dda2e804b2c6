//! Does the same source give the same bytes, and if not, what breaks it?
//!
//! A reproduction is a lab with one thing varied: the sources are copied, the program is built from
//! the copy once as it is, and once in each [world](worlds) that differs from that in one thing.
//! What differs is [told by the ledger](compare), the [cause](causes) is looked for in what the
//! files say of themselves, and a [remedy](remedies) is only named with what came of really building
//! with it. The user's own files are never written to.

mod build_id;
mod caches;
mod causes;
mod clock_probe;
mod compare;
mod course;
mod error;
mod other_places;
mod remedies;
mod repository;
mod rounds;
mod scene;
mod shipped;
mod subject;
mod tree;
mod worlds;

use crate::events::{Event, Phase};
use crate::source::{Package, installed_go};
use caches::Caches;
use course::Course;
use elfin_process::Cancel;
use elfin_schema::{NotTried, RemedyTried, ReproRemedy, Reproduction, Varied, Vary, World};
pub use error::ReproError;
use scene::{Built, Scene};
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::time::Instant;
use subject::Subject;
use tree::Tree;
use worlds::Worlds;

/// What is to be reproduced, and in which worlds.
#[derive(Debug, Clone)]
pub struct ReproOrder {
    /// The package, as `go build` takes it.
    pub package: String,
    /// The folder from which it is named.
    pub directory: PathBuf,
    /// What is varied; a second build with nothing varied is always made.
    pub vary: Vec<Vary>,
    /// Builds in which only the build ID varies; 0 for none.
    pub rounds: usize,
    /// Compile the standard library anew in every world.
    pub cold: bool,
    /// Where the programs are kept.
    pub keep: Option<PathBuf>,
    /// A folder on a file system with coarse dates.
    pub coarse: Option<PathBuf>,
}

/// A file that was shipped, and the sources that it is said to be built from.
#[derive(Debug, Clone)]
pub struct ShippedOrder {
    /// The file.
    pub binary: PathBuf,
    /// The folder of its module, or a checkout of its repository.
    pub source: PathBuf,
    /// Where the program that is built is kept.
    pub keep: Option<PathBuf>,
}

/// Builds a program in worlds that differ in one thing.
///
/// Returns an error if it cannot be built as it is.
pub fn reproduce(
    order: &ReproOrder,
    tell: &(dyn Fn(Event) + Sync),
    cancel: &Cancel,
) -> Result<Reproduction, ReproError> {
    let began = Instant::now();
    let workshop = Workshop::open(order.keep.as_deref(), tell, cancel)?;
    let package = workshop.package(&order.package, &order.directory)?;
    let subject = Subject::ask(&package, cancel)?;
    let tree = Tree::copy(&subject, &workshop.folder("src"), cancel)?;
    let caches = Caches::new(&workshop, &subject, order.cold);
    let scene = Scene::new(&workshop, &package, &tree);
    let worlds = Worlds::new(&workshop, &subject, order);
    let mut course = Course {
        workshop: &workshop,
        subject: &subject,
        caches,
        worlds,
        tree,
        scene,
        with: Vec::new(),
        mended: Vec::new(),
    };
    let mut document = course.run(order)?;
    drop(course); // what was built goes before the workshop
    document.subject.clone_from(&order.package);
    document.go.clone_from(&package.toolchain);
    document.command = command_line(&package, &document.with);
    document.seconds = began.elapsed().as_secs_f64();
    Ok(document)
}

/// Builds again what was shipped, from its own build information, and compares.
///
/// Returns an error if the file has no build information or cannot be built again.
pub fn rebuild_shipped(
    order: &ShippedOrder,
    tell: &(dyn Fn(Event) + Sync),
    cancel: &Cancel,
) -> Result<Reproduction, ReproError> {
    let began = Instant::now();
    let workshop = Workshop::open(order.keep.as_deref(), tell, cancel)?;
    let mut document = shipped::rebuild(order, &workshop)?;
    document.seconds = began.elapsed().as_secs_f64();
    Ok(document)
}

/// Where everything is built, and who listens meanwhile.
pub(crate) struct Workshop<'a> {
    root: tempfile::TempDir,
    keep: Option<PathBuf>,
    tell: &'a (dyn Fn(Event) + Sync),
    cancel: &'a Cancel,
    done: Cell<usize>,
    total: Cell<usize>,
    built: Cell<usize>,
}

impl Drop for Workshop<'_> {
    fn drop(&mut self) {
        other_places::make_writable(&self.folder("home"));
    }
}

impl<'a> Workshop<'a> {
    fn open(
        keep: Option<&Path>,
        tell: &'a (dyn Fn(Event) + Sync),
        cancel: &'a Cancel,
    ) -> Result<Self, ReproError> {
        let parent = std::env::temp_dir();
        let parent =
            parent.canonicalize().map_err(|source| ReproError::io("open", &parent, source))?;
        let root = tempfile::Builder::new().prefix("elfin-repro-").tempdir_in(&parent);
        let root = root.map_err(|source| ReproError::io("write", &parent, source))?;
        let keep = match keep {
            Some(folder) => {
                let write = |source| ReproError::io("write", folder, source);
                std::fs::create_dir_all(folder).map_err(write)?;
                Some(folder.to_owned())
            }
            None => None,
        };
        let workshop = Workshop {
            root,
            keep,
            tell,
            cancel,
            done: Cell::new(0),
            total: Cell::new(0),
            built: Cell::new(0),
        };
        for name in ["tmp", "out", "kept"] {
            let folder = workshop.folder(name);
            std::fs::create_dir(&folder).map_err(|it| ReproError::io("write", &folder, it))?;
        }
        Ok(workshop)
    }

    /// A place in the workshop.
    fn folder(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// A number for the next program that is built.
    fn number(&self) -> usize {
        self.built.replace(self.built.get() + 1)
    }

    fn package(&self, named: &str, directory: &Path) -> Result<Package, ReproError> {
        Ok(Package::find(&installed_go()?, named, directory, self.cancel)?)
    }

    /// Tells what is in hand, and counts it.
    fn say(&self, doing: &str) {
        let done = self.done.get();
        // Remedies are not planned.
        let total = self.total.get().max(done + 1);
        (self.tell)(Event {
            phase: Phase::Build,
            doing: doing.to_owned(),
            done,
            total,
            left: None,
        });
        self.done.set(done + 1);
    }

    /// Keeps a program where the user wants it.
    fn keep(&self, built: &Built, name: &str) -> Result<(), ReproError> {
        let Some(folder) = &self.keep else { return Ok(()) };
        let to = folder.join(name);
        let copied = std::fs::copy(&built.path, &to);
        copied.map(drop).map_err(|source| ReproError::io("write", &to, source))
    }
}

/// An entry of the document in which nothing was found yet.
fn empty(what: Vary, world: World) -> Varied {
    Varied {
        what,
        world,
        identical: None,
        not_tried: None,
        file: None,
        bytes: 0,
        size_change: 0,
        parts: Vec::new(),
        evidence: Vec::new(),
        because: None,
        remedies: Vec::new(),
        seconds: 0.0,
    }
}

fn not_tried(what: Vary, world: World, why: NotTried) -> Varied {
    Varied { not_tried: Some(why), ..empty(what, world) }
}

/// The build as a person types it; GOFLAGS that were set elsewhere are part of it.
fn command_line(package: &Package, with: &[String]) -> String {
    let (flags, variables): (Vec<_>, Vec<_>) = with.iter().partition(|it| it.starts_with('-'));
    let own = package.flags.to_string();
    let own = (!own.is_empty()).then(|| format!("GOFLAGS={own}"));
    let quote = |word: &String| crate::variant::quote(word);
    let mut words: Vec<String> = own.iter().chain(variables).map(quote).collect();
    words.push("go build".to_owned());
    words.extend(flags.into_iter().map(quote));
    words.push(quote(&package.argument));
    words.join(" ")
}

/// A remedy that nobody has tried.
fn advice(advice: elfin_schema::ReproAdvice) -> ReproRemedy {
    ReproRemedy { set: Vec::new(), advice: Some(advice), tried: RemedyTried::Untried }
}
