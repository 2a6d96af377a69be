//! The plan language: text to spans, schema, and the typed, validated model. Reads nothing, changes nothing.

pub mod canonical;
mod legible;
pub mod model;
pub mod named;
pub mod pins;
pub mod reading;
pub mod review;
pub mod schema;
pub mod secrets;
pub mod template;
pub mod text;
pub mod values;
pub mod written;
