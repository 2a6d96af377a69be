//! A command of the operator's in a service's container.

use pretty_assertions::assert_eq;

use super::{plan, refused, scripted};
use crate::support::{Output, Vsn};

#[test]
fn a_command_gets_its_arguments_and_its_input_and_its_exit_status_is_passed_on() {
    let vsn = &Vsn::start();
    vsn.must_deploy(&plan(&[("web", scripted("exec sleep 1000"))]));
    let landfall = env!("CARGO_BIN_EXE_landfall");
    let script = "read -r line; echo \"$line|$1|$2\"; echo wrong >&2; exit 42";
    let command = [landfall, "exec", "shop", "web", "--", "sh", "-c", script, "sh", "a b", "--help"];

    let Output { status, stdout, stderr } = vsn.run_with_input(command, "from here\nand more\n");

    assert_eq!((status, stdout.as_str(), stderr.as_str()), (Some(42), "from here|a b|--help\n", "wrong\n"));
    let usage = vsn.landfall(["exec", "shop", "web"]);
    assert_eq!(usage.status, Some(2));
}

#[test]
fn on_a_terminal_the_command_has_one_too() {
    let vsn = &Vsn::start();
    vsn.must_deploy(&plan(&[("web", scripted("exec sleep 1000"))]));
    let landfall = env!("CARGO_BIN_EXE_landfall");

    let tty = |command: &str| {
        let typed = format!("{landfall} exec shop web -- sh -c '{command}'");
        vsn.run(["script", "--quiet", "--return", "--command", &typed, "/dev/null"])
    };

    assert_eq!(vsn.landfall(["exec", "shop", "web", "--", "test", "-t", "0"]).status, Some(1));
    let Output { status, stdout, stderr: _ } = tty("test -t 0 && test -t 1 && echo a terminal; exit 7");
    // A terminal shows the end of what `script` was given as input so, whenever it gets there.
    assert_eq!((status, stdout.replace("^@", "").as_str()), (Some(7), "a terminal\r\n"));
}

#[test]
fn a_service_that_does_not_run_is_told() {
    let vsn = &Vsn::start();
    let mut once = scripted("exit 0");
    once["restart"] = serde_json::json!("no");
    vsn.must_deploy(&plan(&[("once", once)]));
    let said = "the service once does not run, and ended with exit status 0: `landfall logs shop once` shows what it wrote last\n";
    assert_eq!(refused(vsn, &["exec", "shop", "once", "--", "true"]), (Some(3), said.to_owned()));
}
