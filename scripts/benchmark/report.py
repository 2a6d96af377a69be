"""From raw results to the tables of docs/performance.md and its chart. Measures nothing."""

import statistics

import chart

BEGIN = "<!-- written by scripts/bench -->"
END = "<!-- end of what scripts/bench writes -->"
# More work than this beside the measurement, and a row is told to be from a busy machine.
BUSY = 0.5


def write(results, docs):
    path = docs / "performance.md"
    text = path.read_text()
    before, rest = text.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    path.write_text(before + BEGIN + "\n\n" + "\n\n".join(parts(results)) + "\n\n" + END + after)
    (docs / "performance.svg").write_text(chart.draw(results["rows"]))


def parts(results):
    machine, rows = results["machine"], results["rows"]
    yield measured_on(machine)
    for name, table in TABLES.items():
        if name in rows:
            yield f"### {HEADINGS[name]}"
            yield f"{when(rows[name], machine)}"
            yield from table(rows[name]["results"])
    if "redeploy" in rows or "growth" in rows:
        yield "![Wall time and memory by the number of services](performance.svg)"


def measured_on(machine):
    versions = "; ".join(f"{name} `{version}`" for name, version in machine["versions"].items())
    return (
        f"{machine['cores']} cores ({machine['processor']}), {machine['memory_gib']} GiB, Linux {machine['kernel']}. {versions}."
    )


def when(row, machine):
    busy = row["load_before"] > BUSY * machine["cores"]
    load = f"load average before it {row['load_before']}"
    return f"{row['at']}, {load}" + (": **the machine was busy with other work**, compare within the table only." if busy else ".")


def good(runs, key="seconds"):
    return [run[key] for run in runs if key in run]


def told(runs, key="seconds", form="{:.2f}"):
    """The median, and the least and most where there are several."""
    values = good(runs, key)
    if not values:
        return "failed"
    middle = form.format(statistics.median(values))
    if len(values) == 1:
        return middle
    return f"{middle} ({form.format(min(values))}–{form.format(max(values))})"


def table(heads, lines):
    rows = [heads, ["---"] * len(heads), *lines]
    return "\n".join("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows)


def by_count(results, key, form):
    counts = sorted({one["services"] for one in results})
    titles = list(dict.fromkeys(one["contestant"] for one in results))
    at = {(one["contestant"], one["services"]): one["runs"] for one in results}
    lines = [[title, *(told(at.get((title, count), []), key, form) for count in counts)] for title in titles]
    return table(["", *(f"{count} services" if count > 1 else "1 service" for count in counts)], lines)


def redeploy(results):
    yield "Seconds until every service of the new version answers: median (least–most)."
    yield by_count(results, "seconds", "{:.2f}")
    yield from ratios(results)
    yield "Peak memory of the tool's own process in MiB, without the engine that it calls:"
    in_mib = [
        {**one, "runs": [{"mib": run["peak_kib"] / 1024} for run in one["runs"] if "peak_kib" in run]}
        for one in results
        if "hand" not in one["contestant"]
    ]
    yield by_count(in_mib, "mib", "{:.1f}")


def ratios(results):
    """Landfall's time against that of the same by hand and that of the fastest tool, on either engine and on both, of the medians."""
    for count in sorted({one["services"] for one in results}):
        at = {one["contestant"]: good(one["runs"]) for one in results if one["services"] == count}
        medians = {title: statistics.median(times) for title, times in at.items() if times}
        on_docker = {title: time for title, time in medians.items() if "docker" in title.lower()}
        on_podman = {title: time for title, time in medians.items() if title not in on_docker}
        told = [*ratio("On Podman", on_podman), *ratio("On Docker", on_docker)]
        fastest = min(of_tools(medians), key=medians.get, default=None)
        if "Landfall" in medians and fastest in on_docker:
            told.append(f"Landfall on Podman is {medians[fastest] / medians['Landfall']:.1f} × as fast as {fastest} on Docker.")
        if told:
            yield f"{count} service{'s' if count > 1 else ''}: {' '.join(told)}"


def ratio(where, medians):
    ours = next((time for title, time in medians.items() if "Landfall" in title), None)
    by_hand = next((time for title, time in medians.items() if "8 side by side" in title), None)
    tools = of_tools(medians)
    if ours and by_hand:
        yield f"{where} Landfall takes {ours / by_hand:.2f} × the time of the engine's commands by hand, 8 side by side."
    if ours and tools:
        fastest = min(tools, key=tools.get)
        yield f"{where} it is {tools[fastest] / ours:.1f} × as fast as {fastest}."


def of_tools(medians):
    return {title: time for title, time in medians.items() if "Landfall" not in title and "hand" not in title}


def downtime(results):
    yield (
        "Seconds from the last answer of the old version to the first of the new one, of one of 8 services, asked every 5 ms; beside it, "
        "the whole redeployment."
    )
    lines = [[one["contestant"], told(one["runs"], form="{:.3f}"), told(one["runs"], "whole")] for one in results]
    yield table(["", "downtime", "whole"], lines)


def chain(results):
    yield "Seconds for a redeployment of 8 services, each waiting until the one before is healthy (asked in the container, interval 1 s)."
    yield table(["", "seconds"], [[one["contestant"], told(one["runs"])] for one in results])
    yield "podman-compose does not wait for health with this Podman (it needs 4.6), `kube play` and Ansible have no such order."


def growth(results):
    lines = []
    for one in results:
        count, runs = one["services"], one["runs"]
        seconds = statistics.median(good(runs))
        mib = max(good(runs, "peak_kib")) / 1024
        lines.append([count, f"{seconds:.2f}", f"{seconds / count:.3f}", f"{statistics.median(good(runs, 'cpu')):.2f}", f"{mib:.1f}"])
    yield "Landfall alone: a redeployment's wall time, processor time (the engine's clients included), and Landfall's peak memory."
    yield table(["services", "seconds", "seconds a service", "processor seconds", "MiB"], lines)


def check(results):
    whats = list(dict.fromkeys(one["what"] for one in results))
    titles = list(dict.fromkeys(one["contestant"] for one in results))
    at = {(one["contestant"], one["what"]): one["runs"] for one in results}
    in_ms = {key: [{"ms": 1000 * run["seconds"]} for run in runs] for key, runs in at.items()}
    yield "Milliseconds, with the start of the program: median (least–most)."
    lines = [[title, *(told(in_ms[title, what], "ms", "{:.1f}") if (title, what) in in_ms else "–" for what in whats)] for title in titles]
    yield table(["", *whats], lines)


def start(results):
    in_ms = [{**one, "runs": [{"ms": 1000 * run["seconds"]} for run in one["runs"]]} for one in results]
    yield "Milliseconds of `--version`, and what the machine takes to start a program that does nothing: median (least–most)."
    yield table(["", "milliseconds"], [[one["contestant"], told(one["runs"], "ms", "{:.2f}")] for one in in_ms])
    size = next(one["bytes"] for one in results if one["bytes"])
    yield f"The stripped binary has {size / 1024 / 1024:.2f} MiB."


def calls(results):
    yield "Calls of the engine for a redeployment of 16 services, counted by a program in its place."
    lines = []
    for one in results:
        counted = ", ".join(f"{name} {count}" for name, count in sorted(one["calls"].items(), key=lambda each: (-each[1], each[0])))
        whole = sum(one["calls"].values())
        lines.append([one["contestant"], whole, f"{whole / one['services']:.1f}", counted])
    yield table(["", "calls", "a service", "which"], lines)
    for one in results:
        if one.get("own") is not None:
            yield f"In {one['own']:.3f} s of it no program was run at all (`--timings`): Landfall's own time, and pauses between two looks."


HEADINGS = {
    "redeploy": "Redeploying healthy small services",
    "downtime": "Downtime of a web server",
    "chain": "A chain of dependent services",
    "growth": "Growth",
    "check": "`check`",
    "start": "Start and size",
    "calls": "Calls of the engine",
}
TABLES = {
    "redeploy": redeploy,
    "downtime": downtime,
    "chain": chain,
    "growth": growth,
    "check": check,
    "start": start,
    "calls": calls,
}
