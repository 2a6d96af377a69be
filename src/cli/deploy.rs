//! `landfall deploy`: the five steps.

use super::arguments::{Deploy, Format};
use super::dry_run::{self, Preview};
use super::in_force;
use super::inputs::{self, Trust, folder_of};
use super::progress::Progress;
use super::refusal::{busy, fail, left_over, refuse};
use super::runs::{self, Begun, Recovered};
use super::screen::Screen;
use super::site::{self, Found};
use super::timings::Timings;
use super::{mail, recover, review, summary};
use crate::diagnostics::report;
use crate::diagnostics::{Code, Finding};
use crate::exit::Exit;
use crate::facts::{Facts, FileFact, Outcome, RemoteImage, RunKind};
use crate::host::engine::Engine;
use crate::host::lock::RunLock;
use crate::host::node::{Deployment, Node, state};
use crate::host::signals::Interrupts;
use crate::host::sources::{self, Sources};
use crate::host::survey::{self, Looked};
use crate::host::{command, files, limits, system};
use crate::operation::{Known, Layout};
use crate::plan::model::Plan;
use crate::plan::review::Review;
use crate::plan::values::PlanPath;
use crate::run::{self, Cancel, Ending, Floors, Listener, Stage};
use crate::steps::forecast::forecast;
use crate::steps::{self, Accepted, floor};
use crate::{Checked, names_secrets, rules};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// Whatever this process was started with: nothing of it shows in what the run makes.
fn shield(screen: &Screen) {
    screen.go_on_without_readers();
    system::set_neutral_umask();
    system::leave_no_core_file();
}

/// Deploys a plan, or prints how it would.
pub fn deploy(arguments: &Deploy, state_dir: &Path, screen: &Screen) -> Exit {
    if arguments.dry_run {
        return dry_run::dry_run(arguments, state_dir, screen);
    }
    let timings = arguments.timings.as_ref().map(|file| Timings::start(file.as_deref()));
    shield(screen);
    let exit = deploy_here(arguments, state_dir, timings.as_ref(), screen);
    if let Some(timings) = timings {
        timings.tell(screen);
    }
    exit
}

fn deploy_here(arguments: &Deploy, state_dir: &Path, timings: Option<&Timings>, screen: &Screen) -> Exit {
    let Deploy { plan: path, secrets, deny_warnings, expect, dry_run: _, here: _, policy: _, timings: _, format } =
        arguments;
    let (mut checked, lies_in) = inputs::check(path, secrets.as_deref(), Trust::OwnersOnly);
    let site = Found::here();
    site.told_in(&mut checked);
    checked.findings.extend(what_is_needed(&checked, secrets.is_some()));
    if *deny_warnings && !checked.findings.iter().all(rules::waits_for_the_server) {
        checked.deny_warnings();
    }
    let Some(plan) = checked.plan.clone().filter(|_| checked.report().is_valid()) else {
        return refuse(&checked, *format, screen);
    };
    if let Err(cause) = timings.and_then(Timings::problem).map_or_else(limits::prepare, Err) {
        return fail(&plan, &cause, *format, screen);
    }
    let opened = match Opened::of(&plan, folder_of(path)) {
        Ok(opened) => opened,
        Err(cause) => return fail(&plan, &cause, *format, screen),
    };
    // Before anything else: not even what an earlier run left is touched for a plan that nobody has reviewed, or that asks for
    // what it may not have.
    checked.findings.extend(site.judge(&plan, &site::places(lies_in, &opened.sources, true)));
    checked.findings.extend(expect.iter().flat_map(|hash| rules::of_the_review(&plan, &opened.review, hash)));
    if !checked.report().is_valid() {
        return refuse(&checked, *format, screen);
    }
    let interrupts = match Interrupts::install() {
        Ok(interrupts) => interrupts,
        Err(error) => return fail(&plan, &format!("signals can't be handled: {error}"), *format, screen),
    };
    let lock = match RunLock::acquire(&format!("deploy of {}", plan.name)) {
        Ok(lock) => lock,
        Err(problem) => return busy(&plan, &problem, *format, screen),
    };
    let layout = Layout::new(state_dir, &plan.name);
    let progress = if *format == Format::Human { Progress::on(screen) } else { Progress::quiet(screen) };
    match runs::recover(&layout, &progress) {
        Ok(None) => {}
        // Whatever becomes of this run, that one has changed something.
        Ok(Some(Recovered { run: _, kind, outcome, left })) => {
            screen.line(&recover::told(&plan.name, outcome, &left));
            // A service that could not be brought up again is no obstacle to a deployment, which disposes of it.
            if outcome == Outcome::RollbackIncomplete && !kind.stays_deployed() {
                return left_over(&plan, &left, *format, screen);
            }
        }
        Err(cause) => {
            let cause = format!("an earlier run was interrupted, and can't be finished: {cause}");
            return fail(&plan, &cause, *format, screen);
        }
    }
    let interrupted = Cancel::from(interrupts.flag());
    let prepared = match prepare(&mut checked, (plan.clone(), opened), arguments, (state_dir, &layout), &interrupted) {
        Ok(Some(prepared)) => prepared,
        Ok(None) => return refuse(&checked, *format, screen),
        Err(cause) => return fail(&plan, &cause, *format, screen),
    };
    // Warnings, for standard error in any format: the document on standard output is about the run.
    screen.tell(&report::human(&checked.report(), &screen.style()));
    for line in in_force::undone(&plan, &prepared.facts) {
        screen.line(&line);
    }
    let exit = perform(prepared, &layout, (&progress, timings), &interrupted, (*format, screen));
    drop(lock);
    exit
}

/// What `deploy` asks for beyond `check`.
fn what_is_needed(checked: &Checked, secrets_given: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !system::is_root() {
        findings.push(Finding::host(Code::NotRoot, "a deployment needs root").help("run it with sudo"));
    }
    let named = checked.plan.as_ref().map(names_secrets).unwrap_or_default();
    if let Some((name, places)) = named.first_key_value().filter(|_| !secrets_given) {
        let place = places.first().cloned().unwrap_or_default();
        findings.push(
            Finding::error(
                Code::SecretMissing,
                place,
                format!("the secret `{name}` is named, and no secrets file was given"),
            )
            .help("deploy with `--secrets FILE`, or `--secrets -` for standard input"),
        );
    }
    findings
}

/// A deployment that passed step 1, up to what it changes.
struct Prepared {
    deployment: Deployment,
    facts: Facts,
    review: Review,
    engine: Engine,
}

/// The files that the plan names, each opened once: what is judged is what is deployed.
struct Opened {
    sources: Sources,
    found: BTreeMap<PlanPath, FileFact>,
    review: Review,
}

impl Opened {
    fn of(plan: &Plan, folder: &Path) -> Result<Self, String> {
        let owners = sources::Trust::Owners(files::trusted_owners());
        let (sources, found) = Sources::open(plan, folder, owners);
        let review = review::of_opened(plan, &sources, &found).map_err(|problem| problem.to_string())?;
        Ok(Self { sources, found, review })
    }
}

/// Judges the server and the files; `None` when there are errors among the findings.
fn prepare(
    checked: &mut Checked,
    (plan, opened): (Plan, Opened),
    arguments: &Deploy,
    (state_dir, layout): (&Path, &Layout),
    interrupted: &Cancel,
) -> Result<Option<Prepared>, String> {
    let Deploy {
        plan: path,
        secrets: _,
        deny_warnings,
        expect: _,
        dry_run: _,
        here: _,
        policy: _,
        timings: _,
        format: _,
    } = arguments;
    let Opened { sources, found, review } = opened;
    let secrets = checked.secrets.clone().unwrap_or_default();
    let commands = rules::needed_commands(&plan).into_keys().collect();
    let archives = sources.found_in_folders(&plan, &|| interrupted.is_cancelled());
    let engine = survey::chosen_engine(&plan, layout).map_err(|failure| failure.message)?;
    let looked = Looked { engine: engine.as_ref(), sources: &sources, files: found, archives, commands };
    let survey = || survey::facts(&plan, &secrets, layout, state_dir, &looked);
    // Where the engine has lost track of a container it can't even list the others.
    let mended = || engine.as_ref().is_some_and(Engine::mend_namespaces);
    let facts = survey().or_else(|failure| if mended() { survey() } else { Err(failure) });
    let facts = facts.map_err(|failure| failure.message)?;
    checked.findings.retain(|finding| !rules::known_better(finding, &facts));
    checked.findings.extend(rules::of_the_server(&plan, &facts));
    if *deny_warnings {
        checked.deny_warnings();
    }
    if !checked.report().is_valid() {
        return Ok(None);
    }
    let program = steps::deployment(&plan, &facts, layout).map_err(|problem| problem.to_string())?;
    if let Some(defect) = program.defect() {
        return Err(format!("the program is not in order, which is a defect of Landfall: {defect}"));
    }
    let accepted = Accepted {
        text: checked.plan_source.text().to_owned(),
        hash: review.hash(),
        sha256: review.plan_sha256.clone(),
        files: review.files.clone(),
        by: system::operator(),
        landfall: env!("CARGO_PKG_VERSION").to_owned(),
        git_commit: git_commit(folder_of(path)),
    };
    let engine = engine.ok_or("there is no container engine")?;
    Ok(Some(Prepared { deployment: Deployment { plan, secrets, accepted, program, sources }, facts, review, engine }))
}

/// Performs the program, and tells how it ended.
fn perform(
    prepared: Prepared,
    layout: &Layout,
    (progress, timings): (&Progress, Option<&Timings>),
    interrupted: &Cancel,
    told: (Format, &Screen),
) -> Exit {
    let Prepared { deployment, facts, review, engine } = prepared;
    let plan = deployment.plan.clone();
    let program = deployment.program.clone();
    let sha256 = Some(deployment.accepted.sha256.clone());
    let Begun { run, mut journal } =
        match runs::begin(layout, engine.kind(), RunKind::Deploy, sha256, program.operations().count()) {
            Ok(begun) => begun,
            Err(cause) => return fail(&plan, &cause, told.0, told.1),
        };
    let forecast = forecast(&plan, &facts, layout, &program);
    let preview = Preview {
        plan: &plan,
        review: &review,
        layout,
        engine: facts.engine_kind(),
        program: &program,
        forecast: &forecast,
    };
    let recorded = dry_run::as_json(&preview);
    if let Err(failure) = state::write_json(&layout.run(&run).join("program.json"), &recorded) {
        tracing::warn!(cause = %failure.message, "the program is not on record");
    }
    let names = runs::names(layout, &[], true).and_of(&plan, layout);
    let mut node = Node::new(layout.clone(), engine, facts.machine.program.clone(), Some(deployment));
    node.watcher = progress.watcher();
    for RemoteImage { services, size } in &facts.remote {
        node.expected.extend(services.iter().map(|service| (service.clone(), size.bytes())));
    }
    let floors = Floors {
        before_uncommit: &|observed| floor::as_before(layout, observed),
        after_uncommit: &|observed| floor::containerless(layout, &names, observed),
        on_purpose: false,
    };
    let noting = timings.map(|timings| timings.before(progress));
    let listener: &dyn Listener = noting.as_ref().map_or(progress, |noting| noting);
    let stage = Stage { world: &node, listener, layout, interrupted };
    progress.expect(&program);
    let ending = run::run(&program, &floors, &stage, &mut journal, Known::at_start(run.clone()));
    runs::finish(layout, &run, RunKind::Deploy, &ending);
    summary::tell(layout, &run, &ending, progress, told);
    match &ending {
        Ending::RolledBack { cause: _ } | Ending::Incomplete { cause: _, left: _ } | Ending::Refused { cause: _ } => {
            runs::forget_old(layout, plan.history.keep, &run);
        }
        Ending::Done { known: _, warnings: _ } | Ending::TornDown | Ending::Restored { cause: _ } => {}
    }
    match &ending {
        Ending::RolledBack { cause } | Ending::Incomplete { cause, left: _ } => {
            let became = (cause.as_str(), ending.left());
            let sent = node.deployment.as_ref().map(|deployment| mail::rolled_back(deployment, layout, &run, became));
            if let Some(Err(problem)) = sent {
                told.1.line(&format!("the mail about it could not be sent: {problem}"));
            }
        }
        Ending::Done { known: _, warnings: _ }
        | Ending::TornDown
        | Ending::Refused { cause: _ }
        | Ending::Restored { cause: _ } => {}
    }
    Exit::from(&ending)
}

/// The commit of the work tree that the plan lies in.
fn git_commit(folder: &Path) -> Option<String> {
    // Commands run in `/`, where a relative path leads elsewhere.
    let folder = std::path::absolute(folder).ok()?;
    let git = command::Command::new(&command::find("git")?).args(["-c", "safe.directory=*", "-C"]).arg(folder);
    let output = git.args(["rev-parse", "--verify", "HEAD"]).deadline(Duration::from_secs(5)).run().ok()?;
    let commit = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (commit.len() >= 40).then_some(commit)
}
