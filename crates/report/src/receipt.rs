//! A receipt for people: a line for each thing that it says of the machine.

use crate::catalogue::{diagnosis, machines};
use crate::{Lang, clean};
use elfin_schema::{MachineFact, Receipt};

/// Renders a receipt; what a machine lacks is said to be none.
pub fn receipt_text(r: &Receipt, lang: Lang) -> String {
    let mut lines: Vec<(MachineFact, String)> = vec![
        (MachineFact::Host, diagnosis::host(r.host).to(lang).to_owned()),
        (MachineFact::Kernel, r.kernel.clone()),
        (MachineFact::Distribution, r.distribution.clone()),
        (MachineFact::Processor, r.arch.clone()),
    ];
    let go = r.go.as_ref();
    lines.push((MachineFact::Go, go.map(|it| it.version.clone()).unwrap_or_default()));
    lines.push((MachineFact::GoRoot, go.map(|it| it.root.clone()).unwrap_or_default()));
    let compiler = r.compiler.as_ref();
    lines.push((MachineFact::Compiler, compiler.map(|it| it.version.clone()).unwrap_or_default()));
    lines.push((MachineFact::Linker, compiler.map(|it| it.linker.clone()).unwrap_or_default()));
    let defaults = compiler.map(|it| it.defaults.join(" ")).unwrap_or_default();
    lines.push((MachineFact::LinkDefaults, defaults));
    let libc = r.libc.as_ref().map(|it| format!("{} {} · {}", it.name, it.version, it.interpreter));
    lines.push((MachineFact::Libc, libc.unwrap_or_default()));
    for it in &r.places {
        let shown = format!("{} ({})", it.path, it.file_system);
        lines.push((MachineFact::Folder { name: it.what.clone() }, shown));
    }
    for (name, value) in go.iter().flat_map(|it| &it.settings) {
        lines.push((MachineFact::GoSetting { name: name.clone() }, value.clone()));
    }
    for (name, value) in &r.variables {
        lines.push((MachineFact::Variable { name: name.clone() }, value.clone()));
    }
    for it in &r.settings {
        let name = format!("{} {}", it.file, it.key);
        lines.push((MachineFact::WslSetting { name }, it.value.clone()));
    }
    let line = |(what, value): (MachineFact, String)| {
        let value = if value.is_empty() { machines::NONE.to(lang).to_owned() } else { value };
        format!("{}: {}\n", clean::line(&machines::fact(&what, lang)), clean::line(&value))
    };
    lines.into_iter().map(line).collect()
}
