//! The server on which the stories play: a plan in two versions, its data, and strangers who must not notice anything.

use serde_json::{Value, json};
use std::path::Path;

use crate::canaries::{Canaries, Way};
use crate::support::{Crontab, SECRETS, Vsn, engine, eventually};

/// The lines of the crontab that are not ours.
pub const CRONTAB: &str = "# mine\n17 3 * * 0 true\n";

/// The port at which the plan's web server answers, and the stranger's.
pub const OUR_PORT: u16 = 8080;
pub const THEIR_PORT: u16 = 9999;

/// What is special about a server.
pub struct Scene {
    pub canaries: Canaries,
    /// Root's, without our block.
    pub crontab: Crontab,
}

impl Scene {
    /// With a crontab of somebody's.
    pub fn new() -> Self {
        Self { canaries: Canaries::new(), crontab: Crontab::Present(CRONTAB.to_owned()) }
    }

    /// Where root has no crontab at all.
    pub fn without_crontab() -> Self {
        Self { canaries: Canaries::new(), crontab: Crontab::Absent }
    }
}

/// A database with data and a secret, a one-shot that needs it, and a web server that needs both, as `v1` or `v2`; a job, a watch over
/// all of it, mail, and a key.
pub fn plan(version: &str) -> Value {
    let image = json!({ "archive": format!("images/tiny-{version}.docker.tar") });
    let mut plan = json!({
        "version": 1,
        "name": "shop",
        "services": {
            "db": {
                "image": image,
                "secrets": [
                    { "secret": Way::File.name(), "target": "/run/secrets/db", "owner": "999:999", "mode": "0400" },
                    { "secret": Way::Binary.name(), "target": "/run/secrets/binary", "decode": "base64" }
                ],
                "volumes": [{ "source": "/srv/shop/db", "target": "/data", "owner": "999:999", "mode": "0700" }],
                "healthcheck": { "exec": ["test", "-s", "/run/secrets/db"], "interval": "1s", "timeout": "20s", "retries": 5 },
                "stop_grace_period": "0s"
            },
            "migrate": {
                "image": image,
                "command": ["test", "-e", "/data/rows"],
                "volumes": [{ "source": "/srv/shop/migrations", "target": "/data", "owner": "0:0", "mode": "0755" }],
                "restart": "no",
                "depends_on": ["db"]
            },
            "web": {
                "image": image,
                "configs": [
                    { "template": format!("password={{{{{}}}}}\n", Way::Config.name()), "target": "/etc/app.conf" },
                    { "content": "colour=blue\n", "target": "/etc/colours.conf" }
                ],
                "environment": {
                    "PASSWORD": { "secret": Way::Variable.name() },
                    "ADDRESS": { "template": format!("shop://{{{{url {}}}}}@db", Way::TemplatedVariable.name()) }
                },
                "depends_on": { "db": {}, "migrate": { "condition": "service_completed_successfully", "timeout": "2m" } },
                "ports": [format!("127.0.0.1:{OUR_PORT}:80")],
                "healthcheck": { "http": format!("http://localhost:{OUR_PORT}/version"), "interval": "1s", "timeout": "20s", "retries": 5 },
                "stop_grace_period": "0s"
            }
        },
        "ssh_keys": { "id_images": { "private_key": { "secret": Way::Key.name() }, "known_hosts": [KNOWN_HOST] } },
        "maintenance": {
            "healthcheck": { "schedule": "0 3 1 1 *" },
            "jobs": { "dump": { "schedule": "0 2 1 1 *", "service": "db", "exec": ["true"] } },
            "mail": {
                "to": ["ops@example.org"],
                "from": "vsn@example.org",
                "smtp": {
                    "host": "localhost", "port": 25, "username": "vsn", "password": { "secret": Way::Mail.name() },
                    "ca": "tls/certificate.pem"
                }
            }
        }
    });
    // What a plan says that names no engine is Podman.
    if engine() != "podman" {
        plan["engine"] = json!(engine());
    }
    plan
}

/// The plan, with what was deployed before as the state that it falls to.
pub fn going_back(mut plan: Value) -> Value {
    plan["on_failure"] = json!("previous");
    plan
}

/// The line that the plan adds to root's `known_hosts`.
pub const KNOWN_HOST: &str =
    "images.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKMnQGjGAwqY9cVOEmTSrBd8k0JHmbmvhZMZ0Cvh8a3m";

/// Makes a tree with one of everything that a manifest tells apart.
const DATA: &str = "
    set -e
    umask 022
    mkdir -p /srv/shop/db/deep/er /srv/shop/migrations
    chown 999:999 /srv/shop/db && chmod 700 /srv/shop/db
    cd /srv/shop/db
    head -c 300000 /dev/urandom > table && chown 999:999 table && chmod 600 table
    touch empty && chmod 4755 empty
    ln table linked
    ln -s ../nowhere dangling
    mkfifo pipe
    printf 'deep' > 'deep/er/a name with spaces'
    chmod 3777 deep
    touch -d '2001-02-03 04:05:06.123456789' deep/er
    python3 -c 'import os; os.setxattr(\"table\", \"user.note\", b\"kept\")'
    touch /srv/shop/migrations/rows";

/// Containers, an image, a network, a volume, a secret where the engine `$1` has some, and files of somebody else's. The image is the one that the plan's first version
/// uses too.
const STRANGERS: &str = "
    set -e
    umask 022
    $1 load --quiet --input /srv/images/tiny-v1.docker.tar > /dev/null
    $1 tag \"$($1 images --quiet | head -n 1)\" localhost/theirs:1
    $1 network create theirs > /dev/null
    $1 volume create theirs > /dev/null
    [ $1 = docker ] || printf stranger | $1 secret create theirs - > /dev/null
    $1 run --detach --name other --network theirs --volume theirs:/keep --volume /anonymous --publish 127.0.0.1:9999:80 \\
      localhost/theirs:1 > /dev/null
    $1 create --name asleep localhost/theirs:1 > /dev/null
    mkdir -p /srv/theirs /root/.ssh && printf theirs > /srv/theirs/file
    printf 'theirs.example ssh-ed25519 AAAA\\n' > /root/.ssh/known_hosts
    printf theirs > /root/.ssh/id_theirs
    printf 'theirs\\n' > /var/log/theirs.log
    printf theirs > /var/tmp/theirs
    printf '# theirs\\n' > /etc/cron.d/theirs";

/// What of the strangers' a boot brings back: their rule of the firewall, the mail server and the container that runs.
const STRANGERS_AT_BOOT: &str = "
    set -e
    iptables --table nat --append PREROUTING --protocol tcp --dport 7777 --jump REDIRECT --to-ports 7778
    iptables --append INPUT --protocol tcp --dport 7779 --jump DROP
    setsid --fork /usr/bin/python3 \"$1\" /srv/mail --tls starttls --certificate /srv/tls/certificate.pem --key /srv/tls/key.pem \\
      --username vsn --password-from /srv/secrets.json mail < /dev/null > /dev/null 2>&1
    $2 start other > /dev/null
    printf theirs > /run/theirs";

/// A server with the strangers and the data, and nothing of ours.
pub fn server(scene: &Scene) -> Vsn {
    let vsn = Vsn::start();
    for version in ["v1", "v2"] {
        vsn.image("tiny", &format!("tiny-{version}.docker.tar"));
    }
    std::fs::create_dir_all(vsn.on_disk("/srv/mail")).unwrap();
    vsn.certificate();
    vsn.write(SECRETS, scene.canaries.secrets_file().to_string(), 0o600);
    vsn.must(["bash", "-c", STRANGERS, "strangers", vsn.engine()]);
    vsn.must(["bash", "-c", DATA]);
    strangers_begin(&vsn);
    if let Crontab::Present(crontab) = &scene.crontab {
        assert_eq!(vsn.run_with_input(["crontab", "-"], crontab).status, Some(0));
    }
    vsn
}

/// What happens at a boot without our doing: `/tmp` is there, and what of the strangers' runs is started.
pub fn strangers_begin(vsn: &Vsn) {
    own_temporary_folder(vsn);
    let sink = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/mail_sink.py");
    vsn.must(["bash", "-c", STRANGERS_AT_BOOT, "strangers", sink.to_str().unwrap(), vsn.engine()]);
    eventually("the mail server listens", || vsn.listens("127.0.0.1", 25));
}

/// The machine's `/tmp` is everybody's, so nobody could tell who left something there. Where the programs themselves lie in it, it can't
/// be hidden.
fn own_temporary_folder(vsn: &Vsn) {
    if !vsn.folder().starts_with("/tmp") {
        let folder = vsn.on_disk("/tmp");
        std::fs::create_dir_all(&folder).unwrap();
        vsn.must(["chmod", "1777", folder.to_str().unwrap()]);
        vsn.must(["mount", "--bind", folder.to_str().unwrap(), "/tmp"]);
    }
}
