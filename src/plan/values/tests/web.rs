//! Web and mail addresses.

use pretty_assertions::assert_eq;

use super::{accepts, reads_as, refuses};
use crate::plan::values::{Email, Host, HttpUrl};

#[test]
fn a_url_has_no_user_and_no_fragment() {
    accepts::<HttpUrl>(&["http://localhost:8080/healthz", "http://[::1]:80/a?b=c&d=%20", "http://web/%C3%A9"]);
    reads_as::<HttpUrl>(&[("https://web", "https://web/"), ("http://web?x=1", "http://web/?x=1")]);
    refuses::<HttpUrl>(&[
        ("HTTP://x/", "LF030 URL `HTTP://x/` is not a web address | begins with `http://` or `https://`"),
        ("ftp://web/", "LF030 URL `ftp://web/` is not a web address | begins with `http://` or `https://`"),
        (
            "web/healthz",
            "LF030 URL `web/healthz` is not a web address | begins with `http://` or `https://` | write `http://web/healthz`",
        ),
        ("http://", "LF030 URL `http://` has no host `` | `host` or `host:port`, IPv6 in brackets"),
        ("http:///x", "LF030 URL `http:///x` has no host `` | `host` or `host:port`, IPv6 in brackets"),
        (
            "http://user:secret@web/",
            "LF030 URL `http://…@web/` has a user in it | a password here would be readable by everybody | ask for a page that needs no login",
        ),
        ("http://web/#top", "LF030 URL `http://web/#top` has a fragment | what follows `#` is never sent to a server"),
        (
            "http://web/a b",
            "LF030 URL `http://web/a b` has characters that a URL can't have | write them percent-encoded: a space is `%20`",
        ),
        (
            "http://web/%2",
            "LF030 URL `http://web/%2` has characters that a URL can't have | write them percent-encoded: a space is `%20`",
        ),
        (
            "http://web/%zz",
            "LF030 URL `http://web/%zz` has characters that a URL can't have | write them percent-encoded: a space is `%20`",
        ),
        ("http://web:0/", "LF030 URL `http://web:0/` has no host `web:0` | `host` or `host:port`, IPv6 in brackets"),
        (
            "http://web:99999/",
            "LF030 URL `http://web:99999/` has no host `web:99999` | `host` or `host:port`, IPv6 in brackets",
        ),
        ("http://we_b/", "LF030 URL `http://we_b/` has no host `we_b` | `host` or `host:port`, IPv6 in brackets"),
        (
            "http://web/é",
            "LF030 URL `http://web/é` has characters that a URL can't have | write them percent-encoded: a space is `%20`",
        ),
        ("", "LF030 URL `` is not a web address | begins with `http://` or `https://`"),
    ]);
}

#[test]
fn a_mail_address_needs_no_quoting() {
    accepts::<Email>(&["ops@example.org", "root@localhost", "first.last+tag=1@Example.org", "_a-b@x"]);
    refuses::<Email>(&[
        (
            "root",
            "LF031 mail address `root` is not a mail address | a user, `@` and a host name | write `root@localhost`",
        ),
        (
            "ops@",
            "LF031 mail address `ops@` is not a mail address | a user of letters, digits and `._+=-`, `@` and a host name",
        ),
        (
            "@example.org",
            "LF031 mail address `@example.org` is not a mail address | a user of letters, digits and `._+=-`, `@` and a host name",
        ),
        (
            "a@b@c",
            "LF031 mail address `a@b@c` is not a mail address | a user of letters, digits and `._+=-`, `@` and a host name",
        ),
        (
            "-a@example.org",
            "LF031 mail address `-a@example.org` is not a mail address | a user of letters, digits and `._+=-`, `@` and a host name",
        ),
        (
            ".a@example.org",
            "LF031 mail address `.a@example.org` is not a mail address | a user of letters, digits and `._+=-`, `@` and a host name",
        ),
        (
            "a.@example.org",
            "LF031 mail address `a.@example.org` is not a mail address | a user of letters, digits and `._+=-`, `@` and a host name",
        ),
        (
            "a..b@example.org",
            "LF031 mail address `a..b@example.org` is not a mail address | a user of letters, digits and `._+=-`, `@` and a host name",
        ),
        (
            "a b@example.org",
            "LF031 mail address `a b@example.org` is not a mail address | a user of letters, digits and `._+=-`, `@` and a host name",
        ),
        (
            "<a@example.org>",
            "LF031 mail address `<a@example.org>` is not a mail address | a user of letters, digits and `._+=-`, `@` and a host name | write `a@example.org`",
        ),
        (
            "a@example.org\nBcc: x@y",
            "LF031 mail address `a@example.org\\nBcc: x@y` is not a mail address | a user of letters, digits and `._+=-`, `@` and a host name",
        ),
        (
            "a@192.0.2.1",
            "LF031 mail address `a@192.0.2.1` is not a mail address | a user of letters, digits and `._+=-`, `@` and a host name",
        ),
        (
            "o'brien@example.org",
            "LF031 mail address `o'brien@example.org` is not a mail address | a user of letters, digits and `._+=-`, `@` and a host name",
        ),
        ("", "LF031 mail address `` is not a mail address | a user, `@` and a host name"),
    ]);
}

#[test]
fn a_url_comes_apart_into_its_parts() {
    let parts = |text| {
        let url = HttpUrl::parse(text).unwrap();
        (url.scheme().text(), url.host().to_string(), url.port(), url.path().to_owned())
    };
    assert_eq!(parts("http://web"), ("http", "web".to_owned(), 80, "/".to_owned()));
    assert_eq!(parts("https://[::1]/a?b"), ("https", "::1".to_owned(), 443, "/a?b".to_owned()));
    assert_eq!(parts("http://web:8080?b"), ("http", "web".to_owned(), 8080, "/?b".to_owned()));
    let moved = HttpUrl::parse("http://web:8080/x").unwrap().at(Host::parse("10.90.0.3").unwrap());
    assert_eq!(moved.to_string(), "http://10.90.0.3:8080/x");
}

#[test]
fn a_password_in_a_url_is_not_repeated() {
    for text in ["http://u:pass@web/", "http://u:p@ss@web/", "http://u:p/ss@web/", "http://u:p#ss@web/"] {
        assert_eq!(HttpUrl::parse(text).unwrap_err().message, "URL `http://…@web/` has a user in it");
    }
}
