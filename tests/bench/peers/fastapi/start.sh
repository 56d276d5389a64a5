#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# start.sh PORT: becomes the server; BENCH_SECRET is the secret. Exit 69: cannot be started here, and why. Debian's own Python, since
# that is where its packages are.
set -eu
python=/usr/bin/python3
"$python" -c 'import fastapi, uvicorn, uvloop, httptools' 2>/dev/null || { echo "python3-fastapi, -uvicorn, -uvloop or -httptools is not installed" >&2; exit 69; }
cd "$(dirname "$0")"
PYTHONDONTWRITEBYTECODE=1 exec "$python" -m uvicorn app:app --host 127.0.0.1 --port "$1" --loop uvloop --http httptools --no-access-log --log-level critical
