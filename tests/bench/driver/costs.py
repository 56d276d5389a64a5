# SPDX-License-Identifier: Apache-2.0
"""What a server costs beside its speed: system calls per request, memory per idle connection, time to the first answer, where the
time goes. Each looks at one server alone."""
import json
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

from driver.slices import median

PROFILE_COLUMNS_MAX = 110  # names of templates go on for pages


def system_calls_per_request(generator, server, target, body, connections, seconds):
    """(calls per request, tool), or (None, why not). perf counts without slowing the server; strace, where perf may not, slows it."""
    pids = ",".join(str(pid) for pid in server.pids())
    tools = [("perf", ["perf", "stat", "-x,", "-e", "raw_syscalls:sys_enter", "-p", pids], r"^(\d+),"),
             ("strace", ["strace", "-f", "-c", "-p", pids], r"^\s*100\.00\s+\S+\s+(?:\S+\s+)?(\d+)\s+(?:\d+\s+)?total")]
    for tool, command, pattern in tools:
        if shutil.which(tool) is None:
            continue
        watcher = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        time.sleep(0.3)  # until it is attached
        slice_ = generator.load(server, target, body, seconds, connections)
        watcher.send_signal(signal.SIGINT)
        _, words = watcher.communicate(timeout=20)
        calls = re.search(pattern, words, re.MULTILINE)
        if calls and slice_.get("requests_all"):
            return int(calls.group(1)) / slice_["requests_all"], tool
    return None, "neither perf nor strace could count"


def bytes_per_idle_connection(generator, server, target, body, connections):
    """(bytes of resident memory per held connection, None), or (None, why not). Each connection made one request before it idles."""
    generator.load(server, target, body, 0.3)  # what is allocated once is allocated now
    before = server.resident_bytes()
    command = generator.command(server, target, body, connections) + ["--hold"]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = holder.stdout.readline()
    time.sleep(0.5)  # the last answers' buffers go back to their pool
    held = server.resident_bytes() - before
    holder.stdin.close()
    words = holder.stderr.read().strip()
    holder.wait(timeout=30)
    if not line:
        return None, words
    return max(held, 0) / connections, None


def copies_of_plugin(built, folder, count):
    """Fills the folder with count copies of bench_start_many.so, each with an id, a path and a build id of its own."""
    folder.mkdir(parents=True)
    image = built.read_bytes()
    note = image.find(b"GNU\0", image.find(b"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0"))
    for number in range(count):
        copy = bytearray(image.replace(b"bench_plugin_0000", b"bench_plugin_%04d" % number))
        copy[note + 4:note + 8] = number.to_bytes(4, "little")
        (folder / f"bench_plugin_{number:04d}.so").write_bytes(copy)


def start_seconds(make_server, body, times):
    """Median seconds from the start of the process to its first answer, and the resident memory after it."""
    seconds, resident = [], []
    for number in range(times):
        server = make_server(number)
        try:
            seconds.append(server.start(body))
            resident.append(server.resident_bytes())
        finally:
            server.stop()
    return median(seconds), median(resident)


def payload_walk_ratios(binary, core):
    """Processor time of our validating walk to that of simdjson's DOM parse, per payload; empty: not built."""
    if not binary.exists():
        return {}
    done = subprocess.run(["taskset", "-c", str(core), str(binary), "--benchmark_repetitions=7", "--benchmark_min_time=0.05",
                           "--benchmark_report_aggregates_only=true", "--benchmark_enable_random_interleaving=true",
                           "--benchmark_format=json"], capture_output=True, text=True, timeout=300)
    medians = {run["run_name"]: run["cpu_time"] for run in json.loads(done.stdout)["benchmarks"] if run["aggregate_name"] == "median"}
    payloads = [name.split("/", 1)[1] for name in medians if name.startswith("walk/")]
    return {payload: medians[f"walk/{payload}"] / medians[f"dom/{payload}"] for payload in sorted(payloads)}


def profile(generator, server, target, body, scratch):
    """The functions in which the server spends at least 1 % of its time, as text; empty without perf."""
    if shutil.which("perf") is None:
        return ""
    recording = Path(scratch) / "perf.data"
    pids = ",".join(str(pid) for pid in server.pids())
    watcher = subprocess.Popen(["perf", "record", "-q", "-e", "cpu-clock", "-F", "2000", "-o", str(recording), "-p", pids],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    generator.load(server, target, body, 2.0)
    watcher.send_signal(signal.SIGINT)
    watcher.wait(timeout=20)
    return "\n".join(_report(recording, keys) for keys in ("dso", "dso,symbol"))


def _report(recording, keys):
    text = subprocess.run(["perf", "report", "-i", str(recording), "--stdio", "--percent-limit", "1", "--sort", keys],
                          capture_output=True, text=True, timeout=120).stdout
    lines = [" ".join(line.split()) for line in text.splitlines() if "%" in line and not line.startswith("#")]
    return "\n".join("  " + line.removesuffix(" - -")[:PROFILE_COLUMNS_MAX] for line in lines)


def wrk_requests_per_s(server, target, body_file, core, scratch, seconds):
    """What wrk sees, or None without it: real clients make one system call per request, as wrk does."""
    if shutil.which("wrk") is None:
        return None
    fields = "".join(f'wrk.headers["{name}"] = "{value}"\n' for name, value in server.headers().items())
    script = Path(scratch) / "post.lua"
    script.write_text(f'wrk.method = "POST"\n{fields}local file = io.open("{body_file}")\nwrk.body = file:read("*a")\nfile:close()\n')
    scheme = "https" if server.is_tls else "http"
    done = subprocess.run(["taskset", "-c", str(core), "wrk", "-t1", "-c64", f"-d{seconds}s", "-s", str(script),
                           f"{scheme}://127.0.0.1:{server.port}{target}"], capture_output=True, text=True, timeout=seconds + 30)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    return float(rate.group(1)) if rate else None
