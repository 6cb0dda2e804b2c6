//! Types, strings and all other data, each object to the packages that own it.

use super::areas;
use crate::book::{Book, Goods, Label, LabelledBy, Layer};
use crate::facts::{Facts, lossy};
use crate::owners::{MANY, Owner, SYSTEM};
use elfin_elf::Section;
use elfin_golang::inlined_stretches;
use elfin_golang::{
    Code, DataKind, DataObject, Inlined, ObjectNames, Pointers, Program, StaticData,
};
use elfin_model::{FileRange, VirtAddr};
use elfin_schema::Kind;
use std::collections::HashMap;

/// Numbers of packages that only data tells of, until they get one among the owners.
const FRESH: u32 = 1 << 29;

/// The data, and the packages that nobody had told of before.
pub(crate) struct Found<'a> {
    data: StaticData<'a>,
    fresh: Vec<String>,
    /// What types and itabs are called, by address; none where that is not wanted.
    names: HashMap<u64, String>,
}

pub(crate) fn claim<'a>(facts: &mut Facts<'a>, found: Option<Found<'a>>, book: &mut Book<'a>) {
    let Some(Found { data, fresh, mut names }) = found else { return };
    facts.methods = Some(data.methods);
    let fresh = fresh.into_iter().map(|path| facts.owners.package(path.into()));
    let fresh: Vec<Owner> = fresh.collect();
    if book.labelled_by() == LabelledBy::Nothing {
        // Without labels to number, both halves can be entered at once.
        let middle = data.len() / 2;
        let mut behind = book.another();
        let no_label = |_: &DataObject<'_>, _, _: &mut Book<'a>| Label::default();
        rayon::join(
            || enter_part(facts, data.part(0..middle), &fresh, book, no_label),
            || enter_part(facts, data.part(middle..data.len()), &fresh, &mut behind, no_label),
        );
        book.take_over(behind);
        return;
    }
    let embedded: HashMap<u64, &[u8]> =
        data.embedded.iter().map(|it| (it.addresses.start, it.name)).collect();
    let by_symbol = book.labelled_by() == LabelledBy::Symbol;
    let label = |object: &DataObject<'_>, range, book: &mut Book<'a>| {
        let start = object.addresses.start;
        match (embedded.get(&start), names.remove(&start)) {
            (Some(path), _) if object.kind == DataKind::Embedded => book.file(path),
            (_, Some(name)) => book.label(name.into_bytes()),
            _ if object.kind == DataKind::String && by_symbol => book.label(quoted(facts, range)),
            _ => Label::default(),
        }
    };
    enter_part(facts, data.objects(), &fresh, book, label);
}

/// Claims objects, which come by address.
fn enter_part<'a, 's>(
    facts: &Facts<'a>,
    objects: impl Iterator<Item = DataObject<'s>>,
    fresh: &[Owner],
    book: &mut Book<'a>,
    mut label: impl FnMut(&DataObject<'_>, FileRange, &mut Book<'a>) -> Label,
) {
    let mut sections = Sections::new(facts);
    for object in objects {
        let section = sections.at(object.addresses.start);
        if section.is_some_and(|(_, is_of_one_kind)| *is_of_one_kind) {
            continue; // The tables of the dynamic linker and the like.
        }
        let section = section.map(|(section, _)| section);
        let address = VirtAddr(object.addresses.start);
        let bytes = object.addresses.end - object.addresses.start;
        let Some(range) = facts.file.range_of(address, bytes) else { continue };
        let label = label(&object, range, book);
        enter(book, range, &object, kind(facts, &object, section), (label, fresh));
    }
}

pub(crate) fn find<'a>(
    facts: &Facts<'a>,
    pointers: Pointers,
    labelled_by: LabelledBy,
) -> Option<Found<'a>> {
    let (module, table) = (facts.module.as_ref()?, facts.pclntab.as_ref()?);
    let mut code = facts.foreign_code.clone();
    code.extend(table.functions().filter_map(|function| {
        let owner = facts.function_owner(function.index);
        let owner = (owner != SYSTEM).then(|| owner.number())?;
        Some(Code { addresses: function.addresses, owner })
    }));
    code.sort_unstable_by_key(|it| it.addresses.start);
    let (file, addends) = (&facts.file, facts.file.addends());
    let program = Program {
        file,
        addends: &addends,
        module,
        code: &code,
        inlined: &|it| inlined(facts, it),
        named: &facts.named_data,
    };
    let mut fresh: HashMap<String, u32> = HashMap::new();
    let owner_of = |path: &str| match facts.owners.known_package(path) {
        Some(owner) => owner.number(),
        None => {
            let next = u32::try_from(fresh.len()).unwrap_or(u32::MAX);
            FRESH | *fresh.entry(path.to_owned()).or_insert(next)
        }
    };
    let data = StaticData::find(&program, pointers, owner_of);
    let mut fresh: Vec<(String, u32)> = fresh.into_iter().collect();
    fresh.sort_unstable_by_key(|(_, number)| *number);
    let fresh = fresh.into_iter().map(|(path, _)| path).collect();
    let mut names = HashMap::new();
    if labelled_by == LabelledBy::Symbol {
        let called = ObjectNames::new(&program);
        names.extend(data.objects().filter_map(|it| Some((it.addresses.start, called.of(&it)?))));
    }
    Some(Found { data, fresh, names })
}

/// What of a function other packages wrote.
fn inlined(facts: &Facts<'_>, code: &Code) -> Vec<Inlined> {
    let Some(table) = &facts.pclntab else { return Vec::new() };
    let Some(function) = table.function_at(VirtAddr(code.addresses.start)) else {
        return Vec::new();
    };
    let calls = inlined_stretches(table, &function).filter_map(|call| {
        let owner = facts.name_owner(call.name_at)?.number();
        (owner != code.owner).then_some(Inlined { code: call.code, name: call.name_at, owner })
    });
    calls.collect()
}

fn enter(
    book: &mut Book<'_>,
    range: FileRange,
    object: &DataObject<'_>,
    kind: Kind,
    (label, fresh): (Label, &[Owner]),
) {
    let layer = if object.kind == DataKind::Other { Layer::Reference } else { Layer::Structure };
    let known = |number: u32| {
        let fresh = fresh.get((number ^ FRESH) as usize).copied();
        fresh.unwrap_or(Owner::of_number(number))
    };
    let mut share = |owner| book.share(layer, range, Goods::of(owner, kind).labelled(label));
    match object.owners {
        elfin_golang::Owners::Nobody => {}
        elfin_golang::Owners::Linker if object.kind == DataKind::Other => {}
        elfin_golang::Owners::Linker => share(SYSTEM),
        elfin_golang::Owners::Many => share(MANY),
        elfin_golang::Owners::These(&[one]) => share(known(one)),
        elfin_golang::Owners::These(all) => {
            let mut all: Vec<Owner> = all.iter().map(|it| known(*it)).collect();
            all.sort_unstable();
            all.into_iter().for_each(share);
        }
    }
}

fn kind(facts: &Facts<'_>, object: &DataObject<'_>, section: Option<&Section<'_>>) -> Kind {
    match object.kind {
        DataKind::Type | DataKind::TypeName => Kind::Type,
        DataKind::GcMask => Kind::GcMask,
        DataKind::Itab => Kind::Itab,
        DataKind::InitTask => Kind::InitTask,
        DataKind::String => Kind::String,
        DataKind::EmbedList | DataKind::Embedded => Kind::Embed,
        DataKind::Function => Kind::ReadOnlyData,
        DataKind::Other => {
            let start = object.addresses.start;
            let written = |it: &Section<'_>| it.is_writable() && !it.name.contains(".rel.ro");
            let gos = facts
                .module
                .as_ref()
                .is_some_and(|it| it.data.contains(&start) || it.noptrdata.contains(&start));
            if gos || section.is_some_and(written) { Kind::Data } else { Kind::ReadOnlyData }
        }
    }
}

/// The beginning of a string constant, in quotes, so that it is taken for nothing else.
fn quoted(facts: &Facts<'_>, range: FileRange) -> Vec<u8> {
    const LONGEST: usize = 60;
    let text = facts.file.slice(range);
    let Some(beginning) = text.get(..LONGEST) else {
        return format!("\"{}\"", lossy(text).escape_debug()).into_bytes();
    };
    // A character may have been cut.
    let beginning = lossy(beginning);
    let beginning = beginning.trim_end_matches(char::REPLACEMENT_CHARACTER);
    format!("\"{}…\"", beginning.escape_debug()).into_bytes()
}

/// The loaded sections by address, for questions in that order.
struct Sections<'a> {
    /// Each, and whether all of it is of one kind or relocations.
    all: Vec<(Section<'a>, bool)>,
    next: usize,
}

impl<'a> Sections<'a> {
    fn new(facts: &Facts<'a>) -> Sections<'a> {
        let all = facts.described.iter().filter(|it| it.is_loaded());
        let all = all.map(|it| (*it, it.is_relocations() || areas::kind(it).is_some()));
        let mut all: Vec<_> = all.collect();
        all.sort_by_key(|(it, _)| it.address);
        Sections { all, next: 0 }
    }

    /// The section that an address is in; no address before the last one is asked for.
    fn at(&mut self, address: u64) -> Option<&(Section<'a>, bool)> {
        let rest = self.all.get(self.next..).unwrap_or_default();
        self.next += rest.iter().take_while(|(it, _)| it.addresses().end <= address).count();
        self.all.get(self.next).filter(|(it, _)| it.addresses().contains(&address))
    }
}
