//! What the schema says about a place of a document. Reads nothing, changes nothing.
//!
//! The schema is the one source of fields, descriptions and values; what is asked here follows `$ref`, `oneOf`, `anyOf`,
//! `allOf`, `properties`, `patternProperties`, `additionalProperties`, `propertyNames` and `items`, whatever they are about.

mod fitting;

use super::{
    File,
    document::{Document, Node},
};
use crate::{diagnostics::Pointer, schemas};
use serde_json::Value;
use std::sync::LazyLock;

// Reading a schema takes longer than any answer.
static PLAN: LazyLock<Value> = LazyLock::new(schemas::plan);
static SECRETS: LazyLock<Value> = LazyLock::new(schemas::secrets);

/// How many references may lead from one to the next; a longer chain is a cycle.
const LONGEST_CHAIN: usize = 16;

/// A schema and everything that it refers to for the same value, from the place of use to the definition.
#[derive(Debug, Clone)]
pub(super) struct Meaning {
    root: &'static Value,
    layers: Vec<&'static Value>,
}

impl PartialEq for Meaning {
    fn eq(&self, other: &Self) -> bool {
        let Self { root: _, layers } = self;
        layers.len() == other.layers.len()
            && layers.iter().zip(&other.layers).all(|(one, another)| std::ptr::eq(*one, *another))
    }
}

impl Meaning {
    /// What the whole of a file is.
    pub(super) fn of_file(file: File) -> Self {
        let root: &'static Value = match file {
            File::Plan => &PLAN,
            File::Secrets => &SECRETS,
        };
        Self::resolved(root, root)
    }

    /// What the value at `pointer` may be, alternatives of its own not yet told apart.
    pub(super) fn at(file: File, document: &Document, pointer: &Pointer) -> Vec<Self> {
        let (mut meanings, mut node) = (vec![Self::of_file(file)], Some(document.root()));
        for segment in pointer.segments() {
            let is_array = node.is_some_and(|node| !matches!(node.content, super::document::Content::Object(_)));
            let mut below: Vec<Self> = Vec::new();
            for meaning in fitting::fitting(&meanings, node, None) {
                let found = match (is_array, segment.parse::<usize>()) {
                    (true, Ok(_)) => meaning.element(),
                    (true | false, _) => meaning.member(segment),
                };
                below.extend(found.into_iter().filter(|found| !below.contains(found)).collect::<Vec<_>>());
            }
            meanings = below;
            node = node.and_then(|node| node.inside(segment));
        }
        meanings
    }

    /// The alternatives of `meanings` that go with what is written. `aside` is a key that is just being written.
    pub(super) fn fitting(meanings: &[Self], node: Option<&Node>, aside: Option<&str>) -> Vec<Self> {
        fitting::fitting(meanings, node, aside)
    }

    fn resolved(root: &'static Value, schema: &'static Value) -> Self {
        let mut layers = vec![schema];
        let mut at = 0;
        while let Some(layer) = layers.get(at).copied().filter(|_| at < LONGEST_CHAIN) {
            let target = layer.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
            layers.extend(target.and_then(|target| root.pointer(target)));
            layers.extend(layer.get("allOf").and_then(Value::as_array).into_iter().flatten());
            at += 1;
        }
        Self { root, layers }
    }

    fn below(&self, schema: &'static Value) -> Option<Self> {
        schema.is_object().then(|| Self::resolved(self.root, schema))
    }

    /// A keyword, as the place of use says it, else the definition.
    pub(super) fn keyword(&self, name: &str) -> Option<&'static Value> {
        self.layers.iter().find_map(|layer| layer.get(name))
    }

    /// A keyword whose value is a text.
    pub(super) fn text(&self, name: &str) -> Option<&'static str> {
        self.keyword(name)?.as_str()
    }

    /// All that is said in words, from the place of use to the definition.
    pub(super) fn descriptions(&self) -> Vec<&'static str> {
        let described = |layer: &&'static Value| {
            layer.get("markdownDescription").or_else(|| layer.get("description")).and_then(Value::as_str)
        };
        self.layers.iter().filter_map(described).collect()
    }

    /// The elements of every layer's list.
    pub(super) fn listed(&self, name: &str) -> impl Iterator<Item = &'static Value> {
        self.layers.iter().filter_map(move |layer| layer.get(name)?.as_array()).flatten()
    }

    /// The fields that an object may have, with what each is, in the schema's order.
    pub(super) fn fields(&self) -> Vec<(&'static str, Self)> {
        let fields = self.layers.iter().filter_map(|layer| layer.get("properties")?.as_object()).flatten();
        fields.filter_map(|(name, schema)| Some((name.as_str(), self.below(schema)?))).collect()
    }

    /// Whether this is one of the fixed fields of an object.
    pub(super) fn has_field(&self, name: &str) -> bool {
        self.layers.iter().any(|layer| layer.get("properties").is_some_and(|fields| fields.get(name).is_some()))
    }

    /// Whether the value at `pointer` is a text with secrets in it, and not a name of the author's own that is called so.
    pub(super) fn is_template(document: &Document, pointer: &Pointer) -> bool {
        let Some(holder) = pointer.parent().filter(|_| pointer.last() == Some("template")) else { return false };
        let around = Self::at(File::Plan, document, &holder);
        Self::fitting(&around, document.node(&holder), None).iter().any(|meaning| meaning.has_field("template"))
    }

    /// Whether an object must have this field.
    pub(super) fn requires(&self, field: &str) -> bool {
        self.listed("required").any(|name| name == field)
    }

    /// The fields of which an object has exactly one, if it is so.
    pub(super) fn choice(&self) -> Vec<&'static str> {
        self.listed("oneOf").filter_map(only_requires).collect()
    }

    /// What a key of an object with free keys may be.
    pub(super) fn names(&self) -> Option<Self> {
        self.below(self.keyword("propertyNames")?)
    }

    /// What the value of any key is, if keys are free.
    pub(super) fn any_member(&self) -> Option<Self> {
        self.below(self.keyword("additionalProperties")?)
    }

    /// What a member is.
    pub(super) fn member(&self, name: &str) -> Option<Self> {
        let field = self.layers.iter().find_map(|layer| layer.get("properties")?.get(name));
        match field {
            Some(field) => self.below(field),
            None => self.any_member(),
        }
    }

    /// What an element is.
    pub(super) fn element(&self) -> Option<Self> {
        self.below(self.keyword("items")?)
    }

    /// The values that are allowed, if they are listed, each with its words.
    pub(super) fn values(&self) -> Vec<(&'static Value, &'static str)> {
        if let Some(value) = self.keyword("const") {
            return vec![(value, "")];
        }
        let words: Vec<_> = self.listed("markdownEnumDescriptions").chain(self.listed("enumDescriptions")).collect();
        let told = |index: usize| words.get(index).and_then(|words| words.as_str()).unwrap_or_default();
        self.listed("enum").enumerate().map(|(index, value)| (value, told(index))).collect()
    }

    /// The JSON types, without `null`; none if any is allowed.
    pub(super) fn types(&self) -> Vec<&'static str> {
        let named: Vec<&'static str> = match self.keyword("type") {
            Some(Value::String(one)) => vec![one.as_str()],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => {
                let mut types: Vec<_> = self.values().into_iter().map(|(value, _)| fitting::type_of(value)).collect();
                types.dedup();
                types
            }
        };
        named.into_iter().filter(|name| *name != "null").collect()
    }

    /// The kind of text, by the name of its format.
    pub(super) fn format(&self) -> Option<&'static str> {
        self.text("format")
    }
}

/// The field that an alternative asks for and says nothing else about.
fn only_requires(alternative: &'static Value) -> Option<&'static str> {
    let alternative = alternative.as_object()?;
    match alternative.get("required")?.as_array()?.as_slice() {
        [name] if alternative.len() == 1 => name.as_str(),
        _ => None,
    }
}
