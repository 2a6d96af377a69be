//! What starts first, and what happens when a process ends. Reads nothing, changes nothing.

use super::image::put;
use super::service::Field;
use super::tree::{Kind, Node};
use super::{Conversion, Fate, Planned, quantities};
use crate::plan::written::Written;

/// How a policy is written that starts nothing again.
const NEVER: [&str; 3] = ["no", "false", "none"];

/// Takes over what a service waits for. How it ends is taken over by [`lifetime`].
pub fn field<'a>(conversion: &mut Conversion<'a>, field: Field<'_, 'a>, service: &mut Written) -> bool {
    let Field { planned: _, name, node } = field;
    match name {
        "depends_on" => put(service, "depends_on", depends_on(conversion, node)),
        "restart" => {}
        _ => return false,
    }
    true
}

fn waits_for<'a>(planned: &Planned<'a>, condition: &'a str) -> impl Iterator<Item = &'a str> {
    let members = planned.node.member("depends_on").map(Node::members).unwrap_or_default();
    let meets = move |value: &Node| value.member("condition").and_then(Node::text) == Some(condition);
    members.iter().filter(move |(_, value)| meets(value)).map(|(name, _)| name.as_str())
}

fn policy<'a>(planned: &Planned<'a>) -> Option<(&'a Node, &'a str)> {
    let deploy = || planned.node.member("deploy")?.member("restart_policy")?.member("condition");
    let node = planned.node.member("restart").or_else(deploy)?;
    Some((node, node.text()?))
}

/// A service is a one-shot if another waits until it is done, or if nothing but its end can be waited for.
pub fn tell_one_shots_apart(conversion: &mut Conversion<'_>) {
    let services = conversion.services.clone();
    let awaited = |condition: &'static str, name: &str| {
        services.iter().any(|other| waits_for(other, condition).any(|awaited| awaited == name))
    };
    for planned in &mut conversion.services {
        let never = policy(planned).is_some_and(|(_, policy)| NEVER.contains(&policy));
        let stays = planned.node.member("ports").is_some()
            || planned.node.member("healthcheck").is_some()
            || awaited("service_healthy", planned.compose);
        planned.one_shot = awaited("service_completed_successfully", planned.compose) || never && !stays;
    }
}

/// `restart`, and what is to be known where the file doesn't say it.
pub fn lifetime<'a>(conversion: &mut Conversion<'a>, planned: &Planned<'a>, service: &mut Written) {
    let policy = policy(planned);
    if planned.one_shot {
        let value = Written::text("no");
        match policy {
            Some((node, text)) if NEVER.contains(&text) => {
                conversion.ledger.carried(node);
                service.put("restart", value.out_of(node.id));
            }
            Some((node, _)) => {
                conversion.ledger.changed(node, "other services wait until it is done, so it runs once", "");
                service.put("restart", value);
            }
            None => service.put("restart", value),
        }
        return;
    }
    let Some((node, text)) = policy else {
        let clear = ["ports", "healthcheck"].into_iter().any(|field| planned.node.member(field).is_some());
        if !clear {
            let message = "no `restart` is written: Compose leaves the service ended when its process ends, a plan starts it again";
            conversion.ledger.remark(
                planned.node,
                Fate::Changed,
                message,
                "write `\"restart\": \"no\"` if it is to run once",
            );
        }
        return;
    };
    match text {
        "always" | "any" | "unless-stopped" => {
            conversion.ledger.carried(node);
            service.put("restart", Written::text("always").out_of(node.id));
        }
        text if text.split(':').next() == Some("on-failure") => {
            conversion.ledger.carried(node);
            service.put("restart", Written::text("on-failure").out_of(node.id));
            if text.contains(':') {
                conversion.ledger.remark(node, Fate::Lost, "how often it is started again has no limit in a plan", "");
            }
        }
        text if NEVER.contains(&text) => {
            let message = "the service is started again when its process ends: one that is not is a one-shot in a plan, \
                which has no ports and no health check";
            conversion.ledger.changed(node, message, "");
        }
        other => {
            conversion.ledger.lost(node, format!("`{other}` is no restart policy"), "write `always` or `on-failure`")
        }
    }
}

fn depends_on<'a>(conversion: &mut Conversion<'a>, node: &'a Node) -> Option<Written> {
    let mut awaited = Vec::new();
    match &node.kind {
        Kind::Map(members) => {
            for (name, value) in members {
                let condition = value.member("condition").and_then(Node::text).unwrap_or("service_started");
                if let Some((service, condition)) = one(conversion, (name, condition), value) {
                    awaited.push((service, condition, value.id));
                }
                details(conversion, value);
            }
        }
        Kind::Scalar(_) | Kind::List(_) => {
            for element in conversion.elements(node) {
                let Some(name) = conversion.text(element) else { continue };
                if let Some((service, condition)) = one(conversion, (name, "service_started"), element) {
                    awaited.push((service, condition, element.id));
                }
            }
        }
    }
    if node.is_leaf() && !node.is_null() && node.scalar().is_none() && node.elements().is_empty() {
        conversion.ledger.needless(node, "nothing is written here");
    }
    if awaited.is_empty() {
        return None;
    }
    if awaited.iter().all(|(_, condition, _)| *condition == HEALTHY) {
        let names = awaited.into_iter().map(|(name, _, origin)| Written::text(name).out_of(origin));
        return Some(Written::list(names.collect()));
    }
    let mut conditions = Written::object();
    for (name, condition, origin) in awaited {
        conditions.put(&name, Written::object().with("condition", Written::text(condition)).out_of(origin));
    }
    Some(conditions)
}

const HEALTHY: &str = "service_healthy";
const COMPLETED: &str = "service_completed_successfully";

/// The service in the plan, and the condition.
fn one(
    conversion: &mut Conversion<'_>,
    (name, condition): (&str, &str),
    node: &Node,
) -> Option<(String, &'static str)> {
    let Some((other, one_shot)) = conversion.planned(name).map(|other| (other.name.to_string(), other.one_shot)) else {
        conversion.ledger.lost(node, format!("the plan has no service `{name}`"), "");
        return None;
    };
    conversion.ledger.carried(node);
    let waits = match (condition, one_shot) {
        (COMPLETED, _) | (_, true) => COMPLETED,
        (_, false) => HEALTHY,
    };
    match condition {
        HEALTHY | COMPLETED => {}
        "service_started" => {
            let state = if one_shot { "done" } else { "healthy" };
            let message =
                format!("the plan waits until `{other}` is {state}, where Compose waits until it has started");
            conversion.ledger.remark(node, Fate::Changed, message, "");
        }
        unknown => {
            conversion.ledger.lost(node, format!("`{unknown}` is no condition"), "write `service_healthy`");
            return None;
        }
    }
    Some((other, waits))
}

fn details<'a>(conversion: &mut Conversion<'a>, node: &'a Node) {
    for (name, value) in node.members() {
        match (name.as_str(), value.switch()) {
            ("condition", _) => {}
            ("restart", Some(false)) | ("required", Some(true)) => {
                conversion.ledger.uncarried(value);
                conversion.ledger.needless(value, "it is the default");
            }
            ("restart", _) => {
                conversion.ledger.uncarried(value);
                let message = "a service is not started again because another one was";
                conversion.ledger.lost(value, message, "let the program connect again by itself");
            }
            ("required", _) => {
                conversion.ledger.uncarried(value);
                let message = "what a service of a plan waits for is there, and has to become healthy";
                conversion.ledger.lost(value, message, "");
            }
            (other, _) => {
                conversion.ledger.uncarried(value);
                conversion.ledger.lost(value, format!("a dependency has no `{other}`"), "");
            }
        }
    }
}

/// `deploy.restart_policy`, of which the condition is taken over by [`lifetime`].
pub fn policy_details<'a>(conversion: &mut Conversion<'a>, planned: &Planned<'a>, node: &'a Node) {
    let written = planned.node.member("restart").is_some();
    for (name, value) in conversion.members(node) {
        match name.as_str() {
            "condition" if written => {
                conversion.ledger.needless(value, "`restart` says it already");
            }
            "condition" => {}
            "delay" | "window" | "max_attempts" => {
                let known = value.text().and_then(quantities::milliseconds) == Some(0);
                if known {
                    conversion.ledger.needless(value, "it is the default");
                } else {
                    let message = "how often, and after how long, a service is started again is the engine's matter";
                    conversion.ledger.lost(value, message, "");
                }
            }
            other => conversion.ledger.lost(value, format!("a plan has no `{other}` for starting again"), ""),
        }
    }
}
