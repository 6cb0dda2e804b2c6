//! What a receipt says of a machine, and what differs between two.

use super::{Lang, Text, say};
use elfin_schema::MachineFact;

pub(crate) const TITLE: Text = Text("The two machines", "两台机器");
pub(crate) const NONE: Text = Text("none", "无");
/// The columns of the table of differences.
pub(crate) const HEADS: [Text; 4] = [
    Text("what", "项目"),
    Text("before", "之前"),
    Text("after", "之后"),
    Text("may be behind", "可能造成"),
];

/// Names what is said of a machine.
pub(crate) fn fact(fact: &MachineFact, lang: Lang) -> String {
    let text = match fact {
        MachineFact::Host => Text("kind of machine", "机器类型"),
        MachineFact::Kernel => Text("kernel", "内核"),
        MachineFact::Distribution => Text("distribution", "发行版"),
        MachineFact::Processor => Text("processor", "处理器"),
        MachineFact::Go => Text("Go", "Go"),
        MachineFact::GoRoot => Text("Go's folder", "Go 目录"),
        MachineFact::CgoEnabled => Text("CGO_ENABLED in force", "生效的 CGO_ENABLED"),
        MachineFact::Compiler => Text("C compiler", "C 编译器"),
        MachineFact::Linker => Text("linker", "链接器"),
        MachineFact::LinkDefaults => {
            Text("what the compiler tells the linker", "编译器传给链接器的默认参数")
        }
        MachineFact::Libc => Text("libc", "libc"),
        MachineFact::GoSetting { name } => return say!(lang, "go env {name}", "go env {name}"),
        MachineFact::Variable { name } => return say!(lang, "variable {name}", "环境变量 {name}"),
        MachineFact::Folder { name } => return say!(lang, "folder {name}", "目录 {name}"),
        MachineFact::WslSetting { name } => return say!(lang, "WSL, {name}", "WSL，{name}"),
    };
    text.to(lang).to_owned()
}

/// Says which causes a difference of the machines may be behind.
pub(crate) fn behind(causes: &str, lang: Lang) -> String {
    say!(lang, "may be behind: {causes}", "可能造成：{causes}")
}
