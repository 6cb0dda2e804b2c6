//! A recipe: a variant and an ordered list of stages.

use crate::source::Package;
use crate::stage::{Stage, StageError};
use crate::variant::{BASELINE, Variant, VariantError, quote};
use std::fmt;
use std::str::FromStr;

/// A variant and what is done to it, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Recipe {
    /// How it is built.
    pub variant: Variant,
    /// What is done to the built file.
    pub stages: Vec<Stage>,
}

/// A notation that is not a recipe's.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RecipeError {
    /// The first part is neither a variant nor a stage.
    #[error("in the recipe {recipe:?}: {source}")]
    Variant {
        /// The recipe.
        recipe: String,
        /// What was wrong.
        source: VariantError,
    },
    /// A later part is not a stage.
    #[error("in the recipe {recipe:?}: {source}")]
    Stage {
        /// The recipe.
        recipe: String,
        /// What was wrong.
        source: StageError,
    },
}

impl Recipe {
    /// A recipe of the variant that sets nothing.
    pub fn of_stages(stages: &[Stage]) -> Recipe {
        Recipe { variant: Variant::default(), stages: stages.to_vec() }
    }

    /// True for the untouched baseline.
    pub fn is_baseline(&self) -> bool {
        *self == Recipe::default()
    }

    /// The command lines that make a program called `app` from a package, ready to paste.
    pub(crate) fn commands(&self, package: Option<&Package>) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(package) = package {
            lines.extend(package.folder.as_ref().map(|folder| format!("cd {}", quote(folder))));
            lines.push(self.variant.command(package));
        }
        for stage in &self.stages {
            lines.push(format!("{} && mv app.out app", stage.command("app", "app.out")));
        }
        lines
    }
}

impl fmt::Display for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        // `pie` alone is the variant, so a recipe whose first stage is the
        // relink spells its baseline out.
        let spelled = self.stages.first() == Some(&Stage::Relink);
        if self.stages.is_empty() || self.variant != Variant::default() || spelled {
            parts.push(self.variant.to_string());
        }
        parts.extend(self.stages.iter().map(Stage::to_string));
        f.write_str(&parts.join(" > "))
    }
}

impl FromStr for Recipe {
    type Err = RecipeError;

    fn from_str(text: &str) -> Result<Self, RecipeError> {
        let mut parts = text.split('>').map(str::trim).peekable();
        let first = parts.peek().copied().unwrap_or(BASELINE);
        let stage_first = first != "pie" && first.parse::<Stage>().is_ok();
        let variant = if stage_first {
            Variant::default()
        } else {
            parts.next();
            let wrong = |source| RecipeError::Variant { recipe: text.to_owned(), source };
            first.parse().map_err(wrong)?
        };
        let wrong = |source| RecipeError::Stage { recipe: text.to_owned(), source };
        let stages = parts.map(str::parse).collect::<Result<_, _>>().map_err(wrong)?;
        Ok(Recipe { variant, stages })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_reads_back_as_itself() {
        for name in [
            "baseline",
            "pie > strip:s > upx:best-lzma",
            "strip:s > pie > upx:best",
            "baseline > pie",
            "cgo0+ldflags(-s -w) > upx:best",
        ] {
            assert_eq!(name.parse::<Recipe>().unwrap().to_string(), name);
        }
    }

    #[test]
    fn pie_builds_a_pie_when_first_and_links_again_when_later() {
        let first: Recipe = "pie > strip:s".parse().unwrap();
        assert!(first.variant.pie);
        let later: Recipe = "strip:s > pie".parse().unwrap();
        assert!(!later.variant.pie);
        assert_eq!(later.stages[1], Stage::Relink);
    }

    #[test]
    fn a_wrong_part_is_named() {
        let error = "pie > shrink".parse::<Recipe>().unwrap_err().to_string();
        assert!(error.contains("\"shrink\" is not a stage"), "{error}");
        let error = "fast > strip:s".parse::<Recipe>().unwrap_err().to_string();
        assert!(error.contains("\"fast\" is not a build setting"), "{error}");
    }
}
