//! What is mounted where. Reads only.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// Something mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Where.
    pub point: PathBuf,
    /// The kind of file system: `ext4`, `tmpfs`.
    pub kind: String,
    /// What is mounted: `/dev/sda1`, `tmpfs`.
    pub source: OsString,
    /// Whether it is mounted read-only.
    pub read_only: bool,
}

/// Everything mounted, in the order of mounting.
///
/// # Errors
/// The system's.
pub fn mounts() -> io::Result<Vec<Mount>> {
    Ok(parse(&std::fs::read("/proc/self/mountinfo")?))
}

/// Whether something is mounted exactly at `path`, which must hold no link.
///
/// # Errors
/// The system's.
pub fn is_mountpoint(path: &Path) -> io::Result<bool> {
    Ok(mounts()?.iter().any(|mount| mount.point == path))
}

/// The first mount at `path` or below it, which must hold no link.
///
/// # Errors
/// The system's.
pub fn mountpoint_within(path: &Path) -> io::Result<Option<PathBuf>> {
    Ok(mounts()?.into_iter().map(|mount| mount.point).find(|point| point.starts_with(path)))
}

fn parse(mountinfo: &[u8]) -> Vec<Mount> {
    mountinfo.split(|byte| *byte == b'\n').filter_map(parse_line).collect()
}

/// `36 35 98:0 /root /point options optional… - kind source super-options`.
fn parse_line(line: &[u8]) -> Option<Mount> {
    let mut fields = line.split(|byte| *byte == b' ');
    let point = fields.nth(4)?;
    let options = fields.next()?;
    let mut after = fields.skip_while(|field| *field != b"-").skip(1);
    let kind = after.next()?;
    let source = after.next()?;
    Some(Mount {
        point: PathBuf::from(unescape(point)),
        kind: String::from_utf8_lossy(kind).into_owned(),
        source: unescape(source),
        read_only: options.split(|byte| *byte == b',').any(|option| option == b"ro"),
    })
}

/// The kernel writes space, tab, newline and backslash as a backslash and three octal digits.
fn unescape(field: &[u8]) -> OsString {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((byte, after)) = rest.split_first() {
        let octal = after.get(..3).filter(|_| *byte == b'\\').map(OsStr::from_bytes).and_then(OsStr::to_str);
        match octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(escaped) => {
                bytes.push(escaped);
                rest = after.get(3..).unwrap_or_default();
            }
            None => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
    OsString::from_vec(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn mounts_are_read_with_their_strange_names() {
        let text = b"22 27 0:21 / /proc rw,relatime shared:5 master:1 - proc proc rw\n\
            36 35 98:0 /a /srv/my\\040disk ro,noatime - ext4 /dev/sda\\0111 rw,errors=continue\n";
        let expected = vec![
            Mount { point: "/proc".into(), kind: "proc".into(), source: "proc".into(), read_only: false },
            Mount { point: "/srv/my disk".into(), kind: "ext4".into(), source: "/dev/sda\t1".into(), read_only: true },
        ];
        assert_eq!(parse(text), expected);
    }

    #[test]
    fn proc_is_a_mount_point_and_what_is_in_it_is_not() {
        assert!(is_mountpoint(Path::new("/proc")).unwrap());
        assert!(!is_mountpoint(Path::new("/proc/self")).unwrap());
        assert_eq!(mountpoint_within(Path::new("/proc")).unwrap(), Some(PathBuf::from("/proc")));
        assert_eq!(mountpoint_within(Path::new("/proc/self")).unwrap(), None);
    }
}
