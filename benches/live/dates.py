"""How true the dates of a live programme are; see dates.sh."""

import argparse
import re
import shutil
import statistics
import subprocess
import tempfile
import time
import urllib.request
from datetime import datetime

from clock import BITS
from latency import ROOT, Programme

RUNGS = {"360p": (640, 360), "180p": (320, 180)}
LADDER = "360p@1200k,180p@300k"


def get(url):
    return urllib.request.urlopen(url, timeout=20).read()


def painted(init, segment, width):
    """The time that is painted into the first picture, in seconds since 1970; nothing where it cannot be read."""
    command = "ffmpeg -v error -i - -frames:v 1 -f rawvideo -pix_fmt gray -"
    row = subprocess.run(command.split(), input=init + segment, stdout=subprocess.PIPE).stdout[2 * width : 3 * width]
    bits = "".join("1" if row[int((bit + 0.5) * width / BITS)] > 128 else "0" for bit in range(BITS))
    coded = int(bits, 2).to_bytes(BITS // 8, "big")
    if (sum(coded[:4]) + 0x5A) & 0xFF != coded[4]:
        return None
    now = int(time.time() * 1000)
    return (now - (now - int.from_bytes(coded[:4], "big")) % (1 << 32)) / 1000


class Rendition:
    """One of the playlists, and what its segments say of their time."""

    def __init__(self, url, name):
        self.base, self.width = f"{url}video/{name}_h264/", RUNGS[name][0]
        self.init, self.seen, self.unread, self.off = None, set(), 0, []

    def look(self):
        """Reads the segments that are new, and gives the end of the playlist on the wall clock."""
        playlist = get(self.base + "playlist.m3u8").decode()
        self.init = self.init or get(self.base + re.search(r'EXT-X-MAP:URI="([^"]+)"', playlist)[1])
        date, end = None, None
        for line in playlist.splitlines():
            if line.startswith("#EXT-X-PROGRAM-DATE-TIME:"):
                date = datetime.fromisoformat(line.split(":", 1)[1].replace("Z", "+00:00")).timestamp()
                end = date
            elif line.startswith("#EXTINF:") or line.startswith("#EXT-X-PART:"):
                length = float(re.search(r"(?:EXTINF:|DURATION=)([\d.]+)", line)[1])
                # Parts say again what their segment says.
                end = date + length if line.startswith("#EXTINF") else end + length
            elif not line.startswith("#") and line and line not in self.seen:
                self.seen.add(line)
                true = painted(self.init, get(self.base + line), self.width)
                self.unread += true is None
                if true is not None:
                    self.off.append(date - true)
        return end


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=ROOT / "target/release/streampack")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--ppm", type=float, default=0, help="millionths by which the publisher's clock is slow")
    parser.add_argument("--part", type=float, default=0.2, help="length of parts; 0 for none")
    asked = parser.parse_args()
    flags = ["--low-latency", "--part", str(asked.part)] if asked.part else []
    directory = tempfile.mkdtemp(prefix="streampack-dates-")
    clock = ["--ppm", str(asked.ppm)]
    programme = Programme(asked.binary, flags, directory, "640x360", LADDER, clock)
    skews = []
    try:
        renditions = {name: Rendition(programme.url, name) for name in RUNGS}
        until = time.monotonic() + asked.seconds
        while time.monotonic() < until:
            ends = [rendition.look() for rendition in renditions.values()]
            skews.append(max(ends) - min(ends))
            time.sleep(0.5)
    finally:
        programme.end()
        shutil.rmtree(directory, ignore_errors=True)
    print(f"{asked.seconds:g} s, the publisher's clock {asked.ppm:g} ppm slow; dates minus the painted clock, in seconds\n")
    print("| rendition | segments | not read | least | median | most | first ten | last ten |")
    print("|---|---|---|---|---|---|---|---|")
    for name, rendition in renditions.items():
        off = rendition.off
        figures = [min(off), statistics.median(off), max(off), statistics.mean(off[:10]), statistics.mean(off[-10:])]
        print(f"| {name} | {len(off)} | {rendition.unread} | {' | '.join(f'{figure:.3f}' for figure in figures)} |")
    print(f"\nThe playlists of both end {statistics.median(skews):.3f} s apart (median), at most {max(skews):.3f} s.")


if __name__ == "__main__":
    main()
