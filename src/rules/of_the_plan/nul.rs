//! NUL characters: no argument, variable or file name can hold one. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Pointer, Source};
use crate::plan::model::Plan;
use serde_json::Value;

pub(super) fn findings(plan: &Plan, source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    // Hardly any plan has one, and pointers to every value take longer than all other rules.
    if !source.text().contains("\\u0000") && !source.text().contains('\0') {
        return findings;
    }
    if let Ok(value) = serde_json::to_value(plan) {
        look(&value, &Pointer::root(), &mut findings);
    }
    findings
}

fn look(value: &Value, at: &Pointer, findings: &mut Vec<Finding>) {
    let finding = |at: Pointer, what: &str| {
        Finding::error(Code::NulCharacter, at, format!("{what} has a NUL character"))
            .label("`\\u0000`")
            .help("remove it; binary data travels as a secret with `\"decode\": \"base64\"`")
    };
    match value {
        Value::String(text) if text.contains('\0') => findings.push(finding(at.clone(), "a text")),
        Value::Array(elements) => {
            elements.iter().enumerate().for_each(|(index, element)| look(element, &at.then(index), findings));
        }
        Value::Object(members) => {
            for (key, member) in members {
                if key.contains('\0') {
                    findings.push(finding(at.then(key), "a key").at_key());
                }
                look(member, &at.then(key), findings);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
