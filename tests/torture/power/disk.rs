//! A disk that loses its power: what Landfall must find again lies on an ext4 file system of its own, of which nothing is on the disk
//! but what somebody has waited for.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;

use crate::support::Vsn;

/// The folders on it: the state, root's crontab, and root's SSH keys.
const FOLDERS: [&str; 3] = ["/var/lib/landfall", "/var/spool/cron/crontabs", "/root/.ssh"];

/// Nothing gets to the disk by accident: neither because ten minutes have passed, nor because ext4 guesses that a file which takes
/// another one's place should be on the disk first.
const OPTIONS: &str = "loop,commit=600,noauto_da_alloc";

/// Where the VSN mounts it.
const AT: &str = "/run/disk";

/// The disk, as it is in use or after a power cut.
pub struct Disk {
    folder: PathBuf,
    /// How often the power was cut: each time it goes on with a copy.
    cuts: usize,
}

impl Disk {
    /// Moves the folders of the VSN to a disk of their own, where they are as they were.
    pub fn below(vsn: &Vsn) -> Self {
        let folder = vsn.shared_folder("power");
        let disk = Self { folder, cuts: 0 };
        let image = disk.image();
        File::create(&image).unwrap().set_len(256 << 20).unwrap();
        let make = Command::new("mkfs.ext4").args(["-q", "-F", "-J", "size=8"]).arg(&image).output().unwrap();
        assert!(make.status.success(), "{make:?}");
        disk.mount(vsn);
        for (at, folder) in FOLDERS.iter().enumerate() {
            vsn.must(["cp", "--archive", folder, &format!("{AT}/{at}")]);
        }
        vsn.must(["sync", "--file-system", AT]);
        bind(vsn);
        for folder in FOLDERS {
            vsn.has_mounted(folder);
        }
        disk
    }

    fn image(&self) -> PathBuf {
        self.folder.join(format!("disk-{}", self.cuts))
    }

    fn mount(&self, vsn: &Vsn) {
        // The VSN knows only the loop devices that there were when it started.
        let devices = "for number in {0..63}; do [ -e /dev/loop$number ] || mknod /dev/loop$number b 7 $number; done";
        vsn.must(["bash", "-c", devices]);
        vsn.must(["mkdir", "--parents", AT]);
        vsn.must(["mount", "-o", OPTIONS, self.image().to_str().unwrap(), AT]);
    }

    /// Cuts the power of the VSN, and starts it again with what was on this disk at that moment.
    pub fn cut(&mut self, vsn: &Vsn) {
        // Whoever has something open keeps a file system from being unmounted, which would write all of it.
        let open = File::open(vsn.as_it_sees(AT)).unwrap();
        vsn.reboot();
        let before = self.image();
        self.cuts += 1;
        let after = self.image();
        let copied = Command::new("cp").arg("--sparse=always").args([&before, &after]).status().unwrap();
        assert!(copied.success());
        drop(open);
        fs::remove_file(before).unwrap();
        let checked = Command::new("e2fsck").args(["-f", "-y"]).arg(&after).output().unwrap();
        // 1: it has repaired something.
        assert!(matches!(checked.status.code(), Some(0 | 1)), "{checked:?}");
        self.mount(vsn);
        bind(vsn);
    }
}

fn bind(vsn: &Vsn) {
    for (at, folder) in FOLDERS.iter().enumerate() {
        vsn.must(["mount", "--bind", &format!("{AT}/{at}"), folder]);
    }
}
