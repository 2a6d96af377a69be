//! What encoders make of a value. Reads nothing, changes nothing.

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_encode};

/// What RFC 3986 lets stand in every part of a URL.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What JavaScript's `encodeURIComponent` lets stand.
const COMPONENT: &AsciiSet = &UNRESERVED.remove(b'!').remove(b'*').remove(b'\'').remove(b'(').remove(b')');

/// What most programs encode in a path: what would end it.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'%')
    .add(b'/');

/// A value as JSON, percent-encoding and shells write it, each in its usual ways.
pub(super) fn of(value: &[u8]) -> Vec<Vec<u8>> {
    let mut texts = Vec::new();
    for set in [NON_ALPHANUMERIC, UNRESERVED, COMPONENT, PATH] {
        let upper = percent_encode(value, set).to_string();
        texts.push(lower_digits(&upper).into_bytes());
        texts.push(upper.clone().into_bytes());
        texts.push(upper.replace("%20", "+").into_bytes());
        texts.push(upper.replace('%', "%25").into_bytes());
    }
    texts.push(single_quoted(value));
    texts.push(with_backslashes(value, |byte| !byte.is_ascii_alphanumeric() && byte.is_ascii()));
    texts.push(with_backslashes(value, |byte| matches!(byte, b'"' | b'\\' | b'$' | b'`')));
    if let Ok(text) = std::str::from_utf8(value) {
        let json = json(text);
        texts.push(self::json(&json).into_bytes());
        texts.push(json.replace('/', "\\/").into_bytes());
        texts.extend([ascii(&json, false), ascii(&json, true)].map(String::into_bytes));
        texts.push(json.into_bytes());
        texts.extend(shlex::try_quote(text).ok().map(|quoted| within_quotes(&quoted).as_bytes().to_vec()));
    }
    texts
}

/// Without the quotes at both ends.
fn within_quotes(quoted: &str) -> &str {
    let within = |quote: char| quoted.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    within('\'').or_else(|| within('"')).unwrap_or(quoted)
}

/// As JSON writes it between the quotes.
fn json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned()
}

/// With every character that is not ASCII as `\u….`, as many programs write JSON.
fn ascii(json: &str, upper: bool) -> String {
    let escaped = |unit: u16| if upper { format!("\\u{unit:04X}") } else { format!("\\u{unit:04x}") };
    let mut text = String::new();
    for character in json.chars() {
        if character.is_ascii() {
            text.push(character);
        } else {
            text.extend(character.encode_utf16(&mut [0; 2]).iter().map(|unit| escaped(*unit)));
        }
    }
    text
}

fn lower_digits(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (digits, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        format!("{text}%{}{rest}", digits.to_lowercase())
    })
}

/// As it stands between single quotes in a shell.
fn single_quoted(value: &[u8]) -> Vec<u8> {
    value.iter().flat_map(|byte| if *byte == b'\'' { b"'\\''".to_vec() } else { vec![*byte] }).collect()
}

fn with_backslashes(value: &[u8], needs: impl Fn(u8) -> bool) -> Vec<u8> {
    value.iter().flat_map(|byte| if needs(*byte) { vec![b'\\', *byte] } else { vec![*byte] }).collect()
}
