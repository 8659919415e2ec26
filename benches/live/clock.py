#!/usr/bin/env python3
"""A live programme with the time of day painted into each picture, as it is made: FLV on standard output.

    benches/live/clock.py [--seconds 60] [--size 640x360] [--rate 30] [--ppm 0] | streampack live - -o out/

The topmost pictures' rows hold 40 bits, each a fortieth of the width: the milliseconds since 1970 modulo 2^32, and the
sum of their bytes plus 0x5a modulo 256. `tests/players/live.js` reads them from the screen.
"""

import argparse
import subprocess
import sys
import time

BITS = 40


def strip(width, height):
    """Rows of luma that hold the time of day."""
    now = int(time.time() * 1000) % (1 << 32)
    coded = now.to_bytes(4, "big")
    coded += bytes([(sum(coded) + 0x5A) & 0xFF])
    number = int.from_bytes(coded, "big")
    row = b"".join((b"\xeb" if number >> (BITS - 1 - bit) & 1 else b"\x10") * (width // BITS) for bit in range(BITS))
    return row.ljust(width, b"\x10") * height


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--rate", type=int, default=30)
    parser.add_argument("--ppm", type=float, default=0, help="millionths by which its pictures come too seldom for their times")
    parser.add_argument("--to", default="-", metavar="URL", help="publish it (RTMP) instead")
    asked = parser.parse_args()
    width, height = map(int, asked.size.split("x"))
    high = width // BITS
    # What is below the clock moves, so that there is something to encode.
    ramp = bytes(16 + (x * 7 + x // 9) % 200 for x in range(2 * width))
    chroma = bytes([128]) * (width * height // 2)
    encode = (
        f"ffmpeg -v error -f rawvideo -pix_fmt yuv420p -s {width}x{height} -r {asked.rate} -i - "
        f"-f lavfi -i sine=frequency=440:sample_rate=48000 -map 0:v -map 1:a -shortest -c:v libx264 -preset ultrafast "
        f"-tune zerolatency -b:v 3M -maxrate 3M -bufsize 1M -g {asked.rate} -pix_fmt yuv420p -color_range tv "
        f"-c:a aac -b:a 96k -f flv -flvflags no_duration_filesize -flush_packets 1"
    )
    ffmpeg = subprocess.Popen([*encode.split(), asked.to], stdin=subprocess.PIPE)
    begun = time.monotonic()
    try:
        for frame in range(int(asked.seconds * asked.rate)):
            due = frame / asked.rate * (1 + asked.ppm / 1e6)
            time.sleep(max(0.0, begun + due - time.monotonic()))
            rows = [ramp[(y + 3 * frame) % width :][:width] for y in range(height - high)]
            ffmpeg.stdin.write(strip(width, high) + b"".join(rows) + chroma)
            ffmpeg.stdin.flush()
        ffmpeg.stdin.close()
    except BrokenPipeError:
        pass
    sys.exit(ffmpeg.wait())


if __name__ == "__main__":
    main()
