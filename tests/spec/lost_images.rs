//! Images that an engine has lost with their containers, and that can't be had again just so: what is told, and what the boot does.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, Output, Vsn, document, eventually};

/// The plan `shop` with these images, each of a service of that name.
fn plan(images: &[(&str, Value)]) -> Value {
    let service = |(name, image): &(&str, Value)| ((*name).to_owned(), json!({ "image": image, "memory": "64MiB" }));
    let services: serde_json::Map<_, _> = images.iter().map(service).collect();
    json!({ "version": 1, "name": "shop", "services": services })
}

/// Takes these services' containers and images, as an update of the engine may.
fn lose(vsn: &Vsn, services: &[&str]) {
    for service in services {
        let container = format!("shop-{service}");
        let image = vsn.image_of(&container);
        vsn.remove_by_hand(&container);
        vsn.must([vsn.engine(), "rmi", "--force", &image]);
    }
}

/// Why each service is unhealthy, as `status` tells it.
fn reasons(vsn: &Vsn) -> Vec<(String, String)> {
    let status = document(&vsn.landfall(["status", "shop", "--format", "json"]));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let services = status["plans"][0]["services"].as_array().unwrap().iter();
    services.map(|service| (text(&service["name"]), text(&service["reason"]))).collect()
}

/// A build's context that needs nothing else.
fn write_context(vsn: &Vsn) {
    let busybox = vsn.must(["sh", "-c", "command -v busybox.static || command -v busybox"]);
    vsn.write("/srv/context/busybox", std::fs::read(busybox.trim()).unwrap(), 0o755);
    let containerfile = "FROM scratch\nCOPY busybox /bin/busybox\nCMD [\"/bin/busybox\", \"sleep\", \"1000\"]\n";
    vsn.write("/srv/context/Containerfile", containerfile, 0o644);
}

#[test]
fn what_hinders_is_told_with_the_image_where_it_came_from_and_what_to_type() {
    let vsn = Vsn::start();
    let (authority, _) = vsn.certificate();
    vsn.tell_the_engine_to_trust("images.example:5000", &authority);
    let registry = vsn.registry_with_account(5000);
    let pushed = registry.push("tiny", "tiny-v1.docker.tar", "shop/app:v1");
    vsn.image("tiny", "tiny-v2.docker.tar");
    let sshd = vsn.slow_ssh_server();
    write_context(&vsn);
    let mut plan = plan(&[
        ("built", json!({ "build": "context" })),
        ("fetched", json!({ "ssh": "root@localhost:/srv/images/tiny-v2.docker.tar", "key": "id_images" })),
        ("pulled", json!(pushed.reference)),
    ]);
    plan["registries"]["images.example:5000"] =
        json!({ "username": ACCOUNT.0, "password": { "secret": "images" }, "ca": "tls/certificate.pem" });
    let host = vsn.must(["cut", "-d", " ", "-f", "1,2", "/srv/ssh/host.pub"]);
    plan["ssh_keys"]["id_images"] =
        json!({ "private_key": { "secret": "key" }, "known_hosts": [format!("localhost {}", host.trim())] });
    vsn.write_secrets(&json!({ "images": ACCOUNT.1, "key": vsn.must(["cat", "/srv/ssh/client"]) }));
    vsn.must_deploy(&plan);
    lose(&vsn, &["built", "fetched", "pulled"]);

    let built = "its image is gone, and only a deployment builds one, from /srv/context: type `landfall deploy PLAN`";
    let without = "its image is gone, and so is /srv/context, from which it was built: put that back, then type `landfall deploy PLAN`";
    let fetched = "its image is gone, and lies at root@localhost:/srv/images/tiny-v2.docker.tar, where the key `id_images` is wanted: \
                   type `landfall deploy PLAN --secrets FILE`";
    let pulled = "its image images.example:5000/shop/app:v1 is gone, and the registry images.example:5000 wants the password `images`: \
                  type `landfall deploy PLAN --secrets FILE`";
    for built in [built, without] {
        if built == without {
            vsn.must(["mv", "/srv/context", "/srv/aside"]);
        }
        let remade = vsn.landfall(["remake", "shop"]);
        let told = format!(
            "shop: these are lost, and could not be made anew; the data is untouched\nbuilt: {built}\nfetched: {fetched}\npulled: {pulled}\n"
        );
        assert_eq!((remade.status, remade.stdout), (Some(3), told), "{}", remade.stderr);
        let each = [("built", built), ("fetched", fetched), ("pulled", pulled)];
        let gone = each.map(|(name, why)| (name.to_owned(), format!("its container is gone: {why}")));
        assert_eq!(reasons(&vsn), gone);
    }

    // What they say to do.
    vsn.must(["mv", "/srv/aside", "/srv/context"]);
    vsn.must_deploy(&plan);
    assert_eq!(vsn.running_containers(), ["shop-built", "shop-fetched", "shop-pulled"]);
    drop(sshd);
}

/// What came of the runs of `remake`, in order.
fn remakes(vsn: &Vsn) -> Vec<String> {
    let history = document(&vsn.landfall(["history", "shop", "--format", "json"]));
    let runs = history["runs"].as_array().unwrap().iter().filter(|run| run["kind"] == "remake");
    runs.map(|run| run["result"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn while_a_registry_is_down_that_is_told_and_the_boot_asks_it_again_until_it_is_there() {
    let vsn = Vsn::start();
    let registry = vsn.registry();
    let pushed = registry.push("tiny", "tiny-v1.docker.tar", "app:1");
    vsn.must_deploy(&plan(&[("web", json!({ "registry": pushed.reference, "tls_verify": false }))]));
    lose(&vsn, &["web"]);
    drop(registry);
    let remade = vsn.landfall(["remake", "shop"]);
    let begins = format!(
        "shop: these are lost, and could not be made anew; the data is untouched\n\
         web: could not pull {} for web: the registry localhost:5000 accepts no connection: start it, or correct the image's reference. {} said: ",
        pushed.reference,
        vsn.either("Podman", "Docker")
    );
    let ends = ": `landfall remake shop` tries again, and `landfall deploy PLAN` takes what there is now\n";
    assert_eq!(remade.status, Some(7), "{remade:?}");
    assert!(remade.stdout.starts_with(&begins) && remade.stdout.ends_with(ends), "{}", remade.stdout);
    vsn.reboot();
    assert_eq!(remakes(&vsn), ["refused"]);

    let boot = vsn.start_process(["env", "-i", "HOME=/root", "PATH=/usr/bin:/bin", "/var/lib/landfall/shop/recover"]);
    eventually("it has asked in vain", || remakes(&vsn).len() > 1);
    let registry = vsn.registry();

    assert_eq!(boot.wait(), Output { status: Some(0), stdout: String::new(), stderr: String::new() });
    let came = remakes(&vsn);
    let (last, before) = came.split_last().unwrap();
    assert_eq!((last.as_str(), before.iter().all(|came| came == "refused")), ("as_asked", true), "{came:?}");
    assert_eq!((vsn.running_containers(), vsn.landfall(["status"]).status), (vec!["shop-web".to_owned()], Some(0)));
    drop(registry);
}
