//! One service: each of its fields goes to the file that knows it. Reads nothing, changes nothing.

use super::tree::Node;
use super::unavailable;
use super::{
    Conversion, Planned, dependencies, files, health, image, limits, logging, network, ports, process, storage,
};
use crate::few::InOrder;
use crate::plan::written::{Form, Written};

/// One field of a service.
#[derive(Debug, Clone, Copy)]
pub struct Field<'p, 'a> {
    /// The service.
    pub(super) planned: &'p Planned<'a>,
    /// The field's name.
    pub(super) name: &'a str,
    /// Its value.
    pub(super) node: &'a Node,
}

/// Takes a field over into the service of the plan, if it is one that it knows.
type Topic = for<'a> fn(&mut Conversion<'a>, Field<'_, 'a>, &mut Written) -> bool;

const TOPICS: [Topic; 11] = [
    image::field,
    process::field,
    files::field,
    storage::field,
    ports::field,
    dependencies::field,
    health::field,
    network::field,
    limits::field,
    logging::field,
    unavailable::field,
];

/// The order in which a service of a plan is read.
const ORDER: [&str; 32] = [
    "image",
    "command",
    "entrypoint",
    "environment",
    "secrets",
    "configs",
    "volumes",
    "tmpfs",
    "ports",
    "depends_on",
    "healthcheck",
    "restart",
    "user",
    "working_dir",
    "hostname",
    "aliases",
    "labels",
    "extra_hosts",
    "dns",
    "devices",
    "sysctls",
    "cap_add",
    "cap_drop",
    "no_new_privileges",
    "read_only",
    "init",
    "memory",
    "cpus",
    "pids_limit",
    "shm_size",
    "ulimits",
    "stop_signal",
];

/// A service of the plan; `None` if there is nothing that it could be made from.
pub fn convert<'a>(
    conversion: &mut Conversion<'a>,
    planned: &Planned<'a>,
    environment: Option<Written>,
) -> Option<Written> {
    let mut service = Written::object();
    if let Some(environment) = environment {
        service.put("environment", environment);
    }
    for (name, node) in planned.node.members() {
        let field = Field { planned, name, node };
        if !TOPICS.iter().any(|topic| topic(conversion, field, &mut service)) {
            unavailable::unknown(conversion, field);
        }
    }
    dependencies::lifetime(conversion, planned, &mut service);
    service.member("image")?;
    if let Form::Object(members) = &mut service.form {
        members.put_in_order_by_key(|(name, _)| ORDER.iter().position(|known| known == name).unwrap_or(ORDER.len()));
    }
    Some(service)
}
