//! What a registry can do wrong. Images are retrieved before anything is stopped: each time the old services run on, the
//! message says which registry did what and what to do about it, and nothing of the download is left.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::plans::small;
use crate::support::{Ended, Vsn, Wrong, either, eventually};

/// The image at the registry, which has time for it.
fn image() -> Value {
    json!({ "registry": "localhost:5000/shop/app:v2", "tls_verify": false, "timeout": "2m" })
}

/// The image at a registry that won't deliver it, which gets three seconds for that.
fn image_soon() -> Value {
    json!({ "registry": "localhost:5000/shop/app:v2", "tls_verify": false, "timeout": "3s" })
}

/// What the engine keeps of images, and what it has not finished.
fn stored(vsn: &Vsn) -> String {
    let list = either(
        "cd /var/lib/containers/storage && ls overlay overlay-layers overlay-images overlay-containers /var/tmp",
        "cd /var/lib/docker && ls image/overlay2/imagedb/content/sha256 image/overlay2/layerdb/sha256 overlay2 tmp containers",
    );
    vsn.must(["sh", "-c", list])
}

/// Deploys `image` over a version that runs, from a registry that goes wrong: why it was refused. In the end that version runs
/// as if nothing had been, and the same deployment goes well once the registry does.
fn refused(wrong: Option<Wrong>, image: &Value) -> String {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    let registry = wrong.map(|wrong| vsn.bad_registry(wrong));
    if wrong == Some(Wrong::Expired) {
        vsn.tell_the_engine_to_trust("images.example:5000", "/srv/tls/authority.pem");
    }
    let mut plan = small();
    plan["services"]["web"]["image"] = image.clone();
    vsn.write_plan(&plan);
    let look = || (vsn.snapshot().without_runs("shop"), stored(&vsn));
    let before = look();

    let ended = vsn.deploy();

    drop(registry);
    assert_eq!((ended.word(), &ended.left), ((Some(3), "refused"), &Vec::new()), "{ended:?}");
    // Docker's daemon clears away by itself, and a little later.
    eventually("the engine is as it was", || look() == before);
    let downloads: Vec<String> = vsn.manifest("/var/lib/landfall").into_iter().map(|entry| entry.path).collect();
    assert_eq!(downloads.into_iter().filter(|path| path.contains("downloads")).collect::<Vec<_>>(), [] as [&str; 0]);
    assert_eq!(vsn.states(), (Some(0), [("shop".to_owned(), "deployed".to_owned())].into()));
    assert_eq!(vsn.must(["curl", "--silent", "http://localhost:8080/version"]), "v1\n");
    ended.cause.unwrap()
}

/// What is told of the image in every case.
fn told(of_the_registry: &str) -> String {
    format!("could not pull localhost:5000/shop/app:v2 for web: the registry localhost:5000 {of_the_registry}")
}

/// What is told where the time was over.
fn told_of_the_time() -> String {
    let silence = either(". Podman waits without a word where a registry limits how often it is asked", "");
    told(&format!(
        "did not deliver the image within 3 s: see whether it works, or raise the image's `timeout`{silence}"
    ))
}

/// The same with what the engine said.
fn told_as_said(of_the_registry: &str, podman: &str, docker: &str) -> String {
    let said = either(podman, docker);
    told(&format!("{of_the_registry}. {} said: {said}", either("Podman", "Docker")))
}

/// The text without what differs from run to run, between these marks.
fn without(text: &str, after: &str, before: &str) -> String {
    let Some((begin, rest)) = text.split_once(after) else { return text.to_owned() };
    let (_, end) = rest.split_once(before).unwrap_or_default();
    format!("{begin}{after}…{before}{end}")
}

/// Were it not so, no other sentence here would say anything.
#[test]
fn a_registry_of_the_tests_that_does_nothing_wrong_delivers_the_image() {
    let vsn = Vsn::start();
    let _registry = vsn.bad_registry(Wrong::Nothing);
    let mut plan = small();
    plan["services"]["web"]["image"] = image();
    vsn.write_plan(&plan);
    assert_eq!(vsn.deploy(), Ended::deployed());
    assert_eq!(vsn.must(["curl", "--silent", "http://localhost:8080/version"]), "v2\n");
}

#[test]
fn a_registry_that_has_trouble_for_a_moment_is_asked_again() {
    let vsn = Vsn::start();
    let _registry = vsn.bad_registry(Wrong::Twice);
    let mut plan = small();
    plan["services"]["web"]["image"] = image();
    vsn.write_plan(&plan);
    assert_eq!(vsn.deploy(), Ended::deployed());
    assert_eq!(vsn.must(["curl", "--silent", "http://localhost:8080/version"]), "v2\n");
}

#[test]
fn a_registry_that_accepts_no_connection_leaves_the_old_services_running() {
    assert_eq!(
        refused(None, &image()),
        told_as_said(
            "accepts no connection: start it, or correct the image's reference",
            "initializing source \
             docker://localhost:5000/shop/app:v2: pinging container registry localhost:5000: Get \"http://localhost:5000/v2/\": \
             dial tcp [::1]:5000: connect: connection refused",
            "Error response from daemon: Get \"http://localhost:5000/v2/\": dial tcp [::1]:5000: connect: connection refused",
        )
    );
}

#[test]
fn a_registry_that_never_answers_leaves_the_old_services_running() {
    assert_eq!(refused(Some(Wrong::Silent), &image_soon()), told_of_the_time());
}

#[test]
fn a_registry_that_stalls_in_the_middle_of_a_layer_leaves_the_old_services_running() {
    assert_eq!(refused(Some(Wrong::Stalling), &image_soon()), told_of_the_time());
}

#[test]
fn a_registry_that_sends_one_byte_a_second_leaves_the_old_services_running() {
    assert_eq!(refused(Some(Wrong::Dripping), &image_soon()), told_of_the_time());
}

#[test]
fn a_registry_that_ends_the_transfer_in_the_middle_leaves_the_old_services_running() {
    let cause = refused(Some(Wrong::Truncated), &image());
    assert_eq!(
        without(&cause, "to file ", ": happened"),
        told_as_said(
            "ended the transfer early: deploy again, and look at its log where that does not help",
            "writing blob: \
             storing blob to file …: happened during read: unexpected EOF",
            "expected HTTP 206 from byte range request",
        )
    );
}

#[test]
fn a_registry_that_alters_a_layer_leaves_the_old_services_running() {
    let cause = refused(Some(Wrong::Altered), &image());
    let cause = without(&without(&cause, "to file ", ": happened"), "expected sha256:", ", got");
    let (cause, got) = cause.rsplit_once(':').unwrap();
    assert_eq!(got.len(), 64);
    assert_eq!(
        cause,
        told_as_said(
            "delivered something else than the image, by its digest: push the image again, and look at what stands between this \
             server and it",
            "writing blob: storing blob to file …: happened during read: Digest did not match, \
             expected sha256:…, got sha256",
            "filesystem layer verification failed for digest sha256",
        )
    );
}

#[test]
fn a_registry_that_has_another_image_than_the_pinned_one_leaves_the_old_services_running() {
    let mut image = image();
    let pinned = format!("sha256:{}", "0".repeat(64));
    image["digest"] = json!(pinned);
    let podman = format!(
        "determining manifest MIME type for docker://localhost:5000/shop/app@{pinned}: Manifest does not match provided manifest \
         digest {pinned}"
    );
    let expected = told_as_said(
        "delivered something else than the image, by its digest: push the image again, and look at what stands between this server \
         and it",
        &podman,
        &format!("manifest verification failed for digest {pinned}"),
    );
    assert_eq!(refused(Some(Wrong::Other), &image), expected);
}

#[test]
fn a_registry_that_wants_an_account_leaves_the_old_services_running() {
    assert_eq!(
        refused(Some(Wrong::Status(401)), &image()),
        told_as_said(
            "wants an account: name one that may read the image, with its password, in the plan's `registries`",
            "initializing source \
             docker://localhost:5000/shop/app:v2: reading manifest v2 in localhost:5000/shop/app: unauthorized: authentication \
             required",
            "Error response from daemon: Head \"http://localhost:5000/v2/shop/app/manifests/v2\": no basic auth credentials",
        )
    );
}

#[test]
fn a_registry_that_limits_how_often_it_is_asked_is_waited_for_no_longer_than_the_plan_says() {
    // Podman asks again by itself, and Docker tells it each time.
    let limited = told(
        "limits how often it is asked: deploy again later, or deliver the image as an archive. Docker said: Error response from \
         daemon: error parsing HTTP 429 response body: unexpected end of JSON input: \"\"",
    );
    let in_the_end = told_of_the_time();
    for wrong in [Wrong::Status(429), Wrong::Later] {
        assert_eq!(refused(Some(wrong), &image_soon()), either(&in_the_end, &limited), "{wrong:?}");
    }
}

#[test]
fn a_registry_that_has_trouble_of_its_own_leaves_the_old_services_running() {
    assert_eq!(
        refused(Some(Wrong::Status(500)), &image()),
        told_as_said(
            "has trouble of its own: look at its log",
            "initializing source docker://localhost:5000/shop/app:v2: pinging \
             container registry localhost:5000: invalid status code from registry 500 (Internal Server Error)",
            "Error response from daemon: received unexpected HTTP status: 500 Internal Server Error",
        )
    );
}

#[test]
fn a_registry_that_redirects_in_a_circle_leaves_the_old_services_running() {
    assert_eq!(
        refused(Some(Wrong::Redirecting), &image()),
        told_as_said(
            "sends every request on, without an end: correct its configuration, or that of the proxy in front of it",
            "initializing source docker://localhost:5000/shop/app:v2: pinging container registry localhost:5000: Get \"/v2/\": \
             stopped after 10 redirects",
            "Error response from daemon: Get \"/v2/\": stopped after 10 redirects",
        )
    );
}

#[test]
fn a_registry_whose_certificate_has_expired_leaves_the_old_services_running() {
    let mut image = json!({ "registry": "images.example:5000/shop/app:v2", "timeout": "1m" });
    image["ca"] = json!("tls/authority.pem");
    let cause = refused(Some(Wrong::Expired), &image);
    let (cause, clock) = cause.split_once(" not yet valid: current time ").unwrap();
    assert!(clock.contains(" is after "), "{clock}");
    assert_eq!(
        cause,
        told_as_said(
            "shows a certificate that has expired, or is not valid yet by this server's clock: renew it there, or set the clock",
            "initializing source docker://localhost:5000/shop/app:v2: pinging container registry localhost:5000: Get \
             \"https://localhost:5000/v2/\": x509: certificate has expired or is",
            "Error response from daemon: Get \"https://localhost:5000/v2/\": x509: certificate has expired or is",
        )
        .replace("localhost:5000", "images.example:5000")
    );
}

/// How often a registry was asked again in the last run, as its log tells.
fn asked_again(vsn: &Vsn) -> usize {
    let run = vsn.runs("shop").pop().unwrap();
    vsn.must(["sh", "-c", &format!("cat {run}/log*")]).matches("the registry is asked again later").count()
}

#[test]
fn what_does_not_pass_is_not_asked_for_again_and_what_may_pass_is_five_times() {
    for (status, again) in [(401, 0), (404, 0), (500, 4)] {
        let vsn = Vsn::start();
        let _registry = vsn.bad_registry(Wrong::Status(status));
        let mut plan = small();
        plan["services"]["web"]["image"] = image();
        vsn.write_plan(&plan);
        assert_eq!(vsn.deploy().word(), (Some(3), "refused"));
        assert_eq!(asked_again(&vsn), again, "{status}");
    }
}

/// What it would be asked without TLS, anybody on the way could answer.
#[test]
fn a_registry_is_asked_nothing_without_tls_unless_the_plan_says_so() {
    let vsn = Vsn::start();
    let _registry = vsn.bad_registry(Wrong::Nothing);
    let mut plan = small();
    plan["services"]["web"]["image"] = json!({ "registry": "localhost:5000/shop/app:v2", "timeout": "1m" });
    vsn.write_plan(&plan);
    let ended = vsn.deploy();
    assert_eq!(ended.word(), (Some(3), "refused"), "{ended:?}");
    // Docker would ask it without TLS at this address, which is told before anybody is asked.
    let told =
        either("the registry localhost:5000 speaks no TLS: ", "Docker does not verify the registry localhost:5000");
    let cause = ended.cause.unwrap();
    assert!(cause.contains(told), "{cause}");
    assert_eq!(vsn.run(["cat", "/run/registry-requests"]).stdout, "");
    let (status, images) = {
        let told = vsn.landfall(["images", crate::support::PLAN, "--format", "json"]);
        (told.status, crate::support::document(&told)["images"][0]["problem"].take())
    };
    let told = "the registry localhost:5000 speaks no TLS that is understood here: give it a certificate, or allow it with the image's \
                `\"tls_verify\": false`";
    assert_eq!((status, images), (Some(1), json!(told)));
}
