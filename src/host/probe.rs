//! Asks a service whether it works, in the words of the jobs: the same command, the same curl call, the same connection.

use crate::host::command::{Command, find, visible};
use crate::host::engine::Engine;
use crate::plan::model::{HttpCheck, Probe};
use crate::plan::values::{Host, PlanPath, Port, ServiceName, TcpTarget};
use crate::run::{Cancel, Failure};
use crate::script;
use std::collections::BTreeMap;
use std::io::Write;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

/// How long a published port may take to accept a connection.
const PORT_TIMEOUT: Duration = Duration::from_secs(5);

/// How many characters of what a check printed are told.
const MOST_SAID: usize = 400;

/// Whom to ask, and how long an answer may take.
pub struct Asked<'a> {
    /// The container.
    pub container: &'a str,
    /// The addresses of the services that were started.
    pub addresses: &'a BTreeMap<ServiceName, IpAddr>,
    /// How long an answer may take.
    pub timeout: Duration,
    /// How long as the plan writes it.
    pub written: crate::plan::values::Duration,
    /// Ends the asking early.
    pub cancel: &'a Cancel,
}

/// What asking came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// What was wrong with the answer, in words, if anything was.
    pub verdict: Result<(), String>,
    /// What the check printed, or what was answered, harmless for a terminal.
    pub output: String,
}

/// Asks once.
///
/// # Errors
/// What was wrong with the answer, in words; it may quote the service's output, so it is for the operator's screen alone.
pub fn ask(
    engine: &Engine,
    probe: &Probe,
    asked: &Asked<'_>,
    certificate: &dyn Fn(&PlanPath) -> Result<Vec<u8>, Failure>,
) -> Result<(), String> {
    hear(engine, probe, asked, certificate).verdict
}

/// As [`ask`], with everything that came back.
pub fn hear(
    engine: &Engine,
    probe: &Probe,
    asked: &Asked<'_>,
    certificate: &dyn Fn(&PlanPath) -> Result<Vec<u8>, Failure>,
) -> Heard {
    let heard = match probe {
        Probe::Exec(command) => exec(engine, command, asked),
        Probe::Http(check) => http(check, asked, certificate),
        Probe::Tcp(target) => tcp(target, asked).map(|()| said(format!("{target} accepts a connection"))),
    };
    heard.unwrap_or_else(|reason| Heard { verdict: Err(reason), output: String::new() })
}

/// A good answer.
fn said(output: String) -> Heard {
    Heard { verdict: Ok(()), output }
}

fn exec(engine: &Engine, command: &[String], asked: &Asked<'_>) -> Result<Heard, String> {
    let answer = engine.exec(asked.container, command, asked.timeout, asked.cancel);
    let answer = answer.map_err(|failure| failure.message)?;
    let output = visible(answer.output.trim_end());
    if answer.code == 0 {
        return Ok(said(output));
    }
    let last = answer.output.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let last = visible(&last.chars().take(MOST_SAID).collect::<String>());
    let told = if last.is_empty() { String::new() } else { format!(": {last}") };
    Ok(Heard { verdict: Err(format!("its check ended with exit status {}{told}", answer.code)), output })
}

fn http(
    check: &HttpCheck,
    asked: &Asked<'_>,
    certificate: &dyn Fn(&PlanPath) -> Result<Vec<u8>, Failure>,
) -> Result<Heard, String> {
    let curl = find("curl").ok_or("curl is not installed")?;
    let authority = check
        .ca
        .as_ref()
        .map(|path| private_copy(&certificate(path).map_err(|failure| failure.message)?))
        .transpose()?;
    let authority = authority.as_ref().map(tempfile::NamedTempFile::path);
    let arguments = script::curl_arguments(check, asked.written, authority, address_of(check.url.host(), asked));
    let call =
        Command::new(&curl).args(arguments).deadline(asked.timeout + Duration::from_secs(2)).cancel(asked.cancel);
    let answer = call.run_to_any_code().map_err(|problem| problem.to_string())?;
    let status = String::from_utf8_lossy(&answer.stdout).trim().parse().unwrap_or(0);
    let told = format!("{} answered {status}", check.url);
    match answer.code {
        0 if script::status_counts(check, status) => Ok(said(told)),
        0 => Err(told),
        _ => Err(format!("{}: {}", check.url, answer.stderr.trim())),
    }
}

fn private_copy(bytes: &[u8]) -> Result<tempfile::NamedTempFile, String> {
    let write = || {
        let mut file = tempfile::NamedTempFile::new()?;
        file.write_all(bytes)?;
        file.flush()?;
        Ok(file)
    };
    write().map_err(|error: std::io::Error| format!("the certificate authority can't be handed to curl: {error}"))
}

/// The address that a service's name means, for a host that is one.
fn address_of(host: &Host, asked: &Asked<'_>) -> Option<IpAddr> {
    let host = host.to_string();
    asked.addresses.iter().find(|(service, _)| service.as_str() == host).map(|(_, address)| *address)
}

fn tcp(target: &TcpTarget, asked: &Asked<'_>) -> Result<(), String> {
    let addresses = match address_of(target.host(), asked) {
        Some(address) => vec![SocketAddr::new(address, target.port())],
        None => target.to_string().to_socket_addrs().map_err(|error| format!("{target}: {error}"))?.collect(),
    };
    let mut reason = format!("{target} has no address");
    for address in addresses {
        match TcpStream::connect_timeout(&address, asked.timeout) {
            Ok(_) => return Ok(()),
            Err(error) => reason = format!("{target} does not accept a connection: {error}"),
        }
    }
    Err(reason)
}

/// Whether every published TCP port of this container's accepts a connection from this server, and somebody in the container takes it.
///
/// # Errors
/// The first one that doesn't, in words.
pub fn published_ports(engine: &Engine, ports: &[Port], own: Option<IpAddr>) -> Result<(), String> {
    for (address, port, within) in script::published(ports) {
        let target = SocketAddr::new(address, port);
        let connect = |to: &SocketAddr| TcpStream::connect_timeout(to, PORT_TIMEOUT).map(drop);
        connect(&target)
            .map_err(|error| format!("the published port {target} does not accept a connection: {error}"))?;
        let own = own.filter(|_| script::accepts_for_containers(engine.kind()));
        let own = own.map(|address| SocketAddr::new(address, within));
        own.as_ref().map_or(Ok(()), connect).map_err(|error| {
            format!(
                "the published port {target} does not accept a connection: nobody in the container takes it: {error}"
            )
        })?;
    }
    Ok(())
}
