//! What slimming says: its steps, how each went, why one was not done.

use super::{Lang, Text, say};
use crate::figures;
use elfin_schema::{SlimOutcome, SlimRefusal, SlimRemark, SlimStepName, Slimming};

/// The whole in one sentence.
pub(crate) fn sum(document: &Slimming, lang: Lang) -> String {
    let (before, after) = (figures::exact(document.before), figures::exact(document.after));
    let change = figures::percent_between(document.before, document.after);
    let change = change.map(figures::percent).unwrap_or_default();
    let sum = say!(
        lang,
        "{before} bytes become {after} ({change})",
        "{before} 字节变为 {after} 字节（{change}）"
    );
    match document.debug.map(figures::exact) {
        Some(debug) => {
            say!(lang, "{sum}; debug file {debug} bytes", "{sum}；调试文件 {debug} 字节")
        }
        None => sum,
    }
}

/// A step's name.
pub(crate) fn step(step: SlimStepName) -> Text {
    match step {
        SlimStepName::Symbols => Text("symbols", "符号表"),
        SlimStepName::Dwarf => Text("dwarf", "DWARF 调试信息"),
        SlimStepName::Comment => Text("comment", "编译器注释"),
        SlimStepName::DebugLink => Text("debug-link", "调试文件链接"),
        SlimStepName::Notes => Text("notes", "注记"),
        SlimStepName::StaticPie => Text("static-pie", "静态 PIE"),
        SlimStepName::Relocations => Text("relocations", "重定位打包"),
        SlimStepName::Recompress => Text("recompress", "重新压缩"),
        SlimStepName::Layout => Text("layout", "布局"),
    }
}

/// How a step went.
pub(crate) fn outcome(outcome: SlimOutcome) -> Text {
    match outcome {
        SlimOutcome::Done => Text("done", "完成"),
        SlimOutcome::Nothing => Text("nothing to do", "无需处理"),
        SlimOutcome::LeftOut => Text("left out", "按要求略过"),
        SlimOutcome::Refused(_) => Text("not done", "未执行"),
    }
}

/// What there is to know about the program.
pub(crate) fn remark(remark: SlimRemark) -> Text {
    match remark {
        SlimRemark::NotGo => Text(
            "This is not a Go program. What was done holds for any ELF program, but it is tested with Go's.",
            "这不是 Go 程序。所做的处理适用于任何 ELF 程序，但仅用 Go 程序测试过。",
        ),
        SlimRemark::Moves => Text(
            "The program moves to an address of its own when it starts: breakpoints that a debugger sets before the start miss. Attaching to the running program works.",
            "程序启动时会移动到自选的地址：调试器在启动前设置的断点会失效。附加到正在运行的程序仍然可行。",
        ),
        SlimRemark::NeedsNewerLibc => Text(
            "The program now asks for glibc 2.36 or later, which reads packed relocations; an older one refuses it in words. --target glibc-2.35, or whatever is the oldest that it meets, leaves them as they are.",
            "程序现在要求 glibc 2.36 或更高版本，因为它能读取打包的重定位；更旧的版本会明确拒绝加载。若目标机器较旧，用 --target glibc-2.35（或实际的最低版本）可保持重定位原样。",
        ),
        SlimRemark::Privileges => Text(
            "The original has setuid, setgid or file capabilities; the new file has none, as every copy. Give them again, or use --in-place, which keeps them.",
            "原文件带有 setuid、setgid 或文件能力；新文件与任何副本一样不带这些权限。请重新赋予，或使用会保留它们的 --in-place。",
        ),
    }
}

/// Why a step was not done.
pub(crate) fn refusal(why: SlimRefusal) -> Text {
    match why {
        SlimRefusal::Machine => Text(
            "elfin does not know how this processor relocates a program.",
            "elfin 不了解该处理器的重定位方式。",
        ),
        SlimRefusal::OnlyAmd64 => Text(
            "The code that takes the dynamic linker's place is for amd64 only.",
            "替代动态链接器的代码仅支持 amd64。",
        ),
        SlimRefusal::NotPie => Text(
            "The file is no position-independent program; build with -buildmode=pie.",
            "该文件不是位置无关程序；请用 -buildmode=pie 构建。",
        ),
        SlimRefusal::NeedsLibraries => Text(
            "The program needs shared libraries, which only the dynamic linker can load; build with CGO_ENABLED=0.",
            "程序依赖共享库，只有动态链接器才能加载；请用 CGO_ENABLED=0 构建。",
        ),
        SlimRefusal::NotRelative => Text(
            "The program has relocations that only the dynamic linker can do.",
            "程序含有只有动态链接器才能处理的重定位。",
        ),
        SlimRefusal::LoaderUnknown => Text(
            "A loader older than glibc 2.36 or musl 1.2.4 would crash on packed relocations, and this program names no library by which it could be refused. Say --target glibc-2.36 or --target musl-1.2.4 if every machine has one; or take --static-pie, which needs no loader.",
            "早于 glibc 2.36 或 musl 1.2.4 的加载器遇到打包的重定位会崩溃，而该程序没有声明任何可据以拒绝加载的库。若所有目标机器都够新，请指定 --target glibc-2.36 或 --target musl-1.2.4；或改用不需要加载器的 --static-pie。",
        ),
        SlimRefusal::LoaderOld => Text(
            "The C library that --target names does not read packed relocations: glibc does from 2.36 on, musl from 1.2.4 on.",
            "--target 指定的 C 库不能读取打包的重定位：glibc 自 2.36 起、musl 自 1.2.4 起才支持。",
        ),
        SlimRefusal::OwnLoader => Text(
            "The program relocates itself by code of the C library that it was linked with, and that may be too old to read packed relocations.",
            "程序用链接进来的 C 库代码自行重定位，而那段代码可能太旧，无法读取打包的重定位。",
        ),
        SlimRefusal::NoRoom => Text(
            "Headers that must grow have no room in the file.",
            "需要扩展的头部在文件中没有空间。",
        ),
        SlimRefusal::Dynamic => Text(
            "The dynamic table is not as expected, so it was not touched.",
            "动态表与预期不符，未作改动。",
        ),
    }
}
