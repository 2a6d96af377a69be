//! The time zone that cron goes by, and when its clocks change. Reads only.

use crate::facts::{ClockChange, Zone};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use std::path::Path;

/// What daemons go by.
const LOCALTIME: &str = "/etc/localtime";

/// For how long changes are looked up: what a government decides later nobody knows today.
const YEARS: i64 = 3;

/// The time zone of this machine with its next clock changes; `None` where it can't be told.
///
/// A daemon goes by `/etc/localtime`, whatever `TZ` says here; without that file, by UTC.
pub fn zone() -> Option<Zone> {
    if !Path::new(LOCALTIME).exists() {
        return Some(Zone { name: "UTC".to_owned(), changes: Vec::new() });
    }
    let (name, zone) = local(Path::new(LOCALTIME))?;
    Some(Zone { name, changes: changes(&zone, Timestamp::now()) })
}

/// Now, in the time zone of this machine, or that of the variable `TZ`.
///
/// Its file is read by itself: to look its name up, as the library does, is to walk through all time zones that there are.
pub fn now() -> Zoned {
    let zone = if std::env::var_os("TZ").is_none() { local(Path::new(LOCALTIME)) } else { None };
    zone.map_or_else(Zoned::now, |(_, zone)| Timestamp::now().to_zoned(zone))
}

/// The time zone that a file tells, with its name.
fn local(file: &Path) -> Option<(String, TimeZone)> {
    let name = name(&std::fs::canonicalize(file).ok()?);
    let zone = TimeZone::tzif(&name, &std::fs::read(file).ok()?).ok()?;
    Some((name, zone))
}

/// When this server booted, by its clock as it is now; `None` where the kernel doesn't say it.
pub fn booted_at() -> Option<Timestamp> {
    let text = std::fs::read_to_string("/proc/stat").ok()?;
    let seconds = text.lines().find_map(|line| line.strip_prefix("btime "))?;
    Timestamp::from_second(seconds.trim().parse().ok()?).ok()
}

/// `Europe/Berlin` of `/usr/share/zoneinfo/Europe/Berlin`.
fn name(file: &Path) -> String {
    let text = file.to_string_lossy();
    text.split_once("zoneinfo/").map_or_else(|| "the server's time zone".to_owned(), |(_, name)| name.to_owned())
}

fn changes(zone: &TimeZone, now: Timestamp) -> Vec<ClockChange> {
    let end = now.saturating_add((YEARS * 366 * 24).hours()).unwrap_or(now);
    let mut changes = Vec::new();
    for transition in zone.following(now).take_while(|transition| transition.timestamp() < end) {
        let at = transition.timestamp();
        let Ok(before) = at.checked_sub(1.nanoseconds()) else { continue };
        let (before, after) = (zone.to_offset(before), transition.offset());
        let (old, new) = (before.to_datetime(at), after.to_datetime(at));
        if old != new {
            changes.push(ClockChange { skips: old < new, from: old.min(new), until: old.max(new) });
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::{changes, local, name, now};
    use crate::facts::ClockChange;
    use jiff::tz::TimeZone;
    use jiff::{Timestamp, Zoned};
    use pretty_assertions::assert_eq;
    use std::path::Path;

    #[test]
    fn clocks_skip_an_hour_in_spring_and_repeat_one_in_autumn() {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        let change = |skips, from: &str, until: &str| ClockChange {
            skips,
            from: from.parse().unwrap(),
            until: until.parse().unwrap(),
        };
        let found = changes(&zone, "2026-11-21T00:00:00Z".parse().unwrap());
        assert_eq!(
            found.into_iter().take(2).collect::<Vec<_>>(),
            [
                change(true, "2027-03-28T02:00", "2027-03-28T03:00"),
                change(false, "2027-10-31T02:00", "2027-10-31T03:00")
            ]
        );
        assert_eq!(changes(&TimeZone::UTC, "2026-11-21T00:00:00Z".parse().unwrap()), []);
    }

    #[test]
    fn a_file_tells_its_time_zone_and_now_is_at_the_offset_of_this_machine() {
        let (name, zone) = local(Path::new("/usr/share/zoneinfo/Asia/Kathmandu")).unwrap();
        assert_eq!((name.as_str(), zone.to_offset(Timestamp::UNIX_EPOCH).seconds()), ("Asia/Kathmandu", 19_800));
        assert_eq!(now().offset(), Zoned::now().offset());
        assert_eq!(local(Path::new("/no/such/file")), None);
    }

    #[test]
    fn a_zone_is_called_by_its_file() {
        assert_eq!(name(Path::new("/usr/share/zoneinfo/Europe/Berlin")), "Europe/Berlin");
        assert_eq!(name(Path::new("/etc/localtime")), "the server's time zone");
    }
}
