//! What a service waits for, and whether that can come to pass. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Pointer, Source};
use crate::plan::model::{Condition, Dependency, Plan, Service};
use crate::plan::schema::nearest;
use crate::plan::values::ServiceName;
use crate::rules::place::{dependency, field, service};

pub(super) fn findings(plan: &Plan, source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, waiting) in &plan.services {
        for (other, expected) in waiting.depends_on.iter() {
            let waiting = Waiting { name, other, at: dependency(source, name, other) };
            match plan.services.get(other) {
                None => findings.push(unknown(plan, waiting.at, other).at_key()),
                Some(awaited) => findings.extend(waiting.judged(expected, awaited)),
            }
        }
    }
    for (name, job) in plan.jobs() {
        let at = Pointer::of(["maintenance", "jobs", name.as_str(), "service"]);
        match plan.services.get(&job.service) {
            None => findings.push(unknown(plan, at, &job.service)),
            Some(service) if service.one_shot() => findings.push(job_in_one_shot(at, &job.service)),
            Some(_) => {}
        }
    }
    findings
}

/// One service that waits for another.
struct Waiting<'a> {
    name: &'a ServiceName,
    other: &'a ServiceName,
    at: Pointer,
}

impl Waiting<'_> {
    fn judged(&self, dependency: &Dependency, awaited: &Service) -> Vec<Finding> {
        let Dependency { condition, timeout } = dependency;
        let mut findings = Vec::new();
        let other = self.other;
        match (condition, awaited.one_shot()) {
            (Condition::ServiceHealthy, true) => findings.push(
                Finding::error(
                    Code::ConditionNeverMet,
                    self.at.clone(),
                    format!("`{}` waits for `{other}` to be healthy, but `{other}` is a one-shot", self.name),
                )
                .label("a one-shot ends; it is never healthy")
                .also(field(other, "restart"), "a one-shot")
                .help(format!("write `\"{other}\": {{ \"condition\": \"service_completed_successfully\" }}`")),
            ),
            (Condition::ServiceCompletedSuccessfully, false) => findings.push(
                Finding::error(
                    Code::ConditionNeverMet,
                    self.at.clone(),
                    format!("`{}` waits for `{other}` to complete, but `{other}` never ends", self.name),
                )
                .label("only a one-shot completes")
                .also_key(service(other), "started again whenever it ends")
                .help(format!("give `{other}` `\"restart\": \"no\"`, or wait for `service_healthy`")),
            ),
            (Condition::ServiceHealthy, false) | (Condition::ServiceCompletedSuccessfully, true) => {}
        }
        if timeout.is_some() && *condition == Condition::ServiceHealthy {
            let finding = Finding::error(Code::NoEffect, self.at.then("timeout"), "`timeout` has no effect here");
            findings.push(finding.label("it bounds a one-shot").help(format!(
                "remove it; how long `{other}` may take to become healthy follows from its `healthcheck`"
            )));
        }
        findings
    }
}

fn unknown(plan: &Plan, at: Pointer, name: &ServiceName) -> Finding {
    let known: Vec<_> = plan.services.keys().map(ServiceName::as_str).collect();
    let help = match (nearest(name.as_str(), &known), known.as_slice()) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, [only]) => format!("the only service is `{only}`"),
        (None, known) => format!("the services are `{}`", known.join("`, `")),
    };
    Finding::error(Code::UnknownService, at, format!("there is no service `{name}`")).help(help)
}

fn job_in_one_shot(at: Pointer, name: &ServiceName) -> Finding {
    Finding::error(Code::ConditionNeverMet, at, format!("the job runs in `{name}`, which is a one-shot"))
        .label("no container runs there when the job fires")
        .also(field(name, "restart"), "a one-shot")
        .help("name a service that stays up")
}
