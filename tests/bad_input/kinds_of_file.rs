//! Paths that lead to something else than a file that can be read.

use crate::{PLAN, landfall, told};
use pretty_assertions::assert_eq;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

/// What is said of this path as a plan, and as a secrets file.
fn told_of(folder: &Path, path: &str) -> [Vec<String>; 2] {
    std::fs::write(folder.join("right.json"), PLAN).unwrap();
    [&[path][..], &["right.json", "--secrets", path]].map(|arguments| {
        let answer = landfall(folder, &[&["check", "--format", "json"], arguments].concat(), b"");
        assert_eq!((answer.status, answer.stderr.as_str()), (Some(3), ""), "{arguments:?}");
        told(&answer)
    })
}

fn refused(folder: &Path, path: &str, message: &str) {
    let finding = format!("LF126 `{path}` {message}");
    assert_eq!(told_of(folder, path), [(); 2].map(|()| vec![finding.clone()]));
}

#[test]
fn nothing_is_waited_for_and_nothing_endless_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    assert!(Command::new("mkfifo").arg(at.join("pipe.json")).status().unwrap().success());
    let _socket = UnixListener::bind(at.join("socket.json")).unwrap();
    refused(at, "pipe.json", "is a named pipe, not a regular file");
    refused(at, "socket.json", "is a socket, not a regular file");
    refused(at, "/dev/zero", "is a device, not a regular file");
    refused(at, "/dev/null", "is a device, not a regular file");
}

#[test]
fn a_folder_holds_plans_and_is_no_secrets_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    let [plans, secrets] = told_of(folder.path(), "empty");
    assert_eq!(plans, ["LF125 there is no plan in the folder `empty`"]);
    assert_eq!(secrets, ["LF126 `empty` is a folder, not a regular file"]);
}

#[test]
fn a_file_that_is_gone_or_leads_nowhere_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::os::unix::fs::symlink("gone.json", at.join("link.json")).unwrap();
    std::os::unix::fs::symlink("circle.json", at.join("circle.json")).unwrap();
    refused(at, "gone.json", "does not exist");
    refused(at, "link.json", "does not exist");
    refused(at, "right.json/below.json", "could not be opened: Not a directory");
    let loops = told_of(at, "circle.json").map(|told| told.iter().map(|told| told[..5].to_owned()).collect::<Vec<_>>());
    assert_eq!(loops, [["LF126"]; 2]);
}

#[test]
fn a_pipe_that_the_shell_hands_over_is_read() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("right.json"), PLAN).unwrap();
    let script = format!("{} check --format github <(cat right.json)", env!("CARGO_BIN_EXE_landfall"));
    let output = Command::new("bash").args(["-c", &script]).current_dir(folder.path()).output().unwrap();
    let answer = (output.status.code(), output.stdout, output.stderr);
    assert_eq!(answer, (Some(0), Vec::new(), Vec::new()));
}

#[test]
fn several_arguments_are_one_document_and_what_means_nothing_is_told_among_them() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str| std::fs::write(folder.path().join(name), PLAN).unwrap();
    for inside in ["plans", "plans/deeper", "nothing"] {
        std::fs::create_dir(folder.path().join(inside)).unwrap();
    }
    let plans = ["plans/b.json", "plans/a.json", "plans/deeper/c.json", "plans/odd[1].json"];
    let others =
        ["plans/secrets.json", "plans/a.secrets.json", "plans/.hidden.json", "plans/plan.v1.json", "plans/a.txt"];
    plans.iter().chain(&others).for_each(|name| write(name));

    let files = |arguments: &[&str]| {
        let answer = landfall(folder.path(), &[&["check", "--format", "json"], arguments].concat(), PLAN.as_bytes());
        let document: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
        let files = document["plans"].as_array().unwrap().iter().map(|plan| plan["file"].as_str().unwrap().to_owned());
        (answer.status, files.collect::<Vec<_>>().join(" "), told(&answer).join(" "))
    };
    let right = |files: &str| (Some(0), files.to_owned(), String::new());
    assert_eq!(files(&["plans"]), right("plans/a.json plans/b.json plans/odd[1].json"));
    assert_eq!(files(&["plans/*.json"]), right("plans/a.json plans/b.json plans/odd[1].json"));
    assert_eq!(files(&["plans/**/*.json"]), right("plans/a.json plans/b.json plans/deeper/c.json plans/odd[1].json"));
    assert_eq!(files(&["plans/odd[1].json"]), right("plans/odd[1].json"));
    assert_eq!(files(&["-", "plans/b.json", "plans/?.json"]), right("<stdin> plans/b.json plans/a.json"));
    assert_eq!(
        files(&["nothing", "none/*.json", "plans/b.json"]),
        (
            Some(3),
            "nothing none/*.json plans/b.json".to_owned(),
            "LF125 there is no plan in the folder `nothing` LF125 no plan matches `none/*.json`".to_owned()
        )
    );
}

#[test]
fn a_file_and_standard_input_are_read_alike() {
    let folder = tempfile::tempdir().unwrap();
    let broken = r#"{"version": 1, "#;
    std::fs::write(folder.path().join("broken.json"), broken).unwrap();
    std::fs::write(folder.path().join("right.json"), PLAN).unwrap();
    let told =
        [&["broken.json"][..], &["-"], &["right.json", "--secrets", "broken.json"], &["right.json", "--secrets", "-"]]
            .map(|arguments| {
                told(&landfall(folder.path(), &[&["check", "--format", "json"], arguments].concat(), broken.as_bytes()))
            });
    assert_eq!(told, [["LF001 the file ends inside an object: `}` is expected after this"]; 4]);
}

#[test]
fn standard_input_is_one_file_at_most() {
    let folder = tempfile::tempdir().unwrap();
    let answer = landfall(folder.path(), &["check", "-", "--secrets", "-"], PLAN.as_bytes());
    let told = "error: standard input can be one file only: name the others\n";
    assert_eq!((answer.status, answer.stdout.as_str(), answer.stderr.as_str()), (Some(2), "", told));
}
