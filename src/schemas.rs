//! The JSON Schemas as `schema/` holds them: what is printed, written beside a new plan, and what files are held against. Reads nothing,
//! changes nothing.
//!
//! They are generated from the models, but not here: that would take longer than everything else that is done to a plan without a
//! mistake, and the program would have to hold what generates them. Tests hold the files against the models.

use serde_json::Value;

/// The schema of plans.
pub const PLAN: &str = include_str!("../schema/plan.v1.json");
/// The schema of site policies.
pub const POLICY: &str = include_str!("../schema/policy.v1.json");
/// The schema of secrets files.
pub const SECRETS: &str = include_str!("../schema/secrets.v1.json");

/// [`PLAN`] as a value.
pub fn plan() -> Value {
    value(PLAN)
}

/// [`POLICY`] as a value.
pub fn policy() -> Value {
    value(POLICY)
}

/// [`SECRETS`] as a value.
pub fn secrets() -> Value {
    value(SECRETS)
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
        let texts = [super::PLAN, super::POLICY, super::SECRETS];
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
