//! A stage: what is done to a finished file.
//!
//! Each stage is a command line of an outside tool over `in` and `out`, and
//! what the tool's refusals mean in plain words. PIE as a stage is the honest
//! attempt at what people ask for when they put it last: to link a finished
//! file once more. What elfin itself does to a file is a row as any other.

use elfin_schema::{Message, PackRefused, Status};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// What is done to a finished file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// GNU strip.
    Strip(StripFlavour),
    /// `llvm-strip -s`.
    LlvmStrip,
    /// UPX.
    Upx(UpxFlavour),
    /// `elfin slim`.
    Slim,
    /// `elfin slim --static-pie`.
    SlimStaticPie,
    /// `elfin slim --static-pie --full-aslr`.
    SlimFullAslr,
    /// `elfin pack`.
    Pack(PackFlavour),
    /// `cc -pie` over the finished file.
    Relink,
}

/// The flags of `elfin pack`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PackFlavour {
    /// `--small`.
    Small,
    /// `--fast`.
    Fast,
}

/// The flags of GNU strip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StripFlavour {
    /// `-s`.
    All,
    /// `-x`.
    Locals,
    /// `-g`.
    Debug,
    /// `--strip-unneeded`.
    Unneeded,
}

/// The flags of UPX.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UpxFlavour {
    /// `--best`.
    Best,
    /// `--best --lzma`.
    BestLzma,
    /// `--ultra-brute`.
    UltraBrute,
}

/// What UPX complains of in a PIE from Go's own linker: 4.2 of the hash table, 5.x and 4.2 on a
/// file with DWARF of the section names.
const UPX_ON_GO_PIE: [&str; 3] = ["bad DT_HASH", "need DT_INIT", "bad e_shstrtab"];

impl Stage {
    /// Every stage.
    pub const ALL: [Stage; 14] = [
        Stage::Strip(StripFlavour::All),
        Stage::Strip(StripFlavour::Locals),
        Stage::Strip(StripFlavour::Debug),
        Stage::Strip(StripFlavour::Unneeded),
        Stage::LlvmStrip,
        Stage::Upx(UpxFlavour::Best),
        Stage::Upx(UpxFlavour::BestLzma),
        Stage::Upx(UpxFlavour::UltraBrute),
        Stage::Slim,
        Stage::SlimStaticPie,
        Stage::SlimFullAslr,
        Stage::Pack(PackFlavour::Small),
        Stage::Pack(PackFlavour::Fast),
        Stage::Relink,
    ];

    /// The name in recipes.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Strip(StripFlavour::All) => "strip:s",
            Stage::Strip(StripFlavour::Locals) => "strip:x",
            Stage::Strip(StripFlavour::Debug) => "strip:g",
            Stage::Strip(StripFlavour::Unneeded) => "strip:unneeded",
            Stage::LlvmStrip => "llvm-strip:s",
            Stage::Upx(UpxFlavour::Best) => "upx:best",
            Stage::Upx(UpxFlavour::BestLzma) => "upx:best-lzma",
            Stage::Upx(UpxFlavour::UltraBrute) => "upx:ultra-brute",
            Stage::Slim => "slim",
            Stage::SlimStaticPie => "slim(static-pie)",
            Stage::SlimFullAslr => "slim(full-aslr)",
            Stage::Pack(PackFlavour::Small) => "pack(small)",
            Stage::Pack(PackFlavour::Fast) => "pack(fast)",
            Stage::Relink => "pie",
        }
    }

    /// The program that must be in PATH.
    pub fn program(self) -> &'static str {
        match self {
            Stage::Strip(_) => "strip",
            Stage::LlvmStrip => "llvm-strip",
            Stage::Upx(_) => "upx",
            Stage::Slim | Stage::SlimStaticPie | Stage::SlimFullAslr | Stage::Pack(_) => "elfin",
            Stage::Relink => "cc",
        }
    }

    /// The arguments that make `output` from `input`.
    pub fn arguments(self, input: &str, output: &str) -> Vec<String> {
        let flags: &[&str] = match self {
            Stage::Strip(StripFlavour::All) | Stage::LlvmStrip => &["-s"],
            Stage::Strip(StripFlavour::Locals) => &["-x"],
            Stage::Strip(StripFlavour::Debug) => &["-g"],
            Stage::Strip(StripFlavour::Unneeded) => &["--strip-unneeded"],
            Stage::Upx(UpxFlavour::Best) => &["-q", "--best"],
            Stage::Upx(UpxFlavour::BestLzma) => &["-q", "--best", "--lzma"],
            Stage::Upx(UpxFlavour::UltraBrute) => &["-q", "--ultra-brute"],
            Stage::Slim => &["slim"],
            Stage::SlimStaticPie => &["slim", "--static-pie"],
            Stage::SlimFullAslr => &["slim", "--static-pie", "--full-aslr"],
            Stage::Pack(PackFlavour::Small) => &["pack", "--json", "--small"],
            Stage::Pack(PackFlavour::Fast) => &["pack", "--json", "--fast"],
            Stage::Relink => &["-pie"],
        };
        flags.iter().copied().chain(["-o", output, input]).map(str::to_owned).collect()
    }

    /// The command line as a person types it.
    pub fn command(self, input: &str, output: &str) -> String {
        format!("{} {}", self.program(), self.arguments(input, output).join(" "))
    }

    /// How long it may take before it counts as hanging.
    pub fn timeout(self) -> Duration {
        match self {
            Stage::Upx(UpxFlavour::UltraBrute) => Duration::from_secs(3600),
            Stage::Upx(_) | Stage::Pack(_) => Duration::from_secs(1200),
            _ => Duration::from_secs(300),
        }
    }

    /// True if it makes a program that unpacks itself.
    pub fn packs(self) -> bool {
        matches!(self, Stage::Upx(_) | Stage::Pack(_))
    }

    /// What a refusal means: which status it is, and why, plainly.
    ///
    /// `packed` tells that a stage that packs came before.
    pub fn explain(self, says: &str, packed: bool) -> (Status, Message) {
        match self {
            Stage::Relink => (Status::Impossible, Message::RelinkFinishedFile),
            Stage::Strip(_)
            | Stage::LlvmStrip
            | Stage::Slim
            | Stage::SlimStaticPie
            | Stage::SlimFullAslr
                if packed =>
            {
                (Status::Impossible, Message::StripPackedFile)
            }
            Stage::Pack(_) => match says.lines().find_map(PackRefused::read) {
                Some(refused) => {
                    (Status::Impossible, Message::PackRefuses { why: refused.refused })
                }
                None => (Status::Failed, Message::ToolFailed { tool: self.program().into() }),
            },
            Stage::Upx(_) if says.contains("AlreadyPacked") => {
                (Status::Impossible, Message::UpxAlreadyPacked)
            }
            Stage::Upx(_) if UPX_ON_GO_PIE.iter().any(|word| says.contains(word)) => {
                (Status::Failed, Message::UpxRefusesGoPie)
            }
            _ => (Status::Failed, Message::ToolFailed { tool: self.program().into() }),
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A notation that is not a stage's.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0:?} is not a stage; stages are {list}", list = Stage::ALL.map(Stage::name).join(", "))]
pub struct StageError(pub String);

impl FromStr for Stage {
    type Err = StageError;

    fn from_str(text: &str) -> Result<Self, StageError> {
        Stage::ALL
            .into_iter()
            .find(|stage| stage.name() == text)
            .ok_or_else(|| StageError(text.to_owned()))
    }
}
