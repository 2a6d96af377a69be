//! A real small program in front of the engine, which counts its calls and makes trouble at one of them.

use super::vsn::Vsn;

/// What happens at the chosen call of `podman`; every other call goes through as it is.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum Trouble {
    /// None: the calls are only counted.
    None,
    /// It exits 125 without having done anything.
    Fails,
    /// It does what it was asked, then exits 125.
    FailsAfterwards,
    /// It exits 0 without having done anything.
    Lies,
    /// It never returns, and has not done anything.
    Hangs,
    /// Its caller is killed; then it does what it was asked, as an orphan.
    KillsItsCaller,
}

const FOLDER: &str = "/srv/front";

impl Vsn {
    /// Puts trouble in front of Podman, at call number `call` (from 1, counted from now on). A reboot ends it.
    pub fn trouble_at_call(&self, call: u32, trouble: Trouble) {
        self.put_in_front(&format!("[ \"$call\" = {call} ]"), trouble);
    }

    /// Puts trouble in front of Podman, at every call whose command line contains `words`. A reboot ends it.
    pub fn trouble_at(&self, words: &str, trouble: Trouble) {
        self.put_in_front(&format!("[[ $* == *{words:?}* ]]"), trouble);
    }

    /// Whether a call has come whose command line contains `words`, since trouble was put in front of Podman.
    pub fn engine_was_told(&self, words: &str) -> bool {
        self.engine_calls().iter().any(|call| call.replace('\'', "").contains(words))
    }

    fn put_in_front(&self, condition: &str, trouble: Trouble) {
        let act = match trouble {
            Trouble::None => "",
            Trouble::Fails => "echo 'Error: the engine fails on purpose' >&2; exit 125",
            Trouble::FailsAfterwards => "\"$real\" \"$@\"; echo 'Error: the engine fails on purpose' >&2; exit 125",
            Trouble::Lies => "exit 0",
            Trouble::Hangs => "exec sleep infinity",
            Trouble::KillsItsCaller => "kill -KILL $PPID",
        };
        let program = format!(
            "#!/bin/bash\nreal={FOLDER}/real/podman\nexec 9>> {FOLDER}/calls\nflock 9\nprintf '%s\\n' \"${{*@Q}}\" >&9\n\
             call=$(wc -l < {FOLDER}/calls)\nexec 9>&-\nif {condition}; then {act}\n:; fi\nexec \"$real\" \"$@\"\n"
        );
        self.write(&format!("{FOLDER}/podman"), program, 0o755);
        self.write(&format!("{FOLDER}/calls"), "", 0o600);
        self.write(&format!("{FOLDER}/real/podman"), "", 0o755);
        let in_front = format!(
            "mountpoint -q {FOLDER}/real/podman && exit; podman=$(command -v podman)
             mount --bind \"$podman\" {FOLDER}/real/podman && mount --bind {FOLDER}/podman \"$podman\""
        );
        self.must(["bash", "-c", &in_front]);
    }

    /// The calls of Podman since [`Vsn::trouble_at_call`], in order, one quoted command line each.
    pub fn engine_calls(&self) -> Vec<String> {
        let calls = self.read(&format!("{FOLDER}/calls")).unwrap_or_default();
        String::from_utf8_lossy(&calls).lines().map(str::to_owned).collect()
    }
}
