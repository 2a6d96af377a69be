//! What can't be removed: a run that could not finish names everything that is left, and nothing else.

use pretty_assertions::assert_eq;
use serde_json::json;

use crate::fault::Work;
use crate::scene;
use crate::server::Server;
use crate::support::{At, Output, PLAN, SECRETS, Trouble};

/// Has each call of the engine fail whose command line has these words, or none.
fn fails(server: &Server, words: Option<&str>) {
    let at = words.map_or(At::Call(u32::MAX), At::Words);
    server.vsn.put_in_front_of("podman", at, Trouble::Fails);
}

/// It ends with status 5, and what it says is left is what is left.
#[track_caller]
fn assert_named(server: &Server, work: Work, ended: &Output) {
    assert_eq!(ended.status, Some(5), "{ended:?}");
    assert_eq!(server.wrong_about_what_is_left(work, ended), [] as [String; 0], "{ended:?}");
}

#[test]
fn regression_006_what_a_teardown_a_rollback_or_a_recovery_could_not_remove_is_named_and_nothing_else() {
    let mut server = Server::start();
    server.deploy_undisturbed("v1");
    // Containers, the network and secrets.
    fails(&server, Some("rm "));
    assert_named(&server, Work::Teardown, &server.begin(Work::Teardown, "", &[]).wait());
    fails(&server, None);
    server.recover();
    server.settle(Work::Teardown, "", None, false);

    let mut plan = scene::plan("v2");
    plan["services"]["web"]["healthcheck"] =
        json!({ "exec": ["false"], "interval": "200ms", "timeout": "1s", "retries": 1 });
    server.vsn.write_plan(&plan);
    // One container, whose output was kept.
    fails(&server, Some("rm --force shop-web"));
    let ended = server.vsn.landfall(["deploy", PLAN, "--secrets", SECRETS, "--format", "json"]);
    assert_named(&server, Work::Deploy, &ended);
    assert_named(&server, Work::Recover, &server.vsn.landfall(["recover"]));
    fails(&server, None);
    server.recover();
    server.settle(Work::Deploy, "v2", None, false);
}
