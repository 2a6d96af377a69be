//! Somebody kills a call of the engine half-way: what it has begun is on no record of the engine's.

use super::{deployed, succeeds};
use crate::fault::Work;
use crate::server::Server;
use crate::support::{At, Ended, Process, Trouble};

/// What there is as a `podman start` gets on, and was not before, in this order: the container's network namespace, its interface at
/// the bridge, the rules that lead to its port, its monitor, and what the runtime knows.
const SIGNS: [&str; 5] = [
    "ls /run/netns",
    "ip -oneline link show type veth | cut -d : -f 1,2",
    "iptables-save --table nat | grep -- '--to-destination'",
    "pgrep -x conmon",
    "ls /run/runc",
];

/// Deploys, and kills the start of the web server as soon as something of this is new; what is there may go meanwhile.
fn start_is_killed(server: &mut Server, sign: &str) {
    let new = server.other_version();
    // It is waited for beside the call, which becomes that of the engine itself.
    let kills = format!(
        "before=$({sign} 2> /dev/null)
        (until {sign} | grep -qvxF -- \"$before\"; do :; done; pkill -KILL -f '[p]odman start shop-web$'; touch /srv/killed) \
          > /dev/null 2>&1 &"
    );
    server.vsn.just_before("start shop-web", &kills);
    let ended = server.begin(Work::Deploy, new, &[]).wait();
    assert!(server.vsn.it_happened());
    server.vsn.nobody_meanwhile();
    server.vsn.must(["rm", "/srv/killed"]);
    println!("{sign}: {:?} {:?}", ended.status, Ended::of(&ended).cause);
    server.settle(Work::Deploy, new, ended.status, true);
}

#[test]
fn regression_016_and_122_what_a_killed_start_leaves_goes_with_its_container() {
    let mut server = deployed();
    for sign in [SIGNS[1], SIGNS[3], SIGNS[4]] {
        start_is_killed(&mut server, sign);
    }
    server.deploy_undisturbed("v1");
}

#[test]
#[ignore = "the other signs, and each several times: scripts/torture.sh --engine"]
fn a_start_that_is_killed_at_any_moment_ends_containerless() {
    let mut server = deployed();
    for sign in SIGNS.iter().cycle().take(20) {
        start_is_killed(&mut server, sign);
    }
    server.deploy_undisturbed("v1");
}

/// What each of the namespaces is called that the next test makes, but for the letter at its end.
const MADE: &str = "netns-00000000-0000-0000-0000-00000000000";

/// Deploys, and kills the start of the web server right away, after this script; which of those namespaces there are then. They go before
/// the server is looked at, and so does what somebody else runs.
fn left_of_a_killed_start(server: &mut Server, script: &str, theirs: Option<Process>) -> String {
    let new = server.other_version();
    server.vsn.just_before("start shop-web", &format!("{script}\nkill -KILL $PPID"));
    let ended = server.begin(Work::Deploy, new, &[]).wait();
    assert!(server.vsn.it_happened());
    server.vsn.nobody_meanwhile();
    if let Some(theirs) = theirs {
        theirs.signal("KILL");
        theirs.wait();
    }
    let left = server.vsn.must(["bash", "-c", &format!("ls /run/netns | sed --quiet 's/^{MADE}//p' | tr -d '\n'")]);
    let away = "ip netns pids $0$letter | xargs --no-run-if-empty kill; ip netns delete $0$letter";
    for letter in left.chars() {
        server.vsn.must(["bash", "-euc", &format!("letter={letter}; {away}"), MADE]);
    }
    server.settle(Work::Deploy, new, ended.status, true);
    left
}

#[test]
fn regression_126_a_namespace_that_a_killed_start_did_not_get_connected_goes_and_all_others_stay() {
    let mut server = deployed();
    // In a second before the run's.
    let older = format!("ip netns add {MADE}0; second=$(date +%s); while [ $(date +%s) = $second ]; do :; done");
    server.vsn.must(["bash", "-euc", &older]);
    // One as such a start makes it; one with a process, and one that is connected, as somebody else's.
    let script = format!(
        "for letter in a b c; do ip netns add {MADE}$letter; done
        ip netns exec {MADE}b setsid sleep infinity > /dev/null 2>&1 &
        until ip netns pids {MADE}b | grep --quiet .; do :; done
        ip -netns {MADE}c link add theirs type veth peer name other"
    );
    assert_eq!(left_of_a_killed_start(&mut server, &script, None), "0bc");
    // While somebody else is at work with the engine, it may be theirs.
    let theirs = server.vsn.start_process(["podman", "events"]);
    theirs.leader();
    assert_eq!(left_of_a_killed_start(&mut server, &format!("ip netns add {MADE}a"), Some(theirs)), "a");
    server.deploy_undisturbed("v1");
}

/// Does the work while the engine is killed in these calls, each when it puts a file in its place for the so-manieth time.
fn is_killed_at(server: &mut Server, work: Work, words: &str, number: u32) -> Option<i32> {
    let new = server.other_version();
    server.vsn.put_in_front_of("podman", At::Words(words), Trouble::IsKilledAtRename(number));
    let ended = server.begin(work, new, &[]).wait();
    server.vsn.put_in_front_of("podman", At::Call(u32::MAX), Trouble::None);
    println!("{words}, rename {number}: {:?} {:?}", ended.status, ended.stderr);
    server.settle(work, new, ended.status, true);
    ended.status
}

/// Podman writes the layers first, the image last.
#[test]
fn regression_017_layers_of_an_image_whose_loading_was_killed_go_with_what_the_run_leaves() {
    let mut server = Server::start();
    // At the seventh, the image is on record without its manifest.
    for number in [4, 5, 6, 7] {
        assert_eq!(is_killed_at(&mut server, Work::Deploy, "load --quiet", number), Some(3), "{number}");
    }
    server.deploy_undisturbed("v2");
    succeeds(&mut server, Work::Teardown);
}

/// Podman removes the image first, its layers last.
#[test]
fn regression_018_layers_of_an_image_whose_removal_was_killed_go_with_what_the_run_leaves() {
    let mut server = Server::start();
    // At the third, Podman has marked a layer as one to remove when it next writes.
    for number in [2, 3] {
        server.deploy_undisturbed("v2");
        assert_eq!(is_killed_at(&mut server, Work::Teardown, "rmi localhost/landfall", number), Some(0), "{number}");
    }
    server.deploy_undisturbed("v1");
    server.deploy_undisturbed("v2");
    // The one that is removed then has the strangers' image's layers.
    succeeds(&mut server, Work::Teardown);
}

/// Podman removes the container first, its layer last, in which time no other container of that name can be made; its folders meanwhile.
#[test]
fn regression_036_and_038_what_is_left_of_a_container_whose_removal_was_killed_goes_with_what_the_run_leaves() {
    let mut server = Server::start();
    for number in [1, 2, 2, 2, 3] {
        server.deploy_undisturbed("v2");
        assert_eq!(is_killed_at(&mut server, Work::Teardown, "rm --force", number), Some(0), "{number}");
    }
    server.deploy_undisturbed("v1");
}

/// Podman then removes the container, and not its layer; the image, and none of the layers below that; and ends with 0.
#[test]
fn regression_039_the_layers_of_an_image_below_one_of_a_container_that_is_gone_go_with_what_the_run_leaves() {
    let mut server = Server::start();
    server.deploy_undisturbed("v2");
    let layers = "/var/lib/containers/storage/overlay-layers/layers.json";
    server.vsn.put_in_front_of("podman", At::Words("rm --force"), Trouble::HasNoRoomFor(layers));
    let ended = server.begin(Work::Teardown, "v1", &[]).wait();
    server.vsn.put_in_front_of("podman", At::Call(u32::MAX), Trouble::None);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    server.settle(Work::Teardown, "v1", ended.status, true);
}

/// When a layer is about to be put on record, and when it just was.
#[test]
fn a_creation_or_load_that_is_killed_at_its_first_records_leaves_nothing() {
    let mut server = Server::start();
    for (words, number) in [("create --name", 1), ("create --name", 2), ("load --quiet", 1), ("load --quiet", 2)] {
        let ended = is_killed_at(&mut server, Work::Deploy, words, number);
        assert!(matches!(ended, Some(3 | 4)), "{words} {number}: {ended:?}");
    }
    server.deploy_undisturbed("v2");
}
