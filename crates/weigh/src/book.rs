//! Where claims are entered: the ledger's numbers under the names of this crate.

use crate::owners::Owner;
use elfin_ledger::{Claim, Claims, LedgerError, Settled};
use elfin_model::FileRange;
use elfin_schema::{Kind, Message};
use std::borrow::Cow;

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

/// The claims on a file with their labels, and what there is to say about them.
#[derive(Debug)]
pub(crate) struct Book<'a> {
    file: u64,
    claims: Claims,
    /// Empty where labels are not wanted: then claims are fewer and larger.
    labels: Vec<Cow<'a, [u8]>>,
    wants_labels: bool,
    pub(crate) warnings: Vec<Message>,
}

impl<'a> Book<'a> {
    pub(crate) fn new(file: u64, wants_labels: bool) -> Book<'a> {
        let labels = vec![Cow::Borrowed(&b""[..])];
        Book { file, claims: Claims::new(file), labels, wants_labels, warnings: Vec::new() }
    }

    /// Enters a name; none where labels are not wanted.
    pub(crate) fn label(&mut self, name: impl Into<Cow<'a, [u8]>>) -> Label {
        if !self.wants_labels {
            return Label::default();
        }
        self.labels.push(name.into());
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
