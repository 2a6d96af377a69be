//! `landfall images`: what is told of each image, and that what is pinned is what is deployed.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::plans::small;
use crate::support::{ACCOUNT, Ended, PLAN, SECRETS, Vsn, Wrong, document, eventually};

const IMAGES: [&str; 4] = ["images", PLAN, "--format", "json"];

/// A plan of services with these images alone.
fn with_images(images: &[(&str, Value)]) -> Value {
    let mut plan = small();
    let services =
        images.iter().map(|(name, image)| ((*name).to_owned(), json!({ "image": image, "memory": "64MiB" })));
    plan["services"] = services.collect();
    plan
}

/// What is told of each image: exit status, and the document's images.
fn told(vsn: &Vsn, more: &[&str]) -> (Option<i32>, Vec<Value>) {
    let output = vsn.landfall(IMAGES.into_iter().chain(more.iter().copied()));
    (output.status, document(&output)["images"].as_array().unwrap().clone())
}

/// These members of each image.
fn members(images: &[Value], names: &[&str]) -> Vec<Value> {
    images.iter().map(|image| names.iter().map(|name| image[name].clone()).collect()).collect()
}

#[test]
fn images_are_told_and_pinned_from_registries_archives_and_folders() {
    let vsn = Vsn::start();
    let registry = vsn.registry();
    let first = registry.push("tiny", "tiny-v1.docker.tar", "shop/app:v1");
    let second = registry.push("tiny", "tiny-v2.docker.tar", "shop/app:v2");
    vsn.must(["mkdir", "--mode", "0755", "/srv/stick"]);
    vsn.must(["cp", &vsn.image("tiny", "tiny-v1.oci.tar.zst"), "/srv/stick/one.tar.zst"]);
    let hash = |path: &str| vsn.must(["sha256sum", path]).split_once(' ').unwrap().0.to_owned();
    let plain = |reference: &str| json!({ "registry": reference, "tls_verify": false });
    let plan = with_images(&[
        ("a", plain(&first.reference)),
        ("b", json!({ "registry": first.reference, "tls_verify": false, "digest": second.digest })),
        ("c", json!({ "archive": "images/tiny-v2.docker.tar" })),
        ("d", json!({ "archive": "stick/", "reference": "localhost/tiny:v1" })),
    ]);
    vsn.write_plan(&plan);
    vsn.must(["chmod", "-R", "a+rX", "/srv/images", "/srv/stick", PLAN]);
    let before = vsn.snapshot();

    let (status, images) = told(&vsn, &[]);

    assert_eq!((status, vsn.snapshot()), (Some(0), before));
    let nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", env!("CARGO_BIN_EXE_landfall")];
    let nobodys = vsn.run(nobody.into_iter().chain(IMAGES));
    assert_eq!((nobodys.status, &document(&nobodys)["images"]), (Some(0), &Value::from(images.clone())));
    let archive = hash("/srv/images/tiny-v2.docker.tar");
    let one = hash("/srv/stick/one.tar.zst");
    assert_eq!(
        members(
            &images,
            &["service", "kind", "archive", "digest", "sha256", "id", "platform", "known_from", "problem"]
        ),
        [
            json!(["a", "registry", null, first.digest, null, first.id, "linux/amd64", "registry", null]),
            json!(["b", "registry", null, second.digest, null, second.id, "linux/amd64", "registry", null]),
            json!(["c", "archive", null, null, archive, second.id, "linux/amd64", "archive", null]),
            json!(["d", "archive", "one.tar.zst", null, one, first.id, "linux/amd64", "archive", null]),
        ]
    );
    let sizes = members(&images, &["download_bytes", "unpacked_bytes"]);
    let known: Vec<_> = sizes.iter().map(|sizes| [sizes[0].is_u64(), sizes[1].is_u64()]).collect();
    assert_eq!(known, [[true, false], [true, false], [false, true], [false, true]]);
    assert!(images.iter().all(|image| image["created"].is_string()), "{images:?}");
    let table = vsn.landfall(["images", PLAN]);
    let row: Vec<_> = table.stdout.lines().nth(4).unwrap().split_whitespace().take(6).collect();
    assert_eq!(row, ["d", "archive", "stick/one.tar.zst", &one[..12], &first.id[..12], "linux/amd64"]);

    let mut expected = plan;
    for (name, digest, sha256, id) in [
        ("a", Some(&first.digest), None, &first.id),
        ("b", Some(&second.digest), None, &second.id),
        ("c", None, Some(&archive), &second.id),
        ("d", None, Some(&one), &first.id),
    ] {
        let image = &mut expected["services"][name]["image"];
        image["id"] = json!(id);
        for (member, value) in [("digest", digest), ("sha256", sha256)] {
            if let Some(value) = value {
                image[member] = json!(value);
            }
        }
    }
    is_pinned_to(&vsn, &vsn.on_its_engine(&expected));
}

/// What is pinned says so of each image, is valid, is the same when it is pinned again, and is deployed.
#[track_caller]
fn is_pinned_to(vsn: &Vsn, expected: &Value) {
    let pinned = vsn.landfall(["images", PLAN, "--pin"]);
    assert_eq!((pinned.status, pinned.stderr.lines().count()), (Some(0), 5), "{pinned:?}");
    assert_eq!(&serde_json::from_str::<Value>(&pinned.stdout).unwrap(), expected);
    let written = vsn.landfall(["images", PLAN, "--pin", "--output", "/srv/pinned.json"]);
    assert_eq!((written.status, vsn.read("/srv/pinned.json")), (Some(0), Some(pinned.stdout.clone().into_bytes())));
    let again = vsn.landfall(["images", "/srv/pinned.json", "--pin"]);
    assert_eq!((again.status, &again.stdout), (Some(0), &pinned.stdout));
    let refused = vsn.landfall(["images", PLAN, "--pin", "--output", "/srv/pinned.json"]);
    assert_eq!(refused.status, Some(3), "{refused:?}");
    let hash = document(&vsn.landfall(["check", "/srv/pinned.json", "--format", "json"]))["plans"][0]["hash"].take();
    let deploy = ["deploy", "/srv/pinned.json", "--expect", hash.as_str().unwrap(), "--format", "json"];
    assert_eq!(Ended::of(&vsn.landfall(deploy)), Ended::deployed());
}

#[test]
fn a_registry_with_an_account_and_one_of_several_platforms_are_asked_without_pulling() {
    let vsn = Vsn::start();
    vsn.write_secrets(&json!({ "images": ACCOUNT.1 }));
    let registry = vsn.registry_with_account(5000);
    vsn.tell_the_engine_to_trust("images.example:5000", &vsn.certificate().0);
    let pushed = registry.push("tiny", "tiny-v1.docker.tar", "shop/app:v1");
    let entry = json!({ "username": ACCOUNT.0, "password": { "secret": "images" }, "ca": "tls/certificate.pem" });
    let mut plan = with_images(&[("a", json!(pushed.reference))]);
    plan["registries"] = json!({ "images.example:5000": entry });
    vsn.write_plan(&plan);
    let known = ["digest", "id", "problem"];
    let (status, images) = told(&vsn, &["--secrets", SECRETS]);
    assert_eq!((status, members(&images, &known)), (Some(0), vec![json!([pushed.digest, pushed.id, null])]));
    let (status, images) = told(&vsn, &[]);
    let account = "the registry images.example:5000 wants an account: name one that may read the image in the plan's `registries`, and \
                   give its password with `--secrets`";
    assert_eq!((status, members(&images, &known)), (Some(1), vec![json!([null, null, account])]));

    // An index of several: its digest, and the image of this platform.
    let other = registry.push("tiny", "other-architecture.docker.tar", "shop/other:v1");
    let options = ["--tls-verify=false", "--creds", "vsn:gift-wrapped-herring-41"];
    vsn.must(["podman", "manifest", "create", "several"]);
    for reference in [&other.reference, &pushed.reference] {
        let from = format!("docker://{reference}");
        vsn.must(["podman", "manifest", "add"].into_iter().chain(options).chain(["several", &from]));
    }
    let digest = ["--digestfile", "/srv/registry/digest", "several", "docker://images.example:5000/shop/several:v1"];
    vsn.must(["podman", "manifest", "push", "--all"].into_iter().chain(options).chain(digest));
    vsn.must(["podman", "rmi", "several"]);
    let digest = String::from_utf8(vsn.read("/srv/registry/digest").unwrap()).unwrap();
    plan["services"]["a"]["image"] = json!("images.example:5000/shop/several:v1");
    vsn.write_plan(&plan);
    let before = vsn.snapshot();
    let (status, images) = told(&vsn, &["--secrets", SECRETS]);
    assert_eq!((status, members(&images, &known)), (Some(0), vec![json!([digest.trim(), pushed.id, null])]));
    assert_eq!(vsn.snapshot(), before);
    let pinned = vsn.landfall(["images", PLAN, "--pin", "--secrets", SECRETS]);
    let image = serde_json::from_str::<Value>(&pinned.stdout).unwrap()["services"]["a"]["image"].take();
    let expected =
        json!({ "registry": "images.example:5000/shop/several:v1", "digest": digest.trim(), "id": pushed.id });
    assert_eq!(image, expected);
    plan["services"]["a"]["image"] = image;
    vsn.must_deploy(&plan);
}

#[test]
fn a_token_is_asked_for_with_the_account_and_shown_to_the_registry_alone() {
    let vsn = Vsn::start();
    vsn.write_secrets(&json!({ "images": ACCOUNT.1 }));
    let _registry = vsn.bad_registry(Wrong::Tokens);
    vsn.tell_the_engine_to_trust("images.example:5000", &vsn.certificate().0);
    if vsn.keeps_images_in_containerd() {
        // Docker then trusts who gives tokens as the system does.
        vsn.must(["sh", "-c", "cat /srv/tls/certificate.pem >> /etc/ssl/certs/ca-certificates.crt"]);
    }
    let mut plan = small();
    plan["services"]["web"]["image"] = json!("images.example:5000/shop/app:v2");
    plan["registries"] = json!({ "images.example:5000": {
        "username": ACCOUNT.0, "password": { "secret": "images" }, "ca": "tls/certificate.pem"
    } });
    vsn.write_plan(&plan);
    let id = vsn.image_id("tiny-v2.docker.tar");
    let (status, images) = told(&vsn, &["--secrets", SECRETS]);
    assert_eq!((status, members(&images, &["id", "problem"])), (Some(0), vec![json!([id, null])]));
    let pinned = vsn.landfall(["images", PLAN, "--pin", "--secrets", SECRETS]);
    // The engine gets the same from it.
    vsn.must_deploy(&serde_json::from_str(&pinned.stdout).unwrap());
    vsn.write_secrets(&json!({ "images": "wrong" }));
    vsn.write_plan(&plan);
    let (status, images) = told(&vsn, &["--secrets", SECRETS]);
    let problem = images[0]["problem"].as_str().unwrap();
    assert!(
        status == Some(1) && problem.starts_with("the registry images.example:5000 wants an account: "),
        "{problem}"
    );
}

#[test]
fn what_a_registry_does_wrong_is_told() {
    let vsn = Vsn::start();
    let mut plan = small();
    let digest = format!("sha256:{}", "1".repeat(64));
    let image = json!({ "registry": "localhost:5000/shop/app:v2", "tls_verify": false, "digest": digest });
    plan["services"]["web"]["image"] = image;
    vsn.write_plan(&plan);
    for (wrong, what) in [
        (Wrong::Other, format!("delivered something else than {digest}")),
        (Wrong::Later, "limits how often it is asked: ask again later".to_owned()),
        (Wrong::Status(500), "has trouble of its own (it answers 500): look at its log".to_owned()),
        (Wrong::Redirecting, "sends every request on, without an end: correct its configuration".to_owned()),
    ] {
        let _registry = vsn.bad_registry(wrong);
        let (status, images) = told(&vsn, &[]);
        let told = format!("the registry localhost:5000 {what}");
        assert_eq!((status, members(&images, &["digest", "problem"])), (Some(1), vec![json!([null, told])]));
    }
}

#[test]
fn what_can_not_be_learned_is_told_and_the_rest_is_pinned() {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    let id = vsn.image_id("tiny-v1.docker.tar");
    let mut plan = small();
    plan["services"]["web"]["image"] = json!({ "archive": "images/tiny-v1.docker.tar", "id": "0".repeat(64) });
    let memory = "64MiB";
    plan["services"]["built"] = json!({ "image": { "build": "context" }, "memory": memory });
    plan["services"]["gone"] = json!({ "image": { "archive": "/srv/missing.tar" }, "memory": memory });
    plan["services"]["pulled"] = json!({ "image": "localhost:5000/shop/app:v1", "memory": memory });
    plan["services"]["right"] = json!({ "image": { "archive": "images/tiny-v1.docker.tar" }, "memory": memory });
    vsn.write_plan(&plan);

    let (status, images) = told(&vsn, &[]);

    let elsewhere = "what comes of it is not known: what is deployed here comes from elsewhere";
    let other = format!("the plan pins the ID {}, and it has the ID {id}", "0".repeat(64));
    assert_eq!(
        (status, members(&images, &["service", "id", "problem"])),
        (
            Some(1),
            vec![
                json!(["built", null, elsewhere]),
                json!(["gone", null, "there is no `/srv/missing.tar`"]),
                json!([
                    "pulled",
                    null,
                    "the registry localhost:5000 accepts no connection: start it, or correct the image's reference"
                ]),
                json!(["right", id, null]),
                json!(["web", id, other]),
            ]
        )
    );
    let pinned = vsn.landfall(["images", PLAN, "--pin"]);
    let mut expected = vsn.on_its_engine(&plan);
    expected["services"]["right"]["image"]["id"] = json!(id);
    let sha256 = vsn.must(["sha256sum", "/srv/images/tiny-v1.docker.tar"]);
    expected["services"]["right"]["image"]["sha256"] = json!(sha256.split_once(' ').unwrap().0);
    assert_eq!((pinned.status, serde_json::from_str::<Value>(&pinned.stdout).unwrap()), (Some(1), expected));
    assert!(pinned.stderr.contains("pulled: the registry localhost:5000 accepts no connection"), "{pinned:?}");
}

#[test]
fn what_is_built_is_known_once_it_was_deployed() {
    let vsn = Vsn::start();
    vsn.must(["mkdir", "-p", "/srv/context/www"]);
    vsn.must(["chmod", "-R", "go-w", "/srv/context"]);
    vsn.must(["sh", "-c", "cp $(command -v busybox.static || command -v busybox) /srv/context/busybox"]);
    vsn.write("/srv/context/www/version", "built\n", 0o644);
    let containerfile = "FROM scratch\nCOPY busybox /bin/busybox\nCOPY www /www\n\
        CMD [\"/bin/busybox\", \"httpd\", \"-f\", \"-p\", \"80\", \"-h\", \"/www\"]\n";
    vsn.write("/srv/context/Containerfile", containerfile, 0o644);
    let mut plan = small();
    plan["services"]["web"]["image"] = json!({ "build": "context" });
    vsn.write_plan(&plan);
    let known = ["id", "known_from", "problem"];
    let (status, images) = told(&vsn, &[]);
    let nothing =
        "what comes of it is known to root of the server that it was deployed on, and it is not deployed here";
    assert_eq!((status, members(&images, &known)), (Some(1), vec![json!([null, null, nothing])]));

    vsn.must_deploy(&plan);

    let id = vsn.image_of("shop-web");
    let (status, images) = told(&vsn, &[]);
    assert_eq!((status, members(&images, &known)), (Some(0), vec![json!([id, "engine", null])]));
    let pinned = vsn.landfall(["images", PLAN, "--pin"]);
    plan["services"]["web"]["image"]["id"] = json!(id);
    assert_eq!(serde_json::from_str::<Value>(&pinned.stdout).unwrap(), vsn.on_its_engine(&plan));
    vsn.must_deploy(&plan);
}

/// What is in the folder for what is large and passes.
fn passing(vsn: &Vsn) -> String {
    vsn.must(["ls", "--almost-all", "/var/tmp"])
}

#[test]
fn archives_on_other_servers_are_fetched_looked_at_and_not_kept() {
    let vsn = Vsn::start();
    let archive = vsn.image("tiny", "tiny-v2.docker.tar");
    let sha256 = vsn.must(["sha256sum", &archive]).split_once(' ').unwrap().0.to_owned();
    let (_web, _ssh) = (vsn.web_server(0), vsn.slow_ssh_server());
    vsn.write_secrets(&json!({ "key": vsn.must(["cat", "/srv/ssh/client"]) }));
    let url = "https://localhost:8443/tiny-v2.docker.tar";
    let mut plan = with_images(&[
        ("a", json!({ "url": url, "sha256": sha256, "ca": "tls/certificate.pem" })),
        ("b", json!({ "ssh": "root@localhost:/srv/images/tiny-v2.docker.tar", "key": "id_images" })),
        ("c", json!({ "url": url, "sha256": "0".repeat(64), "ca": "tls/certificate.pem" })),
    ]);
    let host = vsn.must(["cut", "-d", " ", "-f", "1,2", "/srv/ssh/host.pub"]);
    plan["engine"] = json!(vsn.engine());
    plan["ssh_keys"] = json!({ "id_images": {
        "private_key": { "secret": "key" }, "known_hosts": [format!("localhost {}", host.trim())]
    } });
    vsn.write_plan(&plan);
    let id = vsn.image_id("tiny-v2.docker.tar");
    let known = ["service", "sha256", "id", "platform", "known_from", "problem"];

    let before = (vsn.snapshot(), passing(&vsn).lines().filter(|name| !name.starts_with("session-")).count());
    let (status, images) = told(&vsn, &["--secrets", SECRETS]);

    let after = (vsn.snapshot(), passing(&vsn).lines().filter(|name| !name.starts_with("session-")).count());
    assert_eq!(after, before);
    let other = format!("its SHA-256 is {sha256}, but the plan says {}", "0".repeat(64));
    let expected = [
        json!(["a", sha256, id, "linux/amd64", "archive", null]),
        json!(["b", sha256, id, "linux/amd64", "archive", null]),
        json!(["c", null, null, null, null, other]),
    ];
    assert_eq!((status, members(&images, &known)), (Some(1), expected.to_vec()));
    let (status, images) = told(&vsn, &["--secrets", SECRETS, "--no-fetch"]);
    assert_eq!((status, images.iter().filter(|image| image["id"].is_null()).count()), (Some(1), 3));
    let (_, images) = told(&vsn, &[]);
    let nobody = "its server lets nobody in without the key id_images: give the secret `key` with `--secrets`";
    assert_eq!(images[1]["problem"], nobody);

    plan["services"].as_object_mut().unwrap().remove("c");
    vsn.write_plan(&plan);
    let pinned = vsn.landfall(["images", PLAN, "--pin", "--secrets", SECRETS]);
    plan["services"]["a"]["image"]["id"] = json!(id);
    plan["services"]["b"]["image"]["sha256"] = json!(sha256);
    plan["services"]["b"]["image"]["id"] = json!(id);
    assert_eq!(serde_json::from_str::<Value>(&pinned.stdout).unwrap(), plan, "{pinned:?}");
    vsn.must_deploy(&plan);
}

#[test]
fn an_interrupted_look_at_an_archive_on_another_server_leaves_nothing() {
    let vsn = Vsn::start();
    let archive = vsn.image("tiny", "tiny-v2.docker.tar");
    let sha256 = vsn.must(["sha256sum", &archive]).split_once(' ').unwrap().0.to_owned();
    let _web = vsn.web_server(50_000);
    let image =
        json!({ "url": "https://localhost:8443/tiny-v2.docker.tar", "sha256": sha256, "ca": "tls/certificate.pem" });
    vsn.write_plan(&with_images(&[("a", image)]));
    let before = (vsn.snapshot(), passing(&vsn));
    let look = vsn.start_landfall(["images", PLAN, "--pin"]);
    eventually("it is being fetched", || vsn.run(["pgrep", "-fc", "^[^ ]*curl .*--output"]).stdout == "1\n");
    look.signal("INT");
    let ended = look.wait();
    assert_eq!((ended.status, ended.stdout.as_str()), (Some(3), ""), "{ended:?}");
    assert_eq!(vsn.run(["pgrep", "-cx", "curl"]).stdout, "0\n");
    assert_eq!((vsn.snapshot(), passing(&vsn)), before);
}

#[test]
fn a_registry_that_has_trouble_for_a_moment_is_asked_again_and_for_the_platform_that_is_said() {
    let vsn = Vsn::start();
    let registry = vsn.bad_registry(Wrong::First);
    let image = json!({ "registry": "localhost:5000/shop/app:v2", "tls_verify": false });
    vsn.write_plan(&with_images(&[("a", image)]));
    let (status, images) = told(&vsn, &[]);
    let id = vsn.image_id("tiny-v2.docker.tar");
    assert_eq!((status, members(&images, &["id", "problem"])), (Some(0), vec![json!([id, null])]));
    let (status, images) = told(&vsn, &["--platform", "linux/s390x"]);
    let other = "it is for linux/amd64, and linux/s390x was asked for";
    assert_eq!((status, members(&images, &["id", "problem"])), (Some(1), vec![json!([id, other])]));
    assert_eq!(vsn.landfall(["images", PLAN, "--platform", "amd64"]).status, Some(2));
    drop(registry);

    // Of an index of several, each has its own.
    let registry = vsn.registry();
    let [first, other] = [("tiny-v1.docker.tar", "shop/app:v1"), ("other-architecture.docker.tar", "shop/other:v1")]
        .map(|(archive, name)| registry.push("tiny", archive, name));
    vsn.must(["podman", "manifest", "create", "several"]);
    for pushed in [&first, &other] {
        vsn.must([
            "podman",
            "manifest",
            "add",
            "--tls-verify=false",
            "several",
            &format!("docker://{}", pushed.reference),
        ]);
    }
    let push = ["podman", "manifest", "push", "--all", "--tls-verify=false", "several"];
    vsn.must(push.into_iter().chain(["docker://localhost:5000/shop/several:v1"]));
    let image = json!({ "registry": "localhost:5000/shop/several:v1", "tls_verify": false });
    vsn.write_plan(&with_images(&[("a", image)]));
    let platform = vsn.must(["podman", "manifest", "inspect", "several"]);
    let platform: Value = serde_json::from_str(&platform).unwrap();
    let of_the_other = platform["manifests"][1]["platform"]["architecture"].as_str().unwrap().to_owned();
    assert_ne!(of_the_other, "amd64");
    for (platform, id) in [("linux/amd64".to_owned(), &first.id), (format!("linux/{of_the_other}"), &other.id)] {
        let (status, images) = told(&vsn, &["--platform", &platform]);
        let expected = vec![json!([id, platform, null])];
        assert_eq!((status, members(&images, &["id", "platform", "problem"])), (Some(0), expected));
    }
}
