//! Bounds of a container, alone and in `deploy`. Reads nothing, changes nothing.

use super::image::put;
use super::service::Field;
use super::tree::{Kind, Node};
use super::{Conversion, dependencies};
use crate::plan::written::Written;

/// Takes bounds over.
pub fn field<'a>(conversion: &mut Conversion<'a>, field: Field<'_, 'a>, service: &mut Written) -> bool {
    let Field { planned: _, name, node } = field;
    match name {
        "mem_limit" => bound(conversion, node, "memory", service),
        "cpus" => bound(conversion, node, "cpus", service),
        "pids_limit" => bound(conversion, node, "pids_limit", service),
        "shm_size" => bound(conversion, node, "shm_size", service),
        "ulimits" => put(service, "ulimits", ulimits(conversion, node)),
        "scale" => replicas(conversion, node),
        "deploy" => deploy(conversion, field, service),
        _ => return false,
    }
    true
}

fn bound<'a>(conversion: &mut Conversion<'a>, node: &'a Node, name: &str, service: &mut Written) {
    let value = match name {
        "memory" | "shm_size" => conversion.size(node),
        "cpus" => cores(conversion, node),
        _ => whole(conversion, node, 1),
    };
    put(service, name, value);
}

fn cores<'a>(conversion: &mut Conversion<'a>, node: &'a Node) -> Option<Written> {
    let text = conversion.text(node)?;
    match text.parse::<f64>() {
        Ok(0.0) => {
            conversion.ledger.needless(node, "zero is no limit, and so is leaving it out");
            None
        }
        Ok(cores) if (0.01..=1024.0).contains(&cores) => {
            conversion.ledger.carried(node);
            Some(Written::from(crate::plan::written::Form::Number(cores.to_string())).out_of(node.id))
        }
        Ok(_) | Err(_) => {
            conversion.ledger.lost(node, format!("`{text}` is not a number of cores from 0.01 to 1024"), "");
            None
        }
    }
}

fn whole<'a>(conversion: &mut Conversion<'a>, node: &'a Node, least: i64) -> Option<Written> {
    let text = conversion.text(node)?;
    match text.parse::<i64>() {
        Ok(number) if number >= least => {
            conversion.ledger.carried(node);
            Some(Written::from(number).out_of(node.id))
        }
        Ok(0 | -1) => {
            conversion.ledger.needless(node, "it is no limit, and so is leaving it out");
            None
        }
        Ok(_) | Err(_) => {
            conversion.ledger.lost(node, format!("`{text}` is not a whole number from {least}"), "");
            None
        }
    }
}

fn ulimits<'a>(conversion: &mut Conversion<'a>, node: &'a Node) -> Option<Written> {
    let mut limits = Written::object();
    for (name, value) in conversion.members(node) {
        if let Kind::Map(_) = &value.kind {
            let mut apart = Written::object();
            for (side, number) in value.members() {
                if matches!(side.as_str(), "soft" | "hard") {
                    put(&mut apart, side, whole(conversion, number, -1));
                }
            }
            if apart.members().len() == 2 {
                limits.put(name, apart.out_of(value.id));
            } else {
                conversion.ledger.lost(
                    value,
                    format!("the limit `{name}` has not both sides"),
                    "write `soft` and `hard`",
                );
            }
        } else if let Some(both) = whole(conversion, value, -1) {
            limits.put(name, both);
        }
    }
    (!limits.is_empty()).then_some(limits)
}

fn replicas<'a>(conversion: &mut Conversion<'a>, node: &'a Node) {
    if node.text() == Some("1") {
        conversion.ledger.needless(node, "a service of a plan is one container");
    } else {
        let help = "describe the service once for each container, under names of their own";
        conversion.ledger.lost(node, "a service of a plan is one container", help);
    }
}

fn deploy<'a>(conversion: &mut Conversion<'a>, field: Field<'_, 'a>, service: &mut Written) {
    let Field { planned, name: _, node } = field;
    for (name, value) in conversion.members(node) {
        match name.as_str() {
            "resources" => resources(conversion, field, value, service),
            "replicas" => replicas(conversion, value),
            "restart_policy" => dependencies::policy_details(conversion, planned, value),
            "mode" if value.text() == Some("replicated") => conversion.ledger.needless(value, "it is the default"),
            "labels" => conversion.ledger.lost(
                value,
                "they are of a swarm's service, not of a container",
                "write them as `labels`",
            ),
            "update_config" | "rollback_config" => {
                let message =
                    "a deployment of Landfall ends the old containers, starts the new ones, and rolls back by itself";
                conversion.ledger.lost(value, message, "");
            }
            _ => conversion.ledger.lost(value, format!("`{name}` is of a swarm, and a plan is for one server"), ""),
        }
    }
}

fn resources<'a>(conversion: &mut Conversion<'a>, field: Field<'_, 'a>, node: &'a Node, service: &mut Written) {
    let alone = |name: &str| field.planned.node.member(name).is_some();
    for (kind, values) in conversion.members(node) {
        for (name, value) in conversion.members(values) {
            match (kind.as_str(), name.as_str()) {
                ("limits", "memory") if !alone("mem_limit") => bound(conversion, value, "memory", service),
                ("limits", "cpus") if !alone("cpus") => bound(conversion, value, "cpus", service),
                ("limits", "pids") if !alone("pids_limit") => bound(conversion, value, "pids_limit", service),
                ("limits", "memory" | "cpus" | "pids") => {
                    conversion.ledger.needless(value, "the service itself says it already");
                }
                ("reservations", "memory") => {
                    let help = "say what the VSN must have free in `requires`: `\"free_memory\": \"1GiB\"`";
                    conversion.ledger.lost(value, "a plan has limits, and no reservations", help);
                }
                (_, "devices" | "generic_resources") => {
                    let help = "name device files in `devices`, such as `/dev/dri/card0`";
                    conversion.ledger.lost(value, "a plan names devices by their path", help);
                }
                _ => conversion.ledger.lost(value, "a plan has limits of memory, processors and processes alone", ""),
            }
        }
    }
}
