//! What a program printed, as it can be shown to somebody. Reads nothing, changes nothing.

/// The text without what a terminal or a log would obey: control characters but line breaks and tabs, and characters that reorder
/// text or have no width. What stands in their place shows that something was there.
///
/// Containers, registries and mail servers decide what programs print here; an escape sequence could rewrite what root sees.
pub fn visible(text: &str) -> String {
    let harmless = |character: char| match character {
        '\n' | '\t' => character,
        '\u{61c}' | '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' => {
            char::REPLACEMENT_CHARACTER
        }
        control if control.is_control() => char::REPLACEMENT_CHARACTER,
        shown => shown,
    };
    text.chars().map(harmless).collect()
}

#[cfg(test)]
mod tests {
    use super::visible;
    use pretty_assertions::assert_eq;

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        let told = visible("down\u{1b}[2J\u{1b}]0;x\u{7}\r\u{9b}31m\u{202e}up\n\tä漢");
        assert_eq!(told, "down\u{fffd}[2J\u{fffd}]0;x\u{fffd}\u{fffd}\u{fffd}31m\u{fffd}up\n\tä漢");
    }
}
