//! `landfall schema`: prints a JSON Schema.

use super::arguments::{Schema, SchemaOf};
use super::screen::Screen;
use crate::exit::Exit;

/// Prints the schema that this program was built with.
pub fn schema(arguments: &Schema, screen: &Screen) -> Exit {
    let Schema { of } = arguments;
    screen.result(match of {
        SchemaOf::Plan => include_str!("../../schema/plan.v1.json"),
        SchemaOf::Policy => include_str!("../../schema/policy.v1.json"),
        SchemaOf::Secrets => include_str!("../../schema/secrets.v1.json"),
    });
    Exit::Done
}
