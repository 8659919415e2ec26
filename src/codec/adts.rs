//! AAC in MPEG-TS: each frame behind an ADTS header (ISO/IEC 14496-3:2019 § 1.A.2.2), which MP4 leaves out.
//!
//! A header names the core alone. Whether SBR is in the frames is for the decoder to find out, as it does of
//! any AAC without a signal; the codec string stays `mp4a.40.2`.

use super::Error;

const SYNC_WORD: u16 = 0xfff;

/// The header of a frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The AudioSpecificConfig that says the same.
    pub(super) config: [u8; 2],
    length: usize,
    /// Bytes of the whole frame.
    frame: usize,
}

impl Header {
    /// Of the start of a frame.
    pub(super) fn parse(frame: &[u8]) -> Result<Self, Error> {
        let damaged = Error::Damaged { what: "ADTS header" };
        let Some(&[a, b, c, d, e, f, g]) = frame.first_chunk() else { return Err(damaged) };
        let layer = b >> 1 & 3;
        if u16::from_be_bytes([a, b]) >> 4 != SYNC_WORD || layer != 0 {
            return Err(damaged);
        }
        let (profile, rate, channels) = (c >> 6, c >> 2 & 0xf, (c & 1) << 2 | d >> 6);
        if usize::from(rate) >= super::aac::SAMPLE_RATES.len() {
            return Err(damaged);
        }
        if channels == 0 || g & 3 != 0 {
            return Err(Error::Unsupported { what: "ADTS with several blocks or without a channel configuration" });
        }
        let without_check = b & 1 != 0;
        let object_type = profile + 1;
        Ok(Self {
            config: [object_type << 3 | rate >> 1, (rate & 1) << 7 | channels << 3],
            length: if without_check { 7 } else { 9 },
            frame: usize::from(d & 3) << 11 | usize::from(e) << 3 | usize::from(f >> 5),
        })
    }
}

/// The raw frame behind the header, which must say what `config` says.
pub(super) fn raw<'a>(frame: &'a [u8], config: &[u8]) -> Result<&'a [u8], Error> {
    let header = Header::parse(frame)?;
    if header.config != config {
        return Err(Error::Changed { what: "ADTS header" });
    }
    if header.frame != frame.len() {
        return Err(Error::Damaged { what: "ADTS header" });
    }
    frame.get(header.length..).ok_or(Error::Damaged { what: "ADTS header" })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AAC-LC, 48 kHz, stereo, a frame of ten bytes without a check sum.
    const FRAME: [u8; 10] = [0xff, 0xf1, 0x4c, 0x80, 0x01, 0x5f, 0xfc, 0x21, 0x10, 0x04];

    #[test]
    fn the_header_becomes_a_configuration() {
        assert_eq!(Header::parse(&FRAME).map(|header| header.config), Ok([0x11, 0x90]));
        assert_eq!(raw(&FRAME, &[0x11, 0x90]), Ok(&[0x21, 0x10, 0x04][..]));
    }

    #[test]
    fn a_header_that_says_something_else_is_noticed() {
        assert_eq!(raw(&FRAME, &[0x12, 0x10]), Err(Error::Changed { what: "ADTS header" }));
    }

    #[test]
    fn a_frame_of_another_length_is_an_error() {
        assert_eq!(raw(&FRAME[..9], &[0x11, 0x90]), Err(Error::Damaged { what: "ADTS header" }));
        assert_eq!(Header::parse(&FRAME[..6]), Err(Error::Damaged { what: "ADTS header" }));
    }
}
