//! A weighing for a repository or an issue: modules, the largest packages, kinds.

use super::{totals, words};
use crate::catalogue::{Text, kinds, labels, messages};
use crate::clean::{markdown as escape, markdown_code};
use crate::markdown::{heading, list};
use crate::{Lang, figures};
use elfin_schema::{Bytes, Weighing};
use std::fmt::Write as _;
use totals::Owner;

/// The lines of a table; what is smaller stands together in one more.
const MOST: usize = 30;

const MODULES: Text = Text("Modules", "模块");
const PACKAGES: Text = Text("The largest packages", "最大的包");
const KINDS: Text = Text("What the bytes are", "字节种类");
const NAME: Text = Text("name", "名称");
const BYTES: Text = Text("bytes", "字节");
const WARNINGS: Text = Text("What could not be read as expected", "未能按预期读取的内容");
const SMALLER: Text = Text("smaller ones", "其余较小的");

/// Renders a weighing as Markdown; each table adds up to the file.
pub fn weigh_markdown(w: &Weighing, lang: Lang) -> String {
    let mut out = format!("# {}\n\n{}\n\n", escape(&w.file.name), escape(&words::lede(w, lang)));
    let about = words::about(w, lang);
    let _ = writeln!(out, "{}", escape(&about.join(" · ")));
    let module = |owner: Owner<'_>| match owner {
        Owner::Module(path) => markdown_code(path),
        owner => words::owner(owner, lang).to_owned(),
    };
    let modules = totals::by(w, Owner::of);
    out.push_str(&table(
        w,
        MODULES,
        modules.into_iter().map(|(owner, n)| (module(owner), n)),
        lang,
    ));
    let packages = totals::by(w, |row| row.package.as_deref());
    let package =
        |path: Option<&str>| path.map_or(kinds::NO_PACKAGE.to(lang).to_owned(), markdown_code);
    out.push_str(&table(
        w,
        PACKAGES,
        packages.into_iter().map(|(path, n)| (package(path), n)),
        lang,
    ));
    let by_kind = totals::by(w, |row| row.kind);
    let by_kind = by_kind.into_iter().map(|(kind, n)| (kinds::kind(kind).to(lang).to_owned(), n));
    out.push_str(&table(w, KINDS, by_kind, lang));
    let warnings = w.warnings.iter().map(|warning| messages::message(warning, lang));
    out.push_str(&list(WARNINGS.to(lang), warnings));
    out
}

/// A table of names and bytes, the unknown and the total at its end.
fn table(
    w: &Weighing,
    title: Text,
    lines: impl Iterator<Item = (String, Bytes)>,
    lang: Lang,
) -> String {
    let mut lines: Vec<(String, Bytes)> = lines.collect();
    let rest = lines.split_off(lines.len().min(MOST));
    let rest = rest.iter().fold(0_u64, |sum, (_, bytes)| sum.saturating_add(*bytes));
    let unknown = kinds::UNKNOWN.to(lang);
    let ends = [(SMALLER.to(lang), rest), (unknown, w.unknown_bytes)];
    let ends = ends.into_iter().filter(|(_, bytes)| *bytes > 0);
    lines.extend(ends.map(|(name, bytes)| (name.to_owned(), bytes)));
    lines.push((format!("**{}**", labels::FILE.to(lang)), w.file.size));
    let mut out = heading(title.to(lang));
    let (name, size, share) = (NAME.to(lang), BYTES.to(lang), kinds::SHARE.to(lang));
    let _ = writeln!(out, "| {name} | {size} | {share} |\n| :-- | --: | --: |");
    for (name, bytes) in lines {
        let share = totals::share(bytes, w.file.size);
        let _ = writeln!(out, "| {name} | {} | {share} |", figures::exact(bytes));
    }
    out
}
