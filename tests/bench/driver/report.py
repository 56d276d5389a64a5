# SPDX-License-Identifier: Apache-2.0
"""The goals, and the tables that hold the results beside them. Reports, never asserts: a row that is not met is printed as such."""
from dataclasses import dataclass

from driver.slices import cpu_us, median, ratio, usable


@dataclass
class Goal:
    ours: str
    peer: str
    at_least: float  # requests per second, ours to theirs


# Requests per second, ours to theirs, one core each side, full work.
SPEED_GOALS = {
    "hub_1k.json": [
        Goal("inline", "nginx_tuned", 1.2), Goal("inline", "nginx_default", 1.7), Goal("inline", "epoll_floor", 0.8),
        Goal("inline", "plain_beast", 2.2), Goal("inline", "drogon", 1.4), Goal("inline", "webhook", 4.5),
        Goal("inline", "fastapi", 13), Goal("pool", "nginx_default", 1.0), Goal("inline_tls", "nginx_tls", 1.0)],
    "hub_23k.json": [Goal("inline", "plain_beast", 5), Goal("inline", "nginx_tuned", 0.6)],
}
P99_TO_NGINX_TUNED_MAX = 0.85
# What hookhost's column may be at most, by how the row begins.
COST_GOALS = {
    "payload walk / simdjson's DOM parse": 1.5,
    "system calls per request, 64 connections": 3.1,
    "system calls per request, 8 connections": 3.9,
    "memory per idle connection": 1024,
    "resident after the load": 12,
    "start to first answer, 3 plugins": 100,
    "resident after start, 3 plugins": 12,
    "start to first answer, 200 plugins": 2000,
}


def table(head, rows):
    widths = [max(len(str(row[i])) for row in [head] + rows) for i in range(len(head))]
    for row in [head] + rows:
        print("  " + "  ".join(str(cell).ljust(width) if i == 0 else str(cell).rjust(width)
                               for i, (cell, width) in enumerate(zip(row, widths))).rstrip())


def shown(value, form):
    return "-" if value is None else format(value, form)


def speed_rows(results):
    """One row per contestant: medians of the slices that count."""
    rows = []
    for key, slices in results.items():
        good, enough = usable(slices)
        valid = sum(one["discarded"] is None for one in slices)
        rows.append([key, shown(median(one["requests_per_s"] for one in good), ",.0f"),
                     shown(median(cpu_us(one) for one in good), ".2f"), shown(median(one["p50_us"] for one in good), ".0f"),
                     shown(median(one["p99_us"] for one in good), ".0f"),
                     shown(median(one["generator_cpu_s"] / one["seconds"] * 100 for one in good), ".0f"),
                     f"{valid}/{len(slices)}" + ("" if enough else " ~")])
    return rows


def verdict(value, bound, at_least, enough):
    if value is None:
        return "not measured"
    met = value >= bound if at_least else value <= bound
    return ("met" if met else "NOT MET") + ("" if enough else " ~")


def ratio_rows(results, goals):
    """One row per goal; and the goals that were measured and not met."""
    rows, missed = [], []
    for goal in goals:
        if goal.ours not in results:
            continue
        if goal.peer not in results:
            rows.append([f"{goal.ours} / {goal.peer}", "-", "-", f">= {goal.at_least:g}", "skipped"])
            continue
        ours, theirs = results[goal.ours], results[goal.peer]
        by_rate, enough = ratio(ours, theirs, lambda one: one["requests_per_s"])
        by_cpu, _ = ratio(ours, theirs, cpu_us, bigger_is_better=False)
        said = verdict(by_rate, goal.at_least, True, enough)
        rows.append([f"{goal.ours} / {goal.peer}", shown(by_rate, ".2f"), shown(by_cpu, ".2f"), f">= {goal.at_least:g}", said])
        if said.startswith("NOT"):
            missed.append(goal)
    return rows, missed


def print_speed(body, results, goals):
    """Prints both tables of a body; returns the rows of ratios (for the file) and the goals that were missed."""
    print(f"\n{body}")
    table(["server", "requests/s", "us CPU/request", "p50 us", "p99 us", "generator %", "slices"], speed_rows(results))
    rows, missed = ratio_rows(results, goals)
    if "inline" in results and "nginx_tuned" in results and body == "hub_1k.json":
        value, enough = ratio(results["inline"], results["nginx_tuned"], lambda one: one["p99_us"])
        rows.append(["p99: inline / nginx_tuned", shown(value, ".2f"), "-", f"<= {P99_TO_NGINX_TUNED_MAX:g}",
                     verdict(value, P99_TO_NGINX_TUNED_MAX, False, enough)])
    if rows:
        print()
        table(["ratio", "by requests/s", "by CPU", "goal", "verdict"], rows)
    discarded = {}
    for key, slices in results.items():
        for one in slices:
            if one["discarded"]:
                discarded.setdefault(one["discarded"], []).append(key)
    for why, keys in discarded.items():
        print(f"  discarded: {why}: " + ", ".join(f"{key} x{keys.count(key)}" for key in dict.fromkeys(keys)))
    return rows, missed


def print_costs(costs):
    """costs: for each thing measured its unit, how, and the value per server."""
    servers = list(dict.fromkeys(name for cost in costs.values() for name in cost["values"]))
    rows = []
    for what, cost in costs.items():
        cells = []
        for name in servers:
            value = cost["values"].get(name)
            cells.append(shown(value, ",.2f" if value is not None and value < 10 else ",.0f"))
        bound = next((most for begin, most in COST_GOALS.items() if what.startswith(begin)), None)
        is_ours = "hookhost" in cost["values"]
        goal = f"<= {bound:g}" if bound is not None and is_ours else ""
        said = verdict(cost["values"]["hookhost"], bound, False, True) if goal else ""
        rows.append([f"{what} ({cost['unit']})" if cost["unit"] else what] + cells + [goal, said])
    print("\ncosts")
    table(["what"] + servers + ["goal", "verdict"], rows)
    for what, cost in costs.items():
        for note in dict.fromkeys(cost["notes"]):
            print(f"  {what}: {note}")
