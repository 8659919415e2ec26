#!/bin/sh
# Measures streampack against the best single ffmpeg command, in one run, as ratios.
#
#   benches/run.sh                    on a clip that is made for it
#   benches/run.sh CLIP               on a clip of yours (natural pictures say more)
#   benches/run.sh --runs 5 --no-scaling CLIP
#
# Wants target/release/streampack (make build). See docs/bench.md.
set -eu
cd "$(dirname "$0")/.."
exec python3 benches/bench.py "$@"
