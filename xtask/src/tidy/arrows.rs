//! Who may depend on whom, and that every crate lives by the workspace's lints.

use crate::shell;
use anyhow::{Context, Result};
use cargo_metadata::{DependencyKind, MetadataCommand, Package};
use std::fs;

/// Each crate with the crates of ours that it may use; the arrows of ARCHITECTURE.md.
const ARROWS: [(&str, &[&str]); 21] = [
    ("elfin-model", &[]),
    ("elfin-ledger", &["elfin-model"]),
    ("elfin-schema", &[]),
    ("elfin-elf", &["elfin-model"]),
    ("elfin-golang", &["elfin-elf", "elfin-model"]),
    ("elfin-weigh", &["elfin-elf", "elfin-golang", "elfin-ledger", "elfin-model", "elfin-schema"]),
    ("elfin-causes", &["elfin-schema"]),
    ("elfin-shrink", &["elfin-elf", "elfin-schema"]),
    ("elfin-disasm", &["elfin-schema"]),
    ("elfin-pack-format", &[]),
    (
        "elfin-pack",
        &["elfin-elf", "elfin-golang", "elfin-model", "elfin-pack-format", "elfin-schema"],
    ),
    ("elfin-process", &[]),
    ("elfin-goenv", &["elfin-process", "elfin-schema"]),
    ("elfin-doctor", &["elfin-goenv", "elfin-process", "elfin-schema"]),
    ("elfin-report", &["elfin-schema"]),
    ("elfin-lab", &["elfin-elf", "elfin-goenv", "elfin-process", "elfin-schema", "elfin-weigh"]),
    (
        "elfin-watch",
        &[
            "elfin-disasm",
            "elfin-elf",
            "elfin-golang",
            "elfin-lab",
            "elfin-model",
            "elfin-process",
            "elfin-schema",
        ],
    ),
    ("elfin-claims", &["elfin-elf", "elfin-lab", "elfin-process", "elfin-schema", "elfin-watch"]),
    (
        "elfin",
        &[
            "elfin-elf",
            "elfin-doctor",
            "elfin-goenv",
            "elfin-causes",
            "elfin-claims",
            "elfin-model",
            "elfin-lab",
            "elfin-pack",
            "elfin-process",
            "elfin-report",
            "elfin-schema",
            "elfin-shrink",
            "elfin-watch",
            "elfin-weigh",
        ],
    ),
    (
        "elfin-fuzz",
        &[
            "elfin-elf",
            "elfin-golang",
            "elfin-ledger",
            "elfin-model",
            "elfin-pack",
            "elfin-pack-format",
            "elfin-shrink",
            "elfin-weigh",
        ],
    ),
    ("xtask", &[]),
];

/// Lists what is wrong with the crates' manifests.
///
/// Returns an error if cargo cannot read the workspace.
pub(crate) fn findings() -> Result<Vec<String>> {
    let manifest = shell::root().join("Cargo.toml");
    let metadata = MetadataCommand::new().manifest_path(manifest).no_deps().exec()?;
    let mut findings = Vec::new();
    for package in metadata.workspace_packages() {
        findings.extend(wrong_arrows(package));
        let manifest = fs::read_to_string(&package.manifest_path)
            .with_context(|| package.manifest_path.to_string())?;
        if !manifest.contains("[lints]\nworkspace = true") {
            findings.push(format!("{}: does not inherit the workspace's lints", package.name));
        }
    }
    Ok(findings)
}

fn wrong_arrows(package: &Package) -> Vec<String> {
    let name = package.name.as_str();
    let Some((_, allowed)) = ARROWS.iter().find(|(it, _)| *it == name) else {
        return vec![format!("{name}: is not among the arrows of the workspace")];
    };
    package
        .dependencies
        .iter()
        .filter(|it| it.path.is_some() && it.kind != DependencyKind::Development)
        .filter(|it| !allowed.contains(&it.name.as_str()))
        .map(|it| format!("{name}: may not depend on {}", it.name))
        .collect()
}
