//! A sheet as Markdown.

use super::{Block, Sheet};
use crate::Lang;
use crate::clean::markdown as escape;
use crate::markdown::{heading, table as draw};

/// Writes a sheet as Markdown.
pub(crate) fn markdown(sheet: &Sheet, lang: Lang) -> String {
    let mut out = format!("# {}\n", escape(&sheet.title));
    for text in &sheet.lede {
        out.push_str(&format!("\n{}\n", escape(text)));
    }
    for block in &sheet.blocks {
        match block {
            Block::Heading(text) => out.push_str(heading(&escape(text)).trim_end_matches('\n')),
            Block::Text(text) => out.push_str(&format!("\n{}", escape(text))),
            Block::Items(items) => {
                out.push('\n');
                out.extend(items.iter().map(|it| format!("- {}\n", escape(it))));
            }
            Block::Table(table) => out.push_str(&format!("\n{}", draw(table, lang))),
            Block::Bars(bars) => {
                out.push('\n');
                for bar in bars {
                    let indent = "  ".repeat(bar.depth);
                    let (name, shown) = (escape(&bar.name), escape(&bar.shown));
                    out.push_str(&format!("{indent}- {name}: {shown}\n"));
                }
            }
        }
        if !out.ends_with('\n') {
            out.push('\n');
        }
    }
    out
}
