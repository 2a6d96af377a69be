//! One secret value for each way in which a secret travels, and every form in which a piece of it could come to light.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use fastrand::Rng;
use serde_json::{Value, json};

/// A way in which a secret reaches what needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// A file in a container.
    File,
    /// A file in a container whose bytes are no text: the secrets file has them in base64.
    Binary,
    /// A part of a config.
    Config,
    /// An environment variable.
    Variable,
    /// A part of an environment variable.
    TemplatedVariable,
    /// A key in root's `.ssh` folder.
    Key,
    /// The password at the mail server.
    Mail,
}

pub const WAYS: [Way; 7] =
    [Way::File, Way::Binary, Way::Config, Way::Variable, Way::TemplatedVariable, Way::Key, Way::Mail];

/// The values, which stand nowhere else in the world.
#[derive(Debug)]
pub struct Canaries {
    values: Vec<(Way, Vec<u8>)>,
    pieces: HashMap<Vec<u8>, Way>,
}

/// How many bytes of a value must not come to light in one piece.
const SLICE: usize = 12;

impl Way {
    /// What the plan and the secrets file call the secret.
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Binary => "binary",
            Self::Config => "config",
            Self::Variable => "variable",
            Self::TemplatedVariable => "templated",
            Self::Key => "key",
            Self::Mail => "mail",
        }
    }

    /// What stands between the letters: whatever some quoting, somewhere, might get wrong.
    fn between(self) -> &'static [&'static str] {
        match self {
            Self::File => &["\u{e9}'", "\"$", "`(", "%\\", "\n", " "],
            Self::Config => &["\u{e9}'", "\"<", "`&", "%\\"],
            Self::Variable | Self::TemplatedVariable => &["'$", "\"", "%\\", "\u{e9}#"],
            Self::Binary => &["", "", "", ""],
            Self::Key => &["\n", "+/", "=\n", ""],
            Self::Mail => &["'$", "%", "\"", "!"],
        }
    }
}

impl Canaries {
    pub fn new() -> Self {
        let mut random = Rng::new();
        let values: Vec<_> = WAYS.into_iter().map(|way| (way, value(way, &mut random))).collect();
        let mut pieces = HashMap::new();
        for (way, value) in &values {
            pieces.extend(pieces_of(value).into_iter().map(|piece| (piece, *way)));
        }
        Self { values, pieces }
    }

    /// What the secrets file says.
    pub fn secrets_file(&self) -> Value {
        let said = |(way, value): &(Way, Vec<u8>)| {
            let text =
                if *way == Way::Binary { STANDARD.encode(value) } else { String::from_utf8(value.clone()).unwrap() };
            (way.name().to_owned(), json!(text))
        };
        Value::Object(self.values.iter().map(said).collect())
    }

    /// Every piece that must not be found, in any form; none holds a newline.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        self.pieces.keys().map(Vec::as_slice)
    }

    /// Whose a piece is that was found.
    pub fn way_of(&self, piece: &[u8]) -> Option<Way> {
        self.pieces.get(piece).copied()
    }
}

fn value(way: Way, random: &mut Rng) -> Vec<u8> {
    let mut value = Vec::new();
    for between in std::iter::once(&"").chain(way.between()) {
        value.extend(between.bytes());
        if way == Way::Binary {
            value.extend(std::iter::repeat_with(|| random.u8(128..)).take(5));
        }
        // However the rest is escaped, this is found.
        value.extend(std::iter::repeat_with(|| random.alphanumeric() as u8).take(SLICE));
    }
    value
}

fn pieces_of(value: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = vec![value.to_vec()];
    if let Ok(text) = std::str::from_utf8(value) {
        forms.extend(escaped(text));
    }
    let mut pieces: Vec<Vec<u8>> = forms.iter().flat_map(|form| slices(form, SLICE)).collect();
    for aligned in 0..3 {
        for engine in [&STANDARD, &URL_SAFE] {
            // A group of three bytes is four letters; the last group may depend on what follows.
            let whole = (value.len() - aligned) / 3 * 3;
            let letters = engine.encode(&value[aligned..aligned + whole]);
            pieces.extend(slices(letters.as_bytes(), SLICE / 3 * 4));
        }
    }
    for digits in [hexadecimal(value, false), hexadecimal(value, true)] {
        pieces.extend(slices(digits.as_bytes(), 2 * SLICE).into_iter().step_by(2));
    }
    // `grep` has one piece a line.
    pieces.retain(|piece| !piece.contains(&b'\n'));
    pieces
}

fn slices(bytes: &[u8], length: usize) -> Vec<Vec<u8>> {
    bytes.windows(length).map(<[u8]>::to_vec).collect()
}

fn hexadecimal(value: &[u8], upper: bool) -> String {
    value.iter().map(|byte| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") }).collect()
}

/// As JSON, a URL, a shell, C and Rust write it.
fn escaped(text: &str) -> Vec<Vec<u8>> {
    let json = json!(text).to_string();
    let ascii = json
        .chars()
        .map(|letter| if letter.is_ascii() { letter.to_string() } else { format!("\\u{:04x}", u32::from(letter)) });
    let url = |upper: bool, all: bool| -> String {
        let escape = |byte: u8| match (byte.is_ascii_alphanumeric() || !all && byte.is_ascii_graphic(), upper) {
            (true, _) => char::from(byte).to_string(),
            (false, true) => format!("%{byte:02X}"),
            (false, false) => format!("%{byte:02x}"),
        };
        text.bytes().map(escape).collect()
    };
    let octal = text.bytes().map(|byte| match byte {
        b'"' | b'\\' => format!("\\{}", char::from(byte)),
        b'\n' => "\\n".to_owned(),
        byte if byte.is_ascii() => char::from(byte).to_string(),
        byte => format!("\\{byte:o}"),
    });
    let backslashes =
        text.chars().map(|letter| if letter.is_alphanumeric() { letter.to_string() } else { format!("\\{letter}") });
    let forms = [
        ascii.collect(),
        json,
        url(true, true),
        url(false, true),
        url(true, false),
        text.replace('\'', "'\\''"),
        text.replace('\'', "'\"'\"'"),
        backslashes.collect(),
        octal.collect::<String>(),
        format!("{text:?}"),
    ];
    forms.into_iter().map(String::into_bytes).collect()
}
