//! A publisher and a server of RTMP, and files of FLV, that hold what they are told to: FFmpeg sends no cue points.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

/// Length of a part of the handshake (Adobe's RTMP specification § 5.2).
const PART: usize = 1536;

const CHUNK: u32 = 1 << 20;

/// A string of AMF0.
fn string(text: &str) -> Vec<u8> {
    [&[2][..], &(text.len() as u16).to_be_bytes(), text.as_bytes()].concat()
}

fn number(number: f64) -> Vec<u8> {
    [&[0][..], &number.to_be_bytes()].concat()
}

/// An object of AMF0 with these values.
fn object(values: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let property = |(name, value): &(&str, Vec<u8>)| [&string(name)[1..], value].concat();
    [&[3][..], &values.iter().flat_map(property).collect::<Vec<_>>(), &[0, 0, 9]].concat()
}

/// The data message of a cue point.
pub fn cue_point(name: &str, seconds: f64) -> Vec<u8> {
    noted_cue_point(name, seconds, "a \"quoted\" <word>")
}

/// The same with this note.
pub fn noted_cue_point(name: &str, seconds: f64, note: &str) -> Vec<u8> {
    let parameters = object(&[("duration", number(seconds)), ("note", string(note))]);
    let cue = object(&[("name", string(name)), ("type", string("event")), ("parameters", parameters)]);
    [string("onCuePoint"), cue].concat()
}

fn message(stream: u8, kind: u8, time: u32, body: &[u8]) -> Vec<u8> {
    let [_, length @ ..] = (body.len() as u32).to_be_bytes();
    let [_, time @ ..] = time.to_be_bytes();
    [&[stream], &time[..], &length, &[kind, 1, 0, 0, 0], body].concat()
}

/// The tags of a file of FLV: kind, time in milliseconds, and body.
fn tags(flv: &[u8]) -> Vec<(u8, u32, Vec<u8>)> {
    let (mut rest, mut tags) = (&flv[13..], Vec::new());
    while let [kind, a, b, c, x, y, z, high, _, _, _, behind @ ..] = rest {
        let length = u32::from_be_bytes([0, *a, *b, *c]) as usize;
        tags.push((*kind, u32::from_be_bytes([*high, *x, *y, *z]), behind[..length].to_vec()));
        rest = &behind[length + 4..];
    }
    tags
}

/// The tags of a file of FLV with script tags at times in milliseconds between them.
fn with_data(flv: &Path, data: &[(u32, Vec<u8>)]) -> Vec<(u8, u32, Vec<u8>)> {
    let mut waiting = data.iter().peekable();
    let mut all = Vec::new();
    for (kind, time, body) in tags(&std::fs::read(flv).expect("readable")) {
        while let Some((time, body)) = waiting.next_if(|(due, _)| *due <= time) {
            all.push((18, *time, body.clone()));
        }
        all.push((kind, time, body));
    }
    all
}

/// A chunk for each tag.
fn messages(tags: Vec<(u8, u32, Vec<u8>)>) -> Vec<u8> {
    tags.into_iter().flat_map(|(kind, time, body)| message(4 + kind % 8, kind, time, &body)).collect()
}

/// Puts script tags at times in milliseconds into a file of FLV.
pub fn mark(flv: &Path, data: &[(u32, Vec<u8>)]) {
    let mut made = std::fs::read(flv).expect("readable")[..13].to_vec();
    for (kind, time, body) in with_data(flv, data) {
        let [_, length @ ..] = (body.len() as u32).to_be_bytes();
        let [high, time @ ..] = time.to_be_bytes();
        let behind = (body.len() as u32 + 11).to_be_bytes();
        made.extend([&[kind], &length[..], &time, &[high, 0, 0, 0], &body, &behind].concat());
    }
    std::fs::write(flv, made).expect("writable");
}

/// Serves a file of FLV to the first one who plays it at the port that it gives, as fast as it is taken, with data messages
/// at times in milliseconds. What it is asked is what players ask, in their order.
pub fn serve(flv: &Path, data: &[(u32, Vec<u8>)]) -> (u16, std::thread::JoinHandle<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("there are ports");
    let port = listener.local_addr().expect("it is bound").port();
    let made = object(&[("code", string("NetConnection.Connect.Success"))]);
    let plays = object(&[("level", string("status")), ("code", string("NetStream.Play.Start"))]);
    let answers = [
        [string("_result"), number(1.0), vec![5], made].concat(),
        [string("_result"), number(2.0), vec![5], number(1.0)].concat(),
        [string("onStatus"), number(0.0), vec![5], plays].concat(),
    ];
    let mut sent = message(2, 1, 0, &CHUNK.to_be_bytes());
    answers.iter().for_each(|answer| sent.extend(message(3, 20, 0, answer)));
    sent.extend(messages(with_data(flv, data)));
    let serving = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().expect("somebody comes");
        let mut said = vec![0; 1 + PART];
        socket.read_exact(&mut said).expect("a handshake");
        socket.write_all(&[&[3][..], &[0; PART], &said[1..]].concat()).expect("it takes the handshake");
        socket.read_exact(&mut said[1..]).expect("a handshake");
        let mut heard = socket.try_clone().expect("a socket");
        let hearing = std::thread::spawn(move || std::io::copy(&mut heard, &mut std::io::sink()));
        // Who has enough goes.
        let _ = socket.write_all(&sent);
        let _ = socket.shutdown(std::net::Shutdown::Write);
        let _ = hearing.join();
    });
    (port, serving)
}

/// Sends a file of FLV as fast as it is taken, with data messages at times in milliseconds, and goes.
pub fn publish(port: u16, application: &str, key: &str, flv: &Path, data: &[(u32, Vec<u8>)]) {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    socket.write_all(&[&[3][..], &[0; PART]].concat()).expect("it takes the handshake");
    let mut answer = vec![0; 1 + 2 * PART];
    socket.read_exact(&mut answer).expect("it answers the handshake");
    socket.write_all(&answer[1..=PART]).expect("it takes the handshake");
    // What it says is of no interest, and must be taken.
    let mut heard = socket.try_clone().expect("a socket");
    let hearing = std::thread::spawn(move || std::io::copy(&mut heard, &mut std::io::sink()));
    let connect = object(&[("app", string(application)), ("tcUrl", string("rtmp://127.0.0.1/live"))]);
    let commands = [
        [string("connect"), number(1.0), connect].concat(),
        [string("createStream"), number(2.0), vec![5]].concat(),
        [string("publish"), number(3.0), vec![5], string(key), string("live")].concat(),
    ];
    let mut sent = message(2, 1, 0, &CHUNK.to_be_bytes());
    commands.iter().for_each(|command| sent.extend(message(3, 20, 0, command)));
    sent.extend(messages(with_data(flv, data)));
    socket.write_all(&sent).expect("it takes all of it");
    socket.shutdown(std::net::Shutdown::Write).expect("it is connected");
    hearing.join().expect("no panic").expect("it closes the connection");
}
