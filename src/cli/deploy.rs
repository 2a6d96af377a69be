//! `landfall deploy`: the five steps.

mod prepared;

use super::arguments::{Deploy, Format};
use super::back::{self, Returning};
use super::dry_run::{self, Preview};
use super::inputs::Trust;
use super::origin::Origin;
use super::progress::Progress;
use super::refusal::{busy, fail, left_over, refuse, tell_cause};
use super::runs::{self, Begins, Begun, Recovered};
use super::screen::Screen;
use super::site::{self, Found};
use super::timings::Timings;
use super::{log, mail, recover, rollback, summary};
use crate::diagnostics::report;
use crate::exit::Exit;
use crate::facts::{Facts, Observed, Outcome, RemoteImage, RunKind};
use crate::host::lock::RunLock;
use crate::host::node::{Deployment, Node, state};
use crate::host::signals::Interrupts;
use crate::host::{limits, system};
use crate::operation::{Known, Layout};
use crate::plan::model::{OnFailure, Plan};
use crate::plan::review::Review;
use crate::plan::values::RunId;
use crate::run::{self, Back, Cancel, Ending, Floors, Listener, Stage};
use crate::steps::forecast::forecast;
use crate::steps::{self, Again, floor};
use crate::{Checked, rules};
use prepared::{Opened, Prepared, prepare, what_is_needed};
use std::path::Path;
use std::sync::Arc;

/// Whatever this process was started with: nothing of it shows in what the run makes.
fn shield(screen: &Screen) {
    screen.go_on_without_readers();
    system::set_neutral_umask();
    system::leave_no_core_file();
}

/// Deploys a plan, or prints how it would.
pub fn deploy(arguments: &Deploy, state_dir: &Path, screen: &Screen) -> Exit {
    deploy_from(&Origin::File(&arguments.plan), arguments, state_dir, screen)
}

/// The same with a plan from somewhere.
pub fn deploy_from(origin: &Origin<'_>, arguments: &Deploy, state_dir: &Path, screen: &Screen) -> Exit {
    if arguments.dry_run {
        return dry_run::dry_run(origin, arguments, state_dir, screen);
    }
    let timings = arguments.timings.as_ref().map(|file| Timings::start(file.as_deref()));
    shield(screen);
    let exit = match judged(origin, arguments, timings.as_ref(), screen) {
        Ok(judged) => deploy_here((origin, judged), arguments, (state_dir, timings.as_ref()), screen),
        Err(exit) => exit,
    };
    if let Some(timings) = timings {
        timings.tell(screen);
    }
    exit
}

/// Judges the plan, its secrets, what it names, and what it may have here; how it ends, where something speaks against it.
fn judged(
    origin: &Origin<'_>,
    arguments: &Deploy,
    timings: Option<&Timings>,
    screen: &Screen,
) -> Result<(Checked, Arc<Plan>, Opened), Exit> {
    let (secrets, format) = (&arguments.secrets, arguments.format);
    let (mut checked, lies_in) = origin.check(secrets.as_deref(), Trust::OwnersOnly);
    rules::with_on_failure(&mut checked.findings, checked.plan.as_ref(), arguments.on_failure());
    let site = Found::here();
    site.told_in(&mut checked);
    checked.findings.extend(what_is_needed(&checked, secrets.is_some()));
    if arguments.deny_warnings && !checked.findings.iter().all(rules::waits_for_the_server) {
        checked.deny_warnings();
    }
    let Some(plan) = checked.plan.clone().filter(|_| checked.report().is_valid()).map(Arc::new) else {
        return Err(refuse(&checked, format, screen));
    };
    let failed = |cause: String| fail(&plan, &cause, format, screen);
    timings.and_then(Timings::problem).map_or_else(limits::prepare, Err).map_err(failed)?;
    let Opened { sources, found, review } = Opened::of(&plan, origin.folder()).map_err(failed)?;
    let opened = Opened { sources, found, review: origin.reviewed(&plan, review) };
    // Before anything else: not even what an earlier run left is touched for a plan that nobody has reviewed, or that asks for
    // what it may not have.
    checked.findings.extend(site.judge(&plan, &site::places(lies_in, &opened.sources, true)));
    checked.findings.extend(origin.not_as_expected(&plan, &opened.review, arguments.expect.as_ref()));
    if !checked.report().is_valid() {
        return Err(refuse(&checked, format, screen));
    }
    Ok((checked, plan, opened))
}

fn deploy_here(
    (origin, (mut checked, plan, opened)): (&Origin<'_>, (Checked, Arc<Plan>, Opened)),
    arguments: &Deploy,
    (state_dir, timings): (&Path, Option<&Timings>),
    screen: &Screen,
) -> Exit {
    let format = arguments.format;
    let interrupts = match Interrupts::install() {
        Ok(interrupts) => interrupts,
        Err(error) => return fail(&plan, &format!("signals can't be handled: {error}"), format, screen),
    };
    let lock = match RunLock::acquire(&format!("{} of {}", origin.verb(), plan.name)) {
        Ok(lock) => lock,
        Err(problem) => return busy(&plan, &problem, format, screen),
    };
    let layout = Layout::new(state_dir, &plan.name);
    let progress = if format == Format::Human { Progress::on(screen) } else { Progress::quiet(screen) };
    if let Some(exit) = finish_what_is_left((&plan, &layout), &progress, (format, screen)) {
        return exit;
    }
    if let Err(cause) = origin.is_still_meant(&layout) {
        tell_cause(&plan.name, ("refused", &cause), format, screen);
        return Exit::Refused;
    }
    let interrupted = Cancel::from(interrupts.flag());
    let prepared = match prepare(
        &mut checked,
        (in_the_end(&plan, arguments.on_failure()), opened),
        (origin, arguments.deny_warnings),
        (state_dir, &layout),
        &interrupted,
    ) {
        Ok(Some(prepared)) => prepared,
        Ok(None) => return refuse(&checked, format, screen),
        Err(cause) => return fail(&plan, &cause, format, screen),
    };
    if let Err(cause) = tell_before(&checked, (origin, &prepared), &layout, screen) {
        return fail(&plan, &cause, format, screen);
    }
    let exit = perform((origin, prepared), &layout, (&progress, timings), &interrupted, (format, screen));
    drop(lock);
    exit
}

/// Finishes an earlier run that was interrupted; how this one ends, where that can't be.
fn finish_what_is_left(
    (plan, layout): (&Plan, &Layout),
    progress: &Progress,
    (format, screen): (Format, &Screen),
) -> Option<Exit> {
    match runs::recover(layout, progress) {
        Ok(None) => None,
        // Whatever becomes of this run, that one has changed something.
        Ok(Some(Recovered { run: _, kind, outcome, left })) => {
            screen.line(&recover::told((&plan.name, kind), outcome, &left));
            // A service that could not be brought up again is no obstacle to a deployment, which disposes of it.
            let in_the_way = outcome == Outcome::RollbackIncomplete && !kind.stays_deployed();
            in_the_way.then(|| left_over(plan, &left, format, screen))
        }
        Err(cause) => {
            let cause = format!("an earlier run was interrupted, and can't be finished: {cause}");
            Some(fail(plan, &cause, format, screen))
        }
    }
}

/// What is told before anything is changed, on standard error in any format: the document on standard output is about the run.
fn tell_before(
    checked: &Checked,
    (origin, prepared): (&Origin<'_>, &Prepared),
    layout: &Layout,
    screen: &Screen,
) -> Result<(), String> {
    let Prepared { deployment, again, facts, review: _, engine: _ } = prepared;
    let plan = &deployment.plan;
    let before = rollback::Before::of(origin, (plan, again.as_ref(), facts), layout, screen.style().colour)?;
    screen.tell(&report::human(&checked.report(), &screen.style()));
    before.iter().for_each(|before| screen.tell(&before.difference.text));
    let lines = back::goes_backwards(plan, facts).into_iter().filter(|_| before.is_none());
    let lines = lines.chain(before.iter().flat_map(|before| before.lines.clone()));
    lines.chain(back::foretold(checked.plan.as_ref(), plan, facts)).for_each(|line| screen.line(&line));
    Ok(())
}

/// A plan with the state that it falls to in the end: what the command line says counts.
fn in_the_end(plan: &Arc<Plan>, on_failure: Option<OnFailure>) -> Arc<Plan> {
    match on_failure.filter(|on_failure| *on_failure != plan.on_failure) {
        Some(on_failure) => Arc::new(Plan { on_failure, ..(**plan).clone() }),
        None => Arc::clone(plan),
    }
}

/// Performs the program, and tells how it ended.
fn perform(
    (origin, prepared): (&Origin<'_>, Prepared),
    layout: &Layout,
    (progress, timings): (&Progress, Option<&Timings>),
    interrupted: &Cancel,
    told: (Format, &Screen),
) -> Exit {
    let Prepared { deployment, again, facts, review, engine } = prepared;
    let plan = Arc::clone(&deployment.plan);
    let program = Arc::clone(&deployment.program);
    let previous = steps::previous(&plan, &facts).cloned();
    let Begun { run, mut journal } =
        match runs::begin(layout, engine.kind(), begins(origin, &deployment, previous.is_some())) {
            Ok(begun) => begun,
            Err(cause) => return fail(&plan, &cause, told.0, told.1),
        };
    engine.keep_what_it_said();
    put_on_record((&deployment, &facts, &review), &layout.run(&run), layout);
    let known = at_start(&run, again);
    let names = runs::names(layout, &[], true).and_of(&plan, layout);
    let this = &facts.machine.program;
    let returning = previous.clone().map(|saved| Returning::to(saved, layout, &engine, this.clone()));
    if let Some(Err(problem)) = &returning {
        told.1.line(&format!("{problem}: if this fails, no container of {} is left", plan.name));
    }
    let mut node = Node::new(layout.clone(), engine, facts.machine.program.clone(), Some(deployment));
    node.watcher = progress.watcher();
    for RemoteImage { services, size } in &facts.remote {
        node.expected.extend(services.iter().map(|service| (service.clone(), size.bytes())));
    }
    let to = returning.as_ref().and_then(|returning| returning.as_ref().ok());
    let before_the_previous = |observed: &Observed| to.map(|to| to.floor(&names, observed)).unwrap_or_default();
    let again = |observed: &Observed| to.ok_or_else(String::new).and_then(|to| to.previous.program(observed, true));
    let floors = Floors {
        before_uncommit: &|observed| floor::as_before(layout, observed),
        after_uncommit: &|observed| floor::containerless(layout, &names, observed),
        on_purpose: false,
        previous: to.map(|to| Back {
            world: &to.node,
            floor: &before_the_previous,
            program: &again,
            known: to.previous.known(&run),
        }),
    };
    let noting = timings.map(|timings| timings.before(progress));
    let listener: &dyn Listener = noting.as_ref().map_or(progress, |noting| noting);
    let stage = Stage { world: &node, listener, layout, interrupted };
    progress.expect(&program);
    let ending = run::run(&program, &floors, &stage, &mut journal, known);
    runs::finish(layout, &run, RunKind::Deploy, &ending);
    summary::tell(layout, &run, &ending, progress, told);
    for line in back::told(&plan, previous.as_ref(), &ending).into_iter().chain(rollback::told(origin, &ending)) {
        log::keep(&line);
        told.1.line(&line);
    }
    match &ending {
        Ending::RolledBack { cause: _ }
        | Ending::Restored { cause: _ }
        | Ending::Incomplete { cause: _, left: _ }
        | Ending::Refused { cause: _ } => runs::forget_old(layout, plan.history.keep, &run),
        Ending::Done { known: _, warnings: _ } | Ending::TornDown => {}
    }
    mail::about_deployment(node.deployment.as_ref(), (layout, &run), &ending, told.1);
    Exit::from(&ending)
}

/// What the run is.
fn begins(origin: &Origin<'_>, deployment: &Deployment, goes_back: bool) -> Begins {
    Begins {
        plan_sha256: Some(deployment.accepted.sha256.clone()),
        goes_back,
        rollback_to: origin.accepted().map(|accepted| accepted.saved.run.clone()),
        ..Begins::of(RunKind::Deploy, &deployment.program)
    }
}

/// What a run knows from its start: the images that are here.
fn at_start(run: &RunId, again: Option<Again>) -> Known {
    Known { images: again.map(|again| again.here).unwrap_or_default(), ..Known::at_start(run.clone()) }
}

/// What the run is going to do, as the dry run would tell it.
fn put_on_record((deployment, facts, review): (&Deployment, &Facts, &Review), folder: &Path, layout: &Layout) {
    let (plan, program) = (&deployment.plan, &deployment.program);
    let forecast = &forecast(plan, facts, layout, program);
    let preview = Preview { plan, review, layout, engine: facts.engine_kind(), program, forecast };
    if let Err(failure) = state::write_json(&folder.join("program.json"), &dry_run::as_json(&preview)) {
        tracing::warn!(cause = %failure.message, "the program is not on record");
    }
}
