//! What is under the cursor, and what can be written there.

use super::client::Client;
use super::diagnostics::text_edits;
use super::pair::Pair;
use crate::authoring::{Completion, CompletionKind, Edit, Entry, File, Hover};
use crate::host::files;
use lsp_types::{CompletionItemKind, InsertTextFormat, InsertTextMode, Position, TextEdit};
use serde_json::{Value, json};

/// The most entries of a folder that are offered.
const MOST_ENTRIES: usize = 1000;

/// What is under the cursor.
pub fn hover(pair: &Pair, position: Position, client: &Client) -> Option<Value> {
    let now = jiff::Zoned::now().datetime();
    let Hover { range, markdown } = pair.texts().hover(pair.file, pair.offset(position)?, Some(now))?;
    Some(json!({ "contents": markup(&markdown, client), "range": pair.asked()?.text.range(range) }))
}

/// What can be written at the cursor, the likeliest first.
pub fn completions(pair: &Pair, position: Position, client: &Client) -> Option<Value> {
    let (texts, offset) = (pair.texts(), pair.offset(position)?);
    let wanted = if pair.file == File::Plan { texts.wanted_folder(offset) } else { None };
    let entries = pair.folder.as_deref().zip(wanted).map(|(folder, wanted)| entries(&folder.join(wanted)));
    let all = texts.completions(pair.file, offset, &entries.unwrap_or_default());
    let items = all.iter().enumerate().map(|(index, completion)| item(completion, index, (pair, client)));
    Some(json!({ "isIncomplete": false, "items": items.collect::<Option<Vec<_>>>()? }))
}

fn entries(folder: &std::path::Path) -> Vec<Entry> {
    let all = files::list_folder(folder, MOST_ENTRIES).into_iter();
    all.map(|(name, is_folder)| Entry { name, is_folder }).collect()
}

fn item(completion: &Completion, index: usize, (pair, client): (&Pair, &Client)) -> Option<Value> {
    let Completion { label, detail, documentation, kind, range, plain, snippet, filter, also } = completion;
    let text = &pair.asked()?.text;
    let snippet = snippet.as_ref().filter(|_| client.snippets);
    let format = if snippet.is_some() { InsertTextFormat::SNIPPET } else { InsertTextFormat::PLAIN_TEXT };
    let new_text = snippet.unwrap_or(plain).clone();
    let is_indented = new_text.contains('\n');
    let mut item = json!({
        "label": label,
        "kind": number(*kind),
        "sortText": format!("{index:04}"),
        "filterText": filter,
        "insertTextFormat": format,
        "textEdit": TextEdit { range: text.range(range.clone()), new_text },
    });
    let item_fields = item.as_object_mut()?;
    if is_indented {
        item_fields.insert("insertTextMode".to_owned(), json!(InsertTextMode::AS_IS));
    }
    if !detail.is_empty() {
        item_fields.insert("detail".to_owned(), json!(detail));
    }
    if !documentation.is_empty() {
        item_fields.insert("documentation".to_owned(), markup(documentation, client));
    }
    let here = also.iter().filter(|edit| edit.location.file == pair.file);
    let also: Vec<_> = here.map(|Edit { location, text }| (location.range.clone(), text.clone())).collect();
    if !also.is_empty() {
        item_fields.insert("additionalTextEdits".to_owned(), json!(text_edits(text, also)));
    }
    Some(item)
}

fn markup(markdown: &str, client: &Client) -> Value {
    let kind = if client.markdown { "markdown" } else { "plaintext" };
    json!({ "kind": kind, "value": markdown })
}

/// The protocol's number for a kind; editors choose a picture by it.
fn number(kind: CompletionKind) -> CompletionItemKind {
    match kind {
        CompletionKind::Field => CompletionItemKind::PROPERTY,
        CompletionKind::Value => CompletionItemKind::VALUE,
        CompletionKind::Snippet => CompletionItemKind::SNIPPET,
        CompletionKind::Service => CompletionItemKind::CLASS,
        CompletionKind::Secret | CompletionKind::Key => CompletionItemKind::CONSTANT,
        CompletionKind::File => CompletionItemKind::FILE,
        CompletionKind::Folder => CompletionItemKind::FOLDER,
        CompletionKind::Helper => CompletionItemKind::FUNCTION,
    }
}
