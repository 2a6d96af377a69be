#!/usr/bin/env bash
# Every check and every test of this repository, from a fresh clone: installs the packages that it needs, and ends with one line as cargo's.
# Needs root (the tests start throw-away VSNs) and a Rust toolchain.
#
#   scripts/test.sh          all tests on Podman; of the same sentences on Docker a third, which depends on the commit; fewer random faults
#   scripts/test.sh --all    all sentences on Docker as well, and more faults: twice as long
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/.."

case "$*" in
  '' | --all) all=${1-} ;;
  *) sed -n '/^#  /s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac

if [ "$(id -u)" != 0 ]; then
  echo "test.sh: the tests start throw-away VSNs; run it as root" >&2
  exit 1
fi
exec < /dev/null
began=$(date +%s)
output=$(mktemp)
trap 'rm -f "$output"' EXIT
failed=()

# check NAME COMMAND...: runs it; what fails is told at once, and at the end once more.
check() {
  local name=$1
  shift
  printf '\n== %s\n' "$name"
  "$@" || { failed+=("$name"); printf '%s: FAILED\n' "$name"; }
}

# Compiling them would be no reason to wait: the images are built meanwhile.
test_images() {
  scripts/test-images > /dev/null
}

bash_scripts() {
  # Templates become Bash once they are filled in; tests/scripts.rs checks what they become.
  grep -rlIE '^#!.*\bbash' --exclude-dir=target --exclude-dir=.git --exclude='*.hbs' .
}

# The same random values each time: one that breaks something is looked for on purpose (scripts/fuzz, another seed), and does not wait
# for somebody else's change.
export PROPTEST_RNG_SEED=${PROPTEST_RNG_SEED:-1}

# What a next build would profit from takes as much room as the build, and a fresh clone has no next one.
export CARGO_INCREMENTAL=${CARGO_INCREMENTAL:-0}

# Many tests wait for a cron job or a server most of the time, so a few more at once than there are cores are faster.
threads=$(($(nproc) + 2))
export RUST_TEST_THREADS=$((threads > 4 ? threads : 4))

# The numbers of the sentences that are run on Docker: all, or those that leave this remainder.
docker_sentences() {
  local commit
  commit=$(git rev-parse --short=7 HEAD 2> /dev/null || echo 0)
  cargo test --locked --quiet --test spec_on_docker -- --list --format terse | sed -n 's/: test$//p' \
    | awk -v all="$all" -v remainder=$((16#$commit % 3)) 'all || NR % 3 == remainder'
}

cargo_test() {
  local on_docker
  [ -z "$all" ] || export LANDFALL_TORTURE=${LANDFALL_TORTURE:-40}
  # Every test program but that with the sentences on Docker.
  local others=(--lib --bins --test '[!s]*' --test 's[!p]*' --test spec)
  local ended=0
  cargo test --locked --no-fail-fast "${others[@]}" 2>&1 | tee "$output" || ended=1
  cargo test --locked --no-fail-fast --doc 2>&1 | tee -a "$output" || ended=1
  mapfile -t on_docker < <(docker_sentences)
  printf '\n== on Docker: %s sentences\n' "${#on_docker[@]}"
  # With no names it would run all.
  [ ${#on_docker[@]} -gt 0 ] || return 1
  cargo test --locked --test spec_on_docker -- --exact "${on_docker[@]}" 2>&1 | tee -a "$output" || ended=1
  return "$ended"
}

# The sums of what each test program of cargo's said.
final_line() {
  local verdict=$1
  awk -v verdict="$verdict" -v seconds=$(($(date +%s) - began)) '
    /^test result: / { for (i = 2; i <= NF; i++) sum[$i] += $(i - 1) }
    END {
      printf "test result: %s. %d passed; %d failed; %d ignored; %d measured; %d filtered out; finished in %d.00s\n",
        verdict, sum["passed;"], sum["failed;"], sum["ignored;"], sum["measured;"], sum["filtered"], seconds
    }' "$output"
}

check "packages" scripts/install-test-packages
check "tools" scripts/install-test-tools
test_images &
images=$!
mapfile -t scripts < <(bash_scripts)
check "shellcheck" shellcheck "${scripts[@]}"
check "format" cargo fmt --all --check
check "clippy" cargo clippy --locked --all-targets -- -D warnings
# Nobody runs them here: without this they would be found broken only once somebody measures.
check "benchmarks" cargo check --locked --quiet --manifest-path benchmarks/Cargo.toml --benches --target-dir "${CARGO_TARGET_DIR:-target}"
check "documentation" env RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --quiet
check "images" wait "$images"
check "tests" cargo_test

echo
if [ ${#failed[@]} -gt 0 ]; then
  printf 'failed: %s\n' "${failed[@]}"
  final_line FAILED
  exit 1
fi
final_line ok
