//! The one file for whoever is asked for help: what is in it, and that no value of a secret is.

use base64::{Engine, engine::general_purpose::STANDARD};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::plans::{never_healthy, secrets, shop};
use crate::support::{Output, PLAN, SECRETS, Vsn, eventually};

/// A value with everything in it that an encoder changes.
const VALUE: &str = "p@ss \"w\\'\u{f6}/+?";

/// What a program may make of [`VALUE`] in its log.
fn said() -> Vec<String> {
    let base64 = |before: &str| STANDARD.encode(format!("{before}{VALUE}\n"));
    let hex: String = VALUE.bytes().map(|byte| format!("{byte:02x}")).collect();
    vec![
        VALUE.to_owned(),
        json!({ "password": VALUE }).to_string(),
        json!({ "log": json!({ "password": VALUE }).to_string() }).to_string(),
        "postgres://shop:p%40ss%20%22w%5C%27%C3%B6%2F%2B%3F@db".to_owned(),
        "password=p%40ss+%22w%5c%27%c3%b6%2f%2b%3f&x".to_owned(),
        base64(""),
        base64("x"),
        base64("xx"),
        hex.to_uppercase(),
        hex,
        "echo 'p@ss \"w\\'\\''\u{f6}/+?'".to_owned(),
        "echo p@ss\\ \\\"w\\\\\\'\u{f6}/+\\?".to_owned(),
    ]
}

/// What can't be in a support file: as it stands there, and what `said` says without the words around it.
fn forbidden() -> Vec<String> {
    let inside = [
        "p@ss \"w",
        "p@ss \\\"w",
        "p@ss \\\\\\\"w",
        "p%40ss%20%22w",
        "p%40ss+%22w",
        "cEBzcyAid1wnw7YvKz",
        "BAc3MgIndcJ8O2Lys/",
        "wQHNzICJ3XCfDti8rP",
        "704073732022775C27C3B62F2B3F",
        "704073732022775c27c3b62f2b3f",
        "p@ss\\ \\\"w",
        "w\\'\\''",
    ];
    inside.map(str::to_owned).into()
}

/// A plan whose service prints its secret in every way, and gets it as a file and inside an address.
fn telling(vsn: &Vsn) -> Value {
    vsn.write("/srv/said/lines", said().iter().map(|line| format!("{line}\n")).collect::<String>(), 0o644);
    let mut plan = shop();
    let db = &mut plan["services"]["db"];
    db["command"] = json!(["sh", "-c", "cat /said/lines; exec sleep 1000"]);
    db["volumes"].as_array_mut().unwrap().push(json!({ "source": "/srv/said", "target": "/said", "read_only": true }));
    let web = &mut plan["services"]["web"];
    web["environment"] = json!({
        "URL": { "template": "postgres://shop:{{url hidden}}@db/shop" }, "API_TOKEN": "written-into-the-plan", "MODE": "fast"
    });
    plan
}

fn values() -> Value {
    let mut values = secrets();
    values["hidden"] = json!(VALUE);
    values
}

/// Makes the file and unpacks it; what was said, and the folder.
fn unpacked(vsn: &Vsn, more: &[&str]) -> (Output, String) {
    vsn.must(["rm", "-rf", "/srv/out"]);
    let arguments = ["support", "shop", "--output", "/srv/out/support.tar.zst"];
    vsn.must(["mkdir", "-p", "/srv/out/all"]);
    let output = vsn.landfall(arguments.into_iter().chain(more.iter().copied()));
    if output.status == Some(0) {
        vsn.must(["sh", "-c", "zstd -dc /srv/out/support.tar.zst | tar -xf - -C /srv/out/all --strip-components 1"]);
    }
    (output, "/srv/out/all".to_owned())
}

fn files(vsn: &Vsn, folder: &str) -> Vec<String> {
    let found = vsn.must(["sh", "-c", &format!("cd {folder} && find . -type f | sort")]);
    found.lines().map(|line| line.trim_start_matches("./").to_owned()).collect()
}

fn text(vsn: &Vsn, path: &str) -> String {
    String::from_utf8(vsn.read(path).unwrap_or_else(|| panic!("{path} is missing"))).unwrap()
}

fn manifest(vsn: &Vsn, folder: &str) -> Value {
    serde_json::from_str(&text(vsn, &format!("{folder}/manifest.json"))).unwrap()
}

/// Why each thing is left out that is not left out always.
fn left_out(manifest: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = manifest["left_out"].as_array().unwrap().iter();
    let all = all.map(|left| (text(&left["what"]), text(&left["why"])));
    all.filter(|(what, why)| {
        // Where nothing is deployed, root may have no crontab at all.
        let none = what == "crontab" && why == "root has none";
        !none && !what.starts_with("firewall/") && !why.starts_with("they ") && !why.contains("nobody's business")
    })
    .collect()
}

#[track_caller]
fn assert_no_value(vsn: &Vsn, folder: &str) {
    for text in forbidden() {
        let found = vsn.run(["grep", "-rlF", "--", &text, folder]);
        assert_eq!((found.status, found.stdout.as_str()), (Some(1), ""), "{text}");
    }
}

#[test]
fn a_support_file_has_all_there_is_to_know_and_no_value_of_a_secret() {
    let vsn = &Vsn::start();
    vsn.run_with_input(["crontab", "-"], "MAILTO=boss@example.org\n0 1 * * * backup --password sesame\n");
    vsn.write_secrets(&values());
    vsn.must_deploy(&telling(vsn));
    eventually("the service has said it all", || vsn.landfall(["logs", "shop", "db"]).stdout.contains("\\?"));
    assert!(vsn.landfall(["logs", "shop", "db"]).stdout.contains(VALUE), "the service itself says it");

    let (output, folder) = unpacked(vsn, &[]);

    assert_eq!(output.status, Some(0), "{}", output.stderr);
    let run = vsn.runs("shop").pop().unwrap();
    let run = run.rsplit('/').next().unwrap();
    let mut expected = vec![
        "README.txt".to_owned(),
        "crontab".to_owned(),
        "engine.json".to_owned(),
        "history.json".to_owned(),
        "manifest.json".to_owned(),
        "logs/shop-db.log".to_owned(),
        "logs/shop-migrate.log".to_owned(),
        "logs/shop-web.log".to_owned(),
        "plan/saved-plan.json".to_owned(),
        "plan/saved.json".to_owned(),
        "server.json".to_owned(),
        "status.json".to_owned(),
    ];
    expected.extend(["journal", "log", "program.json"].map(|file| format!("runs/{run}/{file}")));
    expected.sort();
    let there: Vec<_> = files(vsn, &folder).into_iter().filter(|file| !file.starts_with("firewall/")).collect();
    assert_eq!(there, expected);
    assert_no_value(vsn, &folder);
    let log = text(vsn, &format!("{folder}/logs/shop-db.log"));
    assert_eq!(log.matches("[redacted]").count(), said().len(), "{log}");
    let mode = vsn.must(["stat", "-c", "%a %U:%G", "/srv/out/support.tar.zst"]);
    assert_eq!(mode, "600 root:root\n");
    let crontab = text(vsn, &format!("{folder}/crontab"));
    assert!(crontab.starts_with("# BEGIN landfall shop\n@reboot "), "{crontab}");
    assert!(!crontab.contains("sesame"), "{crontab}");
    let manifest = manifest(vsn, &folder);
    assert_eq!(
        manifest["secrets"],
        json!({ "looked_for": ["hidden", "password"], "not_looked_for": [], "unknown": null })
    );
    assert_eq!(left_out(&manifest), []);
    let plan = text(vsn, &format!("{folder}/plan/saved-plan.json"));
    assert!(plan.contains(r#""API_TOKEN": "[redacted]""#) && plan.contains(r#""MODE": "fast""#), "{plan}");
    let status: Value = serde_json::from_str(&text(vsn, &format!("{folder}/status.json"))).unwrap();
    assert_eq!((&status["name"], &status["state"]), (&json!("shop"), &json!("deployed")));
    let server: Value = serde_json::from_str(&text(vsn, &format!("{folder}/server.json"))).unwrap();
    assert_eq!(server["hostname"], "vsn");
    let engine: Value = serde_json::from_str(&text(vsn, &format!("{folder}/engine.json"))).unwrap();
    assert_eq!((&engine["engine"], engine["containers"].as_array().unwrap().len()), (&json!(vsn.engine()), 3));
}

#[test]
fn what_exists_is_never_replaced_and_standard_output_is_a_file_too() {
    let vsn = &Vsn::start();
    vsn.write_secrets(&secrets());
    vsn.must_deploy(&shop());
    vsn.write("/srv/mine", "mine", 0o644);
    let told = "`/srv/mine` exists, and nothing is ever replaced: name another file\n".to_owned();
    let refused = Output { status: Some(3), stdout: String::new(), stderr: told };
    assert_eq!(vsn.landfall(["support", "shop", "--output", "/srv/mine"]), refused);
    assert_eq!(text(vsn, "/srv/mine"), "mine");
    let no_plan = "there is no plan called yard here: `landfall status` lists those that there are\n".to_owned();
    let refused = Output { status: Some(3), stdout: String::new(), stderr: no_plan };
    assert_eq!(vsn.landfall(["support", "yard", "--output", "/srv/yard"]), refused);
    assert_eq!(vsn.landfall(["support", "shop", "--output", "/srv/nowhere/x"]).status, Some(1));

    let landfall = env!("CARGO_BIN_EXE_landfall");
    let listed = vsn.must(["sh", "-c", &format!("{landfall} support shop --output - | zstd -dc | tar -tf -")]);

    assert!(listed.lines().all(|line| line.starts_with("landfall-support-shop-")), "{listed}");
    assert!(listed.contains("/manifest.json\n"), "{listed}");
    assert_eq!(vsn.must(["find", "/srv", "/var/tmp", "-name", ".landfall-new-*"]), "");
}

const NOT_HERE: &str = "the values of these secrets could stand in it: hidden, password";

/// Where the values are not on the server any more, what could hold them is left out, until somebody says what they are.
#[test]
fn after_a_deployment_that_failed_and_after_a_teardown_logs_are_in_it_only_with_the_secrets_file() {
    let vsn = &Vsn::start();
    vsn.write_secrets(&values());
    vsn.must_deploy(&telling(vsn));
    vsn.write_plan(&never_healthy(telling(vsn)));
    assert_eq!(vsn.deploy().status, Some(4));

    let (output, folder) = unpacked(vsn, &[]);

    assert_eq!(output.status, Some(0), "{}", output.stderr);
    let told = "the secret hidden is not looked for: its value is not on this server: `--secrets FILE` gives it\n\
        the secret password is not looked for: its value is not on this server: `--secrets FILE` gives it\n\
        what could hold such a value is left out\n";
    assert!(output.stderr.starts_with(told), "{}", output.stderr);
    let manifest_without = manifest(vsn, &folder);
    let runs: Vec<String> = vsn.runs("shop").iter().map(|run| run.rsplit('/').next().unwrap().to_owned()).collect();
    let last = runs.last().unwrap();
    let left: Vec<String> = left_out(&manifest_without)
        .into_iter()
        .map(|(what, why)| {
            assert_eq!(why, NOT_HERE, "{what}");
            what
        })
        .collect();
    let of_runs = runs.iter().flat_map(|run| ["journal", "log"].map(|file| format!("runs/{run}/{file}")));
    let kept = ["db", "migrate", "web"].map(|service| format!("runs/{last}/shop-{service}.log"));
    let expected: Vec<String> = ["history.json, why runs failed".to_owned()]
        .into_iter()
        .chain(of_runs)
        .chain(kept)
        .chain(
            ["status.json, what services and jobs said", "status.json, why the last run failed", "logs"]
                .map(str::to_owned),
        )
        .collect();
    assert_eq!(left, expected);
    assert_no_value(vsn, &folder);

    let (output, folder) = unpacked(vsn, &["--secrets", SECRETS]);

    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert_eq!(left_out(&manifest(vsn, &folder)), [("logs".to_owned(), "the plan has no containers".to_owned())]);
    let log = text(vsn, &format!("{folder}/runs/{last}/shop-db.log"));
    assert_eq!(log.matches("[redacted]").count(), said().len(), "{log}");
    let history = text(vsn, &format!("{folder}/history.json"));
    assert!(history.contains("is not healthy") || history.contains("404"), "{history}");
    assert_no_value(vsn, &folder);

    assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));
    let (output, folder) = unpacked(vsn, &["--secrets", SECRETS]);
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert_no_value(vsn, &folder);
    let status: Value = serde_json::from_str(&text(vsn, &format!("{folder}/status.json"))).unwrap();
    assert_eq!(status["state"], "containerless");
}

#[test]
fn an_engine_that_is_gone_and_a_run_that_was_killed_are_no_reason_to_have_no_support_file() {
    let vsn = &Vsn::start();
    vsn.write_secrets(&values());
    vsn.must_deploy(&telling(vsn));
    let (output, folder) = vsn.without_its_engine(|| unpacked(vsn, &[]));
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    let left = left_out(&manifest(vsn, &folder));
    let names: Vec<&str> = left.iter().map(|(what, _)| what.as_str()).collect();
    assert_eq!(names, ["engine.json", "status.json", "logs"]);
    assert!(left.iter().all(|(_, why)| why.contains(&format!("{} is not installed", vsn.engine()))), "{left:?}");
    assert_no_value(vsn, &folder);

    let mut waiting = never_healthy(telling(vsn));
    waiting["services"]["web"]["healthcheck"]["retries"] = json!(600);
    vsn.write_plan(&waiting);
    let run = vsn.start_landfall(["deploy", PLAN, "--secrets", SECRETS]);
    eventually("the new containers run", || {
        vsn.read("/var/lib/landfall/shop/saved.json").is_none()
            && vsn.running_containers().contains(&"shop-web".to_owned())
    });
    let (output, folder) = unpacked(vsn, &["--secrets", SECRETS]);
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert!(output.stderr.contains("a run is under way"), "{}", output.stderr);
    assert_no_value(vsn, &folder);
    run.signal("KILL");
    run.wait();
    let (output, folder) = unpacked(vsn, &["--secrets", SECRETS]);
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    let status: Value = serde_json::from_str(&text(vsn, &format!("{folder}/status.json"))).unwrap();
    assert_eq!(status["state"], "interrupted");
    let log = text(vsn, &format!("{folder}/logs/shop-db.log"));
    assert_eq!(log.matches("[redacted]").count(), said().len(), "{log}");
    assert_no_value(vsn, &folder);
}
