//! The names of an archive's members. They are compared, never used as paths. Reads nothing, changes nothing.

use super::problem::ArchiveProblem;

/// A member's name as `a/b/c`, without `.` components; empty for the archive's own root.
///
/// # Errors
/// The name is absolute, climbs with `..`, or isn't printable text.
pub(super) fn member_name(raw: &[u8]) -> Result<String, ArchiveProblem> {
    within("", raw)
        .filter(|_| !raw.split(|byte| *byte == b'/').any(|part| part == b".."))
        .ok_or_else(|| unsafe_name(raw))
}

/// The name of the member that a link with this name points at.
///
/// # Errors
/// The target is absolute, lies outside the archive, or isn't printable text.
pub(super) fn link_target(link: &str, target: &[u8], symbolic: bool) -> Result<String, ArchiveProblem> {
    let folder = if symbolic { link.rsplit_once('/').map_or("", |(folder, _)| folder) } else { "" };
    within(folder, target).ok_or_else(|| unsafe_name(target))
}

fn within(folder: &str, raw: &[u8]) -> Option<String> {
    let text = str::from_utf8(raw).ok()?;
    if text.starts_with('/') || text.chars().any(char::is_control) {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

fn unsafe_name(raw: &[u8]) -> ArchiveProblem {
    ArchiveProblem::UnsafeName { name: raw.escape_ascii().to_string().chars().take(200).collect() }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn a_name_loses_its_dots_and_double_slashes() {
        assert_eq!(member_name(b"./blobs//sha256/./ab"), Ok("blobs/sha256/ab".to_owned()));
        assert_eq!(member_name(b"./"), Ok(String::new()));
    }

    #[test]
    fn a_name_that_could_leave_the_archive_is_refused() {
        for (raw, shown) in [
            (&b"/etc/passwd"[..], "/etc/passwd"),
            (b"a/../b", "a/../b"),
            (b"../b", "../b"),
            (b"a\x1b[2J", r"a\x1b[2J"),
            (b"\xff", r"\xff"),
        ] {
            assert_eq!(member_name(raw), Err(ArchiveProblem::UnsafeName { name: shown.to_owned() }));
        }
    }

    #[test]
    fn a_symbolic_link_starts_at_its_folder_and_a_hard_link_at_the_root() {
        assert_eq!(link_target("a/layer.tar", b"../b/layer.tar", true), Ok("b/layer.tar".to_owned()));
        assert_eq!(link_target("a/layer.tar", b"b/layer.tar", true), Ok("a/b/layer.tar".to_owned()));
        assert_eq!(link_target("a/layer.tar", b"b/layer.tar", false), Ok("b/layer.tar".to_owned()));
        assert_eq!(
            link_target("a/layer.tar", b"../../b", true),
            Err(ArchiveProblem::UnsafeName { name: "../../b".to_owned() })
        );
    }
}
