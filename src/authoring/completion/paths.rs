//! Files and folders beside the plan. Reads nothing, changes nothing.

use super::{
    Completion, CompletionKind, Entry,
    place::{About, Place},
    skeleton::Skeleton,
};
use crate::authoring::{
    File,
    cursor::{Cursor, Spot},
    document::{Document, Node, characters::Characters},
    meaning::Meaning,
};
use crate::diagnostics::Pointer;
use crate::few::InOrder;

/// Endings of image archives; these come first.
const ARCHIVES: [&str; 8] = [".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst", ".tar.xz", ".txz", ".oci"];

/// Where a path is written: the folder that it leads to so far.
pub(super) struct Path {
    /// With `/` at the end, or empty: as it stands in the value.
    folder: String,
    /// What the value is relative to, with `/` at the end, or empty.
    context: String,
    field: Field,
}

/// What kind of thing the path leads to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Archive,
    Context,
    File,
}

pub(super) fn wanted_folder(plan: &Document, offset: usize) -> Option<String> {
    let Spot::Value { pointer, node } = Cursor::at(plan, offset).spot else { return None };
    let meanings = Meaning::at(File::Plan, plan, &pointer);
    let Path { folder, context, field: _ } = path(plan, &meanings, (&pointer, node), offset)?;
    Some(format!("{context}{folder}"))
}

/// The path that is written at the offset, if the value is one.
pub(super) fn path(
    plan: &Document,
    meanings: &[Meaning],
    (pointer, node): (&Pointer, Option<&Node>),
    offset: usize,
) -> Option<Path> {
    let fitting = Meaning::fitting(meanings, node, None);
    fitting.iter().find(|meaning| matches!(meaning.format(), Some("landfall-plan-path" | "landfall-archive-path")))?;
    let raw = node.filter(|node| node.text().is_some()).map(|node| node.between_quotes().start..offset);
    let typed = raw.map(|raw| Characters::of(plan.slice(&raw)).text).unwrap_or_default();
    let folder = typed.rfind('/').and_then(|at| typed.get(..=at)).unwrap_or_default().to_owned();
    let build = pointer.parent().and_then(|image| plan.node(&image)?.inside("build")?.text());
    let (context, field) = match (pointer.last(), build) {
        (Some("file"), Some(build)) => (format!("{}/", build.trim_end_matches('/')), Field::File),
        (Some("archive"), _) => (String::new(), Field::Archive),
        (Some("build"), _) => (String::new(), Field::Context),
        (_, _) => (String::new(), Field::File),
    };
    Some(Path { folder, context, field })
}

/// The entries of the folder that fit, folders last; archives first where one is wanted.
pub(super) fn completions(path: &Path, entries: &[Entry], place: &Place) -> Vec<Completion> {
    let Path { folder, context: _, field } = path;
    let shown = |entry: &&Entry| {
        !entry.name.starts_with('.') && (*field != Field::Context || entry.is_folder) && !entry.name.is_empty()
    };
    let mut entries: Vec<&Entry> = entries.iter().filter(shown).collect();
    entries.put_in_order_by_key(|entry| (rank(*field, entry), entry.name.clone()));
    entries.into_iter().map(|entry| completion(folder, entry, (*field, place))).collect()
}

fn rank(field: Field, entry: &Entry) -> u8 {
    let Entry { name, is_folder } = entry;
    let is_archive = ARCHIVES.iter().any(|ending| name.ends_with(ending));
    match (field, is_folder) {
        (Field::Archive, false) if is_archive => 0,
        (Field::Archive | Field::Context | Field::File, true) => 1,
        (Field::Archive, false) => 2,
        (Field::Context | Field::File, false) => 0,
    }
}

fn completion(folder: &str, entry: &Entry, (field, place): (Field, &Place)) -> Completion {
    let Entry { name, is_folder } = entry;
    let path = serde_json::Value::from(format!("{folder}{name}")).to_string();
    let mut skeleton = Skeleton::default();
    if *is_folder && field != Field::Context {
        // The author goes on inside the folder.
        skeleton.write(path.strip_suffix('"').unwrap_or_default());
        skeleton.write("/");
        skeleton.stop("");
        skeleton.write("\"");
    } else {
        skeleton.write(&path);
    }
    let kind = if *is_folder { CompletionKind::Folder } else { CompletionKind::File };
    let label = if *is_folder { format!("{name}/") } else { name.clone() };
    let about = About { label, detail: String::new(), documentation: String::new(), kind };
    place.completion(about, &format!("{folder}{name}"), skeleton)
}
