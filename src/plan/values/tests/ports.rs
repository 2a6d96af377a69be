//! Published ports.

use pretty_assertions::assert_eq;

use super::{accepts, reads_as, refuses};
use crate::plan::values::{Port, Protocol};

#[test]
fn a_port_says_where_it_leads() {
    accepts::<Port>(&[
        "8080:80",
        "127.0.0.1:5432:5432",
        "[::1]:53:53/udp",
        "8000-8009:9000-9009",
        "0.0.0.0:80:80",
        "65535:1",
    ]);
    reads_as::<Port>(&[("80:80/tcp", "80:80"), ("[2001:DB8::1]:443:443", "[2001:db8::1]:443:443"), ("5-5:6-6", "5:6")]);
    refuses::<Port>(&[
        (
            "80",
            "LF027 port `80` does not say where it leads | the VSN's port, a colon, the container's port | write `80:80`",
        ),
        (
            "8080",
            "LF027 port `8080` does not say where it leads | the VSN's port, a colon, the container's port | write `8080:8080`",
        ),
        ("80:80:80", "LF027 port `80:80:80` has no address `80` | an IPv4 address, or an IPv6 address in brackets"),
        ("0:80", "LF027 port `0:80` has the wrong port `0` | ports are 1 to 65535, ranges ascend: `8000-8009`"),
        (
            "65536:80",
            "LF027 port `65536:80` has the wrong port `65536` | ports are 1 to 65535, ranges ascend: `8000-8009`",
        ),
        ("80:080", "LF027 port `80:080` has the wrong port `080` | ports are 1 to 65535, ranges ascend: `8000-8009`"),
        (
            "8000-8009:9000-9008",
            "LF027 port `8000-8009:9000-9008` has ranges of different lengths | 10 on the VSN, 9 in the container",
        ),
        (
            "8009-8000:9009-9000",
            "LF027 port `8009-8000:9009-9000` has the wrong port `8009-8000` | ports are 1 to 65535, ranges ascend: `8000-8009`",
        ),
        ("::1:80:80", "LF027 port `::1:80:80` has an IPv6 address without brackets | write `[::1]:80:80`"),
        (
            "localhost:80:80",
            "LF027 port `localhost:80:80` has no address `localhost` | an IPv4 address, or an IPv6 address in brackets | write `127.0.0.1:80:80`",
        ),
        (
            "[127.0.0.1]:80:80",
            "LF027 port `[127.0.0.1]:80:80` has no address `[127.0.0.1]` | an IPv4 address, or an IPv6 address in brackets",
        ),
        ("80:80/sctp", "LF027 port `80:80/sctp` has the unknown protocol `sctp` | protocols are tcp and udp"),
        ("80:80/UDP", "LF027 port `80:80/UDP` has the unknown protocol `UDP` | protocols are tcp and udp"),
        ("80:", "LF027 port `80:` has the wrong port `` | ports are 1 to 65535, ranges ascend: `8000-8009`"),
        (
            "http:80",
            "LF027 port `http:80` has the wrong port `http` | ports are 1 to 65535, ranges ascend: `8000-8009`",
        ),
        ("", "LF027 port `` does not say where it leads | the VSN's port, a colon, the container's port"),
        (
            "80/udp",
            "LF027 port `80/udp` does not say where it leads | the VSN's port, a colon, the container's port | write `80:80/udp`",
        ),
        ("[::1]80:80", "LF027 port `[::1]80:80` has no address `[:` | an IPv4 address, or an IPv6 address in brackets"),
        (
            "8000-8001",
            "LF027 port `8000-8001` does not say where it leads | the VSN's port, a colon, the container's port | write `8000-8001:8000-8001`",
        ),
    ]);
}

#[test]
fn a_port_comes_apart_into_its_parts() {
    let port = Port::parse("[::1]:8000-8002:9000-9002/udp").unwrap();
    assert_eq!(port.address(), Some("::1".parse().unwrap()));
    assert_eq!((port.host().first(), port.host().last(), port.container().first()), (8000, 8002, 9000));
    assert_eq!(port.protocol(), Protocol::Udp);
    assert_eq!(port.pairs().collect::<Vec<_>>(), [(8000, 9000), (8001, 9001), (8002, 9002)]);
    assert_eq!(Port::parse("65535:65535").unwrap().pairs().collect::<Vec<_>>(), [(65535, 65535)]);
}

#[test]
fn ports_conflict_on_the_same_address_and_protocol() {
    let table = [
        ("80:80", "80:8080", true),
        ("80:80", "81:80", false),
        ("80:80", "80:80/udp", false),
        ("8000-8009:8000-8009", "8009:1", true),
        ("8000-8009:8000-8009", "8010:1", false),
        ("127.0.0.1:80:80", "80:80", true),
        ("127.0.0.1:80:80", "0.0.0.0:80:80", true),
        ("127.0.0.1:80:80", "127.0.0.2:80:80", false),
        ("127.0.0.1:80:80", "127.0.0.1:80:80", true),
        ("[::1]:80:80", "80:80", true),
        ("[::1]:80:80", "[::]:80:80", true),
        ("[::1]:80:80", "0.0.0.0:80:80", false),
        ("[::]:80:80", "0.0.0.0:80:80", false),
    ];
    for (one, other, expected) in table {
        let (first, second) = (Port::parse(one).unwrap(), Port::parse(other).unwrap());
        let both_ways = (first.conflicts_with(second), second.conflicts_with(first));
        assert_eq!((one, other, both_ways), (one, other, (expected, expected)));
    }
}
