//! Programmes that FFmpeg makes up, as live sources send them.

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

/// A picture of 320x180 at 25 frames a second with a beep each second, coded as broadcasters do.
const CODED: [&str; 14] =
    ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-bf", "2", "-c:a", "aac", "-b:a", "64k", "-ac", "2"];

fn sources(seconds: u32) -> [String; 2] {
    [format!("testsrc2=size=320x180:rate=25:duration={seconds}"), format!("sine=beep_factor=4:duration={seconds}")]
}

/// Makes a file of so many seconds in `directory`; its name tells the format. More words go before it.
pub fn programme(directory: &Path, name: &str, seconds: u32, words: &[&str]) -> PathBuf {
    let path = directory.join(name);
    let [pictures, sound] = sources(seconds);
    let inputs = ["-f", "lavfi", "-i", &pictures, "-f", "lavfi", "-i", &sound];
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-y"]).args(inputs).args(CODED).args(words).arg(&path);
    let status = command.stdin(Stdio::null()).status().expect("ffmpeg is installed");
    assert!(status.success(), "ffmpeg makes {name}");
    path
}

/// Sends the bytes of a file as they are to a URL within about so much time: FFmpeg would leave out what is no media.
pub fn send_as_it_is(source: &Path, url: &str, time: Duration) {
    let mut command = Command::new("ffmpeg");
    command.args([
        "-v",
        "error",
        "-f",
        "data",
        "-i",
        "-",
        "-map",
        "0",
        "-c",
        "copy",
        "-flush_packets",
        "1",
        "-f",
        "data",
        url,
    ]);
    let mut child = command.stdin(Stdio::piped()).spawn().expect("ffmpeg is installed");
    let mut stdin = child.stdin.take().expect("it is piped");
    let bytes = std::fs::read(source).expect("readable");
    let pieces = bytes.chunks(10 * 1316);
    let each = time / u32::try_from(pieces.len()).expect("a small file");
    for piece in pieces {
        stdin.write_all(piece).expect("it is connected");
        std::thread::sleep(each);
    }
    drop(stdin);
    assert!(child.wait().expect("it ends").success());
}

/// Sends a file at the pace of its time, until it is dropped.
#[derive(Debug)]
pub struct Publisher(Child);

impl Publisher {
    /// Sends `source` as it is to where the words say.
    pub fn start(source: &Path, words: &[&str]) -> Self {
        let mut command = Command::new("ffmpeg");
        command.args(["-v", "error", "-re", "-i"]).arg(source).args(["-c", "copy"]).args(words);
        Self(command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().expect("ffmpeg is installed"))
    }

    /// Sends `source` again and again as FLV into the standard input of somebody.
    pub fn endless(source: &Path, stdin: ChildStdin) -> Self {
        let mut command = Command::new("ffmpeg");
        command.args(["-v", "error", "-stream_loop", "-1", "-re", "-i"]).arg(source);
        command.args(["-c", "copy", "-f", "flv", "-flvflags", "no_duration_filesize", "-"]);
        let child = command.stdin(Stdio::null()).stdout(stdin).stderr(Stdio::null()).spawn();
        Self(child.expect("ffmpeg is installed"))
    }
}

impl Publisher {
    /// Stops it without ending it: it says nothing more, and its connections stand.
    pub fn pause(&self) {
        self.signal("-STOP");
    }

    /// Kills it, which gives it no time to say goodbye.
    pub fn kill(&self) {
        self.signal("-KILL");
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill").args([name, &self.0.id().to_string()]).status();
        assert!(status.expect("every system has the kill command").success());
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        // One that has ended by itself cannot be killed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there are ports");
    listener.local_addr().expect("it is bound").port()
}

/// Whether FFmpeg knows the protocol of a URL; it can be built without SRT.
pub fn knows(url: &str) -> bool {
    let protocols = Command::new("ffmpeg").args(["-v", "quiet", "-protocols"]).output().expect("ffmpeg is installed");
    let name = url.split("://").next().unwrap_or_default();
    String::from_utf8_lossy(&protocols.stdout).lines().any(|line| line.trim() == name)
}
