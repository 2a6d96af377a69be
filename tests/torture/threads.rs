//! A thread or a process that the system refuses: the n-th that Landfall's main thread wants, or every one from the n-th on.

use crate::fault::Work;
use crate::server::Server;
use crate::{number, side_by_side};
use fastrand::Rng;

/// How many threads and processes the main thread of a deployment wants at most; beyond, nothing is refused.
const MOST: u64 = 120;

/// Deploys the other version while this is refused; whether anything was.
fn refused(server: &mut Server, when: &str) -> bool {
    if server.version.is_none() {
        server.deploy_undisturbed("v1");
    }
    println!("no thread or process: {when}");
    // Without the threads that there are already: what they want, they get.
    let inject = format!("--inject=clone,clone3,vfork:error=EAGAIN:when={when}");
    let strace = ["strace", "--output=/srv/calls", "--trace=clone,clone3,vfork", &inject];
    let new = server.other_version();
    let ended = server.begin(Work::Deploy, new, &strace).wait();
    server.assert_untouched();
    let calls = String::from_utf8_lossy(&server.vsn.read("/srv/calls").unwrap()).into_owned();
    println!("  {}", ended.stderr.lines().last().unwrap_or_default());
    server.recover();
    server.settle(Work::Deploy, new, ended.status, true);
    calls.contains("(INJECTED)")
}

#[test]
fn regression_071_a_run_that_gets_no_thread_is_rolled_back() {
    let mut random = Rng::with_seed(number("LANDFALL_TORTURE_SEED", 0));
    let mut server = Server::start();
    let mut met = 0;
    // The first are wanted before anything is changed, most after.
    for (most, on) in [(12, ""), (30, "+"), (50, "")] {
        let first = random.u64(most / 2..=most);
        met += u64::from(refused(&mut server, &format!("{first}{on}")));
    }
    assert!(met > 0, "nothing was refused");
}

#[test]
#[ignore = "every thread takes half an hour: scripts/torture.sh --threads"]
fn every_thread_that_is_refused_leaves_the_server_deployed_or_containerless() {
    let step = usize::try_from(number("LANDFALL_TORTURE_STEP", 1)).unwrap();
    let cases: Vec<_> = (1..=MOST).step_by(step).flat_map(|first| [first.to_string(), format!("{first}+")]).collect();
    let parts: Vec<_> = cases.chunks(10).collect();
    let met: usize = side_by_side(parts.len() as u64, |part| {
        let mut server = Server::start();
        parts[usize::try_from(part).unwrap()].iter().filter(|when| refused(&mut server, when)).count()
    })
    .sum();
    println!("threads and processes refused: {met}");
}
