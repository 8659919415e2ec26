#!/bin/sh
# Sends a day of a programme to streampack live as fast as it is taken, and tells what grows or drifts.
#
#   benches/live/day.sh                          24 h, nothing encoded, with the 31-bit wrap of FLV's timestamps: minutes
#   benches/live/day.sh --encode --hours 3       encoded; the wall clock ends it too (--minutes 10)
#   benches/live/day.sh --ppm 1000 --hours 2.4   a publisher whose clock is fast; see --help
#
# Wants target/release/streampack (make build), or --binary, and ffmpeg. See docs/bench.md.
set -eu
cd "$(dirname "$0")/../.."
exec python3 benches/live/day.py "$@"
