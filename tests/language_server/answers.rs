//! What an editor asks about a document.

use super::diagnostics::CLEAN;
use super::editor::{Editor, edited, range};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

fn actions(editor: &mut Editor, name: &str, at: (u32, u32)) -> Value {
    let params = json!({
        "textDocument": { "uri": editor.uri(name) },
        "range": range(at, at),
        "context": { "diagnostics": [], "only": ["quickfix"] }
    });
    editor.request("textDocument/codeAction", params)
}

#[test]
fn a_quick_fix_makes_the_document_clean() {
    let mut editor = Editor::new();
    let wrong = CLEAN.replace("\"memory\"", "\"memroy\"");
    let told = editor.open("plan.json", &wrong);
    let actions = actions(&mut editor, "plan.json", (6, 10));
    let edit = &actions[0]["edit"]["documentChanges"][0];
    assert_eq!(
        actions,
        json!([{
            "title": actions[0]["title"],
            "kind": "quickfix",
            "isPreferred": true,
            "diagnostics": [told["diagnostics"][0]],
            "edit": { "documentChanges": [{
                "textDocument": { "uri": "file:///FOLDER/plan.json", "version": 1 },
                "edits": [{ "range": range((6, 6), (6, 14)), "newText": "\"memory\"" }]
            }] }
        }])
    );
    let cured = edited(&wrong, &edit["edits"]);
    assert_eq!(cured, CLEAN);
    assert_eq!(editor.change("plan.json", 2, json!([{ "text": cured }]))["diagnostics"], json!([]));
}

#[test]
fn a_client_is_given_edits_in_the_form_that_it_understands() {
    let literal = json!({ "textDocument": { "codeAction": { "codeActionLiteralSupport": {} } } });
    let mut editor = Editor::with(literal);
    editor.open("plan.json", &CLEAN.replace("\"memory\"", "\"memroy\""));
    let edits = json!([{ "range": range((6, 6), (6, 14)), "newText": "\"memory\"" }]);
    let actions = actions(&mut editor, "plan.json", (6, 6));
    assert_eq!(actions[0]["edit"], json!({ "changes": { "file:///FOLDER/plan.json": edits } }));
    let mut simple = Editor::with(json!({}));
    simple.open("plan.json", &CLEAN.replace("\"memory\"", "\"memroy\""));
    assert_eq!(self::actions(&mut simple, "plan.json", (6, 6)), json!([]));
}

#[test]
fn formatting_changes_white_space_and_nothing_else() {
    let mut editor = Editor::new();
    let untidy = CLEAN.replace("\n      ", "\n").replace("\": ", "\" :").replace("1,", "1 ,");
    editor.open("plan.json", &untidy);
    let format = |editor: &mut Editor, options: Value| {
        let params = json!({ "textDocument": { "uri": editor.uri("plan.json") }, "options": options });
        editor.request("textDocument/formatting", params)
    };
    let edits = format(&mut editor, json!({ "tabSize": 2, "insertSpaces": true }));
    assert_eq!(edited(&untidy, &edits), CLEAN);
    let edits = format(&mut editor, json!({ "tabSize": 8, "insertSpaces": false }));
    assert_eq!(edited(&untidy, &edits), CLEAN.replace("  ", "\t"));
    editor.change("plan.json", 2, json!([{ "text": CLEAN }]));
    assert_eq!(format(&mut editor, json!({})), json!([]));
    editor.change("plan.json", 3, json!([{ "text": "{ \"version\": " }]));
    assert_eq!(format(&mut editor, json!({ "tabSize": 2, "insertSpaces": true })), Value::Null);
}

/// Each symbol on a line, those inside it indented: its name, kind and detail, its name's place and its end.
fn outline(symbols: &Value, depth: usize) -> Vec<String> {
    let at = |position: &Value| format!("{}:{}", position["line"], position["character"]);
    let lines = symbols.as_array().into_iter().flatten().flat_map(|symbol| {
        let detail = symbol["detail"].as_str().map(|detail| format!(" ({detail})")).unwrap_or_default();
        let name = format!("{:depth$}{} {}{detail}", "", symbol["name"].as_str().unwrap(), symbol["kind"]);
        let place = format!("{} to {}", at(&symbol["selectionRange"]["start"]), at(&symbol["range"]["end"]));
        std::iter::once(format!("{name}, {place}")).chain(outline(&symbol["children"], depth + 2))
    });
    lines.collect()
}

const UNFINISHED: &str = r#"{ "version": 1, "name": "😀",
  "services": { "web": { "image": "x:1", "ports": [ } },
  "maintenance": { "jobs": { "dump": { "schedule": "@daily""#;

#[test]
fn the_outline_shows_services_and_jobs_while_the_plan_is_unfinished() {
    let mut editor = Editor::new();
    editor.open("plan.json", UNFINISHED);
    let params = json!({ "textDocument": { "uri": editor.uri("plan.json") } });
    let symbols = editor.request("textDocument/documentSymbol", params);
    let expected = [
        "version 8 (1), 0:2 to 0:14",
        "name 8 (\"😀\"), 0:16 to 0:28",
        "services 3, 1:2 to 1:55",
        "  web 5 (x:1), 1:16 to 1:53",
        "    image 8 (\"x:1\"), 1:25 to 1:39",
        "    ports 8, 1:41 to 1:52",
        "maintenance 3, 2:2 to 2:59",
        "  jobs 3, 2:19 to 2:59",
        "    dump 24 (@daily), 2:29 to 2:59",
    ];
    assert_eq!(outline(&symbols, 0), expected);
}

#[test]
fn a_client_that_knows_no_symbols_in_symbols_gets_a_list() {
    let mut editor = Editor::with(json!({}));
    editor.open("plan.json", "{ \"version\": 1, \"services\": { \"web\": {} } }");
    let params = json!({ "textDocument": { "uri": editor.uri("plan.json") } });
    let symbols = editor.request("textDocument/documentSymbol", params);
    let location = |start, end| json!({ "uri": "file:///FOLDER/plan.json", "range": range((0, start), (0, end)) });
    let expected = json!([
        { "name": "version", "kind": 8, "location": location(2, 14) },
        { "name": "services", "kind": 3, "location": location(16, 41) },
        { "name": "web", "kind": 5, "location": location(30, 39), "containerName": "services" }
    ]);
    assert_eq!(symbols, expected);
}

#[test]
fn the_outline_of_a_secrets_file_has_names_alone() {
    let mut editor = Editor::new();
    let text = "{ \"$schema\": \"secrets.v1.json\", \"db\": \"hunter2\", \"nested\": { \"a\": \"hunter2\" }, \"open\": \"hunter2";
    editor.open("any.json", text);
    let params = json!({ "textDocument": { "uri": editor.uri("any.json") } });
    let symbols = editor.request("textDocument/documentSymbol", params);
    let names: Vec<_> = symbols.as_array().unwrap().iter().map(|symbol| symbol["name"].clone()).collect();
    assert_eq!(names, ["$schema", "db", "nested", "open"]);
    assert!(!symbols.to_string().contains("hunter2"), "{symbols}");
}

#[test]
fn hover_tells_what_a_field_is_and_never_what_a_secret_is() {
    let mut editor = Editor::new();
    editor.file("secrets.json", "{ \"db\": \"hunter2\" }");
    let plan =
        CLEAN.replace("\"memory\"", "\"secrets\": [{ \"secret\": \"db\", \"target\": \"/db\" }],\n      \"memory\"");
    editor.open("plan.json", &plan);
    let hover = |editor: &mut Editor, line, character| {
        let at = json!({ "line": line, "character": character });
        editor.request(
            "textDocument/hover",
            json!({ "textDocument": { "uri": editor.uri("plan.json") }, "position": at }),
        )
    };
    let field = hover(&mut editor, 7, 10);
    assert_eq!(field["range"], range((7, 6), (7, 14)));
    assert_eq!(field["contents"]["kind"], "plaintext");
    let words = field["contents"]["value"].as_str().unwrap();
    assert!(words.starts_with("**`memory`**"), "{words}");
    let secret = hover(&mut editor, 6, 33).to_string();
    assert!(secret.contains("db") && !secret.contains("hunter2"), "{secret}");
    assert_eq!(hover(&mut editor, 99, 0), Value::Null);
}

#[test]
fn no_question_about_a_secrets_file_is_answered_with_a_value() {
    let mut editor = Editor::new();
    let text =
        "{ \"$schema\": \"secrets.v1.json\", \"db\": \"hunter2\", \"broken\": [\"hunter2\"], \"open\": \"hunter2";
    editor.open("any.json", text);
    let methods =
        ["codeAction", "completion", "definition", "documentHighlight", "hover", "prepareRename", "references"];
    let mut answers = String::new();
    for offset in 0..=text.len() {
        let at = json!({ "line": 0, "character": offset });
        for method in methods {
            let params = json!({
                "textDocument": { "uri": editor.uri("any.json") },
                "position": at,
                "range": { "start": at, "end": at },
                "context": { "diagnostics": [], "includeDeclaration": true }
            });
            answers += &editor.request(&format!("textDocument/{method}"), params).to_string();
        }
    }
    assert!(answers.contains("\"db\""), "nothing was answered");
    assert!(!answers.contains("hunter"), "{answers}");
}
