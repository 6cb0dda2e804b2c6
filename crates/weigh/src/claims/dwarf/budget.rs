//! What may be kept of DWARF, so that a small file that inflates enormously costs little.

/// Bytes for a file of any size, above its own.
const FOR_ALL: u64 = 32 << 20;

/// Bytes of memory that are left for tables, abbreviations, names and parts of one file.
///
/// What was taken is not given back: it bounds the work as well.
#[derive(Debug)]
pub(crate) struct Budget {
    left: u64,
}

impl Budget {
    /// Opens the budget of a file of so many bytes, in two halves for what is read at once.
    pub(crate) fn halves(file: u64) -> [Budget; 2] {
        let left = file / 2 + FOR_ALL / 2;
        [Budget { left }, Budget { left }]
    }

    /// Takes so many bytes.
    ///
    /// Returns an error that tells what is too large, if so many are not left.
    pub(crate) fn take(&mut self, bytes: u64, what: &str) -> Result<(), String> {
        self.allows(bytes, what)?;
        self.left -= bytes;
        Ok(())
    }

    /// Returns an error that tells what is too large, if so many bytes are not left.
    pub(crate) fn allows(&self, bytes: u64, what: &str) -> Result<(), String> {
        if bytes <= self.left {
            return Ok(());
        }
        let left = self.left;
        Err(format!("{what} would take {bytes} bytes, of a file of this size {left} are left"))
    }
}
