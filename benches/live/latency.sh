#!/bin/sh
# Measures how far behind the wall clock players show a live programme, from a clock that is painted into its pictures.
#
#   benches/live/latency.sh                       one run of every player and mode: about seven minutes
#   benches/live/latency.sh --runs 5 --only hls   see --help
#
# Wants target/release/streampack (make build), ffmpeg, Node.js, Chromium and the players (make test installs them).
# See docs/bench.md.
set -eu
cd "$(dirname "$0")/../.."
exec python3 benches/live/latency.py "$@"
