//! The modules of a program, and which of them a package belongs to.

/// A module as the build information names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Module<'a> {
    /// Its path.
    pub path: &'a str,
    /// Its version; of a replaced module what replaces it has; empty where none is said.
    pub version: &'a str,
}

/// The modules of a program, the main module first where there is one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Modules<'a> {
    all: Vec<Module<'a>>,
    has_main: bool,
    /// Numbers of `all`, by path.
    by_path: Vec<usize>,
}

/// The module of the standard library.
pub const STD: &str = "std";

impl<'a> Modules<'a> {
    /// Reads the lines `mod`, `dep` and `=>` of build information.
    pub(crate) fn read(lines: &'a str) -> Modules<'a> {
        let mut modules = Modules::default();
        for line in lines.lines() {
            let mut words = line.split('\t');
            let (word, path) = (words.next(), words.next().unwrap_or_default());
            let version = words.next().unwrap_or_default();
            match word {
                Some("mod") if modules.all.is_empty() => {
                    modules.has_main = true;
                    modules.all.push(Module { path, version });
                }
                Some("dep") => modules.all.push(Module { path, version }),
                Some("=>") => {
                    if let Some(replaced) = modules.all.last_mut() {
                        replaced.version = version;
                    }
                }
                _ => {}
            }
        }
        modules.by_path = (0..modules.all.len()).collect();
        modules.by_path.sort_by_key(|index| modules.all.get(*index).map(|it| it.path));
        modules
    }

    /// Gives the modules.
    pub fn all(&self) -> &[Module<'a>] {
        &self.all
    }

    /// Gives the main module.
    pub fn main(&self) -> Option<Module<'a>> {
        self.all.first().copied().filter(|_| self.has_main)
    }

    /// Finds the module of a package: the longest path that begins the package's.
    ///
    /// A package without a dot in its first element is the standard library's, unless a module
    /// says otherwise. `None` where no module of the file is it.
    pub fn of(&self, package: &str) -> Option<&str> {
        if matches!(package, "main" | "command-line-arguments") {
            return self.main().map(|it| it.path);
        }
        let mut path = package;
        loop {
            let found = self
                .by_path
                .binary_search_by_key(&Some(path), |index| self.all.get(*index).map(|it| it.path));
            if let Ok(place) = found {
                return self.by_path.get(place).and_then(|it| self.all.get(*it)).map(|it| it.path);
            }
            match path.rsplit_once('/') {
                Some((parent, _)) => path = parent,
                None => break,
            }
        }
        // The standard library's own copies of other modules begin with `vendor/`.
        (!path.contains('.')).then_some(STD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_belongs_to_the_longest_path() {
        let modules = Modules::read(
            "path\texample.com/app/cmd\nmod\texample.com/app\t(devel)\t\n\
             dep\tgithub.com/a/b\tv1.0.0\th1:x=\ndep\tgithub.com/a/b/c\tv2.0.0\n\
             =>\t./local\tv0.1.0\nbuild\t-compiler=gc\n",
        );
        assert_eq!(modules.main().unwrap().path, "example.com/app");
        assert_eq!(modules.all()[2], Module { path: "github.com/a/b/c", version: "v0.1.0" });
        let cases = [
            ("main", Some("example.com/app")),
            ("example.com/app/internal/x", Some("example.com/app")),
            ("github.com/a/b", Some("github.com/a/b")),
            ("github.com/a/b/c/d", Some("github.com/a/b/c")),
            ("github.com/a/bc", None),
            ("net/http", Some(STD)),
            ("vendor/golang.org/x/net/idna", Some(STD)),
        ];
        for (package, module) in cases {
            assert_eq!(modules.of(package), module, "{package}");
        }
    }

    #[test]
    fn a_main_module_without_a_dot_has_its_packages() {
        let modules = Modules::read("mod\thello\t(devel)\t\n");
        assert_eq!(modules.of("hello/inner"), Some("hello"));
        assert_eq!(modules.of("hellowards"), Some(STD));
        assert_eq!(Modules::default().of("main"), None);
    }
}
