//! A sheet as a page: one file, both languages, nothing loaded.

use super::{Bar, Block, Sheet, parts};
use crate::html::{frame, grid};
use crate::{Lang, clean};
use maud::{Markup, html as markup};

/// Makes the page of a sheet in both languages; `lang` is the one that it opens in.
pub(crate) fn html(sheets: [(Lang, Sheet); 2], name: &str, lang: Lang) -> String {
    let title = format!("{} · elfin {name}", sheets[0].1.title);
    let articles = sheets.map(|(lang, sheet)| (lang, article(&sheet, name, lang)));
    let (style, scripts) = (
        &[include_str!("../html/lab.css"), include_str!("sheet.css")],
        &[include_str!("../html/sort.js")],
    );
    frame::page(lang, &frame::Page { title: &title, articles, style, scripts, data: None })
}

fn article(sheet: &Sheet, name: &str, lang: Lang) -> Markup {
    // A section for each heading, with what follows it.
    let mut sections: Vec<(&str, Vec<&Block>)> = Vec::new();
    let mut before = Vec::new();
    for block in &sheet.blocks {
        match (block, sections.last_mut()) {
            (Block::Heading(text), _) => sections.push((text, Vec::new())),
            (block, Some((_, blocks))) => blocks.push(block),
            (block, None) => before.push(block),
        }
    }
    let id = |index: usize| format!("s{index}-{}", lang.code());
    markup! {
        header {
            p.eyebrow { "elfin " (name) }
            h1 { (clean::line(&sheet.title)) }
            @for text in &sheet.lede { p.lede { (clean::line(text)) } }
        }
        nav { ul {
            @for (index, (title, _)) in sections.iter().enumerate() {
                li { a href={ "#" (id(index)) } { (clean::line(title)) } }
            }
        } }
        @for one in before { (block(one, lang)) }
        @for (index, (title, blocks)) in sections.iter().enumerate() {
            section id=(id(index)) {
                h2 { (clean::line(title)) }
                @for one in blocks { (block(one, lang)) }
            }
        }
    }
}

fn block(block: &Block, lang: Lang) -> Markup {
    match block {
        Block::Heading(text) => markup! { h2 { (clean::line(text)) } },
        Block::Text(text) => markup! { p.note { (clean::line(text)) } },
        Block::Items(items) => markup! {
            ul.facts { @for item in items { li { (clean::line(item)) } } }
        },
        Block::Table(table) => grid::sortable(table, lang),
        Block::Bars(bars) => draw(bars),
        Block::Code(text) => frame::verbatim(text),
    }
}

fn draw(bars: &[Bar]) -> Markup {
    markup! {
        div.flame {
            @for bar in bars {
                @let (start, length) = parts(bars, bar);
                div.lane data-depth=(bar.depth) {
                    span.name { (clean::line(&bar.name)) }
                    svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" {
                        rect x=(format!("{:.3}", 100.0 * start)) y="0" height="10"
                            width=(format!("{:.3}", (100.0 * length).max(0.2))) {
                            title { (clean::line(&bar.name)) ": " (clean::line(&bar.shown)) }
                        }
                    }
                    span.figure { (clean::line(&bar.shown)) }
                }
            }
        }
    }
}
