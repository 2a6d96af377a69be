//! Tearing a plan down on purpose, and what may be asked of a plan that isn't there.

use pretty_assertions::assert_eq;
use serde_json::json;

use crate::plans::{secrets, shop};
use crate::support::{Crontab, Output, Vsn};

fn left_on(vsn: &Vsn) -> [Vec<String>; 4] {
    [vsn.containers(), vsn.images(), vsn.networks(), vsn.secrets()]
}

const NOTHING: [Vec<String>; 4] = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];

#[test]
fn a_teardown_leaves_the_data_and_the_history_and_counts_as_done_on_purpose() {
    let vsn = Vsn::start();
    vsn.write_secrets(&secrets());
    vsn.must_deploy(&shop());
    vsn.in_container("shop-db", "echo 1 > /data/row");
    let data = vsn.manifest("/srv/shop");

    let teardown = vsn.landfall(["teardown", "shop"]);

    assert_eq!(
        (teardown.status, teardown.stdout.as_str()),
        (Some(0), "shop is torn down: none of its containers is left, and its data is untouched\n")
    );
    assert_eq!(left_on(&vsn), NOTHING);
    assert_eq!((vsn.crontab(), vsn.manifest("/srv/shop")), (Crontab::Absent, data));
    assert_eq!(
        vsn.status(),
        (
            Some(0),
            json!([{
                "name": "shop", "state": "containerless", "under_way": null, "deployed_at": false, "plan_sha256": false,
                "last_run": { "kind": "teardown", "outcome": "torn_down" }, "services": [],
            }])
        )
    );
    let again = vsn.landfall(["teardown", "shop"]);
    assert_eq!((again.status, again.stdout), (Some(0), teardown.stdout));
    assert_eq!(vsn.runs("shop").len(), 3, "the deployment and two teardowns");
}

#[test]
fn a_teardown_with_purge_leaves_the_data_alone() {
    let vsn = Vsn::start();
    vsn.write_secrets(&secrets());
    vsn.must_deploy(&shop());
    let data = vsn.manifest("/srv/shop");

    assert_eq!(vsn.landfall(["teardown", "shop", "--purge"]).status, Some(0));

    assert_eq!(left_on(&vsn), NOTHING);
    assert_eq!((vsn.crontab(), vsn.manifest("/srv/shop")), (Crontab::Absent, data));
    let state: Vec<String> = vsn.manifest("/var/lib/landfall").into_iter().map(|entry| entry.path).collect();
    assert_eq!(state, [""]);
    assert_eq!(vsn.status(), (Some(0), json!([])));
}

#[test]
fn a_plan_that_is_not_there_has_no_status_and_no_teardown() {
    let vsn = Vsn::start();
    let told = "there is no plan called shop here: `landfall status` lists those that there are\n";
    let refused = Output { status: Some(3), stdout: String::new(), stderr: told.to_owned() };
    let before = vsn.snapshot();

    assert_eq!(vsn.landfall(["teardown", "shop"]), refused);
    assert_eq!(vsn.landfall(["teardown", "shop", "--purge"]), refused);
    assert_eq!(vsn.landfall(["status", "shop"]), refused);
    assert_eq!(vsn.status(), (Some(0), json!([])));
    assert_eq!(vsn.landfall(["teardown", "Shop"]).status, Some(2));
    assert_eq!(vsn.landfall(["teardown"]).status, Some(2));

    assert_eq!(vsn.snapshot(), before);
}

#[test]
fn recovering_where_nothing_was_interrupted_does_and_says_nothing() {
    let vsn = Vsn::start();
    let nothing = Output { status: Some(0), stdout: String::new(), stderr: String::new() };
    assert_eq!(vsn.landfall(["recover"]), nothing);
    vsn.write_secrets(&secrets());
    vsn.must_deploy(&shop());
    let before = vsn.snapshot();

    assert_eq!(vsn.landfall(["recover"]), nothing);

    assert_eq!(vsn.snapshot(), before);
}

/// What can't be undone on the way down is left; a teardown finishes even when containers were removed by hand.
#[test]
fn a_plan_whose_containers_somebody_removed_is_unhealthy_and_can_be_torn_down() {
    let vsn = Vsn::start();
    vsn.write_secrets(&secrets());
    vsn.must_deploy(&shop());
    vsn.remove_by_hand("shop-web");

    let (status, plans) = vsn.status();

    let web = plans[0]["services"].as_array().unwrap().last().unwrap();
    assert_eq!((status, &plans[0]["state"]), (Some(8), &json!("deployed")));
    assert_eq!((&web["running"], &web["healthy"]), (&json!(false), &json!(false)));
    assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));
    assert_eq!(left_on(&vsn), NOTHING);
}
