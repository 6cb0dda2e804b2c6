//! What is said of a machine besides findings: limits, clocks, Go and what it needs.

use super::{Lang, Text, say};
use crate::{clean, figures};
use elfin_schema::{
    CTool, ClientCache, Clocks, Dns, DnsReason, HardwareClock, Limit, LimitName, ModuleState,
    SetBy, Setter, WslSetting,
};

pub(crate) const GO: Text = Text("go", "go");
pub(crate) const CGO: Text = Text("cgo", "cgo");
pub(crate) const C_TOOLS: Text = Text("C tools", "C 工具");
pub(crate) const LIBC: Text = Text("libc", "libc");
pub(crate) const DNS: Text = Text("DNS", "DNS");
pub(crate) const GIT: Text = Text("git", "git");
pub(crate) const CLOCK: Text = Text("clock", "时钟");
pub(crate) const LIMITS: Text = Text("limits", "限制");
pub(crate) const MODULE: Text = Text("module", "模块");
pub(crate) const SETTINGS: Text = Text("WSL", "WSL");
pub(crate) const NONE_HERE: Text = Text("none in PATH", "PATH 中没有");

/// What sets a variable.
fn setter(by: Setter) -> Text {
    match by {
        Setter::Environment => Text("the environment", "环境变量"),
        Setter::UserFile => Text("go env -w", "go env -w"),
        Setter::GorootFile => Text("GOROOT/go.env", "GOROOT/go.env"),
        Setter::Default => Text("by default", "默认"),
    }
}

/// A value with what set it.
pub(crate) fn set_by(name: &str, set: &SetBy, lang: Lang) -> String {
    let (value, by) = (clean::line(&set.value), setter(set.by).to(lang));
    match &set.file {
        Some(file) => format!("{name}={value} ({by}: {})", clean::line(file)),
        None => format!("{name}={value} ({by})"),
    }
}

/// A compiler or linker, with what it makes when nothing is asked of it.
pub(crate) fn tool(tool: &CTool, lang: Lang) -> String {
    let version = clean::line(tool.version.as_deref().unwrap_or("?"));
    let Some(makes) = tool.makes else { return format!("{}: {version}", clean::line(&tool.name)) };
    let name = clean::line(&tool.name);
    let yes = |is: bool, yes: Text, no: Text| if is { yes.to(lang) } else { no.to(lang) };
    let pie = yes(makes.pie, Text("PIE", "PIE"), Text("no PIE", "非 PIE"));
    let id = yes(makes.build_id, Text("build ID", "build ID"), Text("no build ID", "无 build ID"));
    let notes = yes(
        makes.property_notes,
        Text("property notes", "属性注记"),
        Text("no property notes", "无属性注记"),
    );
    say!(
        lang,
        "{name}: {version}; by default {pie}, {id}, {notes}",
        "{name}：{version}；默认 {pie}、{id}、{notes}"
    )
}

/// Which resolver, and why.
pub(crate) fn dns(dns: &Dns, lang: Lang) -> String {
    let text = clean::line(&dns.text);
    let who = match dns.go {
        true => Text("Go's own resolver", "Go 自带解析器"),
        false => Text("the C library's resolver", "C 库解析器"),
    };
    let who = who.to(lang);
    let why = match dns.why {
        DnsReason::NoCgo => say!(lang, "cgo is off", "cgo 已关闭"),
        DnsReason::Tag => say!(lang, "build tag {text}", "构建标签 {text}"),
        DnsReason::Godebug => say!(lang, "GODEBUG {text}", "GODEBUG {text}"),
        DnsReason::Variable => say!(lang, "{text} is set", "已设置 {text}"),
        DnsReason::ResolvConf => say!(
            lang,
            "/etc/resolv.conf has {text}, which Go does not know",
            "/etc/resolv.conf 中的 {text} 是 Go 不认识的"
        ),
        DnsReason::Nsswitch => say!(
            lang,
            "hosts: in /etc/nsswitch.conf has {text}, which Go leaves to the C library",
            "/etc/nsswitch.conf 的 hosts 中有 {text}，Go 交由 C 库处理"
        ),
        DnsReason::Usual => say!(
            lang,
            "nothing in the environment, resolv.conf or nsswitch.conf asks for the C library's",
            "环境变量、resolv.conf 与 nsswitch.conf 均未要求 C 库"
        ),
    };
    format!("{who}: {why}")
}

/// What the clocks say.
pub(crate) fn clocks(clocks: &Clocks, lang: Lang) -> String {
    let source = clean::line(clocks.source.as_deref().unwrap_or("?"));
    let (step, watched) = (figures::exact(clocks.step), figures::plain(1e3 * clocks.watched));
    let (jump, drift) =
        (figures::plain(1e6 * clocks.jump.abs()), figures::plain(clocks.drift.abs()));
    let mut text = say!(
        lang,
        "{source}; steps of {step} ns; in {watched} ms no jump over {jump} µs, drift {drift} ppm",
        "{source}；步长 {step} ns；{watched} 毫秒内跳变不超过 {jump} 微秒，漂移 {drift} ppm"
    );
    let none = say!(lang, "; no hardware clock to compare with", "；没有可比对的硬件时钟");
    if clocks.hardware.is_empty() {
        text.push_str(&none);
    }
    for clock in &clocks.hardware {
        text.push_str(&hardware(clock, lang));
    }
    text
}

fn hardware(clock: &HardwareClock, lang: Lang) -> String {
    let device = clean::line(&clock.device);
    match (clock.ahead, &clock.says) {
        (Some(ahead), _) => {
            let ahead = figures::plain(ahead);
            say!(lang, "; {ahead} s ahead of {device}", "；比 {device} 快 {ahead} 秒")
        }
        (None, says) => {
            let says = clean::line(says.as_deref().unwrap_or("?"));
            say!(lang, "; {device}: {says}", "；{device}：{says}")
        }
    }
}

/// A limit's name.
pub(crate) fn limit(what: LimitName) -> Text {
    match what {
        LimitName::Swappiness => Text("vm.swappiness", "vm.swappiness"),
        LimitName::Overcommit => Text("vm.overcommit_memory", "vm.overcommit_memory"),
        LimitName::InotifyWatches => {
            Text("fs.inotify.max_user_watches", "fs.inotify.max_user_watches")
        }
        LimitName::InotifyInstances => {
            Text("fs.inotify.max_user_instances", "fs.inotify.max_user_instances")
        }
        LimitName::OpenFiles => Text("open files, hard limit", "打开文件数硬限制"),
        LimitName::Memory => Text("memory", "内存"),
        LimitName::Swap => Text("swap", "交换空间"),
        LimitName::Jobs => Text("go build -p", "go build -p"),
    }
}

/// Why a limit matters to a Go build, with the source, or that it does not.
pub(crate) fn limit_reason(what: LimitName) -> Text {
    match what {
        LimitName::Swappiness => Text(
            "no effect on Go builds was found as long as memory does; it only weighs what is given up first (linux Documentation/admin-guide/sysctl/vm.rst)",
            "内存足够时未发现对 Go 构建的影响；它只决定先放弃什么（linux Documentation/admin-guide/sysctl/vm.rst）",
        ),
        LimitName::Overcommit => Text(
            "no effect on Go builds was found with 0 and 1; with 2 the address space that Go's runtime reserves can be refused (linux Documentation/mm/overcommit-accounting.rst)",
            "取 0 和 1 时未发现对 Go 构建的影响；取 2 时 Go 运行时预留的地址空间可能被拒绝（linux Documentation/mm/overcommit-accounting.rst）",
        ),
        LimitName::InotifyWatches => Text(
            "go build watches nothing; editors and gopls watch a module and its dependencies, a watch a folder (inotify(7))",
            "go build 不监视文件；编辑器和 gopls 会监视模块及其依赖，每个目录一个（inotify(7)）",
        ),
        LimitName::InotifyInstances => Text(
            "no effect on Go builds was found: go build watches nothing (inotify(7))",
            "未发现对 Go 构建的影响：go build 不监视文件（inotify(7)）",
        ),
        LimitName::OpenFiles => Text(
            "Go raises its soft limit to this (golang/go src/os/rlimit.go); compilers run at once, and the linker opens every package",
            "Go 会把软限制提高到此值（golang/go src/os/rlimit.go）；多个编译器同时运行，链接器会打开每个包",
        ),
        LimitName::Memory => Text(
            "512 MiB for each compiler that runs at once, or one may be killed",
            "同时运行的每个编译器需要 512 MiB，否则可能被杀掉",
        ),
        LimitName::Swap => Text(
            "no effect on Go builds was found as long as memory does",
            "内存足够时未发现对 Go 构建的影响",
        ),
        LimitName::Jobs => Text(
            "compilers at once: processors, and since Go 1.25 no more than the control group's quota (golang/go src/runtime/cgroup_linux.go)",
            "同时运行的编译器数：处理器数；自 Go 1.25 起不超过控制组配额（golang/go src/runtime/cgroup_linux.go）",
        ),
    }
}

/// A limit with its value and what is recommended.
pub(crate) fn limit_line(it: &Limit, lang: Lang) -> String {
    let is_bytes = matches!(it.what, LimitName::Memory | LimitName::Swap);
    let human = |text: &str| match text.trim_start_matches(">= ").parse::<u64>() {
        Ok(bytes) if is_bytes => text.replace(&bytes.to_string(), &figures::human(bytes)),
        _ => clean::line(text),
    };
    let value = human(&it.value);
    match &it.wanted {
        Some(wanted) => {
            let wanted = human(wanted).replace(">= ", "≥ ");
            say!(lang, "{value} (recommended {wanted})", "{value}（建议 {wanted}）")
        }
        None => value,
    }
}

/// What go says of a module's packages.
pub(crate) fn module(state: &ModuleState, lang: Lang) -> String {
    let packages = state.packages;
    if state.stale.is_empty() {
        return say!(
            lang,
            "{packages} packages, all up to date in the build cache",
            "{packages} 个包，构建缓存均为最新"
        );
    }
    let stale: usize = state.stale.iter().map(|it| it.packages).sum();
    let reason = |it: &elfin_schema::Stale| {
        format!("{} × {} ({})", it.packages, clean::line(&it.reason), clean::line(&it.first))
    };
    let reasons = state.stale.iter().take(4).map(reason).collect::<Vec<_>>().join("; ");
    say!(
        lang,
        "a build would make {stale} of {packages} packages again: {reasons}",
        "{packages} 个包中有 {stale} 个需要重新构建：{reasons}"
    )
}

/// A setting of WSL that is set, with its default and what the machine shows.
pub(crate) fn setting(it: &WslSetting, lang: Lang) -> String {
    let (file, line) = (clean::line(&it.file), it.line.unwrap_or_default());
    let (key, value, default) = (&it.key, clean::line(&it.value), clean::line(&it.default));
    let default = if default.is_empty() { "–".to_owned() } else { default };
    let mut text = say!(
        lang,
        "{file}:{line} {key} = {value} (default {default})",
        "{file}:{line} {key} = {value}（默认 {default}）"
    );
    if let Some(seen) = it.seen.as_deref().map(clean::line) {
        text.push_str(&say!(lang, ", the machine shows {seen}", "，实际为 {seen}"));
    }
    text
}

/// What a 9P mount keeps of files.
pub(crate) fn client_cache(cache: &ClientCache, lang: Lang) -> String {
    match cache {
        ClientCache::None => say!(lang, "cache none", "无缓存"),
        ClientCache::Readahead => say!(lang, "cache readahead", "缓存 readahead"),
        ClientCache::Mmap => say!(lang, "cache mmap", "缓存 mmap"),
        ClientCache::Loose => say!(lang, "cache loose", "缓存 loose"),
        ClientCache::Fscache => say!(lang, "cache fscache", "缓存 fscache"),
        ClientCache::Bits { value } => {
            let value = clean::line(value);
            say!(lang, "cache bits {value}", "缓存位 {value}")
        }
    }
}
