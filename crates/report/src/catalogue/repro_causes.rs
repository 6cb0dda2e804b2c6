//! Why two builds differ, what build information does not tell, and what an experiment found.

use super::{Lang, say};
use crate::figures;
use elfin_schema::{BuildIdRounds, ReproCause, Untold};

/// Why bytes differ.
pub(crate) fn cause(cause: &ReproCause, lang: Lang) -> String {
    match cause {
        ReproCause::SourceFolder => {
            say!(lang, "The folder of the sources is in the file.", "文件中含有源码目录。")
        }
        ReproCause::GoFolder => {
            say!(
                lang,
                "The folder of Go (GOROOT) is in the file.",
                "文件中含有 Go 的目录（GOROOT）。"
            )
        }
        ReproCause::ModuleFolder => {
            say!(lang, "The folder of the module cache is in the file.", "文件中含有模块缓存目录。")
        }
        ReproCause::TemporaryFolder => {
            say!(lang, "The folder for temporary files is in the file.", "文件中含有临时目录。")
        }
        ReproCause::VersionControl { settings } => {
            let settings = settings.join(", ");
            say!(
                lang,
                "Go stamps the state of the repository into the file: {settings}.",
                "Go 将仓库状态写入文件：{settings}。"
            )
        }
        ReproCause::CgoSwitched { from, to } => say!(
            lang,
            "CGO_ENABLED is {from} in the one and {to} in the other: where it is not set, Go turns it off if it finds no C compiler. It is written down even where no C is used.",
            "一边 CGO_ENABLED 为 {from}，另一边为 {to}：未设置时，Go 找不到 C 编译器便将其关闭。即使未使用 C 代码，也会写入文件。"
        ),
        ReproCause::OtherCompiler => {
            say!(lang, "Another compiler made the C code.", "C 代码由另一编译器生成。")
        }
        ReproCause::LinkTimeOptimization { places } => {
            let places = places.join(", ");
            say!(
                lang,
                "-flto with cgo ({places}): gcc names what it makes by a seed, which Go takes from a temporary folder with a random name (golang/go#81040). Two builds are never the same.",
                "cgo 使用了 -flto（{places}）：gcc 以种子命名中间产物，而 Go 给的种子含随机的临时目录名（golang/go#81040）。两次构建永不相同。"
            )
        }
        ReproCause::BuildTime => say!(
            lang,
            "The time of the build is in the file. Go writes none; look for __DATE__ and __TIME__ in C code, and for what runs the build.",
            "文件中含有构建时间。Go 自身不写入时间；请检查 C 代码中的 __DATE__、__TIME__ 以及构建脚本。"
        ),
        ReproCause::Settings { names } => {
            let names = names.join(", ");
            say!(lang, "The builds had other settings: {names}.", "两次构建的设置不同：{names}。")
        }
        ReproCause::Modules { paths } => {
            let paths = paths.join(", ");
            say!(
                lang,
                "The builds had other versions of {paths}.",
                "两次构建所用的版本不同：{paths}。"
            )
        }
        ReproCause::GoRelease => {
            say!(lang, "Different releases of Go built them.", "两者由不同版本的 Go 构建。")
        }
        ReproCause::Stripped => say!(
            lang,
            "Symbols were taken off what was shipped after the build, with another tool than Go's linker.",
            "发布的文件在构建后被 Go 链接器以外的工具去除了符号。"
        ),
        ReproCause::OnlyIds => {
            say!(lang, "Only build IDs differ, and no code.", "仅构建 ID 不同，代码相同。")
        }
        ReproCause::Code => say!(
            lang,
            "Code differs, and nothing that the files say of themselves tells why.",
            "代码不同，而文件自身的信息未说明原因。"
        ),
        ReproCause::Unknown => say!(
            lang,
            "Nothing that the files say of themselves tells why.",
            "文件自身的信息未说明原因。"
        ),
    }
}

/// What build information does not tell.
pub(crate) fn untold(untold: &Untold, lang: Lang) -> String {
    match untold {
        Untold::CCompiler { named } if named.is_empty() => say!(
            lang,
            "which C compiler, linker and libraries there were",
            "使用了哪个 C 编译器、链接器和库"
        ),
        Untold::CCompiler { named } => {
            let named = named.join("; ");
            say!(
                lang,
                "which C libraries there were; compilers left their names: {named}",
                "使用了哪些 C 库；编译器留下的名字：{named}"
            )
        }
        Untold::LinkerFlags => say!(
            lang,
            "-ldflags: with -trimpath Go does not write it down (golang/go#52372); what -X sets shows as strings that differ",
            "-ldflags：使用 -trimpath 时 Go 不记录它（golang/go#52372）；-X 设置的内容表现为不同的字符串"
        ),
        Untold::CFlags => say!(
            lang,
            "CGO_CFLAGS, CGO_LDFLAGS and their like: with -trimpath Go does not write them down",
            "CGO_CFLAGS、CGO_LDFLAGS 等：使用 -trimpath 时 Go 不记录它们"
        ),
        Untold::Folders { sources, go } => {
            let all = sources.iter().chain(go).cloned().collect::<Vec<_>>().join(", ");
            say!(
                lang,
                "how to have the folders that it was built in, which are in the file: {all}",
                "如何重现写入文件的构建目录：{all}"
            )
        }
        Untold::Changes => say!(
            lang,
            "what was changed and not committed (vcs.modified=true)",
            "哪些改动未提交（vcs.modified=true）"
        ),
        Untold::Commit => say!(lang, "which commit it was", "是哪个提交"),
        Untold::CommitNotHere { revision } => say!(
            lang,
            "what is in commit {revision}: it is not here, and what is here was built",
            "提交 {revision} 的内容：此处没有该提交，构建的是现有内容"
        ),
        Untold::AfterTheLink => {
            say!(lang, "what was done to the file after the link", "链接之后对文件做了什么")
        }
    }
}

/// What the rounds found, in one sentence.
pub(crate) fn rounds(rounds: &BuildIdRounds, lang: Lang) -> String {
    let count = rounds.rounds.len().saturating_sub(1);
    let (ids, files, other) = (rounds.build_ids, rounds.files, rounds.other_sizes);
    let mut changed: Vec<u64> = rounds.rounds.iter().skip(1).map(|it| it.changed).collect();
    changed.sort_unstable();
    let at = |index: usize| figures::exact(changed.get(index).copied().unwrap_or_default());
    let (least, median, most) = (at(0), at(changed.len() / 2), at(changed.len().saturating_sub(1)));
    say!(
        lang,
        "{count} builds with another comment each, against one more: {ids} build IDs, {files} different files, {other} of another size. Bytes changed in a round: {least} to {most}, median {median}.",
        "{count} 次构建各含不同注释，与另一次对照：{ids} 个构建 ID，{files} 个不同文件，{other} 个体积不同。每轮改变的字节：{least} 至 {most}，中位数 {median}。"
    )
}
