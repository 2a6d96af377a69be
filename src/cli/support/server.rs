//! What the engine and the server are, and what the plan's containers wrote. Reads only.

use super::contents::Contents;
use super::known::Known;
use super::logs;
use crate::facts::{self, ContainerFact, HeldPort};
use crate::few::InOrder;
use crate::host::crontab::{Crontab, block};
use crate::host::engine::Engine;
use crate::host::node::state;
use crate::host::{firewall, system};
use crate::operation::Layout;
use crate::plan::model::Plan;
use crate::redaction::Redactor;
use crate::run::Failure;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The most bytes of a firewall's rules.
const MOST_RULES: usize = 2 << 20;

/// Whether the engine answers; what it is goes into the file.
///
/// # Errors
/// There is no room for it.
pub(super) fn add_engine(contents: &mut Contents<'_>, layout: &Layout) -> Result<Result<Engine, String>, Failure> {
    let engine = match state::engine(layout) {
        Ok(engine) => engine,
        Err(failure) => {
            contents.leave_out("engine.json", failure.message.as_str());
            return Ok(Err(failure.message));
        }
    };
    let fact = engine.fact_now();
    let facts::Engine { kind, program, version, network_backend, name_resolution, problem, graph_root, journald } =
        &fact;
    let mut told = json!({
        "engine": kind.program(), "program": program, "version": version, "network_backend": network_backend,
        "name_resolution": name_resolution, "problem": problem, "images": graph_root, "journald": journald,
        "programs": system::versions(),
    });
    let usable = problem.clone().map_or(Ok(()), Err);
    let look = usable.and_then(|()| engine.look().map_err(|failure| failure.message));
    if let (Ok(look), Some(told)) = (&look, told.as_object_mut()) {
        told.extend(of_the_plan(look, layout));
    }
    contents.add_json(
        "engine.json",
        &told,
        Some("of containers, images and networks, the plan's own alone".to_owned()),
    )?;
    Ok(look.map(|_| engine))
}

/// What the engine has of the plan, and how much of others.
fn of_the_plan(look: &facts::EngineLook, layout: &Layout) -> serde_json::Map<String, Value> {
    let facts::EngineLook { containers, images, networks, secrets } = look;
    let plan = layout.plan().as_str();
    let ours: Vec<_> = containers.iter().filter(|container| container.plan() == Some(plan)).map(container).collect();
    let tags = images.iter().filter(|image| image.tags.iter().any(|tag| tag.starts_with(&layout.repositories())));
    let tags: Vec<_> = tags.map(|image| json!({ "id": image.id, "tags": image.tags })).collect();
    let network = networks.iter().find(|network| network.name == plan);
    let network = network.map(|network| {
        let subnets: Vec<_> = network.subnets.iter().map(ToString::to_string).collect();
        json!({ "name": network.name, "subnets": subnets, "labels": network.labels })
    });
    let names = secrets.iter().map(|secret| &secret.name);
    let names: Vec<_> = names.filter(|name| name.starts_with(&layout.secrets_prefix())).collect();
    let all = json!({
        "all": { "containers": containers.len(), "images": images.len(), "networks": networks.len(), "secrets": secrets.len() },
        "containers": ours, "image_tags": tags, "network": network, "secret_names": names,
    });
    all.as_object().cloned().unwrap_or_default()
}

fn container(container: &ContainerFact) -> Value {
    let ContainerFact {
        name,
        id,
        image_id,
        labels,
        networks,
        ports,
        running,
        storage_only,
        exit_code,
        restarts,
        address,
    } = container;
    let port = |HeldPort { address, port, protocol, holder: _ }: &HeldPort| json!({ "address": address, "port": port, "protocol": format!("{protocol:?}").to_lowercase() });
    json!({
        "name": name, "id": id, "image_id": image_id, "labels": labels, "networks": networks,
        "ports": ports.iter().map(port).collect::<Vec<_>>(), "running": running, "storage_only": storage_only,
        "exit_code": exit_code, "restarts": restarts, "address": address,
    })
}

/// Adds what each of the plan's containers has written since this time.
///
/// # Errors
/// There is no room for it.
pub(super) fn add_logs(
    contents: &mut Contents<'_>,
    (engine, layout): (&Engine, &Layout),
    since: Timestamp,
    (known, redactor): (&Known, &Redactor),
) -> Result<(), Failure> {
    if let Some(why) = known.silences_services() {
        contents.leave_out("logs", why);
        return Ok(());
    }
    let containers = match engine.containers() {
        Ok(containers) => containers,
        Err(failure) => {
            contents.leave_out("logs", failure.message);
            return Ok(());
        }
    };
    let ours = |container: &&ContainerFact| container.plan() == Some(layout.plan().as_str()) && !container.storage_only;
    let mut there: Vec<_> = containers.iter().filter(ours).collect();
    there.put_in_order_by(|one, other| one.name.cmp(&other.name));
    if there.is_empty() {
        contents.leave_out("logs", "the plan has no containers");
    }
    for ContainerFact { name, .. } in there {
        let path = format!("logs/{name}.log");
        match logs::read(engine, name, since) {
            Ok(kept) => {
                let told = kept.told(redactor);
                contents.add_redacted(&path, &told, kept.note())?;
            }
            Err(failure) => contents.leave_out(path, failure.message),
        }
    }
    Ok(())
}

/// Adds what the server is, its firewall's rules, and our part of root's crontab.
///
/// # Errors
/// There is no room for it.
pub(super) fn add_server(
    contents: &mut Contents<'_>,
    (layout, plan): (&Layout, Option<&Plan>),
    images: Option<PathBuf>,
) -> Result<(), Failure> {
    let ours = [layout.state().to_owned(), layout.volatile().to_owned()];
    let volumes = plan.into_iter().flat_map(|plan| plan.services.values()).flat_map(|service| &service.volumes);
    let volumes = volumes.map(|volume| PathBuf::from(volume.source.to_string()));
    let others = ["/", "/var", "/var/log", "/tmp", "/var/tmp", "/dev/shm"].into_iter().map(PathBuf::from);
    let mut paths: Vec<PathBuf> = ours.into_iter().chain(images).chain(volumes).chain(others).collect();
    paths.put_in_order();
    paths.dedup();
    let about = serde_json::to_value(system::about(&paths)).unwrap_or_default();
    contents.add_json("server.json", &about, None)?;
    for (program, rules) in firewall::rules(MOST_RULES) {
        match rules {
            Ok(rules) => contents.add(&format!("firewall/{program}.txt"), &rules, None)?,
            Err(why) => contents.leave_out(format!("firewall/{program}.txt"), why),
        }
    }
    add_crontab(contents)
}

fn add_crontab(contents: &mut Contents<'_>) -> Result<(), Failure> {
    let read = Crontab::find().map_err(|problem| problem.to_string());
    let read = read.and_then(|crontab| crontab.read().map_err(|problem| problem.to_string()));
    let crontab = match read {
        Ok(Some(crontab)) => crontab,
        Ok(None) => {
            contents.leave_out("crontab", "root has none");
            return Ok(());
        }
        Err(why) => {
            contents.leave_out("crontab", why);
            return Ok(());
        }
    };
    let (mut text, mut lines) = (String::new(), 0);
    for plan in block::plans(&crontab) {
        match block::lines(&crontab, &plan) {
            Ok(block) => {
                let block = block.unwrap_or_default();
                lines += block.len() + 2;
                text.push_str(&format!("# BEGIN landfall {plan}\n"));
                block.iter().for_each(|line| text.push_str(&format!("{}\n", String::from_utf8_lossy(line))));
                text.push_str(&format!("# END landfall {plan}\n"));
            }
            Err(problem) => contents.leave_out(format!("the block of {plan} in root's crontab"), problem.to_string()),
        }
    }
    let others = crontab.split_inclusive(|byte| *byte == b'\n').count().saturating_sub(lines);
    if others > 0 {
        contents.leave_out(
            format!("{others} other lines of root's crontab"),
            "they are not Landfall's, and passwords of others can stand there",
        );
    }
    contents.add("crontab", text.as_bytes(), Some("Landfall's blocks alone".to_owned()))
}

/// The folder that something can be written to beside this path.
pub(super) fn folder_of(path: &Path) -> PathBuf {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}
