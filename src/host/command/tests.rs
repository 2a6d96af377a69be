//! Real programs, really killed.

use super::*;
use pretty_assertions::assert_eq;
use std::io::Read;
use std::time::Instant;

fn bash(script: &str) -> Command {
    Command::new(Path::new("/bin/bash")).args(["-c", script])
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn bash_name() -> CommandName {
    CommandName::new(Path::new("/bin/bash"), None)
}

/// Whether this process still runs; a zombie doesn't.
fn runs(pid: &str) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z')))
}

/// Waits for what the kernel does on its own time, such as the last step of a kill.
fn eventually(condition: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(20) {
        if condition() {
            return true;
        }
        std::thread::yield_now();
    }
    false
}

/// Reads process numbers from a named pipe that the script writes to, then does `then`.
fn with_fifo(
    script: impl FnOnce(&str) -> String,
    then: impl FnOnce(String) + Send + 'static,
) -> (Command, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("pids");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let script = script(fifo.to_str().unwrap());
    std::thread::spawn(move || then(std::fs::read_to_string(fifo).unwrap()));
    (bash(&script), folder)
}

#[test]
fn a_program_gets_its_arguments_and_input_and_gives_its_output_and_code() {
    let output = bash("cat; echo \"$0\" >&2; exit 7").arg("a b").stdin_bytes("in").run_to_any_code().unwrap();
    assert_eq!(output, Output { stdout: b"in".to_vec(), stderr: "a b\n".to_owned(), code: 7 });
}

#[test]
fn regression_032_input_that_must_not_be_taken_in_part_is_there_as_a_whole_before_the_program_starts() {
    let script = "stat --dereference --format '%F %s' /proc/self/fd/0; cat";
    let output = bash(script).stdin_whole("17 3 * * 0 true\n").run().unwrap();
    assert_eq!(text(&output), "regular file 16\n17 3 * * 0 true\n");
}

#[test]
fn the_environment_is_clean_and_the_folder_is_the_root() {
    let output = Command::new(Path::new("/usr/bin/env")).env("TMPDIR", "/run/x").run().unwrap();
    assert_eq!(text(&output), format!("HOME=/root\nLC_ALL=C\nPATH={SEARCH_PATH}\nTMPDIR=/run/x\n"));
    assert_eq!(text(&bash("pwd").run().unwrap()), "/\n");
}

#[test]
fn a_failure_names_the_subcommand_and_what_was_said_and_no_other_argument() {
    let problem =
        Command::new(Path::new("/usr/bin/git")).args(["checkout", "hunter2"]).directory(Path::new("/proc")).run();
    let text = problem.unwrap_err().to_string();
    let (before, said) = text.split_once(": ").unwrap();
    assert_eq!(before, "`git checkout` failed with exit code 128");
    assert!(said.starts_with("fatal: not a git repository"), "{said}");
    let problem = bash("echo careful >&2; exit 3 # hunter2").run().unwrap_err();
    assert_eq!(problem, CommandProblem::Failed { command: bash_name(), code: 3, stderr_tail: "careful".to_owned() });
    assert_eq!(problem.to_string(), "`bash` failed with exit code 3: careful");
}

#[test]
fn only_what_looks_like_a_subcommand_is_shown() {
    let shown = |argument: &str| CommandName::new(Path::new("/usr/bin/podman"), Some(OsStr::new(argument))).to_string();
    assert_eq!(shown("run"), "podman run");
    for secret in ["--password=x", "hunter2", "S3cret", "", "averyveryverylongword"] {
        assert_eq!(shown(secret), "podman");
    }
}

#[test]
fn a_missing_program_is_not_started() {
    let problem = Command::new(Path::new("/nowhere/podman")).arg("ps").run().unwrap_err();
    assert_eq!(problem.to_string(), "`podman ps` could not be started: No such file or directory (os error 2)");
    assert_eq!(find("landfall-does-not-exist"), None);
    assert_eq!(
        require("landfall-does-not-exist").unwrap_err().to_string(),
        format!("`landfall-does-not-exist` is not installed: it is in none of {SEARCH_PATH}")
    );
    assert!(require("bash").unwrap().is_absolute());
}

#[test]
fn a_strangers_signal_is_told_from_an_exit_code() {
    let problem = bash("echo bye >&2; kill -USR1 $$").run().unwrap_err();
    let expected = CommandProblem::Signalled { command: bash_name(), signal: 10, stderr_tail: "bye".to_owned() };
    assert_eq!(problem, expected);
}

#[test]
fn at_the_deadline_the_program_and_its_children_are_killed_even_if_they_ignore_sigterm() {
    let (seen, pids) = std::sync::mpsc::channel();
    let cancel = Cancel::never();
    let expire = cancel.clone();
    let (command, _folder) = with_fifo(
        |fifo| format!("trap '' TERM; sleep 1000 & echo $$ $! > {fifo}; wait; wait; sleep 1000"),
        move |text| {
            seen.send(text).unwrap();
            expire.cancel();
        },
    );
    let problem = command.cancel(&cancel).grace(Duration::from_millis(50)).run().unwrap_err();
    assert_eq!(problem, CommandProblem::Cancelled { command: bash_name() });
    let pids = pids.recv().unwrap();
    for pid in pids.split_whitespace() {
        assert!(eventually(|| !runs(pid)), "process {pid} still runs");
    }
    let leader = pids.split_whitespace().next().unwrap();
    assert!(!Path::new(&format!("/proc/{leader}")).exists(), "a zombie is left");
}

#[test]
fn what_is_cancelled_already_is_not_started() {
    let folder = tempfile::tempdir().unwrap();
    let started = folder.path().join("started");
    let cancel = Cancel::never();
    cancel.cancel();
    let problem = Command::new(Path::new("/usr/bin/touch")).arg(&started).cancel(&cancel).run().unwrap_err();
    assert_eq!(problem.to_string(), "`touch` was interrupted");
    assert!(!started.exists());
}

#[test]
fn the_deadline_ends_a_program_that_hangs() {
    let problem = bash("exec sleep 1000").deadline(Duration::from_secs(1)).run().unwrap_err();
    let expected = CommandProblem::Deadline { command: bash_name(), seconds: 1, stderr_tail: String::new() };
    assert_eq!(problem, expected);
}

#[test]
fn a_program_that_says_success_when_it_is_told_to_end_has_not_succeeded() {
    let problem = bash("trap 'exit 0' TERM; sleep 1000 & wait").deadline(Duration::from_secs(1)).run().unwrap_err();
    let expected = CommandProblem::Deadline { command: bash_name(), seconds: 1, stderr_tail: String::new() };
    assert_eq!(problem, expected);
}

#[test]
fn a_descendant_in_a_session_of_its_own_survives_the_end_of_its_parent() {
    let output = bash("setsid sleep 1000 >/dev/null 2>&1 & echo $!").run().unwrap();
    let pid = text(&output).trim().to_owned();
    assert!(runs(&pid));
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid.parse().unwrap()), nix::sys::signal::Signal::SIGKILL)
        .unwrap();
}

#[test]
fn a_descendant_that_keeps_the_output_open_does_not_hold_us_up_for_ever() {
    let output = bash("setsid sleep 1000 & echo $!").run().unwrap();
    let pid = text(&output).trim().to_owned();
    assert!(runs(&pid));
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid.parse().unwrap()), nix::sys::signal::Signal::SIGKILL)
        .unwrap();
}

#[test]
fn input_streams_through_however_long_it_is() {
    let output = Command::new(Path::new("/usr/bin/wc"))
        .arg("-c")
        .stdin_writer(|pipe| std::io::copy(&mut std::io::repeat(7).take(50_000_000), pipe).map(drop))
        .run()
        .unwrap();
    assert_eq!(text(&output), "50000000\n");
}

#[test]
fn a_writer_that_fails_kills_the_program_before_it_can_take_a_part_for_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let done = folder.path().join("done");
    let script = "trap '' TERM; cat >/dev/null; touch \"$0\"";
    let command = bash(script).arg(&done).grace(Duration::from_millis(200)).stdin_writer(|pipe| {
        pipe.write_all(b"half")?;
        Err(io::Error::other("the sha256 differs"))
    });
    let problem = command.run().unwrap_err();
    assert_eq!(problem, CommandProblem::Input { command: bash_name(), reason: "the sha256 differs".to_owned() });
    assert!(!done.exists());
}

#[test]
fn a_writer_that_fails_after_the_program_ended_well_is_still_a_problem() {
    let (ended, wait) = std::sync::mpsc::channel::<()>();
    let command = bash("exit 0").stdin_writer(move |pipe| {
        while pipe.write_all(&[0; 4096]).is_ok() {}
        drop(ended);
        Err(io::Error::other("the sha256 differs"))
    });
    let problem = command.run().unwrap_err();
    assert_eq!(problem, CommandProblem::Input { command: bash_name(), reason: "the sha256 differs".to_owned() });
    assert_eq!(wait.recv(), Err(std::sync::mpsc::RecvError));
}

#[test]
fn a_writer_that_gives_up_because_of_the_interruption_is_no_other_problem() {
    let cancel = Cancel::never();
    let heeded = cancel.clone();
    let give_up = move |_: &mut dyn Write| {
        heeded.cancel();
        Err(io::Error::other("reading was interrupted"))
    };
    let problem = bash("exec sleep 1000").stdin_writer(give_up).cancel(&cancel).run().unwrap_err();
    assert_eq!(problem, CommandProblem::Cancelled { command: bash_name() });
}

#[test]
fn a_writer_that_panics_is_a_problem_and_not_a_hang() {
    let command = bash("cat >/dev/null").stdin_writer(|_| panic!("on purpose"));
    let problem = command.run().unwrap_err();
    assert_eq!(problem, CommandProblem::Input { command: bash_name(), reason: "the writer panicked".to_owned() });
}

#[test]
fn a_program_that_does_not_read_its_input_is_judged_by_its_exit_code() {
    let output = bash("exec 0<&-; exit 4").stdin_bytes(vec![0; 1_000_000]).run_to_any_code().unwrap();
    assert_eq!(output, Output { stdout: Vec::new(), stderr: String::new(), code: 4 });
}

#[test]
fn more_output_than_allowed_is_a_problem_and_exactly_so_much_is_not() {
    let problem = bash("exec yes").stdout_limit(1000).run().unwrap_err();
    assert_eq!(problem, CommandProblem::TooMuchOutput { command: bash_name(), limit: 1000 });
    let output = bash("printf 12345").stdout_limit(5).run().unwrap();
    assert_eq!(text(&output), "12345");
}

#[test]
fn a_long_output_is_the_same_as_a_whole_and_in_pieces() {
    let counts = || bash("seq 50000; printf end");
    let expected: String = (1..=50_000).map(|number| format!("{number}\n")).chain(["end".to_owned()]).collect();
    assert_eq!(text(&counts().run().unwrap()), expected);
    let in_pieces = counts().run_in_pieces().unwrap().stdout;
    assert_eq!((in_pieces.is_blank(), in_pieces.bytes().eq(expected.bytes())), (false, true));
    let failed = bash("printf ' \\n'; exit 3");
    let Output { stdout, stderr: _, code } = failed.run_in_pieces_to_any_code().unwrap();
    assert_eq!((stdout.is_blank(), stdout.whole(), code), (true, b" \n".to_vec(), 3));
}

#[test]
fn the_end_of_a_long_output_can_be_kept_with_standard_error_in_its_place() {
    let script = "for ((i = 0; i < 100000; i++)); do echo line $i; done; echo oops >&2; echo end";
    let output = bash(script).stderr_into_stdout().keep_the_last(15).run().unwrap();
    assert_eq!(output, Output { stdout: b"99999\noops\nend\n".to_vec(), stderr: String::new(), code: 0 });
}

#[test]
fn what_a_program_says_can_not_drive_the_terminal() {
    let output = bash("printf 'a\\033[31mb\\r\\n\\tc' >&2").run().unwrap();
    assert_eq!(output.stderr, "a\u{fffd}[31mb\n\tc");
}

#[test]
fn of_long_complaints_the_last_whole_lines_are_shown() {
    let problem = bash("for ((i = 0; i < 1000; i++)); do echo line $i >&2; done; exit 1").run().unwrap_err();
    let CommandProblem::Failed { command, code, stderr_tail } = problem else { panic!("it should fail") };
    assert_eq!((command, code), (bash_name(), 1));
    let lines: Vec<&str> = stderr_tail.lines().collect();
    assert_eq!((lines.len(), lines.first().copied(), lines.last().copied()), (227, Some("line 773"), Some("line 999")));
}

#[test]
fn a_program_does_not_share_our_process_group() {
    let output = bash("read -ra stat < /proc/$$/stat; echo $$ ${stat[4]}").run().unwrap();
    let text = text(&output);
    let (pid, group) = text.trim().split_once(' ').unwrap();
    assert_eq!(pid, group);
}

#[test]
fn what_is_shown_on_a_terminal_is_told_as_it_comes_and_kept_as_output() {
    let heard = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let hears = std::sync::Arc::clone(&heard);
    let call = bash("[ -t 1 ] && [ ! -t 2 ] && printf 'a\\rb'; echo oops >&2; exit 3");
    let output = call.on_a_terminal(move |piece| hears.lock().unwrap().extend_from_slice(piece)).run_to_any_code();
    assert_eq!(output.unwrap(), Output { stdout: b"a\rb".to_vec(), stderr: "oops\n".to_owned(), code: 3 });
    assert_eq!(*heard.lock().unwrap(), b"a\rb");
}
