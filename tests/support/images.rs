//! The archives that `scripts/test-images` builds, once for all tests.

use std::path::PathBuf;
use std::process::Command;

use super::vsn::script;

/// The archive `name` of the group `group` (`tiny` or `postgres`; `scripts/test-images` lists the names), built if it isn't there.
pub fn archive(group: &str, name: &str) -> PathBuf {
    let output = Command::new(script("test-images")).arg(group).output().unwrap();
    assert!(output.status.success(), "test-images {group}: {}", String::from_utf8_lossy(&output.stderr));
    let archive = PathBuf::from(String::from_utf8(output.stdout).unwrap().trim()).join(name);
    assert!(archive.exists(), "{group} has no archive {name}");
    archive
}
