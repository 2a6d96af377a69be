//! What a policy says of the server: its directories, files, ports, logs, and whom it speaks to.

use super::{forbidden, of_plan, of_web, places, plan};
use crate::policy::judge::Places;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::path::PathBuf;

#[test]
fn data_lies_in_its_roots_component_by_component() {
    let volumes = |sources: &[&str], read_only: bool| {
        let volumes = sources.iter().map(|source| json!({ "source": source, "target": "/x", "read_only": read_only }));
        json!({ "volumes": volumes.collect::<Vec<_>>() })
    };
    let policy = json!({ "data_roots": ["/srv/shop", "/data"], "read_only_roots": ["/etc/ssl/certs"] });
    let sources =
        ["/srv/shop", "/srv/shop/db", "/data/x", "/srv/shop-other", "/srv", "/srv/sho", "/data2", "/etc/ssl/certs"];
    let told = |indices: &[usize]| {
        indices.iter().map(|index| format!("LF151 /services/web/volumes/{index}/source")).collect::<Vec<_>>()
    };
    assert_eq!(of_web(policy.clone(), volumes(&sources, false)), told(&[3, 4, 5, 6, 7]));
    assert_eq!(of_web(policy, volumes(&sources, true)), told(&[3, 4, 5, 6]));
    assert_eq!(of_web(json!({ "data_roots": [] }), volumes(&["/srv/shop"], true)), told(&[0]));
}

#[test]
fn what_counts_of_a_file_beside_the_plan_is_where_it_leads() {
    let web = json!({
        "configs": [
            { "file": "motd", "target": "/a" }, { "file": "../motd", "target": "/b" }, { "file": "link", "target": "/c" },
            { "file": "/etc/shadow", "target": "/d" }, { "file": "/etc/pki/shop.pem", "target": "/e" },
            { "content": "/etc/shadow", "target": "/f" }
        ],
        "image": { "build": "context" }
    });
    let leads_to = places(&[
        ("motd", "/srv/plans/motd"),
        ("../motd", "/srv/motd"),
        ("link", "/etc/shadow"),
        ("/etc/shadow", "/etc/shadow"),
        ("/etc/pki/shop.pem", "/etc/pki/shop.pem"),
        ("context", "/srv/plans-other/context"),
    ]);
    let plan = plan(&json!({}), &web);
    let told = |indices: &[usize]| {
        let image = ["LF161 /services/web/image/build".to_owned()].into_iter();
        image.chain(indices.iter().map(|index| format!("LF161 /services/web/configs/{index}/file"))).collect::<Vec<_>>()
    };
    assert_eq!(forbidden(&json!({ "file_folders": [] }), &plan, &leads_to), told(&[1, 2, 3, 4]));
    assert_eq!(forbidden(&json!({ "file_folders": ["/etc/pki"] }), &plan, &leads_to), told(&[1, 2, 3]));
    let nowhere = Places { folder: PathBuf::new(), ..leads_to };
    assert_eq!(forbidden(&json!({ "file_folders": [] }), &plan, &nowhere), told(&[0, 1, 2, 3, 4]));
}

#[test]
fn ports_are_published_where_it_is_allowed_each_of_a_range() {
    let of = |allowed: &[&str], port: &str| of_web(json!({ "host_ports": allowed }), json!({ "ports": [port] }));
    let wrong = ["LF154 /services/web/ports/0"];
    assert_eq!(of(&["8080"], "8080:80"), Vec::<String>::new());
    assert_eq!(of(&["0.0.0.0:8080", "[::]:8080"], "8080:80"), wrong, "all interfaces, but by name");
    assert_eq!(of(&["8000-8004", "8005-8009"], "8000-8009:9000-9009"), Vec::<String>::new());
    assert_eq!(of(&["8000-8004", "8006-8009"], "8000-8009:9000-9009"), wrong);
    assert_eq!(of(&["53/udp"], "127.0.0.1:53:53/udp"), Vec::<String>::new());
    assert_eq!(of(&["53/udp"], "53:53"), wrong);
    assert_eq!(of(&["127.0.0.1:1-65535"], "[::1]:80:80"), wrong);
    assert_eq!(of(&["127.0.0.1:1-65535"], "[::ffff:127.0.0.1]:80:80"), Vec::<String>::new());
    assert_eq!(of(&[], "127.0.0.1:80:80"), wrong);
}

#[test]
fn subnets_lie_in_the_ranges_that_are_allowed() {
    let of = |subnet: &str| {
        of_plan(json!({ "subnets": ["10.90.0.0/16", "fd00:90::/48"] }), json!({ "network": { "subnets": [subnet] } }))
    };
    assert_eq!([of("10.90.7.0/24"), of("10.90.0.0/16"), of("fd00:90::/64")], [const { Vec::<String>::new() }; 3]);
    let wrong = vec!["LF154 /network/subnets/0".to_owned()];
    assert_eq!([of("10.0.0.0/8"), of("8.8.8.0/24"), of("10.91.0.0/24")], [wrong.clone(), wrong.clone(), wrong]);
}

#[test]
fn a_health_check_asks_the_plans_own_services_and_ports_and_who_is_allowed() {
    let of = |check: Value, ports: &[&str]| {
        of_web(json!({ "check_hosts": ["status.example:443"] }), json!({ "healthcheck": check, "ports": ports }))
    };
    let http = |url: &str| json!({ "http": url });
    for (check, ports) in [
        (http("http://web:22/"), &[][..]),
        (http("http://localhost:8080/"), &["8080:80"]),
        (http("http://localhost:8080/"), &["127.0.0.1:8080:80"]),
        (http("http://127.0.0.1:8080/"), &["0.0.0.0:8080:80"]),
        (http("http://192.0.2.7:8080/"), &["192.0.2.7:8080:80"]),
        (http("https://STATUS.example/"), &[]),
        (json!({ "exec": ["curl", "http://169.254.169.254/"] }), &[]),
    ] {
        assert_eq!(of(check.clone(), ports), Vec::<String>::new(), "{check}");
    }
    for (check, ports) in [
        (http("http://169.254.169.254/latest/"), &[][..]),
        (http("http://localhost:22/"), &["8080:80"]),
        (http("http://localhost:22/"), &["192.0.2.7:22:80"]),
        (http("http://127.0.0.1:53/"), &["53:53/udp"]),
        (http("http://192.0.2.7:8080/"), &["8080:80"]),
        (http("http://status.example/"), &[]),
        (http("https://status.example.evil.example/"), &[]),
        (http("http://[::ffff:169.254.169.254]/"), &[]),
    ] {
        assert_eq!(of(check.clone(), ports), ["LF159 /services/web/healthcheck/http"], "{check}");
    }
    assert_eq!(of(json!({ "tcp": "10.0.0.1:22" }), &[]), ["LF159 /services/web/healthcheck/tcp"]);
}

#[test]
fn mail_goes_where_and_by_whom_it_is_allowed() {
    let mail = |to: &[&str], smtp: Value| json!({ "maintenance": { "mail": { "to": to, "from": "a@b.example", "smtp": smtp } } });
    let policy = json!({ "mail_to": ["@example.org"], "smtp_hosts": ["mail.example.org:587"] });
    let right = mail(&["ops@example.org"], json!({ "host": "mail.example.org" }));
    assert_eq!(of_plan(policy.clone(), right), Vec::<String>::new());
    let wrong = mail(&["ops@example.org", "me@evil.example"], json!({ "host": "mail.example.org", "port": 25 }));
    assert_eq!(of_plan(policy, wrong), ["LF159 /maintenance/mail/to/1", "LF159 /maintenance/mail/smtp/host"]);
    let open = mail(&["ops@example.org"], json!({ "host": "mail.example.org", "tls": "none" }));
    assert_eq!(of_plan(json!({ "unverified_tls": false }), open), ["LF159 /maintenance/mail/smtp/tls"]);
    let unverified = json!({
        "image": { "registry": "docker.io/a/b:1", "tls_verify": false },
        "healthcheck": { "http": { "url": "https://web/", "tls_verify": false } }
    });
    let expected = ["LF159 /services/web/image/tls_verify", "LF159 /services/web/healthcheck/http/tls_verify"];
    assert_eq!(of_web(json!({ "unverified_tls": false }), unverified), expected);
}

#[test]
fn names_scopes_keys_and_logs_are_the_sites() {
    assert_eq!(of_plan(json!({ "plans": ["blog"] }), json!({})), ["LF157 /name"]);
    assert_eq!(of_plan(json!({ "plans": ["blog", "shop"] }), json!({})), Vec::<String>::new());
    let node = json!({ "teardown": "node" });
    assert_eq!(of_plan(json!({ "teardown": ["plan"] }), node.clone()), ["LF157 /teardown"]);
    assert_eq!(of_plan(json!({ "teardown": ["node"] }), node), Vec::<String>::new());
    assert_eq!(of_plan(json!({ "teardown": ["node"] }), json!({})), ["LF157 /teardown"]);
    let keys = json!({ "ssh_keys": { "id": { "private_key": { "secret": "key" } } } });
    assert_eq!(of_plan(json!({ "ssh_keys": false }), keys), ["LF158 /ssh_keys/id"]);
    let cleanup = |members: Value| json!({ "maintenance": { "cleanup": members } });
    let (weekly, auth) = (json!({ "schedule": "@weekly" }), json!({ "schedule": "@weekly", "include_auth": true }));
    assert_eq!(of_plan(json!({ "log_purge": [] }), cleanup(weekly.clone())), ["LF157 /maintenance/cleanup"]);
    assert_eq!(of_plan(json!({ "log_purge": ["syslog"] }), cleanup(weekly.clone())), Vec::<String>::new());
    assert_eq!(of_plan(json!({ "log_purge": ["syslog"] }), cleanup(auth)), ["LF157 /maintenance/cleanup/include_auth"]);
    assert_eq!(of_plan(json!({ "log_keep": "7d" }), cleanup(weekly.clone())), Vec::<String>::new());
    assert_eq!(of_plan(json!({ "log_keep": "8d" }), cleanup(weekly)), ["LF157 /maintenance/cleanup/keep"]);
    let kept = json!({ "schedule": "@weekly", "keep": "30d" });
    assert_eq!(of_plan(json!({ "log_keep": "30d" }), cleanup(kept)), Vec::<String>::new());
}
