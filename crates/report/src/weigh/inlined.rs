//! The second view of code: inlined calls credited to the packages that wrote them.

use super::View;
use super::table::{head, paragraph};
use crate::catalogue::kinds;
use crate::terminal::{Paint, shorten};
use crate::{Lang, clean, csv, figures};
use elfin_schema::{Bytes, Inlined, Weighing};
use unicode_width::UnicodeWidthStr;

const FIGURE: usize = 14;

/// A line: a name, and bytes in all, at home and abroad.
type Line = (String, [Bytes; 3]);

/// Renders who wrote the code that stands inlined in functions, most first, and its sum.
pub fn weigh_inlined_text(
    w: &Weighing,
    view: &View,
    lang: Lang,
    width: Option<u16>,
    colour: bool,
) -> String {
    let (width, paint) = (width.map(usize::from), Paint(colour));
    if w.inlined.is_empty() {
        return head(w, paint) + kinds::NOTHING_INLINED.to(lang) + "\n";
    }
    let (lines, sum) = lines(w, view, lang);
    let longest = lines.iter().map(|(name, _)| name.width() + 1).max().unwrap_or(0);
    let room = width.map_or(longest, |width| width.saturating_sub(3 * FIGURE));
    let name = longest.min(room.max(24));
    let row = |title: &str, cells: [String; 3]| {
        let title = shorten(title, name.saturating_sub(1));
        let cells = cells.map(|it| " ".repeat(FIGURE.saturating_sub(it.width())) + &it).concat();
        title.clone() + &" ".repeat(name.saturating_sub(title.width())) + &cells
    };
    let heads = [kinds::TOTAL, kinds::AT_HOME, kinds::ABROAD].map(|it| it.to(lang).to_owned());
    let rule = paint.dim(&"─".repeat(name + 3 * FIGURE)) + "\n";
    let package = kinds::looked_at_by(super::By::Package).to(lang);
    let mut out = head(w, paint) + &paint.bold(&row(package, heads)) + "\n" + &rule;
    for (name, bytes) in &lines {
        out.push_str(&(row(name, bytes.map(figures::exact)) + "\n"));
    }
    out.push_str(&rule);
    out.push_str(&(paint.bold(&row(kinds::TOTAL.to(lang), sum.map(figures::exact))) + "\n"));
    out + &paragraph(kinds::INLINED.to(lang), width)
}

/// Renders it as CSV: a line for each package.
pub fn weigh_inlined_csv(w: &Weighing) -> String {
    let mut out = csv::line(["package", "at_home", "abroad"].map(str::to_owned).into_iter());
    for it in &w.inlined {
        let fields = [it.package.clone(), it.at_home.to_string(), it.abroad.to_string()];
        out.push_str(&csv::line(fields.into_iter()));
    }
    out
}

/// What a view shows, with a line for what it leaves out; and the sum of all.
fn lines(w: &Weighing, view: &View, lang: Lang) -> (Vec<Line>, [Bytes; 3]) {
    let (mut lines, mut left_out) = (Vec::new(), 0);
    let (mut sum, mut left) = ([0; 3], [0; 3]);
    for it in &w.inlined {
        let bytes = bytes(it);
        sum = added(sum, bytes);
        let has_room = view.top == 0 || lines.len() < view.top;
        if has_room && bytes[0] >= view.least && view.matches(&it.package) {
            lines.push((clean::line(&it.package), bytes));
        } else {
            left_out += 1;
            left = added(left, bytes);
        }
    }
    if left_out > 0 {
        lines.push((kinds::left_out(left_out, lang), left));
    }
    (lines, sum)
}

fn bytes(it: &Inlined) -> [Bytes; 3] {
    [it.at_home.saturating_add(it.abroad), it.at_home, it.abroad]
}

fn added(mut sum: [Bytes; 3], more: [Bytes; 3]) -> [Bytes; 3] {
    for (sum, more) in sum.iter_mut().zip(more) {
        *sum = sum.saturating_add(more);
    }
    sum
}
