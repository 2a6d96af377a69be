//! What can be read of a plan beside its mistakes. Reads nothing, changes nothing.

use super::model::Plan;
use crate::diagnostics::{Code, Finding, Place, Pointer};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// How much is left out around a mistake, by the deepest level that is looked at; the least is tried first. A service
/// lies on the second level, its fields on the third.
const LEVELS: [usize; 3] = [usize::MAX, 3, 2];

/// The plan without the members that `findings` are about, if the rest can be read.
///
/// Of a list with a mistake nothing is left, so that pointers to what is left are those of the file. Required fields
/// are filled in with something; services keep their names at least. So what is *missing* in the answer means nothing.
pub fn legible(value: &Value, findings: &[Finding]) -> Option<Plan> {
    let at_level = |level: usize| {
        let mut rest = value.clone();
        for path in findings.iter().filter_map(|finding| left_out(finding, level)) {
            let path: Vec<&str> = path.segments().take(level).collect();
            leave_out(&mut rest, &path);
        }
        fill_in(rest.as_object_mut()?, value);
        Plan::deserialize(&rest).ok()
    };
    LEVELS.into_iter().find_map(at_level)
}

/// What has to go for this finding. A field that a service or the plan itself lacks is filled in instead.
fn left_out(finding: &Finding, level: usize) -> Option<&Pointer> {
    let (Place::Value(pointer) | Place::Key(pointer)) = &finding.place else { return None };
    let is_filled_in = finding.code == Code::MissingField && level > 2 && pointer.segments().count() <= 2;
    (!is_filled_in).then_some(pointer)
}

fn leave_out(value: &mut Value, path: &[&str]) {
    let (Value::Object(members), Some((first, rest))) = (value, path.split_first()) else { return };
    match members.get_mut(*first) {
        Some(inner @ Value::Object(_)) if !rest.is_empty() => leave_out(inner, rest),
        Some(_) => drop(members.remove(*first)),
        None => {}
    }
}

fn fill_in(rest: &mut Map<String, Value>, written: &Value) {
    rest.entry("version").or_insert(json!(1));
    rest.entry("name").or_insert(json!("unnamed"));
    let Some(Value::Object(services)) = rest.get_mut("services") else { return };
    let names = written.get("services").and_then(Value::as_object).into_iter().flat_map(Map::keys);
    for name in names.filter(|name| name.parse::<super::values::ServiceName>().is_ok()) {
        let service = services.entry(name.clone()).or_insert(json!({}));
        if let Value::Object(service) = service {
            service.entry("image").or_insert(json!("localhost/unknown:0"));
        }
    }
}
