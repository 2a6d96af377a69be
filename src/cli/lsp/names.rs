//! Where the name under the cursor is made and used, and giving it another one.

use super::client::Client;
use super::diagnostics::{text_edits, workspace_edit};
use super::pair::Pair;
use super::session::Refusal;
use super::wire::ErrorCode;
use crate::authoring::{Definition, Edit, File, Location, NotRenamed, Renaming};
use lsp_types::Position;
use serde_json::{Value, json};

/// Where the name is made.
pub fn definition(pair: &Pair, position: Position, client: &Client) -> Option<Value> {
    let found = pair.texts().definition(pair.file, pair.offset(position)?)?;
    let Definition { name, location, member } = found;
    let target = pair.place(&location)?;
    if !client.links {
        return Some(json!(target));
    }
    let around = pair.place(&Location { file: location.file, range: member })?;
    Some(json!([{
        "originSelectionRange": pair.asked()?.text.range(name),
        "targetUri": target.uri,
        "targetRange": around.range,
        "targetSelectionRange": target.range,
    }]))
}

/// Everything that names the same.
pub fn references(pair: &Pair, position: Position, with_definition: bool) -> Option<Value> {
    let found = pair.texts().references(pair.file, pair.offset(position)?, with_definition);
    Some(found.iter().filter_map(|location| pair.place(location)).map(|place| json!(place)).collect())
}

/// What names the same in the document that was asked about.
pub fn highlights(pair: &Pair, position: Position) -> Option<Value> {
    let text = &pair.asked()?.text;
    let found = pair.texts().references(pair.file, pair.offset(position)?, true);
    let here = found.into_iter().filter(|location| location.file == pair.file);
    Some(here.map(|location| json!({ "range": text.range(location.range) })).collect())
}

/// The name, if it can be changed.
pub fn renameable(pair: &Pair, position: Position) -> Option<Value> {
    let side = pair.asked()?;
    let name = pair.texts().renameable(pair.file, pair.offset(position)?)?;
    Some(json!({ "placeholder": side.document.slice(&name), "range": side.text.range(name) }))
}

/// The changes that give the name under the cursor another one everywhere, and what to tell about what was left alone.
///
/// # Errors
/// No name under the cursor, or a new name that is wrong or taken.
pub fn renamed(
    pair: &Pair,
    position: Position,
    new: &str,
    client: &Client,
) -> Result<(Value, Option<String>), Refusal> {
    let refused = |problem: NotRenamed| (ErrorCode::Failed, problem.to_string());
    let offset = pair.offset(position).ok_or_else(|| refused(NotRenamed::NoName))?;
    let Renaming { edits, left } = pair.texts().rename(pair.file, offset, new).map_err(refused)?;
    let of = |file: File| {
        let side = pair.side(file)?;
        let edits = edits.iter().filter(|edit| edit.location.file == file);
        let edits: Vec<_> = edits.map(|Edit { location, text }| (location.range.clone(), text.clone())).collect();
        (!edits.is_empty()).then(|| (&side.uri, side.version, text_edits(&side.text, edits)))
    };
    let all: Vec<_> = [File::Plan, File::Secrets].into_iter().filter_map(of).collect();
    Ok((workspace_edit(&all, client), left_alone(pair, &left)))
}

fn left_alone(pair: &Pair, left: &[Location]) -> Option<String> {
    let lines = left.iter().filter_map(|location| Some((pair.place(location)?.range.start.line + 1).to_string()));
    let lines: Vec<_> = lines.collect();
    let words = "the same text stands there and was left alone, because it may mean something else: line";
    (!lines.is_empty()).then(|| format!("{words} {}", lines.join(", ")))
}
