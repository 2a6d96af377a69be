//! `image` and `build`. Reads nothing, changes nothing.

use super::Conversion;
use super::service::Field;
use super::tree::{Kind, Node};
use crate::plan::values::{ImageReference, PlanPath};
use crate::plan::written::Written;

/// Takes an image or a build over.
pub fn field<'a>(conversion: &mut Conversion<'a>, field: Field<'_, 'a>, service: &mut Written) -> bool {
    let Field { planned, name, node } = field;
    match name {
        "image" if planned.node.member("build").is_some() => {
            conversion.ledger.needless(node, "it names what is built; Landfall names what it builds itself");
        }
        "image" => {
            if let Some(reference) = conversion.text(node).map(long) {
                put(service, "image", conversion.value::<ImageReference>(node, &reference));
            }
        }
        "build" => put(service, "image", build(conversion, node)),
        "pull_policy" => {
            conversion.ledger.needless(node, "each deployment retrieves its images and verifies them");
        }
        _ => return false,
    }
    true
}

/// Adds a field that there is.
pub fn put(object: &mut Written, name: &str, value: Option<Written>) {
    if let Some(value) = value {
        object.put(name, value);
    }
}

/// Where no registry is written, Compose means Docker's.
fn long(reference: &str) -> String {
    let rest = reference.split('@').next().unwrap_or_default();
    match rest.split_once('/') {
        None => format!("docker.io/library/{reference}"),
        Some((first, _)) if first.contains(['.', ':']) || first == "localhost" => reference.to_owned(),
        Some(_) => format!("docker.io/{reference}"),
    }
}

fn build<'a>(conversion: &mut Conversion<'a>, node: &'a Node) -> Option<Written> {
    let context = match &node.kind {
        Kind::Scalar(_) => node,
        Kind::List(_) | Kind::Map(_) => match node.member("context") {
            Some(context) => context,
            None => {
                // Compose builds in the Compose file's own folder then.
                let image =
                    details(conversion, node, Written::object().with("build", Written::text(conversion.beside("."))));
                return Some(image.out_of(node.id));
            }
        },
    };
    let text = conversion.text(context)?;
    if text.contains("://") || text.starts_with("git@") || text.ends_with(".git") {
        let help = "clone it beside the plan, or name an image that was built from it";
        conversion.ledger.lost(node, format!("the build context `{text}` is not a folder"), help);
        return None;
    }
    let folder = conversion.value::<PlanPath>(context, &conversion.beside(text))?;
    let image = Written::object().with("build", folder.as_part());
    let image = details(conversion, node, image);
    Some(image.out_of(node.id))
}

fn details<'a>(conversion: &mut Conversion<'a>, node: &'a Node, mut image: Written) -> Written {
    if !node.members().iter().any(|(name, _)| name == "dockerfile" || name == "dockerfile_inline") {
        image.put("file", Written::text("Dockerfile"));
    }
    for (name, value) in node.members() {
        match name.as_str() {
            "context" => {}
            "dockerfile" => put(&mut image, "file", conversion.one::<PlanPath>(value)),
            "args" => put(&mut image, "args", arguments(conversion, value)),
            "target" => {
                if let Some(stage) = conversion.text(value) {
                    conversion.ledger.carried(value);
                    image.put("target", Written::text(stage).out_of(value.id));
                }
            }
            "tags" | "labels" => conversion.ledger.needless(value, "Landfall names what it builds itself"),
            "cache_from" | "cache_to" | "no_cache" | "pull" => {
                conversion.ledger.needless(value, "how a build is kept for the next one is the engine's matter");
            }
            "dockerfile_inline" => {
                let help = "write it to a `Containerfile` in the context";
                conversion.ledger.lost(value, "a plan names the file that an image is built by", help);
            }
            other if other.starts_with("x-") => conversion.ledger.needless(value, "it is the author's own"),
            "secrets" | "ssh" => {
                let help = "build the image elsewhere, and name it or its archive in the plan";
                conversion.ledger.lost(value, "a build gets no secrets", help);
            }
            _ => {
                let help = "build the image elsewhere, and name it or its archive in the plan";
                conversion.ledger.lost(value, format!("a build of a plan has no `{name}`"), help);
            }
        }
    }
    image
}

fn arguments<'a>(conversion: &mut Conversion<'a>, node: &'a Node) -> Option<Written> {
    let mut arguments = Written::object();
    for pair in conversion.pairs(node) {
        match pair.value.or_else(|| conversion.variables.value(&pair.name)) {
            Some(value) => {
                conversion.ledger.carried(pair.node);
                arguments.put(&pair.name, Written::text(value).out_of(pair.node.id));
            }
            None => {
                let message = format!("the build argument `{}` has no value", pair.name);
                let help = format!("import again with `{}` set in the environment or in `.env`", pair.name);
                conversion.ledger.lost(pair.node, message, help);
            }
        }
    }
    (!arguments.is_empty()).then_some(arguments)
}
