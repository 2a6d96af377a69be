//! A deployment that fails after the point of no return ends containerless: data, and the crontab of others, as before.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::plans::{second_version, secrets, shop, small};
use crate::support::{Crontab, Ended, PLAN, Vsn, eventually};

const OTHERS: &str = "# mine\nMAILTO=me\n17 *\t* * * echo \"%H\"\n\n";

/// A VSN with the shop deployed, rows in its data, and jobs of others in the crontab.
fn with_shop_deployed() -> Vsn {
    let vsn = Vsn::start();
    vsn.run_with_input(["crontab", "-"], OTHERS);
    vsn.write_secrets(&secrets());
    vsn.must_deploy(&shop());
    vsn.in_container(
        "shop-db",
        "mkdir -m 750 /data/rows; seq 1000 > /data/rows/table; chown -R 999:999 /data/rows; ln -s rows /data/link",
    );
    vsn
}

/// No container, image, network, secret, job or key of the plan; the status says that it failed.
#[track_caller]
fn assert_containerless(vsn: &Vsn, crontab: &str) {
    let nothing: [Vec<String>; 4] = std::array::from_fn(|_| Vec::new());
    assert_eq!([vsn.containers(), vsn.images(), vsn.networks(), vsn.secrets()], nothing);
    assert_eq!(vsn.crontab(), Crontab::Present(crontab.to_owned()));
    assert_eq!(vsn.states(), (Some(8), [("shop".to_owned(), "failed".to_owned())].into()));
    let left: Vec<String> = vsn.manifest("/var/lib/landfall/shop").into_iter().map(|entry| entry.path).collect();
    let records = ["accepted", "runs", "crontabs", "last.json", "previous.json", "engine"];
    let others = left.iter().filter(|path| !path.is_empty() && !records.iter().any(|record| path.starts_with(record)));
    assert_eq!(others.collect::<Vec<_>>(), [] as [&str; 0]);
}

/// Deploys `plan` over the deployed shop, which must fail; the cause.
#[track_caller]
fn rolled_back(vsn: &Vsn, plan: &Value) -> String {
    let data = vsn.manifest("/srv/shop");
    vsn.write_plan(plan);
    let ended = vsn.deploy();
    assert_eq!(ended.word(), (Some(4), "rolled_back"), "{ended:?}");
    assert_eq!(ended.left, [] as [&str; 0]);
    assert_eq!(vsn.manifest("/srv/shop"), data);
    ended.cause.unwrap()
}

#[test]
fn a_service_that_never_gets_healthy_takes_the_deployment_down_with_the_data_as_it_was() {
    let vsn = with_shop_deployed();
    let mut plan = second_version(&shop());
    plan["services"]["web"]["healthcheck"] =
        json!({ "exec": ["sh", "-c", "echo no table; exit 7"], "interval": "500ms", "timeout": "5s", "retries": 1 });
    plan["services"]["web"]["command"] = json!(["sh", "-c", "seq 600 >&2; exec serve"]);

    let cause = rolled_back(&vsn, &plan);

    assert!(cause.starts_with("could not wait until web is healthy") && cause.contains("7"), "{cause}");
    assert_containerless(&vsn, OTHERS);
    let run = vsn.runs("shop").pop().unwrap();
    let log = String::from_utf8(vsn.read(&format!("{run}/shop-web.log")).unwrap()).unwrap();
    // Of what goes to both outputs at once, an engine may keep the lines in another order.
    let expected: Vec<String> = (101..=600).map(|line| line.to_string()).collect();
    assert_eq!(log.lines().collect::<Vec<_>>(), expected);
    assert_eq!(vsn.read(&format!("{run}/shop-migrate.log")).unwrap(), b"migrated\n");
    let logs = vsn.manifest(&run).into_iter().filter(|entry| entry.path.ends_with(".log"));
    let logs: Vec<_> = logs.map(|entry| (entry.path, entry.mode, entry.owner)).collect();
    let expected = ["shop-db.log", "shop-migrate.log", "shop-web.log"].map(|log| (log.to_owned(), 0o600, (0, 0)));
    assert_eq!(logs, expected);
    // What is wrong is mended, and deployed.
    vsn.must_deploy(&second_version(&shop()));
    assert_eq!(vsn.in_container("shop-db", "tail -n 1 /data/rows/table"), "1000\n");
}

#[test]
fn regression_096_of_the_output_that_is_kept_a_line_that_was_written_in_pieces_is_one_line() {
    let vsn = Vsn::start();
    let mut plan = small();
    let pieces = "echo before; printf 'one '; sleep 0.5; echo line; touch /tmp/done; exec serve";
    plan["services"]["web"]["command"] = json!(["sh", "-c", pieces]);
    plan["services"]["web"]["healthcheck"] = json!({ "exec": ["sh", "-c", "until [ -e /tmp/done ]; do :; done; false"], "interval": "500ms", "timeout": "5s", "retries": 1 });
    vsn.write_plan(&plan);

    let ended = vsn.deploy();

    assert_eq!(ended.word(), (Some(4), "rolled_back"), "{ended:?}");
    let run = vsn.runs("shop").pop().unwrap();
    assert_eq!(vsn.read(&format!("{run}/shop-web.log")).unwrap(), b"before\none line\n");
}

#[test]
fn the_summary_says_what_failed_what_is_left_and_where_the_output_of_the_containers_is() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["services"]["web"]["command"] = json!(["sh", "-c", "echo out of luck; exec serve"]);
    plan["services"]["web"]["healthcheck"] =
        json!({ "exec": ["false"], "interval": "500ms", "timeout": "1s", "retries": 1 });
    vsn.write_plan(&plan);

    let output = vsn.landfall(["deploy", PLAN]);

    let run = vsn.runs("shop").pop().unwrap();
    assert_eq!((output.status, output.stdout.as_str()), (Some(4), ""));
    let told = "rolled back: no container of shop is left, and its data is untouched";
    assert!(output.stderr.contains(told) && output.stderr.contains(&run), "{}", output.stderr);
    assert!(output.stderr.contains("could not wait until web is healthy"), "{}", output.stderr);
    assert_eq!(vsn.read(&format!("{run}/shop-web.log")).unwrap(), b"out of luck\n");
    assert_eq!(vsn.crontab(), Crontab::Absent, "there was no crontab before");
    let status = vsn.landfall(["status"]);
    assert_eq!(status.status, Some(8));
    assert!(status.stdout.starts_with("shop: containerless, after a failure\n"), "{}", status.stdout);
}

#[test]
fn a_one_shot_that_fails_keeps_its_dependents_from_starting() {
    let vsn = with_shop_deployed();
    let mut plan = shop();
    plan["services"]["migrate"]["command"] = json!(["sh", "-c", "echo no such table; exit 9"]);
    plan["services"]["web"]["volumes"] =
        json!([{ "source": "/srv/started", "target": "/started", "owner": "0:0", "mode": "0700" }]);
    plan["services"]["web"]["command"] = json!(["sh", "-c", "touch /started/web; exec serve"]);

    let cause = rolled_back(&vsn, &plan);

    assert!(cause.contains("migrate") && cause.contains('9'), "{cause}");
    assert_containerless(&vsn, OTHERS);
    let started: Vec<String> = vsn.manifest("/srv/started").into_iter().map(|entry| entry.path).collect();
    assert_eq!(started, [""]);
}

#[test]
fn a_container_that_can_t_be_started_takes_the_deployment_down() {
    let vsn = with_shop_deployed();
    let mut plan = shop();
    plan["services"]["web"]["command"] = json!(["no-such-program"]);

    let cause = rolled_back(&vsn, &plan);

    assert!(cause.starts_with("could not start the container shop-web: "), "{cause}");
    assert!(cause.contains("no-such-program"), "{cause}");
    assert_containerless(&vsn, OTHERS);
}

#[test]
fn a_published_port_that_nobody_answers_takes_the_deployment_down() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["services"]["web"]["ports"] = json!(["127.0.0.1:8080:80", "127.0.0.1:8081:81"]);
    plan["services"]["web"]["healthcheck"] =
        json!({ "http": "http://localhost:8080/version", "interval": "500ms", "timeout": "5s", "retries": 1 });
    vsn.write_plan(&plan);

    let ended = vsn.deploy();

    assert_eq!(ended.word(), (Some(4), "rolled_back"));
    assert!(ended.cause.as_ref().unwrap().contains("127.0.0.1:8081"), "{ended:?}");
    assert_eq!(vsn.containers(), [] as [&str; 0]);
}

/// A container that the engine starts over and over, which makes removing it fail now and then.
#[test]
fn regression_093_a_service_that_ends_again_and_again_is_no_healthy_one_and_is_removed() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["services"]["web"] =
        json!({ "image": { "archive": "images/tiny-v1.docker.tar" }, "command": ["sh", "-c", "exit 1"] });
    vsn.write_plan(&plan);

    let ended = vsn.deploy();

    assert_eq!((ended.word(), ended.left.len()), ((Some(4), "rolled_back"), 0));
    assert_eq!([vsn.containers(), vsn.images(), vsn.networks()], [const { Vec::<String>::new() }; 3]);
}

#[test]
fn what_somebody_changes_in_the_crontab_during_a_run_that_fails_stays() {
    let vsn = with_shop_deployed();
    let mut plan = shop();
    plan["services"]["web"]["healthcheck"] =
        json!({ "exec": ["test", "-e", "/tmp/never"], "interval": "500ms", "retries": 2 });
    vsn.write_plan(&plan);
    let run = vsn.start_deploy();
    eventually("the new container runs", || {
        let run = vsn.runs("shop").pop().unwrap();
        let label = [
            vsn.engine(),
            "inspect",
            "--format",
            "{{index .Config.Labels \"landfall.run\"}} {{.State.Running}}",
            "shop-web",
        ];
        vsn.run(label).stdout == format!("{} true\n", run.rsplit_once('/').unwrap().1)
    });

    vsn.must(["bash", "-c", "{ crontab -l; echo '@daily echo meanwhile'; } | crontab -"]);

    assert_eq!(Ended::of(&run.wait()).word(), (Some(4), "rolled_back"));
    assert_containerless(&vsn, &format!("{OTHERS}@daily echo meanwhile\n"));
}

#[test]
fn a_plan_that_failed_can_be_torn_down_which_makes_it_containerless_on_purpose() {
    let vsn = with_shop_deployed();
    let mut plan = shop();
    plan["services"]["web"]["command"] = json!(["no-such-program"]);
    rolled_back(&vsn, &plan);
    let data = vsn.manifest("/srv/shop");

    assert_eq!(vsn.landfall(["recover"]).status, Some(0), "there is nothing to finish");
    assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));

    assert_eq!(vsn.states(), (Some(0), [("shop".to_owned(), "containerless".to_owned())].into()));
    assert_eq!((vsn.crontab(), vsn.manifest("/srv/shop")), (Crontab::Present(OTHERS.to_owned()), data));
}
