//! Any text has a tree; that of JSON is the one that a strict parser sees.

use super::{Content, Document, Hole, Member, Node, characters::Characters};
use pretty_assertions::assert_eq;
use serde_json::Value;

/// The tree in words: `?` is a missing value, `~` an unclosed thing, `!` something that is no JSON.
fn told(document: &Document, node: &Node) -> String {
    let open = if node.closed { "" } else { "~" };
    match &node.content {
        Content::Object(members) => {
            let member = |Member { key, colon, value }: &Member| {
                let key = key.as_ref().map_or("?".to_owned(), |key| key.text.clone());
                let colon = if colon.is_some() { ":" } else { "" };
                format!("{key}{colon}{}", told(document, value))
            };
            format!("{{{}}}{open}", members.iter().map(member).collect::<Vec<_>>().join(" "))
        }
        Content::Array(elements) => {
            let elements: Vec<_> = elements.iter().map(|element| told(document, element)).collect();
            format!("[{}]{open}", elements.join(" "))
        }
        Content::Text(text) => format!("'{text}'{open}"),
        Content::Word => document.slice(&node.range).to_owned(),
        Content::Missing => "?".to_owned(),
    }
}

fn tree(text: &str) -> String {
    let document = Document::parse(text);
    told(&document, document.root())
}

/// The value that the tree stands for, if nothing is missing.
fn value(document: &Document, node: &Node) -> Option<Value> {
    match &node.content {
        Content::Object(members) => {
            let member = |member: &Member| Some((member.name()?.to_owned(), value(document, &member.value)?));
            members.iter().map(member).collect::<Option<serde_json::Map<_, _>>>().map(Value::Object)
        }
        Content::Array(elements) => elements.iter().map(|element| value(document, element)).collect(),
        Content::Text(text) => Some(Value::from(text.as_str())),
        Content::Word => serde_json::from_str(document.slice(&node.range)).ok(),
        Content::Missing => None,
    }
}

#[test]
fn what_is_not_finished_keeps_what_is_there() {
    let trees = [
        r#"{"a": 1, "b""#,
        r#"{"a": 1, "b":"#,
        r#"{"a": 1, "b": ["x", {"c"#,
        r#"{"a": tru"#,
        r#"{"a": "x"#,
        "{\"a\": ,\n \"b\": 2}",
        "{\"a\": \n \"b\": 2}",
        "{\"a\": [\"x\",\n \"b\": 2}",
        "{\"a\": {\"x\": [1, 2}, \"b\": 2}",
        "{\"a\": [{\"x\": 1], \"b\": 2}",
        "{\"a\": 1 \"b\": 2}",
        "{\"a\" {\"b\": 2}}",
        "{a: 1, b}",
        "{\"a\": \"x,\n \"b\": [\"y],\n \"c: {\n \"d\": 1}}",
        "",
        " \n",
        "x {\"a\": 1} y",
        "]}{\"a\": 1}}",
        "{{\"a\": 1}}",
    ]
    .map(tree);
    let expected = [
        "{a:1 b?}~",
        "{a:1 b:?}~",
        "{a:1 b:['x' {c?}~]~}~",
        "{a:tru}~",
        "{a:'x'~}~",
        "{a:? b:2}",
        "{a:? b:2}",
        "{a:['x']~ b:2}",
        "{a:{x:[1 2]~} b:2}",
        "{a:[{x:1}~] b:2}",
        "{a:1 b:2}",
        "{a{b:2}}",
        "{a:1 b?}",
        "{a:'x'~ b:['y'~] c:{d:1}}",
        "?",
        "?",
        "{a:1}",
        "{a:1}",
        "{?{a:1}}",
    ];
    assert_eq!(trees, expected);
}

#[test]
fn a_template_that_is_not_closed_keeps_its_braces() {
    assert_eq!(tree(r#"{"template": "x {{url db}}"#), "{template:'x {{url db}}'~}~");
    assert_eq!(tree("{\"template\": \"x {{url db}}},\n\"a\": \"{{url },"), "{template:'x {{url db}}'~}");
    assert_eq!(tree("{\"template\": \"x {{url }"), "{template:'x {{url }'~}~");
}

#[test]
fn what_is_missing_is_told_with_its_place() {
    let holes = |text: &str| Document::parse(text).holes().to_vec();
    assert_eq!(holes(r#"{"a": 1, "b"}"#), [Hole::Colon(12)]);
    assert_eq!(holes(r#"{"a": 1,}"#), [Hole::Value(8)]);
    assert_eq!(holes(r#"{"a": 1 "b": }"#), [Hole::Comma(8), Hole::Value(12)]);
    assert_eq!(holes(r#"{"a": [yes"#), [Hole::Stray(7..10), Hole::Bracket(10), Hole::Bracket(10)]);
    assert_eq!(holes(r#"{"a": "\x", "b": "#), [Hole::Stray(6..10), Hole::Value(16), Hole::Bracket(17)]);
    assert_eq!(holes(r#"{"a"#), [Hole::Quote(3), Hole::Colon(3), Hole::Bracket(3)]);
}

#[test]
fn a_part_of_a_text_is_found_behind_its_escapes() {
    let read = Characters::of(r#"\"\u00e4\ud83d\ude00: {{json name}}"#);
    assert_eq!((read.text.as_str(), read.right), ("\"ä😀: {{json name}}", true));
    let name = read.text.find("name").unwrap();
    assert_eq!(read.raw(&(name..name + 4)), 29..33);
    let wrong = ["\\x", "\\", "\\ud800", "\\ud800\\u0041", "\t", "\\u12"].map(|raw| Characters::of(raw).right);
    assert_eq!(wrong, [false; 6]);
}

#[test]
fn a_hundred_thousand_open_brackets_are_one_value() {
    let text = "[{".repeat(50_000);
    assert_eq!(Document::parse(text.as_str()).root().range, 0..text.len());
    let text = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    assert_eq!(Document::parse(text.as_str()).root().range, 0..text.len());
}

#[test]
fn every_beginning_of_an_example_has_the_services_that_stand_in_it() {
    for text in [include_str!("../../../plans/every-field.json"), include_str!("../../../plans/shop.json")] {
        let whole = Document::parse(text);
        let all = whole.root().inside("services").unwrap().members();
        for end in (0..=text.len()).step_by(3) {
            let beginning = Document::parse(&text[..end]);
            let seen = beginning.root().inside("services").map(Node::members).unwrap_or_default();
            let seen: Vec<_> = seen.iter().filter(|member| member.colon.is_some()).filter_map(Member::name).collect();
            let in_it = all.iter().filter(|member| member.colon.unwrap() < end).filter_map(Member::name);
            assert_eq!(seen, in_it.collect::<Vec<_>>(), "{end}");
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(500))]
    #[test]
    fn of_json_the_tree_is_what_serde_json_reads(text in r#"[\[\]{}:,"0-9a-e.\\ntu\-+ \n]{0,24}"#) {
        let document = Document::parse(text.as_str());
        let expected: Option<Value> = serde_json::from_str(&text).ok();
        proptest::prop_assert_eq!(document.holes().is_empty(), expected.is_some());
        if let Some(expected) = expected {
            proptest::prop_assert_eq!(value(&document, document.root()), Some(expected));
        }
    }

    #[test]
    fn every_text_has_a_tree_whose_ranges_are_inside_one_another(text in "([\\[\\]{}:,\"]|[a-z]| |\\n|\\\\|\\PC){0,40}") {
        let document = Document::parse(text.as_str());
        nested(&document, document.root(), 0..text.len());
    }
}

fn nested(document: &Document, node: &Node, outer: std::ops::Range<usize>) {
    assert!(outer.start <= node.range.start && node.range.start <= node.range.end && node.range.end <= outer.end);
    assert!(document.text().get(node.range.clone()).is_some());
    for Member { key, colon: _, value } in node.members() {
        if let Some(key) = key {
            assert!(node.range.start <= key.range.start && key.range.end <= value.range.start);
            assert!(document.text().get(key.between_quotes()).is_some());
        }
        nested(document, value, node.range.clone());
    }
    node.elements().iter().for_each(|element| nested(document, element, node.range.clone()));
}
