//! `landfall check` on plans that are almost right: an example, with values moved about, taken out and replaced.

use super::check;
use super::choices::Choices;
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// How many changes are made of one example.
const CHANGES: usize = 12;

static EXAMPLES: LazyLock<[Value; 4]> = LazyLock::new(|| {
    [
        include_str!("../../plans/every-field.json"),
        include_str!("../../plans/shop.json"),
        include_str!("../../plans/disks.json"),
        include_str!("../../plans/minimal.json"),
    ]
    .map(|text| serde_json::from_str(text).unwrap())
});

/// What an author may write somewhere, rightly or not.
static VALUES: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let texts = [
        "",
        "0",
        "a",
        "web",
        "front",
        "store",
        "db",
        "localhost",
        "podman",
        "no",
        "always",
        "after",
        "none",
        "auto",
        "previous",
        "node",
        "required",
        "/",
        "/etc",
        "/run",
        "/data",
        "/data/a",
        "/srv/a",
        "/srv/a/b",
        "/etc/hosts",
        "/var/lib/landfall",
        "80",
        "80:80",
        "81:80",
        "80-82:80-82",
        "127.0.0.1:80:80",
        "[::1]:80:80/udp",
        "80:80/udp",
        "0s",
        "1s",
        "100ms",
        "30d",
        "0B",
        "1MiB",
        "2GiB",
        "99999TiB",
        "@daily",
        "* * * * *",
        "0 0 31 2 *",
        "61 * * * *",
        "30 2 * * *",
        "0:0",
        "0400",
        "0777",
        "SIGKILL",
        "SIGTERM",
        "ALL",
        "CHOWN",
        "NET_ADMIN",
        "docker.io/library/a:1",
        "a:1",
        "localhost:5000/a",
        "token",
        "{{token}}",
        "{{url token}}",
        "{{none}}",
        "{{",
        "10.0.0.0/8",
        "fd00::/64",
        "http://front:80/",
        "https://localhost/",
        "front:80",
        "a@b.example",
        "\u{0}",
        "\n",
        "é",
        "\u{202e}",
        "x-a",
        "landfall.plan",
        "service_healthy",
        "service_completed_successfully",
        "service_started",
    ];
    let others = [
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(1),
        json!(-1),
        json!(0.5),
        json!(65536),
        json!(1e300),
        json!([]),
        json!({}),
        json!({"secret": "token"}),
        json!({"template": "{{token}}"}),
        json!({"archive": "a.tar"}),
        json!({"build": "."}),
        json!({"tcp": "front:80"}),
        json!({"exec": ["true"]}),
        json!({"http": "http://front/"}),
        json!([""]),
        json!(["a", "a"]),
        json!({"front": {"condition": "service_healthy"}}),
        json!({"store": {"condition": "service_completed_successfully"}}),
    ];
    texts.into_iter().map(Value::from).chain(others).collect()
});

/// Every field of the examples with its value, and more fields that nothing has.
static MEMBERS: LazyLock<Vec<(String, Value)>> = LazyLock::new(|| {
    let mut members: Vec<_> = ["privileged", "x-a", "", "a", "nmae"].map(|name| (name.to_owned(), json!(1))).into();
    EXAMPLES.iter().for_each(|example| members_of(example, &mut members));
    members.sort_by_key(|(name, value)| (name.clone(), value.to_string()));
    members.dedup();
    members
});

fn members_of(value: &Value, members: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(name, value)| {
            members.push((name.clone(), value.clone()));
            members_of(value, members);
        }),
        Value::Array(elements) => elements.iter().for_each(|element| members_of(element, members)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

pub fn holds(bytes: &[u8]) {
    let mut choices = Choices::of(bytes);
    let mut plan = choices.one_of(&*EXAMPLES).clone();
    let secrets = match choices.byte() % 4 {
        0 => None,
        1 => Some(json!({"token": "canary-7", "certificate": "AAEC", "images_key": "x", "smtp_password": "canary-7"})),
        2 => Some(json!({"token": "canary-7\n"})),
        _ => Some(json!({})),
    };
    for _ in 0..CHANGES {
        if choices.used_up() {
            break;
        }
        change(&mut plan, &mut choices);
    }
    let secrets = secrets.map(|secrets| secrets.to_string());
    check::files_hold(plan.to_string().as_bytes(), secrets.as_ref().map(String::as_bytes));
}

/// Goes down to some value, and changes it.
fn change(plan: &mut Value, choices: &mut Choices<'_>) {
    let places = places(plan);
    let place = choices.one_of(&places).clone();
    let there = plan.pointer(&choices.one_of(&places).clone()).cloned();
    let value = plan.pointer_mut(&place).unwrap();
    let kind = choices.byte() % 8;
    match (kind, value) {
        (0, value) => *value = choices.one_of(&VALUES).clone(),
        (1, value) => *value = there.unwrap_or_default(),
        (2, Value::String(text)) => *text = choices.text(),
        (3, Value::String(text)) => text.push_str(&choices.text()),
        (2..=4, Value::Object(object)) => remove(object, choices),
        (_, Value::Object(object)) => {
            let (name, value) = choices.one_of(&MEMBERS).clone();
            let name = if kind == 7 { choices.text() } else { name };
            object.insert(name, value);
        }
        (2..=4, Value::Array(elements)) if !elements.is_empty() => {
            let at = choices.below(elements.len());
            elements.remove(at);
        }
        (5, Value::Array(elements)) => elements.push(there.unwrap_or_default()),
        (_, Value::Array(elements)) => elements.push(choices.one_of(&VALUES).clone()),
        (_, Value::Number(number)) => *number = (i64::from(choices.byte()) - 1).into(),
        (_, value @ (Value::Null | Value::Bool(_) | Value::String(_))) => *value = choices.one_of(&MEMBERS).1.clone(),
    }
}

fn remove(object: &mut Map<String, Value>, choices: &mut Choices<'_>) {
    let names: Vec<String> = object.keys().cloned().collect();
    if !names.is_empty() {
        object.remove(choices.one_of(&names));
    }
}

/// The pointers of all values.
fn places(plan: &Value) -> Vec<String> {
    fn below(value: &Value, at: String, places: &mut Vec<String>) {
        match value {
            Value::Object(object) => object.iter().for_each(|(name, value)| {
                below(value, format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), places);
            }),
            Value::Array(elements) => {
                elements.iter().enumerate().for_each(|(index, value)| below(value, format!("{at}/{index}"), places));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
        places.push(at);
    }
    let mut places = Vec::new();
    below(plan, String::new(), &mut places);
    places
}
