//! What Podman says something from: its program, its configuration, its records. Reads only.

use super::Answer;
use crate::few::InOrder;
use crate::operation::Layout;
use sha2::{Digest, Sha256};
use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Where Podman is configured, as root.
const CONFIGURATION: [&str; 3] = ["/usr/share/containers", "/etc/containers", "/root/.config/containers"];

/// Where it has its networks on record: those of netavark, and those of CNI.
const NETWORKS: [&str; 2] = [super::super::NETWORKS, "/etc/cni/net.d"];

/// How the names of the files there end that it reads.
const ENDINGS: [&str; 3] = ["conf", "json", "conflist"];

/// How many folders deep they lie: `/etc/containers/containers.conf.d/10-ours.conf`.
const DEEP: usize = 2;

/// Far more than an administrator writes into one of them, in bytes.
pub(super) const MOST: u64 = 1 << 20;

/// The options that say that networks, or images, are on record elsewhere.
const ELSEWHERE: [&[u8]; 2] = [b"network_config_dir", b"imagestore"];

/// Where Podman's storage is, unless an administrator has moved it.
pub(in super::super) const STORE: &str = "/var/lib/containers/storage";

/// What it decided for good when it first made a network.
const BACKEND: &str = "defaultNetworkBackend";

/// Its own records, of version 4 and of version 5, which may say another storage than the configuration, and then are right. A hint: what is
/// in them is not read, only whether they are others.
const RECORDS: [&str; 2] = ["libpod/bolt_state.db", "db.sql"];

/// Where everything lies.
#[derive(Debug, Clone)]
pub(super) struct Places {
    /// How the paths of the files begin in which it is kept.
    pub kept: PathBuf,
    /// The folders in which Podman is configured.
    pub configuration: Vec<PathBuf>,
    /// Those in which it has its networks on record.
    pub networks: Vec<PathBuf>,
    /// Where its storage is.
    pub store: PathBuf,
}

impl Places {
    /// Those of this server.
    pub fn usual() -> Self {
        Self {
            kept: Layout::SAID_BY_PODMAN.into(),
            configuration: CONFIGURATION.map(PathBuf::from).into(),
            networks: NETWORKS.map(PathBuf::from).into(),
            store: STORE.into(),
        }
    }

    /// The file in which this answer is kept.
    pub fn kept_of(&self, what: Answer) -> PathBuf {
        let mut path = self.kept.clone().into_os_string();
        path.push(format!("-{}", what.name()));
        path.into()
    }

    /// All that Podman reads for this answer; `None` where that can't be told: then it is to be asked each time.
    pub fn all_that_is_read(&self, what: Answer, program: &Path) -> Option<Sha256> {
        let mut read = Sha256::new();
        let mut is = |what: &Path, bytes: &[u8]| {
            for part in [what.as_os_str().as_encoded_bytes(), bytes] {
                read.update(part.len().to_le_bytes());
                read.update(part);
            }
        };
        is(program, written(&program_itself(program)?).as_bytes());
        for file in self.files(what)? {
            if file.is_dir() {
                // A file that came and went while Podman read it left the others as they were.
                is(&file, written(&file.metadata().ok()?).as_bytes());
                continue;
            }
            let text = text(&file)?;
            let mut options = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_start);
            if options
                .any(|option| !option.starts_with(b"#") && ELSEWHERE.iter().any(|elsewhere| names(option, elsewhere)))
            {
                return None;
            }
            is(&file, &text);
        }
        is(Path::new(BACKEND), &std::fs::read(self.store.join(BACKEND)).unwrap_or_default());
        Some(read)
    }

    /// The SHA-256 of what an answer is made from, and of itself. The first answer of all makes the records.
    pub fn sum(&self, from: Sha256, text: &[u8]) -> Vec<u8> {
        let which = RECORDS.map(|records| {
            let records = self.store.join(records).metadata();
            records.map(|found| format!("{} {} ", found.dev(), found.ino())).unwrap_or_else(|_| "none ".to_owned())
        });
        from.chain_update(which.concat()).chain_update(text).finalize().to_vec()
    }

    /// The files that Podman reads for this answer, and the folders that they lie in; `None` where they can't be seen.
    fn files(&self, what: Answer) -> Option<Vec<PathBuf>> {
        let mut files = Vec::new();
        for folder in &self.configuration {
            self.add_files(folder, DEEP, &mut files)?;
        }
        if what == Answer::Networks {
            for folder in &self.networks {
                self.add_files(folder, 0, &mut files)?;
            }
        }
        files.put_in_order();
        Some(files)
    }

    fn add_files(&self, folder: &Path, deep: usize, files: &mut Vec<PathBuf>) -> Option<()> {
        let entries = match folder.read_dir() {
            Err(error) if error.kind() == ErrorKind::NotFound => return Some(()),
            entries => entries.ok()?,
        };
        files.push(folder.to_owned());
        for entry in entries {
            let entry = entry.ok()?.path();
            // A link leads where it says now.
            if entry.is_dir() {
                if deep > 0 && !self.networks.contains(&entry) {
                    self.add_files(&entry, deep - 1, files)?;
                }
            } else if entry.extension().is_some_and(|ending| ENDINGS.iter().any(|read| ending == *read)) {
                files.push(entry);
            }
        }
        Some(())
    }
}

/// The program, if it is one: what a script answers depends on anything.
fn program_itself(program: &Path) -> Option<Metadata> {
    let mut begin = [0; 2];
    let mut file = File::open(program).ok()?;
    file.read_exact(&mut begin).ok()?;
    if begin == *b"#!" { None } else { file.metadata().ok() }
}

/// What tells a file from what it was before it was written anew, or replaced.
fn written(file: &Metadata) -> String {
    format!("{} {} {} {}.{:09}", file.dev(), file.ino(), file.size(), file.ctime(), file.ctime_nsec())
}

/// Whether a line has this word: `additionalimagestores`, which Podman tells of, is another one.
fn names(line: &[u8], word: &[u8]) -> bool {
    let begins = |at: &usize| {
        at.checked_sub(1).and_then(|before| line.get(before)).is_none_or(|byte| !byte.is_ascii_alphanumeric())
    };
    line.windows(word.len()).enumerate().filter(|(_, part)| *part == word).any(|(at, _)| begins(&at))
}

/// What is in a file of a configuration; `None` where it is none.
fn text(file: &Path) -> Option<Vec<u8>> {
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut text = Vec::new();
    File::open(file).ok()?.take(MOST + 1).read_to_end(&mut text).ok()?;
    (text.len() as u64 <= MOST).then_some(text)
}
