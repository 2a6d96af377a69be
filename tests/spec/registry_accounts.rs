//! Registries that want an account, have a certificate authority of their own, or have mirrors.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::plans::small;
use crate::support::{ACCOUNT, Vsn, Wrong, eventually};

/// A VSN with the certificate that its registries show beside the plan, and the password in the secrets file.
fn vsn() -> Vsn {
    let vsn = Vsn::start();
    vsn.certificate();
    vsn.write_secrets(&json!({ "images": ACCOUNT.1 }));
    vsn
}

/// Has the engine trust the authority for all registries.
fn trust(vsn: &Vsn) {
    let (authority, _) = vsn.certificate();
    for port in 5000..5003 {
        vsn.tell_the_engine_to_trust(&format!("images.example:{port}"), &authority);
    }
}

/// What the plan says of a registry with [`ACCOUNT`].
fn entry() -> Value {
    json!({ "username": ACCOUNT.0, "password": { "secret": "images" }, "ca": "tls/certificate.pem" })
}

fn plan(image: Value, registries: Value) -> Value {
    let mut plan = small();
    plan["services"]["web"]["image"] = image;
    plan["registries"] = registries;
    plan
}

fn version(vsn: &Vsn) -> String {
    vsn.must(["curl", "--silent", "http://localhost:8080/version"])
}

/// Every file of the VSN's own that has the password in it, or what a registry is sent of it; but not those of the tests.
fn that_know_the_password(vsn: &Vsn) -> String {
    let (name, password) = ACCOUNT;
    let encoded = vsn.must(["sh", "-c", &format!("printf %s '{name}:{password}' | base64")]);
    let search = format!(
        "grep -rlF -e '{password}' -e '{}' /run /srv /var/lib/landfall /var/lib/containers /var/log /var/tmp /root/.ssh /etc/containers \
         || true",
        encoded.trim()
    );
    vsn.must(["sh", "-c", &search])
}

#[test]
fn an_account_and_an_authority_are_used_for_their_registry_and_leave_no_trace() {
    let vsn = vsn();
    trust(&vsn);
    let registry = vsn.registry_with_account(5000);
    let pushed = registry.push("tiny", "tiny-v1.docker.tar", "shop/app:v1");
    vsn.must_deploy(&plan(json!(pushed.reference), json!({ "images.example:5000": entry() })));
    assert_eq!(version(&vsn), "v1\n");
    assert_eq!(that_know_the_password(&vsn), "/srv/secrets.json\n");
    // The plan says so of one image, too, and the digest counts.
    let newer = registry.push("tiny", "tiny-v2.docker.tar", "shop/app:v2");
    let image = json!({ "registry": newer.reference, "digest": newer.digest, "id": newer.id });
    vsn.must_deploy(&plan(image, json!({ "images.example:5000": entry() })));
    assert_eq!(version(&vsn), "v2\n");
}

#[test]
fn a_wrong_password_and_a_missing_authority_leave_the_old_services_running() {
    let vsn = vsn();
    let registry = vsn.registry_with_account(5000);
    let pushed = registry.push("tiny", "tiny-v2.docker.tar", "shop/app:v2");
    vsn.must_deploy(&small());
    let refused = |entry: Value| {
        vsn.write_plan(&plan(json!(pushed.reference), json!({ "images.example:5000": entry })));
        let ended = vsn.deploy();
        assert_eq!(ended.word(), (Some(3), "refused"), "{ended:?}");
        assert_eq!(version(&vsn), "v1\n");
        ended.cause.unwrap()
    };
    let told = "could not pull images.example:5000/shop/app:v2 for web: the registry images.example:5000 ";
    let mut unknown = entry();
    unknown.as_object_mut().unwrap().remove("ca");
    let cause = refused(unknown);
    let cure = vsn.either(
        "name its authority in the image's `ca`, or have the registry show another certificate",
        "copy its authority to /etc/docker/certs.d/images.example:5000/ca.crt, or have it show another certificate",
    );
    let untrusted = format!(
        "{told}shows a certificate that is not trusted here: {cure}. {} said: ",
        vsn.either("Podman", "Docker")
    );
    assert_eq!(cause.split_inclusive(" said: ").next(), Some(untrusted.as_str()));
    trust(&vsn);
    vsn.write_secrets(&json!({ "images": "wrong" }));
    assert_eq!(
        refused(entry()),
        format!(
            "{told}wants an account: name one that may read the image, with its password, in the plan's `registries`. {}",
            vsn.either(
                "Podman said: initializing source docker://images.example:5000/shop/app:v2: reading manifest v2 in \
                 images.example:5000/shop/app: unauthorized: authentication required",
                "Docker said: Error response from daemon: unauthorized: authentication required",
            )
        )
    );
}

#[test]
fn mirrors_are_asked_in_their_order_and_the_registry_itself_last() {
    let vsn = vsn();
    trust(&vsn);
    let registry = vsn.registry_with_account(5000);
    registry.push("tiny", "tiny-v1.docker.tar", "shop/app:v1");
    let mut of_the_registry = entry();
    of_the_registry["mirrors"] = json!(["images.example:5001", "images.example:5002/copies/of"]);
    let registries = json!({ "images.example:5000": of_the_registry, "images.example:5001": entry(), "images.example:5002": entry() });
    let plan = plan(json!("images.example:5000/shop/app:v1"), registries);

    // The first does not answer, the second has no such image.
    let second = vsn.registry_with_account(5002);
    vsn.must_deploy(&plan);
    assert_eq!(version(&vsn), "v1\n");

    // What a tag means, the mirror says.
    second.push("tiny", "tiny-v2.docker.tar", "copies/of/shop/app:v1");
    vsn.must_deploy(&plan);
    assert_eq!(version(&vsn), "v2\n");

    drop((registry, second));
    vsn.write_plan(&plan);
    let ended = vsn.deploy();
    assert_eq!(ended.word(), (Some(3), "refused"), "{ended:?}");
    assert_eq!(version(&vsn), "v2\n");
    let lines: Vec<String> = ended
        .cause
        .unwrap()
        .lines()
        .map(|line| line.split(" Podman said: ").next().unwrap().split(" Docker said: ").next().unwrap().to_owned())
        .collect();
    let silent = |port: u16| {
        format!("the registry images.example:{port} accepts no connection: start it, or correct the image's reference.")
    };
    assert_eq!(
        lines,
        [
            format!("could not pull images.example:5000/shop/app:v1 for web: {}", silent(5000)),
            format!("Before that, {}", silent(5001)),
            format!("Before that, {}", silent(5002)),
        ]
    );
    // Nobody's name was taken.
    assert_eq!(vsn.images().len(), 1);
}

/// The processes that have the password in an argument or a variable, but for who looks for it.
fn processes_that_know_the_password(vsn: &Vsn) -> String {
    let pattern = ACCOUNT.1.replacen('-', "[-]", 1);
    vsn.must([
        "sh",
        "-c",
        &format!("grep -la '{pattern}' /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2> /dev/null || true"),
    ])
}

/// The moment at which it would be found, were it anywhere but in memory.
#[test]
fn of_a_run_that_is_killed_while_it_pulls_with_an_account_nothing_knows_the_password() {
    let vsn = vsn();
    vsn.must_deploy(&small());
    let _registry = vsn.bad_registry(Wrong::Private);
    trust(&vsn);
    let registries = json!({ "images.example:5000": entry() });
    vsn.write_plan(&plan(json!("images.example:5000/shop/app:v2"), registries));
    let run = vsn.start_deploy();
    let requests = || vsn.run(["cat", "/run/registry-requests"]).stdout;
    eventually("a layer is being pulled", || requests().contains("200 GET /v2/shop/app/blobs/"));
    assert!(requests().contains("401 GET "), "{}", requests());
    assert_eq!(
        (that_know_the_password(&vsn), processes_that_know_the_password(&vsn)),
        ("/srv/secrets.json\n".to_owned(), String::new())
    );

    run.signal("KILL");
    assert_eq!(run.wait().status, None);

    assert_eq!(
        (that_know_the_password(&vsn), processes_that_know_the_password(&vsn)),
        ("/srv/secrets.json\n".to_owned(), String::new())
    );
    assert_eq!(vsn.landfall(["recover"]).status, Some(0));
    assert_eq!((that_know_the_password(&vsn), version(&vsn)), ("/srv/secrets.json\n".to_owned(), "v1\n".to_owned()));
    assert_eq!(vsn.run(["pgrep", "-fc", "pull.*images.example:5000"]).stdout, "0\n", "nothing pulls any more");
}
