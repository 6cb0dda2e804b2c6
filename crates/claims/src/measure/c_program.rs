//! The small C program that orders of strip, UPX and PIE were claimed about, made in those orders.

use super::{Ground, Seen, Unmeasured};
use elfin_process::Tool;
use std::fs;
use std::path::{Path, PathBuf};

pub(super) const GIVES: &[&str] = &[
    "plain_kb",
    "stripped_kb",
    "packed_kb",
    "saved_percent",
    "pack_says",
    "packs",
    "relinks",
    "relink_says",
    "pie_kb",
    "pie_stripped_kb",
    "pie_packed_kb",
    "pie_packs",
    "pie_saved_percent",
    "pie_pack_says",
    "strip_packed_says",
    "strips_packed",
    "best",
    "order_decides",
];

/// The program: what anybody's first program is.
const SOURCE: &str = "#include <stdio.h>\nint main(void) { puts(\"hello, world\"); return 0; }\n";

const COMMAND: &str = "gcc -O2 -no-pie hello.c -o a && strip -s a && upx --best --lzma a; \
                       gcc -pie -Wl,-z,relro,-z,now a -o b; \
                       gcc -O2 -fPIE -pie -Wl,-z,relro,-z,now hello.c -o c && strip -s c && upx --best --lzma c";

pub(super) fn measure(ground: &mut Ground<'_>) -> Result<Seen, Unmeasured> {
    let folder = ground.order.out.join("c");
    let io = |error| Unmeasured::failed(error, COMMAND);
    fs::create_dir_all(&folder).map_err(io)?;
    let source = folder.join("hello.c");
    fs::write(&source, SOURCE).map_err(io)?;
    let made = Made { ground, folder };
    let mut seen = Seen::of(COMMAND);
    let pie = ["-pie", "-Wl,-z,relro,-z,now"];
    let plain = made.compiled("plain", &source, &["-no-pie"])?;
    let stripped = made.stripped("stripped", &plain)?;
    seen.number("plain_kb", kb(&plain)?);
    seen.number("stripped_kb", kb(&stripped)?);
    let packed = made.packed("packed", &stripped)?;
    note(&mut seen, "packs", "pack_says", &packed);
    if let Ok(packed) = &packed {
        seen.number("packed_kb", kb(packed)?);
        seen.number("saved_percent", 100.0 * (1.0 - kb(packed)? / kb(&plain)?));
    }
    // What was packed is an input like any other to the linker, which then says what it thinks.
    let first = packed.as_ref().unwrap_or(&stripped);
    let relinked =
        made.tool("relinked", |out| Tool::new("gcc").args(pie).arg(first).arg("-o").arg(out))?;
    note(&mut seen, "relinks", "relink_says", &relinked);
    let again = made
        .tool("packed-stripped", |out| Tool::new("strip").args(["-s", "-o"]).arg(out).arg(first))?;
    note(&mut seen, "strips_packed", "strip_packed_says", &again);
    let position = [&["-fPIE"][..], &pie].concat();
    let pie = made.compiled("pie", &source, &position)?;
    let pie_stripped = made.stripped("pie-stripped", &pie)?;
    seen.number("pie_kb", kb(&pie)?);
    seen.number("pie_stripped_kb", kb(&pie_stripped)?);
    let pie_packed = made.packed("pie-packed", &pie_stripped)?;
    note(&mut seen, "pie_packs", "pie_pack_says", &pie_packed);
    if let Ok(packed) = &pie_packed {
        seen.number("pie_packed_kb", kb(packed)?);
        seen.number("pie_saved_percent", 100.0 * (1.0 - kb(packed)? / kb(&plain)?));
    }
    // An order decides the size if two orders that both work give different ones.
    let both = packed.as_ref().ok().zip(relinked.as_ref().ok());
    let differ = both.map(|(one, two)| Ok::<_, Unmeasured>((kb(one)?, kb(two)?))).transpose()?;
    seen.yes("order_decides", differ.is_some_and(|(one, two)| (one - two).abs() > 0.1));
    Ok(seen)
}

type Outcome = Result<PathBuf, String>;

fn note(seen: &mut Seen, yes: &str, says: &str, made: &Outcome) {
    seen.yes(yes, made.is_ok());
    seen.text(says, made.as_ref().err().cloned().unwrap_or_default());
}

fn kb(path: &Path) -> Result<f64, Unmeasured> {
    let length = fs::metadata(path).map_err(|error| Unmeasured::failed(error, COMMAND))?.len();
    Ok(length as f64 / 1000.0)
}

/// The folder in which the programs are made.
struct Made<'g, 'o> {
    ground: &'g Ground<'o>,
    folder: PathBuf,
}

impl Made<'_, '_> {
    /// Makes a file by a tool, or gives the tool's words where it refuses.
    fn tool(&self, name: &str, tool: impl Fn(&Path) -> Tool) -> Result<Outcome, Unmeasured> {
        let out = self.folder.join(name);
        let _ = fs::remove_file(&out); // of an earlier run, or not there
        match self.ground.run(&tool(&out)) {
            Ok(_) => Ok(Ok(out)),
            Err(Unmeasured::Failed { says, .. }) => Ok(Err(says)),
            Err(error) => Err(error),
        }
    }

    fn compiled(&self, name: &str, source: &Path, flags: &[&str]) -> Result<PathBuf, Unmeasured> {
        let made = self.tool(name, |out| {
            Tool::new("gcc").arg("-O2").args(flags).arg(source).arg("-o").arg(out)
        })?;
        made.map_err(|says| Unmeasured::failed(says, COMMAND))
    }

    fn stripped(&self, name: &str, from: &Path) -> Result<PathBuf, Unmeasured> {
        let made =
            self.tool(name, |out| Tool::new("strip").args(["-s", "-o"]).arg(out).arg(from))?;
        made.map_err(|says| Unmeasured::failed(says, COMMAND))
    }

    fn packed(&self, name: &str, from: &Path) -> Result<Outcome, Unmeasured> {
        self.tool(name, |out| {
            Tool::new("upx").args(["--best", "--lzma", "-qq", "-o"]).arg(out).arg(from)
        })
    }
}
