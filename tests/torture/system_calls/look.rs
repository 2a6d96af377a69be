//! Everything that can be seen of a server, as one text: equal texts are equal servers. Doesn't ask Landfall.

use crate::support::Vsn;

/// The value of the plan's secret: it stands nowhere else.
pub const CANARY: &str = "canary-5eC7e7-\u{e9}'$-4711";

/// Prints everything, with what may differ between two deployments of the same plan left out.
const LOOK: &str = r#"
# What is run in here must not be seen among the processes: it is collected first.
ps -eo pid=,ppid=,comm= > /dev/shm/processes
# A listing fails as a whole where something comes or goes while it reads.
list() { local tries; for tries in 1 2 3 4 5; do "$@" > /dev/shm/listed 2> /dev/null && break; sleep 0.2; done; sort /dev/shm/listed; }
section() { echo "== $*"; }

section processes
awk '$1 != 1 && !($2 == 1 && $3 == "sleep") && $1 != '$$' && $2 != '$$' { print $3 }' /dev/shm/processes | sort | uniq -c
section containers
list podman ps --all --external --no-trunc --format '{{.Names}} {{.State}} {{.Image}} {{.ImageID}} {{.Ports}} {{.Networks}}' \
  | sed -E 's/ (Up|Exited|Created) .* ago / \1 /'
section restarts
# The strangers' were never touched, ours never failed.
podman container inspect other asleep --format '{{.Name}} {{.Id}} {{.State.Status}} {{.State.StartedAt}} {{.RestartCount}}'
podman container inspect shop-web --format '{{.State.Status}} {{.RestartCount}} {{.Image}} {{index .Config.Labels "landfall.plan"}}' 2> /dev/null
section images
list podman images --all --no-trunc --format '{{.Repository}}:{{.Tag}} {{.ID}}'
section networks secrets volumes
ls /etc/containers/networks /var/lib/containers/storage/volumes
jq --raw-output '.nameToID | keys[]' /var/lib/containers/storage/secrets/secrets.json
section addresses
iptables-save --table nat | grep '^-A' | sed -E 's/NETAVARK-[A-Z0-9]+/CHAIN/g; s/id: [0-9a-f]+/id/g; s/10\.[0-9]+\.[0-9]+\.[0-9]+/ADDRESS/g' | sort
section listeners
awk '$4 == "0A" { print $2 }' /proc/net/tcp /proc/net/tcp6 | sort
section answers
curl --silent --max-time 5 http://127.0.0.1:8080/version
curl --silent --max-time 5 http://127.0.0.1:9999/version
section crontab
cat /var/spool/cron/crontabs/root /var/spool/cron/root 2> /dev/null | sed '1,3{/^# /{/DO NOT EDIT\|installed on\|Cron version/d}}'
section data
find /srv/shop /srv/theirs -printf '%P %y %m %U:%G %s %T@ %C@ %n %i %l\n' | sort
find /srv/shop /srv/theirs -type f -print0 | sort -z | xargs -0 sha256sum
getfattr --recursive --dump --match=- /srv/shop 2> /dev/null
section keys
find /root/.ssh -printf '%P %y %m %s\n' | sort
section state
find /var/lib/landfall -mindepth 1 -printf '%P %y %m %u\n' | grep -v '/accepted\|/runs/\|/previous.json\|/last.json\|/crontabs' | sort
find /var/lib/landfall -mindepth 1 \( ! -user root -o -perm /077 \) -printf 'open to others: %P %m\n'
find /var/lib/landfall/shop/runs -mindepth 2 2> /dev/null | grep -v '/\(log\|journal\|program.json\|crontab.before\|journal.damaged\|shop-web.log\)$'
section temporary
find /run/landfall* /var/tmp /dev/shm -mindepth 0 2> /dev/null | grep -v '/dev/shm/\(listed\|processes\|libpod_lock\)\|/podman\|^/run/landfall.lock$\|^/run/landfall.podman-' | sort
section lock
flock --nonblock /run/landfall.lock true && echo free
section secret
value=$(cat)
printf '%s\n' "$value" "$(printf %s "$value" | base64 -w 0)" "$(printf %s "$value" | od -An -vtx1 | tr -d ' \n')" \
  | grep -rlF --devices=skip -f - /var/lib/landfall /var/log /var/tmp /var/spool /run /root/.ssh /etc/cron.d 2> /dev/null \
  | grep -v '^/run/containers/storage/.*/userdata/.*secrets'
true
"#;

/// What can be seen now.
#[track_caller]
pub fn look(vsn: &Vsn) -> String {
    let seen = vsn.run_with_input(["bash", "-c", LOOK], CANARY);
    assert_eq!((seen.status, seen.stderr.as_str()), (Some(0), ""));
    without_runs(&seen.stdout)
}

/// The text with every run under the same name.
fn without_runs(text: &str) -> String {
    let is_run =
        |word: &str| word.len() == 15 && word.split('t').all(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let (mut told, mut word) = (String::new(), String::new());
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() {
            word.push(letter);
            continue;
        }
        told.push_str(if is_run(&word) { "RUN" } else { &word });
        told.push(letter);
        word.clear();
    }
    told + &word
}
