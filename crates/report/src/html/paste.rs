//! The answers as text to paste, one at a time.
//!
//! The switch is three radio buttons and a style rule: it needs no script.

use super::{Doc, answers, frame};
use crate::catalogue::labels;
use crate::facts;
use elfin_schema::{Paste, Pick};
use maud::{Markup, html};

/// The texts of every answer that has one; what starts fast is shown first.
pub(crate) fn section(doc: &Doc<'_>) -> Option<frame::Section> {
    let lang = doc.lang;
    let (first, _) = facts::winner(&doc.answers)
        .or_else(|| doc.answers.iter().find_map(|answer| Some((answer.kind, answer.found?.0))))?;
    let texts: Vec<(usize, &facts::Answer<'_>, &Pick, &Paste)> = doc
        .answers
        .iter()
        .enumerate()
        .filter_map(|(index, answer)| {
            let (pick, _) = answer.found?;
            Some((index, answer, pick, pick.paste.as_ref()?))
        })
        .collect();
    let name = format!("paste-of-{}", lang.code());
    let body = html! {
        fieldset.paste {
            legend.unseen { (labels::PASTE.to(lang)) }
            div.switch {
                @for (index, answer, _, _) in &texts {
                    label {
                        input type="radio" name=(name) class={ "choose-" (index) } checked[answer.kind == first];
                        span { (answers::short(answer.kind).to(lang)) }
                    }
                }
            }
            @for (index, _, pick, paste) in &texts {
                div class={ "panel panel-" (index) } {
                    @if let Some(recipe) = &pick.recipe { p.which { (frame::recipe(recipe)) } }
                    (panel(doc, paste))
                }
            }
        }
    };
    (!texts.is_empty()).then(|| {
        frame::Section::new("paste", labels::PASTE, lang).note(labels::PASTE_NOTE).body(body)
    })
}

fn panel(doc: &Doc<'_>, paste: &Paste) -> Markup {
    let texts = [
        (labels::SHELL, &paste.shell),
        (labels::GORELEASER, &paste.goreleaser),
        (labels::DOCKERFILE, &paste.dockerfile),
    ];
    html! {
        @for (label, text) in texts {
            @if !text.trim().is_empty() {
                h3 { (label.to(doc.lang)) }
                (frame::verbatim(text))
            }
        }
    }
}
