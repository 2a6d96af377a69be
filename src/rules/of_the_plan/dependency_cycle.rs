//! Services that wait for one another. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place, Source};
use crate::plan::model::Plan;
use crate::plan::values::ServiceName;
use crate::rules::place::dependency;
use std::collections::BTreeSet;

pub(super) fn findings(plan: &Plan, source: &Source) -> Vec<Finding> {
    let mut told = BTreeSet::new();
    let mut findings = Vec::new();
    for start in plan.services.keys() {
        let Some(path) = shortest_way_back(plan, start) else { continue };
        if told.insert(path.iter().copied().collect::<BTreeSet<_>>()) {
            findings.push(cycle(&path, source));
        }
    }
    findings
}

/// The services on the shortest way from one back to itself, beginning with it.
fn shortest_way_back<'a>(plan: &'a Plan, start: &'a ServiceName) -> Option<Vec<&'a ServiceName>> {
    let mut ways = vec![vec![start]];
    let mut seen = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            let last = way.last().and_then(|last| plan.services.get(*last));
            for (next, _) in last.into_iter().flat_map(|service| service.depends_on.iter()) {
                if next == start {
                    return Some(way);
                }
                if seen.insert(next) {
                    longer.push(way.iter().copied().chain([next]).collect());
                }
            }
        }
        ways = longer;
    }
    None
}

fn cycle(path: &[&ServiceName], source: &Source) -> Finding {
    let nexts = path.iter().cycle().skip(1);
    let mut waits = path.iter().zip(nexts).map(|(from, to)| (dependency(source, from, to), *from, *to));
    let (Some((first, from, to)), names) = (waits.next(), path.iter().chain(path.first())) else {
        return Finding::host(Code::DependencyCycle, "services wait for one another");
    };
    if path.len() == 1 {
        return Finding::error(Code::DependencyCycle, first.clone(), format!("`{from}` waits for itself"))
            .at_key()
            .help("remove it")
            .fix_by_removing("remove it", Place::Value(first));
    }
    let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    let finding = Finding::error(
        Code::DependencyCycle,
        first.clone(),
        format!("services wait in a circle: {}", names.join(" → ")),
    )
    .at_key()
    .label(format!("`{from}` waits for `{to}`"))
    .help("remove one of these; a service should reconnect rather than wait for what waits for it")
    .fix_by_removing(format!("let `{from}` not wait for `{to}`"), Place::Value(first));
    waits.fold(finding, |finding, (at, from, to)| {
        finding
            .also_key(at.clone(), format!("`{from}` waits for `{to}`"))
            .fix_by_removing(format!("let `{from}` not wait for `{to}`"), Place::Value(at))
    })
}
