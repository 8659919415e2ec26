"""How long players stand when the publisher of a live programme goes and comes back; see breaks.sh."""

import argparse
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

MODES = [("parts of 200 ms", ["--low-latency", "--part", "0.2"]), ("segments of 2 s", [])]
PLAYERS = {"hls": "hls.js", "shaka-hls": "Shaka Player, HLS", "dash": "dash.js", "shaka": "Shaka Player, DASH"}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Way:
    """What lies between a publisher and the server, until nothing comes through it any more."""

    def __init__(self, port):
        self.to, self.open = ("127.0.0.1", port), threading.Event()
        self.open.set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                publisher, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.to)
            for one, other in ((publisher, server), (server, publisher)):
                threading.Thread(target=self.carry, args=(one, other), daemon=True).start()

    def carry(self, one, other):
        try:
            while data := one.recv(16384):
                self.open.wait()
                other.sendall(data)
        except OSError:
            pass
        # Neither hears of the other's end while nothing comes through.
        self.open.wait()
        for end in (one, other):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Programme:
    """A live run that waits for publishers, and the one whom it follows."""

    def __init__(self, asked, on_loss, flags, directory, how):
        key = directory / "key"
        key.write_text("key\n")
        key.chmod(0o600)
        port = free_port()
        self.how, self.way = how, Way(port) if how == "hole" else None
        self.url, self.target = None, f"rtmp://127.0.0.1:{self.way.port if self.way else port}/live/key"
        live = [asked.binary, "live", "--listen", f"rtmp://127.0.0.1:{port}/live", "--stream-key-file", key]
        live += ["-o", directory / "out", "--serve", "127.0.0.1:0", "--json", "--ladder", "360p@1200k,180p@300k", "--speed", "draft"]
        self.live = subprocess.Popen([*live, "--on-loss", on_loss, *asked.live, *flags], stdout=subprocess.PIPE, text=True)
        for line in self.live.stdout:
            self.url = json.loads(line).get("url")
            if self.url:
                break
        while not self.listens(port):
            time.sleep(0.05)
        self.warnings = []
        self.publish()
        segments = 0
        for line in self.live.stdout:
            segments += json.loads(line)["type"] == "live"
            if segments == 4:
                break
        else:
            raise SystemExit("streampack live ended before its fourth segment")
        threading.Thread(target=self.listen_on, daemon=True).start()

    @staticmethod
    def listens(port):
        with socket.socket() as peer:
            return peer.connect_ex(("127.0.0.1", port)) == 0

    def listen_on(self):
        for line in self.live.stdout:
            event = json.loads(line)
            if event["type"] == "warning":
                self.warnings.append((time.time(), event["code"], event["message"]))

    def publish(self):
        words = [sys.executable, HERE / "clock.py", "--seconds", "3600", "--to", self.target]
        # With a group of its own, for it has children.
        self.publisher = subprocess.Popen(words, stderr=subprocess.DEVNULL, start_new_session=True)

    def back(self, since, until):
        """When the publisher was there again, as the server has it, if it has missed him by then."""
        while time.time() < until:
            found = [at for at, code, _ in self.warnings if code == "source_back" and at > since]
            if found:
                return found[0]
            time.sleep(0.02)
        return None

    def lose(self):
        """He is killed, in the middle of a message; or stopped; or nothing of his comes through."""
        match self.how:
            case "kill":
                self.kill()
            case "stop":
                os.killpg(self.publisher.pid, signal.SIGSTOP)
            case "hole":
                self.way.open.clear()

    def find(self, since):
        """He comes again, or goes on; where the server has given him up meanwhile, another one comes."""
        returned = time.time()
        match self.how:
            case "kill":
                self.publish()
            case "stop":
                os.killpg(self.publisher.pid, signal.SIGCONT)
            case "hole":
                self.way.open.set()
        if any(code == "source_lost" and at > since for at, code, _ in self.warnings):
            if self.how != "kill":
                self.kill()
                self.publish()
            return None
        return returned

    def kill(self):
        try:
            os.killpg(self.publisher.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.publisher.wait()

    def end(self):
        self.kill()
        if self.way:
            self.way.open.set()
            self.way.listener.close()
        self.live.send_signal(signal.SIGTERM)
        self.live.wait()


def watch(player, url, plain, seconds):
    script = ["node", ROOT / "tests/players/live.mjs", "--player", player, "--url", url, "--seconds", str(seconds), "--pictures"]
    return subprocess.Popen(script + (["--plain"] if plain else []), stdout=subprocess.PIPE, text=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=ROOT / "target/release/streampack")
    parser.add_argument("--breaks", type=float, nargs="+", default=[1, 5, 30], help="seconds without a publisher")
    parser.add_argument("--after", type=float, default=45, help="seconds that are watched after his return")
    parser.add_argument("--only", choices=PLAYERS, nargs="+", default=list(PLAYERS))
    parser.add_argument("--modes", choices=["parts", "segments"], nargs="+", default=["parts", "segments"])
    parser.add_argument("--on-loss", default=["slate", "wait"], nargs="+", choices=["slate", "wait"])
    parser.add_argument("--how", default=["kill"], nargs="+", choices=["kill", "stop", "hole"],
                        help="he is killed, stopped, or his network is a black hole")
    parser.add_argument("--live", nargs="+", default=[], metavar="FLAG", help="more flags of streampack live")
    asked = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print("| on loss | mode | how | break | player | stands | goes on after the return | shows the publisher again | behind in the end |")
    print("|---|---|---|---|---|---|---|---|---|")
    for on_loss, (mode, flags), how in itertools.product(asked.on_loss, MODES, asked.how):
        if mode.split()[0] not in asked.modes:
            continue
        for seconds in asked.breaks:
            directory = Path(tempfile.mkdtemp(prefix="streampack-breaks-"))
            programme = Programme(asked, on_loss, flags, directory, how)
            try:
                watched = {player: watch(player, programme.url, not flags, 20 + seconds + asked.after) for player in asked.only}
                # Browsers start meanwhile, and players have come to rest.
                time.sleep(18)
                programme.lose()
                lost = time.time()
                time.sleep(seconds)
                goes_on = programme.find(lost)
                # One who was not missed has only gone on.
                back = programme.back(lost, time.time() + (2 if goes_on else 10)) or goes_on or time.time()
                for player, process in watched.items():
                    told = json.loads(process.communicate()[0].strip().splitlines()[-1])
                    print(f"| {on_loss} | {mode} | {how} | {seconds:g} s | {PLAYERS[player]} | {' | '.join(figures(told, lost, back))} |", flush=True)
            finally:
                programme.end()
                shutil.rmtree(directory, ignore_errors=True)
            print("".join(f"<!-- {at - back:+.1f} s: {code}: {said} -->\n" for at, code, said in programme.warnings), end="")
    print(f"\nLoad at the end: {os.getloadavg()[0]:.1f}")


def figures(told, lost, back):
    """What a player did, from the break on. What it lacks later is no matter of the break."""
    stands = [(begin / 1000, end / 1000 if end else None) for begin, end in told.get("stands", [])]
    stands = [(begin, end) for begin, end in stands if (end is None or end > lost) and begin < back + 10]
    if any(end is None for _, end in stands):
        goes_on = "not any more"
    elif stands:
        goes_on = f"{max(end for _, end in stands) - back:.1f} s"
    else:
        goes_on = "did not stand"
    runs = ", ".join(f"{begin - back:+.1f} to {'the end' if end is None else f'{end - back:+.1f}'}" for begin, end in stands)
    failures = "; ".join(told["failures"])
    # When it was painted tells who sent it.
    of_new = [at / 1000 for at, behind in told.get("pictures", []) if at / 1000 - behind > back]
    new = f"{of_new[0] - back:.1f} s" if of_new else "never"
    behind = (told.get("latencyLast") or {}).get("p50")
    return [runs or "never", goes_on, failures or new, "–" if behind is None else f"{behind:.1f} s"]


if __name__ == "__main__":
    main()
