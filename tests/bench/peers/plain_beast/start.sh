#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# start.sh PORT: becomes the server; BENCH_BIN is where the benchmark was built. Exit 69: cannot be started here, and why.
set -eu
[ -x "$BENCH_BIN/plain_beast" ] || { echo "plain_beast is not built" >&2; exit 69; }
exec "$BENCH_BIN/plain_beast" "$1"
