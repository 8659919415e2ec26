//! Strangers at the port of publishers, who know the protocol and no key.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::listened::{KEY, connected, secret, waiting};
use crate::support::TestDir;
use crate::support::publisher::{Publisher, free_port, programme};
use crate::support::run::Signal;
use crate::warnings;

/// Shakes hands as a client does (Adobe's RTMP specification 1.0 § 5.2).
fn greeted(port: u16) -> TcpStream {
    let mut stream = connected(port);
    stream.write_all(&[&[3][..], &[0; 1536]].concat()).expect("it listens");
    let mut answer = [0; 1 + 2 * 1536];
    stream.read_exact(&mut answer).expect("a handshake");
    stream.write_all(&answer[1..1537]).expect("it listens");
    stream
}

/// A chunk that begins a message (§ 5.3.1), in the chunk stream that the first bytes tell.
fn chunk(id: &[u8], length: u32, message_type: u8, bytes: &[u8]) -> Vec<u8> {
    let [_, length @ ..] = length.to_be_bytes();
    [id, &[0; 3], &length[..], &[message_type, 0, 0, 0, 0], bytes].concat()
}

/// A command in which each array holds the one before 16 times, by reference (AMF0 § 2.9).
fn growing() -> Vec<u8> {
    let array = |values: Vec<u8>| [&b"\x0a\0\0\0\x10"[..], &values].concat();
    let references = |of: u16| [&b"\x07"[..], &of.to_be_bytes()].concat().repeat(16);
    let arrays = (0..9).flat_map(|of| array(references(of)));
    let command = b"\x02\0\x01x\0\0\0\0\0\0\0\0\0\x05".iter().copied();
    command.chain(array(vec![5; 16])).chain(arrays).collect()
}

#[cfg(target_os = "linux")]
fn memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.trim_end_matches("kB").trim().parse::<u64>().expect("a number") << 10
}

#[test]
fn strangers_without_a_key_neither_end_a_programme_nor_take_its_memory() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.flv", 60, &[]);
    let key = secret(&directory, KEY);
    let (out, port) = (directory.join("out"), free_port());
    let flags = ["--stream-key-file", key.to_str().expect("text")];
    let mut live = waiting(&format!("rtmp://127.0.0.1:{port}/live"), &out, &flags);
    let publisher = Publisher::start(&source, &["-f", "flv", &format!("rtmp://127.0.0.1:{port}/live/{KEY}")]);
    assert!(live.saw("\"type\":\"live\"", 1), "{:?}", live.end());
    #[cfg(target_os = "linux")]
    let before = memory(live.id());

    // A command that takes all memory when it is decoded; 16^9 values.
    let command = growing();
    let mut stranger = greeted(port);
    let size = chunk(&[2], 4, 1, &65_536_u32.to_be_bytes());
    let sent = [size, chunk(&[3], command.len() as u32, 20, &command)].concat();
    stranger.write_all(&sent).expect("it listens");
    let mut rest = Vec::new();
    // It is cut off at once, which may look like a reset.
    let _ = stranger.read_to_end(&mut rest);

    // Many messages of 16 MiB that are announced and do not come.
    let begun = |id: u16| chunk(&[&[1][..], &id.to_le_bytes()].concat(), 0xFF_FFFF, 9, b"x");
    let size = chunk(&[2], 4, 1, &1_u32.to_be_bytes());
    let sent: Vec<u8> = size.into_iter().chain((0..30_000).flat_map(begun)).collect();
    let mut strangers = [greeted(port), greeted(port)];
    for stranger in &mut strangers {
        // It takes as much as it has room for, and no more.
        stranger.set_write_timeout(Some(std::time::Duration::from_millis(500))).expect("a socket");
        let _ = stranger.write_all(&sent);
    }
    let shown = live.seen().matches("\"type\":\"live\"").count();
    assert!(live.saw("\"type\":\"live\"", shown + 2), "{:?}", live.end());
    #[cfg(target_os = "linux")]
    assert!(memory(live.id()) < before + (200 << 20), "{} and {before} bytes", memory(live.id()));
    live.signal(Signal::Term);
    let ended = live.end().expect(143);
    drop((publisher, strangers));
    assert_eq!(warnings(&ended), Vec::<String>::new());
}
