#!/usr/bin/env bash
# Shows Landfall at work: builds it and deploys a shop (PostgreSQL, a migration, a web server) in a throw-away VSN, in namespaces of this
# machine. Needs Debian or Fedora (or a relative), a Rust toolchain, and root, for which it asks `sudo`. Afterwards the machine is as it
# was, but for packages that were missing and for the folder `target`.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/.."
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")

fail() {
  echo "demo.sh: $*" >&2
  exit 1
}

# The compiler runs as whoever calls us, so that root owns nothing of theirs; everything after it needs root.
prepare() {
  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo > /dev/null || fail "there is no sudo: run it as root"
    as_root=(sudo)
  fi
  command -v cargo > /dev/null || fail "there is no cargo: install Rust (https://rustup.rs), and see that cargo is on PATH"
  "${as_root[@]}" scripts/install-test-packages
  cargo build --locked
  [ ${#as_root[@]} -eq 0 ] || exec "${as_root[@]}" CARGO_TARGET_DIR="$target" "$(realpath "$0")" --built
}

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR-}" ]; then bold=$'\e[1m' plain=$'\e[0m'; fi

# What is about to be shown.
chapter() {
  printf '\n%s== %s%s\n' "$bold" "$1" "$plain"
}

in_vsn() {
  scripts/vsn run "$vsn" env no_proxy='*' PATH=/srv/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# shown COMMAND...: what is typed on the VSN, and what it says.
shown() {
  printf '\n%svsn# %s%s\n' "$bold" "$*" "$plain"
  in_vsn "$@"
}

# shown_to_fail STATUS COMMAND...: as `shown`, for what must end with this exit status.
shown_to_fail() {
  local expected=$1 status=0
  shift
  shown "$@" || status=$?
  [ "$status" = "$expected" ] || fail "this should have ended with exit status $expected, and ended with $status"
  echo "(exit status $status)"
}

# shown_in_short COMMAND...: as `shown`, without what it says while it works.
shown_in_short() {
  printf '\n%svsn# %s%s\n' "$bold" "$*" "$plain"
  in_vsn "$@" 2> "$vsn/said" || fail "this failed: $(cat "$vsn/said")"
}

# changed PLAN FILTER: writes shop.json, changed by jq, on the VSN under another name.
changed() {
  jq "$2" plans/shop.json > "$vsn/disk/srv/plan/$1"
}

start_vsn() {
  local images
  images=$(scripts/test-images postgres)
  [ -z "${SUDO_UID-}" ] || chown -hR --reference=. "$target"
  scripts/vsn start "$vsn"
  mkdir -p "$vsn"/disk/srv/{bin,plan/images,mail}
  # Landfall must be where only root can write, and the repository may be anybody's.
  install -m 755 "$target/debug/landfall" "$vsn/disk/srv/bin/"
  cp plans/shop.* "$vsn/disk/srv/plan/"
  cp "$images"/{postgres,shop-v1,shop-v2}.oci.tar.zst "$vsn/disk/srv/plan/images/"
  chmod -R u=rwX,go=rX "$vsn/disk/srv/plan"
  chmod 600 "$vsn/disk/srv/plan/shop.secrets.json"
  in_vsn /usr/bin/python3 "$PWD/tests/support/mail_sink.py" /srv/mail < /dev/null > "$vsn/mail_sink.log" 2>&1 &
  until in_vsn bash -c ': 3<> /dev/tcp/127.0.0.1/25' 2> /dev/null; do
    kill -0 $! 2> /dev/null || fail "the mail sink did not start: $(cat "$vsn/mail_sink.log")"
    sleep 0.1
  done
}

clean_up() {
  trap '' INT TERM
  [ ! -d "$vsn/disk" ] || scripts/vsn stop "$vsn"
  rm -rf "$vsn"
}

# The newest mail in the sink, without the technical part of its header.
newest_mail() {
  local mail
  mail=$(find "$vsn/disk/srv/mail" -name '*.eml' | sort | tail -n 1)
  [ -n "$mail" ] || fail "no mail has arrived"
  printf '\n%sA mail has arrived:%s\n' "$bold" "$plain"
  tr -d '\r' < "$mail" | sed -E '/^(X-Sink|Date|Message-ID|Auto-Submitted|MIME|Content)/d; s/^/  | /'
}

check_a_plan() {
  chapter "A mistake in a plan is told before anything happens: what, where, and the cure"
  changed mistaken.json '.services.web.ports = ["127.0.0.1:8080:80", "8080:81"] 
    | .services.web |= (.healthchek = .healthcheck | del(.healthcheck))'
  shown_to_fail 3 landfall check /srv/plan/mistaken.json
  chapter "The real plan: three services. A dry run says what a deployment does; it needs no root and changes nothing"
  shown landfall check /srv/plan/shop.json --secrets /srv/plan/shop.secrets.json
  # Each operation's sentence, without the engine's commands below them: those are long.
  shown_in_short landfall deploy /srv/plan/shop.json --secrets /srv/plan/shop.secrets.json --dry-run | grep -v '^     '
}

deploy_it() {
  chapter "Now for real"
  echo "30 4 * * * /usr/local/bin/a-job-of-the-owner" | in_vsn crontab -
  shown landfall deploy /srv/plan/shop.json --secrets /srv/plan/shop.secrets.json
  shown landfall status
  chapter "It is in use: two orders come in, and PostgreSQL keeps them"
  shown curl -sS -X POST http://localhost:8080/cgi-bin/rows
  shown curl -sS -X POST http://localhost:8080/cgi-bin/rows
}

break_a_service() {
  chapter "Cron watches it from now on, by these lines in root's crontab; the owner's own line is still there"
  shown crontab -l
  chapter "The web server goes down; we run the health check job instead of waiting for cron"
  shown podman stop shop-web
  shown env -i /var/lib/landfall/shop/jobs/healthcheck
  newest_mail
  shown_to_fail 8 landfall status
  chapter "It comes back"
  shown podman start shop-web
  shown env -i /var/lib/landfall/shop/jobs/healthcheck
  newest_mail
}

fail_a_deployment() {
  chapter "A new version is deployed, and never becomes healthy: everything is rolled back to the containerless state"
  changed broken.json '.services.web.image.archive = "images/shop-v2.oci.tar.zst"
    | .services.web.healthcheck = {http: "http://localhost:8080/not-there", interval: "1s", timeout: "2s", retries: 2}'
  shown_to_fail 4 landfall deploy /srv/plan/broken.json --secrets /srv/plan/shop.secrets.json
  newest_mail
  shown podman ps --all
  shown crontab -l
  chapter "The data is untouched: the corrected version finds both orders"
  changed corrected.json '.services.web.image.archive = "images/shop-v2.oci.tar.zst"'
  shown_in_short landfall deploy /srv/plan/corrected.json --secrets /srv/plan/shop.secrets.json
  shown curl -sS http://localhost:8080/version
  shown curl -sS http://localhost:8080/cgi-bin/rows
}

tear_it_down() {
  chapter "Torn down, on purpose: only the data is left"
  shown landfall teardown shop
  shown crontab -l
  shown ls -l /srv/shop
}

[ "${1-}" = --built ] || prepare
mkdir -p "$target"
vsn=$(mktemp -d "$target/demo-XXXXXX")
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

chapter "Images are built (once), and a throw-away VSN starts: real rooted Podman, an empty disk, a mail server"
start_vsn
began=$SECONDS
check_a_plan
deploy_it
break_a_service
fail_a_deployment
tear_it_down
chapter "That was all, in $((SECONDS - began)) s. The VSN is thrown away"
