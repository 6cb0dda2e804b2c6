//! The names that rows have in common: each is made once, however many rows there are.

use crate::facts::Facts;
use crate::owners::{Owner, Who};
use crate::whereabouts::Whereabouts;
use elfin_golang::Modules;
use elfin_schema::{Name, Row};
use std::collections::{HashMap, HashSet};

/// The names of owners and places, as far as rows have asked for them.
#[derive(Debug, Default)]
pub(crate) struct Names {
    owners: HashMap<u32, Owned>,
    /// Symbols and files: a function has rows of many kinds.
    texts: HashSet<Name>,
    /// Section and segment.
    places: HashMap<Whereabouts, (Option<Name>, Option<Name>)>,
}

#[derive(Debug, Clone, Default)]
struct Owned {
    module: Option<Name>,
    package: Option<Name>,
    library: Option<Name>,
}

impl Names {
    /// Enters an owner into a row.
    pub(crate) fn own(&mut self, facts: &Facts<'_>, owner: u32, row: &mut Row) {
        let Owned { module, package, library } = self.owned(facts, owner).clone();
        (row.module, row.package, row.library) = (module, package, library);
    }

    /// The name of an owner who shares bytes; empty for the system.
    pub(crate) fn sharer(&mut self, facts: &Facts<'_>, owner: u32) -> Name {
        let owned = self.owned(facts, owner);
        owned.package.as_ref().or(owned.library.as_ref()).cloned().unwrap_or_default()
    }

    /// Enters a section and a segment into a row.
    pub(crate) fn place(&mut self, facts: &Facts<'_>, place: Whereabouts, row: &mut Row) {
        let made = || (place.section(facts).map(Name::from), place.segment(facts).map(Name::from));
        (row.section, row.segment) = self.places.entry(place).or_insert_with(made).clone();
    }

    /// The name of a symbol or of a file.
    pub(crate) fn text(&mut self, text: &str) -> Name {
        if let Some(known) = self.texts.get(text) {
            return known.clone();
        }
        let name = Name::from(text);
        self.texts.insert(name.clone());
        name
    }

    fn owned(&mut self, facts: &Facts<'_>, owner: u32) -> &Owned {
        self.owners.entry(owner).or_insert_with(|| {
            match facts.owners.who(Owner::of_number(owner)) {
                Who::System => Owned::default(),
                Who::Library(name) => Owned { library: Some(name.into()), ..Owned::default() },
                Who::Package(path) => {
                    let none = Modules::default();
                    let modules = facts.build_info.as_ref().map_or(&none, |it| &it.modules);
                    let module = modules.of(path).map(Name::from);
                    Owned { module, package: Some(path.into()), library: None }
                }
            }
        })
    }
}
