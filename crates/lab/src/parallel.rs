//! Many jobs on some threads.

use crate::error::LabError;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Processors that this process may use.
pub(crate) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Does a job for each index, in order, on some threads; the first error ends all.
pub(crate) fn in_parallel<T: Send>(
    indices: &[usize],
    threads: usize,
    job: &(dyn Fn(usize) -> Result<T, LabError> + Sync),
) -> Result<HashMap<usize, T>, LabError> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Ok(HashMap::new()));
    let lock = || results.lock().unwrap_or_else(PoisonError::into_inner);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while lock().is_ok() {
                    let Some(&at) = indices.get(next.fetch_add(1, Ordering::Relaxed)) else {
                        break;
                    };
                    let result = job(at);
                    let mut results = lock();
                    match (result, &mut *results) {
                        (Ok(value), Ok(done)) => {
                            done.insert(at, value);
                        }
                        (Err(error), Ok(_)) => *results = Err(error),
                        (_, Err(_)) => {}
                    }
                }
            });
        }
    });
    results.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_job_is_done_once_and_an_error_ends_the_rest() {
        let indices: Vec<usize> = (0..100).collect();
        let squares = in_parallel(&indices, 3, &|at| Ok(at * at)).unwrap();
        assert!(squares.len() == 100 && squares[&7] == 49);
        let done = AtomicUsize::new(0);
        let error = in_parallel(&indices, 1, &|at| {
            done.fetch_add(1, Ordering::Relaxed);
            if at == 5 { Err(LabError::Interrupted) } else { Ok(()) }
        });
        assert!(matches!(error, Err(LabError::Interrupted)));
        assert_eq!(done.into_inner(), 6);
    }
}
