//! Archives that lie on other servers: fetched whole, over a connection that breaks, and nothing of them is left when that fails.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::plans::small;
use crate::support::{Ended, Vsn, Wrong, eventually};

const ARCHIVE: &str = "tiny-v2.docker.tar";

fn with(image: Value) -> Value {
    let mut plan = small();
    plan["services"]["web"]["image"] = image;
    plan
}

/// A VSN with the archive, and its SHA-256.
fn vsn() -> (Vsn, String) {
    let vsn = Vsn::start();
    let archive = vsn.image("tiny", ARCHIVE);
    let sha256 = vsn.must(["sha256sum", &archive]).split_once(' ').unwrap().0.to_owned();
    (vsn, sha256)
}

fn version(vsn: &Vsn) -> String {
    vsn.must(["curl", "--silent", "http://localhost:8080/version"])
}

/// What runs fetched and did not remove.
fn downloads(vsn: &Vsn) -> Vec<String> {
    let paths = vsn.manifest("/var/lib/landfall").into_iter().map(|entry| entry.path);
    paths.filter(|path| path.contains("downloads")).collect()
}

/// Deploys this plan over version 1, which must be refused and change nothing: why.
fn refused(vsn: &Vsn, plan: &Value) -> String {
    vsn.write_plan(plan);
    let before = vsn.snapshot().without_runs("shop");
    let ended = vsn.deploy();
    assert_eq!(ended.word(), (Some(3), "refused"), "{ended:?}");
    assert_eq!(vsn.snapshot().without_runs("shop"), before);
    assert_eq!((downloads(vsn), version(vsn)), (Vec::new(), "v1\n".to_owned()));
    ended.cause.unwrap()
}

/// The image behind this path of the web server.
fn behind(path: &str, sha256: &str) -> Value {
    json!({ "url": format!("https://localhost:8443/{path}"), "sha256": sha256, "ca": "tls/certificate.pem" })
}

#[test]
fn an_archive_is_downloaded_over_tls_and_gone_on_with_where_the_server_ended() {
    let (vsn, sha256) = vsn();
    let slow = vsn.web_server(200_000);
    vsn.write_plan(&with(behind(ARCHIVE, &sha256)));
    let run = vsn.start_deploy();
    let fetched =
        || vsn.must(["sh", "-c", "cat /var/lib/landfall/shop/runs/*/downloads/archive-web 2> /dev/null | wc -c"]);
    eventually("a part of it is here", || fetched().trim().parse::<u64>().unwrap() > 400_000);
    slow.signal("KILL");
    slow.wait();
    let server = vsn.web_server(0);
    assert_eq!(Ended::of(&run.wait()), Ended::deployed());
    assert_eq!((version(&vsn), downloads(&vsn)), ("v2\n".to_owned(), Vec::new()));
    let log = vsn.must(["cat", "/var/tmp/web/log"]);
    let (before, rest) = log.trim().rsplit_once(' ').unwrap();
    assert_eq!(before, format!("/{ARCHIVE} 200 0\n/{ARCHIVE} 206"), "first it was only asked for its size");
    assert!(rest.parse::<u64>().unwrap() < 1_900_000, "{log}");

    // The sum says what it is, so it may come without TLS, too.
    let url = format!("http://localhost:8081/{ARCHIVE}");
    vsn.must_deploy(&with(json!({ "url": url, "sha256": sha256, "timeout": "1m" })));
    drop(server);
}

#[test]
fn regression_066_a_download_in_the_middle_of_which_a_run_is_killed_is_ended_and_removed_by_recovery() {
    let (vsn, sha256) = vsn();
    vsn.must_deploy(&small());
    let _server = vsn.web_server(50_000);
    vsn.write_plan(&with(behind(ARCHIVE, &sha256)));
    let before = vsn.snapshot().without_runs("shop");
    let run = vsn.start_deploy();
    let some = "cat /var/lib/landfall/shop/runs/*/downloads/archive-web 2> /dev/null | wc -c";
    eventually("a part of it is here", || vsn.must(["sh", "-c", some]).trim().parse::<u64>().unwrap() > 100_000);
    run.signal("KILL");
    assert_eq!(run.wait().status, None);
    assert_eq!(vsn.run(["pgrep", "-cx", "curl"]).stdout, "1\n", "it goes on without the run");
    let recovered = vsn.landfall(["recover"]);
    assert_eq!(recovered.status, Some(0), "{recovered:?}");
    assert_eq!(vsn.run(["pgrep", "-cx", "curl"]).stdout, "0\n");
    assert_eq!((downloads(&vsn), version(&vsn)), (Vec::new(), "v1\n".to_owned()));
    assert_eq!(vsn.snapshot().without_runs("shop"), before);
}

#[test]
fn a_download_that_fails_tells_why_and_leaves_the_old_services_running() {
    let (vsn, sha256) = vsn();
    vsn.must_deploy(&small());
    let _server = vsn.web_server(0);
    let mut untrusted = behind(ARCHIVE, &sha256);
    untrusted.as_object_mut().unwrap().remove("ca");
    let other = "0".repeat(64);
    for (image, why) in [
        (behind("gone.tar", &sha256), "the server localhost has no such file (it answers 404): correct the URL".to_owned()),
        (
            behind("circle", &sha256),
            "the server localhost sends on to other addresses more than 5 times: correct the URL".to_owned(),
        ),
        (
            behind(&format!("plain/{ARCHIVE}"), &sha256),
            "the server localhost sends on to an address that is not as safe: correct the URL".to_owned(),
        ),
        (
            untrusted,
            "the server localhost shows a certificate that is not trusted here, or not valid now: name its authority in the \
             image's `ca`"
                .to_owned(),
        ),
        (behind(ARCHIVE, &other), format!("the archive's SHA-256 is {sha256}, but the plan says {other}")),
    ] {
        let url = image["url"].as_str().unwrap().to_owned();
        assert_eq!(refused(&vsn, &with(image)), format!("could not download {url} for web: {why}"));
    }
}

/// A plan whose image comes by SSH.
fn by_ssh(vsn: &Vsn, path: &str) -> Value {
    let mut plan = with(json!({ "ssh": format!("root@localhost:{path}"), "key": "id_images" }));
    let host = vsn.must(["cut", "-d", " ", "-f", "1,2", "/srv/ssh/host.pub"]);
    plan["ssh_keys"] = json!({ "id_images": {
        "private_key": { "secret": "key" }, "known_hosts": [format!("localhost {}", host.trim())]
    } });
    plan
}

#[test]
fn an_archive_is_fetched_by_ssh_with_the_plans_key_and_gone_on_with_where_the_server_ended() {
    for kind in ["ed25519", "rsa"] {
        let (vsn, sha256) = vsn();
        let _server = vsn.ssh_server(kind);
        vsn.write_secrets(&json!({ "key": vsn.must(["cat", "/srv/ssh/client"]) }));
        let mut plan = by_ssh(&vsn, &format!("/srv/images/{ARCHIVE}"));
        plan["services"]["web"]["image"]["sha256"] = json!(sha256);
        vsn.must_deploy(&plan);
        assert_eq!((version(&vsn), downloads(&vsn)), ("v2\n".to_owned(), Vec::new()), "{kind}");
        let rest: u64 = vsn.must(["cat", "/var/tmp/session-5/sent"]).trim().parse().unwrap();
        assert!(rest < 1_900_000, "{kind}: {rest}");
    }
}

#[test]
fn a_server_that_is_not_the_one_or_does_not_let_the_key_in_leaves_the_old_services_running() {
    let (vsn, _) = vsn();
    vsn.must_deploy(&small());
    let _server = vsn.ssh_server("ed25519");
    let path = format!("/srv/images/{ARCHIVE}");
    vsn.must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/srv/ssh/other"]);
    let key = |name: &str| json!({ "key": vsn.must(["cat", &format!("/srv/ssh/{name}")]) });
    let told = |plan: &Value, path: &str| {
        let cause = refused(&vsn, plan);
        let why = cause
            .strip_prefix(&format!("could not fetch root@localhost:{path} for web: the server localhost "))
            .unwrap();
        why.split_once(". sftp said: ").unwrap().0.to_owned()
    };
    vsn.write_secrets(&key("other"));
    assert_eq!(
        told(&by_ssh(&vsn, &path), &path),
        "does not let the key in: add its public key to the user's `authorized_keys` there"
    );
    vsn.write_secrets(&key("client"));
    assert_eq!(told(&by_ssh(&vsn, "/srv/gone.tar"), "/srv/gone.tar"), "has no such file: correct the path");
    let mut unknown = by_ssh(&vsn, &path);
    let other = vsn.must(["cut", "-d", " ", "-f", "1,2", "/srv/ssh/other.pub"]);
    unknown["ssh_keys"]["id_images"]["known_hosts"] = json!([format!("localhost {}", other.trim())]);
    assert_eq!(
        told(&unknown, &path),
        "is not known, or shows another key: see which one it has, and correct the key's `known_hosts`"
    );
}

/// A part of it is there.
fn some_is_fetched(vsn: &Vsn) {
    let some = "cat /var/lib/landfall/shop/runs/*/downloads/archive-web 2> /dev/null | wc -c";
    eventually("a part of it is here", || vsn.must(["sh", "-c", some]).trim().parse::<u64>().unwrap() > 100_000);
}

/// How many processes of this name there are.
fn running(vsn: &Vsn, name: &str) -> String {
    vsn.run(["pgrep", "-cx", name]).stdout.trim().to_owned()
}

#[test]
fn regression_046_a_server_that_is_asked_when_a_run_is_killed_in_step_1_is_asked_no_more_after_recovery() {
    let vsn = Vsn::start();
    let _registry = vsn.bad_registry(Wrong::Silent);
    let mut plan = small();
    plan["services"]["web"]["image"] = json!({ "registry": "localhost:5000/shop/app:v2", "tls_verify": false });
    vsn.write_plan(&plan);
    let run = vsn.start_deploy();
    // It takes the question by TLS, which comes first, for a mistake, and says so.
    let asked_plainly = ["pgrep", "--full", "--count", "/curl .*--url http://"];
    eventually("the registry is asked", || vsn.run(asked_plainly).stdout == "1\n");
    run.signal("KILL");
    assert_eq!(run.wait().status, None);
    assert_eq!(running(&vsn, "curl"), "1", "it waits for an answer without the run");
    assert!(vsn.must(["sh", "-c", "tr '\\0' ' ' < /proc/$(pgrep -x curl)/cmdline"]).contains(" --max-time "));
    let recovered = vsn.landfall(["recover"]);
    assert_eq!((recovered.status, running(&vsn, "curl")), (Some(0), "0".to_owned()), "{recovered:?}");
}

#[test]
fn a_fetch_by_ssh_in_the_middle_of_which_a_run_is_killed_is_ended_and_removed_by_recovery() {
    let (vsn, _) = vsn();
    vsn.must_deploy(&small());
    let _server = vsn.slow_ssh_server();
    vsn.write_secrets(&json!({ "key": vsn.must(["cat", "/srv/ssh/client"]) }));
    vsn.write_plan(&by_ssh(&vsn, &format!("/srv/images/{ARCHIVE}")));
    let before = vsn.snapshot().without_runs("shop");
    let run = vsn.start_deploy();
    some_is_fetched(&vsn);
    run.signal("KILL");
    assert_eq!(run.wait().status, None);
    assert_eq!(running(&vsn, "sftp"), "1", "it goes on without the run");
    let recovered = vsn.landfall(["recover"]);
    assert_eq!(recovered.status, Some(0), "{recovered:?}");
    eventually("the connection ends with its client", || running(&vsn, "ssh") == "0");
    assert_eq!(
        (running(&vsn, "sftp"), downloads(&vsn), version(&vsn)),
        ("0".to_owned(), Vec::new(), "v1\n".to_owned())
    );
    assert_eq!(vsn.snapshot().without_runs("shop"), before);
}

#[test]
fn a_fetch_by_ssh_whose_client_is_killed_goes_on_where_it_was() {
    let (vsn, sha256) = vsn();
    let _server = vsn.slow_ssh_server();
    vsn.write_secrets(&json!({ "key": vsn.must(["cat", "/srv/ssh/client"]) }));
    let mut plan = by_ssh(&vsn, &format!("/srv/images/{ARCHIVE}"));
    plan["services"]["web"]["image"]["sha256"] = json!(sha256);
    vsn.write_plan(&plan);
    let run = vsn.start_deploy();
    some_is_fetched(&vsn);
    assert_eq!(running(&vsn, "sftp"), "1");
    vsn.must(["sh", "-c", "kill -KILL $(pgrep -x sftp)"]);
    assert_eq!(Ended::of(&run.wait()), Ended::deployed());
    assert_eq!((version(&vsn), downloads(&vsn)), ("v2\n".to_owned(), Vec::new()));
    let sent = || vsn.must(["sh", "-c", "cat /var/tmp/session-*/sent"]);
    // Listings are short, and the archive has 2.1 MiB.
    let rest = || {
        sent().lines().map(|bytes| bytes.parse::<u64>().unwrap()).filter(|bytes| *bytes > 100_000).collect::<Vec<_>>()
    };
    eventually("the server has sent the rest", || !rest().is_empty());
    assert!(rest().iter().all(|bytes| *bytes < 2_000_000), "{}", sent());
}
