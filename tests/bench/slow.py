#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What do slow strangers cost the others: thousands of connections that say nothing, and a thousand heads of a byte a second? See README.md.

  slow.py [--build build/release] [--idle N] [--trickling N] [--quick]

Python 3.9, standard library only. Never asserts: it prints what it saw, and ends with an error only when it could not measure."""
import argparse
import json
import os
import resource
import selectors
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True  # the source tree stays as it is
from driver.server import SECRET, Server

SOURCE = Path(__file__).resolve().parent.parent.parent
RATE, CONNECTIONS = 2000, 16  # of those who are served: requests per second
HEAD_S, IDLE_S = 10, 75  # the host's own deadlines
QUICK_HEAD_S, QUICK_IDLE_S = 2, 5
TRICKLE = b"POST /webhooks/inline_hub HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"a" * 1000
DESCRIPTORS_SPARE = 200


def row(what, *values, goal=""):
    print(f"{what:52}" + "".join(f"{value:>12}" for value in values) + (f"   {goal}" if goal else ""), flush=True)


class Strangers:
    """Slow connections, turned by whoever calls turn(). A trickler that was ended begins again as long as is_attacking."""

    def __init__(self, port, idle, trickling):
        self.port, self.idle_count, self.trickling_count = port, idle, trickling
        self.selector = selectors.DefaultSelector()
        self.idle, self.sent = {}, {}  # socket: when it began; of tricklers how many bytes
        self.lives = {"idle": [], "trickling": []}  # seconds until the host ended each
        self.is_attacking = True
        self.next_byte = 0.0

    def connect(self, kind):
        one = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        one.setblocking(False)
        self.selector.register(one, selectors.EVENT_READ, (kind, time.monotonic()))
        if kind == "trickling":
            self.sent[one] = 0
        else:
            self.idle[one] = True

    def open(self):
        for _ in range(self.idle_count):
            self.connect("idle")
        for _ in range(self.trickling_count):
            self.connect("trickling")

    def count(self):
        return len(self.idle) + len(self.sent)

    def end(self, one, kind, began):
        self.selector.unregister(one)
        one.close()
        (self.idle if kind == "idle" else self.sent).pop(one)
        self.lives[kind].append(time.monotonic() - began)
        if kind == "trickling" and self.is_attacking:
            self.connect(kind)

    def turn(self, seconds):
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and (self.count() or self.is_attacking):
            for key, _ in self.selector.select(min(left, 0.05)):
                try:
                    is_over = not key.fileobj.recv(4096)  # the words of a 408 are let go by
                except BlockingIOError:
                    is_over = False
                except OSError:
                    is_over = True
                if is_over:
                    self.end(key.fileobj, *key.data)
            if time.monotonic() >= self.next_byte:
                self.next_byte = time.monotonic() + 1
                self.trickle()

    def trickle(self):
        for one, sent in list(self.sent.items()):
            try:
                one.send(TRICKLE[sent:sent + 1])
                self.sent[one] = sent + 1
            except OSError:
                pass  # ended: the selector says so


class Load:
    """loadgen beside the strangers: an open loop, whose latency counts from the time at which a request was due."""

    def __init__(self, arguments, port, body, seconds):
        self.process = subprocess.Popen(
            [str(arguments.build / "tests/bench/loadgen"), "--port", str(port), "--target", "/webhooks/inline_hub", "--header",
             "Content-Type: application/json", "--header", f"X-Webhook-Secret: {SECRET}", "--body", str(body), "--connections",
             str(CONNECTIONS), "--rate", str(RATE), "--seconds", str(seconds)], stdout=subprocess.PIPE, text=True)

    def end(self):
        output, _ = self.process.communicate()
        if self.process.returncode != 0:
            sys.exit("the load generator failed")
        seen = json.loads(output)
        wrong = {key: seen[key] for key in ("not_2xx", "broken", "broken_off", "reconnects", "unanswered") if seen.get(key)}
        if wrong:
            sys.exit(f"of {seen['requests_all']} requests beside the strangers: {wrong}")
        return seen


def measure(arguments, scratch):
    head_s, idle_s = (QUICK_HEAD_S, QUICK_IDLE_S) if arguments.quick else (HEAD_S, IDLE_S)
    config = scratch / "hookhost.toml"
    config.write_text(f'loops = 1\n[limits]\nconnections_per_address_max = 0\nhead_timeout = "{head_s}s"\nidle_timeout = "{idle_s}s"\n')
    plugins = scratch / "plugins"
    plugins.mkdir()
    shutil.copy(arguments.build / "tests/bench/bench_inline_hub.so", plugins / "inline_hub.so")
    body = SOURCE / "tests/bench/bodies/hub_1k.json"
    server = Server("hookhost", [str(arguments.build / "bin/hookhost"), "serve", "--config", str(config), "--plugins", str(plugins), "--listen",
                                 "127.0.0.1:{port}", "--admin-listen", "127.0.0.1:{admin_port}"], {}, scratch / "host", core=0)
    server.start(body.read_bytes())
    try:
        alone = [Load(arguments, server.port, body, arguments.seconds).end() for _ in range(arguments.rounds)]
        before = server.resident_bytes()
        strangers = Strangers(server.port, arguments.idle, arguments.trickling)
        strangers.open()
        beside = []
        for _ in range(arguments.rounds):
            load = Load(arguments, server.port, body, arguments.seconds)
            while load.process.poll() is None:
                strangers.turn(0.2)
            beside.append(load.end())
        row(f"{arguments.idle} silent and {arguments.trickling} trickling connections; {RATE}/s", "p50 ms", "p99 ms", "worst ms")
        for what, seen in (("  alone", alone), ("  beside them", beside)):
            row(what, *(f"{statistics.median(one[key] for one in seen) / 1e3:.2f}" for key in ("p50_us", "p99_us", "max_us")))
        ratio = statistics.median(one["p99_us"] for one in beside) / statistics.median(one["p99_us"] for one in alone)
        row("  p99 beside / alone", "", f"{ratio:.2f}", goal="1.5 at most")
        grown = server.resident_bytes() - before
        ceiling = (arguments.idle + arguments.trickling) * 2 * 32 * 1024
        row("  memory, MB: grown, ceiling of two blocks each", f"{grown / 1e6:.1f}", f"{ceiling / 1e6:.1f}")
        strangers.is_attacking = False
        strangers.turn(2 * idle_s)
        row("  connections that the host did not end", strangers.count(), goal="0")
        for kind, deadline in (("idle", idle_s), ("trickling", head_s)):
            lives = strangers.lives[kind] or [0]
            row(f"  {kind}: s until ended: first, last", f"{min(lives):.1f}", f"{max(lives):.1f}", goal=f"{deadline} and a tick")
    finally:
        server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=SOURCE / "build/release")
    parser.add_argument("--idle", type=int, default=10_000)
    parser.add_argument("--trickling", type=int, default=1_000)
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    arguments.build = arguments.build.resolve()
    arguments.rounds, arguments.seconds = (1, 2) if arguments.quick else (3, 10)
    wanted = arguments.idle + arguments.trickling + DESCRIPTORS_SPARE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        arguments.idle = max(0, hard - arguments.trickling - DESCRIPTORS_SPARE)
        print(f"the limit of open files is {hard}: {arguments.idle} silent connections")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, wanted)) if hard != resource.RLIM_INFINITY else wanted, hard))
    os.sched_setaffinity(0, os.sched_getaffinity(0) - {0} or {0})
    with tempfile.TemporaryDirectory(prefix="hookhost-slow-") as scratch:
        measure(arguments, Path(scratch))


if __name__ == "__main__":
    main()
