//! What a policy says of images, privileges and limits.

use super::{forbidden, of_web, places, plan, site};
use crate::policy::judge::{Places, judge};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

#[test]
fn images_come_from_registries_and_folders_that_are_allowed() {
    let image = |image: Value| json!({ "image": image });
    let registries = json!({ "registries": ["registry.example:5000/shop", "localhost"] });
    for right in ["registry.example:5000/shop:1", "registry.example:5000/shop/app:1", "localhost/a:1"] {
        assert_eq!(of_web(registries.clone(), image(json!(right))), Vec::<String>::new());
    }
    for wrong in [
        "registry.example/shop:1",
        "registry.example:5001/shop:1",
        "registry.example:5000/shopping:1",
        "registry.example:5000/other/shop:1",
        "registry.example.evil.example:5000/shop:1",
        "docker.io/library/nginx:1",
    ] {
        assert_eq!(of_web(registries.clone(), image(json!(wrong))), ["LF155 /services/web/image"]);
        let detailed = image(json!({ "registry": wrong }));
        assert_eq!(of_web(registries.clone(), detailed), ["LF155 /services/web/image/registry"]);
    }
    let allowed = json!({ "archive_folders": ["/srv/images"] });
    let archive = |leads_to: &str| {
        let plan = plan(&json!({}), &image(json!({ "archive": "a.tar" })));
        forbidden(&allowed, &plan, &places(&[("a.tar", leads_to)]))
    };
    let folder = |leads_to: &str| {
        let plan = plan(&json!({}), &image(json!({ "archive": "stick/", "reference": "registry.example/a:1" })));
        forbidden(&allowed, &plan, &places(&[("stick/", leads_to)]))
    };
    assert_eq!(
        (folder("/srv/images"), folder("/srv")),
        (Vec::new(), vec!["LF155 /services/web/image/archive".to_owned()])
    );
    assert_eq!(archive("/srv/images/x/a.tar"), Vec::<String>::new());
    assert_eq!(archive("/srv/plans/a.tar"), ["LF155 /services/web/image/archive"]);
    assert_eq!(archive("/srv/images-of-others/a.tar"), ["LF155 /services/web/image/archive"]);
    let hosts = json!({ "archive_hosts": ["images.example:443"] });
    let url = |host: &str| image(json!({ "url": format!("https://{host}/a.tar"), "sha256": "9f".repeat(32) }));
    assert_eq!(of_web(hosts.clone(), url("images.example")), Vec::<String>::new());
    assert_eq!(of_web(hosts.clone(), url("images.example:8443")), ["LF155 /services/web/image/url"]);
    let ssh = image(json!({ "ssh": "me@images.example:/a.tar", "key": "id" }));
    assert_eq!(of_web(hosts, ssh.clone()), ["LF155 /services/web/image/ssh"]);
    assert_eq!(of_web(json!({ "archive_hosts": ["images.example:22"] }), ssh), Vec::<String>::new());
    let build = image(json!({ "build": "context" }));
    assert_eq!(of_web(json!({ "build": false }), build.clone()), ["LF155 /services/web/image/build"]);
    assert_eq!(of_web(json!({ "build": true }), build), Vec::<String>::new());
}

#[test]
fn a_relative_archive_is_only_doubtful_where_the_plan_is_not_deployed() {
    let site = site(&json!({ "archive_folders": ["/srv/images"] }));
    let severities = |path: &str| {
        let plan = plan(&json!({}), &json!({ "image": { "archive": path } }));
        let elsewhere = Places { on_the_server: false, ..places(&[(path, "/builds/shop/a.tar")]) };
        judge(&site, &plan, &elsewhere).iter().map(|finding| finding.severity).collect::<Vec<_>>()
    };
    use crate::diagnostics::Severity::{Error, Warning};
    assert_eq!((severities("a.tar"), severities("/opt/a.tar")), (vec![Warning], vec![Error]));
}

#[test]
fn an_image_that_can_be_another_one_is_no_image_where_it_must_be_certain() {
    let of = |image: Value| of_web(json!({ "unpinned_images": false }), json!({ "image": image }));
    assert_eq!(of(json!("docker.io/library/nginx:1")), ["LF156 /services/web/image"]);
    assert_eq!(of(json!({ "archive": "a.tar" })), ["LF156 /services/web/image"]);
    assert_eq!(of(json!(format!("docker.io/library/nginx@sha256:{}", "9f".repeat(32)))), Vec::<String>::new());
    assert_eq!(of(json!({ "archive": "a.tar", "sha256": "9f".repeat(32) })), Vec::<String>::new());
}

#[test]
fn capabilities_devices_and_privileges_are_those_that_are_allowed() {
    let caps = |names: &[&str]| json!({ "cap_add": names });
    let policy = json!({ "cap_add": ["CAP_NET_RAW", "SYS_NICE"] });
    assert_eq!(of_web(policy.clone(), caps(&["NET_RAW", "CAP_SYS_NICE"])), Vec::<String>::new());
    let wrong = ["LF152 /services/web/cap_add/0", "LF152 /services/web/cap_add/2"];
    assert_eq!(of_web(policy, caps(&["ALL", "NET_RAW", "SYS_ADMIN"])), wrong);
    assert_eq!(of_web(json!({ "cap_add": ["ALL"] }), caps(&["SYS_ADMIN"])), Vec::<String>::new());

    let devices = json!({ "devices": ["/dev/ttyUSB0", "/dev/fuse:/dev/x:r", "/dev/ttyUSB01"] });
    let wrong = ["LF153 /services/web/devices/0", "LF153 /services/web/devices/2"];
    assert_eq!(of_web(json!({ "devices": ["/dev/ttyUSB0:rw", "/dev/fuse:r"] }), devices), wrong);

    let gains = json!({ "no_new_privileges": false });
    assert_eq!(of_web(json!({ "new_privileges": false }), gains), ["LF152 /services/web/no_new_privileges"]);
    assert_eq!(of_web(json!({ "new_privileges": false }), json!({})), Vec::<String>::new());
}

#[test]
fn whoever_may_be_root_in_a_container_needs_a_number() {
    let of = |user: Value| of_web(json!({ "container_root": false }), user);
    for right in ["999", "999:0", "65534:65534"] {
        assert_eq!(of(json!({ "user": right })), Vec::<String>::new());
    }
    for wrong in ["0", "0:999", "root", "postgres", "postgres:999"] {
        assert_eq!(of(json!({ "user": wrong })), ["LF152 /services/web/user"]);
    }
    assert_eq!(of(json!({})), ["LF152 /services/web"]);
}

#[test]
fn limits_are_asked_for_and_bounded() {
    let policy =
        json!({ "memory": "1GiB", "cpus": 1.5, "pids": 100, "ulimits": ["nofile"], "sysctls": ["net.core.somaxconn"] });
    let right = json!({
        "memory": "1024MiB", "cpus": 1.5, "pids_limit": 100, "ulimits": { "nofile": 1 }, "sysctls": { "net.core.somaxconn": "1" }
    });
    assert_eq!(of_web(policy.clone(), right), Vec::<String>::new());
    let wrong = json!({
        "memory": "1025MiB", "cpus": 1.501, "pids_limit": 101, "ulimits": { "rtprio": 1 }, "sysctls": { "net.ipv4.ip_forward": "1" }
    });
    assert_eq!(
        of_web(policy.clone(), wrong),
        ["memory", "cpus", "pids_limit", "ulimits/rtprio", "sysctls/net.ipv4.ip_forward"]
            .map(|field| format!("LF160 /services/web/{field}"))
    );
    assert_eq!(of_web(policy, json!({})), ["LF160 /services/web"; 3]);
}
