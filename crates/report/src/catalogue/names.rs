//! The names of what the documents enumerate: statuses, parts, capabilities, questions.

use super::{Lang, Text, say};
use crate::figures;
use elfin_schema::{Capability, GivenUp, Part, PickKind, Relro, Status};

/// A status as a word.
pub(crate) fn status(status: Status) -> Text {
    match status {
        Status::Ok => Text("ok", "正常"),
        Status::Failed => Text("failed", "失败"),
        Status::Impossible => Text("impossible", "不可行"),
        Status::Broken => Text("broken", "已损坏"),
        Status::Skipped => Text("skipped", "跳过"),
    }
}

/// A status with its reason, where there is one.
pub(crate) fn ended(ended: Status, why: &str, lang: Lang) -> String {
    let status = status(ended).to(lang);
    if why.is_empty() {
        return status.to_owned();
    }
    say!(lang, "{status}: {why}", "{status}：{why}")
}

/// What a part of the file is.
pub(crate) fn part(part: Part) -> Text {
    match part {
        Part::Text => Text("machine code", "机器码"),
        Part::Rodata => Text("read-only data", "只读数据"),
        Part::Pclntab => Text("function and line table (pclntab)", "函数与行号表（pclntab）"),
        Part::Data => Text("writable data", "可写数据"),
        Part::Symtab => Text("symbol table", "符号表"),
        Part::Strtab => Text("symbol names", "符号名"),
        Part::Debug => Text("debug information (DWARF)", "调试信息（DWARF）"),
        Part::Relocations => Text("relocations", "重定位"),
        Part::Notes => Text("notes and build information", "注记与构建信息"),
        Part::Dynamic => Text("dynamic linking", "动态链接"),
        Part::Headers => Text("ELF headers", "ELF 头"),
        Part::Packed => Text("packed payload", "压缩后的内容"),
        Part::Padding => Text("padding", "填充"),
    }
}

/// A question, as the heading of its answer.
pub(crate) fn question(kind: PickKind) -> Text {
    match kind {
        PickKind::KeepsGdb => Text("Smallest with gdb in full", "gdb 功能完整的最小配方"),
        PickKind::StartsFast => {
            Text("Smallest that starts within 1.2×", "启动不超过 1.2 倍的最小配方")
        }
        PickKind::Smallest => Text("Smallest of all", "体积最小的配方"),
    }
}

/// A capability as a column's heading.
pub(crate) fn capability(capability: Capability) -> Text {
    match capability {
        Capability::PanicTrace => Text("panic trace", "panic 堆栈"),
        Capability::RuntimeCaller => Text("runtime.Caller", "runtime.Caller"),
        Capability::GoVersion => Text("go version -m", "go version -m"),
        Capability::GoNm => Text("go tool nm", "go tool nm"),
        Capability::Addr2line => Text("addr2line", "addr2line"),
        Capability::Pprof => Text("pprof", "pprof"),
        Capability::GdbFunction => Text("gdb: function", "gdb 函数断点"),
        Capability::GdbLine => Text("gdb: line", "gdb 行断点"),
        Capability::GdbBacktrace => Text("gdb: backtrace", "gdb 回溯"),
        Capability::GdbLocals => Text("gdb: locals", "gdb 局部变量"),
        Capability::DlvBreak => Text("dlv: break", "dlv 断点"),
        Capability::DlvLocals => Text("dlv: locals", "dlv 局部变量"),
        Capability::Perf => Text("perf", "perf"),
    }
}

/// What it means, plainly, that a capability is lost.
fn lost(capability: Capability) -> Text {
    match capability {
        Capability::PanicTrace => {
            Text("panics name no function and line", "panic 不再给出函数名和行号")
        }
        Capability::RuntimeCaller => {
            Text("runtime.Caller gives no function and line", "runtime.Caller 不再给出函数名和行号")
        }
        Capability::GoVersion => {
            Text("go version -m reads nothing from the file", "go version -m 读不到任何信息")
        }
        Capability::GoNm => Text("go tool nm lists no functions", "go tool nm 列不出函数"),
        Capability::Addr2line => {
            Text("addr2line finds no function and line", "addr2line 查不到函数名和行号")
        }
        Capability::Pprof => {
            Text("pprof cannot name functions from the file", "pprof 无法从文件得到函数名")
        }
        Capability::GdbFunction => Text("gdb cannot stop at a function", "gdb 无法在函数处停下"),
        Capability::GdbLine => Text("gdb cannot stop at a line", "gdb 无法在指定行停下"),
        Capability::GdbBacktrace => {
            Text("gdb prints no backtrace up to main.main", "gdb 打印不出直到 main.main 的回溯")
        }
        Capability::GdbLocals => Text("gdb prints no local variables", "gdb 打印不出局部变量"),
        Capability::DlvBreak => Text("Delve cannot stop at a function", "Delve 无法在函数处停下"),
        Capability::DlvLocals => Text("Delve prints no local variables", "Delve 打印不出局部变量"),
        Capability::Perf => Text("perf names no functions", "perf 无法给出函数名"),
    }
}

/// The RELRO levels as `checksec` and its kin name them.
pub(crate) fn relro(relro: Relro) -> Text {
    match relro {
        Relro::None => Text("none", "无"),
        Relro::Partial => Text("partial", "部分"),
        Relro::Full => Text("full", "完全"),
    }
}

/// One thing given up, plainly.
fn given_up(given: &GivenUp, lang: Lang) -> String {
    match given {
        GivenUp::Lost { capability } => lost(*capability).to(lang).to_owned(),
        GivenUp::SlowerStart { times, ms } => {
            let (times, ms) = (figures::times(*times), figures::ms(*ms));
            let times = super::sentences::against_baseline(&times, lang);
            say!(lang, "starts slower: {ms} ms, {times}", "启动变慢：{ms} 毫秒，{times}")
        }
        GivenUp::MoreMemory { bytes } => {
            let more = figures::human(*bytes);
            say!(
                lang,
                "each instance holds {more} more private memory",
                "每个实例多占 {more} 私有内存"
            )
        }
        GivenUp::LargerDownload { bytes } => {
            let more = figures::human(*bytes);
            say!(
                lang,
                "its gzip download is {more} larger than the baseline",
                "gzip 下载量比基准大 {more}"
            )
        }
        GivenUp::NoPie => say!(
            lang,
            "it is no longer position-independent (PIE)",
            "不再是位置无关可执行文件（PIE）"
        ),
        GivenUp::NotFromScratch => say!(
            lang,
            "it no longer starts in an empty root (FROM scratch)",
            "不再能在空的根目录（FROM scratch）中启动"
        ),
        GivenUp::NoCgo { packages } => no_cgo(packages, lang),
        GivenUp::Nothing => say!(lang, "nothing that was measured", "所测各项均无损失"),
    }
}

/// What a program does without that was built without cgo.
fn no_cgo(packages: &[String], lang: Lang) -> String {
    let (mut without, mut own) = (Vec::new(), Vec::new());
    for package in packages {
        match package.as_str() {
            "net" => without.push(say!(
                lang,
                "the C library's name resolution (Go's own resolver asks DNS and /etc/hosts, no NSS module)",
                "C 库的域名解析（Go 自带的解析器只查询 DNS 和 /etc/hosts，不经 NSS 模块）"
            )),
            "os/user" => without.push(say!(
                lang,
                "the C library's users and groups (Go reads /etc/passwd and /etc/group, no LDAP)",
                "C 库的用户与组查询（Go 只读取 /etc/passwd 和 /etc/group，不经 LDAP）"
            )),
            other => own.push(other),
        }
    }
    if !own.is_empty() {
        let own = own.join(", ");
        without.push(say!(lang, "the C code of {own}", "{own} 的 C 代码"));
    }
    without.join(&say!(lang, "; ", "；"))
}

/// Debuggers of which every probe was lost are one loss, not a list.
const WHOLE: [(&[Capability], Text); 2] = [
    (
        &[
            Capability::GdbFunction,
            Capability::GdbLine,
            Capability::GdbBacktrace,
            Capability::GdbLocals,
        ],
        Text("gdb does not work on it any more", "gdb 完全无法使用"),
    ),
    (
        &[Capability::DlvBreak, Capability::DlvLocals],
        Text("Delve does not work on it any more", "Delve 完全无法使用"),
    ),
];

/// What a pick gives up, as plain phrases in the order of the document.
pub(crate) fn gives_up(given: &[GivenUp], lang: Lang) -> Vec<String> {
    let lost = |one: &Capability| given.contains(&GivenUp::Lost { capability: *one });
    let mut phrases = Vec::new();
    for one in given {
        let whole = WHOLE.iter().find(|(all, _)| {
            matches!(one, GivenUp::Lost { capability } if all.contains(capability))
                && all.iter().all(lost)
        });
        let phrase = match whole {
            Some((_, text)) => text.to(lang).to_owned(),
            None => given_up(one, lang),
        };
        if !phrases.contains(&phrase) {
            phrases.push(phrase);
        }
    }
    if phrases.is_empty() {
        phrases.push(given_up(&GivenUp::Nothing, lang));
    }
    phrases
}
