//! Does a build ID that varies make the file grow? An experiment of many builds.
//!
//! Each round has another comment of the same length at the end of a file of the main package, so
//! that what goes into the build is another and what comes of it should not be. The cache stays, so
//! that a round compiles one package and links.

use super::compare::Inventory;
use super::course::Course;
use super::scene::{self, Built};
use super::{ReproError, build_id};
use elfin_schema::{BuildIdRound, BuildIdRounds, DifferingPart};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Builds so many times, and once before to compare with.
pub(super) fn run(course: &mut Course<'_, '_>, count: usize) -> Result<BuildIdRounds, ReproError> {
    let (folder, file) =
        course.subject.main.clone().ok_or_else(|| ReproError::NotBuilt {
            says: "the package has no Go file".to_owned(),
        })?;
    let path = course.tree.place(&folder).join(file);
    let source = fs::read(&path).map_err(|it| ReproError::io("read", &path, it))?;
    let scene = course.caches.furnish(&course.scene.clone(), &course.with.clone())?;
    let build = |number: usize| {
        course.workshop.say(&format!("round {number}"));
        comment(&path, &source, number)?;
        let built = scene.build(&course.with, course.workshop)?;
        built.map_err(|says| ReproError::NotBuilt { says })
    };
    let first = build(0)?;
    let first_data = first.read()?;
    let inventory = Inventory::of(&first_data);
    let mut rounds = vec![round(&first, &first, &first_data, 0)];
    let mut parts: BTreeMap<(Option<String>, String), DifferingPart> = BTreeMap::new();
    for number in 1..=count {
        let built = build(number)?;
        let data = built.read()?;
        let comparison = inventory.against(&Inventory::of(&data));
        rounds.push(round(&first, &built, &data, comparison.bytes));
        for part in comparison.parts {
            let key = (part.section.clone(), format!("{:?} {:?}", part.kind, part.owner));
            let sum =
                parts.entry(key).or_insert_with(|| DifferingPart { bytes: 0, ..part.clone() });
            sum.bytes += part.bytes;
        }
    }
    fs::write(&path, &source).map_err(|it| ReproError::io("write", &path, it))?;
    let mut parts: Vec<DifferingPart> = parts.into_values().collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.bytes));
    let different =
        |of: &dyn Fn(&BuildIdRound) -> String| rounds.iter().map(of).collect::<BTreeSet<_>>().len();
    Ok(BuildIdRounds {
        files: different(&|it| it.file.sha256.clone()),
        build_ids: different(&|it| it.build_id.clone()),
        other_sizes: rounds.iter().filter(|it| it.size_change != 0).count(),
        rounds,
        parts,
    })
}

fn round(first: &Built, built: &Built, data: &[u8], changed: u64) -> BuildIdRound {
    BuildIdRound {
        file: built.file.clone(),
        build_id: build_id::of(data).unwrap_or_default(),
        changed,
        size_change: scene::difference(&first.file, &built.file),
    }
}

/// Writes the source with a comment behind it that differs in each round.
fn comment(path: &Path, source: &[u8], number: usize) -> Result<(), ReproError> {
    let mut text = source.to_vec();
    text.extend(format!("\n// elfin repro, round {number:08}\n").bytes());
    fs::write(path, text).map_err(|source| ReproError::io("write", path, source))
}
