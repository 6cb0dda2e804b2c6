//! What is to be built: corpus/corpus.toml, and the links that it comes to.
//!
//! It says nothing about how a link is made; see the file of that name.

use super::toolchain;
use crate::shell;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::fs;
use std::path::PathBuf;

/// The plan as it is written down.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    go: Vec<String>,
    quick_go: Vec<String>,
    source: Vec<Source>,
    program: Vec<Program>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    name: String,
    #[serde(default)]
    quick: bool,
    #[serde(default = "without_cgo")]
    cgo: Vec<bool>,
    #[serde(default)]
    flags: Vec<String>,
}

fn without_cgo() -> Vec<bool> {
    vec![false]
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Program {
    name: String,
    package: String,
    module: Option<String>,
    go: String,
}

/// Where a program's source is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// In a folder of the checkout.
    Folder(PathBuf),
    /// In the Go toolchain.
    Toolchain,
    /// In a module with a version, fetched.
    Module(String),
}

/// One program, linked one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) program: String,
    pub(crate) origin: Origin,
    pub(crate) package: String,
    pub(crate) go: String,
    pub(crate) arch: &'static str,
    pub(crate) pie: bool,
    pub(crate) cgo: bool,
    /// The linker leaves out symbols and DWARF.
    pub(crate) stripped: bool,
    pub(crate) flags: Vec<String>,
}

impl Link {
    /// A name for people: `server-1.26.11-amd64-pie-cgo-s`.
    pub(crate) fn name(&self) -> String {
        let mode = if self.pie { "-pie" } else { "-exe" };
        let cgo = if self.cgo { "-cgo" } else { "" };
        let stripped = if self.stripped { "-s" } else { "" };
        format!("{}-{}-{}{mode}{cgo}{stripped}", self.program, self.go, self.arch)
    }

    /// When it is its turn: a build that is stopped has something of everything.
    ///
    /// Every Go and machine first, then the large programs; what only compiles or links the same
    /// once more comes behind.
    fn turn(&self) -> u8 {
        match (&self.origin, self.stripped) {
            (Origin::Folder(_), false) if !self.pie && !self.cgo => 0,
            (Origin::Toolchain | Origin::Module(_), false) => 1,
            (Origin::Folder(_), false) if !self.pie || !self.cgo => 2,
            (_, true) if !self.pie && !self.cgo => 3,
            _ => 4,
        }
    }
}

/// How much of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The quick sources, by the Go that is in PATH: nothing is fetched.
    Here,
    /// The quick sources, by the quick versions.
    Quick,
    All,
}

impl Scope {
    /// The name of its manifest.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Scope::Here => "here",
            Scope::Quick => "quick",
            Scope::All => "manifest",
        }
    }
}

/// Reads the plan and lists the links, in the order of [`Link::turn`].
///
/// Returns an error if the plan cannot be read.
pub(crate) fn links(scope: Scope) -> Result<Vec<Link>> {
    let path = shell::root().join("corpus/corpus.toml");
    let text = fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
    let plan: Plan = toml::from_str(&text).with_context(|| format!("{}", path.display()))?;
    Ok(plan.links(scope))
}

impl Plan {
    fn links(&self, scope: Scope) -> Vec<Link> {
        let here = [toolchain::HERE.to_owned()];
        let versions = match scope {
            Scope::Here => &here[..],
            Scope::Quick => &self.quick_go,
            Scope::All => &self.go,
        };
        let all = scope == Scope::All;
        let sources = || self.source.iter().filter(move |it| it.quick || all);
        let small = versions.iter().flat_map(|go| sources().flat_map(move |it| it.links(go)));
        let large = self.program.iter().filter(|_| all).flat_map(Program::links);
        let mut links: Vec<Link> = small.chain(large).collect();
        links.sort_by_key(Link::turn);
        links
    }
}

impl Source {
    fn links(&self, go: &str) -> Vec<Link> {
        let mut links = Vec::new();
        for &cgo in &self.cgo {
            // A C compiler for another machine is not asked for.
            let arches: &[&str] = if cgo { &["amd64"] } else { &["amd64", "arm64"] };
            for (&arch, pie) in arches.iter().flat_map(|arch| [(arch, false), (arch, true)]) {
                links.extend([false, true].map(|stripped| Link {
                    program: self.name.clone(),
                    origin: Origin::Folder(shell::root().join("corpus").join(&self.name)),
                    package: ".".to_owned(),
                    go: go.to_owned(),
                    arch,
                    pie,
                    cgo,
                    stripped,
                    flags: self.flags.clone(),
                }));
            }
        }
        links
    }
}

impl Program {
    fn links(&self) -> [Link; 2] {
        [false, true].map(|stripped| Link {
            program: self.name.clone(),
            origin: self.module.clone().map_or(Origin::Toolchain, Origin::Module),
            package: self.package.clone(),
            go: self.go.clone(),
            arch: "amd64",
            pie: false,
            cgo: false,
            stripped,
            flags: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_link_has_a_name_of_its_own() {
        let links = links(Scope::All).unwrap();
        let names: BTreeSet<String> = links.iter().map(Link::name).collect();
        assert_eq!(names.len(), links.len());
    }

    #[test]
    fn the_quick_plan_is_a_part_of_the_whole() {
        let (quick, all) = (links(Scope::Quick).unwrap(), links(Scope::All).unwrap());
        assert!(quick.iter().all(|link| all.contains(link)));
        assert!(!quick.is_empty() && quick.len() * 5 < all.len());
    }

    #[test]
    fn what_a_stopped_build_has_is_of_every_go_and_machine() {
        let links = links(Scope::All).unwrap();
        let kinds = |links: &[Link]| -> BTreeSet<(String, &str)> {
            links.iter().map(|it| (it.go.clone(), it.arch)).collect()
        };
        assert_eq!(kinds(&links[..links.len() / 5]), kinds(&links));
        let large = links.iter().position(|it| it.origin == Origin::Toolchain).unwrap();
        assert!(links[..large].iter().all(|it| !it.pie && !it.stripped));
    }
}
