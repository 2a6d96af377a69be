//! VS Code's JSON language service with the schemas: completion, hover and underlined mistakes.

use super::tools::editor;
use super::walk::{each_value, file, plans, resolved, schemas};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A question about a text at the place that `‸` marks.
fn at(kind: &str, text: &str) -> Value {
    let offset = text.find('‸').unwrap();
    json!({ "kind": kind, "path": "plans/plan.json", "text": text.replace('‸', ""), "offset": offset })
}

fn problems(path: &str, text: &str) -> Value {
    json!({ "kind": "problems", "path": path, "text": text })
}

fn labels(answer: &Value) -> Vec<&str> {
    answer.as_array().unwrap().iter().map(|item| item["label"].as_str().unwrap()).collect()
}

/// The names of the fields of a part of the plan's schema.
fn fields(pointer: &str) -> Vec<String> {
    let [schema, _] = schemas();
    schema.pointer(pointer).unwrap()["properties"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn every_field_is_offered_where_it_can_stand_with_its_description() {
    let places = [
        ("{ ‸ }", ""),
        (r#"{ "services": { "web": { ‸ } } }"#, "/$defs/Service"),
        (r#"{ "services": { "web": { "healthcheck": { ‸ } } } }"#, "/$defs/Healthcheck"),
        (r#"{ "services": { "web": { "volumes": [{ ‸ }] } } }"#, "/$defs/Volume"),
        (r#"{ "services": { "web": { "depends_on": { "db": { ‸ } } } } }"#, "/$defs/Dependency"),
        (r#"{ "maintenance": { "mail": { "smtp": { ‸ } } } }"#, "/$defs/Smtp"),
    ];
    let [schema, _] = schemas();
    let answers = editor(&places.map(|(text, _)| at("completion", text)));
    for ((text, pointer), answer) in places.iter().zip(&answers) {
        let mut offered: Vec<_> = labels(answer);
        offered.sort_unstable();
        assert_eq!(offered, fields(pointer), "{text}");
        for item in answer.as_array().unwrap() {
            let field = &schema.pointer(pointer).unwrap()["properties"][item["label"].as_str().unwrap()];
            assert_eq!(item["documentation"], field["markdownDescription"], "{text}: {}", item["label"]);
        }
    }
}

#[test]
fn every_source_of_an_image_is_offered() {
    let answers = editor(&[at("completion", r#"{ "services": { "web": { "image": { ‸ } } } }"#)]);
    for source in ["registry", "archive", "build", "ssh", "url"] {
        assert!(labels(&answers[0]).contains(&source), "{source}: {:?}", labels(&answers[0]));
    }
}

#[test]
fn the_words_of_a_choice_are_offered_and_explained() {
    let answers = editor(&[
        at("completion", r#"{ "services": { "web": { "depends_on": { "db": { "condition": ‸ } } } } }"#),
        at("completion", r#"{ "services": { "web": { "restart": "‸" } } }"#),
        at("hover", r#"{ "services": { "web": { "restart": "on-‸failure" } } }"#),
        at("completion", r#"{ "services": { "web": { "ulimits": { ‸ } } } }"#),
    ]);
    let said = |answer: &Value| -> Vec<(String, String)> {
        let text = |item: &Value, part: &str| item[part].as_str().unwrap().to_owned();
        answer.as_array().unwrap().iter().map(|item| (text(item, "label"), text(item, "documentation"))).collect()
    };
    let words = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(word, said)| (format!("\"{word}\""), (*said).to_owned())).collect()
    };
    let conditions = words(&[
        (
            "service_healthy",
            "It runs and passes its health check; without one, it has run for three seconds without a restart.",
        ),
        (
            "service_completed_successfully",
            "It is a one-shot (`\"restart\": \"no\"`) and its process has ended with 0.",
        ),
    ]);
    assert_eq!(said(&answers[0]), conditions);
    let restarts = words(&[
        ("no", "Nothing: the service is a one-shot, done when it ends with 0, and not run again at boot."),
        ("on-failure", "It is started again unless it ended with 0."),
        ("always", "It is started again."),
    ]);
    assert_eq!(said(&answers[1]), restarts);
    assert!(answers[2].as_str().unwrap().ends_with("`on-failure`: It is started again unless it ended with 0."));
    let nofile = ("nofile".to_owned(), "Open files and sockets.".to_owned());
    assert!(said(&answers[3]).contains(&nofile), "{:?}", answers[3]);
}

#[test]
fn snippets_are_offered_for_services_checks_and_the_like() {
    let places = [
        ("‸", vec!["new plan"]),
        (r#"{ "services": ‸ }"#, vec!["new service"]),
        (r#"{ "services": { "web": ‸ } }"#, vec!["web service", "database", "one-shot"]),
        (
            r#"{ "services": { "web": { "image": ‸ } } }"#,
            vec!["from a registry", "from an archive", "built on the server"],
        ),
        (r#"{ "services": { "web": { "healthcheck": ‸ } } }"#, vec!["http check", "exec check", "tcp check"]),
        (r#"{ "services": { "web": { "volumes": [‸] } } }"#, vec!["data directory", "disk"]),
        (r#"{ "services": { "web": { "ports": [‸] } } }"#, vec!["port for this server only", "port for everybody"]),
        (r#"{ "services": { "web": { "environment": { "A": ‸ } } } }"#, vec!["secret", "template"]),
        (r#"{ "maintenance": { "jobs": { "dump": ‸ } } }"#, vec!["job"]),
        (r#"{ "maintenance": { "mail": ‸ } }"#, vec!["mail by sendmail"]),
    ];
    let questions: Vec<Value> = places.iter().map(|(text, _)| at("completion", text)).collect();
    for ((text, wanted), answer) in places.iter().zip(editor(&questions)) {
        let offered: Vec<&str> = labels(&answer).into_iter().filter(|label| wanted.contains(label)).collect();
        assert_eq!(&offered, wanted, "{text}: {answer}");
    }
    // A new service begins with its name; then the editor offers what is in it.
    let names = editor(&[at("completion", r#"{ "services": { ‸ } }"#)]);
    assert_eq!(names[0][0]["text"], json!("\"web\": $1"));
}

#[test]
fn hovering_over_any_field_of_the_largest_plan_shows_what_the_schema_says_of_it() {
    let ([schema, _], text) = (schemas(), file("plans/every-field.json"));
    let plan: Value = serde_json::from_str(&text).unwrap();
    let mut expected = BTreeMap::new();
    each_value(&schema, ("", &schema), ("", &plan), &mut |(_, of), (pointer, _)| {
        expected.entry(pointer.to_owned()).or_insert_with(|| resolved(&schema, of)["markdownDescription"].clone());
    });
    let answers = editor(&[json!({ "kind": "hovers", "path": "plans/every-field.json", "text": text })]);
    let shown = answers[0].as_array().unwrap();
    let fields = shown.iter().filter(|shown| !shown[0].as_str().unwrap().contains("/x-"));
    let mut count = 0;
    for [pointer, shown] in fields.map(|shown| [&shown[0], &shown[1]].map(|part| part.as_str().unwrap_or_default())) {
        let described = expected[pointer].as_str().unwrap_or_else(|| panic!("{pointer} is not described"));
        assert!(shown.contains(described), "{pointer}: {shown:?} without {described:?}");
        count += 1;
    }
    assert!(count > 150, "only {count} fields");
}

#[test]
fn an_editor_underlines_nothing_in_the_example_plans() {
    let all = plans("plans");
    let questions: Vec<Value> = all.iter().map(|(path, text)| problems(path, text)).collect();
    for ((path, _), answer) in all.iter().zip(editor(&questions)) {
        assert_eq!(answer, json!([]), "{path}");
    }
}

#[test]
fn an_editor_says_what_is_wrong_in_the_words_of_the_schema() {
    let text = r#"{ "version": 1, "name": "docker", "services": {
      "web": { "image": "nginx", "ports": ["1:99999"], "restart": "never", "memory": "512m", "privileged": true,
        "stop_signal": "SIGFOO", "dns": ["10.0.0.256"] } } }"#;
    let answers = editor(&[problems("plans/plan.json", text)]);
    let expected = [
        "1: a letter a-z, then up to 30 of a-z, 0-9 and -, the last of them not -; podman, docker, host, bridge, none, container, \
         private and ns are taken",
        "2: Property privileged is not allowed.",
        "2: Value is not accepted. Valid values: \"no\", \"on-failure\", \"always\".",
        "2: [IP:]HOST[-END]:CONTAINER[-END][/udp], IPv6 in brackets",
        "2: a whole number and a unit: B, KiB, MiB, GiB or TiB",
        "2: registry/repository[:tag][@sha256:digest]; the registry is always written",
        "3: an IPv4 or IPv6 address",
        "3: the name of a signal, such as SIGTERM",
    ];
    let mut told: Vec<&str> = answers[0].as_array().unwrap().iter().map(|told| told.as_str().unwrap()).collect();
    told.sort_unstable();
    assert_eq!(told, expected);
}
