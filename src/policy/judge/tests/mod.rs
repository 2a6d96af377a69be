//! What each member of a policy forbids, what it lets through, and what only looks like what it lets through.

mod containers;
mod server;

use super::{Places, judge};
use crate::diagnostics::{Finding, Place};
use crate::plan::model::Plan;
use crate::plan::values::ArchivePath;
use crate::policy::{Site, read};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::path::PathBuf;

fn site(members: &Value) -> Site {
    let mut policy = json!({ "version": 1 });
    policy.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    read("policy.json", format!("{policy:#}").as_bytes()).unwrap()
}

/// A plan with these members, of whose service `web` these are the members.
fn plan(members: &Value, web: &Value) -> Plan {
    let mut plan =
        json!({ "version": 1, "name": "shop", "services": { "web": { "image": "docker.io/library/nginx:1" } } });
    plan["services"]["web"].as_object_mut().unwrap().extend(web.as_object().unwrap().clone());
    plan.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    serde_json::from_value(plan).unwrap()
}

fn places(files: &[(&str, &str)]) -> Places {
    let files = files
        .iter()
        .map(|(path, leads_to)| (ArchivePath::parse(path).unwrap().path().clone(), PathBuf::from(leads_to)));
    Places { folder: PathBuf::from("/srv/plans"), files: files.collect(), on_the_server: true }
}

fn at(finding: &Finding) -> String {
    match &finding.place {
        Place::Value(pointer) | Place::Key(pointer) => format!("{} {pointer}", finding.code),
        Place::Bytes(_) | Place::Whole => finding.code.to_string(),
    }
}

/// Where in the plan this policy forbids something.
fn forbidden(policy: &Value, plan: &Plan, places: &Places) -> Vec<String> {
    judge(&site(policy), plan, places).iter().map(at).collect()
}

/// The same of a service with these members.
fn of_web(policy: Value, web: Value) -> Vec<String> {
    forbidden(&policy, &plan(&json!({}), &web), &places(&[]))
}

/// The same of a plan with these members.
fn of_plan(policy: Value, members: Value) -> Vec<String> {
    forbidden(&policy, &plan(&members, &json!({})), &places(&[]))
}

#[test]
fn without_members_a_policy_forbids_nothing() {
    let everything = plan(
        &json!({
            "teardown": "node", "network": { "subnets": ["10.90.0.0/24"] },
            "ssh_keys": { "id": { "private_key": { "secret": "key" } } },
            "maintenance": {
                "cleanup": { "schedule": "@daily", "include_auth": true },
                "mail": { "to": ["a@b.example"], "from": "a@b.example", "smtp": { "host": "c.example", "tls": "none" } }
            }
        }),
        &json!({
            "image": { "registry": "docker.io/library/nginx:1", "tls_verify": false },
            "cap_add": ["ALL"], "devices": ["/dev/sda"], "no_new_privileges": false, "ports": ["22:22"],
            "volumes": [{ "source": "/home", "target": "/data" }], "sysctls": { "net.core.somaxconn": "1" },
            "ulimits": { "rtprio": 99 }, "healthcheck": { "tcp": "169.254.169.254:80" }
        }),
    );
    assert_eq!(forbidden(&json!({}), &everything, &places(&[])), Vec::<String>::new());
}

#[test]
fn a_finding_names_the_member_its_line_and_what_is_allowed() {
    let site = site(&json!({ "cap_add": ["NET_RAW", "SYS_NICE"], "x-why": "pings" }));
    let findings = judge(&site, &plan(&json!({}), &json!({ "cap_add": ["SYS_ADMIN"] })), &places(&[]));
    let told: Vec<_> = findings.iter().map(|finding| [&finding.message, &finding.label, &finding.help]).collect();
    assert_eq!(
        told,
        [[
            "the site lets no service add the capability `SYS_ADMIN`",
            "only `NET_RAW` and `SYS_NICE` are allowed here",
            "`cap_add` in policy.json:2 decides: do without it, or ask root to allow it there"
        ]]
    );
}
