"""streampack package with every way to encrypt against the same without, on the files of package.py.

Runs alternate, each into a directory of its own, so that what else the machine does hits all alike. A ratio is the
median of the ratios of a round, and the fastest run of each way is compared, too: that which nothing else disturbed.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from bench import STREAMPACK, WORK, fresh
from package import RUNGS, made, measured, spread, streampack

WAYS = {
    "clear": [],
    "cbcs": ["--encrypt", "cbcs"],
    "cenc": ["--encrypt", "cenc"],
    "clear, HLS alone": ["--no-dash"],
    "aes-128": ["--encrypt", "aes-128", "--no-dash", "--key-uri", "https://keys.example/{kid}"],
}
BASE = {"cbcs": "clear", "cenc": "clear", "aes-128": "clear, HLS alone"}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--megabytes", type=int, default=400)
    parser.add_argument("--in", dest="place", type=Path, default=WORK)
    parser.add_argument("--no-thumbnails", action="store_true", help="copy alone: all the more of it is encryption")
    parser.add_argument("--ways", nargs="*", choices=WAYS, default=list(WAYS))
    options = parser.parse_args()
    if not STREAMPACK.exists():
        sys.exit("there is no target/release/streampack; run make build")
    WORK.mkdir(parents=True, exist_ok=True)
    directory = Path(tempfile.mkdtemp(prefix="encryption-", dir=options.place))
    try:
        keys = directory / "keys.json"
        files = [made(directory, name, options.megabytes) for name in RUNGS]
        elsewhere = spread(directory)
        keys.write_text(json.dumps({"keys": [{"kid": "01" * 16, "key": os.urandom(16).hex()}]}))
        keys.chmod(0o600)
        bare = ["--no-thumbnails"] if options.no_thumbnails else []
        rounds = []
        for number in range(1 + options.runs):
            one = {}
            for at, way in enumerate(options.ways):
                given = ["--key-file", keys] if "--encrypt" in WAYS[way] else []
                out = fresh(elsewhere / f"out-{number}-{at}")
                one[way] = measured(streampack(files, out, *bare, *WAYS[way], *given), out)
            rounds.append(one)
        # The first one warms the caches.
        del rounds[0]
        size = sum(file.stat().st_size for file in files)
        stills = "without" if options.no_thumbnails else "with"
        print(f"{size / 1e6:.0f} MB in two renditions with sound, {stills} thumbnails", end=", ")
        print(f"{os.cpu_count()} cores, {options.runs} runs\n")
        print("| | wall s | CPU s | wall against clear | fastest runs |\n|---|---|---|---|---|")
        for way in options.ways:
            wall, cpu = (statistics.median(one[way][key] for one in rounds) for key in ("wall", "cpu"))
            base = BASE.get(way)
            if base in options.ways:
                ratio = statistics.median(one[way]["wall"] / one[base]["wall"] for one in rounds)
                best = min(one[way]["wall"] for one in rounds) / min(one[base]["wall"] for one in rounds)
                against = f"{(ratio - 1) * 100:+.0f} % | {(best - 1) * 100:+.0f} %"
            else:
                against = " | "
            print(f"| {way} | {wall:.2f} | {cpu:.2f} | {against} |")
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
