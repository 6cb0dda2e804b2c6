//! What may mend a difference, each really tried: both worlds are built with it.

use super::compare::Inventory;
use super::scene::{Built, Scene};
use super::subject::Subject;
use super::{Course, ReproError, advice};
use elfin_schema::{RemedyTried, ReproAdvice, ReproCause, ReproRemedy, Vary};

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

/// Tries remedies for one world.
pub(super) struct Remedies<'c, 'w, 'a> {
    pub(super) course: &'c mut Course<'w, 'a>,
    pub(super) what: Vary,
    pub(super) scene: &'c Scene,
}

impl Remedies<'_, '_, '_> {
    /// Tries one after the other until one helps, which then stands first.
    pub(super) fn try_out(
        &mut self,
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
            let outcome = self.try_one(&set)?;
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

    fn try_one(&mut self, set: &[String]) -> Result<RemedyTried, ReproError> {
        let mut settings = self.course.with.clone();
        settings.extend(set.iter().cloned());
        self.course.workshop.say(&format!("{} with {}", self.what.name(), set.join(" ")));
        let workshop = self.course.workshop;
        let here = self.course.scene.clone();
        let furnished = self.course.caches.furnish(&here, &settings)?;
        let mut one = match furnished.build(&settings, workshop)? {
            Ok(built) => built,
            Err(says) => return Ok(RemedyTried::Fails { says }),
        };
        let mut other = match self.there(&settings)? {
            Ok(built) => built,
            Err(says) => return Ok(RemedyTried::Refuses { says }),
        };
        if self.what == Vary::Again && one.file == other.file {
            // Both from nothing: what the seed has in it must not be what makes them the same.
            let again = self.there(&settings)?;
            match again {
                Ok(built) => (one, other) = (other, built),
                Err(says) => return Ok(RemedyTried::Refuses { says }),
            }
        }
        if one.file == other.file {
            return Ok(RemedyTried::Identical);
        }
        let (one, other) = (one.read()?, other.read()?);
        let bytes = Inventory::of(&one).against(&Inventory::of(&other)).bytes;
        Ok(RemedyTried::Differs { bytes })
    }

    fn there(&mut self, settings: &[String]) -> Result<Result<Built, String>, ReproError> {
        let furnished = self.course.furnished(self.what, self.scene, settings)?;
        furnished.build(settings, self.course.workshop)
    }
}
