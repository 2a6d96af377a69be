//! Services that wait for one another. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place, Source};
use crate::few::Few;
use crate::plan::model::Plan;
use crate::plan::values::ServiceName;
use crate::rules::place::dependency;
use std::collections::{BTreeMap, BTreeSet, VecDeque, btree_map::Entry};

pub(super) fn findings(plan: &Plan, source: &Source) -> Vec<Finding> {
    let mut told = BTreeSet::new();
    let mut findings = Vec::new();
    for start in in_or_before_a_circle(plan) {
        if told.contains(start) {
            continue;
        }
        let Some(path) = shortest_way_back(plan, start) else { continue };
        findings.push(cycle(&path, source));
        told.extend(path);
    }
    findings
}

/// The services that are left when those that wait for nothing left are taken away again and again.
fn in_or_before_a_circle(plan: &Plan) -> BTreeSet<&ServiceName> {
    let mut left: BTreeSet<_> = plan.services.keys().gathered();
    let mut waits_for: BTreeMap<&ServiceName, usize> = BTreeMap::new();
    let mut awaited_by: BTreeMap<&ServiceName, Vec<&ServiceName>> = BTreeMap::new();
    for (name, service) in &plan.services {
        for (other, _) in service.depends_on.iter().filter(|(other, _)| plan.services.contains_key(*other)) {
            *waits_for.entry(name).or_default() += 1;
            awaited_by.entry(other).or_default().push(name);
        }
    }
    let mut ready: Vec<_> = plan.services.keys().filter(|name| !waits_for.contains_key(name)).collect();
    while let Some(name) = ready.pop() {
        left.remove(name);
        for waiting in awaited_by.remove(name).into_iter().flatten() {
            if let Some(number) = waits_for.get_mut(waiting) {
                *number -= 1;
                if *number == 0 {
                    ready.push(waiting);
                }
            }
        }
    }
    left
}

/// The services on the shortest way from one back to itself, beginning with it.
fn shortest_way_back<'a>(plan: &'a Plan, start: &'a ServiceName) -> Option<Vec<&'a ServiceName>> {
    let mut reached_from: BTreeMap<&ServiceName, &ServiceName> = BTreeMap::new();
    let mut waiting = VecDeque::from([start]);
    while let Some(name) = waiting.pop_front() {
        for (next, _) in plan.services.get(name).into_iter().flat_map(|service| service.depends_on.iter()) {
            if next == start {
                let back = std::iter::successors(Some(name), |name| reached_from.get(*name).copied());
                let mut way: Vec<_> = back.collect();
                way.reverse();
                return Some(way);
            }
            if let Entry::Vacant(entry) = reached_from.entry(next) {
                entry.insert(name);
                waiting.push_back(next);
            }
        }
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
            .label("it would never start")
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
