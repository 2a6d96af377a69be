//! `landfall deploy --dry-run`: prints the operations that a deployment performs, and what they will have done.

mod json;
mod lines;
mod told;

use super::arguments::{Deploy, Format};
use super::back;
use super::inputs::Trust;
use super::origin::{Origin, is_about_an_image_that_is_here};
use super::refusal::{fail, refuse};
use super::review;
use super::rollback::Before;
use super::screen::Screen;
use super::site::{self, Found};
use crate::diagnostics::{Code, Finding, Severity};
use crate::exit::Exit;
use crate::facts::{Engine, EngineKind, Facts, FileFact};
use crate::host::sources::{self, Sources};
use crate::host::survey::{self, Looked};
use crate::host::system;
use crate::operation::{Layout, Program};
use crate::plan::model::Plan;
use crate::plan::review::Review;
use crate::plan::secrets::Secrets;
use crate::plan::values::PlanPath;
use crate::steps::Again;
use crate::steps::forecast::{Forecast, forecast};
use crate::{Checked, rules, steps};
use json::Document;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Prints the program for this server, or for one with nothing on it.
pub fn dry_run(origin: &Origin<'_>, arguments: &Deploy, state_dir: &Path, screen: &Screen) -> Exit {
    let (secrets, here, format) = (&arguments.secrets, &arguments.here, &arguments.format);
    let (mut checked, lies_in) = origin.check(secrets.as_deref(), Trust::Anything);
    rules::with_on_failure(&mut checked.findings, checked.plan.as_ref(), arguments.on_failure());
    let site = arguments.policy.as_deref().map_or_else(Found::here, Found::given);
    site.told_in(&mut checked);
    if *here && !system::is_root() {
        let finding = Finding::host(Code::NotRoot, "looking at this server needs root");
        checked.findings.push(finding.help("run it with sudo, or without `--here` for a server with nothing on it"));
    }
    let Some(plan) = checked.plan.clone().filter(|_| checked.report().is_valid()) else {
        return refuse(&checked, *format, screen);
    };
    let layout = Layout::new(state_dir, &plan.name);
    let (opened, files) = Sources::open(&plan, origin.folder(), sources::Trust::Anybody);
    let review = match review::of_opened(&plan, &opened, &files) {
        Ok(review) => origin.reviewed(&plan, review),
        Err(problem) => return fail(&plan, &problem.to_string(), *format, screen),
    };
    checked.findings.extend(site.judge(&plan, &site::places(lies_in, &opened, *here)));
    checked.findings.extend(origin.not_as_expected(&plan, &review, arguments.expect.as_ref()));
    // As a deployment: nothing is asked of the server and of others for a plan that may not be deployed here.
    if !checked.report().is_valid() {
        return refuse(&checked, *format, screen);
    }
    let mut again = origin.again(&plan);
    let commands: Vec<String> = rules::needed_commands(&plan).into_keys().collect();
    let facts = if *here {
        let secrets = checked.secrets.clone().unwrap_or_default();
        let archives = opened.found_in_folders(again.as_ref().map_or(&plan, |again| &again.exact), &|| false);
        let looked = Looked { engine: None, sources: &opened, files, archives, commands };
        let facts = match look_here(&plan, &secrets, &layout, state_dir, looked) {
            Ok(facts) => facts,
            Err(cause) => return fail(&plan, &cause, *format, screen),
        };
        checked.findings.retain(|finding| !rules::known_better(finding, &facts));
        checked.findings.extend(rules::of_the_server(&plan, &facts));
        again = again.map(|again| again.on(&facts, &layout));
        checked.findings.retain(|finding| !again.iter().any(|again| is_about_an_image_that_is_here(finding, again)));
        facts
    } else {
        let facts = assumed(&plan, files, &commands);
        checked.findings.extend(rules::of_the_files(&plan, &facts.files, Severity::Warning));
        checked.findings.extend(rules::of_the_engine(&plan, &facts));
        facts
    };
    if arguments.deny_warnings {
        checked.deny_warnings();
    }
    if !checked.report().is_valid() {
        return refuse(&checked, *format, screen);
    }
    let plan = Plan { on_failure: arguments.on_failure().unwrap_or(plan.on_failure), ..plan };
    match told(&checked, (origin, &plan, again.as_ref()), (&facts, &review), (&layout, *format), screen) {
        Ok(()) => Exit::Done,
        Err(cause) => fail(&plan, &cause, *format, screen),
    }
}

/// Tells everything that is to be known before.
fn told(
    checked: &Checked,
    (origin, plan, again): (&Origin<'_>, &Plan, Option<&Again>),
    (facts, review): (&Facts, &Review),
    (layout, format): (&Layout, Format),
    screen: &Screen,
) -> Result<(), String> {
    let before = Before::of(origin, (plan, again, facts), layout, screen.colour() && format == Format::Human)?;
    screen.tell(&crate::diagnostics::report::human(&checked.report(), &screen.style()));
    let lines = back::goes_backwards(plan, facts).into_iter().filter(|_| before.is_none());
    let lines = lines.chain(before.iter().flat_map(|before| before.lines.clone()));
    lines.chain(back::foretold(checked.plan.as_ref(), plan, facts)).for_each(|line| screen.line(&line));
    let program = match again {
        None => steps::deployment(plan, facts, layout),
        Some(again) => steps::deployment_again(plan, again, facts, layout),
    };
    let program = &program.map_err(|problem| problem.to_string())?;
    let (engine, forecast) = (facts.engine_kind(), &forecast(plan, facts, layout, program));
    screen.result(&in_format(format, &Preview { plan, review, layout, engine, program, forecast }, before)?);
    Ok(())
}

fn in_format(format: Format, preview: &Preview<'_>, before: Option<Before>) -> Result<String, String> {
    match format {
        Format::Human => {
            let difference = before.map(|before| format!("{}\n", before.difference.text)).unwrap_or_default();
            Ok(format!("{difference}{}", told::text(preview)))
        }
        Format::Json => {
            let mut document = as_json(preview);
            if let Some(before) = before {
                document.insert("rollback", before.into_json());
            }
            serde_json::to_string_pretty(&document).map(|text| text + "\n").map_err(|error| error.to_string())
        }
    }
}

/// A server with nothing on it, and these files beside the plan.
fn assumed(plan: &Plan, files: BTreeMap<PlanPath, FileFact>, commands: &[String]) -> Facts {
    let engine = Some(Engine::assumed_of(plan.engine.offline()));
    Facts { files, engine, ..Facts::of_an_empty_host(commands) }
}

fn look_here(
    plan: &Plan,
    secrets: &Secrets,
    layout: &Layout,
    state_dir: &Path,
    looked: Looked<'_>,
) -> Result<Facts, String> {
    let facts = || {
        let engine = survey::chosen_engine(plan, layout)?;
        survey::facts(plan, secrets, layout, state_dir, &Looked { engine: engine.as_ref(), ..looked })
    };
    facts().map_err(|failure| failure.message)
}

/// Everything that is told of a deployment before it begins.
pub struct Preview<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// What a person reviews of it.
    pub review: &'a Review,
    /// Where everything of it lies.
    pub layout: &'a Layout,
    /// What performs it.
    pub engine: EngineKind,
    /// What is going to be done.
    pub program: &'a Program,
    /// What that will have done.
    pub forecast: &'a Forecast,
}

/// The operations of a program, for people.
pub fn steps_as_text(program: &Program, given: (&Layout, EngineKind)) -> String {
    told::steps(program, given)
}

/// The operations of a program, as data.
pub fn steps_as_json<'a>(program: &'a Program, given: (&'a Layout, EngineKind)) -> impl Serialize + use<'a> {
    json::steps(program, given)
}

/// The same as data, for a dry run and for the record of a run.
pub fn as_json<'a>(preview: &Preview<'a>) -> Document<'a> {
    json::document(preview)
}
