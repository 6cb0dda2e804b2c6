//! The kinds of bytes of a weighing, and the columns and sentences of its table.

use super::{Lang, Text, say};
use crate::By;
use elfin_schema::Kind;

pub(crate) const TOTAL: Text = Text("total", "合计");
pub(crate) const SHARE: Text = Text("share", "占比");
pub(crate) const CODE: Text = Text("code", "代码");
pub(crate) const PCLNTAB: Text = Text("pclntab", "pclntab");
pub(crate) const DATA: Text = Text("data", "数据");
pub(crate) const TYPES: Text = Text("types", "类型");
pub(crate) const STRINGS: Text = Text("strings", "字符串");
pub(crate) const SYMBOLS: Text = Text("symbols", "符号");
pub(crate) const DWARF: Text = Text("dwarf", "dwarf");
pub(crate) const OTHER: Text = Text("other", "其他");
pub(crate) const NO_PACKAGE: Text = Text("of no package", "不属于任何包");
pub(crate) const NO_MODULE: Text = Text("module not named in the file", "文件未写明所属模块");
pub(crate) const SHARED: Text = Text("shared by 2 to 8 packages", "由 2 至 8 个包共用");
pub(crate) const UNKNOWN: Text = Text("unknown", "未知");
pub(crate) const FILE_SIZE: Text = Text("file", "文件");
pub(crate) const NOT_LOADED: Text = Text("not loaded", "不载入内存");
pub(crate) const RATIO: Text = Text("gzip / size", "gzip/原大小");
pub(crate) const ENTROPY: Text = Text("bits/byte", "比特/字节");
pub(crate) const OUTSIDE: Text = Text("outside of sections", "节区之外");
pub(crate) const NOT_NAMED: Text = Text("without a name", "无名");
pub(crate) const MEMORY_ONLY: Text = Text("memory, no byte of the file", "仅占内存，不占文件");
pub(crate) const OF_NO_FILE: Text = Text("of no source file", "不属于任何源文件");
pub(crate) const ESTIMATED: Text = Text(
    "~ partly an estimate: compressed DWARF is charged to packages in proportion",
    "~ 含估算值：压缩的 DWARF 按比例分摊到各包",
);
pub(crate) const PRICES: Text = Text(
    "The file as a whole is compressed; what one row pays of that is an estimate.",
    "压缩的是整个文件；各行所占的部分为估算值。",
);
pub(crate) const UNKNOWN_RANGES: Text = Text("unknown ranges, largest first", "未知区间，从大到小");
pub(crate) const AT_HOME: Text = Text("at home", "本包内");
pub(crate) const ABROAD: Text = Text("abroad", "其他包内");
pub(crate) const INLINED: Text = Text(
    "Code of these packages that stands inlined in functions of their own (at home) and of other packages (abroad). The other views count it where it stands.",
    "以下各包的代码被内联到本包函数（本包内）及其他包函数（其他包内）中的字节。其他视图按代码所在位置计入。",
);
pub(crate) const NOTHING_INLINED: Text =
    Text("The file does not tell of any inlined code.", "文件中没有内联代码的信息。");

/// Names what a weighing is looked at by.
pub(crate) fn looked_at_by(by: By) -> Text {
    match by {
        By::Tree => Text("module > package", "模块 > 包"),
        By::Package => Text("package", "包"),
        By::Module => Text("module", "模块"),
        By::Kind => Text("kind", "种类"),
        By::Section => Text("section", "节区"),
        By::Segment => Text("segment", "段"),
        By::Symbol => Text("symbol", "符号"),
        By::File => Text("file", "文件"),
    }
}

/// Names a kind of bytes.
pub(crate) fn kind(kind: Kind) -> Text {
    match kind {
        Kind::Code => Text("code", "机器码"),
        Kind::FunctionRecord => Text("function records", "函数记录"),
        Kind::FunctionName => Text("function names", "函数名"),
        Kind::FileTable => Text("file names", "文件名"),
        Kind::PcValue => Text("pc-value tables", "pc 值表"),
        Kind::CuTable => Text("files of units", "编译单元文件表"),
        Kind::FuncData => Text("function data", "函数数据"),
        Kind::FindFunction => Text("find-function table", "函数查找表"),
        Kind::InlineTree => Text("inline trees", "内联树"),
        Kind::String => Text("strings", "字符串"),
        Kind::Embed => Text("embedded files", "嵌入文件"),
        Kind::Type => Text("types", "类型描述"),
        Kind::Itab => Text("itabs", "接口方法表"),
        Kind::GcMask => Text("GC masks", "GC 掩码"),
        Kind::ReadOnlyData => Text("read-only data", "只读数据"),
        Kind::Data => Text("writable data", "可写数据"),
        Kind::InitTask => Text("init tasks", "初始化任务"),
        Kind::Symbol => Text("symbols", "符号表项"),
        Kind::SymbolName => Text("symbol names", "符号名"),
        Kind::Relocation => Text("relocations", "重定位"),
        Kind::Dwarf => Text("DWARF", "DWARF"),
        Kind::Unwind => Text("unwind tables of C", "C 栈展开表"),
        Kind::Note => Text("notes", "注记"),
        Kind::BuildInfo => Text("build information", "构建信息"),
        Kind::FipsInfo => Text("FIPS information", "FIPS 信息"),
        Kind::ModuleData => Text("module data", "模块数据"),
        Kind::Dynamic => Text("dynamic linking", "动态链接"),
        Kind::Header => Text("ELF headers", "ELF 头"),
        Kind::Padding => Text("padding", "对齐填充"),
        Kind::Trailing => Text("trailing data", "尾部数据"),
        Kind::Packed => Text("packed", "压缩内容"),
        Kind::Common => Text("shared by more than 8 packages", "由 8 个以上的包共用"),
    }
}

/// Says what memory is that no byte of the file stands for; empty where the name says it all.
pub(crate) fn memory(name: &str) -> Text {
    match name {
        ".bss" => Text("zeroed variables with pointers", "含指针的零值变量"),
        ".noptrbss" => Text("zeroed variables without pointers", "不含指针的零值变量"),
        ".tbss" => Text("of each thread its own", "每个线程各有一份"),
        "stack" => Text(
            "of the main thread, as large as the system makes it",
            "主线程的栈，大小由系统决定",
        ),
        name if name.starts_with("segment ") => {
            Text("zeroed behind the segment's bytes", "段内字节之后的零值部分")
        }
        _ => Text("", ""),
    }
}

/// Says how many ranges are not shown, and their bytes.
pub(crate) fn more_ranges(ranges: usize, bytes: u64, lang: Lang) -> String {
    let bytes = crate::figures::exact(bytes);
    say!(lang, "… {ranges} more, {bytes} bytes", "… 另有 {ranges} 处，共 {bytes} 字节")
}

/// Says how many rows are left out, and by what.
pub(crate) fn left_out(rows: usize, lang: Lang) -> String {
    say!(lang, "… {rows} more", "… 另有 {rows} 项")
}

/// Says whose a byte is that nobody is known to own.
pub(crate) fn nobody(lang: Lang) -> &'static str {
    Text("nobody is known to own it", "未知归属").to(lang)
}
