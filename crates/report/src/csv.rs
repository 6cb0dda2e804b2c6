//! `table.csv`: a row for every recipe, for spreadsheets and scripts.
//!
//! RFC 4180. The column names are part of what is published: they do not
//! change with the language, new ones go to the end. An empty field was not
//! measured; yes and no are `true` and `false`; sizes are bytes, times
//! milliseconds.

use elfin_schema::{
    AslrBits, Capability, Experiment, Memory, Part, Probe, RecipeRecord, Relro, Series, Start,
    Status, Transfer,
};

/// Renders every record as a line of CSV under a line of column names.
///
/// The experiment adds no column: what it says of all recipes alike is in
/// `experiment.json`.
pub fn csv(_e: &Experiment, r: &[RecipeRecord]) -> String {
    let names = fields(None).into_iter().map(|(name, _)| name);
    let mut out = line(names);
    for record in r {
        out.push_str(&line(fields(Some(record)).into_iter().map(|(_, value)| value)));
    }
    out
}

pub(crate) fn line(fields: impl Iterator<Item = String>) -> String {
    let fields: Vec<String> = fields.map(|field| quote(&field)).collect();
    fields.join(",") + "\r\n"
}

fn quote(field: &str) -> String {
    if field.contains([',', '"', '\r', '\n']) || field.trim() != field {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

/// The columns in order, each with the record's value: one list, so that names
/// and values cannot come apart.
fn fields(record: Option<&RecipeRecord>) -> Vec<(String, String)> {
    let mut fields = Fields { record, list: Vec::new() };
    fields.outcome();
    fields.sizes();
    fields.times();
    fields.runs();
    fields.works();
    fields.list
}

struct Fields<'a> {
    record: Option<&'a RecipeRecord>,
    list: Vec<(String, String)>,
}

impl<'a> Fields<'a> {
    fn add<T: ToString>(&mut self, name: &str, value: impl FnOnce(&'a RecipeRecord) -> Option<T>) {
        let value = self.record.and_then(value).map(|value| value.to_string());
        self.list.push((name.to_owned(), value.unwrap_or_default()));
    }

    /// A column of a number; what is not finite has no place in a table.
    fn number(&mut self, name: &str, value: impl FnOnce(&'a RecipeRecord) -> Option<f64>) {
        self.add(name, |r| value(r).filter(|number| number.is_finite()));
    }

    fn outcome(&mut self) {
        self.add("recipe", |r| Some(&r.recipe));
        self.add("variant", |r| Some(&r.variant));
        self.add("stages", |r| Some(r.stages.join(" > ")));
        self.add("status", |r| Some(status(r.status)));
        self.add("failed_at", |r| r.failed_at.as_ref());
        self.add("says", |r| r.says.as_ref());
    }

    fn sizes(&mut self) {
        self.add("bytes", |r| r.bytes);
        self.add("delta_bytes", |r| r.delta_bytes);
        self.number("delta_percent", |r| r.delta_percent);
        type Form = (&'static str, fn(Transfer) -> u64);
        let transfers: [Form; 4] = [
            ("gzip_6", |t| t.gzip_6),
            ("zstd_3", |t| t.zstd_3),
            ("zstd_19", |t| t.zstd_19),
            ("xz_9", |t| t.xz_9),
        ];
        for (name, bytes) in transfers {
            self.add(name, |r| r.transfer.map(bytes));
        }
        for part in Part::ALL {
            self.add(&format!("part_{}", part_name(part)), |r| {
                r.composition.as_ref().map(|parts| parts.get(&part).copied().unwrap_or(0))
            });
        }
    }

    fn times(&mut self) {
        let start = |r: &'a RecipeRecord| r.start.as_ref();
        self.number("start_ms", |r| r.start_ms);
        self.number("start_low_ms", |r| start(r).map(|s| s.warm.interval.low));
        self.number("start_high_ms", |r| start(r).map(|s| s.warm.interval.high));
        self.number("start_mean_ms", |r| start(r).map(|s| s.warm.mean));
        self.number("start_deviation_ms", |r| start(r).map(|s| s.warm.deviation));
        let ratio = |r: &'a RecipeRecord| start(r).and_then(|s| s.ratio.as_ref());
        self.number("start_ratio", |r| ratio(r).map(|ratio| ratio.median));
        self.number("start_ratio_low", |r| ratio(r).map(|ratio| ratio.interval.low));
        self.number("start_ratio_high", |r| ratio(r).map(|ratio| ratio.interval.high));
        self.add("start_differs", |r| ratio(r).map(|ratio| ratio.differs));
        let cold = |r: &'a RecipeRecord| start(r).and_then(|s: &Start| s.cold.value());
        self.number("cold_ms", |r| cold(r).map(|series: &Series| series.median));
        let cold_ratio = |r: &'a RecipeRecord| start(r).and_then(|s| s.cold_ratio.as_ref());
        self.number("cold_ratio", |r| cold_ratio(r).map(|ratio| ratio.median));
        self.number("cold_ratio_low", |r| cold_ratio(r).map(|ratio| ratio.interval.low));
        self.number("cold_ratio_high", |r| cold_ratio(r).map(|ratio| ratio.interval.high));
        self.number("cpu_ms", |r| start(r).map(|s| s.cpu_ms.median));
        self.number("minor_faults", |r| start(r).map(|s| s.minor_faults));
        self.number("major_faults_cold", |r| start(r).and_then(|s| s.major_faults_cold));
        let memory = |r: &'a RecipeRecord| r.memory.as_ref().and_then(Probe::value);
        self.add("max_rss", |r| memory(r).map(|memory: &Memory| memory.max_rss));
        self.add("private_dirty", |r| memory(r).map(|memory| memory.private_dirty));
        let bench = |r: &'a RecipeRecord| r.bench.as_ref().and_then(Probe::value);
        self.number("bench_wall_ms", |r| bench(r).map(|bench| bench.wall_ms.median));
        self.number("bench_cpu_ms", |r| bench(r).map(|bench| bench.cpu_ms.median));
        self.number("bench_ratio", |r| bench(r)?.ratio.map(|ratio| ratio.median));
    }

    fn runs(&mut self) {
        let protection = |r: &'a RecipeRecord| r.protection.as_ref();
        self.add("pie", |r| protection(r).map(|p| p.pie));
        self.add("relro", |r| protection(r).map(|p| relro(p.relro)));
        self.add("nx", |r| protection(r).map(|p| p.nx));
        self.add("writable_executable_segments", |r| {
            protection(r).map(|p| p.writable_executable_segments)
        });
        let aslr = |r: &'a RecipeRecord| protection(r).and_then(|p| p.aslr.value());
        self.add("aslr_text_bits", |r| aslr(r).map(|bits: &AslrBits| bits.text));
        self.add("aslr_heap_bits", |r| aslr(r).map(|bits| bits.heap));
        self.add("aslr_stack_bits", |r| aslr(r).map(|bits| bits.stack));
        let runs = |r: &'a RecipeRecord| r.portability.as_ref();
        self.add("interpreter", |r| runs(r).and_then(|p| p.interpreter.as_ref()));
        self.add("needed", |r| runs(r).map(|p| p.needed.join(" ")));
        self.add("versions", |r| {
            let needs = runs(r)?.versions.iter().map(|need| need.version.as_str());
            Some(needs.collect::<Vec<_>>().join(" "))
        });
        self.add("runs_from_scratch", |r| Some(runs(r)?.runs_from_scratch.value()?.yes));
        self.add("built_twice_same", |r| Some(r.identity.as_ref()?.value()?.same));
    }

    fn works(&mut self) {
        for capability in Capability::ALL {
            self.add(&format!("works_{}", capability_name(capability)), |r| {
                Some(r.debug.as_ref()?.probed.get(&capability)?.value()?.yes)
            });
        }
        self.add("has_symtab", |r| r.debug.as_ref().map(|d| d.has_symtab));
        self.add("has_dwarf", |r| r.debug.as_ref().map(|d| d.has_dwarf));
        self.add("has_pclntab", |r| r.debug.as_ref().map(|d| d.has_pclntab));
        self.add("has_build_info", |r| r.debug.as_ref().map(|d| d.has_build_info));
        self.add("gnu_build_id", |r| r.debug.as_ref()?.gnu_build_id.as_ref());
    }
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Ok => "ok",
        Status::Failed => "failed",
        Status::Impossible => "impossible",
        Status::Broken => "broken",
        Status::Skipped => "skipped",
    }
}

fn relro(relro: Relro) -> &'static str {
    match relro {
        Relro::None => "none",
        Relro::Partial => "partial",
        Relro::Full => "full",
    }
}

fn part_name(part: Part) -> &'static str {
    match part {
        Part::Text => "text",
        Part::Rodata => "rodata",
        Part::Pclntab => "pclntab",
        Part::Data => "data",
        Part::Symtab => "symtab",
        Part::Strtab => "strtab",
        Part::Debug => "debug",
        Part::Relocations => "relocations",
        Part::Notes => "notes",
        Part::Dynamic => "dynamic",
        Part::Headers => "headers",
        Part::Packed => "packed",
        Part::Padding => "padding",
    }
}

fn capability_name(capability: Capability) -> &'static str {
    match capability {
        Capability::PanicTrace => "panic_trace",
        Capability::RuntimeCaller => "runtime_caller",
        Capability::GoVersion => "go_version",
        Capability::GoNm => "go_nm",
        Capability::Addr2line => "addr2line",
        Capability::Pprof => "pprof",
        Capability::GdbFunction => "gdb_function",
        Capability::GdbLine => "gdb_line",
        Capability::GdbBacktrace => "gdb_backtrace",
        Capability::GdbLocals => "gdb_locals",
        Capability::DlvBreak => "dlv_break",
        Capability::DlvLocals => "dlv_locals",
        Capability::Perf => "perf",
    }
}
