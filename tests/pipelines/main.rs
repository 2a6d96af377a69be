//! The pipelines in `docs/ci`: every command of them is run, word for word, in a repository with a change of a plan. What is
//! not here of a hosting service is what it does itself: it checks out, keeps artefacts, shows reports.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on must fail, and a test acts on the system"
)]

mod commands;
mod service;
#[path = "../support/mod.rs"]
mod support;

use commands::{Step, github, gitlab, jenkins, text, yaml};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use service::{BEFORE, Checkout, Comments, PLAN, Request};
use std::path::Path;
use std::process::{Command, Output};
use support::{Ended, Vsn, script};

fn after() -> String {
    BEFORE.replace("64MiB", "128MiB")
}

#[track_caller]
fn succeeded(step: &Step, output: &Output) {
    assert!(output.status.success(), "{}: {output:?}", step.name);
}

/// The steps before the comment, which must succeed; then the comment, which goes to `address`.
fn run(checkout: &Checkout, steps: &[Step], service: &dyn Fn(&str) -> Vec<(String, String)>) -> Request {
    let comments = Comments::taken();
    let service = service(&comments.address);
    let service: Vec<_> = service.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let [steps @ .., comment, _deployed] = steps else { panic!("too few steps") };
    for step in steps {
        succeeded(step, &checkout.run(step, &service));
    }
    succeeded(comment, &checkout.run(comment, &service));
    comments.request()
}

fn owned(variables: &[(&str, &str)]) -> Vec<(String, String)> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn of_github(address: &str) -> Vec<(String, String)> {
    owned(&[
        ("github.base_ref", "main"),
        ("github.token", "the-token"),
        ("github.event.number", "7"),
        ("GITHUB_API_URL", address),
        ("GITHUB_REPOSITORY", "operations/plans"),
    ])
}

fn of_gitlab(address: &str) -> Vec<(String, String)> {
    owned(&[
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
        ("CI_MERGE_REQUEST_IID", "7"),
        ("CI_PROJECT_ID", "3"),
        ("CI_API_V4_URL", address),
        ("COMMENT_TOKEN", "the-token"),
    ])
}

fn of_jenkins(address: &str) -> Vec<(String, String)> {
    owned(&[
        ("CHANGE_TARGET", "main"),
        ("CHANGE_ID", "7"),
        ("TOKEN", "the-token"),
        ("COMMENTS", &format!("{address}/issues")),
    ])
}

/// What the comment says of the change.
fn row() -> &'static str {
    "| `memory` | `\"64MiB\"` | `\"128MiB\"` |"
}

#[test]
fn on_github_a_change_is_checked_and_commented_on() {
    let checkout = Checkout::of_a_change(Some(BEFORE), &after());
    let request = run(&checkout, &github(), &of_github);
    assert_eq!(request.line, "POST /repos/operations/plans/issues/7/comments HTTP/1.1");
    assert_eq!(request.token, "Authorization: Bearer the-token");
    let body = serde_json::from_str::<Value>(&request.body).unwrap()["body"].take();
    assert_eq!(body, json!(checkout.artefact("diff.md")));
    assert!(body.as_str().unwrap().contains(row()), "{body}");
    let sarif: Value = serde_json::from_str(&checkout.artefact("landfall.sarif")).unwrap();
    assert_eq!((&sarif["version"], &sarif["runs"][0]["results"]), (&json!("2.1.0"), &json!([])));
    assert!(checkout.artefact("dry-run.txt").starts_with("plan shop\nhash "));
}

#[test]
fn on_gitlab_a_change_is_checked_and_commented_on() {
    let checkout = Checkout::of_a_change(Some(BEFORE), &after());
    let request = run(&checkout, &gitlab(), &of_gitlab);
    assert_eq!(request.line, "POST /projects/3/merge_requests/7/notes HTTP/1.1");
    assert_eq!(request.token, "PRIVATE-TOKEN: the-token");
    let (field, body) = request.body.split_once('=').unwrap();
    let body = percent_encoding::percent_decode_str(&body.replace('+', " ")).decode_utf8().unwrap().into_owned();
    assert_eq!((field, &body), ("body", &checkout.artefact("diff.md")));
    assert!(body.contains(row()), "{body}");
    assert!(checkout.artefact("check.xml").contains("failures=\"0\" errors=\"0\""));
    assert!(checkout.artefact("dry-run.txt").starts_with("plan shop\nhash "));
}

#[test]
fn on_jenkins_a_change_is_checked_and_commented_on() {
    let checkout = Checkout::of_a_change(Some(BEFORE), &after());
    let request = run(&checkout, &jenkins(), &of_jenkins);
    assert_eq!(request.line, "POST /issues/7/comments HTTP/1.1");
    assert_eq!(request.token, "Authorization: token the-token");
    let body = serde_json::from_str::<Value>(&request.body).unwrap()["body"].take();
    assert_eq!(body, json!(checkout.artefact("diff.md")));
    assert!(body.as_str().unwrap().contains(row()), "{body}");
    assert!(checkout.artefact("check.xml").contains("failures=\"0\" errors=\"0\""));
    // The workspace of an agent is used again: what the last build left in it must not be in the way.
    let service = of_jenkins("http://nobody");
    let service: Vec<_> = service.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let diff = jenkins().into_iter().find(|step| step.name == "Diff").unwrap();
    succeeded(&diff, &checkout.run(&diff, &service));
}

/// A service, its steps, its variables, which steps check, and what they leave.
type Pipeline = (&'static str, Vec<Step>, Vec<(String, String)>, &'static [&'static str]);

fn pipelines() -> [Pipeline; 3] {
    [
        ("github", github(), of_github("http://nobody"), &["Check, with annotations", "Check, for code scanning"]),
        ("gitlab", gitlab(), of_gitlab("http://nobody"), &["check"]),
        ("jenkins", jenkins(), of_jenkins("http://nobody"), &["Check"]),
    ]
}

#[test]
fn a_plan_with_a_mistake_fails_the_check_and_leaves_its_report() {
    let wrong = BEFORE.replace("64MiB", "64m");
    for (service, steps, variables, checks) in pipelines() {
        let checkout = Checkout::of_a_change(Some(BEFORE), &wrong);
        let variables: Vec<_> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let mut said = String::new();
        for step in steps.iter().filter(|step| checks.contains(&step.name.as_str())) {
            let output = checkout.run(step, &variables);
            assert_eq!(output.status.code(), Some(3), "{service}, {}: {output:?}", step.name);
            said.push_str(&String::from_utf8(output.stdout).unwrap());
        }
        let report = if service == "github" {
            assert!(said.contains(&format!("::error file={PLAN},line=10,")), "{said}");
            checkout.artefact("landfall.sarif")
        } else {
            checkout.artefact("check.xml")
        };
        assert!(report.contains("LF023"), "{service}: {report}");
        let dry_run = steps.iter().find(|step| step.name.to_lowercase().replace('-', " ") == "dry run").unwrap();
        assert_eq!(checkout.run(dry_run, &variables).status.code(), Some(3), "{service}");
    }
}

#[test]
fn a_plan_that_stays_and_a_plan_that_is_new_are_told_as_such() {
    for (before, expected) in [(Some(BEFORE), "The same."), (None, "is new.")] {
        for (service, steps, variables, _) in pipelines() {
            let checkout = Checkout::of_a_change(before, BEFORE);
            let variables: Vec<_> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let diff = steps.iter().find(|step| step.text.contains("worktree")).unwrap();
            succeeded(diff, &checkout.run(diff, &variables));
            let comment = checkout.artefact("diff.md");
            assert!(comment.contains(expected), "{service}: {comment}");
        }
    }
}

#[test]
fn what_differs_from_what_is_deployed_is_asked_on_the_vsn() {
    let vsn = Vsn::start();
    vsn.image("tiny", "tiny-v1.docker.tar");
    vsn.write("/srv/deployment/plan.json", BEFORE, 0o600);
    vsn.write("/srv/deployment/motd", "hello\n", 0o600);
    let deployed = vsn.landfall(["deploy", "/srv/deployment/plan.json", "--format", "json"]);
    assert_eq!(Ended::of(&deployed), Ended::deployed());
    for (service, steps, variables, _) in pipelines() {
        let checkout = Checkout::of_a_change(Some(BEFORE), &after());
        // Its shell reads what ssh is given after the name of the VSN, as ssh would have it.
        let ssh = format!(
            "#!/bin/sh\n[ \"$1\" = root@vsn7 ] || exit 255\nshift\nPATH={}:$PATH exec {} run {} bash -c \"$*\"\n",
            Path::new(env!("CARGO_BIN_EXE_landfall")).parent().unwrap().display(),
            script("vsn").display(),
            vsn.folder().display(),
        );
        checkout.program("ssh", &ssh);
        let mut variables: Vec<_> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        variables.extend([("VSN", "vsn7"), ("vars.VSN", "vsn7"), ("GITHUB_STEP_SUMMARY", "summary.md")]);
        let step = steps.last().unwrap();
        succeeded(step, &checkout.run(step, &variables));
        let told = checkout.artefact("deployed.md");
        assert!(told.contains(row()) && told.contains("`shop` compared with what is deployed"), "{service}: {told}");
        let left = vsn.must(["find", "/var/lib", "-maxdepth", "1", "-name", "tmp.*"]);
        assert_eq!(left, "", "{service} leaves the files of the change");
    }
}

#[test]
fn the_files_are_what_the_services_take() {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-tools/python/bin/check-jsonschema");
    let validator = std::env::var_os("CARGO_TARGET_DIR")
        .map_or(program, |folder| Path::new(&folder).join("test-tools/python/bin/check-jsonschema"));
    for (schema, file) in [("vendor.github-workflows", "github-workflow.yml"), ("vendor.gitlab-ci", "gitlab-ci.yml")] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci").join(file);
        let options =
            ["--no-cache", "--data-transform", if file == "gitlab-ci.yml" { "gitlab-ci" } else { "github-workflow" }];
        let options = if file == "gitlab-ci.yml" { &options[..] } else { &options[..1] };
        let output = Command::new(&validator).args(options).args(["--builtin-schema", schema]).arg(&path).output();
        let output =
            output.unwrap_or_else(|error| panic!("{}: {error}: run scripts/install-test-tools", validator.display()));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn the_readme_beside_them_names_each_file_and_each_artefact() {
    let readme = text("README.md");
    for named in
        ["github-workflow.yml", "gitlab-ci.yml", "Jenkinsfile", "diff.md", "dry-run.txt", "check.xml", "landfall.sarif"]
    {
        assert!(readme.contains(named), "{named}");
    }
    assert!(yaml(&text("gitlab-ci.yml"))["variables"]["PLAN"] == PLAN);
}
