//! Image references, registries and hashes.

use pretty_assertions::assert_eq;

use super::{accepts, reads_as, refuses};
use crate::plan::values::{Digest, ImageId, ImageReference, RegistryName, Sha256};

#[test]
fn a_short_image_name_is_looked_for_in_no_registry() {
    refuses::<ImageReference>(&[
        (
            "nginx",
            "LF033 image `nginx` does not say which registry | engines look for short names in different places | write `docker.io/library/nginx`, or the registry that you mean",
        ),
        (
            "nginx:1.27",
            "LF033 image `nginx:1.27` does not say which registry | engines look for short names in different places | write `docker.io/library/nginx:1.27`, or the registry that you mean",
        ),
        (
            "shop/app:1",
            "LF033 image `shop/app:1` does not say which registry | engines look for short names in different places | write `docker.io/shop/app:1`, or the registry that you mean",
        ),
        (
            "nginx@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "LF033 image `nginx@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08` does not say which registry | engines look for short names in different places | write `docker.io/library/nginx@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08`, or the registry that you mean",
        ),
    ]);
}

#[test]
fn an_image_reference_is_registry_repository_tag_and_digest() {
    accepts::<ImageReference>(&[
        "docker.io/library/postgres:16",
        "registry.example:5000/shop/app:3.43.1",
        "localhost/app",
        "localhost:5000/app@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "[::1]:5000/app",
        "docker.io/library/nginx:1@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ]);
    reads_as::<ImageReference>(&[("Quay.IO/a/b_c__d-e--f.g:T_1", "quay.io/a/b_c__d-e--f.g:T_1")]);
    refuses::<ImageReference>(&[
        ("docker.io/a:", "LF032 image `docker.io/a:` has no tag `` | up to 128 letters, digits, `_`, `.` and `-`"),
        (
            "docker.io/a:-x",
            "LF032 image `docker.io/a:-x` has no tag `-x` | up to 128 letters, digits, `_`, `.` and `-`",
        ),
        (
            "docker.io/a@sha256:12",
            "LF034 digest `sha256:12` is not a digest | `sha256:` and 64 lower-case hex digits, not 2",
        ),
        ("docker.io/a@md5:12", "LF034 digest `md5:12` is not a digest | `sha256:` and 64 lower-case hex digits"),
        (
            "https://docker.io/a",
            "LF032 image `https://docker.io/a` begins with a scheme | a reference begins with the registry's host | write `docker.io/a`",
        ),
        ("My/App", "LF032 image `My/App` is not an image reference | `registry/repository[:tag][@sha256:digest]`"),
        ("", "LF032 image `` is not an image reference | `registry/repository[:tag][@sha256:digest]`"),
        (
            ":5000/app",
            "LF032 image `:5000/app` is not an image reference | `registry/repository[:tag][@sha256:digest]`",
        ),
        (
            "docker.io:0/a",
            "LF032 image `docker.io:0/a` is not an image reference | `registry/repository[:tag][@sha256:digest]`",
        ),
        (
            "docker.io/a:b:c",
            "LF032 image `docker.io/a:b:c` has no tag `b:c` | up to 128 letters, digits, `_`, `.` and `-`",
        ),
    ]);
}

#[test]
fn a_repository_is_lower_case_words_with_separators_between() {
    refuses::<ImageReference>(&[
        (
            "docker.io/Library/Nginx",
            "LF032 image `docker.io/Library/Nginx` has no repository `Library/Nginx` | lower-case letters and digits, joined by `.`, `_`, `__`, `-` and `/` | write `docker.io/library/nginx`",
        ),
        (
            "docker.io/a//b",
            "LF032 image `docker.io/a//b` has no repository `a//b` | lower-case letters and digits, joined by `.`, `_`, `__`, `-` and `/`",
        ),
        (
            "docker.io/",
            "LF032 image `docker.io/` has no repository `` | lower-case letters and digits, joined by `.`, `_`, `__`, `-` and `/`",
        ),
        (
            "docker.io/a_-b",
            "LF032 image `docker.io/a_-b` has no repository `a_-b` | lower-case letters and digits, joined by `.`, `_`, `__`, `-` and `/`",
        ),
        (
            "docker.io/a___b",
            "LF032 image `docker.io/a___b` has no repository `a___b` | lower-case letters and digits, joined by `.`, `_`, `__`, `-` and `/`",
        ),
        (
            "docker.io/-a",
            "LF032 image `docker.io/-a` has no repository `-a` | lower-case letters and digits, joined by `.`, `_`, `__`, `-` and `/`",
        ),
        (
            "docker.io/a b",
            "LF032 image `docker.io/a b` has no repository `a b` | lower-case letters and digits, joined by `.`, `_`, `__`, `-` and `/`",
        ),
    ]);
}

#[test]
fn a_registry_is_recognisable_as_one() {
    accepts::<RegistryName>(&[
        "docker.io",
        "registry.example:5000",
        "localhost",
        "[::1]:5000",
        "192.0.2.1",
        "registry:5000",
    ]);
    refuses::<RegistryName>(&[
        ("registry", "LF032 registry `registry` is not a registry | a host with a dot, `localhost`, or `host:port`"),
        (
            "https://registry.example/v2",
            "LF032 registry `https://registry.example/v2` is not a registry | a host with a dot, `localhost`, or `host:port` | write `registry.example`",
        ),
        (
            "registry.example/shop",
            "LF032 registry `registry.example/shop` is not a registry | a host with a dot, `localhost`, or `host:port` | write `registry.example`",
        ),
        (
            "registry.example:0",
            "LF032 registry `registry.example:0` is not a registry | a host with a dot, `localhost`, or `host:port`",
        ),
        ("", "LF032 registry `` is not a registry | a host with a dot, `localhost`, or `host:port`"),
        (".", "LF032 registry `.` is not a registry | a host with a dot, `localhost`, or `host:port`"),
    ]);
}

#[test]
fn a_digest_names_its_function() {
    accepts::<Digest>(&["sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]);
    refuses::<Digest>(&[
        (
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "LF034 digest `9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08` is not a digest | `sha256:` and 64 lower-case hex digits | write `sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08`",
        ),
        (
            "sha256:9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08",
            "LF034 digest `sha256:9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08` is not a digest | `sha256:` and 64 lower-case hex digits | write `sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08`",
        ),
        ("sha256:12ab", "LF034 digest `sha256:12ab` is not a digest | `sha256:` and 64 lower-case hex digits, not 4"),
        (
            "sha512:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "LF034 digest `sha512:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08` is not a digest | `sha256:` and 64 lower-case hex digits",
        ),
        ("", "LF034 digest `` is not a digest | `sha256:` and 64 lower-case hex digits"),
    ]);
}

#[test]
fn a_sha256_is_what_sha256sum_prints() {
    accepts::<Sha256>(&["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]);
    refuses::<Sha256>(&[
        (
            "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "LF034 SHA-256 `sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08` is not a hash | 64 lower-case hex digits | write `9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08`",
        ),
        (
            "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08",
            "LF034 SHA-256 `9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08` is not a hash | 64 lower-case hex digits | write `9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08`",
        ),
        (
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a0",
            "LF034 SHA-256 `9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a0` is not a hash | 64 lower-case hex digits, not 63 | `sha256sum FILE` prints it",
        ),
        (
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "LF034 SHA-256 `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx` is not a hash | 64 lower-case hex digits | `sha256sum FILE` prints it",
        ),
        ("", "LF034 SHA-256 `` is not a hash | 64 lower-case hex digits | `sha256sum FILE` prints it"),
    ]);
}

#[test]
fn an_image_id_is_whole() {
    accepts::<ImageId>(&["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]);
    reads_as::<ImageId>(&[(
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    )]);
    refuses::<ImageId>(&[
        ("9f86d081884c", "LF034 image ID `9f86d081884c` is not a whole image ID | 64 lower-case hex digits, not 12"),
        (
            "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08",
            "LF034 image ID `9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08` is not a whole image ID | 64 lower-case hex digits | write `9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08`",
        ),
        (
            "sha512:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "LF034 image ID `sha512:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08` is not a whole image ID | 64 lower-case hex digits",
        ),
        ("", "LF034 image ID `` is not a whole image ID | 64 lower-case hex digits"),
    ]);
}

#[test]
fn an_image_reference_comes_apart_into_its_parts() {
    let digest = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    let image = ImageReference::parse(&format!("registry.example:5000/shop/app:3@{digest}")).unwrap();
    assert_eq!(image.registry(), &RegistryName::parse("registry.example:5000").unwrap());
    assert_eq!((image.repository(), image.tag()), ("shop/app", Some("3")));
    assert_eq!(image.digest(), Some(&Digest::parse(digest).unwrap()));
    let image = ImageReference::parse("localhost/app").unwrap();
    assert_eq!((image.registry().to_string().as_str(), image.tag(), image.digest()), ("localhost", None, None));
}

#[test]
fn an_image_id_is_the_same_with_and_without_prefix() {
    let hex = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    let id = ImageId::parse(&format!("sha256:{hex}")).unwrap();
    assert_eq!(id, ImageId::parse(hex).unwrap());
    assert_eq!((id.hex(), id.short()), (hex, "9f86d081884c"));
    assert_eq!(Digest::parse(&format!("sha256:{hex}")).unwrap().hex(), hex);
}
