//! What a site lets plans ask for: its policy as a model, and a plan judged by it. Reads nothing, changes nothing.
//!
//! A policy only takes away: what is not limited is allowed, and nothing that Landfall refuses anyway becomes allowed. It is about
//! the next deployment; what runs already is neither stopped nor kept from being recovered or torn down.

mod judge;
mod model;
mod reading;
pub mod schema;
mod told;

pub use judge::{Places, is_about_what_is_missing, judge};
pub use model::{LogPurge, Policy};
pub use reading::{Wrong, read, unusable};
pub use told::{Told, told};

use crate::diagnostics::{Place, Pointer, Source};

/// A policy that is in force, and its text.
#[derive(Debug, Clone)]
pub struct Site {
    /// What it says.
    pub policy: Policy,
    /// Its text: findings name its lines.
    pub source: Source,
}

impl Site {
    /// Whether a member is written.
    fn has(&self, member: &str) -> bool {
        self.source.has(&Pointer::of([member]))
    }

    /// The line that a member stands on, from 1.
    fn line_of(&self, member: &str) -> usize {
        let span = self.source.span_of(&Place::Key(Pointer::of([member])));
        self.source.position(span.start).line
    }

    /// Where a member stands, for people: `/etc/landfall/policy.json:7`.
    fn place_of(&self, member: &str) -> String {
        format!("{}:{}", self.source.name(), self.line_of(member))
    }
}
