#!/usr/bin/env bash
# Ends deployments, teardowns and recoveries at random moments on throw-away VSNs, by signals and power cuts, and checks every promise after each.
#
#   scripts/torture.sh [FAULTS [SEED [SIDE_BY_SIDE]]]     1000 faults unless said otherwise; SEED is a random number then, and is told
#   scripts/torture.sh --system-calls [STEP]              instead, each STEP-th (1) of Landfall's own system calls fails, or is its last
#   scripts/torture.sh --power [STEP [FIRST]]             instead, the power goes at every STEP-th (1) moment that matters to the disk
#   scripts/torture.sh --operations [STEP [CASES]]        instead, every STEP-th (1) call of the engine, crontab and curl goes wrong in every way;
#                                                         CASES is a part of their names, such as `Teardown podman`
#   scripts/torture.sh --reboot [STEP [FIRST]]            instead, the server reboots at every STEP-th (1) record, with /run emptied, and kept
#   scripts/torture.sh --crontab                          instead, root's crontab is edited in every call of `crontab`
#   scripts/torture.sh --stopped                          instead, a run is stopped for more than a minute
#   scripts/torture.sh --threads [STEP]                   instead, every STEP-th (1) thread or process of Landfall's is refused
#   scripts/torture.sh --disk                             instead, every disk becomes full, read-only or immutable at every step of a run
#   scripts/torture.sh --damage                           instead, every record is cut off, filled with zeros, or has a flipped bit
#   scripts/torture.sh --engine                           instead, somebody does everything to the engine's things at every moment, and its
#                                                         database is locked for good on the way
#
#   scripts/torture.sh --replace [FAULTS [SEED [SIDE_BY_SIDE]]]  instead, replacements, starts, stops and restarts are ended at random moments
#   scripts/torture.sh --going-back [FAULTS [SEED [SIDE_BY_SIDE]]]  instead, deployments that go back to the plan before are ended at random
#                                                         moments, and calls of the engine in them go wrong
#
#   scripts/torture.sh --docker ...                       on Docker: FAULTS as above, --operations, --replace, --going-back, --crontab, --stopped
#
# A system call that broke a promise is tried again by its name: LANDFALL_TORTURE_CALLS='recover: KILL at rename' scripts/torture.sh --system-calls
# Faults come in stories of five on one VSN. A story that broke a promise is told again with its own seed: `scripts/torture.sh 5 SEED`.
# With LANDFALL_KEEP_VSN=1 its VSN stays in target/tmp. The sweeps of faults, of system calls and of calls end with their figures as a table
# for docs/reliability.md. CI runs a sample of each: of the faults at random moments, 40. Needs root.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/.."

torture=torture spec=spec
if [ "${1:-}" = --docker ]; then
  shift
  torture=torture_on_docker spec=spec_on_docker
  case ${1:-} in
    --operations | --replace | --going-back | --crontab | --stopped | [!-]* | '') ;;
    *) echo "torture.sh: $1 is done on Podman only" >&2; exit 2 ;;
  esac
fi
test=whatever_the_moment
case ${1:-} in
  --system-calls)
    test=every_system_call
    export LANDFALL_TORTURE_STEP=${2:-1}
    shift $#
    ;;
  --power | --reboot)
    test=at_every_moment
    [ "$1" = --power ] || test=at_every_record
    export LANDFALL_TORTURE_STEP=${2:-1} LANDFALL_TORTURE_FIRST=${3:-1}
    shift $#
    ;;
  --damage)
    test=all_damage
    shift $#
    ;;
  --disk)
    test=every_disk
    shift $#
    ;;
  --operations)
    test=every_call_of_another
    export LANDFALL_TORTURE_STEP=${2:-1} LANDFALL_TORTURE_CASES=${3:-}
    shift $#
    ;;
  --threads)
    test=every_thread
    export LANDFALL_TORTURE_STEP=${2:-1}
    shift $#
    ;;
  --crontab)
    scripts/install-test-packages
    exec cargo test --locked --quiet --test "$spec" an_edit_in_any_call_of_crontab_is_kept_whatever -- --nocapture --include-ignored
    ;;
  --stopped)
    scripts/install-test-packages
    exec cargo test --locked --quiet --test "$spec" a_run_that_is_stopped_for_more_than_a_minute -- --nocapture --include-ignored
    ;;
  --replace)
    test=a_replacement_a_start_or_a_stop
    shift
    ;;
  --going-back)
    test=a_deployment_that_goes_back
    shift
    ;;
  --engine)
    test=engine
    shift $#
    ;;
  -*) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
export LANDFALL_TORTURE=${1:-1000}
export LANDFALL_TORTURE_SEED=${2:-$((RANDOM * 32768 + RANDOM))}
if [ $# -ge 3 ]; then export LANDFALL_TORTURE_THREADS=$3; fi

LANDFALL_TORTURE_BUILD=$(git rev-parse --short HEAD)
git diff --quiet HEAD || LANDFALL_TORTURE_BUILD+=", changed"
export LANDFALL_TORTURE_BUILD

scripts/install-test-packages
scripts/test-images tiny > /dev/null
echo "$LANDFALL_TORTURE faults, seed $LANDFALL_TORTURE_SEED"
exec cargo test --locked --quiet --test "$torture" "$test" -- --nocapture --include-ignored
