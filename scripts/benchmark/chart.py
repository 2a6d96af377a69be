"""Draws wall time and memory by the number of services, as SVG. Measures nothing."""

import math
import statistics

WIDTH, HEIGHT, LEFT, TOP, PLOT = 760, 420, 60, 40, 300
COLOURS = ["#0b6e4f", "#888888", "#bbbbbb", "#c1440e", "#e0a100", "#7a4ea3", "#2f9e8f", "#9db4c0", "#1f5fa8"]


def draw(rows):
    lines = seconds_of(rows)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="20" font-size="14">Redeployment: seconds by the number of services (both axes logarithmic)</text>',
    ]
    values = [second for points in lines.values() for second in points.values()]
    counts = sorted({count for points in lines.values() for count in points})
    if values:
        low, high = 10 ** math.floor(math.log10(min(values))), 10 ** math.ceil(math.log10(max(values)))
        across = scale(counts[0], max(counts[-1], counts[0] * 2), LEFT, LEFT + 440)
        up = scale(low, high, TOP + PLOT, TOP)
        out += axes(counts, low, high, across, up)
        for number, (title, points) in enumerate(lines.items()):
            out += line(title, points, COLOURS[number % len(COLOURS)], number, across, up)
    return "\n".join([*out, "</svg>", ""])


def seconds_of(rows):
    lines = {}
    for one in [*rows.get("growth", {}).get("results", []), *rows.get("redeploy", {}).get("results", [])]:
        times = [run["seconds"] for run in one["runs"] if "seconds" in run]
        if times:
            # Of both rows, the one with all contestants side by side counts.
            lines.setdefault(one["contestant"], {})[one["services"]] = statistics.median(times)
    return {title: dict(sorted(points.items())) for title, points in lines.items()}


def scale(low, high, start, end):
    return lambda value: start + (end - start) * (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))


def axes(counts, low, high, across, up):
    out = []
    value = low
    while value <= high * 1.001:
        y = up(value)
        out.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{LEFT + 440}" y2="{y:.1f}" stroke="#dddddd"/>')
        out.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
        value *= 10
    for count in counts:
        out.append(f'<text x="{across(count):.1f}" y="{TOP + PLOT + 20}" text-anchor="middle">{count}</text>')
    return out


def line(title, points, colour, number, across, up):
    places = [(across(count), up(second)) for count, second in points.items()]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    width = 3 if title == "Landfall" else 1.5
    y = TOP + 12 + number * 20
    return [
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>',
        *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places),
        f'<line x1="{LEFT + 460}" y1="{y - 4}" x2="{LEFT + 480}" y2="{y - 4}" stroke="{colour}" stroke-width="{width}"/>',
        f'<text x="{LEFT + 486}" y="{y}">{title}</text>',
    ]
