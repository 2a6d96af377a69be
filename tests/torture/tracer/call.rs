//! What a system call is going to do to what, as far as it counts: read from outside, while the thread that makes it stands still.

use std::fmt;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use nix::fcntl::OFlag;
use nix::libc;
use nix::unistd::Pid;

/// The kinds of calls that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `openat`, to read.
    OpenToRead,
    /// `openat`, to write or to create.
    OpenToWrite,
    /// `write` and its relatives, also those by which the kernel copies; `ftruncate`, `fallocate`.
    Write,
    /// `fsync`, `fdatasync`, `syncfs`.
    Sync,
    /// `rename` and its relatives.
    Rename,
    /// `mkdir`, `mkdirat`.
    MakeFolder,
    /// `unlink`, `unlinkat`, `rmdir`.
    Remove,
    /// `link`, `linkat`.
    Link,
}

/// The names of Landfall's own streams.
pub const STANDARD_OUTPUT: &str = "standard output";
pub const STANDARD_ERROR: &str = "standard error";

/// One call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub kind: Kind,
    /// The path that it is done to, of a renaming or a link the new one; or the name of a stream.
    pub target: String,
    /// Of a renaming or a link, the path that there is already.
    pub from: Option<String>,
    /// Where in the thread's memory that begins which is written, if it is one piece.
    pub written: Option<u64>,
}

/// What a call is done to.
enum Target {
    Descriptor(u64),
    Path(At),
    /// From the first to the second.
    Paths(At, At),
}

/// A path: the folder that it starts from, and the address at which it is.
struct At(u64, u64);

/// The folder that paths start from where a call names none.
const HERE: u64 = libc::AT_FDCWD as u32 as u64;

impl Made {
    /// The call that a thread is about to make, if it counts.
    pub fn by(thread: Pid) -> Option<Self> {
        let text = fs::read_to_string(format!("/proc/{thread}/syscall")).ok()?;
        let mut words = text.split_whitespace();
        let number: libc::c_long = words.next()?.parse().ok()?;
        let mut arguments = [0; 6];
        for argument in &mut arguments {
            *argument = u64::from_str_radix(words.next()?.strip_prefix("0x")?, 16).ok()?;
        }
        let (kind, target) = what(number, arguments)?;
        let (target, from) = match target {
            Target::Descriptor(number) => (descriptor(thread, number), None),
            Target::Path(at) => (path(thread, &at)?, None),
            Target::Paths(from, to) => (path(thread, &to)?, Some(path(thread, &from)?)),
        };
        let written = [libc::SYS_write, libc::SYS_pwrite64].contains(&number).then_some(arguments[1]);
        Some(Self { kind, target, from, written })
    }
}

/// What a call with this number and these arguments is done to, if it counts.
fn what(number: libc::c_long, [first, second, third, fourth, _, _]: [u64; 6]) -> Option<(Kind, Target)> {
    let one = |folder, address| Target::Path(At(folder, address));
    let two = |from, to| Target::Paths(from, to);
    Some(match number {
        libc::SYS_openat => (opening(third), one(first, second)),
        libc::SYS_write | libc::SYS_pwrite64 | libc::SYS_writev | libc::SYS_ftruncate | libc::SYS_fallocate => {
            (Kind::Write, Target::Descriptor(first))
        }
        libc::SYS_sendfile => (Kind::Write, Target::Descriptor(first)),
        libc::SYS_copy_file_range | libc::SYS_splice => (Kind::Write, Target::Descriptor(third)),
        libc::SYS_fsync | libc::SYS_fdatasync | libc::SYS_syncfs => (Kind::Sync, Target::Descriptor(first)),
        libc::SYS_renameat | libc::SYS_renameat2 => (Kind::Rename, two(At(first, second), At(third, fourth))),
        libc::SYS_linkat => (Kind::Link, two(At(first, second), At(third, fourth))),
        libc::SYS_mkdirat => (Kind::MakeFolder, one(first, second)),
        libc::SYS_unlinkat => (Kind::Remove, one(first, second)),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_open => (opening(second), one(HERE, first)),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_rename => (Kind::Rename, two(At(HERE, first), At(HERE, second))),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_link => (Kind::Link, two(At(HERE, first), At(HERE, second))),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_mkdir => (Kind::MakeFolder, one(HERE, first)),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_unlink | libc::SYS_rmdir => (Kind::Remove, one(HERE, first)),
        _ => return None,
    })
}

fn opening(flags: u64) -> Kind {
    let writes = OFlag::O_WRONLY | OFlag::O_RDWR | OFlag::O_CREAT;
    if OFlag::from_bits_truncate(flags as i32).intersects(writes) { Kind::OpenToWrite } else { Kind::OpenToRead }
}

/// The path that is there, seen from its folder.
fn path(thread: Pid, At(folder, address): &At) -> Option<String> {
    let text = text_at(thread, *address)?;
    if text.starts_with('/') || *folder as u32 as i32 == libc::AT_FDCWD {
        return Some(text);
    }
    Some(format!("{}/{text}", descriptor(thread, *folder).trim_end_matches('/')))
}

/// What is open there.
fn descriptor(thread: Pid, number: u64) -> String {
    match number {
        1 => return STANDARD_OUTPUT.to_owned(),
        2 => return STANDARD_ERROR.to_owned(),
        _ => {}
    }
    let target = fs::read_link(format!("/proc/{thread}/fd/{}", number as u32));
    target.map_or_else(|error| error.to_string(), |target| target.to_string_lossy().into_owned())
}

/// The text at an address of the thread's memory, up to its zero or so many bytes.
pub fn text_at(thread: Pid, address: u64) -> Option<String> {
    let memory = File::open(format!("/proc/{thread}/mem")).ok()?;
    let mut bytes = vec![0; 4096];
    let read = memory.read_at(&mut bytes, address).ok()?;
    Some(String::from_utf8_lossy(bytes[..read].split(|byte| *byte == 0).next()?).into_owned())
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::OpenToRead => "open to read",
            Self::OpenToWrite => "open to write",
            Self::Write => "write",
            Self::Sync => "fsync",
            Self::Rename => "rename",
            Self::Link => "link",
            Self::MakeFolder => "mkdir",
            Self::Remove => "unlink",
        })
    }
}
