//! Size against start-up, with the Pareto front.

use super::strip::number;
use super::{Doc, frame};
use crate::catalogue::{labels, sentences};
use crate::facts::{self, Point};
use crate::{clean, columns, figures};
use maud::{Markup, html};
use std::fmt::Write as _;

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 470.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 18.0;
const BOTTOM: f64 = 56.0;
/// A start that spreads by more than this is drawn on a logarithmic scale.
const SPREAD: f64 = 8.0;
/// More labels than this would not be read, and finding room for them takes time.
const LABELS: usize = 40;
const CHARACTER: f64 = 7.0;
const LINE: f64 = 15.0;

/// The scatter of every working recipe that was started; none where there are not two.
pub(crate) fn section(doc: &Doc<'_>) -> Option<frame::Section> {
    let points = facts::points(doc.r);
    let (first, last) = (points.first()?, points.last()?);
    let plot = Plot {
        low: first.ms,
        high: last.ms,
        top: points.iter().map(|point| point.bytes).max()? as f64,
        logarithmic: last.ms / first.ms > SPREAD,
    };
    let labels = place(doc, &plot, &points);
    let title = labels::SCATTER.to(doc.lang);
    let svg = html! {
        svg.scatter viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img"
            aria-labelledby={ "scatter-t-" (doc.lang.code()) " scatter-d-" (doc.lang.code()) } {
            title id={ "scatter-t-" (doc.lang.code()) } { (title) }
            desc id={ "scatter-d-" (doc.lang.code()) } { (describe(doc, &points)) }
            (plot.axes(doc))
            path.front d=(plot.front(&points)) {}
            @for (point, label) in points.iter().zip(&labels) { (dot(doc, &plot, point, *label)) }
        }
    };
    let front = points.iter().filter(|point| point.front);
    let body = html! {
        (frame::scrolling(title, &svg))
        p.note { (labels::FRONT.to(doc.lang)) " "
            @for (index, point) in front.enumerate() {
                @if index > 0 { ", " }
                (frame::recipe(&point.record.recipe))
            }
        }
    };
    (points.len() > 1).then(|| {
        frame::Section::new("start", labels::SCATTER, doc.lang)
            .note(labels::SCATTER_NOTE)
            .body(body)
    })
}

fn describe(doc: &Doc<'_>, points: &[Point<'_>]) -> String {
    let front = points.iter().filter(|point| point.front).take(LABELS);
    let front = front.map(|point| {
        format!("{} {}", point.record.recipe, sentences::size_and_start(point.record, doc.lang))
    });
    format!("{} {}", labels::FRONT.to(doc.lang), front.collect::<Vec<_>>().join("; "))
}

/// The scales: milliseconds to the right, bytes upwards from nothing.
struct Plot {
    low: f64,
    high: f64,
    top: f64,
    logarithmic: bool,
}

impl Plot {
    fn x(&self, ms: f64) -> f64 {
        let share = if self.logarithmic {
            let (low, high) = ((self.low / 1.3).ln(), (self.high * 1.3).ln());
            (ms.ln() - low) / (high - low)
        } else {
            ms / (self.high * 1.08)
        };
        LEFT + share.clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, bytes: f64) -> f64 {
        let share = bytes / (self.top * 1.08).max(1.0);
        HEIGHT - BOTTOM - share.clamp(0.0, 1.0) * (HEIGHT - TOP - BOTTOM)
    }

    fn axes(&self, doc: &Doc<'_>) -> Markup {
        let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
        html! {
            g.axes aria-hidden="true" {
                @for bytes in even(self.top / (1024.0 * 1024.0)) {
                    @let y = number(self.y(bytes * 1024.0 * 1024.0));
                    line x1=(LEFT) x2=(right) y1=(y) y2=(y) {}
                    text x=(LEFT - 10.0) y=(y) dy="0.35em" text-anchor="end" { (figures::plain(bytes)) }
                }
                @for ms in self.milliseconds() {
                    @let x = number(self.x(ms));
                    line x1=(x) x2=(x) y1=(TOP) y2=(bottom) {}
                    text x=(x) y=(bottom + 20.0) text-anchor="middle" { (figures::plain(ms)) }
                }
                text.name x=(LEFT + (right - LEFT) / 2.0) y=(HEIGHT - 10.0) text-anchor="middle" {
                    (if self.logarithmic { labels::START_LOG } else { labels::START }.to(doc.lang))
                }
                text.name transform={ "translate(16 " ((TOP + bottom) / 2.0) ") rotate(-90)" } text-anchor="middle" {
                    (labels::SIZE_MIB.to(doc.lang))
                }
            }
        }
    }

    fn milliseconds(&self) -> Vec<f64> {
        if !self.logarithmic {
            return even(self.high);
        }
        let decades = (-9..=12).map(|power| 10_f64.powi(power));
        let ticks = decades.flat_map(|decade| [decade, 2.0 * decade, 5.0 * decade]);
        ticks.filter(|ms| *ms >= self.low / 1.3 && *ms <= self.high * 1.3).collect()
    }

    /// The corners of the front: what lies above and right of them is beaten.
    fn corners(&self, points: &[Point<'_>]) -> Vec<(f64, f64)> {
        let mut corners = Vec::new();
        for point in points.iter().filter(|point| point.front) {
            let (x, y) = (self.x(point.ms), self.y(point.bytes as f64));
            let above = corners.last().map_or(TOP, |(_, y)| *y);
            corners.extend([(x, above), (x, y)]);
        }
        corners.extend(corners.last().map(|(_, y)| (WIDTH - RIGHT, *y)));
        corners
    }

    fn front(&self, points: &[Point<'_>]) -> String {
        let mut path = String::new();
        for (x, y) in self.corners(points) {
            let _ = write!(path, "{}{x:.1} {y:.1}", if path.is_empty() { 'M' } else { 'L' });
        }
        path
    }

    /// Where the front runs, so that no label stands on it.
    fn front_areas(&self, points: &[Point<'_>]) -> Vec<Area> {
        let corners = self.corners(points);
        let lines = corners.iter().zip(corners.iter().skip(1)).take(10 * LABELS);
        let area = |(a, b): (&(f64, f64), &(f64, f64))| {
            Area([a.0.min(b.0) - 2.0, a.1.min(b.1) - 2.0, a.0.max(b.0) + 2.0, a.1.max(b.1) + 2.0])
        };
        lines.map(area).collect()
    }
}

/// Five or so round numbers from nothing to `high`.
fn even(high: f64) -> Vec<f64> {
    if !(high.is_finite() && high > 0.0) {
        return vec![0.0];
    }
    let decade = 10_f64.powf((high / 5.0).log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * decade).into_iter().find(|s| high / s <= 6.0);
    let step = step.unwrap_or(high);
    (0..=6).map(|index| f64::from(index) * step).filter(|tick| *tick <= high * 1.08).collect()
}

/// A label's box: left, top, right, bottom.
#[derive(Clone, Copy)]
struct Area([f64; 4]);

impl Area {
    fn meets(&self, Area([left, top, right, bottom]): &Area) -> bool {
        self.0[0] < *right && self.0[2] > *left && self.0[1] < *bottom && self.0[3] > *top
    }
}

/// Where a label stands: its left or right end, and its middle line.
#[derive(Clone, Copy)]
struct Place {
    x: f64,
    y: f64,
    anchor: &'static str,
}

impl Place {
    fn area(self, width: f64) -> Area {
        let left = match self.anchor {
            "end" => self.x - width,
            "middle" => self.x - width / 2.0,
            _ => self.x,
        };
        Area([left, self.y - LINE / 2.0, left + width, self.y + LINE / 2.0])
    }
}

/// Finds room for the labels, the baseline, the answers and the front first; `None` where there
/// is none.
fn place(doc: &Doc<'_>, plot: &Plot, points: &[Point<'_>]) -> Vec<Option<Place>> {
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by_key(|&at| {
        let record = points[at].record;
        let answer = columns::is_picked(record, &doc.answers);
        (record.recipe != facts::BASELINE, !answer, !points[at].front)
    });
    let centre = |point: &Point<'_>| (plot.x(point.ms), plot.y(point.bytes as f64));
    let dots = points.iter().take(10 * LABELS).map(centre);
    let dots = dots.map(|(x, y)| Area([x - 6.0, y - 6.0, x + 6.0, y + 6.0]));
    let mut taken: Vec<Area> = dots.chain(plot.front_areas(points)).collect();
    let mut placed = vec![None; points.len()];
    for at in order.into_iter().take(LABELS) {
        let (x, y) = centre(&points[at]);
        let width = label(&points[at]).chars().count() as f64 * CHARACTER;
        let beside = [0.0, -11.0, 11.0].into_iter().flat_map(|dy| {
            [(x + 10.0, "start"), (x - 10.0, "end")].map(|(x, anchor)| Place {
                x,
                y: y + dy,
                anchor,
            })
        });
        let above = [-17.0, 17.0].map(|dy| Place { x, y: y + dy, anchor: "middle" });
        let free = beside.chain(above).find(|place| {
            let area = place.area(width);
            let Area([left, top, right, bottom]) = area;
            let inside = left > LEFT && right < WIDTH && top > 0.0 && bottom < HEIGHT - BOTTOM;
            inside && !taken.iter().any(|other| area.meets(other))
        });
        taken.extend(free.map(|place| place.area(width)));
        placed[at] = free;
    }
    placed
}

/// A recipe's name, short enough to stand in a chart.
fn label(point: &Point<'_>) -> String {
    let name = clean::line(&point.record.recipe);
    if name.chars().count() <= 36 {
        return name;
    }
    name.chars().take(35).chain(['…']).collect()
}

fn dot(doc: &Doc<'_>, plot: &Plot, point: &Point<'_>, at: Option<Place>) -> Markup {
    let record = point.record;
    let (x, y) = (plot.x(point.ms), plot.y(point.bytes as f64));
    let said = format!("{}: {}", record.recipe, sentences::size_and_start(record, doc.lang));
    let picked = columns::is_picked(record, &doc.answers);
    // What found no room stands beside its dot when that is pointed at.
    let tip = match x > WIDTH / 2.0 {
        true => Place { x: x - 11.0, y, anchor: "end" },
        false => Place { x: x + 11.0, y, anchor: "start" },
    };
    let Place { x: text_x, y: text_y, anchor } = at.unwrap_or(tip);
    html! {
        g.dot.front[point.front].picked[picked].base[record.recipe == facts::BASELINE]
            data-recipe=(record.recipe) tabindex="0" role="img" aria-label=(said) {
            title { (said) }
            @if let Some(start) = &record.start {
                @let (low, high) = (plot.x(start.warm.interval.low), plot.x(start.warm.interval.high));
                line.interval x1=(number(low)) x2=(number(high)) y1=(number(y)) y2=(number(y)) {}
            }
            circle cx=(number(x)) cy=(number(y)) r=(if picked { 6 } else { 5 }) {}
            text.tip[at.is_none()] x=(number(text_x)) y=(number(text_y)) dy="0.35em" text-anchor=(anchor) {
                (label(point))
            }
        }
    }
}
