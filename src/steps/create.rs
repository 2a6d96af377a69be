//! Step 3: the new containers are created and started. Reads nothing, changes nothing.

use super::network::{self, Fate};
use super::{Given, ids, record};
use crate::facts::DirectoryFact;
use crate::few::Few;
use crate::operation::{
    Action, CheckedService, ConfigMount, Container, EngineChange, HostChange, Layout, Look, NewDirectory, NewSecret,
    Operation, OperationId, SecretMount, SecretText, SecretVariable,
};
use crate::plan::model::{Condition, Config, ConfigSource, Dependency, Environment, Plan, SecretFile, Service};
use crate::plan::values::{Duration, ServiceName};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The operations of step 3, after those of step 2; `retrieved` are the images if they are retrieved only now.
pub fn operations(given: Given<'_>, dropped: &[Operation], retrieved: Vec<Operation>) -> Vec<Operation> {
    let mut images = retrieved;
    let after = Arc::new(ids::of(dropped).into_iter().gathered());
    for operation in images.iter_mut().filter(|operation| operation.after.is_empty()) {
        operation.after = Arc::clone(&after);
    }
    let late = ids::of(&images);
    // No container is started before all old ones are gone: they may hold its ports or its data.
    let gone = dropped.iter().filter(|operation| {
        let Action::Engine(change) = &operation.action else { return false };
        matches!(change, EngineChange::DropContainer(_) | EngineChange::DropNetwork { network: _ })
    });
    let network = network::made(given, gone.map(|operation| operation.id.clone()));
    let directories = directories(given);
    let keys = keys(given, dropped);
    let mut services = Vec::new();
    let mut secrets = 0;
    for (name, service) in &given.plan.services {
        let mut parts = Parts { secrets, ..Parts::default() };
        parts.gather(given, name, service);
        secrets = parts.secrets;
        let Parts { secrets: _, operations, files, variables, configs } = parts;
        let mut after = ids::of(&operations);
        after.extend(replaced(given, &given.layout.container(name), dropped));
        after.extend(ids::of(&directories));
        after.extend(late.iter().cloned());
        let container = Container {
            name: given.layout.container(name),
            plan: given.plan.name.clone(),
            service: name.clone(),
            config: record::config(service, &given.facts.files),
            described: service.clone(),
            secret_files: files,
            secret_variables: variables,
            configs,
            boot_guard: given.layout.boot_guard(name),
        };
        services.extend(operations);
        services.push(Operation::new(ids::create(name), after, EngineChange::CreateContainer(Box::new(container))));
    }
    let before: Vec<OperationId> = match network::fate(given) {
        // Who was created on it has waited.
        Fate::Created => Vec::new(),
        Fate::Kept(_) => vec![network.id.clone()],
    };
    let started = started((given.plan, given.layout), &before);
    let tidy = Operation::new(
        OperationId::of("remove downloads"),
        late.iter().cloned().chain([ids::uncommit()]),
        HostChange::RemoveDownloads,
    );
    let operations = images.into_iter().chain([network]).chain(directories).chain(keys).chain(services);
    operations.chain(started).chain([tidy]).collect()
}

/// The removals that a container waits for: on a network that stays, of the one whose name it gets alone.
fn replaced(given: Given<'_>, container: &str, dropped: &[Operation]) -> Vec<OperationId> {
    match network::fate(given) {
        Fate::Created => vec![ids::network()],
        Fate::Kept(_) => {
            let own = dropped.iter().map(|operation| &operation.id).filter(|id| **id == ids::drop(container));
            own.cloned().chain([ids::uncommit()]).collect()
        }
    }
}

/// Missing data directories, parents before what is below them.
fn directories(given: Given<'_>) -> Vec<Operation> {
    let missing: BTreeMap<_, _> = given
        .plan
        .services
        .values()
        .flat_map(|service| &service.volumes)
        .filter(|volume| !matches!(given.facts.directories.get(&volume.source), Some(DirectoryFact::Present { .. })))
        .map(|volume| (&volume.source, volume))
        .gathered();
    let id = |path: &_| OperationId::of(format!("create directory {path}"));
    missing
        .iter()
        .map(|(path, volume)| {
            let above = missing.keys().filter(|other| *other != path && other.contains(path)).map(&id);
            let new = NewDirectory { path: (*path).clone(), owner: volume.owner, mode: volume.mode };
            Operation::new(id(path), above.chain([ids::uncommit()]), HostChange::CreateDirectory(new))
        })
        .collect()
}

fn keys(given: Given<'_>, dropped: &[Operation]) -> Vec<Operation> {
    let first = [ids::remove_keys(), ids::keep_keys()];
    let removed = dropped.iter().map(|operation| &operation.id).filter(|id| first.contains(id));
    let after: Vec<_> = removed.cloned().chain([ids::uncommit()]).collect();
    let keys = given.plan.ssh_keys.iter();
    keys.map(|(file, key)| {
        let action = HostChange::InstallKey {
            file: file.clone(),
            secret: key.private_key.secret.clone(),
            known_hosts: key.known_hosts.clone(),
        };
        Operation::new(OperationId::of(format!("install key {file}")), after.clone(), action)
    })
    .collect()
}

/// What a container needs beside its service's description, and the operations that make it.
#[derive(Default)]
pub struct Parts {
    /// How many secrets there are so far, in the whole plan: their engine names are numbered.
    pub secrets: usize,
    /// What makes them.
    pub operations: Vec<Operation>,
    /// Secrets as files.
    pub files: Vec<SecretMount>,
    /// Secrets as variables.
    pub variables: Vec<SecretVariable>,
    /// Configs from the state folder.
    pub configs: Vec<ConfigMount>,
}

impl Parts {
    /// Adds what this service needs.
    pub fn gather(&mut self, given: Given<'_>, name: &ServiceName, service: &Service) {
        for SecretFile { secret, target, owner, mode, decode } in &service.secrets {
            let text = SecretText::Value { secret: secret.clone(), decode: *decode };
            let secret = self.secret(given, text);
            self.files.push(SecretMount { secret, target: target.clone(), owner: *owner, mode: *mode });
        }
        for (variable, value) in &service.environment {
            let text = match value {
                Environment::Text(_) => continue,
                Environment::Secret { secret } => SecretText::Value { secret: secret.clone(), decode: None },
                Environment::Template { template } => SecretText::Template(template.clone()),
            };
            let secret = self.secret(given, text);
            self.variables.push(SecretVariable { secret, name: variable.clone() });
        }
        for (number, config) in service.configs.iter().enumerate() {
            self.config(given, name, number, config);
        }
    }

    fn secret(&mut self, given: Given<'_>, text: SecretText) -> crate::operation::Argument {
        let name = given.layout.secret(self.secrets);
        let id = OperationId::of(format!("create secret {}", self.secrets));
        self.secrets += 1;
        let action = EngineChange::CreateSecret(NewSecret { name: name.clone(), text });
        self.operations.push(Operation::new(id, [ids::uncommit()], action));
        name
    }

    /// A config with secrets in it goes the way of the secrets: it never lies in the state folder.
    fn config(&mut self, given: Given<'_>, name: &ServiceName, number: usize, config: &Config) {
        let Config { source, target, owner, mode } = config;
        match source {
            ConfigSource::Template(template) => {
                let secret = self.secret(given, SecretText::Template(template.clone()));
                self.files.push(SecretMount { secret, target: target.clone(), owner: *owner, mode: *mode });
            }
            ConfigSource::File(_) | ConfigSource::Content(_) => {
                let path = given.layout.config(name, number);
                let id = OperationId::of(format!("write config {name} {number}"));
                let (content, owner, mode) = (source.clone(), *owner, *mode);
                let action = HostChange::WriteConfig { path: path.clone(), content, owner, mode };
                self.operations.push(Operation::new(id, [ids::uncommit()], action));
                self.configs.push(ConfigMount { path, target: target.clone() });
            }
        }
    }
}

/// Each container starts the moment everything that it depends on is as it must be, and these are done. In an order of that.
pub fn started((plan, layout): (&Plan, &Layout), before: &[OperationId]) -> Vec<Operation> {
    let mut operations = Vec::new();
    for name in in_order_of_start(plan) {
        let Some(service) = plan.services.get(name) else { continue };
        let needed = service.depends_on.iter().map(|(dependency, _)| ids::wait_for(dependency));
        let start = EngineChange::StartContainer {
            service: name.clone(),
            container: layout.container(name),
            boot_guard: layout.boot_guard(name),
        };
        let before = needed.chain([ids::create(name)]).chain(before.iter().cloned());
        operations.push(Operation::new(ids::start(name), before, start));
        let wait = Look::AwaitService(Box::new(judged((plan, layout), name, service)));
        operations.push(Operation::new(ids::wait_for(name), [ids::start(name)], wait));
    }
    operations
}

/// The services, each after those that it depends on.
pub fn in_order_of_start(plan: &Plan) -> Vec<&ServiceName> {
    let mut ordered: Vec<&ServiceName> = Vec::new();
    let mut left: Vec<_> = plan.services.iter().collect();
    while !left.is_empty() {
        let free = |service: &Service, ordered: &[&ServiceName]| {
            service.depends_on.iter().all(|(needed, _)| ordered.contains(&needed))
        };
        // A cycle is refused by the rules; it must not keep this loop from ending.
        let at = left.iter().position(|(_, service)| free(service, &ordered)).unwrap_or(0);
        ordered.push(left.remove(at).0);
    }
    ordered
}

/// How a service of the plan is judged.
pub fn judged((plan, layout): (&Plan, &Layout), name: &ServiceName, service: &Service) -> CheckedService {
    let condition =
        if service.one_shot() { Condition::ServiceCompletedSuccessfully } else { Condition::ServiceHealthy };
    let (stable_for, deadline) = match condition {
        Condition::ServiceHealthy => patience(service),
        Condition::ServiceCompletedSuccessfully => (Duration::seconds(0), time_to_complete(plan, name)),
    };
    CheckedService {
        service: name.clone(),
        container: layout.container(name),
        condition,
        healthcheck: service.healthcheck.clone(),
        ports: service.ports.clone(),
        stable_for,
        deadline,
    }
}

/// How long a service must stay healthy, and when it has failed.
fn patience(service: &Service) -> (Duration, Duration) {
    match &service.healthcheck {
        None => (Duration::seconds(3), Duration::seconds(30)),
        Some(check) => {
            let rounds = (check.interval.as_std() + check.timeout.as_std()).saturating_mul(check.retries);
            let whole = check.start_period.as_std() + rounds + check.stable_for.as_std();
            (check.stable_for, Duration::seconds(u32::try_from(whole.as_millis().div_ceil(1000)).unwrap_or(u32::MAX)))
        }
    }
}

/// The longest that any dependent gives a one-shot; an hour where none says.
fn time_to_complete(plan: &Plan, name: &ServiceName) -> Duration {
    let given_by = plan.services.values().flat_map(|service| service.depends_on.iter());
    let timeouts = given_by.filter(|(needed, _)| *needed == name).filter_map(|(_, dependency)| dependency.timeout);
    timeouts.max().unwrap_or(Dependency::longest())
}
