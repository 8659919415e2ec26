#!/bin/sh
# Encodes a clip into demo/ and says how to play it. CLIP names the clip; without it a sample is made.
set -eu
cd "$(dirname "$0")/.."

# Where cargo builds.
TARGET=${CARGO_TARGET_DIR:-target}
SAMPLE=$TARGET/demo/sample.mp4

if [ -z "${CLIP:-}" ]; then
    CLIP=$SAMPLE
    if [ ! -s "$SAMPLE" ]; then
        echo "demo: no CLIP given, making a sample of 12 seconds: $SAMPLE" >&2
        mkdir -p "$(dirname "$SAMPLE")"
        # A picture with a clock, and a beep every second, so that eye and ear can judge the sync.
        ffmpeg -nostdin -y -v error \
            -f lavfi -i testsrc2=size=1920x1080:rate=25:duration=12 \
            -f lavfi -i sine=frequency=330:beep_factor=3:sample_rate=48000:duration=12 \
            -pix_fmt yuv420p -c:v libx264 -preset veryfast -crf 20 -c:a aac -ac 2 -b:a 128k \
            -metadata:s:a:0 language=eng -movflags +faststart -f mp4 "$SAMPLE.part"
        mv "$SAMPLE.part" "$SAMPLE"
    fi
fi

"$TARGET/release/streampack" encode "$CLIP" -o demo/

cat <<TEXT

Made in demo/:
  master.m3u8                 HLS    (Safari, iOS, Apple TV, hls.js, …)
  manifest.mpd                DASH   (dash.js, Shaka Player, Android, …) over the same segments
  thumbnails/thumbnails.vtt   preview pictures for the seek bar
  poster.jpg                  a still of the clip
  streampack.json             the report

Play it in the browser, with hls.js, dash.js or Shaka Player:
  $TARGET/release/streampack serve demo/ --open

Play it on a phone in this network too:
  $TARGET/release/streampack serve demo/ --addr 0.0.0.0:8080

Play it from the disk:
  ffplay demo/master.m3u8     (or mpv, or VLC)
TEXT
