//! Programs of tests, in the place of others.

use crate::host::command::Command;
use std::path::Path;

/// Writes a program of this text, by another process: one that this process has open for writing, if only in a fork of another test,
/// is "text file busy".
pub fn program(path: &Path, text: impl Into<Vec<u8>>) {
    let write = Command::new(Path::new("/bin/bash")).args(["-c", "cat >\"$0\"; chmod 755 \"$0\""]).arg(path);
    write.stdin_bytes(text).run().unwrap();
}
