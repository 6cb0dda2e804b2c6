//! A recipe as text to paste: shell lines, a goreleaser fragment, a Dockerfile.

use crate::recipe::Recipe;
use crate::stage::Stage;
use elfin_schema::Paste;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Debian's release that the images of the Dockerfile are of.
const DEBIAN: &str = "trixie";

/// Writes a recipe out for a package.
///
/// `go` is the toolchain's version (`go1.26.8`); `from_scratch` tells whether an empty image will do.
pub(crate) fn paste(
    recipe: &Recipe,
    package: &str,
    name: &str,
    go: &str,
    from_scratch: bool,
) -> Paste {
    Paste {
        shell: recipe.commands(Some(package)).join("\n"),
        goreleaser: goreleaser(recipe, package, name),
        dockerfile: dockerfile(recipe, package, name, go, from_scratch),
    }
}

fn goreleaser(recipe: &Recipe, package: &str, name: &str) -> String {
    let mut text = format!("builds:\n  - main: {package}\n    binary: {name}\n");
    let mut list = |key: &str, items: &[String]| {
        if !items.is_empty() {
            let _ = writeln!(text, "    {key}:");
            for item in items {
                let _ = writeln!(text, "      - {}", yaml(item));
            }
        }
    };
    let environment = recipe.variant.environment().into_iter();
    list("env", &environment.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>());
    let (linker, flags): (Vec<String>, Vec<String>) =
        recipe.variant.flags().into_iter().partition(|flag| flag.starts_with("-ldflags="));
    list("flags", &flags);
    // Without a line of its own, goreleaser strips with -s -w.
    let linker = linker.first().and_then(|flag| flag.strip_prefix("-ldflags="));
    list("ldflags", &[linker.unwrap_or("-X main.version={{ .Version }}").to_owned()]);
    if !recipe.stages.is_empty() {
        text.push_str("    hooks:\n      post:\n");
        for stage in &recipe.stages {
            let _ = writeln!(text, "        - {}", yaml(&in_place(*stage, "{{ .Path }}")));
        }
    }
    text
}

/// Quotes a YAML scalar.
fn yaml(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn in_place(stage: Stage, file: &str) -> String {
    match stage {
        Stage::Relink => stage.command(file, file),
        Stage::Slim => format!("elfin slim --in-place {file}"),
        Stage::SlimStaticPie => format!("elfin slim --static-pie --in-place {file}"),
        Stage::Strip(_) | Stage::LlvmStrip | Stage::Upx(_) => {
            // Both work in place where no output is named.
            let arguments = stage.arguments(file, "");
            let kept = arguments.iter().filter(|word| !word.is_empty() && *word != "-o");
            let words: Vec<&str> = kept.map(String::as_str).collect();
            format!("{} {}", stage.program(), words.join(" "))
        }
    }
}

fn dockerfile(recipe: &Recipe, package: &str, name: &str, go: &str, from_scratch: bool) -> String {
    let go = recipe.variant.go.as_deref().unwrap_or(go).trim_start_matches("go");
    let stages = recipe.stages.iter().map(|stage| stage.program());
    let packages: BTreeSet<&str> = stages
        .chain(recipe.variant.needs())
        .filter_map(|program| match program {
            "strip" | "ld.bfd" | "ld.gold" => Some("binutils"),
            "llvm-strip" => Some("llvm"),
            "upx" => Some("upx-ucl"),
            "ld.lld" => Some("lld"),
            "mold" => Some("mold"),
            "musl-gcc" => Some("musl-tools"),
            _ => None,
        })
        .collect();
    let mut text = format!("FROM golang:{go}-{DEBIAN} AS build\n");
    if !packages.is_empty() {
        let packages = packages.into_iter().collect::<Vec<_>>().join(" ");
        let _ = writeln!(
            text,
            "RUN apt-get update && apt-get install -y --no-install-recommends {packages}"
        );
    }
    text.push_str("WORKDIR /src\nCOPY . .\n");
    let build = recipe.variant.command(package).replacen("-o app ", &format!("-o /{name} "), 1);
    let _ = writeln!(text, "RUN {build}");
    for stage in &recipe.stages {
        let _ = writeln!(text, "RUN {}", in_place(*stage, &format!("/{name}")));
    }
    let base = if from_scratch { "scratch".to_owned() } else { format!("debian:{DEBIAN}-slim") };
    let _ = write!(
        text,
        "\nFROM {base}\nCOPY --from=build /{name} /{name}\nENTRYPOINT [\"/{name}\"]\n"
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(recipe: &str) -> Paste {
        paste(&recipe.parse().unwrap(), "./cmd/app", "app", "go1.26.8", true)
    }

    #[test]
    fn a_recipe_is_pasted_in_its_own_order() {
        let paste = of("cgo0+ldflags(-s -w) > strip:s > upx:best");
        assert_eq!(
            paste.shell,
            "CGO_ENABLED=0 go build '-ldflags=-s -w' -o app ./cmd/app\n\
             strip -s -o app.out app && mv app.out app\n\
             upx -q --best -o app.out app && mv app.out app"
        );
        assert_eq!(
            paste.goreleaser,
            "builds:\n  - main: ./cmd/app\n    binary: app\n    env:\n      - 'CGO_ENABLED=0'\n    \
             ldflags:\n      - '-s -w'\n    hooks:\n      post:\n        - 'strip -s {{ .Path }}'\n        \
             - 'upx -q --best {{ .Path }}'\n"
        );
        assert_eq!(
            paste.dockerfile,
            "FROM golang:1.26.8-trixie AS build\n\
             RUN apt-get update && apt-get install -y --no-install-recommends binutils upx-ucl\n\
             WORKDIR /src\nCOPY . .\n\
             RUN CGO_ENABLED=0 go build '-ldflags=-s -w' -o /app ./cmd/app\n\
             RUN strip -s /app\nRUN upx -q --best /app\n\n\
             FROM scratch\nCOPY --from=build /app /app\nENTRYPOINT [\"/app\"]\n"
        );
    }

    #[test]
    fn goreleaser_is_kept_from_stripping_what_the_recipe_keeps() {
        assert!(of("baseline").goreleaser.contains("ldflags:\n      - '-X main.version="));
    }
}
