//! What was learned of images, for people and as data.

use super::learned::{By, Found, Learned};
use crate::plan::model::{Image, ImageSource, Plan};
use crate::rules::size_shown;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::path::Path;

/// How many digits tell one hash from another, for people.
const DIGITS: usize = 12;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The document as the README has it. `pinned` is the file that the pinned plan was written to, or its text.
pub(super) fn json(plan: &Plan, learned: &[Learned], pinned: (Option<&Path>, Option<&str>)) -> Value {
    let one = |Learned { service, image, found, problem }: &Learned| {
        let (kind, source) = source(image);
        let Found { by, archive, digest, sha256, id, platform, created, download_bytes, unpacked_bytes } = found;
        json!({
            "service": service, "kind": kind, "source": source, "archive": archive, "digest": digest, "sha256": sha256,
            "id": id, "platform": platform, "created": created, "download_bytes": download_bytes,
            "unpacked_bytes": unpacked_bytes, "known_from": by.map(word), "problem": problem,
        })
    };
    let images: Vec<Value> = learned.iter().map(one).collect();
    json!({ "plan": plan.name, "images": images, "written": pinned.0, "pinned": pinned.1 })
}

fn word(by: By) -> &'static str {
    match by {
        By::Archive => "archive",
        By::Registry => "registry",
        By::Engine => "engine",
    }
}

/// A line for each service, below a heading.
pub(super) fn table(learned: &[Learned], now: Timestamp) -> String {
    let heading = ["SERVICE", "SOURCE", "DIGEST OR SHA-256", "ID", "PLATFORM", "SIZE", "CREATED"].map(str::to_owned);
    let rows: Vec<_> = std::iter::once(heading).chain(learned.iter().map(|image| row(image, now))).collect();
    let mut widths = [0; 7];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |row: &[String; 7]| {
        let cells: Vec<_> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

/// Why not everything is known, a line for each image.
pub(super) fn problems(learned: &[Learned]) -> String {
    let told = |image: &Learned| {
        let problem = image.problem.as_ref()?;
        Some(format!("{}: {problem}\n", image.service))
    };
    learned.iter().filter_map(told).collect()
}

fn row(Learned { service, image, found, problem: _ }: &Learned, now: Timestamp) -> [String; 7] {
    let Found { by: _, archive, digest, sha256, id, platform, created, download_bytes, unpacked_bytes } = found;
    let (kind, source) = source(image);
    let source = match archive {
        Some(archive) => format!("{source}{}", archive.escape_debug()),
        None => source,
    };
    let short = |hex: &str| hex.chars().take(DIGITS).collect::<String>();
    let hash = digest.as_ref().map(|digest| format!("sha256:{}", short(digest.hex())));
    let hash = hash.or_else(|| sha256.as_ref().map(|sha256| short(sha256.as_str())));
    let size = unpacked_bytes.map(|bytes| format!("{} unpacked", size_shown(bytes)));
    let size = size.or_else(|| download_bytes.map(|bytes| format!("{} to pull", size_shown(bytes))));
    let cell = |known: Option<String>| known.unwrap_or_else(|| "-".to_owned());
    [
        service.to_string(),
        format!("{kind} {source}"),
        cell(hash),
        cell(id.as_ref().map(|id| short(id.hex()))),
        cell(platform.clone()),
        cell(size),
        cell(created.map(|created| format!("{} ({})", created.strftime("%Y-%m-%d"), age(now, created)))),
    ]
}

/// `3 days ago`
fn age(now: Timestamp, created: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(created.as_second()).max(0);
    let units = [
        (730 * DAY, 365 * DAY, "years"),
        (60 * DAY, 30 * DAY, "months"),
        (2 * DAY, DAY, "days"),
        (2 * HOUR, HOUR, "hours"),
    ];
    match units.into_iter().find(|(least, _, _)| seconds >= *least) {
        Some((_, unit, name)) => format!("{} {name} ago", seconds / unit),
        None if seconds >= 2 * MINUTE => format!("{} minutes ago", seconds / MINUTE),
        None => "just now".to_owned(),
    }
}

/// The kind of an image's source, and what it is.
fn source(image: &Image) -> (&'static str, String) {
    match image {
        Image::Reference(reference) => ("registry", reference.to_string()),
        Image::Source(ImageSource::Registry { registry, digest: _, tls_verify: _, ca: _, id: _, timeout: _ }) => {
            ("registry", registry.to_string())
        }
        Image::Source(ImageSource::Archive { archive, sha256: _, reference: _, id: _ }) => {
            ("archive", archive.to_string())
        }
        Image::Source(ImageSource::Ssh { ssh, key: _, sha256: _, id: _, timeout: _ }) => ("ssh", ssh.to_string()),
        Image::Source(ImageSource::Url { url, sha256: _, id: _, ca: _, timeout: _ }) => ("url", url.to_string()),
        Image::Source(ImageSource::Build { build, file: _, args: _, target: _, id: _, timeout: _ }) => {
            ("build", build.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::age;
    use pretty_assertions::assert_eq;

    #[test]
    fn an_age_is_told_in_the_unit_that_people_would_take() {
        let age = |seconds: i64| {
            age(
                jiff::Timestamp::from_second(10_000_000_000).unwrap(),
                jiff::Timestamp::from_second(10_000_000_000 - seconds).unwrap(),
            )
        };
        assert_eq!(
            [-5, 90, 600, 3 * 3600, 3 * 86_400, 100 * 86_400, 800 * 86_400].map(age),
            ["just now", "just now", "10 minutes ago", "3 hours ago", "3 days ago", "3 months ago", "2 years ago"]
        );
    }
}
