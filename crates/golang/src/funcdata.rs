//! What records point to as function data, and how long each is by its own word.
//!
//! The linker puts the objects one behind the other, so the next known start
//! bounds each; where an object says its own length, what is left up to there
//! is filling (golang/go `internal/abi/symtab.go`, `runtime/symtab.go`
//! `stackmap`, `runtime/stack.go` `stackObjectRecord`, 1.18 to 1.27).

use crate::pclntab::Pclntab;

/// Kinds of function data by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Funcdata {
    /// Which words of arguments or locals hold pointers, at each safe point.
    PointerMaps,
    /// Variables whose address is taken.
    StackObjects,
    /// Which calls were inlined.
    InlineTree,
    /// How arguments are printed.
    ArgumentInfo,
    /// The function that a wrapper wraps.
    WrapInfo,
    /// What says nothing of its own length.
    Other,
}

impl Funcdata {
    /// Tells the kind of a number in a record.
    pub fn of(number: u8) -> Funcdata {
        match number {
            0 | 1 => Funcdata::PointerMaps,
            2 => Funcdata::StackObjects,
            3 => Funcdata::InlineTree,
            5 => Funcdata::ArgumentInfo,
            7 => Funcdata::WrapInfo,
            _ => Funcdata::Other,
        }
    }
}

impl Pclntab<'_> {
    /// Measures the object at an offset of the function data, which `longest` bytes bound.
    ///
    /// What says nothing of its length, or more than that, has `longest` bytes.
    pub fn funcdata_length(&self, kind: Funcdata, offset: usize, longest: usize) -> usize {
        let bytes = self.funcdata.and_then(|it| it.bytes.get(offset..)).unwrap_or_default();
        let bytes = bytes.get(..longest).unwrap_or(bytes);
        let says = match kind {
            Funcdata::PointerMaps => self.pointer_maps(bytes),
            Funcdata::StackObjects => self.stack_objects(bytes),
            // `traceArgsEndSeq` ends it; the bytes before are small offsets.
            Funcdata::ArgumentInfo => memchr::memchr(0xff, bytes).map(|at| at + 1),
            Funcdata::WrapInfo => Some(4),
            // Whole calls; what the objects' alignment leaves behind is less than one.
            Funcdata::InlineTree => Some(bytes.len() - bytes.len() % self.inlined_call()),
            Funcdata::Other => None,
        };
        says.filter(|it| *it <= bytes.len()).unwrap_or(bytes.len())
    }

    /// Two numbers: of maps, and of bits in each.
    fn pointer_maps(&self, bytes: &[u8]) -> Option<usize> {
        let (maps, bits) = (self.numbers.u32(bytes, 0)?, self.numbers.u32(bytes, 4)?);
        (maps as usize).checked_mul(bits.div_ceil(8) as usize)?.checked_add(8)
    }

    /// A number of records of four words of 4 bytes.
    fn stack_objects(&self, bytes: &[u8]) -> Option<usize> {
        let count = usize::try_from(self.numbers.word(bytes, 0)?).ok()?;
        count.checked_mul(16)?.checked_add(self.numbers.pointer)
    }
}
