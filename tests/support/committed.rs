//! Holds a text against the file that is committed. With `LANDFALL_BLESS=1` in the environment, the file is written first.
#![allow(clippy::disallowed_methods, reason = "it is a file, and written when asked to")]

use pretty_assertions::assert_eq;
use std::fs;
use std::path::Path;

/// `path` begins at the repository.
#[track_caller]
pub fn assert_committed(path: impl AsRef<Path>, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("LANDFALL_BLESS").is_some() {
        fs::write(&path, text).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let path = path.display();
    assert_eq!(
        text, committed,
        "{path}: after a change that is meant, run the tests with LANDFALL_BLESS=1, and read what changed"
    );
}
