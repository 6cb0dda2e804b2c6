//! Gadgets of a whole program, and how often an attacker has to guess where they are.

use elfin_disasm::Gadgets;
use elfin_elf::{ElfFile, Machine};
use elfin_schema::{AddressBits, AddressOf, GadgetCount, Message, Probe};

/// Counts the gadgets in all executable bytes of the file.
pub(super) fn count(file: &ElfFile<'_>, bits: Option<&AddressBits>) -> Probe<GadgetCount> {
    if file.machine() != Machine::Amd64 {
        let target = format!("linux/{}", file.machine().go_name().unwrap_or("?"));
        return Probe::Skipped { why: Message::OtherTarget { target } };
    }
    let mut gadgets = Gadgets::default();
    for load in file.segments().iter().filter(|it| it.is_loaded() && it.is_code()) {
        gadgets.add(file.slice(load.range()), load.address);
    }
    let bits = bits.and_then(|it| it.mappings.get(&AddressOf::Text)).map(|it| it.entropy);
    Probe::Measured {
        value: GadgetCount {
            bytes: gadgets.bytes(),
            total: gadgets.total(),
            unique: gadgets.unique(),
            by_class: gadgets.by_class().clone(),
            // Of n places that lie still the right one is, on average, in the middle of the list.
            probes: bits.map(|bits| (bits.exp2() + 1.0) / 2.0),
            probes_moving: bits.map(f64::exp2),
        },
    }
}
