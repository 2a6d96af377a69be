//! The file as a whole: which services there are, and what stands beside them. Reads nothing, changes nothing.

use super::reading::Unreadable;
use super::tree::{Kind, Node};
use super::{Choices, Conversion, Planned, dependencies, environment, files, network, service, storage};
use crate::plan::schema::nearest;
use crate::plan::values::{PlanName, ServiceName};
use crate::plan::written::Written;

const LONGEST: usize = 31;

/// The fields of a Compose file.
const KNOWN: [&str; 9] =
    ["version", "name", "include", "services", "networks", "volumes", "secrets", "configs", "models"];

/// The plan's name: as chosen, else the file's, else its folder's.
///
/// # Errors
/// None of them can be made a name.
pub fn plan_name(choices: &Choices, root: &Node) -> Result<PlanName, Unreadable> {
    let written = root.member("name").and_then(Node::text).and_then(named);
    let name = choices.name.clone().or(written).or_else(|| named(&choices.folder));
    let message = format!("neither the file nor its folder `{}` has a name for the plan", choices.folder);
    name.ok_or_else(|| Unreadable::new(root.position, message, "give one with `--name`"))
}

fn named(text: &str) -> Option<PlanName> {
    PlanName::parse(&plain(text)).ok()
}

/// The nearest text that has the form of a plan's or a service's name.
fn plain(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let dashed: String = lower.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let from_letter = dashed.trim_start_matches(|c: char| !c.is_ascii_lowercase());
    from_letter.get(..from_letter.len().min(LONGEST)).unwrap_or_default().trim_end_matches('-').to_owned()
}

/// The whole plan.
pub fn convert(conversion: &mut Conversion<'_>) -> Written {
    select(conversion);
    dependencies::tell_one_shots_apart(conversion);
    let root = conversion.root;
    let mut plan = Written::object().with("version", 1).with("name", Written::text(&conversion.name));
    if let Some(network) = network::of_the_file(conversion, root.member("networks")) {
        plan.put("network", network);
    }
    let environments = environment::of_all(conversion);
    let mut services = Written::object();
    for (planned, environment) in conversion.services.clone().into_iter().zip(environments) {
        match service::convert(conversion, &planned, environment) {
            Some(service) => services.put(planned.name.as_str(), service),
            None => conversion.ledger.lost(
                planned.node,
                format!("the service `{}` has no image that a plan can name", planned.compose),
                "give it an `image` with its registry, or a `build` with a folder",
            ),
        }
    }
    network::further_names(conversion, &mut services);
    plan.put("services", services);
    for (name, value) in root.members() {
        beside(conversion, name, value);
    }
    plan
}

/// Which services the plan has, and how they are called in it.
fn select(conversion: &mut Conversion<'_>) {
    let Some(services) = conversion.root.member("services") else { return };
    for (compose, node) in services.members() {
        if !matches!(node.kind, Kind::Map(_)) {
            conversion.ledger.lost(node, format!("{} stands where a service is expected", node.what()), "");
            continue;
        }
        if !wanted(conversion, node) {
            continue;
        }
        let Some(name) = free_name(conversion, compose) else {
            let message = format!("`{compose}` can't be made a service's name");
            conversion.ledger.lost(node, message, "call it something with the letters a to z");
            continue;
        };
        if name.as_str() != compose {
            let message =
                format!("the service is called `{name}`: a name has a-z, 0-9 and `-`, and is no word of an engine's");
            let help = format!("replace `{compose}` where a text names it, such as an address in `environment`");
            conversion.ledger.remark(node, super::Fate::Changed, message, help);
        }
        conversion.services.push(Planned { compose, name, node, one_shot: false });
    }
}

fn wanted(conversion: &mut Conversion<'_>, service: &Node) -> bool {
    let Some(profiles) = service.member("profiles") else { return true };
    let names: Vec<_> = profiles.one_or_more().into_iter().filter_map(Node::text).collect();
    let chosen = &conversion.choices.profiles;
    let is_wanted = names.iter().any(|name| chosen.iter().any(|chosen| chosen == name || chosen == "*"));
    if names.is_empty() || is_wanted {
        conversion.ledger.needless(profiles, "a plan has no profiles; this service is one of those asked for");
        return true;
    }
    let message = format!("the service belongs to the profile `{}`, which is not asked for", names.join("`, `"));
    let help = format!("import with `--profile {}` if the plan is to have it", names.first().unwrap_or(&""));
    conversion.ledger.lost(service, message, help);
    false
}

fn free_name(conversion: &Conversion<'_>, compose: &str) -> Option<ServiceName> {
    let plain = plain(compose);
    let base = plain.get(..plain.len().min(LONGEST - 8)).unwrap_or_default().trim_end_matches('-');
    let further = std::iter::once(format!("{base}-service")).chain((2..1000).map(|number| format!("{base}-{number}")));
    let candidates = std::iter::once(plain.clone()).chain(further);
    let mut names = candidates.filter_map(|name| ServiceName::parse(&name).ok());
    names.find(|name| !conversion.services.iter().any(|planned| planned.name == *name))
}

/// What stands beside the services.
fn beside<'a>(conversion: &mut Conversion<'a>, name: &str, value: &'a Node) {
    match name {
        "services" | "networks" => {}
        "name" => match value.text() {
            Some(text) if text == conversion.name.as_str() => conversion.ledger.carried(value),
            Some(_) | None => {
                let message = format!("the plan is called `{}`", conversion.name);
                conversion.ledger.changed(value, message, "");
            }
        },
        "version" => conversion.ledger.needless(value, "it is the version of the Compose format; a plan has its own"),
        "include" => conversion.ledger.lost(
            value,
            "only one file is read",
            "import what `docker compose config` prints, where all files are put together",
        ),
        "volumes" => storage::declared(conversion, value),
        "secrets" | "configs" => files::declared(conversion, name, value),
        own if own.starts_with("x-") => {
            conversion.ledger.needless(value, "it is the author's own; what refers to it by an alias has it");
        }
        "models" => conversion.ledger.lost(value, "a plan has no models", "run the model as a service"),
        other => {
            let help = match nearest(other, &KNOWN) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "remove it".to_owned(),
            };
            conversion.ledger.lost(value, format!("Compose files have no `{other}`"), help);
        }
    }
}
