"""Minutes of playback at the live edge; see edge.sh."""

import argparse
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from latency import MODES, NAMES, ROOT, Edge, Programme

ASKED = {"parts": MODES[0], "segments": MODES[2]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=ROOT / "target/release/streampack")
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--warm-up", type=float, default=12)
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--mode", choices=ASKED, default="parts")
    parser.add_argument("--only", choices=NAMES, nargs="+", help="some of the players")
    asked = parser.parse_args()
    mode, flags, players = ASKED[asked.mode]
    print(f"{mode}, {asked.seconds:g} s after {asked.warm_up:g} s, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print("| player | played | stalls | stands over 0.5 s | left out | lost frames of | behind, first 10 s | last 10 s | rate |")
    print("|---|---|---|---|---|---|---|---|---|")
    directory = Path(tempfile.mkdtemp(prefix="streampack-edge-"))
    programme = Programme(asked.binary, flags, directory, asked.size)
    edge = Edge(programme.url) if flags else None
    try:
        watched = {player: watch(player, programme.url, not flags, asked) for player in asked.only or players}
        for player, process in watched.items():
            told = json.loads(process.communicate()[0].strip().splitlines()[-1])
            print(f"| {NAMES[player]} | {' | '.join(figures(told))} |", flush=True)
    finally:
        ages = edge.end() if edge else []
        programme.end()
        shutil.rmtree(directory, ignore_errors=True)
    if ages:
        at = lambda share: ages[min(len(ages) - 1, int(share * len(ages)))]
        print(f"\nA part can be had so long after its last picture came in (median / p99 / longest): "
              f"{at(0.5):.3f} / {at(0.99):.3f} / {ages[-1]:.3f} s (of {len(ages)} parts)")
    print(f"Load at the end: {os.getloadavg()[0]:.1f}")


def watch(player, url, plain, asked):
    script = ["node", ROOT / "tests/players/live.mjs", "--player", player, "--url", url]
    script += ["--seconds", str(asked.seconds), "--warm-up", str(asked.warm_up)] + (["--plain"] if plain else [])
    return subprocess.Popen(script, stdout=subprocess.PIPE, text=True)


def figures(told):
    if told["failures"]:
        return ["; ".join(told["failures"])] + ["–"] * 7
    standing = sum(((end or 0) - begin) / 1000 for begin, end in told["stands"] if end)
    last = " and at the end" if any(end is None for _, end in told["stands"]) else ""
    skipped = sum(seconds for _, seconds in told["skips"])
    seconds = lambda name: f"{told[name]['p50']:.2f} s" if told[name] else "–"
    return [
        f"{told['played']:.1f} of {told['waited']:.1f} s", str(told["stalls"]),
        f"{len(told['stands'])} ({standing:.1f} s){last}" if told["stands"] else "0",
        f"{len(told['skips'])} ({skipped:.1f} s)" if told["skips"] else "0",
        f"{told['dropped']} of {told['frames']}", seconds("latencyFirst"), seconds("latencyLast"),
        f"{told['rate']['min']:.2f}–{told['rate']['max']:.2f}" if told["rate"] else "–",
    ]


if __name__ == "__main__":
    main()
