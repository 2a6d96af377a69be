//! What each action does to the state.

use super::{Model, State, Violation};
use landfall::facts::{ContainerFact, HeldPort, NetworkFact, Protocol, Saved};
use landfall::operation::{
    Action, Argument, CheckedService, Container, DroppedContainer, EngineChange, HostChange, Known, Layout, Learned,
    Look, NewDirectory, NewSecret, OperationId, RetrievedImage, VerifiedImage,
};
use landfall::plan::model::{Condition, Image, Staging, Teardown};
use landfall::plan::values::{ImageId, Port};
use landfall::run::Failure;
use landfall::{script, steps};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The ID of an image: the same for the same source; what says which one it must be delivers that one.
pub fn image_id(image: &Image) -> ImageId {
    if let Some(pinned) = image.pinned_id() {
        return pinned.clone();
    }
    let digest = Sha256::digest(format!("{image:?}"));
    ImageId::parse(&digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>()).unwrap()
}

pub fn resolved(argument: &Argument, known: &Known) -> String {
    argument.resolve(known).unwrap_or_else(|| panic!("{argument} is not known yet"))
}

fn must(holds: bool, otherwise: impl Into<String>) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(Failure::new(otherwise)) }
}

/// A container as the engine shows it once it was created.
pub fn container(container: &Container, known: &Known) -> ContainerFact {
    let labels = [
        (ContainerFact::PLAN, container.plan.to_string()),
        (ContainerFact::SERVICE, container.service.to_string()),
        (ContainerFact::RUN, known.run.to_string()),
        (ContainerFact::CONFIG, container.config.clone()),
    ];
    let held = |port: &Port| {
        let (address, holder) = (port.address(), container.name.clone());
        let protocol = if port.protocol().text() == "udp" { Protocol::Udp } else { Protocol::Tcp };
        port.host().numbers().map(move |port| HeldPort { address, port, protocol, holder: holder.clone() }).collect()
    };
    let ports = container.described.ports.iter().flat_map(|port| -> Vec<HeldPort> { held(port) });
    ContainerFact {
        name: container.name.clone(),
        id: id_of(&container.name, &known.run.to_string()),
        image_id: known.images[&container.service].hex().to_owned(),
        labels: labels.map(|(label, value)| (label.to_owned(), value)).into(),
        networks: vec![container.plan.to_string()],
        ports: ports.collect(),
        running: false,
        storage_only: false,
        exit_code: None,
        restarts: 0,
        address: None,
    }
}

/// The ID of a container: another one for each run that creates it.
fn id_of(name: &str, run: &str) -> String {
    Sha256::digest(format!("{name} {run}")).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn act(
    model: &Model,
    state: &mut State,
    violations: &mut Vec<Violation>,
    action: &Action,
    known: &Known,
) -> Result<Learned, Failure> {
    match action {
        Action::Retrieve(image) => return Ok(retrieve(model, state, violations, image, known)),
        Action::Engine(change) => change_by_the_engine(model, state, violations, change, known),
        Action::Host(change) => change_beside_the_engine(model, state, violations, change, known),
        Action::Look(Look::VerifyImage(VerifiedImage { service, id: _, mounts: _, working_dir_given: _ })) => {
            let there = known.images.get(service).is_some_and(|id| state.images.contains_key(id.hex()));
            must(there, "no such image")
        }
        Action::Look(Look::AwaitService(service) | Look::CheckService(service)) => judge(state, service),
    }
    .map(|()| Learned::default())
}

fn retrieve(
    model: &Model,
    state: &mut State,
    violations: &mut Vec<Violation>,
    retrieved: &RetrievedImage,
    known: &Known,
) -> Learned {
    let (layout, RetrievedImage { image, services, places: _ }) = (&model.layout, retrieved);
    let plan = &model.deployed.as_ref().unwrap().plan;
    if plan.staging == Staging::After && state.containers.values().any(|there| is_ours(layout, there)) {
        violations.push(format!("{image:?} is retrieved, and the old containers are still there"));
    }
    let id = image_id(image);
    let tags = state.images.entry(id.hex().to_owned()).or_default();
    tags.extend(services.iter().map(|service| layout.tag(service, &id)));
    state.paths.insert(layout.downloads(&known.run));
    Learned { images: services.iter().map(|service| (service.clone(), id.clone())).collect(), address: None }
}

fn change_by_the_engine(
    model: &Model,
    state: &mut State,
    violations: &mut Vec<Violation>,
    change: &EngineChange,
    known: &Known,
) -> Result<(), Failure> {
    let layout = &model.layout;
    match change {
        EngineChange::CreateContainer(new) => create(state, new, known),
        EngineChange::StopContainer { container } => {
            let there = state.containers.get_mut(container).ok_or_else(|| Failure::new("no such container"))?;
            there.running = false;
            there.exit_code = Some(0);
            Ok(())
        }
        EngineChange::RenameContainer { container, to } => {
            must(!state.containers.contains_key(to), "the name is taken")?;
            let there = state.containers.remove(container).ok_or_else(|| Failure::new("no such container"))?;
            state.containers.insert(to.clone(), ContainerFact { name: to.clone(), ..there });
            Ok(())
        }
        EngineChange::StartContainer { service: _, container, boot_guard } => {
            state.paths.insert(boot_guard.clone());
            start(model, state, violations, container)
        }
        EngineChange::DropContainer(DroppedContainer { container, grace_seconds: _ }) => {
            drop_container(model, state, violations, container);
            Ok(())
        }
        EngineChange::DropNetwork { network } => drop_network(layout, state, network),
        EngineChange::DropTag { tag, unless_image_of } => {
            let kept =
                unless_image_of.as_ref().and_then(|service| Some(layout.tag(service, known.images.get(service)?)));
            if kept.as_ref() == Some(tag) { Ok(()) } else { drop_tag(state, tag) }
        }
        EngineChange::DropImage { id } => {
            if known.images.values().any(|image| image.hex() == id) {
                return Ok(());
            }
            must(!in_use(state, id), "the image is in use")?;
            state.images.remove(id);
            Ok(())
        }
        EngineChange::DropSecret { secret } => {
            state.secrets.remove(secret);
            Ok(())
        }
        EngineChange::CreateNetwork { network, subnets: _ } => {
            must(!state.networks.contains_key(network.as_str()), "the network exists")?;
            let labels = BTreeMap::from([(ContainerFact::PLAN.to_owned(), network.to_string())]);
            let new = NetworkFact { name: network.to_string(), labels, subnets: Vec::new() };
            state.networks.insert(network.to_string(), new);
            Ok(())
        }
        EngineChange::KeepNetwork { network, ranges: _ } => {
            let names = state.containers.values().filter(|there| is_ours(layout, there) && there.running);
            if let Some(running) = names.map(|there| &there.name).next() {
                violations.push(format!("the network is cleared while {running} is on it"));
            }
            must(state.networks.contains_key(network.as_str()), "no such network")
        }
        EngineChange::CreateSecret(NewSecret { name, text: _ }) => {
            must(state.secrets.insert(resolved(name, known)), "the secret exists")
        }
    }
}

fn change_beside_the_engine(
    model: &Model,
    state: &mut State,
    violations: &mut Vec<Violation>,
    change: &HostChange,
    known: &Known,
) -> Result<(), Failure> {
    let layout = &model.layout;
    match change {
        HostChange::ReserveCrontab => {
            state.paths.insert(layout.recover());
            state.crontab.block = Some(vec![script::boot_line(layout).unwrap()]);
        }
        HostChange::Uncommit => {
            if let Some(saved) = state.saved.take() {
                state.previous = Some(saved);
            }
            state.stopped.clear();
        }
        HostChange::WriteConfig { path, content: _, owner: _, mode: _ } => {
            state.paths.insert(resolved(path, known).into());
        }
        HostChange::CreateDirectory(NewDirectory { path, owner: _, mode: _ }) => {
            state.data.insert(path.as_path().to_owned());
        }
        HostChange::InstallKey { file, secret: _, known_hosts: _ } => {
            state.keys.insert(file.to_string());
        }
        HostChange::RemoveDownloads => {
            state.paths.remove(&layout.downloads(&known.run));
        }
        HostChange::WriteScripts { scripts: _ } => write_scripts(layout, state, known),
        HostChange::Withdraw
        | HostChange::KeepJobs
        | HostChange::BringJobsBack
        | HostChange::KeepKeys
        | HostChange::BringKeysBack { keys: _ }
        | HostChange::Recommit => return back_and_aside(layout, state, change, known),
        HostChange::InstallCrontab { lines } | HostChange::RestoreCrontab { lines } => {
            state.crontab.block = Some(lines.clone())
        }
        HostChange::Commit => {
            state.saved = Some(to_save(model, known).ok_or_else(|| Failure::new("an image is not known"))?);
        }
        HostChange::NoteStopped { services } => state.stopped = services.clone(),
        HostChange::RemoveOldConfigs => {
            let current = layout.configs().join(known.run.to_string());
            state.paths.retain(|path| !path.starts_with(layout.configs()) || path.starts_with(&current));
        }
        HostChange::PruneRuns { keep: _ } => {}
        HostChange::KeepLog { container } => {
            must(state.containers.contains_key(container), "no such container")?;
        }
        HostChange::EndMonitor { container: _, id: _ } => violations.push(format!("{change}, and there is none")),
        HostChange::RemoveKeys => state.keys.clear(),
        HostChange::RemovePath { path } => remove_path(layout, state, violations, path),
        HostChange::RemoveCrontab => state.crontab.block = None,
    }
    Ok(())
}

/// The record that the commit writes.
fn to_save(model: &Model, known: &Known) -> Option<Saved> {
    let (layout, deployed, at) = (&model.layout, model.deployed.as_ref().unwrap(), jiff::Timestamp::UNIX_EPOCH);
    match (&deployed.replaced, &deployed.remade) {
        (None, None) => steps::saved(layout, &deployed.program, known, &deployed.accepted, at),
        (Some(replaced), _) => steps::replaced(replaced, layout, &deployed.program, known, at),
        (None, Some(saved)) => Some(steps::remade(saved, &deployed.program, known)),
    }
}

fn write_scripts(layout: &Layout, state: &mut State, known: &Known) {
    state.paths.retain(|path| !path.starts_with(layout.jobs()));
    state.paths.extend([layout.jobs().join(known.run.to_string()), layout.health()]);
}

fn remove_path(layout: &Layout, state: &mut State, violations: &mut Vec<Violation>, path: &Path) {
    if !path.starts_with(layout.state()) && !path.starts_with(layout.volatile()) {
        violations.push(format!("{} is removed, which is not ours", path.display()));
    }
    state.paths.retain(|there| !there.starts_with(path));
    if path == layout.stopped() {
        state.stopped.clear();
    }
}

/// What puts something aside for the way back, and what goes it.
fn back_and_aside(layout: &Layout, state: &mut State, change: &HostChange, known: &Known) -> Result<(), Failure> {
    match change {
        HostChange::Withdraw => state.saved = None,
        HostChange::KeepJobs => {
            must(state.saved.is_none(), "it still counts as deployed")?;
            moved(state, &layout.jobs(), &layout.jobs_aside());
        }
        HostChange::BringJobsBack => {
            if state.paths.iter().any(|path| path.starts_with(layout.jobs_aside())) {
                moved(state, &layout.jobs_aside(), &layout.jobs());
            }
        }
        HostChange::KeepKeys => {
            state.paths.extend(state.keys.iter().map(|file| layout.keys_aside().join(file)));
        }
        HostChange::BringKeysBack { keys } => {
            let there = |file: &str| state.keys.contains(file) || state.paths.contains(&layout.keys_aside().join(file));
            must(keys.keys().all(|file| there(file.as_str())), "a key is gone")?;
            state.keys = keys.keys().map(ToString::to_string).collect();
        }
        HostChange::Recommit => {
            let previous = state.previous.as_ref().ok_or_else(|| Failure::new("nothing was deployed before"))?;
            state.saved = Some(steps::brought_back(previous, &known.run));
        }
        other => panic!("{other} has nothing to do with it"),
    }
    Ok(())
}

/// A folder takes the place of another one.
fn moved(state: &mut State, from: &Path, to: &Path) {
    state.paths.retain(|path| !path.starts_with(to));
    let renamed = |path: &PathBuf| path.strip_prefix(from).map_or_else(|_| path.clone(), |name| to.join(name));
    state.paths = state.paths.iter().map(renamed).collect();
}

pub fn is_ours(layout: &Layout, container: &ContainerFact) -> bool {
    container.plan() == Some(layout.plan().as_str())
}

fn create(state: &mut State, new: &Container, known: &Known) -> Result<(), Failure> {
    must(!state.containers.contains_key(&new.name), "the name is taken")?;
    let image = known.images.get(&new.service).ok_or_else(|| Failure::new("the image is not known"))?;
    must(state.images.contains_key(image.hex()), "no such image")?;
    must(state.networks.contains_key(new.plan.as_str()), "no such network")?;
    let files = new.secret_files.iter().map(|secret| &secret.secret);
    for secret in files.chain(new.secret_variables.iter().map(|secret| &secret.secret)) {
        must(state.secrets.contains(&resolved(secret, known)), "no such secret")?;
    }
    for config in &new.configs {
        must(state.paths.contains(std::path::Path::new(&resolved(&config.path, known))), "no such config")?;
    }
    for volume in &new.described.volumes {
        must(state.data.contains(volume.source.as_path()), format!("no such directory {}", volume.source))?;
    }
    state.containers.insert(new.name.clone(), container(new, known));
    Ok(())
}

fn start(model: &Model, state: &mut State, violations: &mut Vec<Violation>, name: &str) -> Result<(), Failure> {
    let new = state.containers.get(name).ok_or_else(|| Failure::new("no such container"))?.clone();
    let others = state.containers.values().filter(|other| other.name != name && other.running);
    for port in others.flat_map(|other| &other.ports) {
        let same = |wanted: &HeldPort| {
            (wanted.address, wanted.port, wanted.protocol) == (port.address, port.port, port.protocol)
        };
        must(!new.ports.iter().any(same), format!("port {} is taken", port.port))?;
    }
    let plan = model.plan.as_ref().unwrap();
    let (service, described) =
        plan.services.iter().find(|(service, _)| model.layout.container(service) == name).unwrap();
    for (needed, _) in described.depends_on.iter() {
        let there = state.containers.get(&model.layout.container(needed));
        // What is on record as deployed has completed, also where the engine has lost the proof of it.
        let on_record = || there.is_none() && state.saved.is_some() && plan.services[needed].one_shot();
        if !there.is_some_and(|there| there.running || there.exit_code == Some(0)) && !on_record() {
            violations.push(format!("{service} is started before {needed}, which it depends on"));
        }
    }
    let container = state.containers.get_mut(name).unwrap();
    container.running = !described.one_shot();
    container.exit_code = described.one_shot().then_some(0);
    Ok(())
}

fn judge(state: &State, service: &CheckedService) -> Result<(), Failure> {
    let container = state.containers.get(&service.container).ok_or_else(|| Failure::new("it is gone"))?;
    let good = match service.condition {
        Condition::ServiceHealthy => container.running,
        Condition::ServiceCompletedSuccessfully => container.exit_code == Some(0),
    };
    must(good, "it is not as it must be")
}

fn drop_container(model: &Model, state: &mut State, violations: &mut Vec<Violation>, name: &str) {
    let layout = &model.layout;
    let node = model.deployed.as_ref().is_some_and(|deployed| deployed.plan.teardown == Teardown::Node);
    if let Some(there) = state.containers.get(name)
        && !is_ours(layout, there)
        && !there.storage_only
        && !node
    {
        violations.push(format!("the container {name} is removed, which is not ours"));
    }
    state.containers.remove(name);
}

fn drop_network(layout: &Layout, state: &mut State, network: &str) -> Result<(), Failure> {
    for container in state.containers.values_mut().filter(|container| is_ours(layout, container)) {
        container.networks.retain(|name| name != network);
    }
    let attached = state.containers.values().any(|container| container.networks.iter().any(|name| name == network));
    must(!attached, "a container is on the network")?;
    state.networks.remove(network);
    Ok(())
}

fn in_use(state: &State, id: &str) -> bool {
    state.containers.values().any(|container| container.image_id == id)
}

fn drop_tag(state: &mut State, tag: &str) -> Result<(), Failure> {
    let Some((id, tags)) = state.images.iter().find(|(_, tags)| tags.contains(tag)) else { return Ok(()) };
    let (id, last) = (id.clone(), tags.len() == 1);
    must(!last || !in_use(state, &id), "the image is in use")?;
    if last {
        state.images.remove(&id);
    } else if let Some(tags) = state.images.get_mut(&id) {
        tags.remove(tag);
    }
    Ok(())
}

/// The services that run, depend on a container, and were not even tried to be removed before it.
pub fn left_behind(model: &Model, state: &State, action: &Action, tried: &[OperationId]) -> Vec<Violation> {
    let Action::Engine(EngineChange::DropContainer(DroppedContainer { container, grace_seconds: _ })) = action else {
        return Vec::new();
    };
    // Of two of a service one goes, and whoever depends on it has the other.
    let service = |name: &str| state.containers.get(name).and_then(ContainerFact::service);
    let same = state.containers.keys().filter(|name| service(name) == service(container) && service(name).is_some());
    let ours = same.filter(|name| is_ours(&model.layout, &state.containers[*name]));
    if ours.count() > 1 {
        return Vec::new();
    }
    let runs = |name: &str| state.containers.get(name).is_some_and(|there| there.running);
    let saved = state.saved.iter().chain(&state.previous).flat_map(|saved| saved.services.values());
    let dependents = saved.filter(|service| {
        let needs = service.depends_on.iter().any(|needed| model.layout.container(needed) == *container);
        let names = ["drop", "stop"].map(|word| format!("{word} {}", service.container));
        let tried = tried.iter().any(|operation| names.iter().any(|name| operation.as_str() == name));
        needs && !tried && runs(container) && runs(&service.container)
    });
    dependents
        .map(|service| format!("{container} is removed before {}, which depends on it", service.container))
        .collect()
}
