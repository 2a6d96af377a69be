//! Pins in plans of every form: what is written means the same plan with its pins, and nothing else has moved.

use super::{Pin, pinned};
use crate::plan::model::Plan;
use crate::plan::reading;
use crate::plan::values::{Digest, ImageId, ServiceName, Sha256};
use crate::{Checked, check};
use pretty_assertions::assert_eq;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn digits(digit: char) -> String {
    digit.to_string().repeat(64)
}

fn pin() -> Pin {
    Pin {
        digest: Digest::parse(&format!("sha256:{}", digits('a'))).ok(),
        sha256: Sha256::parse(&digits('b')).ok(),
        id: ImageId::parse(&digits('c')).ok(),
    }
}

fn checked(text: &str) -> Checked {
    check(("plan.json", text.as_bytes()), None)
}

/// The text with the same pin at each service.
fn all_pinned(text: &str, pin: &Pin) -> String {
    let checked = checked(text);
    let plan = checked.plan.unwrap();
    let pins = plan.services.keys().map(|name| (name.clone(), pin.clone())).collect();
    pinned(&plan, &checked.plan_source, &pins)
}

fn plan_of(text: &str) -> Plan {
    reading::plan("plan.json", text.as_bytes()).content.unwrap()
}

#[test]
fn each_source_gets_what_pins_it_where_the_author_would_have_written_it() {
    let (a, b, c) = (digits('a'), digits('b'), digits('c'));
    let plan = |images: [&str; 6]| {
        let [plain, digested, registry, archive, url, build] = images;
        format!(
            r#"{{ "version": 1, "name": "shop",
  "x-note": "is \u00e9 stays as it is",
  "services": {{
    "plain":    {{ "image": {plain} }},
    "digested": {{ "image": {digested}, "memory": "1GiB" }},
    "registry": {{"image":{registry}}},
    "archive":  {{
      "image" : {archive}
    }},
    "url":   {{ "image": {url} }},
    "build": {{ "image": {build} }}
  }}
}}
"#
        )
    };
    let before = plan([
        r#""registry.example/a\u003a1""#,
        &format!(r#""registry.example/b@sha256:{b}""#),
        r#"{"registry":"registry.example/c:1","tls_verify":true}"#,
        "{\n\t\t\"archive\" :  \"images/d.tar\"\n      }",
        &format!(r#"{{ "url": "https://images.example/e.tar", "sha256": "{a}", "x-by": {{ "who": "me" }} }}"#),
        r#"{ "build": "f" }"#,
    ]);
    let after = plan([
        &format!(r#"{{ "registry": "registry.example/a\u003a1", "digest": "sha256:{a}", "id": "{c}" }}"#),
        &format!(r#"{{ "registry": "registry.example/b@sha256:{b}", "id": "{c}" }}"#),
        &format!(r#"{{"registry":"registry.example/c:1","tls_verify":true,"digest":"sha256:{a}","id":"{c}"}}"#),
        &format!(
            "{{\n\t\t\"archive\" :  \"images/d.tar\",\n\t\t\"sha256\" :  \"{b}\",\n\t\t\"id\" :  \"{c}\"\n      }}"
        ),
        &format!(
            r#"{{ "url": "https://images.example/e.tar", "sha256": "{a}", "x-by": {{ "who": "me" }}, "id": "{c}" }}"#
        ),
        &format!(r#"{{ "build": "f", "id": "{c}" }}"#),
    ]);
    let written = all_pinned(&before, &pin());
    assert_eq!(written, after);
    assert!(checked(&written).report().is_valid());
    assert_eq!(all_pinned(&written, &pin()), written);
    // What the plan says is never replaced.
    let other = Pin { id: ImageId::parse(&digits('d')).ok(), ..Pin::default() };
    assert_eq!(all_pinned(&written, &other), written);
    assert_eq!(all_pinned(&before, &Pin::default()), before);
}

/// A JSON text of this value, with white space as the choices say.
fn spaced(value: &Value, spaces: &mut impl FnMut() -> &'static str) -> String {
    match value {
        Value::Object(members) => {
            let members: Vec<_> = members
                .iter()
                .map(|(key, value)| {
                    let key = Value::from(key.as_str());
                    format!("{}{key}{}:{}{}", spaces(), spaces(), spaces(), spaced(value, spaces))
                })
                .collect();
            format!("{{{}{}}}", members.join(","), spaces())
        }
        other => format!("{other}{}", spaces()),
    }
}

fn image() -> impl Strategy<Value = Value> {
    let hex = prop::sample::select(vec!['1', '2']).prop_map(digits);
    let tag = "[a-z]{1,4}:[0-9]{1,3}".prop_map(|tag| format!("registry.example/{tag}"));
    prop_oneof![
        tag.clone().prop_map(Value::from),
        (tag.clone(), hex.clone()).prop_map(|(tag, hex)| json!(format!("{tag}@sha256:{hex}"))),
        (tag.clone(), any::<[bool; 3]>(), hex.clone()).prop_map(|(tag, [digest, id, note], hex)| {
            let mut image = json!({ "registry": tag });
            if digest {
                image["digest"] = json!(format!("sha256:{hex}"));
            }
            if id {
                image["id"] = json!(hex);
            }
            if note {
                image["x-note"] = json!({ "id": "}{\"" });
            }
            image
        }),
        (tag, any::<[bool; 2]>(), hex).prop_map(|(tag, [sha256, folder], hex)| {
            let mut image = json!({ "archive": if folder { "images/" } else { "images/a.tar" }, "reference": tag });
            if sha256 {
                image["sha256"] = json!(hex);
            }
            image
        }),
        Just(json!({ "build": "context" })),
    ]
}

/// What is pinned, by what the plan means rather than how it is written.
fn with_pin(image: &Value, pin: &Pin) -> Value {
    let mut image = match image {
        Value::String(reference) => json!({ "registry": reference }),
        other => other.clone(),
    };
    say(&mut image, "id", pin.id.as_ref().unwrap().to_string());
    if image.get("archive").is_some() {
        say(&mut image, "sha256", pin.sha256.as_ref().unwrap().to_string());
    }
    let is_digested = |image: &Value| image["registry"].as_str().is_some_and(|reference| reference.contains('@'));
    if image.get("registry").is_some() && !is_digested(&image) {
        say(&mut image, "digest", pin.digest.as_ref().unwrap().to_string());
    }
    image
}

fn say(image: &mut Value, name: &str, value: String) {
    if image.get(name).is_none() {
        image[name] = json!(value);
    }
}

/// Whether one text is the other with something added.
fn is_within(part: &str, whole: &str) -> bool {
    let mut rest = whole.chars();
    part.chars().all(|wanted| rest.any(|found| found == wanted))
}

proptest! {
    #[test]
    fn what_is_pinned_is_the_same_plan_with_its_pins(
        images in prop::collection::vec(image(), 1..5),
        spaces in prop::collection::vec(prop::sample::select(vec!["", " ", "  ", "\n", "\r\n\t", "\n    "]), 8),
    ) {
        let services: serde_json::Map<_, _> =
            images.iter().enumerate().map(|(index, image)| (format!("s{index}"), json!({ "image": image }))).collect();
        let plan = |services: &serde_json::Map<String, Value>| json!({ "version": 1, "name": "shop", "services": services });
        let mut turn = spaces.iter().cycle();
        let text = spaced(&plan(&services), &mut || turn.next().unwrap());

        let written = all_pinned(&text, &pin());

        let mut expected = services.clone();
        for service in expected.values_mut() {
            service["image"] = with_pin(&service["image"], &pin());
        }
        prop_assert_eq!(plan_of(&written), plan_of(&plan(&expected).to_string()));
        prop_assert!(checked(&written).report().is_valid());
        prop_assert!(is_within(&text, &written));
        prop_assert_eq!(all_pinned(&written, &pin()), written);
    }
}

#[test]
fn a_service_without_a_pin_stays_as_it_is() {
    let text = r#"{"version":1,"name":"shop","services":{"a":{"image":"registry.example/a:1"},"b":{"image":"registry.example/b:1"}}}"#;
    let checked = checked(text);
    let pins = BTreeMap::from([(ServiceName::parse("b").unwrap(), pin())]);
    let written = pinned(&checked.plan.unwrap(), &checked.plan_source, &pins);
    let (a, c) = (digits('a'), digits('c'));
    let b = format!(r#"{{"registry":"registry.example/b:1","digest":"sha256:{a}","id":"{c}"}}"#);
    assert_eq!(written, text.replace(r#""registry.example/b:1""#, &b));
}
