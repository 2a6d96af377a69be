//! A program that runs in the VSN, and what it left when it ended.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::eventually::{eventually, eventually_within_or};

/// An option of `strace`: what it follows and is written in Go shares out its threads without thousands of signals between them. One to
/// a thread that just ends can break `strace` off.
pub const WITHOUT_SIGNALS_OF_GO: &str = "--env=GODEBUG=asyncpreemptoff=1";

/// What a command that ended left: its exit code (`None` when a signal ended it) and its output as text.
#[derive(Debug, PartialEq, Eq, Clone)]
pub struct Output {
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// A program that runs in the VSN; dropping it kills it.
pub struct Process {
    child: Child,
    /// Without the ending `.out` or `.err`.
    output: PathBuf,
    what: String,
}

impl Process {
    /// Starts `vsn run`; its output goes to the files `<output>.out` and `<output>.err`, `input` to its standard input.
    pub(super) fn start(command: &mut Command, output: PathBuf, input: &str) -> Self {
        // Files, for a pipe that nobody reads yet would stop the program when it is full.
        command.stdout(File::create(output.with_extension("out")).unwrap());
        command.stderr(File::create(output.with_extension("err")).unwrap());
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_owned();
        // A program that ends without reading its input closes the pipe; that is its right.
        thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
        Self { child, output, what: format!("{command:?}") }
    }

    /// Sends a signal, named as in `TERM`, to the program itself.
    pub fn signal(&self, name: &str) {
        // The script becomes nsenter, which waits for the program, its only child.
        let comm = format!("/proc/{}/comm", self.child.id());
        eventually("the program runs in the VSN", || {
            fs::read_to_string(&comm).unwrap() == "nsenter\n" && self.signal_children(name)
        });
    }

    /// The number of the program's process on this machine, once it runs.
    pub fn leader(&self) -> u32 {
        let mut leader = None;
        eventually("the program runs in the VSN", || {
            // The script becomes nsenter, which waits for the program, its only child.
            let comm = fs::read_to_string(format!("/proc/{}/comm", self.child.id())).unwrap();
            let children = format!("/proc/{0}/task/{0}/children", self.child.id());
            let child = fs::read_to_string(children).unwrap();
            leader = child.split_whitespace().next().filter(|_| comm == "nsenter\n").and_then(|pid| pid.parse().ok());
            // Until it has become the program, it is a copy of nsenter.
            leader.is_some_and(|leader: u32| {
                fs::read_to_string(format!("/proc/{leader}/comm")).is_ok_and(|comm| comm != "nsenter\n")
            })
        });
        leader.unwrap()
    }

    /// Sends a signal to the program itself, unless it has ended, or to nothing where it has not begun.
    pub fn signal_if_running(&self, name: &str) {
        self.signal_children(name);
    }

    /// Acts while the program is stopped, unless it has ended.
    pub fn while_stopped(&self, act: impl FnOnce()) {
        self.signal_children("STOP");
        act();
        self.signal_children("CONT");
        // Nsenter stops with it.
        drop(Command::new("kill").args(["-CONT", &self.child.id().to_string()]).stderr(Stdio::null()).status());
    }

    /// Sends a signal to the program and all of its process group, unless it has ended. It must be the leader of a group of its own.
    pub fn signal_group_if_running(&self, name: &str) {
        let mut pgrep = Command::new("pgrep");
        let found = pgrep.arg("-P").arg(self.child.id().to_string()).output().unwrap();
        if let Some(leader) = String::from_utf8_lossy(&found.stdout).lines().next() {
            let group = format!("-{leader}");
            // It may have ended meanwhile.
            drop(Command::new("kill").args([&format!("-{name}"), "--", &group]).stderr(Stdio::null()).status());
        }
    }

    /// Whether it runs still.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// What it has written to standard output and standard error so far.
    pub fn output_so_far(&self) -> (String, String) {
        (text(&self.output.with_extension("out")), text(&self.output.with_extension("err")))
    }

    /// Waits for its end; a program that runs for five minutes has failed.
    pub fn wait(self) -> Output {
        self.wait_for(Duration::from_secs(300))
    }

    /// Waits for its end; a program that runs for longer than this has failed.
    pub fn wait_for(mut self, longest: Duration) -> Output {
        let mut status = None;
        let what = format!("the end of {}", self.what);
        let process = self.child.id();
        let (out, err) = (self.output.with_extension("out"), self.output.with_extension("err"));
        let told = || format!("{}\n{}\n{}", text(&out), text(&err), beside(process));
        eventually_within_or(longest, told, &what, || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        let (stdout, stderr) = self.output_so_far();
        Output { status: status.and_then(|status| status.code()), stdout, stderr }
    }

    fn signal_children(&self, name: &str) -> bool {
        let mut pkill = Command::new("pkill");
        pkill.arg(format!("-{name}")).arg("-P").arg(self.child.id().to_string()).status().unwrap().success()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        while let Ok(None) = self.child.try_wait() {
            self.signal_children("KILL");
            thread::sleep(Duration::from_millis(5));
        }
        drop(fs::remove_file(self.output.with_extension("out")));
        drop(fs::remove_file(self.output.with_extension("err")));
    }
}

/// All processes that are in a VSN with this one's.
fn beside(process: u32) -> String {
    let vsn = fs::read_link(format!("/proc/{process}/ns/pid_for_children")).unwrap().display().to_string();
    let words = "-e --forest -o pidns,pid,etimes,stat,wchan,args".split(' ');
    let all = String::from_utf8_lossy(&Command::new("ps").args(words).output().unwrap().stdout).into_owned();
    let is_in_it = |line: &&str| line.split_whitespace().next().is_some_and(|one| vsn == format!("pid:[{one}]"));
    all.lines().filter(is_in_it).collect::<Vec<_>>().join("\n")
}

fn text(file: &Path) -> String {
    String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned()
}
