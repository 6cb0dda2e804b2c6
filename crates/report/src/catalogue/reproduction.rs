//! What a reproduction says: of each world what is other there, of each difference why.

use super::{Lang, Text, say};
use crate::figures;
use elfin_schema::{NotTried, RemedyTried, ReproAdvice, ReproEvidence, ReproRemedy, Vary, World};

pub(crate) const VARIED: Text = Text("varied", "变化项");
pub(crate) const HOW: Text = Text("how", "方式");
pub(crate) const SAME: Text = Text("same", "相同");
pub(crate) const BYTES: Text = Text("bytes", "差异字节");
pub(crate) const SIZE: Text = Text("size", "体积");
pub(crate) const SKIPPED: Text = Text("skipped", "跳过");
pub(crate) const FAILED: Text = Text("failed", "失败");
pub(crate) const REMEDY: Text = Text("remedy", "办法");
pub(crate) const IDENTICAL: Text =
    Text("The same bytes in every world that was tried.", "在所有试过的环境中字节都相同。");
pub(crate) const NOT_IDENTICAL: Text = Text("Not the same bytes everywhere.", "字节并非处处相同。");
pub(crate) const SHIPPED_SAME: Text = Text(
    "The build gives what was shipped, byte for byte.",
    "重新构建的结果与发布的文件逐字节相同。",
);
pub(crate) const SHIPPED_OTHER: Text =
    Text("The build does not give what was shipped.", "重新构建的结果与发布的文件不同。");
pub(crate) const KEPT_STANDARD: Text = Text(
    "The second build compiled everything from nothing; the other worlds took the compiled standard library over (--cold: none does).",
    "第二次构建从零编译全部代码；其他环境沿用已编译的标准库（--cold：全部从零编译）。",
);
pub(crate) const TOLD: Text = Text("obeyed, from its build information", "依其构建信息");
pub(crate) const INFERRED: Text = Text("inferred from the file", "由文件推断");
pub(crate) const UNTOLD: Text = Text("not told by build information", "构建信息未说明");
pub(crate) const ROUNDS: Text =
    Text("Does a build ID that varies make the file grow?", "构建 ID 的变化会使文件变大吗？");
pub(crate) const ROUND: Text = Text("round", "轮次");
pub(crate) const CHANGED: Text = Text("bytes changed", "改变的字节");
pub(crate) const SIZE_CHANGE: Text = Text("size change", "体积变化");
pub(crate) const NOBODY: Text = Text("nobody's", "无归属");
pub(crate) const OUTSIDE: Text = Text("outside of sections", "节区之外");

/// What is varied.
pub(crate) fn what(what: Vary) -> Text {
    match what {
        Vary::Again => Text("nothing", "无"),
        Vary::Path => Text("path", "路径"),
        Vary::Home => Text("home", "主目录"),
        Vary::Time => Text("time", "时间"),
        Vary::Mtime => Text("mtime", "文件日期"),
        Vary::Cache => Text("cache", "构建缓存"),
        Vary::Tmpdir => Text("tmpdir", "临时目录"),
        Vary::Umask => Text("umask", "umask"),
        Vary::Locale => Text("locale", "语言环境"),
        Vary::User => Text("user", "用户"),
        Vary::Parallel => Text("parallel", "并行度"),
        Vary::Git => Text("git", "git"),
        Vary::Cc => Text("cc", "C 编译器"),
        Vary::Goroot => Text("goroot", "GOROOT"),
        Vary::Shipped => Text("shipped", "已发布文件"),
    }
}

/// How it is varied.
pub(crate) fn world(world: &World, lang: Lang) -> String {
    let plain = |text: Text| text.to(lang).to_owned();
    match world {
        World::Same => plain(Text("built again, from nothing", "从零再构建一次")),
        World::OtherFolder => plain(Text("another folder, as long a path", "另一目录，路径等长")),
        World::LongerFolder => plain(Text("a folder with a longer path", "路径更长的目录")),
        World::OtherHome => plain(Text("another HOME and module cache", "另一 HOME 与模块缓存")),
        World::ClockAhead { days } => {
            say!(lang, "a clock {days} days ahead", "时钟快 {days} 天")
        }
        World::Dated { year } => {
            say!(lang, "all files dated to {year}", "所有文件日期设为 {year} 年")
        }
        World::CacheOn { file_system, step: 1.. } if file_system.is_empty() => {
            plain(Text("a file system with coarse dates", "日期粗糙的文件系统"))
        }
        World::CacheOn { file_system, step } if *step >= 1_000_000 => {
            let step = figures::plain(*step as f64 / 1e9);
            say!(
                lang,
                "{file_system}, dates in steps of {step} s",
                "{file_system}，日期步长 {step} 秒"
            )
        }
        World::CacheOn { file_system, .. } | World::TemporaryOn { file_system } => {
            say!(lang, "on another file system {file_system}", "位于另一文件系统 {file_system}")
        }
        World::Umask { mask } => say!(lang, "umask {mask}", "umask {mask}"),
        World::Locale { locale, zone } => say!(lang, "{locale}, {zone}", "{locale}，{zone}"),
        World::User { user } => say!(lang, "user {user}", "用户 {user}"),
        World::Jobs { jobs } => say!(lang, "{jobs} at a time", "同时 {jobs} 个任务"),
        World::UncommittedFile => plain(Text("a file not committed", "有未提交的文件")),
        World::Committed => plain(Text("everything committed", "全部已提交")),
        World::OtherCommit => plain(Text("another commit, same files", "另一提交，文件相同")),
        World::NoRepository => {
            plain(Text("no repository, as from an archive", "无仓库，如源码压缩包"))
        }
        World::NoGit => plain(Text("no git in PATH", "PATH 中无 git")),
        World::NoCompiler => plain(Text("no C compiler in PATH", "PATH 中无 C 编译器")),
        World::Compiler { version } if version.is_empty() => {
            plain(Text("another C compiler", "另一 C 编译器"))
        }
        World::Compiler { version } => say!(lang, "{version}", "{version}"),
        World::GoElsewhere => plain(Text("a copy of Go elsewhere", "Go 的副本位于别处")),
        World::Rebuilt => plain(Text("built from its build information", "依构建信息重新构建")),
    }
}

/// How many bytes differ within what is compressed.
pub(crate) fn unpacked(bytes: u64, lang: Lang) -> String {
    let bytes = figures::exact(bytes);
    say!(lang, "compressed; {bytes} once unpacked", "压缩；解压后为 {bytes}")
}

/// Why a world was not compared, and what helps.
pub(crate) fn not_tried(why: &NotTried, lang: Lang) -> String {
    match why {
        NotTried::Failed { says } => {
            say!(lang, "The build failed there: {says}", "在该环境中构建失败：{says}")
        }
        NotTried::NeedsTool { tool, remedy } => {
            say!(lang, "There is no {tool}; install it: {remedy}.", "缺少 {tool}；安装：{remedy}。")
        }
        NotTried::ClockUnmoved { says } => say!(
            lang,
            "No Go program could be shown another clock, so nothing is said of time: {says}. A container may forbid ptrace or seccomp; allow them (--cap-add SYS_PTRACE), or build on a machine with another date.",
            "无法让 Go 程序看到另一时钟，故不对时间下结论：{says}。容器可能禁止 ptrace 或 seccomp；请放行（--cap-add SYS_PTRACE），或在日期不同的机器上构建。"
        ),
        NotTried::NoNamespace { says } => say!(
            lang,
            "This user may make no user namespace: {says}. Allow them (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns), or run as root.",
            "当前用户不能创建用户命名空间：{says}。请放行（sysctl user.max_user_namespaces、kernel.apparmor_restrict_unprivileged_userns），或以 root 运行。"
        ),
        NotTried::NoOtherFileSystem => say!(
            lang,
            "No other file system with 1 GiB of room is at hand (/dev/shm, /var/tmp, HOME); mount a tmpfs, or set TMPDIR to one.",
            "没有剩余 1 GiB 的其他文件系统（/dev/shm、/var/tmp、HOME）；请挂载 tmpfs，或将 TMPDIR 设到其他文件系统。"
        ),
        NotTried::NoCoarseDates { says } => say!(
            lang,
            "No file system with coarse dates could be mounted ({says}); only root may mount one: run as root with e2fsprogs installed, or name a folder on one with --coarse DIR.",
            "无法挂载时间戳粗糙的文件系统（{says}）；仅 root 可挂载：请以 root 运行并安装 e2fsprogs，或用 --coarse DIR 指定其上的目录。"
        ),
        NotTried::AlreadySo => {
            say!(lang, "It is so here already.", "此处本来就是如此。")
        }
        NotTried::NotInGit => say!(
            lang,
            "The package is in no git repository, so Go stamps nothing.",
            "该包不在 git 仓库中，Go 不会写入版本信息。"
        ),
        NotTried::NeverTheSame => say!(
            lang,
            "Two builds with nothing varied differ, so that another difference would say nothing; mend that first.",
            "什么都不变的两次构建已经不同，其他差异便说明不了问题；请先解决它。"
        ),
        NotTried::NotMade { says } => {
            say!(lang, "This world could not be made: {says}", "无法建立该环境：{says}")
        }
    }
}

/// A remedy, and what came of it.
pub(crate) fn remedy(remedy: &ReproRemedy, lang: Lang) -> String {
    let set = remedy.set.join(" ");
    let what = match remedy.advice {
        Some(what) => advice(what).to(lang).to_owned(),
        None => set,
    };
    match &remedy.tried {
        RemedyTried::Identical => {
            say!(
                lang,
                "{what}  (built both with it: the same bytes)",
                "{what}（两边都用它构建过：字节相同）"
            )
        }
        RemedyTried::Differs { bytes } => {
            let bytes = figures::exact(*bytes);
            say!(
                lang,
                "{what} does not do it (built both with it: {bytes} bytes differ)",
                "{what} 无效（两边都用它构建过：仍有 {bytes} 字节不同）"
            )
        }
        RemedyTried::Refuses { .. } => say!(
            lang,
            "{what}  (built both with it: the other build now fails instead of making something else)",
            "{what}（两边都用它构建过：另一环境会构建失败，而不再生成不同的文件）"
        ),
        RemedyTried::Fails { says } => {
            say!(lang, "{what} cannot be built: {says}", "{what} 无法构建：{says}")
        }
        RemedyTried::Untried => what,
    }
}

fn advice(what: ReproAdvice) -> Text {
    match what {
        ReproAdvice::PinCompiler => Text(
            "Build with the same C compiler and libraries everywhere: a container image by its digest. Go's build ID knows the compiler, and nothing of headers and libraries.",
            "处处使用相同的 C 编译器和库：按摘要固定容器镜像。Go 的构建 ID 计入编译器，但不计入头文件和库。",
        ),
        ReproAdvice::DropLtoInSources => Text(
            "Take -flto out of the package's #cgo lines; flags in the environment stand before them and cannot.",
            "从包的 #cgo 行中去掉 -flto；环境变量中的参数排在其前，无法取消它。",
        ),
        ReproAdvice::CleanCheckout => Text(
            "Ship from a clean checkout of one commit, and write the flags down beside it.",
            "从某一提交的干净检出进行发布构建，并记录所用参数。",
        ),
        ReproAdvice::SameGo => Text(
            "Build with the release of Go that the file names: elfin env install, or GOTOOLCHAIN.",
            "使用文件所记录的 Go 版本构建：elfin env install，或设置 GOTOOLCHAIN。",
        ),
        ReproAdvice::SameFolder => Text(
            "Build in the folder that the file names, or ship with -trimpath.",
            "在文件所记录的目录中构建，或用 -trimpath 发布。",
        ),
    }
}

/// What two files say of themselves that is not the same.
pub(crate) fn evidence(evidence: &ReproEvidence, lang: Lang) -> String {
    let or_none =
        |text: &str| if text.is_empty() { figures::NONE.to_owned() } else { text.to_owned() };
    match evidence {
        ReproEvidence::Setting { name, from, to }
        | ReproEvidence::Module { path: name, from, to } => {
            format!("{name}: {} → {}", or_none(from), or_none(to))
        }
        ReproEvidence::GoVersion { from, to } => format!("Go: {from} → {to}"),
        ReproEvidence::BuildId { code: true, .. } => say!(
            lang,
            "build ID: the main package's compiled code is another",
            "构建 ID：主包编译结果不同"
        ),
        ReproEvidence::BuildId { inputs: true, .. } => say!(
            lang,
            "build ID: the main package was compiled from other inputs or flags, and came out the same",
            "构建 ID：主包的输入或参数不同，编译结果相同"
        ),
        ReproEvidence::BuildId { .. } => say!(
            lang,
            "build ID: only the link had other flags, settings or packages",
            "构建 ID：仅链接的参数、设置或所链接的包不同"
        ),
        ReproEvidence::Symbols { from: true } => {
            say!(lang, "only the first has a symbol table", "仅前者有符号表")
        }
        ReproEvidence::Symbols { from: false } => {
            say!(lang, "only the second has a symbol table", "仅后者有符号表")
        }
        ReproEvidence::Path { path, times } => say!(
            lang,
            "{path}: {times}× in the file (compressed DWARF not counted)",
            "{path}：在文件中出现 {times} 次（不计压缩的 DWARF）"
        ),
    }
}
