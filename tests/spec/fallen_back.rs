//! What a deployment falls to that fails: which of the two states counts, what comes back with the plan before, and what is told of it.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::plans::{never_healthy, second_version, secrets, shop, small};
use crate::support::{Ended, Output, PLAN, SECRETS, Vsn, document};

fn going_back(mut plan: Value) -> Value {
    plan["on_failure"] = json!("previous");
    plan
}

fn version(vsn: &Vsn) -> String {
    vsn.run(["curl", "--silent", "http://localhost:8080/version"]).stdout
}

/// Deploys the plan on the disk with these options.
fn deploy(vsn: &Vsn, options: &[&str]) -> Output {
    vsn.landfall(["deploy", PLAN].iter().chain(options).copied())
}

fn saved(vsn: &Vsn) -> Value {
    serde_json::from_slice(&vsn.read("/var/lib/landfall/shop/saved.json").unwrap()).unwrap()
}

#[test]
fn a_hotfix_that_was_in_force_comes_back_with_the_plan_before() {
    let vsn = Vsn::start();
    vsn.write_secrets(&secrets());
    vsn.must_deploy(&shop());
    let image = vsn.image("tiny", "tiny-v2.docker.tar");
    let replaced = vsn.landfall(["replace", "shop", "web", "--image", &image]);
    assert_eq!(replaced.status, Some(0), "{replaced:?}");
    vsn.write_secrets(&json!({ "password": "rotated" }));
    let rotated = vsn.landfall(["replace", "shop", "db", "--secrets", SECRETS, "--restart-dependents"]);
    assert_eq!(rotated.status, Some(0), "{rotated:?}");
    let in_force = || {
        let status = document(&vsn.landfall(["status", "shop", "--format", "json"]));
        let hotfixes = status["plans"][0]["hotfixes"].clone();
        (version(&vsn), vsn.in_container("shop-db", "cat /run/secrets/db"), hotfixes, saved(&vsn)["hotfixes"].clone())
    };
    let before = in_force();
    assert_eq!((before.0.as_str(), before.1.as_str()), ("v2\n", "rotated"));
    assert_eq!(before.2["web"]["to"], json!(image));
    vsn.write_secrets(&json!({ "password": "never in force" }));
    vsn.write_plan(&going_back(never_healthy(shop())));

    let ended = vsn.deploy();

    assert_eq!(ended.word(), (Some(7), "restored"), "{ended:?}");
    assert_eq!(in_force(), before);
    assert_eq!(vsn.landfall(["recover"]), Output { status: Some(0), stdout: String::new(), stderr: String::new() });
    // As ever, the next deployment undoes it.
    vsn.must_deploy(&shop());
    assert_eq!((version(&vsn).as_str(), in_force().2), ("v1\n", Value::Null));
}

#[test]
fn what_the_command_line_says_of_a_failure_counts_before_the_plan_and_the_dry_run_tells_which() {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    let record = saved(&vsn);
    let second = |time: &Value| time.as_str().unwrap().split('.').next().unwrap().to_owned();
    let back = format!(
        "if this fails, the plan that is deployed now comes back (of {}Z, by root); until the new one counts as deployed, these images \
         are kept for it: {}\n",
        second(&record["deployed_at"]).trim_end_matches('Z'),
        record["services"]["web"]["tag"].as_str().unwrap()
    );
    let gone = "`--on-failure containerless` counts before the plan's `\"on_failure\": \"previous\"`: if this fails, no container of \
                shop is left\n";
    let usual = never_healthy(second_version(&small()));
    let foretold = |options: &[&str]| {
        let dry_run = deploy(&vsn, &[&["--dry-run", "--here"], options].concat());
        assert_eq!(dry_run.status, Some(0), "{dry_run:?}");
        dry_run.stderr
    };
    let (containerless, previous) = (["--on-failure", "containerless"], ["--on-failure", "previous"]);

    vsn.write_plan(&usual);
    assert_eq!([foretold(&[]), foretold(&containerless), foretold(&previous)], ["", "", &back]);
    let restored = deploy(&vsn, &[&previous[..], &["--format", "json"]].concat());
    assert_eq!(Ended::of(&restored).word(), (Some(7), "restored"), "{restored:?}");
    assert!(restored.stderr.starts_with(&back), "{}", restored.stderr);
    assert_eq!((version(&vsn).as_str(), saved(&vsn)["plan"].clone()), ("v1\n", record["plan"].clone()));

    vsn.write_plan(&going_back(usual));
    assert_eq!([foretold(&[]), foretold(&containerless), foretold(&previous)], [&back, gone, &back]);
    let fallen = deploy(&vsn, &[&containerless[..], &["--format", "json"]].concat());
    assert_eq!(Ended::of(&fallen).word(), (Some(4), "rolled_back"), "{fallen:?}");
    assert!(fallen.stderr.starts_with(gone), "{}", fallen.stderr);
    assert_eq!((vsn.containers(), vsn.states().1["shop"].as_str()), (Vec::<String>::new(), "failed"));
}

/// A service that is healthy only with the first format of its data, with mail, and a secret.
fn of_the_first_format() -> Value {
    let mut plan = small();
    plan["services"]["web"] = json!({
        "image": { "archive": "images/tiny-v1.docker.tar" },
        "volumes": [{ "source": "/srv/shop/web", "target": "/data" }],
        "secrets": [{ "secret": "password", "target": "/run/secrets/web" }],
        "healthcheck": { "exec": ["test", "-e", "/data/format-1"], "interval": "500ms", "timeout": "5s", "retries": 2 },
        "stop_grace_period": "0s",
    });
    plan["maintenance"]["mail"] = json!({
        "to": ["ops@example.org"],
        "from": "vsn@example.org",
        "smtp": { "host": "localhost", "port": 25, "tls": "none" },
    });
    plan
}

/// A later version of it that does this when it starts, and never becomes healthy.
fn that_starts_with(command: &str) -> Value {
    let mut plan = going_back(of_the_first_format());
    plan["services"]["web"]["image"] = json!({ "archive": "images/tiny-v2.docker.tar" });
    plan["services"]["web"]["command"] = json!(["sh", "-c", format!("{command}; exec sleep 1000")]);
    plan["services"]["web"]["healthcheck"]["exec"] = json!(["test", "-e", "/data/format-3"]);
    plan
}

/// A mail from its subject on, without the name of the run.
fn from_the_subject(vsn: &Vsn, text: &str) -> String {
    let run = vsn.runs("shop").pop().unwrap();
    let text = text.replace(&run, "<run>");
    text[text.find("Subject: ").unwrap()..].to_owned()
}

#[test]
fn where_the_way_back_fails_too_no_container_is_left_and_each_end_is_mailed_with_its_causes() {
    let vsn = Vsn::start();
    vsn.write_secrets(&secrets());
    vsn.write("/srv/shop/web/format-1", "rows\n", 0o644);
    let before = vsn.crontab();
    let sink = vsn.mail_sink();
    vsn.must_deploy(&of_the_first_format());
    vsn.write_plan(&that_starts_with("true"));
    let restored = vsn.deploy();
    assert_eq!(restored.word(), (Some(7), "restored"), "{restored:?}");
    let state = "Data is not rolled back with the containers.";
    let told = mail("failed, and the previous plan is running again", UNHEALTHY, state);
    assert_eq!(from_the_subject(&vsn, &sink.mails()[0].text), told);

    // The next one changes the data so that the version before can't do anything with it.
    vsn.write_plan(&that_starts_with("mv /data/format-1 /data/format-2"));
    let failed = vsn.deploy();

    assert_eq!(failed.word(), (Some(4), "rolled_back"), "{failed:?}");
    assert_eq!(failed.cause, Some(both_causes()));
    let told = mail("was rolled back", &both_causes(), "None of its containers is left, and its data is untouched.");
    assert_eq!(from_the_subject(&vsn, &sink.mails()[1].text), told);
    assert_eq!(sink.mails().len(), 2);
    // What the new version made of the data is there, and nothing was done to it.
    assert_eq!(vsn.read("/srv/shop/web/format-2").unwrap(), b"rows\n");
    let names: Vec<_> = vsn.manifest("/srv/shop/web").into_iter().map(|entry| entry.path).collect();
    assert_eq!(names, ["", "format-2"]);
    let ours = vsn.images().into_iter().filter(|image| image.starts_with("localhost/landfall/"));
    let left = [vsn.containers(), vsn.networks(), vsn.secrets(), ours.collect()].concat();
    assert_eq!((left, vsn.crontab()), (Vec::<String>::new(), before));
    assert_eq!(vsn.states(), (Some(8), [("shop".to_owned(), "failed".to_owned())].into()));
    assert_eq!(vsn.landfall(["recover"]), Output { status: Some(0), stdout: String::new(), stderr: String::new() });
}

/// A mail's header below its subject.
const HEADER: &str = "Auto-Submitted: auto-generated\nMIME-Version: 1.0\nContent-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit";

const WHERE_TO_LOOK: &str = "The log, and the output of what was removed if something was, are in\n<run>\n\nTo see the state: landfall status shop\n";

const UNHEALTHY: &str =
    "could not wait until web is healthy, at most 11s: not within 11s: its check ended with exit status 1";

fn both_causes() -> String {
    format!("{UNHEALTHY}; and the previous plan could not be deployed again: {UNHEALTHY}")
}

fn mail(became: &str, cause: &str, state: &str) -> String {
    format!(
        "Subject: shop on vsn: the deployment {became}\n{HEADER}\n\nThe plan shop on vsn: the deployment {became}.\n\n{cause}\n\n{state}\n\n\
         {WHERE_TO_LOOK}"
    )
}
