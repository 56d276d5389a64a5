#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs hookhost and its peers side by side on this machine and prints how they compare, with the goals beside. See README.md.

Python 3.9, standard library only. Never asserts: it ends with 0 when it could measure, whatever came out."""
import argparse
import datetime
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True  # the source tree stays as it is
from driver import costs, report, slices
from driver.server import Server, Unavailable

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
PEERS = ["nginx_tuned", "nginx_default", "nginx_tls", "epoll_floor", "plain_beast", "drogon", "webhook", "fastapi"]
TLS = "_tls"  # how the names of servers end that speak it
PEERS_LARGE_BODY = ["nginx_tuned", "epoll_floor", "plain_beast"]
BODIES = {"hub_1k.json": PEERS, "hub_23k.json": PEERS_LARGE_BODY}
SERVERS_COSTED = ["hookhost", "hookhost_tls", "epoll_floor", "nginx_tuned", "nginx_tls", "plain_beast"]
CONNECTIONS_HELD = 10_000
FILES_SPARE = 100  # what a server has open beside its connections
PLUGINS_FEW, PLUGINS_MANY = 3, 200


def say(text):
    print(text, file=sys.stderr, flush=True)


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=SOURCE / "build/release", help="build folder (preset release)")
    parser.add_argument("--hookhost", type=Path, help="the program; default: the build folder's")
    parser.add_argument("--peers", default=",".join(PEERS), help="which peers, with commas")
    parser.add_argument("--ours", help="compare this peer with the others instead of hookhost")
    parser.add_argument("--rounds", type=int, default=9, help="slices per contestant")
    parser.add_argument("--seconds", type=float, default=1.2, help="of a slice")
    parser.add_argument("--server-core", type=int, default=0)
    parser.add_argument("--generator-core", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="3 rounds of 0.5 s, 1000 idle connections: does it work at all?")
    parser.add_argument("--only", choices=["speed", "costs"], help="one half of the run")
    arguments = parser.parse_args()
    arguments.held = CONNECTIONS_HELD
    if arguments.quick:
        arguments.rounds, arguments.seconds, arguments.held = 3, 0.5, 1000
    arguments.build = arguments.build.resolve()  # the servers run in folders of their own
    arguments.bin = arguments.build / "tests/bench"
    if not (arguments.bin / "loadgen").exists():
        parser.error(f"{arguments.bin}/loadgen is not built; try: cmake --preset release && cmake --build --preset release")
    if arguments.hookhost is None:
        found = [path for path in (arguments.build / "bin/hookhost",) if path.is_file()]
        arguments.hookhost = found[0] if found else None
    return arguments


class Bench:
    def __init__(self, arguments, scratch):
        self.arguments, self.scratch = arguments, scratch
        self.generator = slices.Generator(arguments.bin / "loadgen", arguments.generator_core, HERE / "bodies")
        self.body = (HERE / "bodies/hub_1k.json").read_bytes()
        self.servers, self.skipped = {}, {}

    def hookhost(self, name, plugins, target="/webhooks/inline_hub"):
        command = [str(self.arguments.hookhost), "serve", "--plugins", str(plugins), "--listen", "127.0.0.1:{port}",
                   "--admin-listen", "127.0.0.1:{admin_port}"]
        environment = {"HOOKHOST_LIMITS__CONNECTIONS_PER_ADDRESS_MAX": "0"}  # one address plays all senders
        if name.endswith(TLS):
            environment |= {"HOOKHOST_TLS__CERT_FILE": str(self.certificate()), "HOOKHOST_TLS__KEY_FILE": str(self.scratch / "key.pem")}
        return Server(name, command, environment, self.scratch / name, self.arguments.server_core, target, name.endswith(TLS))

    def certificate(self):
        """Its file; the key is beside it. The same for every server."""
        file = self.scratch / "cert.pem"
        if not file.exists():
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                            "-subj", "/CN=localhost", "-keyout", self.scratch / "key.pem", "-out", file], check=True, capture_output=True)
        return file

    def start(self, name, server):
        try:
            server.start(self.body)
            self.servers[name] = server
        except Unavailable as why:
            self.skipped[name] = str(why)
            say(f"skipped: {name}: {why}")

    def start_all(self):
        if self.arguments.hookhost is None:
            say("skipped: hookhost: not built")
        else:
            plugins = self.scratch / "plugins"
            plugins.mkdir()
            shutil.copy(self.arguments.bin / "bench_inline_hub.so", plugins / "inline_hub.so")
            for name in ("hookhost", "hookhost" + TLS):
                self.start(name, self.hookhost(name, plugins))
        for name in self.arguments.peers.split(","):
            command = [str(HERE / "peers" / name / "start.sh"), "{port}"]
            environment = {"BENCH_BIN": str(self.arguments.bin), "BENCH_CERT": str(self.certificate()), "BENCH_KEY": str(self.scratch / "key.pem")}
            self.start(name, Server(name, command, environment, self.scratch / name, self.arguments.server_core,
                                    is_tls=name.endswith(TLS)))

    def stop_all(self):
        for server in self.servers.values():
            server.stop()

    def contestants(self, body, peers):
        found = []
        if "hookhost" in self.servers:
            found.append(slices.Contestant("inline", self.servers["hookhost"], "/webhooks/inline_hub", body))
            if body == "hub_1k.json":
                found.append(slices.Contestant("pool", self.servers["hookhost"], "/webhooks/pool_hub", body))
                found += [slices.Contestant("inline" + TLS, server, "/webhooks/inline_hub", body)
                          for name, server in self.servers.items() if name == "hookhost" + TLS]
        for name in peers:
            if name in self.servers:
                found.append(slices.Contestant(name, self.servers[name], self.servers[name].target, body))
        return found

    def goals(self, body):
        if not self.arguments.ours:
            return report.SPEED_GOALS[body]
        return [report.Goal(self.arguments.ours, peer, 0) for peer in BODIES[body] if peer in self.servers and peer != self.arguments.ours]

    def speed(self):
        """Results per body, with their ratios; prints both."""
        record, missed, ours = {}, [], {}
        for body, peers in BODIES.items():
            contestants = self.contestants(body, peers)
            if not contestants:
                continue
            ours.update({contestant.key: contestant for contestant in contestants if body == "hub_1k.json"})
            results = slices.run_rounds(self.generator, contestants, self.arguments.rounds, self.arguments.seconds,
                                        lambda text: say(f"{body}: {text}"))
            ratios, missed_here = report.print_speed(body, results, self.goals(body))
            record[body] = {"slices": results, "ratios": ratios}
            missed += missed_here
        if missed and "hookhost" in self.servers:
            for key in dict.fromkeys(goal.ours for goal in missed):
                print(f"\nwhere the time goes, {key} (hub_1k.json):")
                print(costs.profile(self.generator, ours[key].server, ours[key].target, "hub_1k.json", self.scratch))
        return record

    def costs(self):
        """What is measured: its unit, the value per server, and notes; prints it too."""
        record = {}

        def note(what, unit, name, value, remark=None):
            cost = record.setdefault(what, {"unit": unit, "values": {}, "notes": []})
            cost["values"][name] = value
            if remark:
                cost["notes"].append(remark)

        if "hookhost" in self.servers:
            note("resident after the load", "MB", "hookhost", self.servers["hookhost"].resident_bytes() / 1e6)
        for name in [name for name in SERVERS_COSTED if name in self.servers]:
            self.server_costs(name, self.servers[name], note)
        if "hookhost" in self.servers:
            self.start_costs(note)
        say("payload walk")
        for payload, value in costs.payload_walk_ratios(self.arguments.bin / "payload_bench", self.arguments.server_core).items():
            note(f"payload walk / simdjson's DOM parse, {payload}", "", "hookhost", value)
        report.print_costs(record)
        return record

    def server_costs(self, name, server, note):
        body, arguments = "hub_1k.json", self.arguments
        for connections in (64, 8):
            say(f"system calls: {name}, {connections} connections")
            calls, how = costs.system_calls_per_request(self.generator, server, server.target, body, connections,
                                                        min(arguments.seconds, 1.0))
            note(f"system calls per request, {connections} connections", "", name, calls, f"counted by {how}")
        say(f"memory: {name}, {arguments.held} connections")
        held, why_not = costs.bytes_per_idle_connection(self.generator, server, server.target, body, arguments.held)
        note("memory per idle connection", "B", name, held,
             f"{name}: {why_not}" if why_not else f"{arguments.held:,} held, one request each before")
        rate = costs.wrk_requests_per_s(server, server.target, HERE / "bodies" / body, arguments.generator_core, self.scratch, 2)
        note("wrk", "requests/s", name, rate, None if rate else "wrk is not installed")

    def start_costs(self, note):
        for count in (PLUGINS_FEW, PLUGINS_MANY):
            say(f"start with {count} plugins")
            folder = self.scratch / f"plugins_{count}"
            costs.copies_of_plugin(self.arguments.bin / "bench_start_many.so", folder, count)
            last = f"/webhooks/bench_plugin_{count - 1:04d}"
            seconds, resident = costs.start_seconds(
                lambda number: self.hookhost(f"start_{count}_{number}", folder, last), self.body, 3 if self.arguments.quick else 7)
            note(f"start to first answer, {count} plugins", "ms", "hookhost", seconds * 1e3)
            note(f"resident after start, {count} plugins", "MB", "hookhost", resident / 1e6)


def machine():
    model = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), "")
    return {"kernel": platform.release(), "cpu": model, "cores": os.cpu_count(), "load_average": os.getloadavg()}


def main():
    arguments = read_arguments()
    sys.stdout.reconfigure(line_buffering=True)
    record = {"when": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "machine": machine(),
              "rounds": arguments.rounds, "seconds": arguments.seconds}
    _, files_max = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files_max, files_max))  # inherited by the servers and the generator
    if files_max < arguments.held + FILES_SPARE:
        arguments.held = files_max - FILES_SPARE
        say(f"only {files_max} open files are allowed: {arguments.held} idle connections instead of {CONNECTIONS_HELD}")
    if os.cpu_count() < 2:
        say("one core only: the generator and the servers disturb each other, the ratios mean little")
    if os.getloadavg()[0] > 0.5:
        say(f"this machine is busy (load {os.getloadavg()[0]:.1f}): expect discarded slices, marked ~ where too few are left")
    with tempfile.TemporaryDirectory(prefix="hookhost-bench-") as scratch:
        bench = Bench(arguments, Path(scratch))
        try:
            bench.start_all()
            if arguments.only != "costs":
                record["speed"] = bench.speed()
            if arguments.only != "speed":
                record["costs"] = bench.costs()
        finally:
            bench.stop_all()
        record["skipped"] = bench.skipped
    for name, why in record["skipped"].items():
        print(f"skipped: {name}: {why}")
    results = SOURCE / "build/bench"
    results.mkdir(parents=True, exist_ok=True)
    path = results / (record["when"].replace(":", "").replace("+0000", "Z") + ".json")
    path.write_text(json.dumps(record, indent=1))
    print(f"\nevery slice: {os.path.relpath(path)}")


if __name__ == "__main__":
    main()
