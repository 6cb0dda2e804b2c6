//! What every report of a weighing says: the file in a sentence, the names of owners.

use super::totals::{self, Owner};
use crate::catalogue::{Text, kinds, say};
use crate::{Lang, figures};
use elfin_schema::Weighing;

/// An owner, as a group's name.
pub(crate) fn owner(owner: Owner<'_>, lang: Lang) -> &str {
    let text = match owner {
        Owner::Module(path) => return path,
        Owner::NoModule => kinds::NO_MODULE,
        Owner::Shared => Text("shared by several packages", "多个包共用"),
        Owner::Library => Text("C libraries", "C 库"),
        Owner::Format => Text("the file itself", "文件自身"),
    };
    text.to(lang)
}

/// Size and what is known of it, in a sentence.
pub(crate) fn lede(w: &Weighing, lang: Lang) -> String {
    let (size, bytes) = (figures::human(w.file.size), figures::exact(w.file.size));
    // Of a share that is rounded to 100 % nobody would know whether something is missing.
    let (unknown, share) =
        (figures::exact(w.unknown_bytes), totals::share(w.unknown_bytes, w.file.size));
    say!(
        lang,
        "{size} ({bytes} bytes). Of {unknown} bytes ({share}) the owner is not known.",
        "{size}（{bytes} 字节），其中 {unknown} 字节（{share}）归属未知。",
    )
}

/// What the file is, in a few words each.
pub(crate) fn about(w: &Weighing, lang: Lang) -> Vec<String> {
    let go = w.go.as_ref();
    let has = |there: bool, yes: Text, no: Text| if there { yes } else { no }.to(lang).to_owned();
    let facts = [
        go.map(|go| go.version.clone()).filter(|version| !version.is_empty()),
        go.and_then(|go| go.path.clone()),
        Some(w.file.arch.clone()),
        w.file.pie.then(|| "PIE".to_owned()),
        Some(has(
            w.file.symbols,
            Text("symbol table", "有符号表"),
            Text("no symbol table", "无符号表"),
        )),
        Some(has(w.file.dwarf, Text("DWARF", "有 DWARF"), Text("no DWARF", "无 DWARF"))),
        (!w.file.sections).then(|| Text("no section headers", "无节头表").to(lang).to_owned()),
    ];
    facts.into_iter().flatten().collect()
}
