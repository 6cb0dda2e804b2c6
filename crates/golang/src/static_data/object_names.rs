//! What types, names of types and itabs are called, as Go's linker names their symbols.

use super::descriptor::Descriptors;
use super::loaded::Loaded;
use super::{DataKind, DataObject, Program};

/// Reads what objects of a program are called.
#[derive(Debug)]
pub struct ObjectNames<'a, 'p> {
    loaded: Loaded<'a, 'p>,
    types: u32,
}

impl<'a, 'p> ObjectNames<'a, 'p> {
    /// Opens the data of a program.
    pub fn new(program: &Program<'p, 'a>) -> ObjectNames<'a, 'p> {
        let loaded = Loaded::new(program.file, program.addends, program.module);
        let types = loaded.offset(program.module.types.start).unwrap_or(0);
        ObjectNames { loaded, types }
    }

    /// Names a type as `type:*os.File`, an itab as `go:itab.*os.File,io.Writer`, the name of a
    /// field or a method as `type:.namedata.Write`; `None` for anything else.
    pub fn of(&self, object: &DataObject<'_>) -> Option<String> {
        let at = self.loaded.offset(object.addresses.start)?;
        let descriptors = Descriptors { loaded: &self.loaded, base: self.types };
        let type_at = |at: u32| {
            let text = descriptors.type_text(&descriptors.read(at)?)?;
            Some(String::from_utf8_lossy(text))
        };
        match object.kind {
            DataKind::Type => Some(format!("type:{}", type_at(at)?)),
            DataKind::TypeName => {
                let name = descriptors.text(at)?.text;
                Some(format!("type:.namedata.{}", String::from_utf8_lossy(name)))
            }
            DataKind::Itab => {
                let interface = type_at(self.loaded.pointer(at)?)?;
                let concrete = type_at(self.loaded.pointer(at + self.loaded.pointer_size())?)?;
                Some(format!("go:itab.{concrete},{interface}"))
            }
            _ => None,
        }
    }
}
