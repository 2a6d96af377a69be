//! `landfall rollback`: an accepted plan of the history is deployed again.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::plans::{never_healthy, secrets, shop, small};
use crate::support::{Ended, Output, PLAN, SECRETS, Vsn, document, eventually};

/// The plan with every service made from this version of the image.
fn version(plan: &Value, version: &str) -> Value {
    let mut plan = plan.clone();
    for service in plan["services"].as_object_mut().unwrap().values_mut() {
        let archive = format!("images/tiny-{version}.docker.tar");
        service["image"] = json!({ "archive": archive, "reference": format!("localhost/tiny:{version}") });
    }
    plan
}

fn history(vsn: &Vsn) -> Value {
    document(&vsn.landfall(["history", "shop", "--format", "json"]))["runs"].take()
}

/// The names of all runs, oldest first.
fn runs(vsn: &Vsn) -> Vec<String> {
    history(vsn).as_array().unwrap().iter().map(|run| run["run"].as_str().unwrap().to_owned()).collect()
}

fn seen(vsn: &Vsn) -> String {
    vsn.run(["curl", "--silent", "http://localhost:8080/version"]).stdout
}

/// The exit status, and what is said without that nothing was changed.
fn refused(output: &Output) -> (Option<i32>, String) {
    assert_eq!(output.stdout, "");
    (output.status, output.stderr.strip_suffix("\nnothing was changed\n").unwrap_or(&output.stderr).to_owned())
}

/// The exit status, and the first error.
fn error(output: &Output) -> (Option<i32>, &str) {
    (output.status, output.stderr.lines().find(|line| line.starts_with("error")).unwrap_or_default())
}

/// What the output has about what is going to be done, in its order: without the run, who and when.
fn foretold(output: &Output) -> Vec<String> {
    let starts = ["an image", "the image", "the secrets file", "data is not"];
    let lines = output.stderr.lines().filter(|line| starts.iter().any(|start| line.starts_with(start)));
    lines.map(str::to_owned).collect()
}

/// The shop in two versions, one after the other: the first with a config beside the plan. Then the plan and its secrets are gone from the
/// disk, and there are other secrets.
fn two_versions() -> Vsn {
    let vsn = Vsn::start();
    vsn.write_secrets(&secrets());
    let mut first = version(&shop(), "v1");
    first["services"]["web"]["configs"] = json!([{ "file": "motd", "target": "/etc/motd" }]);
    vsn.write("/srv/motd", "first\n", 0o644);
    vsn.must_deploy(&first);
    vsn.must_deploy(&version(&shop(), "v2"));
    vsn.in_container("shop-db", "seq 1000 > /data/table");
    vsn.must(["rm", PLAN, SECRETS]);
    vsn.write(TODAY, json!({ "password": "of today" }).to_string(), 0o600);
    vsn
}

/// The secrets file of today.
const TODAY: &str = "/srv/today.json";

/// What is foretold of a way back to a version of the shop.
fn foretold_of(vsn: &Vsn, version: &str, data: &str) -> [String; 3] {
    let id = vsn.image_id(&format!("tiny-{version}.docker.tar"));
    [
        format!(
            "an image is to be retrieved again, and to be {}: load images/tiny-{version}.docker.tar for db, migrate, web",
            &id[..12]
        ),
        "the secrets file of today is to have `password`: the history has no secrets".to_owned(),
        format!("data is not rolled back with the containers{data}"),
    ]
}

/// How the data of the shop is older than what runs on it.
const OLDER: &str = ": db goes back from v2 to v1, migrate goes back from v2 to v1, web goes back from v2 to v1";

#[test]
fn a_dry_run_tells_what_differs_and_what_is_needed_and_missing_secrets_are_named() {
    let vsn = &two_versions();
    let lines = foretold_of(vsn, "v1", OLDER);
    let before = vsn.snapshot();

    let missing = "error[LF066]: the secret `password` is named, and no secrets file was given";
    assert_eq!(error(&vsn.landfall(["rollback", "shop"])), (Some(3), missing));
    let other = vsn.run_with_input(
        [env!("CARGO_BIN_EXE_landfall"), "rollback", "shop", "--secrets", "-"],
        r#"{ "name": "value" }"#,
    );
    assert_eq!(error(&other), (Some(3), "error[LF066]: the secret `password` has no value"));
    let dry = vsn.landfall(["rollback", "shop", "--dry-run", "--secrets", TODAY]);
    assert_eq!((dry.status, foretold(&dry).as_slice()), (Some(0), &lines[..]), "{dry:?}");
    let parts = dry.stdout.split("\n\n").map(|part| part.lines().next().unwrap_or_default().to_owned());
    let (first, parts): (Vec<_>, Vec<_>) = parts.enumerate().partition(|(number, _)| *number == 0);
    assert!(first[0].1.starts_with("shop, compared with what is deployed since 2"), "{dry:?}");
    let parts: Vec<_> = parts.into_iter().map(|(_, part)| part).collect();
    let expected = [
        "services",
        "A deployment removes every container of the plan and creates those of the new one, also of services that stay as they were.",
    ];
    assert_eq!(parts[..2], expected);
    let steps: Vec<_> = parts.iter().filter(|part| part.starts_with(char::is_numeric)).collect();
    let names =
        ["1. validate", "2. stop and drop", "3. create and start", "4. maintenance jobs", "5. check and finish"];
    assert_eq!(steps, names.each_ref());
    let dry = document(&vsn.landfall(["rollback", "shop", "--dry-run", "--format", "json"]));
    // Which images it gets is on record, so there is nothing that `--expect` would have to refuse.
    assert_eq!((&dry["unpinned"], &dry["rollback"]["difference"]["unpinned"]), (&json!([]), &json!([])));
    let expect = ["rollback", "shop", "--dry-run", "--expect", dry["hash"].as_str().unwrap()];
    assert_eq!(vsn.landfall(expect).status, Some(0));
    let rollback = &dry["rollback"];
    let told = ["to", "secrets"].map(|member| rollback[member].clone());
    assert_eq!(told, [json!(runs(vsn)[0]), json!(["password"])]);
    let image = &rollback["images"][0];
    assert_eq!((&image["services"], &image["here"]), (&json!(["db", "migrate", "web"]), &json!(false)));
    let fates = rollback["difference"]["services"].as_array().unwrap().iter();
    let fates: Vec<_> = fates.map(|service| (&service["fate"], &service["image"]["same"])).collect();
    assert_eq!(fates, [(&json!("changes"), &json!(false)); 3]);

    assert_eq!(vsn.snapshot(), before);
}

#[test]
fn the_plan_before_comes_back_with_the_secrets_of_today_and_the_data_as_it_is() {
    let vsn = &two_versions();
    let lines = foretold_of(vsn, "v1", OLDER);
    let (data, [first, second]) = (vsn.manifest("/srv/shop"), <[String; 2]>::try_from(runs(vsn)).unwrap());

    let output = vsn.landfall(["rollback", "shop", "--secrets", TODAY]);

    assert_eq!((output.status, output.stdout.as_str()), (Some(0), "shop is deployed: 3 services\n"), "{output:?}");
    let end = output.stderr.lines().last().unwrap();
    assert!(end.starts_with(&format!("the plan of run {first} is deployed again (of 2")), "{end}");
    assert!(end.ends_with("); data is not rolled back with the containers"), "{end}");
    assert!(output.stderr.lines().any(|line| line == "  web  changes"), "{output:?}");
    assert_eq!(foretold(&output), lines);
    assert_eq!((seen(vsn).as_str(), vsn.in_container("shop-web", "cat /etc/motd").as_str()), ("v1\n", "first\n"));
    let secret = vsn.in_container("shop-db", "cat /run/secrets/db");
    assert_eq!((vsn.manifest("/srv/shop"), secret.as_str()), (data, "of today"));
    let of = |run: &Value| ["kind", "result", "rollback_to", "kept"].map(|member| run[member].clone());
    let told: Vec<_> = history(vsn).as_array().unwrap().iter().map(of).collect();
    let by = |to: Value, kept: bool| [json!("deploy"), json!("deployed"), to, json!(kept)];
    assert_eq!(told, [by(Value::Null, true), by(Value::Null, true), by(json!(first), false)]);
    let table = vsn.landfall(["history", "shop"]).stdout;
    let row = format!("  {}  rollback to {first}  deployed", runs(vsn)[2]);
    assert!(table.lines().any(|line| line.starts_with(&row)), "{table}");
    let end = format!("`landfall rollback shop RUN` deploys again: {second}, {first}\n");
    assert!(table.ends_with(&end), "{table}");

    // And forth again, once it is torn down: there is nothing then whose version would be another one.
    assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));
    let (all, beginnings) = (runs(vsn), (1..=second.len()).map(|length| &second[..length]));
    let mut unique = beginnings.filter(|part| all.iter().filter(|run| run.starts_with(part)).count() == 1);
    let output = vsn.landfall(["rollback", "shop", unique.next().unwrap(), "--secrets", TODAY, "--format", "json"]);
    assert_eq!(Ended::of(&output), Ended::deployed());
    assert_eq!((foretold(&output).as_slice(), seen(vsn).as_str()), (&foretold_of(vsn, "v2", "")[..], "v2\n"));
}

#[test]
fn an_image_that_is_still_here_is_not_retrieved_and_a_config_that_has_changed_is_refused() {
    let vsn = &Vsn::start();
    let mut plan = small();
    plan["services"]["web"]["configs"] = json!([{ "file": "motd", "target": "/etc/motd" }]);
    vsn.write("/srv/motd", "first\n", 0o644);
    vsn.must_deploy(&plan);
    plan["services"]["web"]["configs"] = json!([]);
    vsn.must_deploy(&plan);
    let image = vsn.image_id("tiny-v1.docker.tar");
    vsn.must(["rm", "/srv/images/tiny-v1.docker.tar"]);
    vsn.write("/srv/motd", "second\n", 0o644);
    let before = vsn.snapshot();
    let changed = "error[LF198]: the content of `motd` is not what it was when the plan was accepted";
    assert_eq!(error(&vsn.landfall(["rollback", "shop"])), (Some(3), changed));
    assert_eq!(vsn.snapshot(), before);

    vsn.must(["mkdir", "/srv/before"]);
    vsn.write("/srv/before/motd", "first\n", 0o644);
    let output = vsn.landfall(["rollback", "shop", "--folder", "/srv/before"]);
    assert_eq!(output.status, Some(0), "{output:?}");
    let here = format!("the image {} of web is still here", &image[..12]);
    assert_eq!(foretold(&output), [here, "data is not rolled back with the containers".to_owned()]);
    assert_eq!(vsn.in_container("shop-web", "cat /etc/motd"), "first\n");
    // It is as any other deployment: the next one finds nothing strange.
    let same =
        vsn.landfall(["rollback", "shop", &runs(vsn)[0], "--folder", "/srv/before", "--dry-run", "--format", "json"]);
    assert_eq!(document(&same)["rollback"]["difference"]["same"], json!(true), "{same:?}");
}

#[test]
fn an_image_that_is_gone_or_another_one_now_is_told_before_anything_stops() {
    let vsn = &Vsn::start();
    vsn.must_deploy(&version(&small(), "v1"));
    vsn.must_deploy(&version(&small(), "v2"));
    vsn.must(["rm", "/srv/images/tiny-v1.docker.tar"]);
    let before = vsn.snapshot();
    let gone = "error[LF125]: there is no `images/tiny-v1.docker.tar`";
    assert_eq!(error(&vsn.landfall(["rollback", "shop"])), (Some(3), gone));
    assert_eq!(vsn.snapshot(), before);

    let mut plan = small();
    plan["history"] = json!({ "keep": 7 });
    vsn.must_deploy(&plan);
    let mut other = version(&small(), "v2");
    other["history"] = json!({ "keep": 8 });
    vsn.must_deploy(&other);
    vsn.must(["cp", "/srv/images/tiny-v2.docker.tar", "/srv/images/tiny-v1.docker.tar"]);
    let before = vsn.snapshot().without_runs("shop");
    let output = vsn.landfall(["rollback", "shop", "--format", "json"]);
    assert_eq!(Ended::of(&output).word(), (Some(3), "refused"), "{output:?}");
    assert_eq!(vsn.snapshot().without_runs("shop"), before);
}

/// Deployments of which one fails, and of which one accepted plan is kept beside what is deployed; their runs.
fn one_is_kept(vsn: &Vsn) -> Vec<String> {
    let mut plan = small();
    plan["history"] = json!({ "keep": 1 });
    for memory in ["61MiB", "62MiB", "63MiB"] {
        plan["services"]["web"]["memory"] = json!(memory);
        vsn.must_deploy(&plan);
    }
    vsn.write_plan(&never_healthy(plan.clone()));
    assert_eq!(vsn.deploy().word(), (Some(4), "rolled_back"));
    plan["services"]["web"]["memory"] = json!("64MiB");
    vsn.must_deploy(&plan);
    runs(vsn)
}

#[test]
fn what_is_no_accepted_plan_that_is_kept_is_refused_with_what_to_type_next() {
    let vsn = &Vsn::start();
    let unknown = "there is no plan called shop here: `landfall status` lists those that there are";
    assert_eq!(refused(&vsn.landfall(["rollback", "shop"])), (Some(3), unknown.to_owned()));
    let runs = one_is_kept(vsn);
    let before = vsn.snapshot();
    let all = runs.join(", ");
    let others = format!("These can be deployed again with `landfall rollback shop RUN`: {}", runs[2]);
    let keep = r#"`"history": {"keep": N}`"#;
    let [first, _, _, failed, now] = <[String; 5]>::try_from(runs).unwrap();
    let expected = [
        (
            "19",
            "shop has no run whose name is or begins with `19`: `landfall history shop` lists those that there are"
                .to_owned(),
        ),
        (
            &first,
            format!(
                "the plan that run {first} deployed is not kept any more: {keep} of the plan says how many are. {others}"
            ),
        ),
        (
            &failed,
            format!("what run {failed} was to deploy was never accepted: it failed, or changed nothing. {others}"),
        ),
        (
            &now,
            format!(
                "there is nothing to go back to with run {now}: what it deployed is deployed now: without a run, the plan before it is deployed again"
            ),
        ),
        ("20", format!("the names of several runs of shop begin with `20`: {all}")),
    ];
    for (run, said) in expected {
        assert_eq!(refused(&vsn.landfall(["rollback", "shop", run])), (Some(3), said));
    }
    assert_eq!(vsn.snapshot(), before);
}

#[test]
fn a_kept_plan_that_was_damaged_is_not_deployed_and_goes_with_the_state() {
    let vsn = &Vsn::start();
    let run = one_is_kept(vsn).remove(2);
    let kept = format!("/var/lib/landfall/shop/accepted/{run}.json");
    let folder = vsn.must(["ls", "/var/lib/landfall/shop/accepted"]);
    assert_eq!(folder, format!("{run}.json\n"));
    let there = String::from_utf8(vsn.read(&kept).unwrap()).unwrap();
    let altered = there.replace("63MiB", "99MiB");
    assert_ne!(altered, there);
    vsn.write(&kept, altered, 0o600);
    let before = vsn.snapshot();
    let damaged = format!(
        "{kept} is not a record of ours: its checksum does not fit what it holds: it was altered or damaged: put it back from a backup. \
         None of shop can be deployed again; `landfall deploy PLAN` deploys a plan file"
    );
    assert_eq!(refused(&vsn.landfall(["rollback", "shop", &run])), (Some(1), damaged.clone()));
    let ended = Ended::of(&vsn.landfall(["rollback", "shop", "--format", "json"]));
    assert_eq!((ended.word(), ended.cause.as_deref()), ((Some(1), "failed"), Some(damaged.as_str())));
    assert_eq!(vsn.snapshot(), before);
    vsn.write(&kept, there, 0o600);
    assert_eq!(vsn.landfall(["rollback", "shop", &run]).status, Some(0));
    assert_eq!(vsn.landfall(["teardown", "shop", "--purge"]).status, Some(0));
    assert_eq!(vsn.run(["ls", "/var/lib/landfall/shop"]).status, Some(2));
}

#[test]
fn a_rollback_that_is_killed_is_finished_as_a_deployment_is_and_both_plans_can_be_deployed_again() {
    let vsn = &Vsn::start();
    let mut first = version(&small(), "v1");
    first["services"]["web"]["volumes"] = json!([{ "source": "/srv/gate", "target": "/gate" }]);
    first["services"]["web"]["healthcheck"] =
        json!({ "exec": ["test", "-e", "/gate/open"], "interval": "1s", "timeout": "30s", "retries": 500 });
    vsn.must(["mkdir", "/srv/gate"]);
    vsn.write("/srv/gate/open", "", 0o644);
    vsn.must_deploy(&first);
    vsn.must_deploy(&version(&small(), "v2"));
    let runs = runs(vsn);
    vsn.must(["rm", "/srv/gate/open"]);
    let run = vsn.start_landfall(["rollback", "shop"]);
    eventually("the first version runs, and is not healthy", || seen(vsn) == "v1\n");
    let under_way = refused(&vsn.landfall(["rollback", "shop"]));
    assert_eq!(under_way.0, Some(6), "{under_way:?}");
    assert!(under_way.1.starts_with("rollback of shop, process "), "{under_way:?}");
    run.signal("KILL");
    run.wait();
    vsn.write("/srv/gate/open", "", 0o644);
    let interrupted = refused(&vsn.landfall(["rollback", "shop"]));
    let words = "a run of shop was interrupted: type `landfall recover`, which finishes it, and then look at `landfall history shop`";
    assert_eq!(interrupted, (Some(3), words.to_owned()));
    assert_eq!(vsn.landfall(["recover"]).status, Some(0));
    assert_eq!(vsn.containers(), [] as [&str; 0]);
    let told = history(vsn);
    assert_eq!((&told[2]["result"], &told[2]["rollback_to"]), (&json!("rolled_back"), &json!(runs[0])));
    for (run, version) in [(None, "v2\n"), (Some(&runs[0]), "v1\n")] {
        let output = vsn.landfall(["rollback", "shop"].into_iter().chain(run.map(String::as_str)));
        assert_eq!((output.status, seen(vsn).as_str()), (Some(0), version), "{output:?}");
    }
}
