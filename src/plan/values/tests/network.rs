//! Subnets, hosts and addresses.

use pretty_assertions::assert_eq;

use super::{accepts, reads_as, refuses};
use crate::plan::values::{Address, Host, HostName, HostsEntry, Subnet, TcpTarget};

#[test]
fn a_subnet_is_a_networks_address() {
    accepts::<Subnet>(&["10.90.0.0/24", "fd00:90::/64", "172.16.0.0/12", "10.0.0.0/8", "10.0.0.0/30"]);
    refuses::<Subnet>(&[
        (
            "10.90.0.1/24",
            "LF028 subnet `10.90.0.1/24` is not a network's address | the host's part, after 24 bits, is not zero | write `10.90.0.0/24`",
        ),
        (
            "10.90.0.0",
            "LF028 subnet `10.90.0.0` is not an address and a length | a network's address, `/`, the length of its prefix | write `10.90.0.0/24`",
        ),
        (
            "fd00:90::1",
            "LF028 subnet `fd00:90::1` is not an address and a length | a network's address, `/`, the length of its prefix | write `fd00:90::/64`",
        ),
        ("127.0.0.0/8", "LF028 subnet `127.0.0.0/8` is for loopback | choose a private range, such as `10.90.0.0/24`"),
        (
            "169.254.0.0/16",
            "LF028 subnet `169.254.0.0/16` is for link-local addresses | choose a private range, such as `10.90.0.0/24`",
        ),
        ("224.0.0.0/8", "LF028 subnet `224.0.0.0/8` is for multicast | choose a private range, such as `10.90.0.0/24`"),
        ("240.0.0.0/8", "LF028 subnet `240.0.0.0/8` is reserved | choose a private range, such as `10.90.0.0/24`"),
        ("0.0.0.0/8", "LF028 subnet `0.0.0.0/8` is reserved | choose a private range, such as `10.90.0.0/24`"),
        (
            "fe80::/64",
            "LF028 subnet `fe80::/64` is for link-local addresses | choose a private range, such as `10.90.0.0/24`",
        ),
        ("ff02::/64", "LF028 subnet `ff02::/64` is for multicast | choose a private range, such as `10.90.0.0/24`"),
        ("::/64", "LF028 subnet `::/64` is reserved | choose a private range, such as `10.90.0.0/24`"),
        ("10.0.0.0/7", "LF028 subnet `10.0.0.0/7` has no usable length | /8 to /30"),
        ("8.0.0.0/7", "LF028 subnet `8.0.0.0/7` has no usable length | /8 to /30"),
        ("10.0.0.0/31", "LF028 subnet `10.0.0.0/31` has no usable length | /8 to /30"),
        ("fd00::/32", "LF028 subnet `fd00::/32` has no usable length | /48 to /126"),
        ("fd00::/127", "LF028 subnet `fd00::/127` has no usable length | /48 to /126"),
        (
            "10.90.0/24",
            "LF028 subnet `10.90.0/24` is not an address and a length | a network's address, `/`, the length of its prefix",
        ),
        ("10.90.0.0/33", "LF028 subnet `10.90.0.0/33` has no usable length | /8 to /30"),
        ("x", "LF028 subnet `x` is not an address and a length | a network's address, `/`, the length of its prefix"),
    ]);
}

#[test]
fn an_address_is_ipv4_or_ipv6() {
    accepts::<Address>(&["192.0.2.53", "::1"]);
    reads_as::<Address>(&[("2001:DB8::53", "2001:db8::53")]);
    refuses::<Address>(&[
        (
            "192.0.2",
            "LF029 address `192.0.2` is not an IP address | IPv4 such as `192.0.2.1`, or IPv6 such as `2001:db8::1`",
        ),
        (
            "[::1]",
            "LF029 address `[::1]` is not an IP address | IPv4 such as `192.0.2.1`, or IPv6 such as `2001:db8::1`",
        ),
        (
            "dns.example",
            "LF029 address `dns.example` is not an IP address | IPv4 such as `192.0.2.1`, or IPv6 such as `2001:db8::1`",
        ),
        (
            "192.0.2.053",
            "LF029 address `192.0.2.053` is not an IP address | IPv4 such as `192.0.2.1`, or IPv6 such as `2001:db8::1`",
        ),
        ("", "LF029 address `` is not an IP address | IPv4 such as `192.0.2.1`, or IPv6 such as `2001:db8::1`"),
    ]);
}

#[test]
fn a_host_name_fits_the_kernel() {
    accepts::<HostName>(&[
        "vsn7",
        "1st.example",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "123",
    ]);
    reads_as::<HostName>(&[("Shop.Example", "shop.example")]);
    refuses::<HostName>(&[
        (
            "my_host",
            "LF029 host name `my_host` is not a host name | letters, digits, `-` and `.`, at most 64 of them | write `my-host`",
        ),
        ("-a", "LF029 host name `-a` is not a host name | letters, digits, `-` and `.`, at most 64 of them"),
        ("a-", "LF029 host name `a-` is not a host name | letters, digits, `-` and `.`, at most 64 of them"),
        ("a..b", "LF029 host name `a..b` is not a host name | letters, digits, `-` and `.`, at most 64 of them"),
        ("a.", "LF029 host name `a.` is not a host name | letters, digits, `-` and `.`, at most 64 of them"),
        (
            "192.0.2.1",
            "LF029 host name `192.0.2.1` is not a host name | letters, digits, `-` and `.`, at most 64 of them",
        ),
        (
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.abcd",
            "LF029 host name `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.abcd` is not a host name | letters, digits, `-` and `.`, at most 64 of them",
        ),
        ("", "LF029 host name `` is not a host name | letters, digits, `-` and `.`, at most 64 of them"),
        (
            "a b",
            "LF029 host name `a b` is not a host name | letters, digits, `-` and `.`, at most 64 of them | write `a-b`",
        ),
    ]);
}

#[test]
fn a_host_is_a_name_or_an_address() {
    accepts::<Host>(&["mail.example", "192.0.2.25", "2001:db8::25"]);
    reads_as::<Host>(&[("DB", "db")]);
    refuses::<Host>(&[
        (
            "[::1]",
            "LF029 host `[::1]` is neither a name nor an address | a name of letters, digits, `-` and `.`, or an IP address",
        ),
        (
            "192.0.2",
            "LF029 host `192.0.2` is neither a name nor an address | a name of letters, digits, `-` and `.`, or an IP address",
        ),
        (
            "mail.example:25",
            "LF029 host `mail.example:25` is neither a name nor an address | a name of letters, digits, `-` and `.`, or an IP address",
        ),
        (
            "a_b",
            "LF029 host `a_b` is neither a name nor an address | a name of letters, digits, `-` and `.`, or an IP address",
        ),
        (
            "",
            "LF029 host `` is neither a name nor an address | a name of letters, digits, `-` and `.`, or an IP address",
        ),
    ]);
}

#[test]
fn a_tcp_target_is_a_host_and_a_port() {
    accepts::<TcpTarget>(&["db:5432", "[::1]:8080", "192.0.2.1:80"]);
    reads_as::<TcpTarget>(&[("DB.example:1", "db.example:1")]);
    refuses::<TcpTarget>(&[
        ("db", "LF029 TCP target `db` is not a host and a port | `host:port`, IPv6 in brackets, ports from 1 to 65535"),
        (
            "db:",
            "LF029 TCP target `db:` is not a host and a port | `host:port`, IPv6 in brackets, ports from 1 to 65535",
        ),
        (
            "db:0",
            "LF029 TCP target `db:0` is not a host and a port | `host:port`, IPv6 in brackets, ports from 1 to 65535",
        ),
        (
            "db:65536",
            "LF029 TCP target `db:65536` is not a host and a port | `host:port`, IPv6 in brackets, ports from 1 to 65535",
        ),
        (
            "::1:80",
            "LF029 TCP target `::1:80` is not a host and a port | `host:port`, IPv6 in brackets, ports from 1 to 65535",
        ),
        (
            "[db]:80",
            "LF029 TCP target `[db]:80` is not a host and a port | `host:port`, IPv6 in brackets, ports from 1 to 65535",
        ),
        (
            "a_b:80",
            "LF029 TCP target `a_b:80` is not a host and a port | `host:port`, IPv6 in brackets, ports from 1 to 65535",
        ),
        (
            ":80",
            "LF029 TCP target `:80` is not a host and a port | `host:port`, IPv6 in brackets, ports from 1 to 65535",
        ),
        (
            "http://db:80",
            "LF029 TCP target `http://db:80` is not a host and a port | `host:port`, IPv6 in brackets, ports from 1 to 65535",
        ),
    ]);
}

#[test]
fn a_hosts_entry_is_a_name_and_an_address() {
    accepts::<HostsEntry>(&["printer.example:192.0.2.9", "six:2001:db8::9", "vsn:host-gateway"]);
    reads_as::<HostsEntry>(&[("six:[2001:db8::9]", "six:2001:db8::9")]);
    refuses::<HostsEntry>(&[
        (
            "printer",
            "LF029 hosts entry `printer` is not a name and an address | `name:address`, or `name:host-gateway` for the VSN itself",
        ),
        (
            "printer:",
            "LF029 hosts entry `printer:` is not a name and an address | `name:address`, or `name:host-gateway` for the VSN itself",
        ),
        (
            "printer:elsewhere",
            "LF029 hosts entry `printer:elsewhere` is not a name and an address | `name:address`, or `name:host-gateway` for the VSN itself",
        ),
        (
            ":192.0.2.9",
            "LF029 hosts entry `:192.0.2.9` is not a name and an address | `name:address`, or `name:host-gateway` for the VSN itself",
        ),
        (
            "a_b:192.0.2.9",
            "LF029 hosts entry `a_b:192.0.2.9` is not a name and an address | `name:address`, or `name:host-gateway` for the VSN itself",
        ),
        (
            "192.0.2.9:printer",
            "LF029 hosts entry `192.0.2.9:printer` is not a name and an address | `name:address`, or `name:host-gateway` for the VSN itself",
        ),
    ]);
}

#[test]
fn subnets_overlap_where_one_holds_the_other() {
    let overlap = |one, other| Subnet::parse(one).unwrap().overlaps(Subnet::parse(other).unwrap());
    assert_eq!(overlap("10.90.0.0/16", "10.90.7.0/24"), true);
    assert_eq!(overlap("10.90.7.0/24", "10.90.0.0/16"), true);
    assert_eq!(overlap("10.90.0.0/24", "10.90.1.0/24"), false);
    assert_eq!(overlap("10.90.0.0/24", "fd00:90::/64"), false);
}

#[test]
fn a_target_and_a_hosts_entry_come_apart_into_their_parts() {
    let target = TcpTarget::parse("db:5432").unwrap();
    assert_eq!((target.host(), target.port()), (&Host::Name("db".to_owned()), 5432));
    let entry = HostsEntry::parse("printer:192.0.2.9").unwrap();
    assert_eq!((entry.name().as_str(), entry.address()), ("printer", Some("192.0.2.9".parse().unwrap())));
    assert_eq!(HostsEntry::parse("vsn:host-gateway").unwrap().address(), None);
}
