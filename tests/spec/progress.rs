//! How far images have come is told while they come.

use serde_json::{Value, json};

use crate::plans::small;
use crate::support::{PLAN, Vsn};

const LANDFALL: &str = env!("CARGO_BIN_EXE_landfall");

/// A plan with two archives at a slow web server.
fn plan(vsn: &Vsn) -> Value {
    let mut plan = small();
    plan["services"]["other"] = json!({ "restart": "always" });
    for (service, archive) in [("web", "tiny-v1.docker.tar"), ("other", "tiny-v2.docker.tar")] {
        let file = vsn.image("tiny", archive);
        let sha256 = vsn.must(["sha256sum", &file]).split_once(' ').unwrap().0.to_owned();
        let url = format!("https://localhost:8443/{archive}");
        plan["services"][service]["image"] = json!({ "url": url, "sha256": sha256, "ca": "tls/certificate.pem" });
    }
    plan
}

#[test]
fn downloads_side_by_side_have_a_line_each_that_changes_on_a_terminal_and_lines_that_stay_elsewhere() {
    let vsn = Vsn::start();
    let _server = vsn.web_server(300_000);
    vsn.write_plan(&plan(&vsn));
    let on_a_terminal =
        ["env", "NO_COLOR=", "TERM=xterm", "/usr/bin/python3", "-c", "import pty, sys; pty.spawn(sys.argv[1:])"];
    let live = vsn.run(on_a_terminal.into_iter().chain([LANDFALL, "deploy", PLAN])).stdout;
    for service in ["web", "other"] {
        // What is told of one service, up to the next control sequence.
        let told: Vec<&str> = live
            .split('\u{1b}')
            .filter(|part| part.contains(service) && part.contains("] fetched ") && part.contains(" of 2.0 MiB, "))
            .collect();
        let whole = told.iter().find(|part| part.contains("/s, ") && part.contains(" s left") && part.contains("[#"));
        assert!(whole.is_some(), "{service}: {live}");
    }
    assert!(live.contains("shop is deployed: 2 services"), "{live}");

    vsn.must([LANDFALL, "teardown", "shop"]);
    let plain = vsn.run(["env", "NO_COLOR=1", LANDFALL, "deploy", PLAN]);
    let told = |service: &str| {
        let begin = format!("  {service}: fetched ");
        plain
            .stderr
            .lines()
            .any(|line| line.starts_with(&begin) && line.contains(" of 2.0 MiB, ") && line.contains("/s, "))
    };
    assert!(told("web") && told("other") && !plain.stderr.contains('\u{1b}'), "{plain:?}");
}
