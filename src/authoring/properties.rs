//! What holds at every offset of every text.

use super::{Completion, Document, Entry, File, Texts};

const PLANS: [&str; 4] = [
    include_str!("../../plans/minimal.json"),
    include_str!("../../plans/disks.json"),
    include_str!("../../plans/shop.json"),
    include_str!("../../plans/every-field.json"),
];
const SECRETS: &str = include_str!("../../plans/every-field.secrets.json");

/// Asks everything there; the completions are given back.
fn ask_everything(text: &str, offset: usize) -> Vec<Completion> {
    let (plan, secrets) = (Document::parse(text), Document::parse(SECRETS));
    let texts = Texts { plan: Some(&plan), secrets: Some(&secrets) };
    let now = jiff::civil::date(2026, 3, 1).at(12, 0, 0, 0);
    for range in texts
        .hover(File::Plan, offset, Some(now))
        .map(|hover| hover.range)
        .into_iter()
        .chain(texts.renameable(File::Plan, offset))
    {
        assert!(text.get(range.clone()).is_some() && range.start <= offset && offset <= range.end);
    }
    texts.definition(File::Plan, offset);
    for location in texts.references(File::Plan, offset, true) {
        let document = if location.file == File::Plan { &plan } else { &secrets };
        assert!(document.text().get(location.range).is_some());
    }
    let _ = texts.rename(File::Plan, offset, "another");
    let entries =
        [("images", true), ("app.tar", false)].map(|(name, is_folder)| Entry { name: name.to_owned(), is_folder });
    let entries = texts.wanted_folder(offset).map(|_| entries.to_vec()).unwrap_or_default();
    texts.completions(File::Plan, offset, &entries)
}

fn applied(text: &str, completion: &Completion, inserted: &str) -> String {
    let mut edits: Vec<_> =
        completion.also.iter().map(|edit| (edit.location.range.clone(), edit.text.clone())).collect();
    edits.push((completion.range.clone(), inserted.to_owned()));
    edits.sort_by_key(|(range, _)| std::cmp::Reverse((range.start, range.end)));
    let mut text = text.to_owned();
    for (range, inserted) in edits {
        text.replace_range(range, &inserted);
    }
    text
}

/// What the author has after leaving every place of the snippet as it is.
fn filled(snippet: &str) -> String {
    let (mut text, mut rest) = (String::new(), snippet);
    while let Some(at) = rest.find(['$', '\\']) {
        text.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if rest.as_bytes()[at] == b'\\' {
            text.push_str(&after[..1]);
            rest = &after[1..];
        } else if let Some(after) = after.strip_prefix('{') {
            let end = after.find('}').unwrap();
            let inside = after[..end].trim_start_matches(|next: char| next.is_ascii_digit());
            match inside.strip_prefix('|') {
                Some(choices) => text.push_str(choices.split(['|', ',']).next().unwrap()),
                None => text.push_str(inside.strip_prefix(':').unwrap()),
            }
            rest = &after[end + 1..];
        } else {
            rest = after.trim_start_matches(|next: char| next.is_ascii_digit());
        }
    }
    text + rest
}

fn check((text, before): (&str, usize), offset: usize, completion: &Completion) {
    let Completion { range, filter, .. } = completion;
    let replaced = text.get(range.clone()).unwrap();
    assert!(range.start <= offset && offset <= range.end && !replaced.contains('\n'), "{completion:?}");
    assert_eq!(replaced.starts_with('"'), filter.starts_with('"') && !range.is_empty(), "{completion:?}");
    let snippet = completion.snippet.as_deref().map(filled).filter(|filled| *filled != completion.plain);
    for inserted in std::iter::once(completion.plain.clone()).chain(snippet) {
        let after = applied(text, completion, &inserted);
        let holes = Document::parse(after.as_str()).holes().to_vec();
        assert!(holes.len() <= before, "{completion:?}\n{text}\n==>\n{after}\n{holes:?}");
        if before == 0 {
            assert!(serde_json::from_str::<serde_json::Value>(&after).is_ok(), "{completion:?}\n{after}");
        }
    }
}

fn check_all(text: &str, offset: usize) {
    let before = Document::parse(text).holes().len();
    for completion in ask_everything(text, offset) {
        check((text, before), offset, &completion);
    }
}

#[test]
fn at_every_offset_of_a_whole_plan_every_completion_leaves_it_json() {
    for (plan, step) in PLANS.iter().zip([1, 5, 13, 53]) {
        for offset in (0..=plan.len()).step_by(step) {
            check_all(plan, offset);
        }
    }
}

#[test]
fn at_the_end_of_every_beginning_no_completion_breaks_what_is_there() {
    for (plan, step) in PLANS.iter().zip([1, 5, 13, 53]) {
        for end in (0..=plan.len()).step_by(step) {
            check_all(&plan[..end], end);
        }
    }
}

#[test]
fn a_value_before_a_colon_that_belongs_to_nothing_gets_its_comma() {
    let text = "{ \"maintenance\": { \"jobs\": { \"dump\": { \"exec\": [\"a\", : \"1h\"] } } } }";
    check_all(text, text.find(" : ").unwrap());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(60))]
    #[test]
    fn where_something_was_cut_out_no_completion_breaks_what_is_there(which in 0_usize..3, start in 0_usize..2500, length in 0_usize..80) {
        let plan = PLANS[which];
        let start = start % plan.len();
        let end = (start + length).min(plan.len());
        // With half of a pair of quotes gone, nothing on that line is what it was.
        proptest::prop_assume!(plan[start..end].matches('"').count().is_multiple_of(2));
        let text = format!("{}{}", &plan[..start], &plan[end..]);
        check_all(&text, start);
    }

    #[test]
    fn any_text_and_any_offset_have_answers(text in "([\\[\\]{}:,\"]|services|image|template|x|\\{\\{| |\\n|\\\\|\\PC){0,30}", offset in 0_usize..60) {
        ask_everything(&text, offset);
        let document = Document::parse(text.as_str());
        document.symbols();
        Texts { plan: None, secrets: Some(&document) }.completions(File::Secrets, offset, &[]);
        Texts { plan: None, secrets: Some(&document) }.hover(File::Secrets, offset, None);
    }
}
