//! Replacing one service of what is deployed, in place: a hotfix. Reads nothing, changes nothing.
//!
//! The old container is kept, under another name, until the new one is healthy and on record. That record, one rename of
//! `saved.json`, is all that decides which of the two is to be there: before it, every failure leads back to the old one, after it
//! on to the new one.

use super::create::{self, Parts};
use super::remake::put_in_place;
use super::{Given, Services, check, ids, record};
use crate::facts::{ContainerFact, Facts, Saved, SavedService};
use crate::operation::{
    Action, Container, DroppedContainer, EngineChange, HostChange, Layout, Look, Operation, OperationId, Program,
    RetrievedImage, Step, StepName,
};
use crate::plan::model::{Plan, Service};
use crate::plan::values::ServiceName;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What a service is to be replaced by.
#[derive(Debug, Clone, Copy)]
pub struct Replacement<'a> {
    /// The plan as it is to be in force.
    pub plan: &'a Plan,
    /// The service of it.
    pub service: &'a ServiceName,
    /// What is deployed.
    pub saved: &'a Saved,
    /// Where everything of the plan lies.
    pub layout: &'a Layout,
    /// What the server looks like.
    pub facts: &'a Facts,
    /// Whether its image is retrieved; else it is the one that it has.
    pub image: bool,
    /// Whether its secrets are made anew; else they are those that it has.
    pub secrets: bool,
    /// Whether its configs are written anew; else they are those that it has.
    pub configs: bool,
    /// Whether what depends on it is restarted.
    pub dependents: bool,
}

impl Replacement<'_> {
    /// Every service that the run is about.
    pub fn concerned(&self) -> BTreeSet<ServiceName> {
        let mut concerned = BTreeSet::from([self.service.clone()]);
        concerned.extend(self.restarted());
        concerned
    }

    /// The running services that depend on it, directly or not, where they are to be restarted.
    fn restarted(&self) -> BTreeSet<ServiceName> {
        let mut found = BTreeSet::new();
        let mut ahead = if self.dependents { vec![self.service.clone()] } else { Vec::new() };
        while let Some(needed) = ahead.pop() {
            let needs = |service: &Service| service.depends_on.iter().any(|(name, _)| *name == needed);
            for (name, service) in self.plan.services.iter().filter(|(_, service)| needs(service)) {
                if name != self.service && found.insert(name.clone()) {
                    ahead.push(name.clone());
                }
                // What waits for a one-shot is not restarted because that would have to run again: it has completed.
                if service.one_shot() {
                    found.remove(name);
                }
            }
        }
        let there = &self.facts.look.containers;
        let runs = |name: &ServiceName| {
            there.iter().any(|container| container.name == self.layout.container(name) && container.running)
        };
        found.retain(runs);
        found
    }

    /// The program; none where the service is not on record, or has other secrets or configs than the record tells.
    pub fn program(&self) -> Option<Program> {
        let (service, old) = (self.plan.services.get(self.service)?, self.saved.services.get(self.service)?);
        let staged = self.staged(service);
        let verified = ids::of(&staged);
        let (made, container) = self.container(service, old, &verified)?;
        let stale = self.stale();
        let ready: Vec<_> = verified.iter().cloned().chain(ids::of(&made)).chain(ids::of(&stale)).collect();
        let swapped = self.swapped(old, service, &ready, container);
        let tidy = Operation::new(OperationId::of("remove downloads"), verified, HostChange::RemoveDownloads);
        let created: Vec<_> = made.into_iter().chain(stale).chain([tidy]).chain(swapped).collect();
        let finished = self.finished(service, old, &created);
        let step = |name, operations| Step { name, operations };
        Some(Program {
            steps: vec![
                step(StepName::Validate, staged),
                step(StepName::CreateAndStart, created),
                step(StepName::CheckAndFinish, finished),
            ],
        })
    }

    /// The image is there and verified before anything is touched.
    fn staged(&self, service: &Service) -> Vec<Operation> {
        let name = self.service;
        let retrieve = self.image.then(|| {
            let image = RetrievedImage::of(&service.image, vec![name.clone()], &self.plan.registries);
            Operation::new(ids::retrieve(name), [], image)
        });
        let after = retrieve.iter().map(|operation| operation.id.clone()).collect::<Vec<_>>();
        let verify = Operation::new(ids::verify(name), after, Look::VerifyImage(check::verified(name, service)));
        retrieve.into_iter().chain([verify]).collect()
    }

    /// The container that is to be created, and what must be there for it.
    fn container(
        &self,
        service: &Service,
        old: &SavedService,
        verified: &[OperationId],
    ) -> Option<(Vec<Operation>, Container)> {
        let given = Given { plan: self.plan, facts: self.facts, layout: self.layout };
        let mut parts = Parts::default();
        parts.gather(given, self.service, service);
        let Parts { secrets: _, operations, mut files, mut variables, mut configs } = parts;
        if !self.secrets {
            let named = files.iter_mut().map(|file| &mut file.secret);
            let named = named.chain(variables.iter_mut().map(|variable| &mut variable.secret));
            put_in_place(named.collect(), &old.secrets)?;
        }
        if !self.configs {
            put_in_place(configs.iter_mut().map(|config| &mut config.path).collect(), &old.configs)?;
        }
        let is_made = |operation: &Operation| match &operation.action {
            Action::Engine(_) => self.secrets,
            Action::Host(_) => self.configs,
            Action::Retrieve(_) | Action::Look(_) => true,
        };
        let made = operations.into_iter().filter(is_made);
        let made = made.map(|operation| Operation::new(operation.id, verified.to_vec(), operation.action));
        let container = Container {
            name: self.layout.container(self.service),
            plan: self.plan.name.clone(),
            service: self.service.clone(),
            config: record::config(service, &self.facts.files),
            described: service.clone(),
            secret_files: files,
            secret_variables: variables,
            configs,
            boot_guard: self.layout.boot_guard(self.service),
        };
        Some((made.collect(), container))
    }

    /// What an earlier replacement could not remove has the name that is needed now.
    fn stale(&self) -> Vec<Operation> {
        let name = self.layout.container_before(self.service);
        let ours = |container: &&ContainerFact| {
            container.name == name && (container.storage_only || container.plan() == Some(self.plan.name.as_str()))
        };
        let there = self.facts.look.containers.iter().filter(ours);
        there
            .map(|container| {
                let dropped = DroppedContainer { container: container.name.clone(), grace_seconds: None };
                Operation::new(OperationId::of("drop stale"), [], EngineChange::DropContainer(dropped))
            })
            .collect()
    }

    /// The old container makes room and stops, the new one starts and becomes healthy. Only from the stop of the one until the start
    /// of the other is the service down.
    fn swapped(
        &self,
        old: &SavedService,
        service: &Service,
        ready: &[OperationId],
        container: Container,
    ) -> Vec<Operation> {
        let name = self.service;
        let before = self.layout.container_before(name);
        let rename = EngineChange::RenameContainer { container: old.container.clone(), to: before.clone() };
        let rename = Operation::new(ids::rename(&old.container), ready.to_vec(), rename);
        let create = EngineChange::CreateContainer(Box::new(container));
        let create = Operation::new(ids::create(name), [rename.id.clone()], create);
        let restarted = self.restarted();
        let running = Services {
            plan: self.plan,
            layout: self.layout,
            containers: &self.facts.look.containers,
            stopped: &BTreeSet::new(),
        };
        let stops = running.stops(&restarted, std::slice::from_ref(&create.id));
        let after: Vec<_> = [create.id.clone()].into_iter().chain(ids::of(&stops)).collect();
        let stop =
            Operation::new(ids::stop_container(&before), after, EngineChange::StopContainer { container: before });
        let start = EngineChange::StartContainer {
            service: name.clone(),
            container: self.layout.container(name),
            boot_guard: self.layout.boot_guard(name),
        };
        let start = Operation::new(ids::start(name), [stop.id.clone()], start);
        let judged = create::judged((self.plan, self.layout), name, service);
        let wait = Operation::new(ids::wait_for(name), [start.id.clone()], Look::AwaitService(Box::new(judged)));
        let starts = running.starts(&restarted, std::slice::from_ref(&wait.id));
        [rename, create].into_iter().chain(stops).chain([stop, start, wait]).chain(starts).collect()
    }

    /// It is checked once more and put on record; then the old one goes.
    fn finished(&self, service: &Service, old: &SavedService, created: &[Operation]) -> Vec<Operation> {
        let name = self.service;
        let judged = create::judged((self.plan, self.layout), name, service);
        let check = OperationId::of(format!("check {name}"));
        let check = Operation::new(check, ids::of(created), Look::CheckService(Box::new(judged)));
        let before_the_commit = ids::of(created).into_iter().chain([check.id.clone()]);
        let commit = Operation::new(OperationId::of("commit"), before_the_commit, HostChange::Commit);
        let before = self.layout.container_before(name);
        let dropped = DroppedContainer { container: before.clone(), grace_seconds: None };
        let drop = Operation::new(ids::drop(before), [commit.id.clone()], EngineChange::DropContainer(dropped));
        let after = |id: String, action: EngineChange| Operation::new(OperationId::of(id), [drop.id.clone()], action);
        // Its own, and what an earlier replacement could not remove.
        let repository = format!("{}:", self.layout.repository(name));
        let tags =
            self.facts.look.images.iter().flat_map(|image| &image.tags).filter(|tag| tag.starts_with(&repository));
        let tags = tags.map(|tag| {
            let action = EngineChange::DropTag { tag: tag.clone(), unless_image_of: Some(name.clone()) };
            after(format!("drop image {tag}"), action)
        });
        let tags: Vec<_> = tags.collect();
        let is_stale =
            |secret: &String| secret.starts_with(&self.layout.secrets_prefix()) && !self.saved.secrets.contains(secret);
        let there = self.facts.look.secrets.iter().map(|secret| &secret.name);
        let secrets = old.secrets.iter().filter(|_| self.secrets).chain(there.filter(|secret| is_stale(secret)));
        let secrets = secrets
            .map(|secret| after(format!("drop secret {secret}"), EngineChange::DropSecret { secret: secret.clone() }));
        let secrets: Vec<_> = secrets.collect();
        let configs = self.old_configs(old).map(|path| {
            let id = OperationId::of(format!("remove {}", path.display()));
            Operation::new(id, [drop.id.clone()], HostChange::RemovePath { path })
        });
        let configs: Vec<_> = configs.into_iter().collect();
        [check, commit, drop.clone()].into_iter().chain(tags).chain(secrets).chain(configs).collect()
    }

    /// The folder of configs that an earlier hotfix of this service wrote. That of the deployment has those of other services, too.
    fn old_configs(&self, old: &SavedService) -> Option<PathBuf> {
        let folder = Path::new(old.configs.first().filter(|_| self.configs)?).parent()?;
        let deployed = self.layout.configs().join(self.saved.run.to_string());
        (folder != deployed).then(|| folder.to_owned())
    }
}
