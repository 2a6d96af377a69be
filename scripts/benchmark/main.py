"""Measures the rows that were asked for, keeps their raw results, and writes the report. Runs on a throw-away VSN."""

import argparse
import json
import os
import platform
import shutil
import subprocess
import time
from pathlib import Path

import report

ROOT = Path(__file__).resolve().parents[2]


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench")
    parser.add_argument("rows", nargs="*", metavar="ROW")
    parser.add_argument("--work", required=True)
    parser.add_argument("--binary")
    parser.add_argument("--images")
    parser.add_argument("--tools")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only")
    parser.add_argument("--services", type=lambda text: [int(count) for count in text.split(",")])
    parser.add_argument("--report", action="store_true")
    return parser.parse_args()


def said(*argv):
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
    except OSError:
        return None
    lines = (done.stdout or done.stderr).strip().splitlines()
    return lines[0] if lines else None


def machine(binary):
    cpuinfo = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":")[1].strip() for line in cpuinfo if line.startswith("model name")), platform.machine())
    memory = int(Path("/proc/meminfo").read_text().split()[1]) // (1024 * 1024)
    versions = {
        "Landfall": said(binary, "--version"),
        "commit": said("git", "-c", "safe.directory=*", "-C", str(ROOT), "describe", "--always", "--dirty"),
        "Podman": said("podman", "--version"),
        "Docker": said("docker", "--version"),
        "docker-compose": said("docker-compose", "--version"),
        "Ansible": said("ansible-playbook", "--version"),
    }
    return {
        "cores": os.cpu_count(),
        "processor": model,
        "memory_gib": memory,
        "kernel": platform.release(),
        "versions": {name: version for name, version in versions.items() if version},
    }


def main():
    given = arguments()
    raw = Path(given.work) / "results.json"
    results = json.loads(raw.read_text()) if raw.exists() else {"rows": {}}
    if not given.report:
        # What they need lies on the VSN.
        from contestants import Bench, start_docker
        from rows import ROWS, note

        unknown = [row for row in given.rows if row not in ROWS]
        if unknown:
            raise SystemExit(f"bench: there is no row {unknown[0]}; there are {', '.join(ROWS)}")
        bench = Bench(given.work, given.binary, given.images, given.tools, given.only, given.services)
        if shutil.which("dockerd"):
            start_docker(bench)
        results["machine"] = machine(given.binary)
        for row in given.rows or ROWS:
            note(f"row {row}")
            before, began = os.getloadavg()[0], time.time()
            measured = ROWS[row](bench, given.rounds)
            results["rows"][row] = {
                "at": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(began)),
                "took": round(time.time() - began),
                "load_before": round(before, 2),
                "results": measured,
            }
            if not given.only:
                raw.write_text(json.dumps(results, indent=1))
    if not given.only:
        report.write(results, ROOT / "docs")


main()
