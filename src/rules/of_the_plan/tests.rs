//! What is only warned of, and what is right although it looks wrong. The mistakes themselves are files of rejected plans.

use crate::diagnostics::{Document, Place};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

/// Code, place and message of each finding: `LF053? /services/web/ports/0: …`, with `?` for a warning. Without advice on what
/// could be added.
fn told(plan: &Value, secrets: Option<&Value>) -> Vec<String> {
    let advice = |told: &String| ["LF141?", "LF142?"].iter().any(|code| told.starts_with(code));
    all_told(plan, secrets).into_iter().filter(|told| !advice(told)).collect()
}

fn all_told(plan: &Value, secrets: Option<&Value>) -> Vec<String> {
    let secrets = secrets.map(Value::to_string);
    let text = plan.to_string();
    let checked = crate::check(
        ("plan.json", text.as_bytes()),
        secrets.as_ref().map(|secrets| ("secrets.json", secrets.as_bytes())),
    );
    let one = |finding: &crate::diagnostics::Finding| {
        let place = match (&finding.place, finding.document) {
            (Place::Value(pointer) | Place::Key(pointer), Document::Plan) => pointer.to_string(),
            (Place::Value(pointer) | Place::Key(pointer), Document::Secrets) => format!("secrets {pointer}"),
            (Place::Value(_) | Place::Key(_), Document::Policy | Document::Host)
            | (Place::Bytes(_) | Place::Whole, _) => String::new(),
        };
        let warning = finding.severity == crate::diagnostics::Severity::Warning;
        format!("{}{} {place}: {}", finding.code, if warning { "?" } else { "" }, finding.message)
    };
    checked.findings.iter().map(one).collect()
}

fn of_services(services: &Value) -> Vec<String> {
    told(&json!({"version": 1, "name": "shop", "services": services}), None)
}

fn of_service(fields: Value) -> Vec<String> {
    let mut web = json!({"image": "registry.example/web:1"});
    web.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    of_services(&json!({ "web": web }))
}

const NOTHING: [&str; 0] = [];

#[test]
fn a_port_without_an_address_is_warned_of_and_one_with_all_addresses_is_not() {
    let told = of_service(json!({"ports": ["8080:80", "0.0.0.0:8081:80", "[::]:8081:80", "8080:80/udp"]}));
    let expected = [
        "LF053? /services/web/ports/0: port 8080/tcp is published on every interface",
        "LF053? /services/web/ports/3: port 8080/udp is published on every interface",
        "LF083 /services/web/ports/2: the container has no IPv6 address that `[::]` could lead to",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_port_on_ipv6_needs_a_subnet_and_an_address_that_packets_can_leave_from() {
    let ports = json!(["[::1]:8080:80", "[2001:db8::1]:8080:80", "[::]:8081:80/udp", "127.0.0.1:8080:80"]);
    let of_subnets = |subnets: Value| {
        let web = json!({"image": "registry.example/web:1", "memory": "64MiB", "healthcheck": {"exec": ["true"]}, "ports": ports});
        let plan = json!({"version": 1, "name": "shop", "network": {"subnets": subnets}, "services": {"web": web}});
        told(&plan, None)
    };
    let at = |index: usize| format!("/services/web/ports/{index}");
    let loopback = format!("LF083 {}: nobody can reach port 8080 at `[::1]`", at(0));
    assert_eq!(
        of_subnets(json!(["10.90.0.0/24"])),
        [
            loopback.clone(),
            format!("LF083 {}: the container has no IPv6 address that `[2001:db8::1]` could lead to", at(1)),
            format!("LF083 {}: the container has no IPv6 address that `[::]` could lead to", at(2)),
        ]
    );
    assert_eq!(
        of_subnets(json!(["10.90.0.0/24", "fd00:90::/64"])),
        [loopback, format!("LF083? {}: port 8081 may be out of reach at `[::]`", at(2))]
    );
}

#[test]
fn a_secret_in_the_environment_is_warned_of() {
    let told = of_service(json!({"environment": {"A": "{{a}}", "B": {"secret": "b"}, "C": {"template": "{{url b}}"}}}));
    let expected = [
        "LF068? /services/web/environment/B: the variable `B` holds a secret",
        "LF068? /services/web/environment/C: the variable `C` holds a secret",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_secret_that_nobody_uses_is_warned_of() {
    let file = json!([{"secret": "used", "target": "/run/secrets/used"}]);
    let services = json!({"web": {"image": "registry.example/web:1", "secrets": file}});
    let plan = json!({"version": 1, "name": "shop", "services": services});
    let secrets = json!({"$schema": "secrets.v1.json", "used": "x", "left_over": "x"});
    assert_eq!(told(&plan, Some(&secrets)), ["LF067? secrets /left_over: the plan never uses the secret `left_over`"]);
    assert_eq!(told(&plan, None), NOTHING);
}

#[test]
fn a_filled_template_has_the_bounds_of_a_secret() {
    let services = json!({"web": {
        "image": "registry.example/web:1", "configs": [{"template": "{{long}}{{long}}", "target": "/etc/web.conf"}]
    }});
    let plan = json!({"version": 1, "name": "shop", "services": services});
    let place = "/services/web/configs/0/template";
    assert_eq!(
        told(&plan, Some(&json!({"long": "x".repeat(256_000)}))),
        [format!("LF069 {place}: the template, filled in, has 512000 bytes")]
    );
    assert_eq!(told(&plan, Some(&json!({"long": "x".repeat(255_999)}))), NOTHING);
}

#[test]
fn checks_and_jobs_that_tell_nobody_are_warned_of() {
    let maintenance = json!({
        "healthcheck": {"schedule": "@hourly"}, "cleanup": {"schedule": "@weekly"},
        "jobs": {"dump": {"schedule": "@daily", "service": "web", "exec": ["dump"]}}
    });
    let services = json!({"web": {"image": "registry.example/web:1"}});
    let mut plan = json!({"version": 1, "name": "shop", "services": services, "maintenance": maintenance});
    let expected = [
        "LF080? /maintenance/healthcheck: nobody is told of an unhealthy service",
        "LF080? /maintenance/jobs: nobody is told of a job that fails",
    ];
    assert_eq!(told(&plan, None), expected);
    plan["maintenance"]["mail"] =
        json!({"to": ["a@b.example"], "from": "a@b.example", "remind": "1d", "include_output": true});
    assert_eq!(told(&plan, None), NOTHING);
}

#[test]
fn a_check_of_the_server_asks_a_published_port() {
    let check = |url: &str| of_service(json!({"ports": ["127.0.0.1:8080-8089:80-89"], "healthcheck": {"http": url}}));
    assert_eq!(check("http://localhost:8085/"), NOTHING);
    assert_eq!(check("http://web:80/"), NOTHING);
    assert_eq!(check("https://shop.example/"), NOTHING);
    let message = "the health check asks `localhost:80`, and no service publishes port 80";
    assert_eq!(check("http://localhost/"), [format!("LF082? /services/web/healthcheck/http: {message}")]);
    assert_eq!(
        check("http://[::1]:9000/"),
        ["LF082? /services/web/healthcheck/http: the health check asks `::1:9000`, and no service publishes port 9000"]
    );
    assert_eq!(check("http://wbe:80/"), ["LF059? /services/web/healthcheck/http: `wbe` is no service of this plan"]);
}

#[test]
fn data_may_be_shared_to_be_read_and_nested_in_one_service() {
    let volume = |source: &str, target: &str| json!({"source": source, "target": target, "read_only": true});
    let services = json!({
        "api": {"image": "registry.example/api:1", "volumes": [volume("/srv/shop", "/data")]},
        "web": {"image": "registry.example/web:1", "volumes": [volume("/srv/shop/www", "/www"), volume("/srv/shop", "/all")]}
    });
    assert_eq!(of_services(&services), NOTHING);
}

#[test]
fn a_working_directory_may_be_a_volume_itself() {
    let volumes =
        json!([{"source": "/srv/shop/app", "target": "/app"}, {"source": "/srv/shop/app2", "target": "/app2"}]);
    assert_eq!(of_service(json!({"working_dir": "/app", "volumes": volumes})), NOTHING);
}

#[test]
fn services_may_wait_for_the_same_one_on_several_ways() {
    let service = |depends_on: Value| json!({"image": "registry.example/x:1", "depends_on": depends_on});
    let services = json!({"a": service(json!([])), "b": service(json!(["a"])), "c": service(json!(["a"])), "d": service(json!(["b", "c"]))});
    assert_eq!(of_services(&services), NOTHING);
}

#[test]
fn each_circle_is_told_once_and_a_service_that_only_waits_for_it_is_not() {
    let service = |depends_on: Value| json!({"image": "registry.example/x:1", "depends_on": depends_on});
    let services = json!({
        "a": service(json!(["b"])), "b": service(json!(["a"])),
        "c": service(json!(["a", "c"])), "d": service(json!(["c"]))
    });
    let expected = [
        "LF060 /services/a/depends_on/0: services wait in a circle: `a` → `b` → `a`",
        "LF060 /services/c/depends_on/1: `c` waits for itself",
    ];
    assert_eq!(of_services(&services), expected);
}

#[test]
fn all_capabilities_can_be_dropped_and_some_given_back() {
    assert_eq!(of_service(json!({"cap_drop": ["ALL"], "cap_add": ["CHOWN", "NET_ADMIN"]})), NOTHING);
    assert_eq!(of_service(json!({"cap_add": ["ALL"], "cap_drop": ["SYS_ADMIN"]})), NOTHING);
}

#[test]
fn a_host_has_an_address_of_each_family() {
    assert_eq!(of_service(json!({"extra_hosts": ["p.example:192.0.2.9", "p.example:2001:db8::9"]})), NOTHING);
}

#[test]
fn a_hashed_host_may_be_known() {
    let key = "AAAAC3NzaC1lZDI1NTE5AAAAIN8oNJpEn2vUbNfHHzRQd1nfBwQxFzW6t1tO7MEXAAAA";
    let lines = json!([
        format!("|1|c2FsdA==|aGFzaA== ssh-ed25519 {key} images"),
        format!("[a.example]:2222,192.0.2.1 ssh-ed25519 {key}")
    ]);
    let plan = json!({
        "version": 1, "name": "shop", "services": {"web": {"image": "registry.example/web:1"}},
        "ssh_keys": {"id_rsa": {"private_key": {"secret": "key"}, "known_hosts": lines}}
    });
    assert_eq!(told(&plan, None), NOTHING);
}

#[test]
fn advice_waits_until_nothing_is_wrong_and_is_not_given_about_one_shots() {
    let with = |fields: Value| {
        let mut web = json!({"image": "registry.example/web:1"});
        web.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        all_told(&json!({"version": 1, "name": "shop", "services": {"web": web}}), None)
    };
    let advice = ["LF141? /services/web: `web` has no memory limit", "LF142? /services/web: `web` has no health check"];
    assert_eq!(with(json!({})), advice);
    assert_eq!(with(json!({"memory": "64MiB", "healthcheck": {"exec": ["true"]}})), NOTHING);
    assert_eq!(with(json!({"restart": "no"})), NOTHING);
    assert_eq!(with(json!({"stop_grace_period": "1d"})).len(), 1);
}

#[test]
fn a_tag_that_names_no_version_is_warned_of() {
    let image = |image: Value| of_services(&json!({"web": {"image": image}}));
    assert_eq!(
        [image(json!("registry.example/web")), image(json!({"registry": "registry.example/web:stable"}))].concat(),
        [
            "LF140? /services/web/image: the image has no tag, which means `latest`",
            "LF140? /services/web/image/registry: the tag `stable` names no version",
        ]
    );
    let digest = format!("sha256:{}", "a".repeat(64));
    for pinned in [
        json!("registry.example/web:1.27"),
        json!(format!("registry.example/web:latest@{digest}")),
        json!({"registry": "registry.example/web", "digest": digest}),
        json!({"registry": "registry.example/web:latest", "id": digest}),
        json!({"archive": "web.tar"}),
    ] {
        assert_eq!(image(pinned), NOTHING);
    }
}

#[test]
fn a_database_on_all_interfaces_is_one_finding_whatever_the_port_outside() {
    let told = of_service(json!({"ports": [
        "15432:5432", "0.0.0.0:6379:6379", "[::]:3306:3306", "127.0.0.1:5433:5432", "9000:5432/udp", "1430-1434:1430-1434"
    ]}));
    let expected = [
        "LF143? /services/web/ports/0: port 15432/tcp leads to a database (PostgreSQL) and is published on every interface",
        "LF143? /services/web/ports/1: port 6379/tcp leads to a database (Redis) and is published on every interface",
        "LF143? /services/web/ports/2: port 3306/tcp leads to a database (MySQL and MariaDB) and is published on every interface",
        "LF143? /services/web/ports/5: port 1430-1434/tcp leads to a database (SQL Server) and is published on every interface",
        "LF053? /services/web/ports/4: port 9000/udp is published on every interface",
        "LF083 /services/web/ports/2: the container has no IPv6 address that `[::]` could lead to",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_schedule_in_the_hours_when_clocks_change_is_warned_of() {
    let schedule = |schedule: &str| {
        let services = json!({"web": {"image": "registry.example/web:1"}});
        let maintenance = json!({"cleanup": {"schedule": schedule}});
        let plan = json!({"version": 1, "name": "shop", "services": services, "maintenance": maintenance});
        told(&plan, None)
    };
    for doubtful in ["30 2 * * *", "0 1 * * 0", "*/20 3 * * *", "0 0-6 * * *", "0 14,3 * * *"] {
        let message = format!("schedule `{doubtful}` fires in hours that daylight saving skips or repeats");
        assert_eq!(schedule(doubtful), [format!("LF144? /maintenance/cleanup/schedule: {message}")]);
    }
    for fine in ["30 4 * * *", "59 0 * * *", "@weekly", "@hourly", "*/5 * * * *", "0 */2 * * *"] {
        assert_eq!(schedule(fine), NOTHING);
    }
}

#[test]
fn a_certificate_that_nobody_verifies_is_warned_of_unless_nobody_stands_between() {
    let check = |url: &str| of_service(json!({"healthcheck": {"http": {"url": url, "tls_verify": false}}}));
    let expected = "LF145? /services/web/healthcheck/http/tls_verify: the certificate is not verified";
    assert_eq!(check("https://shop.example/"), [expected]);
    assert_eq!(check("https://web:443/"), NOTHING);
    let image = |fields: Value| {
        let mut image = json!({"registry": "registry.example/web:1", "tls_verify": false});
        image.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        of_services(&json!({"web": {"image": image}}))
    };
    assert_eq!(image(json!({})), ["LF145? /services/web/image/tls_verify: the certificate is not verified"]);
    assert_eq!(image(json!({"digest": format!("sha256:{}", "a".repeat(64))})), NOTHING);
}
