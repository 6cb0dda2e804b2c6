//! Reads what /proc tells of a process's memory: pure functions over its texts.

/// One line of /proc/PID/maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mapping<'a> {
    start: u64,
    end: u64,
    permissions: &'a str,
    /// A path, a name in brackets, or nothing.
    name: &'a str,
}

impl<'a> Mapping<'a> {
    /// Reads a line; `None` if it is not one.
    pub(crate) fn parse(line: &'a str) -> Option<Self> {
        let mut fields = line.splitn(6, ' ');
        let (start, end) = fields.next()?.split_once('-')?;
        let permissions = fields.next()?;
        let name = fields.nth(3).unwrap_or("").trim_start(); // past offset, device and inode
        Some(Self {
            start: u64::from_str_radix(start, 16).ok()?,
            end: u64::from_str_radix(end, 16).ok()?,
            permissions,
            name,
        })
    }

    /// Of no file and of no use to the kernel; where the kernel can name such memory, it may be
    /// named.
    fn is_anonymous(&self) -> bool {
        self.name.is_empty() || self.name.starts_with("[anon")
    }
}

/// The lowest code of the program whose file is `program`.
///
/// Packed programs run from anonymous memory or a memory file. Libraries, the loader and the
/// kernel's own pages are not the program's.
pub(crate) fn text(maps: &[Mapping<'_>], program: &str) -> Option<u64> {
    let program = program.replace('\n', "\\012"); // as the kernel writes it, to keep to one line
    let own = |map: &&Mapping<'_>| {
        map.permissions.contains('x')
            && (map.is_anonymous() || map.name == program || map.name.starts_with("/memfd:"))
    };
    maps.iter().filter(own).map(|map| map.start).min()
}

/// The heap: Go's, by its name or else by its shape; if there is none, the C library's.
pub(crate) fn heap(maps: &[Mapping<'_>]) -> Option<u64> {
    let named = |prefix| maps.iter().find(move |map| map.name.starts_with(prefix));
    let shaped = || {
        let next = maps.iter().skip(1).map(Some).chain([None]);
        maps.iter().zip(next).find(|(map, next)| is_arena(map, *next)).map(|(map, _)| map)
    };
    named("[anon: Go: heap").or_else(shaped).or_else(|| named("[heap]")).map(|map| map.start)
}

/// The lowest address of each part of a process that its program does not itself place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The dynamic linker.
    pub loader: Option<u64>,
    /// The lowest library.
    pub libraries: Option<u64>,
    /// The heap that the kernel grows: `brk`.
    pub brk: Option<u64>,
    /// The kernel's own code in every process.
    pub vdso: Option<u64>,
}

/// Finds the parts that belong to nobody's program; `loader` is the interpreter's file name.
pub(crate) fn surroundings(
    maps: &[Mapping<'_>],
    program: &str,
    loader: Option<&str>,
) -> Surroundings {
    let lowest = |is: &dyn Fn(&Mapping<'_>) -> bool| {
        maps.iter().filter(|map| is(map)).map(|map| map.start).min()
    };
    let is_file = |map: &Mapping<'_>| map.name.starts_with('/') && map.name != program;
    let file_name = |map: &Mapping<'_>| map.name.rsplit('/').next().unwrap_or_default().to_owned();
    let is_loader =
        |map: &Mapping<'_>| is_file(map) && loader.is_some_and(|it| file_name(map) == it);
    Surroundings {
        loader: lowest(&is_loader),
        libraries: lowest(&|map| is_file(map) && file_name(map).contains(".so") && !is_loader(map)),
        brk: lowest(&|map| map.name == "[heap]"),
        vdso: lowest(&|map| map.name == "[vdso]"),
    }
}

/// Tells whether a mapping is the used part of a Go arena: whole steps of 4 MiB, the rest of its
/// 64 MiB reserved behind it. (Go before 1.26 puts the first at `0xc000000000`, 1.26 anywhere.)
fn is_arena(map: &Mapping<'_>, next: Option<&Mapping<'_>>) -> bool {
    const STEP: u64 = 4 << 20;
    const ARENA: u64 = 64 << 20;
    let reserved = |next: &Mapping<'_>| next.start == map.end && next.permissions == "---p";
    map.permissions == "rw-p"
        && map.is_anonymous()
        && map.start.is_multiple_of(STEP)
        && map.end.is_multiple_of(STEP)
        && (map.end.is_multiple_of(ARENA) || next.is_some_and(reserved))
}

/// The end of the stack's mapping: a whole number of pages above where it began.
pub(crate) fn stack_top(maps: &[Mapping<'_>]) -> Option<u64> {
    maps.iter().find(|map| map.name == "[stack]").map(|map| map.end)
}

/// The address at which the stack began, of /proc/PID/stat; `None` where it is hidden.
pub(crate) fn start_of_stack(stat: &str) -> Option<u64> {
    // The second field is the program's name in parentheses, and may hold spaces and parentheses.
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().nth(25)?.parse().ok().filter(|address| *address != 0)
}

/// The value, in bytes, of a line such as `VmHWM:    5824 kB`.
pub(crate) fn kibibytes(text: &str, key: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(key))?;
    value.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::{Mapping, Surroundings, heap, kibibytes, stack_top, start_of_stack};
    use super::{surroundings, text};

    /// Go 1.26, not PIE, on a kernel that cannot name memory.
    const GO_1_26: &str = "\
00400000-004ab000 r-xp 00000000 fe:00 9994692                            /srv/go/a
004ab000-0058e000 r--p 000ab000 fe:00 9994692                            /srv/go/a
0058e000-00599000 rw-p 0018e000 fe:00 9994692                            /srv/go/a
00599000-005cf000 rw-p 00000000 00:00 0 
232e14000000-232e15800000 ---p 00000000 00:00 0 
232e15800000-232e15c00000 rw-p 00000000 00:00 0 
232e15c00000-232e18000000 ---p 00000000 00:00 0 
7f44b1540000-7f44b1700000 rw-p 00000000 00:00 0 
7f44b1700000-7f44b3800000 rw-p 00000000 00:00 0 
7f44f8183000-7f44f8185000 r-xp 00000000 00:00 0                          [vdso]
7ffe4a06c000-7ffe4a08d000 rw-p 00000000 00:00 0                          [stack]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
";

    /// Go 1.26 with cgo: a C heap, C arenas and thread stacks beside Go's arena.
    const CGO: &str = "\
00400000-00402000 r--p 00000000 fe:00 9994947                            /srv/go map/c
00402000-004ad000 r-xp 00002000 fe:00 9994947                            /srv/go map/c
09556000-09577000 rw-p 00000000 00:00 0                                  [heap]
1996e4000000-1996e4800000 ---p 00000000 00:00 0 
1996e4800000-1996e4c00000 rw-p 00000000 00:00 0 
1996e4c00000-1996e8000000 ---p 00000000 00:00 0 
7fcb20000000-7fcb20021000 rw-p 00000000 00:00 0 
7fcb20021000-7fcb24000000 ---p 00000000 00:00 0 
7fcb2ddff000-7fcb2de00000 ---p 00000000 00:00 0 
7fcb2de00000-7fcb2e600000 rw-p 00000000 00:00 0 
7fcb7e361000-7fcb7e4b7000 r-xp 00026000 fe:00 326269                     /usr/lib/x86_64-linux-gnu/libc.so.6
7fcb7e532000-7fcb7e558000 r-xp 00001000 fe:00 325835                     /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
7ffe4f0f0000-7ffe4f111000 rw-p 00000000 00:00 0                          [stack]
";

    fn parse(maps: &str) -> Vec<Mapping<'_>> {
        maps.lines().map(|line| Mapping::parse(line).unwrap()).collect()
    }

    #[test]
    fn tells_the_program_from_what_surrounds_it() {
        let maps = parse(GO_1_26);
        assert_eq!(text(&maps, "/srv/go/a"), Some(0x40_0000));
        assert_eq!(heap(&maps), Some(0x232e_1580_0000));
        assert_eq!(stack_top(&maps), Some(0x7ffe_4a08_d000));
        let maps = parse(CGO);
        assert_eq!(text(&maps, "/srv/go map/c"), Some(0x40_2000), "a path with a space");
        assert_eq!(heap(&maps), Some(0x1996_e480_0000));
    }

    #[test]
    fn what_surrounds_a_program_is_told_apart() {
        let around = surroundings(&parse(CGO), "/srv/go map/c", Some("ld-linux-x86-64.so.2"));
        let expected = Surroundings {
            loader: Some(0x7fcb_7e53_2000),
            libraries: Some(0x7fcb_7e36_1000),
            brk: Some(0x955_6000),
            vdso: None,
        };
        assert_eq!(around, expected);
        let around = surroundings(&parse(GO_1_26), "/srv/go/a", None);
        assert_eq!(
            around,
            Surroundings { vdso: Some(0x7f44_f818_3000), ..Surroundings::default() }
        );
    }

    #[test]
    fn packed_code_is_anonymous_or_a_memory_file() {
        for name in ["", "/memfd:upx (deleted)", "[anon: code]"] {
            let maps = format!(
                "7f0000000000-7f0000001000 r--p 00000000 fe:00 1   /tmp/packed\n\
                 7f0000400000-7f0000500000 r-xp 00000000 00:00 0   {name}\n\
                 7f0000200000-7f0000300000 r-xp 00000000 fe:00 2   /lib/libc.so.6\n"
            );
            assert_eq!(text(&parse(&maps), "/tmp/packed"), Some(0x7f00_0040_0000), "{name}");
        }
        let library = parse("7f0000200000-7f0000300000 r-xp 00000000 fe:00 2 /lib/libc.so.6");
        assert_eq!(text(&library, "/tmp/packed"), None);
    }

    #[test]
    fn a_name_goes_before_a_shape_and_both_before_the_c_heap() {
        let c = "01000000-01021000 rw-p 00000000 00:00 0     [heap]\n";
        let classic = "c000000000-c000400000 rw-p 00000000 00:00 0 \n\
                       c000400000-c004000000 ---p 00000000 00:00 0 \n";
        let named = "d000000000-d000400000 rw-p 00000000 00:00 0     [anon: Go: heap]\n\
                     d000400000-d004000000 ---p 00000000 00:00 0     \
                     [anon: Go: heap reservation]\n";
        assert_eq!(heap(&parse(c)), Some(0x100_0000));
        assert_eq!(heap(&parse(&format!("{c}{classic}"))), Some(0xc0_0000_0000));
        assert_eq!(heap(&parse(&format!("{c}{classic}{named}"))), Some(0xd0_0000_0000));
        let full = "c000000000-c004000000 rw-p 00000000 00:00 0 \n";
        assert_eq!(heap(&parse(full)), Some(0xc0_0000_0000), "an arena that is used up");
        assert_eq!(heap(&[]), None);
    }

    #[test]
    fn reads_stat_past_a_hostile_name() {
        let fields = "R 8457 8457 3202 0 -1 4194304 230 0 0 0 0 0 0 0 20 0 4 0 182102 1256366080 \
                      472 18446744073709551615 4194304 4891921 140730140503488 0 0";
        for name in ["a", "a b", ") R 1 2 (", "((("] {
            let stat = format!("8952 ({name}) {fields}");
            assert_eq!(start_of_stack(&stat), Some(140_730_140_503_488), "{name}");
        }
        let hidden = format!("8952 (a) {}", fields.replace("140730140503488", "0"));
        assert_eq!(start_of_stack(&hidden), None);
        assert_eq!(start_of_stack(""), None);
    }

    #[test]
    fn reads_sizes() {
        let status = "Name:\tVmHWM: 1 kB\nVmPeak:\t 9 kB\nVmHWM:\t    2160 kB\nThreads:\t4\n";
        assert_eq!(kibibytes(status, "VmHWM:"), Some(2160 * 1024));
        assert_eq!(kibibytes(status, "Threads:"), None);
        assert_eq!(kibibytes("VmHWM: 99999999999999999999 kB", "VmHWM:"), None);
        assert_eq!(kibibytes("VmHWM: 18446744073709551615 kB", "VmHWM:"), None);
    }

    #[test]
    fn no_line_is_too_strange() {
        for line in ["", "x", "1-2", "g-1 r-xp 0 0 0", "1 r-xp", "- - - - - -"] {
            assert_eq!(Mapping::parse(line), None, "{line}");
        }
        assert!(Mapping::parse("1-2 rw-p 0 0 0").is_some());
    }
}
