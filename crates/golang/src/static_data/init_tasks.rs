//! What each package initializes before `main`: a state and its functions.
//!
//! Since Go 1.21 the module data lists the tasks in their order. Before, each
//! task points at those of the packages that it imports, and all are reached
//! from the main package's (golang/go `runtime/proc.go` `initTask`,
//! `cmd/link/internal/ld/inittask.go`, 1.18 to 1.27).

use super::loaded::Loaded;
use crate::module_data::ModuleData;
use std::collections::HashSet;

/// A task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InitTask {
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// Offset of its first function.
    pub(crate) function: Option<u32>,
}

/// No package has more functions to run, or imports.
const MOST: u64 = 1 << 12;

/// Lists the tasks that the module data lists, and the list itself.
pub(crate) fn listed(loaded: &Loaded<'_, '_>, module: &ModuleData) -> Vec<InitTask> {
    let (numbers, pointer) = (loaded.numbers, loaded.pointer_size());
    let Some(list) = module.inittasks.and_then(|it| {
        let most = u64::try_from(loaded.bytes(loaded.offset(it.address.0)?).len()).ok()?;
        Some((loaded.offset(it.address.0)?, it.len.min(most / u64::from(pointer))))
    }) else {
        return Vec::new();
    };
    let (start, count) = (list.0, u32::try_from(list.1).unwrap_or(0));
    let slots = (0..count).map(|index| start + index * pointer);
    let read = |start: u32| {
        let functions = numbers.u32(loaded.bytes(start), 4).filter(|it| u64::from(*it) < MOST)?;
        let end = start + 8 + functions * pointer;
        let function = (functions > 0).then(|| loaded.pointer(start + 8))?;
        Some(InitTask { start, end, function })
    };
    let mut tasks: Vec<_> = slots.filter_map(|slot| read(loaded.pointer(slot)?)).collect();
    tasks.push(InitTask { start, end: start + count * pointer, function: None });
    tasks
}

/// Finds the tasks of Go up to 1.20 among what code refers to.
pub(crate) fn linked(
    loaded: &Loaded<'_, '_>,
    referred: impl Iterator<Item = u32>,
    is_function: impl Fn(u32) -> bool,
) -> Vec<InitTask> {
    let pointer = loaded.pointer_size();
    let read = |start: u32| {
        let word = |index| loaded.numbers.word(loaded.bytes(start), index * pointer as usize);
        let counts = [word(1)?, word(2)?].map(|it| u32::try_from(it.min(MOST)).unwrap_or(0));
        let [imports, functions] = counts;
        let sound = word(0) == Some(0) && u64::from(imports.max(functions)) < MOST;
        let first = start + 3 * pointer;
        let end = first + (imports + functions) * pointer;
        (sound && imports + functions > 0 && start.is_multiple_of(pointer)).then_some(())?;
        loaded.bytes(start).get(..(end - start) as usize)?;
        let behind = first + imports * pointer;
        let function = (functions > 0).then(|| loaded.pointer(behind))?;
        let all = (behind..end).step_by(pointer as usize);
        all.map(|slot| loaded.pointer(slot)).all(|it| it.is_some_and(&is_function)).then_some(())?;
        let imported = (first..behind).step_by(pointer as usize);
        let imported: Vec<u32> = imported.map_while(|slot| loaded.pointer(slot)).collect();
        (imported.len() == imports as usize)
            .then_some((InitTask { start, end, function }, imported))
    };
    let mut seen = HashSet::new();
    let mut tasks = Vec::new();
    for start in referred {
        let mut open = vec![start];
        while let Some(at) = open.pop() {
            if !seen.insert(at) {
                continue;
            }
            if let Some((task, imported)) = read(at) {
                tasks.push(task);
                open.extend(imported);
            }
        }
    }
    tasks
}
