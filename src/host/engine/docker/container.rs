//! How a container is created. Reads nothing, changes nothing.
//!
//! Every option that a service has stands here, in one order; what Docker would do of itself and the other engine wouldn't is
//! switched off.

use super::super::options::Options;
use super::super::podman::{capabilities, cores, plain_variables, restart_policy, ulimit};
use crate::facts::ContainerFact;
use crate::operation::{Argument, ConfigMount, Container, Layout, SecretMount, SecretVariable};
use crate::plan::model::{Logging, LoggingDriver, Service, Tmpfs, Volume};
use crate::plan::values::PlanName;
use std::path::Path;

/// Where a container mounts the file without which no engine starts it.
const BOOT_GUARD: &str = "/.landfall-boot";

/// What Docker would do of itself: pull, run the image's health check.
const NOT_OF_ITSELF: [&str; 3] = ["--pull", "never", "--no-healthcheck"];

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
        .then(secret_files.iter().flat_map(|file| secret_mount(plan, file)))
        .then(configs.iter().flat_map(config_mount))
        .then(boot_guard_mount(boot_guard))
        .each("--entrypoint", described.entrypoint.as_ref().map(|program| program.first().map_or("", String::as_str)))
        .then([Argument::image_of(service)])
        // Docker's option takes the program alone: its arguments stand before those of the command.
        .then(described.entrypoint.iter().flatten().skip(1).map(Argument::literal))
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
        .then(volumes.iter().flat_map(volume_mount))
        .then(tmpfs.iter().flat_map(in_memory))
        .finish()
}

fn log_options(logging: &Logging) -> Vec<Argument> {
    let Logging { driver, tag, max_size, max_files } = logging;
    let tag = tag.as_ref().map(|tag| format!("tag={tag}"));
    match driver {
        LoggingDriver::Journald => Options::of(["--log-driver", "journald"]).each("--log-opt", tag),
        LoggingDriver::Syslog => Options::of(["--log-driver", "syslog"]).each("--log-opt", tag),
        LoggingDriver::File => Options::of(["--log-driver", "json-file"])
            .with("--log-opt", format_args!("max-size={}", max_size.bytes()))
            .each("--log-opt", max_files.map(|files| format!("max-file={files}"))),
        LoggingDriver::None => Options::of(["--log-driver", "none"]),
    }
    .finish()
}

/// The name alone: the value is in the client's own environment, and no argument.
fn secret_variable(variable: &SecretVariable) -> [Argument; 2] {
    let SecretVariable { secret: _, name } = variable;
    [Argument::literal("--env"), Argument::literal(name)]
}

/// Docker has no store for secrets: what is mounted lies in memory, in a folder that is root's alone, with its owner and mode.
fn secret_mount(plan: &PlanName, file: &SecretMount) -> [Argument; 2] {
    let SecretMount { secret, target, owner: _, mode: _ } = file;
    let source = Argument::literal("type=bind,source=").join(Layout::secret_in_memory(plan, secret));
    mount(source.then(format_args!(",target={target},readonly")))
}

fn volume_mount(volume: &Volume) -> [Argument; 2] {
    let Volume { source, target, read_only, owner: _, mode: _, mountpoint: _ } = volume;
    let read_only = if *read_only { ",readonly" } else { "" };
    mount(Argument::literal(format_args!("type=bind,source={source},target={target}{read_only}")))
}

/// A directory in memory: empty, open to all unless a mode is said.
fn in_memory(tmpfs: &Tmpfs) -> [Argument; 2] {
    let (target, size, mode) = match tmpfs {
        Tmpfs::Target(target) => (target, None, None),
        Tmpfs::Detailed { target, size, mode } => (target, *size, *mode),
    };
    let mode = mode.map_or("1777".to_owned(), |mode| mode.to_string());
    let size = size.map(|size| format!(",tmpfs-size={}", size.bytes())).unwrap_or_default();
    mount(Argument::literal(format_args!("type=tmpfs,target={target},tmpfs-mode={mode}{size}")))
}

fn config_mount(config: &ConfigMount) -> [Argument; 2] {
    let ConfigMount { path, target } = config;
    let source = Argument::literal("type=bind,source=").join(path.clone());
    mount(source.then(format_args!(",target={target},readonly")))
}

fn boot_guard_mount(file: &Path) -> [Argument; 2] {
    mount(Argument::literal(format_args!("type=bind,source={},target={BOOT_GUARD},readonly", file.display())))
}

fn mount(value: Argument) -> [Argument; 2] {
    [Argument::literal("--mount"), value]
}
