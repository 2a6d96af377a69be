//! A run whose times are known, told in both forms.

use super::course::{Course, Program, lanes};
use super::{table, trace};
use crate::operation::{HostChange, Operation, OperationId, StepName};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::time::Duration;

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn operation(id: &str, after: &[&str]) -> Operation {
    Operation::new(OperationId::of(id), after.iter().map(OperationId::of), HostChange::Uncommit)
}

fn program(command: &str, operation: Option<&str>, (began, ended): (u64, u64)) -> Program {
    let operation = operation.map(OperationId::of);
    Program { command: command.to_owned(), operation, began: ms(began), ended: ms(ended) }
}

/// Two containers are created side by side; the second has waited for a place. The start of the first fails, and it is dropped.
fn course() -> Course {
    let mut course = Course::default();
    let step = Some(StepName::CreateAndStart);
    course.begin(step, &operation("create network", &["unheard of"]), ms(100));
    course.end(&OperationId::of("create network"), false, ms(150));
    course.begin(step, &operation("create db", &["create network"]), ms(150));
    course.begin(step, &operation("create web", &["create network"]), ms(170));
    course.end(&OperationId::of("create db"), false, ms(300));
    course.begin(step, &operation("start db", &["create db", "create network"]), ms(300));
    course.end(&OperationId::of("start db"), true, ms(420));
    course.begin(None, &operation("drop db", &[]), ms(430));
    course.programs = vec![
        program("podman info", None, (10, 90)),
        program("podman network create", Some("create network"), (101, 130)),
        program("podman create", Some("create db"), (151, 250)),
        program("podman create", Some("create web"), (171, 440)),
        program("podman container inspect", Some("create db"), (255, 299)),
        program("podman start", Some("start db"), (301, 419)),
    ];
    course.whole = ms(500);
    course
}

#[test]
fn each_operation_has_a_line_that_says_what_it_waited_for_and_which_programs_it_ran() {
    let expected = [
        "   began      took  operation          after                                     programs",
        "   0.010     0.080  -                                                            podman info",
        "   0.100     0.050  create network                                               podman network create 0.029",
        "   0.150     0.150  create db          create network                            podman create 0.099, podman container inspect 0.044",
        "   0.170         -  create web         create network, then 0.020 s for a place  podman create 0.269",
        "   0.300     0.120  start db (failed)  create db                                 podman start 0.118",
        "   0.430         -  drop db",
        "0.500 s in all: 5 operations and 6 programs; for 0.102 s no program was run",
    ];
    assert_eq!(table::table(&course()).lines().collect::<Vec<_>>(), expected);
}

/// Of two containers the second is stopped before the first, and removed for longer.
fn removals() -> Course {
    let mut course = Course::default();
    let step = Some(StepName::StopAndDrop);
    let [db, web] = ["drop db", "drop web"].map(OperationId::of);
    course.begin(step, &operation("drop web", &[]), ms(100));
    course.stop(&web, ms(150));
    course.begin(step, &operation("drop db", &[]).once_stopped([web.clone()]), ms(150));
    course.end(&web, false, ms(300));
    course.end(&db, false, ms(400));
    course.begin(step, &operation("create network", &["drop db", "drop web"]), ms(400));
    course.end(&OperationId::of("create network"), false, ms(500));
    course.whole = ms(500);
    course
}

#[test]
fn what_waited_until_something_had_stopped_says_so() {
    let expected = [
        "   began      took  operation       after               programs",
        "   0.100     0.200  drop web",
        "   0.150     0.250  drop db         drop web (stopped)",
        "   0.400     0.100  create network  drop db",
        "0.500 s in all: 3 operations and 0 programs; for 0.500 s no program was run",
    ];
    assert_eq!(table::table(&removals()).lines().collect::<Vec<_>>(), expected);
    let trace = trace::trace(&removals());
    let of = |phase: &str, field: &str| -> Vec<Value> {
        let events = trace["traceEvents"].as_array().unwrap().iter().filter(|event| event["ph"] == phase);
        events.map(|event| event.pointer(field).cloned().unwrap_or_default()).collect()
    };
    assert_eq!(of("X", "/args/stopped_us"), [json!(150_000), json!(null), json!(null)]);
    assert_eq!(
        (of("s", "/ts"), of("f", "/ts")),
        (vec![json!(150_000), json!(400_000)], vec![json!(150_000), json!(400_000)])
    );
}

#[test]
fn the_trace_has_every_operation_and_program_in_a_lane_of_its_own_while_it_lasts_and_arrows_of_what_was_waited_for() {
    let group =
        |pid: usize, name: &str| json!({ "ph": "M", "name": "process_name", "pid": pid, "args": { "name": name } });
    let (create, clean) = ("create and start", "clean up");
    let operation = |name: &str, step: &str, (lane, ts, dur): (usize, u64, u64), waited_for: Value, (place, failed)| {
        let (place, failed): (u64, bool) = (place, failed);
        json!({ "ph": "X", "pid": 1, "tid": lane, "name": name, "cat": step, "ts": ts, "dur": dur,
                "args": { "waited_for": waited_for, "waited_for_a_place_us": place, "stopped_us": null, "failed": failed } })
    };
    let program = |name: &str, operation: Value, (lane, ts, dur): (usize, u64, u64)| {
        json!({ "ph": "X", "pid": 2, "tid": lane, "name": name, "cat": "program", "ts": ts, "dur": dur,
                "args": { "operation": operation } })
    };
    let leaves = |id: u64, lane: usize, ts: u64| json!({ "ph": "s", "id": id, "pid": 1, "tid": lane, "name": "waited for", "cat": "order", "ts": ts, "bp": "e" });
    let arrives = |id: u64, lane: usize, ts: u64| json!({ "ph": "f", "id": id, "pid": 1, "tid": lane, "name": "waited for", "cat": "order", "ts": ts, "bp": "e" });
    let expected = [
        group(1, "operations"),
        group(2, "programs"),
        operation("create network", create, (0, 100_000, 50_000), json!(null), (0, false)),
        operation("create db", create, (0, 150_000, 150_000), json!("create network"), (0, false)),
        operation("create web", create, (1, 170_000, 330_000), json!("create network"), (20_000, false)),
        operation("start db", create, (0, 300_000, 120_000), json!("create db"), (0, true)),
        operation("drop db", clean, (0, 430_000, 70_000), json!(null), (0, false)),
        leaves(1, 0, 150_000),
        arrives(1, 0, 150_000),
        leaves(2, 0, 150_000),
        arrives(2, 1, 170_000),
        leaves(3, 0, 300_000),
        arrives(3, 0, 300_000),
        program("podman info", json!(null), (0, 10_000, 80_000)),
        program("podman network create", json!("create network"), (0, 101_000, 29_000)),
        program("podman create", json!("create db"), (0, 151_000, 99_000)),
        program("podman create", json!("create web"), (1, 171_000, 269_000)),
        program("podman container inspect", json!("create db"), (0, 255_000, 44_000)),
        program("podman start", json!("start db"), (0, 301_000, 118_000)),
    ];
    assert_eq!(trace::trace(&course()), json!({ "displayTimeUnit": "ms", "traceEvents": expected }));
}

#[test]
fn time_without_a_program_is_counted_once_however_programs_overlap() {
    let programs = vec![
        program("a", None, (10, 50)),
        program("b", None, (20, 30)),
        program("c", None, (40, 60)),
        program("d", None, (80, 90)),
    ];
    let course = Course { programs, whole: ms(100), ..Course::default() };
    assert_eq!(course.without_a_program(), ms(10 + 20 + 10));
    assert_eq!(Course { whole: ms(7), ..Course::default() }.without_a_program(), ms(7));
}

#[test]
fn a_lane_is_used_again_as_soon_as_it_is_free() {
    assert_eq!(
        lanes([(0, 10), (5, 7), (6, 20), (7, 9), (10, 11)].map(|(from, to)| (ms(from), ms(to)))),
        [0, 1, 2, 1, 0]
    );
}
