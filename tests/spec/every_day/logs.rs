//! What services wrote: merged by time, followed, and harmless.

use pretty_assertions::assert_eq;
use serde_json::Value;

use super::{plan, refused, scripted};
use crate::plans::{never_healthy, small};
use crate::support::{Output, Vsn, eventually};

/// A plan of two services that write one after the other, each waiting for the other's turn in a directory that both read.
fn in_turns(vsn: &Vsn) {
    let turn = |wait: &str, lines: &str, done: &str| {
        scripted(&format!(
            "while [ ! -e /turn/{wait} ]; do sleep 0.02; done; {lines}; touch /turn/{done}; exec sleep 1000"
        ))
    };
    // Both see what the server's root does there, and what they do in directories of their own that root passes on.
    let mut one = turn("begin", "echo one; sleep 0.05", "out-one");
    let mut two = turn("one", "echo two >&2; sleep 0.05; printf 'es\\033[31mcape\\001\\377\\r\\n'", "out-two");
    for (service, folder) in [(&mut one, "one"), (&mut two, "two")] {
        service["volumes"] = serde_json::json!([{ "source": format!("/srv/turn/{folder}"), "target": "/turn" }]);
    }
    vsn.must_deploy(&plan(&[("one", one), ("two", two)]));
    vsn.must(["touch", "/srv/turn/one/begin"]);
    eventually("one has written", || vsn.on_disk("/srv/turn/one/out-one").exists());
    vsn.must(["touch", "/srv/turn/two/one"]);
    eventually("two has written", || vsn.on_disk("/srv/turn/two/out-two").exists());
}

/// The lines without their times.
fn untimed(output: &str) -> Vec<String> {
    output.lines().map(|line| line.split_once(' ').unwrap().1.to_owned()).collect()
}

#[test]
fn the_logs_of_all_services_are_merged_by_time_and_can_not_drive_a_terminal() {
    let vsn = &Vsn::start();
    in_turns(vsn);

    let Output { status, stdout, stderr } = vsn.landfall(["logs", "shop"]);

    assert_eq!((status, stderr.as_str()), (Some(0), ""));
    let escaped = "two | es\u{fffd}[31mcape\u{fffd}\u{fffd}";
    assert_eq!(untimed(&stdout), ["one | one", "two | two", escaped]);
    assert_eq!(untimed(&vsn.landfall(["logs", "shop", "one"]).stdout), ["one | one"]);
    assert_eq!(vsn.landfall(["logs", "shop", "--since", "2100-01-01T00:00:00Z"]).stdout, "");
    let json = vsn.landfall(["logs", "shop", "--since", "1h", "--format", "json"]).stdout;
    let told = json.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let told: Vec<String> = told.map(|line| format!("{}: {}", line["service"], line["text"])).collect();
    assert_eq!(told, ["\"one\": \"one\"", "\"two\": \"two\"", "\"two\": \"es\\u001b[31mcape\\u0001\u{fffd}\""]);
}

#[test]
fn regression_097_a_line_that_was_written_in_pieces_is_one_line_with_the_time_of_its_beginning() {
    let vsn = &Vsn::start();
    let pieces = "printf 'one '; sleep 0.5; printf 'line '; sleep 0.5; echo end; touch /tmp/done; exec sleep 1000";
    vsn.must_deploy(&plan(&[("web", scripted(pieces))]));
    eventually("it has written", || {
        vsn.run([vsn.engine(), "exec", "shop-web", "test", "-e", "/tmp/done"]).status == Some(0)
    });

    assert_eq!(untimed(&vsn.landfall(["logs", "shop"]).stdout), ["web | one line end"]);
}

#[test]
fn a_line_without_end_is_cut_and_a_reader_who_has_enough_ends_it() {
    let vsn = &Vsn::start();
    let long = "head -c 100000 /dev/zero | tr '\\0' x; echo; echo next; touch /tmp/done; exec sleep 1000";
    vsn.must_deploy(&plan(&[("web", scripted(long))]));
    eventually("it has written", || {
        vsn.run([vsn.engine(), "exec", "shop-web", "test", "-e", "/tmp/done"]).status == Some(0)
    });

    let Output { status, stdout, stderr: _ } = vsn.landfall(["logs", "shop"]);

    let lines = untimed(&stdout);
    let first = lines.first().unwrap();
    assert!(
        first.starts_with("web | xxx") && first.contains("… and ") && first.ends_with(" bytes more"),
        "{first:.80}"
    );
    assert_eq!((status, lines.last().map(String::as_str)), (Some(0), Some("web | next")));
    // `head` takes its line and closes the pipe; nothing is left that waits for a reader.
    let landfall = env!("CARGO_BIN_EXE_landfall");
    let script =
        format!("set -o pipefail; {landfall} logs shop --follow | head -n 1 | wc -l; echo \"${{PIPESTATUS[@]}}\"");
    assert_eq!(vsn.must(["bash", "-c", &script]), "1\n0 0 0\n");
}

#[test]
fn following_goes_on_over_a_restart_and_ends_with_ctrl_c_or_with_the_plan() {
    let vsn = &Vsn::start();
    let script = "echo begins; while [ ! -e /go/end ]; do sleep 0.05; done; rm /go/end; echo ends; exit 1";
    let mut service = scripted(script);
    service["volumes"] = serde_json::json!([{ "source": "/srv/go", "target": "/go" }]);
    service["healthcheck"] = serde_json::json!({ "exec": ["true"] });
    vsn.must_deploy(&plan(&[("web", service)]));
    let follow = vsn.start_landfall(["logs", "shop", "--follow"]);
    let until_torn_down = vsn.start_landfall(["logs", "shop", "--follow"]);
    let seen = |number: usize| {
        for process in [&follow, &until_torn_down] {
            eventually("so many lines were seen", || process.output_so_far().0.lines().count() == number);
        }
    };
    seen(1);
    for round in 1..=2 {
        vsn.must(["touch", "/srv/go/end"]);
        seen(1 + 2 * round);
    }

    follow.signal("INT");
    let Output { status, stdout, stderr } = follow.wait();
    assert_eq!((status, stderr.as_str()), (Some(0), ""));
    assert_eq!(untimed(&stdout), ["web | begins", "web | ends", "web | begins", "web | ends", "web | begins"]);
    assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));
    let Output { status, stdout: _, stderr } = until_torn_down.wait();
    assert_eq!((status, stderr.as_str()), (Some(0), "shop is not deployed any more\n"));
}

#[test]
fn after_a_failure_the_logs_that_were_kept_are_named() {
    let vsn = &Vsn::start();
    vsn.write_plan(&never_healthy(small()));
    assert_eq!(vsn.deploy().word(), (Some(4), "rolled_back"));
    let run = vsn.runs("shop").pop().unwrap();

    let (status, said) = refused(vsn, &["logs", "shop"]);

    assert_eq!(status, Some(3));
    let kept = format!("the last lines of the containers that it removed are kept:\n  {run}/shop-web.log\n");
    assert!(said.contains("shop has no containers, because its last run failed: "), "{said}");
    assert!(said.contains(&kept), "{said}");
    assert!(vsn.read(&format!("{run}/shop-web.log")).is_some());
}
