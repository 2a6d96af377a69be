//! What other plans that are deployed on this server have. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place, Pointer, Severity};
use crate::facts::Facts;
use crate::plan::model::{Plan, Teardown, Volume};
use crate::plan::reading;
use crate::plan::values::PlanName;
use crate::rules::place::element;

pub(super) fn findings(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, saved) in facts.saved.iter().filter(|(name, _)| **name != plan.name) {
        findings.extend(dedicated(plan, name));
        match reading::plan(name.as_str(), saved.plan.as_bytes()).content {
            Some(other) => {
                findings.extend(cleanup(plan, &other));
                findings.extend(data(plan, &other));
            }
            None => {
                let message = format!("the saved plan `{name}` can't be read");
                let mut finding = Finding::host(Code::SavedPlanUnreadable, message)
                    .label("so it is not known which data it uses")
                    .help(format!("deploy `{name}` again, or tear it down"));
                finding.severity = Severity::Warning;
                findings.push(finding);
            }
        }
    }
    findings
}

fn dedicated(plan: &Plan, other: &PlanName) -> Option<Finding> {
    let at = Pointer::of(["teardown"]);
    let message = format!("the plan `{other}` is deployed here too");
    match plan.teardown {
        Teardown::Plan => None,
        Teardown::Node => Some(
            Finding::error(Code::NotDedicated, at.clone(), message)
                .fix("write \"plan\"", Place::Value(at), "\"plan\"")
                .label("`node` would dispose of its containers")
                .help(format!("write `plan`, or tear the other one down first: `landfall teardown {other}`")),
        ),
    }
}

fn cleanup(plan: &Plan, other: &Plan) -> Option<Finding> {
    plan.maintenance.cleanup.as_ref()?;
    other.maintenance.cleanup.as_ref()?;
    let message = format!("the plan `{}` cleans this server's log already", other.name);
    Some(
        Finding::error(Code::CleanupOwned, Pointer::of(["maintenance", "cleanup"]), message)
            .at_key()
            .label("one plan of a server owns the cleanup")
            .help("remove `cleanup` from one of the two")
            .fix_by_removing("remove `cleanup`", Place::Key(Pointer::of(["maintenance", "cleanup"]))),
    )
}

fn data(plan: &Plan, other: &Plan) -> Vec<Finding> {
    let theirs: Vec<_> =
        other.services.iter().flat_map(|(name, of_it)| of_it.volumes.iter().map(move |v| (name, v))).collect();
    let mut findings = Vec::new();
    for (name, service) in &plan.services {
        for (index, volume) in service.volumes.iter().enumerate() {
            let nested = |their: &Volume| {
                (their.source.contains(&volume.source) || volume.source.contains(&their.source))
                    && !(their.read_only && volume.read_only)
            };
            let Some((service, their)) = theirs.iter().find(|(_, their)| nested(their)) else { continue };
            let at = element(name, "volumes", index).then("source");
            let message = format!("`{}` is data of the plan `{}`", volume.source, other.name);
            findings.push(
                Finding::error(Code::DataOfAnotherPlan, at, message)
                    .label(format!("its service `{service}` uses `{}`", their.source))
                    .help("use another directory, or make both `\"read_only\": true`"),
            );
        }
    }
    findings
}
