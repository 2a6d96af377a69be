//! Small decisions about text for a terminal. Reads nothing, changes nothing.

/// The text without what a terminal would obey or not show: control characters, those that reorder text, those without
/// width. Line breaks stay.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(|character| if character == '\n' { character } else { harmless(character) }).collect()
}

/// The character, or `U+FFFD` where a terminal would obey it or not show it.
pub(super) fn harmless(character: char) -> char {
    match character {
        '\u{61c}' | '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' => {
            '\u{fffd}'
        }
        control if control.is_control() => '\u{fffd}',
        shown => shown,
    }
}

/// `1 error`, `2 errors`.
pub(super) fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// The text in lines of at most `width` characters where words allow it; its own line breaks stay.
pub(in crate::diagnostics) fn wrapped(text: &str, width: usize) -> Vec<String> {
    text.split('\n').flat_map(|line| wrapped_line(line, width)).collect()
}

fn wrapped_line(line: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in line.split(' ') {
        match lines.last_mut() {
            Some(last) if last.is_empty() => last.push_str(word),
            Some(last) if last.chars().count() + 1 + word.chars().count() <= width => {
                last.push(' ');
                last.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
