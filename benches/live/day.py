"""A day of a programme in minutes; see day.sh."""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

# The clip that is sent again and again: so long that both tracks end together.
RATE, SAMPLES, PACKET, CLIP_S = 25, 48000, 1024, 64
# A white picture and a tone begin every so many seconds.
EVERY_S = 4

# Where FLV's timestamps are negative for who reads them as signed.
WRAP_MS = 2**31


def clip(directory):
    """The tags of a clip: the headers, the pictures, and the packets of sound."""
    film = directory / "clip.flv"
    white = f"drawbox=c=white:t=fill:enable='lt(mod(t,{EVERY_S}),0.24)'"
    tone = f"aevalsrc='if(lt(mod(t,{EVERY_S}),0.24),0.5*sin(2*PI*1000*t),0)':s={SAMPLES}:d={CLIP_S + 1}"
    encode = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"color=black:s=160x90:r={RATE}:d={CLIP_S},{white}"]
    encode += ["-f", "lavfi", "-i", tone, "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency"]
    encode += ["-g", str(2 * RATE), "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "24k", "-ac", "1", film]
    subprocess.run(encode, check=True)
    data, at, headers, tracks = film.read_bytes(), 13, [], {9: [], 8: []}
    while at + 11 <= len(data):
        kind, size = data[at], int.from_bytes(data[at + 1:at + 4], "big")
        body = data[at + 11:at + 11 + size]
        if kind in tracks and body[1] == 1:
            tracks[kind].append(body)
        elif kind in tracks and body[1] == 0:
            headers.append((kind, body))
        at += 11 + size + 4
    pictures, sound = tracks[9], tracks[8][:CLIP_S * SAMPLES // PACKET]
    if len(pictures) != CLIP_S * RATE or len(sound) != CLIP_S * SAMPLES // PACKET:
        raise SystemExit(f"the clip has {len(pictures)} pictures and {len(sound)} packets of sound")
    return headers, pictures, sound


class Publisher(threading.Thread):
    """Sends the clip again and again with timestamps that go on."""

    def __init__(self, asked, tags, sink):
        super().__init__(daemon=True)
        self.headers, self.pictures, self.sound = tags
        self.asked, self.sink, self.sent_s, self.over = asked, sink, 0.0, threading.Event()
        self.hold, self.held = threading.Event(), threading.Event()

    def tag(self, kind, at_ms, body):
        at_ms = (self.asked.start_ms + at_ms) % 2**32
        head = bytes([kind]) + len(body).to_bytes(3, "big") + (at_ms & 0xFFFFFF).to_bytes(3, "big")
        return head + bytes([at_ms >> 24, 0, 0, 0]) + body + (len(body) + 11).to_bytes(4, "big")

    def run(self):
        try:
            self.sink.write(b"FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00")
            for kind, body in self.headers:
                self.sink.write(self.tag(kind, 0, body))
            self.send()
            self.sink.close()
        except BrokenPipeError:
            pass

    def send(self):
        fast, seconds = 1 + self.asked.ppm / 1e6, self.asked.hours * 3600
        pictures, packets = len(self.pictures), len(self.sound)
        n = k = 0
        while not self.over.is_set():
            self.sent_s = n / RATE
            if self.sent_s >= seconds:
                return
            if not self.hold.is_set() and self.sent_s >= self.asked.look_at:
                # What there is now can be looked at.
                self.held.set()
                self.hold.wait()
            tags = []
            for _ in range(2 * RATE):
                at = n * 1000 / RATE * fast
                while k * PACKET * 1000 / SAMPLES * fast <= at:
                    tags.append(self.tag(8, round(k * PACKET * 1000 / SAMPLES * fast), self.sound[k % packets]))
                    k += 1
                tags.append(self.tag(9, round(at), self.pictures[n % pictures]))
                n += 1
            self.sink.write(b"".join(tags))


def join(out, rendition):
    """What is offered of a rendition, as one file; when its first samples are decoded, and by how much FFmpeg shows pictures
    too late whose composition offsets are negative, as CMAF wants them."""
    playlist = (out / rendition / "playlist.m3u8").read_text()
    names = [line for line in playlist.splitlines() if line.endswith(".m4s")]
    film = out.parent / f"joined-{rendition.parts[0]}.mp4"
    film.write_bytes(b"".join((out / rendition / name).read_bytes() for name in ["init.mp4", *names]))
    words = ["ffprobe", "-v", "error", "-show_entries", "packet=pts_time,dts_time", "-of", "csv=p=0", film]
    told = subprocess.run(words, capture_output=True, text=True).stdout
    times = [list(map(float, line.split(",")[:2])) for line in told.splitlines()[:16]]
    begin = min(dts for _, dts in times)
    return film, begin, min(pts for pts, _ in times) - begin


def lit(film, base, late):
    """When white pictures begin, in seconds after `base`."""
    # Counted from there: FFmpeg tells six digits.
    told = subprocess.run(
        ["ffmpeg", "-hide_banner", "-nostats", "-copyts", "-i", film, "-f", "null", "-vf",
         f"setpts=PTS-{base}/TB,signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-", "-"],
        capture_output=True, text=True).stdout
    found = re.findall(r"pts_time:([-\d.]+)\s+lavfi\.signalstats\.YAVG=([\d.]+)", told)
    lights = [(float(at), float(light) > 120) for at, light in found]
    return [at - late for (at, light), (_, before) in zip(lights[1:], lights) if light and not before]


def heard(film, base):
    """When tones begin, in seconds after `base`."""
    told = subprocess.run(
        ["ffmpeg", "-hide_banner", "-nostats", "-copyts", "-i", film, "-f", "null", "-af",
         f"asetpts=PTS-{base}/TB,silencedetect=n=-30dB:d=1", "-"], capture_output=True, text=True).stderr
    return [float(at) for at in re.findall(r"silence_end: ([-\d.]+)", told)]


def apart(out):
    """By how much sound is later than its pictures, in milliseconds: the median over what is offered."""
    renditions = sorted(path.parent.relative_to(out) for path in out.glob("*/*/playlist.m3u8"))
    pictures, begin, late = join(out, next(r for r in renditions if r.parts[0] == "video"))
    sound, _, _ = join(out, next(r for r in renditions if r.parts[0] == "audio"))
    base = int(begin)
    tones = heard(sound, base)
    apart = [min((tone - seen for tone in tones), key=abs) for seen in lit(pictures, base, late)]
    apart = [seconds for seconds in apart if abs(seconds) < EVERY_S / 2]
    return statistics.median(apart) * 1000 if apart else None


def usage(pid, out):
    status = Path(f"/proc/{pid}/status").read_text()
    files = [path for path in out.rglob("*") if path.is_file()]
    return {
        "rss": int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024,
        "fds": len(os.listdir(f"/proc/{pid}/fd")),
        "threads": int(re.search(r"Threads:\s+(\d+)", status)[1]),
        "objects": sum(path.suffix in (".m4s", ".mp4") for path in files),
    }


def slope(samples):
    """Megabytes that the memory grows by in an hour of the programme, from its first hour on."""
    points = [(sample["at"] / 3600, sample["rss"]) for sample in samples if sample["at"] >= 3600]
    if len(points) < 3:
        return None
    middle = statistics.mean(at for at, _ in points)
    spread = sum((at - middle) ** 2 for at, _ in points)
    return sum((at - middle) * rss for at, rss in points) / spread if spread else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=ROOT / "target/release/streampack")
    parser.add_argument("--hours", type=float, default=24, help="of the programme")
    parser.add_argument("--minutes", type=float, default=10, help="of the wall clock, at most")
    parser.add_argument("--encode", action="store_true", help="encode (160x90, draft) instead of --copy")
    parser.add_argument("--ppm", type=float, default=0, help="the publisher's timestamps are so much too fast")
    parser.add_argument("--start-ms", type=int, help="the first timestamp [default: 31 bits are full in the middle]")
    parser.add_argument("--mpegts", action="store_true", help="send MPEG-TS; its 33 bits are full in the middle")
    parser.add_argument("--in", dest="place", help="where it is stored [default: the system's directory for temporary files]")
    asked = parser.parse_args()
    asked.look_at = min(120, asked.hours * 1800)
    half_ms = int(asked.hours * 1_800_000)
    if asked.start_ms is None:
        asked.start_ms = 0 if asked.mpegts else WRAP_MS - half_ms
    directory = Path(tempfile.mkdtemp(prefix="streampack-day-", dir=asked.place))
    out = directory / "out"
    live = [asked.binary, "live", "-", "-o", out, "--json", "--window", "6"]
    live += ["--ladder", "90p@60k", "--speed", "draft"] if asked.encode else ["--copy"]
    children = []
    try:
        tags = clip(directory)
        run = subprocess.Popen(live, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        children.append(run)
        sink = run.stdin.buffer
        if asked.mpegts:
            offset = max(0.0, 2**33 / 90000 - half_ms / 1000)
            words = ["ffmpeg", "-v", "error", "-f", "flv", "-i", "-", "-c", "copy", "-output_ts_offset", f"{offset}"]
            muxer = subprocess.Popen([*words, "-f", "mpegts", "-"], stdin=subprocess.PIPE, stdout=run.stdin)
            children.append(muxer)
            run.stdin.close()
            sink = muxer.stdin
        follow(asked, run, Publisher(asked, tags, sink), out, directory)
    finally:
        for child in children:
            child.kill()
            child.wait()
        shutil.rmtree(directory, ignore_errors=True)


def follow(asked, run, publisher, out, directory):
    numbers, edges, warnings, ended = [], [], {}, []

    def listen():
        for line in run.stdout:
            event = json.loads(line)
            if event["type"] == "live":
                numbers.append(event["segment"])
                edges.append((event["edge_s"], datetime.fromisoformat(event["edge"].replace("Z", "+00:00")).timestamp()))
            elif event["type"] == "warning":
                warnings.setdefault(event["code"], []).append(event["message"])
            elif event["type"] == "summary":
                ended.append(event)
    listener = threading.Thread(target=listen)
    begun = time.monotonic()
    listener.start()
    publisher.start()
    samples, sequences, early = [], [], None
    while run.poll() is None:
        if time.monotonic() - begun > asked.minutes * 60:
            publisher.over.set()
        if publisher.held.is_set() and not publisher.hold.is_set():
            # All that was sent has been stored when nothing changes any more.
            seen = None
            while seen != len(numbers):
                seen = len(numbers)
                time.sleep(1)
            copied = directory / "early"
            shutil.copytree(out, copied)
            early = apart(copied)
            publisher.hold.set()
        playlist = next(out.glob("video/*/playlist.m3u8"), None)
        if playlist:
            sequences.append(int(re.search(r"MEDIA-SEQUENCE:(\d+)", playlist.read_text())[1]))
        try:
            samples.append({"at": publisher.sent_s, **usage(run.pid, out)})
        except OSError:
            pass  # It has ended, or an object went while it was looked at.
        time.sleep(1)
    listener.join()
    wall = time.monotonic() - begun
    print(f"{'encoded' if asked.encode else 'copied'}: {publisher.sent_s / 3600:.2f} h in {wall:.0f} s "
          f"({publisher.sent_s / wall:.0f} times real time), exit code {run.returncode}")
    for event in ended:
        if event.get("message"):
            print(f"{event['status']}: {event['message']}")
    if not numbers:
        raise SystemExit("no segment was offered")
    playlist = next(out.glob("video/*/playlist.m3u8")).read_text()
    late = apart(out)
    gaps = sum(after - before != 1 for before, after in zip(numbers, numbers[1:]))
    back = sum(after < before for before, after in zip(sequences, sequences[1:]))
    (begin, begin_date), (end, end_date) = edges[0], edges[-1]
    number = lambda value, form: "–" if value is None else format(value, form)
    later = [sample for sample in samples if sample["at"] >= min(3600, publisher.sent_s / 2)]
    for name, value in [
        ("segments", f"{len(numbers)} (first {numbers[0]}, last {numbers[-1]}), {gaps} gaps, media sequence went back {back} times"),
        ("sound behind pictures", f"{number(early, '.0f')} ms at {asked.look_at:.0f} s, {number(late, '.0f')} ms at the end"),
        ("length", f"{end:.3f} s of {publisher.sent_s * (1 + asked.ppm / 1e6):.3f} s that were sent, "
                   f"dates are off by {(end_date - begin_date - (end - begin)) * 1000:.0f} ms"),
        ("memory", f"{later[0]['rss']:.1f} MiB, {max(s['rss'] for s in later):.1f} at most, {later[-1]['rss']:.1f} at the end, "
                   f"{number(slope(samples), '+.3f')} MiB for an hour"),
        ("file descriptors", f"{min(s['fds'] for s in later)} to {max(s['fds'] for s in later)}"),
        ("threads", f"{min(s['threads'] for s in later)} to {max(s['threads'] for s in later)}"),
        ("objects on the disk", f"{min(s['objects'] for s in later)} to {max(s['objects'] for s in later)}"),
        ("discontinuities", str(playlist.count("#EXT-X-DISCONTINUITY\n"))),
        ("warnings", ", ".join(f"{code} ({len(said)}): {said[-1]}" for code, said in warnings.items()) or "none"),
    ]:
        print(f"- {name}: {value}")


if __name__ == "__main__":
    main()
