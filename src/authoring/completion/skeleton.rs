//! Values to be filled in, as a snippet and as plain text. Reads nothing, changes nothing.

use crate::authoring::meaning::Meaning;
use serde_json::Value;

/// How deep required fields are written out.
const DEEPEST: usize = 4;

/// A text with places to fill in, in both forms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Skeleton {
    /// For a client without snippets.
    pub(super) plain: String,
    /// With `$1`, `${1:…}` and `${1|a,b|}`.
    pub(super) snippet: String,
    stops: usize,
}

impl Skeleton {
    /// The snippet, if anything is to be filled in.
    pub(super) fn snippet(&self) -> Option<String> {
        (self.stops > 0).then(|| self.snippet.clone())
    }

    /// Adds a text as it is.
    pub(super) fn write(&mut self, text: &str) {
        self.plain.push_str(text);
        self.snippet.push_str(&text.replace('\\', "\\\\").replace('$', "\\$"));
    }

    /// Puts a comma in front of everything.
    pub(super) fn after_comma(&mut self) {
        self.plain.insert_str(0, ", ");
        self.snippet.insert_str(0, ", ");
    }

    /// Adds a place to fill in, with what stands there at first.
    pub(super) fn stop(&mut self, first: &str) {
        self.stops += 1;
        self.plain.push_str(first);
        let escaped = first.replace('\\', "\\\\").replace('$', "\\$").replace('}', "\\}");
        match first {
            "" => self.snippet.push_str(&format!("${}", self.stops)),
            _ => self.snippet.push_str(&format!("${{{}:{escaped}}}", self.stops)),
        }
    }

    /// Adds a place where one of several texts goes.
    fn choice(&mut self, texts: &[String]) {
        self.stops += 1;
        self.plain.push_str(texts.first().map_or("", String::as_str));
        let escape =
            |text: &String| text.replace('\\', "\\\\").replace(',', "\\,").replace('|', "\\|").replace('$', "\\$");
        let texts: Vec<String> = texts.iter().map(escape).collect();
        self.snippet.push_str(&format!("${{{}|{}|}}", self.stops, texts.join(",")));
    }

    /// Adds a value that any of `meanings` allows.
    pub(super) fn value(&mut self, meanings: &[Meaning], depth: usize) {
        let default = meanings.iter().find_map(|meaning| meaning.keyword("default"));
        let all = Meaning::fitting(meanings, None, None);
        let Some(first) = all.first() else { return self.stop("null") };
        let listed = first.values();
        match listed.as_slice() {
            [] => self.of_type(first, default, depth),
            [(only, _)] => self.write(&only.to_string()),
            several => {
                // The default needs no writing down.
                let (default, others): (Vec<_>, Vec<_>) =
                    several.iter().partition(|(value, _)| Some(*value) == default);
                self.choice(&others.iter().chain(&default).map(|(value, _)| value.to_string()).collect::<Vec<_>>());
            }
        }
    }

    fn of_type(&mut self, meaning: &Meaning, default: Option<&Value>, depth: usize) {
        match meaning.types().first().copied() {
            Some("string") => {
                self.write("\"");
                self.stop(&between_quotes(default.and_then(Value::as_str).unwrap_or_default()));
                self.write("\"");
            }
            Some("integer" | "number") => {
                let first =
                    default.or_else(|| meaning.listed("examples").next()).or_else(|| meaning.keyword("minimum"));
                let first = first.filter(|value| value.is_number());
                self.stop(&first.map_or("0".to_owned(), Value::to_string));
            }
            Some("boolean") => self.stop(if default == Some(&Value::Bool(true)) { "false" } else { "true" }),
            Some("array") => self.array(meaning, depth),
            Some("object") => self.object(meaning, depth),
            Some(_) | None => self.stop("null"),
        }
    }

    fn array(&mut self, meaning: &Meaning, depth: usize) {
        let elements: Vec<Meaning> = meaning.element().into_iter().collect();
        if depth >= DEEPEST || elements.is_empty() {
            return self.write("[]");
        }
        self.in_snippet_only("[", &mut |inside| inside.value(&elements, depth + 1), "]");
    }

    fn object(&mut self, meaning: &Meaning, depth: usize) {
        let mut fields: Vec<&str> = meaning.choice().into_iter().take(1).collect();
        fields.extend(meaning.listed("required").filter_map(Value::as_str));
        if depth >= DEEPEST {
            return self.write("{}");
        }
        match (fields.as_slice(), meaning.any_member()) {
            ([], Some(member)) => {
                let mut inside = |inside: &mut Self| {
                    inside.write("\"");
                    inside.stop("");
                    inside.write("\": ");
                    inside.value(std::slice::from_ref(&member), depth + 1);
                };
                self.in_snippet_only("{ ", &mut inside, " }");
            }
            ([], None) => self.in_snippet_only("{ ", &mut |inside| inside.stop(""), " }"),
            (fields, _) => {
                for (index, field) in fields.iter().enumerate() {
                    self.write(if index == 0 { "{ " } else { ", " });
                    self.write(&format!("{}: ", Value::from(*field)));
                    self.value(&meaning.member(field).into_iter().collect::<Vec<_>>(), depth + 1);
                }
                self.write(" }");
            }
        }
    }

    /// Brackets around something, with nothing in them where there are no snippets.
    fn in_snippet_only(&mut self, open: &str, inside: &mut dyn FnMut(&mut Self), close: &str) {
        let plain = format!("{}{}{}", self.plain, open.trim_end(), close.trim_start());
        self.write(open);
        inside(self);
        self.write(close);
        self.plain = plain;
    }

    /// Adds one of the schema's own snippets; `indent` is the white space that its further lines begin with.
    pub(super) fn ready(&mut self, snippet: &Ready, indent: &str) {
        let text = snippet.text.replace('\t', "  ").replace('\n', &format!("\n{indent}"));
        let before = self.stops;
        for part in parts(&text) {
            match part {
                Part::Text(text) => {
                    self.plain.push_str(&text.replace("\\\\", "\\"));
                    self.snippet.push_str(&text);
                }
                Part::Stop { number, first, rest } => {
                    self.plain.push_str(&first);
                    // Numbers of the snippet's own follow those that are there.
                    let number = number + before;
                    self.stops = self.stops.max(number);
                    match rest.as_str() {
                        "" => self.snippet.push_str(&format!("${number}")),
                        rest => self.snippet.push_str(&format!("${{{number}{rest}}}")),
                    }
                }
            }
        }
    }
}

/// One of the schema's own snippets for a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ready {
    pub(super) label: &'static str,
    pub(super) description: &'static str,
    /// JSON with places to fill in, lines indented by tabs.
    text: &'static str,
}

impl Ready {
    /// Those that stand with the schema of a value.
    pub(super) fn all(meanings: &[Meaning]) -> Vec<Self> {
        let text = |snippet: &'static Value, name: &str| snippet.get(name).and_then(Value::as_str);
        let one = |snippet: &'static Value| {
            let (label, body) = (text(snippet, "label")?, text(snippet, "bodyText")?);
            Some(Self { label, description: text(snippet, "description").unwrap_or_default(), text: body })
        };
        let mut all: Vec<Self> = Vec::new();
        for ready in meanings.iter().flat_map(|meaning| meaning.listed("defaultSnippets")).filter_map(one) {
            if !all.contains(&ready) {
                all.push(ready);
            }
        }
        all
    }

    /// Whether it makes such a value as `meaning` is, as far as its beginning and its fields tell.
    pub(super) fn covers(&self, meaning: &Meaning) -> bool {
        match meaning.listed("required").next() {
            Some(field) => self.text.contains(&field.to_string()),
            None => self.text.starts_with('"') == (meaning.types() == ["string"]),
        }
    }
}

/// A text as it stands between the quotes of JSON.
pub(super) fn between_quotes(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}

/// A piece of a snippet.
enum Part {
    Text(String),
    /// A place to fill in: `rest` is what follows the number in braces, `first` what stands there at first.
    Stop {
        number: usize,
        first: String,
        rest: String,
    },
}

fn parts(snippet: &str) -> Vec<Part> {
    let (mut parts, mut rest) = (Vec::new(), snippet);
    while let Some((before, after)) = rest.split_once('$') {
        parts.push(Part::Text(before.to_owned()));
        let (inside, behind) = match after.strip_prefix('{').and_then(|after| after.split_once('}')) {
            Some(parts) => parts,
            None => after.split_at(after.bytes().take_while(u8::is_ascii_digit).count()),
        };
        let words = inside.trim_start_matches(|next: char| next.is_ascii_digit());
        match inside.strip_suffix(words).and_then(|number| number.parse().ok()) {
            Some(number) => {
                let choice = words.strip_prefix('|').and_then(|choices| choices.split([',', '|']).next());
                let first = choice.unwrap_or_else(|| words.strip_prefix(':').unwrap_or_default()).to_owned();
                parts.push(Part::Stop { number, first, rest: words.to_owned() });
                rest = behind;
            }
            None => {
                parts.push(Part::Text("$".to_owned()));
                rest = after;
            }
        }
    }
    parts.push(Part::Text(rest.to_owned()));
    parts
}
