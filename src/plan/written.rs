//! JSON that is being written: members in the order in which they were put, laid out for people. Reads nothing, changes
//! nothing.

use crate::diagnostics::Pointer;
use serde_json::Value;

/// A line is broken up when it would be longer.
const WIDTH: usize = 100;

/// The document, its sections and their entries each have a line of their own, however short.
const ALWAYS_BROKEN: usize = 3;

/// A value that is being written, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// What it comes from, as whoever writes it counts that.
    pub origin: Option<usize>,
    /// The value.
    pub form: Form,
}

/// A value that is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// A text.
    Text(String),
    /// A number, as it is to be written.
    Number(String),
    /// `true` or `false`.
    Switch(bool),
    /// A list.
    List(Vec<Written>),
    /// An object, in the order of its members.
    Object(Vec<(String, Written)>),
}

impl From<Form> for Written {
    fn from(form: Form) -> Self {
        Self { origin: None, form }
    }
}

impl From<bool> for Written {
    fn from(switch: bool) -> Self {
        Form::Switch(switch).into()
    }
}

impl From<i64> for Written {
    fn from(number: i64) -> Self {
        Form::Number(number.to_string()).into()
    }
}

impl Written {
    /// A text.
    pub fn text(text: impl ToString) -> Self {
        Form::Text(text.to_string()).into()
    }

    /// A list of texts.
    pub fn texts<T: ToString>(texts: impl IntoIterator<Item = T>) -> Self {
        Form::List(texts.into_iter().map(Self::text).collect()).into()
    }

    /// A list.
    pub fn list(elements: Vec<Self>) -> Self {
        Form::List(elements).into()
    }

    /// An object without members.
    pub fn object() -> Self {
        Form::Object(Vec::new()).into()
    }

    /// Says where it comes from.
    #[must_use]
    pub fn out_of(mut self, origin: usize) -> Self {
        self.origin = Some(origin);
        self
    }

    /// As a part of something that comes from one place as a whole.
    #[must_use]
    pub fn as_part(mut self) -> Self {
        self.origin = None;
        self
    }

    /// With one more member; nothing happens to what is no object.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Self>) -> Self {
        self.put(name, value);
        self
    }

    /// Adds a member, instead of one of the same name; nothing happens to what is no object.
    pub fn put(&mut self, name: &str, value: impl Into<Self>) {
        if let Form::Object(members) = &mut self.form {
            members.retain(|(known, _)| known != name);
            members.push((name.to_owned(), value.into()));
        }
    }

    /// Whether it is a list or an object with nothing in it.
    pub fn is_empty(&self) -> bool {
        match &self.form {
            Form::Text(_) | Form::Number(_) | Form::Switch(_) => false,
            Form::List(elements) => elements.is_empty(),
            Form::Object(members) => members.is_empty(),
        }
    }

    /// The member of this name.
    pub fn member(&self, name: &str) -> Option<&Self> {
        self.below(name)
    }

    /// The members, where it is an object.
    pub fn members(&self) -> &[(String, Self)] {
        match &self.form {
            Form::Object(members) => members,
            Form::Text(_) | Form::Number(_) | Form::Switch(_) | Form::List(_) => &[],
        }
    }

    fn below(&self, segment: &str) -> Option<&Self> {
        match &self.form {
            Form::Object(members) => members.iter().find(|(name, _)| name == segment).map(|(_, value)| value),
            Form::List(elements) => elements.get(segment.parse::<usize>().ok()?),
            Form::Text(_) | Form::Number(_) | Form::Switch(_) => None,
        }
    }

    fn below_mut(&mut self, segment: &str) -> Option<&mut Self> {
        match &mut self.form {
            Form::Object(members) => members.iter_mut().find(|(name, _)| name == segment).map(|(_, value)| value),
            Form::List(elements) => elements.get_mut(segment.parse::<usize>().ok()?),
            Form::Text(_) | Form::Number(_) | Form::Switch(_) => None,
        }
    }

    /// The values on the way to this pointer, the outermost first, each with its own; ends where the document does.
    pub fn way_to(&self, pointer: &Pointer) -> Vec<(Pointer, &Self)> {
        let mut way = vec![(Pointer::root(), self)];
        for segment in pointer.segments() {
            let Some((at, value)) = way.last().map(|(at, value)| (at.then(segment), value.below(segment))) else {
                break;
            };
            let Some(value) = value else { break };
            way.push((at, value));
        }
        way
    }

    /// Takes the value at this pointer out of the document; a list or object that is empty then goes with it.
    pub fn remove(&mut self, pointer: &Pointer) -> Option<Self> {
        let (parent, last) = (pointer.parent()?, pointer.last()?);
        let holder = parent.segments().try_fold(&mut *self, |value, segment| value.below_mut(segment))?;
        let removed = match &mut holder.form {
            Form::Object(members) => {
                let index = members.iter().position(|(name, _)| name == last)?;
                members.remove(index).1
            }
            Form::List(elements) => {
                let index = last.parse::<usize>().ok().filter(|index| *index < elements.len())?;
                elements.remove(index)
            }
            Form::Text(_) | Form::Number(_) | Form::Switch(_) => return None,
        };
        if holder.is_empty() {
            self.remove(&parent);
        }
        Some(removed)
    }

    /// The text of the file, with a line break at its end.
    pub fn laid_out(&self) -> String {
        let mut out = String::new();
        self.lay_out(0, 0, &mut out);
        out.push('\n');
        out
    }

    /// `taken` characters stand before it on its line already.
    fn lay_out(&self, depth: usize, taken: usize, out: &mut String) {
        let line = self.on_one_line();
        let has_sections = matches!(self.form, Form::Object(_)) && depth < ALWAYS_BROKEN;
        // One for the comma that may follow.
        if self.is_empty() || !has_sections && taken + line.chars().count() < WIDTH {
            out.push_str(&line);
            return;
        }
        match &self.form {
            Form::Text(_) | Form::Number(_) | Form::Switch(_) => out.push_str(&line),
            Form::List(elements) => {
                let entries = elements.iter().map(|element| (String::new(), element));
                broken(entries.collect(), ('[', ']'), depth, out);
            }
            Form::Object(members) => {
                let entries = members.iter().map(|(name, value)| (format!("{}: ", quoted(name)), value));
                broken(entries.collect(), ('{', '}'), depth, out);
            }
        }
    }

    fn on_one_line(&self) -> String {
        match &self.form {
            Form::Text(text) => quoted(text),
            Form::Number(number) => number.clone(),
            Form::Switch(switch) => switch.to_string(),
            Form::List(elements) => {
                let elements: Vec<_> = elements.iter().map(Self::on_one_line).collect();
                format!("[{}]", elements.join(", "))
            }
            Form::Object(members) if members.is_empty() => "{}".to_owned(),
            Form::Object(members) => {
                let member = |(name, value): &(String, Self)| format!("{}: {}", quoted(name), value.on_one_line());
                format!("{{ {} }}", members.iter().map(member).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

fn broken(entries: Vec<(String, &Written)>, (open, close): (char, char), depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth + 1);
    out.push(open);
    for (index, (key, value)) in entries.into_iter().enumerate() {
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        out.push_str(&indent);
        out.push_str(&key);
        value.lay_out(depth + 1, indent.len() + key.chars().count(), out);
    }
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
    out.push(close);
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::Written;
    use crate::diagnostics::Pointer;
    use pretty_assertions::assert_eq;

    fn plan() -> Written {
        let web = Written::object()
            .with("image", Written::text("docker.io/library/nginx:1.27").out_of(7))
            .with("ports", Written::texts(["8080:80"]));
        Written::object().with("version", 1).with("services", Written::object().with("web", web))
    }

    #[test]
    fn sections_have_lines_of_their_own_and_short_values_share_one() {
        let long = Written::texts(["a\"b".repeat(20), "c".repeat(40)]);
        let document = plan().with("x-note", Written::object().with("a", true).with("b", Written::list(Vec::new())));
        let expected = r#"{
  "version": 1,
  "services": {
    "web": {
      "image": "docker.io/library/nginx:1.27",
      "ports": ["8080:80"]
    }
  },
  "x-note": {
    "a": true,
    "b": []
  },
  "x-long": [
    "a\"ba\"ba\"ba\"ba\"ba\"ba\"ba\"ba\"ba\"ba\"ba\"ba\"ba\"ba\"ba\"ba\"ba\"ba\"ba\"b",
    "cccccccccccccccccccccccccccccccccccccccc"
  ]
}
"#;
        assert_eq!(document.with("x-long", long).laid_out(), expected);
    }

    #[test]
    fn what_is_empty_without_a_value_goes_with_it() {
        let mut document = plan();
        let removed = document.remove(&Pointer::parse("/services/web/ports/0"));
        assert_eq!(removed, Some(Written::text("8080:80")));
        let web = Pointer::parse("/services/web");
        let names: Vec<_> = document.way_to(&web).pop().unwrap().1.members().iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["image"]);
        assert_eq!(document.remove(&Pointer::parse("/services/web/ports")), None);
    }

    #[test]
    fn the_way_to_a_value_tells_where_each_part_comes_from() {
        let document = plan();
        let way = document.way_to(&Pointer::parse("/services/web/image/tag"));
        let origins: Vec<_> = way.iter().map(|(at, value)| (at.to_string(), value.origin)).collect();
        let expected = [("", None), ("/services", None), ("/services/web", None), ("/services/web/image", Some(7))];
        assert_eq!(origins, expected.map(|(at, origin)| (at.to_owned(), origin)));
    }
}
