//! Where claims are entered: the ledger's numbers under the names of this crate.

use crate::Options;
use crate::owners::Owner;
use elfin_golang::{Function, Pclntab};
use elfin_ledger::{Claim, Claims, LedgerError, Settled};
use elfin_model::FileRange;
use elfin_schema::{Kind, Message};
use std::borrow::Cow;
use std::collections::HashMap;

/// What has precedence over what: the later a layer stands here, the higher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layer {
    /// A whole section or segment of one kind, where nothing better is known.
    Area,
    /// Data by who refers to it.
    Reference,
    /// Data by the symbol table.
    Symbol,
    /// Data by its own structure: types, itabs.
    Structure,
    /// pclntab's tables.
    Table,
    /// Machine code.
    Code,
    /// What the file format says of itself: headers, symbol tables, DWARF, build information.
    Format,
}

/// The number of a name in the book; the default is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Label(u32);

/// What the bytes are and whose.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Goods {
    pub(crate) owner: Owner,
    pub(crate) kind: Kind,
    pub(crate) label: Label,
}

impl Goods {
    pub(crate) fn of(owner: Owner, kind: Kind) -> Goods {
        Goods { owner, kind, label: Label::default() }
    }

    pub(crate) fn labelled(self, label: Label) -> Goods {
        Goods { label, ..self }
    }
}

/// What claims are told apart by, besides their owners.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LabelledBy {
    Nothing,
    Symbol,
    File,
}

/// The claims on a file with their labels, and what there is to say about them.
#[derive(Debug)]
pub(crate) struct Book<'a> {
    file: u64,
    claims: Claims,
    /// Empty where labels are not wanted: then claims are fewer and larger.
    labels: Vec<Cow<'a, [u8]>>,
    labelled_by: LabelledBy,
    /// The labels of files, of which many functions are.
    files: HashMap<&'a [u8], Label>,
    pub(crate) warnings: Vec<Message>,
}

impl<'a> Book<'a> {
    pub(crate) fn new(file: u64, options: &Options) -> Book<'a> {
        let labelled_by = match (options.symbols, options.files) {
            (true, _) => LabelledBy::Symbol,
            (false, true) => LabelledBy::File,
            (false, false) => LabelledBy::Nothing,
        };
        Book {
            file,
            claims: Claims::new(file),
            labels: vec![Cow::Borrowed(&b""[..])],
            labelled_by,
            files: HashMap::new(),
            warnings: Vec::new(),
        }
    }

    /// Another book on the same file, without labels, to be taken over.
    pub(crate) fn another(&self) -> Book<'a> {
        Book::new(self.file, &Options::default())
    }

    /// Enters what was claimed in another book.
    pub(crate) fn take_over(&mut self, mut other: Book<'a>) {
        self.claims.take_over(other.taken());
    }

    pub(crate) fn labelled_by(&self) -> LabelledBy {
        self.labelled_by
    }

    /// Enters a name; none where symbols are not wanted.
    pub(crate) fn label(&mut self, name: impl Into<Cow<'a, [u8]>>) -> Label {
        if self.labelled_by != LabelledBy::Symbol {
            return Label::default();
        }
        self.enter_label(name.into())
    }

    /// Enters the path of a source file or of an embedded one.
    pub(crate) fn file(&mut self, path: &'a [u8]) -> Label {
        match self.labelled_by {
            LabelledBy::Nothing => Label::default(),
            LabelledBy::Symbol => self.enter_label(path.into()),
            LabelledBy::File => match self.files.get(path) {
                Some(label) => *label,
                None => {
                    let label = self.enter_label(path.into());
                    self.files.insert(path, label);
                    label
                }
            },
        }
    }

    /// Enters what a function is told apart by: its name, or its source file.
    pub(crate) fn function(&mut self, table: &Pclntab<'a>, function: &Function<'a>) -> Label {
        match self.labelled_by {
            LabelledBy::Nothing => Label::default(),
            LabelledBy::Symbol => self.enter_label(function.name.into()),
            LabelledBy::File => {
                let file = function.first_file(table).and_then(|at| table.files.text(at));
                file.map_or(Label::default(), |file| self.file(file))
            }
        }
    }

    fn enter_label(&mut self, name: Cow<'a, [u8]>) -> Label {
        self.labels.push(name);
        Label(u32::try_from(self.labels.len() - 1).unwrap_or(0))
    }

    pub(crate) fn name(&self, label: u32) -> Option<Cow<'_, str>> {
        let name = self.labels.get(label as usize).filter(|it| !it.is_empty())?;
        Some(String::from_utf8_lossy(name))
    }

    /// Claims bytes for one owner.
    pub(crate) fn claim(&mut self, layer: Layer, range: FileRange, goods: Goods) {
        self.enter(layer, range, goods, true, false);
    }

    /// Claims bytes that others may own too.
    pub(crate) fn share(&mut self, layer: Layer, range: FileRange, goods: Goods) {
        self.enter(layer, range, goods, true, true);
    }

    /// Claims bytes in proportion; others may own the same ones.
    pub(crate) fn estimate(&mut self, layer: Layer, range: FileRange, goods: Goods) {
        self.enter(layer, range, goods, false, true);
    }

    fn enter(
        &mut self,
        layer: Layer,
        range: FileRange,
        goods: Goods,
        exact: bool,
        may_share: bool,
    ) {
        self.claims.push(Claim {
            range,
            owner: goods.owner.number(),
            label: goods.label.0,
            class: goods.kind as u8,
            layer: layer as u8,
            exact,
            may_share,
        });
    }

    /// Settles what was claimed.
    pub(crate) fn settle(&mut self) -> Result<Settled, LedgerError> {
        self.taken().settle()
    }

    /// Settles what was claimed since, where it was nobody's.
    pub(crate) fn settle_again(&mut self, settled: Settled) -> Result<Settled, LedgerError> {
        let mut claims = settled.reopen();
        claims.take_over(self.taken());
        claims.settle()
    }

    fn taken(&mut self) -> Claims {
        std::mem::replace(&mut self.claims, Claims::new(self.file))
    }
}
