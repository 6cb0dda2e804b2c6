//! Every figure in a README's table stands in the table that the lab wrote.

use super::Source;
use std::collections::HashMap;

/// Where the READMEs' figures come from.
const RESULTS: &str = "docs/results/server.md";

/// Finds rows of a README that are not, cell by cell and in order, taken from the results.
pub(super) fn findings(sources: &[Source]) -> Vec<String> {
    let rows = |path: &str| {
        let text = sources.iter().find(|source| source.path == path);
        text.map_or("", |source| &source.text).lines().filter_map(row).collect::<Vec<_>>()
    };
    let measured: HashMap<&str, Vec<&str>> =
        rows(RESULTS).into_iter().filter_map(|row| Some((*row.first()?, row))).collect();
    let mut findings = Vec::new();
    for readme in ["README.md", "README.zh-CN.md"] {
        let quoted = rows(readme);
        if quoted.is_empty() {
            findings.push(format!("{readme}: it has no table of measured recipes"));
        }
        for row in quoted {
            let mut left = measured.get(row[0]).map_or(&[][..], Vec::as_slice).iter();
            if !row.iter().all(|cell| left.any(|measured| measured == cell)) {
                let row = row.join(" | ");
                findings.push(format!("{readme}: {RESULTS} does not have the figures of {row}"));
            }
        }
    }
    findings
}

/// The cells of a table's row that is about a recipe, without the marks of emphasis.
fn row(line: &str) -> Option<Vec<&str>> {
    let cells = line.strip_prefix('|')?.strip_suffix('|')?;
    let cells: Vec<&str> = cells.split('|').map(|cell| cell.trim().trim_matches('*')).collect();
    cells[0].starts_with('`').then_some(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn a_figure_that_was_not_measured_is_found() {
        let results = source(RESULTS, "| **`pie`** | ok | 13,045,936 | +7.4% |\n");
        let sound = || source("README.md", "| `pie` | 13,045,936 | +7.4% |\n");
        let stale = source("README.zh-CN.md", "| `pie` | 13,045,936 | −9.3% |\n");
        let found = findings(&[results, sound(), stale]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("README.zh-CN.md: ") && found[0].contains("−9.3%"));
    }
}
