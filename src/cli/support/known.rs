//! Which secrets a plan has, and their values, as far as this server or a secrets file has them. Reads only.

use crate::compose::{is_secret, password_in};
use crate::facts::{Saved, SavedService};
use crate::few::Few;
use crate::host::engine::secret_values;
use crate::host::files;
use crate::host::node::state;
use crate::names_secrets;
use crate::operation::{Layout, SecretText};
use crate::plan::model::{Decode, Environment, Plan, Service};
use crate::plan::secrets::Secrets;
use crate::plan::template::Template;
use crate::plan::values::SecretName;
use crate::redaction::{self, SHORTEST, Value};
use crate::steps::secrets_of;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::ExposeSecret;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A secret that can't be looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Missing {
    /// Its name in the secrets file.
    pub(super) name: String,
    /// Why it can't be looked for.
    pub(super) why: String,
    /// Whether a service gets it.
    pub(super) of_a_service: bool,
}

/// What is known of a plan's secrets.
pub(super) struct Known {
    /// What is looked for.
    pub(super) values: Vec<Value>,
    /// The names of those that are looked for.
    pub(super) found: BTreeSet<String>,
    /// Those that can't be.
    pub(super) missing: Vec<Missing>,
    /// Why nobody can tell which secrets there are, if so.
    pub(super) nothing_known: Option<String>,
}

impl Known {
    /// Why what services say can't be told, if so: a secret of theirs could stand in it.
    pub(super) fn silences_services(&self) -> Option<String> {
        self.silences(|missing| missing.of_a_service)
    }

    /// Why what other programs said to Landfall can't be told, if so.
    pub(super) fn silences_all(&self) -> Option<String> {
        self.silences(|_| true)
    }

    fn silences(&self, counts: impl Fn(&&Missing) -> bool) -> Option<String> {
        let missing: Vec<&str> = self.missing.iter().filter(counts).map(|missing| missing.name.as_str()).collect();
        let named = (!missing.is_empty())
            .then(|| format!("the values of these secrets could stand in it: {}", missing.join(", ")));
        self.nothing_known.clone().or(named)
    }
}

/// What is on record of a plan, deployed or from before.
pub(super) struct OnRecord<'a> {
    pub(super) saved: Option<&'a Saved>,
    /// The plan that is deployed, or else the one that was before.
    pub(super) plan: Option<&'a Plan>,
    /// Whether there is a record of either, readable or not.
    pub(super) any: bool,
}

/// Gathers the values. `given` is the secrets file, if there is one.
pub(super) fn gather(layout: &Layout, record: &OnRecord<'_>, given: Option<&Secrets>) -> Known {
    let OnRecord { saved, plan, any } = record;
    let mut values = Vec::new();
    let mut named: BTreeMap<SecretName, Vec<u8>> = BTreeMap::new();
    if let Some(plan) = plan {
        let stored = stored(layout);
        values.extend(stored.iter().map(|(name, bytes)| Value { name: name.clone(), bytes: bytes.clone() }));
        for (name, saved) in saved.iter().flat_map(|saved| &saved.services) {
            let service = plan.services.get(name);
            named.extend(service.into_iter().flat_map(|service| of_service(service, saved, &stored)));
        }
        named.extend(of_the_host(plan, layout));
        values.extend(written_in(plan));
    }
    for name in given.into_iter().flat_map(Secrets::names) {
        let Some(value) = given.and_then(|given| given.get(name)) else { continue };
        let bytes = value.expose_secret().as_bytes().to_vec();
        // What is deployed may be another value.
        values.extend(named.insert(name.clone(), bytes).map(|bytes| Value { name: name.to_string(), bytes }));
    }
    let missing = plan.map(|plan| missing(plan, &named)).unwrap_or_default();
    let found = named.iter().filter(|(_, bytes)| redaction::can_be_hidden(bytes)).map(|(name, _)| name.to_string());
    let found = found.gathered();
    values.extend(named.into_iter().flat_map(|(name, bytes)| with_decoded(name.as_str(), bytes)));
    let unknown = plan.is_none() && given.is_none();
    let why = match any {
        true => "the plan that is on record can't be read, so that nobody can tell which secrets it has",
        false => "no plan is on record, so that nobody can tell which secrets there were",
    };
    let nothing_known = unknown.then(|| format!("{why}: `--secrets FILE` gives them"));
    Known { values, found, missing, nothing_known }
}

/// What the engine has, by its names.
fn stored(layout: &Layout) -> BTreeMap<String, Vec<u8>> {
    let stored = state::read_engine(layout).and_then(|kind| secret_values(kind, layout));
    let stored = stored.inspect_err(|failure| tracing::warn!(cause = %failure.message, "secrets can't be read"));
    stored.unwrap_or_default().into_iter().map(|(name, value)| (name, value.expose_secret().to_vec())).gathered()
}

/// The secrets of a service, read back from what was made of them.
fn of_service(
    service: &Service,
    saved: &SavedService,
    stored: &BTreeMap<String, Vec<u8>>,
) -> Vec<(SecretName, Vec<u8>)> {
    let texts = secrets_of(service);
    if texts.len() != saved.secrets.len() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (text, name) in texts.into_iter().zip(&saved.secrets) {
        let Some(bytes) = stored.get(name) else { continue };
        match text {
            SecretText::Value { secret, decode: None } => found.push((secret, bytes.clone())),
            SecretText::Value { secret, decode: Some(Decode::Base64) } => {
                found.push((secret, STANDARD.encode(bytes).into_bytes()));
            }
            SecretText::Template(template) => {
                let text = String::from_utf8_lossy(bytes);
                let values = Template::parse(&template).ok().and_then(|template| template.values_in(&text));
                found.extend(values.unwrap_or_default().into_iter().map(|(name, value)| (name, value.into_bytes())));
            }
        }
    }
    found
}

/// The account at the mail server, and keys.
fn of_the_host(plan: &Plan, layout: &Layout) -> Vec<(SecretName, Vec<u8>)> {
    let mut found = Vec::new();
    let password = plan.maintenance.mail.as_ref().and_then(|mail| mail.smtp.as_ref()?.password.as_ref());
    let account = files::read_if_there(&layout.mail_account()).ok().flatten();
    if let (Some(password), Some(account)) = (password, account) {
        let account = String::from_utf8_lossy(&account).into_owned();
        let word = account.trim_end_matches('\n').split_once(" password ").map(|(_, word)| unquoted(word));
        found.extend(word.map(|word| (password.secret.clone(), word.into_bytes())));
    }
    for (file, key) in &plan.ssh_keys {
        let path = Path::new("/root/.ssh").join(file.as_str());
        let content = files::read_if_there(&path).ok().flatten();
        found.extend(content.map(|content| (key.private_key.secret.clone(), content)));
    }
    found
}

/// A word of a netrc file.
fn unquoted(word: &str) -> String {
    match word.strip_prefix('"').and_then(|word| word.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\\\"", "\"").replace("\\\\", "\\"),
        None => word.to_owned(),
    }
}

/// What somebody wrote into the plan itself that looks like a password.
fn written_in(plan: &Plan) -> Vec<Value> {
    let mut found = Vec::new();
    for (service, described) in &plan.services {
        for (variable, value) in &described.environment {
            let Environment::Text(text) = value else { continue };
            let password = if is_secret(variable.as_str(), text) { Some(text.as_str()) } else { password_in(text) };
            let name = format!("{variable} of {service}, as the plan has it");
            found.extend(password.map(|password| Value { name, bytes: password.as_bytes().to_vec() }));
        }
    }
    found
}

/// A value, and what it is the base64 of, if it is.
fn with_decoded(name: &str, bytes: Vec<u8>) -> Vec<Value> {
    let value = |bytes| Value { name: name.to_owned(), bytes };
    let decoded = STANDARD.decode(bytes.trim_ascii()).ok().filter(|decoded| redaction::can_be_hidden(decoded));
    [value(bytes)].into_iter().chain(decoded.map(value)).collect()
}

/// Those that the plan names and that can't be looked for.
fn missing(plan: &Plan, known: &BTreeMap<SecretName, Vec<u8>>) -> Vec<Missing> {
    let mut missing = Vec::new();
    for (name, places) in names_secrets(plan) {
        let why = match known.get(&name) {
            Some(value) if redaction::can_be_hidden(value) => continue,
            Some(_) => format!("it has fewer than {SHORTEST} bytes: to take it out would ruin every text"),
            None => "its value is not on this server: `--secrets FILE` gives it".to_owned(),
        };
        let of_a_service = places.iter().any(|place| place.segments().next() == Some("services"));
        missing.push(Missing { name: name.to_string(), why, of_a_service });
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::{Known, Missing, OnRecord, gather, unquoted};
    use crate::operation::Layout;
    use crate::plan::model::Plan;
    use crate::plan::secrets::Secrets;
    use crate::plan::values::PlanName;
    use pretty_assertions::assert_eq;
    use serde_json::json;
    use std::path::Path;

    fn plan() -> Plan {
        let text = json!({
            "version": 1, "name": "shop",
            "services": { "db": {
                "image": "registry.example/a:1",
                "environment": {
                    "A": { "secret": "variable" }, "PG_PASSWORD": "written", "PIN": "12", "URL": "x://ann:inside@db", "B": { "secret": "pin" }
                }
            } },
            "registries": { "registry.example": { "username": "vsn", "password": { "secret": "registry" } } }
        });
        crate::check(("plan.json", text.to_string().as_bytes()), None).plan.unwrap()
    }

    fn known(given: Option<&Secrets>) -> Known {
        let plan = plan();
        let layout = Layout::new(Path::new("/nowhere"), &PlanName::parse("nowhere").unwrap());
        gather(&layout, &OnRecord { saved: None, plan: Some(&plan), any: true }, given)
    }

    fn names(missing: &[Missing]) -> Vec<&str> {
        missing.iter().map(|missing| missing.name.as_str()).collect()
    }

    #[test]
    fn what_is_not_to_be_had_or_too_short_silences_what_could_hold_it() {
        let nothing = known(None);
        assert_eq!(names(&nothing.missing), ["pin", "registry", "variable"]);
        assert_eq!(
            nothing.silences_services().as_deref(),
            Some("the values of these secrets could stand in it: pin, variable")
        );
        let given = Secrets::of(&json!({ "variable": "hunter2", "pin": "123" }));
        let most = known(Some(&given));
        assert_eq!(names(&most.missing), ["pin", "registry"]);
        let given = Secrets::of(&json!({ "variable": "hunter2", "pin": "1234" }));
        let most = known(Some(&given));
        assert_eq!(most.silences_services(), None);
        assert_eq!(most.silences_all().as_deref(), Some("the values of these secrets could stand in it: registry"));
        let given = Secrets::of(&json!({ "variable": "hunter2", "pin": "1234", "registry": "aGlkZGVu" }));
        let all = known(Some(&given));
        assert_eq!((all.silences_all(), all.missing), (None, Vec::new()));
        let values: Vec<_> =
            all.values.iter().map(|value| String::from_utf8_lossy(&value.bytes).into_owned()).collect();
        assert_eq!(values, ["written", "inside", "1234", "aGlkZGVu", "hidden", "hunter2"]);
    }

    #[test]
    fn where_no_plan_is_on_record_only_the_secrets_file_tells() {
        let layout = Layout::new(Path::new("/nowhere"), &PlanName::parse("nowhere").unwrap());
        let record = OnRecord { saved: None, plan: None, any: false };
        let why = "no plan is on record, so that nobody can tell which secrets there were: `--secrets FILE` gives them";
        assert_eq!(gather(&layout, &record, None).silences_services().as_deref(), Some(why));
        let given = Secrets::of(&json!({ "a": "hunter2" }));
        assert_eq!(gather(&layout, &record, Some(&given)).silences_all(), None);
    }

    #[test]
    fn a_word_of_an_account_is_read_as_curl_reads_it() {
        let words = ["plain", "mid\"\\#", "\"#first\"", "\"\\\"a \\\\\""].map(unquoted);
        assert_eq!(words, ["plain", "mid\"\\#", "#first", "\"a \\"]);
    }
}
