//! A map of what changed: a box for each package, as large as its change, by what became of it.

use super::squares::{Square, squares};
use crate::catalogue::Text;
use crate::diff::{DiffBy, words};
use crate::html::frame::Section;
use crate::{Lang, clean, figures};
use elfin_schema::{Change, Diff};
use maud::{Markup, html};

const TITLE: Text = Text("Map of the change", "变化分布图");
const NOTE: Text = Text(
    "The area of a box is how much a package changed, whether it grew or shrank. The list below holds the same.",
    "方块面积表示一个包的变化量，无论增减。下方列表内容相同。",
);
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 480.0;
/// Smaller ones would not be seen.
const MOST: usize = 300;
/// Width of a letter, and height of a line, in units of the drawing.
const LETTER: f64 = 6.6;
const LINE: f64 = 16.0;

/// What became of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    New,
    Grown,
    Shrunk,
    Gone,
}

impl Fate {
    const ALL: [Fate; 4] = [Fate::New, Fate::Grown, Fate::Shrunk, Fate::Gone];

    fn of(change: &Change) -> Fate {
        match (change.from, change.to) {
            (0, _) => Fate::New,
            (_, 0) => Fate::Gone,
            (from, to) if to > from => Fate::Grown,
            _ => Fate::Shrunk,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Fate::New => "new",
            Fate::Grown => "grown",
            Fate::Shrunk => "shrunk",
            Fate::Gone => "gone",
        }
    }

    fn name(self) -> Text {
        match self {
            Fate::New => Text("new", "新增"),
            Fate::Grown => Text("grown", "增大"),
            Fate::Shrunk => Text("shrunk", "减小"),
            Fate::Gone => Text("gone", "消失"),
        }
    }
}

pub(super) fn section(d: &Diff, lang: Lang) -> Section {
    let drawn = html! { (legend(d, lang)) (drawing(d, lang)) };
    Section::new("map", TITLE, lang).note(NOTE).body(drawn)
}

fn legend(d: &Diff, lang: Lang) -> Markup {
    html! {
        ul.legend {
            @for fate in Fate::ALL {
                @let of_it = d.packages.iter().filter(|it| Fate::of(it) == fate);
                @let sum = of_it.map(Change::delta).fold(0_i64, i64::saturating_add);
                li {
                    svg.swatch viewBox="0 0 10 10" aria-hidden="true" { rect class=(fate.class()) width="10" height="10" {} }
                    (fate.name().to(lang)) " " (figures::exact_change(sum))
                }
            }
        }
    }
}

fn drawing(d: &Diff, lang: Lang) -> Markup {
    let changed: Vec<&Change> = d.packages.iter().filter(|it| it.delta() != 0).take(MOST).collect();
    let areas: Vec<f64> = changed.iter().map(|it| it.delta().unsigned_abs() as f64).collect();
    let boxes = squares(&areas, Square { x: 0.0, y: 0.0, width: WIDTH, height: HEIGHT });
    html! {
        svg.change viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(TITLE.to(lang)) {
            @for (change, it) in changed.iter().zip(boxes) {
                @let name = clean::line(&words::name(DiffBy::Package, change, lang));
                @let fate = Fate::of(change);
                g {
                    title { (name) ": " (figures::exact_change(change.delta())) " (" (fate.name().to(lang)) ")" }
                    rect class=(fate.class()) x=(unit(it.x)) y=(unit(it.y)) width=(unit(it.width)) height=(unit(it.height)) {}
                    @if let Some(label) = fitting(&name, it) {
                        text x=(unit(it.x + 5.0)) y=(unit(it.y + LINE)) { (label) }
                    }
                }
            }
        }
    }
}

/// A tenth of a unit is finer than a screen.
fn unit(value: f64) -> String {
    format!("{value:.1}")
}

/// As much of the end of a path as fits a box.
fn fitting(name: &str, it: Square) -> Option<String> {
    // What has no room for a word says nothing.
    let letters = ((it.width - 8.0) / LETTER).max(0.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // At most the whole width.
    let letters = letters as usize;
    if it.height < LINE + 4.0 || letters < 3 {
        return None;
    }
    let fits = |text: &str| {
        text.chars().map(|it| if it.is_ascii() { 1 } else { 2 }).sum::<usize>() <= letters
    };
    let last = name.rsplit('/').next().unwrap_or(name);
    [name, last].into_iter().find(|it| fits(it)).map(str::to_owned)
}
