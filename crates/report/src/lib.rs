//! Documents to terminal text, Markdown, CSV and HTML, in English and Chinese.
//!
//! Every function takes what `schema` stores and returns a `String`: nothing
//! here reads a file, measures, or knows the machine it runs on, so a report
//! renders again where neither the program nor Go is. All text of a document is
//! taken for hostile: it is escaped for where it goes, and no document makes
//! these functions fail.

mod catalogue;
mod claims;
mod clean;
mod columns;
mod compare;
mod csv;
mod diagnosis;
mod diff;
mod env_bench;
mod environment;
mod facts;
mod figures;
mod hardening;
mod html;
mod markdown;
mod packing;
mod path_bench;
mod receipt;
mod reproduction;
mod roots;
mod sheet;
mod slimming;
mod starting;
mod table;
mod terminal;
mod weigh;

pub use catalogue::messages::message;
pub use catalogue::{Lang, UnknownLang};
pub use claims::{claims, claims_html, claims_json, claims_markdown};
pub use compare::{compare_html, compare_markdown, compare_terminal};
pub use csv::csv;
pub use diagnosis::{diagnosis, diagnosis_json};
pub use diff::{DiffBy, diff_markdown, diff_text, rebuilds};
pub use env_bench::{env_bench, env_bench_markdown};
pub use environment::{env_finding, go_selection, toolchains, verified};
pub use hardening::{hardening, hardening_html, hardening_markdown};
pub use html::{diff_html, html, weigh_html};
pub use markdown::markdown;
pub use packing::{pack_refusal, packing};
pub use path_bench::{path_bench, path_bench_markdown};
pub use receipt::receipt_text;
pub use reproduction::{reproduction, reproduction_json, reproduction_markdown};
pub use roots::{roots, roots_html, roots_markdown};
pub use slimming::{refusal, slimming};
pub use starting::{startup, startup_html, startup_markdown};
pub use terminal::terminal;
pub use weigh::{
    By, View, weigh_csv, weigh_inlined_csv, weigh_inlined_text, weigh_markdown, weigh_place,
    weigh_text,
};
