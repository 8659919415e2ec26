#!/bin/sh
# Measures what low-latency viewers cost the server of a live programme, and whether they delay its edge.
#
#   benches/live/viewers.sh [VIEWERS] [SECONDS] [PART]     200 viewers, 15 s, parts of 0.2 s
#
# Wants target/release/streampack (make build), or STREAMPACK, ffmpeg and Node.js. See docs/bench.md.
set -eu
cd "$(dirname "$0")/../.."
viewers=${1:-200} seconds=${2:-15} part=${3:-0.2}
out=$(mktemp -d)
fifo=$out/source
mkfifo "$fifo"
python3 benches/live/clock.py --seconds 600 > "$fifo" &
source=$!
"${STREAMPACK:-target/release/streampack}" live - -o "$out/live" --serve 127.0.0.1:0 --json --low-latency --part "$part" \
	--ladder 360p@1200k --speed draft < "$fifo" > "$out/events" &
live=$!
trap 'kill $live $source 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$out"' EXIT INT TERM
until [ "$(grep -c '"type":"live"' "$out/events")" -ge 3 ]; do
	kill -0 $live
	sleep 0.2
done
url=$(sed -n 's/.*"type":"serving".*"url":"\([^"]*\)".*/\1/p' "$out/events" | head -1)
for count in 5 "$viewers"; do
	node benches/live/viewers.mjs --url "$url" --pid $live --viewers "$count" --seconds "$seconds"
done
