"""The rows: what is measured, each a function from the bench to raw results."""

import os
import shutil
import statistics
import subprocess
import time
from pathlib import Path

import plans
from contestants import ALL, OLD, Landfall
from measure import Downtime, Failed, commands, run, until_all_answer


def note(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def those_that_are_there(bench, only=lambda one: True):
    wanted = [one(bench) for one in ALL if bench.only is None or bench.only == one.title]
    return [one for one in wanted if one.is_there() and only(one)]


def rounds_of(bench, rounds, count, contestants, one_round, chain=False):
    """Each round goes through all contestants in turn, so that a change of the machine's speed meets all of them.

    Each one's services stand between its own rounds only: another's would be in the way.
    """
    results = {one.title: [] for one in contestants}
    for number in range(rounds):
        for one in contestants:
            try:
                # The first time is not like the others, which shows where it is short.
                warm = count < 64
                one.up(count, "v2" if warm else "v1", chain)
                if warm:
                    commands(one.change(count, "v1", chain), count, "v1")
                results[one.title].append(one_round(one))
                one.away(count, "v2", chain)
            except (Failed, OSError) as problem:
                note(f"{one.title} failed: {problem}")
                results[one.title].append({"failed": str(problem)[-400:]})
                sweep()
        note(f"round {number + 1} of {rounds}, {count} services: " + ", ".join(
            f"{title} {runs[-1].get('seconds', float('nan')):.2f} s" for title, runs in results.items() if runs
        ))
    return results


def sweep():
    """After a failure: nothing of anybody is left for the next one."""
    for argv in (
        ["podman", "pod", "rm", "--force", "--all"],
        ["podman", "rm", "--force", "--all", "--time", "0"],
        ["podman", "network", "prune", "--force"],
        ["podman", "rmi", "--force", "localhost/tiny:v1", "localhost/tiny:v2"],
        ["sh", "-c", "docker ps -aq 2> /dev/null | xargs -r docker rm -f; docker network prune -f"],
    ):
        subprocess.run(argv, capture_output=True)


def redeploy(bench, rounds):
    results = []
    for count in bench.counts or (1, 4, 16, 64):
        contestants = those_that_are_there(bench)
        times = rounds if count < 64 else 1
        measured = rounds_of(bench, times, count, contestants, lambda one: commands(one.change(count, "v2"), count, "v2"))
        results += [{"services": count, "contestant": title, "runs": runs} for title, runs in measured.items()]
    return results


def downtime(bench, rounds):
    count, watched = 8, 4

    def one_round(one):
        watch = Downtime(plans.port(watched), "v1", "v2")
        watch.start()
        time.sleep(0.1)
        took = commands(one.change(count, "v2"), count, "v2")
        return {"seconds": watch.seconds(), "whole": took["seconds"]}

    measured = rounds_of(bench, rounds, count, those_that_are_there(bench), one_round)
    return [{"services": count, "contestant": title, "runs": runs} for title, runs in measured.items()]


def chain(bench, rounds):
    count = 8
    contestants = those_that_are_there(bench, lambda one: one.can_chain)
    measured = rounds_of(
        bench, rounds, count, contestants, lambda one: commands(one.change(count, "v2", True), count, "v2"), chain=True
    )
    return [{"services": count, "contestant": title, "runs": runs} for title, runs in measured.items()]


def growth(bench, rounds):
    one, results = Landfall(bench), []
    for count in bench.counts or (1, 2, 4, 8, 16, 32, 64, 128):
        one.up(count, "v1")
        runs = [commands(one.change(count, "v2"), count, "v2")]
        if count <= 32:
            runs.append(commands(one.change(count, "v1"), count, "v1"))
            runs.append(commands(one.change(count, "v2"), count, "v2"))
        one.away(count, "v2")
        note(f"{count} services: {min(run['seconds'] for run in runs):.2f} s, {max(run['peak_kib'] for run in runs)} KiB")
        results.append({"services": count, "contestant": one.title, "runs": runs})
    return results


AJV = """
const Ajv = require('ajv/dist/2020');
const read = path => JSON.parse(require('fs').readFileSync(path, 'utf8'));
const ajv = new Ajv({ strict: false, allErrors: true });
process.exit(ajv.compile(read(process.argv[2]))(read(process.argv[3])) ? 0 : 1);
"""


def check(bench, rounds):
    schema = bench.file("plan.v1.json", run([bench.binary, "schema", "plan"])["output"])
    tools = bench.tools / "test-tools"
    ajv = bench.file("ajv.js", AJV)
    os.environ["NODE_PATH"] = str(tools / "node_modules")
    results = []
    for what, count in (("1 service", 1), ("100 services", 100), ("1,000 services", 1000), ("1,000 mistakes", 1000)):
        wrong = what.endswith("mistakes")
        text = plans.many_mistakes(count, bench.images) if wrong else plans.landfall(count, "v1", bench.images)
        plan = bench.file("checked.json", text)
        contestants = {
            "Landfall": [bench.binary, "check", plan],
            "check-jsonschema": [str(tools / "python/bin/check-jsonschema"), "--schemafile", schema, plan],
            "ajv": ["node", ajv, schema, plan],
        }
        if not wrong and those_that_are_there(bench, lambda one: one.title == "docker-compose"):
            composed = bench.file("checked-compose.json", plans.compose(count, "v1"))
            contestants["docker-compose config"] = ["docker-compose", "-f", composed, "config", "--quiet"]
        for title, argv in contestants.items():
            times = rounds * 7 if title == "Landfall" else rounds
            runs = [timed(argv, 1 if wrong else 0) for _ in range(times)]
            results.append({"what": what, "contestant": title, "runs": runs})
        note(f"check of {what}: " + ", ".join(f"{one['contestant']} {median(one):.4f} s" for one in results[-len(contestants):]))
    return results


def timed(argv, least_code=0):
    """One run of a command whose exit code is 0, or anything else where mistakes are to be found."""
    began = time.perf_counter()
    process = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    took = time.perf_counter() - began
    if (process.returncode != 0) != (least_code != 0):
        raise Failed(f"{argv} ended with {process.returncode}: {process.stderr.decode()[-400:]}")
    return {"seconds": took}


def median(result):
    times = [one["seconds"] for one in result["runs"] if "seconds" in one]
    return statistics.median(times) if times else float("nan")


def start(bench, rounds):
    """An empty program beside it: what the machine takes to start anything."""
    runs = {"Landfall": [], "an empty program": []}
    for _ in range(rounds * 15):
        runs["Landfall"].append(timed([bench.binary, "--version"]))
        runs["an empty program"].append(timed(["/bin/true"]))
    size = Path(bench.binary).stat().st_size
    return [{"contestant": title, "runs": each, "bytes": size if title == "Landfall" else None} for title, each in runs.items()]


# No script: Landfall keeps nothing of what a script says in the place of an engine.
COUNTING = r"""
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(int count, char **words) {
    /* What is called is among the first words. */
    char line[9 * 100];
    int end = 0;
    for (int word = 1; word < count && word <= 8; word++)
        end += sprintf(line + end, "%.99s ", words[word]);
    int calls = open(CALLS, O_WRONLY | O_APPEND);
    line[end] = '\n';
    if (write(calls, line, end + 1) < 0 || close(calls) < 0)
        return 126;
    execv(REAL, words);
    return 127;
}
"""


def calls(bench, rounds):
    """A program in front of the engine, on the VSN alone, that counts its calls; no time is taken meanwhile."""
    count, results = 16, []
    fronts = {"podman": Front(bench, "podman"), "docker": Front(bench, "docker")}
    for one in those_that_are_there(bench):
        # It asks the daemon itself.
        if one.title == "docker-compose":
            continue
        try:
            one.up(count, "v1")
            # The first time is not like the others.
            commands(one.change(count, "v2"), count, "v2")
            commands(one.change(count, "v1"), count, "v1")
            front = fronts[one.engine]
            front.clear()
            for argv in one.change(count, "v2"):
                run(argv)
            counted = front.count()
            until_all_answer(count, "v2")
            one.away(count, "v2")
        except (Failed, OSError) as problem:
            note(f"{one.title} failed: {problem}")
            sweep()
            continue
        own = own_time(bench, count) if one.title == "Landfall" else None
        results.append({"services": count, "contestant": one.title, "calls": counted, "own": own})
        note(f"{one.title}: {sum(counted.values())} calls of the engine for {count} services {counted}")
    for front in fronts.values():
        front.remove()
    return results


def own_time(bench, count):
    """What `--timings` says of the time in which no program was run, in seconds."""
    one = Landfall(bench)
    one.up(count, "v1")
    commands(one.change(count, "v2"), count, "v2")
    commands(one.change(count, "v1"), count, "v1")
    trace = bench.work / "trace.json"
    trace.unlink(missing_ok=True)
    (argv,) = one.change(count, "v2")
    last = run([*argv, f"--timings={trace}"])["output"]
    one.away(count, "v2")
    line = next(line for line in last.splitlines() if "no program was run" in line)
    return float(line.split("for ")[1].split(" s")[0])


class Front:
    def __init__(self, bench, program):
        # The one that is found first: there may be another one in the next folder.
        self.program = shutil.which(program)
        self.there = self.program is not None
        if not self.there:
            return
        self.calls = bench.work / f"{program}.calls"
        real = bench.work / f"real-{program}"
        real.touch()
        run(["mount", "--bind", self.program, str(real)])
        source, counting = bench.file(f"counting-{program}.c", COUNTING), str(bench.work / f"counting-{program}")
        run(["cc", f'-DCALLS="{self.calls}"', f'-DREAL="{real}"', "-o", counting, source])
        run(["mount", "--bind", counting, self.program])
        self.clear()

    def clear(self):
        self.calls.write_text("")

    def count(self):
        """How many calls of each subcommand."""
        told = {}
        for line in self.calls.read_text().splitlines():
            words = line.split()
            while words and words[0].startswith("-"):
                words.pop(0)
            groups = ("container", "image", "network", "secret", "system", "kube", "pod", "volume")
            name = " ".join(words[:2]) if words and words[0] in groups else " ".join(words[:1])
            told[name] = told.get(name, 0) + 1
        return told

    def remove(self):
        if self.there:
            run(["umount", self.program])


ROWS = {
    "start": start,
    "check": check,
    "calls": calls,
    "redeploy": redeploy,
    "downtime": downtime,
    "chain": chain,
    "growth": growth,
}
