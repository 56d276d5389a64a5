#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long from saving a handler until its answer is the new one? `hookhost run`, with and without the precompiled header.

  edit_to_live.py [--hookhost build/release/bin/hookhost] [--saves 10]

Python 3.9, standard library only. Never asserts: it prints median, least and most of the saves of each kind."""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent.parent
PAYLOAD = (SOURCE / "tests/data/hub/dataset_push.json").read_bytes()
HANDLER = """#include <hookhost/hookhost.hpp>
using namespace hookhost;
HOOKHOST_PLUGIN("retrain", "1.0.0");

HOOKHOST_ENDPOINT(retrain) {
  if (!payload.event.is("repo.content", "update") || payload.repo.type != "dataset") return ignored();
  return accepted("SAVE {}", payload.repo.name);
}
"""


def start(hookhost, file, cache):
    environment = dict(os.environ, XDG_CACHE_HOME=str(cache))
    arguments = ["run", file, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--log-format", "json"]
    host = subprocess.Popen([hookhost, *arguments], env=environment, stdout=subprocess.PIPE, text=True)
    for line in host.stdout:
        record = json.loads(line)
        if record["msg"] == "ready":
            return host, record["webhooks"][0]
    sys.exit("hookhost did not get ready")


def answer(url):
    request = urllib.request.Request(url, PAYLOAD, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as response:
        return response.read().decode()


def measure(hookhost, saves, folder, cache):
    file = folder / "handler.cpp"
    file.write_text(HANDLER)
    host, url = start(hookhost, file, cache)
    took = []
    try:
        if os.access(cache, os.F_OK):  # the header is made after the first build
            while not any("." not in entry.name for entry in cache.glob("hookhost/*")):
                time.sleep(0.1)
        for number in range(saves):
            word = f"save-{number}"
            began = time.monotonic()
            file.write_text(HANDLER.replace("SAVE", word))
            while word not in answer(url):
                time.sleep(0.01)
            took.append(time.monotonic() - began)
    finally:
        host.terminate()
        host.communicate()
    return took


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hookhost", type=Path, default=SOURCE / "build/release/bin/hookhost")
    parser.add_argument("--saves", type=int, default=10)
    arguments = parser.parse_args()
    print("edit to live, s            median   least    most")
    for kind in ("without", "with"):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            cache = folder / "cache" if kind == "with" else Path("/dev/null/no-folder")
            if kind == "with":
                cache.mkdir()
            took = measure(arguments.hookhost, arguments.saves, folder, cache)
        print(f"{kind + ' precompiled header':26} {statistics.median(took):6.2f} {min(took):7.2f} {max(took):7.2f}")


if __name__ == "__main__":
    main()
