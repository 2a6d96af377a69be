//! Fields of Compose whose value can be carried over word for word. Reads nothing, changes nothing.

use super::types::spaced;
use crate::plan::values::Size;
use serde_json::{Value, json};

/// The field to write instead of `key`, and the whole member, if what `value` says is clear.
pub(super) fn of(key: &str, value: &Value) -> Option<(&'static str, String)> {
    let (field, written) = match (key, value) {
        ("mem_limit", Value::String(text)) => ("memory", json!(size(text)?)),
        ("mem_limit", Value::Number(number)) => ("memory", json!(size(&format!("{}B", number.as_u64()?))?)),
        ("build", Value::String(context)) => ("image", json!({ "build": context })),
        ("test", Value::String(line)) => ("exec", json!(["sh", "-c", line])),
        ("test", Value::Array(words)) => ("exec", json!(command(words)?)),
        _ => return None,
    };
    Some((field, format!("\"{field}\": {}", spaced(&written))))
}

fn size(text: &str) -> Option<String> {
    match Size::parse(text) {
        Ok(size) => Some(size.to_string()),
        Err(problem) => problem.meant.into_iter().next(),
    }
}

/// `["CMD", "pg_isready"]` or `["CMD-SHELL", "pg_isready || exit 1"]`.
fn command(words: &[Value]) -> Option<Vec<&str>> {
    let words = words.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?;
    match words.as_slice() {
        ["CMD", program @ ..] if !program.is_empty() => Some(program.to_vec()),
        ["CMD-SHELL", line] => Some(vec!["sh", "-c", line]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::of;
    use pretty_assertions::assert_eq;
    use serde_json::json;

    #[test]
    fn what_compose_says_in_other_words_is_carried_over() {
        let written = |key, value| of(key, &value).map(|(_, member)| member);
        assert_eq!(written("mem_limit", json!("512m")).as_deref(), Some("\"memory\": \"512MiB\""));
        assert_eq!(written("mem_limit", json!(1024)).as_deref(), Some("\"memory\": \"1024B\""));
        assert_eq!(written("build", json!(".")).as_deref(), Some("\"image\": { \"build\": \".\" }"));
        assert_eq!(written("test", json!(["CMD", "a", "b"])).as_deref(), Some("\"exec\": [\"a\", \"b\"]"));
        assert_eq!(written("test", json!(["CMD-SHELL", "a || b"])), written("test", json!("a || b")));
        assert_eq!(written("test", json!("a b")).as_deref(), Some("\"exec\": [\"sh\", \"-c\", \"a b\"]"));
        assert_eq!([written("test", json!(["NONE"])), written("deploy", json!({}))], [None, None]);
    }
}
