//! What is told of plans that are right, at a given time in a given zone.

use super::Judged;
use super::told;
use crate::check;
use crate::diagnostics::report::Style;
use crate::plan::review::Review;
use jiff::Zoned;
use jiff::civil::date;
use jiff::tz::TimeZone;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

const PLAIN: Style = Style { width: 100, drawn: false, colour: false };

fn now() -> Zoned {
    let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    date(2027, 3, 27).at(12, 0, 0, 0).to_zoned(zone).unwrap()
}

fn plan() -> Value {
    let service = |fields: Value| {
        let mut service = json!({
            "image": "registry.example/shop/web:3.43.1", "memory": "64MiB", "healthcheck": {"exec": ["true"]}
        });
        service.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        service
    };
    json!({"version": 1, "name": "shop", "services": {
        "api": service(json!({"image": {"archive": "api.tar"}, "depends_on": ["db"]})),
        "cache": service(json!({"ports": ["127.0.0.1:6379:6379", "127.0.0.2:6379:6379"]})),
        "db": service(json!({"volumes": [
            {"source": "/srv/db", "target": "/data"},
            {"source": "/mnt/old", "target": "/old", "read_only": true, "mountpoint": true}
        ]})),
        "web": service(json!({"depends_on": ["api", "cache"]}))
    }, "maintenance": {
        "cleanup": {"schedule": "30 4 * * *"},
        "jobs": {"dump": {"schedule": "0 12 * * 1", "service": "db", "exec": ["dump"]}},
        "mail": {"to": ["a@b.example"], "from": "a@b.example"}
    }})
}

/// The hash that `--expect` takes, of a plan that names no file but archives.
fn hash_of(plan: &Value) -> String {
    let plan = serde_json::from_value(plan.clone()).unwrap();
    Review::of(&plan, [].into()).unwrap().hash().unwrap()
}

fn judged(plans: &[(&str, &Value)], secrets: Option<&str>) -> Judged {
    let secrets = secrets.map(|text| ("secrets.json", text.as_bytes()));
    Judged::of(
        plans.iter().map(|(name, plan)| check((name, plan.to_string().as_bytes()), secrets)).collect(),
        crate::cli::site::Found::None,
    )
}

fn human(plans: &[(&str, &Value)], secrets: Option<&str>) -> String {
    let judged = judged(plans, secrets);
    told::human(&judged.reports(), &judged.overviews(&now()), &PLAIN)
}

#[test]
fn a_right_plan_is_summed_up_with_its_order_of_start_and_its_next_firings() {
    let hash = hash_of(&plan());
    assert_eq!(
        human(&[("plan.json", &plan())], None),
        format!("plan.json is valid: shop, 4 services

  start order  1. cache, db
               2. api
               3. web
  images       api    api.tar
               cache  registry.example/shop/web:3.43.1
               db     registry.example/shop/web:3.43.1
               web    registry.example/shop/web:3.43.1
  ports        cache  127.0.0.1:6379:6379
               cache  127.0.0.2:6379:6379
  data         db  /srv/db at /data
               db  /mnt/old at /old (read-only, a disk of its own)
  schedules    cleanup  30 4 * * *: Sun 2027-03-28 04:30 +02:00, Mon 2027-03-29 04:30 +02:00, Tue 2027-03-30 04:30 +02:00
               dump     0 12 * * 1: Mon 2027-03-29 12:00 +02:00, Mon 2027-04-05 12:00 +02:00, Mon 2027-04-12 12:00 +02:00
  hash         {hash}
")
    );
}

#[test]
fn an_overview_is_data_too() {
    let judged = judged(&[("plan.json", &plan())], None);
    let mut document = told::json(&judged.reports(), &judged.overviews(&now()));
    let mut plan = document["plans"][0].take();
    let hashes = ["hash", "plan_sha256"].map(|hash| plan[hash].take());
    assert_eq!(hashes.each_ref().map(|hash| hash.as_str().map(str::len)), [Some(64); 2]);
    assert_eq!(hashes[0], hash_of(&self::plan()));
    let image =
        |service: &str, source: &str, image: &str| json!({"service": service, "source": source, "image": image});
    let pulled = "registry.example/shop/web:3.43.1";
    let volume = |source: &str, target: &str, read_only: bool| json!({"service": "db", "source": source, "target": target, "read_only": read_only, "mountpoint": read_only});
    let day = |day: u8| format!("2027-03-{day}T04:30:00+02:00");
    assert_eq!(
        plan,
        json!({
            "file": "plan.json", "valid": true, "name": "shop", "hash": null, "plan_sha256": null,
            "files": {}, "unread": {}, "unpinned": ["api", "cache", "db", "web"],
            "start_order": [["cache", "db"], ["api"], ["web"]],
            "images": [
                image("api", "archive", "api.tar"), image("cache", "registry", pulled), image("db", "registry", pulled),
                image("web", "registry", pulled)
            ],
            "ports": [
                {"service": "cache", "port": "127.0.0.1:6379:6379"}, {"service": "cache", "port": "127.0.0.2:6379:6379"}
            ],
            "volumes": [volume("/srv/db", "/data", false), volume("/mnt/old", "/old", true)],
            "schedules": [
                {"name": "cleanup", "schedule": "30 4 * * *", "next": [day(28), day(29), day(30)]},
                {"name": "dump", "schedule": "0 12 * * 1", "next": [
                    "2027-03-29T12:00:00+02:00", "2027-04-05T12:00:00+02:00", "2027-04-12T12:00:00+02:00"
                ]}
            ]
        })
    );
    assert_eq!((document["valid"].clone(), document["findings"].clone()), (json!(true), json!([])));
}

#[test]
fn of_several_plans_each_has_a_line() {
    let mut other = plan();
    other["name"] = json!("Shop");
    let told = human(&[("a.json", &plan()), ("b.json", &other)], None);
    let hash = hash_of(&plan());
    let end = format!("1 error in b.json\n\na.json is valid: shop, 4 services, {hash}\nb.json is not valid: 1 error\n");
    assert_eq!(told.get(told.len() - end.len()..), Some(end.as_str()));
}

#[test]
fn a_secret_is_unused_if_no_plan_uses_it() {
    let using = |secret: &str| {
        let mut plan = plan();
        plan["services"]["web"]["secrets"] = json!([{"secret": secret, "target": "/run/secrets/x"}]);
        plan
    };
    let secrets = r#"{"one": "x", "two": "x", "three": "x"}"#;
    let unused = |plans: &[(&str, &Value)]| {
        let judged = judged(plans, Some(secrets));
        judged.of_the_secrets.iter().map(|finding| finding.message.clone()).collect::<Vec<_>>()
    };
    let (one, two) = (using("one"), using("two"));
    let told = |name: &str| format!("the plan never uses the secret `{name}`");
    assert_eq!(unused(&[("a.json", &one)]), ["three", "two"].map(told));
    assert_eq!(unused(&[("a.json", &one), ("b.json", &two)]), ["three"].map(told));
    assert_eq!(unused(&[("a.json", &one), ("b.json", &json!([]))]), [] as [String; 0]);
}

#[test]
fn what_is_wrong_with_the_secrets_is_told_once_and_no_plan_counts_as_valid_with_them() {
    let plans = [("a.json", &plan()), ("b.json", &plan())];
    let judged = judged(&plans, Some(r#"{"one": 1}"#));
    let codes = |judged: &Judged| judged.of_the_secrets.iter().map(|finding| finding.code.text()).collect::<Vec<_>>();
    assert_eq!(codes(&judged), ["LF007"]);
    let told = human(&plans, Some(r#"{"one": 1}"#));
    let end = "\na.json is valid, but its secrets are not\nb.json is valid, but its secrets are not\n";
    assert!(told.ends_with(end), "{told}");
}
