//! The course of slimming: which step comes when, and what each is worth.
//!
//! A step changes the program on the bench or refuses; after each the program
//! is laid out once to learn its size, which copies nothing.

use crate::ShrinkError;
use crate::debug_file::{self, LINK};
use crate::layout;
use crate::notes;
use crate::pieces::Pieces;
use crate::program::{Program, Section};
use crate::recompress::{self, Compression};
use crate::relocations::{self, Loader};
use crate::static_pie;
use crate::strip::{is_debug, remove, remove_symbols};
use crate::versions;
use elfin_elf::image::{Image, SectionHeader};
use elfin_schema::{SlimOutcome, SlimRemark, SlimStep, SlimStepName};
use object::elf;

/// What stays in the program although it could come off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// The symbol table.
    Symtab,
    /// What of DWARF tells functions, files and lines, but not where variables are.
    DwarfLines,
    /// All DWARF.
    Dwarf,
}

/// What is wanted.
#[derive(Debug, Clone, Default)]
pub struct Options<'o> {
    /// What stays.
    pub keep: Vec<Keep>,
    /// The name of the debug file, without folders; `None` for none.
    pub debug_file: Option<&'o str>,
    /// The steps that are left out.
    pub without: Vec<SlimStepName>,
    /// Whether the dynamic linkers that the program will meet read RELR.
    pub loader: Loader,
    /// Whether the program is to relocate itself.
    pub static_pie: bool,
    /// Whether it is to move to an address of its own before, as random as a PIE's.
    pub full_aslr: bool,
    /// How DWARF that stays is compressed.
    pub compression: Compression,
}

/// A program that was made smaller.
#[derive(Debug)]
pub struct Slimmed<'a> {
    /// The program.
    pub program: Pieces<'a>,
    /// Its debug file.
    pub debug: Option<Pieces<'a>>,
    /// What was done.
    pub steps: Vec<SlimStep>,
    /// What there is to know about the program.
    pub remarks: Vec<SlimRemark>,
}

/// Makes a program smaller and takes nothing from it that it needs.
///
/// Returns an error if it is not ELF, if something is appended to it, or if it has a debug file
/// already and is to get another.
pub fn slim<'a>(data: &'a [u8], options: &Options<'_>) -> Result<Slimmed<'a>, ShrinkError> {
    let image = Image::parse(data)?;
    let mut course = Course {
        program: Program::new(&image)?,
        options,
        steps: Vec::new(),
        size: data.len() as u64,
    };
    course.steps(&image)?;
    let Course { program, steps, .. } = course;
    let linked = program.sections.iter().position(|it| it.header.name == LINK && it.was.is_none());
    let mut written = layout::write(program)?;
    let debug = match options.debug_file {
        // What it was made from is in the file that it names, which must not be lost.
        Some(_) if debug_file::linked(&image).is_some() => None,
        Some(name) => {
            let debug = debug_file::write(&image, &written)?;
            if let Some(place) = linked.and_then(|index| written.sections.get(index)) {
                let link = debug_file::link(name, debug_file::checksum(&debug));
                written.bytes.put(layout::at(place.offset)?, link);
            }
            Some(debug)
        }
        None => None,
    };
    let done = |name| steps.iter().any(|it| it.step == name && it.outcome == SlimOutcome::Done);
    let moves = options.full_aslr && done(SlimStepName::StaticPie);
    let newer = done(SlimStepName::Relocations) && options.loader == Loader::Unknown;
    let remarks = [
        (!is_go(&image), SlimRemark::NotGo),
        (moves, SlimRemark::Moves),
        (newer && !versions::needs_new_libc(data), SlimRemark::NeedsNewerLibc),
    ];
    let remarks = remarks.into_iter().filter_map(|(holds, it)| holds.then_some(it)).collect();
    Ok(Slimmed { program: written.bytes, debug, steps, remarks })
}

struct Course<'a, 'o> {
    program: Program<'a>,
    options: &'o Options<'o>,
    steps: Vec<SlimStep>,
    size: u64,
}

impl<'a> Course<'a, '_> {
    fn steps(&mut self, image: &Image<'a>) -> Result<(), ShrinkError> {
        let (keep, name) = (self.options.keep.clone(), self.options.debug_file);
        let done = |done| if done { SlimOutcome::Done } else { SlimOutcome::Nothing };
        self.step(SlimStepName::Symbols, |program| {
            done(!keep.contains(&Keep::Symtab) && remove_symbols(program))
        })?;
        self.step(SlimStepName::Dwarf, |program| {
            done(remove(program, |it| is_debug(it) && !stays(it, &keep)))
        })?;
        self.step(SlimStepName::Comment, |program| {
            done(remove(program, |it| it.name == ".comment" && !it.is_loaded()))
        })?;
        if let (Some(name), true) = (name, has_debug(image)) {
            already_linked(image)?;
            self.step(SlimStepName::DebugLink, |program| {
                program.sections.push(link_section(name));
                SlimOutcome::Done
            })?;
        }
        self.step(SlimStepName::Notes, notes::mend)?;
        if self.options.static_pie {
            let full_aslr = self.options.full_aslr;
            self.step(SlimStepName::StaticPie, |program| static_pie::make(program, full_aslr))?;
        }
        let loader = self.options.loader;
        self.step(SlimStepName::Relocations, |program| relocations::pack(program, loader))?;
        let compression = self.options.compression;
        self.step(SlimStepName::Recompress, |program| {
            recompress::recompress(program, compression)
        })?;
        self.step(SlimStepName::Layout, |program| {
            program.trim();
            program.fill_holes = true;
            SlimOutcome::Done
        })
    }

    /// Does a step, unless it is to be left out, and writes down what it was worth.
    fn step(
        &mut self,
        step: SlimStepName,
        work: impl FnOnce(&mut Program<'a>) -> SlimOutcome,
    ) -> Result<(), ShrinkError> {
        let before = self.size;
        let left_out = self.options.without.contains(&step);
        let outcome = if left_out { SlimOutcome::LeftOut } else { work(&mut self.program) };
        if outcome == SlimOutcome::Done {
            self.size = layout::size(&self.program)?;
        }
        self.steps.push(SlimStep { step, before, after: self.size, outcome });
        Ok(())
    }
}

/// True if a section of DWARF is to stay.
fn stays(section: &SectionHeader, keep: &[Keep]) -> bool {
    const VARIABLES: [&str; 3] = ["debug_loc", "debug_frame", "debug_gdb_scripts"];
    let of_variables = VARIABLES.iter().any(|name| section.name.contains(name));
    keep.contains(&Keep::Dwarf) || (keep.contains(&Keep::DwarfLines) && !of_variables)
}

/// True if a debugger would find anything in the debug file.
fn has_debug(image: &Image<'_>) -> bool {
    image.sections.iter().any(|it| is_debug(it) || it.kind == elf::SHT_SYMTAB)
}

/// True for what Go's linker made; it writes one of these sections at least, and strip leaves them.
fn is_go(image: &Image<'_>) -> bool {
    [".note.go.buildid", ".go.buildinfo"].iter().any(|name| image.section(name).is_some())
}

fn already_linked(image: &Image<'_>) -> Result<(), ShrinkError> {
    debug_file::linked(image).map_or(Ok(()), |link| Err(ShrinkError::Linked { link }))
}

/// The link to a debug file that is not made yet.
fn link_section(name: &str) -> Section<'static> {
    let content = debug_file::link(name, 0);
    Section {
        header: SectionHeader {
            name: LINK.to_owned(),
            kind: elf::SHT_PROGBITS,
            flags: elf::SectionFlags(0),
            address: 0,
            offset: 0,
            size: content.len() as u64,
            link: 0,
            info: 0,
            align: 4,
            entry_size: 0,
        },
        was: None,
        content: content.into(),
    }
}
