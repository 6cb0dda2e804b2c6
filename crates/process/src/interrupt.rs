//! The wish to stop, shared between whoever hears of it and whoever waits for a child.
//!
//! It is a flag that is looked at, not a signal handler: the binary decides which signals set it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Tells every wait of this crate to end its child and return.
///
/// Clones share the flag. Each wait looks at it at least every 100 ms.
#[derive(Clone, Default, Debug)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Makes a flag that is not set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for the end; it cannot be taken back.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Tells whether the end was asked for.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl From<Arc<AtomicBool>> for Cancel {
    fn from(flag: Arc<AtomicBool>) -> Self {
        Self(flag)
    }
}
