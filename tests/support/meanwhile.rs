//! Somebody else who does something at a chosen call of the engine.

use super::vsn::Vsn;

const FOLDER: &str = "/srv/front";

impl Vsn {
    /// Has `script` run before the first call of Podman whose command line contains `words`, from now on; then that call is made.
    /// In the script, `podman` is the engine itself. A reboot ends it.
    pub fn just_before(&self, words: &str, script: &str) {
        let front = format!(
            "#!/bin/bash\nif [[ $* == *{words:?}* ]] && mkdir {FOLDER}/met 2> /dev/null; then bash {FOLDER}/meanwhile >&2; fi\n\
             exec {FOLDER}/real/podman \"$@\"\n"
        );
        self.write(&format!("{FOLDER}/podman"), front, 0o755);
        let script = format!("podman() {{ {FOLDER}/real/podman \"$@\"; }}\n{script}\n");
        self.write(&format!("{FOLDER}/meanwhile"), script, 0o600);
        self.write(&format!("{FOLDER}/real/podman"), "", 0o755);
        let in_front = format!(
            "rm -rf {FOLDER}/met; mountpoint -q {FOLDER}/real/podman && exit; podman=$(command -v podman)
             mount --bind \"$podman\" {FOLDER}/real/podman && mount --bind {FOLDER}/podman \"$podman\""
        );
        self.must(["bash", "-c", &in_front]);
    }

    /// Whether the call has come that [`Vsn::just_before`] waited for.
    pub fn it_happened(&self) -> bool {
        self.on_disk(&format!("{FOLDER}/met")).exists()
    }

    /// Nothing happens meanwhile any more, and nothing of it is left.
    pub fn nobody_meanwhile(&self) {
        let away = format!(
            "mountpoint -q {FOLDER}/real/podman || exit 0; umount \"$(command -v podman)\" && umount {FOLDER}/real/podman
             rm -r {FOLDER}"
        );
        self.must(["bash", "-c", &away]);
    }
}
