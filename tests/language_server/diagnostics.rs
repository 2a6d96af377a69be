//! What is wrong with a document, as it is opened, typed in, and closed.

use super::editor::{Editor, modern, range};
use pretty_assertions::assert_eq;
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use serde_json::{Value, json};

/// A plan that has nothing wrong with it.
pub const CLEAN: &str = r#"{
  "version": 1,
  "name": "shop",
  "services": {
    "web": {
      "image": "docker.io/library/nginx:1.27@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      "memory": "64MiB",
      "healthcheck": { "http": "http://localhost:8080/" },
      "ports": ["127.0.0.1:8080:80"]
    }
  }
}
"#;

/// Code, severity and range of each.
fn told(published: &Value) -> Vec<(&str, u64, Value)> {
    let all = published["diagnostics"].as_array().unwrap().iter();
    all.map(|one| (one["code"].as_str().unwrap(), one["severity"].as_u64().unwrap(), one["range"].clone())).collect()
}

fn clean(name: &str, version: i32) -> Value {
    json!({ "uri": format!("file:///FOLDER/{name}"), "version": version, "diagnostics": [] })
}

#[test]
fn a_mistake_is_told_where_it_stands_and_gone_when_it_is_cured() {
    let mut editor = Editor::new();
    assert_eq!(editor.open("plan.json", CLEAN), clean("plan.json", 1));
    let mistake = editor.change("plan.json", 2, json!([{ "range": range((8, 27), (8, 31)), "text": "8O80" }]));
    let expected = json!({
        "uri": "file:///FOLDER/plan.json",
        "version": 2,
        "diagnostics": [{
            "range": range((8, 16), (8, 35)),
            "severity": 1,
            "code": "LF027",
            "source": "landfall",
            "message": "port `127.0.0.1:8O80:80` has the wrong port `8O80`: ports are 1 to 65535, ranges ascend: `8000-8009`"
        }]
    });
    assert_eq!(mistake, expected);
    let cure = json!([{ "range": range((8, 28), (8, 29)), "text": "0" }]);
    assert_eq!(editor.change("plan.json", 3, cure), clean("plan.json", 3));
    assert_eq!(editor.shut_down(), (Some(0), vec![]));
}

#[test]
fn where_two_places_disagree_the_other_one_is_told_too() {
    let plan = CLEAN.replace("[\"127.0.0.1:8080:80\"]", "[\"127.0.0.1:8080:80\", \"127.0.0.1:8080:81\"]");
    let (first, second) = (range((8, 16), (8, 35)), range((8, 37), (8, 56)));
    let mut editor = Editor::new();
    let told = editor.open("plan.json", &plan);
    let related =
        json!([{ "location": { "uri": "file:///FOLDER/plan.json", "range": first }, "message": "already here" }]);
    assert_eq!(told["diagnostics"][0]["relatedInformation"], related);
    assert_eq!(told["diagnostics"][0]["range"], second);
    let mut simple = Editor::with(json!({}));
    let told = simple.open("plan.json", &plan);
    assert_eq!(told["diagnostics"][0].get("relatedInformation"), None);
    let message = "port 8080/tcp is published twice: here again\n\
        help: choose another port, or other addresses of the VSN for each\nline 9: already here";
    assert_eq!(told["diagnostics"][0]["message"], message);
}

#[test]
fn columns_count_as_negotiated() {
    let plan = CLEAN.replace("\"version\": 1", "\"x-note\": \"ä😀\", \"versoin\": 1");
    let columns = ["utf-8", "utf-16", "utf-32"].map(|encoding| {
        let told = Editor::with(modern(encoding)).open("plan.json", &plan);
        told["diagnostics"].as_array().unwrap().iter().map(|one| one["range"].clone()).collect::<Vec<_>>()
    });
    let key = |start: u32| vec![range((1, start), (1, start + 9))];
    assert_eq!(columns, [key(22), key(19), key(18)]);
}

#[test]
fn edits_behind_characters_of_any_width_change_what_they_should() {
    for (encoding, column) in [("utf-8", 22), ("utf-16", 19)] {
        let mut editor = Editor::with(modern(encoding));
        let plan = CLEAN.replace("\"version\": 1", "\"x-note\": \"ä😀\", \"versoin\": 1");
        editor.open("plan.json", &plan);
        let cure = [
            json!({ "range": range((1, column + 5), (1, column + 7)), "text": "" }),
            json!({ "range": range((1, column + 5), (1, column + 5)), "text": "io" }),
        ];
        assert_eq!(editor.change("plan.json", 2, json!(cure)), clean("plan.json", 2), "{encoding}");
    }
}

#[test]
fn a_full_text_in_the_midst_of_edits_counts_from_there() {
    let mut editor = Editor::new();
    editor.open("plan.json", "");
    let all = json!([
        { "range": range((0, 0), (0, 0)), "text": "{ \"x\"" },
        { "text": CLEAN.replace("64MiB", "64Mi") },
        { "range": range((6, 21), (6, 21)), "text": "B" }
    ]);
    assert_eq!(editor.change("plan.json", 2, all), clean("plan.json", 2));
}

#[test]
fn of_broken_json_the_first_mistake_is_told() {
    let mut editor = Editor::new();
    let published = editor.open("plan.json", "{\n  \"version\": 1,\n  \"name\" \"shop\"\n}\n");
    assert_eq!(told(&published), [("LF001", 1, range((2, 9), (2, 15)))]);
}

#[test]
fn a_file_that_is_not_there_is_a_warning_until_it_is() {
    let plan =
        CLEAN.replace("\"memory\"", "\"configs\": [{ \"file\": \"motd\", \"target\": \"/motd\" }],\n      \"memory\"");
    let mut editor = Editor::new();
    let published = editor.open("plan.json", &plan);
    assert_eq!(told(&published), [("LF125", 2, range((6, 28), (6, 34)))]);
    editor.file("motd", "hello\n");
    editor.notify("textDocument/didSave", json!({ "textDocument": { "uri": editor.uri("plan.json") } }));
    assert_eq!(editor.diagnostics(), clean("plan.json", 1));
    assert_eq!(editor.shut_down(), (Some(0), vec![]));
}

#[test]
fn the_secrets_file_beside_the_plan_is_judged_with_it() {
    let plan =
        CLEAN.replace("\"memory\"", "\"secrets\": [{ \"secret\": \"db\", \"target\": \"/db\" }],\n      \"memory\"");
    let mut editor = Editor::new();
    editor.file("shop.secrets.json", "{\n  \"never\": \"hunter2\"\n}\n");
    let of_plan = editor.open("shop.json", &plan);
    assert_eq!(told(&of_plan), [("LF066", 1, range((6, 30), (6, 34)))]);
    // It isn't open, so it has no version.
    let of_secrets = editor.diagnostics();
    assert_eq!(of_secrets["uri"], "file:///FOLDER/shop.secrets.json");
    assert_eq!((told(&of_secrets), of_secrets.get("version")), (vec![("LF067", 2, range((1, 2), (1, 9)))], None));
    // What is typed counts, not what is on the disk.
    editor.open_unheard("shop.secrets.json", "{\n  \"db\": \"hunter2\"\n}\n");
    assert_eq!([editor.diagnostics(), editor.diagnostics()], [clean("shop.json", 1), clean("shop.secrets.json", 1)]);
    let all = [of_plan, of_secrets].map(|message| message.to_string()).concat();
    assert!(!all.contains("hunter2"), "{all}");
    assert_eq!(editor.shut_down(), (Some(0), vec![]));
}

#[test]
fn a_secrets_file_by_itself_is_judged_by_its_form() {
    let mut editor = Editor::new();
    let text = "{ \"$schema\": \"secrets.v1.json\", \"a\": [\"hunter2\"] }";
    let published = editor.open("any.json", text);
    assert_eq!(told(&published), [("LF007", 1, range((0, 37), (0, 48)))]);
    assert!(!published.to_string().contains("hunter2"), "{published}");
}

#[test]
fn what_is_closed_has_no_diagnostics() {
    let mut editor = Editor::new();
    editor.file("secrets.json", "{ \"never\": \"x\" }");
    editor.open("plan.json", CLEAN);
    assert_eq!(told(&editor.diagnostics()).len(), 1);
    editor.notify("textDocument/didClose", json!({ "textDocument": { "uri": editor.uri("plan.json") } }));
    let empty = |name: &str| json!({ "uri": format!("file:///FOLDER/{name}"), "diagnostics": [] });
    assert_eq!(editor.diagnostics(), empty("secrets.json"));
    let mistake = editor.open("plan.json", "{}");
    assert_eq!(mistake["uri"], "file:///FOLDER/plan.json");
    editor.notify("textDocument/didClose", json!({ "textDocument": { "uri": editor.uri("plan.json") } }));
    assert_eq!(editor.diagnostics(), empty("plan.json"));
    assert_eq!(editor.shut_down(), (Some(0), vec![]));
}

#[test]
fn nothing_is_said_about_somebody_elses_json() {
    let mut editor = Editor::new();
    editor.open_unheard("package.json", "{ \"name\": \"x\", \"version\": \"1.0.0\", }");
    editor.open_unheard("secrets.json", "[]");
    let action = json!({
        "textDocument": { "uri": editor.uri("package.json") },
        "range": range((0, 0), (0, 9)),
        "context": { "diagnostics": [] }
    });
    assert_eq!(editor.request("textDocument/codeAction", action), json!([]));
    let format = json!({ "textDocument": { "uri": editor.uri("secrets.json") }, "options": { "tabSize": 2 } });
    assert_eq!(editor.request("textDocument/formatting", format), Value::Null);
    assert_eq!(editor.shut_down(), (Some(0), vec![]));
}

#[test]
fn a_document_that_is_too_large_is_told_so_and_nothing_else() {
    let mut editor = Editor::new();
    let large = CLEAN.replace("64MiB", &"6".repeat(1 << 20));
    let published = editor.open("plan.json", &large);
    assert_eq!(told(&published), [("LF003", 1, range((0, 0), (0, 0)))]);
    let format = json!({ "textDocument": { "uri": editor.uri("plan.json") }, "options": { "tabSize": 2 } });
    assert_eq!(editor.request("textDocument/formatting", format), Value::Null);
    assert_eq!(editor.change("plan.json", 2, json!([{ "text": CLEAN }])), clean("plan.json", 2));
}

#[test]
fn edits_one_by_one_are_judged_as_the_text_that_they_make() {
    for encoding in ["utf-8", "utf-16"] {
        let mut editor = Editor::with(modern(encoding));
        let mut text = CLEAN.replace("\"shop\"", "\"sh😀p\"");
        editor.open("one-by-one.plan.json", &text);
        editor.open("at-once.plan.json", &text);
        let mut runner = TestRunner::deterministic();
        let edits = (any::<(u16, u8)>(), "[\"{}:,a-c0-9ä😀\n]{0,6}");
        for version in 2..80 {
            let ((start, length), new) = edits.new_tree(&mut runner).unwrap().current();
            let offsets: Vec<_> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let start = usize::from(start) % offsets.len();
            let (start, end) = (offsets[start], offsets[(start + usize::from(length % 3)).min(offsets.len() - 1)]);
            let change = json!([{ "range": range(position(&text, start, encoding), position(&text, end, encoding)), "text": new }]);
            text.replace_range(start..end, &new);
            let one_by_one = editor.change("one-by-one.plan.json", version, change);
            let at_once = editor.change("at-once.plan.json", version, json!([{ "text": text }]));
            assert_eq!(one_by_one["diagnostics"], renamed(&at_once)["diagnostics"], "{text}");
        }
    }
}

fn renamed(published: &Value) -> Value {
    serde_json::from_str(&published.to_string().replace("at-once", "one-by-one")).unwrap()
}

/// Line and column of a byte offset.
fn position(text: &str, offset: usize, encoding: &str) -> (u32, u32) {
    let (before, line) = (&text[..offset], text[..offset].matches('\n').count());
    let column = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
    let column = if encoding == "utf-8" { column.len() } else { column.encode_utf16().count() };
    (u32::try_from(line).unwrap(), u32::try_from(column).unwrap())
}

#[test]
fn a_secret_is_unused_only_if_no_open_plan_uses_it() {
    let with = |secret: &str| {
        let uses = format!("\"secrets\": [{{ \"secret\": \"{secret}\", \"target\": \"/x\" }}],\n      \"memory\"");
        CLEAN.replace("\"memory\"", &uses)
    };
    let mut editor = Editor::new();
    editor.file("secrets.json", "{ \"one\": \"x\", \"two\": \"x\", \"three\": \"x\" }");
    let unused = |published: &Value| {
        assert_eq!(published["uri"], "file:///FOLDER/secrets.json");
        told(published).iter().map(|(code, _, range)| format!("{code} at {}", range["start"]["character"])).collect()
    };
    assert_eq!(editor.open("a.plan.json", &with("one")), clean("a.plan.json", 1));
    let first: Vec<_> = unused(&editor.diagnostics());
    assert_eq!(first, ["LF067 at 14", "LF067 at 26"]);
    assert_eq!(editor.open("b.plan.json", &with("two")), clean("b.plan.json", 1));
    let both: Vec<_> = unused(&editor.diagnostics());
    assert_eq!(both, ["LF067 at 26"]);
    // A plan that is typed in is judged; the other one, and what they share, are not told again.
    assert_eq!(editor.change("b.plan.json", 2, json!([{ "text": with("two") + "\n" }])), clean("b.plan.json", 2));
    editor.open_unheard("secrets.json", "{ \"one\": \"x\" }");
    let missing = editor.diagnostics();
    assert_eq!((missing["uri"].as_str(), told(&missing)[0].0), (Some("file:///FOLDER/b.plan.json"), "LF066"));
    assert_eq!(editor.diagnostics(), clean("secrets.json", 1));
    assert_eq!(editor.shut_down(), (Some(0), vec![]));
}
