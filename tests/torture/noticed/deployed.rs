//! What can be wrong with a server on which something is deployed.

use super::{Breach, breach};

/// What the engine has beside what it must have, or otherwise.
pub fn of_the_engine() -> Vec<Breach> {
    vec![
        breach(
            "podman create --name shop-web-2 --label landfall.plan=shop localhost/theirs:1",
            "podman rm shop-web-2",
            &["new container of ours: \"shop-web-2\"", "shop-web-2 … created since"],
        ),
        breach(
            "podman create --name somebody localhost/theirs:1",
            "podman rm somebody",
            &["new container of others: \"somebody "],
        ),
        breach("podman pause shop-db", "podman unpause shop-db", &["shop-db … paused since"]),
        breach(
            "podman tag localhost/theirs:1 localhost/landfall/shop/web:0123456789ab",
            "podman untag localhost/theirs:1 localhost/landfall/shop/web:0123456789ab",
            &["new image of ours: \"localhost/landfall/shop/web:0123456789ab"],
        ),
        breach(
            "podman untag localhost/theirs:1 localhost/theirs:1",
            "podman tag $(podman inspect --format '{{.Image}}' other) localhost/theirs:1",
            &["no longer image of others: \"localhost/theirs:1"],
        ),
        breach(
            "podman network create --label landfall.plan=shop shop-2",
            "podman network rm shop-2",
            &["new network of ours: \"shop-2\"", "new file of others: \"/etc/containers/networks/shop-2.json"],
        ),
        breach(
            "printf value | podman secret create landfall-shop-db-1 -",
            "podman secret rm landfall-shop-db-1",
            &["new secret of ours: \"landfall-shop-db-1\""],
        ),
        breach(
            "sed -i.whole 's/c3RyYW5nZXI/c3RyYW5nZXQ/' /var/lib/containers/storage/secrets/filedriver/secretsdata.json",
            "cd /var/lib/containers/storage/secrets/filedriver && mv secretsdata.json.whole secretsdata.json",
            &["no longer value of a secret of others"],
        ),
        breach("podman volume create anonymous", "podman volume rm anonymous", &["new volume: "]),
    ]
}

/// What runs, listens or forwards.
pub fn of_the_moment() -> Vec<Breach> {
    let socket = |kind: &str, address: &str| {
        let text = "import socket, sys, time; of_all = socket.socket(socket.AF_INET, socket.KIND); of_all.bind(ADDRESS)
if socket.KIND == socket.SOCK_STREAM: of_all.listen()
open('/srv/listens', 'w')
time.sleep(1000)";
        let text = text.replace("KIND", kind).replace("ADDRESS", address);
        format!("rm -f /srv/listens\nsetsid python3 -c \"{text}\" &\nuntil [ -e /srv/listens ]; do sleep 0.02; done")
    };
    vec![
        breach(
            // As a child whose parent was killed is, and in a control group of a container's.
            "group=$(podman inspect --format '{{.State.CgroupPath}}' shop-web)
             setsid sleep infinity & echo $! > \"/sys/fs/cgroup/pids$group/cgroup.procs\"
             echo $! > /srv/sleeps
             setsid flock --no-fork /run/landfall.lock sleep 1000 &
             echo $! >> /srv/sleeps
             while flock --nonblock /run/landfall.lock true; do sleep 0.02; done",
            "kill $(cat /srv/sleeps)",
            &["new of ours: \"process sleep (2 more)\"", "the lock is not free"],
        ),
        breach(
            &socket("SOCK_STREAM", "('0.0.0.0', 5353)"),
            "pkill -f 'time.sleep\\(1000\\)'",
            &["new of ours: \"listener tcp 00000000:14E9 (1 more)\"", "new of ours: \"process python3 (2 more)\""],
        ),
        breach(
            &socket("SOCK_DGRAM", "('127.0.0.9', 53)"),
            "",
            &["new of ours: \"listener udp 0900007F:0035 (1 more)\""],
        ),
        breach(
            "iptables --table nat --append PREROUTING --protocol tcp --dport 8081 --jump DNAT --to-destination 10.89.1.9:80",
            "iptables --table nat --delete PREROUTING --protocol tcp --dport 8081 --jump DNAT --to-destination 10.89.1.9:80",
            &["new of ours: \"rule nat -A PREROUTING … --dport 8081 -j DNAT --to-destination 10.89.#:80 (1 more)\""],
        ),
        breach(
            "iptables --delete INPUT --protocol tcp --dport 7779 --jump DROP",
            "iptables --append INPUT --protocol tcp --dport 7779 --jump DROP",
            &["no longer rule of others: … 7779", "new of ours: … 7779 -j DROP (-1 more)"],
        ),
        breach(
            "iptables --policy FORWARD DROP",
            "iptables --policy FORWARD ACCEPT",
            &[
                "no longer rule of others: \"filter FORWARD ACCEPT\"",
                "new of ours: \"rule filter FORWARD ACCEPT (-1 more)\"",
                "new of ours: \"rule filter FORWARD DROP (1 more)\"",
            ],
        ),
        breach(
            "iptables --table nat --insert OUTPUT --protocol tcp --dport 8080 --jump REDIRECT --to-ports 1",
            "iptables --table nat --delete OUTPUT --protocol tcp --dport 8080 --jump REDIRECT --to-ports 1",
            &[
                "\"\" answers, expected is one of [\"v1\"]",
                "v1 is saved, and  answers",
                "new of ours: \"rule nat -A OUTPUT … --dport 8080 -j REDIRECT --to-ports 1 (1 more)\"",
            ],
        ),
    ]
}

/// What lies in memory, or for a while only.
pub fn of_memory() -> Vec<Breach> {
    vec![
        breach(
            "touch /run/left",
            "rm /run/left",
            &["new path of others in /run: \"/run/left", "path in /run left (1 more)"],
        ),
        breach("mkdir /run/landfall/left", "rmdir /run/landfall/left", &["path in /run landfall/left (1 more)"]),
        breach(
            "mv /run/landfall/shop/boot/web /run/landfall/shop/boot/wep",
            "mv /run/landfall/shop/boot/wep /run/landfall/shop/boot/web",
            &[
                "path in /run landfall/shop/boot/wep (1 more)",
                "no longer of ours: \"path in /run landfall/shop/boot/web (1 more)\"",
            ],
        ),
        breach("touch /dev/shm/left", "rm /dev/shm/left", &["shared memory left (1 more)"]),
        breach(
            "mkdir /var/tmp/mounted && mount -t tmpfs tmpfs /var/tmp/mounted",
            "umount /var/tmp/mounted && rmdir /var/tmp/mounted",
            &["mount /var/tmp/mounted (1 more)", "/var/tmp/mounted was left"],
        ),
        breach("touch /var/tmp/left", "rm /var/tmp/left", &["/var/tmp/left was left"]),
    ]
}

/// What is on record of the plan, and beside it in files of others.
pub fn of_the_records() -> Vec<Breach> {
    const STATE: &str = "cd /var/lib/landfall/shop; umask 077";
    let in_state = |broken: &str, mended: &str, told: &[&str]| {
        breach(&format!("{STATE}; {broken}"), &format!("{STATE}; {mended}"), told)
    };
    let journal = "journal=$(ls runs/*/journal | tail -n 1)";
    vec![
        in_state(
            &format!("{journal}; cp -a $journal /srv/journal; printf x | dd of=$journal bs=1 seek=300 conv=notrunc"),
            &format!("{journal}; cp -a /srv/journal $journal"),
            &["the journal of … the sum of the line is"],
        ),
        in_state("chmod 644 saved.json", "chmod 600 saved.json", &["saved.json 644 (0, 0) is not root's alone"]),
        in_state("chgrp 1 last.json", "chgrp 0 last.json", &["last.json 600 (0, 1) is not root's alone"]),
        in_state("touch left", "rm left", &["new record of ours: \"left\""]),
        in_state("mv jobs/boot jobs/boot-2", "mv jobs/boot-2 jobs/boot", &["new record of ours: \"jobs/boot-2\"", "no longer record of ours: \"jobs/boot\""]),
        in_state("touch $(ls -d runs/[0-9]* | tail -n 1)/left", "rm runs/*/left", &["left was left in the folder of the run"]),
        in_state("touch .landfall-new-last.json", "rm .landfall-new-last.json", &[".landfall-new-last.json was left", "new record of ours: \".landfall-new-last.json\""]),
        in_state(
            "chmod 640 jobs/smtp.netrc",
            "chmod 600 jobs/smtp.netrc",
            &["jobs/smtp.netrc 640 (0, 0) is not root's alone", "/var/lib/landfall/shop/jobs/smtp.netrc is not there, or not root's alone"],
        ),
        breach(
            "cp -a /root/.ssh/known_hosts /srv/known_hosts; sed -i 's/theirs/others/; /^images.example/d' /root/.ssh/known_hosts",
            "cp -a /srv/known_hosts /root/.ssh/known_hosts",
            &["of others, known_hosts has", "known_hosts has Some(\"others.example"],
        ),
        breach(
            "chmod 640 /root/.ssh/id_images",
            "chmod 600 /root/.ssh/id_images",
            &["/root/.ssh/id_images is not there, or not root's alone"],
        ),
        breach(
            "cp -a /var/spool/cron/crontabs/root /srv/crontab; sed -i 's/^17 3/18 3/; s/^0 2 1/0 1 1/' /var/spool/cron/crontabs/root
             chmod 640 /var/spool/cron/crontabs/root",
            "cp -a /srv/crontab /var/spool/cron/crontabs/root",
            &[
                "the crontab of others is",
                "new line of our jobs: \"0 1 1 1",
                "no longer line of our jobs: \"0 2 1 1",
                "the crontab is not root's alone: … mode: 416",
            ],
        ),
        breach(
            "touch /var/spool/cron/crontabs/nobody",
            "rm /var/spool/cron/crontabs/nobody",
            &["new file of others: \"/var/spool/cron/crontabs/nobody"],
        ),
        breach("touch /var/spool/cron/crontabs/tmp.X", "rm /var/spool/cron/crontabs/tmp.X", &["/var/spool/cron/crontabs/tmp.X was left"]),
        breach("touch /var/log/syslog-2", "rm /var/log/syslog-2", &["new file of others: \"/var/log/syslog-2"]),
        breach("touch /var/lib/landfall/shop-2", "rm /var/lib/landfall/shop-2", &["new file of others: \"/var/lib/landfall/shop-2"]),
    ]
}

/// What can't be undone: the time at which something was changed would tell of it.
pub fn of_files_for_good() -> Vec<Breach> {
    let file = |broken: &str, path: &str, is: &str| {
        let told = [format!("new file of others: \"{path} {is}"), format!("no longer file of others: \"{path} ")];
        breach(broken, "", &told.each_ref().map(String::as_str))
    };
    let beside = |part: &str| breach("", "", &[part]);
    vec![
        file(
            "python3 -c \"import os; of = os.stat('/srv/shop/db/table'); os.utime('/srv/shop/db/table', ns=(of.st_atime_ns, of.st_mtime_ns + 1))\"",
            "/srv/shop/db/table",
            "",
        ),
        // It has a second name.
        beside("file of others: \"/srv/shop/db/linked "),
        file("chmod 4750 /srv/shop/db/empty", "/srv/shop/db/empty", "…4750"),
        file("chown 0:7 /srv/shop/db/deep", "/srv/shop/db/deep", "…(0, 7)"),
        file(
            "python3 -c \"import os; os.setxattr('/srv/shop/db/deep/er', 'user.note', b'new')\"",
            "/srv/shop/db/deep/er",
            "…user.note",
        ),
        file("ln -sfn ../elsewhere /srv/shop/db/dangling", "/srv/shop/db/dangling", "Link(\\\"../elsewhere\\\")"),
        file("rm /srv/shop/db/pipe; mkfifo /srv/shop/db/pipe", "/srv/shop/db/pipe", "Pipe"),
        beside("file of others: \"/srv/shop/db Directory"),
        file("ln /srv/theirs/file /srv/images/link", "/srv/theirs/file", "… 2 "),
        // Of the same size, at the same time.
        file(
            "cp -a /srv/shop/migrations/rows /srv/rows; printf x > /srv/shop/migrations/rows; touch -r /srv/rows /srv/shop/migrations/rows",
            "/srv/shop/migrations/rows",
            "File(\\\"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\\\")",
        ),
        file("printf ' ' >> /srv/secrets.json", "/srv/secrets.json", ""),
        file(
            "printf x >> /var/lib/containers/storage/volumes/theirs/_data/x",
            "/var/lib/containers/storage/volumes/theirs/_data",
            "",
        ),
        beside("new file of others: \"/var/lib/containers/storage/volumes/theirs/_data/x "),
        file("printf x >> /var/tmp/theirs", "/var/tmp/theirs", ""),
        file("printf x >> /etc/cron.d/theirs", "/etc/cron.d/theirs", ""),
    ]
}

/// As what can't be undone, of the engine and in memory.
pub fn of_the_engine_for_good() -> Vec<Breach> {
    vec![
        breach("rm /run/theirs", "", &["no longer path of others in /run: \"/run/theirs", "path in /run theirs (-1 more)"]),
        breach(
            "podman rename asleep awake",
            "",
            &["no longer container of others: \"asleep ", "new container of others: \"awake ", "in what the engine says of asleep"],
        ),
        breach(
            "podman load --quiet --input /srv/images/tiny-v2.docker.tar
             podman rm --force --time 0 shop-web
             podman run --detach --name shop-web --network shop --publish 127.0.0.1:8080:80 --label landfall.plan=shop localhost/tiny:v2",
            "",
            &[
                "of web, … is saved, and",
                "in what shop-web was made from",
                "new image of others: \"localhost/tiny:v2",
                "new image of ours: \"localhost/tiny:v2",
                "status says …shop-web",
                "\"v2\" answers, expected is one of [\"v1\"]",
                "v1 is saved, and v2 answers",
            ],
        ),
        breach(
            "kill -KILL $(podman inspect --format '{{.State.Pid}}' shop-db)
             until [ \"$(podman inspect --format '{{.State.Status}} {{.RestartCount}}' shop-db)\" = 'running 1' ]; do sleep 0.1; done",
            "",
            &["shop-db … running since … 1 restarts"],
        ),
    ]
}
