//! Who is told, and what would be told to nobody. Reads nothing, changes nothing.

use super::login;
use crate::diagnostics::{Code, Finding, Place, Pointer};
use crate::plan::model::{Mail, Maintenance, Plan, Smtp, Tls};

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let Maintenance { cleanup: _, healthcheck, jobs, mail } = &plan.maintenance;
    let at = Pointer::of(["maintenance"]);
    let Some(mail) = mail else {
        let nobody = |key: &str, message: &str| {
            Finding::warning(Code::NobodyIsTold, at.then(key), message)
                .at_key()
                .label("there is no `mail`")
                .help("add `mail` with `to` and `from`; without it there are only lines in the VSN's log")
        };
        let health = healthcheck.as_ref().map(|_| nobody("healthcheck", "nobody is told of an unhealthy service"));
        let jobs = (!jobs.is_empty()).then(|| nobody("jobs", "nobody is told of a job that fails"));
        return health.into_iter().chain(jobs).collect();
    };
    let Mail { to: _, from: _, smtp, remind, include_output, notify: _ } = mail;
    let mut findings = Vec::new();
    if healthcheck.is_none() {
        let without = |field: &str| {
            Finding::error(Code::NoEffect, at.then("mail").then(field), format!("`{field}` has no effect"))
                .at_key()
                .label("there is no `healthcheck` job")
                .help("add `maintenance.healthcheck`, or remove it")
                .fix_by_removing(format!("remove `{field}`"), Place::Key(at.then("mail").then(field)))
        };
        findings.extend(remind.map(|_| without("remind")));
        findings.extend(include_output.then(|| without("include_output")));
    }
    findings.extend(smtp.iter().flat_map(|smtp| of_server(smtp, &at.then("mail").then("smtp"))));
    findings
}

fn of_server(smtp: &Smtp, at: &Pointer) -> Vec<Finding> {
    let Smtp { host: _, port: _, tls, username, password, ca } = smtp;
    let mut findings: Vec<_> = login::half(at, username.is_some(), password.is_some()).into_iter().collect();
    if *tls == Tls::None {
        findings.extend(password.as_ref().map(|_| {
            Finding::error(Code::PasswordWithoutTls, at.then("tls"), "the password would be sent without encryption")
                .label("nothing is encrypted")
                .also(at.then("password"), "the password")
                .help("write `\"tls\": \"required\"`")
                .fix("write \"required\"", Place::Value(at.then("tls")), "\"required\"")
        }));
        findings.extend(ca.as_ref().map(|_| {
            Finding::error(Code::NoEffect, at.then("ca"), "`ca` has no effect")
                .at_key()
                .label("without encryption there is no certificate")
                .also(at.then("tls"), "no encryption")
                .help("write `\"tls\": \"required\"`, or remove `ca`")
                .fix("write \"required\"", Place::Value(at.then("tls")), "\"required\"")
                .fix_by_removing("remove `ca`", Place::Key(at.then("ca")))
        }));
    }
    findings
}
