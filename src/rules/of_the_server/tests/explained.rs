//! What the explanations of the server's codes show as seen is what is told.

use super::{container, facts, held, other, plan, typed};
use crate::diagnostics::explained::{Explanation, Shows};
use crate::diagnostics::report::{Report, Style, human};
use crate::diagnostics::{Code, Finding};
use crate::facts::{
    ArchiveFact, ContainerFact, CrontabFact, DirectoryFact, Engine, EngineKind, Facts, FileFact, Hotfix, KeyFact,
    NetworkFact, Protocol, RegistryTrust,
};
use crate::plan::review::Review;
use crate::plan::values::{HostPath, ImageId, PlanName, PlanPath, RegistryName, ServiceName, Sha256};
use crate::policy::{self, Places};
use crate::rules::of_the_server::of_the_server;
use crate::rules::{of_the_history, of_the_review};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

type Change = fn(&mut Value, &mut Facts);

/// Servers on which something is wrong with the plan, and what it is.
const TROUBLE: &[Change] = &[
    |_, facts| {
        let machine = &mut facts.machine;
        machine.root = false;
        machine.hostname = "vsn8".to_owned();
        machine.free_memory = 1 << 29;
        machine.free_disk = 2 << 30;
        machine.state_problem =
            Some("/var/lib/landfall/shop can't be changed: it is immutable; `chattr -i` ends that".to_owned());
        machine.mail.sendmail = None;
        machine.program = PathBuf::from("/home/ann/landfall");
        machine.program_problem = Some("`ann` may write to it".to_owned());
        machine.ports.push(held(None, 8080, Protocol::Tcp, "nginx"));
        machine.subnets.push("10.0.0.0/8".parse().unwrap());
        facts.crontab = CrontabFact::Unusable("line 4 begins the block of `shop`, but nothing ends it".to_owned());
        facts.commands.insert("curl".to_owned(), None);
        facts.keys.values_mut().for_each(|key| *key = KeyFact::Foreign);
        let network = NetworkFact { name: "shop".to_owned(), labels: BTreeMap::new(), subnets: Vec::new() };
        facts.look.networks.push(network);
        facts.look.containers.push(container("shop-web", None));
        let guest = ContainerFact { networks: vec!["shop".to_owned()], ..container("guest", None) };
        facts.look.containers.push(guest);
    },
    |_, facts| {
        let (_, mut saved) = other(&json!({}), &json!({}));
        saved.name = PlanName::parse("shop").unwrap();
        saved.hotfixes.insert(
            ServiceName::parse("web").unwrap(),
            Hotfix {
                run: saved.run.clone(),
                at: "2026-11-21T10:11:12Z".parse().unwrap(),
                by: "ann".to_owned(),
                landfall: "0.1.0".to_owned(),
                from: "registry.example/shop/web:1.4.0".to_owned(),
                to: "registry.example/shop/web:1.4.1".to_owned(),
                from_id: ImageId::parse(&"0".repeat(64)).unwrap(),
                folder: None,
                secrets: false,
                service: json!({}),
            },
        );
        facts.saved.insert(saved.name.clone(), saved);
    },
    |_, facts| facts.engine = None,
    |_, facts| engine(facts, |engine| engine.problem = Some("database is locked".to_owned())),
    |_, facts| engine(facts, |engine| engine.version = "3.4.4".to_owned()),
    |_, facts| engine(facts, |engine| engine.name_resolution = false),
    |plan, _| {
        plan["services"]["db"]["logging"] = json!({"driver": "syslog"});
        plan["services"]["db"]["extra_hosts"] = json!(["vsn:host-gateway"]);
        plan["services"]["web"]["dns"] = json!(["192.0.2.53"]);
    },
    |_, facts| directory(facts, "/srv/shop/db", DirectoryFact::Symlink(PathBuf::from("/srv/shop"))),
    |_, facts| directory(facts, "/srv/shop/db", DirectoryFact::NotADirectory(PathBuf::from("/srv/shop/db"))),
    |_, facts| {
        let by = "its owner, user 1000".to_owned();
        directory(facts, "/srv/shop/db", DirectoryFact::WithinReach { at: PathBuf::from("/srv/shop"), by });
    },
    |_, facts| directory(facts, "/srv/disk", DirectoryFact::Present { mountpoint: false, label_usable: true }),
    |_, facts| directory(facts, "/srv/shop/db", DirectoryFact::Present { mountpoint: false, label_usable: false }),
    |plan, facts| {
        plan["teardown"] = json!("node");
        let volume = json!({"source": "/srv/shop", "target": "/data"});
        let services = json!({"files": {"image": "registry.example/blog:1", "volumes": [volume]}});
        facts.saved.extend([other(&services, &json!({"cleanup": {"schedule": "@daily"}}))]);
    },
    |_, facts| {
        facts.saved.extend([other(&json!({}), &json!({}))]);
        facts.saved.values_mut().for_each(|saved| saved.plan = "{".to_owned());
    },
    |_, facts| {
        let unusable = FileFact::Unusable { reason: "`ann` may write to it".to_owned(), cure: "chown it".to_owned() };
        facts.files.insert(PlanPath::parse("db.tar").unwrap(), FileFact::Missing);
        facts.files.insert(PlanPath::parse("web.conf").unwrap(), unusable);
    },
    |plan, facts| {
        plan["services"]["db"]["image"] = json!({"archive": "/mnt/stick/", "reference": "registry.example/db:2"});
        let reason = "none of its archives has the image `registry.example/db:2`: db.tar has registry.example/db:1";
        let cure = "copy the archive into the folder itself, or name an image that is there with `reference`";
        let fact = ArchiveFact::NotFound { reason: reason.to_owned(), cure: cure.to_owned() };
        facts.archives.insert(ServiceName::parse("db").unwrap(), fact);
    },
    |_, facts| facts.deployed_on = Some(EngineKind::Docker),
    |plan, facts| {
        plan["services"]["web"]["image"] = json!("localhost:5000/shop/web:1.2.0");
        facts.engine = Some(Engine::assumed_of(EngineKind::Docker));
        let trust = RegistryTrust { verified: false, authorities: Vec::new() };
        facts.trusts.insert(RegistryName::parse("localhost:5000").unwrap(), trust);
    },
];

fn engine(facts: &mut Facts, change: fn(&mut Engine)) {
    facts.engine.iter_mut().for_each(change);
}

fn directory(facts: &mut Facts, path: &str, fact: DirectoryFact) {
    facts.directories.insert(HostPath::parse(path).unwrap(), fact);
}

/// What is told of a plan that was not reviewed as it is.
fn not_reviewed() -> Vec<Finding> {
    let plan = typed(&json!({
        "version": 1, "name": "shop", "services": { "web": { "image": "registry.example/shop/web:1" } }
    }));
    // Its own hash would be another one with each new field of the format.
    let review = Review { plan_sha256: "9f".repeat(32), ..Review::of(&plan, BTreeMap::new()).unwrap() };
    of_the_review(&plan, &review, &Sha256::parse(&"0".repeat(64)).unwrap())
}

/// What is told of an accepted plan of which a file has changed.
fn not_as_accepted() -> Vec<Finding> {
    let path = PlanPath::parse("web.conf").unwrap();
    let config = json!([{ "file": "web.conf", "target": "/etc/web.conf" }]);
    let plan = typed(&json!({
        "version": 1, "name": "shop", "services": { "web": { "image": "localhost/a:1", "configs": config } }
    }));
    let review = Review::of(&plan, [(path.clone(), Ok("2".repeat(64)))].into()).unwrap();
    of_the_history(&plan, &[(path, "1".repeat(64))].into(), &review)
}

/// What is told of a plan that asks for much on a site that allows little, and of a policy that others can write.
fn not_allowed() -> Vec<Finding> {
    let plan = typed(&json!({
        "version": 1, "name": "shop",
        "teardown": "node",
        "network": { "subnets": ["8.8.8.0/24"] },
        "ssh_keys": { "id_ed25519": { "private_key": { "secret": "key" } } },
        "services": { "web": {
            "image": "docker.io/library/nginx:1.27", "cap_add": ["SYS_ADMIN"], "devices": ["/dev/sda"],
            "volumes": [{ "source": "/home", "target": "/data" }], "ports": ["8080:80"],
            "configs": [{ "file": "/etc/shadow", "target": "/shadow" }],
            "healthcheck": { "http": "http://169.254.169.254/" }
        } }
    }));
    let policy = json!({
        "version": 1, "teardown": ["plan"], "data_roots": ["/srv"], "file_folders": [],
        "registries": ["registry.example:5000/shop"], "unpinned_images": false, "cap_add": ["NET_RAW"], "devices": [],
        "host_ports": ["127.0.0.1:1024-65535"], "check_hosts": [], "ssh_keys": false, "memory": "2GiB"
    });
    let site = policy::read("/etc/landfall/policy.json", format!("{policy:#}").as_bytes()).unwrap();
    let mut findings = policy::judge(&site, &plan, &Places::default());
    let who = crate::host::files::Stranger::Everyone;
    let path = PathBuf::from("/etc/landfall/policy.json");
    let problem = crate::host::files::FileProblem::WritableByStrangers { path, who };
    findings.push(policy::unusable(&problem.to_string()));
    findings
}

/// The finding as plain lines, without the plan.
fn told(finding: Finding) -> String {
    let style = Style { width: 100, drawn: false, colour: false };
    let report = human(&Report { plan: None, secrets: None, policy: None, findings: &[finding] }, &style);
    report.split("\n\n").next().unwrap_or_default().to_owned()
}

#[test]
fn every_finding_of_a_server_is_explained_as_it_is_told() {
    let trouble = |change: &Change| {
        let (mut plan, mut facts) = (plan(), facts());
        change(&mut plan, &mut facts);
        of_the_server(&typed(&plan), &facts)
    };
    let mut first: BTreeMap<Code, String> = BTreeMap::new();
    for finding in TROUBLE.iter().flat_map(trouble).chain(not_reviewed()).chain(not_as_accepted()).chain(not_allowed())
    {
        first.entry(finding.code).or_insert_with(|| told(finding));
    }
    for code in Code::ALL {
        for seen in Explanation::of(*code).examples_of(Shows::Seen) {
            assert_eq!((*code, Some(seen.text)), (*code, first.get(code).map(String::as_str)));
        }
    }
}
