//! Every program that is started while Landfall works, by whomever: no secret is in its arguments, nor in its environment.

use std::collections::BTreeMap;
use std::fs;

use pretty_assertions::assert_eq;
use serde_json::json;

use crate::canaries::Way;
use crate::fault::Work;
use crate::observer::Found;
use crate::scene;
use crate::server::Server;
use crate::support::{Output, WITHOUT_SIGNALS_OF_GO, eventually_or};

/// Follows all that descends from the program, as long as something of it runs; each text in hexadecimal, so that none can be misread.
const STRACE: [&str; 10] = [
    "strace",
    "--daemonize",
    "--interruptible=waiting",
    "--follow-forks",
    "--seccomp-bpf",
    "--trace=execve,execveat",
    "--no-abbrev",
    "--strings-in-hex=all",
    "--string-limit=65535",
    WITHOUT_SIGNALS_OF_GO,
];

/// One program that was started.
struct Started {
    program: String,
    arguments: Vec<u8>,
    environment: Vec<u8>,
}

impl Started {
    /// From a line such as `12 execve("\x2f", ["\x2f", …], ["\x50", …]) = 0`: nothing within a text looks like what is around it.
    fn from(line: &str) -> Option<Self> {
        let (_, call) = line.split_once("execve")?;
        let (program, rest) = call.split_once(", [")?;
        let (arguments, environment) = rest.split_once("], [").unwrap_or((rest, ""));
        let program = String::from_utf8_lossy(&texts(program)).trim().to_owned();
        Some(Self { program, arguments: texts(arguments), environment: texts(environment) })
    }

    /// What it is, and in which container, if it is in one: by what an engine puts into the environment there.
    fn name(&self) -> String {
        let variables: Vec<&[u8]> = self.environment.split(|byte| *byte == b'\n').collect();
        let host = variables.iter().find_map(|variable| variable.strip_prefix(b"HOSTNAME="));
        let inside = if variables.contains(&b"container=podman".as_slice()) { host } else { None };
        let program = self.program.rsplit('/').next().unwrap();
        inside.map_or_else(|| program.to_owned(), |host| format!("{program} in {}", String::from_utf8_lossy(host)))
    }
}

/// The texts between quotes, each with a newline behind it.
fn texts(list: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for text in list.split('"').skip(1).step_by(2) {
        bytes.extend(text.split("\\x").skip(1).map(|digits| u8::from_str_radix(digits, 16).unwrap()));
        bytes.push(b'\n');
    }
    bytes
}

/// Ends who follows once all that it still follows is the server of names, which outlives whoever begins it; fails until it has ended.
const UNTIL_ALL_HAVE_ENDED: &str = r#"
    pgrep strace > /dev/null || exit 0
    followed=$(grep --no-messages --files-with-matches '^TracerPid:\s*[1-9]' /proc/[0-9]*/status |
        xargs --no-run-if-empty grep --no-messages --no-filename ^Name: | sort --unique)
    [ "$followed" != $'Name:\taardvark-dns' ] || pkill -TERM strace
    exit 1"#;

/// What `strace` says when it loses a thread that was ended while it looked at a signal to it, and goes. What it followed can start no
/// program from then on (`Function not implemented`).
const BROKEN_OFF: &str = "strace: ptrace(";

/// Runs a Bash script on a server with the eyes of `strace` on all that descends from it, and waits until none of that is there any more;
/// on a new server where `strace` has broken off.
fn traced(server: impl Fn() -> Server, script: &str, arguments: &[&str]) -> (Server, Vec<Started>, Output) {
    let tries = std::iter::repeat_with(|| {
        let server = server();
        let ended = followed(&server, script, arguments);
        (server, ended)
    });
    let whole = tries.take(3).find(|(_, ended)| !ended.stderr.contains(BROKEN_OFF));
    let (server, ended) = whole.expect("strace, that does not break off three times");
    let trace = String::from_utf8(server.vsn.read("/srv/trace").unwrap()).unwrap();
    fs::remove_file(server.vsn.on_disk("/srv/trace")).unwrap();
    (server, trace.lines().filter_map(Started::from).collect(), ended)
}

fn followed(server: &Server, script: &str, arguments: &[&str]) -> Output {
    let bash = ["--output=/srv/trace", "bash", "-Eeuxc", script, "bash"];
    let ended = server.vsn.run(STRACE.iter().chain(&bash).chain(arguments).copied());
    let there = || server.vsn.run(["ps", "-e", "-o", "pid,ppid,etimes,stat,wchan,args"]).stdout;
    let have_ended = || server.vsn.run(["bash", "-c", UNTIL_ALL_HAVE_ENDED]).status == Some(0);
    eventually_or(there, "nobody is followed any more", have_ended);
    ended
}

/// The programs in whose arguments, and in whose environments, pieces of secrets are.
fn leaks(server: &Server, all: &[Started]) -> Vec<Found> {
    let folder = server.vsn.folder().join("started");
    fs::create_dir(&folder).unwrap();
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for started in all {
        let name = started.name();
        files.entry(format!("arguments of {name}")).or_default().extend(&started.arguments);
        files.entry(format!("environment of {name}")).or_default().extend(&started.environment);
    }
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).unwrap();
    }
    let found = server.observer.secrets_in(&folder);
    fs::remove_dir_all(folder).unwrap();
    found
}

fn found(place: &str, way: Way) -> Found {
    Found { place: place.to_owned(), way }
}

/// Deploys, has cron's jobs run, deploys what never gets healthy and is rolled back with a mail, has a deployment killed on its way and
/// recovers, deploys once more and tears down. At its end nothing of ours runs.
const EVERYTHING: &str = r#"
    landfall=$1
    trap 'cat /srv/said >&2' ERR
    deploy() { "$landfall" deploy "/srv/plan-$1.json" --secrets /srv/secrets.json --format json > /srv/said; }
    deploy v1
    /var/lib/landfall/shop/jobs/healthcheck
    /var/lib/landfall/shop/jobs/job-dump
    code=0
    deploy unhealthy || code=$?
    [ "$code" = 4 ]
    "$landfall" deploy /srv/plan-v1.json --secrets /srv/secrets.json > /srv/said 2>&1 &
    until podman container exists shop-web; do sleep 0.1; done
    kill -KILL $!
    "$landfall" recover > /srv/said
    deploy v2
    "$landfall" teardown shop > /srv/said"#;

#[test]
fn no_program_that_is_started_on_the_way_has_a_secret_in_its_arguments_or_environment() {
    let mut unhealthy = scene::plan("v2");
    unhealthy["services"]["web"]["healthcheck"] =
        json!({ "exec": ["false"], "interval": "200ms", "timeout": "1m", "retries": 1 });
    let plans = [("v1", scene::plan("v1")), ("v2", scene::plan("v2")), ("unhealthy", unhealthy)];
    let server = || {
        let server = Server::start();
        for (name, plan) in &plans {
            server.vsn.write(&format!("/srv/plan-{name}.json"), format!("{plan:#}\n"), 0o600);
        }
        server
    };
    let (mut server, started, ended) = traced(server, EVERYTHING, &[env!("CARGO_BIN_EXE_landfall")]);
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    let programs = ["bash", "conmon", "crontab", "curl", "landfall", "netavark", "podman", "runc", "serve"];
    let is_started = |program: &&str| started.iter().any(|one| one.program.rsplit('/').next() == Some(program));
    assert_eq!(programs.into_iter().filter(is_started).collect::<Vec<_>>(), programs, "what was seen");
    // What the author of the plan was warned of: the environment of the container, of a check in it, and of what its BusyBox starts.
    let in_web = |program: &str, way: Way| found(&format!("environment of {program} in web"), way);
    let ways = [Way::Variable, Way::TemplatedVariable];
    let allowed: Vec<_> =
        ["exe", "false", "serve"].iter().flat_map(|program| ways.map(|way| in_web(program, way))).collect();
    assert_eq!(leaks(&server, &started), allowed);
    assert_eq!(server.settle(Work::Teardown, "", Some(0), true), "containerless");
}

#[test]
fn a_secret_in_the_arguments_or_in_the_environment_of_a_program_is_found() {
    let script = "value=$(jq --raw-output .key /srv/secrets.json)
        PASSWORD=$value env true
        bash -c : - \"${value:0:12}\"
        env --ignore-environment container=podman HOSTNAME=web \"NUMBER=$(jq --raw-output .file /srv/secrets.json)\" true";
    let (server, started, ended) = traced(Server::start, script, &[]);
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    let expected = [
        ("arguments of bash", Way::Key),
        ("arguments of env", Way::File),
        ("environment of env", Way::Key),
        ("environment of true", Way::Key),
        ("environment of true in web", Way::File),
    ];
    assert_eq!(leaks(&server, &started), expected.map(|(place, way)| found(place, way)));
}
