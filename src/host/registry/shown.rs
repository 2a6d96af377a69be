//! What a registry is shown by who asks it, and whom is trusted there. Reads only.

use crate::host::files::Nameless;
use crate::run::Failure;
use std::path::Path;

/// What shows the registry who asks.
pub(super) enum Shown {
    Nothing,
    Header(Nameless),
}

/// The certificate authorities that Podman and Docker trust for this registry, in PEM form.
#[allow(clippy::disallowed_methods, reason = "these are the engines' files, and no plan names them")]
pub(super) fn installed_authorities(registry: &str) -> Option<Vec<u8>> {
    let folders = ["/etc/containers/certs.d", "/etc/docker/certs.d"].map(|folder| Path::new(folder).join(registry));
    let entries = folders.iter().flat_map(std::fs::read_dir).flatten().filter_map(Result::ok);
    let certificates =
        entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "crt"));
    let all: Vec<Vec<u8>> = certificates.filter_map(|path| std::fs::read(path).ok()).collect();
    (!all.is_empty()).then(|| all.join(&b'\n'))
}

/// A line of a file of options: arguments are everybody's to read.
pub(super) fn option(name: &str, value: &str) -> String {
    let escaped = value.chars().flat_map(|character| match character {
        '"' | '\\' => vec!['\\', character],
        '\n' => vec!['\\', 'n'],
        '\r' => vec!['\\', 'r'],
        other => vec![other],
    });
    format!("{name} = \"{}\"\n", escaped.collect::<String>())
}

pub(super) fn shown(option: &str) -> Result<Shown, Failure> {
    let file = Nameless::holding(option.as_bytes()).map_err(|problem| Failure::new(problem.to_string()))?;
    Ok(Shown::Header(file))
}
