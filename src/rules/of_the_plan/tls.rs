//! Fields about certificates where none is looked at. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place, Pointer};
use crate::plan::model::{HttpCheck, Image, ImageSource, Plan, Probe};
use crate::plan::values::Scheme;
use crate::rules::place::field;

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, service) in &plan.services {
        if let Image::Source(ImageSource::Registry {
            ca: Some(_),
            tls_verify: false,
            registry: _,
            digest: _,
            id: _,
            timeout: _,
        }) = &service.image
        {
            findings.push(unlooked(&field(name, "image")));
        }
        let Some(Probe::Http(check)) = service.healthcheck.as_ref().map(|check| &check.probe) else { continue };
        let HttpCheck { url, status: _, headers: _, ca, tls_verify } = check;
        let at = field(name, "healthcheck").then("http");
        match (url.scheme(), ca, tls_verify) {
            (Scheme::Http, Some(_), true | false) => findings.push(unencrypted(&at, "ca")),
            (Scheme::Http, None, false) => findings.push(unencrypted(&at, "tls_verify")),
            (Scheme::Https, Some(_), false) => findings.push(unlooked(&at)),
            (Scheme::Http, None, true) | (Scheme::Https, Some(_), true) | (Scheme::Https, None, true | false) => {}
        }
    }
    findings
}

fn unlooked(at: &Pointer) -> Finding {
    Finding::error(Code::NoEffect, at.then("ca"), "`ca` has no effect")
        .at_key()
        .label("the certificate is not verified")
        .also(at.then("tls_verify"), "not verified")
        .help("remove `tls_verify`: with `ca`, the certificate can be verified")
        .fix_by_removing("remove `tls_verify`", Place::Key(at.then("tls_verify")))
}

fn unencrypted(at: &Pointer, what: &str) -> Finding {
    Finding::error(Code::NoEffect, at.then(what), format!("`{what}` has no effect"))
        .at_key()
        .label("`http://` has no certificate")
        .also(at.then("url"), "not encrypted")
        .help(format!("write `https://`, or remove `{what}`"))
        .fix_by_removing(format!("remove `{what}`"), Place::Key(at.then(what)))
}
