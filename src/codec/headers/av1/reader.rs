//! Frame headers of AV1 (AV1 § 5.9), read by the parser of `cros-codecs`.
//!
//! That parser stays on the thread it was made on, as it counts references without locks, and it asserts some of what a
//! stream should hold. A thread of its own lets tracks be handed from one worker to another, and makes a failed assertion
//! an error.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use cros_codecs::codec::av1::parser::{ObuAction, ObuType, Parser};

use crate::codec::Error;

pub(super) const DAMAGED: Error = Error::Damaged { what: "header of an AV1 frame" };

/// How a frame is cut into tiles.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tiling {
    pub(super) count: usize,
    /// Bits of the number of a tile.
    pub(super) bits: usize,
    /// Bytes of the size of a tile.
    pub(super) size_bytes: usize,
}

/// What the header of a frame says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    /// Its bytes, up to where the next one may begin.
    pub(super) bytes: usize,
    /// The tiles that follow; none where a frame that is there already is shown.
    pub(super) tiling: Option<Tiling>,
}

type Answer = Result<Option<Header>, Error>;

/// Reads OBU after OBU, each with its size in the low-overhead format.
pub(super) struct Reader {
    asked: Sender<Vec<u8>>,
    answers: Mutex<Receiver<Answer>>,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reader")
    }
}

impl Reader {
    pub(super) fn new() -> Result<Self, Error> {
        let (asked, questions) = channel::<Vec<u8>>();
        let (answer, answers) = channel();
        let work = move || {
            let mut parser = Parser::default();
            // Until this is dropped.
            for obu in questions {
                if answer.send(parse(&mut parser, &obu)).is_err() {
                    break;
                }
            }
        };
        // It ends when this is dropped.
        thread::Builder::new().name("AV1 headers".to_owned()).spawn(work).map_err(|_| DAMAGED)?;
        Ok(Self { asked, answers: Mutex::new(answers) })
    }

    /// The header of a frame; nothing of other OBUs.
    pub(super) fn read(&self, obu: Vec<u8>) -> Answer {
        self.asked.send(obu).map_err(|_| DAMAGED)?;
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).recv().map_err(|_| DAMAGED)?
    }
}

fn parse(parser: &mut Parser, bytes: &[u8]) -> Answer {
    const DELIMITER: &[u8] = &[0x12, 0x00];
    let obu = match parser.read_obu(bytes).map_err(|_| DAMAGED)? {
        ObuAction::Process(obu) => obu,
        ObuAction::Drop(_) => return Err(Error::Unsupported { what: "AV1 in layers, with encryption" }),
    };
    // Of a frame only the header is read here: the parser trusts the sizes of tiles.
    if !matches!(obu.header.obu_type, ObuType::Frame | ObuType::FrameHeader) {
        return parser.parse_obu(obu).map(|_| None).map_err(|_| DAMAGED);
    }
    let header = parser.parse_frame_header_obu(&obu).map_err(|_| DAMAGED)?;
    parser.ref_frame_update(&header).map_err(|_| DAMAGED)?;
    // As it sees no tile, the parser would take the next header for a copy of this one; behind a delimiter it does not.
    if let Ok(ObuAction::Process(delimiter)) = parser.read_obu(DELIMITER) {
        parser.parse_obu(delimiter).map_err(|_| DAMAGED)?;
    }
    let info = &header.tile_info;
    let tiling = (!header.show_existing_frame).then_some(Tiling {
        count: info.tile_cols as usize * info.tile_rows as usize,
        bits: (info.tile_cols_log2 + info.tile_rows_log2) as usize,
        size_bytes: info.tile_size_bytes as usize,
    });
    Ok(Some(Header { bytes: header.header_bytes, tiling }))
}
