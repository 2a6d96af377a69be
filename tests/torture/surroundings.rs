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
