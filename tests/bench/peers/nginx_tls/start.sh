#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# start.sh PORT: becomes the server, with BENCH_CERT and BENCH_KEY; BENCH_SCRATCH is a folder of its own to write to. Exit 69: cannot be started here, and why.
set -eu
command -v nginx >/dev/null || { echo "nginx is not installed" >&2; exit 69; }
sed -e "s/@PORT@/$1/" -e "s#@CERT@#$BENCH_CERT#" -e "s#@KEY@#$BENCH_KEY#" "$(dirname "$0")/nginx.conf" >"$BENCH_SCRATCH/nginx.conf"
exec nginx -e stderr -p "$BENCH_SCRATCH/" -c "$BENCH_SCRATCH/nginx.conf"
