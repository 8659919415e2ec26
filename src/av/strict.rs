//! Whether coded media can be decoded at all: for checkers, which want to hear of every error.

use std::path::Path;

use ffmpeg_next::{Dictionary, codec, decoder, frame};

use super::demux::Demuxer;
use super::{Error, given, raw};
use crate::cancel::CancelToken;
use crate::media::TrackIndex;

/// What a decoder made of some samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// Samples that it was given.
    pub samples: u64,
    /// Errors that it met.
    pub errors: u64,
}

/// Decodes up to `most` samples of the one track of a file, whose `bytes` were read of `path`. The decoder takes damage
/// for an error that it would otherwise hide.
pub fn decode(path: &Path, bytes: Vec<u8>, most: u64, cancel: &CancelToken) -> Result<Decoded, Error> {
    let mut demuxer = Demuxer::of_bytes(path, bytes, cancel)?;
    let target = demuxer.target().to_owned();
    let gone = || Error::Input { target: target.clone(), why: "there is no track".to_owned() };
    let stream = demuxer.input.stream(0).ok_or_else(gone)?;
    let (parameters, time_base) = (stream.parameters(), stream.time_base());
    let name = raw::codec_name(parameters.id());
    let codec = decoder::find(parameters.id()).ok_or(Error::Missing { kind: "decoder", name })?;
    let mut context =
        codec::context::Context::from_parameters(parameters).map_err(Error::failed("reading parameters", &*target))?;
    raw::set_packet_time_base(&mut context, (time_base.numerator(), time_base.denominator()));
    context.set_threading(codec::threading::Config { count: 1, ..Default::default() });
    let mut options = Dictionary::new();
    options.set("err_detect", "+explode");
    let opened = context.decoder().open_as_with(codec, options);
    let mut decoder = opened.map_err(Error::failed("opening the decoder", &*target))?;
    demuxer.select(&[TrackIndex(0)]);
    let mut decoded = Decoded::default();
    // What comes out is of no interest; a frame of either kind holds both.
    let mut picture = frame::Video::empty();
    let mut drain = |decoder: &mut decoder::Opened| loop {
        match given(decoder.receive_frame(&mut picture)) {
            Ok(true) => {}
            Ok(false) => return 0,
            Err(_) => return 1,
        }
    };
    while decoded.samples < most
        && let Some(packet) = demuxer.read()?
    {
        decoded.samples += 1;
        decoded.errors += u64::from(decoder.send_packet(&packet.inner).is_err());
        decoded.errors += drain(&mut decoder);
    }
    decoded.errors += u64::from(decoder.send_eof().is_err());
    decoded.errors += drain(&mut decoder);
    Ok(decoded)
}
