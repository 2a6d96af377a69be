//! Which of the documents that a client opens are plans or secrets files: it may open any JSON. Reads nothing, changes nothing.

use super::tokens::members_of_the_root;
use crate::diagnostics;
use crate::plan::text;
use std::path::{Path, PathBuf};

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A deployment plan.
    Plan,
    /// A secrets file. Nothing of it but names is ever shown.
    Secrets,
    /// Somebody else's: the server is silent about it.
    Other,
}

/// The most bytes of a text that are looked at to tell what it is.
const LOOKED_AT: usize = 1 << 20;

/// What a document is, by its text and its file name, in this order:
///
/// 1. `$schema` names the schema of the plan or of the secrets file.
/// 2. `version` is a number and there are `services`: a plan.
/// 3. The word `plan` is in the file's name, and the text has at least one of a plan's own fields or none at all: a plan.
/// 4. A text that was a plan or secrets file and isn't JSON at the moment stays what it was.
///
/// `.secrets.json` makes a secrets file only beside a plan, which the caller knows.
pub fn of(file_name: Option<&str>, text: &str, before: Option<Subject>) -> Subject {
    let end = (0..=LOOKED_AT.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    let members = members_of_the_root(text.get(..end.unwrap_or(0)).unwrap_or_default());
    let value_of = |name: &str| members.iter().find(|(key, _)| *key == name).and_then(|(_, value)| *value);
    let has = |name: &str| members.iter().any(|(key, _)| *key == name);
    let schema = value_of("$schema").and_then(|path| path.trim_matches('"').rsplit(['/', '\\']).next());
    let is_number = |value: &str| value.starts_with(|first: char| first.is_ascii_digit());
    match schema {
        Some("plan.v1.json") => Subject::Plan,
        Some("secrets.v1.json") => Subject::Secrets,
        Some(_) | None if value_of("version").is_some_and(is_number) && has("services") => Subject::Plan,
        Some(_) | None => {
            let has_own = ["version", "name", "services"].into_iter().any(has);
            let may_be = is_named_a_plan(file_name.unwrap_or_default()) && (has_own || members.is_empty());
            let kept = before.filter(|before| *before != Subject::Other && !is_json(text));
            if may_be { Subject::Plan } else { kept.unwrap_or(Subject::Other) }
        }
    }
}

fn is_json(text: &str) -> bool {
    text::read("", text.as_bytes(), diagnostics::Document::Plan).value.is_some()
}

/// `plan.json`, `shop.plan.json`, `shop-plan.json`; not `floorplan.json`.
fn is_named_a_plan(file_name: &str) -> bool {
    let words = file_name.strip_suffix(".json").unwrap_or_default();
    words.split(|character: char| !character.is_alphanumeric()).any(|word| word.eq_ignore_ascii_case("plan"))
}

/// Where the secrets file of a plan may be, the likeliest first: for `shop.json` it is `shop.secrets.json`, for `shop.plan.json`
/// also that, and for any plan `secrets.json` beside it.
pub fn secrets_files_of(plan: &Path) -> Vec<PathBuf> {
    let Some(name) = plan.file_name().and_then(|name| name.to_str()) else { return Vec::new() };
    let stem = name.strip_suffix(".json").unwrap_or(name);
    let shorter = stem.strip_suffix(".plan");
    let names = [Some(format!("{stem}.secrets.json")), shorter.map(|stem| format!("{stem}.secrets.json"))];
    names.into_iter().flatten().chain(["secrets.json".to_owned()]).map(|name| plan.with_file_name(name)).collect()
}

/// Where the plan of a secrets file may be.
pub fn plans_of(secrets: &Path) -> Vec<PathBuf> {
    let Some(name) = secrets.file_name().and_then(|name| name.to_str()) else { return Vec::new() };
    let names = match (name, name.strip_suffix(".secrets.json")) {
        ("secrets.json", _) => vec!["plan.json".to_owned()],
        (_, Some(stem)) => vec![format!("{stem}.json"), format!("{stem}.plan.json")],
        (_, None) => Vec::new(),
    };
    names.into_iter().map(|name| secrets.with_file_name(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Subject, of, plans_of, secrets_files_of};
    use pretty_assertions::assert_eq;
    use std::path::{Path, PathBuf};

    fn subjects<const N: usize>(documents: [(&str, &str); N]) -> [Subject; N] {
        documents.map(|(name, text)| of(Some(name), text, None))
    }

    #[test]
    fn a_plan_is_known_by_its_schema_its_fields_or_its_name() {
        let plans = [
            ("any.json", r#"{"$schema": "../schema/plan.v1.json"}"#),
            ("any.json", r#"{"$schema": "https://intranet.example/ours.json", "version": 1, "services": {"#),
            ("any", r#"{"services": {}, "version": 2}"#),
            ("shop.plan.json", ""),
            ("plan.json", "{"),
            ("Plan.json", r#"{"name": "shop"}"#),
            ("shop-plan.json", r#"{"versoin": 1, "services": []}"#),
        ];
        assert_eq!(subjects(plans), [Subject::Plan; 7]);
    }

    #[test]
    fn somebody_elses_json_is_left_alone() {
        let others = [
            ("package.json", r#"{"name": "x", "version": "1.0.0"}"#),
            ("compose.json", r#"{"version": "3", "services": {}}"#),
            ("floorplan.json", "{}"),
            ("plan.json", r#"{"format_version": "1.2", "planned_values": {}}"#),
            ("plan.v1.json", r#"{"$schema": "https://json-schema.org/draft/2020-12/schema", "properties": {}}"#),
            ("secrets.json", "{}"),
            ("any.json", r#"[{"version": 1, "services": {}}]"#),
            ("any.json", ""),
        ];
        assert_eq!(subjects(others), [Subject::Other; 8]);
    }

    #[test]
    fn what_is_being_typed_stays_what_it_was() {
        let text = r#"{"version": , "services": {}}"#;
        assert_eq!(of(Some("any.json"), text, Some(Subject::Plan)), Subject::Plan);
        assert_eq!(of(Some("any.json"), text, None), Subject::Other);
        assert_eq!(of(Some("any.json"), "{\"a\": 1}", Some(Subject::Plan)), Subject::Other);
        assert_eq!(of(None, r#"{"$schema": "secrets.v1.json"}"#, Some(Subject::Plan)), Subject::Secrets);
    }

    #[test]
    fn a_secrets_file_lies_beside_its_plan() {
        let paths = |names: &[&str]| names.iter().map(|name| Path::new("/p").join(name)).collect::<Vec<PathBuf>>();
        assert_eq!(secrets_files_of(Path::new("/p/shop.json")), paths(&["shop.secrets.json", "secrets.json"]));
        let all = paths(&["shop.plan.secrets.json", "shop.secrets.json", "secrets.json"]);
        assert_eq!(secrets_files_of(Path::new("/p/shop.plan.json")), all);
        assert_eq!(plans_of(Path::new("/p/shop.secrets.json")), paths(&["shop.json", "shop.plan.json"]));
        assert_eq!(plans_of(Path::new("/p/secrets.json")), paths(&["plan.json"]));
        assert_eq!(plans_of(Path::new("/p/shop.json")), paths(&[]));
    }
}
