//! One throw-away VSN: started, used, rebooted, and gone when the test ends.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, Once};

use landfall::plan::values::EngineKind;

use super::eventually::eventually;
use super::images;
use super::process::{Output, Process};
use super::system;

/// The project's script of that name.
pub fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts").join(name)
}

/// The one or the other, by the engine of the test program.
pub fn either<'a>(podman: &'a str, docker: &'a str) -> &'a str {
    if system::engine() == "docker" { docker } else { podman }
}

/// What restarts Docker's daemon where there is no systemd: no init system has started the VSN's, so the machine's own knows nothing of it.
const SERVICE: &str = "#!/bin/bash
[ \"$*\" = 'docker restart' ] || exit 64
echo \"service $*\" >> /var/log/dockerd.log
kill $(cat /run/docker.pid); while [ -e /run/docker.pid ]; do sleep 0.05; done
setsid dockerd < /dev/null >> /var/log/dockerd.log 2>&1 &
";

/// A running VSN; dropping it cuts its power and removes its disk. With `LANDFALL_KEEP_VSN` set in the environment it stays, in
/// `target/tmp`, until tests run again.
pub struct Vsn {
    folder: PathBuf,
    /// Folders behind which it has mounted something else than its disk.
    mounted: Mutex<Vec<String>>,
    /// What its containers run on: `podman`, or `docker` in a test program whose name ends so.
    engine: &'static str,
}

impl Vsn {
    /// Starts one with the host name `vsn` and nothing on its disk.
    pub fn start() -> Self {
        Self::start_named("vsn")
    }

    /// What its containers run on: `podman` or `docker`.
    pub fn engine(&self) -> &'static str {
        self.engine
    }

    /// What its engine says where the two say different things.
    pub fn either<'a>(&self, podman: &'a str, docker: &'a str) -> &'a str {
        either(podman, docker)
    }

    /// What its containers run on, as Landfall knows it.
    pub fn engine_kind(&self) -> EngineKind {
        if self.engine == "docker" { EngineKind::Docker } else { EngineKind::Podman }
    }

    /// Starts Docker's daemon, as a server's boot does. The distribution's own client counts, whatever else is installed.
    pub fn start_docker(&self) {
        if let Some(settings) = system::docker_settings() {
            // The machine's own are never touched: `/etc` is the other distribution's.
            assert!(system::root().is_some(), "the Docker of this machine may be too old for that");
            let write = "mkdir -p /etc/docker && cat > /etc/docker/daemon.json";
            assert_eq!(self.run_with_input(["sh", "-c", write], settings).status, Some(0));
        }
        let start = "cat > /run/service; chmod 755 /run/service
            over() { [ ! -e \"$2\" ] || mountpoint -q \"$2\" || mount --bind \"$1\" \"$2\"; }
            over /usr/bin/docker /usr/local/bin/docker; over /run/service /usr/sbin/service
            setsid dockerd < /dev/null >> /var/log/dockerd.log 2>&1 &";
        assert_eq!(self.run_with_input(["sh", "-c", start], SERVICE).status, Some(0));
        eventually("Docker's daemon answers", || self.run(["docker", "version"]).status == Some(0));
    }

    /// Starts one with the host name `hostname` and nothing on its disk. Docker's daemon runs, now and after each boot, where the
    /// engine is Docker.
    pub fn start_named(hostname: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        static SWEEP: Once = Once::new();
        SWEEP.call_once(stop_those_of_killed_tests);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("vsn-{}-{number}", std::process::id());
        let vsn = Self {
            folder: Path::new(env!("CARGO_TARGET_TMPDIR")).join(name),
            mounted: Mutex::default(),
            engine: system::engine(),
        };
        match system::root() {
            Some(root) => vsn.control("start", &[hostname, "--system", root.to_str().unwrap()]),
            None => vsn.control("start", &[hostname]),
        }
        let mut hosts = OpenOptions::new().append(true).open(vsn.on_disk("/etc/hosts")).unwrap();
        hosts.write_all(Self::hosts_line().as_bytes()).unwrap();
        vsn.start_engine();
        vsn
    }

    /// Cuts its power (no process gets to clean up) and starts it again: `/run`, mounts and network are as after a boot, the disk stays.
    pub fn reboot(&self) {
        self.control("reboot", &[]);
        self.start_engine();
    }

    /// As [`Vsn::reboot`], but what lay in `/run` lies there again, except by what engines and cron tell that there was no boot.
    pub fn reboot_keeping_run(&self) {
        self.control("reboot", &["--keep-run"]);
        self.start_engine();
    }

    fn start_engine(&self) {
        if self.engine == "docker" {
            self.start_docker();
        }
    }

    /// Runs a command in it, in `/`, and waits for its end, whatever its exit code.
    pub fn run<'a>(&self, command: impl IntoIterator<Item = &'a str>) -> Output {
        self.run_with_input(command, "")
    }

    /// As [`Vsn::run`], with `input` on standard input.
    pub fn run_with_input<'a>(&self, command: impl IntoIterator<Item = &'a str>, input: &str) -> Output {
        self.start_with_input(command, input).wait()
    }

    /// Runs a command that must succeed, and returns its standard output.
    #[track_caller]
    pub fn must<'a>(&self, command: impl IntoIterator<Item = &'a str>) -> String {
        let command: Vec<&str> = command.into_iter().collect();
        let output = self.run(command.iter().copied());
        assert_eq!(output.status, Some(0), "{command:?}: {output:?}");
        output.stdout
    }

    /// Runs the real `landfall` in it.
    pub fn landfall<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Output {
        self.run(landfall(arguments))
    }

    /// Starts the real `landfall` in it and returns while it runs.
    pub fn start_landfall<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Process {
        self.start_process(landfall(arguments))
    }

    /// Starts a program in it and returns while it runs.
    pub fn start_process<'a>(&self, command: impl IntoIterator<Item = &'a str>) -> Process {
        self.start_with_input(command, "")
    }

    fn start_with_input<'a>(&self, command: impl IntoIterator<Item = &'a str>, input: &str) -> Process {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("process-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let mut run = Command::new(script("vsn"));
        run.arg("run").arg(&self.folder).args(command);
        Process::start(&mut run, self.folder.join(name), input)
    }

    /// A program on this machine that is the program `name` of the VSN.
    pub fn program(&self, name: &str) -> PathBuf {
        let program = self.folder.join(name);
        let text = format!("#!/bin/sh\nexec {} run {} {name} \"$@\"\n", script("vsn").display(), self.folder.display());
        // By another process: a file that this one has open for writing can't be started, nor while a child still has it.
        let mut install = Command::new("sh");
        install.args(["-c", "printf %s \"$1\" > \"$0\" && chmod 755 \"$0\""]).arg(&program).arg(text);
        assert!(install.status().unwrap().success());
        program
    }

    /// A new folder that has the same path on this machine and in the VSN.
    pub fn shared_folder(&self, name: &str) -> PathBuf {
        let folder = self.folder.join(name);
        fs::create_dir(&folder).unwrap();
        folder
    }

    /// What `scripts/vsn` knows it by.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the VSN's absolute path `path` lies on this machine. Only paths on its own disk will do: `/srv`, `/var/log`, `/etc/cron.d` …
    pub fn on_disk(&self, path: &str) -> PathBuf {
        if self.mounted.lock().unwrap().iter().any(|folder| Path::new(path).starts_with(folder)) {
            return self.as_it_sees(path);
        }
        self.folder.join("disk").join(path.strip_prefix('/').unwrap())
    }

    /// Where a path of the running VSN's lies on this machine, whatever it has mounted there.
    pub fn as_it_sees(&self, path: &str) -> PathBuf {
        let first = fs::read_to_string(self.folder.join("pid")).unwrap();
        Path::new("/proc").join(first.trim()).join("root").join(path.strip_prefix('/').unwrap())
    }

    /// Says that the VSN has something mounted at `folder`, here and after each boot: from now on this is looked at, and not its disk.
    pub fn has_mounted(&self, folder: &str) {
        self.mounted.lock().unwrap().push(folder.to_owned());
    }

    /// The folders of which [`Vsn::has_mounted`] was said.
    pub fn mounted(&self) -> Vec<String> {
        self.mounted.lock().unwrap().clone()
    }

    /// Writes a file of root's on its disk, with the folders above it; `mode` as in `0o600`.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>, mode: u32) {
        let file = self.on_disk(path);
        // Landfall refuses what others could write; the umask of whoever tests must not matter.
        DirBuilder::new().recursive(true).mode(0o755).create(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// The bytes of a file on its disk, `None` when there is none.
    pub fn read(&self, path: &str) -> Option<Vec<u8>> {
        fs::read(self.on_disk(path)).ok()
    }

    /// Puts an archive of `scripts/test-images` into `/srv/images` and returns its path there.
    pub fn image(&self, group: &str, name: &str) -> String {
        let path = format!("/srv/images/{name}");
        self.write(&path, "", 0o644);
        fs::copy(images::archive(group, name), self.on_disk(&path)).unwrap();
        path
    }

    /// Does something while the engine is not installed.
    pub fn without_its_engine<T>(&self, act: impl FnOnce() -> T) -> T {
        self.write("/var/tmp/nothing", "", 0o644);
        let each = |does: &str| {
            let programs = format!("type -ap {} | xargs realpath | sort -u", self.engine);
            self.must(["bash", "-c", &format!("for program in $({programs}); do {does}; done")]);
        };
        each("mount --bind /var/tmp/nothing $program");
        let done = act();
        // What can't be run is no program, as `type` sees it.
        let programs = self.must(["sh", "-c", "grep -F /nothing /proc/self/mountinfo | cut -d ' ' -f 5"]);
        for program in programs.lines() {
            self.must(["umount", program]);
        }
        done
    }

    /// Has the engine load an archive, with the names that are in it, as anybody may do.
    pub fn load(&self, archive: &str) {
        self.must([self.engine, "load", "--quiet", "--input", archive]);
    }

    /// Removes a container by the engine's own command, as anybody may do.
    pub fn remove_by_hand(&self, container: &str) {
        match self.engine {
            "docker" => self.must(["docker", "rm", "--force", container]),
            _ => self.must(["podman", "rm", "--force", "--time", "0", container]),
        };
    }

    /// Whether the engine runs a health check of the container by itself.
    pub fn has_a_check_of_its_own(&self, container: &str) -> bool {
        match self.engine {
            "docker" => {
                self.must(["docker", "inspect", "--format", "{{json .State.Health}}", container]).trim() != "null"
            }
            _ => self.run(["podman", "healthcheck", "run", container]).status != Some(125),
        }
    }

    fn control(&self, verb: &str, arguments: &[&str]) {
        let output = Command::new(script("vsn")).arg(verb).arg(&self.folder).args(arguments).output().unwrap();
        assert!(output.status.success(), "vsn {verb}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

impl Drop for Vsn {
    fn drop(&mut self) {
        if std::env::var_os("LANDFALL_KEEP_VSN").is_none() {
            // A second panic while a test unwinds would hide the first.
            drop(Command::new(script("vsn")).arg("stop").arg(&self.folder).output());
        }
    }
}

/// A test that is killed can't stop its VSN.
fn stop_those_of_killed_tests() {
    for entry in fs::read_dir(env!("CARGO_TARGET_TMPDIR")).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap();
        let owner = name.strip_prefix("vsn-").and_then(|rest| rest.split_once('-')).map(|(owner, _)| owner);
        if owner.is_some_and(|owner| !Path::new("/proc").join(owner).exists()) {
            // Whoever else sweeps now may be faster.
            drop(Command::new(script("vsn")).arg("stop").arg(&folder).output());
        }
    }
}

fn landfall<'a>(arguments: impl IntoIterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
    std::iter::once(env!("CARGO_BIN_EXE_landfall")).chain(arguments)
}
