//! What is said of one source in several root file systems.

use super::{Lang, Text, say};
use crate::figures;
use elfin_schema::{NameOddity, RootWhy};

pub(crate) const PAIRS: Text = Text("Built here, run there", "在此构建，在彼运行");
pub(crate) const BUILT: Text = Text("built", "构建");
pub(crate) const NEEDS: Text = Text("needs", "需要");
pub(crate) const NOTHING: Text = Text("nothing", "无");
pub(crate) const EVERYWHERE: Text = Text("every root, the same bytes", "所有根，字节相同");
pub(crate) const EVERY: Text = Text("every root", "所有根");
pub(crate) const COSTS: Text = Text("Start, memory, load", "启动、内存、负载");
pub(crate) const START: Text = Text("start, ms", "启动，毫秒");
pub(crate) const AGAINST: Text = Text("against first", "相对首个");
pub(crate) const REST: Text = Text("at rest", "静止时内存");
pub(crate) const LOADED: Text = Text("loaded", "负载时内存");
pub(crate) const REACHED: Text = Text("requests/s", "请求/秒");
pub(crate) const MEDIAN: Text = Text("median, ms", "中位，毫秒");
pub(crate) const P99: Text = Text("99 %, ms", "99%，毫秒");
pub(crate) const ROOTS: Text = Text("The roots", "各根文件系统");
pub(crate) const ROOT: Text = Text("root", "根");
pub(crate) const SYSTEM: Text = Text("system", "系统");
pub(crate) const LIBC: Text = Text("libc", "libc");
pub(crate) const COMPILERS: Text = Text("C compilers", "C 编译器");
pub(crate) const BUILDS: Text = Text("What was built", "构建产物");
pub(crate) const BYTES: Text = Text("bytes", "字节");
pub(crate) const LOADER: Text = Text("loader", "加载器");
pub(crate) const LIBRARIES: Text = Text("libraries", "库");
pub(crate) const VERSION: Text = Text("version", "版本");
pub(crate) const FAILED: Text = Text("could not be built", "无法构建");
pub(crate) const NO_FILE: Text = Text("it has no such file", "没有该文件");
pub(crate) const SAME: Text = Text("same bytes as", "字节同于");
pub(crate) const TRIAL: Text = Text("how it is set up", "配置");
pub(crate) const NAMES_LEGEND: Text = Text(
    "✓: what the files say happened; ✗: it did not. The number is how many questions the name server was asked; what took 100 ms or more is shown. C: Go left it to the C library by itself; → C: it was told to (GODEBUG=netdns=cgo).",
    "✓：结果与配置所述一致；✗：不一致。数字为名称服务器收到的询问数；100 毫秒及以上的用时会显示。C：Go 自行交给 C 库解析；→ C：被要求如此（GODEBUG=netdns=cgo）。",
);
pub(crate) const TRIALS: Text = Text("How names were asked for", "名称解析的各种配置");
pub(crate) const MEMORY_LEGEND: Text = Text(
    "Memory is private (anonymous and changed), with the peak of all that was resident in parentheses.",
    "内存为私有（匿名且已修改）部分，括号内为常驻内存峰值。",
);

/// The heading of a root's table of names.
pub(crate) fn names_in(root: &str, libc: &str, lang: Lang) -> String {
    let libc = if libc.is_empty() { String::new() } else { format!(" ({libc})") };
    say!(lang, "Names in {root}{libc}", "{root} 中的名称解析{libc}")
}

/// The whole in one sentence.
pub(crate) fn sum(roots: usize, files: usize, works: usize, pairs: usize, lang: Lang) -> String {
    let files = match (files, lang) {
        (1, Lang::En) => "1 different file".to_owned(),
        (files, Lang::En) => format!("{files} different files"),
        (files, Lang::Zh) => format!("{files} 种不同文件"),
    };
    say!(
        lang,
        "Built in {roots} root file systems, run in each: {files}, of which {works} of {pairs} pairs start.",
        "在 {roots} 个根文件系统中构建并在每个中运行：{files}，{pairs} 种组合中有 {works} 种能启动。"
    )
}

/// Why a program does not start, in a few words for a cell.
pub(crate) fn why_short(why: &RootWhy, lang: Lang) -> String {
    match why {
        RootWhy::NoLoader { .. } => say!(lang, "no loader", "无加载器"),
        RootWhy::NoVersion { version, .. } => say!(lang, "no {version}", "无 {version}"),
        RootWhy::NoLibrary { library } => say!(lang, "no {library}", "无 {library}"),
        RootWhy::NoSymbol { symbol } => say!(lang, "no {symbol}", "无 {symbol}"),
        RootWhy::Ended { exit } => exit.clone(),
        RootWhy::NeverReady => say!(lang, "never ready", "始终未就绪"),
        RootWhy::NotExecuted => say!(lang, "not executed", "无法执行"),
    }
}

/// Why a program does not start, in a sentence.
pub(crate) fn why(built: &str, root: &str, why: &RootWhy, says: &str, lang: Lang) -> String {
    let reason = match why {
        RootWhy::NoLoader { path } => say!(
            lang,
            "it asks for the loader {path}, which is not there; build without cgo, or there",
            "它需要加载器 {path}，那里没有；请不带 cgo 构建，或在那里构建"
        ),
        RootWhy::NoVersion { library, version, has, symbols } => {
            let of = symbols.join(", ");
            let of = if of.is_empty() { of } else { say!(lang, " for {of}", "（用于 {of}）") };
            say!(
                lang,
                "it needs {version} of {library}{of}, and {root} has {has}; build on the older of the two, or without cgo",
                "它需要 {library} 的 {version}{of}，而 {root} 只有 {has}；请在两者中较旧的一方构建，或不带 cgo 构建"
            )
        }
        RootWhy::NoLibrary { library } => {
            say!(lang, "{library} is not there; install it", "那里没有 {library}；请安装")
        }
        RootWhy::NoSymbol { symbol } => {
            say!(lang, "no library there has {symbol}", "那里没有任何库提供 {symbol}")
        }
        RootWhy::Ended { exit } => {
            say!(
                lang,
                "it ends otherwise than where it was built: {exit}",
                "其结束方式与构建处不同：{exit}"
            )
        }
        RootWhy::NeverReady => say!(lang, "it is never ready", "它始终未就绪"),
        RootWhy::NotExecuted => say!(lang, "the system does not execute it", "系统不予执行"),
    };
    // What is understood has been said better.
    let known = !matches!(why, RootWhy::Ended { .. } | RootWhy::NotExecuted | RootWhy::NeverReady);
    let says = says.lines().next().filter(|_| !known).unwrap_or_default();
    let says = if says.is_empty() { String::new() } else { format!(" “{says}”") };
    say!(
        lang,
        "{built} does not start in {root}: {reason}.{says}",
        "{built} 在 {root} 中无法启动：{reason}。{says}"
    )
}

/// What a load was.
pub(crate) fn load(
    asked: f64,
    connections: usize,
    seconds: f64,
    path: &str,
    cpus: usize,
    lang: Lang,
) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let asked = figures::exact(asked.max(0.0).round() as u64);
    let seconds = figures::plain(seconds);
    say!(
        lang,
        "Load: GET {path} over {connections} connections that are kept alive; {asked} requests a second were asked for, for {seconds} s. What asks and what answers share {cpus} processors, so this says how a program bears a load here, and not how much it could.",
        "负载：通过 {connections} 条保持的连接执行 GET {path}；要求每秒 {asked} 个请求，持续 {seconds} 秒。发送方与程序共用 {cpus} 个处理器，因此这里说明的是程序在此如何承受负载，而不是其极限。"
    )
}

/// Requests without an answer.
pub(crate) fn failed(pair: &str, failed: u64, answered: u64, status: u16, lang: Lang) -> String {
    let (failed, answered) = (figures::exact(failed), figures::exact(answered));
    say!(
        lang,
        "{pair}: {answered} requests were answered, most with status {status}, and {failed} were not.",
        "{pair}：{answered} 个请求得到应答（多数状态为 {status}），{failed} 个没有。"
    )
}

/// What a trial is called in a table.
pub(crate) fn trial(id: NameOddity) -> Text {
    match id {
        NameOddity::Plain => Text("plain", "普通"),
        NameOddity::Search => Text("search, one word", "search，单词"),
        NameOddity::Ndots => Text("search, ndots:5", "search，ndots:5"),
        NameOddity::DeadFirst => Text("first server dead", "首个服务器无响应"),
        NameOddity::UnknownOption => Text("unknown option", "未知选项"),
        NameOddity::NoResolvConf => Text("no resolv.conf", "无 resolv.conf"),
        NameOddity::FilesOnly => Text("nsswitch without dns", "nsswitch 无 dns"),
        NameOddity::NoNsswitch => Text("no nsswitch.conf", "无 nsswitch.conf"),
        NameOddity::HostsFile => Text("name in /etc/hosts", "名称在 /etc/hosts"),
        NameOddity::Large => Text("answer over 512 bytes", "应答超过 512 字节"),
    }
}

/// What a trial expects.
pub(crate) fn expects(addresses: usize, lang: Lang) -> String {
    match addresses {
        0 => say!(lang, "is not to be found", "不应找到"),
        1 => say!(lang, "has one address", "有一个地址"),
        count => say!(lang, "has {count} addresses", "有 {count} 个地址"),
    }
}

/// Who did not do what the files say.
pub(crate) fn disagrees(
    who: &str,
    root: &str,
    trial: &str,
    (found, expected): (usize, usize),
    says: &str,
    lang: Lang,
) -> String {
    if expected == 0 {
        say!(
            lang,
            "{who} in {root}, {trial}: found the name all the same.",
            "{root} 中的 {who}，{trial}：仍然找到了该名称。"
        )
    } else if found == 0 {
        say!(
            lang,
            "{who} in {root}, {trial}: found nothing ({says}).",
            "{root} 中的 {who}，{trial}：未找到（{says}）。"
        )
    } else {
        say!(
            lang,
            "{who} in {root}, {trial}: {found} of {expected} addresses.",
            "{root} 中的 {who}，{trial}：{expected} 个地址中的 {found} 个。"
        )
    }
}
