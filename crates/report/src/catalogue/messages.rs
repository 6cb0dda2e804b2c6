//! The stored messages in words.
//!
//! The first sentence of each stands alone in a table, so it is short and says
//! what happened; what follows says why, or what to do.

use super::{Lang, say};
use crate::figures;
use elfin_schema::Message;

/// Puts a stored message into words.
///
/// The text is one paragraph without markup. Arguments come from outside
/// programs, so the caller escapes the whole for where it goes.
// As long as the catalogue is: one arm a message, and no wildcard, so that a
// message without its two texts does not compile.
pub fn message(m: &Message, lang: Lang) -> String {
    match m {
        Message::RelinkFinishedFile => say!(
            lang,
            "A finished file cannot be linked again as PIE. It no longer carries the relocations that a second link needs, so pie has to come first, as a way of building.",
            "成品文件无法重新链接为 PIE。它不再带有第二次链接所需的重定位信息，因此 pie 只能作为构建方式放在最前面。"
        ),
        Message::StripPackedFile => say!(
            lang,
            "There is nothing to strip in a packed file. The packer dropped the section table that strip works on; strip first and pack last.",
            "压缩后的文件没有可供 strip 处理的内容。压缩壳已去掉 strip 所依赖的节区表；请先 strip，最后再压缩。"
        ),
        Message::UpxRefusesGoPie => say!(
            lang,
            "UPX refuses a PIE from Go's own linker. It does not accept the dynamic table in it; a PIE linked by an external linker may pass.",
            "UPX 拒绝 Go 内部链接器生成的 PIE。它不接受其中的动态表；用外部链接器生成的 PIE 或许可行。"
        ),
        Message::UpxAlreadyPacked => say!(
            lang,
            "UPX found the file packed already. It packs a file only once.",
            "UPX 发现文件已经压缩过。同一个文件它只压缩一次。"
        ),
        Message::PackRefuses { why } => {
            let why = super::packing::refusal(*why).to(lang);
            say!(
                lang,
                "elfin pack leaves the file as it is: {why}.",
                "elfin pack 未处理该文件：{why}。"
            )
        }
        Message::ToolFailed { tool } => say!(lang, "{tool} failed.", "{tool} 执行失败。"),
        Message::ToolTimedOut { tool, seconds } => say!(
            lang,
            "{tool} was ended after {seconds} s without a result.",
            "{tool} 运行 {seconds} 秒仍无结果，已被终止。"
        ),
        Message::BuildFailed => {
            say!(lang, "go build failed with these settings.", "用这组设置执行 go build 失败。")
        }
        Message::LinkFailed => {
            say!(lang, "The C toolchain could not link this variant.", "C 工具链无法链接这个变体。")
        }
        Message::ToolMissing { tool, remedy } => say!(
            lang,
            "{tool} is not on this machine. To have it: {remedy}",
            "本机没有 {tool}。安装方法：{remedy}"
        ),
        Message::GoMissing { version } => say!(
            lang,
            "Go {version} is not on this machine. Install it next to the Go in use to have this variant.",
            "本机没有 Go {version}。与现有的 Go 并存安装后即可测量这个变体。"
        ),
        Message::OtherTarget { target } => say!(
            lang,
            "{target} cannot run on this machine. It was measured for size only.",
            "{target} 无法在本机运行。只测量了体积。"
        ),
        Message::OutputDiffers { expected, found } => say!(
            lang,
            "The program prints something else than the baseline. Expected “{expected}”, found “{found}”.",
            "程序的输出与基准不同。应为“{expected}”，实为“{found}”。"
        ),
        Message::ExitDiffers { expected, found } => say!(
            lang,
            "The program ends otherwise than the baseline. Expected “{expected}”, found “{found}”.",
            "程序的退出方式与基准不同。应为“{expected}”，实为“{found}”。"
        ),
        Message::NeverReady { seconds, ready } => {
            let seconds = figures::plain(*seconds);
            say!(
                lang,
                "The program was not ready within {seconds} s. It was waited for with {ready}.",
                "程序在 {seconds} 秒内未就绪。等待条件为 {ready}。"
            )
        }
        Message::CannotStart => {
            say!(lang, "The program cannot be started at all.", "程序根本无法启动。")
        }
        Message::InterpreterMissing { interpreter } => say!(
            lang,
            "The file asks for the loader {interpreter}. An empty root does not have it.",
            "文件需要加载器 {interpreter}。空的根目录里没有它。"
        ),
        Message::NoUserNamespace => say!(
            lang,
            "The kernel does not let this user make a namespace. Run as root, or allow unprivileged user namespaces.",
            "内核不允许当前用户创建命名空间。请以 root 运行，或允许非特权用户命名空间。"
        ),
        Message::NoServer => say!(
            lang,
            "No server found: the program listens on no port that speaks HTTP. --ready tcp:PORT or stdout:REGEX says when it is up.",
            "未发现服务器：程序没有监听任何使用 HTTP 的端口。用 --ready tcp:PORT 或 stdout:REGEX 说明它何时就绪。"
        ),
        Message::CacheNotDropped { file_system } => say!(
            lang,
            "The file's page cache could not be dropped on {file_system}. Cold starts were not measured; put the output folder on a local disk.",
            "在 {file_system} 上无法清除该文件的页缓存。未测量冷启动；请把输出目录放到本地磁盘上。"
        ),
        Message::LeftOutByQuick => {
            say!(lang, "Left out by --quick.", "--quick 模式下略去。")
        }
        Message::NotAsked => {
            say!(lang, "No starts, or too few, were asked for.", "未要求启动，或启动次数太少。")
        }
        Message::NoSource => say!(
            lang,
            "A finished file has no source. The probe program can only be built the way a Go package is.",
            "成品文件没有源码。探测程序只能按 Go 包的方式构建。"
        ),
        Message::NotPermitted { what } => say!(
            lang,
            "The kernel or the container does not allow {what}.",
            "内核或容器不允许 {what}。"
        ),
        Message::NotSeen { what } => say!(
            lang,
            "The program did not live long enough to be looked at for {what}.",
            "程序运行时间太短，来不及观察 {what}。"
        ),
        Message::Load { load, cpus } => {
            let load = figures::plain(*load);
            say!(
                lang,
                "The machine was busy before the first start: {load} of {cpus} processors. Times may be too long; measure again when it is idle.",
                "第一次启动前机器繁忙：{cpus} 个处理器中有 {load} 个在忙。时间可能偏长；请在空闲时重新测量。"
            )
        }
        Message::Governor { governor } => say!(
            lang,
            "The clock frequency may vary: governor {governor}. The governor performance gives steadier times.",
            "处理器频率可能变化：调频策略为 {governor}。改用 performance 策略，时间会更稳定。"
        ),
        Message::NoGovernor => say!(
            lang,
            "The kernel shows no frequency governor. Changes of the clock frequency cannot be ruled out.",
            "内核未给出调频策略。无法排除处理器频率变化的影响。"
        ),
        Message::VirtualMachine { clock_source } => say!(
            lang,
            "This is a virtual machine: its processors are shared with other guests. Clock source {clock_source}.",
            "这是一台虚拟机：处理器与其他虚拟机共用。时钟源为 {clock_source}。"
        ),
        Message::SlowClock { clock_source } => say!(
            lang,
            "The clock source {clock_source} is slow or coarse. Short times are less exact than they look.",
            "时钟源 {clock_source} 较慢或精度不足。很短的时间不如看上去那样精确。"
        ),
        Message::WindowsFileSystem { file_system } => say!(
            lang,
            "The output folder is on a file system that Windows serves ({file_system}). Starts are slower there; use a folder inside Linux.",
            "输出目录位于由 Windows 提供的文件系统（{file_system}）。在那里启动较慢；请改用 Linux 内部的目录。"
        ),
        Message::OutputVaries => say!(
            lang,
            "The baseline's own output varies from run to run. Only what stays the same was compared.",
            "基准程序每次运行的输出并不相同。只比较了保持不变的部分。"
        ),
        Message::FileEndsEarly { what, end, size } => say!(
            lang,
            "The file ends at {size:#x}, but its headers let {what} reach to {end:#x}. It is cut off or damaged; what is missing is not in the table.",
            "文件在 {size:#x} 处结束，但文件头称 {what} 延伸到 {end:#x}。文件被截断或已损坏；缺失部分不在表中。"
        ),
        Message::StartsFailed { recipe, failed } => say!(
            lang,
            "{failed} starts of {recipe} failed and were repeated, which then went well. A program that starts most of the time is not one to ship before you know why.",
            "{recipe} 有 {failed} 次启动失败，重试后成功。在弄清原因之前，不要发布一个只是大多数时候能启动的程序。"
        ),
        Message::BaselineFails { exit } => say!(
            lang,
            "The baseline itself ends with {exit}. Every recipe was started the same way and held to that; if the program needs arguments, give them with --run.",
            "基准程序本身以 {exit} 结束。所有配方都以同样方式启动并与之对照；如果程序需要参数，请用 --run 给出。"
        ),
        Message::Noisy { percent } => {
            let percent = figures::plain(*percent);
            say!(
                lang,
                "The baseline's starts scatter by {percent} % of their median. Small differences in time mean little here.",
                "基准程序各次启动时间的离散度为中位数的 {percent}%。在此情况下，细微的时间差异意义不大。"
            )
        }
        Message::PackedByUpx => say!(
            lang,
            "UPX has packed this file, so only the packer's parts show. To weigh what is in it: upx -d -o unpacked FILE, then weigh that.",
            "该文件已被 UPX 压缩，只能看到压缩壳的各部分。要称量其中的内容：先执行 upx -d -o unpacked FILE，再称量解压后的文件。"
        ),
        Message::NotGo => say!(
            lang,
            "This is no Go program: it has neither pclntab nor build information. Sections, symbols and DWARF are weighed.",
            "这不是 Go 程序：既没有 pclntab，也没有构建信息。仅按节区、符号和 DWARF 称量。"
        ),
        Message::IsNotGo { name } => say!(
            lang,
            "{name} is no Go program. The two are compared by kinds of bytes; causes that build information would tell are not known.",
            "{name} 不是 Go 程序。只能按字节种类比较；构建信息才能说明的原因无从得知。"
        ),
        Message::NeitherIsGo => say!(
            lang,
            "Neither file is a Go program. They are compared by kinds of bytes; causes that build information would tell are not known.",
            "两个文件都不是 Go 程序。只能按字节种类比较；构建信息才能说明的原因无从得知。"
        ),
        Message::ReceiptOfOtherGo { name, built, receipt } => {
            let receipt = if receipt.is_empty() {
                super::Text("no Go", "没有 Go").to(lang)
            } else {
                receipt
            };
            say!(
                lang,
                "{name} was built by {built}, and its receipt says {receipt}: make the receipt on the machine and in the folder where the program is built.",
                "{name} 由 {built} 构建，而对应的凭据记录的是 {receipt}：请在构建该程序的机器和目录中生成凭据。"
            )
        }
        Message::RebuildDiffers { name, bytes } => {
            let bytes = figures::exact_change(*bytes);
            say!(
                lang,
                "Built again as it is, {name} differs by {bytes} bytes: other sources or another machine. What is proved holds for the rebuild, and the rest is compared as it stands.",
                "按原样重新构建的 {name} 相差 {bytes} 字节：源码或机器不同。已证实的部分针对重新构建的程序，其余仍按账面比较。"
            )
        }
        Message::OtherArchitecture { from, to } => say!(
            lang,
            "The files are for different processors: {from} and {to}. Their code cannot be compared function by function.",
            "两个文件面向不同的处理器：{from} 与 {to}。代码无法逐个函数比较。"
        ),
        Message::OtherProgram { from, to } => say!(
            lang,
            "These are different programs: {from} and {to}. What is told apart is still counted, but hardly anything of it is a cause.",
            "这是两个不同的程序：{from} 与 {to}。差异照样逐项计数，但多数算不上原因。"
        ),
        Message::TableMissing { table } => say!(
            lang,
            "{table} was not found, or contradicts the rest of the file. What only it tells is unknown.",
            "未找到 {table}，或其内容与文件其余部分矛盾。只能由它说明的字节归为未知。"
        ),
        Message::SectionUnreadable { section, offset, says } => say!(
            lang,
            "{section} at offset {offset:#x} could not be read: {says}. Its bytes are counted as a whole.",
            "无法读取偏移 {offset:#x} 处的 {section}：{says}。其字节按整体计入。"
        ),
        Message::ClaimsClash { bytes, offset, kept, lost } => say!(
            lang,
            "{bytes} bytes were claimed twice, first at offset {offset:#x}: they are counted for {kept}, not for {lost}.",
            "有 {bytes} 字节被重复认领，首处位于偏移 {offset:#x}：计入 {kept}，不计入 {lost}。"
        ),
        Message::MachineQuiet => say!(
            lang,
            "Nothing was found that disturbs the figures.",
            "未发现会干扰测量结果的因素。"
        ),
    }
}

/// The first sentence of a message, for a table's row, without its full stop.
pub(crate) fn brief(m: &Message, lang: Lang) -> String {
    let whole = message(m, lang);
    let end = whole.find(". ").or_else(|| whole.find('。')).unwrap_or(whole.len());
    whole[..end].trim_end_matches('.').to_owned()
}
