//! Bytes in, bytes out.

use super::block::{BlockProblem, LONGEST_LINE, lines, remove, replace};
use pretty_assertions::assert_eq;
use proptest::prelude::*;

fn one(line: &str) -> Vec<String> {
    vec![line.to_owned()]
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

const JOB: &str = "@daily /x/cleanup";

#[test]
fn the_block_goes_to_the_end_and_everything_before_it_stays() {
    let crontab = replace(Some(b"# mine\n0 1 * * * me\n"), "shop", &one(JOB)).unwrap();
    assert_eq!(text(&crontab), "# mine\n0 1 * * * me\n# BEGIN landfall shop\n@daily /x/cleanup\n# END landfall shop\n");
    assert_eq!(lines(&crontab, "shop").unwrap(), Some(vec![JOB.as_bytes()]));
    assert_eq!(lines(&crontab, "sho").unwrap(), None);
}

#[test]
fn no_crontab_before_is_remembered_and_comes_back() {
    let crontab = replace(None, "shop", &one(JOB)).unwrap();
    assert_eq!(text(&crontab), "# BEGIN landfall shop (no crontab before)\n@daily /x/cleanup\n# END landfall shop\n");
    assert_eq!(remove(Some(&crontab), "shop").unwrap(), None);
    assert_eq!(remove(None, "shop").unwrap(), None);
}

#[test]
fn an_empty_crontab_is_not_an_absent_one() {
    let crontab = replace(Some(b""), "shop", &one(JOB)).unwrap();
    assert_eq!(text(&crontab), "# BEGIN landfall shop\n@daily /x/cleanup\n# END landfall shop\n");
    assert_eq!(remove(Some(&crontab), "shop").unwrap(), Some(Vec::new()));
}

#[test]
fn a_missing_newline_is_remembered_and_missing_again() {
    let crontab = replace(Some(b"0 1 * * * me"), "shop", &[]).unwrap();
    assert_eq!(text(&crontab), "0 1 * * * me\n# BEGIN landfall shop (no newline before)\n# END landfall shop\n");
    assert_eq!(remove(Some(&crontab), "shop").unwrap(), Some(b"0 1 * * * me".to_vec()));
    let added = [crontab.as_slice(), b"@daily you\n"].concat();
    assert_eq!(remove(Some(&added), "shop").unwrap(), Some(b"0 1 * * * me\n@daily you\n".to_vec()));
}

#[test]
fn a_block_is_replaced_in_its_place_with_what_it_remembers() {
    let crontab = b"a\n# BEGIN landfall shop (no crontab before)\nold\n# END landfall shop\nb\n";
    let new = replace(Some(crontab), "shop", &one(JOB)).unwrap();
    assert_eq!(text(&new), "a\n# BEGIN landfall shop (no crontab before)\n@daily /x/cleanup\n# END landfall shop\nb\n");
    assert_eq!(remove(Some(&new), "shop").unwrap(), Some(b"a\nb\n".to_vec()));
}

#[test]
fn what_a_block_remembers_goes_on_to_the_next_plans_block() {
    let first = replace(None, "shop", &[]).unwrap();
    let both = replace(Some(&first), "blog", &[]).unwrap();
    let blog = remove(Some(&both), "shop").unwrap().unwrap();
    assert_eq!(text(&blog), "# BEGIN landfall blog (no crontab before)\n# END landfall blog\n");
    assert_eq!(remove(Some(&blog), "blog").unwrap(), None);

    let first = replace(Some(b"me"), "shop", &[]).unwrap();
    let both = replace(Some(&first), "blog", &[]).unwrap();
    let blog = remove(Some(&both), "shop").unwrap().unwrap();
    assert_eq!(text(&blog), "me\n# BEGIN landfall blog (no newline before)\n# END landfall blog\n");
    assert_eq!(remove(Some(&blog), "blog").unwrap(), Some(b"me".to_vec()));
}

#[test]
fn what_others_added_meanwhile_stays_although_there_was_no_crontab() {
    let crontab = [replace(None, "shop", &[]).unwrap().as_slice(), b"@daily you\n"].concat();
    assert_eq!(remove(Some(&crontab), "shop").unwrap(), Some(b"@daily you\n".to_vec()));
}

#[test]
fn other_bytes_than_utf8_and_other_line_ends_stay() {
    let original = b"# caf\xe9\r\n0 1 * * * me\r\n\0\n";
    let crontab = replace(Some(original), "shop", &one(JOB)).unwrap();
    assert!(crontab.starts_with(original));
    assert_eq!(remove(Some(&crontab), "shop").unwrap(), Some(original.to_vec()));
}

#[test]
fn broken_markers_are_refused_and_not_guessed() {
    let plan = || "shop".to_owned();
    let cases: [(&str, BlockProblem); 9] = [
        ("x\n# BEGIN landfall shop\ny\n", BlockProblem::BeginWithoutEnd { plan: plan(), line: 2 }),
        ("# END landfall shop\n", BlockProblem::EndWithoutBegin { plan: plan(), line: 1 }),
        ("# END landfall shop\n# BEGIN landfall shop\n", BlockProblem::EndWithoutBegin { plan: plan(), line: 1 }),
        (
            "# BEGIN landfall shop\n# BEGIN landfall shop\n# END landfall shop\n",
            BlockProblem::TwoBegins { plan: plan(), first: 1, second: 2 },
        ),
        (
            "# BEGIN landfall shop\n# END landfall shop\n# BEGIN landfall shop\n# END landfall shop\n",
            BlockProblem::TwoBegins { plan: plan(), first: 1, second: 3 },
        ),
        ("# BEGIN landfall shop\r\n# END landfall shop\r\n", BlockProblem::Edited { plan: plan(), line: 1 }),
        ("# BEGIN landfall shop (mine)\n# END landfall shop\n", BlockProblem::Edited { plan: plan(), line: 1 }),
        ("# BEGIN landfall shop\n#end landfall shop\n", BlockProblem::Edited { plan: plan(), line: 2 }),
        (
            "# BEGIN landfall shop\n# BEGIN landfall blog\n# END landfall shop\n",
            BlockProblem::Tangled { plan: plan(), line: 2 },
        ),
    ];
    for (crontab, problem) in cases {
        assert_eq!(replace(Some(crontab.as_bytes()), "shop", &[]).unwrap_err(), problem, "{crontab}");
        assert_eq!(remove(Some(crontab.as_bytes()), "shop").unwrap_err(), problem, "{crontab}");
    }
}

#[test]
fn another_plans_broken_block_is_not_our_business() {
    let original = b"# BEGIN landfall blog\n# BEGIN landfall shop-eu \n".to_vec();
    let crontab = replace(Some(&original), "shop", &[]).unwrap();
    assert_eq!(remove(Some(&crontab), "shop").unwrap(), Some(original));
}

#[test]
fn an_end_marker_without_a_newline_at_the_end_of_the_file_counts() {
    let crontab = b"# BEGIN landfall shop\n# END landfall shop";
    assert_eq!(remove(Some(crontab), "shop").unwrap(), Some(Vec::new()));
}

#[test]
fn lines_that_cron_would_not_take_are_refused() {
    let longest = "x".repeat(LONGEST_LINE);
    replace(None, "shop", std::slice::from_ref(&longest)).unwrap();
    for bad in [format!("{longest}x"), "a\nb".to_owned(), "a\rb".to_owned(), "# END landfall blog".to_owned()] {
        let refused = replace(None, "shop", &[JOB.to_owned(), bad]).unwrap_err();
        assert_eq!(refused, BlockProblem::BadLine { line: 2 });
    }
}

/// Crontabs with foreign blocks, strange bytes, and anything at their end.
fn crontabs() -> impl Strategy<Value = Option<Vec<u8>>> {
    let line = prop_oneof![
        Just(b"0 1 * * * me\n".to_vec()),
        Just(b"# BEGIN landfall blog\n".to_vec()),
        Just(b"# END landfall blog\n".to_vec()),
        Just(b"# BEGIN landfall blog (no crontab before)\n".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\r\n".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..20),
    ];
    proptest::option::of(proptest::collection::vec(line, 0..8).prop_map(|lines| lines.concat()))
}

proptest! {
    #[test]
    fn taking_the_block_out_gives_every_byte_back(original in crontabs(), first in "[ -~]{0,40}", second in "[ -~]{0,40}") {
        prop_assume!(replace(None, "shop", &[first.clone(), second.clone()]).is_ok());
        let once = replace(original.as_deref(), "shop", &[first]).unwrap();
        let twice = replace(Some(&once), "shop", &[second]).unwrap();
        prop_assert_eq!(remove(Some(&once), "shop").unwrap(), original.clone());
        prop_assert_eq!(remove(Some(&twice), "shop").unwrap(), original);
    }

    #[test]
    fn putting_the_same_block_in_again_changes_nothing(original in crontabs(), line in "[a-z ]{0,40}") {
        let once = replace(original.as_deref(), "shop", std::slice::from_ref(&line)).unwrap();
        let twice = replace(Some(&once), "shop", &[line]).unwrap();
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn two_plans_leave_no_trace_in_whichever_order_they_go(original in crontabs(), first_leaves_first: bool) {
        prop_assume!(!original.as_deref().unwrap_or_default().windows(8).any(|window| window == b"landfall"));
        let one = replace(original.as_deref(), "shop", &[]).unwrap();
        let two = replace(Some(&one), "eu", &[]).unwrap();
        let order = if first_leaves_first { ["shop", "eu"] } else { ["eu", "shop"] };
        let rest = remove(Some(&two), order[0]).unwrap();
        prop_assert_eq!(remove(rest.as_deref(), order[1]).unwrap(), original);
    }
}
