//! Environment variables: those of the file, of env files and of the surroundings. Reads nothing, changes nothing.

use super::tree::Node;
use super::{Conversion, Found, Planned, credentials, env_file, quantities};
use crate::plan::values::EnvironmentName;
use crate::plan::written::Written;

/// A name that no shell takes means something to one program alone.
const OTHER_NAME: &str = "hand it over in the program's configuration file, or by another name that the program knows";

/// A variable of a container.
struct Variable {
    name: String,
    value: Option<String>,
    /// Where it comes from.
    origin: usize,
}

/// The environment of each service, in their order. Passwords are looked for in all of them before addresses that
/// have passwords in them, so that both name the same secret.
pub fn of_all(conversion: &mut Conversion<'_>) -> Vec<Option<Written>> {
    let services = conversion.services.clone();
    let variables: Vec<Vec<Variable>> = services.iter().map(|planned| of_one(conversion, planned)).collect();
    let mut environments = Vec::new();
    for (planned, variables) in services.iter().zip(&variables) {
        let mut environment = Written::object();
        for Variable { name, value, origin } in variables {
            let secret = credentials::is_secret(name, value.as_deref().unwrap_or_default());
            let secret = secret && value.as_deref() != Some("");
            let value = if secret {
                secret_of(conversion, planned, name, value.as_deref())
            } else {
                value.as_ref().map(Written::text)
            };
            if let Some(value) = value {
                environment.put(name, value.out_of(*origin));
            }
        }
        environments.push(environment);
    }
    for (environment, variables) in environments.iter_mut().zip(variables) {
        for Variable { name, value, origin } in variables {
            let is_text = environment.member(&name).is_some_and(|value| value.members().is_empty());
            let Some(text) = value.filter(|_| is_text) else { continue };
            let wanted = format!("{}_password", name.to_ascii_lowercase());
            let known = conversion.credentials.with_known(&text);
            if credentials::address(&text).is_none() && known.is_none() {
                continue;
            }
            let template = conversion.credentials.template(&wanted, &text).or(known);
            let value = match template {
                Some(template) => Written::object().with("template", Written::text(template)),
                None => {
                    let Some(secret) = conversion.credentials.name(&[name.to_ascii_lowercase()], Some(&text)) else {
                        continue;
                    };
                    Written::object().with("secret", Written::text(secret))
                }
            };
            replace(environment, &name, value.out_of(origin));
        }
    }
    environments.into_iter().map(|environment| (!environment.is_empty()).then_some(environment)).collect()
}

/// Puts another value where a variable stands.
fn replace(environment: &mut Written, name: &str, value: Written) {
    if let crate::plan::written::Form::Object(members) = &mut environment.form
        && let Some((_, old)) = members.iter_mut().find(|(known, _)| known == name)
    {
        *old = value;
    }
}

fn secret_of(
    conversion: &mut Conversion<'_>,
    planned: &Planned<'_>,
    name: &str,
    value: Option<&str>,
) -> Option<Written> {
    let plain = name.to_ascii_lowercase();
    let wanted = [plain.clone(), format!("{}_{plain}", planned.name.as_str().replace('-', "_"))];
    let secret = conversion.credentials.name(&wanted, value)?;
    Some(Written::object().with("secret", Written::text(secret)))
}

/// The variables of one service; those of `environment` count more than those of files.
fn of_one<'a>(conversion: &mut Conversion<'a>, planned: &Planned<'a>) -> Vec<Variable> {
    let mut variables = Vec::new();
    if let Some(files) = planned.node.member("env_file") {
        for file in files.one_or_more() {
            of_file(conversion, file, &mut variables);
        }
        if files.is_null() {
            conversion.ledger.needless(files, "nothing is written here");
        }
    }
    if let Some(environment) = planned.node.member("environment") {
        for pair in conversion.pairs(environment) {
            let scalar = pair.node.scalar();
            let has_no_value = scalar.is_some_and(|scalar| !scalar.unset.is_empty());
            let alone = pair.value.is_none();
            let value = pair.value.or_else(|| conversion.variables.value(&pair.name));
            let is_secret = credentials::is_secret(&pair.name, "");
            if let Some(number) =
                scalar.filter(|scalar| scalar.plain).and_then(|scalar| quantities::other_number(&scalar.text))
            {
                let message = format!(
                    "Compose takes this for a number or a switch, and hands `{number}` over; the plan has it as it is written"
                );
                conversion.ledger.remark(pair.node, super::Fate::Changed, message, "");
            }
            if alone && value.is_none() && !is_secret {
                let message =
                    format!("the variable `{}` takes its value from the environment, where it has none", pair.name);
                let help = format!("import again with `{}` set in the environment or in `.env`", pair.name);
                conversion.ledger.lost(pair.node, message, help);
                continue;
            }
            if let Err(problem) = EnvironmentName::parse(&pair.name) {
                conversion.ledger.lost(pair.node, problem.message, OTHER_NAME);
                continue;
            }
            conversion.ledger.carried(pair.node);
            if alone && value.is_none() {
                let message =
                    format!("the variable `{}` takes its value from the environment, where it has none", pair.name);
                conversion.ledger.changed(pair.node, message, "give the secret a value in the secrets file");
            }
            let value = if is_secret && has_no_value { value.filter(|value| !value.is_empty()) } else { value };
            put(&mut variables, Variable { name: pair.name, value, origin: pair.node.id });
        }
    }
    variables
}

fn put(variables: &mut Vec<Variable>, variable: Variable) {
    variables.retain(|known| known.name != variable.name);
    variables.push(variable);
}

/// The variables of an env file: a path, or an object with one.
fn of_file<'a>(conversion: &mut Conversion<'a>, node: &'a Node, variables: &mut Vec<Variable>) {
    let path_node = node.member("path").unwrap_or(node);
    let Some(path) = conversion.text(path_node) else { return };
    for (name, value) in node.members() {
        match (name.as_str(), value.text()) {
            ("path", _) => {}
            ("required", _) => {
                conversion.switch(value);
            }
            ("format", Some("raw")) => conversion.ledger.carried(value),
            _ => conversion.ledger.lost(value, format!("an env file has no `{name}` of this kind"), ""),
        }
    }
    let raw = node.member("format").and_then(Node::text) == Some("raw");
    let optional = node.member("required").and_then(Node::switch) == Some(false);
    match conversion.variables.surroundings.find(path) {
        Found::File(bytes) => {
            let Ok(text) = String::from_utf8(bytes) else {
                let message = format!("`{path}` is not UTF-8, so its variables are missing");
                conversion.ledger.lost(path_node, message, "save it as UTF-8, and import again");
                return;
            };
            conversion.ledger.carried(path_node);
            let text = if raw { text.replace('$', "$$") } else { text };
            let read = env_file::parse(&text, &|name| conversion.variables.value(name));
            for number in read.odd {
                let message = format!("line {number} of `{path}` is no variable");
                conversion.ledger.remark(path_node, super::Fate::Lost, message, "write `NAME=value`");
            }
            for env_file::Variable { name, value } in read.variables {
                let value = value.or_else(|| conversion.variables.value(&name));
                of_line(conversion, path_node, Variable { name, value, origin: path_node.id }, variables);
            }
        }
        Found::Nothing if optional => {
            conversion.ledger.needless(path_node, "there is no such file, and it need not be there")
        }
        Found::Nothing => {
            let message = format!("there is no file `{path}`, so its variables are missing");
            conversion.ledger.lost(path_node, message, "import again where it is, or write them into `environment`");
        }
        Found::Folder => conversion.ledger.lost(path_node, format!("`{path}` is a folder"), "name a file"),
        Found::Unusable(reason) => conversion.ledger.lost(path_node, reason, "import again where it can be read"),
    }
}

fn of_line(conversion: &mut Conversion<'_>, node: &Node, variable: Variable, variables: &mut Vec<Variable>) {
    let Variable { name, value, origin: _ } = &variable;
    if let Err(problem) = EnvironmentName::parse(name) {
        conversion.ledger.remark(node, super::Fate::Lost, problem.message, OTHER_NAME);
    } else if value.is_none() && !credentials::is_secret(name, "") {
        let message =
            format!("the variable `{name}` of the file takes its value from the environment, where it has none");
        conversion.ledger.remark(node, super::Fate::Lost, message, "write its value into the file, and import again");
    } else {
        put(variables, variable);
    }
}
