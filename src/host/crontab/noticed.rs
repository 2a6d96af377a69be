//! The times of root's crontab and of its folder, by which cron notices a change.
//!
//! Once a minute cron compares them, in whole seconds, with those that it saw when it last read the crontabs. Where something changes twice
//! in one second, and cron looks in between, it does not see the second change: the jobs of a plan would not run until a crontab changed
//! again. So what Landfall changes in the second of an earlier change gets the time of the next second.
//!
//! What others change is as before: two changes in what their times say is one second can be one to cron.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

/// How far ahead a time can be that changes in quick succession have got. One farther ahead is of a clock that was wrong.
const MOST_AHEAD: u64 = 60;

/// The latest second since 1970 that `paths` have as their time now. One that is not there counts for nothing.
///
/// # Errors
/// The system's refusal to tell a time.
pub(super) fn seen(paths: &[&Path]) -> io::Result<u64> {
    let mut latest = 0;
    for path in paths {
        if let Some(metadata) = if_there(path.metadata())? {
            latest = latest.max(second(&metadata));
        }
    }
    Ok(latest)
}

/// Gives a file or a folder that has changed a later time than `seen`, unless it has one, or is not there any more.
///
/// # Errors
/// The system's refusal.
pub(super) fn make_later(path: &Path, seen: u64) -> io::Result<()> {
    let Some(changed) = if_there(File::open(path))? else { return Ok(()) };
    let time = second(&changed.metadata()?);
    if time > seen || seen > time.saturating_add(MOST_AHEAD) {
        return Ok(());
    }
    let next =
        UNIX_EPOCH.checked_add(Duration::from_secs(seen.saturating_add(1))).ok_or(io::ErrorKind::InvalidInput)?;
    changed.set_modified(next)
}

fn second(metadata: &Metadata) -> u64 {
    u64::try_from(metadata.mtime()).unwrap_or_default()
}

fn if_there<T>(found: io::Result<T>) -> io::Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::{make_later, seen};
    use pretty_assertions::assert_eq;
    use std::fs::File;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn only_a_time_that_cron_may_have_seen_is_made_later() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root");
        let file = File::create(&path).unwrap();
        let becomes = |of: f64, seen: u64| {
            file.set_modified(UNIX_EPOCH + Duration::from_secs_f64(of)).unwrap();
            make_later(&path, seen).unwrap();
            path.metadata().unwrap().modified().unwrap().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
        };
        let times = [99, 100, 107, 160, 161].map(|seen| becomes(100.5, seen));
        assert_eq!(times, [100.5, 101.0, 108.0, 161.0, 100.5]);
    }

    #[test]
    fn the_latest_time_counts_and_what_is_not_there_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other, none) = (folder.path().join("one"), folder.path().join("other"), folder.path().join("none"));
        for (path, second) in [(&one, 100), (&other, 70)] {
            File::create(path).unwrap().set_modified(UNIX_EPOCH + Duration::from_secs(second)).unwrap();
        }
        assert_eq!([seen(&[&one, &other, &none]).unwrap(), seen(&[&none]).unwrap()], [100, 0]);
        make_later(&none, 100).unwrap();
    }
}
