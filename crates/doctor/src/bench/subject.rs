//! The module that is built in each folder: the user's, or one that is made up.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The most of a module that is copied.
const FILES: usize = 20_000;
const BYTES: u64 = 256 << 20;
/// cmd/go does not trust files that are younger than two seconds.
const OLD: Duration = Duration::from_secs(10);

/// Packages, and files in each, of a module that is made up.
const PACKAGES: usize = 24;
const FILES_EACH: usize = 8;

/// The files of a module, by their path in it.
#[derive(Debug)]
pub(super) struct Subject(Vec<(PathBuf, Vec<u8>)>);

impl Subject {
    /// Reads a module without its repository.
    ///
    /// Fails where it is larger than what should be copied about.
    pub(super) fn of(module: &Path) -> io::Result<Subject> {
        let mut files = Vec::new();
        let mut bytes = 0;
        let mut folders = vec![module.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder)? {
                let entry = entry?;
                let (path, kind) = (entry.path(), entry.file_type()?);
                if kind.is_dir() {
                    if !entry.file_name().to_string_lossy().starts_with(".") {
                        folders.push(path);
                    }
                } else if kind.is_file() {
                    bytes += entry.metadata()?.len();
                    if bytes > BYTES || files.len() >= FILES {
                        let says = "too large to be copied to each folder (256 MiB, 20,000 files)";
                        return Err(io::Error::other(says));
                    }
                    let name = path.strip_prefix(module).unwrap_or(&path).to_owned();
                    files.push((name, fs::read(&path)?));
                }
            }
        }
        Ok(Subject(files))
    }

    /// A module of many small packages, each of which imports the one before it.
    pub(super) fn made_up() -> Subject {
        let mut files = vec![(PathBuf::from("go.mod"), b"module bench\n\ngo 1.21\n".to_vec())];
        for package in 0..PACKAGES {
            for file in 0..FILES_EACH {
                let mut text = format!("package p{package}\n\n");
                if file == 0 && package > 0 {
                    let below = package - 1;
                    text.push_str(&format!(
                        "import \"bench/p{below}\"\n\nvar Below = p{below}.F0\n\n"
                    ));
                }
                text.push_str(&format!(
                    "// F{file} counts.\nfunc F{file}(n int) int {{\n\tsum := {package}\n\tfor i := range make([]int, n) {{\n\t\tsum += i * {file}\n\t}}\n\treturn sum\n}}\n"
                ));
                files.push((PathBuf::from(format!("p{package}/f{file}.go")), text.into_bytes()));
            }
        }
        let last = PACKAGES - 1;
        let main = format!(
            "package main\n\nimport \"bench/p{last}\"\n\nfunc main() {{\n\tprintln(p{last}.F1(3))\n}}\n"
        );
        files.push((PathBuf::from("main.go"), main.into_bytes()));
        Subject(files)
    }

    pub(super) fn files(&self) -> usize {
        self.0.len()
    }

    pub(super) fn bytes(&self) -> u64 {
        self.0.iter().map(|(_, content)| content.len() as u64).sum()
    }

    /// Writes the module into a folder.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        for (name, content) in &self.0 {
            let path = folder.join(name);
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(path, content)?;
        }
        Ok(())
    }

    /// Changes every Go file, so that every package of the module is compiled again, and makes
    /// them look as old as files mostly are.
    pub(super) fn change(&self, folder: &Path, salt: usize) -> io::Result<()> {
        let is_go = |name: &Path| name.extension().is_some_and(|it| it == "go");
        for (name, content) in self.0.iter().filter(|(name, _)| is_go(name)) {
            let mut file = File::create(folder.join(name))?;
            file.write_all(content)?;
            file.write_all(format!("\n// {salt}\n").as_bytes())?;
            file.set_modified(SystemTime::now() - OLD)?;
        }
        Ok(())
    }
}

/// The bytes of the files below a folder.
pub(super) fn size(folder: &Path) -> u64 {
    let mut bytes = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(data) if data.is_dir() => folders.push(entry.path()),
                Ok(data) => bytes += data.len(),
                Err(_) => {}
            }
        }
    }
    bytes
}

/// Copies a folder with what is in it.
pub(super) fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_changes_every_go_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let subject = Subject::made_up();
        subject.write(folder.path()).unwrap();
        let read = || Subject::of(folder.path()).unwrap();
        let was = read();
        subject.change(folder.path(), 7).unwrap();
        let is = read();
        assert_eq!(was.files(), subject.files());
        for ((name, before), (_, after)) in was.0.iter().zip(&is.0) {
            assert_eq!(before != after, name.extension().unwrap() == "go", "{name:?}");
        }
        let time = fs::metadata(folder.path().join("main.go")).unwrap().modified().unwrap();
        assert!(SystemTime::now().duration_since(time).unwrap() >= OLD);
    }
}
