//! One Bash that is asked again and again, so that a question costs no process.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::{fs, path::PathBuf};
use tempfile::TempDir;

thread_local!(static BASH: RefCell<Option<Bash>> = const { RefCell::new(None) });

struct Bash {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    folder: TempDir,
}

/// What Bash says, on either output, when it runs this script. No program is found from in there.
pub fn says(script: &str) -> Vec<u8> {
    BASH.with_borrow_mut(|bash| bash.get_or_insert_with(Bash::start).says(script))
}

impl Bash {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("/bin/bash");
        command.args(["--norc", "--noprofile"]).current_dir(folder.path());
        command.env_clear().envs([("PATH", "/nonexistent"), ("LC_ALL", "C")]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (questions, answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, questions, answers, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn says(&mut self, script: &str) -> Vec<u8> {
        fs::write(self.path("question"), script).unwrap();
        self.questions.write_all(b". ./question > ./answer 2>&1; printf 'done\\n'\n").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        assert_eq!(line, "done\n", "Bash ended over {script:?}");
        fs::read(self.path("answer")).unwrap()
    }
}

impl Drop for Bash {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
