//! Replacements, starts, stops and restarts on one server that are ended at random moments, by signals and power cuts: the old version
//! runs or the new one, and nobody else was ever stopped.

use std::thread::sleep;
use std::time::{Duration, Instant};

use fastrand::Rng;
use pretty_assertions::assert_eq;

use crate::fault::{Fault, moment};
use crate::observer::{Container, Look};
use crate::server::Server;
use crate::support::{Output, Process, SECRETS, Vsn};
use crate::sweeps::hold_in_stories;

/// How many faults come over one VSN, one after another.
const FAULTS: u64 = 6;

#[test]
fn a_replacement_a_start_or_a_stop_that_is_ended_at_any_moment_leaves_the_old_version_or_the_new_one_and_others_answer()
{
    hold_in_stories("replacements, starts, stops and restarts", FAULTS, tell);
}

/// Its own process group, as a shell gives it one.
const STARTER: [&str; 2] = ["setsid", env!("CARGO_BIN_EXE_landfall")];

/// What is under way when a fault comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    /// Another image for `web`.
    Image(&'static str),
    /// The secrets of `db`, and its dependents anew.
    Secrets,
    Restart,
    Stop,
    Start,
}

impl Work {
    fn arguments(self) -> Vec<&'static str> {
        match self {
            Self::Image("v1") => vec!["replace", "shop", "web", "--image", "/srv/images/tiny-v1.docker.tar"],
            Self::Image(_) => vec!["replace", "shop", "web", "--image", "/srv/images/tiny-v2.docker.tar"],
            Self::Secrets => vec!["replace", "shop", "db", "--secrets", SECRETS, "--restart-dependents"],
            Self::Restart => vec!["restart", "shop"],
            Self::Stop => vec!["stop", "shop"],
            Self::Start => vec!["start", "shop"],
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Image(_) | Self::Secrets => "replace",
            Self::Restart => "restart",
            Self::Stop => "stop",
            Self::Start => "start",
        }
    }

    /// Whether a service is left alone by it.
    fn leaves_alone(self, container: &str) -> bool {
        match self {
            Self::Image(_) => container != "shop-web",
            Self::Secrets => container == "shop-migrate",
            Self::Restart | Self::Stop | Self::Start => container == "shop-migrate",
        }
    }
}

/// Tells the story that this seed begins: of each fault its kind, and what came of it.
fn tell(seed: u64, faults: u64) -> Vec<String> {
    let mut random = Rng::with_seed(seed);
    let mut server = Server::start();
    server.deploy_undisturbed("v1");
    let mut lasts = Duration::from_secs(2);
    let mut told = Vec::new();
    for number in 1..=faults {
        let (state, version) = state_of(&server);
        let work = match (state.as_str(), random.u8(0..8)) {
            ("stopped", _) => Work::Start,
            (_, 0..5) => Work::Image(if version == "v1" { "v2" } else { "v1" }),
            (_, 5) => Work::Secrets,
            (_, 6) => Work::Restart,
            _ => Work::Stop,
        };
        let fault = Fault::any(&mut random);
        let after = moment(&mut random, lasts);
        println!("story {seed}, {number}: {work:?}, {fault} after {after:?}");
        let before = server.observer.look(&server.vsn);
        let prober = prober(&server.vsn, &before).filter(|_| work.leaves_alone("shop-db") && fault != Fault::PowerCut);
        let began = Instant::now();
        let ended = disturbed(&server, work, fault, after);
        if fault == Fault::HangUp {
            lasts = began.elapsed();
        }
        if fault == Fault::PowerCut {
            server.boot();
        }
        server.recover();
        hold(&server, work, fault, (&before, &ended));
        assert_eq!(prober.map(missed).unwrap_or_default(), "", "{work:?}, {fault}: answers of db that were missed");
        let (state, version) = state_of(&server);
        told.push(format!("{} {fault} {}", work.word(), format!("{state} {version}").trim()));
    }
    server.deploy_undisturbed("v2");
    told
}

/// Asks `db` without a pause, where it runs, until it is ended; every answer that was none is a line.
fn prober(vsn: &Vsn, look: &Look) -> Option<Process> {
    let db = look.containers.iter().find(|container| container.name == "shop-db" && container.state == "running")?;
    let address = db.described.pointer("/NetworkSettings/Networks/shop/IPAddress")?.as_str()?;
    let ask = format!(
        "while :; do curl --silent --fail --max-time 10 --output /dev/null http://{address}/version || echo missed; done"
    );
    Some(vsn.start_process(["sh", "-c", &ask]))
}

/// What the prober has missed.
fn missed(prober: Process) -> String {
    let (missed, _) = prober.output_so_far();
    prober.signal_if_running("KILL");
    drop(prober.wait());
    missed
}

/// What it left when it ended.
fn disturbed(server: &Server, work: Work, fault: Fault, after: Duration) -> Output {
    let run = server.vsn.start_process(STARTER.into_iter().chain(work.arguments()));
    // No synchronisation: the moment is the fault.
    sleep(after);
    match fault {
        Fault::Kill => run.signal_if_running("KILL"),
        Fault::Terminate => run.signal_if_running("TERM"),
        Fault::Interrupt => run.signal_group_if_running("INT"),
        Fault::HangUp => run.signal_group_if_running("HUP"),
        Fault::PowerCut => server.vsn.reboot(),
    }
    run.wait()
}

/// The state of the plan, and the version that its web server answers with.
fn state_of(server: &Server) -> (String, String) {
    let (_, states) = server.vsn.states();
    let look = server.observer.look(&server.vsn);
    (states["shop"].clone(), look.answers.0)
}

fn hold(server: &Server, work: Work, fault: Fault, (before, ended): (&Look, &Output)) {
    let look = server.observer.look(&server.vsn);
    server.observer.assert_untouched(&look);
    let (exit, states) = server.vsn.states();
    let state = states["shop"].as_str();
    assert_eq!(exit, Some(0), "{work:?}, {fault}: {state}, {ended:?}");
    let ours =
        |look: &Look| look.containers.iter().filter(|it| it.is_ours()).map(|it| it.name.clone()).collect::<Vec<_>>();
    let mut names = ours(&look);
    names.sort();
    assert_eq!(names, ["shop-db", "shop-migrate", "shop-web"], "{work:?}, {fault}");
    let tags = look.images.iter().filter(|image| image.contains("localhost/landfall/shop/")).count();
    assert_eq!(tags, 3, "{work:?}, {fault}: {:?}", look.images);
    let running = look.containers.iter().filter(|it| it.is_ours() && it.state == "running").count();
    let expected = match (state, work) {
        ("stopped", Work::Stop | Work::Start) => 0,
        ("deployed", _) => 2,
        (state, _) => panic!("{work:?}, {fault}: {state}"),
    };
    assert_eq!(running, expected, "{work:?}, {fault}: {state}");
    if state == "deployed" {
        assert!(["v1", "v2"].contains(&look.answers.0.as_str()), "{work:?}, {fault}: {:?}", look.answers);
    }
    let lives = |look: &Look| {
        let others = look.containers.iter().filter(|it| it.is_ours() && work.leaves_alone(&it.name));
        others.map(Container::life).collect::<Vec<_>>()
    };
    if fault != Fault::PowerCut {
        assert_eq!(lives(&look), lives(before), "{work:?}, {fault}: others were touched");
    }
    match ended.status {
        Some(0) => {}
        // It was undone, or had not begun.
        Some(1 | 3 | 7) | None => {}
        other => panic!("{work:?}, {fault}: it ended with {other:?}: {ended:?}"),
    }
    let again = server.vsn.landfall(["recover"]);
    assert_eq!(again, Output { status: Some(0), stdout: String::new(), stderr: String::new() });
}
