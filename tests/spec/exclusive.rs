//! Many runs at once on one server: one works, and the others change nothing.

use pretty_assertions::assert_eq;
use serde_json::json;

use crate::plans::{second_version, small};
use crate::support::{Ended, PLAN, Process, Vsn, eventually};

/// How many runs begin at the same time.
const RUNS: usize = 20;

/// A second version whose service answers when a file is there, so that whoever deploys it keeps the lock until then.
fn deployed_with_a_gate_before_the_next() -> Vsn {
    let vsn = Vsn::start();
    vsn.write("/srv/gate/row", "1\n", 0o640);
    vsn.must_deploy(&small());
    let mut plan = second_version(&small());
    let web = &mut plan["services"]["web"];
    web["command"] = json!(["sh", "-c", "until [ -e /gate/open ]; do sleep 0.1; done; exec serve"]);
    web["volumes"] = json!([{ "source": "/srv/gate", "target": "/gate", "owner": "0:0", "mode": "0755" }]);
    web["healthcheck"]["retries"] = json!(300);
    vsn.write_plan(&plan);
    vsn
}

/// The one that works, and the others when they have ended.
fn all_but_one(mut runs: Vec<Process>) -> (Process, Vec<Process>) {
    eventually("all runs but one have ended", || {
        runs.iter_mut().map(Process::is_running).filter(|runs| *runs).count() <= 1
    });
    let works = runs.iter_mut().position(Process::is_running).expect("one works, until the gate is open");
    (runs.remove(works), runs)
}

#[test]
fn of_twenty_deployments_at_once_one_works_and_nineteen_change_nothing() {
    let vsn = deployed_with_a_gate_before_the_next();

    let (winner, losers) = all_but_one((0..RUNS).map(|_| vsn.start_deploy()).collect());

    let refused: Vec<_> = losers.into_iter().map(|loser| Ended { cause: None, ..Ended::of(&loser.wait()) }).collect();
    let busy = Ended { status: Some(6), outcome: "busy".to_owned(), cause: None, left: Vec::new() };
    assert_eq!(refused, vec![busy; RUNS - 1]);
    vsn.write("/srv/gate/open", "", 0o600);
    assert_eq!(Ended::of(&winner.wait()), Ended::deployed());
    assert_eq!(vsn.runs("shop").len(), 2, "the first deployment, and the one that works");
    assert_eq!(vsn.must(["curl", "--silent", "http://localhost:8080/version"]), "v2\n");
    assert_eq!((vsn.containers().len(), vsn.images().len(), vsn.networks().len()), (1, 1, 1));
}

#[test]
fn beside_a_run_that_works_nineteen_of_every_kind_change_nothing_at_all() {
    let vsn = deployed_with_a_gate_before_the_next();
    let first = vsn.inspect("shop-web")["Id"].clone();
    let works = vsn.start_deploy();
    eventually("the new container runs", || {
        let id = vsn.run([vsn.engine(), "ps", "--no-trunc", "--quiet", "--filter", "name=^shop-web$"]).stdout;
        !id.trim().is_empty() && json!(id.trim()) != first
    });
    let before = vsn.snapshot().without_runs("shop");

    let commands =
        [vec!["deploy", PLAN], vec!["teardown", "shop"], vec!["teardown", "shop", "--purge"], vec!["recover"]];
    let others = commands.iter().cycle().take(RUNS - 1).map(|command| vsn.start_landfall(command.iter().copied()));
    let ended: Vec<_> = others.collect::<Vec<_>>().into_iter().map(|other| other.wait().status).collect();

    assert_eq!(ended, [Some(6); RUNS - 1]);
    assert_eq!(vsn.snapshot().without_runs("shop"), before);
    vsn.write("/srv/gate/open", "", 0o600);
    assert_eq!(Ended::of(&works.wait()), Ended::deployed());
}
