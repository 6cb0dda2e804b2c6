//! Where an address of the linker's is in the finished file.
//!
//! A program that Go's linker finished loads where the dump says. In an
//! external link Go's linker makes one object, go.o, and the host linker moves
//! its sections; the host linker's map tells where to.

use super::Piece;
use super::dump::Section;
use anyhow::{Context, Result, bail};
use object::Endianness;
use object::elf::{FileHeader64, PT_LOAD};
use object::read::elf::{FileHeader, ProgramHeader};
use std::collections::HashMap;

/// Addresses of the dump, in the file.
#[derive(Debug)]
pub(super) struct Image {
    /// Address, size and file offset of what is loaded from the file.
    loaded: Vec<[u64; 3]>,
    /// Address and size in the dump, and the address that it was moved to.
    moved: Option<Vec<[u64; 3]>>,
}

impl Image {
    /// Reads program headers, and the host linker's map where there is one.
    ///
    /// Returns an error if the file is no 64-bit ELF, or a section of go.o is not in the map.
    pub(super) fn read(bytes: &[u8], sections: &[Section], map: Option<&str>) -> Result<Image> {
        let header = FileHeader64::<Endianness>::parse(bytes)?;
        let endian = header.endian()?;
        let loaded = header.program_headers(endian, bytes)?.iter();
        let loaded = loaded
            .filter(|it| it.p_type(endian) == PT_LOAD)
            .map(|it| [it.p_vaddr(endian), it.p_filesz(endian), it.p_offset(endian)])
            .collect();
        let moved = map.map(|map| moved(sections, &contributions(map)?)).transpose()?;
        Ok(Image { loaded, moved })
    }

    /// The piece in the file; `None` if it takes no bytes there.
    pub(super) fn place(&self, piece: Piece) -> Option<Piece> {
        let start = match &self.moved {
            Some(moved) => shift(moved, piece.start)?,
            None => piece.start,
        };
        let size = piece.end - piece.start;
        let start = shift(&self.loaded, start)?;
        (size > 0).then_some(Piece { start, end: start + size, ..piece })
    }
}

/// Moves an address by the range that holds it.
fn shift(ranges: &[[u64; 3]], address: u64) -> Option<u64> {
    let holds =
        |[start, size, _]: &&[u64; 3]| address.checked_sub(*start).is_some_and(|it| it < *size);
    ranges.iter().find(holds).map(|[start, _, to]| address - start + to)
}

fn moved(sections: &[Section], to: &HashMap<&str, u64>) -> Result<Vec<[u64; 3]>> {
    // The sections of the Go linker's own file are listed too, which go.o does without.
    let of_object = |it: &&Section| it.size > 0 && it.name != ".shstrtab";
    let with_bytes = sections.iter().filter(of_object);
    let moved = with_bytes.map(|it| {
        // The host linker merges sections, but not those of one object of different names.
        let to = to.get(it.name.as_str()).with_context(|| format!("the map has no {}", it.name))?;
        Ok([it.address, it.size, *to])
    });
    moved.collect()
}

/// Where the map puts each section of go.o: ` .name  0xaddress  0xsize  /folder/go.o`, where a
/// long name has a line of its own.
fn contributions(map: &str) -> Result<HashMap<&str, u64>> {
    let Some((_, map)) = map.split_once("Linker script and memory map") else {
        bail!("this is no map of GNU ld's");
    };
    let mut found = HashMap::new();
    let mut name = "";
    for line in map.lines() {
        let mut words: Vec<&str> = line.split_whitespace().collect();
        if line.starts_with(" .") && !words.is_empty() {
            name = words.remove(0);
        }
        if let [address, _size, file] = *words
            && file.ends_with("/go.o")
            && let Some(address) = address.strip_prefix("0x")
        {
            found.entry(name).or_insert(u64::from_str_radix(address, 16)?);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_tells_where_sections_of_go_went() {
        let map = "Discarded input sections\n .text  0x0 0x1 /tmp/go-link-1/go.o\n\
            Linker script and memory map\n .text  0x401000  0x5 /lib/crt1.o\n \
            .text          0x0000000000401010    0x8a2f1 /tmp/go-link-1/go.o\n \
            .data.rel.ro.go.type\n                0x0000000000500000     0x40 /tmp/go-link-1/go.o\n";
        let found = contributions(map).unwrap();
        assert_eq!(found[".text"], 0x40_1010);
        assert_eq!(found[".data.rel.ro.go.type"], 0x50_0000);
        let section = |name: &str| Section { name: name.into(), address: 0, size: 1 };
        assert!(moved(&[section(".lost")], &found).is_err());
        assert!(contributions("").is_err());
    }

    #[test]
    fn an_address_that_no_bytes_are_loaded_for_has_no_place() {
        let ranges = [[0x1000, 0x10, 0], [0x2000, 0x10, 0x100]];
        assert_eq!(shift(&ranges, 0x2004), Some(0x104));
        assert_eq!(shift(&ranges, 0x2010), None);
        assert_eq!(shift(&ranges, 0), None);
    }
}
