//! What differs between two builds beside their bytes: the causes that there can be.

use crate::owner::without_version;
use crate::settings;
use elfin_schema::{Cause, CauseEvidence, Fact, Kind, Methods, Weighing};
use std::collections::BTreeMap;

/// The causes that there can be by what the two files say of their builds, with what says so.
#[derive(Debug, Default)]
pub(crate) struct Circumstances {
    causes: BTreeMap<Cause, Vec<CauseEvidence>>,
    /// What the build information says and nothing else shows.
    pub(crate) said: Vec<CauseEvidence>,
    /// Modules by path: what became of each.
    pub(crate) modules: BTreeMap<String, Cause>,
}

/// A linker that may drop methods drops more than a third of them; one that must keep them all drops
/// only those of types that are in no interface.
const ALL_KEPT: f64 = 0.7;

impl Circumstances {
    pub(crate) fn of(from: &Weighing, to: &Weighing) -> Circumstances {
        let mut all = Circumstances::default();
        for (cause, evidence) in settings::differing(&from.build, &to.build) {
            match cause {
                Some(cause) => all.add(cause, evidence),
                None => all.said.push(evidence),
            }
        }
        all.of_program(from, to);
        all.of_linking(from, to);
        all.of_debugging(from, to);
        all.of_modules(from, to);
        all
    }

    pub(crate) fn has(&self, cause: &Cause) -> bool {
        self.causes.contains_key(cause)
    }

    /// Every cause that there can be.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Cause> {
        self.causes.keys()
    }

    /// What speaks for a cause.
    pub(crate) fn evidence(&self, cause: &Cause) -> &[CauseEvidence] {
        self.causes.get(cause).map_or(&[], |it| it)
    }

    pub(crate) fn add(&mut self, cause: Cause, evidence: CauseEvidence) {
        self.causes.entry(cause).or_default().push(evidence);
    }

    /// Adds a cause if a fact differs.
    fn fact<T: ToString + PartialEq>(&mut self, cause: Cause, what: Fact, (from, to): (T, T)) {
        if from != to {
            let (from, to) = (from.to_string(), to.to_string());
            self.add(cause, CauseEvidence::Fact { what, from, to });
        }
    }

    fn of_program(&mut self, from: &Weighing, to: &Weighing) {
        self.fact(Cause::Architecture, Fact::Architecture, (&from.file.arch, &to.file.arch));
        let packed = |w: &Weighing| w.rows.iter().any(|row| row.kind == Kind::Packed);
        if packed(from) != packed(to) {
            self.causes.entry(Cause::Packer).or_default();
        }
        let path = |w: &Weighing| w.go.as_ref().and_then(|it| it.path.clone()).unwrap_or_default();
        self.fact(Cause::OtherProgram, Fact::MainPackage, (path(from), path(to)));
        let version = |w: &Weighing| w.go.as_ref().map(|it| it.version.clone()).unwrap_or_default();
        let (before, after) = (version(from), version(to));
        // Behind the version stand the experiments that it was built with.
        let number =
            |version: &str| version.split([' ', '-']).next().unwrap_or_default().to_owned();
        if number(&before) != number(&after) {
            self.fact(Cause::GoVersion, Fact::GoVersion, (before, after));
        } else if !before.contains("dwarf5") && !after.contains("dwarf5") {
            self.fact(Cause::CompilerFlags, Fact::GoVersion, (before, after));
        }
        if let Some(methods) = from.build.methods.as_ref().zip(to.build.methods.as_ref()) {
            self.of_methods(methods);
        }
        let align = |w: &Weighing| w.build.function_alignment;
        if let (Some(from), Some(to)) = (align(from), align(to)) {
            self.fact(Cause::FunctionAlignment, Fact::FunctionAlignment, (from, to));
        }
        let sources = |of: fn(&Weighing) -> &Option<String>| {
            (of(from).clone().unwrap_or_default(), of(to).clone().unwrap_or_default())
        };
        let (before, after) = sources(|w| &w.build.go_sources);
        // Another Go stands in another folder.
        if !self.has(&Cause::GoVersion) || before.is_empty() || after.is_empty() {
            self.fact(Cause::Paths, Fact::GoSources, (before, after));
        }
        let (before, after) = sources(|w| &w.build.main_sources);
        self.fact(Cause::Paths, Fact::MainSources, (before, after));
    }

    fn of_methods(&mut self, (from, to): (&Methods, &Methods)) {
        let all = |it: &Methods| (it.kept + it.dropped).max(1);
        let kept = |it: &Methods| it.kept as f64 / all(it) as f64;
        if (kept(from) > ALL_KEPT) == (kept(to) > ALL_KEPT) {
            return;
        }
        let shown = |it: &Methods| format!("{} / {}", it.kept, all(it));
        self.fact(Cause::DeadCode, Fact::MethodsKept, (shown(from), shown(to)));
        let more = if kept(to) > kept(from) { (from, to) } else { (to, from) };
        let before = |function: &str| more.0.looked_up_by.iter().any(|it| it.function == function);
        for caller in more.1.looked_up_by.iter().filter(|it| !before(&it.function)) {
            let (function, path) = (caller.function.clone(), caller.path.clone());
            self.add(Cause::DeadCode, CauseEvidence::LooksUpMethods { function, path });
        }
    }

    fn of_linking(&mut self, from: &Weighing, to: &Weighing) {
        let pie = |w: &Weighing| w.file.pie;
        self.fact(Cause::BuildMode, Fact::Pie, (pie(from), pie(to)));
        let (a, b) = (&from.build, &to.build);
        let linker = |external| if external { "external" } else { "internal" };
        let (before, after) = (linker(a.linked_externally), linker(b.linked_externally));
        // Go links internally what has no C, unless a flag says so, which would be a cause already.
        let is_by_cgo = self.has(&Cause::Cgo) && !self.has(&Cause::Linkage);
        let cause = if is_by_cgo { Cause::Cgo } else { Cause::Linkage };
        self.fact(cause, Fact::Linker, (before, after));
        if a.linked_externally && b.linked_externally {
            let tools = |tools: &[String]| tools.join("; ");
            self.fact(Cause::Linkage, Fact::Tools, (tools(&a.tools), tools(&b.tools)));
        }
        let interpreters = (a.interpreter.clone(), b.interpreter.clone());
        // Which of Go's own links asks for a dynamic linker says nothing of the libc.
        let both = interpreters.0.is_some() && interpreters.1.is_some();
        if both || a.linked_externally && b.linked_externally {
            let (before, after) = interpreters;
            let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
            self.fact(Cause::Libc, Fact::Interpreter, (before, after));
        }
        if both && !a.needed.is_empty() && !b.needed.is_empty() {
            self.fact(Cause::Libc, Fact::Needed, (a.needed.join(" "), b.needed.join(" ")));
        }
        if self.has(&Cause::Libc) && a.linked_externally == b.linked_externally {
            // Another libc comes with its own start files and compiler.
            self.causes.remove(&Cause::Linkage);
        }
    }

    fn of_debugging(&mut self, from: &Weighing, to: &Weighing) {
        let symbols = |w: &Weighing| w.file.symbols;
        self.fact(Cause::SymbolTable, Fact::SymbolTable, (symbols(from), symbols(to)));
        let dwarf = |w: &Weighing| w.file.dwarf;
        self.fact(Cause::Dwarf, Fact::Dwarf, (dwarf(from), dwarf(to)));
        if let (Some(a), Some(b)) = (&from.build.dwarf, &to.build.dwarf) {
            let packed = |it: &Option<String>| it.clone().unwrap_or_default();
            let (before, after) = (packed(&a.compression), packed(&b.compression));
            self.fact(Cause::DwarfCompression, Fact::DwarfCompression, (before, after));
            let version = |it: Option<u16>| it.map(|it| it.to_string()).unwrap_or_default();
            // Another Go or other C tools write another version, which is no choice then.
            let others = [Cause::GoVersion, Cause::Libc, Cause::Linkage, Cause::Cgo];
            let other = others.into_iter().find(|it| self.has(it));
            let cause = other.unwrap_or(Cause::DwarfVersion);
            self.fact(cause, Fact::DwarfVersion, (version(a.version), version(b.version)));
        }
        let id = |w: &Weighing| w.build.build_id.clone().unwrap_or_default();
        if id(from).is_empty() != id(to).is_empty() {
            self.fact(Cause::BuildId, Fact::BuildId, (id(from), id(to)));
        }
    }

    fn of_modules(&mut self, from: &Weighing, to: &Weighing) {
        let modules = |w: &Weighing| -> BTreeMap<String, String> {
            let all = w.go.iter().flat_map(|it| &it.modules);
            all.map(|it| (without_version(&it.path).into_owned(), it.version.clone())).collect()
        };
        let (before, after) = (modules(from), modules(to));
        // Without build information nothing is said of modules.
        if before.is_empty() || after.is_empty() {
            return;
        }
        let own =
            to.go.as_ref().and_then(|it| it.modules.first()).map(|it| without_version(&it.path));
        for (module, version) in &before {
            let module = module.clone();
            let cause = match after.get(&module) {
                None => Cause::ModuleRemoved { module: module.clone() },
                // The version of the program's own module is where its repository stands.
                Some(now) if now == version || Some(&*module) == own.as_deref() => continue,
                Some(_) => Cause::ModuleVersion { module: module.clone() },
            };
            self.modules.insert(module, cause);
        }
        for module in after.keys().filter(|it| !before.contains_key(*it)) {
            self.modules.insert(module.clone(), Cause::ModuleAdded { module: module.clone() });
        }
        for (module, cause) in self.modules.clone() {
            let version =
                |of: &BTreeMap<String, String>| of.get(&module).cloned().unwrap_or_default();
            self.fact(cause, Fact::ModuleVersion, (version(&before), version(&after)));
        }
    }
}
