//! The plan language: text to spans, schema, and the typed, validated model. Reads nothing, changes nothing.

pub mod canonical;
pub mod schema;
pub mod text;
pub mod values;

pub mod model;
