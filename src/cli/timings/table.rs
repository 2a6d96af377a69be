//! The course of a run as lines that people read. Reads nothing, changes nothing.

use super::course::{Course, Performed, Program};
use crate::few::InOrder;
use crate::operation::OperationId;
use std::fmt::Write as _;
use std::time::Duration;

/// Shorter waits for a place are not told.
const TOLD_WAIT: Duration = Duration::from_millis(1);

/// A line for each operation, and for each program that was run for none, in the order in which they began; a last one for all.
pub fn table(course: &Course) -> String {
    let Course { operations, programs, whole } = course;
    let others = programs.iter().filter(|program| program.operation.is_none());
    let others = others.map(|Program { command, operation: _, began, ended }| {
        (
            *began,
            [seconds(*began), seconds(ended.saturating_sub(*began)), "-".to_owned(), String::new(), command.clone()],
        )
    });
    let mut lines: Vec<_> = operations.iter().map(|one| (one.began, line(one, course))).chain(others).collect();
    lines.put_in_order_by_key(|(began, _)| *began);
    let heading = ["began", "took", "operation", "after", "programs"].map(str::to_owned);
    let lines: Vec<_> = [heading].into_iter().chain(lines.into_iter().map(|(_, line)| line)).collect();
    let wide = |of: fn(&[String; 5]) -> &String| lines.iter().map(|line| of(line).chars().count()).max().unwrap_or(0);
    let (operation, after) = (wide(|[_, _, operation, _, _]| operation), wide(|[_, _, _, after, _]| after));
    let mut text = String::new();
    for [began, took, name, waited, ran] in &lines {
        let line = format!("{began:>8}  {took:>8}  {name:<operation$}  {waited:<after$}  {ran}");
        // Writing to a text doesn't fail.
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let _ = writeln!(
        text,
        "{} s in all: {} operations and {} programs; for {} s no program was run",
        seconds(*whole),
        operations.len(),
        programs.len(),
        seconds(course.without_a_program()),
    );
    text
}

fn line(performed: &Performed, course: &Course) -> [String; 5] {
    let Performed { operation, step: _, waited_for, ready, began, stopped: _, ended, failed } = performed;
    let took = match ended {
        Some(ended) => seconds(ended.saturating_sub(*began)),
        None => "-".to_owned(),
    };
    let name = if *failed { format!("{operation} (failed)") } else { operation.to_string() };
    let place = Some(began.saturating_sub(*ready)).filter(|wait| *wait >= TOLD_WAIT);
    let place = place.map(|wait| format!("{} s for a place", seconds(wait)));
    let stopped =
        |id: &&OperationId| course.operations.iter().any(|one| one.operation == **id && one.stopped == Some(*ready));
    let waited_for = waited_for.as_ref().map(|id| format!("{id}{}", if stopped(&id) { " (stopped)" } else { "" }));
    let after: Vec<_> = waited_for.into_iter().chain(place).collect();
    [seconds(*began), took, name, after.join(", then "), ran_for(performed, course)]
}

/// The programs that were run for an operation, each with how long it took.
fn ran_for(performed: &Performed, course: &Course) -> String {
    let Performed { operation, began, ended, .. } = performed;
    // The same operation may have been tried more than once.
    let within = |program: &&Program| {
        program.operation.as_ref() == Some(operation)
            && program.began >= *began
            && ended.is_none_or(|ended| program.began <= ended)
    };
    let told =
        |program: &Program| format!("{} {}", program.command, seconds(program.ended.saturating_sub(program.began)));
    course.programs.iter().filter(within).map(told).collect::<Vec<_>>().join(", ")
}

fn seconds(time: Duration) -> String {
    format!("{:.3}", time.as_secs_f64())
}
