//! Secrets that are missing, unused, seen, or of no use. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Document, Finding, Place, Pointer, Severity};
use crate::plan::model::{ConfigSource, Decode, Environment, Plan};
use crate::plan::schema::nearest;
use crate::plan::secrets::{Secrets, bytes_of, names_secrets};
use crate::plan::template::Template;
use crate::plan::values::{Problem, SecretName};
use crate::rules::place::field;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// Among how many names the one that was meant is looked for: each missing name is compared with each of them.
const CANDIDATES: usize = 500;

/// A variable's value is shown to root by the engine's `inspect`.
pub(super) fn in_environment(plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, service) in &plan.services {
        for (variable, value) in &service.environment {
            match value {
                Environment::Text(_) => {}
                Environment::Secret { secret: _ } | Environment::Template { template: _ } => findings.push(
                    Finding::warning(
                        Code::SecretInEnvironment,
                        field(name, "environment").then(variable),
                        format!("the variable `{variable}` holds a secret"),
                    )
                    .label("root sees it with the engine's `inspect`")
                    .help(
                        "hand it over as a file (`secrets`, or a config with `template`) if the program can read one",
                    ),
                ),
            }
        }
    }
    findings
}

/// Every secret that the plan names needs a value.
pub(super) fn missing(plan: &Plan, secrets: &Secrets) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, places) in names_secrets(plan) {
        let mut places = places.into_iter();
        let Some(first) = places.next().filter(|_| !secrets.has(&name)) else { continue };
        let near = meant(&name, secrets);
        let place = Place::Value(first.clone());
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("add `{name}` to the secrets file"),
        };
        let first_is_name = first.last() == Some("secret");
        let finding = Finding::error(Code::SecretMissing, first, format!("the secret `{name}` has no value"))
            .label("not in the secrets file")
            .help(help);
        // In a template the name is a part of a text; of several places one alone would change nothing.
        let whole = places.len() == 0 && first_is_name;
        let finding = match near.filter(|_| whole) {
            Some(near) => finding.fix(format!("write `{near}`"), place, Value::from(near)),
            None => finding,
        };
        findings.push(places.fold(finding, |finding, place| finding.also(place, "also named here")));
    }
    findings
}

/// A value that nobody asks for is a mistake, or a value that should not be here.
pub(super) fn never_used(plan: &Plan, secrets: &Secrets) -> Vec<Finding> {
    let named = names_secrets(plan);
    // One that is missing was told already, with the name that was meant.
    let told: Vec<_> = named.keys().filter(|name| !secrets.has(name)).filter_map(|name| meant(name, secrets)).collect();
    let unused = secrets.names().filter(|name| !named.contains_key(*name) && !told.contains(&name.as_str()));
    let finding = |name: &SecretName| {
        let place = Place::Key(Pointer::of([name]));
        let message = format!("the plan never uses the secret `{name}`");
        Finding::new(Code::SecretNeverUsed, Severity::Warning, Document::Secrets, place.clone(), message)
            .label("not named in the plan")
            .help("remove it, or name it in the plan")
            .fix_by_removing(format!("remove `{name}`"), place)
    };
    unused.map(finding).collect()
}

fn meant<'a>(name: &SecretName, secrets: &'a Secrets) -> Option<&'a str> {
    let names: Vec<_> = secrets.names().map(SecretName::as_str).take(CANDIDATES).collect();
    nearest(name.as_str(), &names)
}

/// What a value must be follows from where the plan uses it.
pub(super) fn values(plan: &Plan, secrets: &Secrets) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut wrong = |name: &SecretName, problem: Problem| {
        let Problem { message, label, help, meant: _, code } = problem;
        let place = Place::Value(Pointer::of([name]));
        let message = format!("the value of `{name}` {message}");
        let finding = Finding::new(code, Severity::Error, Document::Secrets, place, message).label(label).help(help);
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    };
    for service in plan.services.values() {
        for file in &service.secrets {
            if let (Some(value), Some(Decode::Base64)) = (secrets.get(&file.secret), file.decode)
                && let Err(problem) = bytes_of(value, file.decode)
            {
                wrong(&file.secret, problem);
            }
        }
        for value in service.environment.values() {
            match value {
                Environment::Text(_) => {}
                Environment::Secret { secret } => nul(secret, secrets, &mut wrong),
                Environment::Template { template } => {
                    for name in Template::parse(template).map(|parsed| parsed.secrets()).unwrap_or_default() {
                        nul(&name, secrets, &mut wrong);
                    }
                }
            }
        }
    }
    let smtp = plan.maintenance.mail.as_ref().and_then(|mail| mail.smtp.as_ref());
    if let Some(password) = smtp.and_then(|smtp| smtp.password.as_ref()) {
        let value = secrets.get(&password.secret).map(SecretString::expose_secret).unwrap_or_default();
        if value.chars().any(char::is_control) {
            let problem = Problem::new(Code::BadSecret, "has a control character");
            wrong(
                &password.secret,
                problem.label("a line break at its end, perhaps").help("a mail password is one line"),
            );
        }
    }
    findings.extend(rendered(plan, secrets));
    findings
}

fn nul(name: &SecretName, secrets: &Secrets, wrong: &mut impl FnMut(&SecretName, Problem)) {
    if secrets.get(name).is_some_and(|value| value.expose_secret().contains('\0')) {
        let problem = Problem::new(Code::NulCharacter, "has a NUL character");
        wrong(name, problem.label("no environment variable can hold it").help("hand it over as a file"));
    }
}

/// A filled template is kept like a secret, and has the same bounds.
fn rendered(plan: &Plan, secrets: &Secrets) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, service) in &plan.services {
        let variables = service.environment.iter().filter_map(|(variable, value)| match value {
            Environment::Template { template } => {
                Some((template, field(name, "environment").then(variable).then("template")))
            }
            Environment::Text(_) | Environment::Secret { secret: _ } => None,
        });
        let configs = service.configs.iter().enumerate().filter_map(|(index, config)| match &config.source {
            ConfigSource::Template(template) => Some((template, field(name, "configs").then(index).then("template"))),
            ConfigSource::File(_) | ConfigSource::Content(_) => None,
        });
        for (template, at) in variables.chain(configs) {
            let filled = Template::parse(template).ok().and_then(|parsed| parsed.render(secrets).ok());
            if let Some(problem) = filled.and_then(|text| bytes_of(&text, None).err()) {
                let mut finding = problem.at(at);
                finding.message = format!("the template, filled in, {}", finding.message);
                findings.push(finding);
            }
        }
    }
    findings
}
