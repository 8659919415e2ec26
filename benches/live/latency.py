"""Latency of live programmes from the painted clock to the screen; see latency.sh."""

import argparse
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from datetime import datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

# Mode, flags, players.
MODES = [
    ("parts of 200 ms", ["--low-latency", "--part", "0.2"], ["hls", "hls-catch-up", "shaka-hls", "dash", "shaka", "shaka-close"]),
    ("parts of 500 ms", ["--low-latency", "--part", "0.5"], ["hls", "hls-catch-up", "shaka-hls", "dash", "shaka", "shaka-close"]),
    ("segments of 2 s", [], ["hls", "shaka-hls", "dash", "shaka"]),
]
NAMES = {
    "hls": "hls.js",
    "hls-catch-up": "hls.js, catching up",
    "shaka-hls": "Shaka Player, HLS",
    "dash": "dash.js",
    "shaka": "Shaka Player, DASH",
    "shaka-close": "Shaka Player, DASH, by the clock",
}


class Programme:
    """A live run with the painted clock, and the URL at which it is served."""

    def __init__(self, binary, flags, directory, size, ladder="360p@1200k", clock=()):
        clock = [sys.executable, HERE / "clock.py", "--seconds", "86400", "--size", size, *clock]
        live = [binary, "live", "-", "-o", directory, "--serve", "127.0.0.1:0", "--json", "--ladder", ladder]
        self.source = subprocess.Popen(clock, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.live = subprocess.Popen([*live, *flags], stdin=self.source.stdout, stdout=subprocess.PIPE, text=True)
        self.source.stdout.close()
        self.url, segments = None, 0
        for line in self.live.stdout:
            event = json.loads(line)
            self.url = event.get("url", self.url)
            segments += event["type"] == "live"
            if segments == 3:
                break
        else:
            raise SystemExit("streampack live ended before its third segment")
        # What it says from here on is nobody's concern, and must not fill the pipe.
        threading.Thread(target=lambda: [None for _ in self.live.stdout], daemon=True).start()

    def end(self):
        self.live.send_signal(signal.SIGTERM)
        self.live.wait()
        self.source.wait()


class Edge:
    """Asks for each part as a player does, and notes how long after its end on the wall clock it is there."""

    def __init__(self, url):
        self.ages, self.over = [], threading.Event()
        self.thread = threading.Thread(target=self.follow, args=(url + "video/360p_h264/playlist.m3u8",))
        self.thread.start()

    def follow(self, url):
        asked = ""
        while not self.over.is_set():
            playlist = urllib.request.urlopen(url + asked, timeout=20).read().decode()
            now = time.time()
            number = int(re.search(r"MEDIA-SEQUENCE:(\d+)", playlist)[1]) + playlist.count("#EXTINF")
            date, tail = playlist.rsplit("#EXT-X-PROGRAM-DATE-TIME:", 1)[1].split("\n", 1)
            parts = [float(length) for length in re.findall(r"EXT-X-PART:DURATION=([\d.]+)", tail)]
            if parts and "#EXTINF" not in tail:
                begun = datetime.fromisoformat(date.replace("Z", "+00:00")).timestamp()
                self.ages.append(now - begun - sum(parts))
                asked = f"?_HLS_msn={number}&_HLS_part={len(parts)}"
            else:
                asked = f"?_HLS_msn={number}&_HLS_part=0"

    def end(self):
        self.over.set()
        self.thread.join()
        return sorted(self.ages)


def watch(player, url, plain, asked):
    script = ["node", ROOT / "tests/players/live.mjs", "--player", player, "--url", url]
    script += ["--seconds", str(asked.seconds), "--warm-up", str(asked.warm_up)] + (["--plain"] if plain else [])
    told = subprocess.run(script, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(told.strip().splitlines()[-1])


def middle(runs, *path):
    """The median over the runs of a figure."""
    def figure(run):
        for name in path:
            run = (run or {}).get(name)
        return run
    found = [value for value in map(figure, runs) if value is not None]
    return f"{statistics.median(found):.2f}" if found else "–"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=ROOT / "target/release/streampack")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--warm-up", type=float, default=12)
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--only", choices=NAMES, nargs="+", default=list(NAMES), help="some of the players")
    parser.add_argument("--modes", choices=["200", "500", "segments"], nargs="+", default=["200", "500", "segments"])
    asked = parser.parse_args()
    print(f"{asked.runs} run(s) of {asked.seconds:g} s after {asked.warm_up:g} s, {asked.size}, "
          f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print("| mode | player | p50 | p95 | max | it says | stalls | lost frames | rate | start |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    edges = []
    for mode, flags, players in MODES:
        if not any(name in mode for name in asked.modes):
            continue
        directory = tempfile.mkdtemp(prefix="streampack-live-")
        programme = Programme(asked.binary, flags, directory, asked.size)
        edge = Edge(programme.url) if flags else None
        try:
            for player in players:
                if player not in asked.only:
                    continue
                runs = [watch(player, programme.url, not flags, asked) for _ in range(asked.runs)]
                failures = [failure for run in runs for failure in run["failures"]]
                figures = [middle(runs, "latency", at) for at in ("p50", "p95", "max")]
                figures += [middle(runs, "said", "p50"), middle(runs, "stalls"), middle(runs, "dropped")]
                figures += [f'{middle(runs, "rate", "min")}–{middle(runs, "rate", "max")}', middle(runs, "started")]
                print(f"| {mode} | {NAMES[player]} | {' | '.join(figures)} |", *failures, flush=True)
        finally:
            ages = edge.end() if edge else []
            programme.end()
            shutil.rmtree(directory, ignore_errors=True)
        if ages:
            at = lambda share: ages[min(len(ages) - 1, int(share * len(ages)))]
            edges.append(f"{mode}: {at(0.5):.3f} / {at(0.99):.3f} / {ages[-1]:.3f} s (of {len(ages)} parts)")
    print("\nA part can be had so long after its last picture came in (median / p99 / longest):")
    print("\n".join(f"- {edge}" for edge in edges))
    print(f"Load at the end: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
