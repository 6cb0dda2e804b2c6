//! What a bench of paths says.

use super::{Lang, Text, say};
use crate::{clean, figures};
use elfin_schema::{BenchWhat, PathBench};

pub(crate) const STEP: Text = Text("median", "中位数");
pub(crate) const FIRST: Text = Text("  — the ratios are against this one", "  —— 比值以此为基准");
pub(crate) const STAT: Text = Text("stat, each", "每次 stat");
pub(crate) const CREATE: Text = Text("create a file, each", "每次创建文件");
pub(crate) const RENAME: Text = Text("rename, each", "每次改名");
pub(crate) const FSYNC: Text = Text("fsync of 4 KiB, each", "每次 fsync（4 KiB）");

/// A step's name.
pub(crate) fn what(what: BenchWhat) -> Text {
    match what {
        BenchWhat::BuildChanged => Text("go build, all files changed", "go build，所有文件已改"),
        BenchWhat::BuildUnchanged => Text("go build, nothing changed", "go build，未作改动"),
        BenchWhat::List => Text("go list ./...", "go list ./..."),
        BenchWhat::Tidy => Text("go mod tidy", "go mod tidy"),
        BenchWhat::BuildWithCaches => {
            Text("go build, all changed, caches there too", "go build，全部已改，缓存也在此处")
        }
    }
}

/// What was built.
pub(crate) fn subject(document: &PathBench, lang: Lang) -> String {
    let subject = &document.subject;
    let (files, bytes) = (figures::exact(subject.files as u64), figures::human(subject.bytes));
    match subject.module.as_deref().map(clean::line) {
        Some(module) => say!(
            lang,
            "a copy of {module} in each folder ({files} files, {bytes})",
            "在每个目录中放一份 {module}（{files} 个文件，{bytes}）"
        ),
        None => say!(
            lang,
            "a made-up module in each folder ({files} files, {bytes})",
            "在每个目录中放一个自制模块（{files} 个文件，{bytes}）"
        ),
    }
}

/// How the figures came about.
pub(crate) fn notes(rounds: usize, lang: Lang) -> String {
    say!(
        lang,
        "{rounds} rounds, the folders in turn; a ratio is the median of each round's. GOROOT and GOMODCACHE stay where they are, and so does the build cache unless the row says otherwise.",
        "共 {rounds} 轮，各目录轮流进行；比值是各轮比值的中位数。GOROOT 与 GOMODCACHE 保持原位，构建缓存除注明外亦然。"
    )
}
