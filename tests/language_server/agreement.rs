//! The server tells what `landfall check` tells, and answers whatever state a plan is in.

use super::editor::{Editor, modern};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs, path::Path, process::Command};

/// The texts of the rejected and the doubtful plans by new names, which say that they are plans.
fn plans() -> BTreeMap<String, String> {
    let folders = ["tests/plans/rejected", "tests/plans/warned"];
    let folders = folders.map(|folder| fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap());
    let paths = folders.into_iter().flatten().map(|entry| entry.unwrap().path());
    let named = paths.filter_map(|path| {
        let stem = path.file_name()?.to_str()?.strip_suffix(".json")?.to_owned();
        let text = String::from_utf8(fs::read(&path).unwrap()).ok()?;
        (!stem.ends_with(".secrets")).then(|| (format!("{stem}.plan.json"), text))
    });
    named.collect()
}

/// What is found, with lines and columns from 1, columns in characters.
type Found = Vec<(String, String, [u64; 4])>;

fn by_check(editor: &Editor) -> BTreeMap<String, Found> {
    let check = ["check", "--format", "json"];
    let output = Command::new(env!("CARGO_BIN_EXE_landfall")).args(check).arg(editor.folder()).output().unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut all: BTreeMap<_, Found> = BTreeMap::new();
    for one in document["findings"].as_array().unwrap() {
        let name = Path::new(one["file"].as_str().unwrap()).file_name().unwrap().to_str().unwrap().to_owned();
        let place = ["line", "column", "end_line", "end_column"].map(|field| one[field].as_u64().unwrap());
        let text = |field: &str| one[field].as_str().unwrap().to_owned();
        all.entry(name).or_default().push((text("code"), text("severity"), place));
    }
    all
}

fn by_the_server(published: &Value) -> Found {
    let one = |one: &Value| {
        let place = ["/start/line", "/start/character", "/end/line", "/end/character"];
        let place = place.map(|field| one["range"].pointer(field).unwrap().as_u64().unwrap() + 1);
        let severity = if one["severity"] == 1 { "error" } else { "warning" };
        (one["code"].as_str().unwrap().to_owned(), severity.to_owned(), place)
    };
    published["diagnostics"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn of_every_rejected_plan_the_server_tells_what_check_tells() {
    let mut editor = Editor::with(modern("utf-32"));
    let plans = plans();
    for (name, text) in &plans {
        editor.file(name, text);
    }
    let told = by_check(&editor);
    let mut compared = 0;
    for (name, text) in &plans {
        editor.open_unheard(name, text);
        // The server is silent about what it takes for no plan; then the answer is the first that it says.
        let symbols = json!({ "textDocument": { "uri": editor.uri(name) } });
        editor
            .send(&json!({ "jsonrpc": "2.0", "id": name, "method": "textDocument/documentSymbol", "params": symbols }));
        let message = editor.next();
        if message["method"] == "textDocument/publishDiagnostics" {
            assert_eq!(Some(by_the_server(&message["params"])), told.get(name).cloned().or(Some(Vec::new())), "{name}");
            assert_eq!(editor.next()["id"], json!(name));
            compared += 1;
        }
    }
    assert!(compared > plans.len() * 9 / 10, "only {compared} of {}", plans.len());
}

#[test]
fn a_plan_cut_off_anywhere_is_answered() {
    let plan = include_str!("../../plans/every-field.json");
    let mut editor = Editor::new();
    editor.open("plan.json", plan);
    let methods = [
        "codeAction",
        "completion",
        "definition",
        "documentHighlight",
        "documentSymbol",
        "formatting",
        "hover",
        "prepareRename",
        "references",
    ];
    for (version, cut) in (2..).zip((1..plan.len()).step_by(151)) {
        let text = &plan[..cut];
        let line = text.matches('\n').count();
        let column = text.len() - text.rfind('\n').map_or(0, |at| at + 1);
        let at = json!({ "line": line, "character": column });
        let published = editor.change("plan.json", version, json!([{ "text": text }]));
        assert_eq!(published["diagnostics"][0]["code"], "LF001", "{text}");
        for method in methods {
            let params = json!({
                "textDocument": { "uri": editor.uri("plan.json") },
                "position": at,
                "range": { "start": at, "end": at },
                "context": { "diagnostics": [], "includeDeclaration": true },
                "options": { "tabSize": 2, "insertSpaces": true }
            });
            let answer = editor.request(&format!("textDocument/{method}"), params);
            assert_eq!(answer.get("code"), None, "{method}: {answer}\n{text}");
        }
    }
    assert_eq!(editor.shut_down(), (Some(0), vec![]));
}
