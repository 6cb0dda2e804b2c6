//! The hash of a module's files, as the checksum database has it: `h1:` and SHA-256 in base64.
//!
//! Format: golang.org/x/mod/sumdb/dirhash (in golang/go src/cmd/vendor, go1.26), Hash1.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Gathers files for the hash; each line of it is a file's SHA-256, two spaces, and its name.
#[derive(Debug, Default)]
pub(crate) struct DirHash(BTreeMap<String, String>);

impl DirHash {
    /// Adds a file by its name in the module's zip and the SHA-256 of its content.
    pub(crate) fn add(&mut self, name: String, content: &[u8]) {
        self.0.insert(name, hex(content));
    }

    /// Gives the hash: `h1:…`.
    pub(crate) fn finish(&self) -> String {
        let mut hash = Sha256::new();
        for (name, content) in &self.0 {
            hash.update(format!("{content}  {name}\n"));
        }
        format!("h1:{}", base64(&hash.finalize()))
    }
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Base64 of RFC 4648 with padding.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_usize, |group, byte| group << 8 | usize::from(*byte));
        let group = group << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = LETTERS[group >> (18 - 6 * place) & 63];
            text.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_padded() {
        let pairs =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")];
        for (text, expected) in pairs {
            assert_eq!(base64(text.as_bytes()), expected);
        }
    }

    /// Expected: of sha256sum, over its own lines for the two files.
    #[test]
    fn the_hash_is_that_of_go_sum() {
        let mut hash = DirHash::default();
        hash.add("m@v1.0.0/go.mod".into(), &Sha256::digest("module m\n"));
        hash.add("m@v1.0.0/a.go".into(), &Sha256::digest("package m\n"));
        assert_eq!(hash.finish(), "h1:exj742mZOS+hMSya0MBBswVVh9ip8vZgmJ15akDldiY=");
    }
}
