#!/bin/sh
# Compares what an answer of a live programme's server costs, and of streampack serve, with one of nginx, for the same
# objects in the same run.
#
#   benches/live/requests.sh [--runs 3]
#
# Wants target/release/streampack (make build), ffmpeg, Node.js and nginx (make test installs it). See docs/bench.md.
set -eu
cd "$(dirname "$0")/../.."
exec python3 benches/live/requests.py "$@"
