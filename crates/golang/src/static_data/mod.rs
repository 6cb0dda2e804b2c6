//! The data of a program, object by object, and which packages own each.
//!
//! Types, itabs, masks and the list of what is initialized are read by their
//! structure. Everything else is found by who refers to it: code, or other
//! data. Owners are numbers of the caller, who says whose the code is. A
//! symbol table, where there is one, only makes the same picture sharper.

mod amd64;
mod arm64;
mod descriptor;
mod embedded;
mod gc_program;
mod in_order;
mod init_tasks;
mod itabs;
mod landmarks;
mod lent;
mod loaded;
mod lookup;
mod marks;
mod object_names;
mod objects;
mod owning;
mod plausible;
mod radix;
mod references;
mod sets;
mod type_name;
mod type_walk;

use crate::module_data::ModuleData;
use elfin_elf::{Addends, ElfFile};
use landmarks::Landmarks;
use loaded::Loaded;
use objects::{Object, Whose};
use owning::Order;
use references::Reference;
use sets::{Set, Sets};
use std::ops::Range;

pub(crate) use references::{Use, scanner};

pub use embedded::EmbeddedFile;
pub use object_names::ObjectNames;
pub use radix::sort_by_number;
pub use sets::{MOST_OWNERS, Owners};

/// A function and the number of its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// The function's code.
    pub addresses: Range<u64>,
    /// Whose it is.
    pub owner: u32,
}

/// A part of a function that is another package's code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inlined {
    /// The part, from the beginning of the function.
    pub code: Range<u32>,
    /// A number of the function that it is of.
    pub name: u32,
    /// Whose it is.
    pub owner: u32,
}

/// Data that a symbol names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedData {
    /// Its bytes.
    pub addresses: Range<u64>,
    /// Whose it is by its name; `None` if that does not say it.
    pub owner: Option<u32>,
}

/// What is known of a program before its data is looked at.
#[expect(missing_debug_implementations, reason = "it has a function")]
pub struct Program<'p, 'a> {
    /// The file.
    pub file: &'p ElfFile<'a>,
    /// Its relocations.
    pub addends: &'p Addends<'p>,
    /// Its module data.
    pub module: &'p ModuleData,
    /// Its functions by address, those without an owner left out.
    pub code: &'p [Code],
    /// Tells what of a function was inlined from other packages, by its place.
    pub inlined: &'p (dyn Fn(&Code) -> Vec<Inlined> + Sync),
    /// Its data by symbols, those that only carry others left out.
    pub named: &'p [NamedData],
}

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DataKind {
    /// A type descriptor.
    Type,
    /// The name of a type, a field, a method or a package.
    TypeName,
    /// A mask for the garbage collector.
    GcMask,
    /// A table of methods for an interface.
    Itab,
    /// What a package initializes.
    InitTask,
    /// The text of a string constant.
    String,
    /// The list of files that `//go:embed` put into a variable.
    EmbedList,
    /// A file that `//go:embed` put in.
    Embedded,
    /// The address of a function, for whoever calls it indirectly.
    Function,
    /// Anything else.
    Other,
}

/// An object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataObject<'s> {
    /// Its bytes.
    pub addresses: Range<u64>,
    /// What it is.
    pub kind: DataKind,
    /// Whose it is.
    pub owners: Owners<'s>,
}

/// The data of a program.
#[derive(Debug)]
pub struct StaticData<'a> {
    base: u64,
    objects: Vec<Object>,
    owners: Vec<Set>,
    sets: Sets,
    /// The files that `//go:embed` put into variables of type `embed.FS`.
    pub embedded: Vec<EmbeddedFile<'a>>,
    /// Exported methods of the types: those with code, and those whose code was dropped.
    pub methods: (u64, u64),
}

/// What in the data of a program looks like pointers to other data; to be read before anything
/// is known of its code.
#[derive(Debug)]
pub struct Pointers(Vec<Reference>);

impl Pointers {
    /// Reads the words of the data.
    pub fn read(file: &ElfFile<'_>, addends: &Addends<'_>, module: &ModuleData) -> Pointers {
        let loaded = Loaded::new(file, addends, module);
        let plain = loaded.span(&module.noptrdata).unwrap_or_default();
        Pointers(references::from_data(&loaded, &plain))
    }
}

impl<'a> StaticData<'a> {
    /// Divides the data of a program, whose pointers are given, and finds the owners; `owner_of`
    /// gives the number of a package by its import path.
    pub fn find(
        program: &Program<'_, 'a>,
        pointers: Pointers,
        owner_of: impl FnMut(&str) -> u32,
    ) -> StaticData<'a> {
        let loaded = Loaded::new(program.file, program.addends, program.module);
        let from_code = references::from_code(program, &loaded);
        let mut from_data = pointers.0;
        let mut landmarks = Landmarks::new(program, &loaded, owner_of);
        // What is sorted with it once is sorted with it again.
        let mut spare = Vec::new();
        landmarks.add_all(&from_code, &mut from_data, &mut spare);
        let embedded = landmarks.embedded(&from_data);
        references::merge(&mut from_data, std::mem::take(&mut landmarks.references));
        drop(spare);
        let methods = landmarks.methods;
        let known = std::mem::take(&mut landmarks.known);
        let mut objects = objects::divide(known, &from_code, &from_data, &landmarks.bounds());
        landmarks.settle_functions(&mut objects);
        drop(landmarks);
        let order = Order::new(program.code.iter().map(|it| it.owner));
        let mut sets = Sets::new();
        let owners = owning::owners(&objects, from_code, from_data, &order, &mut sets);
        StaticData { base: loaded.address(0), objects, owners, sets, embedded, methods }
    }

    /// Goes through the objects by address.
    pub fn objects(&self) -> impl Iterator<Item = DataObject<'_>> {
        self.part(0..self.objects.len())
    }

    /// Counts the objects.
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// Goes through some of the objects, by their numbers.
    pub fn part(&self, numbers: Range<usize>) -> impl Iterator<Item = DataObject<'_>> {
        let objects = self.objects.get(numbers.clone()).unwrap_or_default();
        let owners = self.owners.get(numbers).unwrap_or_default();
        objects.iter().zip(owners).map(|(it, owners)| DataObject {
            addresses: self.base + u64::from(it.start)..self.base + u64::from(it.end),
            kind: it.kind,
            owners: match it.whose() {
                Whose::System => Owners::Linker,
                _ => self.sets.owners(*owners),
            },
        })
    }
}
