//! Replacing one service of what is deployed: the new one becomes healthy, or the old one comes back, and nobody else is touched.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::support::{At, Output, Process, SECRETS, Signal, Trouble, Vsn, document};

/// `store` with data and a secret, `web` that depends on it at port 8080, and `other` at port 8081.
fn shop() -> Value {
    let image = json!({ "archive": "images/tiny-v1.docker.tar" });
    let serving = |port: u16| {
        json!({
            "image": image,
            "ports": [format!("127.0.0.1:{port}:80")],
            "healthcheck": { "http": format!("http://127.0.0.1:{port}/version"), "interval": "1s", "timeout": "5s", "retries": 4 },
            "stop_grace_period": "1s",
        })
    };
    let mut web = serving(8080);
    web["depends_on"] = json!(["store"]);
    json!({
        "version": 1,
        "name": "shop",
        "services": {
            "store": {
                "image": image,
                "secrets": [{ "secret": "password", "target": "/run/secrets/store", "owner": "999:999", "mode": "0400" }],
                "volumes": [{ "source": "/srv/shop/store", "target": "/data", "owner": "999:999", "mode": "0700" }],
                "healthcheck": { "exec": ["test", "-d", "/data"], "interval": "1s", "timeout": "30s", "retries": 3 },
                "stop_grace_period": "1s",
            },
            "web": web,
            "other": serving(8081),
        },
    })
}

fn with_shop() -> Vsn {
    let vsn = Vsn::start();
    vsn.write_secrets(&json!({ "password": "first" }));
    vsn.must_deploy(&shop());
    vsn.image("tiny", "tiny-v2.docker.tar");
    vsn
}

/// The version that is answered at this port; empty if nothing is.
fn version(vsn: &Vsn, port: u16) -> String {
    vsn.run(["curl", "--silent", "--max-time", "5", &format!("http://127.0.0.1:{port}/version")])
        .stdout
        .trim()
        .to_owned()
}

/// What may not differ of the services that are not replaced: IDs, and since when they run.
fn others(vsn: &Vsn, names: &[&str]) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let of = |name: &&str| {
        let told = vsn.inspect(name);
        (text(&told["Id"]), text(&told["State"]["StartedAt"]))
    };
    names.iter().map(of).collect()
}

/// Asks `other` without a pause, until it is ended; every answer that was none is a line.
fn prober(vsn: &Vsn) -> Process {
    vsn.start_process([
        "sh",
        "-c",
        "while :; do curl --silent --fail --max-time 5 --output /dev/null http://127.0.0.1:8081/version || echo missed; done",
    ])
}

/// What the prober has missed.
fn missed(prober: Process) -> String {
    let (missed, _) = prober.output_so_far();
    prober.signal_if_running("KILL");
    drop(prober.wait());
    missed
}

fn told(output: &Output) -> (Option<i32>, &str) {
    (output.status, output.stdout.as_str())
}

fn tags(vsn: &Vsn) -> Vec<String> {
    vsn.images().into_iter().filter(|image| image.starts_with("localhost/landfall/shop/web")).collect()
}

const DONE: &str = "web of shop is replaced, and healthy. This deviates from the plan that was deployed: the next deployment undoes it, \
                    unless its plan has the same\n";

#[test]
fn one_service_gets_another_image_while_the_others_answer_and_stays_so_until_the_next_deployment() {
    let vsn = with_shop();
    let before = others(&vsn, &["shop-store", "shop-other"]);
    let data = vsn.manifest("/srv/shop");
    let prober = prober(&vsn);

    let replaced = vsn.landfall(["replace", "shop", "web", "--image", "/srv/images/tiny-v2.docker.tar"]);

    assert_eq!(told(&replaced), (Some(0), DONE), "{}", replaced.stderr);
    assert_eq!((missed(prober).as_str(), others(&vsn, &["shop-store", "shop-other"])), ("", before.clone()));
    assert_eq!((version(&vsn, 8080), version(&vsn, 8081)), ("v2".to_owned(), "v1".to_owned()));
    assert_eq!(
        (vsn.containers(), tags(&vsn).len()),
        (["shop-other", "shop-store", "shop-web"].map(str::to_owned).to_vec(), 1)
    );
    assert_eq!((vsn.manifest("/srv/shop"), vsn.landfall(["status"]).status), (data, Some(0)));
    let status = document(&vsn.landfall(["status", "shop", "--format", "json"]));
    let hotfix = &status["plans"][0]["hotfixes"]["web"];
    assert_eq!(
        (&hotfix["from"], &hotfix["to"], &hotfix["by"]),
        (&json!("images/tiny-v1.docker.tar"), &json!("/srv/images/tiny-v2.docker.tar"), &json!("root"))
    );
    vsn.reboot();
    vsn.run(["env", "-i", "HOME=/root", "PATH=/usr/bin:/bin", "/var/lib/landfall/shop/recover"]);
    assert_eq!(version(&vsn, 8080), "v2", "after a boot, too");

    let deployed = vsn.landfall(["deploy", "/srv/plan.json", "--secrets", SECRETS]);

    assert_eq!(deployed.status, Some(0), "{}", deployed.stderr);
    assert!(deployed.stderr.contains("warning[LF149]: the hotfix of `web` is undone"), "{}", deployed.stderr);
    assert_eq!((version(&vsn, 8080), tags(&vsn).len()), ("v1".to_owned(), 1));
}

#[test]
fn a_version_that_does_not_become_healthy_is_removed_and_the_old_one_answers_again() {
    let vsn = with_shop();
    let before = others(&vsn, &["shop-store", "shop-other"]);
    let saved = vsn.read("/var/lib/landfall/shop/saved.json");
    let mut sick = shop();
    sick["services"]["web"]["command"] = json!(["sleep", "1000"]);
    vsn.write("/srv/sick.json", sick.to_string(), 0o600);
    let prober = prober(&vsn);

    let replaced = vsn.landfall(["replace", "shop", "web", "--from", "/srv/sick.json"]);

    assert_eq!(told(&replaced), (Some(7), ""));
    assert!(replaced.stderr.contains("could not wait until web is healthy"), "{}", replaced.stderr);
    assert!(replaced.stderr.ends_with("everything is again as it was before\n"), "{}", replaced.stderr);
    assert_eq!((missed(prober).as_str(), others(&vsn, &["shop-store", "shop-other"])), ("", before));
    assert_eq!((version(&vsn, 8080), vsn.read("/var/lib/landfall/shop/saved.json")), ("v1".to_owned(), saved));
    assert_eq!((vsn.containers().len(), vsn.landfall(["status"]).status), (3, Some(0)));
}

#[test]
fn new_secrets_reach_a_service_without_a_new_image_and_its_data_is_untouched() {
    let vsn = with_shop();
    vsn.in_container("shop-store", "echo 1 > /data/row");
    let (data, web) = (vsn.manifest("/srv/shop"), others(&vsn, &["shop-web"]));
    let started = others(&vsn, &["shop-store"]);
    vsn.write_secrets(&json!({ "password": "second" }));

    let replaced = vsn.landfall(["replace", "shop", "store", "--secrets", SECRETS]);

    assert_eq!(replaced.status, Some(0), "{}", replaced.stderr);
    assert_eq!(vsn.in_container("shop-store", "cat /run/secrets/store"), "second");
    assert_eq!(vsn.secrets().len(), 1, "the earlier one is gone");
    assert_ne!(others(&vsn, &["shop-store"]), started);
    assert_eq!((vsn.manifest("/srv/shop"), others(&vsn, &["shop-web"])), (data, web.clone()));
    let again = vsn.landfall(["replace", "shop", "store", "--secrets", SECRETS, "--restart-dependents"]);
    assert_eq!((again.status, version(&vsn, 8080)), (Some(0), "v1".to_owned()), "{}", again.stderr);
    assert_ne!(others(&vsn, &["shop-web"]), web, "it was restarted");
}

#[test]
fn a_dry_run_prints_what_is_done_and_does_nothing_of_it() {
    let vsn = with_shop();
    let before = (vsn.containers(), others(&vsn, &["shop-web"]), vsn.runs("shop"));
    let command = ["replace", "shop", "web", "--image", "/srv/images/tiny-v2.docker.tar"];

    let dry = vsn.landfall(command.into_iter().chain(["--dry-run", "--format", "json"]));

    assert_eq!(dry.status, Some(0), "{}", dry.stderr);
    assert_eq!((vsn.containers(), others(&vsn, &["shop-web"]), vsn.runs("shop")), before);
    assert_eq!(vsn.landfall(command).status, Some(0));
    let run = vsn.runs("shop").pop().unwrap();
    let performed: Value = serde_json::from_slice(&vsn.read(&format!("{run}/program.json")).unwrap()).unwrap();
    assert_eq!(document(&dry), performed);
}

#[test]
fn what_can_not_be_replaced_is_told_with_what_to_do() {
    let vsn = with_shop();
    let refused = |arguments: &[&str]| {
        let output = vsn.landfall(["replace", "shop"].into_iter().chain(arguments.iter().copied()));
        (output.status, output.stderr)
    };
    let cause = "shop has no service called shelf: it has other, store, web\nnothing was changed\n";
    assert_eq!(refused(&["shelf", "--image", "localhost/a:1"]), (Some(3), cause.to_owned()));
    // Each is something that the data, the jobs or the other services depend on.
    let kept = [
        ("ports", json!(["127.0.0.1:9090:80"])),
        ("volumes", json!([{ "source": "/srv/shop/web", "target": "/data" }])),
        ("aliases", json!(["front"])),
        ("depends_on", json!(["store", "other"])),
        ("healthcheck", json!({ "http": "http://127.0.0.1:8080/" })),
        ("restart", json!("on-failure")),
    ];
    for (field, value) in kept {
        let mut plan = shop();
        plan["services"]["web"][field] = value;
        vsn.write("/srv/other.json", vsn.on_its_engine(&plan).to_string(), 0o600);
        let cause = format!(
            "a hotfix keeps `{field}` of web, and the plan has other ones: deploy the plan, with `landfall deploy PLAN`\n\
             nothing was changed\n"
        );
        assert_eq!(refused(&["web", "--from", "/srv/other.json"]), (Some(3), cause));
    }
    let (status, missing) = refused(&["web", "--image", "/srv/images/missing.tar"]);
    assert_eq!(status, Some(3), "{missing}");
    assert!(missing.contains("/srv/images/missing.tar") && missing.contains("LF125"), "{missing}");
    assert_eq!(version(&vsn, 8080), "v1");
}

/// Kills a replacement when it comes to each of these calls of the engine, before the call or after it.
#[test]
fn a_kill_at_any_call_ends_with_the_old_version_or_the_new_one_and_the_others_answer_all_the_time() {
    let vsn = with_shop();
    let before = others(&vsn, &["shop-store", "shop-other"]);
    let prober = prober(&vsn);
    let images = ["/srv/images/tiny-v2.docker.tar", "/srv/images/tiny-v1.docker.tar"];
    let words = [
        "rename shop-web shop-web.before",
        "create --name shop-web",
        "stop shop-web.before",
        "start shop-web",
        "rm --force shop-web.before",
    ];
    for (number, words) in words.into_iter().enumerate() {
        let before_or_after = [Trouble::Signals(Signal::Kill), Trouble::SignalsAfterwards(Signal::Kill)];
        let trouble = before_or_after[number % 2];
        vsn.put_in_front_of(vsn.engine(), At::Words(words), trouble);
        let killed = vsn.landfall(["replace", "shop", "web", "--image", images[number % 2]]);
        assert_ne!(killed.status, Some(0), "{words}: {}", killed.stderr);
        vsn.put_in_front_of(vsn.engine(), At::Words(words), Trouble::None);
        let recovered = vsn.landfall(["recover"]);
        assert_eq!(recovered.status, Some(0), "{words}: {}", recovered.stderr);
        let now = version(&vsn, 8080);
        assert!(["v1", "v2"].contains(&now.as_str()), "{words}: {now}");
        assert_eq!(vsn.containers(), ["shop-other", "shop-store", "shop-web"], "{words}");
        assert_eq!((tags(&vsn).len(), vsn.landfall(["status"]).status), (1, Some(0)), "{words}");
    }
    assert_eq!((missed(prober).as_str(), others(&vsn, &["shop-store", "shop-other"])), ("", before));
}

#[test]
fn a_power_cut_in_the_middle_is_finished_by_the_boot() {
    let vsn = with_shop();
    vsn.put_in_front_of(vsn.engine(), At::Words("start shop-web"), Trouble::Signals(Signal::Kill));
    let killed = vsn.landfall(["replace", "shop", "web", "--image", "/srv/images/tiny-v2.docker.tar"]);
    assert_ne!(killed.status, Some(0), "{}", killed.stderr);
    vsn.reboot();
    let _syslog = vsn.syslog();
    let boot = vsn.run(["env", "-i", "HOME=/root", "PATH=/usr/bin:/bin", "/var/lib/landfall/shop/recover"]);
    assert_eq!(
        boot.status,
        Some(0),
        "{:#?} {:#?}",
        vsn.log_lines("syslog", "landfall-shop"),
        vsn.described_containers()
    );
    assert_eq!((version(&vsn, 8080), version(&vsn, 8081)), ("v1".to_owned(), "v1".to_owned()));
    assert_eq!((vsn.containers().len(), vsn.landfall(["status"]).status), (3, Some(0)));
}

#[test]
fn where_the_old_version_can_not_come_back_either_it_says_exactly_what_is_left_and_a_recovery_brings_it_back_later() {
    let vsn = with_shop();
    let (data, before) = (vsn.manifest("/srv/shop"), others(&vsn, &["shop-store", "shop-other"]));
    let prober = prober(&vsn);
    vsn.put_in_front_of(vsn.engine(), At::Words("start shop-web"), Trouble::Fails);

    let replaced =
        vsn.landfall(["replace", "shop", "web", "--image", "/srv/images/tiny-v2.docker.tar", "--format", "json"]);

    let told = document(&replaced);
    let left: Vec<_> = told["left"].as_array().unwrap().iter().map(|left| left.as_str().unwrap().to_owned()).collect();
    assert_eq!((replaced.status, &told["outcome"]), (Some(5), &json!("rollback_incomplete")), "{}", replaced.stderr);
    let starts = left.iter().filter(|left| left.starts_with("could not start the container shop-web: ")).count();
    assert_eq!((starts, left.len()), (1, 2), "{left:?}");
    assert!(left.iter().any(|left| left.starts_with("could not wait until web is healthy")), "{left:?}");
    assert_eq!((missed(prober).as_str(), others(&vsn, &["shop-store", "shop-other"])), ("", before));
    assert_eq!((vsn.manifest("/srv/shop"), vsn.landfall(["status"]).status), (data.clone(), Some(8)));
    let status = vsn.landfall(["status", "shop"]).stdout;
    assert!(status.starts_with("shop: interrupted: `landfall recover` finishes it"), "{status}");
    assert!(status.contains("\n    left: could not start the container shop-web"), "{status}");

    vsn.put_in_front_of(vsn.engine(), At::Words("start shop-web"), Trouble::None);
    assert_eq!(vsn.landfall(["recover"]).status, Some(0));
    assert_eq!((version(&vsn, 8080), vsn.landfall(["status"]).status), ("v1".to_owned(), Some(0)));
    assert_eq!((vsn.manifest("/srv/shop"), vsn.containers().len(), tags(&vsn).len()), (data, 3, 1));
}

#[test]
fn dependents_are_restarted_in_order_once_the_new_version_is_healthy_and_only_where_that_is_asked_for() {
    let mut plan = shop();
    plan["services"]["front"] = json!({
        "image": { "archive": "images/tiny-v1.docker.tar" },
        "depends_on": ["web"],
        "healthcheck": { "http": "http://web/version", "interval": "1s", "timeout": "5s", "retries": 10 },
        "stop_grace_period": "1s",
    });
    let vsn = Vsn::start();
    vsn.write_secrets(&json!({ "password": "first" }));
    vsn.must_deploy(&plan);
    let started = |name: &str| -> jiff::Timestamp {
        let at = vsn.inspect(name)["State"]["StartedAt"].as_str().unwrap().to_owned();
        at.parse().unwrap()
    };
    let before = ["shop-web", "shop-front", "shop-other"].map(started);
    let alone = vsn.landfall(["replace", "shop", "store", "--secrets", SECRETS]);
    assert_eq!((alone.status, ["shop-web", "shop-front", "shop-other"].map(started)), (Some(0), before));

    let replaced = vsn.landfall(["replace", "shop", "store", "--secrets", SECRETS, "--restart-dependents"]);

    assert_eq!(replaced.status, Some(0), "{}", replaced.stderr);
    let [store, web, front, other] = ["shop-store", "shop-web", "shop-front", "shop-other"].map(started);
    assert!(before[0] < store && store < web && web < front, "{before:?} {store} {web} {front}");
    assert_eq!(other, before[2], "it depends on nothing of it");
}

#[test]
fn new_configs_come_with_another_plan_and_go_with_the_next_one() {
    let with_colour = |colour: &str| {
        let mut plan = shop();
        plan["services"]["web"]["configs"] = json!([{ "content": format!("{colour}\n"), "target": "/etc/colour" }, { "file": "motd", "target": "/etc/motd" }]);
        plan
    };
    let vsn = Vsn::start();
    vsn.write_secrets(&json!({ "password": "first" }));
    vsn.write("/srv/motd", "first\n", 0o644);
    vsn.must_deploy(&with_colour("red"));
    let before = others(&vsn, &["shop-store", "shop-other"]);
    let image = vsn.image_of("shop-web");
    for (number, colour) in ["green", "blue"].into_iter().enumerate() {
        vsn.write("/srv/motd", format!("{colour} motd\n"), 0o644);
        vsn.write("/srv/next.json", vsn.on_its_engine(&with_colour(colour)).to_string(), 0o600);
        let replaced = vsn.landfall(["replace", "shop", "web", "--from", "/srv/next.json"]);
        assert_eq!(replaced.status, Some(0), "{}", replaced.stderr);
        let seen = vsn.in_container("shop-web", "cat /etc/colour /etc/motd");
        assert_eq!(seen, format!("{colour}\n{colour} motd\n"));
        // Those of the deployment stay for the services that have them; those of an earlier hotfix go.
        let folders = vsn.must(["ls", "/var/lib/landfall/shop/configs"]).lines().count();
        assert_eq!(folders, 2, "hotfix {number}");
    }
    assert_eq!((vsn.image_of("shop-web"), others(&vsn, &["shop-store", "shop-other"])), (image, before));
}

#[test]
fn the_next_deployment_warns_of_a_hotfix_that_it_undoes_and_stops_there_where_warnings_are_denied() {
    // Of nothing else it is warned.
    let mut plan = shop();
    plan["services"].as_object_mut().unwrap().values_mut().for_each(|service| service["memory"] = json!("64MiB"));
    let vsn = Vsn::start();
    vsn.write_secrets(&json!({ "password": "first" }));
    vsn.must_deploy(&plan);
    vsn.image("tiny", "tiny-v2.docker.tar");
    let replaced = vsn.landfall(["replace", "shop", "web", "--image", "/srv/images/tiny-v2.docker.tar"]);
    assert_eq!(replaced.status, Some(0), "{}", replaced.stderr);
    let warns = |output: &Output| output.stderr.matches("warning[LF149]: the hotfix of `web` is undone").count();

    let markdown = vsn.landfall(["diff", "/srv/plan.json", "--format", "markdown"]).stdout;
    let deviation = "#### Replaced since the deployment\n\n- `web`: `web is /srv/images/tiny-v2.docker.tar instead of images/tiny-v1.docker.tar, since ";
    assert!(markdown.contains(deviation), "{markdown}");
    let dry = vsn.landfall(["deploy", "/srv/plan.json", "--secrets", SECRETS, "--dry-run", "--here"]);
    assert_eq!((dry.status, warns(&dry)), (Some(0), 1), "{}", dry.stderr);
    let denied = vsn.landfall(["deploy", "/srv/plan.json", "--secrets", SECRETS, "--deny-warnings"]);
    assert_eq!((denied.status, version(&vsn, 8080)), (Some(3), "v2".to_owned()));
    assert!(denied.stderr.contains("error[LF149]: the hotfix of `web` is undone"), "{}", denied.stderr);
    let mut same = plan;
    same["services"]["web"]["image"] = json!({ "archive": "/srv/images/tiny-v2.docker.tar" });
    vsn.write_plan(&same);
    let kept = vsn.landfall(["deploy", "/srv/plan.json", "--secrets", SECRETS]);
    assert_eq!((kept.status, warns(&kept), version(&vsn, 8080)), (Some(0), 0, "v2".to_owned()), "{}", kept.stderr);
}
