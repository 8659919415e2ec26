#!/bin/sh
# Compares the dates of a live programme (EXT-X-PROGRAM-DATE-TIME) with the clock that is painted into its pictures.
#
#   benches/live/dates.sh                          a minute, two renditions, parts of 200 ms
#   benches/live/dates.sh --ppm 150 --seconds 1800 a publisher whose clock is slow; see --help
#
# Wants target/release/streampack (make build) and ffmpeg. See docs/bench.md.
set -eu
cd "$(dirname "$0")/../.."
exec python3 benches/live/dates.py "$@"
