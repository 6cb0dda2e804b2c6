//! Published claims, tested on the user's own program and machine.
//!
//! A claims file says what was claimed, how it is tested, and by which rule the
//! measured values become a verdict: nothing here knows any claim. A test gives
//! named values; a rule is a condition over those names, and the first that
//! holds has the verdict and its sentence.

mod brought;
mod file;
mod judge;
mod measure;
mod rule;

pub use brought::{Brought, BroughtError};
pub use file::{BUNDLED, Claim, ClaimsFile, FileError};
pub use judge::{ClaimsError, ClaimsOrder, run};
pub use rule::{Rule, RuleError};
