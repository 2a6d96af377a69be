//! The course of a run in Chrome's trace event format, for `about:tracing`, Perfetto and others. Reads nothing, changes nothing.

use super::course::{Course, Performed, Program, lanes};
use crate::few::Few;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// The numbers of what a trace calls processes: the groups of lanes that are drawn below one another.
const OPERATIONS: usize = 1;
const PROGRAMS: usize = 2;

/// The document: operations above, each with an arrow from the one that it waited for last; below, the programs.
pub fn trace(course: &Course) -> Value {
    let Course { operations, programs, whole } = course;
    let group =
        |number: usize, name| json!({ "ph": "M", "name": "process_name", "pid": number, "args": { "name": name } });
    let mut events = vec![group(OPERATIONS, "operations"), group(PROGRAMS, "programs")];
    let spans = operations.iter().map(|one| (one.began, one.ended.unwrap_or(*whole)));
    let placed: Vec<_> = operations.iter().zip(lanes(spans)).collect();
    events.extend(placed.iter().map(|(performed, lane)| operation(performed, *lane, *whole)));
    events.extend(arrows(&placed));
    let spans = programs.iter().map(|program| (program.began, program.ended));
    events.extend(programs.iter().zip(lanes(spans)).map(|(ran, lane)| program(ran, lane)));
    json!({ "displayTimeUnit": "ms", "traceEvents": events })
}

fn operation(performed: &Performed, lane: usize, whole: Duration) -> Value {
    let Performed { operation, step, waited_for, ready, began, stopped, ended, failed } = performed;
    json!({
        "ph": "X", "pid": OPERATIONS, "tid": lane, "name": operation, "cat": step.map_or("clean up", |step| step.words()),
        "ts": micros(*began), "dur": micros(ended.unwrap_or(whole).saturating_sub(*began)),
        "args": {
            "waited_for": waited_for,
            "waited_for_a_place_us": micros(began.saturating_sub(*ready)),
            "stopped_us": stopped.map(micros),
            "failed": failed,
        },
    })
}

fn program(ran: &Program, lane: usize) -> Value {
    let Program { command, operation, began, ended } = ran;
    json!({
        "ph": "X", "pid": PROGRAMS, "tid": lane, "name": command, "cat": "program",
        "ts": micros(*began), "dur": micros(ended.saturating_sub(*began)), "args": { "operation": operation },
    })
}

fn arrows(placed: &[(&Performed, usize)]) -> Vec<Value> {
    let above: BTreeMap<_, _> = placed.iter().map(|(one, lane)| (&one.operation, (*one, *lane))).gathered();
    let mut events = Vec::new();
    for (number, (performed, lane)) in placed.iter().enumerate() {
        let Some((waited_for, above)) = performed.waited_for.as_ref().and_then(|id| above.get(id)) else { continue };
        // What it waited for: that something had stopped, or the end.
        let reached = [waited_for.stopped, waited_for.ended].into_iter().flatten();
        let Some(at) = reached.filter(|at| *at <= performed.began).max() else { continue };
        let end = |phase, lane: usize, at| {
            json!({ "ph": phase, "id": number, "pid": OPERATIONS, "tid": lane, "name": "waited for", "cat": "order",
                    "ts": micros(at), "bp": "e" })
        };
        events.extend([end("s", *above, at), end("f", *lane, performed.began)]);
    }
    events
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
