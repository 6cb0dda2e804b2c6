//! What a diagnosis says: of each problem the cause and the remedy.

use super::{Lang, Text, say};
use crate::figures;
use elfin_schema::{HostKind, Problem, Severity, SharedWith};

pub(crate) const REMEDY: Text = Text("remedy", "办法");
pub(crate) const HEALTHY: Text = Text(
    "Nothing was found that makes Go builds slow or wrong here.",
    "未发现会使 Go 构建变慢或出错的问题。",
);
pub(crate) const PLACE: Text = Text("folder", "目录");
pub(crate) const FILE_SYSTEM: Text = Text("file system", "文件系统");
pub(crate) const CREATE: Text = Text("create/s", "创建/秒");
pub(crate) const STAT: Text = Text("stat/s", "stat/秒");
pub(crate) const RENAME: Text = Text("rename/s", "改名/秒");
pub(crate) const FSYNC: Text = Text("fsync/s", "fsync/秒");

/// What kind of machine it is.
pub(crate) fn host(host: HostKind) -> Text {
    match host {
        HostKind::Linux => Text("Linux", "Linux"),
        HostKind::Container => Text("a container", "容器"),
        HostKind::Wsl1 => Text("WSL 1", "WSL 1"),
        HostKind::Wsl2 => Text("WSL 2", "WSL 2"),
        HostKind::ContainerOnWsl => Text("a container on WSL 2", "WSL 2 上的容器"),
    }
}

/// How much a finding matters.
pub(crate) fn severity(severity: Severity) -> Text {
    match severity {
        Severity::Wrong => Text("wrong", "错误"),
        Severity::Slow => Text("slow", "缓慢"),
        Severity::Note => Text("note", "提示"),
    }
}

/// What is wrong, and what it does to a Go build.
pub(crate) fn cause(problem: &Problem, lang: Lang) -> String {
    match problem {
        Problem::Wsl1 => say!(
            lang,
            "This is WSL 1, which translates every system call; Go builds open many small files.",
            "这是 WSL 1，每个系统调用都要转换；而 Go 构建会打开大量小文件。"
        ),
        Problem::OnWindows { what, path, file_system } => say!(
            lang,
            "{what} ({path}) lies on a drive that Windows serves over {file_system}: every file that a build opens crosses to Windows and back.",
            "{what}（{path}）位于 Windows 通过 {file_system} 提供的磁盘上：构建每打开一个文件都要往返 Windows 一次。"
        ),
        Problem::OnNetwork { what, path, file_system } => say!(
            lang,
            "{what} ({path}) lies on {file_system}, which another machine or process serves.",
            "{what}（{path}）位于由其他机器或进程提供的 {file_system} 上。"
        ),
        Problem::NoExec { what, path } => say!(
            lang,
            "{what} ({path}) is mounted noexec: go run and go test build there and cannot start what they built.",
            "{what}（{path}）以 noexec 挂载：go run 和 go test 在此构建，却无法启动生成的程序。"
        ),
        Problem::NoMetadata { path } => say!(
            lang,
            "{path} is mounted without metadata: modes are made up, and chmod does not last.",
            "{path} 挂载时未启用 metadata：文件权限是虚构的，chmod 不会保留。"
        ),
        Problem::CaseInsensitive { what, path } => say!(
            lang,
            "{what} ({path}): upper and lower case are one name. Packages that differ only in case collide, and what builds here may not build elsewhere.",
            "{what}（{path}）不区分大小写。仅大小写不同的包会冲突，在此能构建的代码在别处未必能构建。"
        ),
        Problem::CoarseTimes { what, path, step } => {
            let seconds = figures::plain(*step as f64 / 1e9);
            say!(
                lang,
                "{what} ({path}) keeps times in steps of {seconds} s. Go's package index goes by time and size; an edit that changes neither goes unseen.",
                "{what}（{path}）的时间戳步长为 {seconds} 秒。Go 的包索引依据时间和大小；两者都不变的修改不会被发现。"
            )
        }
        Problem::LittleRoom { what, path, free, free_inodes } => {
            let free = figures::exact(*free);
            let inodes = free_inodes.map_or_else(|| "-".to_owned(), figures::exact);
            say!(
                lang,
                "{what} ({path}) has {free} bytes and {inodes} inodes left.",
                "{what}（{path}）仅剩 {free} 字节、{inodes} 个 inode。"
            )
        }
        Problem::UnknownKey { file, section, key, .. } => say!(
            lang,
            "{file}: WSL knows no key {key} in [{section}], and takes no notice of it.",
            "{file}：WSL 不认识 [{section}] 中的 {key}，会将其忽略。"
        ),
        Problem::BadLine { file } => {
            say!(lang, "{file}: a line sets nothing.", "{file}：有一行不起任何作用。")
        }
        Problem::WindowsPath { folders, lookup } => match lookup {
            Some(lookup) => {
                let lookup = figures::plain(*lookup);
                say!(
                    lang,
                    "{folders} folders of Windows are in PATH; looking for a program that is in none of them took {lookup} µs there.",
                    "PATH 中有 {folders} 个 Windows 目录；在其中查找一个不存在的程序用了 {lookup} 微秒。"
                )
            }
            None => say!(
                lang,
                "{folders} folders of Windows are in PATH, and each search for a program crosses to them.",
                "PATH 中有 {folders} 个 Windows 目录，每次查找程序都要访问它们。"
            ),
        },
        Problem::NotInForce { file, key, value, seen } => say!(
            lang,
            "{file} sets {key} to {value}, and the machine shows {seen}.",
            "{file} 将 {key} 设为 {value}，而机器实际为 {seen}。"
        ),
        Problem::SharedCache { what, path, with } => shared_cache(what, path, with, lang),
        Problem::UnorderedTimes { what, path } => say!(
            lang,
            "{what} ({path}): of two files, the one written later can look older. Go's package index, which goes by these times, can then be that of other files.",
            "{what}（{path}）：后写的文件时间可能更早。Go 的包索引以此时间为准，可能会对应到别的文件。"
        ),
        Problem::TimesAhead { what, path, seconds } => {
            let seconds = figures::plain(*seconds);
            say!(
                lang,
                "{what} ({path}): a file just written is dated {seconds} s in the future. Go does not index such packages until then, which is slower and not wrong; make says \"clock skew\".",
                "{what}（{path}）：刚写入的文件时间超前 {seconds} 秒。在此之前 Go 不为这类包建立索引，只是较慢，并不会出错；make 会提示时钟偏差。"
            )
        }
        Problem::OverQuota { processors, quota, go } => {
            let quota = figures::plain(*quota);
            say!(
                lang,
                "{go} runs {processors} compilers at once and the control group has the time of {quota} processors: they are stopped again and again. Go 1.25 and later see the quota.",
                "{go} 会同时运行 {processors} 个编译器，而控制组只有 {quota} 个处理器的时间：它们会不断被暂停。Go 1.25 及以后能识别配额。"
            )
        }
        Problem::ClockJumps { seconds } => {
            let seconds = figures::plain(*seconds);
            say!(
                lang,
                "The clock jumped by {seconds} s while it was watched. Files that are written across a jump back look old to Go's package index, and an edit can go unseen.",
                "观察期间时钟跳变了 {seconds} 秒。时钟回拨前后写入的文件，在 Go 的包索引看来是旧文件，改动可能不被发现。"
            )
        }
        Problem::ClockDrifts { ppm } => {
            let ppm = figures::plain(*ppm);
            say!(
                lang,
                "The clock runs {ppm} millionths fast, more than what steers it should do (500).",
                "时钟快百万分之 {ppm}，超出校时程序应有的范围（500）。"
            )
        }
        Problem::FewWatches { watches, .. } => say!(
            lang,
            "Only {watches} files can be watched; editors that watch a module and its dependencies run out.",
            "最多只能监视 {watches} 个文件；编辑器监视模块及其依赖时会不够用。"
        ),
        Problem::FewOpenFiles { limit } => say!(
            lang,
            "A process may open {limit} files at most, which is little for a parallel build.",
            "每个进程最多打开 {limit} 个文件，对并行构建来说太少。"
        ),
        Problem::LittleMemory { memory, jobs } => {
            let memory = figures::exact(*memory);
            say!(
                lang,
                "go build runs {jobs} compilers at once in {memory} bytes of memory; one may be killed.",
                "go build 会在 {memory} 字节内存中同时运行 {jobs} 个编译器；其中可能有被杀掉的。"
            )
        }
        Problem::SlowClock { clock_source } => say!(
            lang,
            "The clock source is {clock_source}: each look at the time asks a device.",
            "时钟源为 {clock_source}：每次读取时间都要访问设备。"
        ),
        Problem::ClockOff { seconds } => say!(
            lang,
            "The clock is {seconds} s from the hardware clock. A clock that is set back makes files that are edited then look old to Go's package index.",
            "系统时钟与硬件时钟相差 {seconds} 秒。时钟回拨后编辑的文件，在 Go 的包索引看来是旧文件。"
        ),
        Problem::FutureFiles { path, files } => say!(
            lang,
            "{files} files in {path} were changed in the future: Go does not index such packages, which is slower and not wrong.",
            "{path} 中有 {files} 个文件的时间在未来：Go 不为这类包建立索引，只是较慢，并不会出错。"
        ),
        Problem::StaleIndex { packages } => {
            let packages = packages.join(", ");
            say!(
                lang,
                "Go's package index is out of date for {packages}: go build takes the wrong files or imports, and may exit with status 0.",
                "以下包的 Go 包索引已过时：{packages}。go build 会取错文件或导入，且可能仍以状态 0 退出。"
            )
        }
        Problem::OtherGoroot { goroot, actual } => say!(
            lang,
            "GOROOT is {goroot}, but the go in PATH belongs to {actual}: one Go then runs another's compiler.",
            "GOROOT 为 {goroot}，而 PATH 中的 go 属于 {actual}：一个 Go 会运行另一个的编译器。"
        ),
        Problem::SeveralGo { paths } => {
            let paths = paths.join(", ");
            say!(
                lang,
                "Several Go are in PATH; the first runs: {paths}.",
                "PATH 中有多个 Go，运行的是第一个：{paths}。"
            )
        }
        Problem::NoGo => say!(lang, "There is no Go in PATH.", "PATH 中没有 Go。"),
        Problem::GoOnWindows { path } => say!(
            lang,
            "{path} lies on a drive of Windows: it builds for Windows, or is slow to start.",
            "{path} 位于 Windows 磁盘上：它会为 Windows 构建，或者启动很慢。"
        ),
        Problem::SetForEver { name, value } => say!(
            lang,
            "`go env -w` has set {name}={value}, in every folder and for every Go.",
            "go env -w 已设置 {name}={value}，对所有目录和所有 Go 生效。"
        ),
        Problem::NoCompiler => say!(
            lang,
            "There is no C compiler, so cgo is off without a word: another file than on a machine that has one.",
            "没有 C 编译器，cgo 被静默关闭：产物与有编译器的机器不同。"
        ),
        Problem::NoGit => say!(
            lang,
            "The module is in a git repository and git is not in PATH: version and commit are left out of what is built, without a word.",
            "模块位于 git 仓库中，而 PATH 中没有 git：产物会静默缺少版本和提交信息。"
        ),
    }
}

/// Who else uses a cache, and what that does to a build.
fn shared_cache(what: &str, path: &str, with: &SharedWith, lang: Lang) -> String {
    match with {
        SharedWith::Users { users } => {
            let users = users.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            say!(
                lang,
                "{what} ({path}) holds files of several users ({users}): whoever may not read or write another's has to build again, or fails with \"permission denied\"; and whoever writes there decides what the others run.",
                "{what}（{path}）中有多个用户（{users}）的文件：无权读写他人文件者只能重新构建，或因 permission denied 失败；能写入者也就决定了他人运行的内容。"
            )
        }
        SharedWith::Distributions => say!(
            lang,
            "{what} ({path}) is shared with Windows and the other distributions of WSL: what one of them cleans or breaks, all lose, and file locks do not reach across.",
            "{what}（{path}）与 Windows 及其他 WSL 发行版共用：其中一方清理或损坏，所有方都会受影响，且文件锁不能跨越。"
        ),
        SharedWith::Machines => say!(
            lang,
            "{what} ({path}) is shared over the network: go relies on file locks and renames there.",
            "{what}（{path}）通过网络共用：go 依赖其上的文件锁与改名。"
        ),
    }
}

/// What to do about it.
pub(crate) fn remedy(problem: &Problem, lang: Lang) -> String {
    match problem {
        Problem::Wsl1 => say!(
            lang,
            "In Windows: wsl --set-version DISTRIBUTION 2.",
            "在 Windows 中执行：wsl --set-version 发行版 2。"
        ),
        Problem::OnWindows { what, .. } if what == "module" => say!(
            lang,
            "Keep the source inside Linux, for instance in ~/src.",
            "请把源码放在 Linux 内部，例如 ~/src。"
        ),
        Problem::OnWindows { what, .. } | Problem::OnNetwork { what, .. } => say!(
            lang,
            "Put {what} on a disk of Linux's own.",
            "请把 {what} 放到 Linux 自己的磁盘上。"
        ),
        Problem::NoExec { .. } => say!(
            lang,
            "go env -w GOTMPDIR=… with a folder that may execute files.",
            "用 go env -w GOTMPDIR=… 指定一个允许执行文件的目录。"
        ),
        Problem::NoMetadata { .. } => say!(
            lang,
            "In /etc/wsl.conf under [automount]: options=\"metadata\"; then wsl --shutdown. `elfin doctor --fix` writes it.",
            "在 /etc/wsl.conf 的 [automount] 下写入 options=\"metadata\"，然后执行 wsl --shutdown。elfin doctor --fix 可代为写入。"
        ),
        Problem::CaseInsensitive { .. } => say!(
            lang,
            "Keep Go source on a case-sensitive file system.",
            "请把 Go 源码放在区分大小写的文件系统上。"
        ),
        Problem::CoarseTimes { .. } => say!(
            lang,
            "Move the module, or build with GODEBUG=goindex=0.",
            "请移动该模块，或用 GODEBUG=goindex=0 构建。"
        ),
        Problem::LittleRoom { .. } => say!(
            lang,
            "go clean -cache frees the build cache, go clean -modcache the modules.",
            "go clean -cache 可清空构建缓存，go clean -modcache 可清空模块缓存。"
        ),
        Problem::UnknownKey { meant: Some(meant), .. } => {
            say!(lang, "Perhaps {meant} is meant.", "可能是想写 {meant}。")
        }
        Problem::UnknownKey { meant: None, .. } | Problem::BadLine { .. } => {
            say!(lang, "Take the line out.", "请删除该行。")
        }
        Problem::WindowsPath { .. } => say!(
            lang,
            "In /etc/wsl.conf under [interop]: appendWindowsPath=false; then wsl --shutdown. `elfin doctor --fix` writes it.",
            "在 /etc/wsl.conf 的 [interop] 下写入 appendWindowsPath=false，然后执行 wsl --shutdown。elfin doctor --fix 可代为写入。"
        ),
        Problem::NotInForce { .. } => say!(
            lang,
            "In Windows: wsl --shutdown; these files are read when the machine starts.",
            "在 Windows 中执行：wsl --shutdown；这些文件在启动时读取。"
        ),
        Problem::SharedCache { what, .. } => say!(
            lang,
            "Give each its own {what}; share modules by a module proxy instead.",
            "请让每一方使用各自的 {what}；模块可通过模块代理共用。"
        ),
        Problem::UnorderedTimes { .. } => say!(
            lang,
            "Move the module to a local disk, or build with GODEBUG=goindex=0.",
            "请把模块移到本地磁盘，或用 GODEBUG=goindex=0 构建。"
        ),
        Problem::TimesAhead { .. } => say!(
            lang,
            "Keep the module on a disk of Linux's own, or set the clocks of both sides right.",
            "请把模块放在 Linux 自己的磁盘上，或校正双方时钟。"
        ),
        Problem::OverQuota { quota, .. } => {
            let jobs = quota.ceil().max(1.0);
            say!(
                lang,
                "GOFLAGS=-p={jobs} and GOMAXPROCS={jobs}, or a newer Go.",
                "设置 GOFLAGS=-p={jobs} 与 GOMAXPROCS={jobs}，或使用更新的 Go。"
            )
        }
        Problem::ClockJumps { .. } | Problem::ClockDrifts { .. } => say!(
            lang,
            "See which services set the clock (timedatectl, chronyc sources) and leave one; in WSL 2 that is WSL's own. After a jump back, touch what was edited.",
            "请检查有哪些服务在设置时钟（timedatectl、chronyc sources），只保留一个；WSL 2 自带一个。时钟回拨后请 touch 已编辑的文件。"
        ),
        Problem::FewWatches { wanted, .. } => say!(
            lang,
            "As root: sysctl fs.inotify.max_user_watches={wanted}, and in /etc/sysctl.d to keep it.",
            "以 root 执行：sysctl fs.inotify.max_user_watches={wanted}；写入 /etc/sysctl.d 可长期生效。"
        ),
        Problem::FewOpenFiles { .. } => say!(
            lang,
            "Raise the hard limit: ulimit -Hn, LimitNOFILE of systemd, or --ulimit nofile of the container.",
            "请提高硬限制：ulimit -Hn、systemd 的 LimitNOFILE 或容器的 --ulimit nofile。"
        ),
        Problem::LittleMemory { .. } => say!(
            lang,
            "Run fewer at once: go build -p 2, or GOFLAGS=-p=2; or raise the limit (.wslconfig: [wsl2] memory).",
            "减少并行数：go build -p 2 或 GOFLAGS=-p=2；或提高内存上限（.wslconfig 中 [wsl2] memory）。"
        ),
        Problem::SlowClock { .. } => say!(
            lang,
            "See whether the kernel offers tsc or the hypervisor's own in available_clocksource.",
            "请查看 available_clocksource 中是否有 tsc 或虚拟机监视器自己的时钟源。"
        ),
        Problem::ClockOff { .. } => say!(
            lang,
            "Let the time service set the clock; in WSL: wsl --shutdown, or as root hwclock -s.",
            "请由时间服务校正时钟；在 WSL 中可执行 wsl --shutdown，或以 root 执行 hwclock -s。"
        ),
        Problem::FutureFiles { .. } => say!(
            lang,
            "Set the clock right, then touch the files.",
            "先校正时钟，再 touch 这些文件。"
        ),
        Problem::StaleIndex { .. } => say!(
            lang,
            "touch the packages' files, or build with GODEBUG=goindex=0; and do not pin or restore times of files.",
            "touch 这些包的文件，或用 GODEBUG=goindex=0 构建；不要固定或还原文件时间。"
        ),
        Problem::OtherGoroot { .. } => {
            say!(lang, "Unset GOROOT: go finds its own.", "请取消 GOROOT：go 会自行找到。")
        }
        Problem::SeveralGo { .. } => say!(
            lang,
            "Keep one in PATH; `elfin env` switches versions by folder.",
            "PATH 中只保留一个；elfin env 可按目录切换版本。"
        ),
        Problem::NoGo => say!(
            lang,
            "Install the distribution's package (Debian and Ubuntu: golang-go; Fedora: golang; Alpine and Arch: go).",
            "请安装发行版的软件包（Debian 和 Ubuntu：golang-go；Fedora：golang；Alpine 和 Arch：go）。"
        ),
        Problem::GoOnWindows { .. } => say!(
            lang,
            "Install Go inside Linux, and keep Windows folders out of PATH.",
            "请在 Linux 内部安装 Go，并把 Windows 目录移出 PATH。"
        ),
        Problem::SetForEver { name, .. } => say!(
            lang,
            "go env -u {name}, unless it is meant so; `elfin doctor --fix` does that.",
            "若非有意为之，请执行 go env -u {name}；elfin doctor --fix 可代劳。"
        ),
        Problem::NoCompiler => say!(
            lang,
            "Install gcc, or say CGO_ENABLED=0 wherever the program is built.",
            "请安装 gcc，或在每个构建环境中都设置 CGO_ENABLED=0。"
        ),
        Problem::NoGit => say!(
            lang,
            "Install git, or say -buildvcs=false wherever the program is built.",
            "请安装 git，或在每个构建环境中都使用 -buildvcs=false。"
        ),
    }
}
