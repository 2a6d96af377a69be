//! Lengths of time, sizes, owners and modes.

use pretty_assertions::assert_eq;

use super::{accepts, reads_as, refuses};
use crate::plan::values::{Duration, Mode, Owner, Size};

#[test]
fn a_duration_is_one_number_and_one_unit() {
    accepts::<Duration>(&["500ms", "30s", "5m", "36h", "30d", "0s", "3650d"]);
    refuses::<Duration>(&[
        ("0m", "LF022 duration `0m` is zero | zero has one spelling | write `0s`"),
        ("0ms", "LF022 duration `0ms` is zero | zero has one spelling | write `0s`"),
        ("3651d", "LF022 duration `3651d` is too long | the longest is 3650d"),
        ("30", "LF022 duration `30` is not one number and one unit | units are ms, s, m, h, d | write `30s`"),
        ("30 s", "LF022 duration `30 s` is not one number and one unit | units are ms, s, m, h, d | write `30s`"),
        ("5min", "LF022 duration `5min` is not one number and one unit | units are ms, s, m, h, d | write `5m`"),
        ("1h30m", "LF022 duration `1h30m` is not one number and one unit | units are ms, s, m, h, d | write `90m`"),
        ("2w", "LF022 duration `2w` is not one number and one unit | units are ms, s, m, h, d | write `14d`"),
        ("1.5h", "LF022 duration `1.5h` is not one number and one unit | units are ms, s, m, h, d"),
        ("-5s", "LF022 duration `-5s` is not one number and one unit | units are ms, s, m, h, d"),
        ("05s", "LF022 duration `05s` is not one number and one unit | units are ms, s, m, h, d | write `5s`"),
        ("s", "LF022 duration `s` is not one number and one unit | units are ms, s, m, h, d"),
        ("", "LF022 duration `` is not one number and one unit | units are ms, s, m, h, d"),
        ("99999999999999999999d", "LF022 duration `99999999999999999999d` is too long | the longest is 3650d"),
        ("5M", "LF022 duration `5M` is not one number and one unit | units are ms, s, m, h, d | write `5m`"),
        ("tomorrow", "LF022 duration `tomorrow` is not one number and one unit | units are ms, s, m, h, d"),
    ]);
}

#[test]
fn a_size_is_one_number_and_one_binary_unit() {
    accepts::<Size>(&["100B", "64KiB", "512MiB", "2GiB", "1TiB", "8388607TiB"]);
    refuses::<Size>(&[
        ("512m", "LF023 size `512m` has no known unit | units are B, KiB, MiB, GiB, TiB | write `512MiB`"),
        ("512MB", "LF023 size `512MB` has no known unit | units are B, KiB, MiB, GiB, TiB | write `512MiB`"),
        ("512Mi", "LF023 size `512Mi` has no known unit | units are B, KiB, MiB, GiB, TiB | write `512MiB`"),
        ("512 MiB", "LF023 size `512 MiB` has no known unit | units are B, KiB, MiB, GiB, TiB | write `512MiB`"),
        ("2g", "LF023 size `2g` has no known unit | units are B, KiB, MiB, GiB, TiB | write `2GiB`"),
        (
            "512",
            "LF023 size `512` has no known unit | units are B, KiB, MiB, GiB, TiB | write `512MiB`, or `512B` for bytes",
        ),
        (
            "0MiB",
            "LF023 size `0MiB` is zero | engines read zero as no limit | leave the field out, or write a size above zero",
        ),
        (
            "0",
            "LF023 size `0` is zero | engines read zero as no limit | leave the field out, or write a size above zero",
        ),
        ("1.5GiB", "LF023 size `1.5GiB` has no known unit | units are B, KiB, MiB, GiB, TiB"),
        ("-1B", "LF023 size `-1B` is not a number and a unit | a whole number, then B, KiB, MiB, GiB or TiB"),
        ("007B", "LF023 size `007B` is not a number and a unit | a whole number, then B, KiB, MiB, GiB or TiB"),
        ("MiB", "LF023 size `MiB` is not a number and a unit | a whole number, then B, KiB, MiB, GiB or TiB"),
        ("8388608TiB", "LF023 size `8388608TiB` is too large | sizes stay below 8388608TiB"),
        ("99999999999999999999B", "LF023 size `99999999999999999999B` is too large | sizes stay below 8388608TiB"),
        ("5XB", "LF023 size `5XB` has no known unit | units are B, KiB, MiB, GiB, TiB"),
        ("", "LF023 size `` is not a number and a unit | a whole number, then B, KiB, MiB, GiB or TiB"),
    ]);
}

#[test]
fn an_owner_is_two_numbers() {
    accepts::<Owner>(&["0:0", "999:999", "4294967294:1"]);
    refuses::<Owner>(&[
        (
            "999",
            "LF024 owner `999` is not a pair of numbers | a user's and a group's number: `uid:gid` | write `999:999`",
        ),
        (
            "postgres",
            "LF024 owner `postgres` is not a pair of numbers | a user's and a group's number: `uid:gid` | run `id` as that user in the image: it prints both numbers",
        ),
        (
            "postgres:postgres",
            "LF024 owner `postgres:postgres` is not a pair of numbers | a user's and a group's number: `uid:gid` | run `id` as that user in the image: it prints both numbers",
        ),
        (
            "999:",
            "LF024 owner `999:` is not a pair of numbers | a user's and a group's number: `uid:gid` | run `id` as that user in the image: it prints both numbers",
        ),
        (
            "4294967295:0",
            "LF024 owner `4294967295:0` is not a pair of numbers | a user's and a group's number: `uid:gid` | run `id` as that user in the image: it prints both numbers",
        ),
        (
            "01:1",
            "LF024 owner `01:1` is not a pair of numbers | a user's and a group's number: `uid:gid` | run `id` as that user in the image: it prints both numbers",
        ),
        (
            "-1:0",
            "LF024 owner `-1:0` is not a pair of numbers | a user's and a group's number: `uid:gid` | run `id` as that user in the image: it prints both numbers",
        ),
        (
            "1:1:1",
            "LF024 owner `1:1:1` is not a pair of numbers | a user's and a group's number: `uid:gid` | run `id` as that user in the image: it prints both numbers",
        ),
        (
            "",
            "LF024 owner `` is not a pair of numbers | a user's and a group's number: `uid:gid` | run `id` as that user in the image: it prints both numbers",
        ),
    ]);
}

#[test]
fn a_mode_is_three_octal_digits() {
    accepts::<Mode>(&["0400", "0777", "0000"]);
    reads_as::<Mode>(&[("640", "0640")]);
    refuses::<Mode>(&[
        ("4755", "LF025 mode `4755` has a special bit | setuid, setgid and sticky bits can't be given | write `0755`"),
        ("1777", "LF025 mode `1777` has a special bit | setuid, setgid and sticky bits can't be given | write `0777`"),
        (
            "888",
            "LF025 mode `888` is not an octal number | three octal digits, with or without a zero in front | write `0640` for a file or `0750` for a folder, for example",
        ),
        (
            "0o644",
            "LF025 mode `0o644` is not an octal number | three octal digits, with or without a zero in front | write `0640` for a file or `0750` for a folder, for example",
        ),
        (
            "rw-r--r--",
            "LF025 mode `rw-r--r--` is not an octal number | three octal digits, with or without a zero in front | write `0644`",
        ),
        (
            "64",
            "LF025 mode `64` is not an octal number | three octal digits, with or without a zero in front | write `0640` for a file or `0750` for a folder, for example",
        ),
        (
            "00640",
            "LF025 mode `00640` is not an octal number | three octal digits, with or without a zero in front | write `0640` for a file or `0750` for a folder, for example",
        ),
        (
            "",
            "LF025 mode `` is not an octal number | three octal digits, with or without a zero in front | write `0640` for a file or `0750` for a folder, for example",
        ),
    ]);
}

#[test]
fn a_duration_is_exact_and_its_seconds_are_rounded_up() {
    let duration = |text| Duration::parse(text).unwrap();
    assert_eq!(duration("1500ms").as_std(), std::time::Duration::from_millis(1500));
    assert_eq!(duration("1500ms").as_seconds(), 2);
    assert_eq!(duration("36h").as_seconds(), 36 * 3600);
    assert_eq!(duration("0s").is_zero(), true);
    assert_eq!(duration("1ms").is_zero(), false);
    assert_eq!(Duration::seconds(30), duration("30s"));
}

#[test]
fn durations_and_sizes_are_ordered_by_what_they_mean() {
    let mut durations = ["1d", "500ms", "90m", "1h", "60m", "2s"].map(|text| Duration::parse(text).unwrap());
    durations.sort();
    assert_eq!(durations.map(|duration| duration.to_string()), ["500ms", "2s", "60m", "1h", "90m", "1d"]);
    let mut sizes = ["1GiB", "2KiB", "1023MiB", "5B"].map(|text| Size::parse(text).unwrap());
    sizes.sort();
    assert_eq!(sizes.map(|size| size.to_string()), ["5B", "2KiB", "1023MiB", "1GiB"]);
}

#[test]
fn a_size_counts_bytes() {
    let bytes = ["100B", "64KiB", "512MiB", "2GiB", "1TiB"].map(|text| Size::parse(text).unwrap().bytes());
    assert_eq!(bytes, [100, 65_536, 536_870_912, 2_147_483_648, 1_099_511_627_776]);
    assert_eq!(Size::mebibytes(10), Size::parse("10MiB").unwrap());
    assert_eq!(Size::mebibytes(0).bytes(), 1_048_576);
}

#[test]
fn an_owner_and_a_mode_are_numbers() {
    let owner = Owner::parse("999:998").unwrap();
    assert_eq!((owner.uid(), owner.gid()), (999, 998));
    assert_eq!(Owner::ROOT.to_string(), "0:0");
    assert_eq!(Mode::parse("0640").unwrap().bits(), 0o640);
    assert_eq!(
        [Mode::OWNER_READS, Mode::ALL_READ, Mode::ALL_ENTER].map(|mode| mode.to_string()),
        ["0400", "0644", "0755"]
    );
}
