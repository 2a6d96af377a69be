//! `landfall logs`: what a plan's services wrote, merged by time. Changes nothing.

mod follow;
mod merge;
mod told;

use super::arguments::Logs;
use super::deployed::{self, Refusal, no_such_service};
use super::screen::Screen;
use crate::exit::Exit;
use crate::few::InOrder;
use crate::host::engine::{Engine, LogLine, Wanted};
use crate::host::node::state;
use crate::host::signals::Interrupts;
use crate::operation::Layout;
use crate::plan::values::ServiceName;
use crate::run::Cancel;
use jiff::Timestamp;
use merge::Place;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use told::Teller;

/// How many lines of a service may wait until it is their turn.
const WAITING: usize = 256;

/// A service whose output is shown.
struct Source {
    service: ServiceName,
    container: String,
    /// Whether more of it can be expected once it has ended.
    lasting: bool,
}

/// Shows the logs of some services, or of all.
pub fn logs(arguments: &Logs, state_dir: &Path, screen: &Screen) -> Exit {
    shown(arguments, state_dir, screen).unwrap_or_else(|refusal| refusal.tell(screen))
}

fn shown(arguments: &Logs, state_dir: &Path, screen: &Screen) -> Result<Exit, Refusal> {
    let Logs { name, services, follow, since, format } = arguments;
    let layout = deployed::known(state_dir, name)?;
    let (engine, sources, gone) = sources(&layout, services)?;
    gone.iter().for_each(|gone| screen.line(gone));
    if sources.is_empty() {
        return Ok(Exit::Failed);
    }
    let interrupts =
        Interrupts::install().map_err(|error| Refusal::new(format!("signals can't be handled: {error}")))?;
    let cancel = Cancel::from(interrupts.flag());
    let since = since.map(|since| since.before(Timestamp::now()));
    let names = sources.iter().map(|source| &source.service);
    let mut teller = Teller::new(names, *format, screen);
    let places = so_far(&engine, &sources, since, (&cancel, &mut teller))?;
    if *follow && !cancel.is_cancelled() && teller.is_read() {
        let followed = follow::Followed { engine: &engine, layout: &layout, sources: &sources, places };
        follow::follow(followed, &cancel, &mut teller)?;
        return Ok(Exit::Done);
    }
    if cancel.is_cancelled() && !follow {
        screen.line("interrupted: this is not all");
        return Ok(Exit::Failed);
    }
    Ok(if gone.is_empty() { Exit::Done } else { Exit::Failed })
}

/// The services that were asked for, and what to say of those whose container is gone. While a run is under way, and nothing is
/// deployed, those are shown that there are.
fn sources(layout: &Layout, asked: &[ServiceName]) -> Result<(Engine, Vec<Source>, Vec<String>), Refusal> {
    if state::read_saved(&layout.saved())?.is_none() {
        let (engine, sources) = in_the_making(layout, asked)?;
        return Ok((engine, sources, Vec::new()));
    }
    let folder = layout.state().parent().unwrap_or(layout.state());
    let deployed = deployed::find(folder, layout.plan())?;
    let chosen = deployed.services(asked)?;
    let containers = deployed.containers()?;
    let (mut sources, mut gone) = (Vec::new(), Vec::new());
    for (service, saved) in chosen {
        if containers.iter().any(|container| container.name == saved.container) {
            let (service, container) = (service.clone(), saved.container.clone());
            sources.push(Source { service, container, lasting: !saved.one_shot });
        } else {
            gone.push(deployed.gone(service, &saved.container));
        }
    }
    Ok((deployed.engine, sources, gone))
}

/// The services of a plan that a run is making or removing at this moment.
fn in_the_making(layout: &Layout, asked: &[ServiceName]) -> Result<(Engine, Vec<Source>), Refusal> {
    let plan = layout.plan();
    if deployed::under_way(plan).is_none() {
        return Err(deployed::absent(layout)?);
    }
    let engine = state::engine(layout)?;
    let mut there = Vec::new();
    for container in engine.containers()?.into_iter().filter(|container| container.plan() == Some(plan.as_str())) {
        let Some(service) = container.service().and_then(|name| ServiceName::parse(name).ok()) else { continue };
        there.push(Source { service, container: container.name, lasting: true });
    }
    there.put_in_order_by(|one, other| one.service.cmp(&other.service));
    if there.is_empty() {
        return Err(deployed::absent(layout)?);
    }
    if let Some(unknown) = asked.iter().find(|asked| there.iter().all(|source| source.service != **asked)) {
        return Err(no_such_service(plan, unknown, there.iter().map(|source| &source.service)));
    }
    there.retain(|source| asked.is_empty() || asked.contains(&source.service));
    Ok((engine, there))
}

/// Tells what there is by now, merged by time; where each service's output ended.
fn so_far(
    engine: &Engine,
    sources: &[Source],
    since: Option<Timestamp>,
    (cancel, teller): (&Cancel, &mut Teller<'_>),
) -> Result<Vec<Place>, Refusal> {
    let enough = cancel.within();
    let mut places = vec![Place::default(); sources.len()];
    let failures = std::thread::scope(|scope| {
        let mut readers = Vec::new();
        let mut streams = Vec::new();
        for source in sources {
            let (sender, receiver) = sync_channel(WAITING);
            let enough = &enough;
            let wanted = Wanted { container: &source.container, since, follow: false };
            let read = move || engine.log(&wanted, enough, move |line| sender.send(line).is_ok());
            readers.push(crate::host::threads::beside(scope, read)?);
            streams.push(receiver);
        }
        merge::in_order(streams.iter().map(Receiver::iter).collect(), |number, line: LogLine| {
            if let Some(place) = places.get_mut(number) {
                place.note(line.at);
            }
            teller.tell(number, &line) && !cancel.is_cancelled()
        });
        // Who waits to hand on a line learns that nobody takes it any more.
        drop(streams);
        let ended = readers.into_iter().map(|reader| reader.join().unwrap_or(Ok(())));
        Ok::<_, crate::run::Failure>(ended.filter_map(Result::err).collect::<Vec<_>>())
    })?;
    match failures.into_iter().next() {
        Some(failure) => Err(failure.into()),
        None => Ok(places),
    }
}
