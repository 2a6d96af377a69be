//! A plan, a server on which nothing is wrong with it, and what is told once something is.

mod disk;
mod explained;
mod machine;
mod surroundings;

use super::{needed_commands, of_the_server};
use crate::diagnostics::{Document, Finding, Place, Severity};
use crate::facts::{ContainerFact, DirectoryFact, Facts, FileFact, HeldPort, KeyFact, Protocol, Saved};
use crate::plan::model::Plan;
use crate::plan::values::{HostPath, KeyFileName, PlanName, PlanPath, RunId};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A plan that needs something of every kind.
fn plan() -> Value {
    json!({
        "version": 1, "name": "shop",
        "network": {"subnets": ["10.90.0.0/24"]},
        "services": {
            "db": {
                "image": {"archive": "db.tar"},
                "volumes": [
                    {"source": "/srv/shop/db", "target": "/data"},
                    {"source": "/srv/disk", "target": "/disk", "mountpoint": true}
                ],
                "logging": {"driver": "journald"}
            },
            "web": {
                "image": {"build": "web"},
                "configs": [{"file": "web.conf", "target": "/etc/web.conf"}],
                "ports": ["127.0.0.1:8080:80"],
                "healthcheck": {"http": "http://web:80/"}
            }
        },
        "ssh_keys": {"id_rsa": {"private_key": {"secret": "key"}}},
        "maintenance": {
            "cleanup": {"schedule": "@weekly"},
            "mail": {"to": ["a@b.example"], "from": "a@b.example"}
        },
        "requires": {"hostname": "vsn7", "commands": ["jq"], "free_disk": "2GiB", "free_memory": "1GiB"}
    })
}

fn typed(plan: &Value) -> Plan {
    serde_json::from_value(plan.clone()).unwrap()
}

/// A server on which there is nothing wrong with the plan.
fn facts() -> Facts {
    let path = |text| PlanPath::parse(text).unwrap();
    let source = |text| HostPath::parse(text).unwrap();
    let present = |mountpoint| DirectoryFact::Present { mountpoint, label_usable: true };
    let mut facts = Facts::of_an_empty_host(&needed_commands(&typed(&plan())).into_keys().collect::<Vec<_>>());
    facts.machine.hostname = "VSN7.example.org".to_owned();
    facts.directories = [(source("/srv/shop/db"), DirectoryFact::Missing), (source("/srv/disk"), present(true))].into();
    let file = |size| FileFact::File { sha256: None, size };
    facts.files =
        [(path("db.tar"), file(1 << 30)), (path("web"), FileFact::Folder), (path("web.conf"), file(1))].into();
    facts.keys = [(KeyFileName::parse("id_rsa").unwrap(), KeyFact::Ours)].into();
    facts
}

/// Code, place and message of each finding: an error is `LF100`, a warning `LF128?`.
fn told_of(plan: &Value, facts: &Facts) -> Vec<String> {
    of_the_server(&typed(plan), facts).iter().map(told).collect()
}

fn told(finding: &Finding) -> String {
    let place = match (&finding.place, finding.document) {
        (_, Document::Policy | Document::Host) => "server".to_owned(),
        (Place::Value(pointer) | Place::Key(pointer), Document::Plan | Document::Secrets) => pointer.to_string(),
        (Place::Bytes(_) | Place::Whole, Document::Plan | Document::Secrets) => "plan".to_owned(),
    };
    let doubt = if finding.severity == Severity::Warning { "?" } else { "" };
    format!("{}{doubt} {place}: {}", finding.code, finding.message)
}

/// What is told of the plan once the server is changed.
fn after(change: impl FnOnce(&mut Facts)) -> Vec<String> {
    let mut facts = facts();
    change(&mut facts);
    told_of(&plan(), &facts)
}

fn container(name: &str, plan: Option<&str>) -> ContainerFact {
    let labels = plan.iter().map(|plan| (ContainerFact::PLAN.to_owned(), (*plan).to_owned())).collect();
    ContainerFact { image_id: "d".repeat(64), labels, ..ContainerFact::running(name, &"c".repeat(64)) }
}

fn held(address: Option<&str>, port: u16, protocol: Protocol, holder: &str) -> HeldPort {
    HeldPort { address: address.map(|text| text.parse().unwrap()), port, protocol, holder: holder.to_owned() }
}

/// Another plan that is deployed, with these services and this maintenance.
fn other(services: &Value, maintenance: &Value) -> (PlanName, Saved) {
    let name = PlanName::parse("blog").unwrap();
    let plan = json!({"version": 1, "name": "blog", "services": services, "maintenance": maintenance}).to_string();
    let saved = Saved {
        hotfixes: std::collections::BTreeMap::new(),
        version: 1,
        name: name.clone(),
        run: RunId::at(jiff::Timestamp::UNIX_EPOCH),
        plan,
        plan_sha256: "0".repeat(64),
        hash: None,
        files: BTreeMap::new(),
        deployed_at: jiff::Timestamp::UNIX_EPOCH,
        deployed_by: "root".to_owned(),
        landfall: "0.1.0".to_owned(),
        git_commit: None,
        beneath: None,
        services: BTreeMap::new(),
        secrets: Vec::new(),
        network: "blog".to_owned(),
        crontab: Vec::new(),
    };
    (name, saved)
}
