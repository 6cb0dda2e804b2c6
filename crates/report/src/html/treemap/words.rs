//! What the treemap's page says, and the words that its script puts together.

use crate::catalogue::{Text, kinds, say};
use crate::weigh::totals::Owner;
use crate::weigh::words;
use crate::{Lang, figures};
use elfin_schema::{Bytes, Kind};
use serde_json::{Value, json};

pub(crate) const EYEBROW: Text =
    Text("Every byte of the file, once, with its owner", "文件的每个字节，各归其主，只计一次");
pub(crate) const SEARCH: Text =
    Text("Search packages, symbols, kinds, sections", "搜索包、符号、种类、节区");
pub(crate) const GROUP: Text = Text("Group by", "分组方式");
pub(crate) const GROUPINGS: [(&str, Text); 3] = [
    ("module", Text("module", "模块")),
    ("kind", Text("kind", "种类")),
    ("section", Text("section", "节区")),
];
pub(crate) const SIZE: Text = Text("Size", "体积");
pub(crate) const SIZES: [(&str, Text); 4] = [
    ("disk", Text("on disk", "磁盘")),
    ("gzip", Text("download, gzip", "下载（gzip）")),
    ("zstd", Text("zstd", "zstd")),
    ("lzma", Text("lzma", "lzma")),
];
pub(crate) const PATH: Text = Text("Where the map is zoomed to", "当前位置");
pub(crate) const NAME: Text = Text("name", "名称");
pub(crate) const BYTES: Text = Text("size", "大小");
pub(crate) const ESTIMATED: Text = Text("charged in proportion", "按比例分摊");
pub(crate) const NO_SCRIPT: Text = Text(
    "A script of this page draws the map; it is switched off. elfin weigh prints the same as text.",
    "本页的图由脚本绘制，而脚本已被禁用。elfin weigh 可输出同样内容的文本。",
);
/// Keys, and what they do.
pub(crate) const KEYS: &[(&[&str], Text)] = &[
    (&["/"], Text("search", "搜索")),
    (&["←", "↑", "↓", "→"], Text("move", "移动")),
    (&["Enter"], Text("zoom in", "放大")),
    (&["Esc"], Text("zoom out", "缩小")),
];
pub(crate) const MEMORY: Text = Text("Memory, but no byte of the file", "仅占内存，不占文件");
pub(crate) const MEMORY_NOTE: Text =
    Text("Address space that the program takes when it runs.", "程序运行时占用的地址空间。");
pub(crate) const INLINED: Text = Text("Code that stands in other functions", "被内联的代码");
pub(crate) const INLINED_NOTE: Text = Text(
    "The map charges code to where it stands; this credits it to the package that wrote it. The largest twenty.",
    "上图按代码所在位置计入；此处归于编写它的包。仅列最大的二十个。",
);
pub(crate) const AT_HOME: Text = Text("in its own package", "本包内");
pub(crate) const ABROAD: Text = Text("in other packages", "其他包内");

/// The words of the script; `{…}` is filled in by it.
pub(crate) fn of_script(counted: &[Option<Kind>], lang: Lang) -> Value {
    let kind = |kind: &Option<Kind>| kind.map_or(kinds::UNKNOWN, kinds::kind).to(lang);
    let of = |en, zh| Text(en, zh).to(lang);
    json!({
        "kinds": counted.iter().map(kind).collect::<Vec<_>>(),
        "file": "{file}",
        "no_module": words::owner(Owner::NoModule, lang),
        "shared": words::owner(Owner::Shared, lang),
        "library": words::owner(Owner::Library, lang),
        "format": words::owner(Owner::Format, lang),
        "outside": kinds::OUTSIDE.to(lang),
        "smaller": of("and {n} smaller", "另有 {n} 个较小的"),
        "and_others": of("{first} and {n} more", "{first} 等另外 {n} 个包"),
        "parts": of("{n} parts", "{n} 个部分"),
        "of_all": of("{share} of all", "占总量 {share}"),
        "bytes": of("{n} bytes", "{n} 字节"),
        "changed": of("{from} before, {to} after", "之前 {from}，之后 {to}"),
        "shared_by": of("shared by {packages}", "由 {packages} 共用"),
        "estimated": ESTIMATED.to(lang),
        "nothing": of("nothing matches", "没有匹配项"),
        "found": of("{n} matches: {bytes}, {share} of all", "{n} 项匹配：{bytes}，占总量 {share}"),
        "caption": of("What {name} is made of", "{name} 的构成"),
    })
}

/// What a screen reader says of the canvas.
pub(crate) fn map_label(name: &str, lang: Lang) -> String {
    let name = crate::clean::line(name);
    say!(
        lang,
        "Treemap of {name}. Arrow keys move, Enter zooms in, Escape zooms out. The table that follows holds the same.",
        "{name} 的矩形树图。方向键移动，回车放大，Esc 缩小。随后的表格内容相同。",
    )
}

/// What is said where there are more rows than a browser should hold.
pub(crate) fn folded(least: Bytes, lang: Lang) -> String {
    let least = figures::exact(least);
    say!(
        lang,
        "Symbols of {least} bytes and less are not told apart here; elfin weigh --by symbol lists them all.",
        "不超过 {least} 字节的符号在此不再细分；elfin weigh --by symbol 可列出全部。",
    )
}
