//! An editor by hand: sends messages, and hands out what comes back in order.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};
use tempfile::TempDir;

/// Longer than anything takes; a server that says nothing is a failure, not a reason to wait for ever.
const LIMIT: Duration = Duration::from_secs(60);

/// One session with a server of its own, and a folder for files beside the plan.
pub struct Editor {
    server: Child,
    input: Option<ChildStdin>,
    output: Receiver<Value>,
    folder: TempDir,
    requests: u64,
}

impl Editor {
    /// A session that has not begun.
    pub fn before_initialize() -> Self {
        let mut server = Command::new(env!("CARGO_BIN_EXE_landfall"))
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(server.stdout.take().unwrap());
        let (sender, output) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read(&mut stdout) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let input = server.stdin.take();
        Self { server, input, output, folder: tempfile::tempdir().unwrap(), requests: 0 }
    }

    /// A session of an editor that understands all of this.
    pub fn with(capabilities: Value) -> Self {
        let mut editor = Self::before_initialize();
        editor.request("initialize", json!({ "processId": null, "rootUri": null, "capabilities": capabilities }));
        editor.notify("initialized", json!({}));
        editor
    }

    /// A session of an editor like today's, which counts in UTF-16.
    pub fn new() -> Self {
        Self::with(modern("utf-16"))
    }

    /// Writes a file into the session's folder.
    pub fn file(&self, name: &str, content: &str) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
    }

    /// The session's folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The URI of a file in the session's folder; in messages from the server it is `file:///FOLDER/…`.
    pub fn uri(&self, name: &str) -> String {
        format!("file://{}/{name}", self.folder.path().display())
    }

    /// Sends bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).unwrap();
        input.flush().unwrap();
    }

    /// Sends a message.
    pub fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.raw(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    /// Tells the server something.
    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Asks, and waits for the answer, which must be the next message.
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        self.requests += 1;
        let id = self.requests;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        let answer = self.next();
        assert_eq!(answer["id"], json!(id), "{answer}");
        answer.get("result").cloned().unwrap_or_else(|| answer["error"].clone())
    }

    /// Opens a document of the session's folder, and waits for what is wrong with it.
    pub fn open(&mut self, name: &str, text: &str) -> Value {
        self.open_unheard(name, text);
        self.diagnostics()
    }

    /// Opens a document of the session's folder.
    pub fn open_unheard(&mut self, name: &str, text: &str) {
        let document = json!({ "uri": self.uri(name), "languageId": "json", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Changes a document, and waits for what is wrong with it.
    pub fn change(&mut self, name: &str, version: i32, changes: Value) -> Value {
        let document = json!({ "uri": self.uri(name), "version": version });
        self.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
        self.diagnostics()
    }

    /// What the server says next is wrong with something.
    pub fn diagnostics(&mut self) -> Value {
        let message = self.next();
        assert_eq!(message["method"], "textDocument/publishDiagnostics", "{message}");
        message["params"].clone()
    }

    /// The next message.
    pub fn next(&mut self) -> Value {
        let message = self.output.recv_timeout(LIMIT).expect("the server says nothing");
        let folder = self.folder.path().display().to_string();
        serde_json::from_str(&message.to_string().replace(&folder, "/FOLDER")).unwrap()
    }

    /// Closes the server's input.
    pub fn hang_up(&mut self) {
        self.input = None;
    }

    /// How the server ended, and what it said that nobody has read.
    pub fn end(mut self) -> (Option<i32>, Vec<Value>) {
        let status = self.server.wait().unwrap();
        (status.code(), self.output.iter().collect())
    }

    /// Ends the session in good order.
    pub fn shut_down(mut self) -> (Option<i32>, Vec<Value>) {
        assert_eq!(self.request("shutdown", Value::Null), Value::Null);
        self.notify("exit", Value::Null);
        self.end()
    }
}

/// A range on one line, or over several.
pub fn range(start: (u32, u32), end: (u32, u32)) -> Value {
    json!({ "start": { "line": start.0, "character": start.1 }, "end": { "line": end.0, "character": end.1 } })
}

/// What today's editors understand.
pub fn modern(encoding: &str) -> Value {
    json!({
        "general": { "positionEncodings": [encoding] },
        "workspace": { "workspaceEdit": { "documentChanges": true } },
        "textDocument": {
            "publishDiagnostics": { "relatedInformation": true, "tagSupport": { "valueSet": [1, 2] } },
            "documentSymbol": { "hierarchicalDocumentSymbolSupport": true },
            "codeAction": { "codeActionLiteralSupport": { "codeActionKind": { "valueSet": ["quickfix"] } } },
            "completion": { "completionItem": { "snippetSupport": true } }
        }
    })
}

/// The text after edits, each of them in positions of the text before. Columns are in UTF-16.
pub fn edited(text: &str, edits: &Value) -> String {
    let offset = |position: &Value| {
        let line = position["line"].as_u64().unwrap() as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        let mut left = position["character"].as_u64().unwrap() as usize;
        let mut end = start;
        for character in text[start..].chars() {
            if left == 0 {
                break;
            }
            left -= character.len_utf16();
            end += character.len_utf8();
        }
        end
    };
    let mut all: Vec<_> = edits.as_array().unwrap().iter().collect();
    all.sort_by_key(|edit| std::cmp::Reverse(offset(&edit["range"]["start"])));
    let mut edited = text.to_owned();
    for edit in all {
        let bytes = offset(&edit["range"]["start"])..offset(&edit["range"]["end"]);
        edited.replace_range(bytes, edit["newText"].as_str().unwrap());
    }
    edited
}

fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).unwrap() == 0 {
            return None;
        }
        match line.trim_end().split_once(": ") {
            Some(("Content-Length", value)) => length = value.parse().unwrap(),
            Some(_) => panic!("standard output carries something else: {line}"),
            None => break,
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).unwrap();
    Some(serde_json::from_slice(&body).unwrap())
}
