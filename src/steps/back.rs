//! Going back: the plan that was deployed before a run, from what was kept of it, to operations. Reads nothing, changes nothing.
//!
//! It needs no file and no secret's value: images, the secrets in the engine's store and the configs of the previous plan are kept until
//! the commit, its scripts are put aside, and its keys are copied into memory.

use super::create::{self, Parts};
use super::remake::put_in_place;
use super::{Given, hotfix, ids};
use crate::facts::{EngineLook, Facts, Observed, Saved, SavedService};
use crate::few::Few;
use crate::operation::{
    Container, EngineChange, HostChange, Known, Layout, Look, Operation, OperationId, Program, Step, StepName,
};
use crate::plan::model::{OnFailure, Plan, Service};
use crate::plan::values::{RunId, ServiceName};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// What is on record of the plan that a deployment goes back to if it fails; none where it does not, or nothing is deployed.
pub fn previous<'a>(plan: &Plan, facts: &'a Facts) -> Option<&'a Saved> {
    match plan.on_failure {
        OnFailure::Previous => facts.saved.get(&plan.name),
        OnFailure::Containerless => None,
    }
}

/// The record of a plan that this run has deployed again.
pub fn brought_back(previous: &Saved, run: &RunId) -> Saved {
    let mut saved = previous.clone();
    saved.services.values_mut().for_each(|service| service.run = Some(run.clone()));
    saved
}

/// The plan that was deployed before a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previous {
    saved: Saved,
    plan: Plan,
    layout: Layout,
}

impl Previous {
    /// What is on record, and the plan that stands there word for word.
    pub fn of(saved: Saved, plan: Plan, layout: &Layout) -> Self {
        Self { plan: hotfix::with_hotfixes(plan, &saved), saved, layout: layout.clone() }
    }

    /// The record.
    pub fn saved(&self) -> &Saved {
        &self.saved
    }

    /// The plan as it was in force, hotfixes included.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What a run knows of it from the start.
    pub fn known(&self, run: &RunId) -> Known {
        let images = self.saved.services.iter().map(|(name, service)| (name.clone(), service.image_id.clone()));
        Known { images: images.gathered(), ..Known::at_start(run.clone()) }
    }

    /// Whether something of it has been started since the last boot, so that it may be started now. Else that is left to the boot job,
    /// which waits for disks.
    pub fn may_start(&self, observed: &Observed) -> bool {
        let mut lasting = self.plan.services.iter().filter(|(_, service)| !service.one_shot()).peekable();
        lasting.peek().is_none() || lasting.any(|(name, _)| observed.guarded.contains(name))
    }

    /// The program that deploys it again, on a server without containers of it; `start`: its services, too.
    ///
    /// # Errors
    /// What is missing for it.
    pub fn program(&self, observed: &Observed, start: bool) -> Result<Program, String> {
        self.is_there(&observed.look)?;
        let mut program = self.made(start)?;
        let keys = (observed.keys || !self.plan.ssh_keys.is_empty()).then(|| self.keys());
        program.splice(0..0, keys);
        Ok(Program {
            steps: vec![Step { name: StepName::GoBack, operations: program.into_iter().map(again).collect() }],
        })
    }

    /// Whether the record tells what is needed to deploy it again.
    ///
    /// # Errors
    /// What it does not tell.
    pub fn is_told(&self) -> Result<(), String> {
        self.made(true).map(drop)
    }

    fn is_there(&self, look: &EngineLook) -> Result<(), String> {
        let images: BTreeSet<&str> = look.images.iter().map(|image| image.id.as_str()).gathered();
        let secrets: BTreeSet<&str> = look.secrets.iter().map(|secret| secret.name.as_str()).gathered();
        for (name, service) in &self.saved.services {
            if !images.contains(service.image_id.hex()) {
                return Err(format!("the image {} of {name} is not here any more", service.image_id));
            }
            if let Some(secret) = service.secrets.iter().find(|secret| !secrets.contains(secret.as_str())) {
                return Err(format!("the secret {secret} of {name} is gone from the engine's store"));
            }
        }
        Ok(())
    }

    fn made(&self, start: bool) -> Result<Vec<Operation>, String> {
        let network =
            EngineChange::CreateNetwork { network: self.plan.name.clone(), subnets: self.plan.network.subnets.clone() };
        let mut operations = vec![Operation::new(ids::network(), [], network)];
        // After a boot, a one-shot has completed, as ever: nobody would run it, and one that has not is none that has.
        for (name, service) in self.plan.services.iter().filter(|(_, service)| start || !service.one_shot()) {
            let container = self.container(name, service)?;
            let create = EngineChange::CreateContainer(Box::new(container));
            operations.push(Operation::new(ids::create(name), [ids::network()], create));
        }
        if start {
            operations.extend(create::started((&self.plan, &self.layout), &[]));
        }
        let jobs = Operation::new(OperationId::of("bring jobs back"), ids::of(&operations), HostChange::BringJobsBack);
        let lines = HostChange::InstallCrontab { lines: self.saved.crontab.clone() };
        let crontab = Operation::new(OperationId::of("install crontab"), [jobs.id.clone()], lines);
        operations.extend([jobs, crontab]);
        let before = ids::of(&operations);
        let judged = |name, service| create::judged((&self.plan, &self.layout), name, service);
        let checks = self.plan.services.iter().filter(|_| start).map(|(name, service)| {
            let look = Look::CheckService(Box::new(judged(name, service)));
            Operation::new(OperationId::of(format!("check {name}")), before.clone(), look)
        });
        operations.extend(checks.collect::<Vec<_>>());
        let commit = OperationId::of("commit");
        operations.push(Operation::new(commit.clone(), ids::of(&operations), HostChange::Recommit));
        operations.extend(no_longer_kept(&self.layout, &commit));
        Ok(operations)
    }

    fn container(&self, name: &ServiceName, service: &Service) -> Result<Container, String> {
        let untold = || format!("what is on record of {name} does not tell its secrets or configs");
        let saved: &SavedService = self.saved.services.get(name).ok_or_else(untold)?;
        // Nothing is made anew: neither facts nor the name of the run are asked for.
        let facts = Facts::of_an_empty_host(&[]);
        let mut parts = Parts::default();
        parts.gather(Given { plan: &self.plan, facts: &facts, layout: &self.layout }, name, service);
        let Parts { secrets: _, operations: _, mut files, mut variables, mut configs } = parts;
        let named = files.iter_mut().map(|file| &mut file.secret);
        let named = named.chain(variables.iter_mut().map(|variable| &mut variable.secret));
        put_in_place(named.collect(), &saved.secrets).ok_or_else(untold)?;
        put_in_place(configs.iter_mut().map(|config| &mut config.path).collect(), &saved.configs).ok_or_else(untold)?;
        Ok(Container {
            name: saved.container.clone(),
            plan: self.plan.name.clone(),
            service: name.clone(),
            config: saved.config.clone(),
            described: service.clone(),
            secret_files: files,
            secret_variables: variables,
            configs,
            boot_guard: self.layout.boot_guard(name),
        })
    }

    fn keys(&self) -> Operation {
        let keys = self.plan.ssh_keys.iter().map(|(file, key)| (file.clone(), key.known_hosts.clone()));
        let action = HostChange::BringKeysBack { keys: keys.gathered() };
        Operation::new(OperationId::of("bring keys back"), [], action)
    }
}

/// Once a plan counts as deployed, what was kept of the one before it goes.
pub fn no_longer_kept(layout: &Layout, commit: &OperationId) -> Vec<Operation> {
    let remove = |path: PathBuf| {
        let id = OperationId::of(format!("remove {}", path.display()));
        Operation::new(id, [commit.clone()], HostChange::RemovePath { path })
    };
    [layout.jobs_aside(), layout.keys_aside()].map(remove).into()
}

/// The same operation under a name that no operation of the first program has.
fn again(operation: Operation) -> Operation {
    let Operation { id, after, once_stopped, action } = operation;
    let again = |id: OperationId| OperationId::of(format!("{id} again"));
    Operation::new(again(id), after.iter().cloned().map(again), action)
        .once_stopped(once_stopped.into_iter().map(again))
}
