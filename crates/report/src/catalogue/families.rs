//! The families of kinds: what shares a colour in a map of a file.

use super::{Text, kinds};
use elfin_schema::Kind;

/// Kinds that are taken in at a glance as one, in the order of a legend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Family {
    Code,
    Functions,
    Constants,
    Types,
    Data,
    Symbols,
    Debug,
    Linking,
    Packed,
    Rest,
    Unknown,
}

impl Family {
    /// The family's name.
    pub(crate) fn name(self) -> Text {
        match self {
            Family::Code => Text("machine code", "机器码"),
            Family::Functions => Text("function and line tables", "函数与行号表"),
            Family::Constants => Text("strings, files, constants", "字符串、文件与常量"),
            Family::Types => Text("types", "类型"),
            Family::Data => Text("writable data", "可写数据"),
            Family::Symbols => Text("symbol table", "符号表"),
            Family::Debug => Text("debug information", "调试信息"),
            Family::Linking => Text("linking", "链接"),
            Family::Packed => Text("packed", "压缩内容"),
            Family::Rest => Text("headers, notes, padding", "文件头、注记与填充"),
            Family::Unknown => kinds::UNKNOWN,
        }
    }

    /// The class of the style sheet that holds the family's colour.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Family::Code => "p-text",
            Family::Functions => "p-pclntab",
            Family::Constants => "p-rodata",
            Family::Types => "p-types",
            Family::Data => "p-data",
            Family::Symbols => "p-symbols",
            Family::Debug => "p-debug",
            Family::Linking => "p-linking",
            Family::Packed => "p-packed",
            Family::Rest => "p-other",
            Family::Unknown => "p-unknown",
        }
    }
}

/// The family of a kind.
pub(crate) fn family(kind: Kind) -> Family {
    match kind {
        Kind::Code => Family::Code,
        Kind::FunctionRecord
        | Kind::FunctionName
        | Kind::FileTable
        | Kind::PcValue
        | Kind::CuTable
        | Kind::FuncData
        | Kind::FindFunction
        | Kind::InlineTree => Family::Functions,
        Kind::String | Kind::Embed | Kind::ReadOnlyData => Family::Constants,
        Kind::Type | Kind::Itab | Kind::GcMask => Family::Types,
        Kind::Data | Kind::InitTask | Kind::ModuleData => Family::Data,
        Kind::Symbol | Kind::SymbolName => Family::Symbols,
        Kind::Dwarf | Kind::Unwind => Family::Debug,
        Kind::Relocation | Kind::Dynamic => Family::Linking,
        Kind::Packed => Family::Packed,
        Kind::Note
        | Kind::BuildInfo
        | Kind::FipsInfo
        | Kind::Header
        | Kind::Padding
        | Kind::Trailing
        | Kind::Common => Family::Rest,
    }
}
