//! Performs one operation: with its intent before it, and a look afterwards whether it had its effect.

use super::panic::caught;
use super::{Cancel, Failure, Stage, Tell, World};
use crate::journal::Record;
use crate::operation::{Known, Learned, Operation};
use std::sync::Arc;

/// The record that says what an operation may bring into existence.
pub fn intent<W: World>(operation: &Operation, known: &Known, stage: &Stage<'_, W>) -> Record {
    Record::Intent { operation: operation.id.clone(), objects: operation.action.objects(known, stage.layout) }
}

/// Who is told how far an operation has come.
#[derive(Clone, Copy)]
pub struct Telling<'a> {
    /// It was performed, and is to be confirmed.
    pub performed: &'a dyn Fn(),
    /// Nothing runs any more of what it removes.
    pub stopped: Tell<'a>,
}

impl Telling<'_> {
    /// Nobody.
    pub const NOBODY: Self = Self { performed: &|| {}, stopped: &|| {} };
}

/// Performs an operation, says so, and has it confirmed. A panic is a failure like any other: the run must fall after it too.
pub fn perform_and_confirm<W: World>(
    world: &W,
    (operation, Telling { performed, stopped }): (&Operation, Telling<'_>),
    mut known: Arc<Known>,
    cancel: &Cancel,
) -> Result<Learned, Failure> {
    let attempt = || {
        let mut learned = world.perform(operation, &known, cancel, stopped)?;
        performed();
        learn(&mut known, &learned);
        let Learned { images, address } = world.confirm(operation, &known)?;
        learned.images.extend(images);
        learned.address = address.or(learned.address);
        Ok(learned)
    };
    caught(attempt)
}

/// Adds what an operation learned to what a run knows. Most learn nothing: what all of them share stays one then.
pub fn learn(known: &mut Arc<Known>, learned: &Learned) {
    if *learned != Learned::default() {
        Arc::make_mut(known).learn(learned.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::learn;
    use crate::operation::{Known, Learned};
    use crate::plan::values::{RunId, ServiceName};
    use pretty_assertions::assert_eq;
    use std::sync::Arc;

    #[test]
    fn what_is_learned_is_known_and_who_learns_nothing_goes_on_sharing() {
        let at_start = Arc::new(Known::at_start(RunId::parse("20261121t101112").unwrap()));
        let mut known = Arc::clone(&at_start);
        learn(&mut known, &Learned::default());
        assert!(Arc::ptr_eq(&known, &at_start));
        let address = (ServiceName::parse("web").unwrap(), [10, 0, 0, 2].into());
        learn(&mut known, &Learned { address: Some(address.clone()), ..Learned::default() });
        assert_eq!(
            known.addresses.iter().map(|(name, address)| (name.clone(), *address)).collect::<Vec<_>>(),
            [address]
        );
        assert_eq!(*at_start, Known::at_start(at_start.run.clone()), "who shares it still sees what it was");
    }
}
