//! Findings and what there is to know of the plans, for people and as data.

use super::overview::{Firings, Overview};
use crate::cli::review;
use crate::diagnostics::Severity;
use crate::diagnostics::report::{self, Report, Style};
use crate::plan::model::Volume;
use jiff::Zoned;
use serde_json::{Value, json};

/// The findings as the README has them, and with them `plans`: each plan's file, whether it is right, and its overview if so.
pub fn json(reports: &[Report<'_>], plans: &[(&str, Option<Overview>)]) -> Value {
    let plan = |(file, overview): &(&str, Option<Overview>)| {
        let mut plan = json!({ "file": file, "valid": overview.is_some() });
        if let (Some(plan), Some(Value::Object(overview))) =
            (plan.as_object_mut(), overview.as_ref().map(Overview::json))
        {
            plan.extend(overview);
        }
        plan
    };
    let mut document = report::json_of_all(reports);
    if let Some(document) = document.as_object_mut() {
        document.insert("plans".to_owned(), plans.iter().map(plan).collect());
    }
    document
}

/// The findings, then each plan: at length if it is the only one.
pub fn human(reports: &[Report<'_>], plans: &[(&str, Option<Overview>)], style: &Style) -> String {
    let mut text = report::human_of_all(reports, style);
    let told: Vec<String> = match plans {
        [(file, Some(overview))] => vec![at_length(file, overview)],
        [(_, None)] => Vec::new(),
        several => several.iter().map(|(file, overview)| in_a_line(file, overview.as_ref(), reports)).collect(),
    };
    if !text.is_empty() && !told.is_empty() {
        text.push('\n');
    }
    text + &told.concat()
}

fn in_a_line(file: &str, overview: Option<&Overview>, reports: &[Report<'_>]) -> String {
    let Some(overview) = overview else {
        let own = reports.iter().filter(|report| report.plan.is_some_and(|plan| plan.name() == file));
        let errors = own.flat_map(|report| report.findings).filter(|finding| finding.severity == Severity::Error);
        return match errors.count() {
            0 if reports.iter().any(|report| report.policy.is_some() && !report.is_valid()) => {
                format!("{file} is valid, but the policy is not\n")
            }
            0 => format!("{file} is valid, but its secrets are not\n"),
            1 => format!("{file} is not valid: 1 error\n"),
            errors => format!("{file} is not valid: {errors} errors\n"),
        };
    };
    let Overview { name, review, start_order, images: _, ports: _, volumes: _, schedules: _ } = overview;
    format!(
        "{file} is valid: {name}, {}, {}\n",
        counted(start_order),
        review.hash().unwrap_or_else(|| "no hash".to_owned())
    )
}

fn at_length(file: &str, overview: &Overview) -> String {
    let Overview { name, review, start_order, images, ports, volumes, schedules } = overview;
    let mut text = format!("{file} is valid: {name}, {}\n\n", counted(start_order));
    let waves = start_order.iter().enumerate().map(|(index, names)| format!("{}. {}", index + 1, names.join(", ")));
    section(&mut text, "start order", waves.collect());
    section(&mut text, "images", columns(images.iter().map(|(service, _, image)| [service.clone(), image.clone()])));
    section(&mut text, "ports", columns(ports.iter().map(|(service, port)| [service.clone(), port.clone()])));
    section(&mut text, "data", columns(volumes.iter().map(|(service, volume)| [service.clone(), directory(volume)])));
    section(&mut text, "schedules", columns(schedules.iter().map(firings)));
    section(&mut text, "hash", vec![review::hash(review)]);
    text
}

fn counted(start_order: &[Vec<String>]) -> String {
    match start_order.iter().map(Vec::len).sum::<usize>() {
        1 => "1 service".to_owned(),
        services => format!("{services} services"),
    }
}

/// Lines behind one lead.
fn section(text: &mut String, lead: &str, lines: Vec<String>) {
    for (index, line) in lines.into_iter().enumerate() {
        let lead = if index == 0 { lead } else { "" };
        text.push_str(&format!("  {lead:<13}{line}\n"));
    }
}

/// Lines of which the first words stand below one another.
fn columns(rows: impl Iterator<Item = [String; 2]>) -> Vec<String> {
    let rows: Vec<_> = rows.collect();
    let width = rows.iter().map(|[first, _]| first.chars().count()).max().unwrap_or(0);
    rows.iter().map(|[first, second]| format!("{first:<width$}  {second}")).collect()
}

fn directory(volume: &Volume) -> String {
    let Volume { source, target, read_only, owner: _, mode: _, mountpoint } = volume;
    let how = match (read_only, mountpoint) {
        (true, true) => " (read-only, a disk of its own)",
        (true, false) => " (read-only)",
        (false, true) => " (a disk of its own)",
        (false, false) => "",
    };
    format!("{source} at {target}{how}")
}

/// `cleanup  @weekly: Sun 2026-11-22 00:00 +01:00, … (Europe/Berlin)`.
fn firings(firings: &Firings) -> [String; 2] {
    let Firings { name, schedule, next } = firings;
    let zone =
        next.first().and_then(|at| at.time_zone().iana_name()).map_or_else(String::new, |zone| format!(" ({zone})"));
    let next: Vec<_> = next.iter().map(|at: &Zoned| at.strftime("%a %Y-%m-%d %H:%M %:z").to_string()).collect();
    [name.clone(), format!("{schedule}: {}{zone}", next.join(", "))]
}
