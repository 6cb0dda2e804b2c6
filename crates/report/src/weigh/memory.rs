//! What takes memory and no byte of the file: a line in each table, a list beside downloads.

use super::table::paragraph;
use crate::catalogue::kinds;
use crate::{Lang, clean, figures};
use elfin_schema::Weighing;

/// Renders what takes memory only; nothing where there is none.
pub(crate) fn text(w: &Weighing, lang: Lang, width: Option<usize>) -> String {
    let title = kinds::MEMORY_ONLY.to(lang);
    if w.download.is_some() {
        // Who asks for the price of every byte wants to know of all that has none.
        let lines = w.memory_only.iter().map(|it| {
            let size =
                if it.bytes == 0 { figures::NONE.to_owned() } else { figures::exact(it.bytes) };
            let (name, what) = (clean::line(&it.name), kinds::memory(&it.name).to(lang));
            format!("  {name:<12} {size:>16}  {what}").trim_end().to_owned() + "\n"
        });
        let lines: String = lines.collect();
        return if lines.is_empty() { lines } else { format!("\n{title}\n{lines}") };
    }
    let known = w.memory_only.iter().filter(|it| it.bytes > 0);
    let known = known.map(|it| format!("{} {}", clean::line(&it.name), figures::human(it.bytes)));
    let known: Vec<String> = known.collect();
    if known.is_empty() {
        return String::new();
    }
    paragraph(&format!("{title}: {}", known.join(", ")), width)
}
