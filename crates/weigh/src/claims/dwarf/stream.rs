//! The bytes of a section, decompressed as far as they are read and no further.

use elfin_elf::{Contents, ElfFile, Section};
use elfin_model::FileRange;
use std::io::{ErrorKind, Read};

/// No DWARF shrinks to less than a part in so many; a header that says so lies.
const MOST_INFLATED: u64 = 64;
/// What is read at a time; no entry that is looked into is longer.
pub(crate) const WINDOW: usize = 64 << 10;

/// A section that is read from its beginning to its end.
pub(crate) struct Stream<'a> {
    reader: Box<dyn Read + 'a>,
    /// Where the section stands in the file.
    range: FileRange,
    size: u64,
    plain: bool,
    window: Vec<u8>,
    /// Where in the window what is not read yet begins.
    at: usize,
    /// Bytes before that, since the beginning.
    passed: u64,
}

impl<'a> Stream<'a> {
    /// Opens a section; `None` if it is compressed in a way that is not known, or says that more
    /// comes out of it than can.
    pub(crate) fn open(file: &ElfFile<'a>, section: &Section<'_>) -> Option<Stream<'a>> {
        let (reader, size, plain): (Box<dyn Read + 'a>, _, _) = match file.compression(section) {
            Contents::Plain(bytes) => (Box::new(bytes), bytes.len() as u64, true),
            Contents::Zlib { stream, size } => {
                (Box::new(flate2::read::ZlibDecoder::new(stream)), size, false)
            }
            Contents::Zstd { stream, size } => {
                (Box::new(zstd::stream::read::Decoder::with_buffer(stream).ok()?), size, false)
            }
            Contents::Unknown(_) => return None,
        };
        let possible = section.size.saturating_mul(MOST_INFLATED);
        (size <= possible).then(|| Stream {
            reader,
            range: section.range(),
            size,
            plain,
            window: Vec::new(),
            at: 0,
            passed: 0,
        })
    }

    /// Bytes of the section, decompressed.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// True if the section is not compressed.
    pub(crate) fn is_plain(&self) -> bool {
        self.plain
    }

    /// Bytes read so far.
    pub(crate) fn position(&self) -> u64 {
        self.passed
    }

    /// The bytes of the file for a part of the section: of a compressed one in proportion.
    pub(crate) fn file_range(&self, start: u64, end: u64) -> FileRange {
        let place = |at: u64| {
            let stored = u128::from(self.range.bytes());
            let part = stored * u128::from(at.min(self.size)) / u128::from(self.size.max(1));
            self.range.start() + u64::try_from(part).unwrap_or(0)
        };
        FileRange::between(place(start), place(end))
    }

    /// Shows the next bytes, as many as are asked for and left, at most a window of them.
    ///
    /// Returns an error with what the decompressor says.
    pub(crate) fn peek(&mut self, bytes: usize) -> Result<&[u8], String> {
        let bytes = bytes.min(WINDOW);
        if self.window.len() - self.at < bytes {
            self.window.drain(..self.at);
            self.at = 0;
            self.fill()?;
        }
        let rest = self.window.get(self.at..).unwrap_or_default();
        Ok(rest.get(..bytes).unwrap_or(rest))
    }

    /// Goes on by so many bytes; beyond the end, to the end.
    ///
    /// Returns an error with what the decompressor says.
    pub(crate) fn skip(&mut self, bytes: u64) -> Result<(), String> {
        let mut left = bytes.min(self.size.saturating_sub(self.passed));
        while left > 0 {
            let here = self.peek(WINDOW)?.len() as u64;
            let step = left.min(here);
            if step == 0 {
                self.passed = self.size; // It ends before it said.
                return Ok(());
            }
            self.at += usize::try_from(step).unwrap_or(0);
            self.passed += step;
            left -= step;
        }
        Ok(())
    }

    /// All bytes of the section.
    ///
    /// Returns an error with what the decompressor says.
    pub(crate) fn whole(mut self) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::with_capacity(usize::try_from(self.size).unwrap_or(0));
        let read = (&mut self.reader).take(self.size).read_to_end(&mut bytes);
        read.map_err(|error| error.to_string())?;
        Ok(bytes)
    }

    fn fill(&mut self) -> Result<(), String> {
        let start = self.window.len();
        self.window.resize(2 * WINDOW, 0);
        let mut end = start;
        while let Some(room @ [_, ..]) = self.window.get_mut(end..) {
            match self.reader.read(room) {
                Ok(0) => break,
                Ok(bytes) => end += bytes,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.to_string()),
            }
        }
        self.window.truncate(end);
        Ok(())
    }
}
