//! What a service waits for, and whether that can come to pass. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place, Pointer, Source};
use crate::few::Few;
use crate::plan::model::{Condition, Dependencies, Dependency, Plan, Service};
use crate::plan::schema::{nearest, spaced};
use crate::plan::values::ServiceName;
use crate::rules::place::{dependency, field, service};
use serde_json::{Map, Value, json};

pub(super) fn findings(plan: &Plan, source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, waiting) in &plan.services {
        for (other, expected) in waiting.depends_on.iter() {
            let at = dependency(source, name, other);
            let listed = source.span_at(&at).is_some_and(|span| span.key.is_none());
            let waiting = Waiting { name, other, at, listed: listed.then_some(&waiting.depends_on) };
            match plan.services.get(other) {
                None => {
                    let finding = unknown(plan, waiting.at, other);
                    findings.push(if listed { finding } else { finding.at_key() });
                }
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
    /// All that the service waits for, where it is written as a list.
    listed: Option<&'a Dependencies>,
}

impl Waiting<'_> {
    /// Where to write that its end is waited for, and what. A list has no conditions, so it becomes an object.
    fn condition(&self) -> (Place, String) {
        let completed = "service_completed_successfully";
        let Some(all) = self.listed else {
            return (Place::Value(self.at.then("condition")), format!("\"{completed}\""));
        };
        let condition = |name: &ServiceName| if name == self.other { completed } else { "service_healthy" };
        let conditions: Map<_, _> =
            all.iter().map(|(name, _)| (name.to_string(), json!({ "condition": condition(name) }))).gathered();
        (Place::Value(field(self.name, "depends_on")), spaced(&Value::Object(conditions)))
    }

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
                .help(format!("write `\"{other}\": {{ \"condition\": \"service_completed_successfully\" }}`"))
                .fix("wait for its end", self.condition().0, self.condition().1),
            ),
            (Condition::ServiceCompletedSuccessfully, false) => findings.push(
                Finding::error(
                    Code::ConditionNeverMet,
                    self.at.clone(),
                    format!("`{}` waits for `{other}` to complete, but `{other}` never ends", self.name),
                )
                .label("only a one-shot completes")
                .also_key(service(other), "started again whenever it ends")
                .help(format!("give `{other}` `\"restart\": \"no\"`, or wait for `service_healthy`"))
                .fix("wait for its health", Place::Value(self.at.then("condition")), "\"service_healthy\"")
                .fix(format!("run `{other}` once"), Place::Value(field(other, "restart")), "\"no\""),
            ),
            (Condition::ServiceHealthy, false) | (Condition::ServiceCompletedSuccessfully, true) => {}
        }
        if timeout.is_some() && *condition == Condition::ServiceHealthy {
            let at = self.at.then("timeout");
            let finding = Finding::error(Code::NoEffect, at.clone(), "`timeout` has no effect here");
            findings.push(
                finding
                    .label("it bounds a one-shot")
                    .help(format!(
                        "remove it; how long `{other}` may take to become healthy follows from its `healthcheck`"
                    ))
                    .fix_by_removing("remove `timeout`", Place::Key(at)),
            );
        }
        findings
    }
}

fn unknown(plan: &Plan, at: Pointer, name: &ServiceName) -> Finding {
    let known: Vec<_> = plan.services.keys().map(ServiceName::as_str).collect();
    let near = nearest(name.as_str(), &known);
    let help = match (near, known.as_slice()) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, [only]) => format!("the only service is `{only}`"),
        (None, known) => format!("the services are `{}`", known.join("`, `")),
    };
    let finding = Finding::error(Code::UnknownService, at.clone(), format!("there is no service `{name}`"))
        .label("not among the services of this plan")
        .help(help);
    match near {
        Some(near) => finding.fix(format!("write `{near}`"), Place::Value(at), Value::from(near)),
        None => finding,
    }
}

fn job_in_one_shot(at: Pointer, name: &ServiceName) -> Finding {
    Finding::error(Code::ConditionNeverMet, at, format!("the job runs in `{name}`, which is a one-shot"))
        .label("no container runs there when the job fires")
        .also(field(name, "restart"), "a one-shot")
        .help("name a service that stays up")
}
