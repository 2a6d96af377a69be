//! Pieces of the schema's regular expressions, as literals for `concat!`. Reads nothing, changes nothing.
//!
//! They keep to what ECMA 262, Rust and Python read alike: no look-around, no classes that have names.

/// A port from 1 to 65535.
macro_rules! port_number {
    () => {
        "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
    };
}

/// One port, or a first and a last one.
macro_rules! port_range {
    () => {
        concat!(port_number!(), "(-", port_number!(), ")?")
    };
}

/// From 0 to 255.
macro_rules! octet {
    () => {
        "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
    };
}

/// An IPv4 address.
macro_rules! ipv4 {
    () => {
        concat!(octet!(), r"(\.", octet!(), "){3}")
    };
}

/// Some groups of an IPv6 address, each with its colon behind it.
macro_rules! groups {
    ($count:literal) => {
        concat!("([0-9A-Fa-f]{1,4}:)", $count)
    };
}

/// Some groups of an IPv6 address, each with its colon in front.
macro_rules! more_groups {
    ($count:literal) => {
        concat!("(:[0-9A-Fa-f]{1,4})", $count)
    };
}

/// An IPv6 address: eight groups, or fewer around `::`; the last two can be an IPv4 address.
macro_rules! ipv6 {
    () => {
        concat!(
            "(",
            concat!(groups!("{7}"), "[0-9A-Fa-f]{1,4}|", groups!("{1,7}"), ":"),
            concat!("|", groups!("{1,6}"), more_groups!("{1}"), "|", groups!("{1,5}"), more_groups!("{2}")),
            concat!("|", groups!("{1,4}"), more_groups!("{3}"), "|", groups!("{1,3}"), more_groups!("{4}")),
            concat!("|", groups!("{1,2}"), more_groups!("{5}"), "|", groups!("{1}"), more_groups!("{6}")),
            concat!("|:", more_groups!("{1,7}"), "|::|("),
            concat!(groups!("{6}"), "|", groups!("{1,5}"), ":|", groups!("{1,4}"), more_groups!("{1}"), ":"),
            concat!("|", groups!("{1,3}"), more_groups!("{2}"), ":|", groups!("{1,2}"), more_groups!("{3}"), ":"),
            concat!("|", groups!("{1}"), more_groups!("{4}"), ":|::", groups!("{0,5}")),
            ")",
            ipv4!(),
            ")"
        )
    };
}

/// One part of a host's name.
macro_rules! host_label {
    () => {
        "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    };
}

/// A host's name of at least two parts; the last one is no number, or it would look like an address.
macro_rules! dotted_name {
    () => {
        concat!("(", host_label!(), r"\.)+([0-9]*[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?|[0-9]+-[A-Za-z0-9-]*[A-Za-z0-9])")
    };
}

/// A host's name.
macro_rules! host_name {
    () => {
        concat!("(", host_label!(), "|", dotted_name!(), ")")
    };
}

/// A host's name or address where a port may follow: IPv6 in brackets.
macro_rules! host_before_port {
    () => {
        concat!("(", host_name!(), "|", ipv4!(), r"|\[", ipv6!(), r"\])")
    };
}

/// A registry: a host that is recognisable as one, and perhaps a port.
macro_rules! registry {
    () => {
        concat!(
            concat!("((localhost|", dotted_name!(), "|", ipv4!(), r"|\[", ipv6!(), r"\])(:", port_number!(), ")?"),
            concat!("|", host_label!(), ":", port_number!(), ")")
        )
    };
}

/// The parts of an absolute path, none of them `.` or `..`. `$no` are the characters that no part has, besides `/`.
macro_rules! absolute_path {
    ($no:literal) => {
        concat!("(/", path_part!($no), ")+")
    };
}

/// One part of a path that is neither `.` nor `..`.
macro_rules! path_part {
    ($no:literal) => {
        concat!(
            concat!("([^./", $no, "][^/", $no, "]*"),
            concat!(r"|\.[^./", $no, "][^/", $no, "]*"),
            concat!(r"|\.\.[^/", $no, "]+)")
        )
    };
}

/// Names of the form that plans, services and jobs have.
macro_rules! plain_name {
    () => {
        "^[a-z]([a-z0-9-]{0,29}[a-z0-9])?$"
    };
}

/// A user's or group's number: 0 to 4294967294, the largest that is not "nobody given".
macro_rules! account_number {
    () => {
        concat!(
            "(0|[1-9][0-9]{0,8}|[1-3][0-9]{9}|4[01][0-9]{8}|42[0-8][0-9]{7}|429[0-3][0-9]{6}|4294[0-8][0-9]{5}",
            "|42949[0-5][0-9]{4}|429496[0-6][0-9]{3}|4294967[01][0-9]{2}|42949672[0-8][0-9]|429496729[0-4])"
        )
    };
}

/// A user's or group's name or number.
macro_rules! account {
    () => {
        concat!("(", account_number!(), "|[A-Za-z_][A-Za-z0-9_.-]{0,31})")
    };
}

/// A field of a crontab line: `*`, numbers, ranges, with steps, and lists of them.
macro_rules! crontab_field {
    ($number:literal, $step:literal) => {
        concat!(crontab_item!($number, $step), "(,", crontab_item!($number, $step), ")*")
    };
}

/// One item of the list that a field of a crontab line is.
macro_rules! crontab_item {
    ($number:literal, $step:literal) => {
        concat!(r"(\*(/", $step, ")?|", $number, "(-", $number, "(/", $step, ")?)?)")
    };
}
