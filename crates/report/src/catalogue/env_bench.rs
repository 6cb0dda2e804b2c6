//! What a bench of switches says.

use super::{Lang, Text, say};
use crate::{clean, figures};
use elfin_schema::{EnvBench, ToolchainState, Way, median};

pub(crate) const SWITCH: Text = Text("switch", "切换");
pub(crate) const FIRST: Text = Text("first", "首次");
pub(crate) const LATER: Text = Text("later", "之后");
pub(crate) const CPU: Text = Text("processor", "处理器");
pub(crate) const BUSY: Text = Text("while builds run", "构建进行时");
pub(crate) const MEMORY: Text = Text("memory", "内存");
pub(crate) const RATIO: Text = Text("against elfin", "相对 elfin");
pub(crate) const PROMPT: Text = Text("prompt, nothing changed", "提示符，无变化");
pub(crate) const EACH: Text = Text("each", "每次");
pub(crate) const BUILDS: Text = Text("toolchain, way", "工具链，方式");
pub(crate) const COUNT: Text = Text("builds", "构建");
pub(crate) const FAILED: Text = Text("failed", "失败");
pub(crate) const OTHER_SAID: Text = Text("other version, said", "其他版本，有提示");
pub(crate) const OTHER_SILENT: Text = Text("other version, silent", "其他版本，无提示");

/// A state of the toolchain.
pub(crate) fn state(state: ToolchainState) -> Text {
    match state {
        ToolchainState::Healthy => Text("healthy", "完好"),
        ToolchainState::Missing => Text("missing", "缺失"),
        ToolchainState::Broken => Text("broken", "损坏"),
    }
}

/// A way of choosing Go.
pub(crate) fn way(way: Way) -> Text {
    match way {
        Way::Elfin => Text("elfin env exec", "elfin env exec"),
        Way::ElfinStrict => Text("elfin env exec --strict", "elfin env exec --strict"),
        Way::Path => Text("GOROOT/bin in PATH", "PATH 中的 GOROOT/bin"),
    }
}

/// What was done.
pub(crate) fn head(document: &EnvBench, lang: Lang) -> String {
    let (version, rounds) = (clean::line(&document.version), document.rounds);
    say!(
        lang,
        "switching to {version}; {rounds} rounds, the tools in turn; medians",
        "切换到 {version}；{rounds} 轮，各工具轮流进行；中位数"
    )
}

/// What elfin's switch takes over a process that does nothing.
pub(crate) fn over_bare(document: &EnvBench, lang: Lang) -> String {
    let over = |of: fn(&elfin_schema::Switch) -> &[f64]| {
        let named = |name: &str| document.switches.iter().find(|it| it.name == name);
        let each = |name: &str| named(name).and_then(|it| median(of(it)));
        Some(each("elfin")? - each("true")?)
    };
    let shown = |ms: Option<f64>| {
        ms.map_or_else(|| figures::NONE.to_owned(), |ms| format!("{} ms", figures::ms(ms)))
    };
    let (wall, cpu) = (shown(over(|it| &it.later)), shown(over(|it| &it.cpu)));
    say!(
        lang,
        "elfin over a process that does nothing: {wall} of wall time, {cpu} of processor time",
        "elfin 比空进程多用：墙上时间 {wall}，处理器时间 {cpu}"
    )
}
