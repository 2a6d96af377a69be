//! From the bytes of a file to a typed plan, or to secrets: text, duplicate keys, schema, model. Reads nothing, changes
//! nothing.

use super::legible::legible;
use super::model::Plan;
use super::schema::{Schema, WrongSchema};
use super::secrets::{Secrets, bytes_of};
use super::values::Problem;
use super::{canonical, text};
use crate::diagnostics::{Code, Document, Finding, Place, Pointer, Severity, Source};
use crate::schemas;
use serde::Deserialize;
use serde_json::Value;
use std::sync::LazyLock;

static PLAN: LazyLock<Schema> = LazyLock::new(|| {
    let plain = serde_json::from_str(include_str!("schema/held/plan.v1.json"));
    plain.map_or_else(|_| Schema::of(schemas::plan()), |plain| Schema::read_late(plain, schemas::plan))
});
static SECRETS: LazyLock<Schema> = LazyLock::new(|| Schema::of(schemas::secrets()));

/// A file as it was read: what it holds, if that can be told, and every mistake that its text and form have.
#[derive(Debug, Clone)]
pub struct Read<T> {
    /// The text, for reports.
    pub source: Source,
    /// What it holds. It can be there although there are findings: an unknown field, a number out of bounds.
    pub content: Option<T>,
    /// What can be read beside mistakes that leave no content. Only what is in it means something: what is missing may
    /// be there, written wrong.
    pub beside_mistakes: Option<T>,
    /// What is wrong with it, in no particular order.
    pub findings: Vec<Finding>,
}

/// Reads a plan. `name` is the file's name as the user gave it.
pub fn plan(name: &str, bytes: &[u8]) -> Read<Plan> {
    let text::Reading { source, value, mut findings } = text::read(name, bytes, Document::Plan);
    let Some(value) = value else {
        // Every plan has its services. Without them it may be a secrets file, which is not to be shown.
        let is_plan = source.text().replace('\0', "").contains("services");
        let source = if is_plan { source } else { source.concealed() };
        findings.iter_mut().filter(|_| !is_plan).for_each(keep_no_value);
        return Read { source, content: None, beside_mistakes: None, findings };
    };
    if is_secrets_file(&value) {
        let message = "this is a secrets file, or something else that is no plan";
        let finding = Finding::new(Code::WrongType, Severity::Error, Document::Plan, Place::Whole, message);
        let findings = vec![finding.help("name the plan first: `landfall check PLAN --secrets FILE`")];
        return Read { source: source.concealed(), content: None, beside_mistakes: None, findings };
    }
    let of_the_form = form(&PLAN, &value, Document::Plan);
    let form_is_right = of_the_form.is_empty();
    findings.extend(of_the_form);
    let mut beside_mistakes = None;
    let content = match Plan::deserialize(&value) {
        Ok(plan) => Some(plan),
        Err(_) if !form_is_right => {
            beside_mistakes = legible(&value, &findings);
            None
        }
        Err(error) => {
            findings.push(not_understood(Document::Plan, &error.to_string()));
            None
        }
    };
    Read { source, content, beside_mistakes, findings }
}

/// Whether there are only texts in it, of which none is what every plan has.
fn is_secrets_file(value: &Value) -> bool {
    let is_one = |members: &serde_json::Map<String, Value>| {
        let of_a_plan = ["version", "name", "services"].into_iter().any(|field| members.contains_key(field));
        let names = members.keys().filter(|name| *name != "$schema");
        names.count() > 0 && !of_a_plan && members.values().all(Value::is_string)
    };
    value.as_object().is_some_and(is_one)
}

/// Reads a secrets file. No finding quotes a value.
pub fn secrets(name: &str, bytes: &[u8]) -> Read<Secrets> {
    let text::Reading { source, value, mut findings } = text::read(name, bytes, Document::Secrets);
    let mut content = None;
    if let Some(value) = value {
        let of_the_form = form(&SECRETS, &value, Document::Secrets);
        let form_is_right = of_the_form.is_empty();
        findings.extend(of_the_form);
        let secrets = Secrets::of(&value);
        if form_is_right {
            findings.extend(sizes(&secrets));
        }
        content = value.is_object().then_some(secrets);
    }
    findings.iter_mut().for_each(keep_no_value);
    Read { source, content, beside_mistakes: None, findings }
}

/// A cure that repeats what stands in the file could repeat a part of a value: only those of punctuation stay.
fn keep_no_value(finding: &mut Finding) {
    finding.fixes.retain(|fix| {
        let replacement = fix.replacement.as_deref().unwrap_or_default();
        !replacement.contains(char::is_alphanumeric)
    });
}

/// The SHA-256 of the plan with its defaults filled, as canonical JSON, without `$schema` and the author's own keys.
///
/// # Errors
/// A plan that has no canonical JSON: a defect of ours.
pub fn plan_sha256(plan: &Plan) -> Result<String, canonical::NotCanonical> {
    canonical::sha256(plan)
}

fn form(schema: &Schema, value: &Value, document: Document) -> Vec<Finding> {
    let unusable = |defect: WrongSchema| vec![not_understood(document, &defect.to_string())];
    schema.findings(value, document).unwrap_or_else(unusable)
}

fn sizes(secrets: &Secrets) -> Vec<Finding> {
    let one = |name| {
        let Problem { message, label, help, meant: _, code } = bytes_of(secrets.get(name)?, None).err()?;
        let place = Place::Value(Pointer::of([name]));
        let message = format!("the value of `{name}` {message}");
        Some(Finding::new(code, Severity::Error, Document::Secrets, place, message).label(label).help(help))
    };
    secrets.names().filter_map(one).collect()
}

fn not_understood(document: Document, reason: &str) -> Finding {
    let message = format!("the file fits its schema, but can't be read: {reason}");
    Finding::new(Code::NotUnderstood, Severity::Error, document, Place::Whole, message)
        .help("this is a defect of Landfall; please report it with the file")
}

#[cfg(test)]
mod tests {
    use super::{plan, plan_sha256, secrets};
    use crate::diagnostics::{Code, Place, Pointer};
    use pretty_assertions::assert_eq;

    const PLAIN: &str =
        r#"{"version": 1, "name": "shop", "services": {"web": {"image": "docker.io/library/nginx:1.27"}}}"#;

    fn hash(text: &str) -> String {
        let read = plan("plan.json", text.as_bytes());
        assert_eq!(read.findings, []);
        plan_sha256(&read.content.unwrap()).unwrap()
    }

    #[test]
    fn the_hash_is_of_what_the_plan_means_not_of_how_it_is_written() {
        let written_out = r#"{
            "$schema": "../schema/plan.v1.json", "x-note": [1], "name": "shop", "version": 1, "engine": "auto",
            "history": {"keep": 5, "x-why": "enough"}, "maintenance": {}, "network": {"subnets": []},
            "services": {"web": {"image": "docker.io/library/nginx:1.27", "restart": "always", "x-note": "", "ports": [],
                "logging": {"driver": "file", "x-a": 1}}}
        }"#;
        assert_eq!(hash(written_out), hash(PLAIN));
        assert_ne!(hash(&PLAIN.replace("1.27", "1.28")), hash(PLAIN));
    }

    #[test]
    fn an_unknown_field_does_not_hide_the_rest_of_the_plan() {
        let read = plan("plan.json", PLAIN.replace("\"version\"", "\"nmae\": 1, \"version\"").as_bytes());
        assert_eq!(read.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), [Code::UnknownField]);
        assert_eq!(read.content, plan("plan.json", PLAIN.as_bytes()).content);
    }

    #[test]
    fn a_secret_is_measured_in_bytes() {
        let text = format!("{{\"long\": \"{}\"}}", "ä".repeat(256_000));
        let findings = secrets("secrets.json", text.as_bytes()).findings;
        let told: Vec<_> =
            findings.iter().map(|finding| (finding.code, &finding.place, finding.message.as_str())).collect();
        let place = Place::Value(Pointer::of(["long"]));
        assert_eq!(told, [(Code::BadSecret, &place, "the value of `long` has 512000 bytes")]);
    }
}
