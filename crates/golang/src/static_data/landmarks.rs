//! Objects of which more is known than that something refers to them.
//!
//! Types, names, masks, itabs, tasks, embedded files, addresses of functions,
//! what symbols name, and what only the module data points at. Between them
//! stand strings, where Go's linker puts these.

use super::descriptor::{Descriptor, Descriptors, Home};
use super::embedded::{self, EmbeddedFile};
use super::itabs::{self, Itab};
use super::loaded::Loaded;
use super::marks::Marks;
use super::objects::{Bounds, OPEN, Object, Whose};
use super::plausible::{Plausible, string_length};
use super::references::Reference;
use super::type_walk::TypeWalk;
use super::{Code, DataKind, Program, init_tasks};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use rayon::slice::ParallelSlice;
use std::ops::{Range, RangeInclusive};

/// What is known of objects, as it is collected.
pub(crate) struct Landmarks<'p, 'a, F> {
    program: &'p Program<'p, 'a>,
    loaded: &'p Loaded<'a, 'p>,
    descriptors: Descriptors<'a, 'p>,
    owner_of: F,
    /// What is known of objects.
    pub(crate) known: Vec<Object>,
    /// References that are no pointers: offsets of types and names.
    pub(crate) references: Vec<Reference>,
    /// Exported methods with code and without.
    pub(crate) methods: (u64, u64),
    /// The end of the last type or name, and the beginning of the first mask or function.
    around_strings: (u32, u32),
}

/// The functions by their beginnings.
struct Functions<'p> {
    code: &'p [Code],
    base: u64,
    /// From the first to the last beginning.
    addresses: RangeInclusive<u64>,
}

impl<'p> Functions<'p> {
    fn of(program: &Program<'p, '_>, loaded: &Loaded<'_, '_>) -> Functions<'p> {
        let start = |it: Option<&Code>| it.map_or(0, |it| it.addresses.start);
        let code = program.code;
        let addresses = start(code.first())..=start(code.last());
        Functions { code, base: loaded.address(0), addresses }
    }

    /// The owner of the function that begins at an offset.
    fn at(&self, offset: u32) -> Option<u32> {
        let address = self.base.saturating_add(offset.into());
        if !self.addresses.contains(&address) {
            return None; // As most are.
        }
        let at = self.code.binary_search_by_key(&address, |it| it.addresses.start).ok()?;
        self.code.get(at).map(|it| it.owner)
    }
}

impl<'p, 'a, F: FnMut(&str) -> u32> Landmarks<'p, 'a, F> {
    /// Opens the collection with what symbols and the module data say.
    pub(crate) fn new(
        program: &'p Program<'p, 'a>,
        loaded: &'p Loaded<'a, 'p>,
        owner_of: F,
    ) -> Landmarks<'p, 'a, F> {
        let base = loaded.offset(program.module.types.start).unwrap_or(0);
        let descriptors = Descriptors { loaded, base };
        Landmarks {
            program,
            loaded,
            descriptors,
            owner_of,
            known: Vec::new(),
            references: Vec::new(),
            methods: (0, 0),
            around_strings: (0, u32::MAX),
        }
    }

    /// Reads everything that has a structure, and takes out of the pointers what is none; what is
    /// left is sorted by target.
    pub(crate) fn add_all(
        &mut self,
        from_code: &[Reference],
        from_data: &mut Vec<Reference>,
        spare: &mut Vec<Reference>,
    ) {
        let targets = [from_code, from_data].into_iter().flatten().map(|it| it.target());
        let targets = Marks::of(self.loaded, targets);
        let (types, names) = self.add_types(&targets, spare);
        let itabs = self.add_itabs();
        self.add_functions(&targets);
        drop(targets);
        let plausible = Plausible { descriptors: self.descriptors, types, itabs, names };
        plausible.retain(self.program.module, &self.strings(), from_data, spare);
        self.add_long_strings(from_data);
        self.add_init_tasks(from_code);
        self.add_linkers_tables();
        for it in self.program.named {
            let Some(range) = self.loaded.span(&it.addresses) else { continue };
            let whose = it.owner.map_or(Whose::Definer, Whose::Owner);
            self.add(range, DataKind::Other, whose);
        }
    }

    fn add(&mut self, range: Range<u32>, kind: DataKind, whose: Whose) {
        self.known.push(Object::new(range, kind, whose));
    }

    fn add_open(&mut self, start: u32, kind: DataKind, whose: Whose) {
        self.add(start..OPEN, kind, whose);
    }

    /// Gives the descriptors and the names, with their lengths.
    fn add_types(
        &mut self,
        targets: &Marks,
        spare: &mut Vec<Reference>,
    ) -> (Vec<Descriptor>, Vec<(u32, u32)>) {
        let (loaded, descriptors) = (self.loaded, self.descriptors);
        let Some(start) = loaded.offset(self.program.module.types.start) else {
            return Default::default();
        };
        let end = loaded.offset(self.program.module.types.end).unwrap_or(u32::MAX);
        let end = end.min(loaded.region_of(start).map_or(start, super::loaded::Region::end));
        let walk = TypeWalk::new(descriptors, &(start..end), targets, spare);
        let homes: Vec<Home> = walk.types.par_iter().map(|it| descriptors.home(it)).collect();
        self.known.reserve(walk.types.len() + walk.names.len());
        let mut last = None;
        for (it, home) in walk.types.iter().zip(homes) {
            // Types that stand beside each other are often of one package.
            let whose = match last {
                Some((same, whose)) if same == home => whose,
                _ => self.whose(home),
            };
            last = Some((home, whose));
            self.add(it.at..it.at + it.length, DataKind::Type, whose);
            self.around_strings.0 = self.around_strings.0.max(it.at + it.length);
        }
        let count = |it: &Descriptor| {
            let (mut kept, mut dropped) = (0, 0);
            for is_kept in descriptors.exported_methods(it) {
                *if is_kept { &mut kept } else { &mut dropped } += 1;
            }
            (kept, dropped)
        };
        let add = |a: (u64, u64), b: (u64, u64)| (a.0 + b.0, a.1 + b.1);
        self.methods = walk.types.par_iter().map(count).reduce(Default::default, add);
        for &(at, length) in &walk.names {
            self.add(at..at + length, DataKind::TypeName, Whose::Everyone);
            self.around_strings.0 = self.around_strings.0.max(at + length);
        }
        let rodata = loaded.offset(self.program.module.rodata.0).unwrap_or(0);
        for at in walk.masks.into_iter().filter(|it| loaded.region_of(*it).is_some()) {
            self.add_open(at, DataKind::GcMask, Whose::Everyone);
            if at > rodata {
                self.around_strings.1 = self.around_strings.1.min(at);
            }
        }
        self.references = walk.references;
        (walk.types, walk.names)
    }

    /// A named type's package, also of pointers to it; the runtime has the language's own. All
    /// others are merged from all packages that use them.
    fn whose(&mut self, home: Home) -> Whose {
        match self.descriptors.path(home) {
            None | Some(b"go.shape") => Whose::Everyone,
            Some(b"" | b"unsafe") => Whose::Owner((self.owner_of)("runtime")),
            Some(path) => std::str::from_utf8(path)
                .map_or(Whose::Everyone, |path| Whose::Owner((self.owner_of)(path))),
        }
    }

    fn add_itabs(&mut self) -> Vec<Itab> {
        let mut itabs = itabs::itabs(self.descriptors, self.program.module);
        itabs.sort_unstable_by_key(|it| it.start);
        for it in &itabs {
            let concrete = self.descriptors.read(it.concrete);
            let home = concrete.map_or(Home::None, |concrete| self.descriptors.home(&concrete));
            let whose = self.whose(home);
            self.add(it.start..it.end, DataKind::Itab, whose);
        }
        itabs
    }

    /// Long strings whose length stands in the data, which much leads into by chance.
    fn add_long_strings(&mut self, from_data: &[Reference]) {
        const LONG: u32 = 256;
        let strings = self.strings();
        for it in from_data {
            let length = string_length(self.loaded, *it, &strings);
            if let Some(length) = length.filter(|it| *it >= LONG) {
                let range = it.target()..it.target() + length;
                self.add(range, DataKind::String, Whose::Everyone);
            }
        }
    }

    fn add_init_tasks(&mut self, from_code: &[Reference]) {
        let module = self.program.module;
        let mut tasks = init_tasks::listed(self.loaded, module);
        if module.inittasks.is_none() {
            let targets = from_code.iter().map(|it| it.target());
            tasks = init_tasks::linked(self.loaded, targets, |it| self.function_at(it).is_some());
        }
        for it in tasks {
            let owner = it.function.and_then(|it| self.function_at(it));
            let whose = owner.map_or(Whose::System, Whose::Owner);
            self.add(it.start..it.end, DataKind::InitTask, whose);
        }
    }

    /// What the linker made for the runtime, which only the module data points at.
    fn add_linkers_tables(&mut self) {
        let module = self.program.module;
        let pointer = u64::from(self.loaded.pointer_size());
        let sized = [
            (module.address.0, module.size, DataKind::Other),
            (
                module.textsects.address.0,
                module.textsects.len.saturating_mul(3 * pointer),
                DataKind::Other,
            ),
        ];
        let links =
            [(module.typelinks, 4, DataKind::Type), (module.itablinks, pointer, DataKind::Itab)];
        let links = links.into_iter().filter_map(|(links, size, kind)| {
            links.map(|it| (it.address.0, it.len.saturating_mul(size), kind))
        });
        for (start, bytes, kind) in sized.into_iter().chain(links) {
            if let Some(range) = self.loaded.span(&(start..start.saturating_add(bytes))) {
                self.add(range, kind, Whose::System);
            }
        }
        for mask in [module.gcdata, module.gcbss] {
            if let Some(at) = self.loaded.offset(mask.0) {
                self.add_open(at, DataKind::GcMask, Whose::System);
            }
        }
        for table in [module.gofunc, module.find_functab] {
            if let Some(at) = self.loaded.offset(table.0) {
                self.add_open(at, DataKind::Other, Whose::System);
            }
        }
    }

    /// What points at the entry of a function may be the value of that function.
    fn add_functions(&mut self, targets: &Marks) {
        /// Words that one thread looks at at a time.
        const BATCH: usize = 1 << 12;
        let rodata = self.loaded.offset(self.program.module.rodata.0).unwrap_or(0);
        let (loaded, code) = (self.loaded, Functions::of(self.program, self.loaded));
        let function = |at: &u32| Some((*at, code.at(loaded.pointer(*at)?)?));
        let targets: Vec<u32> = targets.places().collect();
        let found: Vec<Vec<(u32, u32)>> = targets
            .par_chunks(BATCH)
            .map(|batch| batch.iter().filter_map(function).collect())
            .collect();
        for (at, owner) in found.into_iter().flatten() {
            self.add_open(at, DataKind::Function, Whose::Owner(owner));
            if at > rodata.max(self.around_strings.0) {
                self.around_strings.1 = self.around_strings.1.min(at);
            }
        }
    }

    /// The owner of the function that begins at an offset.
    fn function_at(&self, offset: u32) -> Option<u32> {
        Functions::of(self.program, self.loaded).at(offset)
    }

    /// Finds the embedded files.
    pub(crate) fn embedded(&mut self, from_data: &[Reference]) -> Vec<EmbeddedFile<'a>> {
        let mut all = Vec::new();
        for list in embedded::lists(self.loaded, from_data) {
            self.add(list.start..list.end, DataKind::EmbedList, Whose::Definer);
            for (name, content) in list.files {
                let address = |it| self.loaded.address(it);
                let addresses = address(content.start)..address(content.end);
                all.push(EmbeddedFile { name, addresses });
                self.add(content, DataKind::Embedded, Whose::Everyone);
            }
        }
        all
    }

    /// Where the text of string constants stands: behind the types, before functions and masks.
    fn strings(&self) -> Range<u32> {
        let rodata = self.loaded.offset(self.program.module.rodata.0).unwrap_or(0);
        let types = self.loaded.offset(self.program.module.types.start).unwrap_or(0);
        let region = self.loaded.region_of(rodata).map_or(rodata..rodata, |it| it.start..it.end());
        let behind_types = region.contains(&types) && types >= rodata;
        let start = if behind_types { self.around_strings.0 } else { rodata };
        let gofunc = self.loaded.offset(self.program.module.gofunc.0);
        let end = gofunc.filter(|it| *it > start).unwrap_or(u32::MAX);
        start..end.min(self.around_strings.1).min(region.end)
    }

    /// What bounds the objects.
    pub(crate) fn bounds(&self) -> Bounds {
        let data = self.loaded.span(&self.program.module.data).unwrap_or_default();
        let all_sure = self.loaded.relocated().next().is_some();
        let pointers = if all_sure { 0..u32::MAX } else { data };
        Bounds { fences: self.fences(), strings: self.strings(), pointers }
    }

    /// Where an object ends at the latest: at the ends of sections and of what the module data
    /// knows.
    fn fences(&self) -> Vec<u32> {
        let module = self.program.module;
        let ranges = [&module.noptrdata, &module.data, &module.types];
        let ranges = ranges.into_iter().cloned();
        let sections = self.program.file.sections().iter().filter(|it| it.is_loaded());
        let ranges = ranges.chain(sections.map(elfin_elf::Section::addresses));
        let ends = ranges.flat_map(|it| [it.start, it.end]).chain([module.rodata.0]);
        let ends = ends.filter_map(|it| self.loaded.offset(it)).chain(self.fips_parts());
        let regions = self.loaded.regions().iter();
        let mut fences: Vec<u32> =
            ends.chain(regions.flat_map(|it| [it.start, it.end()])).collect();
        fences.sort_unstable();
        fences.dedup();
        fences
    }

    /// Where the parts begin and end that FIPS 140 mode checks, each sorted by size for itself
    /// (golang/go `crypto/internal/fips140/check/check.go` `Linkinfo`, 1.24 to 1.27).
    fn fips_parts(&self) -> Vec<u32> {
        const MAGIC: &[u8] = b"\xff Go fipsinfo \xff\0";
        const SUM: u32 = 32;
        const PARTS: u32 = 4;
        let writable = self.loaded.regions().iter().filter(|it| it.writable);
        let places = writable.filter_map(|it| {
            let at = memchr::memmem::find(it.bytes, MAGIC)?;
            it.start.checked_add(u32::try_from(at + MAGIC.len()).ok()? + SUM)
        });
        let pointer = self.loaded.pointer_size();
        let own = places.filter(|it| self.loaded.pointer(*it) == Some(it - SUM - 16));
        let words = own.flat_map(|it| (1..=2 * PARTS).map(move |word| it + word * pointer));
        words.filter_map(|it| self.loaded.pointer(it)).collect()
    }

    /// Takes back what was taken for a function and has another size.
    pub(crate) fn settle_functions(&self, objects: &mut [Object]) {
        let pointer = self.loaded.pointer_size();
        for it in objects.iter_mut().filter(|it| it.kind == DataKind::Function) {
            let size = it.end - it.start;
            if size == 2 * pointer {
                *it = it.of(Whose::Everyone); // A closure that knows a size, for all types of that.
            } else if size != pointer {
                *it = Object::new(it.start..it.end, DataKind::Other, Whose::Definer);
            }
        }
    }
}
