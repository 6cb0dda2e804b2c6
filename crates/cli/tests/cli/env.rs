//! The right Go for a folder, in real shells and through the real go command.

use crate::fixture::{Folder, find};
use assert_cmd::Command;
use elfin_schema::{Decider, EnvFinding, GoSelection};
use std::fs;
use std::path::{Path, PathBuf};

/// A home of its own, with the module cache of this machine where a test says so.
struct Home {
    folder: Folder,
}

impl Home {
    fn new() -> Home {
        let folder = Folder::new();
        folder.write("home/.bashrc", "");
        folder.write("proj/main.go", "package main\n");
        Home { folder }
    }

    fn at(&self, name: &str) -> PathBuf {
        fs::canonicalize(self.folder.path("")).unwrap().join(name)
    }

    /// A program in the project's folder and in this home.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.at("proj")).env("HOME", self.at("home"));
        for name in ["XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "GOROOT", "GOFLAGS"] {
            command.env_remove(name);
        }
        command.env("GOMODCACHE", self.at("cache")).timeout(std::time::Duration::from_secs(600));
        command
    }

    fn elfin(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_elfin"));
        command.args(arguments);
        command
    }

    fn selection(&self) -> GoSelection {
        let output = self.elfin(&["env", "--json"]).assert().success().get_output().stdout.clone();
        serde_json::from_slice(&output).unwrap()
    }

    /// A toolchain of this name in the module cache: a script that says what it is told to say.
    fn fake_toolchain(&self, version: &str, says: &str) -> PathBuf {
        let module = format!("toolchain@v0.0.1-{version}.linux-{}", elfin_goenv::go_arch());
        let goroot = format!("cache/golang.org/{module}");
        self.folder.write(&format!("{goroot}/VERSION"), &format!("{version}\ntime 2026\n"));
        self.folder.write(&format!("{goroot}/bin/go"), &format!("#!/bin/sh\necho '{says}'\n"));
        let go = self.at(&format!("{goroot}/bin/go"));
        fs::set_permissions(&go, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        self.at(&goroot)
    }

    /// The output of a script in a shell that has the hook.
    fn shell(&self, shell: &str, script: &str) -> Option<String> {
        let shell_path = find(shell)?;
        let output = self.command(shell_path).args(["-c", script]).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{shell}: {errors}");
        Some(String::from_utf8(output.stdout).unwrap())
    }
}

const SAYS: &str = "go version go1.99.1 linux/amd64";

#[test]
fn what_decided_is_shown_with_its_file_and_line() {
    let home = Home::new();
    let none = home.selection();
    assert_eq!(none.decided_by.what, Decider::System);
    assert!(none.version.is_some_and(|version| version.starts_with("go1.")));
    let goroot = home.fake_toolchain("go1.99.1", SAYS);
    home.folder.write("proj/go.mod", "module m\n\ngo 1.21\ntoolchain go1.99.1\n");
    let by_module = home.selection();
    assert_eq!((by_module.decided_by.what, by_module.decided_by.line), (Decider::GoMod, Some(4)));
    assert_eq!(by_module.goroot, Some(goroot.display().to_string()));
    home.folder.write("proj/.godotenv", "# c\nGOVERSION=1.98.7\n");
    let by_file = home.selection();
    assert_eq!((by_file.decided_by.what, by_file.decided_by.line), (Decider::Godotenv, Some(2)));
    assert_eq!(by_file.findings, [EnvFinding::NotInstalled { version: "go1.98.7".into() }]);
    let text = home.elfin(&["env"]).assert().success().get_output().stdout.clone();
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("proj/.godotenv:2 (1.98.7)"), "{text}");
}

#[test]
fn a_cloned_folder_sets_nothing_that_runs_programs_until_it_is_allowed() {
    let home = Home::new();
    home.folder.write("proj/.godotenv", "GOOS=plan9\nCC=./evil\nGOFLAGS=-toolexec=./evil\n");
    let export = || {
        let output = home.elfin(&["env", "export"]).assert().success().get_output().clone();
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (out, err) = export();
    assert!(out.contains("export GOOS='plan9'") && !out.contains("evil"), "{out}");
    assert!(err.contains("CC, GOFLAGS not set") && err.contains("elfin env allow"), "{err}");
    home.elfin(&["env", "allow"]).assert().success();
    assert!(export().0.contains("export CC='./evil'"));
    // Another content has no word.
    home.folder.write("proj/.godotenv", "GOOS=plan9\nCC=./worse\nGOFLAGS=-toolexec=./evil\n");
    assert!(!export().0.contains("worse"));
    home.elfin(&["env", "allow"]).assert().success();
    home.elfin(&["env", "deny"]).assert().success();
    assert!(!export().0.contains("worse"));
    // Names outside Go's own are refused whatever anybody says.
    home.folder.write("proj/.godotenv", "LD_PRELOAD=x.so\n");
    let err = home.elfin(&["env", "allow"]).assert().code(2).get_output().stderr.clone();
    assert!(String::from_utf8(err).unwrap().contains("LD_PRELOAD"));
}

#[test]
fn without_the_go_that_is_asked_for_the_system_s_runs_or_nothing() {
    let home = Home::new();
    home.folder.write("proj/.godotenv", "GOVERSION=1.98.7\n");
    let offline = |arguments: &[&str]| {
        let mut command = home.elfin(arguments);
        command.env("GOPROXY", "off");
        command
    };
    let output = offline(&["env", "exec", "go", "version"]).assert().success().get_output().clone();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(err.contains("1.98.7 could not be had") && err.contains("GOPROXY=off"), "{err}");
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("go version go1."));
    let strict = offline(&["env", "exec", "--strict", "go", "version"]).assert().code(2);
    let err = String::from_utf8(strict.get_output().stderr.clone()).unwrap();
    assert!(err.contains("--strict"), "{err}");
    let left = fs::read_dir(home.at("cache")).map(Iterator::count).unwrap_or_default();
    assert!(left <= 1, "something was half-installed");
}

/// A script for each shell: into the project, an edit, out again, with the hook run as before a
/// prompt; what is printed between is PATH's first folder and a variable.
const ROUND_TRIP: [(&str, &str); 3] = [
    (
        "bash",
        r#"eval "$(ELFIN env hook bash)"; was="$PATH|$GOFLAGS"; show() { printf "%s\n" "${PATH%%:*}|$GOFLAGS"; }
        __elfin_hook; show
        mv .godotenv off; __elfin_hook; [[ "$PATH|$GOFLAGS" == "$was" ]] && echo same
        mv off .godotenv; __elfin_hook; show
        cd ..; __elfin_hook; [[ "$PATH|$GOFLAGS" == "$was" && -z "${ELFIN_ENV+x}" ]] && echo same"#,
    ),
    (
        "zsh",
        r#"eval "$(ELFIN env hook zsh)"; was="$PATH|$GOFLAGS"; show() { printf "%s\n" "${PATH%%:*}|$GOFLAGS"; }
        __elfin_hook; show
        mv .godotenv off; __elfin_hook; [[ "$PATH|$GOFLAGS" == "$was" ]] && echo same
        mv off .godotenv; __elfin_hook; show
        cd ..; __elfin_hook; [[ "$PATH|$GOFLAGS" == "$was" && -z "${ELFIN_ENV+x}" ]] && echo same"#,
    ),
    (
        "fish",
        r#"ELFIN env hook fish | source; set was "$PATH|$GOFLAGS"; function show; echo "$PATH[1]|$GOFLAGS"; end
        __elfin_hook; show
        mv .godotenv off; __elfin_hook; test "$PATH|$GOFLAGS" = "$was"; and echo same
        mv off .godotenv; __elfin_hook; show
        cd ..; __elfin_hook; test "$PATH|$GOFLAGS" = "$was"; and not set -q ELFIN_ENV; and echo same"#,
    ),
];

#[test]
fn values_are_data_to_every_shell_and_leaving_restores() {
    let nasty = r#"-tags=$(touch${IFS}owned),`touch owned`,a'b\,*;&|>owned <x ~ {a,b} !! %s 中 \n"#;
    let home = Home::new();
    let goroot = home.fake_toolchain("go1.99.1", SAYS);
    home.folder.write("proj/.godotenv", &format!("GOVERSION=1.99.1\nGOFLAGS=\"{nasty}\"\n"));
    home.elfin(&["env", "allow"]).assert().success();
    let mut shells = 0;
    for (shell, script) in ROUND_TRIP {
        let script = script.replace("ELFIN env", concat!(env!("CARGO_BIN_EXE_elfin"), " env"));
        let Some(out) = home.shell(shell, &script) else { continue };
        let inside = format!("{}/bin|{nasty}", goroot.display());
        assert_eq!(out, format!("{inside}\nsame\n{inside}\nsame\n"), "{shell}");
        shells += 1;
    }
    assert!(shells > 0 && !home.at("proj/owned").exists() && !home.at("owned").exists());
}

#[test]
fn the_hook_starts_nothing_while_nothing_changes() {
    let home = Home::new();
    home.fake_toolchain("go1.99.1", SAYS);
    home.folder.write("proj/.godotenv", "GOVERSION=1.99.1\n");
    let log = home.at("log");
    let shim = home.at("elfin");
    let text = format!(
        "#!/bin/sh\necho called >> '{}'\nexec '{}' \"$@\"\n",
        log.display(),
        env!("CARGO_BIN_EXE_elfin")
    );
    fs::write(&shim, text).unwrap();
    fs::set_permissions(&shim, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let through_shim =
        |hook: String| hook.replace(env!("CARGO_BIN_EXE_elfin"), &shim.display().to_string());
    for shell in ["bash", "zsh", "fish"] {
        let hook =
            home.elfin(&["env", "hook", shell]).assert().success().get_output().stdout.clone();
        let hook = through_shim(String::from_utf8(hook).unwrap());
        let calls = |script: &str| {
            let _ = fs::remove_file(&log);
            home.shell(shell, &format!("{hook}\n{script}"))
                .map(|_| fs::read_to_string(&log).unwrap_or_default().lines().count())
        };
        let Some(first) = calls("__elfin_hook") else { continue };
        assert_eq!(first, 1, "{shell}");
        assert_eq!(calls("__elfin_hook\n__elfin_hook\n__elfin_hook"), Some(1), "{shell}");
        let touched = calls("__elfin_hook\ntouch .godotenv\n__elfin_hook\n__elfin_hook");
        assert_eq!(touched, Some(2), "{shell}: an edit");
        let came = calls("__elfin_hook\ntouch go.work\n__elfin_hook\nrm go.work\n__elfin_hook");
        assert_eq!(came, Some(3), "{shell}: a file that comes and goes");
    }
}

#[test]
fn a_toolchain_that_does_not_run_is_not_taken() {
    let home = Home::new();
    home.fake_toolchain("go1.99.1", "go version go1.98.0 linux/amd64");
    home.folder.write("proj/.godotenv", "GOVERSION=1.99.1\n");
    let mut export = home.elfin(&["env", "export"]);
    let output = export.env("GOPROXY", "off").assert().success().get_output().clone();
    assert!(!String::from_utf8(output.stdout).unwrap().contains("PATH="));
    assert!(String::from_utf8(output.stderr).unwrap().contains("could not be had"));
}

/// A toolchain that the machine has downloaded already, so that the test downloads little:
/// the folder that serves as a module proxy, and the version.
fn downloaded() -> Option<(PathBuf, String)> {
    let here = elfin_goenv::Surroundings::of_this_process().unwrap();
    let proxy = here.module_cache()?.join("cache/download");
    let versions = proxy.join("golang.org/toolchain/@v");
    // What `go mod download` asks a proxy for first; a mere switch of toolchains leaves none.
    let suffix = format!(".linux-{}.info", elfin_goenv::go_arch());
    let mut names: Vec<String> = fs::read_dir(versions)
        .ok()?
        .flatten()
        .filter(|info| info.path().with_extension("zip").exists())
        .map(|info| info.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let version =
        |name: &String| Some(name.strip_prefix("v0.0.1-")?.strip_suffix(&suffix)?.to_owned());
    Some((proxy, names.iter().filter_map(version).next_back()?))
}

#[test]
fn a_version_is_installed_once_verified_repaired_and_removed() {
    let Some((proxy, version)) = downloaded() else {
        eprintln!(
            "no toolchain in the module cache: `go mod download golang.org/toolchain@…` fetches one"
        );
        return;
    };
    let home = Home::new();
    let elfin = |arguments: &[&str]| {
        let mut command = home.elfin(arguments);
        // The checksum database is asked through the machine's own proxy.
        let own = elfin_goenv::Surroundings::of_this_process().unwrap().go_setting("GOPROXY");
        let own = own.unwrap_or_else(|| "direct".into());
        command.env("GOPROXY", format!("file://{},{}", proxy.display(), own.display()));
        command
    };
    // Two at once.
    let other = std::thread::scope(|scope| {
        let first = scope
            .spawn(|| elfin(&["env", "install", &version]).assert().success().get_output().clone());
        elfin(&["env", "install", &version]).assert().success();
        first.join().unwrap()
    });
    let goroot = String::from_utf8(other.stdout).unwrap();
    let goroot = Path::new(goroot.trim().rsplit(' ').next().unwrap()).to_owned();
    elfin(&["env", "verify", "--check"]).assert().success();
    let changed = goroot.join("src/fmt/print.go");
    fs::set_permissions(&changed, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    fs::write(&changed, "package fmt // mine\n").unwrap();
    elfin(&["env", "verify", "--check"]).assert().code(1);
    let says = elfin(&["env", "verify"]).assert().success().get_output().stdout.clone();
    let says = String::from_utf8(says).unwrap();
    assert!(says.contains("installed again: src/fmt/print.go"), "{says}");
    elfin(&["env", "verify", "--check"]).assert().success();
    // A go command that is cut off is installed again by whoever needs it.
    let go = goroot.join("bin/go");
    fs::set_permissions(&go, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    fs::File::options().write(true).open(&go).unwrap().set_len(4096).unwrap();
    home.folder.write("proj/.godotenv", &format!("GOVERSION={version}\n"));
    let run = elfin(&["env", "exec", "go", "version"]).assert().success().get_output().clone();
    assert!(String::from_utf8(run.stdout).unwrap().contains(&format!("{version} ")));
    elfin(&["env", "remove", &version]).assert().success();
    assert!(!goroot.exists());
    elfin(&["env", "verify", &version]).assert().code(2);
}
