//! Files that a plan names: what was judged is what is used.

use super::sources::{Sources, Trust};
use crate::host::files::trusted_owners;
use crate::plan::model::Plan;
use crate::plan::values::PlanPath;
use pretty_assertions::assert_eq;
use std::fs;
use std::path::Path;

fn plan() -> Plan {
    serde_json::from_str(
        r#"{ "version": 1, "name": "shop", "services": { "web": {
            "image": { "build": "context" }, "configs": [{ "file": "motd", "target": "/etc/motd" }]
        }, "db": { "image": { "archive": "db.tar" }, "configs": [{ "file": "missing", "target": "/etc/motd" }] } } }"#,
    )
    .unwrap()
}

fn path(text: &str) -> PlanPath {
    PlanPath::parse(text).unwrap()
}

fn write(folder: &Path) {
    fs::create_dir(folder.join("context")).unwrap();
    fs::create_dir(folder.join("copy")).unwrap();
    for name in ["context/Containerfile", "motd", "db.tar"] {
        fs::write(folder.join(name), "FROM scratch\n").unwrap();
    }
}

/// What is judged is what is deployed: between the two there is time, above all while other images are retrieved.
#[test]
fn what_changes_after_it_was_opened_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().canonicalize().unwrap();
    write(&folder);
    let (sources, _) = Sources::open(&plan(), &folder, Trust::Owners(trusted_owners()));
    for name in ["context/Containerfile", "motd"] {
        fs::write(folder.join(name), "FROM evil\n").unwrap();
    }
    assert_eq!(sources.config(&path("motd")).unwrap(), b"FROM scratch\n");
    let refused = sources.copy_context(&path("context"), &folder.join("copy")).unwrap_err();
    let expected = "the content of context has changed since it was checked: deploy again when nobody writes to it";
    assert_eq!(refused.message, expected);
    fs::remove_file(folder.join("copy/Containerfile")).unwrap();
    fs::write(folder.join("context/Containerfile"), "FROM scratch\n").unwrap();
    sources.copy_context(&path("context"), &folder.join("copy")).unwrap();
    assert_eq!(fs::read(folder.join("copy/Containerfile")).unwrap(), b"FROM scratch\n");
}

#[test]
fn the_contents_are_those_of_configs_and_contexts_and_say_what_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let (sources, facts) = Sources::open(&plan(), folder.path(), Trust::Anybody);
    let contents = sources.contents(&facts);
    let names: Vec<_> = contents.iter().map(|(path, content)| (path.as_str(), content.is_ok())).collect();
    assert_eq!(names, [("context", true), ("missing", false), ("motd", true)]);
    assert_eq!(contents[&path("missing")], Err("it is not there".to_owned()));
}
