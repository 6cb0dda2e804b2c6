//! Bars that stretch with the page: an SVG without text, which HTML labels.
//!
//! The text of a chart stays HTML, so it keeps its size on a phone, wraps, and
//! can be selected; only the bars scale.

use maud::{Markup, PreEscaped, html};
use std::fmt::Write as _;

/// The width of every strip in its own units.
const WIDTH: f64 = 1000.0;
const LANE: f64 = 10.0;

/// A bar in a lane, from one value to another.
pub(crate) struct Bar {
    pub(crate) class: &'static str,
    pub(crate) from: f64,
    pub(crate) to: f64,
    /// Said when the pointer rests on it.
    pub(crate) title: String,
}

/// Draws lanes of bars over `0..max`, with a line at `mark`.
///
/// `label` says all of it to who cannot see it. What is not finite, and a scale
/// of nothing, is drawn as nothing.
pub(crate) fn strip(label: &str, lanes: &[Vec<Bar>], max: f64, mark: Option<f64>) -> Markup {
    let height = LANE * lanes.len().max(1) as f64;
    let at = |value: f64| {
        let share = value / max;
        if share.is_finite() { share.clamp(0.0, 1.0) * WIDTH } else { 0.0 }
    };
    html! {
        svg.strip style={ "--lanes:" (lanes.len().max(1)) } viewBox={ "0 0 1000 " (height) }
            preserveAspectRatio="none" role="img" aria-label=(label) {
            @for (lane, bars) in lanes.iter().enumerate() {
                @for bar in bars {
                    @let (left, right) = (at(bar.from.min(bar.to)), at(bar.from.max(bar.to)));
                    rect class=(bar.class) x=(number(left)) width=(number((right - left).max(1.0)))
                        y=(number(lane as f64 * LANE)) height=(LANE) {
                        @if !bar.title.is_empty() { title { (bar.title) } }
                    }
                }
            }
            @if let Some(mark) = mark {
                @let x = number(at(mark).min(WIDTH - 1.0));
                line.mark x1=(x) x2=(x) y1="0" y2=(height) {}
            }
        }
    }
}

/// A coordinate with as many digits as can be seen.
pub(crate) fn number(value: f64) -> PreEscaped<String> {
    let mut text = String::new();
    let _ = write!(text, "{:.1}", if value.is_finite() { value } else { 0.0 });
    PreEscaped(text)
}

/// A legend: a swatch and a word each.
pub(crate) fn legend<'a>(entries: impl IntoIterator<Item = (&'a str, &'a str)>) -> Markup {
    html! {
        ul.legend {
            @for (class, text) in entries {
                li { svg.swatch viewBox="0 0 10 10" aria-hidden="true" { rect class=(class) width="10" height="10" {} } (text) }
            }
        }
    }
}
