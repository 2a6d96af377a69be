//! Quotes texts for Bash. Reads nothing, changes nothing.

/// The text as one word of Bash that stands for the same bytes; a NUL, which no word can hold, is left out.
///
/// [`super::scripts`] refuses a plan that has one, so that none gets here.
pub fn quoted(text: &str) -> String {
    let without_nul = || shlex::try_quote(&text.replace('\0', "")).map_or_else(|_| "''".to_owned(), Into::into);
    shlex::try_quote(text).map_or_else(|_| without_nul(), Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_plain_text_stays_and_any_other_becomes_one_word() {
        let texts = ["shop-web", "", "two words", "it's", "$(id)", "`id`", "a\nb", "~", "*", "-n", "a;b", "!x"];
        let quoted: Vec<String> = texts.into_iter().map(super::quoted).collect();
        let expected = [
            "shop-web",
            "''",
            "'two words'",
            "\"it's\"",
            "'$(id)'",
            "'`id`'",
            "'a\nb'",
            "'~'",
            "'*'",
            "-n",
            "'a;b'",
            "'!x'",
        ];
        assert_eq!(quoted, expected);
    }

    #[test]
    fn what_is_quoted_splits_back_into_one_word() {
        for text in ["it's \"so\" $(id) `id` \\", "\u{1}\u{7f}", "\r\n\t", "ü€😀", "'", "''\"\""] {
            assert_eq!(shlex::split(&quoted(text)), Some(vec![text.to_owned()]));
        }
    }
}
