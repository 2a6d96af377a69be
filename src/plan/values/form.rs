//! What all kinds of values share: the mistake, the form in the schema, the text in and out. Reads nothing, changes
//! nothing.

use std::fmt;

use serde_json::{Map, Value as Json, json};

use crate::diagnostics::{Code, Finding, Place, Pointer};

/// What is wrong with a value, and the cure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// What is wrong, with the actual value: ``size `512m` has no known unit``.
    pub message: String,
    /// What stands beside the underlined value: `units are B, KiB, MiB, GiB, TiB`. May be empty.
    pub label: String,
    /// The cure: ``write `512MiB` ``. May be empty.
    pub help: String,
    /// Values that are right, one of which is meant; the likeliest first. Often none is known.
    pub meant: Vec<String>,
    /// The stable code.
    pub code: Code,
}

impl Problem {
    /// A problem that says what is wrong.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { message: message.into(), label: String::new(), help: String::new(), meant: Vec::new(), code }
    }

    /// Sets the label.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Sets the cure.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// Sets the cure to the text that the author should write, if one is known.
    #[must_use]
    pub fn write(self, text: Option<impl fmt::Display>) -> Self {
        match text {
            Some(text) => self.help(format!("write `{text}`")).meant([text]),
            None => self,
        }
    }

    /// Sets what is likely meant.
    #[must_use]
    pub fn meant(mut self, texts: impl IntoIterator<Item = impl fmt::Display>) -> Self {
        self.meant = texts.into_iter().map(|text| text.to_string()).collect();
        self
    }

    /// The error at the value that `pointer` names in the plan; what is meant can be written in its place.
    pub fn at(self, pointer: Pointer) -> Finding {
        let Self { message, label, help, meant, code } = self;
        let place = Place::Value(pointer.clone());
        let finding = Finding::error(code, pointer, message).label(label).help(help);
        meant.into_iter().fold(finding, |finding, text| {
            finding.fix(format!("write `{text}`"), place.clone(), serde_json::Value::from(text))
        })
    }
}

/// What the author should write instead, if it is a value of this kind: half of a cure would only lead to the next mistake.
pub(super) fn right<K: Value>(wrong: &str, meant: impl fmt::Display) -> Option<String> {
    Some(meant.to_string()).filter(|meant| meant != wrong && K::parse(meant).is_ok())
}

/// How a kind of value stands in the JSON Schema.
#[derive(Debug, PartialEq, Eq)]
pub struct Form {
    /// The name of its format: `landfall-duration`.
    pub format: &'static str,
    /// What a text must match: a regular expression for editors and other validators. What it refuses, `parse` refuses.
    pub pattern: &'static str,
    /// What a text must not match; empty where there is no such thing.
    pub unless: &'static str,
    /// The most characters; 0 where the pattern bounds them, or nothing does.
    pub longest: u32,
    /// What `parse` refuses as well and no keyword of a schema can say, in words.
    pub beyond: &'static [&'static str],
    /// What an editor says where the pattern doesn't match.
    pub wrong: &'static str,
    /// What the kind is for.
    pub description: &'static str,
    /// Values that are right.
    pub examples: &'static [&'static str],
}

impl Form {
    /// The kind in the JSON Schema.
    pub fn schema(&self) -> Map<String, Json> {
        let Self { format, pattern, unless, longest, beyond: _, wrong, description, examples } = self;
        let mut schema = Map::new();
        let mut set = |keyword: &str, value: Json| schema.insert(keyword.to_owned(), value);
        set("type", json!("string"));
        set("pattern", json!(pattern));
        set("format", json!(format));
        set("patternErrorMessage", json!(wrong));
        set("description", json!(description));
        set("examples", json!(examples));
        if *longest > 0 {
            set("maxLength", json!(longest));
        }
        if !unless.is_empty() {
            set("not", json!({ "pattern": unless }));
            set("errorMessage", json!(wrong));
        }
        schema
    }
}

/// A kind of value that is written as a string in the plan.
pub trait Value: Sized + fmt::Display {
    /// How it stands in the schema.
    const FORM: Form;

    /// Reads a value.
    ///
    /// # Errors
    /// What is wrong with it, and the cure.
    fn parse(text: &str) -> Result<Self, Problem>;
}

/// The text as a message shows it: in backticks, control characters escaped, cropped when very long.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 80;
    let mut visible: String = text.chars().take(LONGEST).flat_map(escaped).collect();
    if text.chars().nth(LONGEST).is_some() {
        visible.push('…');
    }
    format!("`{visible}`")
}

fn escaped(character: char) -> Vec<char> {
    if character.is_control() { character.escape_default().collect() } else { vec![character] }
}

/// Whether the text has from 1 to `longest` characters, the first of them right for `first`, all others for `rest`.
pub(super) fn is_word(text: &str, longest: usize, first: fn(char) -> bool, rest: fn(char) -> bool) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(first) && characters.all(rest) && text.len() <= longest
}

/// Gives a type that has `parse` and `Display` its place in the schema and in serde.
macro_rules! value {
    ($kind:ident {
        format: $format:literal, pattern: $pattern:expr, $(unless: $unless:literal,)? $(longest: $longest:literal,)?
        $(beyond: [$($beyond:literal),+ $(,)?],)? wrong: $wrong:literal,
        description: $description:literal, examples: [$($example:literal),+ $(,)?] $(,)?
    }) => {
        impl $kind {
            /// How it stands in the schema.
            pub const FORM: $crate::plan::values::Form = $crate::plan::values::Form {
                format: $format,
                pattern: $pattern,
                unless: concat!($($unless)?),
                longest: 0 $(+ $longest)?,
                beyond: &[$($($beyond),+)?],
                wrong: $wrong,
                description: $description,
                examples: &[$($example),+],
            };
        }

        impl $crate::plan::values::Value for $kind {
            const FORM: $crate::plan::values::Form = $kind::FORM;

            fn parse(text: &str) -> Result<Self, $crate::plan::values::Problem> {
                $kind::parse(text)
            }
        }

        impl std::str::FromStr for $kind {
            type Err = $crate::plan::values::Problem;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $kind::parse(text)
            }
        }

        impl serde::Serialize for $kind {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $kind {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                $kind::parse(&text).map_err(serde::de::Error::custom)
            }
        }

        impl schemars::JsonSchema for $kind {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($kind).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $kind::FORM.schema().into()
            }
        }
    };
}

/// What a value that is kept as its own text needs besides `parse`.
macro_rules! text {
    ($kind:ident) => {
        impl $kind {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $kind {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl AsRef<str> for $kind {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $kind {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}
