//! What can be made different, each alone: its name, what it needs, what it changes.

use super::program::{Config, Edit};

/// One cause of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Injection {
    GoVersion,
    ModuleAdded,
    ModuleVersion,
    PackageNew,
    OwnCode,
    GenericInstances,
    Inlining,
    BoundsChecks,
    Level,
    FunctionAlignment,
    Pie,
    External,
    Linker,
    Static,
    Musl,
    Cgo,
    Race,
    Dwarf,
    DwarfCompression,
    DwarfVersion,
    SymbolTable,
    BuildInfo,
    Trimpath,
    Tags,
    TagsOfStd,
    DeadCode,
    Embedded,
    Padding,
}

impl Injection {
    pub(super) const ALL: [Injection; 28] = [
        Injection::GoVersion,
        Injection::ModuleAdded,
        Injection::ModuleVersion,
        Injection::PackageNew,
        Injection::OwnCode,
        Injection::GenericInstances,
        Injection::Inlining,
        Injection::BoundsChecks,
        Injection::Level,
        Injection::FunctionAlignment,
        Injection::Pie,
        Injection::External,
        Injection::Linker,
        Injection::Static,
        Injection::Musl,
        Injection::Cgo,
        Injection::Race,
        Injection::Dwarf,
        Injection::DwarfCompression,
        Injection::DwarfVersion,
        Injection::SymbolTable,
        Injection::BuildInfo,
        Injection::Trimpath,
        Injection::Tags,
        Injection::TagsOfStd,
        Injection::DeadCode,
        Injection::Embedded,
        Injection::Padding,
    ];

    /// The cause that elfin is to name, read from the base to the injected or backwards.
    pub(super) fn cause(self, backwards: bool) -> &'static str {
        match self {
            Injection::GoVersion => "go-version",
            Injection::ModuleAdded if backwards => "module-removed",
            Injection::ModuleAdded => "module-added",
            Injection::ModuleVersion => "module-version",
            Injection::PackageNew if backwards => "package-gone",
            Injection::PackageNew => "package-new",
            Injection::OwnCode => "own-code",
            Injection::GenericInstances => "generic-instances",
            Injection::Inlining => "inlining",
            Injection::BoundsChecks => "compiler-flags",
            Injection::Level => "cpu-level",
            Injection::FunctionAlignment => "function-alignment",
            Injection::Pie => "build-mode",
            Injection::External | Injection::Linker => "linkage",
            Injection::Static | Injection::Musl => "libc",
            Injection::Cgo => "cgo",
            Injection::Race => "instrumentation",
            Injection::Dwarf => "dwarf",
            Injection::DwarfCompression => "dwarf-compression",
            Injection::DwarfVersion => "dwarf-version",
            Injection::SymbolTable => "symbol-table",
            Injection::BuildInfo => "build-info",
            Injection::Trimpath => "paths",
            Injection::Tags | Injection::TagsOfStd => "build-tags",
            Injection::DeadCode => "dead-code",
            Injection::Embedded => "embedded-files",
            Injection::Padding => "padding",
        }
    }

    /// True if this Go and this program can do it.
    pub(super) fn works(self, minor: usize, program: &str) -> bool {
        match self {
            Injection::GoVersion => minor < 27,
            // `-s` drops DWARF too, whatever `-w` says, up to Go 1.21.
            Injection::SymbolTable => minor >= 22,
            Injection::FunctionAlignment | Injection::DwarfVersion => minor >= 25,
            Injection::TagsOfStd => program == "server",
            _ => true,
        }
    }

    /// True if the standard library has to be compiled again for it.
    pub(super) fn is_slow(self) -> bool {
        matches!(
            self,
            Injection::Inlining
                | Injection::BoundsChecks
                | Injection::Level
                | Injection::Pie
                | Injection::Race
                | Injection::DwarfVersion
                | Injection::Trimpath
        )
    }

    /// Makes the base such that the cause can be injected.
    pub(super) fn prepare(self, config: &mut Config) {
        match self {
            Injection::Race | Injection::External => config.cgo(),
            Injection::Linker | Injection::Static | Injection::Musl => {
                config.cgo();
                config.link("-linkmode=external");
            }
            _ => {}
        }
    }

    pub(super) fn apply(self, config: &mut Config) {
        match self {
            Injection::GoVersion => config.newer_go(),
            Injection::ModuleAdded => config.edit(Edit::ModuleAdded),
            Injection::ModuleVersion => config.edit(Edit::ModuleVersion),
            Injection::PackageNew => config.edit(Edit::PackageNew),
            Injection::OwnCode => config.edit(Edit::OwnCode),
            Injection::GenericInstances => config.edit(Edit::GenericInstances),
            Injection::Inlining => config.flag("-gcflags=all=-l"),
            Injection::BoundsChecks => config.flag("-gcflags=all=-B"),
            Injection::Level => config.set("GOAMD64", "v3"),
            Injection::FunctionAlignment => config.link("-funcalign=64"),
            Injection::Pie => config.flag("-buildmode=pie"),
            Injection::External => config.link("-linkmode=external"),
            Injection::Linker => config.link_externally("-fuse-ld=lld"),
            Injection::Static => config.link_externally("-static"),
            Injection::Musl => config.set("CC", "musl-gcc"),
            Injection::Cgo => config.cgo(),
            Injection::Race => config.flag("-race"),
            Injection::Dwarf => config.link("-w"),
            Injection::DwarfCompression => config.link("-compressdwarf=false"),
            Injection::DwarfVersion => config.set("GOEXPERIMENT", "nodwarf5"),
            Injection::SymbolTable => config.link("-s -w=0"),
            Injection::BuildInfo => config.link(&format!("-X=main.none={}", "long".repeat(8_000))),
            Injection::Trimpath => config.flag("-trimpath"),
            Injection::Tags => config.tag("extra"),
            Injection::TagsOfStd => config.tag("nethttpomithttp2"),
            Injection::DeadCode => config.edit(Edit::DeadCode),
            Injection::Embedded => config.edit(Edit::Embedded),
            Injection::Padding => config.link("-R=0x40000"),
        }
    }
}
