//! Only what was reviewed is deployed: `--expect` and the hash that goes with it.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::plans::small;
use crate::support::{Ended, Output, PLAN, Vsn, document};

const MOTD: &str = "/srv/motd";

/// A plan with a pinned image and a config beside it.
fn pinned(vsn: &Vsn) -> Value {
    let mut plan = small();
    plan["services"]["web"]["image"]["id"] = json!(vsn.image_id("tiny-v1.docker.tar"));
    plan["services"]["web"]["configs"] = json!([{ "file": "motd", "target": "/etc/motd" }]);
    vsn.write(MOTD, "hello\n", 0o644);
    vsn.write_plan(&plan);
    plan
}

/// The hash of the plan on the disk, which `check`, the dry run and `diff` agree on.
fn hash(vsn: &Vsn) -> String {
    let check = document(&vsn.landfall(["check", PLAN, "--format", "json"]));
    let dry_run = document(&vsn.landfall(["deploy", PLAN, "--dry-run", "--format", "json"]));
    let diff = document(&vsn.landfall(["diff", PLAN, "--format", "json"]));
    let told = [&check["plans"][0]["hash"], &dry_run["hash"], &diff["hash"]["new"]];
    let told = told.map(|hash| hash.as_str().unwrap().to_owned());
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0], told[2]);
    for command in [vec!["check", PLAN], vec!["deploy", PLAN, "--dry-run"], vec!["diff", PLAN]] {
        let text = vsn.landfall(command.iter().copied()).stdout;
        assert!(text.contains(&told[0]), "{command:?}: {text}");
    }
    told[0].clone()
}

fn deploy_expecting(vsn: &Vsn, hash: &str) -> Output {
    vsn.landfall(["deploy", PLAN, "--expect", hash, "--format", "json"])
}

fn codes(output: &Output) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = document(output)["findings"].take();
    let errors = findings.as_array().unwrap().iter().filter(|finding| finding["severity"] == "error");
    errors.map(|finding| (text(&finding["code"]), text(&finding["message"]))).collect()
}

#[test]
fn the_plan_that_was_reviewed_is_deployed_and_one_that_was_tampered_with_changes_nothing() {
    let vsn = Vsn::start();
    let plan = pinned(&vsn);
    let reviewed = hash(&vsn);
    let ended = |output: &Output| (Ended::of(output).status, Ended::of(output).outcome);
    assert_eq!(ended(&deploy_expecting(&vsn, &reviewed)), (Some(0), "deployed".to_owned()));
    let deployed = vsn.snapshot();
    let refused = |because: &str| {
        let now = hash(&vsn);
        let before = vsn.snapshot();
        let output = deploy_expecting(&vsn, &reviewed);
        assert_eq!(ended(&output), (Some(3), "refused".to_owned()), "{because}");
        let message = format!("the hash is {now}, but {reviewed} is expected");
        assert_eq!(codes(&output), [("LF196".to_owned(), message)], "{because}");
        assert_eq!(vsn.snapshot(), before, "{because}");
        let dry = vsn.landfall(["deploy", PLAN, "--dry-run", "--expect", &reviewed, "--format", "json"]);
        assert_eq!((dry.status, codes(&dry).len()), (Some(3), 1), "{because}");
    };

    vsn.write(MOTD, "hullo\n", 0o644);
    refused("a config");
    vsn.write(MOTD, "hello\n", 0o644);
    let mut other = plan.clone();
    other["services"]["web"]["cap_add"] = json!(["SYS_ADMIN"]);
    vsn.write_plan(&other);
    refused("the plan");
    vsn.write_plan(&plan);
    let mut other = plan.clone();
    other["services"]["web"]["image"] =
        json!({ "archive": "images/tiny-v2.docker.tar", "id": vsn.image_id("tiny-v2.docker.tar") });
    vsn.write_plan(&other);
    refused("the image");

    assert_eq!(vsn.described_containers(), deployed.containers);
    vsn.write_plan(&plan);
    assert_eq!(ended(&deploy_expecting(&vsn, &reviewed)), (Some(0), "deployed".to_owned()));
    let usage = |hash: &str| vsn.landfall(["deploy", PLAN, "--expect", hash]).status;
    assert_eq!([usage(&reviewed[..16]), usage(&reviewed.to_uppercase())], [Some(2); 2]);
}

#[test]
fn the_hash_is_the_same_for_another_user_elsewhere_with_another_umask() {
    let vsn = Vsn::start();
    let mut plan = pinned(&vsn);
    plan["services"]["web"]["image"] = json!({ "build": "context", "id": "0".repeat(64) });
    vsn.write_plan(&plan);
    vsn.must([
        "sh",
        "-c",
        "mkdir -p /srv/context/bin && cd /srv/context && echo FROM scratch > Containerfile && \
        echo run > bin/run && chmod 755 bin/run && ln -s bin/run start",
    ]);
    let here = hash(&vsn);
    let copied = "umask 0007 && mkdir /srv/ci && cd /srv/ci && cp -r --no-preserve=mode,timestamps /srv/plan.json /srv/motd /srv/context . \
        && chmod u+x context/bin/run && chown -R 1000:1000 . && touch -d 2001-01-01 motd context/Containerfile";
    vsn.must(["sh", "-c", copied]);
    let program = env!("CARGO_BIN_EXE_landfall");
    let elsewhere = ["setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups", "env", "-i", program];
    let check = vsn.run(elsewhere.into_iter().chain(["check", "/srv/ci/plan.json", "--format", "json"]));
    assert_eq!(document(&check)["plans"][0]["hash"], here);
    vsn.must(["chmod", "u-x", "/srv/ci/context/bin/run"]);
    let check = vsn.run(elsewhere.into_iter().chain(["check", "/srv/ci/plan.json", "--format", "json"]));
    assert_ne!(document(&check)["plans"][0]["hash"], here);
}

#[test]
fn an_image_that_can_be_another_one_is_refused_although_the_hash_is_right() {
    let vsn = Vsn::start();
    let mut plan = pinned(&vsn);
    plan["services"]["web"]["image"] = json!({ "archive": "images/tiny-v1.docker.tar" });
    plan["services"]["built"] = json!({ "image": { "build": "context" } });
    plan["services"]["pulled"] = json!({ "image": "localhost:5000/shop/app:v1" });
    vsn.write("/srv/context/Containerfile", "FROM scratch\n", 0o644);
    vsn.write_plan(&plan);
    let before = vsn.snapshot();
    let output = deploy_expecting(&vsn, &hash(&vsn));
    let expected = [
        "what is built from `context` can be another image next time: what it starts from can move",
        "`localhost:5000/shop/app:v1` can be another image next time",
        "`images/tiny-v1.docker.tar` can hold another image next time",
    ];
    let mut told = codes(&output);
    told.sort();
    let open = |message: &str| format!("{message}: no digest, id or sha256 says which one");
    let mut expected = expected.map(|message| ("LF195".to_owned(), open(message)));
    expected.sort();
    assert_eq!((output.status, told), (Some(3), expected.into()));
    assert_eq!(vsn.snapshot(), before);
}
