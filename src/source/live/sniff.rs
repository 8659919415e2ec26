//! Script tags of a stream of FLV that mark something, taken from its bytes on their way to FFmpeg, which drops those whose strings are long or
//! whose time is 0 (Adobe Flash Video File Format Specification, version 10.1, annex E).

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::rtmp::script;

/// The header, and the length of no tag behind it (E.2, E.3).
const HEADER: usize = 9 + 4;

/// A tag before what it holds (E.4.1), and its length behind that.
const TAG: usize = 11;
const BEHIND: usize = 4;

/// What such a tag is.
const SCRIPT: u8 = 18;

/// No more is kept of what a tag holds, in bytes: longer ones are handed on to nobody.
const MOST: usize = (16 << 10) + 1;

/// So many tags wait at most: some seconds are read before the first one is asked for.
const WAITING: usize = 512;

/// What a script tag holds, and when it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ScriptTag {
    /// In milliseconds.
    pub(super) time: u32,
    /// All of it, but for what is more than 16 KiB.
    pub(super) body: Vec<u8>,
}

/// The script tags that have come by, but for those that only tell of the stream: some come with every picture.
#[derive(Clone, Debug, Default)]
pub(super) struct Scripts(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    found: VecDeque<ScriptTag>,
    /// Some were too many to wait.
    left_out: bool,
    /// It is FLV, as far as it has come.
    follows: bool,
}

impl Scripts {
    /// What `bytes` hold on their way.
    pub(super) fn of<R: Read>(bytes: R) -> (Sniffed<R>, Self) {
        let scripts = Self::default();
        (Sniffed { bytes, scripts: scripts.clone(), place: Place::Header(Vec::new()) }, scripts)
    }

    /// The next one that has come by.
    pub(super) fn next(&self) -> Option<ScriptTag> {
        self.lock().found.pop_front()
    }

    /// Whether some were too many, since this was asked last.
    pub(super) fn left_out(&self) -> bool {
        std::mem::take(&mut self.lock().left_out)
    }

    /// Whether all of them come by here.
    pub(super) fn follows(&self) -> bool {
        self.lock().follows
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn add(&mut self, script: ScriptTag) {
        if self.found.len() < WAITING {
            self.found.push_back(script);
        } else {
            self.left_out = true;
        }
    }
}

/// Hands bytes on as they are, and looks at them.
#[derive(Debug)]
pub(super) struct Sniffed<R> {
    bytes: R,
    scripts: Scripts,
    place: Place,
}

/// Where in the stream it is.
#[derive(Debug)]
enum Place {
    /// In the header, of which so much has come.
    Header(Vec<u8>),
    /// Before what a tag holds.
    Tag(Vec<u8>),
    /// In what it holds.
    Body(Body),
    /// It is no FLV, or no longer.
    Lost,
}

/// What a tag holds, and its length behind it.
#[derive(Debug)]
struct Body {
    script: Option<ScriptTag>,
    /// So many bytes are left to come.
    left: usize,
    /// How long the tag is, and what is said of that behind it, as far as that has come.
    length: u32,
    said: u32,
}

impl<R: Read> Read for Sniffed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(buffer)?;
        let mut rest = &buffer[..read];
        while !rest.is_empty() && !matches!(self.place, Place::Lost) {
            rest = self.look(rest);
        }
        Ok(read)
    }
}

impl<R> Sniffed<R> {
    /// Looks at the next bytes, and gives those that it has not looked at.
    fn look<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        match &mut self.place {
            Place::Header(header) => {
                let rest = fill(header, HEADER, bytes);
                if header.len() == HEADER {
                    let flv = header.starts_with(b"FLV\x01") && header[5..9] == [0, 0, 0, 9];
                    self.scripts.lock().follows = flv;
                    self.place = if flv { Place::Tag(Vec::with_capacity(TAG)) } else { Place::Lost };
                }
                rest
            }
            Place::Tag(tag) => {
                let rest = fill(tag, TAG, bytes);
                if let [kind, a, b, c, x, y, z, high, _, _, _] = tag[..] {
                    let length = u32::from_be_bytes([0, a, b, c]) as usize;
                    let time = u32::from_be_bytes([high, x, y, z]);
                    let script = (kind & 0x1F == SCRIPT).then(|| ScriptTag { time, body: Vec::new() });
                    let (left, length) = (length + BEHIND, length as u32 + TAG as u32);
                    self.place = Place::Body(Body { script, left, length, said: 0 });
                }
                rest
            }
            Place::Body(Body { script, left, length, said }) => {
                let (now, rest) = bytes.split_at(bytes.len().min(*left));
                let (held, behind) = now.split_at(now.len().min(left.saturating_sub(BEHIND)));
                if let Some(script) = script {
                    let room = MOST.saturating_sub(script.body.len());
                    script.body.extend_from_slice(&held[..held.len().min(room)]);
                }
                *said = behind.iter().fold(*said, |said, byte| said << 8 | u32::from(*byte));
                *left -= now.len();
                if *left > 0 {
                    return rest;
                }
                // FFmpeg looks for the next tag then, and finds the rest.
                let is_tag = said == length;
                let script = script.take().filter(|_| is_tag);
                self.place = if is_tag { Place::Tag(Vec::with_capacity(TAG)) } else { Place::Lost };
                let mut scripts = self.scripts.lock();
                scripts.follows = is_tag;
                script
                    .filter(|script| script::marking(&script.body).is_some())
                    .into_iter()
                    .for_each(|s| scripts.add(s));
                rest
            }
            Place::Lost => &[],
        }
    }
}

/// Fills `to` up to `length`, and gives what is left.
fn fill<'b>(to: &mut Vec<u8>, length: usize, bytes: &'b [u8]) -> &'b [u8] {
    let (now, rest) = bytes.split_at(bytes.len().min(length.saturating_sub(to.len())));
    to.extend_from_slice(now);
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: &[u8] = b"FLV\x01\x05\0\0\0\x09\0\0\0\0";

    fn tag(kind: u8, time: u32, body: &[u8]) -> Vec<u8> {
        let [_, length @ ..] = (body.len() as u32).to_be_bytes();
        let [high, time @ ..] = time.to_be_bytes();
        let behind = (body.len() as u32 + 11).to_be_bytes();
        [&[kind], &length[..], &time, &[high, 0, 0, 0], body, &behind].concat()
    }

    /// What is found in `bytes` when so many are read at a time, and whether it is still followed.
    fn found(bytes: &[u8], at_once: usize) -> (Vec<ScriptTag>, bool) {
        let (mut sniffed, scripts) = Scripts::of(bytes);
        let (mut all, mut buffer) = (Vec::new(), vec![0; at_once]);
        while let Ok(read @ 1..) = sniffed.read(&mut buffer) {
            all.extend_from_slice(&buffer[..read]);
        }
        assert!(all == bytes, "they are handed on as they are");
        (std::iter::from_fn(|| scripts.next()).collect(), scripts.follows())
    }

    /// What marks something, and so much besides.
    fn cue(more: usize) -> Vec<u8> {
        [&b"\x02\0\x0aonCuePoint"[..], &vec![7; more]].concat()
    }

    #[test]
    fn what_marks_something_is_found_however_it_is_read() {
        let (short, long) = (cue(3), cue(3000));
        let told = tag(18, 0, b"\x02\0\x0aonMetaData\x05");
        let flv = [
            START,
            &told,
            &tag(9, 0, &[1; 50]),
            &tag(18, 0, &short),
            &tag(8, 23, &[2; 9]),
            &tag(18, 0x0102_0304, &long),
        ];
        for at_once in [1, 7, 64, 4096] {
            let wanted = [(0, &short), (0x0102_0304, &long)].map(|(time, body)| ScriptTag { time, body: body.clone() });
            assert_eq!(found(&flv.concat(), at_once), (wanted.to_vec(), true), "{at_once}");
        }
        let torn = [flv.concat(), tag(18, 5, &long)[..2000].to_vec()].concat();
        assert_eq!(found(&torn, 100).0.len(), 2, "what is not whole is not told of");
    }

    #[test]
    fn what_is_no_flv_is_not_followed() {
        assert_eq!(found(&[0x47; 4000], 188), (Vec::new(), false));
        let script = |more| ScriptTag { time: 0, body: cue(more) };
        let [one, other, two] = [tag(18, 0, &cue(1)), tag(15, 0, &cue(2)), tag(18, 0, &cue(3))];
        // What FFmpeg passes over is passed over.
        assert_eq!(found(&[START, &one, &other, &two].concat(), 64), (vec![script(1), script(3)], true));
        // A length that was damaged.
        for at in [2, 3] {
            let mut damaged = other.clone();
            damaged[at] ^= 1;
            for at_once in [1, 7, 4096] {
                assert_eq!(
                    found(&[START, &one, &damaged, &two.repeat(20)].concat(), at_once),
                    (vec![script(1)], false)
                );
            }
        }
        let (tags, _) = found(&[START, &tag(18, 0, &cue(100_000))].concat(), 4096);
        assert_eq!(tags.iter().map(|tag| tag.body.len()).collect::<Vec<_>>(), [MOST]);
    }

    #[test]
    fn when_too_many_wait_that_is_told() {
        let many = [START, &tag(18, 0, &cue(1)).repeat(WAITING + 1)].concat();
        let (mut sniffed, scripts) = Scripts::of(&many[..]);
        sniffed.read_to_end(&mut Vec::new()).expect("readable");
        assert_eq!(std::iter::from_fn(|| scripts.next()).count(), WAITING);
        assert_eq!([scripts.left_out(), scripts.left_out()], [true, false]);
    }
}
