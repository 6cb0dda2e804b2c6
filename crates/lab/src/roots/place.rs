//! A root as it was given, and as it is put together for builds and starts: what system it is, which
//! libc it has, which C compilers run in it.

use super::RootsError;
use crate::variant::quote;
use elfin_process::{Cancel, Graft, Tool, ToolError, compose_root};
use elfin_schema::RootPlace;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where programs are looked for inside of a root.
pub(super) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const HOSTS: &str = "127.0.0.1 localhost\n::1 localhost\n";
/// What Go takes where nothing else is said.
const GCC: &str = "gcc";
const COMPILERS: [&str; 3] = [GCC, "clang", "cc"];
pub(super) const MUSL_GCC: &str = "musl-gcc";
/// Where distributions have libc.so.6.
const LIBRARIES: [&str; 6] = [
    "lib/x86_64-linux-gnu",
    "usr/lib/x86_64-linux-gnu",
    "lib64",
    "usr/lib64",
    "lib/aarch64-linux-gnu",
    "lib",
];

/// A root that was put together.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) facts: RootPlace,
    /// True of this machine's own root.
    pub(super) own: bool,
    /// Where it stands, put together.
    pub(super) at: PathBuf,
    /// The C compiler that a build with cgo takes: `gcc`, or another's name.
    pub(super) compiler: Option<&'static str>,
    pub(super) has_musl_gcc: bool,
}

impl Place {
    /// Puts a root together and looks at it.
    pub(super) fn compose(
        name: &str,
        path: &Path,
        room: &Path,
        grafts: &[Graft],
        cancel: &Cancel,
    ) -> Result<Place, RootsError> {
        let at = room.join(name);
        let own = ["/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/hosts"].map(Path::new);
        compose_root(path, &at, grafts, &own)?;
        let mut place = Place {
            facts: RootPlace {
                name: name.to_owned(),
                path: path.display().to_string(),
                system: system(path),
                libc: String::new(),
                compilers: Vec::new(),
            },
            own: path == Path::new("/"),
            at,
            compiler: None,
            has_musl_gcc: false,
        };
        let nsswitch = fs::read_to_string(path.join("etc/nsswitch.conf")).ok();
        place.resolve_by(None, nsswitch.as_deref(), "")?;
        place.facts.libc = place.libc(path, cancel)?;
        for name in COMPILERS {
            if place.compiler.is_none() && place.look_at_compiler(name, cancel)? {
                place.compiler = Some(name);
            }
        }
        place.has_musl_gcc = place.look_at_compiler(MUSL_GCC, cancel)?;
        Ok(place)
    }

    /// Writes the files that tell how names are resolved.
    pub(super) fn resolve_by(
        &self,
        resolv_conf: Option<&str>,
        nsswitch: Option<&str>,
        hosts: &str,
    ) -> Result<(), RootsError> {
        let hosts = format!("{HOSTS}{hosts}");
        let files =
            [("resolv.conf", resolv_conf), ("nsswitch.conf", nsswitch), ("hosts", Some(&hosts))];
        for (name, text) in files {
            let path = self.at.join("etc").join(name);
            let written = match text {
                Some(text) => fs::write(&path, text),
                None => fs::remove_file(&path).or_else(|error| match error.kind() {
                    io::ErrorKind::NotFound => Ok(()),
                    _ => Err(error),
                }),
            };
            written.map_err(|source| RootsError::io("write", &path, source))?;
        }
        Ok(())
    }

    /// True if there is a file at an absolute path inside, or a link that may lead to one.
    pub(super) fn has(&self, path: &str) -> bool {
        self.at.join(path.trim_start_matches('/')).symlink_metadata().is_ok()
    }

    fn find(&self, program: &str) -> Option<String> {
        PATH.split(':').map(|folder| format!("{folder}/{program}")).find(|path| self.has(path))
    }

    /// Runs a program inside: what it wrote, or `None` where it cannot be run.
    fn says(&self, program: &str, arguments: &[&str], cancel: &Cancel) -> Asked {
        let tool = Tool::new(program).args(arguments).in_root(&self.at).dir("/");
        match tool.env("PATH", PATH).timeout(Duration::from_secs(20)).run(cancel) {
            Ok(output) => Ok(Some((output.exit.success(), output.stdout, output.stderr))),
            Err(ToolError::Interrupted) => Err(RootsError::interrupted()),
            Err(_) => Ok(None),
        }
    }

    /// Says whether a compiler runs, and writes down what it is.
    fn look_at_compiler(&mut self, name: &str, cancel: &Cancel) -> Result<bool, RootsError> {
        let Some(path) = self.find(name) else { return Ok(false) };
        let Some((true, stdout, _)) = self.says(&path, &["--version"], cancel)? else {
            return Ok(false);
        };
        let text = String::from_utf8_lossy(&stdout);
        self.facts.compilers.push(format!("{name}: {}", text.lines().next().unwrap_or_default()));
        Ok(true)
    }

    /// Which C libraries there are.
    fn libc(&self, root: &Path, cancel: &Cancel) -> Result<String, RootsError> {
        let mut found = Vec::new();
        let glibc = LIBRARIES.iter().map(|folder| root.join(folder).join("libc.so.6"));
        found.extend(glibc.filter_map(|path| glibc_version(&path)).next());
        for arch in ["x86_64", "aarch64"] {
            let loader = format!("/lib/ld-musl-{arch}.so.1");
            if !self.has(&loader) {
                continue;
            }
            // Asked for nothing, it says what it is and fails.
            if let Some((_, _, stderr)) = self.says(&loader, &[], cancel)? {
                let text = String::from_utf8_lossy(&stderr);
                let version = text.lines().find_map(|line| line.strip_prefix("Version "));
                found.extend(version.map(|version| format!("musl {version}")));
            }
        }
        Ok(found.join(" + "))
    }
}

/// What a program wrote, and whether it succeeded; `None` where it could not be run.
type Asked = Result<Option<(bool, Vec<u8>, Vec<u8>)>, RootsError>;

/// What glibc says of itself, from its own bytes.
fn glibc_version(path: &Path) -> Option<String> {
    const MARK: &[u8] = b"GNU C Library ";
    const RELEASE: &str = "release version ";
    const MOST: u64 = 64 << 20;
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(MOST).read_to_end(&mut bytes).ok()?;
    let at = memchr::memmem::find(&bytes, MARK)?;
    let line = bytes[at..].split(|byte| *byte == b'\n').next()?;
    let line = String::from_utf8_lossy(line);
    let (_, version) = line.split_once(RELEASE)?;
    let end = version.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(version.len());
    Some(format!("glibc {}", version[..end].trim_end_matches('.')))
}

/// PRETTY_NAME of a root's os-release.
fn system(root: &Path) -> String {
    let read = |name: &str| fs::read_to_string(root.join(name)).ok();
    let text = read("etc/os-release").or_else(|| read("usr/lib/os-release")).unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    name.unwrap_or_default().trim_matches(['"', '\'']).to_owned()
}

/// Reads `NAME=PATH`.
///
/// Returns an error that says what is wrong with it.
pub fn root_of(text: &str) -> Result<(String, PathBuf), String> {
    let forms = "give --root NAME=PATH, such as --root debian=/srv/roots/debian";
    let (name, path) = text.split_once('=').ok_or(forms)?;
    let plain = |it: char| it.is_ascii_alphanumeric() || "-._".contains(it);
    if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
        return Err(format!("{}: a name has letters, digits, - and .; {forms}", quote(name)));
    }
    let path = Path::new(path);
    let path = fs::canonicalize(path).map_err(|error| format!("{}: {error}", path.display()))?;
    if !path.is_dir() {
        return Err(format!("{} is not a folder; {forms}", path.display()));
    }
    Ok((name.to_owned(), path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_has_a_name_and_a_folder() {
        assert_eq!(root_of("here=/").unwrap(), ("here".to_owned(), PathBuf::from("/")));
        for (text, part) in [
            ("/", "NAME=PATH"),
            ("=/", "a name has letters"),
            ("..=/", "a name has letters"),
            ("a/b=/", "a name has letters"),
            ("x=/no/such/folder", "/no/such/folder: "),
            ("x=/proc/self/status", "is not a folder"),
        ] {
            let says = root_of(text).unwrap_err();
            assert!(says.contains(part), "{text}: {says}");
        }
    }
}
