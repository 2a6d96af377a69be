//! The plans that the sentences are about.
#![allow(dead_code, reason = "a plan that no sentence uses today still belongs to the language")]

use serde_json::{Value, json};

/// One service, healthy at once, with nothing beside it.
pub fn small() -> Value {
    json!({
        "version": 1,
        "name": "shop",
        "services": { "web": web() },
    })
}

/// A plan of so many web servers, at ports from 8080 on.
pub fn alike(count: usize) -> Value {
    let mut plan = small();
    for number in 1..count {
        let name = format!("web{number}");
        plan["services"][&name] = plan["services"]["web"].clone();
        plan["services"][&name]["ports"] = json!([format!("127.0.0.1:{}:80", 8080 + number)]);
        plan["services"][&name]["healthcheck"]["http"] = json!(format!("http://localhost:{}/version", 8080 + number));
    }
    plan
}

/// A web server at port 8080 of the VSN. A server that is busy with much else has time to make it healthy.
pub fn web() -> Value {
    json!({
        "image": { "archive": "images/tiny-v1.docker.tar" },
        "ports": ["127.0.0.1:8080:80"],
        "healthcheck": { "http": "http://localhost:8080/version", "interval": "1s", "timeout": "30s", "retries": 3 },
        "stop_grace_period": "1s",
        "memory": "64MiB",
    })
}

/// The plan with a health check that its web server answers and never passes, given up soon.
pub fn never_healthy(mut plan: Value) -> Value {
    plan["services"]["web"]["healthcheck"] =
        json!({ "http": "http://localhost:8080/nothing", "interval": "500ms", "timeout": "1s", "retries": 2 });
    plan
}

/// A database with data and a secret, a one-shot that needs it, and a web server that needs both. Wants [`secrets`].
pub fn shop() -> Value {
    let mut plan = small();
    plan["services"]["db"] = json!({
        "image": { "archive": "images/tiny-v1.docker.tar" },
        "secrets": [{ "secret": "password", "target": "/run/secrets/db", "owner": "999:999", "mode": "0400" }],
        "volumes": [{ "source": "/srv/shop/db", "target": "/data", "owner": "999:999", "mode": "0700" }],
        "healthcheck": { "exec": ["test", "-d", "/data"], "interval": "1s", "timeout": "30s", "retries": 3 },
        "stop_grace_period": "1s",
        "memory": "64MiB",
    });
    plan["services"]["migrate"] = json!({
        "image": { "archive": "images/tiny-v1.docker.tar" },
        "command": ["echo", "migrated"],
        "restart": "no",
        "depends_on": ["db"],
    });
    plan["services"]["web"]["depends_on"] =
        json!({ "db": {}, "migrate": { "condition": "service_completed_successfully", "timeout": "2m" } });
    plan["maintenance"] = json!({ "jobs": { "dump": { "schedule": "0 2 * * *", "service": "db", "exec": ["true"] } } });
    plan
}

/// The secrets of [`shop`].
pub fn secrets() -> Value {
    json!({ "password": "hunter2 \u{e9}\"'$\n" })
}

/// The plan with every service made from another version of the image.
pub fn second_version(plan: &Value) -> Value {
    let mut plan = plan.clone();
    for service in plan["services"].as_object_mut().unwrap().values_mut() {
        service["image"] = json!({ "archive": "images/tiny-v2.docker.tar" });
    }
    plan
}
