# SPDX-License-Identifier: Apache-2.0
"""Interleaved slices: in each round every contestant is loaded for a second or two, in an order that rotates, so that all of them see
the machine's slow and fast minutes alike. Only the ratios within a round count."""
import json
import statistics
import subprocess
from dataclasses import dataclass

BUSY_SHARE_MIN = 0.95  # of the server's core; below it the slice says something about the machine, not about the server
TRIES_PER_SLICE = 2
ROUNDS_VALID_MIN = 3  # below that a ratio is made from every slice and marked as noise


@dataclass
class Contestant:
    key: str
    server: object
    target: str
    body: str  # file name


class Generator:
    def __init__(self, binary, core, bodies):
        self.binary, self.core, self.bodies = binary, core, bodies

    def command(self, server, target, body, connections):
        command = [str(self.binary), "--port", str(server.port), "--target", target, "--body", str(self.bodies / body),
                   "--connections", str(connections), "--core", str(self.core)]
        if server.is_tls:
            command.append("--tls")
        for name, value in server.headers().items():
            command += ["--header", f"{name}: {value}"]
        return command

    def load(self, server, target, body, seconds, connections=64, warm_up=0.2):
        command = self.command(server, target, body, connections) + ["--seconds", str(seconds), "--warm-up", str(warm_up)]
        for pid in server.pids():
            command += ["--server-pid", str(pid)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + warm_up + 20)
        if done.returncode != 0:
            return {"problem": done.stderr.strip() or f"exit code {done.returncode}", "requests": 0}
        return json.loads(done.stdout)


def judge(slice_):
    """Why the slice does not count, or None."""
    if "problem" in slice_:
        return slice_["problem"]
    if slice_["requests"] == 0:
        return "no answer"
    wrong = slice_["not_2xx"] + slice_["broken"] + slice_["broken_off"]
    if wrong:
        return f"{wrong} wrong answers, last status {slice_['last_status']}"
    if slice_["server_cpu_s"] < BUSY_SHARE_MIN * slice_["seconds"]:
        if slice_["generator_cpu_s"] > BUSY_SHARE_MIN * slice_["seconds"]:
            return "the generator was the bottleneck"
        return "the server had too little of its core"
    return None


def run_rounds(generator, contestants, rounds, seconds, progress):
    """Results per contestant: one slice per round, with "discarded" where it does not count."""
    results = {contestant.key: [] for contestant in contestants}
    for number in range(rounds):
        shift = number % len(contestants)
        for contestant in contestants[shift:] + contestants[:shift]:
            for _ in range(TRIES_PER_SLICE):
                slice_ = generator.load(contestant.server, contestant.target, contestant.body, seconds)
                slice_["discarded"] = judge(slice_)
                if slice_["discarded"] is None:
                    break
            results[contestant.key].append(slice_)
        progress(f"round {number + 1} of {rounds}")
    return results


def cpu_us(slice_):
    return slice_["server_cpu_s"] / slice_["requests"] * 1e6


def median(values):
    values = list(values)
    return statistics.median(values) if values else None


def usable(slices):
    """The slices that count, and whether there are enough of them; if not, all that carried any load."""
    valid = [one for one in slices if one["discarded"] is None]
    if len(valid) >= min(ROUNDS_VALID_MIN, len(slices)):
        return valid, True
    return [one for one in slices if one["requests"] > 0 and one.get("not_2xx") == 0], False


def ratio(ours, theirs, value, bigger_is_better=True):
    """The median over the rounds of ours to theirs, both of the same round, and whether enough rounds count."""
    for only_valid in (True, False):
        per_round = []
        for mine, other in zip(ours, theirs):
            counts = mine["discarded"] is None and other["discarded"] is None
            if min(mine["requests"], other["requests"]) > 0 and (counts or not only_valid):
                pair = value(mine) / value(other)
                per_round.append(pair if bigger_is_better else 1 / pair)
        if only_valid and len(per_round) >= min(ROUNDS_VALID_MIN, len(ours)):
            return median(per_round), True
    return median(per_round), False
