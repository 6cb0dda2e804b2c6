//! Verdicts and units of claims; the claims' own words come with the document.

use super::{Lang, Text, say};
use elfin_schema::{ClaimUnit, ClaimVerdict};

pub(crate) const TITLE: Text = Text("Published claims, tested here", "已发布的论断，在此验证");
pub(crate) const CLAIM: Text = Text("claim", "论断");
pub(crate) const FIGURE: Text = Text("figure", "所称");
pub(crate) const MEASURED: Text = Text("measured", "实测");
pub(crate) const VERDICT: Text = Text("verdict", "结论");
pub(crate) const ALL: Text = Text("At a glance", "一览");
pub(crate) const EACH: Text = Text("One by one", "逐条");
pub(crate) const YES: Text = Text("yes", "是");
pub(crate) const NO: Text = Text("no", "否");
pub(crate) const RULES: Text = Text(
    "Each verdict is computed from what was measured, by a rule that stands beside the claim in the claims file.",
    "每条结论都由实测值按论断文件中与之并列的规则计算得出。",
);

/// A verdict.
pub(crate) fn verdict(verdict: ClaimVerdict) -> Text {
    match verdict {
        ClaimVerdict::Holds => Text("holds", "成立"),
        ClaimVerdict::InPart => Text("holds in part", "部分成立"),
        ClaimVerdict::DoesNotHold => Text("does not hold", "不成立"),
        ClaimVerdict::Impossible => Text("impossible as stated", "如其所述不可能"),
        ClaimVerdict::NotHere => Text("not to be had here", "此处无法测得"),
    }
}

/// What stands behind a number of the unit.
pub(crate) fn unit(unit: ClaimUnit) -> Text {
    match unit {
        ClaimUnit::Percent => Text("%", "%"),
        ClaimUnit::Ratio => Text("×", "×"),
        ClaimUnit::Ms => Text("ms", "ms"),
        ClaimUnit::Us => Text("µs", "µs"),
        ClaimUnit::Ns => Text("ns", "ns"),
        ClaimUnit::Mb => Text("MB", "MB"),
        ClaimUnit::Kb => Text("kB", "kB"),
        ClaimUnit::Bytes => Text("bytes", "字节"),
        ClaimUnit::Count | ClaimUnit::Bool | ClaimUnit::Text => Text("", ""),
        ClaimUnit::Bits => Text("bits", "位"),
    }
}

/// How many of each verdict there are.
pub(crate) fn sum(counts: &[(ClaimVerdict, usize)], lang: Lang) -> String {
    let parts = counts.iter().filter(|(_, count)| *count > 0);
    let parts: Vec<String> =
        parts.map(|(it, count)| format!("{}: {count}", verdict(*it).to(lang))).collect();
    let parts = parts.join(&say!(lang, ", ", "，"));
    say!(lang, "{parts}.", "{parts}。")
}
