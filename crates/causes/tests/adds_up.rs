//! Whatever two documents say: causes add up, the other way round they are negated, and what is
//! the same has none.

use elfin_causes::Step;
use elfin_schema::{
    Build, Cause, Confidence, Diff, Dwarf, GoProgram, Kind, Methods, ModuleVersion, Row,
    WEIGH_SCHEMA, WeighedFile, Weighing,
};
use proptest::prelude::*;
use std::collections::BTreeMap;

const PACKAGES: [(&str, Option<&str>); 6] = [
    ("main", Some("example.com/app")),
    ("example.com/app/own", Some("example.com/app")),
    ("fmt", Some("std")),
    ("internal/abi", Some("std")),
    ("example.org/dep", Some("example.org/dep")),
    ("example.org/other", None),
];

const FUNCTIONS: [&str; 4] = ["plain", "(*T).Method", "Generic[go.shape.int]", "more.func1"];

prop_compose! {
    fn row()(owner in 0_usize..PACKAGES.len() + 3, kind in 0_usize..Kind::ALL.len(), bytes in 0_u64..1_000_000) -> Row {
        let package = PACKAGES.get(owner);
        Row {
            module: package.and_then(|it| it.1).map(Into::into),
            package: package.map(|it| it.0.into()),
            library: (owner == PACKAGES.len()).then(|| "crt1.o".into()),
            kind: Kind::ALL[kind],
            section: None,
            segment: None,
            symbol: None,
            file: None,
            bytes,
            exact: true,
            shared_by: if owner == PACKAGES.len() + 1 { vec!["a".into(), "b".into()] } else { vec![] },
            download: None,
        }
    }
}

prop_compose! {
    fn build()(
        gcflags in prop::sample::select(vec!["", "all=-l", "all=-B"]),
        trimmed: bool,
        external: bool,
        dwarf in prop::option::of((1_u64..1_000_000, 1_u64..4, any::<bool>())),
        kept in 0_u64..100,
    ) -> Build {
        Build {
            settings: BTreeMap::from([("-gcflags".to_owned(), gcflags.to_owned())]),
            linked_externally: external,
            dwarf: dwarf.map(|(bytes, times, packed)| Dwarf {
                version: Some(4),
                compression: packed.then(|| "zlib".to_owned()),
                bytes,
                unpacked: if packed { bytes * times } else { bytes },
            }),
            go_sources: Some(if trimmed { "" } else { "/go/src" }.to_owned()),
            methods: Some(Methods { kept, dropped: 100 - kept, looked_up_by: vec![] }),
            ..Build::default()
        }
    }
}

prop_compose! {
    fn weighing()(
        rows in prop::collection::vec(row(), 0..40),
        unknown_bytes in 0_u64..10_000,
        build in build(),
        newer: bool,
        required in prop::option::of(prop::sample::select(vec!["v1.0.0", "v1.1.0"])),
        pie: bool,
        sizes in prop::collection::vec(prop::option::of(0_u64..5_000), PACKAGES.len() * FUNCTIONS.len()),
    ) -> Weighing {
        let mut functions = BTreeMap::new();
        for (index, bytes) in sizes.iter().enumerate() {
            let package: &mut BTreeMap<String, u64> =
                functions.entry(PACKAGES[index / FUNCTIONS.len()].0.to_owned()).or_default();
            if let Some(bytes) = bytes {
                package.insert(FUNCTIONS[index % FUNCTIONS.len()].to_owned(), *bytes);
            }
        }
        let module = |path: &str, version: &str| ModuleVersion { path: path.into(), version: version.into() };
        let mut modules = vec![module("example.com/app", "(devel)")];
        modules.extend(required.map(|version| module("example.org/dep", version)));
        Weighing {
            schema: WEIGH_SCHEMA.to_owned(),
            elfin: String::new(),
            file: WeighedFile {
                name: "app".to_owned(),
                size: rows.iter().map(|row| row.bytes).sum::<u64>() + unknown_bytes,
                arch: "amd64".to_owned(),
                pie,
                symbols: true,
                dwarf: build.dwarf.is_some(),
                sections: true,
            },
            go: Some(GoProgram {
                version: if newer { "go1.27.4" } else { "go1.26.11" }.to_owned(),
                path: Some("example.com/app".to_owned()),
                modules,
            }),
            build,
            rows,
            unknown_bytes,
            unknown: vec![],
            download: None,
            unknown_download: None,
            inlined: vec![],
            functions,
            memory_only: vec![],
            warnings: vec![],
        }
    }
}

fn sum(diff: &Diff) -> i64 {
    diff.causes.iter().map(|it| it.bytes).sum::<i64>() + diff.unexplained_bytes
}

/// A cause as it reads the other way round.
fn turned(cause: &Cause) -> Cause {
    match cause.clone() {
        Cause::PackageNew => Cause::PackageGone,
        Cause::PackageGone => Cause::PackageNew,
        Cause::ModuleAdded { module } => Cause::ModuleRemoved { module },
        Cause::ModuleRemoved { module } => Cause::ModuleAdded { module },
        cause => cause,
    }
}

proptest! {
    #[test]
    fn causes_add_up_to_the_difference(from in weighing(), to in weighing()) {
        let diff = elfin_causes::diff(&from, &to);
        prop_assert_eq!(diff.delta, to.file.size.cast_signed() - from.file.size.cast_signed());
        prop_assert_eq!(sum(&diff), diff.delta);
    }

    #[test]
    fn the_other_way_round_causes_are_negated(from in weighing(), to in weighing()) {
        let bars = |from, to, turn: fn(&Cause) -> Cause, sign| {
            let diff = elfin_causes::diff(from, to);
            let bars = diff.causes.iter().map(|it| (turn(&it.cause), sign * it.bytes, it.confidence));
            let mut bars: Vec<_> = bars.collect();
            bars.sort();
            (bars, sign * diff.unexplained_bytes)
        };
        prop_assert_eq!(bars(&from, &to, Cause::clone, 1), bars(&to, &from, turned, -1));
    }

    #[test]
    fn what_is_the_same_has_no_causes(one in weighing()) {
        let diff = elfin_causes::diff(&one, &one);
        prop_assert!(diff.causes.is_empty() && diff.packages.is_empty() && diff.kinds.is_empty());
        prop_assert_eq!((diff.delta, diff.unexplained_bytes), (0, 0));
    }

    #[test]
    fn what_is_proved_adds_up_with_what_is_not(
        from in weighing(),
        to in weighing(),
        base in weighing(),
        last in weighing(),
        failed: bool,
    ) {
        let told = elfin_causes::diff(&from, &to);
        let step = |cause, bytes| Step { cause, setting: "-x".to_owned(), bytes };
        let moved = elfin_causes::grown(last.file.size, base.file.size);
        let mut steps = vec![step(Cause::BuildMode, Ok(moved - 7)), step(Cause::Paths, Ok(7))];
        steps.extend(failed.then(|| step(Cause::Inlining, Err("no".to_owned()))));
        let proved = elfin_causes::prove(told.clone(), [&from, &to], [&base, &last], &steps);
        prop_assert_eq!(sum(&proved), told.delta);
        let of = |cause| proved.causes.iter().find(|it| it.cause == cause);
        prop_assert!(of(Cause::BuildMode).is_some() && of(Cause::Paths).is_some());
        if failed {
            prop_assert!(of(Cause::Inlining).is_some_and(|it| it.confidence != Confidence::Proved));
        }
    }

    #[test]
    fn a_stored_difference_reads_back(from in weighing(), to in weighing()) {
        let diff = elfin_causes::diff(&from, &to);
        let text = serde_json::to_string(&diff).unwrap();
        prop_assert_eq!(elfin_schema::read_diff(&text).unwrap(), diff);
    }
}
