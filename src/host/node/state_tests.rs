//! What is on record, as far as single files go.

use super::{read_engine, write_engine};
use crate::host::files::unfinished;
use crate::operation::Layout;
use crate::plan::values::{EngineKind, PlanName};
use crate::run::Failure;
use pretty_assertions::assert_eq;
use std::path::Path;

/// Whoever believed the wrong one would not find the containers of a run that was killed.
#[test]
fn an_engine_is_on_record_unless_it_is_podman_and_no_other_word_is_believed() {
    let folder = tempfile::tempdir().unwrap();
    let layout = Layout::new(folder.path(), &PlanName::parse("shop").unwrap());
    std::fs::create_dir_all(layout.state()).unwrap();
    let record = layout.engine();
    for (engine, there) in [(EngineKind::Docker, true), (EngineKind::Docker, true), (EngineKind::Podman, false)] {
        assert_eq!(write_engine(&layout, engine), Ok(()));
        assert_eq!((read_engine(&layout), record.exists()), (Ok(engine), there));
    }
    std::fs::write(&record, "dockes\n").unwrap();
    let what = format!("{} names no engine: write `docker` into it, or remove it for Podman", record.display());
    assert_eq!(read_engine(&layout), Err(Failure::new(what)));
}

#[test]
fn what_was_being_written_is_told_from_what_was() {
    let saved = Path::new("/var/lib/landfall/shop/saved.json");
    assert_eq!([saved.to_owned(), unfinished(saved)].map(|path| Layout::is_unfinished(&path)), [false, true]);
}
