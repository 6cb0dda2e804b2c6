//! `report.md`: the comparison for a repository or an issue.

use crate::Lang;
use crate::catalogue::{labels, messages, names, sentences};
use crate::clean::{markdown as escape, markdown_block, markdown_code};
use crate::table::Table;
use crate::{columns, facts};
use elfin_schema::{Experiment, Paste, RecipeRecord};
use std::fmt::Write as _;

/// Renders the comparison as Markdown.
pub fn markdown(e: &Experiment, r: &[RecipeRecord], lang: Lang) -> String {
    let answers = facts::answers(e, r);
    let go = escape(&e.subject.go);
    let machine = escape(&sentences::machine(&e.machine));
    let mut out = format!("# {} · {go}\n\n{machine}\n", escape(&e.subject.name));
    if let Some(text) = sentences::unfinished(e, r, lang) {
        let _ = write!(out, "\n**{}**\n", escape(&text));
    }
    let sentences = answers.iter().map(|answer| sentences::answer(answer, lang));
    out.push_str(&list(labels::ANSWERS.to(lang), sentences));
    out.push_str(&heading(labels::COMPARISON.to(lang)));
    out.push_str(&table(&columns::comparison(r, &answers, lang), lang));
    let effects = facts::strip_and_upx(r);
    let effects = effects.iter().map(|effect| sentences::effect(effect, lang));
    out.push_str(&list(labels::DOWNLOAD.to(lang), effects));
    out.push_str(&troubles(r, lang));
    let missing = e.tools.iter().filter(|tool| tool.version.is_none());
    let missing = missing.map(|tool| sentences::missing(tool, lang));
    out.push_str(&list(labels::MISSING.to(lang), missing));
    if let Some((_, pick)) = facts::winner(&answers)
        && let (Some(recipe), Some(text)) = (&pick.recipe, &pick.paste)
    {
        let title = format!("{}: {}", labels::PASTE.to(lang), markdown_code(recipe));
        out.push_str(&(heading(&title) + &paste(text, lang)));
    }
    let findings = e.findings.iter().map(|finding| messages::message(finding, lang));
    out.push_str(&list(labels::FINDINGS.to(lang), findings));
    out.push_str(&list(labels::MEASURED.to(lang), sentences::method(e, r, lang).into_iter()));
    out
}

pub(crate) fn heading(text: &str) -> String {
    format!("\n## {text}\n\n")
}

/// A heading with a list, or nothing where the list is empty.
pub(crate) fn list(title: &str, items: impl Iterator<Item = String>) -> String {
    let items: String = items.map(|item| format!("- {}\n", escape(&item))).collect();
    if items.is_empty() { items } else { heading(title) + &items }
}

/// A table; a row that is a note says so in its second cell.
pub(crate) fn table(table: &Table, lang: Lang) -> String {
    let heads: Vec<String> = table.heads.iter().map(|head| escape(&head.text)).collect();
    let rules = table.heads.iter().map(|head| if head.numeric { "--:" } else { ":--" });
    let mut out = row(&heads) + &row(&rules.map(str::to_owned).collect::<Vec<_>>());
    for line in &table.rows {
        let name = markdown_code(&line.name);
        let name = if line.picked { format!("**{name}**") } else { name };
        let mut cells = vec![name];
        match &line.note {
            Some((status, why)) => {
                let status = names::status(*status).to(lang);
                cells.push(format!("**{status}** {}", escape(why)).trim_end().to_owned());
                cells.resize(heads.len().max(2), String::new());
            }
            None => cells.extend(line.cells.iter().map(|cell| escape(&cell.text))),
        }
        out.push_str(&row(&cells));
    }
    out
}

fn row(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

fn troubles(r: &[RecipeRecord], lang: Lang) -> String {
    let mut out = String::new();
    for trouble in facts::troubles(r) {
        let status = names::status(trouble.status).to(lang);
        let why = trouble.explains.map(|m| escape(&messages::message(m, lang)));
        let recipes = trouble.recipes.iter().map(|recipe| markdown_code(recipe));
        let recipes = recipes.collect::<Vec<_>>().join(", ");
        let _ = write!(out, "**{status}** {}\n\n{recipes}\n\n", why.unwrap_or_default());
        for says in trouble.says {
            let _ = writeln!(out, "{}", markdown_block(says, "text"));
        }
    }
    if out.is_empty() { out } else { heading(labels::FAILURES.to(lang)) + out.trim_end() + "\n" }
}

fn paste(paste: &Paste, lang: Lang) -> String {
    let texts = [
        (labels::SHELL, &paste.shell, "sh"),
        (labels::GORELEASER, &paste.goreleaser, "yaml"),
        (labels::DOCKERFILE, &paste.dockerfile, "dockerfile"),
    ];
    let texts = texts.iter().filter(|(_, text, _)| !text.trim().is_empty());
    let blocks = texts.map(|(label, text, language)| {
        format!("{}\n\n{}", escape(label.to(lang)), markdown_block(text, language))
    });
    blocks.collect::<Vec<_>>().join("\n")
}
