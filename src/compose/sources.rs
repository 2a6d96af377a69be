//! Puts a file together: services that extend others, and variables. Reads nothing, changes nothing.

use super::reading::{MAXIMUM_VALUES, Unreadable};
use super::tree::{Kind, Node, Scalar};
use super::variables::{self, MAXIMUM_FILLED};
use super::{Conversion, Fate};

/// Fields that replace those of the service that is extended; other lists are added to it.
const REPLACED: [&str; 3] = ["command", "entrypoint", "test"];

/// Fields that are written as `NAME=value` in a list, or as an object.
const PAIRS: [&str; 5] = ["environment", "labels", "args", "sysctls", "extra_hosts"];

/// The file with each service that `extends` another of the same file as a whole.
///
/// # Errors
/// Services that extend one another, or more values than are read of a file.
pub fn extended(mut root: Node) -> Result<Node, Unreadable> {
    let services: Vec<(String, Node)> = root.member("services").map(Node::members).unwrap_or_default().to_vec();
    let mut whole = Vec::new();
    let mut values = 0;
    for (name, service) in &services {
        let mut merged = service.clone();
        let mut seen = vec![name.clone()];
        while let Some(base) = base(seen.last().and_then(|last| member(&services, last))) {
            let Some(extended) = member(&services, base) else { break };
            if seen.iter().any(|known| known == base) {
                let message = format!("`{name}` extends itself by way of `{}`", seen.join("`, `"));
                return Err(Unreadable::new(service.position, message, "remove one `extends`"));
            }
            seen.push(base.to_owned());
            merged = over(extended, &merged, "");
            values += count(extended);
            if values > MAXIMUM_VALUES {
                let message = format!("with `extends`, the file has more than {MAXIMUM_VALUES} values");
                return Err(Unreadable::new(service.position, message, ""));
            }
        }
        whole.push((name.clone(), merged));
    }
    if let Kind::Map(members) = &mut root.kind
        && let Some((_, services)) = members.iter_mut().find(|(name, _)| name == "services")
    {
        services.kind = Kind::Map(whole);
    }
    Ok(root)
}

fn member<'a>(services: &'a [(String, Node)], name: &str) -> Option<&'a Node> {
    services.iter().find(|(known, _)| known == name).map(|(_, service)| service)
}

/// The service of the same file that is extended.
fn base(service: Option<&Node>) -> Option<&str> {
    let extends = service?.member("extends")?;
    match extends.member("file") {
        Some(_) => None,
        None => extends.text().or_else(|| extends.member("service")?.text()),
    }
}

fn count(node: &Node) -> usize {
    let members: usize = node.members().iter().map(|(_, value)| count(value)).sum();
    1 + members + node.elements().iter().map(count).sum::<usize>()
}

/// What is written above counts more than what is below.
fn over(below: &Node, above: &Node, field: &str) -> Node {
    let pairs = PAIRS.contains(&field);
    let kind = match (&below.kind, &above.kind) {
        (Kind::Map(below), Kind::Map(above)) => {
            let mut members: Vec<_> = above
                .iter()
                .map(|(name, value)| match member(below, name) {
                    Some(other) => (name.clone(), over(other, value, name)),
                    None => (name.clone(), value.clone()),
                })
                .collect();
            let new = below.iter().filter(|(name, _)| name != "extends" && member(above, name).is_none());
            members.extend(new.cloned());
            Kind::Map(members)
        }
        (Kind::List(below), Kind::List(above)) if !REPLACED.contains(&field) => {
            let new = below.iter().filter(|element| !above.iter().any(|other| other.kind == element.kind));
            Kind::List(new.chain(above).cloned().collect())
        }
        (Kind::List(_) | Kind::Map(_), Kind::List(_) | Kind::Map(_)) if pairs => {
            Kind::List(listed(below).into_iter().chain(listed(above)).collect())
        }
        (Kind::Scalar(_) | Kind::List(_) | Kind::Map(_), above) => above.clone(),
    };
    Node { id: 0, position: above.position, kind }
}

/// An object as `NAME=value` in a list.
fn listed(node: &Node) -> Vec<Node> {
    let line = |(name, value): &(String, Node)| {
        let text = value.text().map_or_else(|| name.clone(), |text| format!("{name}={text}"));
        let scalar = Scalar { text, plain: false, unset: Vec::new(), odd: false };
        Node { id: 0, position: value.position, kind: Kind::Scalar(scalar) }
    };
    node.members().iter().map(line).chain(node.elements().iter().cloned()).collect()
}

/// Fills all variables in, but not in the author's own fields.
///
/// # Errors
/// Variables that make a file of it that is too large.
pub fn fill_in(root: &mut Node, value_of: &dyn Fn(&str) -> Option<String>) -> Result<(), Unreadable> {
    let Kind::Map(members) = &mut root.kind else { return Ok(()) };
    let mut bytes = 0;
    members
        .iter_mut()
        .filter(|(name, _)| !name.starts_with("x-"))
        .try_for_each(|(_, value)| fill(value, value_of, &mut bytes))
}

fn fill(node: &mut Node, value_of: &dyn Fn(&str) -> Option<String>, bytes: &mut usize) -> Result<(), Unreadable> {
    match &mut node.kind {
        Kind::Scalar(scalar) if scalar.text.contains('$') => {
            let variables::Filled { text, unset, odd } = variables::fill(&scalar.text, value_of);
            *bytes += text.len();
            if *bytes > MAXIMUM_FILLED {
                let message = format!("with its variables, the file has more than {MAXIMUM_FILLED} bytes");
                return Err(Unreadable::new(node.position, message, ""));
            }
            // Nothing in the place of a variable is an empty text, not a missing one.
            *scalar = Scalar { text, plain: false, unset, odd };
            Ok(())
        }
        Kind::Scalar(_) => Ok(()),
        Kind::List(elements) => elements.iter_mut().try_for_each(|element| fill(element, value_of, bytes)),
        Kind::Map(members) => members.iter_mut().try_for_each(|(_, value)| fill(value, value_of, bytes)),
    }
}

/// Tells which variables have no value.
pub fn tell(conversion: &mut Conversion<'_>, node: &Node) {
    if let Kind::Scalar(Scalar { text: _, plain: _, unset, odd }) = &node.kind {
        for name in unset {
            let message = format!("the variable `{name}` has no value, and nothing stands in its place");
            let help = format!("import again with `{name}` set in the environment or in `.env`");
            conversion.ledger.remark(node, Fate::Lost, message, help);
        }
        if *odd {
            let message = "a `$` begins no variable here, and stays as it is";
            conversion.ledger.remark(node, Fate::Changed, message, "Compose wants a dollar to be written `$$`");
        }
    }
    for (_, value) in node.members() {
        tell(conversion, value);
    }
    for element in node.elements() {
        tell(conversion, element);
    }
}
