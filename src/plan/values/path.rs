//! Paths on the server, in containers, and beside the plan file. Reads nothing, changes nothing.

use std::path::{Path, PathBuf};

use super::form::{Problem, shown};
use crate::diagnostics::Code;

/// The kernel's longest path, without its closing zero.
const LONGEST: usize = 4095;

/// The kernel's longest name of one file.
const LONGEST_NAME: usize = 255;

/// An absolute path on the server, in its only spelling.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostPath(String);

/// An absolute path in a container, in its only spelling.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContainerPath(String);

/// The path of a file that travels with the plan: absolute, or relative to the plan file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlanPath(String);

text!(HostPath);
text!(ContainerPath);
text!(PlanPath);

/// The path of an image archive, or, with `/` at its end, of a folder of them; absolute, or relative to the plan file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArchivePath(PlanPath);

impl std::fmt::Display for ArchivePath {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.0.as_str())
    }
}

macro_rules! absolute {
    ($kind:ident, $refused:expr) => {
        impl $kind {
            /// Reads an absolute path.
            ///
            /// # Errors
            /// A path that is relative, has a second spelling, or that engines can't be told.
            pub fn parse(text: &str) -> Result<Self, Problem> {
                absolute(text, $refused)?;
                Ok(Self(text.to_owned()))
            }

            /// As the standard library has it.
            pub fn as_path(&self) -> &Path {
                Path::new(&self.0)
            }

            /// Whether `other` is this path, or lies below it.
            pub fn contains(&self, other: &Self) -> bool {
                other.as_path().starts_with(self.as_path())
            }
        }
    };
}

// Engines take mounts as comma-separated values, in which a quote has a meaning too; a tmpfs as a target, a colon and
// its options.
absolute!(HostPath, &[',', '"']);
absolute!(ContainerPath, &[',', '"', ':']);

impl PlanPath {
    /// The name that a build's instructions have unless the plan says otherwise.
    pub fn containerfile() -> Self {
        Self("Containerfile".to_owned())
    }

    /// Reads the path of a file that travels with the plan.
    ///
    /// # Errors
    /// An empty path, one of a folder by its trailing slash, or one with control characters.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let problem = |what: &str| Problem::new(Code::BadPath, format!("path {} {what}", shown(text)));
        beside_the_plan(text)?;
        if let Some(shorter) = text.strip_suffix('/') {
            let shorter = shorter.trim_end_matches('/');
            return Err(problem("ends with `/`")
                .label("a file or a folder is named without it")
                .write(Some(shorter).filter(|shorter| !shorter.is_empty())));
        }
        Ok(Self(text.to_owned()))
    }

    /// Where the file is, if the plan file lies in `folder`.
    pub fn from(&self, folder: &Path) -> PathBuf {
        folder.join(&self.0)
    }
}

impl ArchivePath {
    /// Reads the path of an archive, or of a folder of archives.
    ///
    /// # Errors
    /// An empty path, or one with control characters.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        beside_the_plan(text).map(|()| Self(PlanPath(text.to_owned())))
    }

    /// Whether it is a folder, in which the archive is found by what is in it.
    pub fn is_folder(&self) -> bool {
        self.0.as_str().ends_with('/')
    }

    /// The path; that of a folder ends with `/`, as no other path of a plan does.
    pub fn path(&self) -> &PlanPath {
        &self.0
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

fn beside_the_plan(text: &str) -> Result<(), Problem> {
    let problem = |what: &str| Problem::new(Code::BadPath, format!("path {} {what}", shown(text)));
    if text.is_empty() {
        return Err(problem("is empty").label("relative to the plan file, or absolute"));
    }
    printable(text)?;
    if text.starts_with("~") {
        return Err(problem("begins with `~`")
            .label("no shell reads it, so `~` means nothing")
            .help("write the path relative to the plan file, or absolute"));
    }
    Ok(())
}

fn absolute(text: &str, refused: &[char]) -> Result<(), Problem> {
    let problem = |what: &str| Problem::new(Code::BadPath, format!("path {} {what}", shown(text)));
    if !text.starts_with('/') {
        return Err(problem("is not absolute")
            .label("absolute paths begin with `/`")
            .help("write the whole path, from `/` on"));
    }
    printable(text)?;
    if let Some(character) = text.chars().find(|character| refused.contains(character)) {
        return Err(problem(&format!("has a `{character}`"))
            .label("engines can't be told of such a path")
            .help("rename it"));
    }
    let spelled = |part: &str| part.is_empty() || part == "." || part == "..";
    if text != "/" && text.split('/').skip(1).any(spelled) {
        return Err(problem("has more than one spelling")
            .label("no `.`, no `..`, no empty part, no `/` at the end")
            .write(only_spelling(text)));
    }
    Ok(())
}

fn printable(text: &str) -> Result<(), Problem> {
    let problem = |what: &str| Problem::new(Code::BadPath, format!("path {} {what}", shown(text)));
    if text.chars().any(char::is_control) {
        return Err(problem("has a control character").label("line breaks, tabs and the like are not allowed in paths"));
    }
    if text.len() > LONGEST || text.split('/').any(|part| part.len() > LONGEST_NAME) {
        return Err(problem("is too long").label("at most 4095 bytes, and 255 between two slashes"));
    }
    Ok(())
}

pub(super) fn only_spelling(text: &str) -> Option<String> {
    let mut parts = Vec::new();
    for part in text.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            parts.pop()?;
        } else {
            parts.push(part);
        }
    }
    Some(format!("/{}", parts.join("/")))
}

value!(HostPath {
    format: "landfall-host-path",
    pattern: concat!("^(/|", absolute_path!(",\"\\u0000-\\u001f\\u007f-\\u009f"), ")$"),
    beyond: ["a path of more than 4095 bytes, or with a part of more than 255"],
    wrong: "an absolute path without . and .., without / at the end",
    description: "An absolute path on the VSN.",
    examples: ["/srv/shop/db"],
});

value!(ContainerPath {
    format: "landfall-container-path",
    pattern: concat!("^(/|", absolute_path!(",\":\\u0000-\\u001f\\u007f-\\u009f"), ")$"),
    beyond: ["a path of more than 4095 bytes, or with a part of more than 255"],
    wrong: "an absolute path without . and .., without / at the end",
    description: "An absolute path in the container.",
    examples: ["/var/lib/postgresql/data"],
});

value!(PlanPath {
    format: "landfall-plan-path",
    pattern: concat!(
        "^([^~/\\u0000-\\u001f\\u007f-\\u009f]|[^~\\u0000-\\u001f\\u007f-\\u009f]",
        "[^\\u0000-\\u001f\\u007f-\\u009f]*[^/\\u0000-\\u001f\\u007f-\\u009f])$"
    ),
    beyond: ["a path of more than 4095 bytes, or with a part of more than 255"],
    wrong: "a path relative to the plan file, or an absolute path",
    description: "The path of a file, relative to the plan file or absolute.",
    examples: ["images/postgres.tar.zst", "nginx.conf"],
});

value!(ArchivePath {
    format: "landfall-archive-path",
    pattern: "^[^~\\u0000-\\u001f\\u007f-\\u009f][^\\u0000-\\u001f\\u007f-\\u009f]*$",
    beyond: ["a path of more than 4095 bytes, or with a part of more than 255"],
    wrong: "a path relative to the plan file, or an absolute path",
    description: "The path of an image archive, or of a folder of them with / at the end; relative to the plan file or absolute.",
    examples: ["images/postgres.tar.zst", "/mnt/stick/"],
});
