//! What differs between a plan and what is deployed.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::plans::{second_version, secrets, shop, small};
use crate::support::{Output, PLAN, Vsn, document};

/// The exit code of `landfall diff`, and its document.
fn diff(vsn: &Vsn, arguments: &[&str]) -> (Option<i32>, Value) {
    let output = vsn.landfall(["diff", PLAN, "--format", "json"].into_iter().chain(arguments.iter().copied()));
    assert!(!output.stdout.is_empty(), "{output:?}");
    (output.status, document(&output))
}

/// Each service and what becomes of it.
fn fates(document: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let services = document["services"].as_array().unwrap();
    services.iter().map(|service| (text(&service["name"]), text(&service["fate"]))).collect()
}

/// Every change of a document: the pointer, whether it is about content, old and new.
fn changes(document: &Value) -> Vec<Value> {
    let outside = document["changes"].as_array().unwrap();
    let inside =
        document["services"].as_array().unwrap().iter().flat_map(|service| service["changes"].as_array().unwrap());
    outside
        .iter()
        .chain(inside)
        .map(|change| json!([change["pointer"], change["content"], change["old"], change["new"]]))
        .collect()
}

fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
    pairs.map(|(one, other)| (one.to_owned(), other.to_owned())).into()
}

#[test]
fn a_plan_is_compared_with_nothing_with_itself_and_with_its_next_version() {
    let vsn = Vsn::start();
    vsn.write_secrets(&secrets());
    vsn.write_plan(&shop());
    let before = vsn.snapshot();
    let (status, new) = diff(&vsn, &[]);
    assert_eq!((status, &new["against"]), (Some(9), &Value::Null));
    assert_eq!(fates(&new), pairs([("db", "new"), ("migrate", "new"), ("web", "new")]));
    assert_eq!(new["directories"], json!({ "new": ["/srv/shop/db"], "unused": [] }));
    assert_eq!(vsn.snapshot(), before, "it only reads");

    vsn.must_deploy(&shop());

    let (status, same) = diff(&vsn, &[]);
    assert_eq!((status, changes(&same)), (Some(0), Vec::new()));
    assert_eq!(fates(&same), pairs([("db", "as_it_was"), ("migrate", "as_it_was"), ("web", "as_it_was")]));
    assert_eq!(same["hash"]["old"], same["hash"]["new"]);
    assert_eq!(same["services"][0]["config"]["old"], vsn.inspect("shop-db")["Config"]["Labels"]["landfall.config"]);

    let mut plan = second_version(&shop());
    plan["services"].as_object_mut().unwrap().remove("db");
    plan["services"].as_object_mut().unwrap().remove("migrate");
    plan["services"]["web"].as_object_mut().unwrap().remove("depends_on");
    plan["maintenance"] = json!({});
    plan["services"]["web"]["environment"] = json!({ "LEVEL": "debug" });
    vsn.write_plan(&plan);
    let before = vsn.snapshot();
    let (status, other) = diff(&vsn, &[]);
    assert_eq!(vsn.snapshot(), before, "it only reads");
    assert_eq!(status, Some(9));
    assert_eq!(fates(&other), pairs([("db", "gone"), ("migrate", "gone"), ("web", "changes")]));
    assert_eq!(other["directories"], json!({ "new": [], "unused": ["/srv/shop/db"] }));
    assert_eq!(other["crontab"]["old"], json!(["0 2 * * * /var/lib/landfall/shop/jobs/job-dump"]));
    let (v1, v2) = (vsn.image_id("tiny-v1.docker.tar"), vsn.image_id("tiny-v2.docker.tar"));
    let images = json!({ "old": v1, "new": v2, "same": false });
    assert_eq!(other["services"][2]["image"], images);
    let of_web: Vec<Value> = changes(&json!({ "changes": [], "services": [other["services"][2]] }));
    let archive = |version: &str| format!("images/tiny-{version}.docker.tar");
    let expected = [
        json!(["/services/web/depends_on/db", false, { "condition": "service_healthy" }, null]),
        json!([
            "/services/web/depends_on/migrate",
            false,
            { "condition": "service_completed_successfully", "timeout": "2m" },
            null
        ]),
        json!(["/services/web/environment/LEVEL", false, null, "debug"]),
        json!(["/services/web/image/archive", false, archive("v1"), archive("v2")]),
    ];
    assert_eq!(of_web, expected);
}

#[test]
fn another_image_under_the_same_name_and_another_content_of_a_config_are_differences() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["services"]["web"]["configs"] = json!([{ "file": "motd", "target": "/etc/motd" }]);
    vsn.write("/srv/motd", "hello\n", 0o644);
    vsn.must_deploy(&plan);
    assert_eq!(diff(&vsn, &[]).0, Some(0));

    vsn.write("/srv/motd", "goodbye\n", 0o644);

    let (status, changed) = diff(&vsn, &[]);
    let sha256 = |text: &str| vsn.run_with_input(["sha256sum"], text).stdout[..64].to_owned();
    let content = json!(["/services/web/configs/0/file", true, sha256("hello\n"), sha256("goodbye\n")]);
    assert_eq!((status, changes(&changed)), (Some(9), vec![content]));
    assert_ne!(changed["hash"]["old"], changed["hash"]["new"]);
    assert_eq!(changed["plan_sha256"]["old"], changed["plan_sha256"]["new"]);

    // Somebody wrote to the server's copy instead: the next deployment would take that back.
    vsn.write("/srv/motd", "hello\n", 0o644);
    let run = vsn.runs("shop").pop().unwrap();
    let copy = format!("/var/lib/landfall/shop/configs/{}/web-0", run.rsplit_once('/').unwrap().1);
    vsn.write(&copy, "hotfix\n", 0o644);
    let (status, changed) = diff(&vsn, &[]);
    let content = json!(["/services/web/configs/0/file", true, sha256("hotfix\n"), sha256("hello\n")]);
    assert_eq!((status, changes(&changed)), (Some(9), vec![content]));
    vsn.write(&copy, "hello\n", 0o644);
    assert_eq!(diff(&vsn, &[]).0, Some(0));

    // The same file name, and another image in it.
    let second = vsn.image("tiny", "tiny-v2.docker.tar");
    vsn.must(["mv", &second, "/srv/images/tiny-v1.docker.tar"]);
    let (status, changed) = diff(&vsn, &[]);
    assert_eq!((status, changes(&changed)), (Some(9), Vec::new()));
    assert_eq!(fates(&changed), pairs([("web", "changes")]));
    // The same image, in an archive of another form.
    let third = vsn.image("tiny", "tiny-v1.docker.tar");
    vsn.must(["gzip", "--keep", &third]);
    vsn.must(["mv", &format!("{third}.gz"), &third]);
    assert_eq!(diff(&vsn, &[]).0, Some(0));
}

#[test]
fn two_plan_files_are_compared_without_root_and_without_an_engine() {
    let vsn = Vsn::start();
    vsn.write_plan(&shop());
    let mut old = vsn.on_its_engine(&shop());
    old["services"]["web"]["restart"] = json!("on-failure");
    vsn.write("/srv/old/plan.json", old.to_string(), 0o644);
    vsn.must(["chmod", "0644", PLAN]);
    let program = env!("CARGO_BIN_EXE_landfall");
    let nobody =
        ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "env", "-i", program, "diff", PLAN];
    let run = |arguments: &[&str]| vsn.run(nobody.into_iter().chain(arguments.iter().copied()));
    let compared = run(&["--against", "/srv/old/plan.json", "--format", "json"]);
    assert_eq!(compared.status, Some(9), "{compared:?}");
    let said = document(&compared);
    assert_eq!(changes(&said), [json!(["/services/web/restart", false, "on-failure", "always"])]);
    assert_eq!(
        fates(&said),
        pairs([("db", "unknown"), ("migrate", "unknown"), ("web", "changes")]),
        "no archive there"
    );
    let statuses = |outputs: [Output; 3]| outputs.map(|output| output.status);
    let others = [run(&["--against", PLAN]), run(&[]), run(&["--against", "/srv/missing.json"])];
    assert_eq!(statuses(others), [Some(0), Some(3), Some(3)]);

    let markdown = run(&["--against", "/srv/old/plan.json", "--format", "markdown"]).stdout;
    assert!(
        markdown.starts_with("### `shop` compared with `/srv/old/plan.json`\n\nServices: 1 changed, 2 as before.\n"),
        "{markdown}"
    );
    assert!(markdown.contains("\n| `restart` | `\"on-failure\"` | `\"always\"` |\n"), "{markdown}");
    let human = run(&["--against", "/srv/old/plan.json"]).stdout;
    assert!(human.contains("\n  web  changes\n    restart  \"on-failure\" → \"always\"\n"), "{human}");
}
