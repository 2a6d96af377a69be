//! How a container is created. Reads nothing, changes nothing.
//!
//! Every option that a service has stands here, in one order; what Podman would do of itself and the other engine
//! wouldn't is switched off.

use super::super::options::Options;
use super::mounts;
use crate::facts::ContainerFact;
use crate::few::InOrder;
use crate::operation::{Argument, Container, SecretMount, SecretVariable};
use crate::plan::model::{Cpus, Environment, Logging, LoggingDriver, Restart, Service, Ulimit};
use crate::plan::values::{Capability, EnvironmentName};
use std::collections::BTreeMap;

/// Capabilities that some engine gives of itself and that the common set does not hold.
///
/// They are taken away, rather than all taken and the common set given: Podman hands a capability that it is asked for to
/// processes of any user, not of root alone.
const NOT_COMMON: [&str; 3] = ["AUDIT_WRITE", "MKNOD", "NET_RAW"];

/// What Podman would do of itself: pull, guess that the program is systemd, pass on the server's proxies, run the image's
/// health check, make volumes without a name.
const NOT_OF_ITSELF: [&str; 8] =
    ["--pull", "never", "--systemd", "false", "--http-proxy=false", "--no-healthcheck", "--image-volume", "ignore"];

/// Creates a container.
pub(super) fn create(container: &Container) -> Vec<Argument> {
    let Container { name, plan, service, config, described, secret_files, secret_variables, configs, boot_guard } =
        container;
    let hostname = described.hostname.as_ref().map_or(service.as_str(), |hostname| hostname.as_str());
    Options::of(["create", "--name", name])
        .then(NOT_OF_ITSELF.map(Argument::literal))
        .with("--network", plan)
        .with("--network-alias", service)
        .with("--hostname", hostname)
        .with("--label", format_args!("{}={plan}", ContainerFact::PLAN))
        .with("--label", format_args!("{}={service}", ContainerFact::SERVICE))
        .with("--label", format_args!("{}={config}", ContainerFact::CONFIG))
        .with_argument("--label", Argument::literal(format_args!("{}=", ContainerFact::RUN)).join(Argument::run()))
        .then(described_options(described))
        .then(secret_variables.iter().flat_map(secret_variable))
        .then(mounts::room_for_secrets(described, secret_files))
        .then(secret_files.iter().flat_map(secret_file))
        .then(configs.iter().flat_map(mounts::config))
        .then(mounts::boot_guard(boot_guard))
        .then(described.entrypoint.iter().flat_map(|program| entrypoint_option(program)))
        .then([Argument::image_of(service)])
        .then(described.command.iter().flatten().map(Argument::literal))
        .finish()
}

/// The options that a service's own fields stand for.
#[allow(clippy::too_many_lines, reason = "one line for each field of a service, none left out")]
fn described_options(service: &Service) -> Vec<Argument> {
    let Service {
        image: _,
        command: _,
        entrypoint: _,
        environment,
        secrets: _,
        configs: _,
        volumes,
        ports,
        depends_on: _,
        healthcheck: _,
        restart,
        user,
        working_dir,
        hostname: _,
        aliases,
        labels,
        read_only,
        tmpfs,
        shm_size,
        sysctls,
        cap_add,
        cap_drop,
        no_new_privileges,
        memory,
        cpus,
        pids_limit,
        ulimits,
        devices,
        extra_hosts,
        dns,
        init,
        stop_signal,
        stop_grace_period,
        logging,
    } = service;
    Options::of([])
        .each("--network-alias", aliases)
        .each("--add-host", extra_hosts)
        .each("--dns", dns)
        .each("--publish", ports)
        .each("--label", labels.iter().map(|(key, value)| format!("{key}={value}")))
        .with("--restart", restart_policy(*restart))
        .each("--stop-signal", stop_signal)
        .with("--stop-timeout", stop_grace_period.as_seconds())
        .switch("--init", *init)
        .each("--user", user)
        .each("--workdir", working_dir)
        .switch("--read-only", *read_only)
        .switch("--read-only-tmpfs=false", *read_only)
        .each("--shm-size", shm_size.map(|size| format!("{}b", size.bytes())))
        .each("--sysctl", sysctls.iter().map(|(name, value)| format!("{name}={value}")))
        .then(capabilities(cap_add, cap_drop))
        .switch("--security-opt=no-new-privileges", *no_new_privileges)
        .each("--memory", memory.map(|size| format!("{}b", size.bytes())))
        .each("--cpus", cpus.map(cores))
        .each("--pids-limit", pids_limit)
        .each("--ulimit", ulimits.iter().map(|(name, limit)| ulimit(name, *limit)))
        .each(
            "--device",
            devices.iter().map(|device| format!("{}:{}:{}", device.host(), device.container(), device.permissions())),
        )
        .then(log_options(logging))
        .each("--env", plain_variables(environment))
        .then(volumes.iter().flat_map(mounts::volume))
        .then(tmpfs.iter().flat_map(mounts::in_memory))
        .finish()
}

pub(in crate::host::engine) fn restart_policy(restart: Restart) -> &'static str {
    match restart {
        Restart::No => "no",
        Restart::OnFailure => "on-failure",
        Restart::Always => "always",
    }
}

/// The variables that hold no secret.
pub(in crate::host::engine) fn plain_variables(
    environment: &BTreeMap<EnvironmentName, Environment>,
) -> impl Iterator<Item = String> {
    environment.iter().filter_map(|(name, value)| match value {
        Environment::Text(text) => Some(format!("{name}={text}")),
        Environment::Secret { secret: _ } | Environment::Template { template: _ } => None,
    })
}

/// The program as a JSON list: as text it would be split at spaces.
fn entrypoint_option(program: &[String]) -> [Argument; 2] {
    [Argument::literal("--entrypoint"), Argument::literal(serde_json::json!(program))]
}

/// The common set, plus what is added, minus what is dropped.
pub(in crate::host::engine) fn capabilities(add: &[Capability], drop: &[Capability]) -> Vec<Argument> {
    let mut added: Vec<_> = add.iter().filter(|added| added.is_all() || !drop.contains(added)).collect();
    added.put_in_order();
    let every = added.iter().any(|added| added.is_all());
    let none = drop.iter().any(Capability::is_all);
    let not_common = NOT_COMMON.iter().copied().filter(|name| !added.iter().any(|added| added.as_str() == *name));
    let mut dropped: Vec<&str> = match (every, none) {
        (true, true | false) => drop.iter().filter(|dropped| !dropped.is_all()).map(Capability::as_str).collect(),
        (false, true) => vec!["ALL"],
        (false, false) => drop.iter().map(Capability::as_str).chain(not_common).collect(),
    };
    dropped.put_in_order();
    dropped.dedup();
    let added = if every { vec!["ALL"] } else { added.into_iter().map(Capability::as_str).collect() };
    Options::of([]).each("--cap-drop", dropped).each("--cap-add", added).finish()
}

/// Cores as a decimal number, such as `1.5`.
pub(in crate::host::engine) fn cores(cpus: Cpus) -> String {
    let thousandths = cpus.thousandths();
    let text = format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

pub(in crate::host::engine) fn ulimit(name: &str, limit: Ulimit) -> String {
    match limit {
        Ulimit::Both(both) => format!("{name}={both}:{both}"),
        Ulimit::Apart { soft, hard } => format!("{name}={soft}:{hard}"),
    }
}

/// Podman knows neither `syslog` nor more than one file; a plan that asks for them is refused before it comes here.
fn log_options(logging: &Logging) -> Vec<Argument> {
    let Logging { driver, tag, max_size, max_files: _ } = logging;
    match driver {
        LoggingDriver::Journald => {
            let tag = tag.as_ref().map(|tag| format!("tag={tag}"));
            Options::of(["--log-driver", "journald"]).each("--log-opt", tag)
        }
        LoggingDriver::Syslog => Options::of(["--log-driver", "syslog"]),
        LoggingDriver::File => {
            Options::of(["--log-driver", "k8s-file"]).with("--log-opt", format_args!("max-size={}b", max_size.bytes()))
        }
        LoggingDriver::None => Options::of(["--log-driver", "none"]),
    }
    .finish()
}

fn secret_variable(variable: &SecretVariable) -> [Argument; 2] {
    let SecretVariable { secret, name } = variable;
    [Argument::literal("--secret"), secret.clone().then(format_args!(",type=env,target={name}"))]
}

fn secret_file(file: &SecretMount) -> [Argument; 2] {
    let SecretMount { secret, target, owner, mode } = file;
    let (uid, gid) = (owner.uid(), owner.gid());
    let options = format!(",type=mount,target={target},uid={uid},gid={gid},mode={mode}");
    [Argument::literal("--secret"), secret.clone().then(options)]
}
