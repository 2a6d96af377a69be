use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::plans::small;
use crate::support::{Ended, Process, Vsn, eventually};

/// The plan with this health check in place of its service's own.
fn checked_by(check: Value) -> Value {
    let mut plan = small();
    plan["services"]["web"]["healthcheck"] = check;
    plan["maintenance"] = json!({
        "healthcheck": { "schedule": "*/5 * * * *" },
        "mail": { "to": ["ops@example.org"], "from": "vsn@example.org", "smtp": { "host": "localhost", "port": 25, "tls": "none" } },
    });
    plan
}

/// The exit codes of `landfall status` and of the health check job.
fn asked(vsn: &Vsn) -> (Option<i32>, Option<i32>) {
    let job = vsn.run(["env", "-i", "/var/lib/landfall/shop/jobs/healthcheck"]);
    assert_eq!((job.stdout.as_str(), job.stderr.as_str()), ("", ""));
    (vsn.landfall(["status", "shop"]).status, job.status)
}

fn https_server(vsn: &Vsn) -> Process {
    let (certificate, key) = vsn.certificate();
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/spec/fields/https_server.py");
    let server = vsn.start_process(["/usr/bin/python3", program, &certificate, &key]);
    eventually("the server listens", || vsn.listens("127.0.0.1", 8443));
    server
}

#[test]
fn an_https_check_sends_its_headers_and_counts_its_own_status_authority_and_verification() {
    let vsn = Vsn::start();
    let _server = https_server(&vsn);
    let _sink = vsn.mail_sink();
    let url = "https://localhost:8443/healthz";
    let headers = json!({ "X-Ask": "yes; ok" });
    let ca = "tls/certificate.pem";
    let healthy = (Some(0), "deployed".to_owned());
    let refused = (Some(4), "rolled_back".to_owned());
    // A server that is busy with much else has time for the right ones.
    for (http, expected) in [
        (json!({ "url": url, "status": 404, "headers": headers, "ca": ca }), &healthy),
        (json!({ "url": url, "status": 404, "ca": ca }), &refused),
        (json!({ "url": url, "headers": headers, "ca": ca }), &refused),
        (json!({ "url": url, "tls_verify": false }), &healthy),
        (json!(url), &refused),
    ] {
        let timeout = if *expected == healthy { "20s" } else { "3s" };
        vsn.write_plan(&checked_by(json!({ "http": http, "interval": "1s", "timeout": timeout, "retries": 1 })));
        let ended = vsn.deploy();
        assert_eq!(&(ended.status, ended.outcome.clone()), expected, "{http}: {ended:?}");
        if *expected == healthy {
            assert_eq!(asked(&vsn), (Some(0), Some(0)), "{http}");
        }
    }
}

#[test]
fn a_services_name_in_a_check_means_its_container_although_nothing_is_published() {
    let vsn = Vsn::start();
    let _sink = vsn.mail_sink();
    for check in [
        json!({ "tcp": "web:80", "interval": "1s" }),
        json!({ "http": "http://web/version", "interval": "1s" }),
        json!({ "http": { "url": "http://web:80/nothing", "status": 404 }, "interval": "1s" }),
    ] {
        let mut plan = checked_by(check.clone());
        plan["services"]["web"].as_object_mut().unwrap().remove("ports");
        vsn.must_deploy(&plan);
        assert_eq!(asked(&vsn), (Some(0), Some(0)), "{check}");
    }
}

/// A check that counts how often it is asked, and answers by that count `n`.
fn counting(answer: &str) -> Value {
    let count = "n=$(($(cat /n 2> /dev/null || echo 0) + 1)); echo $n > /n";
    json!(["sh", "-c", format!("{count}; {answer}")])
}

/// Whether small with this check, asked every half second at least, is deployed.
fn is_deployed(vsn: &Vsn, exec: &Value, more: &Value) -> bool {
    let mut check = json!({ "exec": exec, "interval": "500ms", "timeout": "500ms", "retries": 1 });
    check.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let mut plan = small();
    plan["services"]["web"]["healthcheck"] = check;
    vsn.write_plan(&plan);
    let ended = vsn.deploy();
    assert!([Some(0), Some(4)].contains(&ended.status), "{ended:?}");
    ended.status == Some(0)
}

#[test]
fn a_service_may_take_its_start_period_to_become_healthy() {
    let vsn = Vsn::start();
    // A second has no room for so many questions.
    let late = counting("[ $n -gt 12 ]");
    assert!(!is_deployed(&vsn, &late, &json!({})));
    assert!(is_deployed(&vsn, &late, &json!({ "start_period": "2m", "timeout": "10s" })));
}

#[test]
fn a_service_that_is_healthy_now_and_then_is_not_stable() {
    let vsn = Vsn::start();
    let moody = counting("[ $((n % 4)) != 0 ]");
    let patient = |stable_for: &str| json!({ "timeout": "10s", "stable_for": stable_for });
    assert!(is_deployed(&vsn, &moody, &patient("0s")));
    assert!(!is_deployed(&vsn, &moody, &patient("20s")));
}

#[test]
fn regression_007_a_published_port_that_nobody_answers_makes_its_service_unhealthy() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["services"]["web"]["healthcheck"] = json!({ "exec": ["true"] });
    plan["services"]["web"]["command"] = json!(["sh", "-c", "serve & sleep 1000"]);
    vsn.must_deploy(&plan);
    assert_eq!(vsn.states().0, Some(0));
    vsn.in_container("shop-web", "killall httpd");
    // Where the engine accepts connections for a container, somebody goes on listening.
    let asks = ["exec", "shop-web", "wget", "-q", "-O", "-", "http://127.0.0.1/version"];
    eventually("nobody answers", || vsn.run([vsn.engine()].into_iter().chain(asks)).status == Some(1));

    let status = vsn.landfall(["status", "shop"]);

    assert_eq!(status.status, Some(8));
    let (_, told) = status.stdout.split_once("unhealthy: ").unwrap_or_else(|| panic!("{}", status.stdout));
    let reason = told.lines().next().unwrap();
    assert!(reason.starts_with("the published port 127.0.0.1:8080 does not accept a connection: "), "{reason}");
}

#[test]
fn a_one_shot_that_takes_longer_than_its_dependents_wait_takes_the_deployment_down() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["services"]["prepare"] =
        json!({ "image": { "archive": "images/tiny-v1.docker.tar" }, "command": ["sleep", "1000"], "restart": "no" });
    plan["services"]["web"]["depends_on"] =
        json!({ "prepare": { "condition": "service_completed_successfully", "timeout": "2s" } });
    vsn.write_plan(&plan);

    let Ended { status, outcome, cause, left } = vsn.deploy();

    assert_eq!((status, outcome.as_str(), left), (Some(4), "rolled_back", Vec::new()));
    assert_eq!(
        cause.as_deref(),
        Some("could not wait until prepare has completed, at most 2s: not within 2s: it is still running")
    );
}
