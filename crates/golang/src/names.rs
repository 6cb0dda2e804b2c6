//! From a symbol's name to the package that it belongs to.
//!
//! A name begins with the import path, in which the linker has escaped the
//! dots of the last element, so the package ends at the first dot behind the
//! last slash; type arguments and what the compiler generates around a type
//! come first (golang/go `cmd/internal/objabi/path.go` `PathToPrefix`,
//! `debug/gosym/symtab.go` `Sym.PackageName`, 1.18 to 1.27).

use std::borrow::Cow;

/// What a symbol's name says of its package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named<'a> {
    /// The import path of its package.
    Package(Cow<'a, str>),
    /// The compiler or the linker made it for no package.
    Generated,
    /// It has no package in its name: assembly, or C.
    Bare,
}

/// Prefixes of what is generated for a type or a path, as written since Go 1.20 and before.
const FOR_A_TYPE: [&str; 14] = [
    "type:.eq.",
    "type:.hash.",
    "type:.gcmask.",
    "type:.gcprog.",
    "type:.importpath.",
    "type..eq.",
    "type..hash.",
    "type..gcmask.",
    "type..gcprog.",
    "type..importpath.",
    "go:itab.",
    "go.itab.",
    "type:",
    "type.",
];

/// Finds the package in the name of a function or of data.
pub fn package_of(name: &[u8]) -> Named<'_> {
    // Go's names are UTF-8.
    let Ok(name) = std::str::from_utf8(name) else { return Named::Bare };
    if let Some(typ) = FOR_A_TYPE.iter().find_map(|prefix| name.strip_prefix(prefix)) {
        // What else has a dot first is no type: `type:.namedata.Reset.`
        let typ = Some(typ).filter(|it| !it.starts_with('.'));
        return typ.and_then(package_of_type).map_or(Named::Generated, Named::Package);
    }
    // Up to Go 1.19 it begins as `go.uber.org/zap` does.
    let old = || name.strip_prefix("go.").filter(|it| is_method(it) || path_of(name) == Some("go"));
    let rest = name.strip_prefix("go:").or_else(old);
    // A method of a type without a name: `go:(*struct { sync.Mutex }).Lock`.
    let method = rest.unwrap_or(name);
    if is_method(method) {
        return package_of_type(method).map_or(Named::Generated, Named::Package);
    }
    // `$f64.3ff0000000000000` is a constant that needs a place.
    if rest.is_some() || name.starts_with('$') {
        return Named::Generated;
    }
    // `pthread_create@GLIBC_2.34` is of C, and has its dot in the version.
    let path = path_of(name).filter(|path| !path.contains('@') && !is_part_of_c(name, path));
    path.map_or(Named::Bare, |path| Named::Package(unescaped(path)))
}

/// True for what C compilers make of parts and copies of a function: `x_cgo_munmap.cold`,
/// `hash.part.0`.
fn is_part_of_c(name: &str, path: &str) -> bool {
    let rest = name.strip_prefix(path).and_then(|it| it.strip_prefix('.'));
    let mut rest = rest.unwrap_or_default().split('.');
    match rest.next() {
        // Without a slash the path is of the standard library or main.
        Some("cold") => path != "main" && !path.contains('/') && rest.next().is_none(),
        Some("part" | "isra" | "constprop" | "lto_priv" | "llvm") => rest
            .next()
            .is_some_and(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit())),
        _ => false,
    }
}

/// True for what follows `go:` in a method of a type without a name.
fn is_method(name: &str) -> bool {
    name.starts_with(['(', '*']) || name.starts_with("struct {")
}

/// Finds the package that a type is of: for a type without a name, of the first name in it.
fn package_of_type(typ: &str) -> Option<Cow<'_, str>> {
    let words = typ.split([' ', '*', '[', ']', '(', ')', '{', '}', ',', ';', '"', '<']);
    let named = words.filter(|word| !word.starts_with("go.shape."));
    named.filter_map(path_of).find(|path| *path != "go").map(unescaped)
}

/// The import path that begins a name, as it is escaped there.
fn path_of(name: &str) -> Option<&str> {
    let plain = name.get(..memchr::memchr(b'[', name.as_bytes()).unwrap_or(name.len()))?;
    let element = memchr::memrchr(b'/', plain.as_bytes()).map_or(0, |slash| slash + 1);
    let dot = memchr::memchr(b'.', plain.get(element..)?.as_bytes())?;
    // What a C object of a package brings along is named `net(.text)`.
    let path = name.get(..element + dot)?;
    Some(path.strip_suffix('(').unwrap_or(path)).filter(|path| !path.is_empty())
}

/// Takes back the escapes `%2e`.
fn unescaped(path: &str) -> Cow<'_, str> {
    if !path.contains('%') {
        return Cow::Borrowed(path);
    }
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, behind)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let code = behind.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(byte) => bytes.push(byte),
            None => bytes.push(b'%'),
        }
        rest = if code.is_some() { behind.get(2..).unwrap_or_default() } else { behind };
    }
    bytes.extend_from_slice(rest.as_bytes());
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_ends_at_the_first_dot_behind_the_last_slash() {
        let cases = [
            ("main.main", "main"),
            ("main.cold", "main"),
            ("example.com/a.cold", "example.com/a"),
            ("main.part.func1", "main"),
            ("net/http.(*conn).serve.func1", "net/http"),
            ("gopkg.in/yaml%2ev3.unmarshal", "gopkg.in/yaml.v3"),
            ("vendor/golang.org/x/net/idna.init.0", "vendor/golang.org/x/net/idna"),
            ("example.com/a/b.glob..func1", "example.com/a/b"),
            ("slices.SortFunc[go.shape.[]net/url.X,go.shape.int]", "slices"),
            ("sync/atomic.(*Pointer[go.shape.struct { a/b.c int }]).Load", "sync/atomic"),
            ("type:.eq.net/http.Cookie", "net/http"),
            ("type..hash.go/token.Position", "go/token"),
            ("type:.eq.struct { F uintptr; a/b.c string }", "a/b"),
            ("type:.eq.[2]interface { go.shape.X(); d/e.f() }", "d/e"),
            ("go:(*struct { sync.Mutex; n int }).Lock", "sync"),
            ("go:itab.*os.File,io.Reader", "os"),
            ("go.(*struct { a/b.Mutex }).Lock", "a/b"),
            ("go.uber.org/zap.(*Logger).Info", "go.uber.org/zap"),
            ("go.yaml.in/yaml/v3.init", "go.yaml.in/yaml/v3"),
            ("type:.gcmask.compress/flate.Writer", "compress/flate"),
            ("type:.gcmask.[10000]cmd/internal/obj.Prog", "cmd/internal/obj"),
            ("type..importpath.gopkg.in/yaml%2ev3.", "gopkg.in/yaml.v3"),
            ("main..inittask", "main"),
            ("net(.text)", "net"),
            ("net/http..stmp_12", "net/http"),
            ("odd%zz/x%2fy.f", "odd%zz/x/y"),
        ];
        for (name, package) in cases {
            assert_eq!(package_of(name.as_bytes()), Named::Package(package.into()), "{name}");
        }
    }

    #[test]
    fn what_has_no_package_says_which_kind_it_is() {
        for name in [
            "_rt0_amd64_linux",
            "memeqbody",
            "fputc@GLIBC_2.2.5",
            "x_cgo_munmap.cold",
            "hash.constprop.0.cold",
            "hash.part.0",
            "",
            "[",
            ".text",
            "caf\u{fffd}",
        ] {
            assert_eq!(package_of(name.as_bytes()), Named::Bare, "{name}");
        }
        for name in [
            "$f64.3ff0000000000000",
            "go:buildid",
            "go:string.*",
            "type:*",
            "type:.eq.[4]string",
            "go:func.*",
            "type:.namedata.Reset.",
        ] {
            assert_eq!(package_of(name.as_bytes()), Named::Generated, "{name}");
        }
        assert_eq!(package_of(b"a\xff.b"), Named::Bare);
    }
}
