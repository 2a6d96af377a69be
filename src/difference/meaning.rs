//! What a field of the plan means where two plans are compared: whether order counts, and what else is written in several
//! ways. Reads nothing, changes nothing.

use crate::plan::values::{Duration, Size};
use serde_json::{Map, Value, json};

/// How the values of a field are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// As they stand; a list as a whole, in its order.
    Literal,
    /// Member by member: the fields that the format knows, or what an author names.
    Members,
    /// Element by element, in any order.
    Set,
    /// Element by element, in any order, each known by this field of its own.
    By(&'static str),
    /// As lengths of time: `60s` is `1m`.
    Time,
    /// As numbers of bytes: `1024MiB` is `1GiB`.
    Bytes,
}

/// The meaning of the field that these segments of a pointer lead to.
pub(super) fn meaning(segments: &[&str]) -> Meaning {
    match segments {
        ["services", _, rest @ ..] => of_a_service(rest),
        ["network", "subnets"]
        | ["ssh_keys", _, "known_hosts"]
        | ["maintenance", "mail", "to" | "notify"]
        | ["requires", "commands"] => Meaning::Set,
        ["maintenance", "cleanup", "keep"]
        | ["maintenance", "mail", "remind"]
        | ["maintenance", "jobs", _, "timeout"] => Meaning::Time,
        ["requires", "free_disk" | "free_memory"] => Meaning::Bytes,
        ["registries" | "ssh_keys"] | ["maintenance", "jobs"] => Meaning::Members,
        _ => Meaning::Literal,
    }
}

fn of_a_service(field: &[&str]) -> Meaning {
    match field {
        ["ports" | "aliases" | "cap_add" | "cap_drop" | "devices" | "extra_hosts"] => Meaning::Set,
        ["secrets" | "configs" | "volumes" | "tmpfs"] => Meaning::By("target"),
        ["environment" | "labels" | "sysctls" | "ulimits" | "depends_on"]
        | ["image", "args"]
        | ["healthcheck", "http", "headers"] => Meaning::Members,
        ["stop_grace_period"]
        | ["image", "timeout"]
        | ["depends_on", _, "timeout"]
        | ["healthcheck", "interval" | "timeout" | "start_period" | "stable_for"] => Meaning::Time,
        ["memory" | "shm_size"] | ["logging", "max_size"] | ["tmpfs", _, "size"] => Meaning::Bytes,
        _ => Meaning::Literal,
    }
}

/// Whether two values that are both there mean the same.
pub(super) fn same(meaning: Meaning, old: &Value, new: &Value) -> bool {
    let texts = old.as_str().zip(new.as_str());
    old == new
        || match meaning {
            Meaning::Time => {
                texts.is_some_and(|(old, new)| alike(old, new, |text| Duration::parse(text).ok().map(Duration::as_std)))
            }
            Meaning::Bytes => {
                texts.is_some_and(|(old, new)| alike(old, new, |text| Size::parse(text).ok().map(Size::bytes)))
            }
            Meaning::Literal | Meaning::Members | Meaning::Set | Meaning::By(_) => false,
        }
}

fn alike<T: PartialEq>(old: &str, new: &str, read: impl Fn(&str) -> Option<T>) -> bool {
    read(old).zip(read(new)).is_some_and(|(old, new)| old == new)
}

/// A plan as JSON with every value in one of the ways in which it can be written.
pub(super) fn in_one_form(mut plan: Value) -> Value {
    let services = plan.get_mut("services").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut);
    services.for_each(service_in_one_form);
    plan
}

fn service_in_one_form(service: &mut Value) {
    if let Some(image) = service.get_mut("image").filter(|image| image.is_string()) {
        *image = json!({ "registry": image, "tls_verify": true });
    }
    let tmpfs = service.get_mut("tmpfs").and_then(Value::as_array_mut).into_iter().flatten();
    tmpfs.filter(|tmpfs| tmpfs.is_string()).for_each(|tmpfs| *tmpfs = json!({ "target": tmpfs }));
    let ulimits = service.get_mut("ulimits").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut);
    ulimits.filter(|limit| limit.is_number()).for_each(|limit| *limit = json!({ "soft": limit, "hard": limit }));
}
