//! What a policy's values cover, and what only looks like it.

use super::{accepts, reads_as, refuses};
use crate::plan::values::{
    AllowedDevice, AllowedPorts, Device, Email, Endpoint, ImageReference, Port, Recipient, RegistryPath, TcpTarget,
};
use pretty_assertions::assert_eq;
use proptest::prelude::*;

/// The texts among these that are covered.
fn covered<'a>(texts: &[&'a str], covers: impl Fn(&str) -> bool) -> Vec<&'a str> {
    texts.iter().copied().filter(|text| covers(text)).collect()
}

#[test]
fn an_image_comes_from_a_registry_and_a_path_part_by_part() {
    let images = [
        "example.org/a:1",
        "example.org/a/b:1",
        "example.org/ab:1",
        "example.org/a.b:1",
        "example.org/b/a:1",
        "EXAMPLE.org/a:2",
        "example.org:443/a:1",
        "example.org.evil.example/a:1",
        "evil.example/example.org/a:1",
        "sub.example.org/a:1",
    ];
    let of = |allowed: &str| {
        let allowed = RegistryPath::parse(allowed).unwrap();
        covered(&images, |image| allowed.covers(&ImageReference::parse(image).unwrap()))
    };
    assert_eq!(of("example.org/a"), ["example.org/a:1", "example.org/a/b:1", "EXAMPLE.org/a:2"]);
    assert_eq!(
        of("example.org"),
        [
            "example.org/a:1",
            "example.org/a/b:1",
            "example.org/ab:1",
            "example.org/a.b:1",
            "example.org/b/a:1",
            "EXAMPLE.org/a:2"
        ]
    );
    assert_eq!(of("example.org:443"), ["example.org:443/a:1"]);
    let pinned = format!("example.org/a@sha256:{}", "9f".repeat(32));
    let allowed = RegistryPath::parse("example.org/a").unwrap();
    assert_eq!(allowed.covers(&ImageReference::parse(&pinned).unwrap()), true);
}

#[test]
fn an_image_source_is_a_registry_with_or_without_a_path() {
    accepts::<RegistryPath>(&["docker.io", "localhost", "registry.example:5000/shop/app", "[2001:db8::1]:5000/a"]);
    reads_as::<RegistryPath>(&[("Docker.IO/library", "docker.io/library")]);
    let label = "`registry` or `registry/path`, without tag and digest, without `/` at the end";
    let no_registry = |text: &str| format!("LF032 image source `{text}` has no registry | {label}");
    let no_path = |text: &str| format!("LF032 image source `{text}` has no path that a repository can have | {label}");
    for text in ["", "library", "*", "*.example.org", "https://example.org/a", "example.org:0/a"] {
        refuses::<RegistryPath>(&[(text, &no_registry(text))]);
    }
    for text in
        ["example.org/", "example.org/a/", "example.org/A", "example.org/a:1", "example.org/../b", "example.org/*"]
    {
        refuses::<RegistryPath>(&[(text, &no_path(text))]);
    }
}

#[test]
fn all_interfaces_are_covered_only_by_what_names_no_address() {
    let ports = [
        "8080:80",
        "0.0.0.0:8080:80",
        "127.0.0.1:8080:80",
        "192.0.2.7:8080:80",
        "[::]:8080:80",
        "[::1]:8080:80",
        "[::ffff:127.0.0.1]:8080:80",
        "127.0.0.1:8080:80/udp",
        "127.0.0.1:8081:80",
    ];
    let of = |allowed: &str| {
        let allowed = AllowedPorts::parse(allowed).unwrap();
        covered(&ports, |port| {
            let port = Port::parse(port).unwrap();
            port.pairs().all(|(number, _)| allowed.covers(port.address(), number, port.protocol()))
        })
    };
    assert_eq!(of("127.0.0.1:8080"), ["127.0.0.1:8080:80", "[::ffff:127.0.0.1]:8080:80"]);
    assert_eq!(
        of("0.0.0.0:8080"),
        ["0.0.0.0:8080:80", "127.0.0.1:8080:80", "192.0.2.7:8080:80", "[::ffff:127.0.0.1]:8080:80"]
    );
    assert_eq!(of("[::]:8080"), ["[::]:8080:80", "[::1]:8080:80"]);
    assert_eq!(of("8080"), ports[..7]);
    assert_eq!(of("127.0.0.1:8080/udp"), ["127.0.0.1:8080:80/udp"]);
    assert_eq!(of("127.0.0.1:8081-9000"), ["127.0.0.1:8081:80"]);
}

#[test]
fn allowed_ports_are_written_as_published_ones_without_where_they_lead() {
    accepts::<AllowedPorts>(&["80", "1-65535", "192.0.2.7:8000-8009/udp", "[2001:db8::1]:53"]);
    reads_as::<AllowedPorts>(&[("80/tcp", "80"), ("[2001:DB8::1]:53/udp", "[2001:db8::1]:53/udp")]);
    let label = "`[IP:]PORT[-END][/udp]`: an address if not all, IPv6 in brackets; 1 to 65535, ascending";
    for text in ["", "0", "65536", "9-8", "*:80", "80:80", "localhost:80", "::1:80", "80/sctp", "127.0.0.1", " 80"] {
        refuses::<AllowedPorts>(&[(text, &format!("LF027 ports `{text}` are not ports of the VSN | {label}"))]);
    }
}

#[test]
fn a_server_is_known_by_its_whole_name_and_its_port() {
    let targets = [
        "mail.example:587",
        "MAIL.example:25",
        "mail.example.evil.example:587",
        "evilmail.example:587",
        "192.0.2.7:587",
        "[::ffff:192.0.2.7]:587",
        "[2001:db8::7]:587",
    ];
    let of = |allowed: &str| {
        let allowed = Endpoint::parse(allowed).unwrap();
        covered(&targets, |target| {
            let target = TcpTarget::parse(target).unwrap();
            allowed.covers(target.host(), target.port())
        })
    };
    assert_eq!(of("mail.example"), ["mail.example:587", "MAIL.example:25"]);
    assert_eq!(of("mail.example:587"), ["mail.example:587"]);
    assert_eq!(of("192.0.2.7"), ["192.0.2.7:587", "[::ffff:192.0.2.7]:587"]);
    assert_eq!(of("[2001:db8:0::7]:587"), ["[2001:db8::7]:587"]);
    let label = "`host` or `host:port`, IPv6 in brackets, ports from 1 to 65535";
    for text in ["", "*.example", "mail.example:0", "mail.example:", "2001:db8::7", "a b", "http://mail.example"] {
        refuses::<Endpoint>(&[(text, &format!("LF029 server `{text}` is not a host | {label}"))]);
    }
}

#[test]
fn mail_goes_to_an_address_or_to_a_host_and_to_none_that_looks_like_it() {
    let addresses = [
        "ops@example.org",
        "ops@EXAMPLE.org",
        "Ops@example.org",
        "dev@example.org",
        "ops@example.org.evil.example",
        "ops@sub.example.org",
        "ops@evilexample.org",
    ];
    let of = |allowed: &str| {
        let allowed = Recipient::parse(allowed).unwrap();
        covered(&addresses, |address| allowed.covers(&Email::parse(address).unwrap()))
    };
    assert_eq!(of("ops@example.org"), addresses[..2]);
    assert_eq!(of("@Example.org"), addresses[..4]);
    accepts::<Recipient>(&["@example.org", "ops@example.org"]);
    let label = "`user@host`, or `@host` for everybody there";
    for text in ["", "@", "example.org", "*@example.org", "@192.0.2.1", "a@b@c"] {
        let told = format!("LF031 recipient `{text}` is neither a mail address nor a host's | {label}");
        refuses::<Recipient>(&[(text, &told)]);
    }
}

#[test]
fn a_device_is_the_one_that_is_named_with_no_more_permissions() {
    let devices = [
        "/dev/sdb",
        "/dev/sdb:/dev/x:r",
        "/dev/sdb:/dev/sdb:rw",
        "/dev/sdb1",
        "/dev/sd",
        "/dev/sdb/x",
        "/dev/x:/dev/sdb:r",
    ];
    let of = |allowed: &str| {
        let allowed = AllowedDevice::parse(allowed).unwrap();
        covered(&devices, |device| allowed.covers(&Device::parse(device).unwrap()))
    };
    assert_eq!(of("/dev/sdb"), devices[..3]);
    assert_eq!(of("/dev/sdb:r"), ["/dev/sdb:/dev/x:r"]);
    assert_eq!(of("/dev/sdb:rw"), ["/dev/sdb:/dev/x:r", "/dev/sdb:/dev/sdb:rw"]);
    accepts::<AllowedDevice>(&["/dev/dri/card0", "/dev/sdb:rw"]);
    reads_as::<AllowedDevice>(&[("/dev/sdb:rwm", "/dev/sdb")]);
    let label = "`/dev/x`, or `/dev/x:rw` with `r`, `w` and `m` (make), each at most once, in this order";
    for text in ["", "/dev", "/dev/../etc", "sdb", "/dev/sdb:", "/dev/sdb:wr", "/dev/sdb:/dev/sdb"] {
        refuses::<AllowedDevice>(&[(text, &format!("LF041 device `{text}` is not a device | {label}"))]);
    }
    assert_eq!(of("/dev/*"), Vec::<&str>::new(), "no pattern, but a name");
}

proptest! {
    /// Whatever a plan writes before or behind what is allowed, it is something else.
    #[test]
    fn nothing_that_is_longer_than_a_name_is_covered_by_it(word in "[a-z0-9]{1,8}", dot in prop::bool::ANY) {
        let joint = if dot { "." } else { "" };
        let allowed = RegistryPath::parse("registry.example/shop").unwrap();
        let behind_host = ImageReference::parse(&format!("registry.example{joint}{word}x/shop:1")).unwrap();
        let before_host = ImageReference::parse(&format!("{word}{joint}registry.example/shop:1")).unwrap();
        let behind_path = ImageReference::parse(&format!("registry.example/shop{word}/app:1")).unwrap();
        prop_assert!(![behind_host, before_host, behind_path].iter().any(|image| allowed.covers(image)));
        let below = ImageReference::parse(&format!("registry.example/shop/{word}:{word}")).unwrap();
        prop_assert!(allowed.covers(&below));
    }

    #[test]
    fn a_port_is_covered_exactly_between_its_bounds(first in 1_u16.., last in 1_u16.., port in 1_u16..) {
        let (first, last) = (first.min(last), first.max(last));
        let allowed = AllowedPorts::parse(&format!("127.0.0.1:{first}-{last}")).unwrap();
        let wanted = Port::parse(&format!("127.0.0.1:{port}:80")).unwrap();
        prop_assert_eq!(allowed.covers(wanted.address(), port, wanted.protocol()), (first..=last).contains(&port));
    }
}
