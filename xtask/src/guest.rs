//! A Linux of our own in QEMU: file systems that this machine cannot mount without root.
//!
//! The kernel is Debian's package, unpacked and not installed; the initramfs holds busybox, the
//! modules and what the caller wants there. The processor is emulated, so its times say nothing of
//! a real machine: only what was measured in the same guest may be held against each other.

mod initramfs;
mod kernel;
#[cfg(test)]
mod tests;

use crate::shell;
use anyhow::{Context, Result, bail, ensure};
use initramfs::Initramfs;
use kernel::Kernel;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The modules that are loaded; what they need comes with them.
const MODULES: [&str; 6] = ["virtio_pci", "virtio_blk", "9p", "9pnet_virtio", "ext4", "overlay"];

/// Where the folder that is shared over 9P is mounted, and the file in it that a script writes.
pub(crate) const SHARE: &str = "/mnt/9p";

/// How the folder is mounted: as a drive of Windows is under WSL 2.
///
/// Source: microsoft/WSL src/linux/init/drvfs.cpp (2.7): cache=mmap, and msize for virtio.
const OPTIONS: &str = "trans=virtio,version=9p2000.L,cache=mmap,msize=262144,access=client";

/// What the kernel, and then the script, has said by the end.
const BEGIN: &str = "--- the script begins";
const END: &str = "--- the script ended with ";

/// A guest that can be started.
pub(crate) struct Guest {
    kernel: Kernel,
    busybox: PathBuf,
    files: Initramfs,
    /// Mebibytes.
    pub(crate) memory: u32,
}

impl Guest {
    /// Finds or fetches what a guest needs.
    ///
    /// Fails with what is to be installed.
    pub(crate) fn find() -> Result<Guest> {
        let qemu = "qemu-system-x86_64";
        ensure!(shell::find(qemu).is_some(), "there is no {qemu}: `cargo xtask setup` installs it");
        let busybox = shell::find("busybox").context("there is no busybox: `cargo xtask setup`")?;
        ensure!(
            is_static(&busybox)?,
            "{} is not static: install busybox-static",
            busybox.display()
        );
        let kernel = Kernel::find(&shell::root().join("target/guest"))?;
        Ok(Guest { kernel, busybox, files: Initramfs::default(), memory: 1024 })
    }

    /// Puts a program and the libraries that it is linked with into the guest.
    pub(crate) fn add_program(&mut self, program: &Path, to: &str) -> Result<()> {
        // The kernel unpacks it at each start: without what only debuggers read.
        let slim = tempfile::NamedTempFile::new()?;
        let mut strip = Command::new("strip");
        strip.arg("-o").arg(slim.path()).arg(program);
        let stripped = shell::asks(&mut strip).map(|_| slim.path());
        self.files.file(to, &read(stripped.unwrap_or(program))?, 0o755);
        let libraries = shell::asks(Command::new("ldd").arg(program)).unwrap_or_default();
        for word in libraries.split_whitespace().filter(|it| it.starts_with('/')) {
            self.files.file(word, &read(Path::new(word))?, 0o755);
        }
        Ok(())
    }

    /// Starts the guest, runs a script of its shell, and gives what that printed.
    ///
    /// `share` is [`SHARE`] there; `disks` are /dev/vda, /dev/vdb…
    ///
    /// Fails if the script does, or takes longer than the limit.
    pub(crate) fn run(
        &self,
        script: &str,
        share: &Path,
        disks: &[&Path],
        limit: Duration,
    ) -> Result<String> {
        let folder = tempfile::tempdir()?;
        let initrd = folder.path().join("initrd");
        fs::write(&initrd, self.initramfs(script)?)?;
        let console = folder.path().join("console");
        let mut qemu = Command::new("qemu-system-x86_64");
        qemu.args(["-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m"]);
        qemu.arg(self.memory.to_string()).args(["-nographic", "-no-reboot", "-nic", "none"]);
        qemu.arg("-kernel").arg(&self.kernel.image).arg("-initrd").arg(&initrd);
        qemu.args(["-append", "console=ttyS0 quiet panic=-1 mitigations=off"]);
        let share = share.display();
        qemu.args(["-virtfs", &format!("local,path={share},mount_tag=share,security_model=none")]);
        for disk in disks {
            let disk = disk.display();
            qemu.args(["-drive", &format!("file={disk},if=virtio,format=raw,cache=unsafe")]);
        }
        qemu.stdin(Stdio::null()).stdout(fs::File::create(&console)?).stderr(Stdio::inherit());
        wait(&mut qemu, limit).with_context(|| said(&console))?;
        let text = said(&console);
        let (_, text) = text.split_once(BEGIN).with_context(|| format!("no start: {text}"))?;
        let (text, status) = text.split_once(END).with_context(|| format!("no end: {text}"))?;
        ensure!(status.trim_start().starts_with('0'), "the script failed: {text}");
        Ok(text.trim().to_owned())
    }

    /// The first file system of the guest, with its first program.
    fn initramfs(&self, script: &str) -> Result<Vec<u8>> {
        let mut files = self.files.clone();
        files.file("/bin/busybox", &read(&self.busybox)?, 0o755);
        let mut loads = String::new();
        for module in self.kernel.with_what_they_need(&MODULES)? {
            let name = module.file_name().context("a module without a name")?.to_string_lossy();
            files.file(&format!("/modules/{name}"), &read(&module)?, 0o644);
            loads.push_str(&format!("insmod /modules/{name}\n"));
        }
        for folder in ["/proc", "/sys", "/dev", "/tmp", SHARE] {
            files.folder(folder);
        }
        files.file("/script", script.as_bytes(), 0o644);
        let init = format!(
            "#!/bin/busybox sh\n/bin/busybox --install -s /bin\nexport PATH=/bin HOME=/tmp\n\
             mount -t proc proc /proc\nmount -t sysfs sys /sys\nmount -t devtmpfs dev /dev\n\
             mount -t tmpfs tmp /tmp\n{loads}mount -t 9p -o {OPTIONS} share {SHARE}\n\
             echo '{BEGIN}'\nsh -e /script 2>&1\necho '{END}'$?\npoweroff -f\n"
        );
        files.file("/init", init.as_bytes(), 0o755);
        Ok(files.finish())
    }
}

/// An image of ext4, with these flags of mkfs.ext4 (`-d FOLDER` fills it); no root is needed.
pub(crate) fn ext4(image: &Path, flags: &[&str], mebibytes: u64) -> Result<()> {
    fs::File::create(image)?.set_len(mebibytes << 20)?;
    let mut make = Command::new("mkfs.ext4");
    make.args(["-q", "-F", "-O", "^has_journal"]).args(flags);
    // It is not in the PATH of everybody.
    let path = std::env::var("PATH").unwrap_or_default();
    make.arg(image).env("PATH", format!("{path}:/usr/sbin:/sbin"));
    let status = make.status().context("mkfs.ext4: install e2fsprogs")?;
    ensure!(status.success(), "mkfs.ext4: {status}");
    Ok(())
}

fn wait(command: &mut Command, limit: Duration) -> Result<()> {
    let began = Instant::now();
    let mut child = command.spawn()?;
    loop {
        if let Some(status) = child.try_wait()? {
            ensure!(status.success(), "the guest ended with {status}");
            return Ok(());
        }
        if began.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            bail!("the guest did not end within {limit:?}");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// What the guest wrote to its console, without what the firmware draws with.
fn said(console: &Path) -> String {
    String::from_utf8_lossy(&fs::read(console).unwrap_or_default()).replace('\r', "")
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| file.display().to_string())
}

fn is_static(program: &Path) -> Result<bool> {
    use object::elf::{FileHeader64, PT_INTERP};
    use object::read::elf::{FileHeader, ProgramHeader};
    let data = read(program)?;
    let header = FileHeader64::<object::Endianness>::parse(&*data)?;
    let endian = header.endian()?;
    let segments = header.program_headers(endian, &*data)?;
    Ok(!segments.iter().any(|segment| segment.p_type(endian) == PT_INTERP))
}
