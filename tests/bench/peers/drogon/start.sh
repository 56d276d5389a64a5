#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# start.sh PORT: becomes the server; BENCH_BIN is where the benchmark was built. Exit 69: cannot be started here, and why.
set -eu
[ -x "$BENCH_BIN/drogon_peer" ] || { echo "Drogon was not found when the benchmark was built; Debian 12 has no package" >&2; exit 69; }
exec "$BENCH_BIN/drogon_peer" "$1"
