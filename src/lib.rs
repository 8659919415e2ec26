//! streampack turns a video file into one CMAF set with HLS and DASH manifests.
//!
//! ```text
//!            flags ┐
//!   presets/*.json ┴▶ config ─┐
//!                             ├─▶ plan ─▶ encode ─▶ package ─▶ output ─▶ manifest ─▶ origin
//!             input ─▶ source ┘            ▲  │        │
//!                        ▲                 │  └▶ thumbs └▶ crypt, bmff
//!                        └──── av (FFmpeg)─┘
//!                                    job = the wiring        cli = the terminal
//! ```
//!
//! `codec` reads streams that are encoded already, for whoever packages them; `text` makes cues of subtitles.
//!
//! `verify` stands beside the flow: it reads what was made, also by others, and shares nothing with what makes it.
//!
//! Data flows down the list of modules below, `use` points up it (`tests/architecture.rs` holds the
//! table). The words of the code are those of CMAF (ISO/IEC 23000-19):
//!
//! | word | meaning here |
//! |---|---|
//! | Source, Track | what is read; one elementary stream of it |
//! | Ladder, Rung | the video renditions, widest first; one step while being encoded |
//! | Rendition | one encoded version of one source track (DASH Representation, HLS variant or media playlist) |
//! | switching set | renditions a player may switch between (DASH AdaptationSet, HLS group) |
//! | Frame | one decoded picture or audio block |
//! | Sample | one coded access unit (FFmpeg: packet) |
//! | Fragment, Chunk | one `moof`+`mdat`; a fragment starts with a sync sample |
//! | Segment | one addressable object: one or more fragments |
//! | InitSegment | `ftyp`+`moov`, the CMAF header |
//! | Presentation | the facts of everything stored |
//! | Plan, Settings, Layer | what will be done, what was asked, one partial opinion |
//! | Shard | a run of whole segments encoded on its own |
//! | Lane | a rung and the sink of its samples |

pub mod media;

pub mod codec;
pub mod text;

pub mod cancel;
pub mod clock;
pub mod event;

pub mod config;

pub mod av;
pub mod source;

pub mod plan;

pub mod encode;
pub mod thumbs;

pub mod bmff;
pub mod crypt;
pub mod package;

pub mod output;

pub mod manifest;

pub mod origin;

pub mod verify;

pub mod job;
