#!/bin/sh
# Lets players stay at the live edge for minutes, and tells whether they stall, leave something out, lose frames or drift.
#
#   benches/live/edge.sh                               3 minutes, all players at once, in parts of 200 ms
#   benches/live/edge.sh --seconds 60 --mode segments  see --help
#
# Wants target/release/streampack (make build), ffmpeg, Node.js, Chromium and the players (make test installs them).
# See docs/bench.md.
set -eu
cd "$(dirname "$0")/../.."
exec python3 benches/live/edge.py "$@"
