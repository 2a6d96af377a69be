//! The observer notices: each promise is broken by hand, and the observer must name exactly that.
//!
//! What is broken at one time is looked at together, for a look takes a second: each thing broken must be told, and nothing else.

mod containerless;
mod deployed;
mod leaks;

use pretty_assertions::assert_eq;

use crate::server::Server;

/// One promise that is broken by hand.
struct Breach {
    /// How to break it, in Bash.
    broken: String,
    /// How to mend it; empty where nothing that follows needs it whole, for a time that a file was changed at can't be set back.
    mended: String,
    /// Of each line in which the observer must tell it, what no other line has: parts in their order, with `…` between them.
    told: Vec<String>,
}

fn breach(broken: &str, mended: &str, told: &[&str]) -> Breach {
    Breach {
        broken: broken.to_owned(),
        mended: mended.to_owned(),
        told: told.iter().map(|part| (*part).to_owned()).collect(),
    }
}

/// Runs these in one go, each in a shell of its own, all of which must succeed.
#[track_caller]
fn perform<'a>(server: &Server, scripts: impl Iterator<Item = &'a String>) {
    const EACH: &str = "for script in \"$@\"; do
        bash -euo pipefail -c \"$script\" > /dev/null < /dev/null || { echo \"failed: $script\" >&2; exit 1; }
    done";
    let scripts = scripts.filter(|script| !script.is_empty()).map(String::as_str);
    server.vsn.must(["bash", "-c", EACH, "bash"].into_iter().chain(scripts));
}

/// Breaks all of them, and holds what the observer tells against what it must tell.
#[track_caller]
fn assert_noticed(server: &Server, breaches: &[Breach]) {
    perform(server, breaches.iter().map(|breach| &breach.broken));
    // Of a path that another one begins with, a part may say that the line ends with it.
    let told: Vec<String> = server.broken().iter().map(|line| format!("{line}\n")).collect();
    perform(server, breaches.iter().rev().map(|breach| &breach.mended));
    let tells = |line: &String, parts: &String| {
        let mut rest = line.as_str();
        parts.split('…').all(|part| rest.split_once(part).map(|(_, after)| rest = after).is_some())
    };
    let parts: Vec<&String> = breaches.iter().flat_map(|breach| &breach.told).collect();
    let unnoticed: Vec<_> = parts.iter().filter(|part| !told.iter().any(|line| tells(line, part))).collect();
    let beside: Vec<_> = told.iter().filter(|line| !parts.iter().any(|part| tells(line, part))).collect();
    assert_eq!((unnoticed, beside), (vec![], vec![]), "what was not told, and what was told beside: {told:#?}");
}

/// Afterwards nothing is broken any more.
#[track_caller]
fn assert_mended(server: &Server) {
    assert_eq!(server.broken(), [] as [String; 0]);
}

#[test]
fn the_observer_notices_whatever_is_wrong_with_a_deployment() {
    let mut server = Server::start();
    server.deploy_undisturbed("v1");
    for breaches in [
        deployed::of_the_engine(),
        [deployed::of_the_moment(), deployed::of_memory()].into_iter().flatten().collect(),
        deployed::of_the_records(),
    ] {
        assert_noticed(&server, &breaches);
    }
    assert_mended(&server);
    let for_good = [deployed::of_files_for_good(), deployed::of_the_engine_for_good()];
    assert_noticed(&server, &for_good.into_iter().flatten().collect::<Vec<_>>());
}

#[test]
fn the_observer_notices_whatever_is_left_where_nothing_must_be_and_every_secret_that_comes_to_light() {
    let mut server = Server::start();
    server.deploy_undisturbed("v1");
    server.tear_down_undisturbed();
    let all = [
        containerless::of_the_engine(),
        containerless::of_the_server(),
        vec![leaks::in_every_form()],
        leaks::in_every_place(),
    ];
    for breaches in all {
        assert_noticed(&server, &breaches);
    }
    assert_mended(&server);
    assert_noticed(&server, &leaks::for_good());
}
