//! "Did you mean". Reads nothing, changes nothing.

/// What is longer misspells nothing, and would take long to compare.
const LONGEST: usize = 64;

/// The candidate that `word` is most likely a misspelling of, if any is near enough.
pub(crate) fn nearest<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    if word.len() > LONGEST {
        return None;
    }
    let plain = |text: &str| text.to_lowercase().replace(['-', ' '], "_");
    let word = plain(word);
    let distance = |candidate: &str| strsim::damerau_levenshtein(&word, &plain(candidate));
    let best = candidates.iter().copied().min_by_key(|candidate| distance(candidate))?;
    let longest = word.chars().count().max(best.chars().count());
    let near = distance(best) <= (longest / 3).clamp(1, 3) && longest > 1;
    let begins = word.len() >= 3 && plain(best).starts_with(&word);
    // A shortened name, as `env` for `environment`, is far in distance and near in meaning.
    let shortened =
        || candidates.iter().copied().find(|candidate| word.len() >= 3 && plain(candidate).starts_with(&word));
    if near || begins { Some(best) } else { shortened() }
}

#[cfg(test)]
mod tests {
    use super::nearest;
    use pretty_assertions::assert_eq;

    #[test]
    fn misspelt_shortened_and_differently_cased_names_are_found_and_strange_ones_are_not() {
        let fields = ["environment", "healthcheck", "image", "ports", "user"];
        let found = ["enviroment", "healthCheck", "env", "port", "imgae", "privileged", "x", "users"]
            .map(|word| nearest(word, &fields));
        let expected = [
            Some("environment"),
            Some("healthcheck"),
            Some("environment"),
            Some("ports"),
            Some("image"),
            None,
            None,
            Some("user"),
        ];
        assert_eq!(found, expected);
    }
}
