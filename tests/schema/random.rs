//! Random values that a schema takes, made by walking it, and values that are off by one change.

use super::walk::resolved;
use jsonschema::Validator;
use proptest::strategy::{BoxedStrategy, Strategy, ValueTree};
use proptest::string::string_regex;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// What chance makes of a schema. Equal seeds make equal values.
pub struct Chance<'a> {
    schema: &'a Value,
    state: u64,
    runner: TestRunner,
    texts: HashMap<String, (BoxedStrategy<String>, Validator)>,
}

impl<'a> Chance<'a> {
    /// Values of this schema.
    pub fn of_schema(schema: &'a Value) -> Self {
        Self { schema, state: 0, runner: TestRunner::deterministic(), texts: HashMap::new() }
    }

    /// Begins anew with this seed.
    pub fn begin(&mut self, seed: u64) {
        let bytes = [seed, !seed, seed.rotate_left(17), seed.rotate_left(41)].map(u64::to_le_bytes).concat();
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        self.runner = TestRunner::new_with_rng(Config::default(), rng);
        self.state = seed;
    }

    /// A number below `end` (SplitMix64).
    fn below(&mut self, end: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % end.max(1) as u64).unwrap()
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn one_of<'b, T>(&mut self, all: &'b [T]) -> &'b T {
        &all[self.below(all.len())]
    }

    /// A value that the whole schema takes.
    pub fn value(&mut self) -> Value {
        self.of(self.schema)
    }

    fn of(&mut self, schema: &Value) -> Value {
        let schema = resolved(self.schema, schema);
        if let Some(only) = schema.get("const") {
            return only.clone();
        }
        if let Some(words) = schema["enum"].as_array() {
            return self.one_of(words).clone();
        }
        match (schema["type"].as_str(), schema["oneOf"].as_array()) {
            (None, Some(forms)) => {
                let form = self.one_of(forms).clone();
                self.of(&form)
            }
            (Some("object"), _) => self.object(&schema),
            (Some("array"), _) => self.list(&schema),
            (Some("string"), _) => json!(self.text(&schema)),
            (Some("boolean"), _) => json!(self.one_in(2)),
            (Some("integer"), _) => self.integer(&schema),
            (Some("number"), _) => json!(0.01 + self.below(102_399) as f64 / 100.0),
            (kind, _) => panic!("{kind:?}"),
        }
    }

    fn object(&mut self, schema: &Value) -> Value {
        let mut made = Map::new();
        let names = |list: &Value| -> Vec<String> {
            list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let choices: Vec<String> =
            schema["oneOf"].as_array().into_iter().flatten().flat_map(|form| names(&form["required"])).collect();
        let mut wanted = names(&schema["required"]);
        if !choices.is_empty() {
            wanted.push(self.one_of(&choices).clone());
        }
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let optional = !choices.contains(name) && self.one_in(4);
            if wanted.contains(name) || optional {
                made.insert(name.clone(), self.of(field));
            }
        }
        if let Some(of_map) = schema.get("additionalProperties").filter(|of_map| of_map.is_object()) {
            let least = schema["minProperties"].as_u64().unwrap_or_default() as usize;
            for _ in 0..least + self.below(3) {
                let name = self.name(&schema["propertyNames"]);
                made.insert(name, self.of(of_map));
            }
        }
        if schema.get("patternProperties").is_some() && self.one_in(8) {
            made.insert("x-note".to_owned(), json!([1, { "y": null }]));
        }
        Value::Object(made)
    }

    fn name(&mut self, names: &Value) -> String {
        match names {
            Value::Object(_) => {
                let named = if names["anyOf"].is_array() { names["anyOf"][1].clone() } else { names.clone() };
                match named["enum"].as_array() {
                    Some(words) => self.one_of(words).as_str().unwrap().to_owned(),
                    None => self.text(&named),
                }
            }
            _ => self.text(&json!({})),
        }
    }

    fn list(&mut self, schema: &Value) -> Value {
        let least = schema["minItems"].as_u64().unwrap_or_default() as usize;
        let most = schema["maxItems"].as_u64().unwrap_or(u64::MAX) as usize;
        let count = (least + self.below(3)).min(most);
        let mut elements: Vec<Value> = (0..count).map(|_| self.of(&schema["items"])).collect();
        if schema["uniqueItems"] == true {
            let all = std::mem::take(&mut elements);
            all.into_iter().for_each(|element| {
                if !elements.contains(&element) {
                    elements.push(element)
                }
            });
        }
        Value::Array(elements)
    }

    fn integer(&mut self, schema: &Value) -> Value {
        let (least, most) = (schema["minimum"].as_i64().unwrap(), schema["maximum"].as_i64().unwrap());
        let near = |most: i64, step: usize| least.saturating_add(step as i64).min(most);
        match self.below(5) {
            0 => json!(least),
            1 => json!(most),
            // JSON has one kind of number: this is an integer too.
            2 => json!(near(most, self.below(50)) as f64),
            _ => json!(near(most, self.below(5000))),
        }
    }

    /// A text that the pattern takes, or one of the examples, which are likelier to be right otherwise.
    fn text(&mut self, schema: &Value) -> String {
        if let Some(examples) = schema["examples"].as_array().filter(|_| !self.one_in(3)) {
            return self.one_of(examples).as_str().unwrap().to_owned();
        }
        let pattern = schema["pattern"].as_str().unwrap_or("^[ -~äß€\u{1f980}]{1,6}$");
        let key = format!("{pattern} {}", schema["not"]);
        let (strategy, judge) = self.texts.entry(key).or_insert_with(|| {
            let bare = pattern.strip_prefix('^').and_then(|pattern| pattern.strip_suffix('$')).unwrap();
            (string_regex(bare).unwrap().boxed(), jsonschema::validator_for(schema).unwrap())
        });
        loop {
            let text = strategy.new_tree(&mut self.runner).unwrap().current();
            if judge.is_valid(&json!(text)) {
                return text;
            }
        }
    }

    /// The same value with one change, which may or may not make it wrong.
    pub fn changed(&mut self, mut value: Value) -> Value {
        let mut pointers = Vec::new();
        below(&value, String::new(), &mut pointers);
        let pointer = self.one_of(&pointers).clone();
        let other = self.one_of(&pointers).clone();
        let other = value.pointer(&other).unwrap().clone();
        let odd =
            [json!(null), json!(true), json!(-1), json!(0), json!(1e300), json!(1.5), json!(""), json!([]), json!({})];
        let place = value.pointer_mut(&pointer).unwrap();
        match self.below(4) {
            0 => *place = self.one_of(&odd).clone(),
            1 => *place = other,
            _ => match place {
                Value::Object(fields) => {
                    let names: Vec<String> = fields.keys().cloned().collect();
                    match self.below(3) {
                        0 if !names.is_empty() => drop(fields.remove(self.one_of(&names))),
                        1 => drop(fields.insert("X-unknown".to_owned(), other)),
                        _ => drop(fields.insert("name".to_owned(), other)),
                    }
                }
                Value::Array(elements) => elements.push(elements.first().cloned().unwrap_or(other)),
                Value::String(text) => {
                    let at = self.below(text.chars().count() + 1);
                    let odd = *self.one_of(&[' ', '0', 'a', 'A', '-', '.', '/', ':', '\n', '~', 'ä', '\u{85}']);
                    *text = text.chars().take(at).chain([odd]).chain(text.chars().skip(at + 1)).collect();
                }
                Value::Number(number) => *place = json!(number.as_f64().unwrap() + 1.0),
                Value::Bool(_) | Value::Null => *place = json!("true"),
            },
        }
        value
    }
}

fn below(value: &Value, pointer: String, found: &mut Vec<String>) {
    for (name, below_it) in value.as_object().into_iter().flatten() {
        below(below_it, format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")), found);
    }
    for (index, below_it) in value.as_array().into_iter().flatten().enumerate() {
        below(below_it, format!("{pointer}/{index}"), found);
    }
    found.push(pointer);
}
