//! Which file system holds a path, and what it is like.
//!
//! A line of /proc/self/mounts has six fields. Options may hold `;` and `\`, and a source spaces, so
//! fields are counted from the end; octal escapes stand for what would part them.

use std::path::Path;

/// A mounted file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// One-based line of the table.
    pub line: usize,
    /// As the table has it.
    pub text: String,
    /// What is mounted.
    pub source: String,
    /// Where.
    pub point: String,
    /// The type of the file system.
    pub kind: String,
    /// Its options, parted by commas.
    pub options: String,
}

/// The table of mounts.
#[derive(Debug, Clone, Default)]
pub struct Mounts(Vec<Mount>);

impl Mounts {
    /// Reads the text of a table; a line that is none is left out.
    pub fn parse(text: &str) -> Mounts {
        let mounts = text.lines().enumerate().filter_map(|(index, line)| {
            let fields: Vec<&str> = line.rsplitn(6, ' ').collect();
            let [_, _, options, kind, point, source] = fields[..] else { return None };
            Some(Mount {
                line: index + 1,
                text: line.to_owned(),
                source: unescaped(source),
                point: unescaped(point),
                kind: kind.to_owned(),
                options: options.to_owned(),
            })
        });
        Mounts(mounts.collect())
    }

    /// The file system that holds an absolute path: the longest mount point above it, the last
    /// where several are mounted over one another.
    pub fn holding(&self, path: &Path) -> Option<&Mount> {
        let above = self.0.iter().filter(|mount| path.starts_with(&mount.point));
        above.max_by_key(|mount| mount.point.len())
    }

    /// Where drives of Windows are mounted.
    pub fn windows_drives(&self) -> Vec<&str> {
        self.windows().map(|mount| mount.point.as_str()).collect()
    }

    /// The drives of Windows.
    pub fn windows(&self) -> impl Iterator<Item = &Mount> {
        self.0.iter().filter(|mount| mount.is_windows())
    }
}

impl Mount {
    /// A drive of Windows. The kind and its tag tell, and not the path: the root of automounts can
    /// be moved.
    ///
    /// Source: microsoft/WSL src/linux/init/drvfs.cpp (2.7).
    pub fn is_windows(&self) -> bool {
        match self.kind.as_str() {
            "drvfs" => true,
            "9p" => self.option("aname").is_some_and(|name| name.starts_with("drvfs")),
            "virtiofs" => self.source.starts_with("drvfs"),
            _ => false,
        }
    }

    /// A file system behind a network, a hypervisor or a process.
    pub fn is_remote(&self) -> bool {
        let kind = self.kind.as_str();
        ["9p", "virtiofs", "nfs", "nfs4", "cifs", "smb3", "ceph", "vboxsf", "fuse"].contains(&kind)
            || (kind.starts_with("fuse.") && kind != "fuse.fuse-overlayfs")
    }

    /// Modes of files last: everywhere but on a drive of Windows without `metadata`.
    pub fn keeps_modes(&self) -> bool {
        // virtiofs shows none of its options; what is not known is not held against it.
        !self.is_windows() || self.kind == "virtiofs" || self.has("metadata")
    }

    /// Says whether an option stands by itself, in the options or in those of 9p's `aname`.
    pub fn has(&self, name: &str) -> bool {
        self.options.split([',', ';']).any(|option| option == name)
    }

    /// The value of an option.
    pub fn option(&self, name: &str) -> Option<&str> {
        let values = self.options.split(',');
        values.filter_map(|option| option.split_once('=')).find(|it| it.0 == name).map(|it| it.1)
    }
}

/// Octal escapes, of which the kernel makes `\040` of a space.
fn unescaped(field: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = field.as_bytes();
    while let [first, after @ ..] = rest {
        let code = rest.get(1..4).and_then(|it| std::str::from_utf8(it).ok());
        let code = code.and_then(|it| u8::from_str_radix(it, 8).ok()).filter(|_| *first == b'\\');
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &rest[4..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drives_of_windows_are_told_by_what_they_are() {
        let mounts = Mounts::parse(
            "/dev/sdc / ext4 rw,relatime 0 0\n\
             C: /win/c drvfs rw,noatime,uid=1000,gid=1000,case=off 0 0\n\
             C:\\134 /mnt/c 9p rw,dirsync,noatime,aname=drvfs;path=C:\\;uid=1000;symlinkroot=/mnt/,mmap,trans=fd 0 0\n\
             D:\\134 /mnt/d 9p rw,aname=drvfs;path=D:\\;metadata,trans=fd 0 0\n\
             drvfsC0 /mnt/v\\040x virtiofs rw,noatime 0 0\n\
             share /srv 9p rw,aname=/,trans=virtio 0 0\n",
        );
        assert_eq!(mounts.windows_drives(), ["/win/c", "/mnt/c", "/mnt/d", "/mnt/v x"]);
        let at = |path: &str| mounts.holding(Path::new(path)).unwrap();
        assert_eq!(at("/mnt/c/src").source, "C:\\");
        assert_eq!(at("/mnt/cc").kind, "ext4");
        assert!(!at("/mnt/c").keeps_modes() && at("/mnt/d").keeps_modes());
        assert!(at("/srv").is_remote() && !at("/srv").is_windows());
    }
}
