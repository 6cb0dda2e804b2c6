//! Builds again what was shipped, from what it says of itself, and compares.
//!
//! Build information tells the Go release, flags, cgo's variables and the commit. What it does not
//! tell is listed, and nothing of it is guessed but the linker flags that take symbols off, which
//! -trimpath keeps out of it and the file shows.

use super::compare::Inventory;
use super::remedies::Candidate;
use super::scene::{self, Built, Scene};
use super::subject::{git, real};
use super::{ReproError, ShippedOrder, Workshop, advice, build_id, causes, repository};
use crate::store::hash_file;
use elfin_goenv::GoFlags;
use elfin_schema::{
    REPRO_SCHEMA, ReproAdvice, ReproCause, ReproEvidence, ReproFile, ReproRemedy, Reproduction,
    ShippedBuild, Untold, Varied, Vary, Weighing, World,
};
use std::path::{Path, PathBuf};

/// Variables that build information names as it is given them.
const VARIABLES: [&str; 20] = [
    "CGO_ENABLED",
    "CGO_CFLAGS",
    "CGO_CPPFLAGS",
    "CGO_CXXFLAGS",
    "CGO_LDFLAGS",
    "GOOS",
    "GOARCH",
    "GOAMD64",
    "GOARM",
    "GOARM64",
    "GO386",
    "GOMIPS",
    "GOMIPS64",
    "GOPPC64",
    "GORISCV64",
    "GOWASM",
    "GOEXPERIMENT",
    "GOFIPS140",
    "CGO_FFLAGS",
    "GOLOONG64",
];

/// The build mode that Go writes down where none is given.
const BUILD_MODE: &str = "exe";

/// GOFLAGS of the user's that are about files and not about how a program is built.
const OF_THE_MODULE: [&str; 4] = ["mod", "modfile", "modcacherw", "overlay"];

/// Builds again what was shipped.
pub(super) fn rebuild(
    order: &ShippedOrder,
    workshop: &Workshop<'_>,
) -> Result<Reproduction, ReproError> {
    let path = &order.binary;
    let data = std::fs::read(path).map_err(|source| ReproError::io("read", path, source))?;
    let shipped = Inventory::of(&data);
    let (weighing, path_of_main, version) = identify(path, &shipped)?;
    let mut notes = ShippedBuild::default();
    let settings = told(weighing, &mut notes);
    let folder = checked_out(order, weighing, workshop, &mut notes)?;
    let scene = scene(order, workshop, &folder, &path_of_main, &version, weighing)?;
    workshop.total.set(4);
    let (built, inferred) = closest(&scene, &settings, weighing, &shipped, workshop)?;
    notes.inferred = inferred;
    workshop.keep(&built, "rebuilt")?;
    let file = ReproFile { bytes: data.len() as u64, sha256: hash_file(path)? };
    let varied = compared(&shipped, &file, &built)?;
    untold(weighing, &scene, &varied, &mut notes);
    let words = settings.iter().chain(&notes.inferred);
    let command: Vec<String> = words.map(|it| crate::variant::quote(it)).collect();
    let (variables, flags): (Vec<_>, Vec<_>) =
        command.into_iter().partition(|it| !it.trim_start_matches('\'').starts_with('-'));
    let toolchain = format!("GOTOOLCHAIN={}", toolchain(&version));
    let words = [toolchain].into_iter().chain(variables).chain(["go build".to_owned()]);
    let words = words.chain(flags).chain([path_of_main]);
    Ok(Reproduction {
        schema: REPRO_SCHEMA.to_owned(),
        elfin: env!("CARGO_PKG_VERSION").to_owned(),
        subject: path.display().to_string(),
        go: version,
        command: words.collect::<Vec<_>>().join(" "),
        identical: varied.identical == Some(true),
        baseline: file,
        cold: true,
        with: Vec::new(),
        varied: vec![varied],
        rounds: None,
        shipped: Some(notes),
        seconds: 0.0,
    })
}

/// What a file must say for it to be built again.
fn identify<'i>(
    path: &Path,
    shipped: &'i Inventory<'_>,
) -> Result<(&'i Weighing, String, String), ReproError> {
    let says =
        |says: &str| ReproError::NoBuildInfo { path: path.to_owned(), says: says.to_owned() };
    let weighing = shipped.weighing.as_ref();
    let weighing =
        weighing.ok_or_else(|| says("no ELF file: --binary takes a linked Go program"))?;
    let go = weighing.go.as_ref().filter(|it| !it.version.is_empty());
    let go = go.ok_or_else(|| {
        says(
            "it has no build information of Go's, which says how it was built; a packed file must \
              be unpacked first (upx -d)",
        )
    })?;
    let main = go.path.clone().filter(|it| it != "command-line-arguments");
    Ok((weighing, main.unwrap_or_else(|| ".".to_owned()), go.version.clone()))
}

/// The settings with which it was built, as flags and variables as one types them.
fn told(weighing: &Weighing, notes: &mut ShippedBuild) -> Vec<String> {
    let mut set = Vec::new();
    let mut stamped = false;
    for (name, value) in &weighing.build.settings {
        stamped |= name.starts_with("vcs");
        let word = match name.as_str() {
            "-compiler" | "DefaultGODEBUG" => continue,
            // As a rule nobody said so, and the build ID knows whether somebody did.
            "-buildmode" if value == BUILD_MODE => continue,
            // A profile that is named default.pgo is found by itself, if it is there.
            "-pgo" if value.ends_with("default.pgo") => continue,
            flag if flag.starts_with('-') => format!("{flag}={value}"),
            name if VARIABLES.contains(&name) => format!("{name}={value}"),
            _ => continue,
        };
        notes.told.push((name.clone(), value.clone()));
        set.push(word);
    }
    if !stamped {
        set.push("-buildvcs=false".to_owned());
    }
    set
}

/// The folder to build in: the one that was given, or a clone at the commit that the file names.
fn checked_out(
    order: &ShippedOrder,
    weighing: &Weighing,
    workshop: &Workshop<'_>,
    notes: &mut ShippedBuild,
) -> Result<PathBuf, ReproError> {
    let source = real(&order.source);
    let setting = |name: &str| weighing.build.settings.get(name).map(String::as_str);
    let Some(revision) = setting("vcs.revision") else {
        notes.untold.push(Untold::Commit);
        return Ok(source);
    };
    let modified = setting("vcs.modified") == Some("true");
    if modified {
        notes.untold.push(Untold::Changes);
    }
    let top = git(&source, &["rev-parse", "--show-toplevel"], workshop.cancel)?;
    let not_here = || Untold::CommitNotHere { revision: revision.to_owned() };
    let Ok(top) = top else {
        notes.untold.push(not_here());
        return Ok(source);
    };
    let top = real(Path::new(top.trim()));
    let status = git(&top, &["status", "--porcelain"], workshop.cancel)?;
    let dirty = status.is_ok_and(|it| !it.is_empty());
    let head = repository::head(&top, workshop.cancel)?;
    if head.as_deref() == Some(revision) && dirty == modified {
        return Ok(source);
    }
    let clone = workshop.folder("src");
    let made = repository::clone(&top, &clone, workshop.cancel)?;
    let made = match made {
        Ok(()) => repository::check_out(&clone, revision, workshop.cancel)?,
        Err(says) => Err(says),
    };
    if made.is_err() {
        notes.untold.push(not_here());
        return Ok(source);
    }
    Ok(clone.join(source.strip_prefix(&top).unwrap_or(Path::new(""))))
}

/// The scene of the build, from nothing and without the user's own settings.
fn scene(
    order: &ShippedOrder,
    workshop: &Workshop<'_>,
    folder: &Path,
    main: &str,
    version: &str,
    weighing: &Weighing,
) -> Result<Scene, ReproError> {
    let package = workshop.package(main, folder).or_else(|error| match main {
        "." => Err(error),
        // Of another module than the folder's: what is there may be it all the same.
        _ => workshop.package(".", folder),
    })?;
    let mut scene = Scene::in_place(workshop, &package, &package.directory);
    let kept: Vec<String> = OF_THE_MODULE
        .iter()
        .filter_map(|name| Some(format!("-{name}={}", package.flags.value(name)?)))
        .collect();
    scene.set("GOFLAGS", GoFlags::parse(&kept.join(" ")).to_string());
    // What the build information does not name was not set.
    for name in VARIABLES.iter().filter(|it| !weighing.build.settings.contains_key(**it)) {
        scene.unset(name);
    }
    if package.toolchain != version {
        scene.set("GOTOOLCHAIN", toolchain(version));
    }
    let cache = workshop.folder("cache");
    std::fs::create_dir_all(&cache).map_err(|it| ReproError::io("write", &order.source, it))?;
    scene.cache = Some(cache);
    Ok(scene)
}

/// What GOTOOLCHAIN takes: `go1.26.8` of `go1.26.8 X:nocoverageredesign`.
fn toolchain(version: &str) -> String {
    version.split_whitespace().next().unwrap_or(version).to_owned()
}

/// Builds, with each of the flags that nothing tells of, and keeps what comes closest.
fn closest(
    scene: &Scene,
    settings: &[String],
    weighing: &Weighing,
    shipped: &Inventory<'_>,
    workshop: &Workshop<'_>,
) -> Result<(Built, Vec<String>), ReproError> {
    let mut best: Option<(u64, Built, Vec<String>)> = None;
    for inferred in unwritten_flags(weighing) {
        workshop.say(&format!("rebuild {}", inferred.join(" ")));
        let mut all = settings.to_vec();
        all.extend(inferred.iter().cloned());
        let built = scene.build(&all, workshop)?.map_err(|says| ReproError::NotBuilt { says })?;
        let data = built.read()?;
        let bytes = shipped.against(&Inventory::of(&data)).bytes;
        if best.as_ref().is_none_or(|(least, ..)| bytes < *least) {
            best = Some((bytes, built, inferred));
        }
        if bytes == 0 {
            break;
        }
    }
    let none = || ReproError::NotBuilt { says: "nothing was built".to_owned() };
    best.map(|(_, built, inferred)| (built, inferred)).ok_or_else(none)
}

/// Linker flags that the file may have been built with: -trimpath keeps them out of the build
/// information, but what they take off is not there.
fn unwritten_flags(weighing: &Weighing) -> Vec<Vec<String>> {
    let set = |flags: &str| vec![format!("-ldflags={flags}")];
    let settings = &weighing.build.settings;
    let written = settings.contains_key("-ldflags") || !settings.contains_key("-trimpath");
    let mut all = match (written, weighing.file.symbols, weighing.file.dwarf) {
        (true, ..) | (false, true, true) => vec![vec![]],
        (false, true, false) => vec![set("-w")],
        (false, false, true) => vec![set("-s -w=0"), vec![]],
        (false, false, false) => vec![set("-s -w"), set("-s"), set("-w -s"), vec![]],
    };
    if settings.get("-buildmode").is_some_and(|it| it == BUILD_MODE) {
        let said = |flags: &Vec<String>| {
            flags.iter().cloned().chain([format!("-buildmode={BUILD_MODE}")]).collect()
        };
        let said: Vec<Vec<String>> = all.iter().map(said).collect();
        all.extend(said);
    }
    all
}

/// Holds what was built against what was shipped.
fn compared(
    shipped: &Inventory<'_>,
    file: &ReproFile,
    built: &Built,
) -> Result<Varied, ReproError> {
    let mut varied = super::empty(Vary::Shipped, World::Rebuilt);
    varied.identical = Some(built.file == *file);
    varied.file = Some(built.file.clone());
    varied.size_change = scene::difference(file, &built.file);
    varied.seconds = built.seconds;
    if varied.identical == Some(true) {
        return Ok(varied);
    }
    let data = built.read()?;
    let rebuilt = Inventory::of(&data);
    let comparison = shipped.against(&rebuilt);
    (varied.bytes, varied.parts) = (comparison.bytes, comparison.parts);
    if let (Some(from), Some(to)) = (&shipped.weighing, &rebuilt.weighing) {
        varied.evidence = causes::said(from, to);
        let folders = [
            (&from.build.main_sources, &to.build.main_sources),
            (&from.build.go_sources, &to.build.go_sources),
        ];
        for (from, to) in folders.into_iter().filter(|(from, to)| from != to) {
            for (inventory, path) in [(shipped, from), (&rebuilt, to)] {
                let Some(path) = path.clone().filter(|it| !it.is_empty()) else { continue };
                let times = inventory.count(&path);
                varied.evidence.push(ReproEvidence::Path { path, times });
            }
        }
    }
    let ids = build_id::of(shipped.data).zip(build_id::of(rebuilt.data));
    varied.evidence.extend(ids.and_then(|(from, to)| build_id::differences(&from, &to)));
    let (cause, remedy) = judged(&varied);
    varied.because = Some(cause);
    varied.remedies = remedy
        .into_iter()
        .map(|it| match it {
            Candidate::Advice(what) => advice(what),
            Candidate::Set(set) => {
                ReproRemedy { set, advice: None, tried: elfin_schema::RemedyTried::Untried }
            }
        })
        .collect();
    Ok(varied)
}

/// The cause, and what whoever ships the next one can do.
fn judged(varied: &Varied) -> (ReproCause, Option<Candidate>) {
    let path = varied.evidence.iter().any(|it| matches!(it, ReproEvidence::Path { .. }));
    let stripped =
        varied.evidence.iter().any(|it| matches!(it, ReproEvidence::Symbols { from: false }));
    match causes::from_evidence(&varied.evidence) {
        Some(cause) => {
            let remedy = match &cause {
                ReproCause::GoRelease => Candidate::Advice(ReproAdvice::SameGo),
                ReproCause::CgoSwitched { from, .. } => {
                    Candidate::Set(vec![format!("CGO_ENABLED={from}")])
                }
                _ => Candidate::Advice(ReproAdvice::CleanCheckout),
            };
            (cause, Some(remedy))
        }
        None if stripped => (ReproCause::Stripped, None),
        None if path => {
            (ReproCause::SourceFolder, Some(Candidate::Set(vec!["-trimpath".to_owned()])))
        }
        None => (causes::last_resort(&varied.parts), None),
    }
}

/// Says what build information could not tell of this build.
fn untold(weighing: &Weighing, scene: &Scene, varied: &Varied, notes: &mut ShippedBuild) {
    let settings = &weighing.build.settings;
    let trimmed = settings.contains_key("-trimpath");
    let cgo = settings.get("CGO_ENABLED").is_some_and(|it| it == "1");
    if weighing.build.linked_externally {
        notes.untold.push(Untold::CCompiler { named: weighing.build.tools.clone() });
    }
    if trimmed && !settings.contains_key("-ldflags") {
        notes.untold.push(Untold::LinkerFlags);
    }
    if trimmed && cgo {
        notes.untold.push(Untold::CFlags);
    }
    let sources = weighing.build.main_sources.clone().filter(|it| !it.is_empty());
    let here = scene.directory.to_string_lossy();
    let moved = varied.evidence.iter().any(|it| matches!(it, ReproEvidence::Path { .. }));
    if !trimmed && moved && sources.as_deref() != Some(&*here) {
        let go = weighing.build.go_sources.clone().filter(|it| !it.is_empty());
        notes.untold.push(Untold::Folders { sources, go });
    }
    if matches!(varied.because, Some(ReproCause::Stripped)) {
        notes.untold.push(Untold::AfterTheLink);
    }
}
