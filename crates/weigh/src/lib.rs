//! Says where every byte of a Go program goes.
//!
//! Facts are read once from the bytes; each file of `claims` knows one kind of
//! bytes and claims them for their owners; the ledger settles the claims; what
//! is settled becomes the published document. A table that cannot be read
//! costs its own rows and a warning, never the weighing. Nothing here reads
//! files or prints.

mod book;
mod build;
mod claims;
mod document;
mod download;
mod facts;
mod functions;
mod inlined;
mod names;
mod owners;
mod packed;
mod whereabouts;

use book::Book;
use elfin_elf::ElfError;
use elfin_ledger::{LedgerError, Settled};
use elfin_model::{FileOffset, VirtAddr};
use elfin_schema::{Inlined, Place, Weighing};
use facts::Facts;

/// What is wanted of a weighing.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The file's name, for the document.
    pub name: String,
    /// A row for each symbol, type, string and file, not only for packages.
    pub symbols: bool,
    /// A row for each source file of functions, and for each embedded file; not with `symbols`.
    pub files: bool,
    /// What each row costs in a download: this compresses the file, which takes about a second for
    /// each megabyte.
    pub downloads: bool,
    /// Only what the tables of rows are made of: not the functions of each package, and not the
    /// view that credits inlined code.
    pub rows_only: bool,
    /// The first bytes of what nobody is known to own, in hexadecimal.
    pub dump: bool,
}

/// Why a file could not be weighed.
#[derive(Debug, thiserror::Error)]
pub enum WeighError {
    /// It is not a sound ELF file.
    #[error(transparent)]
    Elf(#[from] ElfError),
    /// The rows do not add up to the file: a mistake of ours, never silent.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A compressor could not work.
    #[error("the file cannot be compressed: {0}; try without --compressed")]
    Compress(#[from] std::io::Error),
    /// No byte of the file is at this place.
    #[error(
        "{place} is not in the file, which has {size:#x} bytes; give a file offset, or an address with --vaddr"
    )]
    Nowhere {
        /// The offset or the address that was asked for.
        place: String,
        /// Bytes of the file.
        size: u64,
    },
}

/// A file whose every byte is settled.
#[derive(Debug)]
pub struct Weighed<'a> {
    facts: Facts<'a>,
    book: Book<'a>,
    settled: Settled,
    inlined: Vec<Inlined>,
    options: Options,
}

/// Weighs a file.
///
/// Returns an error if the bytes are no sound ELF file.
pub fn weigh(data: &[u8], options: &Options) -> Result<Weighing, WeighError> {
    Weighed::of(data, options)?.document()
}

impl<'a> Weighed<'a> {
    /// Weighs a file and keeps what was found out.
    ///
    /// Returns an error if the bytes are no sound ELF file.
    pub fn of(data: &'a [u8], options: &Options) -> Result<Weighed<'a>, WeighError> {
        let mut facts = Facts::read(data)?;
        let mut book = Book::new(data.len() as u64, options);
        claims::early(&mut facts, &mut book);
        let inlined = || match options.rows_only {
            true => Vec::new(),
            false => inlined::by_package(&facts),
        };
        let (settled, inlined) = rayon::join(|| book.settle(), inlined);
        let settled = settled?;
        claims::late(&facts, &settled, &mut book);
        let settled = book.settle_again(settled)?;
        Ok(Weighed { facts, book, settled, inlined, options: options.clone() })
    }

    /// Gives the weighing as a document.
    ///
    /// Returns an error only if the file was to be compressed and cannot be.
    pub fn document(&self) -> Result<Weighing, WeighError> {
        let inlined = self.inlined.clone();
        let (facts, book) = (&self.facts, &self.book);
        Ok(document::weighing(facts, book, &self.settled, inlined, &self.options)?)
    }

    /// Goes through all pieces in file order, as [`Weighed::at`] gives them.
    pub fn pieces(&self) -> impl Iterator<Item = Place> + use<'_> {
        document::places(&self.facts, &self.book, &self.settled)
    }

    /// Gives the weighing of the one piece that a byte of the file is in.
    ///
    /// Returns an error if the offset is behind the file's end.
    pub fn at(&self, offset: FileOffset) -> Result<Place, WeighError> {
        let piece = self.settled.at(offset).ok_or_else(|| WeighError::Nowhere {
            place: format!("offset {offset}"),
            size: self.facts.file.data().len() as u64,
        })?;
        Ok(document::place(&self.facts, &self.book, &piece, offset))
    }

    /// Gives the weighing of the one piece that a loaded byte is in.
    ///
    /// Returns an error if the file has no byte for the address.
    pub fn at_address(&self, address: VirtAddr) -> Result<Place, WeighError> {
        let offset = self.facts.file.offset_of(address).ok_or_else(|| WeighError::Nowhere {
            place: format!("address {address}"),
            size: self.facts.file.data().len() as u64,
        })?;
        self.at(offset)
    }
}
