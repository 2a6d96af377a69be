//! Takes out of the plan what `landfall check` would refuse, and lists it with the reason that the check gives. Reads
//! nothing, changes nothing.

use super::Conversion;
use crate::diagnostics::{Code, Document, Finding, Place, Pointer, Severity};
use crate::few::InOrder;
use crate::plan::reading;
use crate::plan::written::{Form, Written};
use crate::rules;

/// What is taken out one by one: often one mistake is gone with another.
const ONE_BY_ONE: usize = 20;

/// After these, all mistakes that are found at once are taken out at once, a few times.
const AT_ONCE: usize = 20;

/// Repeats until the check has nothing to refuse, or nothing that a field of the file is the reason of.
pub fn repair(conversion: &mut Conversion<'_>, plan: &mut Written) {
    for round in 0..ONE_BY_ONE + AT_ONCE {
        let mut found = mistakes(plan);
        if round < ONE_BY_ONE {
            found.truncate(1);
        }
        if found.is_empty() {
            return;
        }
        // The last elements of a list first, so that those before keep their places.
        found.put_in_order_by_key(|(pointer, _)| std::cmp::Reverse(order(pointer)));
        found.dedup_by(|(one, _), (other, _)| one == other);
        for (pointer, finding) in found {
            take_out(conversion, plan, &pointer, finding);
        }
    }
}

fn order(pointer: &Pointer) -> Vec<(usize, String)> {
    pointer.segments().map(|segment| (segment.parse().unwrap_or_default(), segment.to_owned())).collect()
}

fn take_out(conversion: &mut Conversion<'_>, plan: &mut Written, pointer: &Pointer, finding: Finding) {
    let Some(removed) = plan.remove(pointer) else { return };
    let shared = finding.code == Code::SharedVolume;
    let Finding { message, label, help, code: _, severity: _, document: _, place: _, fixes: _, also: _ } = finding;
    let message = match label.as_str() {
        "" => message,
        // The label is the name of one of the services, which is the other one here at times.
        _ if shared => format!("{message}, and one of them writes to it"),
        label => format!("{message}: {label}"),
    };
    if let Some(origin) = removed.origin {
        conversion.ledger.lost_by_id(origin, message, help);
    }
}

/// The errors about what comes from the file, each with the pointer to that.
fn mistakes(plan: &Written) -> Vec<(Pointer, Finding)> {
    let text = plan.laid_out();
    let read = reading::plan("plan.json", text.as_bytes());
    let mut findings = read.findings;
    if let Some(content) = &read.content {
        findings.extend(rules::of_the_plan(content, &read.source, None));
    }
    findings.retain(|finding| finding.severity == Severity::Error && finding.document == Document::Plan);
    // A directory that nobody may use is no matter between two services.
    findings.put_in_order_by_key(|finding| finding.code == Code::SharedVolume);
    let placed = findings.into_iter().filter_map(|finding| {
        let place = if finding.code == Code::SharedVolume { loser(plan, &finding) } else { finding.place.clone() };
        Some((removable(plan, &place)?, finding))
    });
    placed.collect()
}

/// The innermost part on the way to a place that comes from one field of the file.
fn removable(plan: &Written, place: &Place) -> Option<Pointer> {
    let (Place::Value(pointer) | Place::Key(pointer)) = place else { return None };
    let way = plan.way_to(pointer);
    way.into_iter().rev().find(|(_, value)| value.origin.is_some()).map(|(at, _)| at)
}

/// Which of two services has to do without the data of both: one that only reads it, else the later one of the file.
fn loser(plan: &Written, finding: &Finding) -> Place {
    let places = std::iter::once(&finding.place).chain(finding.also.iter().map(|(place, _)| place));
    let rank = |place: &&Place| {
        let Some(volume) = removable(plan, place).and_then(|at| plan.way_to(&at).pop().map(|(_, volume)| volume))
        else {
            return (false, 0);
        };
        let reads = volume.member("read_only").is_some_and(|read_only| read_only.form == Form::Switch(true));
        // Values are numbered in the order of the file.
        (reads, volume.origin.unwrap_or_default())
    };
    places.max_by_key(rank).unwrap_or(&finding.place).clone()
}
