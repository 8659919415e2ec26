"""streampack against the best single ffmpeg command for the same ladder.

Both get one clip and make the same rungs; runs alternate, so that a machine that slows down slows
both. CPU and memory are the kernel's account of each process (wait4). Quality is VMAF, measured by
a static ffmpeg with libvmaf from PyPI in a private venv. Prints Markdown; writes results.json.
"""

import argparse
import json
import math
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "target" / "bench"
STREAMPACK = ROOT / "target" / "release" / "streampack"
# Below the first of them the caps of the rungs decide alone.
FACTORS = (18, 20, 22, 24, 26, 28)
LADDER = {1080: 5000, 720: 2800, 480: 1400, 360: 800}  # short side: kb/s
AUDIO = 128  # kb/s
GOP_SECONDS = 2
SEGMENT_SECONDS = 6


UNDER = []  # what both are run under: nothing, or chrt


def run(command):
    """Runs a command to its end: wall and CPU seconds, peak memory in MiB."""
    command = UNDER + [str(part) for part in command]
    begin = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"failed ({process.returncode}): {' '.join(command)}\n{said.decode(errors='replace')[-2000:]}")
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return {
        "wall": time.monotonic() - begin,
        "cpu": usage.ru_utime + usage.ru_stime,
        "memory": usage.ru_maxrss / unit,
    }


def probe(clip):
    """Size, rate and length of a clip, and whether it has sound."""
    entries = "stream=codec_type,width,height,avg_frame_rate,duration:format=duration"
    said = subprocess.check_output(["ffprobe", "-v", "error", "-show_entries", entries, "-of", "json", clip])
    facts = json.loads(said)
    video = next(s for s in facts["streams"] if s["codec_type"] == "video")
    missing = float(facts["format"]["duration"]) - float(video.get("duration", facts["format"]["duration"]))
    if missing > 0.2:
        sys.exit(f"{clip}: the pictures end {missing:.1f} s early; streampack holds the last one, ffmpeg does not: cut it")
    return {
        "width": video["width"],
        "height": video["height"],
        "rate": Fraction(video["avg_frame_rate"]),
        "duration": float(facts["format"]["duration"]),
        "audio": any(s["codec_type"] == "audio" for s in facts["streams"]),
    }


def made_clip():
    """20 s of 1080p25 with soft, hard and noisy parts. No replacement for natural pictures."""
    clip = WORK / "made.mp4"
    if not clip.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        size = "s=1920x1080:r=25"
        pictures = (
            f"mandelbrot={size}:end_scale=0.001,trim=duration=8,setpts=PTS-STARTPTS[a];"
            f"testsrc2={size}:d=6[b];"
            f"gradients={size}:n=6:speed=0.02:d=6,noise=alls=12:allf=t,format=yuv420p[c];"
            "[a][b][c]concat=n=3,format=yuv420p[v]"
        )
        subprocess.check_call(
            ["ffmpeg", "-nostdin", "-y", "-v", "error", "-filter_complex", pictures]
            + ["-f", "lavfi", "-i", "sine=frequency=330:beep_factor=3:sample_rate=48000:d=20", "-map", "[v]", "-map", "0:a"]
            + ["-c:v", "libx264", "-preset", "veryfast", "-crf", "16", "-c:a", "aac", "-ac", "2", "-b:a", "128k", "-t", "20"]
            + ["-f", "mp4", f"{clip}.part"]
        )
        os.rename(f"{clip}.part", clip)
    return clip


def rungs_for(facts):
    short = min(facts["width"], facts["height"])
    return {side: rate for side, rate in LADDER.items() if side <= short} or {short - short % 2: 800}


def fresh(directory):
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return directory


def ffmpeg_command(clip, facts, rungs, out, sound=True):
    """One decode, one scale and one x264 veryfast at a fixed bit rate per rung, fMP4 HLS."""
    sound = sound and facts["audio"]
    wide = facts["width"] >= facts["height"]
    labels = "".join(f"[s{i}]" for i in range(len(rungs)))
    graph = [f"[0:v]split={len(rungs)}{labels}"]
    options, streams = [], []
    for i, (side, rate) in enumerate(rungs.items()):
        same = side == min(facts["width"], facts["height"])
        scale = "null" if same else (f"scale=-2:{side}" if wide else f"scale={side}:-2")
        graph.append(f"[s{i}]{scale},format=yuv420p[v{i}]")
        options += ["-map", f"[v{i}]", f"-b:v:{i}", f"{rate}k", f"-maxrate:v:{i}", f"{rate * 107 // 100}k"]
        options += [f"-bufsize:v:{i}", f"{rate * 3 // 2}k"]
        streams.append(f"v:{i},agroup:sound" if sound else f"v:{i}")
    gop = round(GOP_SECONDS * facts["rate"])
    options += ["-c:v", "libx264", "-preset", "veryfast", "-g", gop, "-keyint_min", gop, "-sc_threshold", "0"]
    options += ["-flags", "+cgop"]
    if sound:
        options += ["-map", "0:a:0", "-c:a", "aac", "-ac", "2", "-b:a", f"{AUDIO}k"]
        streams.append("a:0,agroup:sound")
    return (
        ["ffmpeg", "-nostdin", "-y", "-v", "error", "-i", clip, "-filter_complex", ";".join(graph)]
        + options
        + ["-f", "hls", "-hls_time", SEGMENT_SECONDS, "-hls_segment_type", "fmp4", "-hls_playlist_type", "vod"]
        + ["-hls_flags", "independent_segments", "-master_pl_name", "master.m3u8"]
        + ["-var_stream_map", " ".join(streams), "-hls_segment_filename", out / "%v" / "segment_%05d.m4s"]
        + [out / "%v" / "playlist.m3u8"]
    )


def streampack_command(clip, rungs, out, *flags):
    ladder = ",".join(f"{side}p@{rate}k" for side, rate in rungs.items())
    return [STREAMPACK, "encode", clip, "-o", out, "--ladder", ladder, "-q", *flags]


def size_of(directory):
    return sum(f.stat().st_size for f in directory.iterdir() if f.suffix in (".m4s", ".mp4"))


def ffmpeg_rungs(out, rungs):
    return {side: out / str(i) for i, side in enumerate(rungs)}


def streampack_rungs(out):
    names = [d for d in (out / "video").iterdir() if not d.name.endswith("_trick")]
    return {int(re.match(r"(\d+)p", d.name).group(1)): d for d in names}


def vmaf_ffmpeg():
    """A static ffmpeg with libvmaf, from PyPI; nothing when it cannot be had."""
    venv = WORK / "venv"
    python = venv / "bin" / "python"
    try:
        if not python.exists():
            subprocess.check_call([sys.executable, "-m", "venv", venv])
        asked = [python, "-c", "import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())"]
        found = subprocess.run(asked, capture_output=True, text=True)
        if found.returncode != 0:
            subprocess.check_call([python, "-m", "pip", "install", "--quiet", "imageio-ffmpeg"])
            found = subprocess.run(asked, capture_output=True, text=True, check=True)
        return found.stdout.strip()
    except (subprocess.CalledProcessError, OSError) as why:
        print(f"VMAF is not measured: {why}", file=sys.stderr)
        return None


def vmaf(ffmpeg, rung, clip, facts):
    """Harmonic mean and 1st percentile of a rung, scaled up to the source, against the source."""
    log = WORK / "vmaf.json"
    size = f"{facts['width']}:{facts['height']}"
    # FFmpeg converts between a source that names no colours and a rung that does; both get none.
    plain = "setparams=range=unknown:color_primaries=unknown:color_trc=unknown:colorspace=unknown"
    graph = (
        f"[0:v]{plain},scale={size}:flags=bicubic,format=yuv420p,setpts=PTS-STARTPTS[d];"
        f"[1:v]{plain},format=yuv420p,setpts=PTS-STARTPTS[r];"
        f"[d][r]libvmaf=log_fmt=json:log_path={log}:n_threads={os.cpu_count()}"
    )
    subprocess.check_call(
        [ffmpeg, "-nostdin", "-v", "error", "-i", rung / "playlist.m3u8", "-i", clip, "-lavfi", graph, "-f", "null", "-"]
    )
    result = json.loads(log.read_text())
    frames = sorted(frame["metrics"]["vmaf"] for frame in result["frames"])
    return {"mean": result["pooled_metrics"]["vmaf"]["harmonic_mean"], "low": frames[len(frames) // 100]}


def median(runs, what):
    return statistics.median(r[what] for r in runs)


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print(flush=True)


def compare(clip, facts, runs, flags):
    rungs = rungs_for(facts)
    ours, theirs = [], []
    out = {"streampack": WORK / "streampack", "ffmpeg": WORK / "ffmpeg"}
    for _ in range(runs):
        theirs.append(run(ffmpeg_command(clip, facts, rungs, fresh(out["ffmpeg"]))))
        ours.append(run(streampack_command(clip, rungs, fresh(out["streampack"]), *flags)))

    print(f"## Against one ffmpeg command (veryfast, fixed bit rates), median of {runs}\n")
    rows = []
    for what, unit in (("wall", "s"), ("cpu", "s"), ("memory", "MiB")):
        own, other = median(ours, what), median(theirs, what)
        rows.append([f"{what} ({unit})", f"{own:.1f}", f"{other:.1f}", f"{own / other:.2f}"])
    table(["", "streampack", "ffmpeg", "ratio"], rows)

    print("## Each rung\n")
    measure = vmaf_ffmpeg()
    own, other = streampack_rungs(out["streampack"]), ffmpeg_rungs(out["ffmpeg"], rungs)
    rows, result = [], {}
    for side in rungs:
        sizes = [size_of(own[side]), size_of(other[side])]
        row = [f"{side}p", *(f"{s * 8 / facts['duration'] / 1000:.0f}" for s in sizes), f"{sizes[0] / sizes[1]:.2f}"]
        result[side] = {"bytes": sizes}
        if measure:
            quality = [vmaf(measure, rung, clip, facts) for rung in (own[side], other[side])]
            row += [f"{q['mean']:.2f} / {q['low']:.1f}" for q in quality]
            row.append(f"{quality[0]['mean'] - quality[1]['mean']:+.2f}")
            result[side]["vmaf"] = quality
        rows.append(row)
    quality = ["VMAF streampack", "VMAF ffmpeg", "difference"] if measure else []
    table(["rung", "streampack kb/s", "ffmpeg kb/s", "ratio", *quality], rows)
    if measure:
        print("VMAF: harmonic mean / 1st percentile, scaled up to the source.\n")
    return {"streampack": ours, "ffmpeg": theirs, "rungs": result}


def each_by_itself(clip, facts, runs, flags):
    """Against a command for each rendition, as scripts do it; and what thumbnails cost."""
    rungs = rungs_for(facts)
    out = WORK / "each"

    def apart():
        parts = [{side: rate} for side, rate in rungs.items()]
        done = [run(ffmpeg_command(clip, facts, part, fresh(out), sound=i == 0)) for i, part in enumerate(parts)]
        return {"wall": sum(r["wall"] for r in done), "cpu": sum(r["cpu"] for r in done)}

    theirs, ours, bare = [], [], []
    for _ in range(runs):
        theirs.append(apart())
        ours.append(run(streampack_command(clip, rungs, fresh(out), *flags)))
        bare.append(run(streampack_command(clip, rungs, fresh(out), "--no-thumbnails", *flags)))
    shutil.rmtree(out, ignore_errors=True)

    print(f"## Against one ffmpeg command for each rendition, and without thumbnails, median of {runs}\n")
    rows = []
    for what in ("wall", "cpu"):
        own, other, without = median(ours, what), median(theirs, what), median(bare, what)
        rows.append([f"{what} (s)", f"{own:.1f}", f"{other:.1f}", f"{own / other:.2f}", f"{(own - without) / own:+.1%}"])
    table(["", "streampack", "ffmpeg, one by one", "ratio", "share of thumbnails"], rows)
    return {"streampack": ours, "without_thumbnails": bare, "ffmpeg_each": theirs}


def equal_quality(clip, facts, flags):
    """Bits that streampack takes where its VMAF is that of the ffmpeg command, from its curve over rate factors."""
    measure = vmaf_ffmpeg()
    if not measure:
        return None
    rungs = rungs_for(facts)
    out = {"streampack": WORK / "streampack", "ffmpeg": WORK / "ffmpeg"}
    run(ffmpeg_command(clip, facts, rungs, fresh(out["ffmpeg"])))
    others = ffmpeg_rungs(out["ffmpeg"], rungs)
    goal = {side: (size_of(others[side]), vmaf(measure, others[side], clip, facts)["mean"]) for side in rungs}
    curve = {side: [] for side in rungs}
    for factor in FACTORS:
        run(streampack_command(clip, rungs, fresh(out["streampack"]), "--crf", factor, *flags))
        for side, rung in streampack_rungs(out["streampack"]).items():
            curve[side].append((vmaf(measure, rung, clip, facts)["mean"], size_of(rung)))

    print(f"## Bits at equal VMAF (harmonic mean), between rate factors {FACTORS[0]} and {FACTORS[-1]}\n")
    rows = []
    for side, (size, quality) in goal.items():
        points = sorted(curve[side])
        between = [(low, high) for low, high in zip(points, points[1:]) if low[0] <= quality <= high[0]]
        if not between:
            rows.append([f"{side}p", f"{quality:.2f}", "outside of the curve", f"{points[0][0]:.2f} to {points[-1][0]:.2f}"])
            continue
        (low, few), (high, many) = between[0]
        part = (quality - low) / (high - low) if high > low else 0
        bits = math.exp(math.log(few) + part * (math.log(many) - math.log(few)))
        rows.append([f"{side}p", f"{quality:.2f}", f"{bits / size:.2f}", ""])
    table(["rung", "VMAF", "bits, streampack to ffmpeg", ""], rows)
    return {"curve": curve, "goal": goal}


def looped(clip, seconds):
    """The first `seconds` of the clip played over and over."""
    made = WORK / f"loop_{seconds}.mp4"
    subprocess.check_call(
        ["ffmpeg", "-nostdin", "-y", "-v", "error", "-stream_loop", "-1", "-i", clip, "-t", str(seconds)]
        + ["-map", "0:v:0", "-map", "0:a:0?", "-c", "copy", made]
    )
    return made


def scaling(clip, facts, flags):
    rungs = rungs_for(facts)
    out = WORK / "scaling"
    result = {"duration": {}, "rungs": {}, "jobs": {}}

    def once(kind, key, source, ladder, *more):
        result[kind][key] = run(streampack_command(source, ladder, fresh(out), *flags, *more))

    for seconds in (10, 20, 40):
        once("duration", seconds, looped(clip, seconds), rungs)
    short = looped(clip, 10)
    for count in range(1, len(rungs) + 1):
        once("rungs", count, short, dict(list(rungs.items())[-count:]))
    jobs = sorted({1, 2, os.cpu_count() or 1})
    for count in jobs:
        once("jobs", count, short, rungs, "--jobs", count)

    print("## How cost grows\n")
    rows = []
    for kind, of in (("duration", "s"), ("rungs", "smallest"), ("jobs", "")):
        first = next(iter(result[kind].values()))
        for key, r in result[kind].items():
            label = f"{kind}: {key} {of}".strip()
            rows.append([label, f"{r['wall']:.1f}", f"{r['cpu']:.1f}", f"{r['memory']:.0f}", f"{r['wall'] / first['wall']:.2f}"])
    table(["", "wall (s)", "CPU (s)", "memory (MiB)", "wall ÷ first"], rows)
    shutil.rmtree(out, ignore_errors=True)
    return result


def main():
    parser = argparse.ArgumentParser(description="streampack against the best single ffmpeg command")
    parser.add_argument("clip", nargs="?", type=Path, help="what to encode; made when not given")
    parser.add_argument("--runs", type=int, default=3, help="alternating runs of each (3)")
    parser.add_argument("--no-scaling", action="store_true", help="only the comparison")
    parser.add_argument("--each", action="store_true", help="also against an ffmpeg command for each rendition")
    parser.add_argument("--equal", action="store_true", help="also the bits at equal VMAF, which takes long")
    parser.add_argument("--flags", default="", help="more flags for streampack encode, in one word: '--speed fast'")
    parser.add_argument("--under", default="", help="a command to run both under: 'chrt -r 5' where others work too")
    arguments = parser.parse_args()
    UNDER.extend(arguments.under.split())
    if not STREAMPACK.exists():
        sys.exit(f"{STREAMPACK} is missing; run make build")
    WORK.mkdir(parents=True, exist_ok=True)
    clip = arguments.clip.resolve() if arguments.clip else made_clip()
    facts, flags = probe(clip), arguments.flags.split()
    version = subprocess.check_output([STREAMPACK, "--version"], text=True).strip()
    other = subprocess.check_output(["ffmpeg", "-version"], text=True).split(" Copyright")[0]
    what = f"{facts['width']}x{facts['height']}, {float(facts['rate']):.3f} fps, {facts['duration']:.1f} s"
    print(f"{version}; {other}; {os.cpu_count()} cores; {clip.name}: {what}\n", flush=True)
    result = {"versions": [version, other], "clip": {**facts, "name": clip.name, "rate": str(facts["rate"])}}
    result["comparison"] = compare(clip, facts, arguments.runs, flags)
    if arguments.each:
        result["each"] = each_by_itself(clip, facts, arguments.runs, flags)
    if arguments.equal:
        result["equal"] = equal_quality(clip, facts, flags)
    if not arguments.no_scaling:
        result["scaling"] = scaling(clip, facts, flags)
    (WORK / "results.json").write_text(json.dumps(result, indent=1))
    print(f"All figures: {(WORK / 'results.json').relative_to(ROOT)}")


if __name__ == "__main__":
    main()
