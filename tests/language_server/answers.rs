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
