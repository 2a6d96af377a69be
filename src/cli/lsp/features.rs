//! What the server can do, and the answers to requests about documents.

use super::client::Client;
use super::diagnostics;
use super::documents::{Document, Documents};
use super::formatting::{self, Indentation};
use super::pair::Pair;
use super::session::{Refusal, parameters};
use super::subject::Subject;
use super::verdicts::Verdict;
use super::wire::ErrorCode;
use super::{names, outline, words};
use crate::plan::text::MAXIMUM_BYTES;
use lsp_types::{CodeActionKind, CodeActionParams, Position, TextDocumentIdentifier, Uri};
use serde::Deserialize;
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

/// A result, and something that the person in front of the editor should know with it.
pub type Answer = (Value, Option<String>);

/// The answer to `initialize`.
pub fn initialized(client: &Client) -> Value {
    json!({
        "capabilities": {
            "positionEncoding": client.encoding.kind(),
            // 2: incremental.
            "textDocumentSync": { "openClose": true, "change": 2, "save": {} },
            "codeActionProvider": { "codeActionKinds": [CodeActionKind::QUICKFIX] },
            "completionProvider": { "triggerCharacters": ["\"", ":", "/", "{"] },
            "definitionProvider": true,
            "documentFormattingProvider": true,
            "documentHighlightProvider": true,
            "documentSymbolProvider": true,
            "hoverProvider": true,
            "referencesProvider": true,
            "renameProvider": { "prepareProvider": true },
        },
        "serverInfo": { "name": "landfall", "version": env!("CARGO_PKG_VERSION") },
    })
}

/// The parameters that most requests have.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct At {
    text_document: TextDocumentIdentifier,
    #[serde(default)]
    position: Position,
    #[serde(default)]
    new_name: String,
    #[serde(default)]
    context: Value,
    #[serde(default)]
    options: Value,
}

/// The answer to any other request. A document that is not open, or that is neither a plan nor a secrets file, has none.
pub fn answer(method: &str, params: &Value, known: &Known<'_>) -> Result<Answer, Refusal> {
    let client = known.client;
    let only = |result: Option<Value>| Ok((result.unwrap_or_default(), None));
    let asked = |params: &Value| -> Result<(At, Option<Pair>), Refusal> {
        let at: At = parameters(method, params)?;
        let document = document(&at.text_document.uri, known);
        let pair = document.and_then(|document| Pair::of(document, known.documents, client.encoding));
        Ok((at, pair))
    };
    match method {
        "textDocument/codeAction" => only(Some(code_actions(&parameters(method, params)?, known))),
        "textDocument/formatting" => only(formatted(&parameters(method, params)?, known)),
        "textDocument/completion" => {
            let (at, pair) = asked(params)?;
            only(pair.and_then(|pair| words::completions(&pair, at.position, client)))
        }
        "textDocument/definition" => {
            let (at, pair) = asked(params)?;
            only(pair.and_then(|pair| names::definition(&pair, at.position, client)))
        }
        "textDocument/documentHighlight" => {
            let (at, pair) = asked(params)?;
            only(pair.and_then(|pair| names::highlights(&pair, at.position)))
        }
        "textDocument/documentSymbol" => only(asked(params)?.1.map(|pair| outline::symbols(&pair, client))),
        "textDocument/hover" => {
            let (at, pair) = asked(params)?;
            only(pair.and_then(|pair| words::hover(&pair, at.position, client)))
        }
        "textDocument/prepareRename" => {
            let (at, pair) = asked(params)?;
            only(pair.and_then(|pair| names::renameable(&pair, at.position)))
        }
        "textDocument/references" => {
            let (at, pair) = asked(params)?;
            let with_definition = at.context.get("includeDeclaration").and_then(Value::as_bool).unwrap_or(false);
            only(pair.and_then(|pair| names::references(&pair, at.position, with_definition)))
        }
        "textDocument/rename" => match asked(params)? {
            (at, Some(pair)) => names::renamed(&pair, at.position, &at.new_name, client),
            (_, None) => Ok((Value::Null, None)),
        },
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

fn formatted(at: &At, known: &Known<'_>) -> Option<Value> {
    let size = at.options.get("tabSize").and_then(Value::as_u64).unwrap_or(2);
    let spaces = at.options.get("insertSpaces").and_then(Value::as_bool).unwrap_or(true);
    let document = document(&at.text_document.uri, known)?;
    let edits = formatting::edits(document.text.as_str(), &Indentation::of(size, spaces))?;
    Some(json!(diagnostics::text_edits(&document.text, edits)))
}
