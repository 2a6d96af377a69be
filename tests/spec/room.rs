//! Room for images on other servers: what they take is asked before the first byte of them comes.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::plans::small;
use crate::support::{ACCOUNT, Ended, PLAN, Process, Pushed, SECRETS, Vsn, document};

const ARCHIVE: &str = "tiny-v2.docker.tar";

/// A VSN in which every server has an image: a registry with an account, a web server with TLS, and one for files over SSH.
struct Servers<'vsn> {
    vsn: &'vsn Vsn,
    pushed: Pushed,
    sha256: String,
    _web: Process,
    _ssh: Process,
}

impl<'vsn> Servers<'vsn> {
    fn of(vsn: &'vsn Vsn, pushed: Pushed) -> Self {
        let archive = vsn.image("tiny", ARCHIVE);
        let sha256 = vsn.must(["sha256sum", &archive]).split_once(' ').unwrap().0.to_owned();
        let (_web, _ssh) = (vsn.web_server(0), vsn.ssh_server("ed25519"));
        vsn.write_secrets(&json!({ "images": ACCOUNT.1, "key": vsn.must(["cat", "/srv/ssh/client"]) }));
        Self { vsn, pushed, sha256, _web, _ssh }
    }

    /// A plan for each server, with all that is needed to ask it.
    fn plans(&self) -> [Value; 3] {
        let Self { vsn, pushed, sha256, _web, _ssh } = self;
        let plan = |image: Value| {
            let mut plan = small();
            plan["services"]["web"]["image"] = image;
            plan
        };
        let mut pulled = plan(json!(pushed.reference));
        pulled["registries"] = json!({ "images.example:5000": {
            "username": ACCOUNT.0, "password": { "secret": "images" }, "ca": "tls/certificate.pem"
        } });
        let url = format!("https://localhost:8443/{ARCHIVE}");
        let downloaded = plan(json!({ "url": url, "sha256": sha256, "ca": "tls/certificate.pem" }));
        let ssh = format!("root@localhost:/srv/images/{ARCHIVE}");
        let mut fetched = plan(json!({ "ssh": ssh, "key": "id_images" }));
        let host = vsn.must(["cut", "-d", " ", "-f", "1,2", "/srv/ssh/host.pub"]);
        fetched["ssh_keys"] = json!({ "id_images": {
            "private_key": { "secret": "key" }, "known_hosts": [format!("localhost {}", host.trim())]
        } });
        [pulled, downloaded, fetched]
    }
}

/// What a deployment of this plan is refused for: code, message and label of each error.
fn refused(vsn: &Vsn, plan: &Value) -> Vec<String> {
    vsn.write_plan(plan);
    let output = vsn.landfall(["deploy", PLAN, "--secrets", SECRETS, "--format", "json"]);
    assert_eq!(Ended::of(&output).word(), (Some(3), "refused"), "{output:?}");
    let findings = document(&output)["findings"].take();
    let errors = findings.as_array().unwrap().iter().filter(|finding| finding["severity"] == "error");
    errors.map(|error| format!("{} {}", error["code"].as_str().unwrap(), error["message"].as_str().unwrap())).collect()
}

/// What is refused of a plan for which there is no room in the state folder.
fn no_room_in_the_state_folder(needed: &str) -> Vec<String> {
    vec![format!(
        "LF107 16.5 MiB are free for the state on the disk at /var/lib/landfall, at least {needed} are needed: while they are \
         retrieved, images lie in the state folder"
    )]
}

/// The sizes are those of the tests' images: 1.0 MiB the compressed layers, 2.1 MiB an archive. Podman copies an archive that it loads,
/// and its layers, to the state folder, Docker to its own, where its images are.
#[test]
fn what_there_is_no_room_for_is_refused_before_its_first_byte_and_what_is_here_needs_none() {
    let vsn = Vsn::start();
    let registry = vsn.registry_with_account(5000);
    vsn.tell_the_engine_to_trust("images.example:5000", &vsn.certificate().0);
    let servers = Servers::of(&vsn, registry.push("tiny", "tiny-v1.docker.tar", "shop/app:v1"));
    // Half a MiB more than the least that a state folder must have.
    vsn.must(["mount", "-t", "tmpfs", "-o", "mode=700,size=16900k", "tmpfs", "/var/lib/landfall"]);
    let [pulled, downloaded, fetched] = servers.plans();
    for plan in [&downloaded, &fetched] {
        assert_eq!(refused(&vsn, plan), no_room_in_the_state_folder(vsn.either("22.2 MiB", "18.1 MiB")), "{plan}");
    }
    assert_eq!(vsn.must(["cat", "/var/tmp/web/log"]), format!("/{ARCHIVE} 200 0\n"), "it was only asked for its size");
    assert_eq!(vsn.images(), [] as [&str; 0]);

    // It is the same whatever it came from.
    vsn.load(&vsn.image("tiny", "tiny-v1.docker.tar"));
    vsn.write_plan(&pulled);
    assert_eq!(vsn.deploy(), Ended::deployed());
}

/// What Podman pulls passes through the state folder; Docker's daemon keeps it where its images are.
#[test]
fn regression_049_room_for_what_is_pulled_is_looked_for_where_it_will_lie() {
    let vsn = Vsn::start();
    let registry = vsn.registry_with_account(5000);
    vsn.tell_the_engine_to_trust("images.example:5000", &vsn.certificate().0);
    let servers = Servers::of(&vsn, registry.push("tiny", "tiny-v1.docker.tar", "shop/app:v1"));
    let [pulled, downloaded, fetched] = servers.plans();
    if vsn.engine() == "podman" {
        vsn.must(["mount", "-t", "tmpfs", "-o", "mode=700,size=16900k", "tmpfs", "/var/lib/landfall"]);
        assert_eq!(refused(&vsn, &pulled), no_room_in_the_state_folder("17.1 MiB"));
    } else {
        // What there is room for is asked of the disk, not of the daemon.
        let images = vsn.dockers_images();
        vsn.must(["mount", "-t", "tmpfs", "-o", "mode=710,size=1500k", "tmpfs", images]);
        for (plan, needed) in [(&pulled, "2.1 MiB"), (&downloaded, "4.2 MiB"), (&fetched, "4.2 MiB")] {
            let told = refused(&vsn, plan);
            let no_room =
                format!("LF107 1.4 MiB are free for images on the disk at {images}, at least {needed} are needed");
            assert!(told[0].starts_with(&no_room), "{told:?}");
        }
    }
}
