//! Itabs: which function each method of an interface is, for one concrete type.
//!
//! Interface, type, hash, then as many functions as the interface has methods;
//! one where the type does not implement it. Up to Go 1.26 a list points at
//! them, since then they stand one behind the other behind the types
//! (golang/go `internal/abi/iface.go` `ITab`, `runtime/iface.go` `itabsinit`,
//! 1.18 to 1.27).

use super::descriptor::Descriptors;
use crate::module_data::ModuleData;

/// An itab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Itab {
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// Offset of the descriptor of the concrete type.
    pub(crate) concrete: u32,
}

/// Lists the itabs of a program.
pub(crate) fn itabs(descriptors: Descriptors<'_, '_>, module: &ModuleData) -> Vec<Itab> {
    let loaded = descriptors.loaded;
    let pointer = if loaded.numbers.pointer == 8 { 8 } else { 4 };
    let mut itabs = Vec::new();
    if let Some(links) = module.itablinks
        && let Some(start) = loaded.offset(links.address.0)
    {
        // As many as the file has words for.
        let most = loaded.bytes(start).len() / loaded.numbers.pointer;
        let count = usize::try_from(links.len).unwrap_or(0).min(most);
        let slots = (start..).step_by(loaded.numbers.pointer).take(count);
        itabs.extend(slots.filter_map(|slot| read(descriptors, loaded.pointer(slot)?, pointer)));
    }
    if let Some(range) = module.itabs.as_ref().and_then(|it| loaded.span(it)) {
        let mut at = range.start;
        while let Some(itab) = read(descriptors, at, pointer).filter(|it| it.end <= range.end) {
            at = itab.end;
            itabs.push(itab);
        }
    }
    itabs
}

fn read(descriptors: Descriptors<'_, '_>, start: u32, pointer: u32) -> Option<Itab> {
    let loaded = descriptors.loaded;
    loaded.bytes(start).get(..(3 * pointer + 8) as usize)?;
    let interface = descriptors.read(loaded.pointer(start)?)?;
    let methods = descriptors.interface_methods(&interface)?;
    let concrete = loaded.pointer(start + pointer)?;
    let functions = start + 2 * pointer + 8;
    let methods = if loaded.pointer(functions).is_some() { methods.max(1) } else { 1 };
    let end = functions.checked_add(methods.checked_mul(pointer)?)?;
    loaded.bytes(start).get(..(end - start) as usize)?;
    Some(Itab { start, end, concrete })
}
