//! A weighing as columns of small numbers, which is what the page's script reads.
//!
//! Every string stands once, and a row is an index in each column: fifty
//! thousand rows come to a few megabytes. Unknown bytes become rows at the end,
//! a row for each section, so that the columns add up to the file.

use crate::catalogue::families::{self, Family};
use crate::clean;
use crate::weigh::totals::{self, Owner};
use elfin_schema::{Bytes, Download, Kind, Name, Row, Weighing};
use serde::Serialize;
use std::collections::HashMap;
use std::hash::Hash;

/// Beyond so many rows, largest first, symbols stand together by owner, kind and section: what
/// comes after is too small to be seen, and a browser has to hold all of it.
pub(crate) const MOST_ROWS: usize = 250_000;

/// The place of what nobody is known to own.
pub(crate) const UNKNOWN: u8 = 5;
/// The row was charged in proportion.
const ESTIMATED: u8 = 1;
/// The symbol goes on from its package's path.
const RELATIVE: u8 = 2;

/// What the script reads; each list from `owner` on has an entry for every row.
#[derive(Default, Serialize)]
pub(crate) struct Payload {
    pub(crate) name: String,
    /// Every string once; the first is empty and means none.
    pub(crate) strings: Vec<String>,
    pub(crate) owners: Vec<Who>,
    /// The family of each kind.
    pub(crate) kinds: Vec<usize>,
    /// The class of each family's colour.
    pub(crate) families: Vec<&'static str>,
    pub(crate) owner: Vec<usize>,
    pub(crate) kind: Vec<usize>,
    pub(crate) section: Vec<usize>,
    pub(crate) symbol: Vec<usize>,
    pub(crate) bytes: Vec<Bytes>,
    pub(crate) marks: Vec<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) download: Option<Forms>,
    /// The family of each row, where it is not its kind's; and the bytes of both sides of a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) family: Option<Vec<usize>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Vec<Bytes>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<Vec<Bytes>>,
}

/// Place, module, package, library, packages that share.
pub(crate) type Who = (u8, usize, usize, usize, Vec<usize>);

/// The bytes of every row in a download.
#[derive(Serialize)]
pub(crate) struct Forms {
    gzip: Vec<Bytes>,
    zstd: Vec<Bytes>,
    lzma: Vec<Bytes>,
}

/// What the words of the page are about: the kinds and the families that the columns count.
pub(crate) struct Counted {
    pub(crate) kinds: Vec<Option<Kind>>,
    pub(crate) families: Vec<Family>,
}

/// Things, each once, in the order in which they came.
pub(crate) struct Once<T> {
    pub(crate) list: Vec<T>,
    index: HashMap<T, usize>,
}

impl<T: Copy + Eq + Hash> Once<T> {
    pub(crate) fn new() -> Once<T> {
        Once { list: Vec::new(), index: HashMap::new() }
    }

    pub(crate) fn at(&mut self, thing: T) -> usize {
        *self.index.entry(thing).or_insert_with(|| {
            self.list.push(thing);
            self.list.len() - 1
        })
    }
}

/// What tells owners apart; `None` owns what is unknown.
type Owning<'a> =
    Option<(Owner<'a>, Option<&'a str>, Option<&'a str>, Option<&'a str>, &'a [Name])>;

struct Columns<'a> {
    strings: Once<&'a str>,
    owners: Once<Owning<'a>>,
    kinds: Once<Option<Kind>>,
    rows: Vec<Line>,
}

/// A row as indexes.
struct Line {
    owner: usize,
    kind: usize,
    section: usize,
    symbol: usize,
    bytes: Bytes,
    marks: u8,
    download: Option<Download>,
}

impl Line {
    fn add(&mut self, other: &Line) {
        self.bytes = self.bytes.saturating_add(other.bytes);
        if let Some(more) = other.download {
            let mine = self.download.get_or_insert(Download { gzip: 0, zstd: 0, lzma: 0, ..more });
            mine.gzip = mine.gzip.saturating_add(more.gzip);
            mine.zstd = mine.zstd.saturating_add(more.zstd);
            mine.lzma = mine.lzma.saturating_add(more.lzma);
        }
    }
}

/// Makes the columns of a weighing.
pub(crate) fn payload(w: &Weighing) -> (Payload, Counted) {
    let mut columns = Columns {
        strings: Once::new(),
        owners: Once::new(),
        kinds: Once::new(),
        rows: Vec::with_capacity(w.rows.len()),
    };
    columns.strings.at("");
    let (seen, small) = w.rows.split_at(w.rows.len().min(MOST_ROWS));
    for row in seen {
        columns.row(row, row.symbol.as_deref());
    }
    columns.fold(small);
    let (mut left, mut price) = (w.unknown_bytes, w.unknown_download);
    for (section, bytes) in totals::unknown(w) {
        let download = price.as_mut().map(|price| split_off(price, bytes, left));
        columns.unknown(section, bytes, download);
        left = left.saturating_sub(bytes);
    }
    columns.finish(&w.file.name)
}

/// Takes from a price what `bytes` of the `left` ones pay; the last of them pay all that is there.
fn split_off(price: &mut Download, bytes: Bytes, left: Bytes) -> Download {
    let part = |whole: &mut Bytes| {
        let own = u128::from(*whole) * u128::from(bytes) / u128::from(left.max(1));
        let own = Bytes::try_from(own).unwrap_or(*whole).min(*whole);
        *whole -= own;
        own
    };
    let (gzip, zstd) = (part(&mut price.gzip), part(&mut price.zstd));
    Download { gzip, zstd, lzma: part(&mut price.lzma), entropy: price.entropy }
}

impl<'a> Columns<'a> {
    fn string(&mut self, text: Option<&'a str>) -> usize {
        self.strings.at(text.unwrap_or_default())
    }

    fn row(&mut self, row: &'a Row, symbol: Option<&'a str>) {
        let package = row.package.as_deref();
        // Most symbols begin with their package's path, which stands once already.
        let beneath = package
            .zip(symbol)
            .and_then(|(package, symbol)| symbol.strip_prefix(package))
            .filter(|rest| rest.starts_with('.'));
        let estimated = if row.exact { 0 } else { ESTIMATED };
        let relative = if beneath.is_some() { RELATIVE } else { 0 };
        let (module, library) = (row.module.as_deref(), row.library.as_deref());
        let owner = Some((Owner::of(row), module, package, library, row.shared_by.as_slice()));
        let line = Line {
            owner: self.owners.at(owner),
            kind: self.kinds.at(Some(row.kind)),
            section: self.string(row.section.as_deref()),
            symbol: self.string(beneath.or(symbol)),
            bytes: row.bytes,
            marks: estimated | relative,
            download: row.download.as_deref().copied(),
        };
        self.rows.push(line);
    }

    /// Adds rows without their symbols, each owner, kind and section once.
    fn fold(&mut self, rows: &'a [Row]) {
        let mut places: HashMap<(usize, usize, usize, u8), usize> = HashMap::new();
        for row in rows {
            self.row(row, None);
            let Some(line) = self.rows.pop() else { continue };
            let place = (line.owner, line.kind, line.section, line.marks);
            match places.get(&place).and_then(|at| self.rows.get_mut(*at)) {
                Some(whole) => whole.add(&line),
                None => {
                    places.insert(place, self.rows.len());
                    self.rows.push(line);
                }
            }
        }
    }

    fn unknown(&mut self, section: Option<&'a str>, bytes: Bytes, download: Option<Download>) {
        let line = Line {
            owner: self.owners.at(None),
            kind: self.kinds.at(None),
            section: self.string(section),
            symbol: 0,
            bytes,
            marks: 0,
            download,
        };
        self.rows.push(line);
    }

    fn finish(mut self, name: &str) -> (Payload, Counted) {
        let owners = std::mem::take(&mut self.owners.list);
        let owners = owners.into_iter().map(|who| self.owner(who)).collect();
        let family = |kind: &Option<Kind>| kind.map_or(Family::Unknown, families::family);
        let kinds = self.kinds.list;
        let mut families: Vec<Family> = kinds.iter().map(family).collect();
        families.sort_unstable();
        families.dedup();
        let index = |kind| families.partition_point(|other| *other < family(kind));
        let rows = &self.rows;
        let payload = Payload {
            name: clean::line(name),
            strings: self.strings.list.into_iter().map(clean::line).collect(),
            owners,
            kinds: kinds.iter().map(index).collect(),
            families: families.iter().map(|family| family.class()).collect(),
            owner: rows.iter().map(|row| row.owner).collect(),
            kind: rows.iter().map(|row| row.kind).collect(),
            section: rows.iter().map(|row| row.section).collect(),
            symbol: rows.iter().map(|row| row.symbol).collect(),
            bytes: rows.iter().map(|row| row.bytes).collect(),
            marks: rows.iter().map(|row| row.marks).collect(),
            download: forms(rows),
            ..Payload::default()
        };
        (payload, Counted { kinds, families })
    }

    fn owner(&mut self, who: Owning<'a>) -> Who {
        let Some((owner, module, package, library, sharers)) = who else {
            return (UNKNOWN, 0, 0, 0, Vec::new());
        };
        let place = place(owner);
        let sharers = sharers.iter().map(|package| self.string(Some(package))).collect();
        (place, self.string(module), self.string(package), self.string(library), sharers)
    }
}

/// The script's number of a place at the top of the map.
pub(crate) fn place(owner: Owner<'_>) -> u8 {
    match owner {
        Owner::Module(_) => 0,
        Owner::NoModule => 1,
        Owner::Shared => 2,
        Owner::Library => 3,
        Owner::Format => 4,
    }
}

/// The downloads as columns; none where no row has one.
fn forms(rows: &[Line]) -> Option<Forms> {
    rows.iter().any(|row| row.download.is_some()).then(|| {
        let column = |bytes: fn(Download) -> Bytes| {
            rows.iter().map(|row| row.download.map_or(0, bytes)).collect()
        };
        Forms { gzip: column(|d| d.gzip), zstd: column(|d| d.zstd), lzma: column(|d| d.lzma) }
    })
}
