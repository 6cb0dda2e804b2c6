//! The views of a weighing: what each shows, and what is refused because it is whole.

use crate::weigh::{figure, folder};

#[test]
fn source_files_have_the_code_of_their_functions() {
    let folder = folder();
    let text = folder.output(&["weigh", "app", "--by", "file"]);
    let of_file = text.lines().find(|line| line.contains("/runtime/proc.go ")).unwrap();
    let figures: Vec<&str> = of_file.split_whitespace().collect();
    let code: u64 = figures[3].replace(',', "").parse().unwrap();
    assert!(
        code > 20_000 && figures[1].replace(',', "").parse::<u64>().unwrap() > 2 * code * 9 / 10,
        "{of_file}"
    );
    assert!(text.contains("of no source file"), "{text}");
}

#[test]
fn symbols_are_named_without_a_symbol_table() {
    let folder = folder();
    let mut strip = std::process::Command::new("strip");
    strip.current_dir(folder.path("")).args(["-o", "stripped", "app"]);
    assert!(strip.status().unwrap().success());
    let text = folder.output(&["weigh", "stripped", "--by", "symbol", "--top", "0"]);
    let begins = |name: &str| text.lines().filter(|line| line.starts_with(name)).count();
    assert!(begins("type:*os.File ") == 1 && begins("go:itab.*os.File,io.Writer ") == 1);
    assert!(begins("\"hello, gopher\" ") == 1 && begins("go:string.") == 0);
    let nameless: Vec<&str> = text.lines().skip_while(|it| *it != "without a name").collect();
    let nameless: u64 = nameless
        .iter()
        .filter(|line| line.starts_with("  "))
        .filter_map(|line| {
            let before = line.split('%').next()?;
            before.split_whitespace().rev().nth(1)?.replace(',', "").parse::<u64>().ok()
        })
        .sum();
    assert!(nameless > 0 && nameless * 8 < figure(&text, "file "), "{nameless}");
}

#[test]
fn what_is_printed_into_a_file_is_not_cut() {
    let folder = folder();
    let long = "internal/runtime/syscall/linux";
    let whole = folder.output(&["weigh", "app", "--by", "package", "--top", "0"]);
    assert!(whole.lines().any(|line| line.starts_with(long)), "{whole}");
    assert!(whole.lines().nth(2).unwrap().ends_with("other"), "{whole}");
    let mut narrow = folder.elfin(&["weigh", "app", "--by", "package", "--top", "0"]);
    let narrow = narrow.env("COLUMNS", "60").assert().success().get_output().stdout.clone();
    let narrow = String::from_utf8(narrow).unwrap();
    assert!(narrow.lines().all(|line| line.chars().count() <= 60), "{narrow}");
    assert!(narrow.lines().any(|line| line.starts_with("internal/runtime/") && line.contains('…')));
}

#[test]
fn what_is_whole_takes_no_choice_of_lines() {
    let folder = folder();
    for chosen in [["--filter", "fmt"], ["--top", "3"], ["--min", "4kb"]] {
        folder.output(&["weigh", "app", chosen[0], chosen[1]]);
        for whole in [&["--json"][..], &["--csv"], &["--html", "page.html"], &["--at", "0"]] {
            let says = folder.refused(&[&["weigh", "app"], &chosen[..], whole].concat());
            let why =
                format!("{} chooses lines of the table, and {} has none", chosen[0], whole[0]);
            assert!(says.contains(&why), "{says}");
        }
    }
    assert!(!folder.path("page.html").exists());
    let says = folder.refused(&["weigh", "app", "--min", "4 apples"]);
    assert!(says.contains("give bytes as 4096, 4k, 4kb"), "{says}");
}

#[test]
fn inlined_code_is_credited_to_who_wrote_it() {
    let folder = folder();
    let csv = folder.output(&["weigh", "app", "--inlined", "--csv"]);
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("package,at_home,abroad"));
    let bytes =
        |line: &str| -> u64 { line.split(',').skip(1).map(|it| it.parse::<u64>().unwrap()).sum() };
    let sum: u64 = lines.map(bytes).sum();
    let text = folder.output(&["weigh", "app", "--inlined", "--top", "2"]);
    assert!(sum > 50_000 && figure(&text, "total") == sum, "{text}");
    assert!(figure(&text, "runtime ") > 10_000 && text.contains("… "), "{text}");
    let chinese = folder.output(&["weigh", "app", "--inlined", "--lang", "zh"]);
    assert!(chinese.contains("本包内"), "{chinese}");
}

#[test]
fn unknown_bytes_are_shown_on_request() {
    let folder = folder();
    let mut program = std::fs::read(folder.path("app")).unwrap();
    program[0x28..0x30].fill(0); // e_shoff
    program[0x3c..0x40].fill(0); // e_shnum, e_shstrndx
    std::fs::write(folder.path("bare"), &program).unwrap();
    let text = folder.output(&["weigh", "bare", "--dump", "--top", "1"]);
    let dumped = text.lines().find(|line| line.starts_with("    0000")).unwrap();
    let words: Vec<&str> = dumped.split_whitespace().collect();
    let at = usize::from_str_radix(words[0], 16).unwrap();
    for (byte, shown) in program[at..].iter().zip(&words[1..17]) {
        assert_eq!(format!("{byte:02x}"), **shown, "{dumped}");
    }
    assert!(!folder.output(&["weigh", "bare"]).contains("unknown ranges"));
    // In memory and not in the file, by name.
    let priced = folder.output(&["weigh", "bare", "--compressed", "--by", "kind"]);
    assert!(priced.contains("zeroed behind the segment's bytes"), "{priced}");
    assert!(priced.contains("stack") && priced.contains("as large as the system makes it"));
}
