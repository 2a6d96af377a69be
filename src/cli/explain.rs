//! `landfall explain`: what the codes of findings mean, and what plans may ask for on this server.

use super::arguments::{Explain, Format, Topic};
use super::screen::Screen;
use super::site::Found;
use crate::diagnostics::report::{self, Report};
use crate::diagnostics::{Code, explained};
use crate::exit::Exit;
use crate::host::policy::FILE;
use crate::policy::{self, Told, schema};
use serde_json::{Value, json};

/// Tells the paragraph and the examples of each code; without a code, lists all, a line each. `policy` is a topic of its own.
pub fn explain(arguments: &Explain, screen: &Screen) -> Exit {
    let Explain { topics, format } = arguments;
    let codes: Vec<Code> = topics.iter().filter_map(Topic::code).collect();
    match (topics.len() == codes.len(), codes.is_empty()) {
        (true, _) => {
            screen.result(&of_codes(&codes, *format, screen));
            Exit::Done
        }
        (false, true) => site(*format, screen),
        (false, false) => {
            screen.line("error: `policy` is a topic of its own: ask for codes separately");
            Exit::Usage
        }
    }
}

fn of_codes(codes: &[Code], format: Format, screen: &Screen) -> String {
    match (format, codes) {
        (Format::Json, []) => format!("{:#}\n", explained::json(Code::ALL)),
        (Format::Json, codes) => format!("{:#}\n", explained::json(codes)),
        (Format::Human, []) => explained::list(),
        (Format::Human, codes) => {
            let each: Vec<_> = codes.iter().map(|code| explained::human(*code, screen.style().width)).collect();
            each.join("\n")
        }
    }
}

/// What is in force on this server. A policy that can't be used is told as `deploy` would, with its exit status.
fn site(format: Format, screen: &Screen) -> Exit {
    let found = Found::here();
    match format {
        Format::Human => screen.result(&human(&found, screen)),
        Format::Json => screen.result(&format!("{:#}\n", document(&found))),
    }
    match found {
        Found::None | Found::Policy(_) => Exit::Done,
        Found::Broken(_, _) => Exit::Refused,
    }
}

fn report(found: &Found) -> Report<'_> {
    Report { plan: None, secrets: None, policy: found.source(), findings: found.findings() }
}

fn human(found: &Found, screen: &Screen) -> String {
    let whole = match found {
        Found::None => format!(
            "There is no policy on this server ({FILE} does not exist): a plan may ask for\n\
             everything that its format has, so whoever merges plans is root here.\n\n{}\n{}",
            lines(&policy::told(None), |_| true),
            how_to_write()
        ),
        Found::Policy(site) => {
            let told = policy::told(Some(site));
            let open = lines(&told, |told| !told.limits);
            let open = if open.is_empty() { String::new() } else { format!("\nNot limited:\n\n{open}") };
            format!(
                "{FILE} is in force: what it forbids, `landfall deploy` refuses (exit status 3).\n\n{}{open}\n\
                 It is about the next deployment: what runs now runs on, and `recover` and `teardown` are always allowed.\n",
                lines(&told, |told| told.limits)
            )
        }
        Found::Broken(_, _) => format!(
            "{FILE} can't be used, so no plan can be deployed here:\n\n{}",
            report::human(&report(found), &screen.style())
        ),
    };
    whole.trim_end().to_owned() + "\n"
}

/// A line a member: its name, what it means, and where it stands.
fn lines(told: &[Told], wanted: impl Fn(&Told) -> bool) -> String {
    let one = |Told { member, line, limits: _, says }: &Told| {
        let line = line.map(|line| format!(" (line {line})")).unwrap_or_default();
        format!("  {member:<16} {says}{line}\n")
    };
    told.iter().filter(|told| wanted(told)).map(one).collect()
}

fn how_to_write() -> String {
    format!(
        "To limit that, write {FILE} as root, mode 0644, for instance as below. What is left out\n\
         is not limited; an empty list allows nothing. `landfall schema policy` says more of every member, and\n\
         `landfall check PLAN --policy FILE` tries it.\n\n{}",
        schema::EXAMPLE
    )
}

fn document(found: &Found) -> Value {
    let site = match found {
        Found::Policy(site) => Some(&**site),
        Found::None | Found::Broken(_, _) => None,
    };
    let one = |Told { member, line, limits, says }: Told| json!({ "member": member, "line": line, "limits": limits, "says": says });
    let members: Vec<Value> = match found {
        Found::None | Found::Policy(_) => policy::told(site).into_iter().map(one).collect(),
        Found::Broken(_, _) => Vec::new(),
    };
    let state = match found {
        Found::None => "absent",
        Found::Policy(_) => "in_force",
        Found::Broken(_, _) => "broken",
    };
    let findings = report::json(&report(found)).get("findings").cloned();
    json!({ "file": FILE, "state": state, "members": members, "findings": findings })
}
