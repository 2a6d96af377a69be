//! From `initialize` to `exit`, and everything that should not be said in between.

use super::editor::{Editor, modern};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

fn error(code: i32, message: &str) -> Value {
    json!({ "code": code, "message": message })
}

fn logged(kind: u8, message: &str) -> Value {
    json!({ "jsonrpc": "2.0", "method": "window/logMessage", "params": { "type": kind, "message": message } })
}

#[test]
fn the_server_says_what_it_can_do() {
    let mut editor = Editor::before_initialize();
    let answer = editor.request("initialize", json!({ "capabilities": modern("utf-8") }));
    let expected: Value = serde_json::from_str(include_str!("capabilities.json")).unwrap();
    assert_eq!(answer["capabilities"], expected);
    assert_eq!(answer["serverInfo"], json!({ "name": "landfall", "version": env!("CARGO_PKG_VERSION") }));
    assert_eq!(editor.shut_down(), (Some(0), vec![]));
}

#[test]
fn what_comes_at_the_wrong_time_is_refused() {
    let mut editor = Editor::before_initialize();
    editor.notify("textDocument/didOpen", json!({}));
    let early = editor.request("textDocument/hover", json!({}));
    assert_eq!(early, error(-32002, "`initialize` comes first"));
    editor.request("initialize", json!({}));
    let again = editor.request("initialize", json!({}));
    assert_eq!(again, error(-32600, "the session has been initialized already"));
    editor.request("shutdown", Value::Null);
    let late = editor.request("textDocument/hover", json!({}));
    assert_eq!(late, error(-32600, "the session has been shut down"));
    editor.notify("exit", Value::Null);
    assert_eq!(editor.end(), (Some(0), vec![]));
}

#[test]
fn an_exit_without_shutdown_is_a_failure() {
    let mut editor = Editor::new();
    editor.notify("exit", Value::Null);
    assert_eq!(editor.end(), (Some(1), vec![]));
    let mut early = Editor::before_initialize();
    early.notify("exit", Value::Null);
    assert_eq!(early.end(), (Some(1), vec![]));
}

#[test]
fn a_client_that_goes_away_ends_the_server() {
    let mut editor = Editor::new();
    editor.hang_up();
    assert_eq!(editor.end(), (Some(1), vec![]));
}

#[test]
fn a_method_that_nobody_knows_is_refused_and_a_notification_is_passed_over() {
    let mut editor = Editor::new();
    editor.notify("workspace/unheardOf", json!([]));
    editor.notify("$/unheardOf", json!([]));
    let unknown = editor.request("textDocument/unheardOf", json!({}));
    assert_eq!(unknown, error(-32601, "there is no `textDocument/unheardOf` here"));
    assert_eq!(editor.shut_down(), (Some(0), vec![]));
}

#[test]
fn parameters_that_do_not_fit_are_refused_without_quoting_them() {
    let mut editor = Editor::new();
    let message = "the parameters of `textDocument/codeAction` are not those of the protocol";
    assert_eq!(editor.request("textDocument/codeAction", json!({ "textDocument": "hunter2" })), error(-32602, message));
    editor.notify("textDocument/didOpen", json!({ "textDocument": { "text": "hunter2" } }));
    let message = "landfall: the parameters of `textDocument/didOpen` are not those of the protocol";
    assert_eq!(editor.next(), logged(2, message));
    let document = json!({ "uri": "file:///nowhere/plan.json", "version": 2 });
    editor.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [{ "text": "" }] }));
    assert_eq!(editor.next(), logged(2, "landfall: a document was changed that is not open"));
    assert_eq!(editor.shut_down(), (Some(0), vec![]));
}

#[test]
fn what_is_no_message_is_told_and_the_session_goes_on() {
    let mut editor = Editor::new();
    let mut told = |bytes: &[u8]| {
        editor.raw(bytes);
        [editor.next(), editor.next()]
    };
    let both = |id: Value, code: i32, message: &str| {
        let refusal = json!({ "jsonrpc": "2.0", "id": id, "error": error(code, message) });
        [refusal, logged(2, &format!("landfall: {message}"))]
    };
    assert_eq!(
        told(b"Content-Length: 9\r\n\r\n{\"hunter2"),
        both(Value::Null, -32700, "a message is not JSON, at its byte 9")
    );
    assert_eq!(
        told(b"Content-Length: 12\r\n\r\n{\"id\": \"x1\"}"),
        both(json!("x1"), -32600, "a message has no `method`")
    );
    let header = "what should be a header with `Content-Length` is none";
    assert_eq!(told(b"hunter2\r\n"), both(Value::Null, -32700, header));
    assert_eq!(editor.shut_down(), (Some(0), vec![]));
}

#[test]
fn a_request_that_is_cancelled_in_time_is_answered_as_cancelled() {
    let mut editor = Editor::new();
    // Two messages that arrive at once, behind one that takes a while: the second is seen before the first is answered.
    let message = |message: Value| {
        let text = message.to_string();
        format!("Content-Length: {}\r\n\r\n{text}", text.len())
    };
    let busy =
        json!({ "textDocument": { "uri": "file:///x/plan.json", "languageId": "json", "version": 1, "text": "{" } });
    let all = [
        json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": busy }),
        json!({ "jsonrpc": "2.0", "id": "first", "method": "textDocument/unheardOf" }),
        json!({ "jsonrpc": "2.0", "id": "second", "method": "textDocument/unheardOf" }),
        json!({ "jsonrpc": "2.0", "method": "$/cancelRequest", "params": { "id": "second" } }),
        json!({ "jsonrpc": "2.0", "method": "$/cancelRequest", "params": { "id": "never heard of" } }),
    ];
    editor.raw(all.map(message).concat().as_bytes());
    let mut answers = Vec::new();
    while answers.len() < 2 {
        let message = editor.next();
        if message.get("id").is_some() {
            answers.push((message["id"].clone(), message["error"]["code"].clone()));
        }
    }
    assert_eq!(answers[0], (json!("first"), json!(-32601)));
    // Whether it was seen in time is the system's affair; an answer comes in either case, and the session goes on.
    assert!([json!(-32800), json!(-32601)].contains(&answers[1].1), "{answers:?}");
    assert_eq!(editor.request("shutdown", Value::Null), Value::Null);
}
