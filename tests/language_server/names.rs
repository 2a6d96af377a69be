//! Services, secrets and keys: where they are made and used, and renaming them.

use super::editor::{Editor, edited, modern, range};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

/// A plan in the making: it is no JSON yet.
const UNFINISHED: &str = r#"{
  "version": 1, "name": "sh😀p",
  "services": {
    "db": { "image": { "archive": "db.tar" }, "secrets": [{ "secret": "pass", "target": "/pass" }] },
    "web": {
      "image": "docker.io/library/nginx:1.27",
      "environment": { "DB_HOST": "db", "URL": { "template": "postgres://u:{{url pass}}@db/x" } },
      "depends_on": { "db": { "condition": "service_healthy" } },
      "command": [
    }
  },
  "maintenance": { "jobs": { "dump": { "schedule": "@daily", "service": "db", "exec": ["dump"] } } }
}
"#;

const SECRETS: &str = "{\n  \"pass\": \"hunter2\"\n}\n";

fn opened(capabilities: Value) -> Editor {
    let mut editor = Editor::with(capabilities);
    editor.file("secrets.json", SECRETS);
    editor.open("shop.plan.json", UNFINISHED);
    editor
}

fn ask(editor: &mut Editor, method: &str, at: (u32, u32), more: Value) -> Value {
    let mut params = json!({
        "textDocument": { "uri": editor.uri("shop.plan.json") },
        "position": { "line": at.0, "character": at.1 }
    });
    params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    editor.request(&format!("textDocument/{method}"), params)
}

fn place(file: &str, range: Value) -> Value {
    json!({ "uri": format!("file:///FOLDER/{file}"), "range": range })
}

#[test]
fn a_name_leads_to_where_it_is_made_while_the_plan_is_unfinished() {
    let mut editor = opened(json!({}));
    let service = ask(&mut editor, "definition", (7, 24), json!({}));
    assert_eq!(service, place("shop.plan.json", range((3, 5), (3, 7))));
    let secret = ask(&mut editor, "definition", (3, 72), json!({}));
    assert_eq!(secret, place("secrets.json", range((1, 3), (1, 7))));
    assert_eq!(ask(&mut editor, "definition", (1, 4), json!({})), Value::Null);
    let mut linking = modern("utf-16");
    linking["textDocument"]["definition"] = json!({ "linkSupport": true });
    let link = ask(&mut opened(linking), "definition", (11, 74), json!({}));
    let expected = json!([{
        "originSelectionRange": range((11, 73), (11, 75)),
        "targetUri": "file:///FOLDER/shop.plan.json",
        "targetRange": range((3, 4), (3, 100)),
        "targetSelectionRange": range((3, 5), (3, 7))
    }]);
    assert_eq!(link, expected);
}

#[test]
fn everything_that_names_the_same_is_found() {
    let mut editor = opened(json!({}));
    let all = ask(&mut editor, "references", (3, 6), json!({ "context": { "includeDeclaration": true } }));
    let places = [((3, 5), (3, 7)), ((6, 88), (6, 90)), ((7, 23), (7, 25)), ((11, 73), (11, 75))];
    let places = places.map(|(start, end)| place("shop.plan.json", range(start, end)));
    assert_eq!(all, json!(places));
    let highlights = ask(&mut editor, "documentHighlight", (3, 72), json!({}));
    let places = [((3, 71), (3, 75)), ((6, 81), (6, 85))].map(|(start, end)| json!({ "range": range(start, end) }));
    assert_eq!(highlights, json!(places));
}

#[test]
fn a_renamed_service_has_its_new_name_everywhere() {
    let mut editor = opened(modern("utf-16"));
    let prepared = ask(&mut editor, "prepareRename", (11, 74), json!({}));
    assert_eq!(prepared, json!({ "placeholder": "db", "range": range((11, 73), (11, 75)) }));
    editor.send(&json!({ "jsonrpc": "2.0", "id": "r", "method": "textDocument/rename", "params": {
        "textDocument": { "uri": editor.uri("shop.plan.json") },
        "position": { "line": 11, "character": 75 },
        "newName": "database"
    }}));
    let told = json!({ "type": 3, "message": "the same text stands there and was left alone, because it may mean something else: line 7" });
    assert_eq!(editor.next()["params"], told);
    let answer = editor.next();
    let change = &answer["result"]["documentChanges"][0];
    assert_eq!(change["textDocument"], json!({ "uri": "file:///FOLDER/shop.plan.json", "version": 1 }));
    let expected = UNFINISHED
        .replace("\"db\": {", "\"database\": {")
        .replace("\"service\": \"db\"", "\"service\": \"database\"")
        .replace("@db/x", "@database/x");
    assert_eq!(edited(UNFINISHED, &change["edits"]), expected);
    assert_eq!(answer["result"]["documentChanges"].as_array().unwrap().len(), 1);
}

#[test]
fn a_renamed_secret_has_its_new_name_in_both_files() {
    let mut editor = opened(modern("utf-8"));
    let answer = ask(&mut editor, "rename", (3, 72), json!({ "newName": "db_password" }));
    let changes = answer["documentChanges"].as_array().unwrap();
    assert_eq!(changes.len(), 2, "{answer}");
    assert_eq!(changes[1]["textDocument"], json!({ "uri": "file:///FOLDER/secrets.json", "version": null }));
    assert_eq!(edited(SECRETS, &changes[1]["edits"]), SECRETS.replace("pass", "db_password"));
    let plan = UNFINISHED.replace("\"secret\": \"pass\"", "\"secret\": \"db_password\"");
    assert_eq!(edited(UNFINISHED, &changes[0]["edits"]), plan.replace("{{url pass}}", "{{url db_password}}"));
}

#[test]
fn a_name_that_cannot_be_is_refused_with_the_reason() {
    let mut editor = opened(modern("utf-8"));
    let mut refusal = |at, new: &str| ask(&mut editor, "rename", at, json!({ "newName": new }))["message"].clone();
    let told = [refusal((3, 6), "web"), refusal((3, 6), "D B"), refusal((0, 0), "x")];
    let expected = [
        "there is a service `web` already: choose another name",
        "service name `D B` is not a name: a letter a-z, then up to 30 of a-z, 0-9 and `-`, the last of them not `-`: \
         write `d-b`",
        "only services, secrets and SSH keys can be renamed: put the cursor on the name of one",
    ];
    assert_eq!(told, expected);
    assert_eq!(ask(&mut editor, "prepareRename", (0, 0), json!({})), Value::Null);
}
