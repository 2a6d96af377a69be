//! What a hosting service does for a pipeline: a checkout of a change, variables, and an address that takes comments.

use super::commands::Step;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread::JoinHandle;
use tempfile::TempDir;

/// The plan of the target branch; the pipelines name it so.
pub const PLAN: &str = "deployment/plan.json";

pub const BEFORE: &str = r#"{
  "version": 1,
  "name": "shop",
  "services": {
    "web": {
      "image": { "archive": "../images/tiny-v1.docker.tar" },
      "configs": [{ "file": "motd", "target": "/etc/motd" }],
      "ports": ["127.0.0.1:8080:80"],
      "healthcheck": { "http": "http://localhost:8080/version" },
      "memory": "64MiB"
    }
  }
}
"#;

/// A repository with a change, checked out as the service does it.
pub struct Checkout {
    around: TempDir,
}

fn git(folder: &Path, arguments: &[&str]) {
    let settings =
        ["-c", "user.name=An Author", "-c", "user.email=author@example.org", "-c", "init.defaultBranch=main"];
    let output = Command::new("git").current_dir(folder).args(settings).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

impl Checkout {
    /// The change makes `plan` of the plan on the target branch, or begins it.
    pub fn of_a_change(before: Option<&str>, plan: &str) -> Self {
        let around = tempfile::tempdir().unwrap();
        let author = around.path().join("author");
        fs::create_dir_all(author.join("deployment")).unwrap();
        fs::create_dir_all(author.join("images")).unwrap();
        fs::write(author.join("images/tiny-v1.docker.tar"), "").unwrap();
        fs::write(author.join("deployment/motd"), "hello\n").unwrap();
        if let Some(before) = before {
            fs::write(author.join(PLAN), before).unwrap();
        }
        git(&author, &["init", "--quiet"]);
        git(&author, &["add", "."]);
        git(&author, &["commit", "--quiet", "--message", "The plan"]);
        git(&author, &["switch", "--quiet", "--create", "change"]);
        fs::write(author.join(PLAN), plan).unwrap();
        git(&author, &["add", "."]);
        git(&author, &["commit", "--quiet", "--allow-empty", "--message", "A change of the plan"]);
        git(around.path(), &["clone", "--quiet", "--branch", "change", "author", "checkout"]);
        Self { around }
    }

    pub fn folder(&self) -> PathBuf {
        self.around.path().join("checkout")
    }

    /// The text of an artefact.
    pub fn artefact(&self, name: &str) -> String {
        fs::read_to_string(self.folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Runs a step with the service's own variables, and what stands for `${{ … }}` among them.
    pub fn run(&self, step: &Step, service: &[(&str, &str)]) -> Output {
        let built = Path::new(env!("CARGO_BIN_EXE_landfall")).parent().unwrap();
        let programs = self.around.path().join("programs");
        let path = format!("{}:{}:{}", programs.display(), built.display(), std::env::var("PATH").unwrap());
        let mut command = Command::new(step.shell[0]);
        command.args(&step.shell[1..]).arg(&step.text).current_dir(self.folder()).env_clear();
        command.env("PATH", path).env("HOME", self.around.path()).env("TMPDIR", self.around.path());
        command.envs(service.iter().copied());
        for (name, value) in &step.variables {
            let filled = match value.strip_prefix("${{ ").and_then(|value| value.strip_suffix(" }}")) {
                Some(expression) => {
                    let known = service.iter().find(|(name, _)| *name == expression);
                    known.unwrap_or_else(|| panic!("`{expression}` has no value")).1
                }
                None => value,
            };
            if !service.iter().any(|(known, _)| known == name) {
                command.env(name, filled);
            }
        }
        command.output().unwrap()
    }

    /// Puts a program before all others.
    pub fn program(&self, name: &str, text: &str) {
        let folder = self.around.path().join("programs");
        fs::create_dir_all(&folder).unwrap();
        // By another process: a file that this one has open for writing can't be started, nor while a child still has it.
        let mut install = Command::new("sh");
        install.args(["-c", "printf %s \"$1\" > \"$0\" && chmod 755 \"$0\""]).arg(folder.join(name)).arg(text);
        assert!(install.status().unwrap().success());
    }
}

/// Takes one request, and says what was asked.
pub struct Comments {
    pub address: String,
    request: JoinHandle<Request>,
}

/// What was sent to the service.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    pub line: String,
    pub token: String,
    pub body: String,
}

impl Comments {
    pub fn taken() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let request = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut lines, mut length) = (Vec::new(), 0);
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                let line = line.trim_end().to_owned();
                if let Some(number) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                    length = number.parse().unwrap();
                }
                if line.is_empty() {
                    break;
                }
                lines.push(line);
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            stream.write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}").unwrap();
            let token =
                lines.iter().find(|line| line.starts_with("Authorization: ") || line.starts_with("PRIVATE-TOKEN: "));
            Request { line: lines[0].clone(), token: token.unwrap().clone(), body: String::from_utf8(body).unwrap() }
        });
        Self { address, request }
    }

    pub fn request(self) -> Request {
        self.request.join().unwrap()
    }
}
