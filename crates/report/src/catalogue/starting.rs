//! The stages of a start and what is said of them.

use super::{Lang, Text, say};
use crate::figures;
use elfin_schema::{Counting, InitClock, Phase};

pub(crate) const STAGES: Text = Text("Stages", "各阶段");
pub(crate) const PACKAGES: Text = Text("Packages", "包初始化");
pub(crate) const PACKAGE: Text = Text("package", "包");
pub(crate) const WAY_IN: Text = Text("The way in", "入口链");
pub(crate) const FUNCTION: Text = Text("function", "函数");
pub(crate) const INSTRUCTIONS: Text = Text("instructions", "指令数");
pub(crate) const MS: Text = Text("ms", "毫秒");
pub(crate) const FAULTS: Text = Text("page faults", "缺页");
pub(crate) const STAGE: Text = Text("stage", "阶段");
pub(crate) const BYTES: Text = Text("bytes", "字节");
pub(crate) const ALLOCATIONS: Text = Text("allocations", "分配次数");
pub(crate) const CALLS: Text = Text("calls", "调用");
pub(crate) const ONLY: Text = Text("Called by only one of them", "仅其中一方的调用");
pub(crate) const NOTHING_ONLY: Text =
    Text("Both call the same functions on the way in.", "两者在入口链上调用的函数相同。");
pub(crate) const CLOCKS: Text = Text(
    "Milliseconds are medians over starts that elfin stopped between stages; what the stops cost is taken off. Instructions are those of the first thread, and do not depend on how fast or busy the machine is.",
    "毫秒为多次启动的中位数；elfin 在阶段之间暂停程序，暂停本身的开销已扣除。指令数只计首个线程，与机器快慢、忙闲无关。",
);

/// A stage.
pub(crate) fn phase(phase: Phase) -> Text {
    match phase {
        Phase::Exec => Text("exec (kernel)", "exec（内核）"),
        Phase::Loader => Text("dynamic linker", "动态链接器"),
        Phase::Entry => Text("entry, C start", "入口与 C 启动"),
        Phase::Rt0 => Text("runtime.rt0_go", "runtime.rt0_go"),
        Phase::Scheduler => Text("scheduler, memory", "调度器与内存"),
        Phase::Runtime => Text("runtime.main, GC", "runtime.main 与 GC"),
        Phase::Packages => Text("packages", "包初始化"),
    }
}

/// The whole in one sentence.
pub(crate) fn sum(
    name: &str,
    ms: f64,
    instructions: Option<u64>,
    until: &str,
    lang: Lang,
) -> String {
    let ms = figures::ms(ms);
    match instructions.map(figures::exact) {
        Some(count) => say!(
            lang,
            "{name}: {ms} ms and {count} instructions from exec to {until}.",
            "{name}：从 exec 到 {until} 用时 {ms} ms，共 {count} 条指令。"
        ),
        None => say!(
            lang,
            "{name}: {ms} ms from exec to {until}.",
            "{name}：从 exec 到 {until} 用时 {ms} ms。"
        ),
    }
}

/// How sure the count is.
pub(crate) fn counting(name: &str, counting: &Counting, lang: Lang) -> String {
    let Counting { starts, spread, by_processor } = counting;
    let (spread_text, by) = (figures::exact(*spread), figures::exact(*by_processor));
    if *spread == 0 {
        return say!(
            lang,
            "{name}: {starts} starts had the same number of instructions; the processor did {by} of them one at a time, elfin the rest.",
            "{name}：{starts} 次启动的指令数完全相同；其中 {by} 条由处理器单步执行，其余由 elfin 解释执行。"
        );
    }
    say!(
        lang,
        "{name}: {starts} starts differed by {spread_text} instructions, which other threads bring in; the least is shown. The processor did {by} one at a time, elfin the rest.",
        "{name}：{starts} 次启动的指令数相差 {spread_text}（由其他线程引起），此处显示最小值；其中 {by} 条由处理器单步执行，其余由 elfin 解释执行。"
    )
}

/// Two programs against each other.
pub(crate) fn ratio(
    here: &str,
    there: &str,
    median: f64,
    low: f64,
    high: f64,
    lang: Lang,
) -> String {
    let (median, low, high) = (figures::ms(median), figures::ms(low), figures::ms(high));
    say!(
        lang,
        "{here} takes {median} times as long as {there} (95 % interval {low} to {high}).",
        "{here} 的用时是 {there} 的 {median} 倍（95% 区间 {low} 至 {high}）。"
    )
}

/// Who told the time of packages.
pub(crate) fn clock(clock: InitClock) -> Text {
    match clock {
        InitClock::Trace => Text(
            "Milliseconds, bytes and allocations are those of the runtime's own trace (GODEBUG=inittrace=1).",
            "毫秒、字节与分配次数来自运行时自身的跟踪（GODEBUG=inittrace=1）。",
        ),
        InitClock::Breakpoints => Text(
            "Milliseconds were taken at breakpoints: the runtime gave no trace.",
            "毫秒由断点测得：运行时未提供跟踪。",
        ),
    }
}
