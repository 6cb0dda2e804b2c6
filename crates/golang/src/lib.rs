//! What Go's linker put into a file: module data, pclntab, names, build information.
//!
//! Every table is found by its structure and checked against what it points
//! at, not against a list of versions: an unknown Go costs one table and not
//! the file. Readers borrow from the file and decode where they are asked, as a
//! large program has millions of entries. What is unsound is `None` or left
//! out, whatever the bytes say; nothing here decides who owns a byte.

mod build_info;
mod funcdata;
mod function;
mod inline_tree;
mod lookups;
mod module_data;
mod module_search;
mod modules;
mod names;
mod packages;
mod pc_value;
mod pclntab;
mod static_data;

pub use build_info::{BuildInfo, BuildInfoPart};
pub use funcdata::Funcdata;
pub use function::Function;
pub use inline_tree::{InlinedCall, inlined_stretches};
pub use lookups::{MethodLookup, method_lookups};
pub use module_data::{ModuleData, Slice};
pub use modules::{Module, Modules, STD};
pub use names::{Named, package_of};
pub use packages::{PackageId, Packages};
pub use pc_value::{PcValues, table_length};
pub use pclntab::{Pclntab, Table};
pub use static_data::{Code, DataKind, DataObject, EmbeddedFile, Inlined, NamedData, Pointers};
pub use static_data::{MOST_OWNERS, ObjectNames, Owners, Program, StaticData, sort_by_number};
