//! Making anew what the engine has lost of what is deployed: its containers, its network, the images. Reads nothing, changes nothing.
//!
//! An update of the system can empty an engine's store. What is on record says what was there: which image, which secrets, which
//! configs. A container is made anew from exactly these, and never from what has come into their place. No directory is created: one
//! that is not there holds the data that is missing.

mod obstacle;

use super::create::Parts;
use super::{Given, Services, check, ids};
use crate::facts::{ContainerFact, EngineLook, Facts, Saved, SavedService};
use crate::few::Few;
use crate::operation::{
    Argument, Container, DroppedContainer, EngineChange, HostChange, Known, Layout, Look, Operation, OperationId,
    Program, RetrievedImage, Step, StepName,
};
use crate::plan::model::Plan;
use crate::plan::values::{ImageId, PlanName, ServiceName};
use std::collections::{BTreeMap, BTreeSet};

/// The services that run on of which the engine does not have the container any more. A one-shot has completed: what is on record is
/// the proof of it, and it is not run again.
pub fn lost(saved: &Saved, look: &EngineLook) -> BTreeSet<ServiceName> {
    let is_there = |service: &SavedService| {
        look.containers.iter().any(|there| there.name == service.container && is_of(there, &saved.name))
    };
    let lost = saved.services.iter().filter(|(_, service)| !service.one_shot && !is_there(service));
    lost.map(|(name, _)| name.clone()).gathered()
}

fn is_of(container: &ContainerFact, plan: &PlanName) -> bool {
    !container.storage_only && container.plan() == Some(plan.as_str())
}

/// What is lost is made anew from.
#[derive(Debug, Clone, Copy)]
pub struct Remake<'a> {
    /// The plan as it is in force.
    pub plan: &'a Plan,
    /// The same with the images that are on record, see [`super::as_on_record`].
    pub pinned: &'a Plan,
    /// What is deployed.
    pub saved: &'a Saved,
    /// Where everything of the plan lies.
    pub layout: &'a Layout,
    /// What the server looks like.
    pub facts: &'a Facts,
    /// The services that are stopped on purpose.
    pub stopped: &'a BTreeSet<ServiceName>,
    /// Whether what is made is started as well; after a boot, that is left to the boot job, which keeps the order.
    pub starts: bool,
}

impl Remake<'_> {
    fn has_image(&self, id: &ImageId) -> bool {
        self.facts.look.images.iter().any(|there| there.id == id.hex())
    }

    /// The program that makes these services anew; none where what is on record does not tell their secrets or configs.
    pub fn program(&self, services: &BTreeSet<ServiceName>) -> Option<Program> {
        let staged = self.staged(services);
        let tidy = Operation::new(OperationId::of("remove downloads"), ids::of(&staged), HostChange::RemoveDownloads);
        let network = self.network();
        let mut created: Vec<_> = network.into_iter().collect();
        for name in services {
            let container = self.container(name)?;
            let remains = self.remains(&container.name);
            let after = [ids::verify(name)].into_iter().chain(ids::of(&created_before(&created)));
            let after: Vec<_> = after.chain(ids::of(&remains)).collect();
            created.extend(remains);
            created.push(Operation::new(ids::create(name), after, EngineChange::CreateContainer(Box::new(container))));
        }
        let made = ids::of(&created);
        if self.starts {
            let wanted: BTreeSet<_> = services.difference(self.stopped).cloned().gathered();
            let running = Services {
                plan: self.plan,
                layout: self.layout,
                containers: &self.facts.look.containers,
                stopped: self.stopped,
            };
            created.extend(running.starts(&wanted, &made));
        }
        created.push(tidy);
        let commit = Operation::new(OperationId::of("commit"), ids::of(&created), HostChange::Commit);
        let step = |name, operations| Step { name, operations };
        Some(Program {
            steps: vec![
                step(StepName::Validate, staged),
                step(StepName::CreateAndStart, created),
                step(StepName::CheckAndFinish, vec![commit]),
            ],
        })
    }

    /// The image of each is there and the one on record, before anything is made.
    fn staged(&self, services: &BTreeSet<ServiceName>) -> Vec<Operation> {
        let mut operations = Vec::new();
        let mut alone = self.pinned.clone();
        alone.services.retain(|name, _| services.contains(name));
        for retrieved in RetrievedImage::all_of(&alone) {
            let named = retrieved.services.clone();
            let Some(first) = named.first() else { continue };
            let here = retrieved.image.pinned_id().is_some_and(|id| self.has_image(id));
            let retrieve = (!here).then(|| Operation::new(ids::retrieve(first), [], retrieved));
            let after: Vec<_> = retrieve.iter().map(|operation| operation.id.clone()).collect();
            operations.extend(retrieve);
            for (name, service) in alone.services.iter().filter(|(name, _)| named.contains(name)) {
                let verify = Look::VerifyImage(check::verified(name, service));
                operations.push(Operation::new(ids::verify(name), after.clone(), verify));
            }
        }
        operations
    }

    fn network(&self) -> Option<Operation> {
        let name = &self.plan.name;
        let gone = !self.facts.look.networks.iter().any(|there| there.name == name.as_str());
        let create = || {
            let subnets = self.plan.network.subnets.clone();
            Operation::new(ids::network(), [], EngineChange::CreateNetwork { network: name.clone(), subnets })
        };
        gone.then(create)
    }

    /// What an engine that was killed, or changed, has left under the name that is needed.
    fn remains(&self, container: &str) -> Vec<Operation> {
        let remains = |there: &&ContainerFact| there.storage_only && there.name == container;
        let there = self.facts.look.containers.iter().filter(remains);
        there
            .map(|there| {
                let dropped = DroppedContainer { container: there.name.clone(), grace_seconds: None };
                Operation::new(ids::drop(container), [], EngineChange::DropContainer(dropped))
            })
            .collect()
    }

    /// A container with the secrets and configs that are on record.
    fn container(&self, name: &ServiceName) -> Option<Container> {
        let (service, saved) = (self.plan.services.get(name)?, self.saved.services.get(name)?);
        let given = Given { plan: self.plan, facts: self.facts, layout: self.layout };
        let mut parts = Parts::default();
        parts.gather(given, name, service);
        let Parts { secrets: _, operations: _, files, variables, configs } = &mut parts;
        let named = files.iter_mut().map(|file| &mut file.secret);
        let named = named.chain(variables.iter_mut().map(|variable| &mut variable.secret));
        put_in_place(named.collect(), &saved.secrets)?;
        put_in_place(configs.iter_mut().map(|config| &mut config.path).collect(), &saved.configs)?;
        Some(Container {
            name: saved.container.clone(),
            plan: self.plan.name.clone(),
            service: name.clone(),
            config: saved.config.clone(),
            described: service.clone(),
            secret_files: parts.files,
            secret_variables: parts.variables,
            configs: parts.configs,
            boot_guard: self.layout.boot_guard(name),
        })
    }

    /// The images that are here already, which no operation of the program learns.
    pub fn images_here(&self, services: &BTreeSet<ServiceName>) -> BTreeMap<ServiceName, ImageId> {
        let saved = self.saved.services.iter().filter(|(name, _)| services.contains(*name));
        saved
            .filter(|(_, saved)| self.has_image(&saved.image_id))
            .map(|(name, saved)| (name.clone(), saved.image_id.clone()))
            .gathered()
    }
}

/// The network, if it is made: of everything else, containers wait for their own.
fn created_before(created: &[Operation]) -> Vec<Operation> {
    created.iter().filter(|operation| operation.id == ids::network()).cloned().collect()
}

/// Puts names that are on record in the place of those that a deployment would make; none where they do not fit.
pub(super) fn put_in_place(late: Vec<&mut Argument>, known: &[String]) -> Option<()> {
    if late.len() != known.len() {
        return None;
    }
    late.into_iter().zip(known).for_each(|(argument, name)| *argument = Argument::literal(name));
    Some(())
}

/// The record once these are made: only which run created their containers is new in it.
pub fn remade(saved: &Saved, program: &Program, known: &Known) -> Saved {
    let mut then = saved.clone();
    for change in program.engine_changes() {
        if let EngineChange::CreateContainer(container) = change
            && let Some(service) = then.services.get_mut(&container.service)
        {
            service.run = Some(known.run.clone());
        }
    }
    then
}
