//! Whether another order or alignment of segments would make a download smaller.
//!
//! A segment may stand anywhere in a file, for headers say where; so each order
//! is tried, without padding and with pages, and compressed as an image layer
//! is. The program is not started: what counts is whether anything is to be had.

use super::{clear, folder};
use crate::{demo, shell};
use anyhow::{Context, Result};
use flate2::Compression as Level;
use flate2::write::GzEncoder;
use object::read::elf::{ElfFile64, ProgramHeader};
use object::{LittleEndian, elf};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

const PAGE: usize = 4096;
/// What is smaller stays behind the segment before it: it makes no difference, and orders many.
const SMALL: usize = 1 << 16;

/// Gives the table of transfer sizes.
///
/// Returns an error if a program cannot be built or compressed.
pub(super) fn run(elfin: &Path) -> Result<String> {
    let mut text =
        "`cargo xtask bench slim --figures download`. Transfer sizes of slim programs with their segments in the order in which they \
        are and in the best order for each compressor, every order tried, without padding: what \
        `--for-download` could give.\n\n\
        | program | compressor | as it is | best order | gain |\n| :-- | :-- | --: | --: | --: |\n"
            .to_owned();
    for (name, mode) in [("server exe", "exe"), ("server PIE", "pie")] {
        let (file, out) = (folder()?.join("download"), folder()?.join("download-slim"));
        demo::server(&file, &[&format!("-buildmode={mode}")], "0")?;
        clear(&out);
        let mut slim = shell::command(&elfin.to_string_lossy());
        slim.args(["slim", "--target", "glibc-2.36", "-o"]).arg(&out).arg(&file);
        shell::run(slim.stdout(Stdio::null()))?;
        let data = fs::read(&out)?;
        let as_it_is = transfer(&data)?;
        let mut best = as_it_is;
        for order in orders(&segments(&data)?) {
            for (best, (_, size)) in best.iter_mut().zip(transfer(&order)?) {
                best.1 = best.1.min(size);
            }
        }
        for ((compressor, was), (_, is)) in as_it_is.iter().zip(&best) {
            let gain = 100.0 * (*was as f64 - *is as f64) / *was as f64;
            let row = format!("| {name} | {compressor} | {was} | {is} | {gain:.2} % |\n");
            print!("{row}");
            text.push_str(&row);
        }
    }
    Ok(text)
}

/// The bytes of each loaded segment, small ones with the one before.
fn segments(data: &[u8]) -> Result<Vec<Vec<u8>>> {
    let file = ElfFile64::<LittleEndian>::parse(data)?;
    let headers = file.elf_program_headers().iter();
    let mut segments: Vec<Vec<u8>> = Vec::new();
    for load in headers.filter(|it| it.p_type(LittleEndian) == elf::PT_LOAD) {
        let bytes = load.data(LittleEndian, data).ok().context("a segment is outside")?;
        match segments.last_mut().filter(|_| bytes.len() < SMALL) {
            Some(before) => before.extend(bytes),
            None => segments.push(bytes.to_vec()),
        }
    }
    Ok(segments)
}

/// Files with the segments in every order, end to end, and as they are with each on a page.
fn orders(segments: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut orders: Vec<Vec<usize>> = vec![Vec::new()];
    for index in 0..segments.len() {
        let longer = orders.iter().flat_map(|order| {
            (0..=order.len()).map(|at| {
                let mut longer = order.clone();
                longer.insert(at, index);
                longer
            })
        });
        orders = longer.collect();
    }
    let joined =
        |order: &Vec<usize>| order.iter().flat_map(|it| segments[*it].iter().copied()).collect();
    let mut files: Vec<Vec<u8>> = orders.iter().map(joined).collect();
    let paged = segments.iter().flat_map(|it| {
        let mut page = it.to_vec();
        page.resize(it.len().next_multiple_of(PAGE), 0);
        page
    });
    files.push(paged.collect());
    files
}

/// What gzip and zstd make of bytes.
fn transfer(data: &[u8]) -> Result<[(&'static str, usize); 3]> {
    let mut gzip = GzEncoder::new(Vec::new(), Level::new(6));
    gzip.write_all(data)?;
    let zstd = |level| zstd::encode_all(data, level).map(|it| it.len());
    Ok([("gzip -6", gzip.finish()?.len()), ("zstd -3", zstd(3)?), ("zstd -19", zstd(19)?)])
}
