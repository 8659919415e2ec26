#!/bin/sh
# Measures what encryption adds to the time of streampack package, as a ratio.
#
#   benches/encryption.sh
#   benches/encryption.sh --runs 9 --megabytes 800 --in /dev/shm
#
# Wants target/release/streampack (make build). See docs/bench.md.
set -eu
cd "$(dirname "$0")/.."
exec python3 benches/encryption.py "$@"
