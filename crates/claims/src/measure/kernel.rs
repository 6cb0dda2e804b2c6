//! Settings of the kernel that are said to make builds better, and whether a build uses them.

use super::{Ground, Seen, Unmeasured};
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

pub(super) const GIVES: &[&str] =
    &["swappiness", "max_user_watches", "swap_total_kb", "inotify_used", "swapped_pages", "at_all"];

const COMMAND: &str = "sysctl vm.swappiness fs.inotify.max_user_watches; swapon --show; \
                       strace -f -c -e trace=inotify_add_watch go build -a .";

pub(super) fn measure(ground: &mut Ground<'_>) -> Result<Seen, Unmeasured> {
    let number = |path: &str| -> f64 {
        let text = fs::read_to_string(path).unwrap_or_default();
        text.trim().parse().unwrap_or(f64::NAN)
    };
    let mut seen = Seen::of(COMMAND);
    seen.number("swappiness", number("/proc/sys/vm/swappiness"));
    seen.number("max_user_watches", number("/proc/sys/fs/inotify/max_user_watches"));
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let swap = memory.lines().find_map(|it| it.strip_prefix("SwapTotal:"));
    let swap = swap.and_then(|it| it.trim().strip_suffix("kB")?.trim().parse().ok());
    seen.number("swap_total_kb", swap.unwrap_or(0.0));
    let before = swapped();
    let over = AtomicBool::new(false);
    let out = ground.order.out.join("programs/watched");
    let _ = fs::remove_file(&out); // so that go links it anew
    let tool = ground.go_build(&out, &["-gcflags=-N"], &[]);
    let (built, used) = thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut used = false;
            while !over.load(Ordering::Acquire) {
                used |= uses_inotify();
                thread::sleep(Duration::from_millis(20));
            }
            used
        });
        let built = ground.run(&tool);
        over.store(true, Ordering::Release);
        (built, watcher.join().unwrap_or(false))
    });
    built?;
    seen.yes("inotify_used", used);
    let pages = swapped().saturating_sub(before);
    seen.number("swapped_pages", pages as f64);
    seen.yes("at_all", used || pages > 0);
    Ok(seen)
}

/// Pages that went to swap since the machine came up.
fn swapped() -> u64 {
    let text = fs::read_to_string("/proc/vmstat").unwrap_or_default();
    let line = text.lines().find_map(|it| it.strip_prefix("pswpout "));
    line.and_then(|it| it.trim().parse().ok()).unwrap_or(0)
}

/// True if a process of Go's tools watches files now.
fn uses_inotify() -> bool {
    let Ok(processes) = fs::read_dir("/proc") else { return false };
    processes.flatten().any(|process| {
        let path = process.path();
        let name = fs::read_to_string(path.join("comm")).unwrap_or_default();
        if !["go", "compile", "link", "asm", "cgo"].contains(&name.trim()) {
            return false;
        }
        let open = fs::read_dir(path.join("fd")).into_iter().flatten().flatten();
        open.filter_map(|it| fs::read_link(it.path()).ok())
            .any(|it| it.to_string_lossy().contains("inotify"))
    })
}
