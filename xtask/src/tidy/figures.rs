//! Every figure in a README's table stands in the table that the lab, or `elfin claims`, wrote.

use super::Source;
use std::collections::HashMap;

/// Where the READMEs' figures come from.
const RESULTS: &str = "docs/results/server.md";
/// Where those of claims do.
const CLAIMS: &str = "docs/results/claims.md";

/// Finds rows of a README that are not, cell by cell and in order, taken from the results.
pub(super) fn findings(sources: &[Source]) -> Vec<String> {
    let rows = |path: &str| {
        let text = sources.iter().find(|source| source.path == path);
        text.map_or("", |source| &source.text).lines().filter_map(row).collect::<Vec<_>>()
    };
    let measured: HashMap<&str, Vec<&str>> =
        rows(RESULTS).into_iter().filter_map(|row| Some((*row.first()?, row))).collect();
    // Of several programs' tables the first counts.
    let mut judged: HashMap<&str, Vec<&str>> = HashMap::new();
    for row in rows(CLAIMS) {
        judged.entry(row[0]).or_insert(row);
    }
    let mut findings = Vec::new();
    for readme in ["README.md", "README.zh-CN.md"] {
        let quoted = rows(readme);
        if quoted.is_empty() {
            findings.push(format!("{readme}: it has no table of measured recipes"));
        }
        for row in quoted {
            if let Some((id, judged)) = claim(row[0]).and_then(|id| Some((id, judged.get(id)?))) {
                // A verdict is in the reader's language.
                let is_figure = |cell: &&&str| cell.bytes().any(|it| it.is_ascii_digit());
                let mut left = judged.iter();
                if !row[1..].iter().filter(is_figure).all(|cell| left.any(|it| it == cell)) {
                    findings.push(format!("{readme}: {CLAIMS} does not have the figures of {id}"));
                }
                continue;
            }
            let mut left = measured.get(row[0]).map_or(&[][..], Vec::as_slice).iter();
            if !row.iter().all(|cell| left.any(|measured| measured == cell)) {
                let row = row.join(" | ");
                findings.push(format!("{readme}: {RESULTS} does not have the figures of {row}"));
            }
        }
    }
    findings
}

/// The id of a claim, with its marks, where a cell begins with one and goes on in words.
fn claim(cell: &str) -> Option<&str> {
    let end = cell.get(1..)?.find('`')? + 2;
    cell[end..].starts_with(' ').then(|| &cell[..end])
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

    #[test]
    fn so_is_one_of_a_claim_whatever_its_words() {
        let lab = source(RESULTS, "| `pie` | ok | 13,045,936 |\n");
        let claims = source(CLAIMS, "| `1.pie` | −5.1 % | 7.4 % | – | does not hold |\n");
        let readme = |path: &str, text: &str| {
            source(path, &format!("| `pie` | 13,045,936 |\n| `1.pie` PIE | {text} |\n"))
        };
        let sound = readme("README.md", "−5.1 % | 7.4 % | 不成立");
        let stale = readme("README.zh-CN.md", "−5.1 % | 7.5 % | 不成立");
        assert_eq!(
            findings(&[lab, claims, sound, stale]),
            ["README.zh-CN.md: docs/results/claims.md does not have the figures of `1.pie`"]
        );
    }
}
