//! What is passed on of the engine's own words.

use super::{failure, gist, is_gone, is_of_a_change_meanwhile};
use crate::host::command::{CommandName, CommandProblem};
use crate::run::Failure;
use pretty_assertions::assert_eq;
use std::ffi::OsStr;
use std::path::Path;

fn podman_start() -> CommandName {
    CommandName::new(Path::new("/usr/bin/podman"), Some(OsStr::new("start")))
}

fn failed(stderr_tail: &str) -> CommandProblem {
    CommandProblem::Failed { command: podman_start(), code: 125, stderr_tail: stderr_tail.to_owned() }
}

#[test]
fn a_failure_tells_what_podman_said_without_its_noise() {
    let stderr = "time=\"2026-11-21T01:12:13Z\" level=warning msg=\"Could not locate device\"\n\
                  failed to connect to syslog: Initialization\n\
                  Error: OCI runtime error: no such file\n";
    assert_eq!(failure(failed(stderr)), Failure::new("`podman start` failed: OCI runtime error: no such file"));
}

#[test]
fn a_failure_without_a_word_is_told_by_its_exit_code() {
    assert_eq!(failure(failed(" \n")), Failure::new("`podman start` failed with exit code 125 and said nothing"));
}

/// As Docker 20.10.24 prints it.
#[test]
fn regression_091_a_failure_tells_why_dockers_daemon_could_not_start_a_container() {
    let daemon = "Error response from daemon: driver failed programming external connectivity on endpoint shop-web: Bind for \
                  127.0.0.1:8080 failed: port is already allocated";
    let cure = "; if `docker ps` shows no container with this port, restart Docker to free it, as by `systemctl restart docker`";
    assert_eq!(
        gist(&format!("{daemon}\nError: failed to start containers: shop-web\n")),
        Some(format!("{daemon}{cure}"))
    );
    assert_eq!(
        gist("Error: failed to start containers: shop-web"),
        Some("failed to start containers: shop-web".to_owned())
    );
}

#[test]
fn what_was_killed_may_still_be_at_work() {
    let killed = CommandProblem::Deadline { command: podman_start(), seconds: 120, stderr_tail: String::new() };
    let message = "`podman start` had not ended after 120 s and was killed";
    assert_eq!(failure(killed), Failure::lingering(message));
    let cancelled = CommandProblem::Cancelled { command: podman_start() };
    assert_eq!(failure(cancelled), Failure::lingering("`podman start` was interrupted"));
}

#[test]
fn what_never_began_is_not_at_work() {
    let problem = CommandProblem::NotStarted { command: podman_start(), reason: "permission denied".to_owned() };
    let message = "`podman start` could not be started: permission denied";
    assert_eq!(failure(problem), Failure::new(message));
}

#[test]
fn only_the_end_of_a_long_story_is_told() {
    assert_eq!(gist("Error: one\nError: two\nError: three"), Some("two; three".to_owned()));
    assert_eq!(gist("copying\nstoring\nno space left"), Some("storing; no space left".to_owned()));
    assert_eq!(gist(&"x".repeat(500)), Some(format!("{}…", "x".repeat(400))));
}

#[test]
fn what_is_not_there_is_gone_and_what_is_in_use_is_not() {
    let gone = [
        "Error: no container with name or ID \"nope\" found: no such container",
        "Error: unable to find network with name or ID nope: network not found",
        "Error: no secret with name or id \"nope\": no such secret",
        "Error: nope:x: image not known",
    ];
    assert_eq!(gone.map(is_gone), [true; 4]);
    assert!(!is_gone(
        "Error: \"shop\" has associated containers with it. Use -f to forcibly delete: network is being used"
    ));
    assert!(!is_gone(""));
}

#[test]
fn regression_047_a_network_that_is_gone_is_so_in_every_docker() {
    let gone = [
        "Error: No such network: shop",
        // To `network disconnect`, and of newer ones also to `network rm` and `network inspect`.
        "Error response from daemon: network shop not found",
        "Error response from daemon: container 0a1b is not connected to network shop",
        "Error response from daemon: container 0a1b is not connected to the network shop",
    ];
    assert_eq!(gone.map(is_gone), [true; 4]);
    assert!(!is_gone("Error response from daemon: network shop has active endpoints"));
}

#[test]
fn regression_037_a_listing_that_met_an_image_on_its_way_out_is_tried_again() {
    // As Podman 4.3.1 said it while another call removed the image.
    let said = "Error: retrieving parent of image \"4b0b3f88\": you may need to remove the image to resolve the error: reading data \
                blob size \"signature-e9f6115b\" for \"4b0b3f88\": size is not known\n";
    assert_eq!(is_of_a_change_meanwhile(said), true);
    assert_eq!(is_of_a_change_meanwhile("Error: database is locked\n"), false);
}
