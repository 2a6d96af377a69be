//! Health checks that ask a host or a port where nobody of the plan answers. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place, Pointer, Source};
use crate::plan::model::{Plan, Probe, Service};
use crate::plan::values::{Host, Port, Protocol, ServiceName};
use crate::rules::place::field;

pub(super) fn findings(plan: &Plan, source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, service) in &plan.services {
        let Some(check) = &service.healthcheck else { continue };
        let at = field(name, "healthcheck");
        let (host, port, at) = match &check.probe {
            Probe::Exec(_) => continue,
            Probe::Http(asked) => (asked.url.host(), asked.url.port(), at.then("http")),
            Probe::Tcp(target) => (target.host(), target.port(), at.then("tcp")),
        };
        let found = match host {
            Host::Name(host) if host != "localhost" => of_name(plan, host, &at),
            Host::Name(_) => unpublished(plan, name, (port, "localhost"), &at),
            Host::Address(address) if address.is_loopback() => {
                unpublished(plan, name, (port, &address.to_string()), &at)
            }
            Host::Address(_) => None,
        };
        findings.extend(found.map(|(finding, meant)| match meant {
            Some(meant) => ask(finding, source, (host, &meant), &at),
            None => finding,
        }));
    }
    findings
}

/// The cure is the service's name in place of the host, in the text as it is written.
fn ask(finding: Finding, source: &Source, (host, meant): (&Host, &ServiceName), at: &Pointer) -> Finding {
    let url = at.then("url");
    let place = Place::Value(if source.has(&url) { url } else { at.clone() });
    let written = source.text().get(source.span_of(&place)).unwrap_or_default();
    let bracketed = format!("[{host}]");
    let host = if written.contains(&bracketed) { bracketed } else { host.to_string() };
    let text = written.replacen(&host, meant.as_str(), 1);
    if text == written { finding } else { finding.fix(format!("ask `{meant}`"), place, text) }
}

/// The server does not see the names that only containers know. Together with the service that is meant, if one is.
fn of_name(plan: &Plan, host: &str, at: &Pointer) -> Option<(Finding, Option<ServiceName>)> {
    if let Some((_, service)) = plan.services.iter().find(|(name, _)| name.as_str() == host) {
        let message = format!("the health check asks the one-shot service `{host}`");
        return service.one_shot().then(|| {
            let finding = Finding::error(Code::ConditionNeverMet, at.clone(), message)
                .label("nobody answers there once it is done")
                .help("ask a service that stays up");
            (finding, None)
        });
    }
    let known = |(name, service): (&ServiceName, &Service)| {
        let alias = service.aliases.iter().any(|alias| alias.as_str() == host);
        (alias || host == format!("{}-{name}", plan.name)).then(|| name.clone())
    };
    if let Some(name) = plan.services.iter().find_map(known) {
        let message = format!("the health check asks `{host}`, which only containers know");
        let finding = Finding::error(Code::UnknownService, at.clone(), message)
            .label("the VSN knows a container by its service's name")
            .help(format!("write `{name}` instead of `{host}`"));
        return Some((finding, Some(name)));
    }
    let near = plan.services.keys().find(|name| strsim::damerau_levenshtein(name.as_str(), host) == 1)?;
    let finding = Finding::warning(Code::UnknownService, at.clone(), format!("`{host}` is no service of this plan"))
        .label("so the VSN asks its own name server")
        .help(format!("did you mean `{near}`?"));
    Some((finding, Some(near.clone())))
}

/// On the server itself, a container is only reached by a port that it publishes.
fn unpublished(
    plan: &Plan,
    name: &ServiceName,
    asked: (u16, &str),
    at: &Pointer,
) -> Option<(Finding, Option<ServiceName>)> {
    let (port, host) = asked;
    let leads = |published: &Port| published.protocol() == Protocol::Tcp && published.host().numbers().contains(&port);
    if plan.services.values().any(|service| service.ports.iter().any(leads)) {
        return None;
    }
    let message = format!("the health check asks `{host}:{port}`, and no service publishes port {port}");
    let finding = Finding::warning(Code::CheckOfUnpublishedPort, at.clone(), message)
        .label("the URL is as the VSN sees it, not as the container does")
        .help(format!("write `{name}:{port}` for the container's own port, or publish it"));
    Some((finding, Some(name.clone())))
}
