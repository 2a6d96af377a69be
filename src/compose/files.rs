//! Secrets and configs: small files that are handed to a container. Reads nothing, changes nothing.

use super::service::Field;
use super::tree::{Kind, Node};
use super::{Conversion, Found};
use crate::plan::values::{ContainerPath, Mode, Owner, PlanPath, SecretName};
use crate::plan::written::Written;
use base64::{Engine, engine::general_purpose::STANDARD};

/// Takes the secrets or configs of a service over.
pub fn field<'a>(conversion: &mut Conversion<'a>, field: Field<'_, 'a>, service: &mut Written) -> bool {
    let Field { planned: _, name, node } = field;
    let is_secret = match name {
        "secrets" => true,
        "configs" => false,
        _ => return false,
    };
    let mut files = service.member(name).cloned().unwrap_or_else(|| Written::list(Vec::new()));
    for element in conversion.elements(node) {
        if let Some(file) = one(conversion, element, is_secret)
            && let crate::plan::written::Form::List(files) = &mut files.form
        {
            files.push(file.out_of(element.id));
        }
    }
    if !files.is_empty() {
        service.put(name, files);
    }
    true
}

fn one<'a>(conversion: &mut Conversion<'a>, element: &'a Node, is_secret: bool) -> Option<Written> {
    let source_node = match &element.kind {
        Kind::Map(_) => match element.member("source") {
            Some(source) => source,
            None => {
                conversion.ledger.lost(element, "it does not say which one", "name one in `source`");
                return None;
            }
        },
        Kind::Scalar(_) | Kind::List(_) => element,
    };
    let source = conversion.text(source_node)?;
    let default = if is_secret { format!("/run/secrets/{source}") } else { format!("/{source}") };
    let target = element.member("target").and_then(Node::text).map_or(default, |target| {
        if target.starts_with('/') || !is_secret { target.to_owned() } else { format!("/run/secrets/{target}") }
    });
    let target_node = element.member("target").unwrap_or(source_node);
    let section = if is_secret { "secrets" } else { "configs" };
    let declared = conversion.root.member(section).and_then(|section| section.member(source));
    let mut file = if is_secret {
        secret(conversion, source_node, (source, declared))?
    } else {
        config(conversion, source_node, (source, declared))?
    };
    conversion.ledger.carried(source_node);
    let target = conversion.value::<ContainerPath>(target_node, &target)?;
    file.put("target", target.as_part());
    let mut mode = Written::text("0444");
    let (mut user, mut group) = ("0", "0");
    for (name, value) in element.members() {
        let text = value.text().unwrap_or_default();
        match name.as_str() {
            "source" | "target" => {}
            "uid" => user = text,
            "gid" => group = text,
            "mode" => mode = permissions(conversion, value).unwrap_or(mode),
            _ => conversion.ledger.lost(value, format!("a file of a plan has no `{name}`"), ""),
        }
    }
    let owner = format!("{user}:{group}");
    for node in ["uid", "gid"].into_iter().filter_map(|name| element.member(name)) {
        if let Some(owner) = conversion.value::<Owner>(node, &owner) {
            file.put("owner", owner);
        }
    }
    if is_secret || element.member("mode").is_some() {
        file.put("mode", mode);
    }
    Some(file)
}

/// YAML's numbers with a zero in front are octal, the others are not.
fn permissions<'a>(conversion: &mut Conversion<'a>, node: &'a Node) -> Option<Written> {
    let text = conversion.text(node)?;
    let decimal = node.scalar().is_some_and(|scalar| scalar.plain) && !text.starts_with('0');
    let octal = match text.parse::<u32>() {
        Ok(number) if decimal => format!("{number:04o}"),
        Ok(_) | Err(_) => text.replace("0o", "0"),
    };
    conversion.value::<Mode>(node, &octal)
}

fn secret<'a>(
    conversion: &mut Conversion<'a>,
    node: &'a Node,
    (name, declared): (&str, Option<&'a Node>),
) -> Option<Written> {
    let (value, decode) = match declared {
        Some(declared) => value_of(conversion, declared),
        None => {
            let message = format!("no secret `{name}` is declared, so it has no value");
            conversion.ledger.remark(node, super::Fate::Lost, message, "give it one in the secrets file");
            (None, false)
        }
    };
    let Some(secret) = conversion.credentials.declared(name, value.as_deref()) else {
        let problem = SecretName::parse(name).err();
        let message = problem.map_or_else(String::new, |problem| problem.message);
        conversion.ledger.lost(node, message, "call it something else in the Compose file, and import again");
        return None;
    };
    let file = Written::object().with("secret", Written::text(secret));
    Some(if decode { file.with("decode", Written::text("base64")) } else { file })
}

/// The value of a declared secret, and whether it is written as base64.
fn value_of<'a>(conversion: &mut Conversion<'a>, declared: &'a Node) -> (Option<String>, bool) {
    if let Some(variable) = declared.member("environment").and_then(Node::text) {
        return (conversion.variables.value(variable), false);
    }
    let Some(path) = declared.member("file").and_then(Node::text) else { return (None, false) };
    match conversion.variables.surroundings.find(path) {
        Found::File(bytes) => match String::from_utf8(bytes) {
            Ok(text) => (Some(text), false),
            Err(binary) => (Some(STANDARD.encode(binary.as_bytes())), true),
        },
        Found::Nothing | Found::Folder | Found::Unusable(_) => (None, false),
    }
}

fn config<'a>(
    conversion: &mut Conversion<'a>,
    node: &'a Node,
    (name, declared): (&str, Option<&'a Node>),
) -> Option<Written> {
    let lost = |conversion: &mut Conversion<'a>, reason: String| {
        conversion.ledger.lost(node, reason, "put the file beside the plan, and name it in the service's `configs`");
        None
    };
    let Some(declared) = declared else { return lost(conversion, format!("no config `{name}` is declared")) };
    if let Some(file) = declared.member("file") {
        let path = conversion.text(file)?;
        let path = conversion.beside(path);
        let path = conversion.value::<PlanPath>(file, &path)?;
        return Some(Written::object().with("file", path.as_part()));
    }
    if let Some(content) = declared.member("content") {
        let text = conversion.text(content)?;
        conversion.ledger.carried(content);
        return Some(Written::object().with("content", Written::text(text)));
    }
    let variable = declared.member("environment").and_then(Node::text);
    match variable.and_then(|variable| conversion.variables.value(variable)) {
        Some(text) => Some(Written::object().with("content", Written::text(text))),
        None => lost(conversion, format!("the content of the config `{name}` is not in the file")),
    }
}

/// What is declared beside the services: what becomes of each is known by now.
pub fn declared<'a>(conversion: &mut Conversion<'a>, section: &str, node: &'a Node) {
    for (name, declared) in conversion.members(node) {
        if !is_used(conversion, section, name) {
            conversion.ledger.needless(declared, "no service of the plan uses it");
            continue;
        }
        if conversion.members(declared).is_empty() {
            continue;
        }
        for (field, value) in declared.members() {
            source(conversion, (name, field), value);
        }
    }
}

fn is_used(conversion: &Conversion<'_>, section: &str, name: &str) -> bool {
    let elements =
        conversion.services.iter().filter_map(|planned| planned.node.member(section)).flat_map(Node::elements);
    elements.into_iter().any(|element| element.member("source").unwrap_or(element).text() == Some(name))
}

fn source<'a>(conversion: &mut Conversion<'a>, (name, field): (&str, &str), value: &'a Node) {
    let give = "give it one in the secrets file, or write the config's file beside the plan";
    let Some(text) = conversion.text(value) else { return };
    match field {
        "file" => match conversion.variables.surroundings.find(text) {
            Found::File(_) => conversion.ledger.carried(value),
            Found::Nothing => {
                conversion.ledger.changed(value, format!("there is no file `{text}`: `{name}` has no value yet"), give)
            }
            Found::Folder => {
                conversion.ledger.lost(value, format!("`{text}` is a folder: `{name}` has no value yet"), give)
            }
            Found::Unusable(reason) => {
                conversion.ledger.lost(value, format!("{reason}: `{name}` has no value yet"), give)
            }
        },
        "environment" if conversion.variables.value(text).is_some() => conversion.ledger.carried(value),
        "environment" => {
            let message = format!("the variable `{text}` is not set: `{name}` has no value yet");
            conversion.ledger.changed(value, message, give);
        }
        "content" => conversion.ledger.carried(value),
        "name" => conversion.ledger.needless(value, "the engine's own name for it; Landfall gives names of its own"),
        "external" if value.switch() == Some(true) => {
            let message = format!("`{name}` is kept outside of the file, so it has no value yet");
            conversion.ledger.changed(value, message, give);
        }
        "external" => conversion.ledger.needless(value, "it is the default"),
        "labels" => conversion.ledger.lost(value, "secrets and configs of a plan have no labels", ""),
        other => conversion.ledger.lost(value, format!("a plan has no `{other}` for secrets and configs"), ""),
    }
}
