//! The JSON Schemas as `schema/` holds them: what is printed, written beside a new plan, and what files are held against. Reads nothing,
//! changes nothing.
//!
//! They are generated from the models, but not here: that would take longer than everything else that is done to a plan without a
//! mistake, and the program would have to hold what generates them. Tests hold the files against the models.

use crate::packed::unpacked;
use serde_json::Value;

/// The schema of plans, as it is written.
pub fn plan_text() -> String {
    unpacked(include_bytes!(concat!(env!("OUT_DIR"), "/plan.v1.json")))
}

/// The schema of site policies, as it is written.
pub fn policy_text() -> String {
    unpacked(include_bytes!(concat!(env!("OUT_DIR"), "/policy.v1.json")))
}

/// The schema of secrets files, as it is written.
pub fn secrets_text() -> String {
    unpacked(include_bytes!(concat!(env!("OUT_DIR"), "/secrets.v1.json")))
}

/// The schema of plans.
pub fn plan() -> Value {
    value(&plan_text())
}

/// The schema of site policies.
pub fn policy() -> Value {
    value(&policy_text())
}

/// The schema of secrets files.
pub fn secrets() -> Value {
    value(&secrets_text())
}

/// A text that is no JSON would be no schema either, which whoever holds a value against it tells.
fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::diagnostics::Document;
    use crate::{plan, policy};
    use pretty_assertions::assert_eq;
    use serde_json::{Value, json};

    #[test]
    fn each_is_that_of_its_model_and_written_as_it_is_embedded() {
        let of_models = [plan::model::schema::plan(), policy::schema::policy(), plan::model::schema::secrets()];
        let texts = [super::plan_text(), super::policy_text(), super::secrets_text()];
        for ((value, text), of_model) in
            [super::plan(), super::policy(), super::secrets()].iter().zip(texts).zip(of_models)
        {
            assert_eq!(*value, of_model);
            // To the letter, which is what `landfall schema` prints.
            assert_eq!(format!("{value:#}\n"), text);
        }
    }

    #[test]
    fn a_text_that_is_no_json_is_told_as_a_wrong_schema() {
        assert_eq!(super::value("{"), Value::Null);
        let told = plan::schema::Schema::of(super::value("{")).findings(&json!({}), Document::Plan);
        assert_eq!(
            told.map_err(|wrong| wrong.to_string()),
            Err("the schema itself is wrong: no schema: null".to_owned())
        );
    }
}
