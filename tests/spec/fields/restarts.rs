use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::plans::small;
use crate::support::{Vsn, eventually};

/// A service that ends with the exit status that is written to `/end`.
fn ending(restart: &str) -> Value {
    json!({
        "image": { "archive": "images/tiny-v1.docker.tar" },
        "command": ["sh", "-c", "rm -f /end; : > /begun; while [ ! -s /end ]; do sleep 0.1; done; exit $(cat /end)"],
        "healthcheck": { "exec": ["test", "-e", "/begun"] },
        "restart": restart,
    })
}

#[test]
fn a_process_that_ends_is_started_again_where_its_service_says_so() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["services"] =
        json!({ "always": ending("always"), "fails": ending("on-failure"), "ends": ending("on-failure") });
    vsn.must_deploy(&plan);
    for (service, status) in [("always", 0), ("fails", 3), ("ends", 0)] {
        // The engine may not see how this ends: it ends the container that it runs in.
        vsn.run([
            vsn.engine(),
            "exec",
            &format!("shop-{service}"),
            "sh",
            "-c",
            &format!("echo {status} > /new; mv /new /end"),
        ]);
    }
    let state = |service: &str| {
        let inspected = vsn.inspect(&format!("shop-{service}"));
        let state = inspected["State"]["Status"].as_str().unwrap().to_owned();
        (state, inspected["RestartCount"].as_i64().unwrap_or_default())
    };
    let running_again = ("running".to_owned(), 1);
    eventually("a service that always runs is there again", || state("always") == running_again);
    eventually("a service that failed is there again", || state("fails") == running_again);
    eventually("a service that was done is left so", || state("ends") == ("exited".to_owned(), 0));

    let (status, plans) = vsn.status();

    let services = plans[0]["services"].as_array().unwrap();
    let told: Vec<_> =
        services.iter().map(|told| json!([told["name"], told["running"], told["healthy"], told["restarts"]])).collect();
    assert_eq!(
        (status, told),
        (
            Some(8),
            vec![json!(["always", true, true, 1]), json!(["ends", false, false, 0]), json!(["fails", true, true, 1])]
        )
    );
}
