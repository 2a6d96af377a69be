//! Signals, and deaths of the program itself: before the point of no return nothing has changed, after it the VSN is containerless.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::plans::{second_version, small};
use crate::support::{Crontab, Ended, Output, Process, Signal, Trouble, Vsn, eventually};

/// A second version whose container waits at a gate, so that its deployment waits, too.
fn gated() -> Value {
    let mut plan = second_version(&small());
    plan["services"]["web"]["command"] = json!(["sh", "-c", "until [ -e /gate/open ]; do sleep 0.1; done; exec serve"]);
    plan["services"]["web"]["volumes"] =
        json!([{ "source": "/srv/gate", "target": "/gate", "owner": "0:0", "mode": "0755" }]);
    plan["services"]["web"]["healthcheck"]["retries"] = json!(60);
    plan["services"]["web"]["stop_grace_period"] = json!("0s");
    plan
}

fn with_small_deployed() -> Vsn {
    let vsn = Vsn::start();
    vsn.write("/srv/gate/row", "1\n", 0o640);
    vsn.must_deploy(&small());
    vsn
}

/// Deploys the gated version over the first one, until it waits at the gate, past the point of no return.
fn at_the_gate(vsn: &Vsn) -> Process {
    vsn.write_plan(&gated());
    vsn.start_deploy_until_runs("shop-web")
}

/// Deploys the second version over the first one, until the engine hangs while it loads the image, before the point of no return.
fn while_loading(vsn: &Vsn) -> Process {
    vsn.trouble_at_call(u32::MAX, Trouble::None);
    assert_eq!(vsn.deploy(), Ended::deployed());
    let load = vsn.engine_calls().iter().position(|call| call.starts_with("'load'")).unwrap();
    vsn.write_plan(&second_version(&small()));
    vsn.trouble_at_call(u32::try_from(load).unwrap() + 1, Trouble::Hangs);
    let run = vsn.start_deploy();
    eventually("the image is being loaded", || vsn.engine_calls().iter().any(|call| call.starts_with("'load'")));
    run
}

fn states(state: &str) -> (Option<i32>, std::collections::BTreeMap<String, String>) {
    let status = if ["failed", "interrupted"].contains(&state) { 8 } else { 0 };
    (Some(status), [("shop".to_owned(), state.to_owned())].into())
}

#[track_caller]
fn assert_containerless(vsn: &Vsn) {
    let nothing: [Vec<String>; 4] = std::array::from_fn(|_| Vec::new());
    assert_eq!([vsn.containers(), vsn.images(), vsn.networks(), vsn.secrets()], nothing);
    assert_eq!((vsn.crontab(), vsn.states()), (Crontab::Absent, states("failed")));
    assert_eq!(vsn.read("/srv/gate/row").unwrap(), b"1\n");
}

#[track_caller]
fn assert_version(vsn: &Vsn, version: &str) {
    assert_eq!(vsn.must(["curl", "--silent", "http://localhost:8080/version"]), format!("{version}\n"));
    assert_eq!(vsn.states(), states("deployed"));
}

/// Recovers, twice: the second time changes nothing and says nothing. What the first time said.
#[track_caller]
fn recovered(vsn: &Vsn) -> String {
    let first = vsn.landfall(["recover"]);
    assert_eq!(first.status, Some(0), "{first:?}");
    let before = vsn.snapshot();
    assert_eq!(vsn.landfall(["recover"]), Output { status: Some(0), stdout: String::new(), stderr: String::new() });
    assert_eq!(vsn.snapshot(), before);
    first.stderr
}

#[test]
fn a_signal_before_the_point_of_no_return_leaves_the_old_services_running() {
    for signal in ["TERM", "INT"] {
        let vsn = with_small_deployed();
        let run = while_loading(&vsn);
        let before = vsn.snapshot().without_runs("shop");

        run.signal(signal);

        assert_eq!(Ended::of(&run.wait()).word(), (Some(3), "refused"), "{signal}");
        assert_eq!(vsn.snapshot().without_runs("shop"), before, "{signal}");
        assert_version(&vsn, "v1");
        vsn.must_deploy(&second_version(&small()));
        assert_version(&vsn, "v2");
    }
}

#[test]
fn a_signal_after_the_point_of_no_return_rolls_back_to_containerless() {
    for signal in ["TERM", "INT"] {
        let vsn = with_small_deployed();
        let run = at_the_gate(&vsn);

        run.signal(signal);

        let ended = Ended::of(&run.wait());
        assert_eq!(ended.word(), (Some(4), "rolled_back"), "{signal}");
        assert!(ended.cause.as_ref().unwrap().contains("interrupted"), "{ended:?}");
        assert_containerless(&vsn);
    }
}

#[test]
fn regression_075_a_run_that_is_under_way_is_in_progress_and_not_interrupted() {
    let vsn = with_small_deployed();
    let before = while_loading(&vsn);
    // What was deployed before still runs.
    assert_eq!(vsn.states(), states("in_progress"));
    before.signal("TERM");
    assert_eq!(Ended::of(&before.wait()).word(), (Some(3), "refused"));
    assert_eq!(vsn.states(), states("deployed"));

    let after = at_the_gate(&vsn);
    assert_eq!(vsn.states(), (Some(8), states("in_progress").1));
    let told = vsn.landfall(["status"]).stdout;
    assert!(told.starts_with("shop: in progress: deploy of shop, process "), "{told}");
    let (_, plans) = vsn.status();
    assert!(plans[0]["under_way"].as_str().unwrap().starts_with("deploy of shop, process "), "{plans}");
    after.signal("KILL");
    assert_eq!(after.wait().status, None);
    assert_eq!(vsn.states(), states("interrupted"));
}

/// The operator's connection dropped.
#[test]
fn a_hangup_does_not_keep_a_run_from_going_on() {
    let vsn = with_small_deployed();
    let mut run = at_the_gate(&vsn);
    run.signal("HUP");
    run.signal("HUP");
    assert!(run.is_running());

    vsn.write("/srv/gate/open", "", 0o600);

    assert_eq!(Ended::of(&run.wait()), Ended::deployed());
    assert_version(&vsn, "v2");
}

#[test]
fn a_run_that_is_killed_after_the_point_of_no_return_is_interrupted_until_recovery_makes_it_containerless() {
    let vsn = with_small_deployed();
    let run = at_the_gate(&vsn);
    run.signal("KILL");
    assert_eq!(run.wait().status, None);
    assert_eq!(vsn.states(), states("interrupted"));
    let Crontab::Present(crontab) = vsn.crontab() else { panic!("a boot would not finish it") };
    assert!(crontab.contains("@reboot /var/lib/landfall/shop/recover"), "{crontab}");

    let told = recovered(&vsn);

    let rolled_back =
        "shop: the interrupted run is rolled back: none of its containers is left, and its data is untouched\n";
    assert!(told.ends_with(rolled_back), "{told}");
    assert_containerless(&vsn);
    let run = vsn.runs("shop").pop().unwrap();
    assert!(vsn.read(&format!("{run}/shop-web.log")).is_some(), "its output is kept");
    vsn.must_deploy(&second_version(&small()));
    assert_version(&vsn, "v2");
}

#[test]
fn regression_010_a_recovery_goes_on_to_its_end_when_the_connection_drops_or_its_end_is_asked_for() {
    for signal in [Signal::HangUp, Signal::Terminate, Signal::Interrupt] {
        let vsn = with_small_deployed();
        let run = at_the_gate(&vsn);
        run.signal("KILL");
        assert_eq!(run.wait().status, None);
        vsn.trouble_at("rm --force", Trouble::Signals(signal));

        let recovered = vsn.landfall(["recover"]);

        assert_eq!(recovered.status, Some(0), "{signal:?}: {recovered:?}");
        vsn.trouble_at("rm --force", Trouble::None);
        assert_containerless(&vsn);
    }
}

#[test]
fn the_next_deployment_finishes_what_a_killed_one_left() {
    let vsn = with_small_deployed();
    let run = at_the_gate(&vsn);
    run.signal("KILL");
    assert_eq!(run.wait().status, None);

    vsn.must_deploy(&second_version(&small()));

    assert_version(&vsn, "v2");
    assert_eq!(vsn.landfall(["recover"]).stderr, "");
}

#[test]
fn a_deployment_that_is_refused_says_what_it_finished_of_a_killed_one() {
    let vsn = with_small_deployed();
    let run = at_the_gate(&vsn);
    run.signal("KILL");
    assert_eq!(run.wait().status, None);
    let mut elsewhere = small();
    elsewhere["requires"] = json!({ "hostname": "another" });
    vsn.write_plan(&elsewhere);

    let refused = vsn.start_deploy().wait();

    assert_eq!(Ended::of(&refused).word(), (Some(3), "refused"));
    let told = refused.stderr.lines().next().unwrap_or_default().to_owned();
    assert_eq!(
        told,
        "shop: the interrupted run is rolled back: none of its containers is left, and its data is untouched"
    );
    assert_containerless(&vsn);
}

#[test]
fn a_teardown_finishes_what_a_killed_deployment_left() {
    let vsn = with_small_deployed();
    let run = at_the_gate(&vsn);
    run.signal("KILL");
    assert_eq!(run.wait().status, None);

    assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));

    let nothing: [Vec<String>; 3] = std::array::from_fn(|_| Vec::new());
    assert_eq!([vsn.containers(), vsn.images(), vsn.networks()], nothing);
    assert_eq!((vsn.crontab(), vsn.states()), (Crontab::Absent, states("containerless")));
}

#[test]
fn a_run_that_is_killed_before_the_point_of_no_return_leaves_the_old_services_running_and_nothing_to_undo() {
    let vsn = with_small_deployed();
    let run = while_loading(&vsn);
    let before = vsn.snapshot().without_runs("shop");
    run.signal("KILL");
    assert_eq!(run.wait().status, None);
    assert_eq!(vsn.states(), states("interrupted"));
    assert_eq!(vsn.snapshot().without_runs("shop"), before);

    let told = recovered(&vsn);

    let nothing = "shop: the interrupted run had changed nothing; what was deployed before is as it was\n";
    assert!(told.ends_with(nothing), "{told}");
    assert_eq!(vsn.snapshot().without_runs("shop"), before);
    assert_version(&vsn, "v1");
}
