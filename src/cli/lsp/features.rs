//! What the server can do, and the answers to requests about documents.

use super::client::Client;
use super::diagnostics;
use super::documents::{Document, Documents};
use super::formatting::{self, Indentation};
use super::session::{Refusal, parameters};
use super::subject::Subject;
use super::verdicts::Verdict;
use super::wire::ErrorCode;
use crate::plan::text::MAXIMUM_BYTES;
use lsp_types::{CodeActionKind, CodeActionParams, TextDocumentIdentifier, Uri};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Everything that an answer may depend on.
#[derive(Debug)]
pub struct Known<'a> {
    /// What the client understands.
    pub client: &'a Client,
    /// What it has open.
    pub documents: &'a Documents,
    /// What is wrong with that.
    pub verdicts: &'a BTreeMap<String, Verdict>,
}

/// The answer to `initialize`.
pub fn initialized(client: &Client) -> Value {
    json!({
        "capabilities": {
            "positionEncoding": client.encoding.kind(),
            // 2: incremental.
            "textDocumentSync": { "openClose": true, "change": 2, "save": {} },
            "codeActionProvider": { "codeActionKinds": [CodeActionKind::QUICKFIX] },
            "documentFormattingProvider": true,
        },
        "serverInfo": { "name": "landfall", "version": env!("CARGO_PKG_VERSION") },
    })
}

/// The answer to any other request.
pub fn answer(method: &str, params: Value, known: &Known<'_>) -> Result<Value, Refusal> {
    match method {
        "textDocument/codeAction" => parameters(method, params).map(|params| code_actions(&params, known)),
        "textDocument/formatting" => formatted(method, params, known),
        _ => Err((ErrorCode::MethodNotFound, format!("there is no `{method}` here"))),
    }
}

/// The open plan or secrets file of this name, unless it is too large for anything but saying so.
fn document<'a>(uri: &Uri, known: &Known<'a>) -> Option<&'a Document> {
    let document = known.documents.get(uri)?;
    (document.subject != Subject::Other && document.text.as_str().len() <= MAXIMUM_BYTES).then_some(document)
}

fn code_actions(params: &CodeActionParams, known: &Known<'_>) -> Value {
    let wanted = |kinds: &Vec<CodeActionKind>| kinds.iter().any(|kind| matches!(kind.as_str(), "" | "quickfix"));
    let verdict = known.verdicts.get(params.text_document.uri.as_str());
    match verdict.filter(|_| known.client.code_action_literals && params.context.only.as_ref().is_none_or(wanted)) {
        Some(verdict) => json!(diagnostics::quick_fixes(verdict, params.range, known.client)),
        None => json!([]),
    }
}

fn formatted(method: &str, params: Value, known: &Known<'_>) -> Result<Value, Refusal> {
    let option = |name: &str| params.pointer(&format!("/options/{name}"));
    let size = option("tabSize").and_then(Value::as_u64).unwrap_or(2);
    let indentation = Indentation::of(size, option("insertSpaces").and_then(Value::as_bool).unwrap_or(true));
    let identifier = params.get("textDocument").cloned().unwrap_or_default();
    let TextDocumentIdentifier { uri } = parameters(method, identifier)?;
    let Some(document) = document(&uri, known) else { return Ok(Value::Null) };
    let edits = formatting::edits(document.text.as_str(), &indentation);
    Ok(edits.map_or(Value::Null, |edits| json!(diagnostics::text_edits(&document.text, edits))))
}
