//! A recipe as text to paste: shell lines, a goreleaser fragment, a Dockerfile.

use crate::recipe::Recipe;
use crate::source::Package;
use crate::stage::{PackFlavour, Stage};
use crate::variant::quote;
use elfin_schema::Paste;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Component, Path};

/// Debian's release that the images of the Dockerfile are of.
const DEBIAN: &str = "trixie";

/// Writes a recipe out for a package; `from_scratch` tells whether an empty image will do.
pub(crate) fn paste(recipe: &Recipe, package: &Package, from_scratch: bool) -> Paste {
    Paste {
        shell: recipe.commands(Some(package)).join("\n"),
        goreleaser: goreleaser(recipe, package),
        dockerfile: dockerfile(recipe, package, from_scratch),
    }
}

fn goreleaser(recipe: &Recipe, package: &Package) -> String {
    let variant = &recipe.variant;
    let mut text =
        format!("builds:\n  - main: {}\n    binary: {}\n", package.argument, package.name);
    if let Some(folder) = &package.folder {
        let _ = writeln!(text, "    dir: {}", yaml(folder));
    }
    // Without lines of their own, goreleaser builds for three systems and three processors, and
    // the hooks would run on all of them.
    let here = ("linux", elfin_goenv::go_arch());
    let target = variant.target.as_ref().map_or(here, |(os, arch)| (os, arch));
    let _ = writeln!(text, "    goos: [{}]\n    goarch: [{}]", target.0, target.1);
    if let Some(level) = &variant.goamd64 {
        let _ = writeln!(text, "    goamd64: [{level}]");
    }
    let mut list = |key: &str, items: &[String]| {
        if !items.is_empty() {
            let _ = writeln!(text, "    {key}:");
            for item in items {
                let _ = writeln!(text, "      - {}", yaml(item));
            }
        }
    };
    let environment = variant.environment().into_iter();
    let environment = environment.filter(|(name, _)| !["GOOS", "GOARCH", "GOAMD64"].contains(name));
    list("env", &environment.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>());
    let (linker, flags): (Vec<String>, Vec<String>) =
        variant.flags(&package.flags).into_iter().partition(|flag| flag.starts_with("-ldflags="));
    list("flags", &flags);
    // Without a line of its own, goreleaser strips with -s -w.
    let linker = linker.first().and_then(|flag| flag.strip_prefix("-ldflags="));
    let linker = linker.or(package.flags.value("ldflags"));
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
        Stage::SlimFullAslr => {
            format!("elfin slim --static-pie --full-aslr --in-place {file}")
        }
        Stage::Pack(flavour) => {
            let flag = match flavour {
                PackFlavour::Small => "--small",
                PackFlavour::Fast => "--fast",
            };
            let packed = format!("{file}.packed");
            format!("elfin pack {flag} {file} -o {packed} && mv {packed} {file}")
        }
        Stage::Strip(_) | Stage::LlvmStrip | Stage::Upx(_) => {
            // Both work in place where no output is named.
            let arguments = stage.arguments(file, "");
            let kept = arguments.iter().filter(|word| !word.is_empty() && *word != "-o");
            let words: Vec<&str> = kept.map(String::as_str).collect();
            format!("{} {}", stage.program(), words.join(" "))
        }
    }
}

fn dockerfile(recipe: &Recipe, package: &Package, from_scratch: bool) -> String {
    let name = &package.name;
    let go = recipe.variant.go.as_ref().unwrap_or(&package.toolchain).trim_start_matches("go");
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
    if let Some(folder) = &package.folder {
        text.push_str(&work_in(folder));
    }
    let output = format!("-o {} ", quote(&format!("/{name}")));
    let build = recipe.variant.command(package).replacen("-o app ", &output, 1);
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

/// Goes into a folder below the one that was copied. What lies elsewhere cannot be copied from
/// here: then the Dockerfile is for that folder.
fn work_in(folder: &str) -> String {
    let mut components = Path::new(folder).components();
    match components.all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        true => format!(
            "WORKDIR {}\n",
            Path::new("/src").join(folder.trim_start_matches("./")).display()
        ),
        false => format!("# This Dockerfile is for {folder}.\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use elfin_goenv::GoFlags;

    fn app() -> Package {
        let mut package = Package::at("go".as_ref(), "./cmd/app", "".as_ref());
        (package.name, package.toolchain) = ("app".into(), "go1.26.8".into());
        package
    }

    fn of(recipe: &str) -> Paste {
        paste(&recipe.parse().unwrap(), &app(), true)
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
            of("linux/arm64+cgo0+ldflags(-s -w) > strip:s > upx:best").goreleaser,
            "builds:\n  - main: ./cmd/app\n    binary: app\n    goos: [linux]\n    \
             goarch: [arm64]\n    env:\n      - 'CGO_ENABLED=0'\n    \
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
        let mut package = app();
        package.flags = GoFlags::parse("-ldflags=-X=main.v=1");
        let own = paste(&Recipe::default(), &package, true);
        assert!(own.goreleaser.contains("ldflags:\n      - '-X=main.v=1'"), "{}", own.goreleaser);
    }

    #[test]
    fn goreleaser_builds_for_one_target_alone() {
        let here = format!("goos: [linux]\n    goarch: [{}]\n", elfin_goenv::go_arch());
        assert!(of("pie").goreleaser.contains(&here));
        let level = of("linux/amd64+GOAMD64=v3").goreleaser;
        assert!(level.contains("goarch: [amd64]\n    goamd64: [v3]\n"), "{level}");
        assert!(!level.contains("env:"), "{level}");
    }

    #[test]
    fn another_module_is_built_in_its_own_folder() {
        let inside = |folder: &str| {
            let mut package = app();
            (package.folder, package.argument) = (Some(folder.into()), ".".into());
            paste(&"strip:s".parse().unwrap(), &package, true)
        };
        let below = inside("./tools/my app");
        assert!(below.shell.starts_with("cd './tools/my app'\ngo build -o app .\nstrip"));
        assert!(
            below.goreleaser.contains("- main: .\n    binary: app\n    dir: './tools/my app'\n")
        );
        assert!(
            below
                .dockerfile
                .contains("COPY . .\nWORKDIR /src/tools/my app\nRUN go build -o /app .\n")
        );
        let beside = inside("../gen").dockerfile;
        assert!(
            beside
                .contains("WORKDIR /src\nCOPY . .\n# This Dockerfile is for ../gen.\nRUN go build")
        );
    }
}
