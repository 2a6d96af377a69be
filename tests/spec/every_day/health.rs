//! The health checks, asked now.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use super::{plan, scripted};
use crate::support::{Output, Vsn, document};

#[test]
fn each_check_is_asked_now_and_tells_what_it_said() {
    let vsn = &Vsn::start();
    let mut web = scripted("exec sleep 1000");
    let check = "echo looks \"$(cat /verdict)\"; printf '\\033[2J'; test -e /fine";
    web["healthcheck"] = json!({ "exec": ["sh", "-c", format!("[ -e /verdict ] || exit 0; {check}")] });
    let mut once = scripted("true");
    once["restart"] = json!("no");
    let plain = scripted("exec sleep 1000");
    vsn.must_deploy(&plan(&[("web", web), ("once", once), ("plain", plain)]));
    vsn.in_container("shop-web", "echo good > /verdict; touch /fine");
    let told = |arguments: &[&str]| {
        let output =
            vsn.landfall(["health", "shop"].into_iter().chain(arguments.iter().copied()).chain(["--format", "json"]));
        let mut told = document(&output);
        for service in told["services"].as_array_mut().unwrap() {
            assert!(service.as_object_mut().unwrap().remove("seconds").unwrap().is_number());
            service.as_object_mut().unwrap().remove("check");
        }
        (output.status, told)
    };
    let service = |name: &str, reason: Value, output: &str| json!({ "name": name, "healthy": reason.is_null(), "reason": reason, "output": output });

    let good = service("web", Value::Null, "looks good\n\u{fffd}[2J");
    let (once, plain) = (service("once", Value::Null, ""), service("plain", Value::Null, ""));
    assert_eq!(told(&[]), (Some(0), json!({ "plan": "shop", "healthy": true, "services": [once, plain, good] })));
    vsn.in_container("shop-web", "echo bad > /verdict; rm /fine");
    let bad = service("web", json!("its check ended with exit status 1: \u{fffd}[2J"), "looks bad\n\u{fffd}[2J");
    assert_eq!(told(&["web"]), (Some(8), json!({ "plan": "shop", "healthy": false, "services": [bad] })));
    let Output { status, stdout, stderr } = vsn.landfall(["health", "shop", "plain", "once"]);
    assert_eq!((status, stderr.as_str()), (Some(0), ""));
    let lines: Vec<&str> = stdout.lines().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(lines, ["once: completed", "  asked: it ended with 0", "plain: healthy", "  asked: it runs"]);
}
