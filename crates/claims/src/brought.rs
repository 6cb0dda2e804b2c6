//! Documents that were made on other machines, such as WSL2, and brought here to be judged from.
//!
//! A folder is one of `elfin lab`. A file is a document of elfin, known by its schema: a weighing, the
//! receipt of the machine that built what was weighed, or a bench of paths.

use elfin_schema::{
    Experiment, HostKind, PATH_BENCH_SCHEMA, PathBench, RECEIPT_SCHEMA, ReadError, Receipt,
    RecipeRecord, WEIGH_SCHEMA, read_experiment, read_receipt, read_records, read_weighing,
    schema_of,
};
use std::fs;
use std::path::{Path, PathBuf};

/// What was brought.
#[derive(Debug, Default)]
pub struct Brought {
    /// Experiments of the lab.
    pub experiments: Vec<(Experiment, Vec<RecipeRecord>)>,
    /// Weighings, where they lie.
    pub weighings: Vec<PathBuf>,
    /// Receipts, and where they lie.
    pub receipts: Vec<(PathBuf, Receipt)>,
    /// Benches of paths.
    pub path_benches: Vec<PathBench>,
}

/// Why a document cannot be judged from.
#[derive(Debug, thiserror::Error)]
pub enum BroughtError {
    /// It cannot be read.
    #[error(
        "cannot read {}: {source}; give an output folder of elfin lab, or what elfin weigh --json, \
         elfin receipt or elfin doctor --bench --json wrote", path.display()
    )]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is none.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: ReadError,
    },
    /// It is a document of another kind, or none of elfin's.
    #[error(
        "{}: schema {schema:?}; give an output folder of elfin lab, or what elfin weigh --json, \
         elfin receipt or elfin doctor --bench --json wrote", path.display()
    )]
    Other {
        /// The file.
        path: PathBuf,
        /// What it says that it is.
        schema: String,
    },
}

impl Brought {
    /// Takes a folder or a file in.
    ///
    /// Returns an error if it is none that can be judged from.
    pub fn add(&mut self, path: &Path) -> Result<(), BroughtError> {
        let text = |path: &Path| {
            fs::read_to_string(path)
                .map_err(|source| BroughtError::Io { path: path.to_owned(), source })
        };
        let wrong = |path: &Path| {
            let path = path.to_owned();
            move |source| BroughtError::Read { path, source }
        };
        if path.is_dir() {
            let (experiment, records) = (path.join("experiment.json"), path.join("record.jsonl"));
            self.experiments.push((
                read_experiment(&text(&experiment)?).map_err(wrong(&experiment))?,
                read_records(&text(&records)?).map_err(wrong(&records))?,
            ));
            return Ok(());
        }
        let document = text(path)?;
        let schema = schema_of(&document).map_err(wrong(path))?;
        match &*schema {
            WEIGH_SCHEMA => {
                read_weighing(&document).map_err(wrong(path))?;
                self.weighings.push(path.to_owned());
            }
            RECEIPT_SCHEMA => {
                let receipt = read_receipt(&document).map_err(wrong(path))?;
                self.receipts.push((path.to_owned(), receipt));
            }
            PATH_BENCH_SCHEMA => {
                let json = |source| ReadError::Json { line: 1, source };
                let bench = serde_json::from_str(&document).map_err(json).map_err(wrong(path))?;
                self.path_benches.push(bench);
            }
            _ => return Err(BroughtError::Other { path: path.to_owned(), schema }),
        }
        Ok(())
    }

    /// The experiment that was made on WSL2.
    pub(crate) fn experiment_of_wsl2(&self) -> Option<&(Experiment, Vec<RecipeRecord>)> {
        self.experiments.iter().find(|it| it.0.machine.wsl == Some(2))
    }

    /// A weighing with the receipt of the WSL2 that its program was built on.
    pub(crate) fn weighing_of_wsl2(&self) -> Option<(&Path, &Path)> {
        let is_wsl2 =
            |receipt: &Receipt| matches!(receipt.host, HostKind::Wsl2 | HostKind::ContainerOnWsl);
        let (receipt, _) = self.receipts.iter().find(|it| is_wsl2(&it.1))?;
        Some((self.weighings.first()?, receipt))
    }
}
