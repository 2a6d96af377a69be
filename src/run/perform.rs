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
