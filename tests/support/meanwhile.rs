//! Somebody else who does something at a chosen call of the engine.

use super::vsn::Vsn;

const FOLDER: &str = "/srv/front";

impl Vsn {
    /// Has `script` run before the first call of the engine whose command line contains `words`, from now on; then that call is made.
    /// In the script, `podman` or `docker` is the engine itself. A reboot ends it.
    pub fn just_before(&self, words: &str, script: &str) {
        let engine = self.engine();
        let front = format!(
            "#!/bin/bash\nif [[ $* == *{words:?}* ]] && mkdir {FOLDER}/met 2> /dev/null; then bash {FOLDER}/meanwhile >&2; fi\n\
             exec {FOLDER}/real/{engine} \"$@\"\n"
        );
        self.write(&format!("{FOLDER}/{engine}"), front, 0o755);
        let script = format!("{engine}() {{ {FOLDER}/real/{engine} \"$@\"; }}\n{script}\n");
        self.write(&format!("{FOLDER}/meanwhile"), script, 0o600);
        self.write(&format!("{FOLDER}/real/{engine}"), "", 0o755);
        let in_front = format!(
            "rm -rf {FOLDER}/met; mountpoint -q {FOLDER}/real/{engine} && exit; found=$(command -v {engine})
             mount --bind \"$found\" {FOLDER}/real/{engine} && mount --bind {FOLDER}/{engine} \"$found\""
        );
        self.must(["bash", "-c", &in_front]);
    }

    /// Whether the call has come that [`Vsn::just_before`] waited for.
    pub fn it_happened(&self) -> bool {
        self.on_disk(&format!("{FOLDER}/met")).exists()
    }

    /// Nothing happens meanwhile any more, and nothing of it is left but for a call that has not ended yet.
    pub fn nobody_meanwhile(&self) {
        let engine = self.engine();
        let away = format!(
            "mountpoint -q {FOLDER}/real/{engine} || exit 0; umount --lazy \"$(command -v {engine})\" && umount --lazy {FOLDER}/real/{engine}
             rm -r {FOLDER}"
        );
        self.must(["bash", "-c", &away]);
    }
}
