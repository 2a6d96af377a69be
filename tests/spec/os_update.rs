//! An update of the system empties the engine's store: the next boot makes everything anew, as it is on record, or says what is missing
//! and what to type. Data is never touched.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::support::{At, Output, SECRETS, Signal, Trouble, Vsn, document, eventually};

/// `db` with data, `once` that counts how often it ran, and `web` that depends on both and answers at port 8080.
fn shop() -> Value {
    let image = json!({ "archive": "images/tiny-v1.docker.tar" });
    json!({
        "version": 1,
        "name": "shop",
        "services": {
            "db": {
                "image": image,
                "volumes": [{ "source": "/srv/shop/db", "target": "/data", "owner": "999:999", "mode": "0700" }],
                "configs": [{ "content": "colour=blue\n", "target": "/etc/colours.conf" }],
                "healthcheck": { "exec": ["test", "-d", "/data"], "interval": "1s", "timeout": "30s", "retries": 3 },
                "stop_grace_period": "1s",
            },
            "once": {
                "image": image,
                "restart": "no",
                "command": ["sh", "-c", "echo ran >> /data/ran"],
                "volumes": [{ "source": "/srv/shop/once", "target": "/data" }],
                "depends_on": ["db"],
            },
            "web": {
                "image": { "archive": "images/tiny-v2.docker.tar" },
                "ports": ["127.0.0.1:8080:80"],
                "depends_on": { "db": {}, "once": { "condition": "service_completed_successfully" } },
                "healthcheck": { "http": "http://127.0.0.1:8080/version", "interval": "1s", "timeout": "5s", "retries": 4 },
                "stop_grace_period": "1s",
            },
        },
        "maintenance": {
            "mail": { "to": ["ops@example.org"], "from": "vsn@example.org", "smtp": { "host": "localhost", "port": 25, "tls": "none" } },
        },
    })
}

/// A server with this plan deployed, and a row in its data.
fn with(plan: &Value) -> Vsn {
    let vsn = Vsn::start();
    for version in ["v1", "v2"] {
        vsn.image("tiny", &format!("tiny-{version}.docker.tar"));
    }
    vsn.write_secrets(&json!({ "password": "an example" }));
    let sink = vsn.mail_sink();
    vsn.must_deploy(plan);
    drop(sink);
    vsn.in_container("shop-db", "echo 1 > /data/row");
    vsn
}

/// Takes all that the engine has: its containers, images, networks and secrets.
fn empty_the_store(vsn: &Vsn) {
    let podman = "rm -rf /var/lib/containers/storage /etc/containers/networks/shop.json";
    let docker =
        "kill $(cat /run/docker.pid); while [ -e /run/docker.pid ]; do sleep 0.1; done; rm -rf /var/lib/docker/*";
    vsn.must(["sh", "-c", vsn.either(podman, docker)]);
    if vsn.engine() == "docker" {
        vsn.start_docker();
    }
}

/// What cron does at a boot.
fn boot(vsn: &Vsn) -> Output {
    vsn.run(["env", "-i", "HOME=/root", "PATH=/usr/bin:/bin", "/var/lib/landfall/shop/recover"])
}

fn version(vsn: &Vsn) -> String {
    vsn.run(["curl", "--silent", "--max-time", "5", "http://127.0.0.1:8080/version"]).stdout.trim().to_owned()
}

/// The exit code, and the plan, as `status` tells it.
fn status(vsn: &Vsn) -> (Option<i32>, Value) {
    let output = vsn.landfall(["status", "shop", "--format", "json"]);
    (output.status, document(&output)["plans"][0].take())
}

/// Why a service is unhealthy; empty if it isn't.
fn reason(status: &Value, name: &str) -> String {
    let services = status["services"].as_array().unwrap();
    let service = services.iter().find(|service| service["name"] == name).unwrap();
    service["reason"].as_str().unwrap_or_default().to_owned()
}

fn lost(containers: &[&str], images: &[&str], secrets: &[&str], network: bool) -> Value {
    json!({ "containers": containers, "images": images, "secrets": secrets, "network": network })
}

/// The record without which run made each container.
fn saved(vsn: &Vsn) -> Value {
    let mut saved: Value = serde_json::from_slice(&vsn.read("/var/lib/landfall/shop/saved.json").unwrap()).unwrap();
    saved.as_object_mut().unwrap().remove("checksum");
    for service in saved["services"].as_object_mut().unwrap().values_mut() {
        service.as_object_mut().unwrap().remove("run");
    }
    saved
}

#[test]
fn a_store_that_was_emptied_between_two_boots_is_filled_again_by_the_boot_and_no_byte_of_data_differs() {
    let vsn = with(&shop());
    let (data, record) = (vsn.manifest("/srv/shop"), saved(&vsn));
    assert_eq!(record["beneath"]["folder"], json!("/srv"));
    vsn.reboot();
    empty_the_store(&vsn);
    let (exit, told) = status(&vsn);
    assert_eq!((exit, &told["lost"]), (Some(8), &lost(&["db", "web"], &["db", "web"], &[], true)));
    let cure = "its container is gone: `landfall remake shop` makes it anew, as the next boot does";
    assert_eq!([reason(&told, "db"), reason(&told, "web"), reason(&told, "once")], [cure, cure, ""]);

    let booted = boot(&vsn);

    assert_eq!(booted, Output { status: Some(0), stdout: String::new(), stderr: String::new() });
    assert_eq!((version(&vsn).as_str(), vsn.containers()), ("v2", vec!["shop-db".to_owned(), "shop-web".to_owned()]));
    assert_eq!((vsn.manifest("/srv/shop"), saved(&vsn)), (data, record));
    assert_eq!(vsn.read("/srv/shop/once/ran").unwrap(), b"ran\n", "a one-shot is not run again");
    assert_eq!(vsn.in_container("shop-db", "cat /etc/colours.conf"), "colour=blue\n");
    let (exit, told) = status(&vsn);
    assert_eq!((exit, &told["lost"], &told["changed"]), (Some(0), &lost(&[], &[], &[], false), &json!([])));
    assert_eq!(vsn.mails(), []);
    let history = document(&vsn.landfall(["history", "shop", "--format", "json"]))["runs"].take();
    let kinds: Vec<_> = history.as_array().unwrap().iter().map(|run| (&run["kind"], &run["result"])).collect();
    assert_eq!(kinds, [(&json!("deploy"), &json!("deployed")), (&json!("remake"), &json!("as_asked"))]);
    // The next boot finds everything in its place.
    vsn.reboot();
    assert_eq!(boot(&vsn).status, Some(0));
    assert_eq!(version(&vsn), "v2");
    assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));
    assert_eq!((vsn.containers(), vsn.networks()), (Vec::<String>::new(), Vec::<String>::new()));
}

#[test]
fn a_deployment_onto_an_emptied_store_keeps_the_data() {
    let vsn = with(&shop());
    let data = vsn.manifest("/srv/shop/db");
    vsn.reboot();
    empty_the_store(&vsn);
    let _sink = vsn.mail_sink();
    let deployed = vsn.deploy();
    assert_eq!(deployed.word(), (Some(0), "deployed"));
    assert_eq!((version(&vsn).as_str(), vsn.manifest("/srv/shop/db")), ("v2", data));
}

#[test]
fn what_can_not_be_had_again_is_told_by_the_boot_the_mail_and_the_status_with_what_to_type_and_the_rest_runs() {
    let mut plan = shop();
    plan["services"]["db"]["secrets"] = json!([{ "secret": "password", "target": "/run/secrets/db" }]);
    plan["services"]["web"]["depends_on"] = json!({});
    plan["services"]["side"] = json!({ "image": { "archive": "images/tiny-v1.docker.tar" } });
    let vsn = with(&plan);
    let data = vsn.manifest("/srv/shop/db");
    vsn.reboot();
    empty_the_store(&vsn);
    vsn.must(["mv", "/srv/images/tiny-v2.docker.tar", "/srv/images/aside"]);
    let _syslog = vsn.syslog();
    let sink = vsn.mail_sink();

    let booted = boot(&vsn);

    // Docker has no store of secrets that could be emptied: they lie in the state folder.
    let with_secrets: &[&str] = if vsn.engine() == "docker" { &[] } else { &["db"] };
    assert_eq!(booted.status, Some(1));
    let (exit, told) = status(&vsn);
    let gone: Vec<_> = with_secrets.iter().copied().chain(["web"]).collect();
    let images = ["web"];
    assert_eq!((exit, &told["lost"]), (Some(8), &lost(&gone, &images, with_secrets, false)));
    let no_secrets = "its secrets are gone from the engine's store: type `landfall deploy PLAN --secrets FILE`";
    let no_archive = "there is no `/srv/images/tiny-v2.docker.tar`, not found (LF125): once that is cured, type `landfall remake shop`, or \
                      deploy the plan anew with `landfall deploy PLAN`";
    assert_eq!(reason(&told, "web"), format!("its container is gone: {no_archive}"));
    if vsn.engine() == "podman" {
        assert_eq!(reason(&told, "db"), format!("its container is gone: {no_secrets}"));
    }
    assert_eq!(reason(&told, "side"), "");
    let mail = sink.mails().remove(0).text;
    assert!(mail.contains(&format!("web: {no_archive}")), "{mail}");
    assert_eq!(mail.contains(&format!("db: {no_secrets}")), vsn.engine() == "podman", "{mail}");
    eventually("it is in the log", || {
        !vsn.log_lines("syslog", "boot: not everything could be made anew (exit status 3)").is_empty()
    });

    // What the messages say to type, in turn.
    vsn.must(["mv", "/srv/images/aside", "/srv/images/tiny-v2.docker.tar"]);
    let remade = vsn.landfall(["remake", "shop"]);
    let still = if vsn.engine() == "docker" { String::new() } else { format!("db: {no_secrets}\n") };
    assert_eq!(remade.stdout, format!("shop: made anew, as it is on record: web\n{still}"), "{}", remade.stderr);
    assert_eq!((remade.status, version(&vsn).as_str()), (if still.is_empty() { Some(0) } else { Some(3) }, "v2"));
    let deployed = vsn.landfall(["deploy", "/srv/plan.json", "--secrets", SECRETS]);
    assert_eq!((deployed.status, status(&vsn).0), (Some(0), Some(0)), "{}", deployed.stderr);
    assert_eq!(vsn.manifest("/srv/shop/db"), data);
}

#[test]
fn a_container_that_somebody_removed_is_made_anew_beside_the_others_and_data_that_is_missing_is_never_made_up() {
    let vsn = with(&shop());
    assert_eq!(vsn.landfall(["remake", "shop"]).stdout, "shop: nothing is lost\n");
    let life = |name: &str| (vsn.inspect(name)["Id"].clone(), vsn.inspect(name)["State"]["StartedAt"].clone());
    let db = life("shop-db");
    vsn.remove_by_hand("shop-web");

    let remade = vsn.landfall(["remake", "shop"]);

    assert_eq!((remade.status, remade.stdout.as_str()), (Some(0), "shop: made anew, as it is on record: web\n"));
    assert_eq!((version(&vsn).as_str(), life("shop-db"), status(&vsn).0), ("v2", db, Some(0)));
    vsn.remove_by_hand("shop-db");
    vsn.must(["mv", "/srv/shop/db", "/srv/aside"]);
    let refused = vsn.landfall(["remake", "shop"]);
    let cause = "shop: these are lost, and could not be made anew; the data is untouched\n\
                 db: its data directory /srv/shop/db is not there: put it back, then type `landfall remake shop`\n";
    assert_eq!((refused.status, refused.stdout.as_str()), (Some(3), cause), "{}", refused.stderr);
    assert!(!vsn.on_disk("/srv/shop/db").exists());
    vsn.must(["mv", "/srv/aside", "/srv/shop/db"]);
    assert_eq!(vsn.landfall(["remake", "shop"]).status, Some(0));
    assert_eq!(vsn.in_container("shop-db", "cat /data/row"), "1\n");
}

#[test]
fn a_tag_that_has_moved_is_never_taken_for_the_image_that_ran() {
    let vsn = Vsn::start();
    let registry = vsn.registry();
    let pushed = registry.push("tiny", "tiny-v1.docker.tar", "app:1");
    let image = json!({ "registry": pushed.reference, "tls_verify": false });
    let plan =
        json!({ "version": 1, "name": "shop", "services": { "web": { "image": image }, "side": { "image": image } } });
    vsn.must_deploy(&plan);
    registry.push("tiny", "tiny-v2.docker.tar", "app:1");
    vsn.must([vsn.engine(), "rm", "--force", "shop-web", "shop-side"]);
    vsn.must([vsn.engine(), "rmi", "--force", &pushed.id]);

    let refused = vsn.landfall(["remake", "shop"]);

    assert_eq!(refused.status, Some(7), "{}", refused.stderr);
    let about = format!("and {} is expected", pushed.id);
    assert!(
        refused.stdout.contains("\nweb: could not verify the image of ") && refused.stdout.contains(&about),
        "{}",
        refused.stdout
    );
    assert!(refused.stdout.ends_with("`landfall deploy PLAN` takes what there is now\n"), "{}", refused.stdout);
    assert_eq!(vsn.containers(), [] as [&str; 0]);
    let images = vsn.images().into_iter().filter(|image| image.starts_with("localhost/landfall/"));
    assert_eq!(images.collect::<Vec<_>>(), [] as [&str; 0]);
    // It is there again under that tag.
    registry.push("tiny", "tiny-v1.docker.tar", "app:1");
    assert_eq!(vsn.landfall(["remake", "shop"]).status, Some(0));
    assert_eq!(vsn.running_containers(), ["shop-side", "shop-web"]);
}

#[test]
fn making_anew_that_is_killed_at_any_call_of_the_engine_leaves_the_others_and_the_next_one_ends_it() {
    let vsn = with(&shop());
    // A recovery tries for minutes to get rid of its mail.
    let _sink = vsn.mail_sink();
    let db = vsn.inspect("shop-db")["State"]["StartedAt"].clone();
    for (number, words) in ["load", "create --name shop-web", "start shop-web"].into_iter().enumerate() {
        vsn.must([vsn.engine(), "rm", "--force", "shop-web"]);
        vsn.must([
            "sh",
            "-c",
            &format!("{0} rmi --force $({0} images --quiet localhost/landfall/shop/web) ", vsn.engine()),
        ]);
        let kill = [Trouble::Signals(Signal::Kill), Trouble::SignalsAfterwards(Signal::Kill)][number % 2];
        vsn.put_in_front_of(vsn.engine(), At::Words(words), kill);
        assert_ne!(vsn.landfall(["remake", "shop"]).status, Some(0), "{words}");
        vsn.put_in_front_of(vsn.engine(), At::Words(words), Trouble::None);
        assert_eq!(vsn.landfall(["recover"]).status, Some(0), "{words}");
        let again = vsn.landfall(["remake", "shop"]);
        assert_eq!(
            (again.status, version(&vsn).as_str(), status(&vsn).0),
            (Some(0), "v2", Some(0)),
            "{words} {again:?}"
        );
        assert_eq!(vsn.inspect("shop-db")["State"]["StartedAt"], db, "{words}");
    }
}
