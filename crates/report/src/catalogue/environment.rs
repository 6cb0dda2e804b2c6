//! What is said about the Go of a folder and about toolchains.

use super::{Lang, Text, say};
use crate::{clean, figures};
use elfin_schema::{Decider, EnvFinding, NeedsWord, VerifiedToolchain};

pub(crate) const DECIDED_BY: Text = Text("decided by", "决定者");
pub(crate) const SETS: Text = Text("sets", "设置");
pub(crate) const SYSTEM_GO: Text = Text("the system's", "系统自带");
pub(crate) const NO_GO: Text = Text("no Go", "没有 Go");
pub(crate) const REMOTE: Text = Text("to be had for this machine:", "可为本机安装：");

/// What a file is.
pub(crate) fn decider(decider: Decider) -> Text {
    match decider {
        Decider::Godotenv => Text(".godotenv", ".godotenv"),
        Decider::GoWork => Text("go.work", "go.work"),
        Decider::GoMod => Text("go.mod", "go.mod"),
        Decider::GoVersion => Text(".go-version", ".go-version"),
        Decider::ToolVersions => Text(".tool-versions", ".tool-versions"),
        Decider::System => Text("no file: the first Go in PATH", "没有文件：PATH 中的第一个 Go"),
    }
}

/// Why a setting waits.
pub(crate) fn needs_word(why: NeedsWord) -> Text {
    match why {
        NeedsWord::RunsProgram => {
            Text("waits: it makes go run a program", "等待许可：会让 go 运行程序")
        }
        NeedsWord::ChangesTrust => Text(
            "waits: it changes where modules come from or whether they are checked",
            "等待许可：会改变模块的来源或校验",
        ),
        NeedsWord::OtherFiles => {
            Text("waits: go reads or writes elsewhere by it", "等待许可：会让 go 读写别处的文件")
        }
    }
}

/// A finding in one paragraph.
pub(crate) fn finding(finding: &EnvFinding, lang: Lang) -> String {
    match finding {
        EnvFinding::NotAllowed { file, names } => {
            let names = names.join(", ");
            say!(
                lang,
                "{file}: {names} not set. Read the file, then run `elfin env allow`.",
                "{file}：未设置 {names}。请先阅读该文件，再执行 elfin env allow。"
            )
        }
        EnvFinding::FellBack { asked, says } => {
            let says = clean::line(says);
            say!(
                lang,
                "{asked} could not be had, so the system's Go runs. {says}",
                "无法取得 {asked}，改用系统的 Go。{says}"
            )
        }
        EnvFinding::Installed { version } => say!(
            lang,
            "{version} was missing or broken, and has been installed and checked.",
            "{version} 缺失或已损坏，现已安装并通过校验。"
        ),
        EnvFinding::NotInstalled { version } => say!(
            lang,
            "{version} is not installed here. `elfin env install {version}` installs it.",
            "本机未安装 {version}。执行 elfin env install {version} 即可安装。"
        ),
        EnvFinding::OlderThanNeeded { version, needed, file } => say!(
            lang,
            "{version} is older than {file} needs ({needed}); go will refuse to build.",
            "{version} 低于 {file} 的要求（{needed}）；go 会拒绝构建。"
        ),
        EnvFinding::NoGo => say!(
            lang,
            "There is no Go in PATH. Install the distribution's package (Debian and Ubuntu: golang-go; Fedora: golang; Alpine and Arch: go), then `elfin env install` fetches any other.",
            "PATH 中没有 Go。请先安装发行版的软件包（Debian 和 Ubuntu：golang-go；Fedora：golang；Alpine 和 Arch：go），之后 elfin env install 可取得其他版本。"
        ),
    }
}

/// How a toolchain was found when it was verified.
pub(crate) fn verified(toolchain: &VerifiedToolchain, lang: Lang) -> String {
    let (files, bytes) = (toolchain.files, figures::exact(toolchain.bytes));
    let changed = toolchain.changed.join(", ");
    match (toolchain.is_sound(), toolchain.repaired) {
        (_, true) if changed.is_empty() => {
            say!(lang, "did not run, and has been installed again", "无法运行，已重新安装")
        }
        (_, true) => say!(
            lang,
            "had changed, and has been installed again: {changed}",
            "内容被改动，已重新安装：{changed}"
        ),
        (true, _) => say!(
            lang,
            "as go recorded it ({files} files, {bytes} bytes)",
            "与 go 的记录一致（{files} 个文件，{bytes} 字节）"
        ),
        (false, false) => say!(
            lang,
            "has changed since go recorded it; `elfin env verify` repairs it",
            "与 go 的记录不符；执行 elfin env verify 可修复"
        ),
    }
}
