//! The worlds: how each thing is varied, and how a world is left again.
//!
//! A world differs from the baseline's in one thing. What cannot be made here is not tried, with the
//! reason.

use super::caches::Caches;
use super::other_places::{self, Elsewhere};
use super::repository;
use super::scene::Scene;
use super::subject::Subject;
use super::tree::{self, Tree};
use super::{ReproError, ReproOrder, Workshop, clock_probe};
use elfin_process::Tool;
use elfin_schema::{NotTried, Vary, World};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Far from now, and not a whole number of years.
const DAYS_AHEAD: i64 = 400;
const USER: u32 = 4242;
/// A language whose `i` has another capital letter.
const LOCALE: &str = "tr_TR.UTF-8";
/// A zone that is not whole hours away.
const ZONE: &str = "Asia/Kathmandu";
/// An uncommitted file.
const UNCOMMITTED: &str = "elfin-uncommitted.txt";

/// Enters and leaves worlds.
pub(crate) struct Worlds<'w, 'a> {
    workshop: &'w Workshop<'a>,
    subject: &'w Subject,
    coarse: Option<PathBuf>,
    cold: bool,
    undo: Vec<Undo>,
    /// Held while a world is in force.
    elsewhere: Option<Elsewhere>,
}

/// What leaves a world.
enum Undo {
    MoveBack(PathBuf),
    Dates,
    Remove(PathBuf),
    Uncommit(PathBuf),
    Rename(PathBuf, PathBuf),
}

type Entered = Result<Scene, NotTried>;

impl<'w, 'a> Worlds<'w, 'a> {
    pub(super) fn new(
        workshop: &'w Workshop<'a>,
        subject: &'w Subject,
        order: &ReproOrder,
    ) -> Worlds<'w, 'a> {
        let (coarse, cold) = (order.coarse.clone(), order.cold);
        Worlds { workshop, subject, coarse, cold, undo: Vec::new(), elsewhere: None }
    }

    /// The worlds for what is to be varied.
    pub(super) fn list(&self, vary: &[Vary], tree: &Tree) -> Vec<(Vary, World)> {
        let unknown = || World::CacheOn { file_system: String::new(), step: 0 };
        let coarse = || World::CacheOn { file_system: String::new(), step: 1_000_000_000 };
        let mut all = Vec::new();
        for what in Vary::ALL.into_iter().filter(|it| vary.contains(it)) {
            let worlds = match what {
                Vary::Again | Vary::Shipped => vec![],
                Vary::Path => vec![World::OtherFolder, World::LongerFolder],
                Vary::Home => vec![World::OtherHome],
                Vary::Time => vec![World::ClockAhead { days: DAYS_AHEAD }],
                Vary::Mtime => vec![World::Dated { year: 1985 }, World::Dated { year: 2040 }],
                Vary::Cache => vec![unknown(), coarse()],
                Vary::Tmpdir => vec![World::TemporaryOn { file_system: String::new() }],
                Vary::Umask => vec![World::Umask { mask: "077".into() }],
                Vary::Locale => vec![World::Locale { locale: LOCALE.into(), zone: ZONE.into() }],
                Vary::User => vec![World::User { user: USER }],
                Vary::Parallel => vec![World::Jobs { jobs: self.other_jobs() }],
                Vary::Git if tree.dirty => {
                    vec![World::Committed, World::NoRepository, World::NoGit]
                }
                Vary::Git => vec![
                    World::UncommittedFile,
                    World::OtherCommit,
                    World::NoRepository,
                    World::NoGit,
                ],
                Vary::Cc => {
                    vec![World::NoCompiler, World::Compiler { version: String::new() }]
                }
                Vary::Goroot => vec![World::GoElsewhere],
            };
            all.extend(worlds.into_iter().map(|world| (what, world)));
        }
        all
    }

    /// Enters a world: gives it as it is here, and the scene of a build in it.
    pub(super) fn enter(
        &mut self,
        world: &World,
        scene: &Scene,
        tree: &mut Tree,
        caches: &mut Caches<'_, '_>,
        with: &[String],
    ) -> Result<(World, Entered), ReproError> {
        let mut there = scene.clone();
        let mut exact = world.clone();
        let refused = match world {
            World::Same | World::Rebuilt => None,
            World::OtherFolder => self.move_to("alt", &mut there, tree)?,
            World::LongerFolder => self.move_to("another/folder/far/away", &mut there, tree)?,
            World::OtherHome => self.other_home(&mut there),
            World::ClockAhead { days } => {
                let seconds = days * 24 * 3600;
                there.ahead = Some(seconds);
                let furnished = caches.furnish(scene, with)?;
                let proof = clock_probe::prove(self.workshop, &furnished, seconds)?;
                proof.err().map(|says| NotTried::ClockUnmoved { says })
            }
            World::Dated { year } => {
                self.undo.push(Undo::Dates);
                tree.date(Some(other_places::year(*year)))?;
                None
            }
            World::CacheOn { step: 0, .. } => {
                self.other_cache(&mut there, &mut exact, caches, with)?
            }
            World::CacheOn { .. } => self.coarse_cache(&mut there, &mut exact, caches, with)?,
            World::TemporaryOn { .. } => self.other_temporary(&mut there, &mut exact),
            World::Umask { mask } => {
                there.umask = u32::from_str_radix(mask, 8).ok();
                None
            }
            World::Locale { locale, zone } => {
                let set =
                    [("LANG", locale), ("LC_ALL", locale), ("LANGUAGE", locale), ("TZ", zone)];
                set.iter().for_each(|(name, value)| there.set(name, value.as_str()));
                None
            }
            World::User { user } => {
                there.user = Some(*user);
                ["USER", "LOGNAME"].iter().for_each(|name| there.set(name, "somebody-else"));
                None
            }
            World::Jobs { jobs } => {
                there.flags.push(format!("-p={jobs}"));
                there.set("GOMAXPROCS", jobs.to_string());
                None
            }
            World::UncommittedFile
            | World::Committed
            | World::OtherCommit
            | World::NoRepository => self.other_state(world, tree)?,
            World::NoGit => self.without("no-git", &mut there, &|name| name == "git")?,
            World::NoCompiler => {
                let own = Path::new(self.subject.env("CC"));
                let own = own.file_name().map(|it| it.to_string_lossy().into_owned());
                let own = own.unwrap_or_default();
                self.without("no-cc", &mut there, &|name| is_compiler(name) || name == own)?
            }
            World::Compiler { .. } => self.other_compiler(&mut there, &mut exact)?,
            World::GoElsewhere => {
                there.go = other_places::copy_go(self.workshop, self.subject)?.join("bin/go");
                there.unset("GOROOT");
                there.set("GOTOOLCHAIN", "local");
                None
            }
        };
        match refused {
            Some(why) => {
                self.leave(tree)?;
                Ok((exact, Err(why)))
            }
            None => Ok((exact, Ok(there))),
        }
    }

    /// Makes all as it was.
    pub(super) fn leave(&mut self, tree: &mut Tree) -> Result<(), ReproError> {
        self.elsewhere = None;
        while let Some(undo) = self.undo.pop() {
            match undo {
                Undo::MoveBack(root) => tree.move_to(&root)?,
                Undo::Dates => tree.date(None)?,
                Undo::Uncommit(top) => repository::uncommit(&top, self.workshop.cancel)?,
                Undo::Remove(path) => std::fs::remove_file(&path)
                    .map_err(|source| ReproError::io("take away", &path, source))?,
                Undo::Rename(from, to) => std::fs::rename(&from, &to)
                    .map_err(|source| ReproError::io("move", &from, source))?,
            }
        }
        Ok(())
    }

    fn move_to(
        &mut self,
        name: &str,
        there: &mut Scene,
        tree: &mut Tree,
    ) -> Result<Option<NotTried>, ReproError> {
        let before = tree.root.clone();
        let to = self.workshop.folder(name);
        tree.move_to(&to)?;
        let moved = |path: &Path| tree::moved(path, &before, &to);
        if let Some(directory) = moved(&there.directory) {
            there.directory = directory;
        }
        if let Some(argument) = moved(Path::new(&there.argument)) {
            there.argument = argument.to_string_lossy().into_owned();
        }
        self.undo.push(Undo::MoveBack(before));
        Ok(None)
    }

    /// Modules are unpacked anew below the other home, from the cache that is there: no network.
    fn other_home(&self, there: &mut Scene) -> Option<NotTried> {
        let home = self.workshop.folder("home/somebody");
        let cached = self.subject.env("GOMODCACHE").to_owned();
        there.set("HOME", home.to_string_lossy());
        there.set("GOENV", self.subject.env("GOENV"));
        if Path::new(&cached).join("cache/download").is_dir() {
            there.set("GOPROXY", format!("file://{cached}/cache/download"));
        }
        for name in ["XDG_CACHE_HOME", "XDG_CONFIG_HOME"] {
            there.unset(name);
        }
        // So that the folder can be taken away.
        there.flags.push("-modcacherw".into());
        None
    }

    fn other_cache(
        &mut self,
        there: &mut Scene,
        exact: &mut World,
        caches: &mut Caches<'_, '_>,
        with: &[String],
    ) -> Result<Option<NotTried>, ReproError> {
        let Some(elsewhere) = other_places::other_file_system(self.workshop) else {
            return Ok(Some(NotTried::NoOtherFileSystem));
        };
        self.cache_at(elsewhere, there, exact, caches, with).map(|()| None)
    }

    fn cache_at(
        &mut self,
        elsewhere: Elsewhere,
        there: &mut Scene,
        exact: &mut World,
        caches: &mut Caches<'_, '_>,
        with: &[String],
    ) -> Result<(), ReproError> {
        let cache = elsewhere.folder.path().join("cache");
        if let Some(seed) = caches.seed(there, with)? {
            super::caches::fill(&seed, &cache)?;
        }
        there.cache = Some(cache);
        let (file_system, step) = (elsewhere.file_system.clone(), elsewhere.step);
        *exact = World::CacheOn { file_system, step };
        self.elsewhere = Some(elsewhere);
        Ok(())
    }

    fn coarse_cache(
        &mut self,
        there: &mut Scene,
        exact: &mut World,
        caches: &mut Caches<'_, '_>,
        with: &[String],
    ) -> Result<Option<NotTried>, ReproError> {
        if let Some(folder) = &self.coarse {
            let says = match other_places::within(folder) {
                Some(it) if it.step >= other_places::COARSE => {
                    return self.cache_at(it, there, exact, caches, with).map(|()| None);
                }
                Some(it) => format!("{}: dates in steps of {} ns", folder.display(), it.step),
                None => format!("{}: no file can be made there", folder.display()),
            };
            return Ok(Some(NotTried::NoCoarseDates { says }));
        }
        let seed = if self.cold { None } else { caches.seed(there, with)? };
        match other_places::coarse_mount(self.workshop, seed.as_deref())? {
            Err(why) => Ok(Some(why)),
            Ok(mounted) => {
                there.wrapper = mounted.wrapper;
                there.cache = Some(mounted.cache);
                *exact = World::CacheOn { file_system: "ext4".into(), step: 1_000_000_000 };
                Ok(None)
            }
        }
    }

    fn other_temporary(&mut self, there: &mut Scene, exact: &mut World) -> Option<NotTried> {
        let Some(elsewhere) = other_places::other_file_system(self.workshop) else {
            return Some(NotTried::NoOtherFileSystem);
        };
        there.temporary = elsewhere.folder.path().to_owned();
        *exact = World::TemporaryOn { file_system: elsewhere.file_system.clone() };
        self.elsewhere = Some(elsewhere);
        None
    }

    /// Puts the repository around the copy into another state.
    fn other_state(&mut self, world: &World, tree: &Tree) -> Result<Option<NotTried>, ReproError> {
        let Some(top) = tree.repository() else { return Ok(Some(NotTried::NotInGit)) };
        let failed = |says| Some(NotTried::NotMade { says });
        Ok(match world {
            World::UncommittedFile => {
                let path = top.join(UNCOMMITTED);
                let made = std::fs::write(&path, "elfin repro\n");
                made.map_err(|source| ReproError::io("write", &path, source))?;
                self.undo.push(Undo::Remove(path));
                None
            }
            World::NoRepository => {
                let (from, to) = (top.join(".git"), self.workshop.folder("git"));
                let moved = std::fs::rename(&from, &to);
                moved.map_err(|source| ReproError::io("move", &from, source))?;
                self.undo.push(Undo::Rename(to, from));
                None
            }
            _ => match repository::commit(&top, self.workshop.cancel)? {
                Ok(()) => {
                    self.undo.push(Undo::Uncommit(top));
                    None
                }
                Err(says) => failed(says),
            },
        })
    }

    fn without(
        &self,
        name: &str,
        there: &mut Scene,
        leave_out: &dyn Fn(&str) -> bool,
    ) -> Result<Option<NotTried>, ReproError> {
        let path = other_places::path_without(self.workshop, name, leave_out)?;
        there.set("PATH", path.to_string_lossy());
        Ok(None)
    }

    /// The first C compiler in PATH that says it is another one.
    fn other_compiler(
        &self,
        there: &mut Scene,
        exact: &mut World,
    ) -> Result<Option<NotTried>, ReproError> {
        let own = self.subject.env("CC").split_whitespace().next().unwrap_or("cc").to_owned();
        let own = self.compiler_version(&own)?;
        let versions = (8..=20).rev().map(|it| format!("gcc-{it}"));
        let names = std::iter::once("clang".to_owned()).chain(versions);
        for name in names.chain(["musl-gcc".to_owned(), "tcc".to_owned()]) {
            let Some(version) = self.compiler_version(&name)? else { continue };
            // musl-gcc is the same gcc with another C library, and says so nowhere.
            if Some(&version) == own.as_ref() && name != "musl-gcc" {
                continue;
            }
            there.set("CC", &*name);
            *exact = World::Compiler { version: format!("{name} {version}") };
            return Ok(None);
        }
        let (tool, remedy) = ("clang".to_owned(), "apt-get install clang".to_owned());
        Ok(Some(NotTried::NeedsTool { tool, remedy }))
    }

    fn compiler_version(&self, name: &str) -> Result<Option<String>, ReproError> {
        let Some(path) = elfin_process::find(name) else { return Ok(None) };
        match Tool::new(path).arg("--version").run(self.workshop.cancel) {
            Err(elfin_process::ToolError::Interrupted) => Err(ReproError::Stopped),
            Err(_) => Ok(None),
            Ok(output) => {
                let text = String::from_utf8_lossy(&output.stdout).into_owned();
                let line = text.lines().next().unwrap_or_default();
                // `gcc-12 (Debian …) 12.2.0` and `gcc (Debian …) 12.2.0` are one; of clang the
                // version comes first.
                let words = line.split_once(" version ").map_or(line, |(_, version)| version);
                let is_version = |it: &&str| it.starts_with(|it: char| it.is_ascii_digit());
                let version = words.split_whitespace().rfind(is_version).unwrap_or(line);
                Ok(Some(version.to_owned()))
            }
        }
    }

    fn other_jobs(&self) -> usize {
        match std::thread::available_parallelism() {
            Ok(here) if here.get() > 1 => 1,
            _ => 4,
        }
    }
}

/// The names of C compilers that Go looks for, and of those that a cross compiler's end in.
fn is_compiler(name: &str) -> bool {
    let names = ["cc", "gcc", "c++", "g++", "clang", "clang++"];
    let name = name.trim_end_matches(|it: char| it.is_ascii_digit() || it == '.' || it == '-');
    names.iter().any(|it| name == *it || name.ends_with(&format!("-{it}")))
}

/// A short name for a world, for the progress line and for files.
pub(super) fn word(world: &World) -> String {
    let told = serde_json::to_value(world).ok();
    let fields: BTreeMap<String, serde_json::Value> =
        told.and_then(|it| serde_json::from_value(it).ok()).unwrap_or_default();
    let text = |name: &str| fields.get(name).map(|it| it.to_string().replace(['"', '/'], ""));
    let detail = ["year", "days", "mask", "jobs", "file_system"].into_iter().find_map(text);
    let id = text("id").unwrap_or_default();
    match detail.filter(|it| !it.is_empty()) {
        Some(detail) => format!("{id}-{detail}"),
        None => id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compilers_are_told_by_their_names() {
        for name in ["cc", "gcc", "gcc-12", "x86_64-linux-gnu-gcc-12", "clang-14", "musl-gcc"] {
            assert!(is_compiler(name), "{name}");
        }
        for name in ["go", "gccgo", "ld", "as", "git", "ccache", "gcc-ar"] {
            assert!(!is_compiler(name), "{name}");
        }
    }

    #[test]
    fn a_world_has_a_word() {
        assert_eq!(word(&World::Dated { year: 1985 }), "dated-1985");
        assert_eq!(word(&World::NoGit), "no-git");
        assert_eq!(word(&World::CacheOn { file_system: String::new(), step: 0 }), "cache-on");
    }
}
