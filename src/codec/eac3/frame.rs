//! One sync frame of E-AC-3 (ETSI TS 102 366 V1.4.1 § E.1.2.2) up to the additional bit stream information.

use std::io;

use bitstream_io::BitRead;

use crate::codec::ac3::{SAMPLE_RATES, SYNC_WORD, Speakers};
use crate::codec::bits::{Bits, bits, invalid};

/// What a frame says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) kind: Kind,
    pub(super) sample_rate: u32,
    /// Blocks of 256 PCM samples.
    pub(super) blocks: u8,
    pub(super) bsid: u8,
    pub(super) bsmod: u8,
    pub(super) acmod: u8,
    pub(super) lfe: bool,
    /// Of a dependent frame: the loudspeakers of its chanmap, or of its acmod when it has none.
    pub(super) speakers: Speakers,
    /// The complexity index of joint object coding.
    pub(super) joint_objects: Option<u8>,
}

/// strmtyp, § E.1.3.1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It can be decoded alone; its programme has this number.
    Independent {
        /// substreamid.
        id: u8,
    },
    /// It adds channels to the independent one before.
    Dependent,
}

impl Frame {
    /// The first frame of `bytes`, and what follows.
    pub(super) fn split(bytes: &[u8]) -> io::Result<(Self, &[u8])> {
        let (frame, size) = Self::read(&mut bits(bytes))?;
        Ok((frame, bytes.get(size..).ok_or_else(invalid)?))
    }

    /// bsi, and the size of the frame in bytes.
    fn read(r: &mut Bits<'_>) -> io::Result<(Self, usize)> {
        if r.read::<16, u16>()? != SYNC_WORD {
            return Err(invalid());
        }
        let (stream_type, id) = (r.read::<2, u8>()?, r.read::<3, u8>()?);
        let kind = match stream_type {
            // Type 2 is AC-3 turned into E-AC-3.
            0 | 2 => Kind::Independent { id },
            1 => Kind::Dependent,
            _ => return Err(invalid()),
        };
        let size = (usize::from(r.read::<11, u16>()?) + 1) * 2;
        let (sample_rate, rate_code, blocks) = timing(r)?;
        let (acmod, lfe, bsid) = (r.read::<3, u8>()?, r.read_bit()?, r.read::<5, u8>()?);
        if !(11..=16).contains(&bsid) {
            return Err(invalid());
        }
        for _ in 0..if acmod == 0 { 2 } else { 1 } {
            r.skip(5)?; // dialnorm
            optional(r, 8)?; // compr
        }
        let mut speakers = Speakers::of(acmod, lfe);
        if kind == Kind::Dependent && r.read_bit()? {
            speakers = Speakers(r.read::<16, u16>()?);
        }
        if r.read_bit()? {
            skip_mixing(r, stream_type, acmod, lfe, blocks)?;
        }
        let bsmod = if r.read_bit()? { information(r, acmod, rate_code)? } else { 0 };
        if stream_type == 0 && blocks != 6 {
            r.skip(1)?; // convsync
        }
        if stream_type == 2 && (blocks == 6 || r.read_bit()?) {
            r.skip(6)?; // frmsizecod
        }
        let joint_objects = if r.read_bit()? { additional(r)? } else { None };
        Ok((Self { kind, sample_rate, blocks, bsid, bsmod, acmod, lfe, speakers, joint_objects }, size))
    }
}

/// A value of `width` bits behind a flag that says whether it is there.
fn optional(r: &mut Bits<'_>, width: u32) -> io::Result<()> {
    if r.read_bit()? { r.skip(width) } else { Ok(()) }
}

/// fscod and numblkscod: rate, code of the rate, blocks.
fn timing(r: &mut Bits<'_>) -> io::Result<(u32, u8, u8)> {
    const HALVED: u8 = 3;
    let code = r.read::<2, u8>()?;
    if code == HALVED {
        let rate = SAMPLE_RATES.get(usize::from(r.read::<2, u8>()?)).ok_or_else(invalid)?;
        return Ok((rate / 2, code, 6));
    }
    let blocks = [1, 2, 3, 6][usize::from(r.read::<2, u8>()?)];
    Ok((SAMPLE_RATES[usize::from(code)], code, blocks))
}

/// Mixing metadata, behind mixmdate.
fn skip_mixing(r: &mut Bits<'_>, stream_type: u8, acmod: u8, lfe: bool, blocks: u8) -> io::Result<()> {
    let more_than_stereo = acmod > 2;
    r.skip(if more_than_stereo { 2 } else { 0 })?; // dmixmod
    r.skip(if more_than_stereo && acmod & 1 != 0 { 6 } else { 0 })?; // ltrtcmixlev, lorocmixlev
    r.skip(if acmod & 4 != 0 { 6 } else { 0 })?; // ltrtsurmixlev, lorosurmixlev
    if lfe {
        optional(r, 5)?; // lfemixlevcod
    }
    if stream_type != 0 {
        return Ok(());
    }
    let programmes = if acmod == 0 { 2 } else { 1 };
    for _ in 0..programmes {
        optional(r, 6)?; // pgmscl
    }
    optional(r, 6)?; // extpgmscl
    match r.read::<2, u8>()? {
        0 => (),
        1 => r.skip(5)?,
        2 => r.skip(12)?,
        _ => {
            let length = r.read::<5, u32>()?; // mixdeflen
            r.skip(8 * (length + 2))?;
        }
    }
    if acmod < 2 {
        for _ in 0..programmes {
            optional(r, 8 + 6)?; // panmean, paninfo
        }
    }
    if r.read_bit()? {
        if blocks == 1 {
            return r.skip(5); // blkmixcfginfo
        }
        for _ in 0..blocks {
            optional(r, 5)?;
        }
    }
    Ok(())
}

/// Informational metadata, behind infomdate: bsmod.
fn information(r: &mut Bits<'_>, acmod: u8, rate_code: u8) -> io::Result<u8> {
    let bsmod = r.read::<3, u8>()?;
    r.skip(2)?; // copyrightb, origbs
    r.skip(if acmod == 2 { 4 } else { 0 })?; // dsurmod, dheadphonmod
    r.skip(if acmod >= 6 { 2 } else { 0 })?; // dsurexmod
    for _ in 0..if acmod == 0 { 2 } else { 1 } {
        optional(r, 5 + 2 + 1)?; // mixlevel, roomtyp, adconvtyp
    }
    r.skip(if rate_code < 3 { 1 } else { 0 })?; // sourcefscod
    Ok(bsmod)
}

/// addbsi, behind addbsie: ETSI TS 103 420 § 8.3.1 puts the complexity of joint object coding there.
fn additional(r: &mut Bits<'_>) -> io::Result<Option<u8>> {
    let more_than_a_byte = r.read::<6, u8>()? > 0;
    r.skip(7)?;
    let type_a = r.read_bit()?;
    if type_a && more_than_a_byte { r.read::<8, u8>().map(Some) } else { Ok(None) }
}

/// A frame of 5.1 (a dependent one: of stereo) in 48 kHz with six blocks, for tests.
#[cfg(test)]
pub(super) fn made(kind: Kind, map: Option<Speakers>, joint_objects: Option<u8>, size: usize) -> Vec<u8> {
    let (stream_type, id, acmod, lfe) = match kind {
        Kind::Independent { id } => (0, id, 7, 1),
        Kind::Dependent => (1, 0, 2, 0),
    };
    let mut fields: Vec<(u32, u32)> = vec![
        (SYNC_WORD.into(), 16),
        (stream_type, 2),
        (id.into(), 3),
        (size as u32 / 2 - 1, 11),
        (0, 2),
        (3, 2),
        (acmod, 3),
        (lfe, 1),
        (16, 5),
        (31, 5),
        (0, 1),
    ];
    if kind == Kind::Dependent {
        fields.extend(map.map_or(vec![(0, 1)], |map| vec![(1, 1), (map.0.into(), 16)]));
    }
    fields.extend([(0, 1), (0, 1)]); // mixmdate, infomdate
    fields.extend(joint_objects.map_or(vec![(0, 1)], |index| vec![(1, 1), (1, 6), (1, 8), (index.into(), 8)]));
    let mut bits: Vec<bool> =
        fields.iter().flat_map(|&(value, width)| (0..width).rev().map(move |bit| value >> bit & 1 == 1)).collect();
    bits.resize(size * 8, false);
    bits.chunks(8).map(|byte| byte.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit))).collect()
}
