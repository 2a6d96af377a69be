//! Real files and folders, owned by whoever runs the tests; what needs root is skipped for others.

use super::*;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

mod directories;
mod single_files;
mod trusted;

/// A folder that only we can write. Its parent, the folder for temporary files, everyone may write, but it is sticky.
fn folder() -> (PathBuf, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (folder.path().canonicalize().unwrap(), folder)
}

fn owners() -> Vec<u32> {
    trusted_owners()
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o7777
}

fn write(path: &Path, mode: u32) {
    fs::write(path, "content").unwrap();
    chmod(path, mode);
}

fn mkfifo(path: &Path) {
    nix::unistd::mkfifo(path, nix::sys::stat::Mode::S_IRUSR).unwrap();
}

fn writable(path: &Path, who: Stranger) -> FileProblem {
    FileProblem::WritableByStrangers { path: path.to_path_buf(), who }
}
