//! The lab: builds a Go program every way, takes the stages in every order, measures.
//!
//! A plan becomes recipes; each recipe is made, held against the baseline,
//! probed, started and recorded. Everything is kept by content, so a run that
//! was killed goes on where it was. The lab emits progress events and prints
//! nothing; what it finds out are the documents of `elfin-schema`.

mod behaviour;
mod bench;
mod debug;
mod engine;
mod error;
mod events;
mod file_facts;
mod ingredients;
mod inspect;
mod machine;
mod make;
mod parallel;
mod paste;
mod picks;
mod plan;
mod probing;
mod rebuild;
mod recipe;
mod record;
mod repro;
mod roots;
mod source;
mod stage;
mod startup;
pub mod stats;
mod store;
mod tools;
mod variant;

pub use elfin_process::{Cancel, Ready};
pub use engine::{Order, Outcome, What, run};
pub use error::LabError;
pub use events::{Event, Phase};
pub use file_facts::{ElfFacts, FactsError, FileFacts, layers};
pub use inspect::varying_bits;
pub use machine::look as look_at_machine;
pub use plan::{Depth, Plan, PlanError};
pub use rebuild::Rebuild;
pub use recipe::{Recipe, RecipeError};
pub use repro::{ReproError, ReproOrder, ShippedOrder, rebuild_shipped, reproduce};
pub use roots::{RootsError, RootsOrder, root_of, run_across_roots};
pub use source::place_of;
pub use stage::{PackFlavour, Stage, StageError, StripFlavour, UpxFlavour};
pub use variant::{Libc, Link, Linker, Variant, VariantError};
