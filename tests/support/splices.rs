//! Sections of SCTE 35, and where they are put in: FFmpeg writes none.

use std::path::Path;
use std::process::Command;

/// The PID of the sections; FFmpeg has its own from 0x100 on.
const PID: u16 = 0x1F0;

/// Where FFmpeg has the PMT of its first programme.
const PMT: u16 = 0x1000;

const PACKET: usize = 188;

/// The clock of all times.
const CLOCK: f64 = 90_000.0;

/// Seconds after which times of MPEG-TS wrap.
const WRAP: f64 = (1_u64 << 33) as f64 / 90_000.0;

/// A section behind its check sum (ISO/IEC 13818-1 annex A).
fn summed(mut section: Vec<u8>) -> Vec<u8> {
    let sum = section.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ (u32::from(*byte) << 24), |sum, _| sum << 1 ^ if sum >> 31 == 1 { 0x04C1_1DB7 } else { 0 })
    });
    section.extend(sum.to_be_bytes());
    section
}

/// A time of 33 bits behind seven bits.
fn time(before: u8, seconds: f64) -> [u8; 5] {
    let ticks = (seconds * CLOCK).round() as u64;
    let [.., first, a, b, c, d] = ticks.to_be_bytes();
    [before << 1 | first & 1, a, b, c, d]
}

/// A section with this command.
fn section(kind: u8, command: &[u8], descriptors: &[u8]) -> Vec<u8> {
    let header = [0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xF0, command.len() as u8, kind];
    let [high, low] = (descriptors.len() as u16).to_be_bytes();
    let body = [&header, command, &[high, low], descriptors].concat();
    let [high, low] = (0x3000 | (body.len() as u16 + 4)).to_be_bytes();
    summed([&[0xFC, high, low][..], &body].concat())
}

/// `splice_insert`: out at `at` seconds of the clock for so long, until something leads back.
pub fn out(event: u32, at: f64, length: f64) -> Vec<u8> {
    away(event, at, time(0x3F, length))
}

/// The same, which ends by itself (`auto_return`).
pub fn out_and_back(event: u32, at: f64, length: f64) -> Vec<u8> {
    away(event, at, time(0x7F, length))
}

fn away(event: u32, at: f64, length: [u8; 5]) -> Vec<u8> {
    section(5, &[&event.to_be_bytes()[..], &[0x7F, 0xEF], &time(0x7F, at), &length, &[0; 4]].concat(), &[])
}

/// `splice_insert`: back to the programme at `at` seconds.
pub fn back(event: u32, at: f64) -> Vec<u8> {
    section(5, &[&event.to_be_bytes()[..], &[0x7F, 0x4F], &time(0x7F, at), &[0; 4]].concat(), &[])
}

/// `time_signal` at `at` seconds, with a segmentation of this event and type.
pub fn signal(event: u32, kind: u8, at: f64) -> Vec<u8> {
    let descriptor = [&[2, 15][..], b"CUEI", &event.to_be_bytes(), &[0x7F, 0xBF, 0, 0, kind, 0, 0]].concat();
    section(6, &time(0x7F, at), &descriptor)
}

/// Where each packet with a PCR is, and what that says in seconds, which go on where they wrap.
fn clocks(ts: &[u8]) -> Vec<(usize, f64)> {
    let (mut found, mut turns) = (Vec::<(usize, f64)>::new(), 0.0);
    for (at, packet) in ts.chunks_exact(PACKET).enumerate() {
        if packet[3] & 0x20 == 0 || packet[4] == 0 || packet[5] & 0x10 == 0 {
            continue;
        }
        let base = packet[6..11].iter().fold(0_u64, |base, byte| base << 8 | u64::from(*byte)) >> 7;
        let clock = base as f64 / CLOCK;
        let wrap = (1_u64 << 33) as f64 / CLOCK;
        if found.last().is_some_and(|(_, last)| clock + turns < last - wrap / 2.0) {
            turns += wrap;
        }
        found.push((at, clock + turns));
    }
    found
}

/// A packet of the beginning of a section, which is all of it.
fn packet(pid: u16, counter: u8, section: &[u8]) -> Vec<u8> {
    let [high, low] = pid.to_be_bytes();
    let mut packet = [&[0x47, 0x40 | high, low, 0x10 | counter & 0x0F, 0][..], section].concat();
    assert!(packet.len() <= PACKET, "a section of one packet");
    packet.resize(PACKET, 0xFF);
    packet
}

/// The PMT with a stream of sections in it, and the descriptor that says whose they are (SCTE 35 § 8.1).
fn pmt(own: &[u8]) -> Vec<u8> {
    let length = usize::from(own[1] & 0x0F) << 8 | usize::from(own[2]);
    let body = &own[3..3 + length - 4];
    let described = usize::from(body[7] & 0x0F) << 8 | usize::from(body[8]);
    let registration = [&[5, 4][..], b"CUEI"].concat();
    let [high, low] = (0xF000 | (described + registration.len()) as u16).to_be_bytes();
    let [pid_high, pid_low] = (0xE000 | PID).to_be_bytes();
    let stream = [0x86, pid_high, pid_low, 0xF0, 0];
    let body = [&body[..7], &[high, low], &registration, &body[9..], &stream].concat();
    let [high, low] = (0xB000 | (body.len() as u16 + 4)).to_be_bytes();
    summed([&[own[0], high, low][..], &body].concat())
}

/// Puts each section where the clock of the stream is at so many seconds.
fn inject(ts: &[u8], sections: &[(f64, Vec<u8>)]) -> Vec<u8> {
    let mut waiting = sections.iter().enumerate().peekable();
    let clocks = clocks(ts);
    let mut made = Vec::new();
    for (at, own) in ts.chunks_exact(PACKET).enumerate() {
        let clock = clocks.iter().find(|(place, _)| *place == at).map(|(_, clock)| *clock);
        while let Some((number, (_, section))) = waiting.next_if(|(_, (due, _))| clock.is_some_and(|now| now >= *due)) {
            made.extend(packet(PID, number as u8, section));
        }
        let pid = u16::from_be_bytes([own[1] & 0x1F, own[2]]);
        match pid {
            PMT => made.extend(packet(PMT, own[3], &pmt(&own[5..]))),
            _ => made.extend_from_slice(own),
        }
    }
    assert!(waiting.next().is_none(), "the stream ends before a section");
    made
}

/// Puts sections into a file of MPEG-TS.
pub fn inject_into(path: &Path, sections: &[(f64, Vec<u8>)]) {
    let made = inject(&std::fs::read(path).expect("readable"), sections);
    std::fs::write(path, made).expect("writable");
}

/// When the pictures of a file begin, by its own clock.
pub fn pictures_begin(path: &Path) -> f64 {
    let mut command = Command::new("ffprobe");
    command.args(["-v", "error", "-select_streams", "v", "-show_entries", "stream=start_time", "-of", "csv=p=0"]);
    let output = command.arg(path).output().expect("ffprobe is installed");
    let text = String::from_utf8(output.stdout).expect("text");
    let seconds: f64 = text.lines().next().expect("a line").trim().parse().expect("a number");
    // FFmpeg counts from below zero where times will wrap soon.
    if seconds < 0.0 { seconds + WRAP } else { seconds }
}
