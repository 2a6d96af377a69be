//! A program, and what it will have done, for people.

use super::Preview;
use super::lines::{lines, variables};
use crate::cli::review;
use crate::facts::EngineKind;
use crate::operation::{Action, EngineChange, Layout, Operation, OperationId, Program};
use crate::steps::forecast::{Destroyed, DirectoryLater, Downtime, Forecast, Kept, KeptDirectory, Share, Window};
use std::time::Duration;

/// How many things of a kind that is not the plan's are named.
const NAMED: usize = 5;

pub(super) fn text(preview: &Preview<'_>) -> String {
    let Preview { plan, review, layout, engine, program, forecast } = preview;
    let mut text = format!("plan {}\n{}", plan.name, review::told(review));
    let variables = variables(program.operations().map(|operation| &operation.action), (layout, *engine));
    if !variables.is_empty() {
        text.push_str("\nWhat is not literal in the commands stands as a variable:\n");
        variables.iter().for_each(|(name, meaning)| text.push_str(&format!("   {name}: {meaning}\n")));
    }
    text.push_str(&steps(program, (layout, *engine)));
    let Forecast { destroyed, kept, downtime } = forecast;
    text + &told_of_what_is_destroyed(destroyed) + &told_of_what_is_kept(kept) + &told_of_the_downtime(downtime)
}

/// The operations of each step, with what a shell takes for them.
pub(super) fn steps(program: &Program, given: (&Layout, EngineKind)) -> String {
    let mut text = String::new();
    for (number, step) in program.steps.iter().enumerate() {
        text.push_str(&format!("\n{}. {}\n", number + 1, step.name.words()));
        for operation in &step.operations {
            text.push_str(&format!("   {}\n", described(operation)));
            lines(&operation.action, given).iter().for_each(|line| text.push_str(&format!("     {line}\n")));
        }
    }
    text
}

/// What an operation does; of a start, also what it waits for.
fn described(operation: &Operation) -> String {
    let Operation { id: _, after, once_stopped: _, action } = operation;
    let awaited: Vec<&str> = after.iter().map(OperationId::as_str).filter_map(|id| id.strip_prefix("await ")).collect();
    match action {
        Action::Engine(EngineChange::StartContainer { service: _, container: _, boot_guard: _ })
            if !awaited.is_empty() =>
        {
            format!("{action}, after {}", awaited.join(" and "))
        }
        action => action.to_string(),
    }
}

fn told_of_what_is_destroyed(destroyed: &[Destroyed]) -> String {
    let line = |destroyed: &Destroyed| match destroyed {
        Destroyed::Container(name) => format!("the container {name}, with what it wrote outside of data directories"),
        Destroyed::Network(name) => format!("the network {name}"),
        Destroyed::Image { name, unless_image_of: None } => format!("the image {name}"),
        Destroyed::Image { name, unless_image_of: Some(service) } => {
            format!("the image {name}, unless {service} uses it again")
        }
        Destroyed::Secret(name) => format!("the secret {name} in the engine's store"),
        Destroyed::Keys => "the keys that an earlier deployment installed in /root/.ssh".to_owned(),
        Destroyed::Records { keep } => format!("the records of all but the newest {keep} runs"),
    };
    part("destroyed", destroyed.iter().map(line).collect())
}

fn told_of_what_is_kept(kept: &Kept) -> String {
    let Kept { directories, images, containers } = kept;
    let directory = |KeptDirectory { path, later }: &KeptDirectory| match later {
        DirectoryLater::Used => format!("{path}, used as it is"),
        DirectoryLater::Created => format!("{path}, created empty"),
        DirectoryLater::Unused => format!("{path}, which the plan does not use any more"),
    };
    let others = |what: &str, names: &[String]| match names {
        [] => None,
        names if names.len() <= NAMED => Some(format!("{what} {}", names.join(", "))),
        names => {
            let named = names.get(..NAMED).unwrap_or_default().join(", ");
            Some(format!("{what} {named} and {} more", names.len() - NAMED))
        }
    };
    let others = [others("the images", images), others("the containers", containers)];
    part("kept", directories.iter().map(directory).chain(others.into_iter().flatten()).collect())
}

fn told_of_the_downtime(downtime: &Downtime) -> String {
    let Downtime { services, whole, shares, open } = downtime;
    let bounds = |Window { at_least, at_most }: &Window| format!("{} to {}", span(*at_least), span(*at_most));
    let mut lines = vec![if services.is_empty() {
        format!("none: no service of the plan runs. All are up after {}", bounds(whole))
    } else {
        format!("{}, until all are up", bounds(whole))
    }];
    lines.extend(services.iter().map(|(name, window)| format!("{name}: {}", bounds(window))));
    if !shares.is_empty() {
        lines.push("on the longest way:".to_owned());
    }
    let share = |Share { operation: _, description, window, because }: &Share| {
        format!("  {description}: {} ({because})", bounds(window))
    };
    lines.extend(shares.iter().map(share));
    if !open.is_empty() {
        lines.push("and, without a bound, until the images are retrieved".to_owned());
    }
    lines.push(
        "besides, what the engine takes for its commands; whatever takes longer fails and is rolled back".to_owned(),
    );
    part("downtime", lines)
}

fn part(title: &str, lines: Vec<String>) -> String {
    let lines = if lines.is_empty() { vec!["nothing".to_owned()] } else { lines };
    let lines: String = lines.iter().map(|line| format!("   {line}\n")).collect();
    format!("\n{title}\n{lines}")
}

/// `1h2m3.5s`
fn span(span: Duration) -> String {
    let (hours, minutes) = (span.as_secs() / 3600, span.as_secs() / 60 % 60);
    let seconds = (span - Duration::from_secs(span.as_secs() / 60 * 60)).as_secs_f64();
    let part = |count: u64, unit: &str| if count == 0 { String::new() } else { format!("{count}{unit}") };
    let whole = format!("{}{}", part(hours, "h"), part(minutes, "m"));
    if seconds == 0.0 && !whole.is_empty() { whole } else { format!("{whole}{seconds}s") }
}

#[cfg(test)]
mod tests {
    use super::span;
    use pretty_assertions::assert_eq;
    use std::time::Duration;

    #[test]
    fn a_span_is_told_in_the_units_that_it_has() {
        let told = [0, 500, 3_000, 60_000, 61_500, 3_600_000, 3_723_000].map(|ms| span(Duration::from_millis(ms)));
        assert_eq!(told, ["0s", "0.5s", "3s", "1m", "1m1.5s", "1h", "1h2m3s"]);
    }
}
