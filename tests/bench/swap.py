#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What does a hot swap cost: until the new build answers, to the requests meanwhile, to go back, and in what stays behind? See README.md.

  swap.py [--build build/release] [--only live,load,rollback,holdings] [--swaps N] [--quick]

Python 3.9, standard library only. Never asserts: it prints what it saw, and ends with an error only when it could not measure."""
import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True  # the source tree stays as it is
from driver.costs import copies_of_plugin
from driver.server import SECRET, Server, free_port

SOURCE = Path(__file__).resolve().parent.parent.parent
PARTS = ["live", "load", "rollback", "holdings"]
SETTLE_S = 0.150
SWAP_SECONDS_MAX = 30
PLUGINS_MANY = 200
RATE, CONNECTIONS, SWAP_EVERY_S = 2000, 16, 0.5  # of the load: requests per second
RATE_MANY = 500  # under the swaps of holdings, which are to have the machine


def request(target, body=b"{}"):
    return (f"POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nX-Webhook-Secret: {SECRET}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body


def answer_in(received):
    """(status, body) once an answer is complete, else None."""
    head, separator, body = received.partition(b"\r\n\r\n")
    if not separator:
        return None
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    return (int(head[9:12]), body) if len(body) >= length else None


class Connection:
    """A kept connection, one request at a time."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=SWAP_SECONDS_MAX)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, bytes_):
        """(status, body)"""
        received = b""
        self.socket.sendall(bytes_)
        while (answer := answer_in(received)) is None:
            more = self.socket.recv(65536)
            if not more:
                sys.exit("the host closed a connection")
            received += more
        return answer


class Host:
    """A host that serves `identity`, whose answers name their build, and others beside it."""

    ASK = request("/webhooks/on_loop")

    def __init__(self, build, scratch, settle=SETTLE_S, others=0):
        self.builds = {name: (build / f"tests/bench/bench_identity_{name}.so").read_bytes() for name in "abc"}
        self.folder = scratch / "plugins"
        self.unnamed = self.folder / "identity.so.tmp"
        self.body = scratch / "body.json"
        if others:
            copies_of_plugin(build / "tests/bench/bench_start_many.so", self.folder, others)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.body.write_text("{}")
        self.prepare("a")
        self.put()
        config = scratch / "hookhost.toml"
        config.write_text(f'[swap]\nsettle = "{settle * 1e3:.0f}ms"\ninterval = "0s"\n')
        admin_port = free_port()
        self.server = Server("hookhost", [str(build / "bin/hookhost"), "serve", "--plugins", str(self.folder), "--config", str(config),
                                          "--listen", "127.0.0.1:{port}", "--admin-listen", f"127.0.0.1:{admin_port}"],
                             {}, scratch / "run", target="/webhooks/on_loop")
        self.server.start(b"{}")
        self.public, self.admin = Connection(self.server.port), Connection(admin_port)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.stop()

    def prepare(self, name):
        """The next build, written and closed, under a name that the host does not look at."""
        self.prepared = name
        self.unnamed.write_bytes(self.builds[name])
        self.unnamed.chmod(0o700)

    def put(self):
        self.unnamed.rename(self.folder / "identity.so")

    def next_build(self):
        return "bca"["abc".index(self.prepared)]

    def build_answering(self):
        status, body = self.public.ask(self.ASK)
        if status != 200:
            sys.exit(f"status {status}: {body.decode()}")
        return body[1:2].decode()

    def swap_to(self, name):
        """Seconds from the rename to the first answer of that build."""
        self.prepare(name)
        began = time.monotonic()
        self.put()
        self.wait_for(name)
        return time.monotonic() - began

    def wait_for(self, name):
        began = time.monotonic()
        while self.build_answering() != name:
            if time.monotonic() - began > SWAP_SECONDS_MAX:
                sys.exit(f"build {name} did not get live; the host said: {(self.server.scratch / 'output').read_text()[-500:]}")
            time.sleep(0.0005)  # the host, too, wants the core

    def states(self):
        _, body = self.admin.ask(b"GET /api/v1/plugins HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return [one["state"] for one in json.loads(body)["generations"]]


def row(what, *values, goal=""):
    print(f"{what:44}" + "".join(f"{value:>12}" for value in values) + (f"   {goal}" if goal else ""))


def ms(seconds):
    return f"{seconds * 1e3:.2f}"


def measure_live(arguments, scratch):
    row("rename to first answer, beyond settle, ms", "median", "worst", goal="goal")
    for others in (0, PLUGINS_MANY):
        with Host(arguments.build, scratch / f"live-{others}", others=others) as host:
            took = [host.swap_to(host.next_build()) - SETTLE_S for _ in range(arguments.swaps)]
        row(f"  {f'one of {others + 1} plugins' if others else 'the only plugin'}, {len(took)} swaps", ms(statistics.median(took)), ms(max(took)), goal="50")


class Load:
    """loadgen beside a host: an open loop, which counts latency from the time at which a request was due and looks at the build in each answer."""

    def __init__(self, arguments, host, rate, *options):
        self.process = subprocess.Popen(
            [str(arguments.build / "tests/bench/loadgen"), "--port", str(host.server.port), "--target", "/webhooks/on_loop", "--header",
             "Content-Type: application/json", "--header", f"X-Webhook-Secret: {SECRET}", "--body", str(host.body), "--connections",
             str(CONNECTIONS), "--rate", str(rate), "--identity", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def is_over(self):
        return self.process.poll() is not None

    def end(self):
        """What it saw; an answer that may not be ends everything."""
        output, _ = self.process.communicate()
        if self.process.returncode != 0:
            sys.exit("the load generator failed")
        seen = json.loads(output)
        wrong = {key: seen[key] for key in ("not_2xx", "broken", "broken_off", "reconnects", "unanswered", "wrong_identities") if seen[key]}
        if wrong:
            sys.exit(f"of {seen['requests_all']} requests under load: {wrong}")
        return seen


def swap_beside(load, host):
    """Swaps every SWAP_EVERY_S as long as the load lasts; how often."""
    swaps, began = 0, time.monotonic()
    while True:
        try:
            load.process.wait(max(0, began + SWAP_EVERY_S * (swaps + 1) - time.monotonic()))
            return swaps
        except subprocess.TimeoutExpired:
            host.prepare(host.next_build())
            host.put()
            swaps += 1


def measure_load(arguments, scratch):
    row(f"{RATE}/s over {CONNECTIONS} connections, ms", "p50", "p99", "worst", "sent late", goal="(p99 of how late the generator sends)")
    ratios = {"p50_us": [], "p99_us": []}
    with Host(arguments.build, scratch / "load") as host:
        host.swap_to("b")  # what is allocated once is allocated now
        for number in range(arguments.rounds):
            seen = {}
            for is_swapping in (False, True) if number % 2 == 0 else (True, False):
                load = Load(arguments, host, RATE, "--seconds", str(arguments.seconds))
                swaps = swap_beside(load, host) if is_swapping else 0
                seen[is_swapping] = load.end()
                host.wait_for(host.prepared)  # or the last swap falls into the next round
                if seen[is_swapping]["generations"] < swaps:
                    sys.exit(f"{swaps} swaps, and only {seen[is_swapping]['generations']} generations answered")
                what = f"{swaps} swaps" if is_swapping else "no swap"
                row(f"  round {number + 1}, {arguments.seconds:g} s, {what}",
                    *(ms(seen[is_swapping][key] / 1e6) for key in ("p50_us", "p99_us", "max_us", "late_p99_us")))
            for key, values in ratios.items():
                values.append(seen[True][key] / seen[False][key])
    row("  with / without, median of the rounds", *(f"{statistics.median(values):.2f}" for values in ratios.values()), goal="1.2 for p99")


def measure_rollback(arguments, scratch):
    back = request("/api/v1/plugins/identity/rollback")
    took = []
    with Host(arguments.build, scratch / "rollback") as host:
        for number in range(arguments.swaps):
            host.swap_to("bc"[number % 2])
            began = time.monotonic()
            status, body = host.admin.ask(back)
            took.append(time.monotonic() - began)
            if status != 200 or host.build_answering() != "a":
                sys.exit(f"rollback: status {status}: {body.decode()}")
    row("rollback during probation, ms", "median", "worst", goal="goal")
    row(f"  {len(took)} times", ms(statistics.median(took)), ms(max(took)), goal="5")


def holdings(host):
    """Resident MB, mappings, descriptors, threads, once nothing is on its way out."""
    until = time.monotonic() + SWAP_SECONDS_MAX
    while {"draining", "ending"} & set(host.states()):
        if time.monotonic() > until:
            sys.exit("a build does not leave")
        time.sleep(0.01)
    process = Path(f"/proc/{host.server.process.pid}")
    resident = next(line for line in (process / "status").read_text().splitlines() if line.startswith("VmRSS:"))
    return [f"{int(resident.split()[1]) / 1024:.1f}", len((process / "maps").read_text().splitlines()), len(os.listdir(process / "fd")),
            len(os.listdir(process / "task"))]


def measure_holdings(arguments, scratch):
    row(f"what the process holds, under {RATE_MANY} requests/s", "MB", "mappings", "descriptors", "threads")
    with Host(arguments.build, scratch / "holdings", settle=0.005) as host:
        load = Load(arguments, host, RATE_MANY, "--until-eof")
        done = 0
        for count in (0, min(10, arguments.many), arguments.many // 2, arguments.many):
            while done < count:
                host.swap_to(host.next_build())
                done += 1
                if load.is_over():
                    sys.exit("the load generator ended too early")
            row(f"  after {done} swaps", *holdings(host))
        seen = load.end()
        row("  requests, all answered by a live build", seen["requests_all"])
        row("  generations that answered", seen["generations"])
        row("  ms: p50, p99, worst, sent late", *(ms(seen[key] / 1e6) for key in ("p50_us", "p99_us", "max_us", "late_p99_us")))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=SOURCE / "build/release", help="build folder (preset release)")
    parser.add_argument("--only", default=",".join(PARTS), help="which parts, with commas: " + ", ".join(PARTS))
    parser.add_argument("--swaps", type=int, metavar="N", help="of the part holdings, and nothing but that part: 10000 take some minutes")
    parser.add_argument("--quick", action="store_true", help="few swaps and short rounds: does it work at all?")
    arguments = parser.parse_args()
    if arguments.swaps is not None:
        arguments.only = "holdings"
    unknown = set(arguments.only.split(",")) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    arguments.build = arguments.build.resolve()  # the host runs in a folder of its own
    many = arguments.swaps
    arguments.swaps, arguments.rounds, arguments.seconds, arguments.many = (5, 1, 2, 20) if arguments.quick else (50, 3, 20, 1000)
    if many is not None:
        arguments.many = many
    if not (arguments.build / "bin/hookhost").exists():
        parser.error(f"{arguments.build}/bin/hookhost is not built; try: cmake --preset release && cmake --build --preset release")
    sys.stdout.reconfigure(line_buffering=True)
    with tempfile.TemporaryDirectory(prefix="hookhost-swap-") as scratch:
        for part in arguments.only.split(","):
            print(f"(load of the machine {os.getloadavg()[0]:.1f})")
            {"live": measure_live, "load": measure_load, "rollback": measure_rollback, "holdings": measure_holdings}[part](
                arguments, Path(scratch))


if __name__ == "__main__":
    main()
