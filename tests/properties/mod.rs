//! What holds for whatever bytes come in. `fuzz/` looks for inputs that break it, and `tests/corpus.rs` runs it over every
//! input that was kept.
//!
//! Each property is one function: it returns if all is well, and panics if not.

mod bash;
mod check;
mod choices;
mod crontab;
mod image_archive;
mod journal;
mod plan_text;
mod policy;
mod quoting;
mod rules;
mod schedule;
mod scripts;
mod template;
mod values;

/// Panics unless it holds for these bytes.
pub type Property = fn(&[u8]);

/// Every property, by the name of its fuzz target, which is also that of its corpus.
pub const ALL: [(&str, Property); 12] = [
    ("check", check::holds),
    ("crontab", crontab::holds),
    ("image_archive", image_archive::holds),
    ("journal", journal::holds),
    ("plan_text", plan_text::holds),
    ("policy", policy::holds),
    ("quoting", quoting::holds),
    ("rules", rules::holds),
    ("schedule", schedule::holds),
    ("scripts", scripts::holds),
    ("template", template::holds),
    ("values", values::holds),
];

/// Holds these bytes against the property `name`.
#[allow(dead_code, reason = "tests/corpus.rs takes them all, a fuzz target one")]
pub fn hold(name: &str, bytes: &[u8]) {
    let (_, property) = ALL.iter().find(|(known, _)| *known == name).unwrap();
    property(bytes);
}
