//! Addresses, gadgets, relocations and returns of the program built with and without PIE.

use super::{Ground, Seen, Unmeasured, bytes};
use elfin_process::Program;
use elfin_schema::{AddressOf, BitsOf, ExtraFrom, HardenedProgram};
use elfin_watch::{HardenOrder, Hardened, Privileges, ReturnOrder, WatchError};

pub(super) const ASLR: &[&str] = &[
    "exe_bits",
    "pie_bits",
    "exe_places",
    "pie_places",
    "kernel_bits",
    "exe_stack_bits",
    "exe_heap_bits",
    "starts",
];
pub(super) const GADGETS: &[&str] = &[
    "exe_total",
    "pie_total",
    "exe_unique",
    "pie_unique",
    "count_ratio",
    "exe_probes",
    "pie_probes",
    "probes_ratio",
];
pub(super) const RELOCATIONS: &[&str] = &[
    "relative",
    "got_plt",
    "total",
    "types",
    "table_bytes",
    "us",
    "ns_each",
    "instructions",
    "instructions_each",
];
pub(super) const RETURNS: &[&str] =
    &["break_even", "extra_ms", "extra_from", "pays_above", "least", "most"];

/// Starts over which addresses are compared.
const STARTS: usize = 48;

/// Looks at both programs once.
fn look(ground: &mut Ground<'_>) -> Result<(), Unmeasured> {
    if ground.hardening.is_some() {
        return Ok(());
    }
    let pure = [("CGO_ENABLED", "0")];
    let exe = ground.program("exe", &["-buildmode=exe"], &pure)?;
    let pie = ground.program("pie", &["-buildmode=pie"], &pure)?;
    let (exe_bytes, pie_bytes) = (bytes(&exe)?, bytes(&pie)?);
    let program = |path: &std::path::Path| Program { path: path.to_owned(), ..Program::default() };
    let (exe, pie) = (program(&exe), program(&pie));
    let none = Privileges::default();
    let one = Hardened { program: &pie, data: &pie_bytes, privileges: none };
    let two = Hardened { program: &exe, data: &exe_bytes, privileges: none };
    let order = HardenOrder { starts: STARTS, ..HardenOrder::default() };
    match elfin_watch::harden(one, Some(two), &order, ground.cancel, &|_| ()) {
        Ok(hardening) => {
            ground.hardening = Some(hardening);
            Ok(())
        }
        Err(WatchError::Interrupted) => Err(Unmeasured::Interrupted),
        Err(error) => Err(Unmeasured::failed(error, COMMAND)),
    }
}

const COMMAND: &str = "CGO_ENABLED=0 go build -o exe . && CGO_ENABLED=0 go build -buildmode=pie -o pie . \
                       && elfin harden ./pie --vs ./exe";

fn both<'g>(
    ground: &'g Ground<'_>,
) -> Result<(&'g HardenedProgram, &'g HardenedProgram), Unmeasured> {
    let hardening = ground.hardening.as_ref();
    let both = hardening.and_then(|it| Some((&it.program, it.versus.as_ref()?)));
    both.ok_or_else(|| Unmeasured::failed("nothing was seen", COMMAND))
}

pub(super) fn aslr(ground: &mut Ground<'_>) -> Result<Seen, Unmeasured> {
    look(ground)?;
    let (pie, exe) = both(ground)?;
    let mut seen = Seen::of(COMMAND);
    for (name, program) in [("pie", pie), ("exe", exe)] {
        let Some(bits) = program.aslr_bits.value() else {
            return Err(Unmeasured::failed("the starts could not be traced", COMMAND));
        };
        let of = |part| bits.mappings.get(&part).copied();
        if let Some(BitsOf { varying, entropy, kernel }) = of(AddressOf::Text) {
            seen.number(&format!("{name}_bits"), varying.into());
            seen.number(&format!("{name}_places"), entropy.round());
            seen.number("kernel_bits", kernel.map_or(f64::NAN, f64::from));
        }
        if name == "exe" {
            for (value, part) in
                [("exe_stack_bits", AddressOf::Stack), ("exe_heap_bits", AddressOf::Heap)]
            {
                seen.number(value, of(part).map_or(f64::NAN, |it| it.varying.into()));
            }
        }
        seen.number("starts", bits.starts as f64);
    }
    Ok(seen)
}

pub(super) fn gadgets(ground: &mut Ground<'_>) -> Result<Seen, Unmeasured> {
    look(ground)?;
    let (pie, exe) = both(ground)?;
    let mut seen = Seen::of(COMMAND);
    let (Some(of_pie), Some(of_exe)) = (pie.gadgets.value(), exe.gadgets.value()) else {
        return Err(Unmeasured::failed("gadgets are counted on amd64 only", COMMAND));
    };
    for (name, found) in [("pie", of_pie), ("exe", of_exe)] {
        seen.number(&format!("{name}_total"), found.total as f64);
        seen.number(&format!("{name}_unique"), found.unique as f64);
        seen.number(&format!("{name}_probes"), found.probes.unwrap_or(f64::NAN).round());
    }
    seen.number("count_ratio", of_pie.unique as f64 / of_exe.unique as f64);
    if let (Some(one), Some(two)) = (of_pie.probes, of_exe.probes) {
        seen.number("probes_ratio", (one / two).round());
    }
    Ok(seen)
}

pub(super) fn relocations(ground: &mut Ground<'_>) -> Result<Seen, Unmeasured> {
    look(ground)?;
    let (pie, _) = both(ground)?;
    let mut seen = Seen::of(COMMAND);
    let types = &pie.relocations.by_type;
    let total: u64 = types.values().sum();
    let of = |names: &[&str]| -> u64 { names.iter().filter_map(|it| types.get(*it)).sum() };
    seen.number("relative", of(&["R_X86_64_RELATIVE", "R_AARCH64_RELATIVE", "RELR"]) as f64);
    let got_plt =
        ["R_X86_64_GLOB_DAT", "R_X86_64_JUMP_SLOT", "R_AARCH64_GLOB_DAT", "R_AARCH64_JUMP_SLOT"];
    seen.number("got_plt", of(&got_plt) as f64);
    seen.number("total", total as f64);
    seen.text("types", types.keys().cloned().collect::<Vec<_>>().join(", "));
    seen.number("table_bytes", pie.relocations.table_bytes as f64);
    if let Some(cost) = pie.relocations.loader.as_ref().and_then(|it| it.value()) {
        seen.number("us", 1e3 * cost.ms.median);
        seen.intervals
            .insert("us".to_owned(), [1e3 * cost.ms.interval.low, 1e3 * cost.ms.interval.high]);
        seen.number("ns_each", 1e6 * cost.ms.median / total as f64);
        if let Some(instructions) = cost.instructions {
            seen.number("instructions", instructions as f64);
            seen.number("instructions_each", instructions as f64 / total as f64);
        }
    }
    Ok(seen)
}

/// Runs the return model with the claim's own probability on what was measured.
pub(super) fn returns(ground: &mut Ground<'_>) -> Result<Seen, Unmeasured> {
    look(ground)?;
    let Some(hardening) = &ground.hardening else {
        return Err(Unmeasured::failed("nothing was seen", COMMAND));
    };
    let measured = &hardening.returns;
    let extra = measured.inputs.extra_ms.max(0.001);
    let model = elfin_watch::returns(&ReturnOrder::default(), extra, measured.extra_ms_from);
    let mut seen = Seen::of(COMMAND);
    seen.number("break_even", model.break_even_starts.unwrap_or(f64::NAN).round());
    seen.number("extra_ms", extra);
    let from = if measured.extra_ms_from == ExtraFrom::Compared { "measured" } else { "loader" };
    seen.text("extra_from", from);
    // The model itself: twice the starts cost twice as much and return the same.
    let at = |starts| {
        let order = ReturnOrder { starts_a_day: starts, ..ReturnOrder::default() };
        let it = elfin_watch::returns(&order, extra, measured.extra_ms_from);
        it.return_a_year > it.cost_a_year
    };
    let even = model.break_even_starts.unwrap_or(1.0);
    seen.yes("pays_above", at(even * 2.0) && !at(even / 2.0));
    let moved: Vec<f64> = model.sensitivity.iter().flat_map(|it| it.break_even).flatten().collect();
    seen.number("least", moved.iter().copied().fold(f64::INFINITY, f64::min).round());
    seen.number("most", moved.iter().copied().fold(0.0, f64::max).round());
    Ok(seen)
}
