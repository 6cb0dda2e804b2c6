//! What is settled, as the published document.

use crate::book::{Book, LabelledBy};
use crate::facts::Facts;
use crate::names::Names;
use crate::owners::Owner;
use crate::whereabouts::{self, Whereabouts};
use crate::{Options, build, download, functions, packed};
use elfin_elf::Machine;
use elfin_ledger::{Owners, Piece, Settled};
use elfin_model::{FileOffset, FileRange};
use elfin_schema::{
    Bytes, GoProgram, Inlined, Kind, MemoryOnly, Message, ModuleVersion, Place, Row, UnknownRange,
    WEIGH_SCHEMA, WeighedFile, Weighing,
};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt::Write;
use std::io;

/// Bytes that a dump shows of a range.
const DUMPED: u64 = 64;

/// What makes two pieces one row.
type Key<'s> = (Owners<'s>, u8, Whereabouts, u32, bool);

/// [`Key`] by numbers, which a large file has a million of.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Same {
    owners: u32,
    label: u32,
    place: u32,
    class: u8,
    exact: bool,
}

impl Same {
    /// Where to look first: what differs has another place mostly.
    fn hint(self) -> usize {
        let few = self.place << 8 ^ u32::from(self.class) << 1 ^ u32::from(self.exact);
        let mixed = (self.owners ^ self.label << 16 ^ few << 7).wrapping_mul(0x9e37_79b9);
        (mixed >> (32 - HINTS.ilog2())) as usize
    }
}

/// Rows that are found without a search.
const HINTS: usize = 1 << 10;

/// The rows as they are counted.
struct Tally {
    numbers: HashMap<Same, u32>,
    /// The last row that was met of those with the same hint.
    hints: Vec<u32>,
    rows: Vec<(Same, Bytes)>,
    /// The whereabouts by their numbers.
    places: Vec<Whereabouts>,
    unknown: Vec<(FileRange, Whereabouts)>,
}

impl Tally {
    /// Counts every piece, cut where a section or a segment ends; tells `part` of each, with the
    /// number of its row.
    fn of(
        facts: &Facts<'_>,
        settled: &Settled,
        mut part: impl FnMut(Option<usize>, FileRange),
    ) -> Tally {
        let (stretches, places) = whereabouts::numbered(facts);
        let mut tally = Tally {
            numbers: HashMap::new(),
            hints: vec![u32::MAX; HINTS],
            rows: Vec::new(),
            places,
            unknown: Vec::new(),
        };
        let mut stretches = stretches.into_iter().peekable();
        for piece in settled.pieces() {
            let mut start = piece.range.start();
            while start < piece.range.end() {
                while stretches.next_if(|(range, _)| range.end() <= start).is_some() {}
                let Some((range, place)) = stretches.peek() else { break };
                let cut = FileRange::between(start, range.end().min(piece.range.end()));
                start = cut.end();
                part(tally.count(&piece, cut, *place), cut);
            }
        }
        tally
    }

    fn count(&mut self, piece: &Piece<'_>, part: FileRange, place: u32) -> Option<usize> {
        if piece.owners == Owners::Nobody {
            self.unknown.push((part, self.places.get(place as usize).copied()?));
            return None;
        }
        let Piece { owners_number: owners, class, label, exact, .. } = *piece;
        let same = Same { owners, label, place, class, exact };
        let hint = &mut self.hints[same.hint()];
        if self.rows.get(*hint as usize).is_none_or(|(row, _)| *row != same) {
            // There are no more rows than pieces, of which each has a claim of 24 bytes.
            let next = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
            *hint = *self.numbers.entry(same).or_insert(next);
        }
        let number = *hint as usize;
        if number == self.rows.len() {
            self.rows.push((same, 0));
        }
        self.rows[number].1 += part.bytes();
        Some(number)
    }

    /// What a row is told apart by.
    fn key<'s>(&self, settled: &'s Settled, same: Same) -> Key<'s> {
        let Same { owners, label, place, class, exact } = same;
        let place = self.places.get(place as usize).copied().unwrap_or_default();
        (settled.owners(owners), class, place, label, exact)
    }
}

/// Publishes what is settled.
///
/// Returns an error if the file was to be compressed and cannot be.
pub(crate) fn weighing(
    facts: &Facts<'_>,
    book: &Book<'_>,
    settled: &Settled,
    inlined: Vec<Inlined>,
    options: &Options,
) -> io::Result<Weighing> {
    let mut parts = Vec::new();
    let mut tally = Tally::of(facts, settled, |row, part| {
        if options.downloads {
            parts.push((row, part));
        }
    });
    // Of symbols there are many, so what only served to count them goes first.
    (tally.numbers, tally.hints) = Default::default();
    let (counted, mut names) = (std::mem::take(&mut tally.rows), Names::default());
    let count = counted.len();
    let rows = counted.into_iter();
    let rows =
        rows.map(|(same, bytes)| row(facts, book, &mut names, tally.key(settled, same), bytes));
    let mut rows: Vec<Row> = rows.collect();
    drop(names);
    let unknown = tally.unknown;
    let (mut download, mut unknown_download) = (None, None);
    if options.downloads {
        // What nobody owns is charged as the row behind the last.
        let parts: Vec<_> = parts.into_iter().map(|(row, it)| (row.unwrap_or(count), it)).collect();
        let (prices, file) = download::charge(facts.file.data(), &parts, count + 1)?;
        for (row, price) in rows.iter_mut().zip(&prices) {
            row.download = Some(Box::new(*price));
        }
        (download, unknown_download) = (Some(file), prices.last().copied());
    }
    // No two rows are equal, and a sort that keeps the order of equals takes as much again.
    rows.sort_unstable_by(|a, b| order(a).cmp(&order(b)));
    let unknown: Vec<_> = unknown
        .into_iter()
        .map(|(part, place)| unknown_range(facts, part, place, options.dump))
        .collect();
    Ok(Weighing {
        schema: WEIGH_SCHEMA.to_owned(),
        elfin: env!("CARGO_PKG_VERSION").to_owned(),
        file: file(facts, &options.name),
        go: go(facts),
        build: build::of(facts),
        rows,
        unknown_bytes: unknown.iter().map(|it| it.bytes).sum(),
        unknown,
        download,
        unknown_download,
        inlined,
        functions: match options.rows_only {
            true => elfin_schema::Functions::new(),
            false => functions::by_package(facts),
        },
        memory_only: memory_only(facts),
        warnings: warnings(facts, book, settled),
    })
}

/// Says whose the piece is that a byte is in.
pub(crate) fn place(
    facts: &Facts<'_>,
    book: &Book<'_>,
    piece: &Piece<'_>,
    offset: FileOffset,
) -> Place {
    placed(facts, book, &mut Names::default(), &whereabouts::stretches(facts), piece, offset)
}

/// Says whose each piece is, in file order.
pub(crate) fn places<'w>(
    facts: &'w Facts<'_>,
    book: &'w Book<'_>,
    settled: &'w Settled,
) -> impl Iterator<Item = Place> + use<'w> {
    let (stretches, mut names) = (whereabouts::stretches(facts), Names::default());
    settled.pieces().map(move |it| {
        placed(facts, book, &mut names, &stretches, &it, FileOffset(it.range.start()))
    })
}

fn placed(
    facts: &Facts<'_>,
    book: &Book<'_>,
    names: &mut Names,
    stretches: &[(FileRange, Whereabouts)],
    piece: &Piece<'_>,
    offset: FileOffset,
) -> Place {
    let here = stretches.partition_point(|(range, _)| range.end() <= offset.0);
    let place = stretches.get(here).map(|(_, place)| *place).unwrap_or_default();
    let key = (piece.owners, piece.class, place, piece.label, piece.exact);
    let known = piece.owners != Owners::Nobody;
    Place {
        offset: offset.0,
        address: facts.file.address_of(offset).map(|it| it.0),
        start: piece.range.start(),
        bytes: piece.range.bytes(),
        section: place.section(facts),
        row: known.then(|| row(facts, book, names, key, piece.range.bytes())),
    }
}

fn row(facts: &Facts<'_>, book: &Book<'_>, names: &mut Names, key: Key<'_>, bytes: Bytes) -> Row {
    let (owners, class, place, label, exact) = key;
    let name = book.name(label).map(|it| names.text(&it));
    let of_file = book.labelled_by() == LabelledBy::File;
    let mut row = Row {
        module: None,
        package: None,
        library: None,
        kind: Kind::ALL.get(usize::from(class)).copied().unwrap_or(Kind::Common),
        section: None,
        segment: None,
        symbol: name.clone().filter(|_| !of_file),
        file: name.filter(|_| of_file),
        bytes,
        exact,
        shared_by: Vec::new(),
        download: None,
    };
    names.place(facts, place, &mut row);
    match owners {
        Owners::One(owner) => names.own(facts, owner, &mut row),
        Owners::Several(several) => {
            row.shared_by = several.iter().map(|it| names.sharer(facts, *it)).collect();
            row.shared_by.sort();
        }
        Owners::Many => row.kind = Kind::Common,
        Owners::Nobody => {}
    }
    row
}

/// Largest first; what is equal in a fixed order.
fn order(row: &Row) -> (Reverse<Bytes>, impl Ord + '_) {
    let names = (&row.package, &row.library, &row.symbol, &row.file, &row.shared_by);
    (Reverse(row.bytes), (names, row.kind, &row.section, &row.segment, row.exact))
}

fn unknown_range(
    facts: &Facts<'_>,
    range: FileRange,
    place: Whereabouts,
    dump: bool,
) -> UnknownRange {
    let head = FileRange::new(FileOffset(range.start()), range.bytes().min(DUMPED));
    let hex = || {
        facts.file.slice(head).iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}"); // Writing to a string does not fail.
            hex
        })
    };
    UnknownRange {
        offset: range.start(),
        bytes: range.bytes(),
        section: place.section(facts),
        dump: dump.then(hex),
    }
}

fn file(facts: &Facts<'_>, name: &str) -> WeighedFile {
    let file = &facts.file;
    let arch = match (file.machine(), file.numbers().little) {
        (Machine::Other(number), _) => format!("ELF machine {number}"),
        (Machine::Ppc64, false) => "ppc64".to_owned(),
        (machine, _) => machine.go_name().unwrap_or_default().to_owned(),
    };
    WeighedFile {
        name: name.to_owned(),
        size: file.data().len() as u64,
        arch,
        pie: file.is_pie(),
        symbols: file.has_symtab(),
        dwarf: file.has_dwarf(),
        sections: !file.sections().is_empty(),
    }
}

fn go(facts: &Facts<'_>) -> Option<GoProgram> {
    let info = facts.build_info.as_ref();
    if info.is_none() && facts.pclntab.is_none() {
        return None;
    }
    let modules = info.map(|it| it.modules.all()).unwrap_or_default();
    let version = |it: &elfin_golang::Module<'_>| ModuleVersion {
        path: it.path.to_owned(),
        version: it.version.to_owned(),
    };
    Some(GoProgram {
        version: info.map(|it| it.version).unwrap_or_default().to_owned(),
        path: info.and_then(|it| it.path).map(str::to_owned),
        modules: modules.iter().map(version).collect(),
    })
}

fn memory_only(facts: &Facts<'_>) -> Vec<MemoryOnly> {
    let sections = facts.file.sections().iter().filter(|it| it.is_loaded() && it.is_memory_only());
    let mut all: Vec<MemoryOnly> = sections
        .filter(|it| it.memory_size > 0)
        .map(|it| MemoryOnly { name: it.name.to_owned(), bytes: it.memory_size })
        .collect();
    if facts.file.sections().is_empty() {
        let segments = facts.file.segments().iter().enumerate();
        let loads = segments.filter(|(_, it)| it.is_loaded() && it.memory_size > it.file_size);
        all.extend(loads.map(|(index, it)| MemoryOnly {
            name: format!("segment {index}"),
            bytes: it.memory_size - it.file_size,
        }));
        let threads = facts.file.segments().iter().filter(|it| it.is_tls());
        let threads = threads.filter(|it| it.memory_size > it.file_size);
        all.extend(threads.map(|it| MemoryOnly {
            name: ".tbss".to_owned(),
            bytes: it.memory_size - it.file_size,
        }));
    }
    let stack = facts.file.segments().iter().find(|it| it.is_stack());
    all.extend(stack.map(|it| MemoryOnly { name: "stack".to_owned(), bytes: it.memory_size }));
    all
}

/// Says what reaches furthest behind the end of the file.
fn ends_early(facts: &Facts<'_>) -> Option<Message> {
    let size = facts.file.data().len() as u64;
    let sections = facts.file.sections().iter().filter(|it| !it.is_memory_only());
    let sections = sections.map(|it| (it.offset.saturating_add(it.size), it.name.to_owned()));
    let loads = facts.file.segments().iter().enumerate().filter(|(_, it)| it.is_loaded());
    let loads = loads
        .map(|(index, it)| (it.offset.saturating_add(it.file_size), format!("segment {index}")));
    let (end, what) = sections.chain(loads).filter(|(end, _)| *end > size).max()?;
    Some(Message::FileEndsEarly { what, end, size })
}

fn warnings(facts: &Facts<'_>, book: &Book<'_>, settled: &Settled) -> Vec<Message> {
    let mut warnings = book.warnings.clone();
    warnings.extend(ends_early(facts));
    if packed::by_upx(&facts.file) {
        warnings.push(Message::PackedByUpx);
    } else if go(facts).is_none() {
        warnings.push(Message::NotGo);
    } else {
        let missing = [
            (facts.pclntab.is_none(), "pclntab"),
            (facts.module.is_none(), "runtime.firstmoduledata"),
            (facts.build_info.is_none(), ".go.buildinfo"),
        ];
        let missing = missing.iter().filter(|(is_missing, _)| *is_missing);
        warnings.extend(missing.map(|(_, table)| Message::TableMissing { table: (*table).into() }));
    }
    if let Some(clash) = settled.clashes().first() {
        let name = |owner| match facts.owners.who(Owner::of_number(owner)).name() {
            "" => "the linker".to_owned(),
            name => name.to_owned(),
        };
        warnings.push(Message::ClaimsClash {
            bytes: settled.clashing_bytes(),
            offset: clash.range.start(),
            kept: name(clash.kept),
            lost: name(clash.lost),
        });
    }
    warnings
}
