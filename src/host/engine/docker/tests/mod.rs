//! What Docker is told, as lists: nothing runs here.

use super::{command, stop};
use crate::host::engine::docker;
use crate::operation::{
    Argument, ConfigMount, Container, DroppedContainer, EngineChange, Layout, NewSecret, RetrievedImage, SecretMount,
    SecretText, SecretVariable,
};
use crate::plan::model::{Image, Service};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

fn layout() -> Layout {
    Layout::new(Path::new(Layout::STATE), &"shop".parse().unwrap())
}

fn texts(arguments: &[Argument]) -> Vec<String> {
    arguments.iter().map(ToString::to_string).collect()
}

fn told(change: &EngineChange) -> Vec<String> {
    texts(&command(change).unwrap())
}

/// The command that creates a container with these fields beside its image.
fn created(mut fields: Value) -> Vec<String> {
    fields["image"] = json!("registry.example/shop/web:1");
    let described: Service = serde_json::from_value(fields).unwrap();
    let secret = |number| layout().secret(number);
    told(&EngineChange::CreateContainer(Box::new(Container {
        name: "shop-web".to_owned(),
        plan: "shop".parse().unwrap(),
        service: "web".parse().unwrap(),
        config: "c0ffee".to_owned(),
        described,
        secret_files: vec![SecretMount {
            secret: secret(0),
            target: "/run/secrets/db".parse().unwrap(),
            owner: serde_json::from_value(json!("999:999")).unwrap(),
            mode: serde_json::from_value(json!("0400")).unwrap(),
        }],
        secret_variables: vec![SecretVariable { secret: secret(1), name: "TOKEN".parse().unwrap() }],
        configs: vec![ConfigMount {
            path: Argument::literal("/var/lib/landfall/shop/configs/").join(Argument::run()).then("/web.0"),
            target: "/etc/web.conf".parse().unwrap(),
        }],
        boot_guard: PathBuf::from("/run/landfall/shop/boot/web"),
    })))
}

/// The options that fields of a service stand for, between the labels of ours and the secrets.
fn options(fields: Value) -> Vec<String> {
    let whole = created(fields);
    let from = whole.iter().position(|argument| argument == "landfall.run=<run>").unwrap() + 1;
    let to = whole.iter().position(|argument| argument == "TOKEN").unwrap() - 1;
    whole[from..to].to_vec()
}

#[test]
fn a_container_is_created_from_what_its_service_says() {
    let entrypoint =
        json!({ "entrypoint": ["/bin/web", "-v"], "command": ["serve", "--all"], "logging": { "driver": "none" } });
    let expected = [
        "create",
        "--name",
        "shop-web",
        "--pull",
        "never",
        "--no-healthcheck",
        "--network",
        "shop",
        "--network-alias",
        "web",
        "--hostname",
        "web",
        "--label",
        "landfall.plan=shop",
        "--label",
        "landfall.service=web",
        "--label",
        "landfall.config=c0ffee",
        "--label",
        "landfall.run=<run>",
        "--restart",
        "always",
        "--stop-timeout",
        "10",
        "--cap-drop",
        "AUDIT_WRITE",
        "--cap-drop",
        "MKNOD",
        "--cap-drop",
        "NET_RAW",
        "--security-opt=no-new-privileges",
        "--log-driver",
        "none",
        "--env",
        "TOKEN",
        "--mount",
        "type=bind,source=/run/landfall/shop/secrets/landfall.shop.<run>.0,target=/run/secrets/db,readonly",
        "--mount",
        "type=bind,source=/var/lib/landfall/shop/configs/<run>/web.0,target=/etc/web.conf,readonly",
        "--mount",
        "type=bind,source=/run/landfall/shop/boot/web,target=/.landfall-boot,readonly",
        "--entrypoint",
        "/bin/web",
        "<image of web>",
        "-v",
        "serve",
        "--all",
    ];
    assert_eq!(created(entrypoint), expected);
}

#[test]
fn what_is_mounted_is_never_made_by_the_engine() {
    let mounts = options(json!({
        "logging": { "driver": "none" },
        "volumes": [
            { "source": "/srv/a", "target": "/a" }, { "source": "/srv/b", "target": "/b", "read_only": true }
        ],
        "tmpfs": ["/tmp", { "target": "/cache", "size": "1MiB", "mode": "0700" }]
    }));
    let begin = mounts.iter().position(|option| option == "--mount").unwrap();
    assert_eq!(
        mounts[begin..],
        [
            "--mount",
            "type=bind,source=/srv/a,target=/a",
            "--mount",
            "type=bind,source=/srv/b,target=/b,readonly",
            "--mount",
            "type=tmpfs,target=/tmp,tmpfs-mode=1777",
            "--mount",
            "type=tmpfs,target=/cache,tmpfs-mode=0700,tmpfs-size=1048576",
        ]
    );
}

#[test]
fn a_log_is_bounded_and_goes_where_the_plan_says() {
    let logging = |logging: Value| {
        let options = options(json!({ "logging": logging }));
        let begin = options.iter().position(|option| option == "--log-driver").unwrap();
        options[begin..].to_vec()
    };
    let file = logging(json!({ "driver": "file", "max_size": "2MiB", "max_files": 3 }));
    assert_eq!(file, ["--log-driver", "json-file", "--log-opt", "max-size=2097152", "--log-opt", "max-file=3"]);
    assert_eq!(
        logging(json!({ "driver": "syslog", "tag": "web" })),
        ["--log-driver", "syslog", "--log-opt", "tag=web"]
    );
    let journal = logging(json!({ "driver": "journald", "tag": "web" }));
    assert_eq!(journal, ["--log-driver", "journald", "--log-opt", "tag=web"]);
}

#[test]
fn a_container_is_stopped_before_it_is_removed() {
    let dropped = |grace_seconds| DroppedContainer { container: "shop-web".to_owned(), grace_seconds };
    assert_eq!(texts(&stop(&dropped(None))), ["stop", "shop-web"]);
    assert_eq!(texts(&stop(&dropped(Some(0)))), ["stop", "--time", "0", "shop-web"]);
    assert_eq!(told(&EngineChange::DropContainer(dropped(None))), ["rm", "--force", "shop-web"]);
}

#[test]
fn a_network_has_the_plans_subnets_and_its_label() {
    let subnets =
        ["10.90.0.0/24", "fd00:90::/64"].map(|subnet| serde_json::from_value(json!(subnet)).unwrap()).to_vec();
    let expected = [
        "network",
        "create",
        "--driver",
        "bridge",
        "--label",
        "landfall.plan=shop",
        "--ipv6",
        "--subnet",
        "10.90.0.0/24",
        "--subnet",
        "fd00:90::/64",
        "shop",
    ];
    assert_eq!(told(&EngineChange::CreateNetwork { network: "shop".parse().unwrap(), subnets }), expected);
    assert_eq!(told(&EngineChange::DropNetwork { network: "shop".to_owned() }), ["network", "rm", "shop"]);
}

#[test]
fn a_secret_is_no_command_of_dockers() {
    let text = SecretText::Value { secret: "db_password".parse().unwrap(), decode: None };
    let create = EngineChange::CreateSecret(NewSecret { name: layout().secret(0), text });
    assert_eq!(command(&create), None);
    assert_eq!(command(&EngineChange::DropSecret { secret: "landfall.shop.1.0".to_owned() }), None);
}

#[test]
fn images_are_pulled_loaded_and_built() {
    let retrieve = |image: Value| {
        let image: Image = serde_json::from_value(image).unwrap();
        let retrieved = RetrievedImage { image, services: vec!["web".parse().unwrap()], places: Vec::new() };
        texts(&docker::retrieve(&retrieved, &layout()))
    };
    assert_eq!(retrieve(json!({ "archive": "images/web.tar" })), ["load", "--quiet"]);
    let downloads = "/var/lib/landfall/shop/runs/<run>/downloads";
    assert_eq!(
        retrieve(json!({ "build": "web", "args": { "A": "b c" }, "target": "last" })),
        [
            "build",
            "--pull=false",
            "--no-cache",
            "--iidfile",
            &format!("{downloads}/image-id-web"),
            "--file",
            &format!("{downloads}/context-web/Containerfile"),
            "--build-arg",
            "A=b c",
            "--target",
            "last",
            &format!("{downloads}/context-web"),
        ]
    );
}

#[test]
fn a_container_that_makes_room_for_another_one_is_renamed_and_stopped_with_its_own_grace_period() {
    let (container, to) = ("shop-web".to_owned(), "shop-web.before".to_owned());
    let rename = EngineChange::RenameContainer { container: container.clone(), to };
    assert_eq!(told(&rename), ["rename", "shop-web", "shop-web.before"]);
    assert_eq!(told(&EngineChange::StopContainer { container }), ["stop", "shop-web"]);
}
