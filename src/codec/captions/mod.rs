//! Closed captions inside of coded pictures (ANSI/CTA-708-E § 4.4; ATSC A/53 part 4 § 6.2.3): which services say
//! something. Nothing is decoded.

mod analog;
mod digital;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use super::nal::{Framing, annex_b};
use super::{bits, sei};
use crate::media::CaptionService;
use analog::Field;
use digital::Packets;

/// user_data_registered_itu_t_t35 (ITU-T H.264 § D.1.1).
const REGISTERED: usize = 4;
/// itu_t_t35_country_code of the United States and the provider code of ATSC.
const ATSC: [u8; 3] = [0xb5, 0x00, 0x31];
/// user_identifier and user_data_type_code of captions.
const CAPTIONS: [u8; 5] = *b"GA94\x03";
/// user_data_start_code of MPEG-2 (ISO/IEC 13818-2 § 6.2.1), behind its prefix.
const USER_DATA: u8 = 0xb2;
/// So many pictures may be coded in another order than they are shown in.
const REORDERED: usize = 32;

/// How pictures carry captions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carrier {
    Avc(Framing),
    Hevc(Framing),
    Mpeg2,
}

/// Reads the captions of one picture track.
#[derive(Debug)]
pub struct CaptionReader {
    carrier: Carrier,
    /// Captions by the time at which their picture is shown, in microseconds.
    waiting: BTreeMap<i64, Vec<u8>>,
    fields: [Field; 2],
    packets: Packets,
    found: BTreeSet<CaptionService>,
}

impl CaptionReader {
    /// A reader of the codec that FFmpeg calls so, with its headers as the container has them; nothing for one that
    /// carries no captions.
    pub fn of(codec: &str, config: &[u8]) -> Option<Self> {
        // AVCDecoderConfigurationRecord and HEVCDecoderConfigurationRecord begin with their version, 1.
        let framing = |at: usize| match config.first().zip(config.get(at)) {
            Some((1, byte)) => Framing::Length((byte & 3) + 1),
            _ => Framing::AnnexB,
        };
        let carrier = match codec {
            "h264" => Carrier::Avc(framing(4)),
            "hevc" => Carrier::Hevc(framing(21)),
            "mpeg2video" => Carrier::Mpeg2,
            _ => return None,
        };
        Some(Self {
            carrier,
            waiting: BTreeMap::new(),
            fields: [Field::default(), Field::default()],
            packets: Packets::default(),
            found: BTreeSet::new(),
        })
    }

    /// Takes the next coded picture, which is shown at `at_us`, or its front: captions stand before what is seen.
    pub fn see(&mut self, at_us: i64, picture: &[u8]) {
        let captions = self.carrier.captions(picture);
        if captions.is_empty() {
            return;
        }
        self.waiting.entry(at_us).or_default().extend(captions);
        while self.waiting.len() > REORDERED {
            self.take_first();
        }
    }

    /// The services that said something, in their order.
    pub fn finish(mut self) -> Vec<CaptionService> {
        while !self.waiting.is_empty() {
            self.take_first();
        }
        self.found.into_iter().collect()
    }

    fn take_first(&mut self) {
        let Some((_, captions)) = self.waiting.pop_first() else { return };
        for triplet in captions.chunks_exact(3) {
            let [head, first, second] = [triplet[0], triplet[1], triplet[2]];
            const VALID: u8 = 4;
            if head & VALID == 0 {
                continue;
            }
            match head & 3 {
                field @ (0 | 1) => {
                    let channel = self.fields[usize::from(field)].take(first, second);
                    self.found.extend(channel.map(|channel| CaptionService::Channel(2 * field + channel)));
                }
                kind => self.packets.take(kind == 3, [first, second], &mut self.found),
            }
        }
    }
}

impl Carrier {
    /// The triplets of all captions that a coded picture holds.
    fn captions(self, picture: &[u8]) -> Vec<u8> {
        match self {
            Self::Avc(framing) => in_nal_units(framing, picture, |unit| unit[0] & 0x1f == 6, bits::AVC_HEADER),
            // PREFIX_SEI_NUT (ITU-T H.265 Table 7-1).
            Self::Hevc(framing) => in_nal_units(framing, picture, |unit| unit[0] >> 1 & 0x3f == 39, bits::HEVC_HEADER),
            Self::Mpeg2 => {
                let user_data = annex_b(picture).filter(|unit| unit[0] == USER_DATA);
                user_data.flat_map(|unit| triplets(&unit[1..])).collect()
            }
        }
    }
}

fn in_nal_units(framing: Framing, picture: &[u8], is_sei: fn(&[u8]) -> bool, header: NonZeroUsize) -> Vec<u8> {
    let mut captions = Vec::new();
    for unit in framing.units_of_front(picture).into_iter().filter(|unit| is_sei(unit)) {
        for (kind, payload) in sei::messages(unit, header) {
            if kind == REGISTERED {
                captions.extend(payload.strip_prefix(&ATSC).map_or_else(Vec::new, triplets));
            }
        }
    }
    captions
}

/// The triplets of a cc_data structure (ANSI/CTA-708-E Table 2) behind the identifier of ATSC.
fn triplets(user_data: &[u8]) -> Vec<u8> {
    const PROCESSED: u8 = 0x40;
    let Some([flags, _reserved, data @ ..]) = user_data.strip_prefix(&CAPTIONS) else { return Vec::new() };
    let count = if flags & PROCESSED == 0 { 0 } else { usize::from(flags & 0x1f) };
    data.chunks_exact(3).take(count).flatten().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An access unit of H.264 in Annex B: an SEI with these triplets, and a slice.
    fn access_unit(triplets: &[[u8; 3]]) -> Vec<u8> {
        let mut message = [&ATSC[..], &CAPTIONS, &[0x40 | triplets.len() as u8, 0xff]].concat();
        message.extend(triplets.iter().flatten());
        message.push(0xff);
        let mut unit = vec![0, 0, 0, 1, 6, 4, message.len() as u8];
        unit.extend(message);
        unit.extend([0x80, 0, 0, 1, 0x65, 1, 2, 3]);
        unit
    }

    fn services(pictures: &[(i64, &[[u8; 3]])]) -> Vec<String> {
        let mut reader = CaptionReader::of("h264", &[]).expect("it carries captions");
        pictures.iter().for_each(|(at_us, triplets)| reader.see(*at_us, &access_unit(triplets)));
        reader.finish().iter().map(ToString::to_string).collect()
    }

    const RESUME: [u8; 3] = [0xfc, 0x94, 0x20];
    const HI: [u8; 3] = [0xfc, 0xc8, 0xe9];
    const PADDING: [u8; 3] = [0xfc, 0x80, 0x80];

    #[test]
    fn a_channel_that_says_something_is_found() {
        assert_eq!(services(&[(0, &[RESUME]), (40, &[HI])]), ["CC1"]);
        // Field 2, second channel.
        assert_eq!(services(&[(0, &[[0xfd, 0x1c, 0x25], [0xfd, 0xc8, 0xe9]])]), ["CC4"]);
    }

    #[test]
    fn padding_and_what_is_not_valid_is_nothing() {
        assert_eq!(services(&[(0, &[PADDING, [0xf8, 0x94, 0x20], [0xf8, 0xc8, 0xe9]])]), [""; 0]);
        assert_eq!(services(&[(0, &[HI])]), [""; 0], "letters that belong to no channel");
    }

    #[test]
    fn pictures_are_read_in_the_order_in_which_they_are_shown() {
        assert_eq!(services(&[(80, &[HI]), (40, &[RESUME])]), ["CC1"]);
    }

    #[test]
    fn a_service_of_708_is_found_in_a_packet_over_several_triplets() {
        // A packet of four bytes: a block of service 2 with the two letters `Hi`.
        assert_eq!(services(&[(0, &[[0xff, 0x02, 0x42]]), (40, &[[0xfe, b'H', b'i']])]), ["SERVICE2"]);
    }

    #[test]
    fn mpeg2_has_them_in_user_data() {
        let mut reader = CaptionReader::of("mpeg2video", &[]).expect("it carries captions");
        let mut picture = [&[0, 0, 1, 0, 9, 9, 0, 0, 1, USER_DATA][..], &CAPTIONS, &[0x42, 0xff]].concat();
        picture.extend([RESUME, HI].concat());
        picture.extend([0xff, 0, 0, 1, 1, 5]);
        reader.see(0, &picture);
        assert_eq!(reader.finish(), [CaptionService::Channel(1)]);
    }

    #[test]
    fn what_breaks_off_breaks_nothing() {
        let whole = access_unit(&[RESUME, HI]);
        for end in 0..whole.len() {
            let mut reader = CaptionReader::of("h264", &[]).expect("it carries captions");
            reader.see(0, &whole[..end]);
            let mut reader = CaptionReader::of("h264", &[1, 100, 0, 30, 0xff]).expect("it carries captions");
            reader.see(0, &whole[..end]);
            reader.finish();
        }
    }
}
