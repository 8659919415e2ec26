#!/bin/sh
# Measures streampack package against Shaka Packager, ffmpeg -c copy and cp, in one run, as ratios.
#
#   benches/package.sh                       on clips that are made for it
#   benches/package.sh --runs 5 --megabytes 800
#   benches/package.sh --in /dev/shm         where disks are slow: everything in memory
#
# Wants target/release/streampack (make build). See docs/bench.md.
set -eu
cd "$(dirname "$0")/.."
exec python3 benches/package.py "$@"
