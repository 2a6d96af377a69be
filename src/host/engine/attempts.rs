//! Asks one registry after the other, and each again while its trouble may pass; whichever engine does the asking.

use super::retrieve::Order;
use super::{deadline, registry};
use crate::facts::EngineKind;
use crate::host::awake;
use crate::host::command::{Command, Output};
use crate::operation::PulledFrom;
use crate::plan::values::ImageId;
use crate::run::Failure;
use std::time::Duration;

/// How often a registry is asked that has trouble for a while.
const ATTEMPTS: u32 = 5;

/// The pause after the first time; each is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The image from the first of its places that delivers it. Each place has an equal part of the time that is left.
///
/// # Errors
/// What was told of the last place, and of those before it; that the run is to end.
pub fn from_first_place(
    order: &Order<'_>,
    pull: impl Fn(&PulledFrom, Duration) -> Result<ImageId, Failure>,
) -> Result<ImageId, Failure> {
    let limit = order.retrieved.image.timeout().map_or(deadline::RETRIEVE, |timeout| timeout.as_std());
    let until = awake::now() + limit;
    let mut places = u32::try_from(order.retrieved.places.len()).unwrap_or(u32::MAX);
    let mut failed: Vec<Failure> = Vec::new();
    for place in &order.retrieved.places {
        let share = until.saturating_sub(awake::now()) / places.max(1);
        places = places.saturating_sub(1);
        match pull(place, share) {
            Err(failure) if !order.cancel.is_cancelled() => failed.push(failure),
            ended => return ended,
        }
    }
    let lingering = failed.iter().any(|failure| failure.lingering);
    let last = failed.pop().unwrap_or_else(|| Failure::new("the image comes from no registry: a defect of Landfall"));
    let before = failed.iter().map(|failure| failure.message.as_str());
    let message = std::iter::once(last.message.as_str()).chain(before).collect::<Vec<_>>().join("\nBefore that, ");
    Err(Failure { message, lingering })
}

/// What a call prints that asks the registry of a place, for so long at most; it is made again for a while where the registry has to be asked later.
///
/// # Errors
/// What the registry did, with the cure.
pub fn asked_again(
    order: &Order<'_>,
    (engine, place): (EngineKind, &PulledFrom),
    share: Duration,
    call: impl Fn() -> Result<Command, Failure>,
) -> Result<Output, Failure> {
    let registry = place.reference.registry().to_string();
    let until = awake::now() + share;
    let mut pause = FIRST_PAUSE;
    for attempt in 1.. {
        let left = until.saturating_sub(awake::now());
        // Whole seconds are what is told.
        let whole = Duration::from_secs(left.as_secs() + u64::from(left.subsec_nanos() > 0));
        let problem = match call()?.deadline(whole).run() {
            Ok(output) => return Ok(output),
            Err(problem) => problem,
        };
        let is_worth_it = attempt < ATTEMPTS && registry::is_passing(&problem) && pause < left;
        if !is_worth_it || order.cancel.is_cancelled() {
            return Err(registry::failure(problem, &registry, engine));
        }
        tracing::info!(registry, attempt, seconds = pause.as_secs(), "the registry is asked again later");
        awake::wait(pause, order.cancel);
        pause *= 2;
    }
    Err(Failure::new("the registry was asked too often: a defect of Landfall"))
}
