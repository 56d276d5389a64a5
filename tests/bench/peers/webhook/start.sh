#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# start.sh PORT: becomes the server; BENCH_SECRET is the secret, BENCH_SCRATCH a folder of its own to write to. Exit 69: cannot be
# started here, and why. The rule compares the secret, parses the body and does not fire, so no process is started.
set -eu
command -v webhook >/dev/null || { echo "webhook is not installed" >&2; exit 69; }
sed "s/@SECRET@/$BENCH_SECRET/" "$(dirname "$0")/hooks.json" >"$BENCH_SCRATCH/hooks.json"
exec webhook -hooks "$BENCH_SCRATCH/hooks.json" -ip 127.0.0.1 -port "$1" -urlprefix webhooks
