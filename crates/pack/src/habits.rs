//! What a program's own bytes say of how it is used, as far as packing depends on that.

use elfin_elf::ElfFile;
use elfin_golang::BuildInfo;
use elfin_schema::{PackEffort, PackReason};

/// Functions that wait for connections; they are linked only where they can be reached.
const SERVES: [&[u8]; 3] =
    [b"net/http.(*Server).Serve\0", b"grpc.(*Server).Serve\0", b"fasthttp.(*Server).Serve\0"];
/// Libraries that command line programs are built on.
const COMMAND_LINE: [&str; 7] = [
    "github.com/spf13/cobra",
    "github.com/spf13/pflag",
    "github.com/urfave/cli",
    "github.com/alecthomas/kong",
    "github.com/alecthomas/kingpin",
    "github.com/jessevdk/go-flags",
    "github.com/hashicorp/cli",
];
const SYMBOLS: [&str; 2] = [".symtab", ".debug_info"];
const COMPRESSED_DWARF: &str = ".zdebug_info";

/// How a program is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Habits {
    /// Go's linker made it.
    pub is_go: bool,
    /// It has symbols or DWARF.
    pub has_symbols: bool,
    /// What it is best packed for.
    pub effort: PackEffort,
    /// Why.
    pub why: PackReason,
}

/// Looks for what tells how a program is used; `None` if it is not ELF.
pub fn habits(data: &[u8]) -> Option<Habits> {
    let file = ElfFile::parse(data).ok()?;
    let info = BuildInfo::find(&file);
    let has_symbols =
        SYMBOLS.iter().chain([&COMPRESSED_DWARF]).any(|it| file.section_named(it).is_some());
    let serves = SERVES.iter().any(|it| memchr::memmem::find(data, it).is_some());
    let is_built_on = |prefix: &str| {
        let all = info.as_ref().map(|it| it.modules.all()).unwrap_or_default();
        all.iter().any(|it| {
            it.path.strip_prefix(prefix).is_some_and(|it| it.is_empty() || it.starts_with('/'))
        })
    };
    let (effort, why) = if serves {
        (PackEffort::Small, PackReason::Serves)
    } else if COMMAND_LINE.iter().any(|it| is_built_on(it)) {
        (PackEffort::Fast, PackReason::CommandLine)
    } else {
        (PackEffort::Small, PackReason::Default)
    };
    Some(Habits { is_go: info.is_some(), has_symbols, effort, why })
}
