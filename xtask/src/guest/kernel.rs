//! Debian's kernel, from its package: the image, and modules with what they need.

use crate::shell;
use anyhow::{Context, Result, ensure};
use object::{Object, ObjectSection};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The package that depends on the kernel of the day.
const PACKAGE: &str = "linux-image-amd64";

/// A kernel that is unpacked.
#[derive(Debug)]
pub(crate) struct Kernel {
    /// What is started.
    pub(crate) image: PathBuf,
    /// Files by the names of modules, where `-` is `_`.
    modules: BTreeMap<String, PathBuf>,
}

impl Kernel {
    /// Takes what is unpacked in a folder, or fetches the package and unpacks it there.
    ///
    /// Fails where there is no apt and nothing is unpacked.
    pub(crate) fn find(folder: &Path) -> Result<Kernel> {
        let root = folder.join("kernel");
        if !root.exists() {
            fetch(folder, &root)?;
        }
        let entries = fs::read_dir(root.join("boot"))?.flatten().map(|entry| entry.path());
        let is_image = |path: &PathBuf| path.to_string_lossy().contains("/vmlinuz-");
        let image = entries.into_iter().find(is_image).context("the package has no vmlinuz")?;
        let mut modules = BTreeMap::new();
        let mut folders = vec![root.join("lib/modules")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder)?.flatten() {
                let path = entry.path();
                if entry.file_type()?.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|it| it == "ko") {
                    let name = path.file_stem().unwrap_or_default().to_string_lossy();
                    modules.insert(name.replace('-', "_"), path);
                }
            }
        }
        Ok(Kernel { image, modules })
    }

    /// The files of modules in an order in which they can be loaded; what is built in is left out.
    pub(crate) fn with_what_they_need(&self, names: &[&str]) -> Result<Vec<PathBuf>> {
        // ext4 asks for this one by name when it mounts, which the table does not tell.
        let mut order = Vec::new();
        for name in ["crc32c_generic"].iter().chain(names) {
            self.put(name, &mut order)?;
        }
        Ok(order)
    }

    fn put(&self, name: &str, order: &mut Vec<PathBuf>) -> Result<()> {
        let Some(file) = self.modules.get(&name.replace('-', "_")) else { return Ok(()) };
        if order.contains(file) {
            return Ok(());
        }
        let data = fs::read(file)?;
        let object = object::File::parse(&*data).with_context(|| file.display().to_string())?;
        let information = object.section_by_name(".modinfo").context("no .modinfo")?;
        let information = String::from_utf8_lossy(information.data()?).into_owned();
        let needs = information.split('\0').find_map(|line| line.strip_prefix("depends="));
        for need in needs.unwrap_or_default().split(',').filter(|it| !it.is_empty()) {
            self.put(need, order)?;
        }
        order.push(file.clone());
        Ok(())
    }
}

fn fetch(folder: &Path, root: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let says = shell::asks(Command::new("apt-cache").args(["depends", PACKAGE]))
        .context("the guest's kernel is a package of Debian: no apt-cache here")?;
    let package = says
        .lines()
        .find_map(|line| line.trim().strip_prefix("Depends: "))
        .filter(|name| name.starts_with("linux-image"))
        .with_context(|| format!("{PACKAGE} is not known; `apt-get update` first"))?;
    let scratch = tempfile::tempdir_in(folder)?;
    let mut download = Command::new("apt-get");
    download.args(["-qq", "download", package]).current_dir(scratch.path());
    shell::run(&mut download)?;
    let mut files = fs::read_dir(scratch.path())?.flatten().map(|entry| entry.path());
    let archive = files.find(|it| it.extension().is_some_and(|it| it == "deb"));
    let archive = archive.with_context(|| format!("{package} was not downloaded"))?;
    let unpacked = scratch.path().join("root");
    shell::run(Command::new("dpkg-deb").arg("-x").arg(&archive).arg(&unpacked))?;
    // What another task has unpacked meanwhile does as well.
    if fs::rename(unpacked, root).is_err() {
        ensure!(root.exists(), "{} cannot be made", root.display());
    }
    Ok(())
}
