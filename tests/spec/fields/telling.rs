use pretty_assertions::assert_eq;
use serde_json::json;

use crate::plans::small;
use crate::support::{PLAN, Vsn};

const LANDFALL: &str = env!("CARGO_BIN_EXE_landfall");

/// Runs a command on a terminal of its own; what it shows there.
fn on_terminal(vsn: &Vsn, variable: &str, arguments: &[&str]) -> String {
    let terminal = ["env", variable, "/usr/bin/python3", "-c", "import pty, sys; pty.spawn(sys.argv[1:])", LANDFALL];
    vsn.run(terminal.into_iter().chain(arguments.iter().copied())).stdout
}

#[test]
fn the_log_of_a_run_holds_what_the_operator_is_told() {
    let vsn = Vsn::start();
    vsn.write_plan(&small());
    let output = vsn.landfall(["deploy", PLAN]);
    assert_eq!(output.status, Some(0));

    let run = vsn.runs("shop").pop().unwrap();
    let log = String::from_utf8(vsn.read(&format!("{run}/log")).unwrap()).unwrap();

    let kept: Vec<&str> = log.lines().filter_map(|line| Some(line.split_once(" INFO told: ")?.1)).collect();
    // Between progress and summary stands how long each step took.
    let told = output.stderr.lines().chain(output.stdout.lines()).filter(|line| !line.contains(" s  "));
    assert_eq!(kept, told.collect::<Vec<_>>());
}

#[test]
fn every_operation_is_told_on_request_and_an_empty_variable_asks_for_nothing() {
    let vsn = Vsn::start();
    vsn.write_plan(&small());
    let told = |variable: &str, options: &[&str]| {
        let command = ["env", variable, LANDFALL, "deploy", PLAN, "--format", "json"];
        let output = vsn.run(command.into_iter().chain(options.iter().copied()));
        assert_eq!(output.status, Some(0));
        output.stderr
    };
    assert_eq!(told("LANDFALL_LOG=", &[]), "");
    for operations in [told("LANDFALL_LOG=", &["-v"]), told("LANDFALL_LOG=landfall=info", &[])] {
        assert!(operations.lines().any(|line| line.contains("performed operation=commit")), "{operations}");
        assert!(!operations.contains("DEBUG"), "{operations}");
    }
    let everything = told("LANDFALL_LOG=", &["-vv"]);
    assert!(everything.contains("DEBUG landfall::host::command: ran name=podman create code=0"), "{everything}");
    let misunderstood = told("LANDFALL_LOG=landfall=much", &[]);
    assert!(misunderstood.starts_with("LANDFALL_LOG is ignored: "), "{misunderstood}");
}

#[test]
fn a_terminal_has_colour_and_live_lines_unless_no_color_says_something() {
    let vsn = Vsn::start();
    let mut plan = small();
    vsn.write_plan(&plan);
    for (variable, coloured) in [("NO_COLOR=", true), ("NO_COLOR=1", false)] {
        let shown = on_terminal(&vsn, variable, &["deploy", PLAN]);
        assert!(shown.contains("shop is deployed: 1 service"), "{shown}");
        assert_eq!(shown.contains('\u{1b}'), coloured, "{variable}: {shown}");
        // Without live lines each operation is told in a line that stays.
        assert_eq!(shown.contains("  create the container shop-web\r\n"), !coloured, "{variable}: {shown}");
    }
    plan["services"]["web"]["prots"] = json!([]);
    vsn.write_plan(&plan);
    for (variable, coloured) in [("NO_COLOR=", true), ("NO_COLOR=1", false)] {
        let shown = on_terminal(&vsn, variable, &["check", PLAN]);
        assert!(shown.contains("LF005"), "{shown}");
        assert_eq!(shown.contains('\u{1b}'), coloured, "{variable}: {shown}");
    }
}
