//! What goes into the file: every name and every byte without the values of secrets, and an account of it.

use super::known::Known;
use crate::cli::sizes;
use crate::host::parcel::{Packed, Parcel};
use crate::redaction::{Redacted, Redactor};
use crate::run::Failure;
use serde::Serialize;
use serde_json::{Value, json};

/// A file that was put in.
#[derive(Debug, Serialize)]
struct Entry {
    path: String,
    bytes: usize,
    /// In how many places something was taken out.
    redacted: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// What was not put in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct LeftOut {
    pub(super) what: String,
    pub(super) why: String,
}

/// The file in the making.
pub(super) struct Contents<'a> {
    parcel: Parcel,
    redactor: &'a Redactor,
    /// The folder that everything in it is in.
    folder: String,
    entries: Vec<Entry>,
    left_out: Vec<LeftOut>,
}

/// What is told of the file.
pub(super) struct Told {
    pub(super) packed: Packed,
    pub(super) files: usize,
    pub(super) left_out: Vec<LeftOut>,
}

impl<'a> Contents<'a> {
    pub(super) fn new(parcel: Parcel, redactor: &'a Redactor, folder: String) -> Self {
        Self { parcel, redactor, folder, entries: Vec::new(), left_out: Vec::new() }
    }

    /// Adds a file.
    ///
    /// # Errors
    /// There is no room for it.
    pub(super) fn add(&mut self, path: &str, bytes: &[u8], note: Option<String>) -> Result<(), Failure> {
        let Redacted { content, places } = self.redactor.redact(bytes);
        self.put(path, &content, (places, note))
    }

    /// Adds a text that has no values in it any more.
    ///
    /// # Errors
    /// There is no room for it.
    pub(super) fn add_redacted(
        &mut self,
        path: &str,
        Redacted { content, places }: &Redacted<String>,
        note: Option<String>,
    ) -> Result<(), Failure> {
        self.put(path, content.as_bytes(), (*places, note))
    }

    /// Adds a document.
    ///
    /// # Errors
    /// There is no room for it.
    pub(super) fn add_json(&mut self, path: &str, document: &Value, note: Option<String>) -> Result<(), Failure> {
        let Redacted { content, places } = self.redactor.json(document);
        // A value can also be made of the document's own signs.
        let Redacted { content, places: more } = self.redactor.redact(format!("{content:#}\n").as_bytes());
        self.put(path, &content, (places + more, note))
    }

    /// Says that something is not in it.
    pub(super) fn leave_out(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.left_out.push(LeftOut { what: what.into(), why: why.into() });
    }

    /// Adds the account of everything, and completes the file.
    ///
    /// # Errors
    /// There is no room for it.
    pub(super) fn finish(mut self, known: &Known, about: &Value) -> Result<Told, Failure> {
        let Known { values: _, found, missing, nothing_known } = known;
        let manifest = json!({
            "format": 1,
            "about": about,
            "secrets": { "looked_for": found, "not_looked_for": missing, "unknown": nothing_known },
            "files": self.entries,
            "left_out": self.left_out,
        });
        let readme = self.readme(known, about);
        self.add_json("manifest.json", &manifest, None)?;
        self.add("README.txt", readme.as_bytes(), None)?;
        let Self { parcel, redactor, folder: _, entries, left_out } = self;
        let shown = |text: String| redactor.text(&text).content;
        let left_out = left_out.into_iter().map(|LeftOut { what, why }| LeftOut { what: shown(what), why: shown(why) });
        let packed = parcel.pack().map_err(|problem| Failure::new(problem.to_string()))?;
        Ok(Told { packed, files: entries.len(), left_out: left_out.collect() })
    }

    fn put(&mut self, path: &str, bytes: &[u8], (redacted, note): (usize, Option<String>)) -> Result<(), Failure> {
        let path = self.redactor.text(path).content;
        let whole = format!("{}/{path}", self.redactor.text(&self.folder).content);
        self.parcel.add(&whole, bytes).map_err(|problem| Failure::new(problem.to_string()))?;
        self.entries.push(Entry { path, bytes: bytes.len(), redacted, note });
        Ok(())
    }

    fn readme(&self, known: &Known, about: &Value) -> String {
        let text = |key: &str| about.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut readme = format!(
            "What Landfall {} tells of the plan {} on {}, made at {}.\nmanifest.json has the same for programs.\n\n{SECRETS}\n",
            text("landfall"),
            text("plan"),
            text("host"),
            text("made_at"),
        );
        let Known { values: _, found, missing, nothing_known } = known;
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        let found = if found.is_empty() { "none".to_owned() } else { found.join(", ") };
        readme.push_str(&format!("Secrets that were looked for: {found}\n"));
        readme.extend(missing.iter().map(|missing| format!("Not looked for: {}: {}\n", missing.name, missing.why)));
        readme.extend(nothing_known.iter().map(|why| format!("Not looked for: any: {why}\n")));
        readme.push_str("\nIn it:\n");
        for Entry { path, bytes, redacted, note } in &self.entries {
            let taken = if *redacted == 0 { String::new() } else { format!(", {redacted} redacted") };
            let note = note.as_ref().map(|note| format!(", {note}")).unwrap_or_default();
            readme.push_str(&format!("  {path} ({}{taken}{note})\n", sizes::bytes(*bytes as u64)));
        }
        readme.push_str("\nLeft out:\n");
        readme.extend(self.left_out.iter().map(|LeftOut { what, why }| format!("  {what}: {why}\n")));
        readme
    }
}

const SECRETS: &str = "\
The values of secrets are taken out wherever they stand: as they are, in JSON, in URLs, in base64, in hexadecimal
digits and as shells quote them; of values of 32 bytes and more, pieces too. What can't be found: a value that is
encoded in another way, in several at once, or broken into pieces; and one that was in use earlier and is not any
more. Look through the file before you give it to anybody.
";
