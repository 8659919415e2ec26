//! What stands between a socket and `rtmp-rs`, which makes room for whatever a message announces and decodes each before
//! anybody has shown a key. The chunks of a connection are followed here (Adobe's RTMP specification 1.0 § 5.3) and
//! handed on as they are: before it may publish few and small ones, and never a message that grows when it is decoded.

use std::collections::HashMap;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_buf};
use tokio::sync::mpsc::Sender;

use super::{amf, script};

/// What the client sends for the handshake: C0, C1 and C2 (§ 5.2).
const HANDSHAKE: u64 = 1 + 1536 + 1536;

/// The size of chunks until another one is set (§ 5.4.1), and the largest that `rtmp-rs` takes.
const CHUNK: u32 = 128;
const LARGEST_CHUNK: u32 = 0xFF_FFFF;

/// Bytes of a command or of metadata.
const LONGEST_TEXT: u32 = 64 << 10;

/// What somebody may send who does not publish yet: some commands.
const BEFORE: Limits = Limits { streams: 8, unfinished: LONGEST_TEXT };

/// The same in all, in bytes.
const BEFORE_BYTES: usize = 64 << 10;

/// What a publisher may have under way: sound, pictures, metadata and control, and two of the largest messages.
const PUBLISHING: Limits = Limits { streams: 64, unfinished: 2 * LARGEST_CHUNK };

/// Messages that mark something, of somebody who does not publish yet, or no longer.
const EARLY: usize = 64;

/// How often it is looked whether somebody may publish.
const POLL: Duration = Duration::from_millis(10);

/// How much may be kept of a connection.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Chunk streams.
    streams: usize,
    /// Bytes of the messages that are not complete, as they are announced.
    unfinished: u32,
}

/// What is looked into.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    SetChunkSize,
    Abort,
    /// Commands (§ 7.1.1): AMF0, or marked as AMF3 and read as AMF0.
    Command,
    CommandMarked,
    /// Data (§ 7.1.2), the same.
    Data,
    DataMarked,
    #[default]
    Other,
}

impl Kind {
    fn of(message_type: u8) -> Self {
        match message_type {
            1 => Self::SetChunkSize,
            2 => Self::Abort,
            20 => Self::Command,
            17 => Self::CommandMarked,
            18 => Self::Data,
            15 => Self::DataMarked,
            _ => Self::Other,
        }
    }
}

/// A data message that marks something.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Marked {
    /// When it is, in milliseconds.
    pub(super) time: u32,
    /// All of it.
    pub(super) text: Vec<u8>,
}

/// A chunk stream: the last header, and the message that it has begun.
#[derive(Debug, Default)]
struct ChunkStream {
    length: u32,
    kind: Kind,
    /// Whether the timestamp was too large for its field.
    extended: bool,
    /// When its latest message is, in milliseconds, and how much later each is that does not say.
    time: u32,
    step: u32,
    /// How much of the message has come; none between messages.
    come: u32,
    /// These bytes, where they are looked into.
    text: Vec<u8>,
}

/// Follows the chunks of one client.
#[derive(Debug)]
struct Guard<R, W, M> {
    reader: R,
    writer: W,
    /// Whether it may publish.
    may_publish: M,
    /// Who gets data messages that mark something, which `rtmp-rs` hands to nobody.
    marked: Sender<Marked>,
    /// Those of a client who did not wait until it might publish.
    early: Vec<Marked>,
    publishes: bool,
    spent: usize,
    chunk: u32,
    streams: HashMap<u32, ChunkStream>,
}

/// Hands on what a client sends until it ends, or sends what nobody needs. What is too much for somebody who does not
/// publish waits until `may_publish` says so. What marks something is given to `marked` as well.
///
/// # Errors
/// When a side breaks off, and [`io::ErrorKind::InvalidData`] for what is refused.
pub(super) async fn hand_on(
    mut reader: impl AsyncBufRead + Unpin,
    mut writer: impl AsyncWrite + Unpin,
    may_publish: impl Fn() -> bool,
    marked: Sender<Marked>,
) -> io::Result<()> {
    let shaken = copy_buf(&mut (&mut reader).take(HANDSHAKE), &mut writer).await;
    let (early, streams) = (Vec::new(), HashMap::new());
    let mut guard =
        Guard { reader, writer, may_publish, marked, early, publishes: false, spent: 0, chunk: CHUNK, streams };
    let handed = match shaken {
        Ok(_) => guard.chunks().await,
        Err(error) => Err(error),
    };
    // The other side learns of the end, however it came; one that has gone needs no word.
    let _ = guard.writer.shutdown().await;
    handed
}

impl<R: AsyncBufRead + Unpin, W: AsyncWrite + Unpin, M: Fn() -> bool> Guard<R, W, M> {
    /// Hands on all chunks.
    async fn chunks(&mut self) -> io::Result<()> {
        while self.chunk().await? {}
        Ok(())
    }

    /// Hands on the next chunk (§ 5.3.1); false at the end.
    async fn chunk(&mut self) -> io::Result<bool> {
        let mut head = Vec::with_capacity(18);
        let Some(basic) = self.begin().await? else { return Ok(false) };
        head.push(basic);
        let (format, id) = (head[0] >> 6, head[0] & 0x3F);
        let id = match id {
            0 => 64 + u32::from(self.more(&mut head, 1).await?[0]),
            1 => {
                let bytes = self.more(&mut head, 2).await?;
                64 + u32::from(bytes[0]) + (u32::from(bytes[1]) << 8)
            }
            id => u32::from(id),
        };
        let fields = self.more(&mut head, [11, 7, 3, 0][usize::from(format)]).await?.to_vec();
        let number = |bytes: &[u8]| bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
        let last = self.streams.get(&id).map(|stream| (stream.length, stream.kind));
        let begun = self.streams.get(&id).is_some_and(|stream| stream.come > 0);
        let extended = match fields.get(..3) {
            Some(time) => number(time) == 0xFF_FFFF,
            None => self.streams.get(&id).is_some_and(|stream| stream.extended),
        };
        let mut time = fields.get(..3).map(number);
        if extended {
            let said = number(self.more(&mut head, 4).await?);
            time = time.map(|_| said);
        }
        if begun && format != 3 {
            return Err(refused("a message begins before the last one has ended"));
        }
        if !begun {
            let (length, kind) = match fields.get(3..7) {
                Some(said) => (number(&said[..3]), Kind::of(said[3])),
                None => last.unwrap_or_default(),
            };
            if kind != Kind::Other && length > LONGEST_TEXT {
                return Err(refused("a command is too long"));
            }
            self.room(id, length).await?;
            let stream = self.streams.entry(id).or_default();
            (stream.length, stream.kind, stream.extended) = (length, kind, extended);
            // An instant, or what has passed since the one before (§ 5.3.1.2).
            (stream.time, stream.step) = match (format, time) {
                (0, Some(time)) => (time, 0),
                (_, step) => {
                    let step = step.unwrap_or(stream.step);
                    (stream.time.wrapping_add(step), step)
                }
            };
        }
        let (left, kind) = self.streams.get(&id).map_or((0, Kind::Other), |of| (of.length - of.come, of.kind));
        let bytes = left.min(self.chunk);
        self.afford(head.len() + bytes as usize).await?;
        if kind == Kind::Other {
            self.writer.write_all(&head).await?;
            let copied = copy_buf(&mut (&mut self.reader).take(u64::from(bytes)), &mut self.writer).await?;
            if copied < u64::from(bytes) {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.came(id, bytes, &[]);
        } else {
            let from = head.len();
            self.more(&mut head, bytes as usize).await?;
            // The message is handed on whole only when it was looked at.
            let whole = self.came(id, bytes, &head[from..]);
            if let Some(text) = &whole {
                self.look(kind, text)?;
            }
            self.writer.write_all(&head).await?;
            if let Some(text) = whole {
                self.keep(id, kind, text);
            }
        }
        self.give().await;
        Ok(true)
    }

    /// The first byte of a chunk; nothing at the end.
    async fn begin(&mut self) -> io::Result<Option<u8>> {
        let mut first = [0];
        Ok((self.reader.read(&mut first).await? > 0).then_some(first[0]))
    }

    /// Reads so many more bytes behind those of `head`, and gives them.
    async fn more<'h>(&mut self, head: &'h mut Vec<u8>, bytes: usize) -> io::Result<&'h [u8]> {
        let from = head.len();
        head.resize(from + bytes, 0);
        self.reader.read_exact(&mut head[from..]).await?;
        Ok(&head[from..])
    }

    /// So much of the message of a chunk stream has come. Gives all of one that is complete, as far as it was kept.
    fn came(&mut self, id: u32, bytes: u32, kept: &[u8]) -> Option<Vec<u8>> {
        let stream = self.streams.get_mut(&id)?;
        stream.come += bytes;
        stream.text.extend_from_slice(kept);
        (stream.come == stream.length).then(|| {
            stream.come = 0;
            std::mem::take(&mut stream.text)
        })
    }

    /// Looks at a complete message.
    fn look(&mut self, kind: Kind, text: &[u8]) -> io::Result<()> {
        let number = text.first_chunk().map(|bytes| u32::from_be_bytes(*bytes));
        match (kind, number) {
            // § 5.4.1: the first bit is none of it.
            (Kind::SetChunkSize, Some(size)) => match size & 0x7FFF_FFFF {
                0 => return Err(refused("chunks of nothing")),
                size => self.chunk = size.min(LARGEST_CHUNK),
            },
            (Kind::Abort, Some(id)) => {
                if let Some(stream) = self.streams.get_mut(&id) {
                    stream.come = 0;
                    stream.text.clear();
                }
            }
            (Kind::Command | Kind::Data, _) => {
                amf::check(text).map_err(|_| refused("a command that grows when it is read"))?
            }
            (Kind::CommandMarked | Kind::DataMarked, _) => {
                let text = text.strip_prefix(&[0]).unwrap_or(text);
                amf::check(text).map_err(|_| refused("a command that grows when it is read"))?;
            }
            (Kind::SetChunkSize | Kind::Abort | Kind::Other, _) => {}
        }
        Ok(())
    }

    /// Keeps a message that marks something.
    fn keep(&mut self, id: u32, kind: Kind, text: Vec<u8>) {
        let text = match (kind, text.strip_prefix(&[0])) {
            (Kind::DataMarked, Some(text)) => text.to_vec(),
            (Kind::Data | Kind::DataMarked, _) => text,
            (Kind::SetChunkSize | Kind::Abort | Kind::Command | Kind::CommandMarked | Kind::Other, _) => return,
        };
        if script::marking(&text).is_some() && self.early.len() < EARLY {
            let time = self.streams.get(&id).map_or(0, |stream| stream.time);
            self.early.push(Marked { time, text });
        }
    }

    /// Gives what was marked to who wants it, once the client may publish.
    async fn give(&mut self) {
        if !self.early.is_empty() && (self.may_publish)() {
            for marked in self.early.drain(..) {
                // Who has gone wants none.
                let _ = self.marked.send(marked).await;
            }
        }
    }

    /// Waits until a message of this length may begin.
    async fn room(&mut self, id: u32, length: u32) -> io::Result<()> {
        let new = usize::from(!self.streams.contains_key(&id));
        let begun = self.streams.values().filter(|stream| stream.come > 0);
        let unfinished = begun.fold(length, |sum, stream| sum.saturating_add(stream.length));
        let count = self.streams.len() + new;
        let fits = |limits: Limits| count <= limits.streams && unfinished <= limits.unfinished;
        if !fits(PUBLISHING) {
            return Err(refused("too much at a time"));
        }
        if !fits(BEFORE) {
            self.published().await;
        }
        Ok(())
    }

    /// Waits until so many bytes may come.
    async fn afford(&mut self, bytes: usize) -> io::Result<()> {
        self.spent = self.spent.saturating_add(bytes);
        if self.spent > BEFORE_BYTES {
            self.published().await;
        }
        Ok(())
    }

    /// Waits until it may publish. Who never may is cut off by others.
    async fn published(&mut self) {
        while !self.publishes {
            self.publishes = (self.may_publish)();
            if !self.publishes {
                tokio::time::sleep(POLL).await;
            }
        }
    }
}

fn refused(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes out of the guard behind the handshake, and how it ended; nothing where it still waits.
    fn through(sent: &[u8], publishes: bool) -> (usize, Option<io::Result<()>>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let sent = [&vec![3; HANDSHAKE as usize], sent].concat();
        let mut out = Vec::new();
        let ended = runtime.block_on(async {
            let handed = hand_on(&sent[..], &mut out, || publishes, tokio::sync::mpsc::channel(1).0);
            tokio::time::timeout(100 * POLL, handed).await.ok()
        });
        assert!(sent.starts_with(&out), "bytes are handed on as they are");
        (out.len() - HANDSHAKE as usize, ended)
    }

    /// A chunk that begins a message, in a chunk stream below 64.
    fn first(id: u8, message_type: u8, length: u32, bytes: &[u8]) -> Vec<u8> {
        let [_, length @ ..] = length.to_be_bytes();
        [&[id, 0, 0, 0], &length[..], &[message_type, 0, 0, 0, 0], bytes].concat()
    }

    fn is_refused((_, ended): (usize, Option<io::Result<()>>)) -> bool {
        matches!(ended, Some(Err(error)) if error.kind() == io::ErrorKind::InvalidData)
    }

    #[test]
    fn what_an_encoder_sends_comes_through_in_its_chunks() {
        let size = first(2, 1, 4, &1000_u32.to_be_bytes());
        let command = first(3, 20, 200, &[5; 128]);
        let rest = [&[0xC3][..], &[5; 72]].concat();
        let extended = [&[4, 0xFF, 0xFF, 0xFF, 0, 0, 3, 8, 0, 0, 0, 0, 1, 0, 0, 0][..], b"abc"].concat();
        let again = [&[0xC4, 1, 0, 0, 0][..], b"abc"].concat();
        let picture = first(6, 9, 1500, &[7; 1000]);
        let end = [&[0xC6][..], &[7; 500]].concat();
        let sent = [command, rest, size, extended, again, picture, end].concat();
        let (bytes, ended) = through(&sent, false);
        assert!(bytes == sent.len() && matches!(ended, Some(Ok(()))), "{bytes} of {}: {ended:?}", sent.len());
    }

    #[test]
    fn a_command_that_grows_when_it_is_read_does_not_come_through() {
        // 16 references to an array before, in chunks.
        let array = [&b"\x0a\0\0\0\x10"[..], &b"\x07\0\0".repeat(16)].concat();
        let text = [&b"\x02\0\x01x\0\0\0\0\0\0\0\0\0"[..], &b"\x05".repeat(100), &array].concat();
        for (message_type, mark) in [(20, &b""[..]), (18, b""), (17, b"\0"), (15, b"\0")] {
            let text = [mark, &text].concat();
            let sent = [first(3, message_type, text.len() as u32, &text[..128]), [&[0xC3], &text[128..]].concat()];
            let passed = through(&sent.concat(), true);
            assert_eq!(passed.0, sent[0].len(), "the message is never complete");
            assert!(is_refused(passed), "{message_type}");
        }
    }

    #[test]
    fn who_does_not_publish_has_room_for_little() {
        // A picture, many chunk streams, and many commands wait.
        let picture = first(6, 9, 70_000, &[7; 128]);
        assert!(matches!(through(&picture, false), (0, None)));
        assert_eq!(through(&picture, true).0, picture.len());
        let begun = |id: u8| first(id, 9, 1000, &[7; 128]);
        let many: Vec<u8> = (3..23).flat_map(begun).collect();
        assert!(matches!(through(&many, false), (bytes, None) if bytes == 8 * begun(3).len()));
        assert_eq!(through(&many, true).0, many.len());
        let ping = first(2, 4, 6, &[0, 6, 0, 0, 0, 0]);
        let pings = ping.repeat(10_000);
        let passed = through(&pings, false);
        assert!(passed.0 <= BEFORE_BYTES && passed.1.is_none(), "{passed:?}");
    }

    #[test]
    fn what_nobody_needs_is_refused_to_publishers_too() {
        let streams: Vec<u8> =
            (0..70).flat_map(|id| [&[0, id][..], &first(0, 9, 200, &[7; 128])[1..]].concat()).collect();
        assert!(is_refused(through(&streams, true)));
        let large: Vec<u8> = (3..6).flat_map(|id| first(id, 9, 0xFF_FFFF, &[7; 128])).collect();
        assert!(is_refused(through(&large, true)));
        assert!(is_refused(through(&first(3, 20, 70_000, &[5; 128]), true)));
        assert!(is_refused(through(&first(2, 1, 4, &[0; 4]), true)));
        let broken = [first(3, 20, 200, &[5; 128]), first(3, 20, 200, &[5; 128])].concat();
        assert!(is_refused(through(&broken, true)));
    }

    #[test]
    fn what_marks_something_is_given_to_who_wants_it_with_its_time() {
        let cue = b"\x02\0\x0aonCuePoint\x05";
        let timed = |time: u8, message_type: u8, text: &[u8]| {
            let mut chunk = first(5, message_type, text.len() as u32, text);
            chunk[3] = time;
            chunk
        };
        // The second one says how much later it is, and the third is as much later again.
        let [second, third] = [[&[0x85, 0, 0, 40][..], cue].concat(), [&[0xC5][..], cue].concat()];
        let marked = [&[0][..], cue].concat();
        let sent =
            [timed(9, 18, b"\x02\0\x0aonMetaData\x05"), timed(7, 18, cue), second, third, timed(200, 15, &marked)];
        let sent = [vec![3; HANDSHAKE as usize], sent.concat()].concat();
        let given = |from: usize| {
            let asked = std::cell::Cell::new(0);
            let publishes = || asked.replace(asked.get() + 1) >= from;
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
            let (marked, mut given) = tokio::sync::mpsc::channel(8);
            runtime.block_on(hand_on(&sent[..], &mut Vec::new(), publishes, marked)).expect("all is well");
            std::iter::from_fn(|| given.try_recv().ok()).collect::<Vec<_>>()
        };
        let all = [7, 47, 87, 200].map(|time| Marked { time, text: cue.to_vec() });
        assert_eq!(given(0), all);
        assert_eq!(given(3), all, "it did not wait until it might publish");
        assert_eq!(given(usize::MAX), []);
    }

    #[test]
    fn a_message_that_is_given_up_makes_room_for_the_next() {
        let abort = first(2, 2, 4, &6_u32.to_be_bytes());
        let sent = [first(6, 9, 200, &[7; 128]), abort, first(6, 9, 3, b"abc")].concat();
        let (bytes, ended) = through(&sent, false);
        assert!(bytes == sent.len() && matches!(ended, Some(Ok(()))), "{ended:?}");
    }
}
