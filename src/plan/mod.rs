//! The plan language: text to spans, schema, and the typed, validated model. Reads nothing, changes nothing.

pub mod values;
