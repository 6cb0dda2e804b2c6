//! Reads what our addition to the linker wrote down; corpus/dump.go has the format.

use anyhow::{Context, Result, bail};
use flate2::read::GzDecoder;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// A symbol of the linker's.
#[derive(Debug, Clone, Default)]
pub(super) struct Symbol {
    pub(super) address: u64,
    pub(super) size: u64,
    pub(super) is_text: bool,
    /// In several object files: the one that it was taken from says nothing.
    pub(super) is_shared: bool,
    /// The id of the symbol that it lies in, or 0.
    pub(super) outer: u32,
    /// The package of the object file; empty for what the linker makes.
    pub(super) package: String,
    /// Ids of the shared symbols that this one points at.
    pub(super) refers_to: Vec<u32>,
    pub(super) name: String,
}

/// A piece of pclntab.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) kind: String,
    pub(super) address: u64,
    pub(super) size: u64,
    pub(super) users: Users,
}

/// Who uses a piece of pclntab.
#[derive(Debug)]
pub(super) enum Users {
    Functions(Vec<u32>),
    Package(String),
}

/// An output section of the Go linker.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) name: String,
    pub(super) address: u64,
    pub(super) size: u64,
}

/// A dump.
#[derive(Debug, Default)]
pub(super) struct Dump {
    pub(super) sections: Vec<Section>,
    pub(super) symbols: Vec<Symbol>,
    pub(super) tables: Vec<Table>,
    /// From the loader's id to the place in `symbols`.
    pub(super) index: HashMap<u32, usize>,
}

impl Dump {
    /// Reads a dump.
    ///
    /// Returns an error that names the line if one is not as written by our linker.
    pub(super) fn read(path: &Path) -> Result<Dump> {
        Dump::parse(BufReader::new(GzDecoder::new(File::open(path)?)))
    }

    fn parse(mut text: impl BufRead) -> Result<Dump> {
        let mut dump = Dump::default();
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            if text.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            // A string constant's name need not be UTF-8.
            let line = String::from_utf8_lossy(&line);
            let fields: Vec<&str> = line.trim_end_matches('\n').split('\t').collect();
            dump.record(&fields).with_context(|| format!("line {number}"))?;
        }
        Ok(dump)
    }

    fn record(&mut self, fields: &[&str]) -> Result<()> {
        match *fields {
            ["t", name, address, size] => self.sections.push(Section {
                name: name.to_owned(),
                address: address.parse()?,
                size: size.parse()?,
            }),
            // What C's objects a link had: they are not judged.
            ["o", ..] => {}
            ["s", id, address, size, section, _kind, flags, outer, package, refers_to, name] => {
                self.index.insert(id.parse()?, self.symbols.len());
                self.symbols.push(Symbol {
                    address: address.parse()?,
                    size: size.parse()?,
                    is_text: section.starts_with(".text"),
                    is_shared: flags.contains('d'),
                    outer: outer.parse()?,
                    package: package.to_owned(),
                    refers_to: ids(refers_to, ',')?,
                    name: name.to_owned(),
                });
            }
            ["p", kind, address, size, users] => self.tables.push(Table {
                kind: kind.to_owned(),
                address: address.parse()?,
                size: size.parse()?,
                users: match users.strip_prefix('=') {
                    Some(package) => Users::Package(package.to_owned()),
                    None => Users::Functions(ids(users, ' ')?),
                },
            }),
            _ => bail!("{} fields that begin with {:?}", fields.len(), fields.first()),
        }
        Ok(())
    }
}

fn ids(text: &str, between: char) -> Result<Vec<u32>> {
    let words = text.split(between).filter(|it| !it.is_empty());
    words.map(|it| it.parse().with_context(|| format!("`{it}` is no id"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_not_ours_is_named() {
        let text = "t\t.text\t4096\t10\ns\t1\t2\n";
        assert!(format!("{:#}", Dump::parse(text.as_bytes()).unwrap_err()).starts_with("line 2"));
    }

    #[test]
    fn records_are_read() {
        let text = "s\t7\t4096\t10\t.text\tSTEXT\td\t3\tmain\t8,9\tmain.f\np\tcu\t1\t4\t=main\n\
            p\tpc\t5\t6\t7 8\n";
        let dump = Dump::parse(text.as_bytes()).unwrap();
        let symbol = &dump.symbols[dump.index[&7]];
        assert!(symbol.is_text && symbol.is_shared);
        assert_eq!(symbol.outer, 3);
        assert_eq!(symbol.refers_to, [8, 9]);
        assert!(matches!(&dump.tables[0].users, Users::Package(it) if it == "main"));
        assert!(matches!(&dump.tables[1].users, Users::Functions(it) if *it == [7, 8]));
    }
}
