//! Faults of the engine and of the network, one after another: what comes of each is what is promised of all.

mod dying;
mod humans;
mod killed;
mod locked;
mod lost;

use serde_json::Value;

use crate::fault::Work;
use crate::scene;
use crate::server::Server;
use crate::support::{Output, PLAN, SECRETS, Vsn};

/// A server with the first version deployed.
fn deployed() -> Server {
    let mut server = Server::start();
    server.deploy_undisturbed("v1");
    server
}

/// The second version, with this put at a place of it.
fn changed(changes: &[(&str, Value)]) -> Value {
    let mut plan = scene::plan("v2");
    for (pointer, value) in changes {
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        plan.pointer_mut(parent).unwrap()[field] = value.clone();
    }
    plan
}

/// Deploys this plan over whatever there is.
fn deploy(vsn: &Vsn, plan: &Value) -> Output {
    vsn.write_plan(plan);
    vsn.landfall(["deploy", PLAN, "--secrets", SECRETS, "--format", "json"])
}

/// The work is done with nothing more in the way, and ends as it must.
fn succeeds(server: &mut Server, work: Work) {
    let new = server.other_version();
    let ended = server.begin(work, new, &[]).wait();
    assert_eq!(ended.status, Some(0), "{ended:?}");
    server.settle(work, new, ended.status, true);
}
