//! Every source that an image can come from, and what is refused of each before anything is stopped.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::plans::small;
use crate::support::{Ended, PLAN, Vsn, document};

fn with_image(image: Value) -> Value {
    let mut plan = small();
    plan["services"]["web"]["image"] = image;
    plan
}

/// Deploys with this image: the version that the service then shows.
fn deployed_with(vsn: &Vsn, image: Value) -> String {
    vsn.write_plan(&with_image(image.clone()));
    assert_eq!(vsn.deploy(), Ended::deployed(), "{image}");
    vsn.must(["curl", "--silent", "http://localhost:8080/version"])
}

/// Deploys with this image, which must be refused and change nothing; the reason.
fn refused_with(vsn: &Vsn, image: Value) -> String {
    vsn.write_plan(&with_image(image.clone()));
    let before = vsn.snapshot();
    let ended = vsn.deploy();
    assert_eq!(ended.word(), (Some(3), "refused"), "{image}: {ended:?}");
    assert_eq!(vsn.snapshot().without_runs("shop"), before.without_runs("shop"), "{image}");
    ended.cause.unwrap()
}

fn sha256(vsn: &Vsn, path: &str) -> String {
    vsn.must(["sha256sum", path]).split_once(' ').unwrap().0.to_owned()
}

#[test]
fn an_archive_of_either_format_is_deployed_whatever_its_compression() {
    let vsn = Vsn::start();
    let id = vsn.image_id("tiny-v1.docker.tar");
    let zst = vsn.image("tiny", "tiny-v1.oci.tar.zst");
    let convert = "cd /srv/images && zstd -dqf tiny-v1.oci.tar.zst && gzip -kf tiny-v1.oci.tar && xz -k0f tiny-v1.oci.tar && \
        zstd -qf tiny-v1.docker.tar";
    vsn.must(["sh", "-c", convert]);
    for archive in [
        "docker.tar",
        "docker.tar.zst",
        "docker.tar.gz",
        "docker.tar.xz",
        "oci.tar",
        "oci.tar.gz",
        "oci.tar.xz",
        "oci.tar.zst",
    ] {
        let image = json!({ "archive": format!("images/tiny-v1.{archive}") });
        assert_eq!(deployed_with(&vsn, image), "v1\n", "{archive}");
        assert_eq!(vsn.images(), [format!("localhost/landfall/shop/web:{} sha256:{id}", &id[..12])]);
        assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));
    }
    // The plan's paths start from the plan; an absolute one is what it is.
    assert_eq!(deployed_with(&vsn, json!({ "archive": zst })), "v1\n");
}

#[test]
fn an_archive_is_held_against_its_hash_its_reference_and_its_image_id() {
    let vsn = Vsn::start();
    let both = vsn.image("tiny", "tiny-both.docker.tar");
    let (hash, other_hash) = (sha256(&vsn, &both), "0".repeat(64));
    let (first, second) = (vsn.image_id("tiny-v1.docker.tar"), vsn.image_id("tiny-v2.docker.tar"));
    let both = "images/tiny-both.docker.tar";
    let right = json!({ "archive": both, "reference": "localhost/tiny:v2", "sha256": hash, "id": second });
    assert_eq!(deployed_with(&vsn, right), "v2\n");

    let cause = refused_with(&vsn, json!({ "archive": both, "reference": "localhost/tiny:v2", "sha256": other_hash }));
    assert_eq!(
        cause,
        format!("could not load {both} for web: the archive's SHA-256 is {hash}, but the plan says {other_hash}")
    );
    let cause = refused_with(&vsn, json!({ "archive": both, "reference": "localhost/tiny:v1", "id": second }));
    assert_eq!(
        cause,
        format!("could not load {both} for web: the archive's image has the ID {first}, but the plan says {second}")
    );
    let cause = refused_with(&vsn, json!({ "archive": both, "reference": "localhost/tiny:v3" }));
    assert!(cause.contains("localhost/tiny:v1") && cause.contains("localhost/tiny:v2"), "{cause}");
    let cause = refused_with(&vsn, json!({ "archive": both }));
    assert!(cause.contains("localhost/tiny:v1") && cause.contains("localhost/tiny:v2"), "{cause}");
    vsn.write("/srv/images/text.tar", "no archive\n", 0o600);
    refused_with(&vsn, json!({ "archive": "images/text.tar" }));
    assert_eq!(vsn.must(["curl", "--silent", "http://localhost:8080/version"]), "v2\n");
}

/// Deploys with this image, which must be refused before a run begins; what step 1 says of it.
fn errors_with(vsn: &Vsn, image: &Value) -> Vec<String> {
    vsn.write_plan(&with_image(image.clone()));
    let before = vsn.snapshot();
    let output = vsn.landfall(["deploy", PLAN, "--format", "json"]);
    assert_eq!((output.status, vsn.snapshot()), (Some(3), before), "{image}: {output:?}");
    let findings = document(&output)["findings"].take();
    let errors = findings.as_array().unwrap().iter().filter(|finding| finding["severity"] == "error");
    let told =
        |finding: &Value| format!("{} {}", finding["code"].as_str().unwrap(), finding["message"].as_str().unwrap());
    errors.map(told).collect()
}

/// A USB stick with several archives and other things on it.
#[test]
fn an_archive_is_found_in_a_folder_by_the_image_that_is_in_it() {
    let vsn = Vsn::start();
    let stick = |reference: &str| json!({ "archive": "/srv/stick/", "reference": reference });
    vsn.must(["mkdir", "-p", "--mode", "0755", "/srv/stick/below"]);
    for (group, archive, to) in [
        ("tiny", "tiny-v1.oci.tar.zst", "stick/one.tar.zst"),
        ("tiny", "tiny-v2.docker.tar", "stick/below/two.tar"),
        ("tiny", "tiny-v2.docker.tar", "outside.tar"),
    ] {
        vsn.must(["cp", &vsn.image(group, archive), &format!("/srv/{to}")]);
    }
    vsn.write("/srv/stick/README.txt", "no archive\n", 0o644);
    let (first, second) = (vsn.image_id("tiny-v1.docker.tar"), vsn.image_id("tiny-v2.docker.tar"));
    assert_eq!(deployed_with(&vsn, stick("localhost/tiny:v1")), "v1\n");

    let refused = |image: Value| errors_with(&vsn, &image);
    let missing = "LF133 the image is not to be found in `/srv/stick/`: none of its archives has the image";
    let there = "one.tar.zst has localhost/tiny:v1";
    assert_eq!(refused(stick("localhost/tiny:v2")), [format!("{missing} `localhost/tiny:v2`: {there}")]);
    // Neither a link nor what others can write to is taken.
    vsn.must(["ln", "-s", "../outside.tar", "/srv/stick/link.tar"]);
    vsn.must(["install", "-m", "0666", "/srv/outside.tar", "/srv/stick/shared.tar"]);
    let link = "link.tar: `/srv/stick/link.tar` is a symbolic link, and it is not followed: put what it points to in its place";
    let shared = "shared.tar: `/srv/stick/shared.tar` can be written by everyone, who could so become root: `chmod go-w \
                  /srv/stick/shared.tar`";
    let told = format!("{missing} `localhost/tiny:v2`: {link}; {there}; {shared}");
    assert_eq!(refused(stick("localhost/tiny:v2")), [told]);
    vsn.must(["chmod", "go-w", "/srv/stick/shared.tar"]);
    assert_eq!(deployed_with(&vsn, stick("localhost/tiny:v2")), "v2\n");

    // Two archives of the same image are one, two of different images are none.
    vsn.must(["cp", "/srv/outside.tar", "/srv/stick/again.tar"]);
    assert_eq!(deployed_with(&vsn, stick("localhost/tiny:v2")), "v2\n");
    vsn.load(&vsn.image("tiny", "tiny-v1.docker.tar"));
    vsn.must([vsn.engine(), "tag", "localhost/tiny:v1", "localhost/tiny:v2"]);
    vsn.must([vsn.engine(), "save", "--output", "/srv/stick/other.tar", "localhost/tiny:v2"]);
    vsn.must(["chmod", "0644", "/srv/stick/other.tar"]);
    vsn.must([vsn.engine(), "rmi", "localhost/tiny:v2"]);
    let told = format!(
        "LF133 the image is not to be found in `/srv/stick/`: its archives have different images `localhost/tiny:v2`: again.tar \
         (ID {two}), other.tar (ID {one}), shared.tar (ID {two})",
        one = &first[..12],
        two = &second[..12],
    );
    assert_eq!(refused(stick("localhost/tiny:v2")), [told]);
    let mut pinned = stick("localhost/tiny:v2");
    pinned["id"] = json!(second);
    assert_eq!(deployed_with(&vsn, pinned), "v2\n");
    let mut pinned = stick("localhost/tiny:v2");
    pinned["sha256"] = json!(sha256(&vsn, "/srv/stick/other.tar"));
    assert_eq!(deployed_with(&vsn, pinned), "v1\n");

    // Elsewhere the stick is not at hand.
    vsn.write_plan(&with_image(stick("localhost/tiny:v1")));
    vsn.must(["rm", "-r", "/srv/stick"]);
    let dry = vsn.landfall(["deploy", PLAN, "--dry-run"]);
    assert_eq!(dry.status, Some(0), "{dry:?}");
    assert!(dry.stdout.contains("load localhost/tiny:v1 from /srv/stick/ for web"), "{dry:?}");
    assert!(dry.stdout.contains("< \"${archive_of_web:?}\""), "{dry:?}");
    assert_eq!(refused(stick("localhost/tiny:v1")), ["LF125 there is no `/srv/stick/`: not found"]);
}

#[test]
fn an_image_is_pulled_from_a_registry_that_the_plan_says_not_to_verify() {
    let vsn = Vsn::start();
    let registry = vsn.registry();
    let first = registry.push("tiny", "tiny-v1.docker.tar", "shop/app:v1");
    let second = registry.push("tiny", "tiny-v2.docker.tar", "shop/app:v2");
    vsn.must(["rm", "-r", "/srv/images"]);
    let plain = |reference: &str| json!({ "registry": reference, "tls_verify": false });

    assert_eq!(deployed_with(&vsn, plain(&first.reference)), "v1\n");
    let tagged = |id: &str| vec![format!("localhost/landfall/shop/web:{} sha256:{id}", &id[..12])];
    assert_eq!(vsn.images(), tagged(&first.id));
    // The digest decides, whatever the tag says.
    let mut pinned = plain(&first.reference);
    pinned["digest"] = json!(second.digest);
    pinned["id"] = json!(second.id);
    assert_eq!(deployed_with(&vsn, pinned), "v2\n");
    assert_eq!(vsn.images(), tagged(&second.id));

    let mut wrong = plain(&first.reference);
    wrong["id"] = json!(second.id);
    let cause = refused_with(&vsn, wrong);
    assert_eq!(
        cause,
        format!("could not verify the image of web: the image has the ID {}, and {} is expected", first.id, second.id)
    );
    let mut unknown = plain(&first.reference);
    unknown["digest"] = json!(format!("sha256:{}", "0".repeat(64)));
    refused_with(&vsn, unknown);
    refused_with(&vsn, plain("localhost:5000/shop/app:v9"));
    // HTTPS unless the plan says otherwise.
    refused_with(&vsn, json!(first.reference));
    drop(registry);
    refused_with(&vsn, plain(&first.reference));
    assert_eq!(vsn.must(["curl", "--silent", "http://localhost:8080/version"]), "v2\n");
}

#[test]
fn an_image_is_pulled_from_a_registry_whose_authority_the_plan_brings_along() {
    let vsn = Vsn::start();
    let registry = vsn.registry_with_tls();
    let pushed = registry.push("tiny", "tiny-v1.docker.tar", "shop/app:v1");
    refused_with(&vsn, json!(pushed.reference));
    vsn.tell_the_engine_to_trust("images.example:5000", &vsn.certificate().0);

    let trusted = json!({ "registry": pushed.reference, "ca": "tls/certificate.pem" });
    assert_eq!(deployed_with(&vsn, trusted), "v1\n");

    assert_eq!(vsn.read("/etc/containers/certs.d/images.example:5000/ca.crt"), None);
    let downloads =
        vsn.manifest("/var/lib/landfall/shop/runs").into_iter().filter(|entry| entry.path.contains("downloads"));
    assert_eq!(downloads.map(|entry| entry.path).collect::<Vec<_>>(), [] as [&str; 0]);
}

/// A pull gives the image the registry's name, and on Docker another one by its digest: all names are afterwards where they were.
#[test]
fn regression_067_a_pull_leaves_the_names_of_others_where_they_were() {
    let vsn = Vsn::start();
    let registry = vsn.registry();
    let first = registry.push("tiny", "tiny-v1.docker.tar", "shop/app:v1");
    vsn.load(&vsn.image("tiny", "tiny-v2.docker.tar"));
    vsn.must([vsn.engine(), "tag", "localhost/tiny:v2", &first.reference]);
    let strangers = vsn.images();

    assert_eq!(deployed_with(&vsn, json!({ "registry": first.reference, "tls_verify": false })), "v1\n");

    let ours = format!("localhost/landfall/shop/web:{} sha256:{}", &first.id[..12], first.id);
    let mut expected = [vec![ours], strangers.clone()].concat();
    expected.sort();
    assert_eq!(vsn.images(), expected);
    assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));
    assert_eq!(vsn.images(), strangers);
}

#[test]
fn regression_092_an_image_is_built_from_a_context_that_lies_beside_the_plan_and_leaves_nothing_else() {
    let vsn = Vsn::start();
    vsn.must(["mkdir", "-p", "/srv/context/www"]);
    vsn.must(["chmod", "-R", "go-w", "/srv/context"]);
    let busybox =
        std::fs::read(vsn.must(["sh", "-c", "command -v busybox.static || command -v busybox"]).trim()).unwrap();
    vsn.write("/srv/context/busybox", busybox, 0o755);
    vsn.write("/srv/context/www/version", "built\n", 0o644);
    vsn.write("/srv/context/www/other", "other\n", 0o644);
    let containerfile = "ARG FILE=other\nFROM scratch AS base\nCOPY busybox /bin/busybox\nFROM base AS web\nARG FILE\n\
        COPY www/$FILE /www/version\nCMD [\"/bin/busybox\", \"httpd\", \"-f\", \"-p\", \"80\", \"-h\", \"/www\"]\nFROM web AS broken\n\
        COPY missing /\n";
    vsn.write("/srv/context/build/Containerfile.web", containerfile, 0o644);
    let image = json!({ "build": "context", "file": "build/Containerfile.web", "args": { "FILE": "version" }, "target": "web" });

    assert_eq!(deployed_with(&vsn, image.clone()), "built\n");

    let id = vsn.image_of("shop-web");
    let tag = format!("localhost/landfall/shop/web:{} sha256:{id}", &id[..12]);
    assert_eq!(vsn.images().into_iter().filter(|image| !image.starts_with("<none>")).collect::<Vec<_>>(), [tag]);
    // The same context gives the same image, which can be pinned.
    let mut pinned = image.clone();
    pinned["id"] = json!(id);
    assert_eq!(deployed_with(&vsn, pinned.clone()), "built\n");
    vsn.write("/srv/context/www/version", "changed\n", 0o644);
    let cause = refused_with(&vsn, pinned);
    assert!(cause.contains(&format!("and {id} is expected")), "{cause}");
    let mut broken = image;
    broken["target"] = json!("broken");
    refused_with(&vsn, broken);
    assert_eq!(vsn.must(["curl", "--silent", "http://localhost:8080/version"]), "built\n");
    assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));
    assert_eq!(vsn.images(), [] as [&str; 0], "what it was built of is gone as well");
}

/// What the build writes into the image is another thing each time.
#[test]
fn an_image_is_built_again_only_when_its_context_its_file_or_an_argument_has_changed() {
    let vsn = Vsn::start();
    vsn.must(["mkdir", "-p", "/srv/context"]);
    vsn.must(["chmod", "-R", "go-w", "/srv/context"]);
    let busybox =
        std::fs::read(vsn.must(["sh", "-c", "command -v busybox.static || command -v busybox"]).trim()).unwrap();
    vsn.write("/srv/context/busybox", busybox, 0o755);
    let containerfile = "FROM scratch\nARG A=1\nCOPY busybox /bin/busybox\nCOPY page /www/page\n\
        RUN [\"/bin/busybox\", \"sh\", \"-c\", \"cat /proc/uptime > /www/version\"]\n\
        CMD [\"/bin/busybox\", \"httpd\", \"-f\", \"-p\", \"80\", \"-h\", \"/www\"]\n";
    vsn.write("/srv/context/Containerfile", containerfile, 0o644);
    vsn.write("/srv/context/page", "1\n", 0o644);
    let image = json!({ "build": "context" });

    let first = deployed_with(&vsn, image.clone());
    assert_eq!(deployed_with(&vsn, image.clone()), first, "nothing has changed");
    vsn.must(["cp", "-a", "/srv/context", "/srv/moved"]);
    assert_eq!(deployed_with(&vsn, json!({ "build": "moved", "timeout": "5m" })), first, "it lies elsewhere");

    vsn.write("/srv/context/page", "2\n", 0o644);
    let second = deployed_with(&vsn, image.clone());
    assert_ne!(second, first, "a file has changed");
    let third = deployed_with(&vsn, json!({ "build": "context", "args": { "A": "2" } }));
    assert_ne!(third, second, "an argument has changed");
    vsn.must([env!("CARGO_BIN_EXE_landfall"), "teardown", "shop"]);
    assert_ne!(deployed_with(&vsn, json!({ "build": "context", "args": { "A": "2" } })), third, "the image was gone");
}

/// Neither what the plan keeps secret nor what the operator's environment says of proxies gets into an image.
#[test]
fn no_secret_gets_into_an_image_that_is_built() {
    let vsn = Vsn::start();
    vsn.must(["mkdir", "-p", "/srv/context"]);
    vsn.must(["chmod", "-R", "go-w", "/srv/context"]);
    let busybox =
        std::fs::read(vsn.must(["sh", "-c", "command -v busybox.static || command -v busybox"]).trim()).unwrap();
    vsn.write("/srv/context/busybox", busybox, 0o755);
    let containerfile = "FROM scratch\nARG A=1\nCOPY busybox /bin/busybox\n\
        RUN [\"/bin/busybox\", \"sh\", \"-c\", \"mkdir -p /www; env > /www/version; cat /run/secrets/* >> /www/version; true\"]\n\
        CMD [\"/bin/busybox\", \"httpd\", \"-f\", \"-p\", \"80\", \"-h\", \"/www\"]\n";
    vsn.write("/srv/context/Containerfile", containerfile, 0o644);
    vsn.write_secrets(&json!({ "password": "gift-wrapped-herring-41" }));
    let mut plan = with_image(json!({ "build": "context", "args": { "A": "plainly-told-23" } }));
    plan["services"]["web"]["environment"] = json!({ "PASSWORD": { "secret": "password" } });
    plan["services"]["web"]["secrets"] = json!([{ "secret": "password", "target": "/run/secrets/password" }]);
    vsn.write_plan(&plan);
    let proxy = "HTTPS_PROXY=http://somebody:smoked-eel-12@localhost:1";
    let landfall = env!("CARGO_BIN_EXE_landfall");
    vsn.must(["env", proxy, landfall, "deploy", PLAN, "--secrets", crate::support::SECRETS]);

    let id = vsn.inspect("shop-web")["Image"].as_str().unwrap().to_owned();
    vsn.must([vsn.engine(), "save", "--output", "/srv/built.tar", &id]);
    vsn.must(["sh", "-c", "mkdir /srv/built && tar -xf /srv/built.tar -C /srv/built"]);
    let has = |text: &str| vsn.run(["grep", "-raqF", text, "/srv/built"]).status == Some(0);
    assert_eq!(["plainly-told-23", "gift-wrapped-herring-41", "smoked-eel-12"].map(has), [true, false, false]);
}

#[test]
fn an_image_that_would_make_a_volume_of_its_own_is_refused_unless_something_is_mounted_there() {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    let image = json!({ "archive": "images/declares-volume.docker.tar" });
    let cause = refused_with(&vsn, image.clone());
    assert!(cause.contains("the image declares the volume /data"), "{cause}");

    let mut plan = with_image(image);
    plan["services"]["web"]["volumes"] =
        json!([{ "source": "/srv/data", "target": "/data", "owner": "0:0", "mode": "0700" }]);
    vsn.must_deploy(&plan);

    assert_eq!(vsn.volumes(), [] as [&str; 0]);
}

#[test]
fn an_image_whose_working_directory_would_be_created_in_the_data_is_refused_unless_it_is_there() {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    let mut plan = with_image(json!({ "archive": "images/works-below-data.docker.tar" }));
    plan["services"]["web"]["volumes"] =
        json!([{ "source": "/srv/data", "target": "/data", "owner": "0:0", "mode": "0700" }]);
    vsn.write("/srv/data/row", "1\n", 0o600);
    vsn.write_plan(&plan);
    let before = vsn.snapshot();

    let ended = vsn.deploy();

    assert_eq!(ended.word(), (Some(3), "refused"));
    assert!(ended.cause.as_ref().unwrap().contains("working directory /data/work"), "{ended:?}");
    assert_eq!(vsn.snapshot().without_runs("shop"), before.without_runs("shop"));
    vsn.must(["mkdir", "/srv/data/work"]);
    let data = vsn.manifest("/srv/data");
    assert_eq!(vsn.deploy(), Ended::deployed());
    assert_eq!((vsn.in_container("shop-web", "pwd"), vsn.manifest("/srv/data")), ("/data/work\n".to_owned(), data));
}

#[test]
fn an_image_for_another_architecture_is_refused() {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    let cause = refused_with(&vsn, json!({ "archive": "images/other-architecture.docker.tar" }));
    assert!(cause.starts_with("could not verify the image of web: the image is for "), "{cause}");
}

#[test]
fn the_health_check_of_the_image_itself_is_switched_off() {
    let vsn = Vsn::start();
    deployed_with(&vsn, json!({ "archive": "images/checks-itself.docker.tar" }));
    assert!(!vsn.has_a_check_of_its_own("shop-web"));
    assert_eq!(vsn.status().0, Some(0));
}
