//! What the client said of itself when it began: what it understands decides how it is answered.

use super::text::Encoding;
use lsp_types::PositionEncodingKind;
use serde_json::Value;

/// What the client understands. Each is off where the client doesn't say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// In what it counts columns.
    pub encoding: Encoding,
    /// Places that belong to a finding, beside its message.
    pub related_information: bool,
    /// That something is shown as being of no use.
    pub diagnostic_tags: bool,
    /// Edits that say which version of a document they are for.
    pub document_changes: bool,
    /// Symbols within symbols.
    pub hierarchical_symbols: bool,
    /// Code actions as values; without them there are only commands, which this server has none of.
    pub code_action_literals: bool,
    /// Snippets in what is completed.
    pub snippets: bool,
    /// Markdown in what is shown of a thing and of what is completed.
    pub markdown: bool,
    /// Places with what leads to them and what is around them.
    pub links: bool,
}

impl Client {
    /// What the parameters of `initialize` say. What they say in a form of their own counts as not said.
    pub fn of(initialize: &Value) -> Self {
        let capability = |path: &str| initialize.pointer(&format!("/capabilities/{path}"));
        let has = |path: &str| capability(path).and_then(Value::as_bool).unwrap_or(false);
        let lists = |path: &str, word: &str| {
            capability(path).and_then(Value::as_array).is_some_and(|words| words.contains(&word.into()))
        };
        let kind = |kind: &Value| kind.as_str().map(|kind| PositionEncodingKind::from(kind.to_owned()));
        let offered = capability("general/positionEncodings").and_then(Value::as_array);
        let offered: Option<Vec<_>> = offered.map(|kinds| kinds.iter().filter_map(kind).collect());
        Self {
            encoding: Encoding::negotiated(offered.as_deref()),
            related_information: has("textDocument/publishDiagnostics/relatedInformation"),
            diagnostic_tags: capability("textDocument/publishDiagnostics/tagSupport").is_some(),
            document_changes: has("workspace/workspaceEdit/documentChanges"),
            hierarchical_symbols: has("textDocument/documentSymbol/hierarchicalDocumentSymbolSupport"),
            code_action_literals: capability("textDocument/codeAction/codeActionLiteralSupport").is_some(),
            snippets: has("textDocument/completion/completionItem/snippetSupport"),
            markdown: lists("textDocument/hover/contentFormat", "markdown"),
            links: has("textDocument/definition/linkSupport"),
        }
    }
}

impl Default for Client {
    /// A client that said nothing.
    fn default() -> Self {
        Self::of(&Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use super::{Client, Encoding};
    use pretty_assertions::assert_eq;
    use serde_json::json;

    #[test]
    fn what_a_client_does_not_say_it_does_not_understand() {
        let nothing = Client {
            encoding: Encoding::Utf16,
            related_information: false,
            diagnostic_tags: false,
            document_changes: false,
            hierarchical_symbols: false,
            code_action_literals: false,
            snippets: false,
            markdown: false,
            links: false,
        };
        assert_eq!(Client::default(), nothing);
        let odd = json!({ "capabilities": { "general": { "positionEncodings": "utf-8" }, "workspace": [] } });
        assert_eq!(Client::of(&odd), nothing);
    }

    #[test]
    fn what_a_client_says_is_believed() {
        let said = json!({ "capabilities": {
            "general": { "positionEncodings": ["utf-16", "utf-8"] },
            "workspace": { "workspaceEdit": { "documentChanges": true } },
            "textDocument": {
                "publishDiagnostics": { "relatedInformation": true, "tagSupport": { "valueSet": [1] } },
                "documentSymbol": { "hierarchicalDocumentSymbolSupport": true },
                "codeAction": { "codeActionLiteralSupport": { "codeActionKind": { "valueSet": ["quickfix"] } } },
                "completion": { "completionItem": { "snippetSupport": true } },
                "hover": { "contentFormat": ["plaintext", "markdown"] },
                "definition": { "linkSupport": true }
            }
        }});
        let all = Client {
            encoding: Encoding::Utf8,
            related_information: true,
            diagnostic_tags: true,
            document_changes: true,
            hierarchical_symbols: true,
            code_action_literals: true,
            snippets: true,
            markdown: true,
            links: true,
        };
        assert_eq!(Client::of(&said), all);
    }
}
