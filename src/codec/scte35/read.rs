//! A section as bytes in, what it says out.

use std::io::{self, Cursor};

use bitstream_io::{BigEndian, BitRead, BitReader};

use super::crc::remainder;
use super::{Command, Damage, Insert, Section, Segmentation, WRAP};
use crate::codec::bits::bits;

/// `table_id` (§ 9.6).
const TABLE: u8 = 0xFC;

/// Bytes of the header up to its length, and of all that no section is shorter than.
const HEADER: usize = 3;
const LEAST: usize = 20;

/// Bytes between the length of a section and its command.
const BEFORE_COMMAND: usize = 11;

/// `splice_segmentation_descriptor`'s tag and the identifier of SCTE 35: "CUEI" (§ 10.1).
const SEGMENTATION: u8 = 0x02;
const CUEI: u32 = 0x4355_4549;

/// Reads one `splice_info_section`. What follows it is no part of it.
///
/// # Errors
/// When it is damaged, or none.
pub fn section(bytes: &[u8]) -> Result<Section, Damage> {
    let [TABLE, high, low, ..] = bytes else { return Err(Damage::Foreign) };
    let length = HEADER + (usize::from(high & 0x0F) << 8 | usize::from(*low));
    let bytes = bytes.get(..length).filter(|bytes| bytes.len() >= LEAST).ok_or(Damage::Short)?;
    if remainder(bytes) != 0 {
        return Err(Damage::Sum);
    }
    read(&bytes[HEADER..]).map_err(|_| Damage::Short)
}

fn read(bytes: &[u8]) -> io::Result<Section> {
    let mut fields = bits(bytes);
    fields.skip(8)?; // protocol_version
    let encrypted = fields.read_bit()?;
    fields.skip(6)?; // encryption_algorithm
    let adjustment = ticks(&mut fields)?;
    fields.skip(8 + 12)?; // cw_index, tier
    let length: u32 = fields.read::<12, u16>()?.into();
    let kind = fields.read::<8, u8>()?;
    let rest = &bytes[BEFORE_COMMAND..];
    if encrypted {
        return Ok(Section { command: Command::Other, segmentations: Vec::new() });
    }
    let command = command(kind, adjustment, &mut bits(rest))?;
    let length = match (length, &command) {
        // Not said, as older senders do (§ 9.6.1): found by reading what is known.
        (0xFFF, Command::Null | Command::Reservation) => 0,
        (0xFFF, Command::Other) => return Ok(Section { command, segmentations: Vec::new() }),
        (0xFFF, Command::Insert { .. } | Command::TimeSignal(_)) => measured(kind, rest)?,
        (length, _) => length as usize,
    };
    let short = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let behind = rest.get(length..).ok_or_else(short)?;
    let (loop_length, behind) = behind.split_first_chunk().ok_or_else(short)?;
    let descriptors = behind.get(..u16::from_be_bytes(*loop_length).into()).ok_or_else(short)?;
    Ok(Section { command, segmentations: segmentations(descriptors)? })
}

/// Bytes of a command that does not say how many it has.
fn measured(kind: u8, rest: &[u8]) -> io::Result<usize> {
    let mut fields = BitReader::endian(Cursor::new(rest), BigEndian);
    command(kind, 0, &mut fields)?;
    Ok((fields.position_in_bits()? as usize).div_ceil(8))
}

fn command(kind: u8, adjustment: i64, fields: &mut impl BitRead) -> io::Result<Command> {
    Ok(match kind {
        0x00 => Command::Null,
        0x05 => {
            let event = fields.read::<32, u32>()?;
            Command::Insert { event, insert: insert(adjustment, fields)? }
        }
        0x06 => Command::TimeSignal(time(adjustment, fields)?),
        0x07 => Command::Reservation,
        _ => Command::Other,
    })
}

fn insert(adjustment: i64, fields: &mut impl BitRead) -> io::Result<Insert> {
    let cancelled = fields.read_bit()?;
    fields.skip(7)?;
    if cancelled {
        return Ok(Insert::Cancelled);
    }
    let [out, whole, timed, at_once] = [(); 4].map(|()| fields.read_bit());
    let (out, whole, timed, at_once) = (out?, whole?, timed?, at_once?);
    fields.skip(4)?;
    let mut at = None;
    if whole && !at_once {
        at = time(adjustment, fields)?;
    }
    if !whole {
        // Components are of one event; the first one tells its time.
        for component in 0..fields.read::<8, u8>()? {
            fields.skip(8)?;
            let own = if at_once { None } else { time(adjustment, fields)? };
            at = if component == 0 { own } else { at };
        }
    }
    let length = if timed {
        let ends = fields.read_bit()?;
        fields.skip(6)?;
        Some((ticks(fields)?, ends))
    } else {
        None
    };
    fields.skip(16 + 8 + 8)?; // unique_program_id, avail_num, avails_expected
    Ok(Insert::Splice { out, at, length })
}

/// `splice_time` (§ 9.8.1).
fn time(adjustment: i64, fields: &mut impl BitRead) -> io::Result<Option<i64>> {
    if !fields.read_bit()? {
        fields.skip(7)?;
        return Ok(None);
    }
    fields.skip(6)?;
    Ok(Some((ticks(fields)? + adjustment).rem_euclid(WRAP)))
}

fn ticks(fields: &mut impl BitRead) -> io::Result<i64> {
    Ok(fields.read::<33, u64>()? as i64)
}

fn segmentations(mut rest: &[u8]) -> io::Result<Vec<Segmentation>> {
    let mut found = Vec::new();
    while let [tag, length, behind @ ..] = rest {
        let (own, next) = behind
            .split_at_checked(usize::from(*length))
            .ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
        if *tag == SEGMENTATION && own.first_chunk() == Some(&CUEI.to_be_bytes()) {
            found.push(segmentation(&mut bits(&own[4..]))?);
        }
        rest = next;
    }
    Ok(found)
}

fn segmentation(fields: &mut impl BitRead) -> io::Result<Segmentation> {
    let event = fields.read::<32, u32>()?;
    let cancelled = fields.read_bit()?;
    fields.skip(7)?;
    if cancelled {
        return Ok(Segmentation { event, cancelled, kind: 0, length: None });
    }
    let [whole, timed] = [(); 2].map(|()| fields.read_bit());
    let (whole, timed) = (whole?, timed?);
    fields.skip(6)?; // who may get it
    if !whole {
        let components = fields.read::<8, u8>()?;
        fields.skip(u32::from(components) * 48)?;
    }
    let length = if timed { Some(fields.read::<40, u64>()? as i64) } else { None };
    fields.skip(8)?; // segmentation_upid_type
    let upid = fields.read::<8, u8>()?;
    fields.skip(u32::from(upid) * 8)?;
    let kind = fields.read::<8, u8>()?;
    Ok(Segmentation { event, cancelled, kind, length })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("digits");
        (0..hex.len()).step_by(2).map(digit).collect()
    }

    /// The samples of ANSI/SCTE 35 § 14, in hexadecimal digits.
    const TIME_SIGNAL_PLACEMENT_START: &str = "FC3034000000000000FFFFF00506FE72BD0050001E021C435545494800008E7FCF0001\
                                               A599B00808000000002CA0A18A3402009AC9D17E";
    const SPLICE_INSERT: &str = "FC302F000000000000FFFFF014054800008F7FEFFE7369C02EFE0052CCF500000000000A0008435545\
                                 490000013562DBA30A";
    const PLACEMENT_END: &str = "FC302F000000000000FFFFF00506FE746290A000190217435545494800008E7F9F0808000000002CA0A1\
                                 8A350200A9CC6758";
    const THREE_DESCRIPTORS: &str = "FC3061000000000000FFFFF00506FEA8CD44ED004B021743554549480000AD7F9F080800000000\
                                     2CB2D79D350200021743554549480000267F9F0808000000002CB2D79D1100000217435545494800\
                                     00277F9F0808000000002CB2D7B31000008A18869F";

    fn of(event: u32, kind: u8, length: Option<i64>) -> Segmentation {
        Segmentation { event, cancelled: false, kind, length }
    }

    #[test]
    fn the_samples_of_the_standard_are_read() {
        let read = |hex: &str| section(&bytes(hex)).expect("a section");
        let insert = Insert::Splice { out: true, at: Some(0x0_7369_C02E), length: Some((0x0052_CCF5, true)) };
        let command = Command::Insert { event: 0x4800_008F, insert };
        assert_eq!(read(SPLICE_INSERT), Section { command, segmentations: Vec::new() });
        let signal = |at, segmentations| Section { command: Command::TimeSignal(Some(at)), segmentations };
        let start = of(0x4800_008E, 0x34, Some(0x01_A599B0));
        assert_eq!(read(TIME_SIGNAL_PLACEMENT_START), signal(0x0_72BD_0050, vec![start]));
        assert_eq!(read(PLACEMENT_END), signal(0x0_7462_90A0, vec![of(0x4800_008E, 0x35, None)]));
        let three = vec![of(0x4800_00AD, 0x35, None), of(0x4800_0026, 0x11, None), of(0x4800_0027, 0x10, None)];
        assert_eq!(read(THREE_DESCRIPTORS), signal(0x0_A8CD_44ED, three));
    }

    /// A section of these bytes behind the length, with its check sum.
    fn summed(body: &[u8]) -> Vec<u8> {
        let length = (body.len() + 4) as u16 | 0x3000;
        let [high, low] = length.to_be_bytes();
        crate::codec::scte35::summed(&[&[TABLE, high, low], body].concat())
    }

    #[test]
    fn times_are_adjusted_and_wrap() {
        // An adjustment of all ones is one tick less.
        let adjusted = [0, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xF0, 5, 6, 0xFE, 0, 0, 0, 5, 0, 0];
        let read = section(&summed(&adjusted)).expect("a section");
        assert_eq!(read.command, Command::TimeSignal(Some(4)));
        let wrapped = [0, 0, 0, 0, 0, 9, 0xFF, 0xFF, 0xF0, 5, 6, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0];
        assert_eq!(section(&summed(&wrapped)).expect("a section").command, Command::TimeSignal(Some(8)));
    }

    #[test]
    fn what_is_encrypted_or_not_known_is_there_all_the_same() {
        let unknown = [0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xF0, 2, 0xEE, 1, 2, 0, 0];
        let encrypted = [0, 0x80, 0, 0, 0, 0, 0xFF, 0xFF, 0xF0, 5, 6, 9, 9, 9, 9, 9, 0, 0];
        // A command that does not say how long it is.
        let unsaid = [0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 6, 0x7F, 0, 0];
        let command = |body: &[u8]| section(&summed(body)).map(|section| section.command);
        assert_eq!(command(&unknown), Ok(Command::Other));
        assert_eq!(command(&encrypted), Ok(Command::Other));
        assert_eq!(command(&unsaid), Ok(Command::TimeSignal(None)));
    }

    #[test]
    fn what_is_damaged_is_refused_whatever_it_is() {
        let whole = bytes(THREE_DESCRIPTORS);
        assert_eq!(section(&[]), Err(Damage::Foreign));
        assert_eq!(section(&whole[..40]), Err(Damage::Short));
        for at in 3..whole.len() {
            let mut other = whole.clone();
            other[at] ^= 0x55;
            assert_eq!(section(&other), Err(Damage::Sum), "byte {at}");
            // The same with a sum that is right: it may be read or not, and nothing else.
            let _ = section(&summed(&other[3..at.max(20)]));
        }
    }
}
