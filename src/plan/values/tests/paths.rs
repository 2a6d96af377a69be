//! Paths, devices and places to fetch from.

use pretty_assertions::assert_eq;

use super::{accepts, reads_as, refuses};
use crate::plan::values::{ArchivePath, ContainerPath, Device, HostPath, PlanPath, SshLocation, WebLocation};

#[test]
fn a_path_on_the_server_has_one_spelling() {
    accepts::<HostPath>(&["/", "/srv/shop/db", "/srv/with space", "/srv/a:b", "/srv/é"]);
    refuses::<HostPath>(&[
        (
            "srv/db",
            "LF026 path `srv/db` is not absolute | absolute paths begin with `/` | write the whole path, from `/` on",
        ),
        (
            "/srv/",
            "LF026 path `/srv/` has more than one spelling | no `.`, no `..`, no empty part, no `/` at the end | write `/srv`",
        ),
        (
            "/srv//db",
            "LF026 path `/srv//db` has more than one spelling | no `.`, no `..`, no empty part, no `/` at the end | write `/srv/db`",
        ),
        (
            "/srv/./db",
            "LF026 path `/srv/./db` has more than one spelling | no `.`, no `..`, no empty part, no `/` at the end | write `/srv/db`",
        ),
        (
            "/srv/../etc",
            "LF026 path `/srv/../etc` has more than one spelling | no `.`, no `..`, no empty part, no `/` at the end | write `/etc`",
        ),
        ("/..", "LF026 path `/..` has more than one spelling | no `.`, no `..`, no empty part, no `/` at the end"),
        ("/a,b", "LF026 path `/a,b` has a `,` | engines can't be told of such a path | rename it"),
        ("/a\"b", "LF026 path `/a\"b` has a `\"` | engines can't be told of such a path | rename it"),
        (
            "/a\nb",
            "LF026 path `/a\\nb` has a control character | line breaks, tabs and the like are not allowed in paths",
        ),
        ("", "LF026 path `` is not absolute | absolute paths begin with `/` | write the whole path, from `/` on"),
        (
            "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "LF026 path `/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…` is too long | at most 4095 bytes, and 255 between two slashes",
        ),
    ]);
}

#[test]
fn a_path_in_a_container_can_be_told_to_engines() {
    accepts::<ContainerPath>(&["/", "/var/lib/postgresql/data"]);
    refuses::<ContainerPath>(&[
        ("/a:b", "LF026 path `/a:b` has a `:` | engines can't be told of such a path | rename it"),
        (
            "data",
            "LF026 path `data` is not absolute | absolute paths begin with `/` | write the whole path, from `/` on",
        ),
        (
            "/run/",
            "LF026 path `/run/` has more than one spelling | no `.`, no `..`, no empty part, no `/` at the end | write `/run`",
        ),
        (
            "/a\u{1b}b",
            "LF026 path `/a\\u{1b}b` has a control character | line breaks, tabs and the like are not allowed in paths",
        ),
    ]);
}

#[test]
fn a_path_beside_the_plan_may_go_up() {
    accepts::<PlanPath>(&["nginx.conf", "../images/db.tar", "/srv/images/db.tar", "./x", "a,b"]);
    refuses::<PlanPath>(&[
        ("", "LF026 path `` is empty | relative to the plan file, or absolute"),
        (
            "~/x",
            "LF026 path `~/x` begins with `~` | no shell reads it, so `~` means nothing | write the path relative to the plan file, or absolute",
        ),
        ("images/", "LF026 path `images/` ends with `/` | a file or a folder is named without it | write `images`"),
        ("/", "LF026 path `/` ends with `/` | a file or a folder is named without it"),
        (
            "a\tb",
            "LF026 path `a\\tb` has a control character | line breaks, tabs and the like are not allowed in paths",
        ),
    ]);
}

#[test]
fn an_archive_may_be_in_a_folder_of_them() {
    accepts::<ArchivePath>(&["db.tar", "../images/db.tar", "images/", "/mnt/stick/", "/"]);
    let folders = ["images", "images/", "/"].map(|text| ArchivePath::parse(text).unwrap().is_folder());
    assert_eq!(folders, [false, true, true]);
    refuses::<ArchivePath>(&[
        ("", "LF026 path `` is empty | relative to the plan file, or absolute"),
        (
            "~/x/",
            "LF026 path `~/x/` begins with `~` | no shell reads it, so `~` means nothing | write the path relative to the plan file, or absolute",
        ),
        (
            "a\t/",
            "LF026 path `a\\t/` has a control character | line breaks, tabs and the like are not allowed in paths",
        ),
    ]);
}

#[test]
fn a_device_lies_in_dev() {
    accepts::<Device>(&["/dev/ttyUSB0", "/dev/sdb:/dev/disk", "/dev/sdb:/dev/disk:rw", "/dev/bus/usb"]);
    reads_as::<Device>(&[("/dev/sdb:/dev/sdb:rwm", "/dev/sdb")]);
    refuses::<Device>(&[
        (
            "/dev/sdb:rw",
            "LF041 device `/dev/sdb:rw` has permissions, but no path in the container | what stands second is a path | write `/dev/sdb:/dev/sdb:rw`",
        ),
        ("/srv/x", "LF041 device `/srv/x` is not a device | `/dev/x`, `/dev/x:/dev/y` or `/dev/x:/dev/y:rw`"),
        ("ttyUSB0", "LF041 device `ttyUSB0` is not a device | `/dev/x`, `/dev/x:/dev/y` or `/dev/x:/dev/y:rw`"),
        (
            "/dev/sdb:/dev/disk:wr",
            "LF041 device `/dev/sdb:/dev/disk:wr` has no permissions `wr` | `r`, `w` and `m` (make), each at most once, in this order",
        ),
        (
            "/dev/sdb:/dev/disk:",
            "LF041 device `/dev/sdb:/dev/disk:` has no permissions `` | `r`, `w` and `m` (make), each at most once, in this order",
        ),
        (
            "/dev/../etc/passwd",
            "LF041 device `/dev/../etc/passwd` is not a device | `/dev/x`, `/dev/x:/dev/y` or `/dev/x:/dev/y:rw`",
        ),
        (
            "/dev/sdb:/tmp/x",
            "LF041 device `/dev/sdb:/tmp/x` is not a device | `/dev/x`, `/dev/x:/dev/y` or `/dev/x:/dev/y:rw`",
        ),
        ("", "LF041 device `` is not a device | `/dev/x`, `/dev/x:/dev/y` or `/dev/x:/dev/y:rw`"),
    ]);
}

#[test]
fn a_file_by_ssh_has_a_user_a_host_and_a_plain_path() {
    accepts::<SshLocation>(&[
        "images@images.example:/srv/images/shop.tar.zst",
        "root@[2001:db8::1]:/x.tar",
        "Deploy.1@192.0.2.1:/a:b/@c",
    ]);
    refuses::<SshLocation>(&[
        (
            "images.example:/x",
            "LF035 location `images.example:/x` is not a file on a server | `user@host:/path`, IPv6 in brackets, the path absolute",
        ),
        (
            "images@images.example:x.tar",
            "LF035 location `images@images.example:x.tar` is not a file on a server | `user@host:/path`, IPv6 in brackets, the path absolute",
        ),
        (
            "images@images.example",
            "LF035 location `images@images.example` is not a file on a server | `user@host:/path`, IPv6 in brackets, the path absolute",
        ),
        (
            "@h:/x",
            "LF035 location `@h:/x` is not a file on a server | `user@host:/path`, IPv6 in brackets, the path absolute",
        ),
        (
            "-o@h:/x",
            "LF035 location `-o@h:/x` is not a file on a server | `user@host:/path`, IPv6 in brackets, the path absolute",
        ),
        (
            "u@h:22:/x",
            "LF035 location `u@h:22:/x` is not a file on a server | `user@host:/path`, IPv6 in brackets, the path absolute",
        ),
        (
            "u@h:/a b",
            "LF035 location `u@h:/a b` has a path with special characters | letters, digits and `/._+@%=:-` | rename the file there: a shell on that server may read its name",
        ),
        (
            "u@h:/$(id)",
            "LF035 location `u@h:/$(id)` has a path with special characters | letters, digits and `/._+@%=:-` | rename the file there: a shell on that server may read its name",
        ),
        (
            "u@h:/x/",
            "LF026 path `/x/` has more than one spelling | no `.`, no `..`, no empty part, no `/` at the end | write `u@h:/x`",
        ),
        (
            "u@h:/a/../b",
            "LF026 path `/a/../b` has more than one spelling | no `.`, no `..`, no empty part, no `/` at the end | write `u@h:/b`",
        ),
        (
            "u@-h:/x",
            "LF035 location `u@-h:/x` is not a file on a server | `user@host:/path`, IPv6 in brackets, the path absolute",
        ),
        ("", "LF035 location `` is not a file on a server | `user@host:/path`, IPv6 in brackets, the path absolute"),
    ]);
}

#[test]
fn a_file_on_a_web_server_is_named_with_its_scheme_and_is_no_folder() {
    accepts::<WebLocation>(&[
        "https://images.example/shop.tar.zst",
        "https://images.example:8443/a/b?x=1",
        "http://images.example/x",
    ]);
    refuses::<WebLocation>(&[
        ("https://images.example/", "LF035 URL `https://images.example/` names no file | ends with `/`"),
        ("https://images.example", "LF035 URL `https://images.example` names no file | ends with `/`"),
        (
            "https://u:p@h/x",
            "LF030 URL `https://…@h/x` has a user in it | a password here would be readable by everybody | ask for a page that needs no login",
        ),
        ("x", "LF030 URL `x` is not a web address | begins with `http://` or `https://`"),
    ]);
}

#[test]
fn a_path_contains_itself_and_what_is_below_it_but_no_namesake() {
    let path = |text| HostPath::parse(text).unwrap();
    let contained =
        ["/srv/db", "/srv/db/x", "/srv/db2", "/srv", "/"].map(|other| path("/srv/db").contains(&path(other)));
    assert_eq!(contained, [true, true, false, false, false]);
    assert_eq!(path("/").contains(&path("/srv")), true);
}

#[test]
fn a_path_beside_the_plan_is_found_from_its_folder() {
    let from = |text| PlanPath::parse(text).unwrap().from(std::path::Path::new("/plans/shop"));
    assert_eq!(from("images/db.tar"), std::path::Path::new("/plans/shop/images/db.tar"));
    assert_eq!(from("/srv/db.tar"), std::path::Path::new("/srv/db.tar"));
}

#[test]
fn a_device_and_a_place_come_apart_into_their_parts() {
    let device = Device::parse("/dev/sdb:/dev/disk:rw").unwrap();
    let parts = (device.host().as_str(), device.container().as_str(), device.permissions());
    assert_eq!(parts, ("/dev/sdb", "/dev/disk", "rw"));
    let device = Device::parse("/dev/sdb").unwrap();
    let parts = (device.host().as_str(), device.container().as_str(), device.permissions());
    assert_eq!(parts, ("/dev/sdb", "/dev/sdb", "rwm"));
    let place = SshLocation::parse("root@[::1]:/srv/x.tar").unwrap();
    assert_eq!((place.user(), place.host().to_string().as_str(), place.path().as_str()), ("root", "::1", "/srv/x.tar"));
    assert_eq!(WebLocation::parse("https://h/x.tar?v=1").unwrap().url().path(), "/x.tar?v=1");
}
