//! Which calls were inlined into a function, and which of its bytes are theirs.
//!
//! A call has 16 bytes since Go 1.20 and 20 before; which call an instruction
//! belongs to stands in the pc-value table `PCDATA_InlTreeIndex`
//! (golang/go `runtime/symtabinl.go`, `inlinedCall`, 1.18 to 1.27).

use crate::function::Function;
use crate::pc_value::PcValues;
use crate::pclntab::Pclntab;
use std::ops::Range;

const INLINE_TREE: u8 = 3;
const INLINE_TREE_INDEX: usize = 2;

/// Bytes of a function that one inlined call left in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InlinedCall {
    /// Where in the table of names the name of the inlined function begins.
    pub name_at: u32,
    /// The bytes, from the beginning of the function.
    pub code: Range<u32>,
}

impl Pclntab<'_> {
    /// Bytes of one inlined call in an inline tree.
    pub(crate) fn inlined_call(&self) -> usize {
        if self.is_118 { 20 } else { 16 }
    }
}

/// Goes through the stretches of a function that are other functions' code.
pub fn inlined_stretches<'t>(
    table: &'t Pclntab<'_>,
    function: &Function<'_>,
) -> impl Iterator<Item = InlinedCall> + use<'t> {
    let tree = function.funcdata().find(|(number, _)| *number == INLINE_TREE);
    let tree = tree.and_then(|(_, at)| table.funcdata.as_ref()?.bytes.get(at as usize..));
    let index = function.pcdata(INLINE_TREE_INDEX).filter(|_| tree.is_some());
    let bytes = index.map(|offset| table.pc_table(offset)).unwrap_or_default();
    let length = function.addresses.end - function.addresses.start;
    let mut start = 0;
    PcValues::new(bytes, table.quantum).filter_map(move |(call, end)| {
        let code = std::mem::replace(&mut start, end)..end;
        if code.start > end || u64::from(end) > length {
            return None;
        }
        let size = table.inlined_call();
        let name = if table.is_118 { 12 } else { 4 };
        let at = usize::try_from(call).ok()?.checked_mul(size)?.checked_add(name)?;
        Some(InlinedCall { name_at: table.numbers.u32(tree?, at)?, code })
    })
}
