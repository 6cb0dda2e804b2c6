//! What is read from the file before anything is claimed.

use crate::owners::{Owner, Owners, SYSTEM};
use elfin_elf::{ElfError, ElfFile, Section};
use elfin_golang::{BuildInfo, Code, Function, ModuleData, Named, NamedData, Pclntab, package_of};
use std::borrow::Cow;
use std::collections::HashMap;

/// The facts of one file.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) file: ElfFile<'a>,
    pub(crate) module: Option<ModuleData>,
    pub(crate) pclntab: Option<Pclntab<'a>>,
    pub(crate) build_info: Option<BuildInfo<'a>>,
    pub(crate) owners: Owners<'a>,
    /// The owner of each function of pclntab's index.
    pub(crate) functions: Vec<Owner>,
    /// The owner of each name in pclntab that does not say it or says another's, by its offset.
    pub(crate) nameless: HashMap<u32, Owner>,
    /// The offset and the owner of every name in pclntab, in that order.
    pub(crate) names: Vec<(u32, Owner)>,
    /// Where each compilation unit's files begin, and its owner; in that order.
    pub(crate) units: Vec<(u32, Owner)>,
    /// The owner of the source files of a folder.
    pub(crate) folders: HashMap<&'a [u8], Owner>,
    /// Data that symbols name, but for what carries other data.
    pub(crate) named_data: Vec<NamedData>,
    /// Code that symbols name and pclntab does not have.
    pub(crate) foreign_code: Vec<Code>,
    /// Exported methods with code and without, once the types are read.
    pub(crate) methods: Option<(u64, u64)>,
    /// The sections with bytes in the file by offset, each with its index.
    pub(crate) stored: Vec<(usize, Section<'a>)>,
    /// What the file itself says that it has: its sections; without any, the dynamic linker's
    /// tables.
    pub(crate) described: Vec<Section<'a>>,
}

impl<'a> Facts<'a> {
    /// Reads all but what is to be said of functions.
    pub(crate) fn read(data: &'a [u8]) -> Result<Facts<'a>, ElfError> {
        let file = ElfFile::parse(data)?;
        let addends = file.addends();
        let module = ModuleData::find(&file, &addends);
        let pclntab = Pclntab::find(&file, &addends, module.as_ref());
        let mut stored: Vec<_> = file.sections().iter().copied().enumerate().collect();
        stored.retain(|(_, it)| it.size > 0);
        stored.sort_by_key(|(_, it)| it.offset);
        let mut described: Vec<Section<'a>> = stored.iter().map(|(_, it)| *it).collect();
        if file.sections().is_empty() {
            described = file.dynamic_tables();
            described.sort_by_key(|it| it.offset);
        }
        Ok(Facts {
            build_info: BuildInfo::find(&file),
            functions: Vec::new(),
            nameless: HashMap::new(),
            names: Vec::new(),
            units: Vec::new(),
            folders: HashMap::new(),
            named_data: Vec::new(),
            foreign_code: Vec::new(),
            methods: None,
            owners: Owners::default(),
            file,
            module,
            pclntab,
            stored,
            described,
        })
    }

    /// The owner of a function of the index.
    pub(crate) fn function_owner(&self, index: usize) -> Owner {
        self.functions.get(index).copied().unwrap_or(SYSTEM)
    }

    /// The owner of a name in pclntab.
    pub(crate) fn name_owner(&self, at: u32) -> Option<Owner> {
        let place = self.names.binary_search_by_key(&at, |(offset, _)| *offset).ok()?;
        self.names.get(place).map(|(_, owner)| *owner)
    }

    /// The owner of a source file.
    pub(crate) fn file_owner(&self, file: &[u8]) -> Option<Owner> {
        self.folders.get(folder(file)).copied()
    }

    /// True if C code was linked in, whose symbols are not named as Go's.
    pub(crate) fn has_c(&self) -> bool {
        self.file.section_named(".init").is_some() || self.file.section_named(".eh_frame").is_some()
    }

    /// Gives each function its owner: by its name, or by the folder of its source file, or by the
    /// others of its compilation unit.
    pub(crate) fn find_functions(&mut self) {
        let Some(table) = self.pclntab.take() else { return };
        let mut votes = Votes::default();
        let mut nameless = Vec::new();
        self.functions = vec![SYSTEM; table.count];
        for function in table.functions() {
            let owner = match package_of(function.name) {
                Named::Package(path) => self.owners.package(path),
                Named::Generated | Named::Bare => {
                    nameless.push(function.index);
                    continue;
                }
            };
            if let Some(place) = self.functions.get_mut(function.index) {
                *place = owner;
            }
            votes.of_function(&table, &function, owner);
        }
        let (folders, mut units) = votes.count();
        self.find_pushed(&table, &folders, &units);
        for index in nameless {
            let Some(function) = table.function(index) else { continue };
            let file = function.first_file(&table).and_then(|at| table.files.text(at));
            let by_folder = file.and_then(|file| folders.get(folder(file)));
            let by_unit = || units.get(&function.unit?);
            let owner = by_folder.or_else(by_unit).copied().unwrap_or(SYSTEM);
            if let Some(place) = self.functions.get_mut(index) {
                *place = owner;
            }
            self.nameless.insert(function.name_at, owner);
            if let Some(unit) = function.unit {
                units.entry(unit).or_insert(owner);
            }
        }
        self.folders = folders;
        self.units = units.into_iter().collect();
        self.units.sort_unstable();
        self.pclntab = Some(table);
    }

    /// Gives functions that a package wrote under another's name (`//go:linkname`) to the one
    /// whose unit and whose folder they are from.
    ///
    /// An instance of a generic function has its own folder, a wrapper has none, and what was
    /// inlined at the very beginning of a function has another unit.
    fn find_pushed(
        &mut self,
        table: &Pclntab<'a>,
        folders: &HashMap<&[u8], Owner>,
        units: &HashMap<u32, Owner>,
    ) {
        for function in table.functions() {
            let Some(owner) = function.unit.and_then(|it| units.get(&it)) else { continue };
            let Some(place) = self.functions.get_mut(function.index) else { continue };
            if owner == place || *place == SYSTEM {
                continue;
            }
            let file = function.first_file(table).and_then(|at| table.files.text(at));
            if file.and_then(|file| folders.get(folder(file))) == Some(owner) {
                *place = *owner;
                self.nameless.insert(function.name_at, *owner);
            }
        }
    }

    /// The owner of a symbol by its name and by where it is.
    pub(crate) fn symbol_owner(&mut self, symbol: &elfin_elf::Symbol<'a>) -> Owner {
        let function = || {
            let table = self.pclntab.as_ref()?;
            let function = table.function_at(symbol.address)?;
            Some(self.function_owner(function.index))
        };
        match package_of(symbol.name) {
            Named::Package(path) if !self.is_c_static(&path, symbol.name) => {
                self.owners.package(path)
            }
            _ if symbol.kind == elfin_elf::SymbolKind::Function => function().unwrap_or(SYSTEM),
            _ => SYSTEM,
        }
    }

    /// True for a name like `completed.0` that a C compiler gave to a static variable.
    fn is_c_static(&self, path: &str, name: &[u8]) -> bool {
        self.has_c()
            && self.owners.known_package(path).is_none()
            && name.get(path.len() + 1..).is_some_and(|rest| rest.iter().all(u8::is_ascii_digit))
    }
}

/// The folder of a file's path.
fn folder(file: &[u8]) -> &[u8] {
    let slash = file.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
    file.get(..slash).unwrap_or_default()
}

/// Which package a folder and a compilation unit belong to, by their functions' names.
#[derive(Default)]
struct Votes<'a> {
    folders: HashMap<(&'a [u8], Owner), u32>,
    units: HashMap<(u32, Owner), u32>,
    run: Option<Run<'a>>,
}

/// Functions one after the other that agree, as they do within a package.
#[derive(PartialEq)]
struct Run<'a> {
    file: Option<usize>,
    unit: Option<u32>,
    owner: Owner,
    folder: Option<&'a [u8]>,
    functions: u32,
}

impl<'a> Votes<'a> {
    fn of_function(&mut self, table: &Pclntab<'a>, function: &Function<'_>, owner: Owner) {
        let (file, unit) = (function.first_file(table), function.unit);
        if let Some(run) = &mut self.run
            && (run.file, run.unit, run.owner) == (file, unit, owner)
        {
            run.functions += 1;
            return;
        }
        self.end_run();
        let folder = file.and_then(|at| table.files.text(at)).map(folder);
        self.run = Some(Run { file, unit, owner, folder, functions: 1 });
    }

    fn end_run(&mut self) {
        let Some(run) = self.run.take() else { return };
        if let Some(folder) = run.folder.filter(|it| !it.is_empty()) {
            *self.folders.entry((folder, run.owner)).or_default() += run.functions;
        }
        if let Some(unit) = run.unit {
            *self.units.entry((unit, run.owner)).or_default() += run.functions;
        }
    }

    fn count(mut self) -> (HashMap<&'a [u8], Owner>, HashMap<u32, Owner>) {
        self.end_run();
        (winners(self.folders), winners(self.units))
    }
}

/// The owner with the most votes for each key; of equals the first.
fn winners<K: std::hash::Hash + Eq + Copy>(votes: HashMap<(K, Owner), u32>) -> HashMap<K, Owner> {
    let mut best: HashMap<K, (u32, std::cmp::Reverse<Owner>)> = HashMap::new();
    for ((key, owner), count) in votes {
        let vote = (count, std::cmp::Reverse(owner));
        let place = best.entry(key).or_insert(vote);
        *place = vote.max(*place);
    }
    best.into_iter().map(|(key, (_, owner))| (key, owner.0)).collect()
}

/// A text of the file for a label or an owner.
pub(crate) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}
