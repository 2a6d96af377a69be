//! The file in which cron keeps root's crontab: exchanged for another one in a single step, so that no version of it goes unseen.
//!
//! `crontab -` replaces whatever is there, an edit that came after we had read it included. Here what was replaced is still there to be
//! compared with what was read, and comes back if it is not the same.

use super::super::files::sync_directory;
use super::noticed;
use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

/// Where crons keep crontabs: Debian's and busybox's, SUSE's, cronie's.
pub(super) const FOLDERS: [&str; 3] = ["/var/spool/cron/crontabs", "/var/spool/cron/tabs", "/var/spool/cron"];

/// The name of what is not a crontab yet.
const UNFINISHED: &str = ".landfall-new-root";

/// How often someone else may be faster within one replacement.
const MOST: usize = 100;

/// The file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    file: PathBuf,
    /// What is to take its place, and then what was there. Crons overlook names that begin with a dot.
    beside: PathBuf,
}

/// What became of a replacement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replaced {
    /// It was as expected, and is now as wanted.
    Done,
    /// It was not, and is as someone else has left it.
    Changed,
}

/// Removes what a run that was killed had not put in its place yet, or had taken out of it.
pub(super) fn remove_unfinished() -> io::Result<()> {
    FOLDERS.iter().try_for_each(|folder| remove_if_there(&Path::new(folder).join(UNFINISHED)))
}

impl Place {
    /// The file that `crontab` shows as `shown`, and its bytes; or the file that there is none of yet.
    pub(super) fn of(folders: &[PathBuf], shown: Option<&[u8]>) -> Option<(Self, Option<Vec<u8>>)> {
        let in_folder = |folder: &PathBuf| {
            let place = Self { file: folder.join("root"), beside: folder.join(UNFINISHED) };
            (place, fs::read(folder.join("root")).ok())
        };
        let Some(shown) = shown else {
            let (place, _) = folders.iter().find(|folder| folder.is_dir()).map(in_folder)?;
            return place.file.symlink_metadata().is_err().then_some((place, None));
        };
        folders
            .iter()
            .map(in_folder)
            .find(|(_, held)| held.as_deref().is_some_and(|held| held == shown || as_shown(held) == shown))
    }

    /// Whether this cron's `crontab` takes the first comments of the file for its own.
    pub(super) fn wants_header(&self) -> bool {
        self.folder().ends_with("crontabs")
    }

    /// Makes the file `wanted` if it is `expected`; `None` is no file. It is on the disk when this returns, and cron will notice it.
    ///
    /// # Errors
    /// The system's refusal, also where the file system can't exchange: the file is then as someone else has left it.
    pub(super) fn replace(&self, expected: Option<&[u8]>, wanted: Option<&[u8]>) -> io::Result<Replaced> {
        let seen = self.seen()?;
        let replaced = self.attempt(expected, wanted, seen);
        // Also where there was no room for it.
        let removed = remove_if_there(&self.beside);
        let replaced = replaced?;
        removed?;
        if replaced == Replaced::Done {
            self.make_noticed(seen);
        }
        sync(&self.file)?;
        Ok(replaced)
    }

    /// The latest second that is the time of the file or of its folder. To be asked for before a change.
    pub(super) fn seen(&self) -> io::Result<u64> {
        noticed::seen(&[&self.file, self.folder()])
    }

    /// Has cron read the file again: it has changed since [`Place::seen`] was asked.
    pub(super) fn make_noticed(&self, seen: u64) {
        for path in [&self.file, self.folder()] {
            if let Err(error) = noticed::make_later(path, seen) {
                tracing::warn!(path = %path.display(), %error, "cron may not notice that root's crontab has changed");
            }
        }
    }

    fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new("/"))
    }

    fn attempt(&self, expected: Option<&[u8]>, wanted: Option<&[u8]>, seen: u64) -> io::Result<Replaced> {
        match (expected, wanted) {
            (Some(expected), Some(wanted)) => {
                self.prepare(wanted, seen)?;
                self.exchange(expected, wanted)
            }
            (None, Some(wanted)) => {
                self.prepare(wanted, seen)?;
                self.found_as(rename(&self.beside, &self.file, RenameFlags::RENAME_NOREPLACE), Errno::EEXIST)
            }
            (Some(expected), None) => {
                remove_if_there(&self.beside)?;
                self.take_away(expected)
            }
            (None, None) => Ok(Replaced::Done),
        }
    }

    fn prepare(&self, wanted: &[u8], seen: u64) -> io::Result<()> {
        remove_if_there(&self.beside)?;
        let mut new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.beside)?;
        new.write_all(wanted)?;
        let like = self.file.symlink_metadata();
        // Debian's belong to a group of their own, as their folder does.
        let group = match &like {
            Ok(file) => file.gid(),
            Err(_) => self.folder().metadata()?.gid(),
        };
        fchown(&new, Some(0), Some(group))?;
        new.set_permissions(Permissions::from_mode(like.map_or(0o600, |file| file.mode() & 0o7777)))?;
        noticed::make_later(&self.beside, seen)?;
        new.sync_all()
    }

    /// Exchanges until what comes out is what was last known to be in: what someone else has put there meanwhile goes back.
    fn exchange(&self, expected: &[u8], wanted: &[u8]) -> io::Result<Replaced> {
        let (mut known, mut put) = (expected.to_vec(), wanted.to_vec());
        for _ in 0..MOST {
            match rename(&self.beside, &self.file, RenameFlags::RENAME_EXCHANGE) {
                // Someone else has removed it. That an edit which was to go back goes with it is for whoever did to know.
                Err(Errno::ENOENT) => return Ok(Replaced::Changed),
                moved => moved?,
            }
            let displaced = fs::read(&self.beside)?;
            if displaced == known {
                return Ok(if put == wanted { Replaced::Done } else { Replaced::Changed });
            }
            known = std::mem::replace(&mut put, displaced);
        }
        Ok(Replaced::Changed)
    }

    fn take_away(&self, expected: &[u8]) -> io::Result<Replaced> {
        let taken = self.found_as(rename(&self.file, &self.beside, RenameFlags::RENAME_NOREPLACE), Errno::ENOENT)?;
        if taken == Replaced::Changed || fs::read(&self.beside)? == expected {
            return Ok(taken);
        }
        // Should there be another one by now, then that is the newest.
        self.found_as(rename(&self.beside, &self.file, RenameFlags::RENAME_NOREPLACE), Errno::EEXIST)?;
        Ok(Replaced::Changed)
    }

    /// Whether the file was there, or not there, as it had to be.
    fn found_as(&self, moved: Result<(), Errno>, otherwise: Errno) -> io::Result<Replaced> {
        match moved {
            Ok(()) => Ok(Replaced::Done),
            Err(errno) if errno == otherwise => Ok(Replaced::Changed),
            Err(errno) => Err(errno.into()),
        }
    }
}

/// Debian's `crontab -l` shows a carriage return as two letters.
fn as_shown(held: &[u8]) -> Vec<u8> {
    held.split(|byte| *byte == b'\r').collect::<Vec<_>>().join(b"\\r".as_slice())
}

fn rename(from: &Path, to: &Path, flags: RenameFlags) -> Result<(), Errno> {
    renameat2(AT_FDCWD, from, AT_FDCWD, to, flags)
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn sync(file: &Path) -> io::Result<()> {
    match File::open(file) {
        Ok(file) => file.sync_all()?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    sync_directory(file.parent().unwrap_or(Path::new("/"))).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::{Place, Replaced};
    use pretty_assertions::assert_eq;
    use std::fs;
    use std::os::unix::fs::MetadataExt;

    /// A crontab before and after.
    type Case = (Option<&'static [u8]>, Option<&'static [u8]>);

    fn place(held: Option<&[u8]>) -> (Place, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        if let Some(held) = held {
            fs::write(folder.path().join("root"), held).unwrap();
        }
        let (place, read) = Place::of(&[folder.path().join("nowhere"), folder.path().to_owned()], held).unwrap();
        assert_eq!(read.as_deref(), held);
        (place, folder)
    }

    #[test]
    fn the_file_is_the_one_that_holds_what_is_shown() {
        let (found, folder) = place(Some(b"mine\n"));
        assert_eq!(found.file, folder.path().join("root"));
        assert_eq!(Place::of(&[folder.path().to_owned()], Some(b"another\n")), None);
        assert_eq!(Place::of(&[folder.path().to_owned()], None), None);
    }

    #[test]
    fn regression_052_a_carriage_return_is_read_as_it_is_though_shown_as_two_letters() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("root"), b"a\r\nb\\r\n").unwrap();
        let found = Place::of(&[folder.path().to_owned()], Some(b"a\\r\nb\\r\n"));
        assert_eq!(found.and_then(|(_, held)| held).as_deref(), Some(b"a\r\nb\\r\n".as_slice()));
    }

    #[test]
    fn what_is_as_expected_becomes_as_wanted_and_nothing_lies_beside_it() {
        let cases: [Case; 4] = [(Some(b"a"), Some(b"b")), (None, Some(b"b")), (Some(b"a"), None), (None, None)];
        for (before, after) in cases {
            let (place, folder) = place(before);
            assert_eq!(place.replace(before, after).unwrap(), Replaced::Done);
            assert_eq!(fs::read(&place.file).ok().as_deref(), after);
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), usize::from(after.is_some()));
        }
    }

    #[test]
    fn regression_051_what_someone_else_has_put_there_meanwhile_stays_the_very_file() {
        let cases: [Case; 3] = [(Some(b"a"), Some(b"b")), (None, Some(b"b")), (Some(b"a"), None)];
        for (before, after) in cases {
            let (place, folder) = place(before);
            fs::write(&place.file, b"an edit").unwrap();
            let inode = fs::metadata(&place.file).unwrap().ino();
            assert_eq!(place.replace(before, after).unwrap(), Replaced::Changed);
            assert_eq!(fs::read(&place.file).unwrap(), b"an edit");
            assert_eq!(fs::metadata(&place.file).unwrap().ino(), inode);
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        }
    }

    #[test]
    fn regression_128_each_change_has_a_later_second_than_those_before_it() {
        let (place, folder) = place(Some(b"a"));
        let second = |path: &std::path::Path| fs::metadata(path).ok().map(|metadata| metadata.mtime());
        let mut seen = vec![(second(&place.file), second(folder.path()))];
        let changes: [Case; 4] =
            [(Some(b"a"), Some(b"b")), (Some(b"b"), Some(b"c")), (Some(b"c"), None), (None, Some(b"d"))];
        for (before, after) in changes {
            assert_eq!(place.replace(before, after).unwrap(), Replaced::Done);
            seen.push((second(&place.file), second(folder.path())));
        }
        let is_new = |index: usize| {
            let (now, earlier) = (seen[index], &seen[..index]);
            earlier.iter().all(|earlier| (earlier.0 < now.0 || now.0.is_none()) && earlier.1 < now.1)
        };
        assert_eq!((1..seen.len()).map(is_new).collect::<Vec<_>>(), [true; 4], "{seen:?}");
    }

    #[test]
    fn a_file_that_someone_else_has_removed_meanwhile_stays_removed() {
        for after in [Some(b"b".as_slice()), None] {
            let (place, folder) = place(Some(b"a"));
            fs::remove_file(&place.file).unwrap();
            assert_eq!(place.replace(Some(b"a"), after).unwrap(), Replaced::Changed);
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        }
    }
}
