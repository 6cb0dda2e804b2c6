//! What packing says: how it was done and why, what a packed file consists of, why one is not packed.

use super::{Lang, Text, say};
use crate::figures;
use elfin_schema::{
    PackDownload, PackEffort, PackKind, PackReason, PackRefusal, PackRemark, PackShareName, Packing,
};

/// The whole in one sentence.
pub(crate) fn sum(document: &Packing, lang: Lang) -> String {
    let (before, after) = (figures::exact(document.before), figures::exact(document.after));
    let change = figures::percent_between(document.before, document.after);
    let change = change.map(figures::percent).unwrap_or_default();
    say!(
        lang,
        "{before} bytes become {after} ({change})",
        "{before} 字节变为 {after} 字节（{change}）"
    )
}

/// How it was packed, and why so.
pub(crate) fn choice(effort: PackEffort, why: PackReason) -> Text {
    match (effort, why) {
        (PackEffort::Small, PackReason::Asked) => {
            Text("Packed for the smallest file, as asked.", "按要求以最小体积打包。")
        }
        (PackEffort::Fast, PackReason::Asked) => {
            Text("Packed for a quick start, as asked.", "按要求以快速启动打包。")
        }
        (PackEffort::Small, PackReason::Serves) => Text(
            "Packed for the smallest file: the program listens on the network, so it starts rarely. --fast packs for a quick start.",
            "以最小体积打包：程序监听网络，很少启动。--fast 以快速启动打包。",
        ),
        (PackEffort::Small, _) => Text(
            "Packed for the smallest file: nothing in the program says that it starts often. --fast packs for a quick start.",
            "以最小体积打包：程序中没有迹象表明它会经常启动。--fast 以快速启动打包。",
        ),
        (PackEffort::Fast, _) => Text(
            "Packed for a quick start: the program is built on a library for command lines and does not listen, so it starts often. --small packs for the smallest file.",
            "以快速启动打包：程序基于命令行库且不监听网络，会经常启动。--small 以最小体积打包。",
        ),
    }
}

/// How a packed program is put into memory.
pub(crate) fn kind(kind: PackKind) -> Text {
    match kind {
        PackKind::Fixed => Text("at its own addresses", "位于自身固定地址"),
        PackKind::FixedInterpreted => Text(
            "at its own addresses, by its dynamic linker",
            "位于自身固定地址，由动态链接器启动",
        ),
        PackKind::SelfRelocating => {
            Text("at random addresses; it relocates itself", "位于随机地址，自行重定位")
        }
        PackKind::Relocated => {
            Text("at random addresses; needs no dynamic linker", "位于随机地址，无需动态链接器")
        }
        PackKind::Interpreted => {
            Text("at random addresses, by its dynamic linker", "位于随机地址，由动态链接器启动")
        }
    }
}

/// A share of a packed file.
pub(crate) fn share(share: PackShareName) -> Text {
    match share {
        PackShareName::Readable => {
            Text("readable: headers, build info, build IDs", "可读：文件头、构建信息、构建 ID")
        }
        PackShareName::Image => Text("the program, packed", "打包后的程序"),
        PackShareName::Loader => Text("loader", "加载器"),
        PackShareName::Rest => Text("not loaded, packed", "不加载的部分（已打包）"),
        PackShareName::Sections => Text("section headers", "节头表"),
    }
}

/// What a registry transfers.
pub(crate) fn download(sizes: &PackDownload, lang: Lang) -> String {
    let exact = figures::exact;
    let (before_gzip, after_gzip) = (exact(sizes.before_gzip), exact(sizes.after_gzip));
    let (before_zstd, after_zstd) = (exact(sizes.before_zstd), exact(sizes.after_zstd));
    say!(
        lang,
        "In a container image a registry transfers (bytes): gzip {before_gzip} plain, {after_gzip} packed; zstd {before_zstd} plain, {after_zstd} packed. A packed layer does not shrink again.",
        "作为容器镜像层，仓库传输的字节数：gzip 原文件 {before_gzip}，打包后 {after_gzip}；zstd 原文件 {before_zstd}，打包后 {after_zstd}。打包后的层不会再变小。"
    )
}

/// What there is to know of a packed program.
pub(crate) fn remark(remark: PackRemark) -> Text {
    match remark {
        PackRemark::Memory => Text(
            "Do not pack a server that runs for long or in several processes: each process of a packed program has all of it in memory for itself, while processes of the plain file share what they read of it.",
            "不要打包长时间运行或多进程运行的服务：打包后每个进程都在内存中独占整个程序，而原文件的各进程共享所读取的部分。",
        ),
        PackRemark::NotStripped => Text(
            "The program has symbols or DWARF, which are in the packed file too, for unpack. `elfin slim` first makes it much smaller, and gdb finds the debug file from the packed program.",
            "程序带有符号表或 DWARF，它们也保存在打包文件中以便解包。先运行 `elfin slim` 会小得多，gdb 仍能从打包后的程序找到调试文件。",
        ),
        PackRemark::NotGo => Text(
            "This is not a Go program. Packing holds for any ELF program that the kernel or its dynamic linker starts, but it is tested with Go's.",
            "这不是 Go 程序。打包适用于任何由内核或动态链接器启动的 ELF 程序，但仅用 Go 程序测试过。",
        ),
        PackRemark::DownloadHardlySmaller => Text(
            "For a container image that is hardly worth it: see the sizes above.",
            "对容器镜像而言几乎没有收益：参见上面的大小。",
        ),
        PackRemark::NoDynamicLinker => Text(
            "The plain file needs a dynamic linker, though no library; the packed one needs none, so it starts in an empty image too, and LD_PRELOAD has no effect on it.",
            "原文件需要动态链接器（但不需要库）；打包后不再需要，因此可在空镜像中启动，LD_PRELOAD 对其无效。",
        ),
        PackRemark::NoBuildInformation => Text(
            "The program has no build information that can stay readable (Go writes it since 1.18), so `go version` does not know the packed file.",
            "程序没有可保留为可读的构建信息（Go 自 1.18 起写入），因此 `go version` 无法识别打包后的文件。",
        ),
    }
}

/// Why a file is not packed.
pub(crate) fn refusal(why: PackRefusal) -> Text {
    match why {
        PackRefusal::Machine => Text(
            "packed programs start on amd64 only; a loader for this machine (arm64 comes first) is not there yet",
            "打包的程序目前只能在 amd64 上启动；尚无该架构的加载器（arm64 将最先支持）",
        ),
        PackRefusal::NoLoader => Text(
            "this elfin was built on a machine for which no loader can be made; use one that was built on amd64",
            "此 elfin 的构建机器无法生成加载器；请使用在 amd64 上构建的 elfin",
        ),
        PackRefusal::Library => Text(
            "it is a shared library or a plugin: other programs load it themselves, and no loader of ours would run",
            "这是共享库或插件：由其他程序自行加载，我们的加载器不会运行",
        ),
        PackRefusal::Packed => Text(
            "elfin packed it already; `elfin unpack` gives the original",
            "它已由 elfin 打包；`elfin unpack` 可还原",
        ),
        PackRefusal::UpxPacked => Text(
            "UPX packed it already; `upx -d` gives the original",
            "它已由 UPX 打包；`upx -d` 可还原",
        ),
        PackRefusal::Privileged => Text(
            "it has setuid, setgid or file capabilities: a loader would run with these rights before the program does; take them off, or leave it as it is",
            "它带有 setuid、setgid 或文件能力：加载器会先于程序以这些权限运行；请去除这些权限，或保持原样",
        ),
        PackRefusal::WritableCode => Text(
            "memory of it is writable and executable at once, which the loader never makes",
            "它有同时可写可执行的内存，加载器从不创建这样的内存",
        ),
        PackRefusal::Layout => Text(
            "its segments share pages or leave the program headers out, so they cannot be put into memory one by one",
            "它的段共享内存页，或未包含程序头，无法逐段放入内存",
        ),
        PackRefusal::DoesNotPay => Text(
            "the packed program would not be smaller: the loader and the headers outweigh what is saved",
            "打包后不会更小：加载器和文件头超过了节省的部分",
        ),
        PackRefusal::TooLarge => Text(
            "its memory is too large for the format, or far larger than its file",
            "它的内存超出格式上限，或远大于文件本身",
        ),
    }
}
