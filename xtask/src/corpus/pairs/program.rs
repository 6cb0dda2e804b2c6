//! The programs that causes are injected into: their sources and how they are built.

use super::plan::VERSIONS;
use std::collections::BTreeSet;
use std::fmt::Write;

/// A command-line tool, a server, and a program that reads and writes data.
pub(super) const PROGRAMS: [&str; 3] = ["tool", "server", "data"];

/// A change of the sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Edit {
    /// Requires one module more.
    ModuleAdded,
    /// Requires another version of a module.
    ModuleVersion,
    /// Imports a package of the standard library that nothing imported.
    PackageNew,
    /// Has more functions of its own.
    OwnCode,
    /// Instantiates a generic function that was there with more types.
    GenericInstances,
    /// Calls a method by a name that the linker cannot know.
    DeadCode,
    /// Embeds a larger file.
    Embedded,
}

/// How a program is built.
#[derive(Debug, Clone)]
pub(super) struct Config {
    pub(super) program: String,
    pub(super) go: String,
    pub(super) environment: Vec<(String, String)>,
    flags: Vec<String>,
    link: Vec<String>,
    extern_link: Vec<String>,
    tags: Vec<String>,
    edits: BTreeSet<Edit>,
    version: usize,
}

impl Config {
    pub(super) fn new(program: &str, version: usize) -> Config {
        let settings = [("CGO_ENABLED", "0"), ("GOARCH", "amd64"), ("GOAMD64", "v1")];
        Config {
            program: program.to_owned(),
            go: VERSIONS[version].to_owned(),
            environment: settings.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
            flags: Vec::new(),
            link: Vec::new(),
            extern_link: Vec::new(),
            tags: Vec::new(),
            edits: BTreeSet::new(),
            version,
        }
    }

    pub(super) fn newer_go(&mut self) {
        self.version = (self.version + 1).min(VERSIONS.len() - 1);
        self.go = VERSIONS[self.version].to_owned();
    }

    pub(super) fn cgo(&mut self) {
        self.set("CGO_ENABLED", "1");
    }

    pub(super) fn set(&mut self, key: &str, value: &str) {
        self.environment.retain(|(known, _)| known != key);
        self.environment.push((key.to_owned(), value.to_owned()));
    }

    pub(super) fn flag(&mut self, flag: &str) {
        self.flags.push(flag.to_owned());
    }

    pub(super) fn link(&mut self, flag: &str) {
        if !self.link.iter().any(|it| it == flag) {
            self.link.push(flag.to_owned());
        }
    }

    pub(super) fn link_externally(&mut self, flag: &str) {
        self.extern_link.push(flag.to_owned());
    }

    pub(super) fn tag(&mut self, tag: &str) {
        self.tags.push(tag.to_owned());
    }

    pub(super) fn edit(&mut self, edit: Edit) {
        self.edits.insert(edit);
    }

    /// The flags of `go build`.
    pub(super) fn arguments(&self) -> Vec<String> {
        let mut arguments = self.flags.clone();
        let mut link = self.link.clone();
        if !self.extern_link.is_empty() {
            link.push(format!("'-extldflags={}'", self.extern_link.join(" ")));
        }
        if !link.is_empty() {
            arguments.push(format!("-ldflags={}", link.join(" ")));
        }
        if !self.tags.is_empty() {
            arguments.push(format!("-tags={}", self.tags.join(",")));
        }
        arguments
    }

    /// Everything of the build besides the sources and the toolchain.
    pub(super) fn recipe(&self) -> String {
        format!("{:?} {:?}", self.environment, self.arguments())
    }

    fn has(&self, edit: Edit) -> bool {
        self.edits.contains(&edit)
    }

    /// Every source file: its path and its text.
    pub(super) fn sources(&self) -> Vec<(String, String)> {
        let added = self.has(Edit::ModuleAdded);
        let version = if self.has(Edit::ModuleVersion) { "v1.1.0" } else { "v1.0.0" };
        let mut go_mod = "module example.com/app\n\ngo 1.21\n\n".to_owned();
        let mut listed = String::new();
        let modules = [("dep", version), ("added", "v1.0.0")];
        for (name, version) in modules.iter().take(if added { 2 } else { 1 }) {
            let _ = writeln!(go_mod, "require example.org/{name} {version}");
            let _ = writeln!(
                listed,
                "# example.org/{name} {version}\n## explicit; go 1.21\nexample.org/{name}"
            );
        }
        let functions = if self.has(Edit::ModuleVersion) { 260 } else { 60 };
        let embedded = if self.has(Edit::Embedded) { 24_000 } else { 1_000 };
        let mut files = vec![
            ("go.mod".to_owned(), go_mod),
            ("vendor/modules.txt".to_owned(), listed),
            ("main.go".to_owned(), main(&self.program)),
            ("words.txt".to_owned(), (0..embedded).map(|it| format!("word {it}\n")).collect()),
            ("box/box.go".to_owned(), BOX.to_owned()),
            ("vendor/example.org/dep/dep.go".to_owned(), code("dep", "Work", functions, "")),
            ("tagged.go".to_owned(), code("main", "tagged", 180, "//go:build extra\n\n")),
            (
                "instances.go".to_owned(),
                instances(if self.has(Edit::GenericInstances) { 90 } else { 2 }),
            ),
        ];
        if added {
            files.push((
                "vendor/example.org/added/added.go".to_owned(),
                code("added", "Work", 200, ""),
            ));
            files.push(("added.go".to_owned(), uses("example.org/added", "added.Work(len(more))")));
        }
        if self.has(Edit::OwnCode) {
            files.push(("own.go".to_owned(), code("main", "own", 220, "")));
        }
        if self.has(Edit::PackageNew) {
            files.push(("package.go".to_owned(), package_new(&self.program)));
        }
        if self.has(Edit::DeadCode) {
            files.push(("reflected.go".to_owned(), REFLECTED.to_owned()));
        }
        files
    }
}

const BOX: &str = r#"// Package box has a generic function that is large enough not to be inlined.
package box

import "fmt"

// Sorted sorts by insertion, counts, and tells.
func Sorted[T any](all []T, less func(a, b T) bool) (sorted []T, text string) {
	for _, one := range all {
		at := len(sorted)
		for at > 0 && less(one, sorted[at-1]) {
			at--
		}
		sorted = append(sorted, one)
		copy(sorted[at+1:], sorted[at:])
		sorted[at] = one
	}
	index := map[string]T{}
	for at, one := range sorted {
		index[fmt.Sprint(at)] = one
		text += fmt.Sprintf("%d: %v\n", at, one)
	}
	return sorted, text + fmt.Sprint(len(index))
}
"#;

const REFLECTED: &str = r#"package main

import (
	"os"
	"reflect"
)

func init() {
	if len(os.Args) > 90 {
		reflect.ValueOf(os.Stdout).MethodByName(os.Args[1]).Call(nil)
	}
}
"#;

/// A package of so many functions, each with some arithmetic and a text of its own.
fn code(package: &str, name: &str, functions: usize, head: &str) -> String {
    let mut text = format!("{head}package {package}\n\nimport \"fmt\"\n\n");
    for number in 0..functions {
        let (a, b) = (number * 7 + 3, number % 5 + 2);
        let _ = write!(
            text,
            "func {name}{number}(n int, all map[int]string) string {{\n\
             \tfor i := n; i < n+{a}; i += {b} {{\n\
             \t\tif all[i] == \"{name} number {number}\" {{\n\t\t\treturn fmt.Sprintf(\"%s of {number}: %d\", all[i], i*{b})\n\t\t}}\n\
             \t\tall[i%{a}+{number}] += \"{name}-{number}\"\n\t}}\n\
             \treturn fmt.Sprint(len(all), n%{a})\n}}\n\n"
        );
    }
    let table: Vec<String> = (0..functions).map(|number| format!("{name}{number}")).collect();
    let _ = write!(
        text,
        "var {name}Table = []func(int, map[int]string) string{{{}}}\n\n\
         func {name}(n int) string {{ return {name}Table[n%len({name}Table)](n, map[int]string{{}}) }}\n",
        table.join(", ")
    );
    if package == "main" {
        let _ = write!(text, "\nfunc init() {{\n\tmore = append(more, {name})\n}}\n");
    }
    text
}

/// A file that imports a package and does something with it.
fn uses(import: &str, call: &str) -> String {
    format!(
        "package main\n\nimport \"{import}\"\n\nfunc init() {{\n\tmore = append(more, func(int) string {{ return {call} }})\n}}\n"
    )
}

fn instances(count: usize) -> String {
    let mut text =
        "package main\n\nimport (\n\t\"fmt\"\n\n\t\"example.com/app/box\"\n)\n\n".to_owned();
    let mut body = String::new();
    for number in 0..count {
        let fields: String =
            (0..number % 9 + 1).map(|it| format!("f{it} [{}]int; ", number + it + 1)).collect();
        let _ = writeln!(text, "type item{number} struct {{ {fields} }}\n");
        let _ = writeln!(
            body,
            "\t_, text{number} := box.Sorted([]item{number}{{{{}}, {{}}}}, func(a, b item{number}) bool {{ return a.f0[0] < b.f0[0] }})\n\tfmt.Println(text{number})"
        );
    }
    let _ = write!(text, "func instances() {{\n{body}}}\n");
    text
}

fn package_new(program: &str) -> String {
    match program {
        "tool" => uses(
            "encoding/xml",
            "func() string { out, _ := xml.Marshal(more); return string(out) }()",
        ),
        "server" => uses(
            "go/parser",
            "func() string { node, _ := parser.ParseExpr(\"a+b\"); if node == nil { return \"\" }; return \"parsed\" }()",
        ),
        _ => uses(
            "net/http",
            "http.DefaultClient.Timeout.String() + func() string { answer, _ := http.Get(\"http://127.0.0.1\"); if answer == nil { return \"\" }; return answer.Status }()",
        ),
    }
}

fn main(program: &str) -> String {
    let (imports, work) = match program {
        "tool" => (
            "\t\"encoding/json\"\n\t\"flag\"\n\t\"sort\"\n\t\"strings\"\n",
            "\tname := flag.String(\"name\", \"tool\", \"what to say\")\n\tflag.Parse()\n\
             \tlist := strings.Fields(words)\n\tsort.Strings(list)\n\
             \tout, _ := json.Marshal(map[string]any{*name: list[:3]})\n\tfmt.Println(string(out))\n",
        ),
        "server" => (
            "\t\"net/http\"\n",
            "\thttp.HandleFunc(\"/\", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, r.URL, len(words)) })\n\
             \tif len(os.Args) > 5 {\n\t\tfmt.Println(http.ListenAndServe(os.Args[1], nil))\n\t}\n",
        ),
        _ => (
            "\t\"bytes\"\n\t\"compress/gzip\"\n\t\"crypto/sha256\"\n\t\"encoding/csv\"\n\t\"reflect\"\n\t\"text/tabwriter\"\n",
            "\tvar out bytes.Buffer\n\tpacked := gzip.NewWriter(&out)\n\tcsv.NewWriter(packed).Write([]string{words})\n\tpacked.Close()\n\
             \ttable := tabwriter.NewWriter(os.Stdout, 0, 8, 1, ' ', 0)\n\
             \tfmt.Fprintln(table, reflect.TypeOf(out), \"\\t\", sha256.Sum256(out.Bytes()))\n\ttable.Flush()\n",
        ),
    };
    format!(
        "// Command app is what causes of growth are injected into.\npackage main\n\n\
         import (\n\t_ \"embed\"\n\t\"fmt\"\n\t\"os\"\n\t\"os/user\"\n{imports}\n\t\"example.org/dep\"\n)\n\n\
         //go:embed words.txt\nvar words string\n\nvar more []func(int) string\n\n\
         func main() {{\n\twho, _ := user.Current()\n\tfmt.Println(who, len(words), dep.Work(len(os.Args)))\n\tinstances()\n{work}\
         \tfor n, one := range more {{\n\t\tfmt.Println(one(n))\n\t}}\n}}\n"
    )
}
