//! One type descriptor: what it is, how long it is, and what it points at.
//!
//! A fixed part that all types have, a part for its kind, the uncommon part of
//! a type with a name or methods, then fields, parameters or methods, one
//! behind the other (golang/go `internal/abi/type.go`,
//! `cmd/compile/internal/reflectdata/reflect.go` `writeType`, 1.18 to 1.27).
//! Maps have had three layouts; the numbers in them tell which.

use super::loaded::Loaded;
use super::type_name::TypeName;
use elfin_elf::Numbers;

const HAS_UNCOMMON: u8 = 1 << 0;
/// The text is that of the pointer to the type, without whose star it is the type's.
const EXTRA_STAR: u8 = 1 << 1;
const IS_NAMED: u8 = 1 << 2;
/// Since Go 1.24 the mask is made at run time where this is set.
const MASK_ON_DEMAND: u8 = 1 << 4;
const ALL_FLAGS: u8 = 0x7f;

const ARRAY: u8 = 17;
const CHAN: u8 = 18;
const FUNC: u8 = 19;
const INTERFACE: u8 = 20;
const MAP: u8 = 21;
const POINTER: u8 = 22;
const SLICE: u8 = 23;
const STRUCT: u8 = 25;
const LAST_KIND: u8 = 26;

/// Bytes of the uncommon part.
const UNCOMMON: u32 = 16;
/// Bytes of a method.
const METHOD: u32 = 16;
/// Bytes of an interface's method.
const INTERFACE_METHOD: u32 = 8;

/// A type descriptor. A large program has hundreds of thousands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Descriptor {
    /// Where it begins.
    pub(crate) at: u32,
    /// Bytes of all of it.
    pub(crate) length: u32,
    /// Fields, parameters or methods of an interface.
    elements: u32,
    /// Where the methods behind the uncommon part begin.
    methods_at: u32,
    /// How many these are.
    methods: u16,
    /// Bytes of the fixed part and of the part for its kind.
    fixed: u16,
    kind: u8,
    flags: u8,
}

impl Descriptor {
    /// Where fields, parameters or methods of an interface begin.
    fn elements_at(&self) -> u32 {
        let uncommon = if self.flags & HAS_UNCOMMON == 0 { 0 } else { UNCOMMON };
        u32::from(self.fixed) + uncommon
    }
}

/// Whose a type is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Home {
    /// No package's: it has no name.
    None,
    /// The language's own.
    Language,
    /// Of the package whose import path is at an offset.
    Path(u32),
}

/// What a descriptor refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    /// A type by its offset, from the field at the first offset.
    Type(u32, u32),
    /// A name.
    Name(u32, u32),
    /// A mask for the garbage collector.
    Mask(u32),
}

/// Reads type descriptors of one program.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Descriptors<'a, 'l> {
    pub(crate) loaded: &'l Loaded<'a, 'l>,
    /// `runtime.types`: what offsets of types and names count from.
    pub(crate) base: u32,
}

impl<'a> Descriptors<'a, '_> {
    fn numbers(&self) -> Numbers {
        self.loaded.numbers
    }

    fn pointer_size(&self) -> u32 {
        self.loaded.pointer_size()
    }

    /// Bytes of `abi.Type`: four words, two numbers of four bytes, and eight bytes.
    fn common(&self) -> u32 {
        4 * self.pointer_size() + 16
    }

    /// Reads the descriptor at an offset; `None` if anything says that it is none.
    pub(crate) fn read(&self, at: u32) -> Option<Descriptor> {
        let (numbers, pointer) = (self.numbers(), self.pointer_size());
        if !at.is_multiple_of(pointer) {
            return None;
        }
        let bytes = self.loaded.bytes(at);
        let size = numbers.word(bytes, 0)?;
        let with_pointers = numbers.word(bytes, numbers.pointer)?;
        let small = 2 * numbers.pointer + 4;
        let &[flags, align, field_align, kind] = bytes.get(small..)?.first_chunk()?;
        // The upper bits are flags up to Go 1.25.
        let kind = kind & 0x1f;
        let sound = with_pointers <= size
            && size < 1 << 48
            && flags & !ALL_FLAGS == 0
            && [align, field_align].iter().all(|it| it.is_power_of_two() && *it <= 64)
            && (1..=LAST_KIND).contains(&kind);
        if !sound {
            return None;
        }
        let descriptor = self.with_tables(at, bytes, kind, flags)?;
        let name = self.name(at + self.common() - 8)?;
        TypeName::read(self.loaded, name).filter(|it| !it.text.is_empty())?;
        self.loaded.bytes(at).get(..descriptor.length as usize)?;
        Some(descriptor)
    }

    /// Reads how many elements and methods there are, and so how long it is.
    fn with_tables(&self, at: u32, bytes: &[u8], kind: u8, flags: u8) -> Option<Descriptor> {
        let (pointer, common) = (self.pointer_size(), self.common());
        let fixed = common
            + match kind {
                ARRAY => 3 * pointer,
                CHAN => 2 * pointer,
                FUNC => pointer,
                INTERFACE | STRUCT => 4 * pointer,
                MAP => self.map(bytes)?,
                POINTER | SLICE => pointer,
                _ => 0,
            };
        let short = |offset: u32| self.numbers().u16(bytes, offset as usize).map(u32::from);
        let (elements, size) = match kind {
            FUNC => (short(common)? + (short(common + 2)? & 0x7fff), pointer),
            INTERFACE => (self.count(at + common + pointer)?, INTERFACE_METHOD),
            STRUCT => (self.count(at + common + pointer)?, 3 * pointer),
            _ => (0, 0),
        };
        let mut elements_at = fixed;
        let (mut methods, mut methods_at) = (0, 0);
        if flags & HAS_UNCOMMON != 0 {
            methods = self.numbers().u16(bytes, fixed as usize + 4)?;
            methods_at = fixed.checked_add(self.numbers().u32(bytes, fixed as usize + 8)?)?;
            elements_at += UNCOMMON;
        }
        let mut length = elements_at.checked_add(elements.checked_mul(size)?)?;
        if matches!(kind, INTERFACE | STRUCT) && elements > 0 {
            let slice = self.loaded.pointer(at + common + pointer);
            slice.filter(|it| *it == at + elements_at)?;
        }
        if methods > 0 {
            length = length.max(methods_at.checked_add(u32::from(methods) * METHOD)?);
        }
        let has_element = matches!(kind, ARRAY | CHAN | MAP | POINTER | SLICE);
        if has_element {
            self.loaded.pointer(at + common).filter(|it| it.is_multiple_of(pointer))?;
        }
        let fixed = u16::try_from(fixed).ok()?;
        Some(Descriptor { at, length, elements, methods_at, methods, fixed, kind, flags })
    }

    /// The number of elements of the slice at an offset, which a capacity and a sound pointer go
    /// with.
    fn count(&self, slice: u32) -> Option<u32> {
        let (numbers, bytes) = (self.numbers(), self.loaded.bytes(slice));
        let count = numbers.word(bytes, numbers.pointer)?;
        let is_slice = numbers.word(bytes, 2 * numbers.pointer)? == count;
        u32::try_from(count).ok().filter(|it| is_slice && *it < 1 << 20)
    }

    /// Bytes of a map's own part.
    fn map(&self, bytes: &[u8]) -> Option<u32> {
        let pointer = self.numbers().pointer;
        let word =
            |index: usize| self.numbers().word(bytes, self.common() as usize + index * pointer);
        let (group, keys, stride) = (word(4)?, word(5)?, word(6)?);
        // Up to Go 1.23 the sizes of key, element and bucket share a word with flags.
        if group >= 1 << 16 {
            return Some(4 * self.pointer_size() + 8);
        }
        // Go 1.27 has the places of keys and of elements and how far they are apart.
        let (elements, element_stride) = (word(7).unwrap_or(0), word(8).unwrap_or(0));
        let apart = elements.checked_sub(keys);
        let is_127 = keys == 8
            && stride > 0
            && (word(9) == apart && stride == element_stride || apart == stride.checked_mul(8));
        let words = if is_127 { 11 } else { 8 };
        // The flags take four bytes and fill a word.
        Some(words * self.pointer_size())
    }

    /// The place of the name or the type whose offset stands at an offset; 0 is none.
    fn name(&self, field: u32) -> Option<u32> {
        let offset = self.numbers().u32(self.loaded.bytes(field), 0)?.cast_signed();
        if offset <= 0 {
            return None;
        }
        self.base.checked_add_signed(offset)
    }

    /// The name of a type, a field, a method or a package by its place.
    pub(crate) fn text(&self, at: u32) -> Option<TypeName<'a>> {
        TypeName::read(self.loaded, at)
    }

    /// What a type is called, as Go code would write it.
    pub(crate) fn type_text(&self, it: &Descriptor) -> Option<&'a [u8]> {
        let text = self.text(self.name(it.at + self.common() - 8)?)?.text;
        let star = usize::from(it.flags & EXTRA_STAR != 0);
        text.get(star..)
    }

    /// The name that the import path of a name stands in.
    pub(crate) fn package_of_name(&self, name: &TypeName<'_>) -> Option<u32> {
        (name.package > 0).then(|| self.base.checked_add_signed(name.package))?
    }

    /// Where the import path of a named type stands, also of pointers to one.
    pub(crate) fn home(&self, it: &Descriptor) -> Home {
        /// Nobody writes more stars.
        const MOST_STARS: usize = 4;
        let mut it = *it;
        for _ in 0..MOST_STARS {
            if it.flags & IS_NAMED != 0 {
                let path =
                    (it.flags & HAS_UNCOMMON != 0).then(|| self.name(it.at + u32::from(it.fixed)));
                return path.flatten().map_or(Home::Language, Home::Path);
            }
            let next = self.pointed_at(&it).and_then(|at| self.read(at));
            let Some(next) = next else { break };
            it = next;
        }
        Home::None
    }

    /// The import path of a home; empty for the language's own.
    pub(crate) fn path(&self, home: Home) -> Option<&'a [u8]> {
        match home {
            Home::None => None,
            Home::Language => Some(&[]),
            Home::Path(at) => Some(self.text(at).map_or(&[], |path| path.text)),
        }
    }

    /// What an unnamed pointer points at.
    fn pointed_at(&self, it: &Descriptor) -> Option<u32> {
        let is_pointer = it.kind == POINTER && it.flags & IS_NAMED == 0;
        is_pointer.then(|| self.loaded.pointer(it.at + self.common()))?
    }

    /// True if the word at a distance from the descriptor's beginning is a pointer.
    pub(crate) fn is_pointer(&self, it: &Descriptor, distance: u32) -> bool {
        let (pointer, common) = (self.pointer_size(), self.common());
        let pointers = match it.kind {
            ARRAY | INTERFACE | STRUCT => 2,
            CHAN | POINTER | SLICE => 1,
            MAP => 4,
            _ => 0,
        };
        let element = distance.checked_sub(it.elements_at()).map(|it| it / pointer);
        match element.filter(|index| index / 3 < it.elements || index < &it.elements) {
            Some(index) => it.kind == FUNC || it.kind == STRUCT && index % 3 < 2,
            // Before the part for the kind: the function that compares, and the mask.
            None => {
                (common - 8 - 2 * pointer..common - 8).contains(&distance)
                    || (common..common + pointers * pointer).contains(&distance)
            }
        }
    }

    /// Goes through the exported methods of a type: true for one that has code.
    ///
    /// The linker writes -1 where it dropped the code (golang/go `cmd/link/internal/ld/data.go`,
    /// `R_METHODOFF`).
    pub(crate) fn exported_methods(&self, it: &Descriptor) -> impl Iterator<Item = bool> {
        let start = it.at + it.methods_at;
        let methods = (0..u32::from(it.methods)).map(move |index| start + index * METHOD);
        methods.filter_map(|method| {
            let name = self.text(self.name(method)?)?;
            let exported = name.text.first().is_some_and(u8::is_ascii_uppercase);
            let code = self.numbers().u32(self.loaded.bytes(method + 8), 0)?;
            exported.then_some(code != u32::MAX)
        })
    }

    /// Methods of an interface.
    pub(crate) fn interface_methods(&self, it: &Descriptor) -> Option<u32> {
        (it.kind == INTERFACE).then_some(it.elements)
    }

    /// Goes through the names and the mask of a descriptor, and the types that it names by
    /// offset; the types that it points at are pointers like any other.
    pub(crate) fn links(&self, it: &Descriptor, mut link: impl FnMut(Link)) {
        let (pointer, common) = (self.pointer_size(), self.common());
        let mut by_offset = |field: u32, make: fn(u32, u32) -> Link| {
            if let Some(to) = self.name(field) {
                link(make(field, to));
            }
        };
        by_offset(it.at + common - 8, Link::Name);
        by_offset(it.at + common - 4, Link::Type);
        if it.flags & HAS_UNCOMMON != 0 {
            by_offset(it.at + u32::from(it.fixed), Link::Name);
        }
        for index in 0..u32::from(it.methods) {
            let method = it.at + it.methods_at + index * METHOD;
            by_offset(method, Link::Name);
            by_offset(method + 4, Link::Type);
        }
        let elements = it.at + it.elements_at();
        if it.kind == INTERFACE {
            for method in (0..it.elements).map(|index| elements + index * INTERFACE_METHOD) {
                by_offset(method, Link::Name);
                by_offset(method + 4, Link::Type);
            }
        }
        let mut by_pointer = |field: u32, make: fn(u32) -> Link| {
            if let Some(to) = self.loaded.pointer(field) {
                link(make(to));
            }
        };
        if matches!(it.kind, INTERFACE | STRUCT) {
            by_pointer(it.at + common, |to| Link::Name(0, to));
        }
        if it.kind == STRUCT {
            for field in (0..it.elements).map(|index| elements + index * 3 * pointer) {
                by_pointer(field, |to| Link::Name(0, to));
            }
        }
        if it.flags & MASK_ON_DEMAND == 0 {
            by_pointer(it.at + common - 8 - pointer, Link::Mask);
        }
    }
}
