//! Published ports, in all the ways in which Compose lets them be written. Reads nothing, changes nothing.

use super::Conversion;
use super::image::put;
use super::service::Field;
use super::tree::{Kind, Node};
use crate::plan::values::Port;
use crate::plan::written::Written;

const CHOOSE: &str = "choose a port of the VSN, so that others can rely on it: `\"8080:80\"`";

/// Takes ports over.
pub fn field<'a>(conversion: &mut Conversion<'a>, field: Field<'_, 'a>, service: &mut Written) -> bool {
    let Field { planned: _, name, node } = field;
    match name {
        "ports" => {
            let ports: Vec<_> =
                conversion.elements(node).iter().filter_map(|element| one(conversion, element)).collect();
            put(service, "ports", (!ports.is_empty()).then(|| Written::list(ports)));
        }
        "expose" => {
            let message = "services of a plan reach all ports of one another; nothing has to be opened";
            conversion.ledger.needless(node, message);
        }
        _ => return false,
    }
    true
}

fn one<'a>(conversion: &mut Conversion<'a>, element: &'a Node) -> Option<Written> {
    match &element.kind {
        Kind::Map(_) => long(conversion, element),
        Kind::Scalar(_) | Kind::List(_) => {
            let text = conversion.text(element)?;
            let (ports, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
            let (host, container) = match ports.rsplit_once(':') {
                Some((host, container)) => (Some(host).filter(|host| !host.is_empty()), container),
                None => (None, ports),
            };
            let (address, host) = match host.and_then(|host| host.rsplit_once(':')) {
                Some((address, host)) => (Some(address), Some(host).filter(|host| !host.is_empty())),
                None => (None, host),
            };
            // An address of IPv6 without brackets has colons of its own, and no port after them.
            let bare = address.is_some_and(|address| address.contains(':') && !address.starts_with('['));
            if bare {
                conversion.ledger.lost(
                    element,
                    format!("`{text}` is ambiguous"),
                    "write an address of IPv6 in brackets",
                );
                return None;
            }
            published(conversion, element, &Wanted { address, host, container, protocol })
        }
    }
}

fn long<'a>(conversion: &mut Conversion<'a>, element: &'a Node) -> Option<Written> {
    let text = |name: &str| element.member(name).and_then(Node::text);
    let Some(target) = text("target") else {
        conversion.ledger.lost(element, "it does not say which port of the container it is", "name it in `target`");
        return None;
    };
    let address = text("host_ip").map(|address| {
        if address.contains(':') && !address.starts_with('[') { format!("[{address}]") } else { address.to_owned() }
    });
    let wanted = Wanted {
        address: address.as_deref(),
        host: text("published").filter(|host| !host.is_empty()),
        container: target,
        protocol: text("protocol").unwrap_or("tcp"),
    };
    let port = published(conversion, element, &wanted)?;
    for (name, value) in element.members() {
        match name.as_str() {
            "target" | "published" | "host_ip" | "protocol" => {}
            "mode" | "name" | "app_protocol" => {
                conversion.ledger.uncarried(value);
                conversion.ledger.needless(value, "it means nothing for containers of one server");
            }
            other => {
                conversion.ledger.uncarried(value);
                conversion.ledger.lost(value, format!("a port of a plan has no `{other}`"), "");
            }
        }
    }
    Some(port)
}

/// A port as Compose has it.
struct Wanted<'t> {
    address: Option<&'t str>,
    host: Option<&'t str>,
    container: &'t str,
    protocol: &'t str,
}

fn published(conversion: &mut Conversion<'_>, element: &Node, wanted: &Wanted<'_>) -> Option<Written> {
    let Wanted { address, host, container, protocol } = wanted;
    let Some(host) = host else {
        conversion.ledger.lost(element, format!("no port of the VSN is chosen for `{container}`"), CHOOSE);
        return None;
    };
    if host.contains('-') && !container.contains('-') {
        conversion.ledger.lost(element, format!("any of `{host}` would do, and a plan says which one"), CHOOSE);
        return None;
    }
    let address = match *address {
        None => String::new(),
        Some("[::1]") => {
            let message = "published on `127.0.0.1` instead of `[::1]`, from which no packet leaves for a container";
            conversion.ledger.changed(element, message, "");
            "127.0.0.1:".to_owned()
        }
        Some(address) => format!("{address}:"),
    };
    let protocol = if *protocol == "tcp" { String::new() } else { format!("/{protocol}") };
    conversion.value::<Port>(element, &format!("{address}{host}:{container}{protocol}"))
}
