//! What can be written at the cursor, in a plan that is being written.

use super::editor::{Editor, modern, range};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

/// Opens a plan with `|` at the cursor, and asks. The plan is no JSON: the text ends behind the cursor.
fn completed(editor: &mut Editor, plan: &str) -> Value {
    let (before, after) = plan.split_once('|').unwrap();
    editor.open("plan.json", &format!("{before}{after}"));
    let line = before.matches('\n').count();
    let column = before[before.rfind('\n').map_or(0, |at| at + 1)..].encode_utf16().count();
    let at = json!({ "line": line, "character": column });
    let document = json!({ "uri": editor.uri("plan.json") });
    let answer = editor.request("textDocument/completion", json!({ "textDocument": document, "position": at }));
    editor.notify("textDocument/didClose", json!({ "textDocument": document }));
    assert_eq!(editor.diagnostics()["diagnostics"], json!([]));
    answer
}

fn labels(answer: &Value) -> Vec<&str> {
    answer["items"].as_array().unwrap().iter().map(|item| item["label"].as_str().unwrap()).collect()
}

#[test]
fn services_are_offered_where_one_is_waited_for() {
    let mut editor = Editor::new();
    let plan = "{ \"name\": \"😀\", \"services\": { \"db\": {}, \"web\": { \"depends_on\": [\"|";
    let answer = completed(&mut editor, plan);
    assert_eq!(labels(&answer), ["db"]);
    let item = &answer["items"][0];
    let expected = json!({
        "label": "db",
        "kind": 7,
        "sortText": "0000",
        "filterText": "\"db\"",
        "insertTextFormat": 1,
        "documentation": { "kind": "plaintext", "value": "**service `db`** · container `😀-db`" },
        "textEdit": { "range": range((0, 64), (0, 65)), "newText": "\"db\"" }
    });
    assert_eq!(item, &expected);
}

#[test]
fn secrets_are_offered_by_name_and_never_by_value() {
    let mut editor = Editor::new();
    editor.file("secrets.json", "{ \"db_password\": \"hunter2\", \"smtp\": \"hunter2\" }");
    let places = [
        "{ \"services\": { \"web\": { \"secrets\": [{ \"secret\": \"|",
        "{ \"services\": { \"web\": { \"environment\": { \"A\": { \"template\": \"x{{url |",
    ];
    for place in places {
        let answer = completed(&mut editor, place);
        assert_eq!(labels(&answer), ["db_password", "smtp"], "{place}");
        assert!(!answer.to_string().contains("hunter2"), "{answer}");
    }
}

#[test]
fn archives_and_build_folders_are_those_on_the_disk() {
    let mut editor = Editor::new();
    for file in ["images/web.tar.zst", "images/notes.txt", "images/old/web.tar", "app/Containerfile", "motd"] {
        editor.file(file, "");
    }
    let archives = completed(&mut editor, "{ \"services\": { \"web\": { \"image\": { \"archive\": \"images/|");
    assert_eq!(labels(&archives), ["web.tar.zst", "old/", "notes.txt"]);
    let folders = completed(&mut editor, "{ \"services\": { \"web\": { \"image\": { \"build\": \"|\" } } } }");
    assert_eq!(labels(&folders), ["app/", "images/"]);
    let nowhere = completed(&mut editor, "{ \"services\": { \"web\": { \"image\": { \"build\": \"none/|");
    assert_eq!(labels(&nowhere), Vec::<&str>::new());
}

#[test]
fn fields_come_with_what_they_are_and_snippets_only_where_they_are_understood() {
    let plan = "{\n  \"services\": {\n    \"web\": {\n      \"image\": \"x\"\n      \"healthc|\n    }\n  }\n}\n";
    let item = |capabilities: Value| {
        let answer = completed(&mut Editor::with(capabilities), plan);
        let items = answer["items"].as_array().unwrap();
        items.iter().find(|item| item["label"] == "healthcheck").unwrap().clone()
    };
    let (with, without) = (item(modern("utf-16")), item(json!({})));
    assert_eq!([&with["insertTextFormat"], &without["insertTextFormat"]], [&json!(2), &json!(1)]);
    assert!(with["textEdit"]["newText"].as_str().unwrap().contains("$"), "{with}");
    assert!(!without["textEdit"]["newText"].as_str().unwrap().contains("$"), "{without}");
    assert_eq!(with["textEdit"]["range"], range((4, 6), (4, 14)));
    // The comma that is missing before it.
    assert_eq!(with["additionalTextEdits"], json!([{ "range": range((3, 18), (3, 18)), "newText": "," }]));
}
