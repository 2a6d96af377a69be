//! What a run could not remove, and what the engine only says that it removed.

use pretty_assertions::assert_eq;
use serde_json::json;

use crate::plans::{second_version, small};
use crate::support::{Ended, Trouble, Vsn};

#[test]
fn regression_074_nothing_is_deployed_on_top_of_what_an_earlier_run_could_not_remove() {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    vsn.trouble_at("rm --force", Trouble::Fails);
    vsn.write_plan(&second_version(&small()));
    let first = vsn.deploy();
    assert_eq!(first.word(), (Some(5), "rollback_incomplete"));
    let before = vsn.snapshot().without_runs("shop");

    let second = vsn.deploy();

    assert_eq!(second.word(), (Some(5), "rollback_incomplete"));
    assert_eq!((second.left, vsn.snapshot().without_runs("shop")), (first.left, before));
    vsn.trouble_at_call(u32::MAX, Trouble::None);
    assert_eq!(vsn.deploy(), Ended::deployed());
}

#[test]
fn regression_076_an_image_that_the_engine_only_says_it_removed_is_a_failure() {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    let tar = vsn.image("tiny", "tiny-v2.docker.tar");
    vsn.load(&tar);
    let mut plan = small();
    plan["teardown"] = json!("node");
    vsn.write_plan(&plan);
    vsn.trouble_at("rmi --force", Trouble::Lies);

    let ended = vsn.deploy();

    assert_eq!(ended.word(), (Some(4), "rolled_back"));
    let cause = ended.cause.unwrap();
    assert!(
        cause.starts_with("could not remove the image ") && cause.ends_with(": the image is still there"),
        "{cause}"
    );
}

#[test]
fn regression_127_no_record_of_layers_stays_of_an_image_whose_removal_fails_once_it_is_done() {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    vsn.trouble_at("rmi ", Trouble::FailsAfterwards);
    vsn.write_plan(&second_version(&small()));

    let ended = vsn.deploy();

    let records = vsn.must(["find", "/var/lib/landfall", "-name", "layers-*"]);
    assert_eq!((ended, records), (Ended::deployed(), String::new()));
    assert!(vsn.engine_was_told("rmi "));
}
