"""What an answer costs: of a live programme's server, of `streampack serve`, and of nginx; see requests.sh."""

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from latency import HERE, ROOT, Programme

# What is asked for, of which rendition, how often in a run.
OBJECTS = [("sound of 2 s", "audio/und_aac_128k", 10_000), ("pictures of 2 s, small", "video/180p_h264", 10_000),
           ("pictures of 2 s, large", "video/360p_h264", 4_000)]
LADDER = "360p@3000k,180p@250k"
# What is asked for must stay while it is.
FLAGS = ["--dvr", "30m", "--speed", "draft"]
NGINX = """daemon off; worker_processes 1; pid {home}/pid; error_log {home}/error.log;
events {{ worker_connections 512; }}
http {{ access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 1000000;
client_body_temp_path {home}/a; proxy_temp_path {home}/b; fastcgi_temp_path {home}/c; uwsgi_temp_path {home}/d;
scgi_temp_path {home}/e; types {{ video/mp4 m4s; }} server {{ listen 127.0.0.1:{port}; root {root}; }} }}
"""


class Serve:
    """`streampack serve` of a directory."""

    def __init__(self, binary, root):
        command = [binary, "serve", root, "--addr", "127.0.0.1:0", "--json"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.url, self.worker = None, self.process.pid
        for line in self.process.stdout:
            self.url = json.loads(line).get("url")
            if self.url:
                return
        raise SystemExit("streampack serve does not start")

    def end(self):
        self.process.terminate()
        self.process.wait()


class Nginx:
    """Serves a directory with one worker."""

    def __init__(self, root):
        self.home = tempfile.mkdtemp(prefix="streampack-nginx-")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        config = Path(self.home, "nginx.conf")
        # Who works for a root's nginx is somebody else.
        user = "user root;" if os.geteuid() == 0 else ""
        config.write_text(user + NGINX.format(home=self.home, port=port, root=root))
        # Where `make test` unpacks it, and where it is installed, which is not in everybody's path.
        places = [ROOT / "tests/store/.nginx/usr/sbin/nginx", "/usr/sbin/nginx"]
        binary = next((place for place in places if os.access(place, os.X_OK)), "nginx")
        self.process = subprocess.Popen([binary, "-p", self.home, "-c", config])
        self.url = f"http://127.0.0.1:{port}/"
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for _ in range(100):
            time.sleep(0.1)
            if self.process.poll() is not None:
                raise SystemExit("nginx does not start")
            if children.read_text().split():
                break
        self.worker = children.read_text().split()[0]

    def end(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)


def spent(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().split(") ")[1].split(" ")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def alone(pid, seconds=8):
    """Processors that a server takes when nobody asks for anything."""
    before = spent(pid)
    time.sleep(seconds)
    return (spent(pid) - before) / seconds


def ask(url, path, pid, answers, idle=0.0):
    script = ["node", HERE / "requests.mjs", "--url", url, "--path", path, "--pid", str(pid)]
    script += ["--answers", str(answers), "--alone", str(idle)]
    return json.loads(subprocess.check_output(script, text=True))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=ROOT / "target/release/streampack")
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="streampack-requests-"))
    programme = Programme(asked.binary, FLAGS, directory, "640x360", LADDER)
    others = []
    print(f"{asked.runs} runs, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; microseconds of processor for an answer\n")
    print("| | bytes | live, from memory | serve, from files | nginx | live ÷ nginx | serve ÷ nginx |")
    print("|---|---|---|---|---|---|---|")
    try:
        others += [Serve(asked.binary, directory)]
        others += [Nginx(directory)]
        pid = programme.live.pid
        for name, rendition, answers in OBJECTS:
            runs = {"live": [], "serve": [], "nginx": []}
            for _ in range(asked.runs):
                idle = alone(pid)
                # The newest ones are in memory.
                path = sorted((directory / rendition).glob("segment_*.m4s"))[-1].relative_to(directory)
                runs["live"].append(ask(programme.url, path, pid, answers, idle))
                for kind, other in zip(["serve", "nginx"], others):
                    runs[kind].append(ask(other.url, path, other.worker, answers))
            if any(run["failed"] for run in sum(runs.values(), [])):
                raise SystemExit(f"{path}: some answers failed")
            live, serve, nginx = (statistics.median(run["microseconds"] for run in all) for all in runs.values())
            size = runs["nginx"][0]["bytes"]
            print(f"| {name} | {size} | {live:.0f} | {serve:.0f} | {nginx:.0f} | {live / nginx:.2f} | {serve / nginx:.2f} |", flush=True)
    finally:
        for other in others:
            other.end()
        programme.end()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
