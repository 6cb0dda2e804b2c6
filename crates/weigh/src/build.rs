//! What the file says of how it was built.

use crate::claims::dwarf::stream::Stream;
use crate::facts::{Facts, lossy};
use crate::functions;
use elfin_elf::{Contents, Section};
use elfin_golang::{Pclntab, method_lookups};
use elfin_schema::{Build, Caller, Dwarf, Methods};

/// More names of tools than any linker leaves.
const MOST_TOOLS: usize = 16;

pub(crate) fn of(facts: &Facts<'_>) -> Build {
    let file = &facts.file;
    let settings = facts.build_info.iter().flat_map(|it| &it.settings);
    let table = facts.pclntab.as_ref();
    Build {
        settings: settings.map(|(key, it)| ((*key).to_owned(), it.to_string())).collect(),
        interpreter: file.interpreter(),
        needed: file.needed(),
        tools: tools(facts),
        // The start files of C come with every linker that is not Go's.
        linked_externally: [".init", ".init_array", ".comment"]
            .iter()
            .any(|name| file.section_named(name).is_some()),
        build_id: file.gnu_build_id(),
        dwarf: dwarf(facts),
        function_alignment: table.and_then(functions::alignment),
        go_sources: table.and_then(|it| folder_of(it, b"runtime.main", "/runtime")),
        main_sources: table.and_then(|it| folder_of(it, b"main.main", "")),
        methods: facts.methods.map(|(kept, dropped)| Methods {
            kept,
            dropped,
            looked_up_by: table.map(|it| looked_up_by(facts, it)).unwrap_or_default(),
        }),
    }
}

/// The names in `.comment`, and of gold, which has a note instead.
fn tools(facts: &Facts<'_>) -> Vec<String> {
    let contents = |name: &str| facts.file.section_named(name).map(|it| facts.file.contents(it));
    let comments = contents(".comment").unwrap_or_default().split(|byte| *byte == 0);
    let gold = contents(".note.gnu.gold-version").and_then(|note| note.get(16..));
    let gold = gold.and_then(|text| text.split(|byte| *byte == 0).next());
    let texts = comments.chain(gold).filter(|text| !text.is_empty());
    let mut tools: Vec<String> = texts.take(MOST_TOOLS).map(|it| lossy(it).into_owned()).collect();
    tools.sort();
    tools.dedup();
    tools
}

/// More of them say nothing more.
const MOST_CALLERS: usize = 64;

fn looked_up_by(facts: &Facts<'_>, table: &Pclntab<'_>) -> Vec<Caller> {
    let lookups = method_lookups(&facts.file, &facts.file.addends(), table);
    let named = |name: &&[u8]| lossy(name).into_owned();
    let caller = |it: &elfin_golang::MethodLookup<'_>| Caller {
        function: named(&it.function),
        path: it.path.iter().map(named).collect(),
    };
    lookups.iter().take(MOST_CALLERS).map(caller).collect()
}

fn dwarf(facts: &Facts<'_>) -> Option<Dwarf> {
    let is_dwarf = |it: &Section<'_>| {
        it.name.starts_with(".debug_") && it.name != ".debug_gdb_scripts"
            || it.name.starts_with(".zdebug_")
    };
    let mut dwarf = Dwarf::default();
    for (_, section) in facts.stored.iter().filter(|(_, it)| is_dwarf(it)) {
        let (unpacked, how) = match facts.file.compression(section) {
            Contents::Zlib { size, .. } => (size, Some("zlib")),
            Contents::Zstd { size, .. } => (size, Some("zstd")),
            Contents::Plain(_) | Contents::Unknown(_) => (section.size, None),
        };
        dwarf.bytes = dwarf.bytes.saturating_add(section.size);
        dwarf.unpacked = dwarf.unpacked.saturating_add(unpacked);
        dwarf.compression = dwarf.compression.or(how.map(str::to_owned));
        if section.name.ends_with("debug_info") {
            dwarf.version = version(facts, section);
        }
    }
    (dwarf.bytes > 0).then_some(dwarf)
}

/// The number behind the length of the first unit.
fn version(facts: &Facts<'_>, info: &Section<'_>) -> Option<u16> {
    let mut stream = Stream::open(&facts.file, info)?;
    facts.file.numbers().u16(stream.peek(8).ok()?, 4)
}

/// The folder of the file that a function is from, without an end.
fn folder_of(table: &Pclntab<'_>, name: &[u8], end: &str) -> Option<String> {
    let function = table.functions().find(|it| it.name == name)?;
    let file = lossy(table.files.text(function.first_file(table)?)?).into_owned();
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    Some(folder.strip_suffix(end).unwrap_or(folder).to_owned())
}
