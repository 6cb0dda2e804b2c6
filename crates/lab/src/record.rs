//! From what was made and measured to the line of a recipe.

use crate::behaviour::Broken;
use crate::bench::Benches;
use crate::debug::Probed;
use crate::file_facts::{ElfFacts, FileFacts};
use crate::inspect::Seen;
use crate::make::{Chain, Miss};
use crate::recipe::Recipe;
use crate::source::Package;
use crate::startup::Starts;
use elfin_schema::{
    Debuggability, Identity, Message, Portability, Probe, Protection, RECIPE_SCHEMA, RecipeRecord,
    Status, Step, Works,
};

/// All that is known of one recipe.
#[derive(Debug)]
pub(crate) struct Cell {
    pub recipe: Recipe,
    pub chain: Chain,
    /// The target does not run here.
    pub foreign: Option<String>,
    pub broken: Option<Broken>,
    /// `None` without a file; the inner error is in the words of whoever read it.
    pub facts: Option<Result<FileFacts, String>>,
    /// Those of the file before it was packed.
    pub unpacked: Option<FileFacts>,
    pub seen: Option<Seen>,
    pub from_scratch: Option<Probe<Works>>,
    /// `None` where there is nothing to build a probe program from.
    pub debug: Option<Result<Probed, Miss>>,
    pub identity: Option<Probe<Identity>>,
}

impl Cell {
    pub(crate) fn new(recipe: Recipe, chain: Chain, foreign: Option<String>) -> Cell {
        Cell {
            recipe,
            chain,
            foreign,
            broken: None,
            facts: None,
            unpacked: None,
            seen: None,
            from_scratch: None,
            debug: None,
            identity: None,
        }
    }

    /// The content hash of the finished file.
    pub(crate) fn content(&self) -> Option<&str> {
        self.chain.finished.as_ref().ok().map(|artifact| artifact.content.as_str())
    }

    /// True if it was made, runs here and does what the baseline does.
    pub(crate) fn works(&self) -> bool {
        self.chain.finished.is_ok() && self.broken.is_none() && self.foreign.is_none()
    }
}

/// What all lines refer to.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub baseline: Option<&'a Cell>,
    pub starts: &'a Starts,
    pub benches: Option<&'a Benches>,
    /// The package that is built; `None` for a finished file.
    pub package: Option<&'a Package>,
}

impl Context<'_> {
    /// Writes the line of a recipe.
    pub(crate) fn record(&self, cell: &Cell) -> RecipeRecord {
        let base = self.baseline.and_then(|cell| cell.chain.finished.as_ref().ok());
        let bytes = cell.chain.finished.as_ref().ok().map(|artifact| artifact.bytes);
        let delta = bytes.zip(base).map(|(bytes, base)| change(bytes, base.bytes));
        let (status, says, explains, failed_at) = outcome(cell);
        let works = cell.works();
        let facts = cell.facts.as_ref().and_then(|facts| facts.as_ref().ok());
        let content = cell.content().filter(|_| works);
        let elf = facts.and_then(|facts| facts.elf.as_ref());
        let start =
            content.and_then(|file| self.starts.of(file, base.map(|base| base.content.as_str())));
        // A file that was made and not started is for another target, or broken.
        let not_here = cell.foreign.clone().map_or_else(
            || Message::NotSeen { what: "a working start".into() },
            |target| Message::OtherTarget { target },
        );
        RecipeRecord {
            schema: RECIPE_SCHEMA.into(),
            recipe: cell.recipe.to_string(),
            variant: cell.recipe.variant.to_string(),
            stages: cell.recipe.stages.iter().map(ToString::to_string).collect(),
            status,
            says,
            explains,
            failed_at,
            commands: cell.recipe.commands(self.package),
            bytes,
            delta_bytes: delta,
            delta_percent: delta
                .zip(base)
                .map(|(delta, base)| 100.0 * delta as f64 / base.bytes as f64),
            steps: self.steps(cell),
            composition: elf.map(|elf| elf.composition.clone()),
            transfer: facts.map(|facts| facts.transfer),
            start_ms: start.as_ref().map(|start| start.warm.median),
            start,
            memory: cell.seen.as_ref().map(|seen| seen.memory.clone()),
            debug: elf.map(|elf| debuggability(elf, cell)),
            portability: elf.map(|elf| portability(elf, cell, &not_here)),
            protection: elf.map(|elf| Protection {
                pie: elf.pie,
                relro: elf.relro,
                nx: elf.nx,
                writable_executable_segments: elf.writable_executable_segments,
                aslr: match &cell.seen {
                    Some(seen) => seen.aslr.clone(),
                    None => Probe::Skipped { why: not_here.clone() },
                },
            }),
            identity: cell.identity.clone(),
            bench: content
                .and_then(|file| self.benches?.of(file, base.map(|base| base.content.as_str()))),
        }
    }

    fn steps(&self, cell: &Cell) -> Vec<Step> {
        let mut before = self.baseline.and_then(|cell| cell.chain.steps.first());
        let mut steps = Vec::new();
        for step in &cell.chain.steps {
            let (name, artifact) = step;
            let from = before.map_or(artifact.bytes, |(_, before)| before.bytes);
            let delta_bytes = change(artifact.bytes, from);
            steps.push(Step { name: name.clone(), bytes: artifact.bytes, delta_bytes });
            before = Some(step);
        }
        steps
    }
}

fn change(now: u64, before: u64) -> i64 {
    // Files are far below 2^63 bytes.
    i64::try_from(i128::from(now) - i128::from(before)).unwrap_or(i64::MAX)
}

type Outcome = (Status, Option<String>, Option<Message>, Option<String>);

fn outcome(cell: &Cell) -> Outcome {
    if let Err(miss) = &cell.chain.finished {
        let explains = Some(miss.explains.clone());
        return (miss.status, miss.says.clone(), explains, Some(miss.at.clone()));
    }
    if let Some(broken) = &cell.broken {
        let at = cell.chain.steps.last().map(|(name, _)| name.clone());
        let says = Some(broken.says.clone()).filter(|says| !says.is_empty());
        return (Broken::STATUS, says, Some(broken.explains.clone()), at);
    }
    if let Some(Err(says)) = &cell.facts {
        let explains = Message::ToolFailed { tool: "elfin facts".into() };
        return (Status::Ok, Some(says.clone()), Some(explains), None);
    }
    let explains = cell.foreign.clone().map(|target| Message::OtherTarget { target });
    (Status::Ok, None, explains, None)
}

/// The kernel says of a missing interpreter only that something was not found.
fn named_interpreter(probe: &Probe<Works>, interpreter: Option<&str>) -> Probe<Works> {
    let mut probe = probe.clone();
    if let (Probe::Measured { value }, Some(interpreter)) = (&mut probe, interpreter)
        && value.says.starts_with("No such file")
    {
        value.says = format!("{interpreter}: {}", value.says);
    }
    probe
}

fn portability(elf: &ElfFacts, cell: &Cell, not_here: &Message) -> Portability {
    let unpacked = cell.unpacked.as_ref().and_then(|facts| facts.elf.as_ref());
    let linked = unpacked.unwrap_or(elf);
    Portability {
        interpreter: linked.interpreter.clone(),
        needed: linked.needed.clone(),
        versions: linked.versions.clone(),
        before_packing: unpacked.is_some(),
        runs_from_scratch: match &cell.from_scratch {
            Some(probe) => named_interpreter(probe, linked.interpreter.as_deref()),
            None => Probe::Skipped { why: not_here.clone() },
        },
    }
}

fn debuggability(elf: &ElfFacts, cell: &Cell) -> Debuggability {
    let all = |answer: Probe<Works>| {
        elfin_schema::Capability::ALL.into_iter().map(|of| (of, answer.clone())).collect()
    };
    Debuggability {
        probed: match (&cell.debug, &cell.foreign) {
            (Some(Ok(probed)), _) => probed.clone(),
            // The recipe worked on the user's program and not on the probe program.
            (Some(Err(Miss { says: Some(says), at, .. })), _) => {
                all(Probe::Failed { says: format!("probe, {at}: {says}") })
            }
            (Some(Err(miss)), _) => all(Probe::Skipped { why: miss.explains.clone() }),
            (None, Some(target)) => {
                all(Probe::Skipped { why: Message::OtherTarget { target: target.clone() } })
            }
            (None, None) => all(Probe::Skipped { why: Message::NoSource }),
        },
        has_symtab: elf.has_symtab,
        has_dwarf: elf.has_dwarf,
        has_pclntab: elf.has_pclntab,
        has_build_info: elf.has_build_info,
        gnu_build_id: elf.gnu_build_id.clone(),
    }
}
