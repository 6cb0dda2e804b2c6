//! The comparison for a terminal: the table, what did not come about, the
//! answers, and the winner as text to paste.

mod grid;
mod wrap;

use crate::Lang;
use crate::catalogue::{labels, messages, names, sentences};
use crate::{clean, columns, facts};
use elfin_schema::{Experiment, Paste, RecipeRecord};

pub(crate) use grid::draw;
pub(crate) use wrap::{shorten, wrap};

/// Draws with escape sequences, or without.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint(pub(crate) bool);

impl Paint {
    fn with(self, code: &str, text: &str) -> String {
        if self.0 { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    pub(crate) fn red(self, text: &str) -> String {
        self.with("31", text)
    }

    pub(crate) fn green(self, text: &str) -> String {
        self.with("32", text)
    }
}

/// Renders the comparison for a terminal of `width` columns.
pub fn terminal(
    e: &Experiment,
    r: &[RecipeRecord],
    lang: Lang,
    width: u16,
    colour: bool,
) -> String {
    let page = Page { width: usize::from(width), paint: Paint(colour), lang };
    let answers = facts::answers(e, r);
    let mut out = page.head(e, r);
    out.push_str(&draw(&columns::comparison(r, &answers, lang), page.width, page.paint, lang));
    out.push_str(&page.troubles(r));
    out.push_str(&page.missing(e));
    out.push_str(&page.download(r));
    out.push_str(&page.findings(e));
    out.push_str(&page.heading(labels::ANSWERS.to(lang)));
    for answer in &answers {
        out.push_str(&page.item(&sentences::answer(answer, lang)));
    }
    if let Some((kind, pick)) = facts::winner(&answers)
        && let (Some(recipe), Some(paste)) = (&pick.recipe, &pick.paste)
    {
        let question = names::question(kind).to(lang);
        let title = format!("{}: {} ({question})", labels::PASTE.to(lang), clean::line(recipe));
        out.push_str(&page.heading(&title));
        out.push_str(&page.paste(paste));
    }
    out
}

/// What every paragraph needs to know of the page.
pub(crate) struct Page {
    pub(crate) width: usize,
    pub(crate) paint: Paint,
    pub(crate) lang: Lang,
}

impl Page {
    fn head(&self, e: &Experiment, r: &[RecipeRecord]) -> String {
        let name = self.paint.bold(&clean::line(&e.subject.name));
        let go = clean::line(&e.subject.go);
        let mut out = format!("{name} · {go}\n{}", self.text(&sentences::machine(&e.machine), ""));
        if let Some(text) = sentences::unfinished(e, r, self.lang) {
            out.push_str(&self.text(&text, ""));
        }
        out.push('\n');
        out
    }

    pub(crate) fn heading(&self, text: &str) -> String {
        format!("\n{}\n", self.paint.bold(text))
    }

    /// A paragraph, wrapped, every line after `indent`.
    pub(crate) fn text(&self, text: &str, indent: &str) -> String {
        let room = self.width.saturating_sub(indent.len());
        wrap(&clean::line(text), room).iter().map(|line| format!("{indent}{line}\n")).collect()
    }

    pub(crate) fn item(&self, text: &str) -> String {
        let text = self.text(text, "    ");
        format!("  • {}", text.trim_start())
    }

    fn troubles(&self, r: &[RecipeRecord]) -> String {
        let troubles = facts::troubles(r);
        if troubles.is_empty() {
            return String::new();
        }
        let mut out = self.heading(labels::FAILURES.to(self.lang));
        for trouble in troubles {
            let why = trouble.explains.map(|m| messages::message(m, self.lang)).unwrap_or_default();
            out.push_str(&self.item(&names::ended(trouble.status, &why, self.lang)));
            out.push_str(&self.text(&trouble.recipes.join(", "), "    "));
            for says in trouble.says {
                for line in clean::block(says).lines() {
                    let line = self.text(line, "    │ ");
                    out.push_str(
                        &line.lines().map(|l| self.paint.dim(l) + "\n").collect::<String>(),
                    );
                }
            }
        }
        out
    }

    fn missing(&self, e: &Experiment) -> String {
        let missing: String = e
            .tools
            .iter()
            .filter(|tool| tool.version.is_none())
            .map(|tool| self.item(&sentences::missing(tool, self.lang)))
            .collect();
        if missing.is_empty() {
            return missing;
        }
        self.heading(labels::MISSING.to(self.lang)) + &missing
    }

    fn findings(&self, e: &Experiment) -> String {
        if e.findings.is_empty() {
            return String::new();
        }
        let items =
            e.findings.iter().map(|finding| self.item(&messages::message(finding, self.lang)));
        self.heading(labels::FINDINGS.to(self.lang)) + &items.collect::<String>()
    }

    fn download(&self, r: &[RecipeRecord]) -> String {
        let effects = facts::strip_and_upx(r);
        if effects.is_empty() {
            return String::new();
        }
        let items = effects.iter().map(|effect| self.item(&sentences::effect(effect, self.lang)));
        self.heading(labels::DOWNLOAD.to(self.lang)) + &items.collect::<String>()
    }

    /// The texts to paste, as they are: never wrapped.
    fn paste(&self, paste: &Paste) -> String {
        let texts = [
            (labels::SHELL, &paste.shell),
            (labels::GORELEASER, &paste.goreleaser),
            (labels::DOCKERFILE, &paste.dockerfile),
        ];
        let texts = texts.iter().filter(|(_, text)| !text.trim().is_empty());
        texts
            .map(|(label, text)| {
                let label = self.paint.dim(&format!("# {}", label.to(self.lang)));
                format!("{label}\n{}\n\n", clean::block(text))
            })
            .collect()
    }
}
