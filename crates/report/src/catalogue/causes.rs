//! Causes of growth, what speaks for them, and the sentences of a difference.

use super::{Lang, Text, kinds, machines, say};
use crate::figures;
use elfin_schema::{Cause, CauseEvidence, Confidence, Fact};

pub(crate) const CAUSE: Text = Text("cause", "原因");
pub(crate) const BYTES: Text = Text("bytes", "字节");
pub(crate) const CONFIDENCE: Text = Text("how sure", "把握");
pub(crate) const UNEXPLAINED: Text = Text("unexplained", "未能解释");
pub(crate) const WHY: Text = Text("Why", "依据");
pub(crate) const PACKAGES: Text = Text("Packages that changed", "有变化的包");
pub(crate) const MODULES: Text = Text("Modules that changed", "有变化的模块");
pub(crate) const KINDS: Text = Text("Kinds that changed", "有变化的种类");
pub(crate) const SECTIONS: Text = Text("Sections that changed", "有变化的节区");
pub(crate) const FROM: Text = Text("before", "之前");
pub(crate) const TO: Text = Text("after", "之后");
pub(crate) const CHANGE: Text = Text("change", "变化");
pub(crate) const NONE: Text = Text("no package, or unknown", "不属于任何包，或未知");

/// Names a cause; a module by its path.
pub(crate) fn cause(cause: &Cause, lang: Lang) -> String {
    let text = match cause {
        Cause::Architecture => Text("another processor", "处理器不同"),
        Cause::OtherProgram => Text("another program", "程序不同"),
        Cause::Packer => Text("a packer", "压缩壳"),
        Cause::GoVersion => Text("Go version", "Go 版本"),
        Cause::ModuleAdded { module } => {
            return say!(lang, "module added: {module}", "新增模块：{module}");
        }
        Cause::ModuleRemoved { module } => {
            return say!(lang, "module removed: {module}", "移除模块：{module}");
        }
        Cause::ModuleVersion { module } => {
            return say!(lang, "module version: {module}", "模块版本：{module}");
        }
        Cause::PackageNew => Text("packages linked in anew", "新链接进来的包"),
        Cause::PackageGone => Text("packages no longer linked in", "不再链接的包"),
        Cause::OwnCode => Text("the program's own code", "程序自身的代码"),
        Cause::GenericInstances => Text("instances of generic functions", "泛型函数的实例"),
        Cause::Inlining => Text("inlining", "内联"),
        Cause::CompilerFlags => Text("compiler flags", "编译器参数"),
        Cause::CpuLevel => Text("processor level (GOAMD64)", "处理器级别（GOAMD64）"),
        Cause::FunctionAlignment => Text("alignment of functions", "函数对齐"),
        Cause::Instrumentation => Text("race detector or coverage", "竞态检测或覆盖率插桩"),
        Cause::BuildMode => Text("PIE (-buildmode)", "PIE（-buildmode）"),
        Cause::Linkage => Text("linker", "链接器"),
        Cause::Cgo => Text("cgo", "cgo"),
        Cause::Libc => Text("libc", "libc"),
        Cause::Dwarf => Text("DWARF", "DWARF"),
        Cause::DwarfCompression => Text("compression of DWARF", "DWARF 压缩"),
        Cause::DwarfVersion => Text("DWARF version", "DWARF 版本"),
        Cause::SymbolTable => Text("symbol table", "符号表"),
        Cause::BuildId => Text("build ID and notes", "构建 ID 与注记"),
        Cause::BuildInfo => Text("build information", "构建信息"),
        Cause::Paths => Text("paths of sources (-trimpath)", "源码路径（-trimpath）"),
        Cause::BuildTags => Text("build tags", "构建标签"),
        Cause::DeadCode => Text("dead-code elimination", "死代码消除"),
        Cause::EmbeddedFiles => Text("embedded files", "嵌入文件"),
        Cause::Padding => Text("padding and headers", "对齐填充与文件头"),
        Cause::Trailing => Text("data behind the program", "程序之后附加的数据"),
    };
    text.to(lang).to_owned()
}

/// How sure it is.
pub(crate) fn confidence(confidence: Confidence) -> Text {
    match confidence {
        Confidence::Proved => Text("proved", "已证实"),
        Confidence::Accounted => Text("accounted", "账面可查"),
        Confidence::Suspected => Text("suspected", "推测"),
    }
}

/// What confidence means, for whoever reads it the first time.
pub(crate) const CONFIDENCES: Text = Text(
    "Accounted: the two weighings say it. Suspected: another cause in the list may have some of these bytes. Proved: a rebuild with just this changed moved them.",
    "账面可查：由两份称量结果直接得出。推测：其中一部分可能属于列表中的其他原因。已证实：仅改变这一项重新构建后，这些字节随之变化。",
);

fn fact(fact: Fact) -> Text {
    match fact {
        Fact::GoVersion => Text("Go", "Go"),
        Fact::ModuleVersion => Text("version", "版本"),
        Fact::Architecture => Text("processor", "处理器"),
        Fact::MainPackage => Text("main package", "主包"),
        Fact::Linker => Text("linker", "链接器"),
        Fact::Tools => Text("C tools", "C 工具"),
        Fact::Interpreter => Text("dynamic linker", "动态链接器"),
        Fact::Needed => Text("libraries", "依赖库"),
        Fact::Pie => Text("position-independent", "位置无关"),
        Fact::Dwarf => Text("DWARF", "DWARF"),
        Fact::DwarfVersion => Text("DWARF version", "DWARF 版本"),
        Fact::DwarfCompression => Text("compression of DWARF", "DWARF 压缩"),
        Fact::SymbolTable => Text("symbol table", "符号表"),
        Fact::FunctionAlignment => Text("functions aligned to", "函数对齐到"),
        Fact::GoSources => Text("Go's sources", "Go 源码目录"),
        Fact::MainSources => Text("the program's sources", "程序源码目录"),
        Fact::MethodsKept => Text("exported methods with code", "保留代码的导出方法"),
        Fact::BuildId => Text("build ID", "构建 ID"),
    }
}

/// What speaks for a cause, in a sentence.
pub(crate) fn evidence(evidence: &CauseEvidence, lang: Lang) -> String {
    /// No value is shown longer.
    const LONGEST: usize = 160;
    let none = Text("none", "无").to(lang);
    let value = |text: &str| {
        let shown: String = text.chars().take(LONGEST).collect();
        match shown.len() < text.len() {
            _ if text.is_empty() => none.to_owned(),
            true => shown + "…",
            false => shown,
        }
    };
    let list = |items: Vec<String>| items.join(&say!(lang, ", ", "，"));
    match evidence {
        CauseEvidence::Setting { name, from, to } => {
            let (from, to) = (value(from), value(to));
            say!(lang, "{name}: {from} → {to}", "{name}：{from} → {to}")
        }
        CauseEvidence::Fact { what, from, to } => {
            let (what, from, to) = (fact(*what).to(lang), value(from), value(to));
            say!(lang, "{what}: {from} → {to}", "{what}：{from} → {to}")
        }
        CauseEvidence::Kinds { kinds } => {
            let name = |kind: Option<_>| kind.map_or(kinds::UNKNOWN, kinds::kind).to(lang);
            let items = kinds
                .iter()
                .map(|(kind, n)| format!("{} {}", name(*kind), figures::exact_change(*n)));
            list(items.collect())
        }
        CauseEvidence::Packages { count, first } => {
            let items =
                first.iter().map(|(name, n)| format!("{name} {}", figures::exact_change(*n)));
            let items = list(items.collect());
            match count - first.len().min(*count) {
                0 => items,
                more => {
                    say!(lang, "{items}, and {more} packages more", "{items}，另有 {more} 个包")
                }
            }
        }
        CauseEvidence::Functions { came, went, largest } => {
            let largest = list(largest.iter().map(|it| value(it)).collect());
            say!(
                lang,
                "{came} functions came, {went} went; the largest: {largest}",
                "新增 {came} 个函数，消失 {went} 个；最大的有：{largest}"
            )
        }
        CauseEvidence::LooksUpMethods { function, path } if path.is_empty() => say!(
            lang,
            "{function} looks up methods by names that the linker cannot know, so it keeps every exported method",
            "{function} 按链接器无法预知的名字查找方法，因此所有导出方法都被保留"
        ),
        CauseEvidence::LooksUpMethods { function, path } => {
            let path = path.join(" → ");
            say!(
                lang,
                "{function} looks up methods by names that the linker cannot know, so it keeps every exported method; reached by {path}",
                "{function} 按链接器无法预知的名字查找方法，因此所有导出方法都被保留；调用路径：{path}"
            )
        }
        CauseEvidence::AlsoPossible { bytes, causes } => {
            let bytes = figures::exact(bytes.unsigned_abs());
            let causes = list(causes.iter().map(|it| cause(it, lang)).collect());
            say!(
                lang,
                "{bytes} of these bytes may be due to: {causes}",
                "其中 {bytes} 字节也可能源于：{causes}"
            )
        }
        CauseEvidence::NotToldApart => say!(
            lang,
            "it differs, but its bytes cannot be told apart from those of the causes above",
            "此项确有不同，但其字节无法与上述原因区分开"
        ),
        CauseEvidence::Machine(it) => {
            let what = machines::fact(&it.what, lang);
            let (from, to) = (value(&it.from), value(&it.to));
            say!(lang, "the machines: {what}: {from} → {to}", "两台机器：{what}：{from} → {to}")
        }
        CauseEvidence::NotWithoutCgo => say!(
            lang,
            "with CGO_ENABLED=0 on both machines neither C compiler nor linker nor libc have a part in the program",
            "两台机器都设 CGO_ENABLED=0，则 C 编译器、链接器和 libc 均不参与构建"
        ),
        CauseEvidence::NotRebuilt { setting, says } => {
            let says = value(says);
            say!(
                lang,
                "a rebuild with {setting} failed: {says}",
                "以 {setting} 重新构建失败：{says}"
            )
        }
        CauseEvidence::Rebuilt { setting, bytes: 0 } => say!(
            lang,
            "a rebuild with {setting} changed no byte count: the suspicion is taken back",
            "以 {setting} 重新构建，字节数不变：排除这一推测"
        ),
        CauseEvidence::Rebuilt { setting, bytes } => {
            let bytes = figures::exact_change(*bytes);
            say!(
                lang,
                "a rebuild with {setting} moved {bytes} bytes",
                "以 {setting} 重新构建，体积变化 {bytes} 字节"
            )
        }
    }
}

/// Says which rebuilds come, and how many.
pub(crate) fn rebuilds(causes: &[Cause], builds: usize, lang: Lang) -> String {
    let names: Vec<String> = causes.iter().map(|it| cause(it, lang)).collect();
    let names = names.join(&say!(lang, ", ", "，"));
    match builds {
        0 => say!(
            lang,
            "no cause of this difference is undone by a setting, so there is nothing to build",
            "没有任何原因可以通过设置撤销，因此无需构建"
        ),
        _ => say!(
            lang,
            "{builds} builds: as it is, and then without one cause more each: {names}",
            "共 {builds} 次构建：先按原样，再逐一去掉以下原因：{names}"
        ),
    }
}

/// The remedy, as it is typed.
pub(crate) fn remedy(remedy: &str, lang: Lang) -> String {
    say!(lang, "as before: {remedy}", "恢复原状：{remedy}")
}

/// The first sentence: which is larger and by how much.
pub(crate) fn larger(from: (&str, u64), to: (&str, u64), lang: Lang) -> String {
    let ((from, before), (to, after)) = (from, to);
    let bytes = figures::human(before.abs_diff(after));
    let percent = figures::percent_between(before, after).map(figures::percent).unwrap_or_default();
    match after.cmp(&before) {
        std::cmp::Ordering::Greater => say!(
            lang,
            "{to} is {bytes} ({percent}) larger than {from}.",
            "{to} 比 {from} 大 {bytes}（{percent}）。"
        ),
        std::cmp::Ordering::Less => say!(
            lang,
            "{to} is {bytes} ({percent}) smaller than {from}.",
            "{to} 比 {from} 小 {bytes}（{percent}）。"
        ),
        std::cmp::Ordering::Equal => {
            say!(lang, "{to} and {from} have the same size.", "{to} 与 {from} 大小相同。")
        }
    }
}

/// A cause with its bytes, in a clause: `594.0 KiB PIE`.
pub(crate) fn part(bytes: i64, cause: &str, lang: Lang) -> String {
    let sign = if bytes < 0 { "−" } else { "+" };
    let bytes = figures::human(bytes.unsigned_abs());
    say!(lang, "{sign}{bytes} {cause}", "{cause} {sign}{bytes}")
}

/// The sentence of the largest causes.
pub(crate) fn because(parts: &[String], lang: Lang) -> String {
    let parts = parts.join(&say!(lang, ", ", "，"));
    say!(lang, "{parts}.", "{parts}。")
}

/// Says that nothing differs.
pub(crate) const SAME: Text = Text("Nothing that is counted differs.", "逐项计数，没有任何差别。");
