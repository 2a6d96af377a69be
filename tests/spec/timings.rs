//! Where the time of a deployment went.

use std::collections::BTreeSet;

use pretty_assertions::assert_eq;
use serde_json::Value;

use crate::plans::{secrets, shop};
use crate::support::{PLAN, SECRETS, Vsn};

const TRACE: &str = "/srv/trace.json";

/// The names of the events of a trace that lie in this group of lanes.
fn names(trace: &Value, group: &str) -> BTreeSet<String> {
    let events = trace["traceEvents"].as_array().unwrap();
    let number = |event: &&Value| event["ph"] == "M" && event["args"]["name"] == group;
    let pid = &events.iter().find(number).unwrap()["pid"];
    let spans = events.iter().filter(|event| event["ph"] == "X" && event["pid"] == *pid);
    spans.map(|event| event["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_operation_of_a_deployment_is_in_its_timings_with_the_programs_that_it_ran() {
    let vsn = Vsn::start();
    vsn.write_secrets(&secrets());
    vsn.write_plan(&shop());
    let timings = format!("--timings={TRACE}");

    let output = vsn.landfall(["deploy", PLAN, "--secrets", SECRETS, "--format", "json", &timings]);

    assert_eq!(output.status, Some(0), "{output:?}");
    let run = vsn.runs("shop").pop().unwrap();
    let program: Value = serde_json::from_str(&vsn.must(["cat", &format!("{run}/program.json")])).unwrap();
    let steps = program["steps"].as_array().unwrap().iter();
    let operations = steps.flat_map(|step| step["operations"].as_array().unwrap());
    let operations: BTreeSet<_> = operations.map(|operation| operation["id"].as_str().unwrap().to_owned()).collect();
    let text = vsn.must(["cat", TRACE]);
    let trace: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(names(&trace, "operations"), operations);
    let engine = vsn.engine();
    let (info, start) = (format!("{engine} info"), format!("{engine} start"));
    assert!(names(&trace, "programs").is_superset(&BTreeSet::from([info, start.clone()])), "{text}");
    let line = output.stderr.lines().find(|line| line.contains("  start web ")).unwrap();
    assert!(line.contains("await db") || line.contains("await migrate") || line.contains("create web"), "{line}");
    assert!(line.contains(&start), "{line}");
    assert_eq!((text.contains("hunter2"), output.stderr.contains("hunter2")), (false, false));
}

#[test]
fn a_trace_that_would_replace_a_file_is_refused_before_anything_is_changed() {
    let vsn = Vsn::start();
    vsn.write_secrets(&secrets());
    vsn.write_plan(&shop());
    vsn.must(["touch", TRACE]);
    let before = vsn.snapshot();

    let output = vsn.landfall(["deploy", PLAN, "--secrets", SECRETS, &format!("--timings={TRACE}")]);

    let told = format!("{TRACE} exists: it is not replaced by the trace of this run");
    assert_eq!((output.status, output.stderr.contains(&told)), (Some(1), true), "{output:?}");
    assert_eq!(vsn.snapshot(), before);
    assert_eq!(vsn.must(["cat", TRACE]), "");
}
