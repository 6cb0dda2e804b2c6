//! Everything that is said to people, in English and Simplified Chinese side by side.
//!
//! A text without arguments is a [`Text`] of two strings, a text with arguments
//! goes through `say!`, which takes two format strings, and what the documents
//! enumerate is put into words by a `match` without a wildcard: in each of the
//! three a missing translation does not compile. Nothing here knows tables,
//! Markdown or HTML, so no text carries markup.

pub(crate) mod causes;
pub(crate) mod claims;
pub(crate) mod diagnosis;
pub(crate) mod env_bench;
pub(crate) mod environment;
pub(crate) mod families;
pub(crate) mod hardening;
pub(crate) mod kinds;
pub(crate) mod labels;
pub(crate) mod machine;
pub(crate) mod machines;
pub(crate) mod messages;
pub(crate) mod names;
pub(crate) mod packing;
pub(crate) mod path_bench;
pub(crate) mod repro_causes;
pub(crate) mod reproduction;
pub(crate) mod roots;
pub(crate) mod sentences;
pub(crate) mod slimming;
pub(crate) mod starting;

/// The language of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    Zh,
}

impl Lang {
    /// Every language, in the order of the page's switch.
    pub const ALL: [Lang; 2] = [Lang::En, Lang::Zh];

    /// Gives the code that `--lang` takes and that HTML's `lang` attribute carries.
    pub fn code(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Zh => "zh",
        }
    }
}

/// A language that there is no catalogue for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no catalogue for language {0:?}; use en or zh")]
pub struct UnknownLang(String);

impl std::str::FromStr for Lang {
    type Err = UnknownLang;

    fn from_str(code: &str) -> Result<Lang, UnknownLang> {
        Lang::ALL
            .into_iter()
            .find(|lang| lang.code() == code)
            .ok_or_else(|| UnknownLang(code.to_owned()))
    }
}

impl std::fmt::Display for Lang {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// A text without arguments: English, then Chinese.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text(pub(crate) &'static str, pub(crate) &'static str);

impl Text {
    /// Gives the text in a language.
    pub(crate) fn to(self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.0,
            Lang::Zh => self.1,
        }
    }
}

/// Formats a text with arguments: the language, the English, then the Chinese.
macro_rules! say {
    ($lang:expr, $en:literal, $zh:literal $(,)?) => {
        match $lang {
            $crate::Lang::En => format!($en),
            $crate::Lang::Zh => format!($zh),
        }
    };
}
pub(crate) use say;
