//! Writes into a plan's text which images it means, and leaves every other character of it alone. Reads nothing, changes nothing.

use super::model::{Image, ImageSource, Plan};
use super::values::{Digest, ImageId, ServiceName, Sha256};
use crate::diagnostics::{Inside, Pointer, Source, Span};
use crate::few::InOrder;
use std::collections::BTreeMap;
use std::ops::Range;

/// What says which image a service gets, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pin {
    /// The digest of its manifest in its registry.
    pub digest: Option<Digest>,
    /// The SHA-256 of its archive.
    pub sha256: Option<Sha256>,
    /// Its ID.
    pub id: Option<ImageId>,
}

/// The text of the plan with these pins. What the plan says already stays as it is written; a reference becomes an object where
/// something is to be said of it. Pinning the result again changes nothing.
pub fn pinned(plan: &Plan, source: &Source, pins: &BTreeMap<ServiceName, Pin>) -> String {
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    for (name, service) in &plan.services {
        let (Some(pin), Some(span)) =
            (pins.get(name), source.span_at(&Pointer::of(["services", name.as_str(), "image"])))
        else {
            continue;
        };
        let members = missing(&service.image, pin);
        if !members.is_empty() {
            edits.extend(edit(source.text(), span, &members));
        }
    }
    edits.put_in_order_by_key(|(range, _)| range.start);
    let mut text = source.text().to_owned();
    for (range, replacement) in edits.into_iter().rev() {
        text.replace_range(range, &replacement);
    }
    text
}

/// The members that the image lacks, in the order in which they are written.
fn missing(image: &Image, pin: &Pin) -> Vec<(&'static str, String)> {
    let Pin { digest, sha256, id } = pin;
    let digest = digest.as_ref().map(|digest| ("digest", digest.to_string()));
    let sha256 = sha256.as_ref().map(|sha256| ("sha256", sha256.to_string()));
    let id = id.as_ref().map(|id| ("id", id.to_string()));
    let (kind, known) = match image {
        Image::Reference(reference) => (digest.filter(|_| reference.digest().is_none()), None),
        Image::Source(ImageSource::Registry { registry, digest: known, tls_verify: _, ca: _, id, timeout: _ }) => {
            (digest.filter(|_| known.is_none() && registry.digest().is_none()), id.as_ref())
        }
        Image::Source(
            ImageSource::Archive { archive: _, sha256: known, reference: _, id }
            | ImageSource::Ssh { ssh: _, key: _, sha256: known, id, timeout: _ },
        ) => (sha256.filter(|_| known.is_none()), id.as_ref()),
        Image::Source(
            ImageSource::Url { url: _, sha256: _, id, ca: _, timeout: _ }
            | ImageSource::Build { build: _, file: _, args: _, target: _, id, timeout: _ },
        ) => (None, id.as_ref()),
    };
    kind.into_iter().chain(id.filter(|_| known.is_none())).collect()
}

fn edit(text: &str, span: &Span, members: &[(&'static str, String)]) -> Option<(Range<usize>, String)> {
    match &span.inside {
        Inside::Members(written) => {
            let last = written.values().max_by_key(|member| member.value.end)?;
            let key = last.key.clone()?;
            let colon = text.get(key.end..last.value.start)?;
            let before = text.get(..key.start)?;
            let space = before.get(before.trim_end().len()..)?;
            let added = members.iter().map(|(name, value)| format!(",{space}\"{name}\"{colon}\"{value}\""));
            Some((last.value.end..last.value.end, added.collect()))
        }
        Inside::Nothing => {
            let colon = text.get(span.key.clone()?.end..span.value.start)?;
            // As the author writes what stands on one line.
            let (colon, space) = if colon.ends_with(char::is_whitespace) { (": ", " ") } else { (":", "") };
            let reference = text.get(span.value.clone())?;
            let added = members.iter().map(|(name, value)| format!(",{space}\"{name}\"{colon}\"{value}\""));
            let object = format!("{{{space}\"registry\"{colon}{reference}{}{space}}}", added.collect::<String>());
            Some((span.value.clone(), object))
        }
        Inside::Elements(_) => None,
    }
}

#[cfg(test)]
#[path = "pins_tests.rs"]
mod tests;
