//! Texts that can't be handed on as they are. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place, Pointer};
use crate::plan::model::{Image, ImageSource, Plan, Probe, Service};
use crate::plan::values::ServiceName;
use crate::rules::place::{field, service};

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let mut findings: Vec<_> = plan.services.iter().flat_map(|(name, service)| of_service(name, service)).collect();
    for (name, job) in plan.jobs() {
        findings.extend(program(&job.exec, &Pointer::of(["maintenance", "jobs", name.as_str(), "exec"])));
    }
    let smtp = plan.maintenance.mail.as_ref().and_then(|mail| mail.smtp.as_ref());
    if let Some(username) = smtp.and_then(|smtp| smtp.username.as_ref()) {
        let at = Pointer::of(["maintenance", "mail", "smtp", "username"]);
        findings.extend(one_line(username, at, "username"));
    }
    for (host, registry) in &plan.registries {
        let Some(username) = &registry.username else { continue };
        let at = Pointer::of(["registries", &host.to_string(), "username"]);
        findings.extend(one_line(username, at.clone(), "username"));
        if username.contains(':') {
            findings.push(
                Finding::error(Code::WrongForm, at, "the account's name has a colon")
                    .label("registries take what follows a colon for the password")
                    .help("write the name without a password"),
            );
        }
    }
    findings
}

fn of_service(name: &ServiceName, described: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(entrypoint) = &described.entrypoint {
        findings.extend(program(entrypoint, &field(name, "entrypoint")));
    }
    if let Some(Probe::Exec(command)) = described.healthcheck.as_ref().map(|check| &check.probe) {
        findings.extend(program(command, &field(name, "healthcheck").then("exec")));
    }
    for (setting, value) in &described.sysctls {
        let at = field(name, "sysctls").then(setting);
        if value.trim().is_empty() {
            findings.push(
                Finding::error(Code::WrongForm, at.clone(), format!("the setting `{setting}` has no value"))
                    .label("nothing to set it to")
                    .help("write its value, or remove it")
                    .fix_by_removing("remove it", Place::Key(at)),
            );
        } else {
            findings.extend(one_line(value, at, setting.as_str()));
        }
    }
    if let Image::Source(ImageSource::Build { args, build: _, file: _, target: _, id: _, timeout: _ }) =
        &described.image
    {
        for argument in args.keys().filter(|argument| argument.is_empty() || argument.contains('=')) {
            let at = service(name).then("image").then("args").then(argument);
            let message = format!("`{}` is not the name of a build argument", argument.escape_debug());
            findings.push(Finding::error(Code::WrongForm, at, message).at_key().label("without `=`, and not empty"));
        }
    }
    findings
}

fn program(command: &[String], at: &Pointer) -> Option<Finding> {
    command.first().filter(|first| first.is_empty())?;
    let finding = Finding::error(Code::WrongForm, at.then(0), "the program has an empty name").label("no program");
    Some(finding.help("name the program first, then its arguments, each as a text of its own"))
}

fn one_line(text: &str, at: Pointer, what: &str) -> Option<Finding> {
    let message = format!("`{what}` has a control character");
    text.chars().any(char::is_control).then(|| {
        Finding::error(Code::WrongForm, at, message).label("a line break, perhaps").help("write it on one line")
    })
}
