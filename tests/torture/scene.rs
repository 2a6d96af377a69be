//! The server on which the stories play: a plan in two versions, its data, and strangers who must not notice anything.

use serde_json::{Value, json};

use crate::support::{SECRETS, Vsn};

/// The value of the plan's secret: it stands nowhere else.
pub const CANARY: &str = "canary-5eC7e7-\u{e9}'$-4711";

/// The lines of the crontab that are not ours.
pub const CRONTAB: &str = "# mine\n17 3 * * 0 true\n";

/// The port at which the plan's web server answers, and the stranger's.
pub const OUR_PORT: u16 = 8080;
pub const THEIR_PORT: u16 = 9999;

/// A database with data and a secret, a one-shot that needs it, and a web server that needs both, as `v1` or `v2`.
pub fn plan(version: &str) -> Value {
    let image = json!({ "archive": format!("images/tiny-{version}.docker.tar") });
    json!({
        "version": 1,
        "name": "shop",
        "services": {
            "db": {
                "image": image,
                "secrets": [{ "secret": "password", "target": "/run/secrets/db", "owner": "999:999", "mode": "0400" }],
                "volumes": [{ "source": "/srv/shop/db", "target": "/data", "owner": "999:999", "mode": "0700" }],
                "healthcheck": { "exec": ["test", "-s", "/run/secrets/db"], "interval": "1s", "timeout": "60s", "retries": 5 },
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
                "configs": [{ "template": "password={{password}}\n", "target": "/etc/app.conf" }],
                "depends_on": { "db": {}, "migrate": { "condition": "service_completed_successfully", "timeout": "2m" } },
                "ports": [format!("127.0.0.1:{OUR_PORT}:80")],
                "healthcheck": { "http": format!("http://localhost:{OUR_PORT}/version"), "interval": "1s", "timeout": "60s", "retries": 5 },
                "stop_grace_period": "0s"
            }
        },
        "maintenance": { "jobs": { "dump": { "schedule": "0 2 * * *", "service": "db", "exec": ["true"] } } }
    })
}

/// Services of the plan that run while it is deployed.
pub const RUNNING: [&str; 2] = ["db", "web"];

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

/// Containers, an image, a network, a volume, a secret, a crontab and files of somebody else's. The image is the one that the plan's first
/// version uses too.
const STRANGERS: &str = "
    set -e
    podman load --quiet --input /srv/images/tiny-v1.docker.tar > /dev/null
    podman tag \"$(podman images --quiet | head -n 1)\" localhost/theirs:1
    podman network create theirs > /dev/null
    podman volume create theirs > /dev/null
    printf stranger | podman secret create theirs - > /dev/null
    podman run --detach --name other --network theirs --volume theirs:/keep --publish 127.0.0.1:9999:80 localhost/theirs:1 > /dev/null
    podman create --name asleep localhost/theirs:1 > /dev/null
    mkdir -p /srv/theirs && printf theirs > /srv/theirs/file";

/// A server with the strangers and the data, and nothing of ours.
pub fn server() -> Vsn {
    let vsn = Vsn::start();
    for version in ["v1", "v2"] {
        vsn.image("tiny", &format!("tiny-{version}.docker.tar"));
    }
    vsn.must(["bash", "-c", STRANGERS]);
    vsn.must(["bash", "-c", DATA]);
    assert_eq!(vsn.run_with_input(["crontab", "-"], CRONTAB).status, Some(0));
    vsn.write(SECRETS, json!({ "password": CANARY }).to_string(), 0o600);
    vsn
}
