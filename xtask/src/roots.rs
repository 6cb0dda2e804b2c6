//! Root file systems of other distributions, for what depends on libc, compiler and linker.
//!
//! They lie under target/roots: two Debians by debootstrap, with a C compiler each, and a small one
//! of musl and busybox without any, from Debian's packages. Packages come from wherever apt has
//! them already. A command is run inside of mount and user namespaces, so nothing is left mounted,
//! and only making the Debians takes root.

use crate::setup;
use crate::shell;
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A root file system that can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Root {
    /// glibc 2.36, GCC 12.
    Debian12,
    /// glibc 2.41, GCC 14; also musl-gcc.
    Debian13,
    /// musl and busybox; no compiler.
    Musl,
}

/// What stands in for Debian's keyring where apt's entry names none.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// What makes the small root say what it is.
const MUSL_RELEASE: &str = "ID=elfin-musl\nPRETTY_NAME=\"musl and busybox\"\n";

impl Root {
    pub(crate) const ALL: [Root; 3] = [Root::Debian12, Root::Debian13, Root::Musl];

    /// The name of its folder.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Root::Debian12 => "debian-12",
            Root::Debian13 => "debian-13",
            Root::Musl => "musl",
        }
    }

    /// Where it lies, made or not.
    pub(crate) fn folder(self) -> PathBuf {
        folder().join(self.name())
    }

    /// True if it was made.
    pub(crate) fn is_there(self) -> bool {
        self.folder().is_dir()
    }

    /// Makes it unless it is there; it appears whole.
    fn make(self) -> Result<()> {
        if self.is_there() {
            return Ok(());
        }
        let part = folder().join(format!("{}.part", self.name()));
        if part.exists() {
            fs::remove_dir_all(&part).with_context(|| format!("{}", part.display()))?;
        }
        fs::create_dir_all(&part).with_context(|| format!("{}", part.display()))?;
        match self {
            Root::Debian12 => debian("bookworm", &["gcc", "libc6-dev"], &part)?,
            Root::Debian13 => debian("trixie", &["gcc", "libc6-dev", "musl-tools"], &part)?,
            Root::Musl => musl(&part)?,
        }
        fs::rename(&part, self.folder()).with_context(|| format!("{}", self.folder().display()))
    }

    /// A command that runs in it, with folders and files of outside at places inside.
    ///
    /// It has /proc and /dev of outside, a root user, and of the environment nothing but PATH.
    pub(crate) fn command(self, binds: &[(&Path, &str)], program: &str) -> Command {
        let mut script = String::from("set -e\nroot=$1; shift\n");
        script.push_str(
            "for it in proc dev; do mkdir -p $root/$it; mount --rbind /$it $root/$it; done\n",
        );
        for _ in binds {
            script.push_str(
                "if [ -d \"$1\" ]; then mkdir -p \"$root$2\"; \
                 else mkdir -p \"$(dirname \"$root$2\")\"; touch \"$root$2\"; fi\n\
                 mount --bind \"$1\" \"$root$2\"; shift 2\n",
            );
        }
        script.push_str("exec chroot $root \"$@\"\n");
        let mut command = shell::command("unshare");
        command.args(["--mount", "--map-root-user", "sh", "-c", &script, "sh"]);
        command.arg(self.folder());
        for (outside, inside) in binds {
            command.arg(outside).arg(inside);
        }
        command.arg(program);
        command
            .env_clear()
            .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        command
    }
}

/// Makes every root that is not there.
///
/// Returns an error that names those that could not be made; the others are there.
pub(crate) fn run() -> Result<()> {
    fs::create_dir_all(folder()).with_context(|| format!("{}", folder().display()))?;
    let mut failed = Vec::new();
    for root in Root::ALL {
        match root.make() {
            Ok(()) => println!("{}", root.folder().display()),
            Err(error) => failed.push(format!("{}: {error:#}", root.name())),
        }
    }
    ensure!(failed.is_empty(), "could not be made:\n  {}", failed.join("\n  "));
    Ok(())
}

fn folder() -> PathBuf {
    shell::root().join("target/roots")
}

/// A Debian of a suite, from the mirror that apt takes its own from.
fn debian(suite: &str, packages: &[&str], into: &Path) -> Result<()> {
    if shell::find("debootstrap").is_none() {
        setup::package("debootstrap");
    }
    ensure!(setup::is_root(), "debootstrap needs root: run this once as root");
    let source = setup::debian_source()?;
    let mirror = source.uris.split_whitespace().next().context("apt's entry has no URI")?;
    let keyring = source.signed_by.filter(|it| it.starts_with('/') && !it.contains('\n'));
    let cache = folder().join("packages");
    fs::create_dir_all(&cache).with_context(|| format!("{}", cache.display()))?;
    let mut debootstrap = shell::command("debootstrap");
    debootstrap.arg("--variant=minbase").arg(format!("--include={}", packages.join(",")));
    debootstrap.arg(format!("--keyring={}", keyring.as_deref().unwrap_or(KEYRING)));
    debootstrap.arg(format!("--cache-dir={}", cache.display()));
    shell::run(debootstrap.arg(suite).arg(into).arg(mirror))
}

/// A root in the manner of Alpine: musl's libc and loader, and busybox for everything else.
fn musl(into: &Path) -> Result<()> {
    // Apart from debootstrap's, which may have other versions.
    let packages = folder().join("packages/musl");
    fs::create_dir_all(&packages).with_context(|| format!("{}", packages.display()))?;
    let names = ["musl", "busybox-static"];
    shell::run(
        shell::command("apt-get").args(["-qq", "download"]).args(names).current_dir(&packages),
    )?;
    let mut unpacked = 0;
    for entry in fs::read_dir(&packages)?.flatten() {
        let path = entry.path();
        let file = entry.file_name().to_string_lossy().into_owned();
        if names.iter().any(|name| file.starts_with(&format!("{name}_"))) {
            shell::run(shell::command("dpkg").arg("-x").arg(&path).arg(into))?;
            unpacked += 1;
        }
    }
    if unpacked < names.len() {
        bail!("{} has not all of {}", packages.display(), names.join(", "));
    }
    for name in ["tmp", "etc", "root", "usr/bin", "bin"] {
        fs::create_dir_all(into.join(name))?;
    }
    fs::write(into.join("etc/os-release"), MUSL_RELEASE)?;
    fs::write(into.join("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n")?;
    let busybox = into.join("bin/busybox");
    let list = shell::asks(Command::new(&busybox).arg("--list")).context("busybox does not run")?;
    for name in list.lines().filter(|it| *it != "busybox") {
        let _ = symlink("busybox", into.join("bin").join(name)); // those that are there stay
    }
    Ok(())
}
