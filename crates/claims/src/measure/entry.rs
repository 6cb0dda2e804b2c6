//! The way in, of a program linked with glibc and of one linked with musl.

use super::{Ground, Seen, Unmeasured, bytes};
use elfin_process::Program;
use elfin_watch::{Subject, entry_chain};

pub(super) const GIVES: &[&str] = &[
    "glibc_rt0",
    "musl_rt0",
    "pure_rt0",
    "differs",
    "trampoline",
    "only_musl",
    "only_glibc",
    "glibc_calls",
    "musl_calls",
];

const COMMAND: &str = "elfin startup ./glibc --vs ./musl";
const SYMBOL: &str = "musl_init_trampoline";

pub(super) fn measure(ground: &mut Ground<'_>) -> Result<Seen, Unmeasured> {
    let external = "-ldflags=-linkmode=external";
    let glibc = ground.program("glibc", &[external], &[("CGO_ENABLED", "1")])?;
    let pure = ground.program("exe", &["-buildmode=exe"], &[("CGO_ENABLED", "0")])?;
    let fixed = "-ldflags=-linkmode=external -extldflags=-static";
    let musl = ground.program("musl", &[fixed], &[("CGO_ENABLED", "1"), ("CC", "musl-gcc")])?;
    let mut seen = Seen::of(COMMAND);
    let mut calls = Vec::new();
    for (name, path) in [("glibc", &glibc), ("musl", &musl), ("pure", &pure)] {
        let data = bytes(path)?;
        let program = Program { path: path.clone(), ..Program::default() };
        let subject = Subject::read(&program, &data);
        let subject = subject.map_err(|error| Unmeasured::failed(error, COMMAND))?;
        let chain = entry_chain(&subject);
        let rt0 = chain.iter().find(|it| it.name.starts_with("runtime.rt0_go"));
        let Some(rt0) = rt0 else { return Err(Unmeasured::failed("no runtime.rt0_go", COMMAND)) };
        seen.number(&format!("{name}_rt0"), rt0.instructions as f64);
        if name != "pure" {
            let has = data.windows(SYMBOL.len()).any(|it| it == SYMBOL.as_bytes());
            let is_called = chain.iter().flat_map(|it| &it.calls).any(|it| it.contains(SYMBOL));
            if name == "musl" {
                seen.yes("trampoline", has || is_called);
            }
            calls.push(rt0.calls.clone());
            seen.text(&format!("{name}_calls"), rt0.calls.join(", "));
        }
    }
    if let [glibc, musl] = &calls[..] {
        let only = |one: &[String], other: &[String]| {
            let left: Vec<&str> =
                one.iter().filter(|it| !other.contains(it)).map(String::as_str).collect();
            left.join(", ")
        };
        seen.text("only_glibc", only(glibc, musl));
        seen.text("only_musl", only(musl, glibc));
    }
    let number = |name: &str| seen.values.get(name).cloned();
    let differs = number("glibc_rt0") != number("musl_rt0");
    seen.yes("differs", differs);
    Ok(seen)
}
