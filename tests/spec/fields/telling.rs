use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::plans::{never_healthy, secrets, shop, small};
use crate::support::{PLAN, SECRETS, Vsn, document};

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
fn what_is_done_is_told_below_its_step_as_the_dry_run_says() {
    let vsn = Vsn::start();
    vsn.write_plan(&shop());
    vsn.write_secrets(&secrets());
    let command = ["deploy", PLAN, "--secrets", SECRETS];
    let preview = document(&vsn.landfall(command.into_iter().chain(["--dry-run", "--here", "--format", "json"])));
    let steps = preview["steps"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let sorted = |mut lines: Vec<String>| {
        lines.sort();
        lines
    };
    let expected: Vec<_> = steps
        .iter()
        .map(|step| {
            let operations = step["operations"].as_array().unwrap().iter();
            (text(&step["name"]), sorted(operations.map(|operation| text(&operation["description"])).collect()))
        })
        .collect();

    let output = vsn.landfall(command);

    let mut told: Vec<(String, Vec<String>)> = Vec::new();
    let progress = output.stderr.lines().skip_while(|line| *line != "validate");
    for line in progress.filter(|line| !line.contains(" s  ")) {
        match (line.strip_prefix("  "), told.last_mut()) {
            (Some(operation), Some((_, operations))) => operations.push(operation.to_owned()),
            _ => told.push((line.to_owned(), Vec::new())),
        }
    }
    let told: Vec<_> = told.into_iter().map(|(step, operations)| (step, sorted(operations))).collect();
    assert_eq!((output.status, told), (Some(0), expected));
}

#[test]
fn a_failure_is_told_below_its_step_and_before_the_steps_that_it_ends() {
    let vsn = Vsn::start();
    vsn.write_plan(&never_healthy(small()));

    let output = vsn.landfall(["deploy", PLAN]);

    let begin = ["create and start", "  could not wait until web is healthy", "maintenance jobs", "cleaning up: "];
    let begins = |line: &&str| begin.iter().any(|begin| line.starts_with(begin));
    let told: Vec<&str> = output.stderr.lines().filter(begins).collect();
    let cause =
        "could not wait until web is healthy, at most 3s: not within 3s: http://localhost:8080/nothing answered 404";
    let failure = [begin[0].to_owned(), format!("  {cause}"), begin[2].to_owned(), format!("cleaning up: {cause}")];
    assert_eq!((output.status, told), (Some(4), failure.iter().map(String::as_str).collect()));
}

#[test]
fn the_commit_of_the_work_tree_that_the_plan_lies_in_is_on_record() {
    let vsn = Vsn::start();
    vsn.write_plan(&small());
    let commit = "git init -q && git add plan.json && git -c user.name=a -c user.email=a@example.org commit -q -m plan";
    vsn.must(["bash", "-c", &format!("cd /srv && {commit}")]);
    let head = vsn.must(["git", "-C", "/srv", "rev-parse", "HEAD"]);
    for plan in [PLAN, "plan.json", "./plan.json"] {
        vsn.must(["bash", "-c", &format!("cd /srv && {LANDFALL} deploy {plan}")]);
        let saved: Value = serde_json::from_slice(&vsn.read("/var/lib/landfall/shop/saved.json").unwrap()).unwrap();
        assert_eq!(saved["git_commit"], head.trim(), "{plan}");
    }
}

#[test]
fn only_root_sees_the_state_of_plans_and_the_server() {
    let vsn = Vsn::start();
    vsn.write_plan(&small());
    vsn.must(["chmod", "644", PLAN]);
    let nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", LANDFALL];
    let as_nobody = |arguments: &[&str]| vsn.run(nobody.into_iter().chain(arguments.iter().copied()));
    let status = as_nobody(&["status"]);
    assert_eq!(
        (status.status, status.stdout.as_str(), status.stderr.as_str()),
        (Some(3), "", "the state of plans is root's own: run it with sudo\n")
    );
    assert_eq!(as_nobody(&["deploy", PLAN, "--dry-run"]).status, Some(0));
    let here = as_nobody(&["deploy", PLAN, "--dry-run", "--here", "--format", "json"]);
    let codes: Vec<Value> =
        document(&here)["findings"].as_array().unwrap().iter().map(|found| found["code"].clone()).collect();
    assert_eq!((here.status, codes), (Some(3), vec![json!("LF100")]));
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
    assert!(
        everything.contains(&format!("DEBUG landfall::host::command: ran name={} create code=0", vsn.engine())),
        "{everything}"
    );
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
