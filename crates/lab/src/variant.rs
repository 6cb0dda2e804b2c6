//! A variant: how a program is built.
//!
//! The notation that tables print is also what plan files and tests read, so
//! there is one way to name a variant: settings joined by `+`, as in
//! `cgo0+ldflags(-s -w)+pie`. What is not named is left as the user's own
//! environment has it; the variant with nothing named is `baseline`.

use crate::source::Package;
use elfin_goenv::GoFlags;
use std::fmt;
use std::str::FromStr;

/// The name of the variant that sets nothing.
pub(crate) const BASELINE: &str = "baseline";

/// How a program is built. Every field that is unset is left to the user's environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Variant {
    /// A Go release, `go1.24.11`, through GOTOOLCHAIN.
    pub go: Option<String>,
    /// CGO_ENABLED.
    pub cgo: Option<bool>,
    /// CC, the C compiler.
    pub cc: Option<String>,
    /// -ldflags, without the link mode.
    pub ldflags: Option<String>,
    /// -trimpath.
    pub trimpath: bool,
    /// -linkmode, and with which linker.
    pub link: Link,
    /// Which libc, where it is not the platform's dynamic one.
    pub static_libc: Option<Libc>,
    /// -tags.
    pub tags: Vec<String>,
    /// GOAMD64.
    pub goamd64: Option<String>,
    /// GOOS and GOARCH.
    pub target: Option<(String, String)>,
    /// -buildmode=pie.
    pub pie: bool,
}

/// Who links.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Link {
    /// As Go chooses.
    #[default]
    Auto,
    /// Go's own linker.
    Internal,
    /// The C compiler with this linker.
    External(Linker),
}

/// A system linker, by the name that `-fuse-ld` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Linker {
    /// GNU ld.
    Bfd,
    /// GNU gold.
    Gold,
    /// LLVM lld.
    Lld,
    /// mold.
    Mold,
}

impl Linker {
    /// Every linker.
    pub const ALL: [Linker; 4] = [Linker::Bfd, Linker::Gold, Linker::Lld, Linker::Mold];

    /// The name that `-fuse-ld` takes.
    pub fn name(self) -> &'static str {
        match self {
            Linker::Bfd => "bfd",
            Linker::Gold => "gold",
            Linker::Lld => "lld",
            Linker::Mold => "mold",
        }
    }

    /// The program that must be in PATH.
    pub fn program(self) -> &'static str {
        match self {
            Linker::Bfd => "ld.bfd",
            Linker::Gold => "ld.gold",
            Linker::Lld => "ld.lld",
            Linker::Mold => "mold",
        }
    }
}

/// A libc that is linked in statically. Always an external link: an internal one ignores -extldflags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Libc {
    /// The GNU C library.
    Glibc,
    /// musl, by `musl-gcc`.
    Musl,
}

/// A notation that is not a variant's.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "{setting:?} is not a build setting; settings are pie, cgo0, cgo1, CC=…, ldflags(…), tags(…), trimpath, \
     internal, external:bfd|gold|lld|mold, static:glibc|musl, GOAMD64=v1…v4, GOOS/GOARCH and go1.N.M, \
     joined by `+`"
)]
pub struct VariantError {
    /// The part that was not understood.
    pub setting: String,
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut settings: Vec<String> = Vec::new();
        settings.extend(self.go.clone());
        settings.extend(self.target.as_ref().map(|(os, arch)| format!("{os}/{arch}")));
        settings.extend(self.goamd64.as_ref().map(|level| format!("GOAMD64={level}")));
        settings.extend(self.cgo.map(|on| format!("cgo{}", u8::from(on))));
        settings.extend(self.cc.as_ref().map(|cc| format!("CC={cc}")));
        if !self.tags.is_empty() {
            settings.push(format!("tags({})", self.tags.join(",")));
        }
        if self.trimpath {
            settings.push("trimpath".into());
        }
        settings.extend(self.ldflags.as_ref().map(|flags| format!("ldflags({flags})")));
        match self.link {
            Link::Auto => {}
            Link::Internal => settings.push("internal".into()),
            Link::External(linker) => settings.push(format!("external:{}", linker.name())),
        }
        match self.static_libc {
            None => {}
            Some(Libc::Glibc) => settings.push("static:glibc".into()),
            Some(Libc::Musl) => settings.push("static:musl".into()),
        }
        if self.pie {
            settings.push("pie".into());
        }
        if settings.is_empty() {
            settings.push(BASELINE.into());
        }
        f.write_str(&settings.join("+"))
    }
}

impl FromStr for Variant {
    type Err = VariantError;

    fn from_str(text: &str) -> Result<Self, VariantError> {
        let mut variant = Variant::default();
        for setting in split_settings(text) {
            variant.set(setting)?;
        }
        Ok(variant)
    }
}

/// Splits at `+`, but not inside parentheses: flags may contain one.
fn split_settings(text: &str) -> Vec<&str> {
    let (mut depth, mut from, mut settings) = (0usize, 0, Vec::new());
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '+' if depth == 0 => {
                settings.push(text[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    settings.push(text[from..].trim());
    settings
}

impl Variant {
    fn set(&mut self, setting: &str) -> Result<(), VariantError> {
        let inside = |name: &str| {
            setting.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')').map(str::to_owned)
        };
        match setting {
            BASELINE | "exe" => {}
            "pie" => self.pie = true,
            "cgo0" => self.cgo = Some(false),
            "cgo1" => self.cgo = Some(true),
            "trimpath" => self.trimpath = true,
            "internal" => self.link = Link::Internal,
            "static:glibc" => self.static_libc = Some(Libc::Glibc),
            "static:musl" => self.static_libc = Some(Libc::Musl),
            _ => {
                if let Some(flags) = inside("ldflags") {
                    self.ldflags = Some(flags);
                } else if let Some(tags) = inside("tags") {
                    self.tags = tags.split(',').map(|tag| tag.trim().to_owned()).collect();
                } else if let Some(level) = setting.strip_prefix("GOAMD64=") {
                    self.goamd64 = Some(level.to_owned());
                } else if let Some(cc) = setting.strip_prefix("CC=").filter(|cc| !cc.is_empty()) {
                    self.cc = Some(cc.to_owned());
                } else if let Some(name) = setting.strip_prefix("external:") {
                    let linker = Linker::ALL.into_iter().find(|linker| linker.name() == name);
                    let unknown = || VariantError { setting: setting.to_owned() };
                    self.link = Link::External(linker.ok_or_else(unknown)?);
                } else if setting.starts_with("go1.") {
                    self.go = Some(setting.to_owned());
                } else if let Some((os, arch)) = setting.split_once('/') {
                    self.target = Some((os.to_owned(), arch.to_owned()));
                } else {
                    return Err(VariantError { setting: setting.to_owned() });
                }
            }
        }
        Ok(())
    }

    /// The environment that `go build` gets besides the user's own.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let mut set = Vec::new();
        set.extend(self.go.clone().map(|go| ("GOTOOLCHAIN", go)));
        if let Some((os, arch)) = &self.target {
            set.extend([("GOOS", os.clone()), ("GOARCH", arch.clone())]);
        }
        set.extend(self.goamd64.clone().map(|level| ("GOAMD64", level)));
        // An external link needs the C toolchain, and Go refuses it with cgo off.
        let cgo = self.cgo.or(self.is_external().then_some(true));
        set.extend(cgo.map(|on| ("CGO_ENABLED", u8::from(on).to_string())));
        let musl = (self.static_libc == Some(Libc::Musl)).then(|| "musl-gcc".to_owned());
        set.extend(self.cc.clone().or(musl).map(|cc| ("CC", cc)));
        set
    }

    /// The flags that `go build` gets besides the user's own GOFLAGS, of which it says again what
    /// it would otherwise replace.
    pub(crate) fn flags(&self, own: &GoFlags) -> Vec<String> {
        let mut flags = Vec::new();
        if self.pie {
            flags.push("-buildmode=pie".into());
        }
        if self.trimpath {
            flags.push("-trimpath".into());
        }
        if !self.tags.is_empty() {
            flags.push(format!("-tags={}", self.tags(own)));
        }
        let linker_flags = self.linker_flags();
        if !linker_flags.is_empty() {
            let own = own.value("ldflags").map(str::to_owned);
            let all: Vec<String> = own.into_iter().chain(linker_flags).collect();
            flags.push(format!("-ldflags={}", all.join(" ")));
        }
        flags
    }

    /// The user's own build tags and the variant's, joined by commas.
    pub(crate) fn tags(&self, own: &GoFlags) -> String {
        let own = own.value("tags").unwrap_or_default().split([',', ' ']);
        let all = own.chain(self.tags.iter().map(String::as_str)).filter(|tag| !tag.is_empty());
        all.collect::<Vec<_>>().join(",")
    }

    fn linker_flags(&self) -> Vec<String> {
        let mut flags: Vec<String> = self.ldflags.iter().cloned().collect();
        let mut external = Vec::new();
        if let Link::External(linker) = self.link {
            external.push(format!("-fuse-ld={}", linker.name()));
        }
        if self.static_libc.is_some() {
            external.push(if self.pie { "-static-pie".into() } else { "-static".into() });
        }
        if self.link == Link::Internal {
            flags.push("-linkmode=internal".into());
        }
        if !external.is_empty() {
            flags.push("-linkmode=external".into());
            flags.push(format!("\"-extldflags={}\"", external.join(" ")));
        }
        flags
    }

    /// True where the C toolchain links.
    pub fn is_external(&self) -> bool {
        matches!(self.link, Link::External(_)) || self.static_libc.is_some()
    }

    /// The outside programs that it needs besides `go`.
    pub fn needs(&self) -> Vec<&'static str> {
        let mut needs = Vec::new();
        if let Link::External(linker) = self.link {
            needs.push(linker.program());
        }
        match self.static_libc {
            Some(Libc::Musl) => needs.push("musl-gcc"),
            Some(Libc::Glibc) => needs.push("cc"),
            None => {}
        }
        needs
    }

    /// The build line as a person types it in the package's folder, for a program called `app`.
    pub(crate) fn command(&self, package: &Package) -> String {
        let mut words: Vec<String> = self
            .environment()
            .into_iter()
            .map(|(name, value)| format!("{name}={}", quote(&value)))
            .collect();
        words.push("go build".into());
        words.extend(self.flags(&package.flags).iter().map(|flag| quote(flag)));
        words.push(format!("-o app {}", quote(&package.argument)));
        words.join(" ")
    }
}

/// Quotes a word for the shell as a person would: only where it must be.
pub(crate) fn quote(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_@%+=:,./-".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    shell_words::quote(word).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Variant {
        text.parse().unwrap()
    }

    #[test]
    fn a_name_reads_back_as_itself() {
        for name in [
            "baseline",
            "pie",
            "cgo0+ldflags(-s -w)+pie",
            "go1.24.11+linux/arm64+cgo0+tags(netgo,osusergo)",
            "GOAMD64=v3+trimpath+external:mold",
            "cgo1+CC=clang+trimpath",
            "ldflags(-X main.v=1+2)+static:musl",
        ] {
            assert_eq!(parse(name).to_string(), name);
        }
        assert_eq!(parse("exe"), Variant::default());
    }

    #[test]
    fn what_is_no_setting_is_named() {
        assert_eq!("pie+fast".parse::<Variant>().unwrap_err().setting, "fast");
        assert_eq!("external:ld9".parse::<Variant>().unwrap_err().setting, "external:ld9");
    }

    #[test]
    fn an_external_link_turns_cgo_on_and_quotes_its_flags() {
        let variant = parse("ldflags(-s -w)+external:mold+static:glibc+pie");
        assert_eq!(
            variant.command(&Package::at("go".as_ref(), "./cmd/app", "".as_ref())),
            "CGO_ENABLED=1 go build -buildmode=pie '-ldflags=-s -w -linkmode=external \
             \"-extldflags=-fuse-ld=mold -static-pie\"' -o app ./cmd/app"
        );
        assert_eq!(variant.needs(), ["mold", "cc"]);
    }

    #[test]
    fn what_a_flag_would_replace_of_the_users_own_is_said_again() {
        let own = GoFlags::parse("-trimpath '-ldflags=-X main.v=1' -tags=sqlite");
        let flags = |text: &str| parse(text).flags(&own);
        assert_eq!(flags("pie"), ["-buildmode=pie"]);
        assert_eq!(flags("ldflags(-s -w)"), ["-ldflags=-X main.v=1 -s -w"]);
        assert_eq!(flags("tags(netgo,osusergo)"), ["-tags=sqlite,netgo,osusergo"]);
        assert_eq!(parse("pie").tags(&own), "sqlite");
    }
}
