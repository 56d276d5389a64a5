# SPDX-License-Identifier: Apache-2.0
"""A server under test: started on one core, asked until it answers, looked at through /proc, stopped by its own process group."""
import http.client
import os
import signal
import socket
import ssl
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

READY_SECONDS_MAX = 20
SECRET = "bench-5e6f1c0a9b7d4e2f"


class Unavailable(Exception):
    """The server cannot be started here; the text says why."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Server:
    name: str
    command: list  # "{port}" and "{admin_port}" stand for free ports
    environment: dict
    scratch: Path  # a folder of its own, which becomes its current folder
    core: int = None
    target: str = "/webhooks/inline_hub"
    is_tls: bool = False  # with a certificate that nobody judges
    port: int = 0
    process: subprocess.Popen = field(default=None, repr=False)

    def start(self, body):
        """Starts it and returns the seconds until the first answer to a POST of the body."""
        self.scratch.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        command = [part.format(port=self.port, admin_port=free_port()) for part in self.command]
        environment = {**os.environ, "BENCH_SECRET": SECRET, "WEBHOOK_SECRET": SECRET, "BENCH_SCRATCH": str(self.scratch),
                       **self.environment}
        began = time.monotonic()
        with open(self.scratch / "output", "wb") as output:
            self.process = subprocess.Popen(command, cwd=self.scratch, env=environment, stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=self._pin)
        while time.monotonic() - began < READY_SECONDS_MAX:
            status = self.ask(body)
            if status is not None and 200 <= status < 300:
                return time.monotonic() - began
            if self.process.poll() is not None:
                raise Unavailable(self._last_words())
            time.sleep(0.0005 if status is None else 0.05)
        self.stop()
        raise Unavailable(f"no 2xx answer within {READY_SECONDS_MAX} s, last status {status}; it said: {self._last_words()}")

    def _pin(self):
        if self.core is not None:
            os.sched_setaffinity(0, {self.core})

    def _last_words(self):
        lines = (self.scratch / "output").read_text(errors="replace").strip().splitlines()
        return " / ".join(lines[-3:]) if lines else f"it ended with exit code {self.process.returncode} and said nothing"

    def headers(self):
        return {"Content-Type": "application/json", "X-Webhook-Secret": SECRET}

    def ask(self, body):
        """The status of one POST, or None: nobody answers."""
        if self.is_tls:
            connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=5, context=ssl._create_unverified_context())
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("POST", self.target, body, self.headers())
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def pids(self):
        """The process and its descendants."""
        found, waiting = [], [self.process.pid]
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                try:
                    waiting += [int(child) for child in children.read_text().split()]
                except OSError:
                    pass  # the thread ended meanwhile
        return found

    def resident_bytes(self):
        """Resident memory of all its processes together, shared pages counted in each."""
        total = 0
        for pid in self.pids():
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1]) * 1024
        return total

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        for stop_signal in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, stop_signal)  # a session of its own: nobody else's processes
                self.process.wait(timeout=5)
                return
            except subprocess.TimeoutExpired:
                continue
            except ProcessLookupError:
                return
