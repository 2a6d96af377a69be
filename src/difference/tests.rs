//! Two plans in, what differs out.

use super::{Difference, Fate, MadeFrom, Side, between};
use crate::plan::model::{Plan, schema};
use crate::plan::reading::plan_sha256;
use crate::plan::review::Contents;
use crate::plan::values::{ImageId, PlanPath, ServiceName};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn shop(web: Value) -> Value {
    let mut service = json!({ "image": "localhost/a:1" });
    service.as_object_mut().unwrap().extend(web.as_object().unwrap().clone());
    json!({ "version": 1, "name": "shop", "services": { "web": service } })
}

fn side(plan: &Value) -> Side {
    let plan: Plan = serde_json::from_value(plan.clone()).unwrap();
    let containers = plan.services.keys().map(|name| (name.clone(), MadeFrom::default())).collect();
    let plan_sha256 = plan_sha256(&plan).unwrap();
    Side { plan, plan_sha256, hash: None, contents: Contents::new(), containers, crontab: Vec::new() }
}

fn differing(old: &Value, new: &Value) -> Difference {
    between(Some(&side(old)), &side(new))
}

/// Every change as `pointer field old new`, those outside the services first.
fn told(difference: &Difference) -> Vec<String> {
    let value = |value: &Option<Value>| value.as_ref().map_or("-".to_owned(), Value::to_string);
    let changes = difference.changes.iter().chain(difference.services.iter().flat_map(|service| &service.changes));
    let one = |change: &super::Change| {
        let content = if change.content { " content" } else { "" };
        format!("{} {}{content} {} {}", change.pointer, change.field, value(&change.old), value(&change.new))
    };
    changes.map(one).collect()
}

fn fates(difference: &Difference) -> Vec<(&str, Fate)> {
    difference.services.iter().map(|service| (service.name.as_str(), service.fate)).collect()
}

#[test]
fn what_is_written_in_another_way_is_no_difference() {
    let short = shop(json!({
        "ports": ["80:80", "81:81"], "tmpfs": ["/tmp", "/run/x"], "ulimits": { "nofile": 100 }, "depends_on": ["db"],
        "memory": "1GiB", "healthcheck": { "http": "http://localhost:80/", "timeout": "1m" }, "cap_add": ["SYS_NICE", "CHOWN"],
        "environment": { "A": "1" }
    }));
    let long = shop(json!({
        "restart": "always", "ports": ["81:81", "80:80"], "tmpfs": [{ "target": "/run/x" }, { "target": "/tmp" }],
        "ulimits": { "nofile": { "soft": 100, "hard": 100 } }, "depends_on": { "db": { "condition": "service_healthy" } },
        "memory": "1024MiB", "image": { "registry": "localhost/a:1" }, "read_only": false, "cap_add": ["CHOWN", "SYS_NICE"],
        "healthcheck": { "http": { "url": "http://localhost:80/" }, "timeout": "60s", "retries": 3 },
        "environment": { "A": "1" }
    }));
    let difference = differing(&short, &long);
    assert_eq!(told(&difference), [] as [&str; 0]);
    assert_eq!(fates(&difference), [("web", Fate::Unknown)]);
    assert_eq!((difference.is_none(), difference.written_otherwise), (true, true));
    let same = differing(&short, &short);
    assert_eq!((same.is_none(), same.written_otherwise), (true, false));
}

#[test]
fn each_field_is_told_with_what_it_was_and_is() {
    let old = shop(json!({
        "environment": { "LEVEL": "info", "OLD": "1", "TOKEN": { "secret": "one" } }, "ports": ["80:80", "81:81"],
        "volumes": [{ "source": "/srv/a", "target": "/a" }, { "source": "/srv/b", "target": "/b" }],
        "command": ["serve", "--fast"], "memory": "1GiB", "stop_grace_period": "30s"
    }));
    let new = shop(json!({
        "environment": { "LEVEL": "debug", "NEW": "2", "TOKEN": { "secret": "two" } }, "ports": ["81:81", "82:82"],
        "volumes": [{ "source": "/srv/b", "target": "/b", "read_only": true }], "image": "localhost/a:2",
        "command": ["serve"], "stop_grace_period": "1m", "read_only": true
    }));
    assert_eq!(
        told(&differing(&old, &new)),
        [
            r#"/services/web/command command ["serve","--fast"] ["serve"]"#,
            r#"/services/web/environment/LEVEL environment.LEVEL "info" "debug""#,
            r#"/services/web/environment/NEW environment.NEW - "2""#,
            r#"/services/web/environment/OLD environment.OLD "1" -"#,
            r#"/services/web/environment/TOKEN/secret environment.TOKEN.secret "one" "two""#,
            r#"/services/web/image image "localhost/a:1" "localhost/a:2""#,
            r#"/services/web/memory memory "1GiB" -"#,
            r#"/services/web/ports/0 ports "80:80" -"#,
            r#"/services/web/ports/1 ports - "82:82""#,
            "/services/web/read_only read_only false true",
            r#"/services/web/stop_grace_period stop_grace_period "30s" "1m""#,
            r#"/services/web/volumes/0 volumes[/a] {"mode":"0755","owner":"0:0","source":"/srv/a","target":"/a"} -"#,
            "/services/web/volumes/0/read_only volumes[/b].read_only false true",
        ]
    );
}

#[test]
fn what_is_outside_the_services_is_told_by_its_whole_path() {
    let mut old = shop(json!({}));
    old["maintenance"] = json!({ "jobs": { "dump": { "schedule": "@daily", "service": "web", "exec": ["a"] } } });
    old["ssh_keys"] = json!({ "id": { "private_key": { "secret": "key" }, "known_hosts": ["a", "b"] } });
    let mut new = shop(json!({}));
    new["maintenance"] =
        json!({ "jobs": { "dump": { "schedule": "@weekly", "service": "web", "exec": ["a"], "timeout": "60m" } } });
    new["ssh_keys"] = json!({ "id": { "private_key": { "secret": "key" }, "known_hosts": ["b", "c"] } });
    new["network"] = json!({ "subnets": ["10.1.0.0/24"] });
    new["history"] = json!({ "keep": 9 });
    assert_eq!(
        told(&differing(&old, &new)),
        [
            "/history/keep history.keep 5 9",
            r#"/maintenance/jobs/dump/schedule maintenance.jobs.dump.schedule "@daily" "@weekly""#,
            r#"/network/subnets/0 network.subnets - "10.1.0.0/24""#,
            r#"/ssh_keys/id/known_hosts/0 ssh_keys.id.known_hosts "a" -"#,
            r#"/ssh_keys/id/known_hosts/1 ssh_keys.id.known_hosts - "c""#,
        ]
    );
}

#[test]
fn where_nothing_is_deployed_everything_is_new() {
    let mut plan = shop(json!({ "memory": "1GiB", "volumes": [{ "source": "/srv/a", "target": "/a" }] }));
    plan["history"] = json!({ "keep": 9 });
    let difference = between(None, &side(&plan));
    assert_eq!(fates(&difference), [("web", Fate::New)]);
    assert_eq!(
        told(&difference),
        [
            "/history/keep history.keep 5 9",
            r#"/services/web/image image - "localhost/a:1""#,
            r#"/services/web/memory memory - "1GiB""#,
            r#"/services/web/volumes/0 volumes[/a] - {"mode":"0755","owner":"0:0","source":"/srv/a","target":"/a"}"#,
        ]
    );
    assert_eq!(difference.new_directories.iter().map(ToString::to_string).collect::<Vec<_>>(), ["/srv/a"]);
    assert!(!difference.is_none());
}

#[test]
fn services_come_and_go_and_data_directories_with_them() {
    let mut old = shop(json!({}));
    old["services"]["old"] =
        json!({ "image": "localhost/b:1", "volumes": [{ "source": "/srv/old", "target": "/data" }] });
    let mut new = shop(json!({}));
    new["services"]["new"] =
        json!({ "image": "localhost/b:1", "volumes": [{ "source": "/srv/new", "target": "/data" }] });
    let difference = differing(&old, &new);
    assert_eq!(fates(&difference), [("new", Fate::New), ("old", Fate::Gone), ("web", Fate::Unknown)]);
    let paths = |paths: &[crate::plan::values::HostPath]| paths.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(paths(&difference.new_directories), ["/srv/new"]);
    assert_eq!(paths(&difference.unused_directories), ["/srv/old"]);
}

#[test]
fn the_content_of_a_file_is_a_difference_where_both_could_be_read() {
    let plan = shop(json!({ "configs": [{ "file": "motd", "target": "/etc/motd" }] }));
    let path = PlanPath::parse("motd").unwrap();
    let with = |content: &str| {
        let mut side = side(&plan);
        side.contents.insert(path.clone(), content.to_owned());
        side
    };
    let difference = between(Some(&with("ab")), &with("cd"));
    assert_eq!(told(&difference), [r#"/services/web/configs/0/file configs[/etc/motd].file content "ab" "cd""#]);
    assert_eq!(fates(&difference), [("web", Fate::Changes)]);
    let unknown = between(Some(&with("ab")), &side(&plan));
    assert_eq!((told(&unknown), &unknown.unread), (Vec::new(), &vec![path.clone()]));
    assert!(unknown.is_none());
    // What only one of them names is told as such, and not its content.
    let other = between(Some(&side(&shop(json!({})))), &with("ab"));
    assert_eq!(
        told(&other),
        [
            r#"/services/web/configs/0 configs[/etc/motd] - {"file":"motd","mode":"0644","owner":"0:0","target":"/etc/motd"}"#
        ]
    );
}

#[test]
fn an_image_is_the_same_if_its_id_is_and_unknown_while_nothing_tells() {
    let id = |digit: &str| ImageId::parse(&digit.repeat(64)).ok();
    let same = |image: Value, old: Option<ImageId>, new: Option<ImageId>| {
        let plan = shop(json!({ "image": image }));
        let web = ServiceName::parse("web").unwrap();
        let with = |image: Option<ImageId>| {
            let mut side = side(&plan);
            side.containers.insert(web.clone(), MadeFrom { config: String::new(), image });
            side
        };
        let difference = between(Some(&with(old)), &with(new));
        (difference.services[0].fate, difference.is_none())
    };
    let tag = || json!("localhost/a:1");
    assert_eq!(same(tag(), id("1"), id("1")), (Fate::AsItWas, true));
    assert_eq!(same(tag(), id("1"), id("2")), (Fate::Changes, false));
    assert_eq!(same(tag(), id("1"), None), (Fate::Unknown, true));
    assert_eq!(same(json!(format!("localhost/a@sha256:{}", "9".repeat(64))), id("1"), None), (Fate::AsItWas, true));
}

#[test]
fn an_image_from_another_kind_of_source_is_told_as_a_whole() {
    let (old, new) = (shop(json!({})), shop(json!({ "image": { "archive": "a.tar" } })));
    assert_eq!(told(&differing(&old, &new)), [r#"/services/web/image image "localhost/a:1" {"archive":"a.tar"}"#]);
}

/// A new field that is a list, a length of time or a size needs its meaning said.
#[test]
fn every_list_length_and_size_of_the_format_is_known() {
    let schema = schema::plan();
    let mut found = BTreeSet::new();
    let root = schema.clone();
    collect(&root, &schema, &mut Vec::new(), &mut found);
    let ordered = ["command", "entrypoint", "exec", "dns", "mirrors"];
    let unknown: Vec<String> = found
        .iter()
        .filter(|(path, _)| {
            let segments: Vec<&str> = path.iter().map(String::as_str).collect();
            let literal = super::meaning::meaning(&segments) == super::meaning::Meaning::Literal;
            literal && !ordered.contains(segments.last().unwrap())
        })
        .map(|(path, kind)| format!("{kind} {}", path.join("/")))
        .collect();
    assert_eq!(unknown, [] as [&str; 0]);
    assert!(found.len() > 30, "{found:?}");
}

/// The fields of a schema that are lists, lengths of time or sizes; `*` stands for any member or element.
fn collect(root: &Value, schema: &Value, path: &mut Vec<String>, found: &mut BTreeSet<(Vec<String>, &'static str)>) {
    if let Some(reference) = schema["$ref"].as_str() {
        return collect(root, root.pointer(reference.strip_prefix('#').unwrap()).unwrap(), path, found);
    }
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("array"), _) => drop(found.insert((path.clone(), "list"))),
        (_, Some("landfall-duration")) => drop(found.insert((path.clone(), "time"))),
        (_, Some("landfall-size")) => drop(found.insert((path.clone(), "size"))),
        _ => {}
    }
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        path.push(name.clone());
        collect(root, inner, path, found);
        path.pop();
    }
    for inner in [&schema["additionalProperties"], &schema["items"]].into_iter().filter(|inner| inner.is_object()) {
        path.push("*".to_owned());
        collect(root, inner, path, found);
        path.pop();
    }
    for inner in ["oneOf", "anyOf", "allOf"].iter().filter_map(|word| schema[*word].as_array()).flatten() {
        collect(root, inner, path, found);
    }
}
