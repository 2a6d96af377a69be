//! What this machine is. Reads only.

use crate::facts::{ContainerFact, Disk, Engine, EngineKind, EngineLook, HeldPort, Machine, MailPath, Protocol};
use crate::host::{self, command, files, system};
use crate::operation::Layout;
use crate::plan::model::Plan;
use crate::run::Failure;
use std::collections::BTreeSet;
use std::net::{TcpStream, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long the mail server may take to accept a connection.
const MAIL_SERVER: Duration = Duration::from_secs(5);

fn failure(error: impl std::fmt::Display) -> Failure {
    Failure::new(error.to_string())
}

/// This machine, as this plan sees it.
pub(super) fn machine(
    plan: &Plan,
    layout: &Layout,
    engine: Option<&Engine>,
    look: &EngineLook,
    listening: Vec<system::Listener>,
) -> Result<Machine, Failure> {
    let program = std::env::current_exe().map_err(failure)?;
    let images = engine.map_or_else(|| PathBuf::from("/var/lib"), |engine| images_folder(engine, layout));
    let ((images_free, images_disk), (state_free, state_disk)) = (free(&images)?, free(layout.state())?);
    let trusted = files::open_trusted(&program, &files::trusted_owners());
    Ok(Machine {
        hostname: system::hostname().map_err(failure)?,
        root: system::is_root(),
        architecture: system::architecture().map_err(failure)?,
        free_memory: system::free_memory().map_err(failure)?,
        free_disk: images_free,
        images_disk,
        free_state: state_free,
        state_disk,
        state_problem: super::state::state_problem(layout),
        state_folder: state_folder(layout),
        selinux: system::selinux_enforcing(),
        ports: ports(plan, look, listening),
        subnets: subnets(plan, look, engine.and_then(|engine| host::engine::Engine::of(engine.kind, layout)))?,
        mail: mail(plan),
        zone: system::zone(),
        program_problem: trusted.err().map(|problem| problem.to_string()),
        program,
    })
}

/// Where the engine keeps images: of Docker it can be another folder than its own.
fn images_folder(engine: &Engine, layout: &Layout) -> PathBuf {
    let own = match engine.kind {
        EngineKind::Podman => None,
        EngineKind::Docker => {
            let docker = host::engine::Engine::of(engine.kind, layout);
            docker.and_then(|docker| docker.images_folder().ok())
        }
    };
    own.unwrap_or_else(|| engine.graph_root.clone())
}

fn state_folder(layout: &Layout) -> PathBuf {
    let folder = layout.state().parent().unwrap_or(Path::new("/"));
    folder.canonicalize().or_else(|_| std::path::absolute(folder)).unwrap_or_else(|_| folder.to_owned())
}

/// Free bytes where a path is, or will be, and the disk of it.
fn free(path: &Path) -> Result<(u64, Disk), Failure> {
    let there = path.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/"));
    let there = there.canonicalize().map_err(failure)?;
    let system::FreeSpace { bytes, inodes: _, device } = system::free_space(&there).map_err(failure)?;
    let on_it = |folder: &&Path| system::free_space(folder).is_ok_and(|space| space.device == device);
    let at = there.ancestors().take_while(on_it).last().unwrap_or(&there).to_owned();
    Ok((bytes, Disk { device, at }))
}

/// What listens, without what our own containers publish: those are gone when the new ones start.
fn ports(plan: &Plan, look: &EngineLook, listening: Vec<system::Listener>) -> Vec<HeldPort> {
    let ours = |container: &&ContainerFact| container.plan() == Some(plan.name.as_str());
    let published: Vec<_> = look.containers.iter().filter(ours).flat_map(|container| &container.ports).collect();
    let is_ours =
        |port: &HeldPort| published.iter().any(|ours| ours.port == port.port && ours.protocol == port.protocol);
    let held = listening.into_iter().map(|listener| {
        let system::Listener { address, port, protocol } = listener;
        let protocol = match protocol {
            system::Protocol::Tcp => Protocol::Tcp,
            system::Protocol::Udp => Protocol::Udp,
        };
        let address = Some(address).filter(|address| !address.is_unspecified());
        let holder = holder(look, port, protocol);
        HeldPort { address, port, protocol, holder }
    });
    held.filter(|port| !is_ours(port)).collect()
}

/// The container that publishes a port.
fn holder(look: &EngineLook, port: u16, protocol: Protocol) -> String {
    let publishes = |container: &&ContainerFact| {
        container.ports.iter().any(|published| published.port == port && published.protocol == protocol)
    };
    look.containers.iter().find(publishes).map(|container| container.name.clone()).unwrap_or_default()
}

/// The subnets in use, without our own network's.
fn subnets(plan: &Plan, look: &EngineLook, engine: Option<host::engine::Engine>) -> Result<Vec<ipnet::IpNet>, Failure> {
    let ours =
        look.networks.iter().filter(|network| network.name == plan.name.as_str()).flat_map(|network| &network.subnets);
    // What an earlier network of the plan's name left is removed before the new one is made.
    let remains = match plan.network.subnets.is_empty() {
        true => BTreeSet::new(),
        false => engine.map_or_else(|| Ok(BTreeSet::new()), |engine| engine.subnets_of_remains(plan.name.as_str()))?,
    };
    let ours: Vec<_> = ours.chain(&remains).collect();
    let routes = system::subnets_in_use().map_err(failure)?.into_iter().map(|subnet| subnet.network);
    let others = look
        .networks
        .iter()
        .filter(|network| network.name != plan.name.as_str())
        .flat_map(|network| network.subnets.clone());
    Ok(routes.chain(others).filter(|subnet| !ours.contains(&subnet)).collect())
}

fn mail(plan: &Plan) -> MailPath {
    let sendmail = command::find("sendmail").or_else(|| {
        let fallback = PathBuf::from("/usr/lib/sendmail");
        fallback.exists().then_some(fallback)
    });
    let server = plan.maintenance.mail.as_ref().and_then(|mail| mail.smtp.as_ref());
    let server = server.map_or(Ok(()), |server| {
        let address = format!("{}:{}", server.host.before_port(), server.port);
        let targets = address.to_socket_addrs().map_err(|error| format!("{address}: {error}"))?;
        let mut reason = format!("{address} has no address");
        for target in targets {
            match TcpStream::connect_timeout(&target, MAIL_SERVER) {
                Ok(_) => return Ok(()),
                Err(error) => reason = format!("{address}: {error}"),
            }
        }
        Err(reason)
    });
    MailPath { sendmail, server }
}
