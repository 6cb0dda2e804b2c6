//! What bytes cost in a download.
//!
//! A compressor works over the whole file, so no byte has a price of its own.
//! What is known is what each stretch of 128 KiB added to the stream; within a
//! stretch the bytes pay by how rare their values are there, and little where
//! they repeat the byte before. The prices add up to the compressed file, and
//! all are estimates.

use elfin_model::FileRange;
use elfin_schema::Download;
use flate2::Compression;
use flate2::write::GzEncoder;
use liblzma::stream::{Action, Check, Status, Stream};
use std::io::{self, Write};
use std::ops::Range;

/// zstd's block: what it takes in before it gives out.
const STRETCH: usize = 128 << 10;

/// Bytes that each stretch added to the three streams.
type Added = [Vec<u64>; 3];

/// Charges the parts of a file, in file order, to rows by number: the price of each row, and of
/// the file.
///
/// Returns an error if a compressor has no memory.
pub(crate) fn charge(
    data: &[u8],
    parts: &[(usize, FileRange)],
    rows: usize,
) -> io::Result<(Vec<Download>, Download)> {
    let (zstd, (gzip, lzma)) =
        rayon::join(|| zstd(data), || rayon::join(|| gzip(data), || lzma(data)));
    let added: Added = [gzip?, zstd?, lzma?];
    let mut prices = vec![[0.0; 3]; rows];
    for (row, stretch, share) in shares(data, parts) {
        for (price, added) in prices[row].iter_mut().zip(&added) {
            *price += share * added[stretch] as f64;
        }
    }
    let totals = added.map(|it| it.iter().sum());
    let [gzip, zstd, lzma] = [0, 1, 2]
        .map(|at| whole(&prices.iter().map(|price| price[at]).collect::<Vec<_>>(), totals[at]));
    let entropies = entropies(data, parts, rows);
    let row = |at: usize| Download {
        gzip: gzip[at],
        zstd: zstd[at],
        lzma: lzma[at],
        entropy: entropies[at],
    };
    let [gzip_all, zstd_all, lzma_all] = totals;
    let file = Download {
        gzip: gzip_all,
        zstd: zstd_all,
        lzma: lzma_all,
        entropy: bits(&histogram(data)) / data.len().max(1) as f64,
    };
    Ok(((0..rows).map(row).collect(), file))
}

/// What of which stretch each part pays: row, stretch, share of 1.
fn shares<'a>(
    data: &'a [u8],
    parts: &'a [(usize, FileRange)],
) -> impl Iterator<Item = (usize, usize, f64)> + 'a {
    let mut prices = (usize::MAX, [0.0; 256], 0.0);
    parts.iter().flat_map(cut).map(move |(row, stretch, from, to)| {
        if prices.0 != stretch {
            let begin = stretch * STRETCH;
            let bytes = begin..data.len().min(begin + STRETCH);
            let price = histogram(&data[bytes.clone()]).map(|count| rarity(count, bytes.len()));
            prices = (stretch, price, worth(data, bytes, &price));
        }
        let (_, price, sum) = &prices;
        (row, stretch, worth(data, from..to, price) / sum)
    })
}

/// Cuts a part at the borders of stretches: row, stretch, first byte, end.
fn cut(&(row, range): &(usize, FileRange)) -> impl Iterator<Item = (usize, usize, usize, usize)> {
    // A file that is in memory has offsets that fit.
    let offset = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    let (start, end) = (offset(range.start()), offset(range.end()));
    (start / STRETCH..end.div_ceil(STRETCH)).map(move |stretch| {
        let begin = stretch * STRETCH;
        (row, stretch, start.max(begin), end.min(begin + STRETCH))
    })
}

/// What bytes pay in all; a byte that repeats the one before, a sixteenth.
fn worth(data: &[u8], bytes: Range<usize>, price: &[f64; 256]) -> f64 {
    let before = bytes.start.checked_sub(1).and_then(|at| data.get(at)).copied();
    let mut before = before.map_or(-1, i16::from);
    let mut sum = 0.0;
    for &byte in &data[bytes] {
        let repeats = before == i16::from(byte);
        sum += price[usize::from(byte)] * if repeats { 1.0 / 16.0 } else { 1.0 };
        before = i16::from(byte);
    }
    sum
}

/// Bits that a value is worth; one that is everywhere is worth next to nothing, and not nothing,
/// so that a stretch of one value has a price as well.
fn rarity(count: u32, of: usize) -> f64 {
    (of as f64 / f64::from(count.max(1))).log2() + 1e-3
}

fn histogram(bytes: &[u8]) -> [u32; 256] {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] = counts[usize::from(*byte)].saturating_add(1);
    }
    counts
}

/// Bits that bytes of these counts hold by their values alone.
fn bits(counts: &[u32; 256]) -> f64 {
    let all: f64 = counts.iter().map(|count| f64::from(*count)).sum();
    let held = counts.iter().filter(|count| **count > 0).map(|count| {
        let count = f64::from(*count);
        count * (all / count).log2()
    });
    held.sum()
}

/// Bits of entropy in a byte of each row.
fn entropies(data: &[u8], parts: &[(usize, FileRange)], rows: usize) -> Vec<f64> {
    let mut parts: Vec<_> = parts.iter().flat_map(cut).collect();
    parts.sort_unstable();
    let mut entropies = vec![0.0; rows];
    for row in parts.chunk_by(|one, next| one.0 == next.0) {
        let mut counts = [0_u32; 256];
        for (_, _, from, to) in row {
            for byte in &data[*from..*to] {
                counts[usize::from(*byte)] = counts[usize::from(*byte)].saturating_add(1);
            }
        }
        let all: f64 = counts.iter().map(|count| f64::from(*count)).sum();
        entropies[row[0].0] = bits(&counts) / all.max(1.0);
    }
    entropies
}

/// Rounds prices to bytes that add up to the total: the largest remainders are rounded up.
fn whole(prices: &[f64], total: u64) -> Vec<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a price is between 0 and the size of a file"
    )]
    let mut bytes: Vec<u64> = prices.iter().map(|price| price.floor() as u64).collect();
    let left = total.saturating_sub(bytes.iter().sum());
    let mut order: Vec<usize> = (0..prices.len()).collect();
    order.sort_by(|a, b| prices[*b].fract().total_cmp(&prices[*a].fract()).then(a.cmp(b)));
    for at in order.into_iter().cycle().take(usize::try_from(left).unwrap_or(0)) {
        bytes[at] += 1;
    }
    bytes
}

/// Counts what is written to it.
#[derive(Debug, Default)]
struct Count(u64);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// gzip -6. It gives out when it likes, so it is made to at each border, and what that costs is
/// taken off again in proportion.
fn gzip(data: &[u8]) -> io::Result<Vec<u64>> {
    let encoder = || GzEncoder::new(Count::default(), Compression::new(6));
    let mut plain = encoder();
    plain.write_all(data)?;
    let total = plain.finish()?.0;
    let (mut flushed, mut added, mut before) = (encoder(), Vec::new(), 0);
    for stretch in data.chunks(STRETCH) {
        flushed.write_all(stretch)?;
        flushed.flush()?;
        added.push((flushed.get_ref().0 - before) as f64);
        before = flushed.get_ref().0;
    }
    let scale = total as f64 / added.iter().sum::<f64>().max(1.0);
    added.iter_mut().for_each(|it| *it *= scale);
    Ok(whole(&added, total))
}

/// zstd -19, which gives out a block for each that it has taken in.
fn zstd(data: &[u8]) -> io::Result<Vec<u64>> {
    let mut encoder = zstd::stream::write::Encoder::new(Count::default(), 19)?;
    encoder.set_pledged_src_size(Some(data.len() as u64))?;
    let (mut added, mut before) = (Vec::new(), 0);
    for stretch in data.chunks(STRETCH) {
        encoder.write_all(stretch)?;
        added.push(encoder.get_ref().0 - before);
        before = encoder.get_ref().0;
    }
    let total = encoder.finish()?.0;
    Ok(with_rest(added, total))
}

/// xz -6, flushed at each border, which costs it a few bytes each.
fn lzma(data: &[u8]) -> io::Result<Vec<u64>> {
    let mut stream = Stream::new_easy_encoder(6, Check::Crc64).map_err(io::Error::from)?;
    let (mut added, mut before) = (Vec::new(), 0);
    let mut out = Vec::with_capacity(1 << 16);
    let mut feed = |mut input: &[u8], action: Action| -> io::Result<u64> {
        loop {
            out.clear();
            let taken = stream.total_in();
            let status = stream.process_vec(input, &mut out, action).map_err(io::Error::from)?;
            let taken = usize::try_from(stream.total_in() - taken).unwrap_or(input.len());
            input = &input[taken..];
            if status == Status::StreamEnd {
                return Ok(stream.total_out());
            }
        }
    };
    for stretch in data.chunks(STRETCH) {
        let total = feed(stretch, Action::SyncFlush)?;
        added.push(total - before);
        before = total;
    }
    let total = feed(&[], Action::Finish)?;
    Ok(with_rest(added, total))
}

/// Adds what came at the end, an index or a last block, to the last stretch.
fn with_rest(mut added: Vec<u64>, total: u64) -> Vec<u64> {
    let sum: u64 = added.iter().sum();
    if let Some(last) = added.last_mut() {
        *last += total - sum;
    }
    added
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Zeros, then bytes that nothing can make smaller.
    fn file() -> Vec<u8> {
        let mut seed = 1_u32;
        let mut noise = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            seed.to_be_bytes()[0]
        };
        let zeros = std::iter::repeat_n(0, 3 * STRETCH / 2);
        zeros.chain((0..STRETCH).map(|_| noise())).collect()
    }

    #[test]
    fn prices_add_up_and_noise_pays_for_zeros() {
        let data = file();
        let border = 3 * STRETCH as u64 / 2;
        let parts = [
            (0, FileRange::between(0, 1000)),
            (1, FileRange::between(1000, border)),
            (2, FileRange::between(border, data.len() as u64)),
        ];
        let (rows, file) = charge(&data, &parts, 3).unwrap();
        for of in [|it: &Download| it.gzip, |it: &Download| it.zstd, |it: &Download| it.lzma] {
            assert_eq!(rows.iter().map(of).sum::<u64>(), of(&file));
            assert!(of(&rows[0]) < 20 && of(&rows[1]) < 2000, "{rows:?}");
            assert!(of(&rows[2]) > STRETCH as u64 * 97 / 100, "{rows:?}");
        }
        assert!(rows[0].entropy == 0.0 && rows[2].entropy > 7.9, "{rows:?}");
    }

    #[test]
    fn the_total_is_what_the_tools_would_send() {
        let data = file();
        let (_, file) = charge(&data, &[(0, FileRange::between(0, data.len() as u64))], 1).unwrap();
        let mut gzip = GzEncoder::new(Vec::new(), Compression::new(6));
        gzip.write_all(&data).unwrap();
        assert_eq!(file.gzip, gzip.finish().unwrap().len() as u64);
        let xz = liblzma::encode_all(&data[..], 6).unwrap().len() as u64;
        assert!(file.lzma.abs_diff(xz) < 200, "{} {xz}", file.lzma);
    }

    #[test]
    fn an_empty_file_costs_no_row_anything() {
        let (rows, _) = charge(&[], &[], 2).unwrap();
        assert_eq!((rows[0].gzip, rows[1].lzma, rows[1].entropy), (0, 0, 0.0));
    }
}
