//! How long any child was there. What is left of the wall time is elfin's own.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Children that are there now, since when there is any, and the time before that.
static CHILDREN: Mutex<(usize, Option<Instant>, Duration)> = Mutex::new((0, None, Duration::ZERO));

/// Tells for how long at least one child was there since this process began.
pub fn time_with_children() -> Duration {
    let (_, since, before) = *CHILDREN.lock().unwrap_or_else(PoisonError::into_inner);
    before + since.map_or(Duration::ZERO, |since| since.elapsed())
}

/// Stands for a child that is there, until it is dropped.
#[derive(Debug)]
pub(crate) struct Attendance(());

impl Attendance {
    pub(crate) fn begin() -> Attendance {
        let mut children = CHILDREN.lock().unwrap_or_else(PoisonError::into_inner);
        children.0 += 1;
        children.1.get_or_insert_with(Instant::now);
        Attendance(())
    }
}

impl Drop for Attendance {
    fn drop(&mut self) {
        let mut children = CHILDREN.lock().unwrap_or_else(PoisonError::into_inner);
        children.0 -= 1;
        if children.0 == 0
            && let Some(since) = children.1.take()
        {
            children.2 += since.elapsed();
        }
    }
}
