//! Networks and names: a plan has one network, on which services reach one another by name. Reads nothing, changes nothing.

use super::image::put;
use super::service::Field;
use super::tree::{Kind, Node};
use super::{Conversion, Fate, Planned};
use crate::plan::values::{Address, HostName, HostsEntry, ServiceName, Subnet};
use crate::plan::written::{Form, Written};

/// Takes over what says how a service is reached, and whom it reaches.
pub fn field<'a>(conversion: &mut Conversion<'a>, field: Field<'_, 'a>, service: &mut Written) -> bool {
    let Field { planned, name, node } = field;
    match name {
        "hostname" => put(service, "hostname", conversion.one::<HostName>(node)),
        "dns" => put(service, "dns", conversion.several::<Address>(node)),
        "extra_hosts" => put(service, "extra_hosts", hosts(conversion, node)),
        "container_name" => container_name(conversion, planned, node),
        "networks" => of_service(conversion, planned, node),
        "network_mode" => mode(conversion, node),
        "links" => links(conversion, planned, node),
        _ => return false,
    }
    true
}

fn hosts<'a>(conversion: &mut Conversion<'a>, node: &'a Node) -> Option<Written> {
    let mut entries = Vec::new();
    for pair in conversion.pairs(node) {
        let entry = match pair.value {
            Some(address) => format!("{}:{address}", pair.name),
            None => pair.name,
        };
        entries.extend(conversion.value::<HostsEntry>(pair.node, &entry));
    }
    (!entries.is_empty()).then(|| Written::list(entries))
}

/// Other containers reach a container of Compose by this name too.
fn container_name<'a>(conversion: &mut Conversion<'a>, planned: &Planned<'a>, node: &'a Node) {
    let Some(text) = conversion.text(node) else { return };
    let own = format!("{}-{}", conversion.name, planned.name);
    if text == own || text == planned.name.as_str() {
        conversion.ledger.needless(node, format!("the container is called `{own}`"));
    } else if HostName::parse(text).is_ok() {
        let message = format!("the container is called `{own}`; other services reach it as `{text}` too");
        conversion.ledger.changed(node, message, "");
        conversion.further_names.push((planned.name.clone(), text.to_ascii_lowercase(), node.id));
    } else {
        let help = format!("other services reach it as `{}`", planned.name);
        conversion.ledger.lost(
            node,
            format!("the container is called `{own}`, and `{text}` is no name of a host"),
            help,
        );
    }
}

fn of_service<'a>(conversion: &mut Conversion<'a>, planned: &Planned<'a>, node: &'a Node) {
    if let Kind::List(elements) = &node.kind {
        elements.iter().for_each(|element| declared(conversion, element, element.text().unwrap_or_default()));
        if elements.is_empty() {
            conversion.ledger.needless(node, "nothing is written here");
        }
        return;
    }
    for (name, network) in conversion.members(node) {
        if network.is_leaf() && network.scalar().is_none() {
            declared(conversion, network, name);
            continue;
        }
        for (name, value) in conversion.members(network) {
            match name.as_str() {
                "aliases" => {
                    for alias in conversion.elements(value) {
                        let Some(text) = conversion.text(alias) else { continue };
                        if text == planned.name.as_str() {
                            conversion.ledger.needless(alias, "it is the service's own name");
                        } else if conversion.value::<HostName>(alias, text).is_some() {
                            conversion.further_names.push((planned.name.clone(), text.to_ascii_lowercase(), alias.id));
                        }
                    }
                }
                "ipv4_address" | "ipv6_address" | "link_local_ips" | "mac_address" => {
                    let help = "let the other services use its name";
                    conversion.ledger.lost(value, "a service of a plan has no address of its own choice", help);
                }
                "priority" | "gw_priority" => {
                    conversion.ledger.needless(value, "there is one network, and so no order of them");
                }
                other => {
                    let message = format!("the network of a plan has no `{other}` for a service");
                    conversion.ledger.lost(value, message, "");
                }
            }
        }
    }
}

/// The service is on the plan's network, if the file has a network of this name.
fn declared(conversion: &mut Conversion<'_>, node: &Node, name: &str) {
    let networks = conversion.root.member("networks");
    if name == "default" || networks.is_some_and(|networks| networks.member(name).is_some()) {
        conversion.ledger.carried(node);
    } else {
        conversion.ledger.lost(
            node,
            format!("no network `{name}` is declared"),
            "all services of a plan are on its network",
        );
    }
}

fn mode<'a>(conversion: &mut Conversion<'a>, node: &'a Node) {
    let Some(text) = conversion.text(node) else { return };
    match text {
        "bridge" | "default" => conversion.ledger.needless(node, "the network of a plan is of this kind"),
        "host" => conversion.ledger.lost(
            node,
            "services of a plan are on the plan's own network, not on the VSN's",
            "publish the ports that it listens on, in `ports`",
        ),
        "none" => {
            let message = "services of a plan are all on the plan's network";
            conversion.ledger.lost(node, message, "publish no ports; the other services could still reach it");
        }
        _ => {
            let message = "services of a plan don't share the network of another container";
            conversion.ledger.lost(node, message, "let them reach one another by name");
        }
    }
}

fn links<'a>(conversion: &mut Conversion<'a>, planned: &Planned<'a>, node: &'a Node) {
    for element in conversion.elements(node) {
        let Some(text) = conversion.text(element) else { continue };
        let (target, alias) = text.split_once(':').map_or((text, None), |(target, alias)| (target, Some(alias)));
        let Some(name) = conversion.planned(target).map(|other| other.name.clone()) else {
            conversion.ledger.lost(element, format!("the plan has no service `{target}`"), "");
            continue;
        };
        let depends = planned.node.member("depends_on");
        let depends = depends.is_some_and(|on| {
            on.member(target).is_some() || on.elements().iter().any(|element| element.text() == Some(target))
        });
        match alias.filter(|alias| *alias != name.as_str()) {
            Some(alias) if conversion.value::<HostName>(element, alias).is_some() => {
                conversion.further_names.push((name.clone(), alias.to_ascii_lowercase(), element.id));
                let message = format!("all services reach `{name}` as `{alias}` too");
                conversion.ledger.remark(element, Fate::Changed, message, "");
            }
            Some(_) => {}
            None => conversion.ledger.needless(element, "services of a plan find one another by name"),
        }
        if !depends {
            let help = format!("add `{name}` to its `depends_on` if it has to be up before");
            conversion.ledger.remark(element, Fate::Lost, "a link also says what starts first", help);
        }
    }
}

/// Gives services the further names that were found for them.
pub fn further_names(conversion: &mut Conversion<'_>, services: &mut Written) {
    let mut given: Vec<(ServiceName, String)> = Vec::new();
    for (service, name, origin) in std::mem::take(&mut conversion.further_names) {
        if given.contains(&(service.clone(), name.clone())) {
            continue;
        }
        let Form::Object(members) = &mut services.form else { return };
        let Some((_, described)) = members.iter_mut().find(|(known, _)| *known == service.as_str()) else { continue };
        let alias = Written::text(&name).out_of(origin);
        match described.member("aliases").map(|aliases| aliases.form.clone()) {
            Some(Form::List(mut aliases)) => {
                aliases.push(alias);
                described.put("aliases", Written::list(aliases));
            }
            Some(Form::Text(_) | Form::Number(_) | Form::Switch(_) | Form::Object(_)) | None => {
                described.put("aliases", Written::list(vec![alias]));
            }
        }
        given.push((service, name));
    }
}

/// The plan's network, from what is declared beside the services.
pub fn of_the_file<'a>(conversion: &mut Conversion<'a>, node: Option<&'a Node>) -> Option<Written> {
    let node = node?;
    let mut subnets = Vec::new();
    let several = node.members().len() > 1;
    for (name, network) in conversion.members(node) {
        if several {
            let message = "a plan has one network: services that were kept apart reach one another";
            conversion.ledger.remark(
                network,
                Fate::Lost,
                message,
                "use a plan for each group of services that has to be alone",
            );
        }
        if network.is_leaf() && network.scalar().is_none() {
            conversion.ledger.carried(network);
            continue;
        }
        for (field, value) in conversion.members(network) {
            match field.as_str() {
                "ipam" => subnets.extend(addresses(conversion, value)),
                _ => detail(conversion, (name, field), value),
            }
        }
    }
    (!subnets.is_empty()).then(|| Written::object().with("subnets", Written::list(subnets)))
}

fn detail(conversion: &mut Conversion<'_>, (name, field): (&str, &str), value: &Node) {
    let plan = conversion.name.clone();
    match (field, value.text()) {
        ("driver", Some("bridge" | "default")) => conversion.ledger.carried(value),
        ("external" | "internal" | "attachable" | "enable_ipv6", Some("false")) | ("enable_ipv4", Some("true")) => {
            conversion.ledger.needless(value, "it is the default");
        }
        ("attachable", _) => conversion.ledger.needless(value, "it means nothing on one server"),
        ("name", _) => conversion.ledger.needless(value, format!("the network is called `{plan}`, as the plan is")),
        ("external", _) => {
            let message = format!("`{name}` belongs to somebody else, and a plan has a network of its own");
            let help = "publish a port, and let the services of other plans use it by the VSN's address";
            conversion.ledger.lost(value, message, help);
        }
        ("internal", _) => {
            let help = "close the way out with the VSN's firewall";
            conversion.ledger.lost(value, "services of a plan can reach other networks", help);
        }
        ("enable_ipv6", _) => {
            conversion.ledger.lost(
                value,
                "a network has IPv6 where the plan gives it such a subnet",
                "add one to `network.subnets`",
            );
        }
        (own, _) if own.starts_with("x-") => conversion.ledger.needless(value, "it is the author's own"),
        (other, _) => {
            conversion.ledger.lost(value, format!("the network of a plan has no `{other}`"), "a plan has `subnets`")
        }
    }
}

fn addresses<'a>(conversion: &mut Conversion<'a>, node: &'a Node) -> Vec<Written> {
    let mut subnets = Vec::new();
    for (field, value) in conversion.members(node) {
        match (field.as_str(), value.text()) {
            ("driver", Some("default")) => conversion.ledger.needless(value, "it is the default"),
            ("config", _) => {
                for element in conversion.elements(value) {
                    for (field, value) in conversion.members(element) {
                        if field == "subnet" {
                            subnets.extend(conversion.one::<Subnet>(value));
                        } else {
                            let message = format!("a subnet of a plan has no `{field}`");
                            conversion.ledger.lost(value, message, "the engine chooses it");
                        }
                    }
                }
            }
            _ => {
                conversion.ledger.lost(value, format!("the network of a plan has no `{field}`"), "a plan has `subnets`")
            }
        }
    }
    subnets
}
