//! How far images have come is told while they come.

use serde_json::{Value, json};

use crate::plans::small;
use crate::support::{Ended, PLAN, Vsn, Wrong};

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

/// What a deployment shows on a terminal.
fn deployed_on_a_terminal(vsn: &Vsn) -> String {
    let on_a_terminal =
        ["env", "NO_COLOR=", "TERM=xterm", "/usr/bin/python3", "-c", "import pty, sys; pty.spawn(sys.argv[1:])"];
    vsn.run(on_a_terminal.into_iter().chain([LANDFALL, "deploy", PLAN])).stdout
}

#[test]
fn downloads_side_by_side_have_a_line_each_that_changes_on_a_terminal_and_lines_that_stay_elsewhere() {
    let vsn = Vsn::start();
    let _server = vsn.web_server(300_000);
    vsn.write_plan(&plan(&vsn));
    let live = deployed_on_a_terminal(&vsn);
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

/// How many KiB a text like `1.0 MiB` says.
fn kib(told: &str) -> f64 {
    let (number, unit) = told.split_once(' ').unwrap();
    let size = match unit {
        "MiB" => 1024.0,
        "KiB" => 1.0,
        "bytes" => 1.0 / 1024.0,
        other => panic!("{other}"),
    };
    number.parse::<f64>().unwrap() * size
}

#[test]
fn of_an_image_that_is_pulled_the_bytes_the_speed_and_the_time_left_are_told_and_nothing_beside_a_document() {
    let vsn = Vsn::start();
    let _registry = vsn.bad_registry(Wrong::Slow);
    let mut plan = small();
    plan["services"]["web"]["image"] = json!({ "registry": "localhost:5000/shop/app:v2", "tls_verify": false });
    vsn.write_plan(&plan);
    let live = deployed_on_a_terminal(&vsn);
    let told: Vec<&str> = live.split('\u{1b}').filter_map(|part| Some(part.split_once(" pulled ")?.1)).collect();
    // What has come, and of what, in the order in which it was shown.
    let amounts = told.iter().filter_map(|told| told.split_once(", ")?.0.split_once(" of "));
    let amounts: Vec<(f64, f64)> = amounts.map(|(bytes, of)| (kib(bytes), kib(of))).collect();
    assert!(amounts.is_sorted_by(|(one, _), (other, _)| one <= other), "{amounts:?}");
    // The tests' image has layers of about a MiB, compressed.
    assert!(amounts.iter().any(|(bytes, _)| (100.0..900.0).contains(bytes)), "{amounts:?}");
    assert!(amounts.iter().all(|(bytes, of)| bytes <= of && (900.0..1100.0).contains(of)), "{amounts:?}");
    assert!(told.iter().any(|told| told.contains("/s, ") && told.contains(" s left")), "{live}");
    assert!(live.contains("[#") && live.contains("shop is deployed: 1 service"), "{live}");

    vsn.must([LANDFALL, "teardown", "shop"]);
    let document = vsn.landfall(["deploy", PLAN, "--format", "json"]);
    assert_eq!((Ended::of(&document), document.stderr.contains("pulled")), (Ended::deployed(), false), "{document:?}");
}
