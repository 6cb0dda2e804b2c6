//! The plan: which recipes, and how often each is measured.
//!
//! Three plans are built in; a plan file gives its own recipes, or factors of
//! which every combination is taken. Nothing here looks at the machine: what
//! a recipe lacks is found out, and said, when it is tried.

use crate::recipe::{Recipe, RecipeError};
use crate::stage::{Stage, StripFlavour, UpxFlavour};
use crate::variant::{Variant, VariantError};
use elfin_schema::{Effort, Rounds};
use serde::Deserialize;

/// Which built-in plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Depth {
    /// The three stages in every order, few rounds, no debugger probes.
    Quick,
    /// The three stages in every order and the usual ways of building.
    #[default]
    Default,
    /// Every flavour of every stage and every way of building.
    Full,
}

/// What is tried, and how often it is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The recipes, the baseline first, none twice.
    pub recipes: Vec<Recipe>,
    /// The name and the rounds, as the document carries them.
    pub effort: Effort,
    /// Whether debuggers are run on the probe program.
    pub debuggers: bool,
    /// Whether the second build of each variant gets caches of its own.
    pub own_caches: bool,
}

/// Why a plan file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// Not TOML, or a key that a plan does not have.
    #[error("the plan is not understood: {0}")]
    Toml(#[from] toml::de::Error),
    /// A recipe.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// A build setting among the factors.
    #[error(transparent)]
    Variant(#[from] VariantError),
    /// The combinations are more than anybody would wait for.
    #[error("the plan has {count} recipes; the most is {most}: leave out some factors")]
    TooMany {
        /// How many.
        count: usize,
        /// The most.
        most: usize,
    },
}

const MOST_RECIPES: usize = 2000;

impl Plan {
    /// A built-in plan for a package.
    pub fn for_package(depth: Depth) -> Plan {
        let (strips, packs, variants) = match depth {
            Depth::Quick => (&STRIPS[..1], &PACKS[..1], &[][..]),
            Depth::Default => (&STRIPS[..1], &PACKS[..1], DEFAULT_EXTRAS),
            Depth::Full => (&STRIPS[..], &PACKS[..], FULL_EXTRAS),
        };
        let mut recipes = vec![Recipe::default()];
        recipes.extend(every_order(strips, packs));
        recipes.extend(variants.iter().filter_map(|name| name.parse().ok()));
        Plan::of(recipes, depth)
    }

    /// A built-in plan for a finished file: its stages only.
    pub fn for_binary(depth: Depth) -> Plan {
        let full = depth == Depth::Full;
        let (strips, packs) =
            if full { (&STRIPS[..], &PACKS[..]) } else { (&STRIPS[..1], &PACKS[..1]) };
        let mut recipes = vec![Recipe::default()];
        // A finished file cannot be built as PIE, so PIE is here only what it can be: a relink.
        recipes.extend(every_order(strips, packs).into_iter().map(|mut recipe| {
            if std::mem::take(&mut recipe.variant.pie) {
                recipe.stages.insert(0, Stage::Relink);
            }
            recipe
        }));
        Plan::of(recipes, depth)
    }

    fn of(mut recipes: Vec<Recipe>, depth: Depth) -> Plan {
        let (name, warm, cold, aslr) = match depth {
            Depth::Quick => ("quick", 7, 3, 32),
            Depth::Default => ("default", 20, 7, 32),
            Depth::Full => ("full", 30, 10, 200),
        };
        let mut seen = std::collections::HashSet::new();
        recipes.retain(|recipe| seen.insert(recipe.clone()));
        Plan {
            recipes,
            effort: Effort { plan: name.into(), rounds: Rounds { warm, cold, aslr, bench: 5 } },
            debuggers: depth != Depth::Quick,
            own_caches: depth == Depth::Full,
        }
    }

    /// Reads a plan file; its rounds are `depth`'s where it gives none, and its name is `name`.
    /// The baseline is always added.
    ///
    /// Returns an error if the text is not a plan or names what is no recipe.
    pub fn from_toml(text: &str, name: &str, depth: Depth) -> Result<Plan, PlanError> {
        let file: PlanFile = toml::from_str(text)?;
        let mut recipes = vec![Recipe::default()];
        for name in &file.recipes {
            recipes.push(name.parse()?);
        }
        if let Some(factors) = file.factors {
            recipes.extend(factors.combinations()?);
        }
        let mut plan = Plan::of(recipes, depth);
        plan.effort.plan = file.name.unwrap_or_else(|| name.to_owned());
        let rounds = &mut plan.effort.rounds;
        let given = file.rounds;
        for (count, own) in [
            (&mut rounds.warm, given.warm),
            (&mut rounds.cold, given.cold),
            (&mut rounds.aslr, given.aslr),
            (&mut rounds.bench, given.bench),
        ] {
            *count = own.unwrap_or(*count).clamp(1, 10_000);
        }
        Ok(plan)
    }

    /// Adds each Go release as a variant, with the linker's symbols and DWARF and without.
    pub fn add_go_versions(&mut self, versions: &[String]) {
        for version in versions {
            for ldflags in [None, Some("-s -w".to_owned())] {
                let variant = Variant { go: Some(version.clone()), ldflags, ..Variant::default() };
                self.recipes.push(Recipe { variant, stages: Vec::new() });
            }
        }
    }

    /// The different variants, in the order in which they first come.
    pub fn variants(&self) -> Vec<Variant> {
        let mut seen = Vec::new();
        for recipe in &self.recipes {
            if !seen.contains(&recipe.variant) {
                seen.push(recipe.variant.clone());
            }
        }
        seen
    }
}

const STRIPS: [Stage; 7] = [
    Stage::Strip(StripFlavour::All),
    Stage::Strip(StripFlavour::Locals),
    Stage::Strip(StripFlavour::Debug),
    Stage::Strip(StripFlavour::Unneeded),
    Stage::LlvmStrip,
    Stage::Slim,
    Stage::SlimStaticPie,
];

/// LZMA comes first, and alone where one flavour must do: it packs smaller than `--best`, in
/// seconds where that takes minutes. `cargo xtask bench upx` shows both.
const PACKS: [Stage; 3] = [
    Stage::Upx(UpxFlavour::BestLzma),
    Stage::Upx(UpxFlavour::Best),
    Stage::Upx(UpxFlavour::UltraBrute),
];

/// What the default plan adds to the three stages: the ways of building that people ask about
/// first. The settings that force every package to be compiled again are few, for the time.
const DEFAULT_EXTRAS: &[&str] = &[
    "ldflags(-s -w)",
    "ldflags(-s -w=0)",
    "ldflags(-s -w) > upx:best-lzma",
    "ldflags(-s -w) > pack(small)",
    "ldflags(-s -w) > pack(fast)",
    "ldflags(-s -w)+pie",
    "slim",
    "pie > slim",
    "pie > slim > pack(fast)",
    "cgo0",
    "cgo0+ldflags(-s -w)",
    "cgo0+pie",
    "cgo0+pie > slim(static-pie)",
    "static:glibc",
];

const FULL_EXTRAS: &[&str] = &[
    "ldflags(-w)",
    "ldflags(-s -w)",
    "ldflags(-s -w=0)",
    "ldflags(-s -w) > strip:s",
    "ldflags(-s -w) > upx:best",
    "ldflags(-s -w) > upx:best-lzma",
    "ldflags(-s -w) > upx:ultra-brute",
    "ldflags(-s -w)+pie",
    "trimpath",
    "trimpath+ldflags(-s -w)",
    "trimpath+ldflags(-s -w)+pie",
    "cgo0",
    "cgo0+ldflags(-s -w)",
    "cgo0+ldflags(-s -w) > upx:best",
    "cgo0+ldflags(-s -w) > upx:best-lzma",
    "cgo0+trimpath+ldflags(-s -w)",
    "cgo0+pie",
    "cgo0+ldflags(-s -w)+pie",
    "cgo1",
    "tags(netgo,osusergo)",
    "GOAMD64=v2",
    "GOAMD64=v3",
    "internal",
    "external:bfd",
    "external:gold",
    "external:lld",
    "external:mold",
    "external:bfd+pie",
    "external:lld+pie",
    "ldflags(-s -w)+external:bfd",
    "ldflags(-s -w)+external:bfd+pie > upx:best",
    "static:glibc",
    "static:glibc+pie",
    "ldflags(-s -w)+static:glibc",
    "static:musl",
    "ldflags(-s -w)+static:musl",
    "static:musl+pie",
    "linux/arm64+cgo0",
    "linux/arm64+cgo0+ldflags(-s -w)",
    "windows/amd64+cgo0",
    "darwin/arm64+cgo0",
    "ldflags(-s -w) > pack(small)",
    "ldflags(-s -w) > pack(fast)",
    "slim > strip:s",
    "strip:s > slim",
    "pie > slim > strip:s",
    "pie > strip:s > slim",
    "cgo0+pie > slim(static-pie)",
    "cgo0+pie > slim(static-pie) > upx:best-lzma",
    "pie > slim > pack(small)",
    "pie > slim > pack(fast)",
    "cgo0+pie > slim > pack(fast)",
];

/// Strip, UPX and PIE: each alone, and every order of two and of three, in each flavour.
fn every_order(strips: &[Stage], packs: &[Stage]) -> Vec<Recipe> {
    /// A stage that has flavours, or PIE.
    #[derive(Clone, Copy, PartialEq)]
    enum Kind {
        Strip,
        Pack,
        Pie,
    }
    const KINDS: [Kind; 3] = [Kind::Strip, Kind::Pack, Kind::Pie];

    let mut orders: Vec<Vec<Kind>> = vec![vec![]];
    let mut from = 0;
    for _ in KINDS {
        let until = orders.len();
        for at in from..until {
            let shorter = orders[at].clone();
            for kind in KINDS.into_iter().filter(|kind| !shorter.contains(kind)) {
                orders.push(shorter.iter().copied().chain([kind]).collect());
            }
        }
        from = until;
    }

    let mut recipes = Vec::new();
    for order in &orders[1..] {
        let mut flavoured = vec![Recipe::default()];
        for (place, kind) in order.iter().enumerate() {
            let flavours = match kind {
                Kind::Strip => strips,
                Kind::Pack => packs,
                Kind::Pie => &[Stage::Relink][..],
            };
            flavoured = flavoured
                .into_iter()
                .flat_map(|recipe| {
                    flavours.iter().map(move |&stage| {
                        let mut next = recipe.clone();
                        // First of all, PIE is a way of building.
                        if place == 0 && stage == Stage::Relink {
                            next.variant.pie = true;
                        } else {
                            next.stages.push(stage);
                        }
                        next
                    })
                })
                .collect();
        }
        recipes.extend(flavoured);
    }
    recipes
}

/// A plan file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanFile {
    name: Option<String>,
    #[serde(default)]
    recipes: Vec<String>,
    factors: Option<Factors>,
    #[serde(default)]
    rounds: RoundsFile,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoundsFile {
    warm: Option<usize>,
    cold: Option<usize>,
    aslr: Option<usize>,
    bench: Option<usize>,
}

/// Lists of which every combination is taken. `settings` are lists of build settings in the
/// recipe notation, one list a factor, where `exe` or `baseline` sets nothing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Factors {
    #[serde(default)]
    settings: Vec<Vec<String>>,
    #[serde(default)]
    stages: Vec<String>,
}

impl Factors {
    fn combinations(&self) -> Result<Vec<Recipe>, PlanError> {
        let choices = self.settings.iter().map(Vec::len).chain([self.stages.len().max(1)]);
        let count = choices.fold(1usize, usize::saturating_mul);
        if count > MOST_RECIPES {
            return Err(PlanError::TooMany { count, most: MOST_RECIPES });
        }
        let mut variants = vec![String::from("baseline")];
        for factor in &self.settings {
            variants = variants
                .iter()
                .flat_map(|so_far| factor.iter().map(move |one| format!("{so_far}+{one}")))
                .collect();
        }
        let none = [String::new()];
        let stages = if self.stages.is_empty() { &none[..] } else { &self.stages[..] };
        let mut recipes = Vec::new();
        for variant in &variants {
            let variant: Variant = variant.parse()?;
            for stages in stages {
                let text = match stages.trim() {
                    "" => variant.to_string(),
                    stages => format!("{variant} > {stages}"),
                };
                recipes.push(text.parse()?);
            }
        }
        Ok(recipes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(plan: &Plan) -> Vec<String> {
        plan.recipes.iter().map(Recipe::to_string).collect()
    }

    #[test]
    fn the_quick_plan_is_the_baseline_and_every_order_of_the_three() {
        assert_eq!(
            names(&Plan::for_package(Depth::Quick)),
            [
                "baseline",
                "strip:s",
                "upx:best-lzma",
                "pie",
                "strip:s > upx:best-lzma",
                "strip:s > pie",
                "upx:best-lzma > strip:s",
                "upx:best-lzma > pie",
                "pie > strip:s",
                "pie > upx:best-lzma",
                "strip:s > upx:best-lzma > pie",
                "strip:s > pie > upx:best-lzma",
                "upx:best-lzma > strip:s > pie",
                "upx:best-lzma > pie > strip:s",
                "pie > strip:s > upx:best-lzma",
                "pie > upx:best-lzma > strip:s",
            ]
        );
    }

    #[test]
    fn every_built_in_recipe_is_understood_and_none_is_there_twice() {
        for (depth, extras) in
            [(Depth::Default, DEFAULT_EXTRAS), (Depth::Full, FULL_EXTRAS), (Depth::Quick, &[])]
        {
            for extra in extras {
                assert_eq!(extra.parse::<Recipe>().unwrap().to_string(), *extra);
            }
            let plan = Plan::for_package(depth);
            let mut names = names(&plan);
            names.sort();
            names.dedup();
            assert_eq!(names.len(), plan.recipes.len());
        }
        // 7 strips, 3 packs: 1 + singles 11 + pairs 42 + 14 + 6 + triples 126, and the extras.
        assert_eq!(
            Plan::for_package(Depth::Full).recipes.len(),
            1 + 11 + 62 + 126 + FULL_EXTRAS.len()
        );
    }

    #[test]
    fn a_finished_file_is_never_built() {
        let plan = Plan::for_binary(Depth::Full);
        assert_eq!(plan.variants(), [Variant::default()]);
    }

    #[test]
    fn a_plan_file_takes_every_combination_of_its_factors() {
        let text = r#"
            name = "mine"
            recipes = ["pie > upx:best"]
            [factors]
            settings = [["exe", "pie"], ["exe", "ldflags(-s -w)"]]
            stages = ["", "strip:s"]
            [rounds]
            warm = 3
        "#;
        let plan = Plan::from_toml(text, "file", Depth::Default).unwrap();
        assert_eq!(
            names(&plan),
            [
                "baseline",
                "pie > upx:best",
                "strip:s",
                "ldflags(-s -w)",
                "ldflags(-s -w) > strip:s",
                "pie",
                "pie > strip:s",
                "ldflags(-s -w)+pie",
                "ldflags(-s -w)+pie > strip:s",
            ]
        );
        assert_eq!((plan.effort.plan.as_str(), plan.effort.rounds.warm), ("mine", 3));
        let nameless = Plan::from_toml("", "file", Depth::Default).unwrap();
        assert_eq!(nameless.effort.plan, "file");
    }

    #[test]
    fn a_plan_file_that_is_wrong_says_where() {
        let wrong =
            |text: &str| Plan::from_toml(text, "file", Depth::Default).unwrap_err().to_string();
        assert!(wrong("recipe = []").contains("unknown field `recipe`"));
        assert!(wrong("recipes = ['pie > shrink']").contains("shrink"));
        let many = format!("[factors]\nsettings = [{}]", "['exe','pie'],".repeat(20));
        assert!(wrong(&many).contains("1048576"));
    }
}
