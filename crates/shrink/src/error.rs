//! Why a file is not shrunk, or not put together again.

use elfin_elf::image::ImageError;

/// Why a file is left as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShrinkError {
    /// It is not ELF, is damaged, or is of a shape that cannot be edited.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// Something stands behind the end of the program.
    #[error(
        "{bytes} bytes stand at offset {offset:#x}, behind the end of the program: a signature or \
         an archive, which would be lost; shrink first, then sign or append"
    )]
    Appended {
        /// Where they begin.
        offset: u64,
        /// How many there are.
        bytes: u64,
    },
    /// The headers contradict each other.
    #[error("{what} at offset {offset:#x} {says}; the file is damaged")]
    Damaged {
        /// What was being read.
        what: String,
        /// Where it stands.
        offset: u64,
        /// What is wrong with it.
        says: &'static str,
    },
    /// A program header more does not fit.
    #[error("no room for a program header more at offset {offset:#x}; leave that step out")]
    NoRoom {
        /// Where the table of program headers is.
        offset: u64,
    },
    /// The program was shrunk already, and its debug file stands apart.
    #[error(
        "it has a debug file already ({link}), which a new one would replace; \
         give the original, or --no-debug-file"
    )]
    Linked {
        /// The name in its `.gnu_debuglink`.
        link: String,
    },
    /// The debug file is not one that a program can be put together from.
    #[error("the debug file {says}; give the one that `elfin slim` wrote beside this program")]
    NotRestorable {
        /// What is wrong with it.
        says: &'static str,
    },
}
