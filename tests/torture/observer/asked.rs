//! What an engine is asked, and how its answers become the same whichever it is.

/// Asks the engine, the firewall and the ports, all at once; `$1` is where the answers go. Fails when one of them could not be had.
pub fn script(engine: &str) -> String {
    let questions = if engine == "docker" { OF_DOCKER } else { OF_PODMAN };
    format!("{BEFORE}{questions}{AFTER}")
}

const BEFORE: &str = "
    cd \"$1\" || exit 1
    ask() { local into=$1; shift; \"$@\" > \"$into\" 2> \"$into.problem\" || echo \"$into\" >> failed; }";

const OF_PODMAN: &str = "
    containers() { podman ps --all --external --no-trunc --format json; }
    described() {
      local all
      mapfile -t all < <(podman ps --all --quiet --no-trunc)
      if [ ${#all[@]} = 0 ]; then echo '[]'; return; fi
      podman container inspect \"${all[@]}\" 2> one_is_half && return
      cat one_is_half >&2
      grep -q 'container not known' one_is_half || return
      # After a power cut, and until a recovery, one may be on record of which the storage is gone: it is listed, and can't be described.
      for one in \"${all[@]}\"; do podman container inspect \"$one\" 2> /dev/null | jq '.[]'; done | jq --slurp .
    }
    images() {
      local list=(podman images --no-trunc --format '{{.Repository}}:{{.Tag}} {{.ID}}')
      \"${list[@]}\" --all 2> one_is_damaged && return
      cat one_is_damaged >&2
      # The same of an image without its manifest, for which the engine refuses to list all.
      grep -q 'consider removing the image' one_is_damaged && \"${list[@]}\" && echo '<damaged>:<damaged> sha256:0'
    }
    secrets() {
      local store=/var/lib/containers/storage/secrets
      podman secret ls --format '{{.Name}} {{.ID}} {{.Driver}}' 2> they_are_lost && return
      cat they_are_lost >&2
      # The same of the list of secrets, of which there is a copy then.
      grep -q 'end of JSON input' they_are_lost && [ -e $store/.landfall-copy-secrets.json ] || return
      jq --raw-output '.secrets[] | \"\\(.name) \\(.id) \\(.driver)\"' $store/.landfall-copy-secrets.json
    }
    # Podman says of its own default network that it was made just now.
    networks() { set -o pipefail; podman network ls --format json | jq 'map(select(.name != \"podman\"))'; }
    volumes() { podman volume ls --format json; }";

const OF_DOCKER: &str = "
    # What is listed of one kind, described; `$2` makes of it what is compared.
    all_described() {
      local all
      mapfile -t all < <(docker $1 --quiet)
      if [ ${#all[@]} = 0 ]; then echo '[]'; return; fi
      set -o pipefail
      docker \"${1%% *}\" inspect \"${all[@]}\" | jq \"$2\"
    }
    # Docker's names begin with a slash, and its IDs of images with what they are made by.
    described() {
      all_described 'container ls --all --no-trunc' 'map(.Name |= ltrimstr(\"/\") | .Image |= ltrimstr(\"sha256:\"))'
    }
    containers() {
      all_described 'container ls --all --no-trunc' 'map({ Id, Names: [.Name | ltrimstr(\"/\")], Labels: .Config.Labels })'
    }
    images() { docker images --all --no-trunc --format '{{.Repository}}:{{.Tag}} {{.ID}}'; }
    # Who is on a network is seen of the container; the daemon makes its own default network anew whenever it starts.
    networks() { all_described 'network ls --no-trunc' 'map(select(.Name != \"bridge\") | del(.Containers))'; }
    volumes() { all_described 'volume ls' .; }
    # It has none: they are files of Landfall's.
    secrets() { find /var/lib/landfall/*/secrets -type f ! -name '*.placed' -printf '%f\\n' 2> /dev/null || :; }";

const AFTER: &str = "
    for kind in containers described images networks volumes secrets; do ask $kind $kind & done
    ask rules iptables-save &
    ask rules6 ip6tables-save &
    curl --silent --max-time 20 \"http://127.0.0.1:$2/version\" > ours &
    curl --silent --max-time 20 \"http://127.0.0.1:$3/version\" > theirs &
    # A lock that was never taken is free.
    if [ ! -e /run/landfall.lock ] || flock --nonblock /run/landfall.lock true; then echo free > lock; fi
    wait
    [ ! -e failed ] || { head failed *.problem; exit 1; }";
