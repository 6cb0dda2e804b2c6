//! DWARF belongs to the units that gimli says it belongs to, when it reads all of it.

use crate::programs::go_sources;
use elfin_elf::ElfFile;
use elfin_weigh::{Options, weigh};
use gimli::{AttributeValue, Dwarf, EndianSlice, LittleEndian, SectionId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

/// Bytes by section and package.
type Sums = BTreeMap<(String, String), u64>;

/// Go 1.26 writes DWARF 5, Go 1.24 writes DWARF 4.
const TOOLCHAINS: [(&str, &[&str]); 2] = [
    ("local", &["info", "line", "loclists", "rnglists", "addr"]),
    ("go1.24.11", &["info", "line", "loc", "ranges"]),
];

/// A program of which one package has its first list of locations far behind its head.
fn sources() -> Vec<(&'static str, String)> {
    let mut far = "package far\n\nvar count int\n\n".to_owned();
    let mut all = "// All are called through it.\nvar All = []func(){\n".to_owned();
    for number in 0..5000 {
        let _ = writeln!(far, "//go:noinline\nfunc step{number}() {{ count += {number} }}\n");
        let _ = writeln!(all, "\tstep{number},");
    }
    far += "//go:noinline\nfunc Z(text string, n int) int {\n\tfor i, it := range text {\n\t\tn += i * int(it)\n\t\tif n%7 == 0 {\n\t\t\tn = count - n\n\t\t}\n\t}\n\treturn n\n}\n\n";
    far += &(all + "}\n");
    let plain = "package plain\n\nvar V int\n\n//go:noinline\nfunc Add() { V++ }\n";
    let near = "package near\n\n//go:noinline\nfunc Near(text string) (n int) {\n\tfor i := range text {\n\t\tn += i\n\t}\n\treturn\n}\n";
    let main = "package main\n\nimport (\n\t\"example.com/shape/far\"\n\tnear \"example.com/shape/near.v3\"\n\t\"example.com/shape/plain\"\n\t\"fmt\"\n)\n\nfunc main() {\n\tfor _, it := range far.All {\n\t\tit()\n\t}\n\tplain.Add()\n\tfmt.Println(far.Z(fmt.Sprint(plain.V), 1), near.Near(fmt.Sprint(plain.V)))\n}\n";
    vec![
        ("go.mod", "module example.com/shape\n\ngo 1.21\n".to_owned()),
        ("main.go", main.to_owned()),
        ("far/far.go", far),
        ("plain/plain.go", plain.to_owned()),
        ("near.v3/near.go", near.to_owned()),
    ]
}

/// What all entries of all units refer to: each thing from its offset to the next one's.
fn truth(program: &[u8]) -> Sums {
    let file = ElfFile::parse(program).unwrap();
    let contents = |id: SectionId| {
        let section = file.section_named(id.name());
        EndianSlice::new(section.map_or(&[][..], |it| file.contents(it)), LittleEndian)
    };
    let dwarf = Dwarf::load(|id| Ok::<_, gimli::Error>(contents(id))).unwrap();
    let mut sums = Sums::new();
    let mut lists: HashMap<SectionId, BTreeMap<usize, String>> = HashMap::new();
    let mut headers = dwarf.units();
    while let Some(header) = headers.next().unwrap() {
        let unit = dwarf.unit(header).unwrap();
        let name = unit.name.unwrap().to_string().unwrap().to_owned();
        let is_5 = header.version() == 5;
        let mut put = |id: SectionId, at: usize| {
            lists.entry(id).or_default().insert(at, name.clone());
        };
        let mut addresses = BTreeSet::new();
        let mut entries = unit.entries();
        while let Some(entry) = entries.next_dfs().unwrap() {
            for attribute in entry.attrs() {
                match attribute.value() {
                    AttributeValue::LocationListsRef(at) => {
                        put(
                            if is_5 { SectionId::DebugLocLists } else { SectionId::DebugLoc },
                            at.0,
                        );
                    }
                    AttributeValue::RangeListsRef(at) => {
                        put(
                            if is_5 { SectionId::DebugRngLists } else { SectionId::DebugRanges },
                            at.0,
                        );
                    }
                    AttributeValue::DebugAddrIndex(index) => {
                        addresses.insert(index.0);
                    }
                    _ => {}
                }
            }
        }
        let mut add = |id: SectionId, bytes: usize| {
            *sums.entry((id.name().to_owned(), name.clone())).or_default() += bytes as u64;
        };
        add(SectionId::DebugInfo, header.length_including_self());
        if let Some(program) = &unit.line_program {
            add(SectionId::DebugLine, program.header().unit_length() + 4);
        }
        if let Some(last) = addresses.last() {
            add(SectionId::DebugAddr, (last + 1) * 8);
        }
    }
    for (id, starts) in lists {
        let ends = starts.keys().skip(1).copied().chain([contents(id).slice().len()]);
        for ((start, name), end) in starts.iter().zip(ends) {
            *sums.entry((id.name().to_owned(), name.clone())).or_default() += (end - start) as u64;
        }
    }
    sums
}

fn weighed(program: &[u8], sections: &[&str]) -> Sums {
    let weighing = weigh(program, &Options::default()).unwrap();
    assert_eq!(weighing.warnings, []);
    let mut sums = Sums::new();
    for row in &weighing.rows {
        let (Some(package), Some(section)) = (&row.package, &row.section) else { continue };
        if sections.iter().any(|it| section.strip_prefix(".debug_") == Some(it)) {
            assert!(row.exact, "{row:?}");
            *sums.entry((section.to_string(), package.to_string())).or_default() += row.bytes;
        }
    }
    sums
}

#[test]
fn each_unit_has_the_lists_that_its_entries_refer_to() {
    for (toolchain, sections) in TOOLCHAINS {
        let environment = [("CGO_ENABLED", "0"), ("GOTOOLCHAIN", toolchain)];
        let plain = ["-ldflags=-compressdwarf=false"];
        let Some(program) = go_sources(&sources(), &environment, &plain) else { return };
        let (truth, weighed) = (truth(&program), weighed(&program, sections));
        for section in sections {
            let far = (format!(".debug_{section}"), "example.com/shape/far".to_owned());
            assert!(truth.get(&far).is_some_and(|it| *it > 16), "{toolchain} {far:?}");
        }
        let wrong: Vec<_> =
            truth.iter().filter(|(key, bytes)| weighed.get(key) != Some(bytes)).collect();
        assert_eq!(wrong, [], "{toolchain}");
        assert_eq!(truth.len(), weighed.len(), "{toolchain}");
    }
}
