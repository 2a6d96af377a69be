//! What a service of Compose may have and a service of a plan has not, each with the reason and the cure. Reads nothing,
//! changes nothing.

use super::Conversion;
use super::service::Field;
use super::tree::Node;
use crate::plan::schema::nearest;
use crate::plan::written::Written;

/// Fields without a counterpart: the name, the reason, the cure.
const LOST: [(&str, &str, &str); 49] = [
    ("annotations", "containers of a plan have no annotations", "write them as `labels`"),
    ("blkio_config", "a plan has no limits of disk access", ""),
    ("cgroup", "containers of a plan have control groups of their own", ""),
    ("cgroup_parent", "Landfall leaves control groups to the engine", ""),
    ("cpu_count", "a plan bounds processors by `cpus`", "write `cpus`"),
    ("cpu_percent", "a plan bounds processors by `cpus`", "write `cpus`"),
    ("cpu_period", "a plan bounds processors by `cpus`", "write `cpus`: the quota divided by the period"),
    ("cpu_quota", "a plan bounds processors by `cpus`", "write `cpus`: the quota divided by the period"),
    ("cpu_rt_period", "a plan has no real-time scheduling", ""),
    ("cpu_rt_runtime", "a plan has no real-time scheduling", ""),
    ("cpu_shares", "a plan has limits of processors, and no weights", "write `cpus`"),
    ("cpuset", "a plan does not choose processors", "write `cpus`"),
    ("credential_spec", "it is for Windows", ""),
    ("device_cgroup_rules", "a plan names devices by their path", "name them in `devices`"),
    ("dns_opt", "a plan has no options for name servers", ""),
    ("dns_search", "a plan has no search domains", "write names in full"),
    ("domainname", "a plan has no domain names for containers", "write the whole name as `hostname`"),
    ("external_links", "services of a plan reach containers of others by the VSN's published ports alone", ""),
    ("gpus", "a plan names devices by their path", "name them in `devices`, such as `/dev/dri/card0`"),
    ("group_add", "a process of a plan has one group", "write it with the user: `\"user\": \"1000:44\"`"),
    ("ipc", "containers of a plan don't share memory", "`shm_size` gives a container more of its own"),
    ("isolation", "it is for Windows", ""),
    ("label_file", "a plan has its labels in itself", "write them as `labels`"),
    ("mac_address", "containers of a plan have no addresses of their own choice", ""),
    ("mem_reservation", "a plan has limits, and no reservations", "write `memory`, or `requires.free_memory`"),
    ("mem_swappiness", "a plan does not rule swapping", ""),
    ("memswap_limit", "a plan does not rule swapping", ""),
    ("models", "a plan has no models", "run the model as a service"),
    ("oom_kill_disable", "a plan does not rule what happens when memory runs out", "write `memory`"),
    ("oom_score_adj", "a plan does not rule what happens when memory runs out", "write `memory`"),
    ("pid", "containers of a plan don't see the processes of others", ""),
    ("platform", "the image has to be for the VSN's own processor", "name an image that is"),
    ("post_start", "a plan has no hooks", "write a one-shot service that depends on this one"),
    ("pre_stop", "a plan has no hooks", "let the program itself end in order when it gets `stop_signal`"),
    ("provider", "a plan's services are containers", ""),
    ("runtime", "which runtime is used is the engine's matter", "set it in the VSN's `containers.conf`"),
    ("storage_opt", "a plan has no limits of a container's own disk", "write data to `volumes`"),
    ("userns_mode", "containers of a plan have no user namespaces of their own", ""),
    ("use_api_socket", "a container that rules the engine rules the VSN", "run that program on the VSN itself"),
    ("uts", "containers of a plan have host names of their own", ""),
    ("volumes_from", "a plan gives each service its own volumes", "write them as `volumes`"),
    (
        "extends",
        "only one file is read",
        "import what `docker compose config` prints, where all files are put together",
    ),
    (
        "include",
        "only one file is read",
        "import what `docker compose config` prints, where all files are put together",
    ),
    ("net", "it is of the first version of Compose", "write `networks`"),
    ("log_driver", "it is of the first version of Compose", "write `logging`"),
    ("log_opt", "it is of the first version of Compose", "write `logging`"),
    ("dockerfile", "it is of the first version of Compose", "write `build`"),
    ("volume_driver", "it is of the first version of Compose", "use a data directory"),
    ("cpu_share", "it is of the first version of Compose", "write `cpus`"),
];

/// Fields that mean nothing for a server's container: the name, the reason.
const NEEDLESS: [(&str, &str); 4] = [
    ("attach", "it says what a terminal shows"),
    ("develop", "it is for developing"),
    ("stdin_open", "nobody types into a container of a server"),
    ("tty", "nobody looks at a container of a server through a terminal"),
];

/// Fields that are read elsewhere, for the nearest name of an unknown one.
const KNOWN: [&str; 46] = [
    "build",
    "cap_add",
    "cap_drop",
    "command",
    "configs",
    "container_name",
    "cpus",
    "depends_on",
    "deploy",
    "devices",
    "dns",
    "entrypoint",
    "env_file",
    "environment",
    "expose",
    "extends",
    "extra_hosts",
    "healthcheck",
    "hostname",
    "image",
    "init",
    "labels",
    "links",
    "logging",
    "mem_limit",
    "network_mode",
    "networks",
    "pids_limit",
    "ports",
    "privileged",
    "profiles",
    "pull_policy",
    "read_only",
    "restart",
    "scale",
    "secrets",
    "security_opt",
    "shm_size",
    "stop_grace_period",
    "stop_signal",
    "sysctls",
    "tmpfs",
    "ulimits",
    "user",
    "volumes",
    "working_dir",
];

/// Accounts for what has no counterpart.
pub fn field<'a>(conversion: &mut Conversion<'a>, field: Field<'_, 'a>, _: &mut Written) -> bool {
    let Field { planned: _, name, node } = field;
    if let Some((_, reason)) = NEEDLESS.iter().find(|(known, _)| *known == name) {
        conversion.ledger.needless(node, *reason);
        return true;
    }
    match name {
        // These were read before the services.
        "environment" | "env_file" | "profiles" => {}
        "privileged" if node.switch() == Some(false) => conversion.ledger.needless(node, "no container of a plan is"),
        "privileged" => conversion.ledger.lost(
            node,
            "no container of a plan has all rights of the VSN's root",
            "name the capabilities that it needs in `cap_add`, and device files in `devices`",
        ),
        "extends" if extends_here(conversion, node) => {
            conversion.ledger.changed(node, "the service has all that it extends", "");
        }
        own if own.starts_with("x-") => conversion.ledger.needless(node, "it is the author's own"),
        _ => {
            let Some((_, reason, cure)) = LOST.iter().find(|(known, _, _)| *known == name) else { return false };
            conversion.ledger.lost(node, *reason, *cure);
        }
    }
    true
}

/// Whether a service of the same file is extended; it is in this one by now.
fn extends_here(conversion: &Conversion<'_>, node: &Node) -> bool {
    let name = node.text().or_else(|| node.member("service")?.text());
    let services = conversion.root.member("services");
    node.member("file").is_none() && name.is_some_and(|name| services.is_some_and(|all| all.member(name).is_some()))
}

/// Tells a field that Compose doesn't have either.
pub fn unknown(conversion: &mut Conversion<'_>, field: Field<'_, '_>) {
    let Field { planned: _, name, node } = field;
    let help = match nearest(name, &KNOWN) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "remove it".to_owned(),
    };
    conversion.ledger.lost(node, format!("services of Compose have no `{name}`"), help);
}
