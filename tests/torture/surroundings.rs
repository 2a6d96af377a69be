//! What a run is started with: outputs that nobody reads, limits, variables of others, a folder that is gone.

use pretty_assertions::assert_eq;

use crate::fault::Work;
use crate::server::Server;
use crate::support::Output;

/// Deploys the version that does not run, started by this Bash script, in which `"$@"` is the deployment's command line.
fn deploy(server: &mut Server, script: &str) -> Output {
    println!("{script}");
    let new = server.other_version();
    let ended = server.begin(Work::Deploy, new, &["bash", "-c", script, "bash"]).wait();
    server.assert_untouched();
    server.settle(Work::Deploy, new, ended.status, true);
    ended
}

#[test]
fn a_run_goes_on_whatever_becomes_of_its_outputs() {
    let mut server = Server::start();
    for script in [
        "exec \"$@\" >&- 2>&- <&-",
        "exec \"$@\" > /dev/full 2> /dev/full < /dev/full",
        "exec \"$@\" > >(true) 2>&1",
        "exec \"$@\" 2> >(head -n 1 > /dev/null)",
    ] {
        assert_eq!(deploy(&mut server, script).status, Some(0), "{script}");
    }
}

/// As after Ctrl-S, or when whoever collects the output hangs.
#[test]
fn regression_050_a_run_goes_on_although_nobody_reads_what_it_says() {
    let full_pipe = "mkfifo /srv/unread && exec 7<> /srv/unread && rm /srv/unread
        dd if=/dev/zero of=/dev/fd/7 bs=4096 oflag=nonblock status=none 2> /dev/null";
    let mut server = Server::start();
    for script in [
        format!("{full_pipe}; exec \"$@\" >&7 2>&7"),
        format!("{full_pipe}; exec \"${{@:1:1}}\" -vv \"${{@:2}}\" 2>&7"),
    ] {
        assert_eq!(deploy(&mut server, &script).status, Some(0), "{script}");
    }
}

#[test]
fn what_a_run_is_started_with_makes_no_difference_to_what_it_does() {
    let mut server = Server::start();
    // As many at once as don't rule one another out.
    for script in [
        "umask 0777; ulimit -Sn 40; mkdir /srv/gone && cd /srv/gone && rmdir /srv/gone && exec \"$@\"",
        // Regression 056: whoever starts it ignores the ends of children, and so would it.
        "trap '' HUP INT TERM PIPE; umask 0000; exec nohup setsid python3 -c 'import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])' \"$@\"",
        // The last words are for the engine, curl, Bash and the log.
        "unset HOME; export LANG=xx_YY.nothing LC_ALL=tr_TR.UTF-8 TMPDIR=/nowhere PATH=/nowhere IFS=/ TERM=nothing COLUMNS=-1 \
            CONTAINERS_CONF=/nowhere CONTAINERS_STORAGE_CONF=/nowhere CONTAINER_HOST=unix:///nowhere STORAGE_DRIVER=nothing \
            PODMAN_USERNS=auto REGISTRY_AUTH_FILE=/nowhere XDG_RUNTIME_DIR=/nowhere DOCKER_HOST=nowhere http_proxy=http://127.0.0.1:1 \
            ALL_PROXY=http://127.0.0.1:1 CURL_HOME=/nowhere BASH_ENV=/nowhere ENV=/nowhere RUST_LOG=trace RUST_BACKTRACE=full; exec \"$@\"",
    ] {
        assert_eq!(deploy(&mut server, script).status, Some(0), "{script}");
    }
}

#[test]
fn regression_054_a_limit_that_leaves_no_room_for_a_run_is_told_and_nothing_is_begun() {
    let mut server = Server::start();
    server.deploy_undisturbed("v1");
    // Whoever may raise any limit is not kept by one. The smallest that lets plan and secrets be read at all, and the largest that did harm:
    // what lies between them is refused by the same comparison.
    let powerless = "exec setpriv --bounding-set=-sys_resource --inh-caps=-sys_resource \"$@\"";
    for files in [12, 200] {
        let ended = deploy(&mut server, &format!("ulimit -n {files}; {powerless}"));
        assert_eq!(ended.status, Some(1), "{ended:?}");
        let told = format!("only {files} files may be open at once, and 256 are needed");
        assert!(ended.stdout.contains(&told), "{ended:?}");
    }
    // In blocks of 1 KiB: a journal does not fit into the first, some of the engine's files not into the second.
    for blocks in [1, 4000] {
        let ended = deploy(&mut server, &format!("ulimit -f {blocks}; exec \"$@\""));
        assert!(matches!(ended.status, Some(0 | 1 | 3 | 4)), "{ended:?}");
    }
}

/// The clock of Landfall alone, set to another year every few milliseconds, whatever step it is at.
#[test]
fn a_clock_that_jumps_by_a_year_again_and_again_changes_nothing_but_names() {
    let mut server = Server::start();
    server.deploy_undisturbed("v1");
    let library = server.vsn.must([
        "sh",
        "-c",
        "ls /usr/lib*/faketime/libfaketimeMT.so.1 /usr/lib/*/faketime/libfaketimeMT.so.1 2> /dev/null | head -n 1",
    ]);
    let with_clock = format!(
        "export LD_PRELOAD={} FAKETIME_TIMESTAMP_FILE=/srv/clock FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1; exec \"$@\"",
        library.trim()
    );
    server.vsn.write("/srv/clock", "+0d\n", 0o644);
    let jumping = "while :; do for jump in +365d -365d +0d; do echo $jump > /srv/.clock; mv /srv/.clock /srv/clock; sleep 0.01; done; done";
    let mut runs = server.vsn.runs("shop");
    for round in 0..3 {
        let clock = server.vsn.start_process(["bash", "-c", jumping]);
        let new = server.other_version();
        let ended = server.begin(Work::Deploy, new, &["bash", "-c", &with_clock, "bash"]).wait();
        drop(clock);
        assert_eq!(ended.status, Some(0), "{ended:?}");
        server.settle(Work::Deploy, new, ended.status, true);
        let now = server.vsn.runs("shop");
        let added: Vec<&String> = now.iter().filter(|run| !runs.contains(run)).collect();
        assert_eq!(added, [now.last().unwrap()], "round {round}: the newest run has the last name: {now:?}");
        runs = now;
    }
    let clock = server.vsn.start_process(["bash", "-c", jumping]);
    let ended = server.begin(Work::Teardown, "v1", &["bash", "-c", &with_clock, "bash"]).wait();
    drop(clock);
    server.settle(Work::Teardown, "v1", ended.status, true);
    assert_eq!(ended.status, Some(0), "{ended:?}");
}
