//! The archive that a kernel unpacks into its first file system.
//!
//! Format: cpio newc, as in linux Documentation/driver-api/early-userspace/buffer-format.rst (6.1).

use std::collections::BTreeMap;
use std::path::Path;

/// Files and folders by their paths; folders above a file come of themselves.
#[derive(Debug, Clone, Default)]
pub(crate) struct Initramfs(BTreeMap<String, Entry>);

#[derive(Debug, Clone)]
struct Entry {
    mode: u32,
    content: Vec<u8>,
}

const FOLDER: u32 = 0o040_755;
const FILE: u32 = 0o100_000;

impl Initramfs {
    pub(crate) fn folder(&mut self, path: &str) {
        for above in Path::new(path).ancestors() {
            let name = above.to_string_lossy().trim_start_matches('/').to_owned();
            if !name.is_empty() {
                self.0.entry(name).or_insert(Entry { mode: FOLDER, content: Vec::new() });
            }
        }
    }

    pub(crate) fn file(&mut self, path: &str, content: &[u8], mode: u32) {
        if let Some(folder) = Path::new(path).parent() {
            self.folder(&folder.to_string_lossy());
        }
        let entry = Entry { mode: FILE | mode, content: content.to_vec() };
        self.0.insert(path.trim_start_matches('/').to_owned(), entry);
    }

    pub(crate) fn finish(&self) -> Vec<u8> {
        let mut archive = Vec::new();
        for (index, (name, entry)) in self.0.iter().enumerate() {
            append(&mut archive, index + 1, name, entry);
        }
        append(&mut archive, 0, "TRAILER!!!", &Entry { mode: 0, content: Vec::new() });
        archive
    }
}

fn append(archive: &mut Vec<u8>, inode: usize, name: &str, entry: &Entry) {
    let size = entry.content.len();
    let name_size = name.len() + 1;
    let mode = entry.mode;
    // Magic, inode, mode, owner, group, links, time, size, four device numbers, name, check.
    let header = format!(
        "070701{inode:08x}{mode:08x}{0:08x}{0:08x}{1:08x}{0:08x}{size:08x}{0:08x}{0:08x}{0:08x}{0:08x}{name_size:08x}{0:08x}",
        0, 1
    );
    archive.extend(header.as_bytes());
    archive.extend(name.as_bytes());
    archive.push(0);
    archive.resize(archive.len().next_multiple_of(4), 0);
    archive.extend(&entry.content);
    archive.resize(archive.len().next_multiple_of(4), 0);
}
