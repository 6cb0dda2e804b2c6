//! The course of a reproduction: the worlds one by one, each entered, built in, left and judged.

use super::caches::Caches;
use super::compare::Inventory;
use super::scene::{Built, Scene};
use super::subject::Subject;
use super::tree::Tree;
use super::worlds::Worlds;
use super::{
    ReproError, ReproOrder, Workshop, causes, empty, not_tried, remedies, rounds, scene, worlds,
};
use elfin_schema::{NotTried, REPRO_SCHEMA, RemedyTried, Reproduction, Varied, Vary, World};
use std::rc::Rc;

/// The baseline with a remedy, or Go's own words why it cannot be built.
pub(super) type Mended = Rc<Result<Built, String>>;
/// What was built in a world, and the scene of it; or why nothing was.
type Visited = Result<(Scene, Built), NotTried>;

/// The course of a reproduction: the worlds one by one.
pub(crate) struct Course<'w, 'a> {
    pub(super) workshop: &'w Workshop<'a>,
    pub(super) subject: &'w Subject,
    pub(super) caches: Caches<'w, 'a>,
    pub(super) worlds: Worlds<'w, 'a>,
    pub(super) tree: Tree,
    /// The baseline's.
    pub(super) scene: Scene,
    /// What is set in all worlds.
    pub(super) with: Vec<String>,
    /// The baseline with remedies, each made once.
    pub(super) mended: Vec<(Vec<String>, Mended)>,
}

impl Course<'_, '_> {
    /// Goes through the worlds.
    pub(super) fn run(&mut self, order: &ReproOrder) -> Result<Reproduction, ReproError> {
        let planned = self.worlds.list(&order.vary, &self.tree);
        self.workshop.total.set(planned.len() + 2 + order.rounds);
        self.workshop.say("baseline");
        let mut baseline = self.baseline()?;
        self.workshop.say("again, from empty caches");
        let again = self.vary(Vary::Again, &World::Same, &baseline)?;
        let never_the_same = again.identical == Some(false);
        let mend = again.remedies.iter().find(|it| it.tried == RemedyTried::Identical);
        let mend = mend.map(|it| it.set.clone());
        let mut varied = vec![again];
        if let (true, Some(mend)) = (never_the_same, mend) {
            self.with = mend;
            baseline = self.baseline()?;
        }
        self.workshop.keep(&baseline, "baseline")?;
        let hopeless = never_the_same && self.with.is_empty();
        for (what, world) in planned {
            if hopeless {
                varied.push(not_tried(what, world, NotTried::NeverTheSame));
                continue;
            }
            self.workshop.say(&format!("{} {}", what.name(), worlds::word(&world)));
            varied.push(self.vary(what, &world, &baseline)?);
        }
        let rounds = match order.rounds {
            0 => None,
            count => Some(rounds::run(self, count)?),
        };
        Ok(Reproduction {
            schema: REPRO_SCHEMA.to_owned(),
            elfin: env!("CARGO_PKG_VERSION").to_owned(),
            subject: String::new(),
            go: String::new(),
            command: String::new(),
            identical: varied.iter().all(|it| it.identical != Some(false)),
            baseline: baseline.file.clone(),
            cold: order.cold,
            with: self.with.clone(),
            varied,
            rounds,
            shipped: None,
            seconds: 0.0,
        })
    }

    /// Builds as it is.
    fn baseline(&mut self) -> Result<Built, ReproError> {
        let scene = self.caches.furnish(&self.scene, &self.with)?;
        let built = scene.build(&self.with, self.workshop)?;
        built.map_err(|says| ReproError::NotBuilt { says })
    }

    /// Builds in a world, holds it against the baseline, and looks for the cause and a remedy.
    fn vary(&mut self, what: Vary, world: &World, baseline: &Built) -> Result<Varied, ReproError> {
        let with = self.with.clone();
        let (exact, scene, built) = match self.visit(world, &with)? {
            (exact, Ok((scene, built))) => (exact, scene, built),
            (exact, Err(why)) => return Ok(not_tried(what, exact, why)),
        };
        let mut varied = Varied {
            identical: Some(built.file == baseline.file),
            size_change: scene::difference(&baseline.file, &built.file),
            file: Some(built.file.clone()),
            seconds: built.seconds,
            ..empty(what, exact)
        };
        if varied.identical == Some(true) {
            return Ok(varied);
        }
        self.workshop.keep(&built, &format!("{}-{}", what.name(), worlds::word(&varied.world)))?;
        let (from, to) = (baseline.read()?, built.read()?);
        let (from, to) = (Inventory::of(&from), Inventory::of(&to));
        let comparison = from.against(&to);
        (varied.bytes, varied.parts) = (comparison.bytes, comparison.parts);
        let places = causes::Places { here: &self.scene, there: &scene, subject: self.subject };
        varied.evidence = causes::evidence(&from, &to, &places);
        let cause = causes::find(&varied, &places, &self.with);
        let wanted = remedies::candidates(&cause, what, self.subject);
        varied.because = Some(cause);
        varied.remedies = remedies::try_out(self, what, world, wanted)?;
        Ok(varied)
    }

    /// Builds in a world and leaves it again; gives the world as it is here.
    pub(super) fn visit(
        &mut self,
        world: &World,
        settings: &[String],
    ) -> Result<(World, Visited), ReproError> {
        let (worlds, caches) = (&mut self.worlds, &mut self.caches);
        let entered = worlds.enter(world, &self.scene, &mut self.tree, caches, settings)?;
        let (exact, scene) = match entered {
            (exact, Ok(scene)) => (exact, scene),
            (exact, Err(why)) => return Ok((exact, Err(why))),
        };
        let built = self.build_there(world, &scene, settings);
        self.worlds.leave(&mut self.tree)?;
        Ok((exact, built?.map(|built| (scene, built))))
    }

    /// The inner error says what became of the build.
    fn build_there(
        &mut self,
        world: &World,
        scene: &Scene,
        settings: &[String],
    ) -> Result<Result<Built, NotTried>, ReproError> {
        let furnished = match (&scene.cache, world) {
            (Some(_), _) => scene.clone(),
            // From nothing, where nothing else is varied.
            (None, World::Same) => self.caches.empty(scene)?,
            (None, _) => self.caches.furnish(scene, settings)?,
        };
        let built = furnished.build(settings, self.workshop)?;
        Ok(built.map_err(|says| match says.contains("in a user namespace") {
            true => NotTried::NoNamespace { says },
            false => NotTried::Failed { says },
        }))
    }

    /// The baseline with settings that may be a remedy; or Go's own words.
    pub(super) fn mended(&mut self, settings: &[String]) -> Result<Mended, ReproError> {
        if let Some((_, made)) = self.mended.iter().find(|(of, _)| of == settings) {
            return Ok(Rc::clone(made));
        }
        let furnished = self.caches.furnish(&self.scene, settings)?;
        let made = Rc::new(furnished.build(settings, self.workshop)?);
        self.mended.push((settings.to_vec(), Rc::clone(&made)));
        Ok(made)
    }
}
