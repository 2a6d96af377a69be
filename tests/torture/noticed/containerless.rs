//! What can be left on a server that must have nothing of ours.

use super::{Breach, breach};

/// An engine that keeps its own record elsewhere knows nothing of what this one has stored.
const STORAGE_ONLY: &str = "
    sed 's#^\\[engine\\]#[engine]\\nstatic_dir=\"/srv/other\"\\ntmp_dir=\"/srv/other-tmp\"#' /etc/containers/containers.conf > /srv/other.conf
    CONTAINERS_CONF=/srv/other.conf podman create --name shop-web localhost/theirs:1";

pub fn of_the_engine() -> Vec<Breach> {
    vec![
        breach(
            STORAGE_ONLY,
            "podman rm --force shop-web",
            &[
                "new container: \"shop-web\"",
                "new entry: \"/var/lib/containers/storage/overlay",
                "new path in /run: \"containers/storage/overlay-containers/",
            ],
        ),
        breach(
            "podman create --name shop-db --label landfall.plan=shop localhost/theirs:1",
            "podman rm shop-db",
            &["new container: \"shop-db\""],
        ),
        breach(
            "tar --create --files-from /dev/null | podman import --quiet -",
            "podman rmi $(podman images --quiet --filter dangling=true)",
            &["new image: \"<none>:<none>"],
        ),
        breach(
            "podman tag localhost/theirs:1 localhost/landfall/shop/web:0123456789ab",
            "podman untag localhost/theirs:1 localhost/landfall/shop/web:0123456789ab",
            &["new image: \"localhost/landfall/shop/web:0123456789ab"],
        ),
        breach(
            "podman network create shop",
            "podman network rm shop",
            &["new network: \"{…shop", "new entry: \"/etc/containers/networks/shop.json\""],
        ),
        breach(
            "printf value | podman secret create landfall.shop.1 -",
            "podman secret rm landfall.shop.1",
            &["new secret: \"landfall.shop.1"],
        ),
        breach(
            "podman volume create anonymous",
            "podman volume rm anonymous",
            &["new volume: ", "new entry: \"/var/lib/containers/storage/volumes/anonymous\""],
        ),
        breach(
            "mkdir /var/lib/containers/storage/overlay/of-nobody",
            "rmdir /var/lib/containers/storage/overlay/of-nobody",
            &["new entry: \"/var/lib/containers/storage/overlay/of-nobody\""],
        ),
        breach("mkdir -p /run/runc/of-nobody", "rmdir /run/runc/of-nobody", &["new path in /run: \"runc/of-nobody\""]),
    ]
}

pub fn of_the_server() -> Vec<Breach> {
    vec![
        breach(
            "ip netns add of-nobody",
            "ip netns delete of-nobody",
            &["new path in /run: \"netns/of-nobody\"", "new mount: \"/run/netns/of-nobody\""],
        ),
        breach("ip link add podman7 type bridge", "ip link delete podman7", &["new interface: \"podman7\""]),
        breach(
            "iptables --table nat --append PREROUTING --protocol tcp --dport 8080 --jump DNAT --to-destination 10.89.1.9:80",
            "iptables --table nat --delete PREROUTING --protocol tcp --dport 8080 --jump DNAT --to-destination 10.89.1.9:80",
            &["new rule: \"nat -A PREROUTING … 8080"],
        ),
        breach(
            "setsid sleep infinity & echo $! > /srv/sleeps
             setsid python3 -c \"import socket, time; of_all = socket.create_server(('127.0.0.1', 8080)); time.sleep(1000)\" &
             until ss -Hltn | grep -q 127.0.0.1:8080; do sleep 0.02; done",
            "pkill -f 'time.sleep\\(1000\\)'; kill $(cat /srv/sleeps)",
            &["new process: …\"sleep\"", "new process: …\"python3\"", "new listener: \"tcp 0100007F:1F90\""],
        ),
        breach("mkdir -p /run/landfall/shop", "rmdir /run/landfall/shop", &["new path in /run: \"landfall/shop\""]),
        breach("touch /dev/shm/left", "rm /dev/shm/left", &["new shared memory: \"left\""]),
        breach("touch /var/tmp/left", "rm /var/tmp/left", &["/var/tmp/left was left"]),
        breach(
            "printf '# BEGIN landfall shop\\n@reboot /var/lib/landfall/shop/recover\\n# END landfall shop\\n' >> /var/spool/cron/crontabs/root",
            "sed -i '/BEGIN landfall/,/END landfall/d' /var/spool/cron/crontabs/root",
            &["the crontab is Present"],
        ),
        breach(
            "cp -a /root/.ssh/known_hosts /srv/known_hosts; echo \"$(grep -o 'images.example ssh-ed25519 [^\"]*' /srv/plan.json)\" >> /root/.ssh/known_hosts",
            "cp -a /srv/known_hosts /root/.ssh/known_hosts",
            &["known_hosts has Some"],
        ),
        breach("touch /root/.ssh/id_images", "rm /root/.ssh/id_images", &["new entry: \"/root/.ssh/id_images\""]),
        breach(
            "umask 077; mkdir /var/lib/landfall/shop/jobs; touch /var/lib/landfall/shop/jobs/boot",
            "rm -r /var/lib/landfall/shop/jobs",
            &["jobs is left in the state folder", "jobs/boot is left in the state folder"],
        ),
        breach("setsid flock --no-fork /run/landfall.lock tail -f /dev/null &
             while flock --nonblock /run/landfall.lock true; do sleep 0.02; done", "pkill tail", &["the lock is not free", "new process: …\"tail\""]),
    ]
}
