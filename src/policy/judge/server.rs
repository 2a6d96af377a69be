//! What a plan does to the server as a whole. Reads nothing, changes nothing.

use super::{Case, only};
use crate::diagnostics::{Code, Finding, Pointer};
use crate::plan::model::{Cleanup, Teardown};
use crate::policy::LogPurge;
use std::time::Duration;

/// The shortest that a clean-up keeps anything.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let mut findings: Vec<_> = [name(case), teardown(case)].into_iter().flatten().collect();
    findings.extend(keys(case));
    findings.extend(cleanup(case));
    findings
}

/// Under the name of another plan, a plan would take its place: its containers, its jobs, its data.
fn name(case: &Case<'_>) -> Option<Finding> {
    let allowed = case.site.policy.plans.as_ref().filter(|allowed| !allowed.contains(&case.plan.name))?;
    let message = format!("the site lets no plan be called `{}`", case.plan.name);
    let at = (Code::ScopeNotAllowed, Pointer::of(["name"]));
    Some(case.forbidden("plans", at, message, "use a name that is allowed").label(only(allowed)))
}

fn teardown(case: &Case<'_>) -> Option<Finding> {
    let asked = &case.plan.teardown;
    let allowed = case.site.policy.teardown.as_ref().filter(|allowed| !allowed.contains(asked))?;
    let words = |scope: &Teardown| match scope {
        Teardown::Plan => "plan",
        Teardown::Node => "node",
    };
    let message = match asked {
        Teardown::Node => "the site lets no plan remove all containers and images of the server",
        Teardown::Plan => "the site lets no plan leave other containers on the server",
    };
    let at = (Code::ScopeNotAllowed, Pointer::of(["teardown"]));
    let names: Vec<_> = allowed.iter().map(words).collect();
    Some(case.forbidden("teardown", at, message.to_owned(), "choose what is allowed").label(only(&names)))
}

fn keys(case: &Case<'_>) -> Vec<Finding> {
    let keys = case.plan.ssh_keys.keys().filter(|_| !case.site.policy.ssh_keys);
    let finding = |key| {
        let at = (Code::KeyNotAllowed, Pointer::of(["ssh_keys"]).then(key));
        let message = format!("the site lets no plan put the key `{key}` into `/root/.ssh`");
        case.forbidden("ssh_keys", at, message, "do without it").at_key().label("root would use it")
    };
    keys.map(finding).collect()
}

fn cleanup(case: &Case<'_>) -> Vec<Finding> {
    let Some(Cleanup { schedule, keep, include_auth }) = &case.plan.maintenance.cleanup else { return Vec::new() };
    let at = Pointer::of(["maintenance", "cleanup"]);
    let mut findings = Vec::new();
    let policy = &case.site.policy;
    let allows = |what| policy.log_purge.as_ref().is_none_or(|allowed| allowed.contains(&what));
    if !allows(LogPurge::Syslog) {
        let message = "the site lets no plan purge the server's log".to_owned();
        let finding = case.forbidden("log_purge", (Code::ScopeNotAllowed, at.clone()), message, "leave `cleanup` out");
        findings.push(finding.at_key().label("the log is the server's"));
    } else if *include_auth && !allows(LogPurge::Auth) {
        let message = "the site lets no plan purge the logs of authentication and audit".to_owned();
        let at = (Code::ScopeNotAllowed, at.then("include_auth"));
        findings.push(case.forbidden("log_purge", at, message, "leave it out").label("they tell who did what"));
    }
    if let Some(shortest) = policy.log_keep {
        let kept = keep.map_or_else(|| schedule.longest_gap(), |keep| keep.as_std()).max(DAY);
        if kept < shortest.as_std() {
            let message = format!("the clean-up would keep entries of the log for {} only", days(kept));
            let at = (Code::ScopeNotAllowed, at.then("keep"));
            let finding = case.forbidden("log_keep", at, message, &format!("write `\"keep\": \"{shortest}\"`"));
            findings.push(finding.label(format!("at least {shortest} is asked for here")));
        }
    }
    findings
}

fn days(time: Duration) -> String {
    match time.as_secs() / DAY.as_secs() {
        1 => "a day".to_owned(),
        days => format!("{days} days"),
    }
}
