//! What a container may take of the server. Reads nothing, changes nothing.

use super::{Case, only};
use crate::diagnostics::{Code, Finding};
use crate::plan::model::Service;
use crate::plan::values::ServiceName;
use crate::rules::place::{field, service as place_of};
use std::fmt::Display;

pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let services = case.plan.services.iter();
    services
        .flat_map(|(name, service)| amounts(case, name, service).into_iter().chain(kinds(case, name, service)))
        .collect()
}

/// The bounds that each service must have.
fn amounts(case: &Case<'_>, name: &ServiceName, service: &Service) -> Vec<Finding> {
    let policy = &case.site.policy;
    let memory = policy.memory.and_then(|most| {
        let asked = service.memory.map(|asked| (asked.to_string(), asked <= most));
        above(case, name, ("memory", "memory"), (most.to_string(), asked))
    });
    let cpus = policy.cpus.and_then(|most| {
        let asked = service.cpus.map(|asked| (f64::from(asked).to_string(), asked.thousandths() <= most.thousandths()));
        above(case, name, ("cpus", "cpus"), (f64::from(most).to_string(), asked))
    });
    let pids = policy.pids.and_then(|most| {
        let asked = service.pids_limit.map(|asked| (asked.to_string(), asked <= most));
        above(case, name, ("pids", "pids_limit"), (most.to_string(), asked))
    });
    [memory, cpus, pids].into_iter().flatten().collect()
}

/// What a service asks for of something, if it does, and whether that is within bounds.
type Asked = Option<(String, bool)>;

fn above(
    case: &Case<'_>,
    name: &ServiceName,
    (member, wanted): (&str, &str),
    (most, asked): (String, Asked),
) -> Option<Finding> {
    let write = format!("write at most {most}");
    match asked {
        Some((_, true)) => None,
        Some((asked, false)) => {
            let at = (Code::LimitNotAllowed, field(name, wanted));
            let message = format!("`{wanted}` of {asked} is more than the site lets a service have");
            Some(case.forbidden(member, at, message, &write).label(format!("at most {most} is allowed here")))
        }
        None => {
            let at = (Code::LimitNotAllowed, place_of(name));
            let message = format!("the service `{name}` has no `{wanted}`, and the site lets none run without a limit");
            let finding = case.forbidden(member, at, message, &write).at_key();
            Some(finding.label(format!("add `{wanted}`, at most {most}")))
        }
    }
}

fn kinds(case: &Case<'_>, name: &ServiceName, service: &Service) -> Vec<Finding> {
    let policy = &case.site.policy;
    let ulimits = policy.ulimits.as_ref().map(|allowed| {
        let other = service.ulimits.keys().filter(|limit| !allowed.contains(*limit));
        other.map(|limit| other_kind(case, name, "ulimits", (limit, only(allowed)))).collect::<Vec<_>>()
    });
    let sysctls = policy.sysctls.as_ref().map(|allowed| {
        let other = service.sysctls.keys().filter(|setting| !allowed.contains(setting));
        other.map(|setting| other_kind(case, name, "sysctls", (setting, only(allowed)))).collect::<Vec<_>>()
    });
    ulimits.into_iter().chain(sysctls).flatten().collect()
}

fn other_kind(case: &Case<'_>, name: &ServiceName, member: &str, (asked, label): (impl Display, String)) -> Finding {
    let at = (Code::LimitNotAllowed, field(name, member).then(&asked));
    let message = format!("the site lets no service set `{asked}` in `{member}`");
    case.forbidden(member, at, message, "leave it out").at_key().label(label)
}
