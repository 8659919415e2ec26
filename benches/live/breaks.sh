#!/bin/sh
# Measures how long players stand when the publisher of a live programme goes and comes back (--on-loss slate and wait).
#
#   benches/live/breaks.sh                              breaks of 1, 5 and 30 s, all players: about twenty minutes
#   benches/live/breaks.sh --on-loss slate --breaks 30  see --help
#   benches/live/breaks.sh --how stop hole              a publisher who is stopped, and one behind a black hole
#
# Wants target/release/streampack (make build), ffmpeg, Node.js, Chromium and the players (make test installs them).
# See docs/bench.md.
set -eu
cd "$(dirname "$0")/../.."
exec python3 benches/live/breaks.py "$@"
