//! Certificates that are not verified. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Pointer};
use crate::plan::model::{HttpCheck, Image, ImageSource, Plan, Probe};
use crate::plan::values::{Host, Scheme, ServiceName};
use crate::rules::place::field;

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, service) in &plan.services {
        // What a digest or an ID names is verified by its content.
        if let Image::Source(ImageSource::Registry {
            registry,
            digest: None,
            id: None,
            tls_verify: false,
            ca: None,
            timeout: _,
        }) = &service.image
            && registry.digest().is_none()
        {
            findings.push(unverified(
                &field(name, "image"),
                "whoever answers for the registry decides what runs here",
                "name the registry's authority with `ca`, or pin the image with `digest`",
            ));
        }
        if let Some(Probe::Http(check)) = service.healthcheck.as_ref().map(|check| &check.probe)
            && asks_elsewhere(plan, check)
        {
            findings.push(unverified(
                &field(name, "healthcheck").then("http"),
                "whoever answers for this host can say that the service is healthy",
                "name the authority with `ca`",
            ));
        }
    }
    findings
}

/// Nobody stands between the server and its own containers.
fn asks_elsewhere(plan: &Plan, check: &HttpCheck) -> bool {
    let HttpCheck { url, status: _, headers: _, ca, tls_verify } = check;
    let unverified = url.scheme() == Scheme::Https && !tls_verify && ca.is_none();
    unverified
        && match url.host() {
            Host::Name(host) => host != "localhost" && !plan.services.keys().any(|name| is(name, host)),
            Host::Address(address) => !address.is_loopback(),
        }
}

fn is(name: &ServiceName, host: &str) -> bool {
    name.as_str() == host
}

fn unverified(at: &Pointer, label: &str, help: &str) -> Finding {
    Finding::warning(Code::NotVerified, at.then("tls_verify"), "the certificate is not verified")
        .label(label)
        .help(help.to_owned())
}
