//! What may mend a difference, each really tried: both worlds are built with it.

use super::compare::Inventory;
use super::course::Course;
use super::subject::Subject;
use super::{ReproError, advice};
use elfin_schema::{NotTried, RemedyTried, ReproAdvice, ReproCause, ReproRemedy, Vary, World};

/// A remedy to be tried, or one that cannot be.
pub(super) enum Candidate {
    Set(Vec<String>),
    Advice(ReproAdvice),
}

/// Lists what may help, the likeliest first.
pub(super) fn candidates(cause: &ReproCause, what: Vary, subject: &Subject) -> Vec<Candidate> {
    let set = |words: &[&str]| Candidate::Set(words.iter().map(|it| (*it).to_owned()).collect());
    let trimmed = || set(&["-trimpath"]);
    let unstamped = || set(&["-buildvcs=false"]);
    let no_cgo = || set(&["CGO_ENABLED=0"]);
    let dated = || set(&["SOURCE_DATE_EPOCH=1"]);
    match cause {
        ReproCause::SourceFolder
        | ReproCause::GoFolder
        | ReproCause::ModuleFolder
        | ReproCause::TemporaryFolder => {
            vec![
                trimmed(),
                set(&["-trimpath", "-buildvcs=false"]),
                set(&["-trimpath", "CGO_ENABLED=0"]),
            ]
        }
        ReproCause::VersionControl { .. } | ReproCause::Modules { .. } => vec![unstamped()],
        ReproCause::CgoSwitched { .. } if subject.has_c() => vec![set(&["CGO_ENABLED=1"])],
        ReproCause::CgoSwitched { .. } => vec![no_cgo(), set(&["CGO_ENABLED=1"])],
        ReproCause::OtherCompiler => vec![no_cgo(), Candidate::Advice(ReproAdvice::PinCompiler)],
        ReproCause::LinkTimeOptimization { places } => without_lto(places, subject),
        ReproCause::BuildTime => vec![dated(), trimmed()],
        _ if what == Vary::Again => vec![dated(), trimmed(), no_cgo()],
        _ => vec![trimmed(), unstamped(), no_cgo()],
    }
}

/// The variables without `-flto`, and advice where a package's own lines have it.
fn without_lto(places: &[String], subject: &Subject) -> Vec<Candidate> {
    let (variables, packages): (Vec<_>, Vec<_>) =
        places.iter().partition(|it| it.starts_with("CGO_"));
    let without = |name: &&String| {
        let flags = subject.env(name).split_whitespace().filter(|it| !it.starts_with("-flto"));
        format!("{name}={}", flags.collect::<Vec<_>>().join(" "))
    };
    let set: Vec<String> = variables.iter().map(without).collect();
    let mut all = Vec::new();
    if !set.is_empty() && packages.is_empty() {
        all.push(Candidate::Set(set));
    }
    if !packages.is_empty() {
        all.push(Candidate::Advice(ReproAdvice::DropLtoInSources));
    }
    all
}

/// Tries one after the other until one helps, which then stands first.
pub(super) fn try_out(
    course: &mut Course<'_, '_>,
    what: Vary,
    world: &World,
    wanted: Vec<Candidate>,
) -> Result<Vec<ReproRemedy>, ReproError> {
    let mut tried = Vec::new();
    for candidate in wanted {
        let set = match candidate {
            Candidate::Set(set) => set,
            Candidate::Advice(what) => {
                tried.push(advice(what));
                continue;
            }
        };
        course.workshop.say(&format!("{} with {}", what.name(), set.join(" ")));
        let outcome = try_one(course, world, &set)?;
        let helps = matches!(outcome, RemedyTried::Identical | RemedyTried::Refuses { .. });
        let remedy = ReproRemedy { set, advice: None, tried: outcome };
        if helps {
            tried.insert(0, remedy);
            break;
        }
        tried.push(remedy);
    }
    Ok(tried)
}

/// Builds in both worlds with settings, and compares.
fn try_one(
    course: &mut Course<'_, '_>,
    world: &World,
    set: &[String],
) -> Result<RemedyTried, ReproError> {
    let mut settings = course.with.clone();
    settings.extend(set.iter().cloned());
    let here = course.mended(&settings)?;
    let here = match here.as_ref() {
        Ok(built) => built,
        Err(says) => return Ok(RemedyTried::Fails { says: says.clone() }),
    };
    let there = match course.visit(world, &settings)?.1 {
        Ok((_, built)) => built,
        Err(NotTried::Failed { says }) => return Ok(RemedyTried::Refuses { says }),
        Err(_) => return Ok(RemedyTried::Untried),
    };
    if here.file == there.file {
        return Ok(RemedyTried::Identical);
    }
    let (one, other) = (here.read()?, there.read()?);
    let bytes = Inventory::of(&one).against(&Inventory::of(&other)).bytes;
    Ok(RemedyTried::Differs { bytes })
}
