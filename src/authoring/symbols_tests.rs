//! The outline of complete and incomplete plans.

use super::{Document, Symbol};
use pretty_assertions::assert_eq;

fn told(symbols: &[Symbol], indent: usize, lines: &mut Vec<String>) {
    for Symbol { name, detail, kind, range, name_range, children } in symbols {
        assert!(range.start <= name_range.start && name_range.end <= range.end);
        lines.push(format!("{}{kind:?} {name} {detail}", "  ".repeat(indent)).trim_end().to_owned());
        told(children, indent + 1, lines);
    }
}

fn outline(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    told(&Document::parse(text).symbols(), 0, &mut lines);
    lines
}

#[test]
fn a_plan_is_outlined_by_its_services_keys_networks_and_jobs() {
    let text = r#"{"version": 1, "network": {"subnets": []}, "services": {
        "db": {"image": {"archive": "db.tar"}, "memory": "1GiB"}, "web": {"image": "x/web:1", "#;
    let rest = r#""init": true}}, "ssh_keys": {"id": {}},
        "maintenance": {"cleanup": {"schedule": "@weekly"}, "jobs": {"dump": {"schedule": "0 2 * * *"}}, "mail": {}}}"#;
    let beginning = [
        "Field version 1",
        "Network network",
        "  Field subnets",
        "Group services",
        "  Service db archive db.tar",
        "    Field image",
        "    Field memory \"1GiB\"",
        "  Service web x/web:1",
        "    Field image \"x/web:1\"",
    ];
    assert_eq!(outline(text), beginning);
    let end = [
        "    Field init true",
        "Group ssh_keys",
        "  Key id",
        "Group maintenance",
        "  Job cleanup @weekly",
        "  Group jobs",
        "    Job dump 0 2 * * *",
        "  Field mail",
    ];
    assert_eq!(outline(&format!("{text}{rest}")), [beginning.as_slice(), &end].concat());
}

#[test]
fn a_key_that_is_empty_has_a_name_to_show() {
    assert_eq!(outline(r#"{"": 1, "services": {"": {}}}"#), ["Field \"\" 1", "Group services", "  Service \"\""]);
}
