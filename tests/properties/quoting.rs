//! Whatever the words, Bash reads back the same bytes.

use super::bash;
use landfall::script::quoted;

pub fn holds(bytes: &[u8]) {
    let texts = bytes.split(|byte| *byte == 0).map(|text| String::from_utf8_lossy(text).into_owned());
    let words: Vec<String> = texts.collect();
    let script = format!("printf '%s\\0' {}\n", words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "));
    let expected: Vec<u8> = words.iter().flat_map(|word| word.bytes().chain([0])).collect();
    let read = bash::says(&script);
    assert!(read == expected, "{words:?} read back as {:?}", String::from_utf8_lossy(&read));
}
