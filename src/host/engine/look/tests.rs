//! Against outputs that were recorded from Podman 4.3.1.

use super::super::driver::Podman;
use super::elements::read;
use super::engine::Info;
use super::listings;
use crate::facts::{
    ContainerFact, Engine, EngineKind, EngineLook, HeldPort, ImageFact, NetworkFact, Protocol, SecretFact,
};
use crate::host::command::Pieces;
use crate::run::Failure;
use pretty_assertions::assert_eq;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A program that answers as the real one did.
fn recorded() -> Podman {
    Podman::at(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/host/engine/recorded/podman"))
}

const IMAGE: &str = "83a25c16b489aef0cd010cb39ee7a000106ef796aacee63920228eb36c1b12fd";

fn ours(service: &str, id: &str) -> ContainerFact {
    let labels = [
        (ContainerFact::PLAN, "shop"),
        (ContainerFact::SERVICE, service),
        (ContainerFact::CONFIG, "c0ffee"),
        (ContainerFact::RUN, "20261121t101112"),
    ];
    ContainerFact {
        image_id: IMAGE.to_owned(),
        labels: labels.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        networks: vec!["shop".to_owned()],
        ..ContainerFact::running(&format!("shop-{service}"), id)
    }
}

fn held(address: Option<&str>, port: u16, protocol: Protocol) -> HeldPort {
    let address = address.map(|address| address.parse().unwrap());
    HeldPort { address, port, protocol, holder: "shop-web".to_owned() }
}

fn web() -> ContainerFact {
    ContainerFact {
        ports: vec![
            held(Some("::1"), 5353, Protocol::Udp),
            held(Some("127.0.0.1"), 8080, Protocol::Tcp),
            held(Some("127.0.0.1"), 8081, Protocol::Tcp),
            held(None, 9000, Protocol::Tcp),
        ],
        address: Some("10.90.0.5".parse().unwrap()),
        ..ours("web", "68b593e2a1cc39f7d3239c56139712287d9d50450b75ec4ca6e8abc0c8668b7b")
    }
}

fn containers() -> Vec<ContainerFact> {
    let stranger = |name: &str, id: &str| ContainerFact {
        name: name.to_owned(),
        labels: BTreeMap::new(),
        networks: Vec::new(),
        running: false,
        ..ours("", id)
    };
    vec![
        web(),
        ContainerFact {
            restarts: 9,
            address: Some("10.90.0.6".parse().unwrap()),
            ..ours("crash", "ebf5a5fbfcd0057b9a65386be193e14189c73580b50bfb398ae8d6d833307927")
        },
        ContainerFact {
            running: false,
            exit_code: Some(3),
            ..ours("job", "af9ee389c51d5da6b8f901e40db9598da69f0e22b301b9240d8a07f430048dd0")
        },
        stranger("other", "157ab8aa14f2d353e2a164816c486c37a893bd287112f50a117dbf00d426f1a0"),
        ContainerFact { storage_only: true, ..stranger("shop-db", STORAGE_ONLY) },
    ]
}

const STORAGE_ONLY: &str = "69cddd4b1b127f9ea13ff3a1af151e226b4b4a3945f54586d13bcbb7aa3ea8f2";

#[test]
fn a_look_sees_everything_that_podman_lists() {
    let network = |name: &str, labels: &[(&str, &str)], subnets: &[&str]| NetworkFact {
        name: name.to_owned(),
        labels: labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        subnets: subnets.iter().map(|subnet| subnet.parse().unwrap()).collect(),
    };
    let image = |id: &str, tags: &[&str]| ImageFact {
        id: id.to_owned(),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
    };
    let secret = |number: u8| SecretFact { name: format!("landfall.shop.20261121t101112.{number}") };
    assert_eq!(
        recorded().look(),
        Ok(EngineLook {
            containers: containers(),
            images: vec![
                image("4b0b3f88af4a9de48733e704bf9692c5545469a6c90753425ec5bcec39b13754", &[]),
                image(IMAGE, &["localhost/landfall/shop/job:83a25c16b489", "localhost/landfall/shop/web:83a25c16b489"]),
            ],
            networks: vec![
                network("podman", &[], &["10.88.0.0/16"]),
                network("shop", &[(ContainerFact::PLAN, "shop")], &["10.90.0.0/24", "fd00:90::/64"]),
            ],
            secrets: vec![secret(0), secret(1)],
        })
    );
}

#[test]
fn containers_that_do_not_exist_are_left_out() {
    let names = ["shop-web".to_owned(), "gone".to_owned()];
    let whole = &containers()[..4];
    assert_eq!(recorded().containers_named(&names).as_deref(), Ok(whole));
    assert_eq!(recorded().containers_named(&[]), Ok(Vec::new()));
}

#[test]
fn a_look_that_fails_says_what_podman_said() {
    assert_eq!(
        recorded().containers_named(&["broken".to_owned()]),
        Err(Failure::new("`podman container inspect` failed: database is locked"))
    );
}

/// What listings of Podman 4.3.1 said while images and containers came and went beside them.
const MEANWHILE: [&str; 6] = [
    "Error: retrieving label for image \"5d5ec9a7c3ac\": you may need to remove the image to resolve the error: fallback \
     error checking whether image is a manifest list: reading image \"5d5ec9a7c3ac\": locating image with ID \
     \"5d5ec9a7c3ac\": image not known: reading image \"5d5ec9a7c3ac\": locating image with ID \"5d5ec9a7c3ac\": image not \
     known",
    "Error: retrieving label for image \"5d5ec9a7c3ac\": you may need to remove the image to resolve the error: fallback \
     error checking whether image is a manifest list: layer not known: layer not known",
    "Error: retrieving parent of image \"5d5ec9a7c3ac\": you may need to remove the image to resolve the error: reading \
     image \"5d5ec9a7c3ac\": locating image with ID \"5d5ec9a7c3ac\": image not known",
    "Error: retrieving parent of image \"5d5ec9a7c3ac\": you may need to remove the image to resolve the error: layer not \
     known",
    "Error: checking if image \"5d5ec9a7c3ac\" is dangling: locating item named \"manifest\" for image with ID \
     \"5d5ec9a7c3ac\" (consider removing the image to resolve the issue): file does not exist",
    "Error: determining buildah container for container 5d5ec9a7c3ac: container not known",
];

/// Podman 4.3.1 said so while another call removed an image.
const VANISHED: &str = "Error: retrieving size of image \"83a25c16b489\": you may need to remove the image to resolve the \
                        error: locating image with ID \"83a25c16b489\": image not known";

/// A Podman whose listings fail with this error so many times, then find nothing.
fn failing(folder: &Path, times: u32, error: &str) -> Podman {
    let program = folder.join("podman");
    std::fs::write(folder.join("times"), times.to_string()).unwrap();
    std::fs::write(folder.join("error"), error).unwrap();
    // A link, since a program that was just written can be busy.
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/host/engine/recorded/failing");
    std::os::unix::fs::symlink(recorded, &program).unwrap();
    Podman::at(&program)
}

#[test]
fn a_listing_over_which_something_vanished_is_run_again() {
    for times in [1, 19] {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(failing(folder.path(), times, VANISHED).images(), Ok(Vec::new()), "{times}");
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(failing(folder.path(), times, VANISHED).secrets(), Ok(Vec::new()), "{times}");
    }
}

#[test]
fn a_listing_is_run_again_whatever_came_or_went_while_it_read() {
    for error in MEANWHILE {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(failing(folder.path(), 2, error).images(), Ok(Vec::new()), "{error}");
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(failing(folder.path(), 2, error).containers(), Ok(Vec::new()), "{error}");
    }
}

#[test]
fn a_listing_that_goes_on_failing_fails() {
    let folder = tempfile::tempdir().unwrap();
    let gist = VANISHED.trim_start_matches("Error: ");
    let failure = Failure::new(format!("`podman images` failed: {gist}"));
    assert_eq!(failing(folder.path(), 20, VANISHED).images(), Err(failure));
}

#[test]
fn a_listing_that_fails_for_another_reason_is_not_run_again() {
    let folder = tempfile::tempdir().unwrap();
    let failure = Failure::new("`podman images` failed: database is locked");
    assert_eq!(failing(folder.path(), 1, "Error: database is locked").images(), Err(failure));
}

#[test]
fn regression_012_who_prints_nothing_at_all_has_not_said_that_there_is_nothing() {
    assert_eq!(listings::image_facts(read(Pieces::from(b"[]\n".as_slice())).unwrap()), []);
    assert_eq!(listings::secret_facts("NAME\n"), Some(Vec::new()));
    assert_eq!(listings::secret_facts("\n"), None);
    let liar = Podman::at(Path::new("/bin/true"));
    let unread = |problem: &str| Failure::new(format!("what {problem}"));
    let nothing = "printed can't be read: EOF while parsing a value at line 1 column 0";
    assert_eq!(liar.images(), Err(unread(&format!("`true images` {nothing}"))));
    assert_eq!(liar.containers(), Err(unread(&format!("`true ps` {nothing}"))));
    assert_eq!(liar.networks(), Err(unread(&format!("`true network` {nothing}"))));
    assert_eq!(liar.secrets(), Err(unread("`podman secret` printed can't be read: it is no table")));
    let named = liar.containers_named(&["shop-web".to_owned()]);
    assert_eq!(named, Err(unread(&format!("`podman container inspect` {nothing}"))));
}

fn engine(exists: &[&str]) -> Engine {
    let info = include_bytes!("../recorded/info.json");
    let exists = |path: &Path| exists.iter().any(|there| path == Path::new(there));
    serde_json::from_slice::<Info>(info).unwrap().engine(Path::new("/usr/bin/podman"), &exists)
}

fn bare_engine() -> Engine {
    Engine {
        kind: EngineKind::Podman,
        program: PathBuf::from("/usr/bin/podman"),
        version: "4.3.1".to_owned(),
        network_backend: "netavark".to_owned(),
        name_resolution: false,
        problem: None,
        graph_root: PathBuf::from("/var/lib/containers/storage"),
        journald: false,
    }
}

#[test]
fn names_are_resolved_where_the_networks_resolver_is_installed() {
    assert_eq!(engine(&[]), bare_engine());
    assert_eq!(engine(&["/usr/lib/podman/aardvark-dns"]), Engine { name_resolution: true, ..bare_engine() });
    assert_eq!(engine(&["/usr/lib/cni/dnsname"]), bare_engine());
}

#[test]
fn the_journal_can_be_written_to_where_it_listens() {
    assert_eq!(engine(&["/run/systemd/journal/socket"]), Engine { journald: true, ..bare_engine() });
}

#[test]
fn an_engine_that_does_not_answer_is_told_with_the_reason() {
    let silent = Podman::at(Path::new("/usr/bin/false"));
    let problem = "`false info` failed with exit code 1 and said nothing".to_owned();
    assert_eq!(
        silent.engine(),
        Engine {
            program: PathBuf::from("/usr/bin/false"),
            version: String::new(),
            network_backend: String::new(),
            problem: Some(problem),
            graph_root: PathBuf::new(),
            ..bare_engine()
        }
    );
}

#[test]
fn images_that_may_lie_in_other_storages_are_asked_for() {
    let has_all_images = |options: &str, is_clear: bool| {
        let text = include_str!("../recorded/info.json").replacen("\"graphOptions\": {}", options, 1);
        serde_json::from_str::<Info>(&text).unwrap().storage(is_clear).has_all_images
    };
    let none = ["{}", "null", r#"{ "overlay.mountopt": "nodev" }"#];
    let others =
        [r#"{ "overlay.imagestore": "/srv/images" }"#, r#"{ "overlay.additionalImageStores": ["/srv/images"] }"#];
    let options = |options: &str| format!("\"graphOptions\": {options}");
    assert_eq!(none.map(|none| has_all_images(&options(none), true)), [true; 3]);
    assert_eq!(none.map(|none| has_all_images(&options(none), false)), [false; 3]);
    assert_eq!(others.map(|others| has_all_images(&options(others), true)), [false; 2]);
}
