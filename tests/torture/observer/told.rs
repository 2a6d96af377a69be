//! What Landfall said, held against what was seen.

use serde_json::{Value, json};

use super::look::Look;
use crate::fault::Work;
use crate::support::Output;

/// What is not true of what a work that ended said; `state` is what it came to.
pub fn untrue(work: Work, output: &Output, state: &str) -> Vec<String> {
    let Output { status, stdout, stderr } = output;
    let mut untrue = Vec::new();
    let mut expect = |holds: bool, what: &str| {
        if !holds {
            untrue.push(format!("{what}: {state}, but it said {output:?}"));
        }
    };
    match (work, status) {
        (_, None) => {}
        (Work::Deploy, Some(status)) => {
            let said: Value = serde_json::from_str(stdout).unwrap_or_default();
            let outcome = match status {
                0 => "deployed",
                3 => "refused",
                4 => "rolled_back",
                5 => "rollback_incomplete",
                6 => "busy",
                7 => "restored",
                _ => "failed",
            };
            expect(said["outcome"] == outcome, "the outcome");
            expect((*status == 0) == said["cause"].is_null(), "a cause is named unless it is deployed");
            let left = said["left"].as_array().map_or(0, Vec::len);
            // What could not be removed after a deployment is a warning.
            expect(*status == 0 || (*status == 5) == (left > 0), "what is left is named");
        }
        (Work::Teardown, Some(0)) => expect(stdout.contains("is torn down: none of its containers is left"), "the end"),
        (Work::Teardown | Work::Recover, Some(5)) => expect(stderr.contains("What is left:\n  "), "what is left"),
        (Work::Teardown, Some(_)) => expect(!stderr.trim().is_empty(), "a cause is named"),
        (Work::Recover, Some(_)) => expect(!stdout.contains("What is left"), "nothing is left"),
    }
    untrue
}

/// What `status --format json` says of the services of a deployed plan, and is not so.
pub fn wrong_in_status(plans: &Value, look: &Look) -> Vec<String> {
    let services = plans[0]["services"].as_array().cloned().unwrap_or_default();
    let mut wrong = Vec::new();
    for service in &services {
        let container = look.containers.iter().find(|container| service["container"] == container.name.as_str());
        let seen = container
            .map(|container| (json!(container.image), json!(container.state == "running"), json!(container.restarts)));
        // Whether its one-shot may be without a container is not what is told here.
        if container.is_none() && (&service["name"], &service["running"]) == (&json!("migrate"), &json!(false)) {
            continue;
        }
        let said = (service["image_id"].clone(), service["running"].clone(), service["restarts"].clone());
        if seen.as_ref() != Some(&said) {
            wrong.push(format!("status says {service}, seen is {seen:?}"));
        }
    }
    if services.len() != 3 {
        wrong.push(format!("status tells of {} services: {services:?}", services.len()));
    }
    wrong
}
