use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use landfall::facts::{ContainerFact, EngineKind, SecretFact};
use landfall::host::engine::{Answer, Looks};
use landfall::operation::{DroppedContainer, EngineChange};
use landfall::run::{Cancel, Failure};
use pretty_assertions::assert_eq;
use serde_json::json;

use super::{Bench, web};
use crate::support::eventually;

pub fn shop_web(bench: &Bench) -> Option<ContainerFact> {
    bench.engine.containers().unwrap().into_iter().find(|container| container.name == "shop-web")
}

pub fn drop_web(bench: &Bench) -> Result<(), Failure> {
    bench.perform(&EngineChange::DropContainer(DroppedContainer {
        container: "shop-web".to_owned(),
        grace_seconds: None,
    }))
}

/// What root in a container may do is the same on every engine, and other users get nothing on top.
#[test]
fn a_service_has_the_common_capabilities() {
    let bench = Bench::ready();
    bench.create(bench.container(json!({}))).unwrap();
    bench.start().unwrap();
    let capabilities = bench.inside("grep -e CapEff -e CapBnd /proc/self/status | tr -s '\\t' ' '");
    assert_eq!(capabilities, "CapEff: 00000000800405fb\nCapBnd: 00000000800405fb\n");
}

#[test]
fn without_its_boot_guard_a_container_does_not_start() {
    let bench = Bench::ready();
    bench.create(bench.container(json!({}))).unwrap();
    bench.vsn.must(["rm", "/run/landfall/shop/boot/web"]);
    let Failure { message, lingering } = bench.start().unwrap_err();
    assert!(message.starts_with(&format!("`{} start` failed: ", bench.vsn.engine())), "{message}");
    assert!(message.contains("/run/landfall/shop/boot/web"), "{message}");
    assert!(!lingering);
    assert_eq!(shop_web(&bench).map(|container| container.running), Some(false));
    bench.vsn.must(["touch", "/run/landfall/shop/boot/web"]);
    bench.start().unwrap();
    assert_eq!(shop_web(&bench).map(|container| container.running), Some(true));
}

#[test]
fn a_container_that_crashes_again_and_again_is_removed() {
    let bench = Bench::ready();
    let crashing = json!({ "entrypoint": ["/bin/sh", "-c"], "command": ["exit 1"], "restart": "always" });
    bench.create(bench.container(crashing)).unwrap();
    bench.start().unwrap();
    let engine = bench.engine.clone();
    let looks = Looks::by(move || engine.containers_named(&["shop-web".to_owned()]));
    eventually("it was started again", || looks.now().unwrap()[0].restarts >= 2);
    drop_web(&bench).unwrap();
    assert_eq!(shop_web(&bench), None);
}

#[test]
fn what_is_gone_counts_as_removed() {
    let bench = Bench::new();
    drop_web(&bench).unwrap();
    bench.perform(&EngineChange::DropNetwork { network: "shop".to_owned() }).unwrap();
    bench.perform(&EngineChange::DropSecret { secret: "landfall.shop.20261121t101112.0".to_owned() }).unwrap();
    bench
        .perform(&EngineChange::DropTag { tag: "localhost/landfall/shop/web:1".to_owned(), unless_image_of: None })
        .unwrap();
    bench.perform(&EngineChange::DropImage { id: "0".repeat(64) }).unwrap();
    bench.engine.disconnect("shop-web", "shop").unwrap();
}

#[test]
fn a_network_that_somebody_else_uses_is_not_removed_before_he_was_taken_off() {
    let bench = Bench::ready();
    let id = bench.known.images[&web()].to_string();
    bench.vsn.must([bench.vsn.engine(), "run", "--detach", "--name", "other", "--network", "shop", &id]);
    let network = EngineChange::DropNetwork { network: "shop".to_owned() };
    let failure = bench.perform(&network).unwrap_err();
    let refused = bench.vsn.either("network is being used", "has active endpoints");
    assert!(failure.message.contains(refused), "{failure:?}");
    bench.engine.disconnect("other", "shop").unwrap();
    bench.perform(&network).unwrap();
    let running = bench.engine.containers().unwrap().into_iter().map(|other| (other.name, other.running));
    assert_eq!(running.collect::<Vec<_>>(), [("other".to_owned(), true)]);
}

#[test]
fn a_secret_is_stored_under_the_name_of_the_run() {
    let bench = Bench::new();
    bench.secret(0, "hunter2");
    let name = "landfall.shop.20261121t101112.0".to_owned();
    assert_eq!(bench.engine.look().unwrap().secrets, [SecretFact { name: name.clone() }]);
    bench.perform(&EngineChange::DropSecret { secret: name }).unwrap();
    assert_eq!(bench.engine.look().unwrap().secrets, []);
}

#[test]
fn a_command_in_a_container_answers_with_its_exit_code_and_output() {
    let bench = Bench::ready();
    bench.create(bench.container(json!({}))).unwrap();
    bench.start().unwrap();
    let exec = |script: &str, timeout| {
        let command = ["sh", "-c", script].map(str::to_owned);
        bench.engine.exec("shop-web", &command, timeout, &Cancel::never())
    };
    let long = Duration::from_secs(60);
    let Answer { code, output } = exec("echo out; echo err >&2; exit 3", long).unwrap();
    // Docker sends the two outputs apart from one another.
    assert_eq!((code, output.lines().collect::<BTreeSet<_>>()), (3, BTreeSet::from(["err", "out"])));
    let failure = exec("sleep 1000", Duration::from_millis(500)).unwrap_err();
    assert!(failure.lingering, "{failure:?}");
}

#[test]
fn an_address_on_the_plans_network_is_known_once_a_container_runs() {
    let bench = Bench::ready();
    bench.create(bench.container(json!({}))).unwrap();
    assert_eq!(shop_web(&bench).unwrap().address, None);
    bench.start().unwrap();
    let address = shop_web(&bench).unwrap().address.unwrap().to_string();
    assert_eq!(bench.vsn.must(["curl", "-sS", &format!("http://{address}/version")]), "v1\n");
}

#[test]
fn an_engine_says_what_it_is() {
    let bench = Bench::new();
    let version = match bench.vsn.engine_kind() {
        EngineKind::Podman => bench.vsn.must(["podman", "version", "--format", "{{.Client.Version}}"]),
        EngineKind::Docker => bench.vsn.must(["docker", "version", "--format", "{{.Server.Version}}"]),
    };
    let expected = landfall::facts::Engine {
        kind: bench.vsn.engine_kind(),
        program: bench.vsn.program(bench.vsn.engine()),
        version: version.trim().to_owned(),
        network_backend: bench.vsn.either("netavark", "libnetwork").to_owned(),
        // Docker answers for names itself.
        name_resolution: bench.vsn.engine() == "docker" || Path::new("/usr/lib/podman/aardvark-dns").exists(),
        problem: None,
        graph_root: bench.vsn.either("/var/lib/containers/storage", "/var/lib/docker").into(),
        journald: false,
    };
    assert_eq!(bench.engine.fact(), expected);
}
