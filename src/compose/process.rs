//! What runs in the container, and with which rights. Reads nothing, changes nothing.

use super::image::put;
use super::service::Field;
use super::tree::{Kind, Node};
use super::{Conversion, quantities};
use crate::plan::values::{Capability, ContainerPath, Device, Duration, LabelKey, Signal, SysctlName, User};
use crate::plan::written::Written;

/// Takes over what says which process runs, as whom, and what it may do.
pub fn field<'a>(conversion: &mut Conversion<'a>, field: Field<'_, 'a>, service: &mut Written) -> bool {
    let Field { planned: _, name, node } = field;
    let value = match name {
        "command" | "entrypoint" => words(conversion, node),
        "user" => conversion.one::<User>(node),
        "working_dir" => conversion.one::<ContainerPath>(node),
        "stop_signal" => conversion.text(node).and_then(|text| {
            let upper = text.to_ascii_uppercase();
            let long = if upper.starts_with("SIG") { upper } else { format!("SIG{upper}") };
            conversion.value::<Signal>(node, &long)
        }),
        "stop_grace_period" => grace(conversion, node),
        "init" | "read_only" => conversion.switch(node).filter(|on| *on).map(|on| Written::from(on).out_of(node.id)),
        "cap_add" | "cap_drop" => capabilities(conversion, node),
        "devices" => conversion.several::<Device>(node),
        "sysctls" => by_name::<SysctlName>(conversion, node),
        "labels" => by_name::<LabelKey>(conversion, node),
        "security_opt" => security(conversion, node, service),
        _ => return false,
    };
    put(service, name, value);
    true
}

/// A command line, in one text or in several.
fn words<'a>(conversion: &mut Conversion<'a>, node: &'a Node) -> Option<Written> {
    if node.is_null() {
        conversion.ledger.needless(node, "nothing is written here, so the image's own counts");
        return None;
    }
    if let Kind::List(elements) = &node.kind {
        let texts: Vec<_> =
            elements.iter().filter_map(|element| conversion.text(element).map(|text| (element, text))).collect();
        texts.iter().for_each(|(element, _)| conversion.ledger.carried(element));
        if elements.is_empty() {
            conversion.ledger.lost(node, "an empty list would take the image's own away", "write what is to run");
        }
        return (!texts.is_empty()).then(|| Written::texts(texts.into_iter().map(|(_, text)| text)).out_of(node.id));
    }
    let text = conversion.text(node)?;
    match shlex::split(text) {
        Some(words) if !words.is_empty() => {
            conversion.ledger.carried(node);
            Some(Written::texts(words).out_of(node.id))
        }
        Some(_) => {
            conversion.ledger.lost(node, "an empty command would take the image's own away", "write what is to run");
            None
        }
        None => {
            conversion.ledger.lost(node, "a quote is not closed", "write the command as a list");
            None
        }
    }
}

fn grace<'a>(conversion: &mut Conversion<'a>, node: &'a Node) -> Option<Written> {
    let text = conversion.text(node)?;
    let Some(length) = quantities::milliseconds(text) else { return conversion.duration(node) };
    let whole = length.div_ceil(1_000) * 1_000;
    if whole != length {
        conversion.ledger.changed(node, "the time is rounded up: engines count in whole seconds", "");
    }
    conversion.value::<Duration>(node, &quantities::written_duration(whole))
}

fn capabilities<'a>(conversion: &mut Conversion<'a>, node: &'a Node) -> Option<Written> {
    let mut values = Vec::new();
    for element in conversion.elements(node) {
        let Some(text) = conversion.text(element) else { continue };
        values.extend(conversion.value::<Capability>(element, &text.to_ascii_uppercase()));
    }
    conversion.list(node, values).filter(|_| !node.is_leaf())
}

fn by_name<'a, T: crate::plan::values::Value>(conversion: &mut Conversion<'a>, node: &'a Node) -> Option<Written> {
    let mut values = Written::object();
    for pair in conversion.pairs(node) {
        if conversion.value::<T>(pair.node, &pair.name).is_some() {
            values.put(&pair.name, Written::text(pair.value.unwrap_or_default()).out_of(pair.node.id));
        }
    }
    (!values.is_empty()).then_some(values)
}

fn security<'a>(conversion: &mut Conversion<'a>, node: &'a Node, service: &mut Written) -> Option<Written> {
    for element in conversion.elements(node) {
        let Some(text) = conversion.text(element) else { continue };
        match text.replace('=', ":").as_str() {
            "no-new-privileges" | "no-new-privileges:true" => conversion.ledger.carried(element),
            "no-new-privileges:false" => {
                conversion.ledger.carried(element);
                service.put("no_new_privileges", Written::from(false).out_of(element.id));
            }
            _ => {
                let message = "a plan has no security options but `no_new_privileges`";
                conversion.ledger.lost(element, message, "the engine's own profiles count on the VSN");
            }
        }
    }
    None
}
