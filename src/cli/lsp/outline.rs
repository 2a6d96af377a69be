//! The symbols of a document: of a plan its services, jobs and fields, of a secrets file the names alone.

use super::client::Client;
use super::pair::{Pair, Side};
use crate::authoring::{self, File, Symbol, SymbolKind};
use serde_json::{Value, json};

/// The symbols, within one another where the client understands that, else in a list.
pub fn symbols(pair: &Pair, client: &Client) -> Value {
    let Some(side) = pair.asked() else { return Value::Null };
    let symbols = match pair.file {
        File::Plan => side.document.symbols(),
        File::Secrets => names(&side.document),
    };
    if client.hierarchical_symbols {
        return symbols.iter().map(|symbol| hierarchical(symbol, side)).collect();
    }
    let mut all = Vec::new();
    for symbol in &symbols {
        flat(symbol, None, (side, &mut all));
    }
    json!(all)
}

/// The names in a secrets file. What a secret is must not show anywhere, not even as its symbol's detail.
fn names(secrets: &authoring::Document) -> Vec<Symbol> {
    let members = secrets.root().members().iter();
    let symbol = |member: &authoring::Member| {
        let key = member.key.as_ref()?;
        Some(Symbol {
            name: key.text.clone(),
            detail: String::new(),
            kind: SymbolKind::Key,
            range: member.range(),
            name_range: key.range.clone(),
            children: Vec::new(),
        })
    };
    members.filter_map(symbol).filter(|symbol| !symbol.name.is_empty()).collect()
}

fn hierarchical(symbol: &Symbol, side: &Side) -> Value {
    let Symbol { name, detail, kind, range, name_range, children } = symbol;
    let mut told = json!({
        "name": name,
        "kind": number(*kind),
        "range": side.text.range(range.clone()),
        "selectionRange": side.text.range(name_range.clone()),
    });
    if let Some(told) = told.as_object_mut() {
        if !detail.is_empty() {
            told.insert("detail".to_owned(), json!(detail));
        }
        if !children.is_empty() {
            told.insert("children".to_owned(), children.iter().map(|child| hierarchical(child, side)).collect());
        }
    }
    told
}

fn flat(symbol: &Symbol, around: Option<&str>, (side, all): (&Side, &mut Vec<Value>)) {
    let Symbol { name, detail: _, kind, range, name_range: _, children } = symbol;
    let mut told = json!({
        "name": name,
        "kind": number(*kind),
        "location": { "uri": side.uri, "range": side.text.range(range.clone()) },
    });
    if let (Some(told), Some(around)) = (told.as_object_mut(), around) {
        told.insert("containerName".to_owned(), json!(around));
    }
    all.push(told);
    for child in children {
        flat(child, Some(name), (side, all));
    }
}

/// The protocol's number for a kind; editors choose a picture by it.
fn number(kind: SymbolKind) -> lsp_types::SymbolKind {
    match kind {
        SymbolKind::Group => lsp_types::SymbolKind::NAMESPACE,
        SymbolKind::Service => lsp_types::SymbolKind::CLASS,
        SymbolKind::Job => lsp_types::SymbolKind::EVENT,
        SymbolKind::Key => lsp_types::SymbolKind::KEY,
        SymbolKind::Network => lsp_types::SymbolKind::INTERFACE,
        SymbolKind::Field => lsp_types::SymbolKind::FIELD,
    }
}
