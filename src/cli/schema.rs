//! `landfall schema`: prints a JSON Schema.

use super::arguments::{Schema, SchemaOf};
use super::screen::Screen;
use crate::exit::Exit;
use crate::schemas;

/// Prints the schema that this program was built with.
pub fn schema(arguments: &Schema, screen: &Screen) -> Exit {
    let Schema { of } = arguments;
    screen.result(&match of {
        SchemaOf::Plan => schemas::plan_text(),
        SchemaOf::Policy => schemas::policy_text(),
        SchemaOf::Secrets => schemas::secrets_text(),
    });
    Exit::Done
}
