//! Accounts at registries, and their mirrors. Reads nothing, changes nothing.

use super::login;
use crate::diagnostics::{Code, Finding, Place, Pointer};
use crate::plan::model::{Image, ImageSource, Plan, Registry};
use crate::plan::values::{RegistryName, ServiceName};
use crate::rules::place::field;

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let entries = plan.registries.iter().flat_map(|(host, entry)| of_entry(host, entry));
    let services = plan.services.iter().filter_map(|(name, service)| unverified(plan, name, &service.image));
    entries.chain(services).collect()
}

fn of_entry(host: &RegistryName, entry: &Registry) -> Vec<Finding> {
    let Registry { username, password, ca, mirrors } = entry;
    let at = Pointer::of(["registries", &host.to_string()]);
    let mut findings: Vec<_> = login::half(&at, username.is_some(), password.is_some()).into_iter().collect();
    if username.is_none() && password.is_none() && ca.is_none() && mirrors.is_empty() {
        findings.push(
            Finding::error(Code::NoEffect, at.clone(), format!("nothing is said about the registry `{host}`"))
                .at_key()
                .label("an empty object")
                .help("add `username` and `password`, `ca` or `mirrors`, or remove it")
                .fix_by_removing("remove it", Place::Key(at.clone())),
        );
    }
    let itself = mirrors.iter().enumerate().filter(|(_, mirror)| mirror.to_string() == host.to_string());
    findings.extend(itself.map(|(index, _)| {
        let at = at.then("mirrors").then(index);
        Finding::error(Code::NoEffect, at.clone(), format!("`{host}` is named as a mirror of itself"))
            .label("the registry itself, which comes last anyway")
            .help("remove it, or name another registry")
            .fix_by_removing("remove it", Place::Value(at))
    }));
    findings
}

/// A password for a registry that may be anybody.
fn unverified(plan: &Plan, name: &ServiceName, image: &Image) -> Option<Finding> {
    let Image::Source(ImageSource::Registry { registry: _, digest: _, tls_verify: false, ca: _, id: _, timeout: _ }) =
        image
    else {
        return None;
    };
    let host = image.reference()?.registry();
    plan.registries.get(host)?.password.as_ref()?;
    let at = field(name, "image").then("tls_verify");
    let message = format!("the password for `{host}` would be sent to whoever answers, perhaps without encryption");
    Some(
        Finding::error(Code::PasswordWithoutTls, at.clone(), message)
            .label("nothing is verified")
            .also(Pointer::of(["registries", &host.to_string(), "password"]), "the password")
            .help("name the registry's authority in its `ca`, and write `true`")
            .fix("write true", Place::Value(at), "true"),
    )
}
