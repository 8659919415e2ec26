//! Boxes of Common Encryption (ISO/IEC 23001-7:2023 §§ 8, 11, 12) and those around them.

use super::writer::{BoxWriter, Gap};
use super::{Error, fit};
use crate::media::{Protection, SampleProtection, Scheme, VectorOf};

/// What stands in a header about the protection of its track.
#[derive(Clone, Debug, Default)]
pub struct HeaderProtection {
    /// The defaults of all samples.
    pub default: Option<Protection>,
    /// A second sample entry is for fragments that are not protected.
    pub clear_entry: bool,
    /// Whole `pssh` boxes, for the `moov`.
    pub system_headers: Vec<Vec<u8>>,
}

/// How the samples of a fragment are protected.
#[derive(Clone, Copy, Debug)]
pub enum Cover<'a> {
    /// The track has no protection.
    Bare,
    /// The track has, this fragment has not: the second sample entry is the one.
    Lead,
    /// Each sample as it says.
    Samples(&'a FragmentProtection),
}

/// The protection of a fragment.
#[derive(Clone, Debug, Default)]
pub struct FragmentProtection {
    /// One for each sample.
    pub samples: Vec<SampleProtection>,
    /// What differs from the defaults of the header: another key.
    pub period: Option<Protection>,
    /// Whole `pssh` boxes, for the `moof`.
    pub system_headers: Vec<Vec<u8>>,
}

/// The sample entry that `write` writes, as a protected one: under the name of all of its kind, with its own name in
/// ProtectionSchemeInfoBox (ISO/IEC 14496-12:2022 § 8.12).
pub(super) fn protected_entry(
    w: &mut BoxWriter<'_>,
    kind: &[u8; 4],
    protection: &Protection,
    write: impl FnOnce(&mut BoxWriter<'_>),
) {
    let start = w.len();
    write(w);
    let original = w.rename(start, kind);
    w.grow(start, |w| {
        w.boxed(b"sinf", |w| {
            w.boxed(b"frma", |w| w.bytes(&original));
            w.full(b"schm", 0, 0, |w| {
                w.bytes(protection.scheme.fourcc());
                w.u32(0x0001_0000); // scheme_version 1.0
            });
            w.boxed(b"schi", |w| {
                // § 8.2: patterns came with version 1; sound has none, and its blocks are counted 0:0.
                let version = u8::from(protection.scheme == Scheme::Cbcs);
                w.full(b"tenc", version, 0, |w| defaults(w, protection));
            });
        });
    });
}

/// The fields that `tenc` and `seig` share (§§ 6, 8.2).
fn defaults(w: &mut BoxWriter<'_>, protection: &Protection) {
    const PROTECTED: u8 = 1;
    w.u8(0);
    w.u8(protection.pattern.map_or(0, |pattern| pattern.crypt << 4 | pattern.skip));
    w.u8(PROTECTED);
    match protection.vector {
        VectorOf::Sample => {
            w.u8(8);
            w.bytes(&protection.kid.0);
        }
        VectorOf::Track(vector) => {
            w.u8(0);
            w.bytes(&protection.kid.0);
            w.u8(16);
            w.bytes(&vector);
        }
    }
}

/// The group of all samples of a fragment, whose key is not that of the header: `sgpd` and `sbgp` (ISO/IEC
/// 14496-12:2022 § 8.9) of type `seig` (§ 6).
pub(super) fn key_group(w: &mut BoxWriter<'_>, protection: &Protection, samples: u32) {
    const OF_THIS_FRAGMENT: u32 = 1 << 16;
    let length = match protection.vector {
        VectorOf::Sample => 20,
        VectorOf::Track(_) => 37,
    };
    w.full(b"sbgp", 0, 0, |w| {
        w.bytes(b"seig");
        w.u32(1);
        w.u32(samples);
        w.u32(OF_THIS_FRAGMENT | 1);
    });
    w.full(b"sgpd", 1, 0, |w| {
        w.bytes(b"seig");
        w.u32(length);
        w.u32(1);
        defaults(w, protection);
    });
}

/// `saiz`, `saio` and `senc` of a fragment whose `moof` begins at `moof`: nothing where all samples are protected as
/// a whole under one vector (CMAF § 8.2.2.2).
pub(super) fn auxiliary(w: &mut BoxWriter<'_>, samples: &[SampleProtection], moof: usize) -> Result<(), Error> {
    const SUBSAMPLES: u32 = 2;
    let ranges = samples.iter().any(|sample| !sample.subsamples.is_empty());
    let sizes = samples.iter().map(|sample| size(sample, ranges)).collect::<Result<Vec<u8>, _>>()?;
    if sizes.iter().all(|size| *size == 0) {
        return Ok(());
    }
    let offset = sizes_and_offset(w, &sizes);
    let at = w.full(b"senc", 0, if ranges { SUBSAMPLES } else { 0 }, |w| {
        w.u32(samples.len() as u32);
        let at = w.len();
        for sample in samples {
            sample.vector.iter().for_each(|vector| w.bytes(vector));
            if ranges {
                w.u16(sample.subsamples.len() as u16);
                for range in &sample.subsamples {
                    w.u16(range.clear);
                    w.u32(range.protected);
                }
            }
        }
        at
    });
    let distance: i32 = fit((at - moof) as u64, "an offset of", "saio")?;
    w.fill32(offset, distance as u32);
    Ok(())
}

/// Bytes of `senc` for one sample; `saiz` counts to 255.
fn size(sample: &SampleProtection, ranges: bool) -> Result<u8, Error> {
    let vector = sample.vector.map_or(0, |vector| vector.len());
    let ranges = if ranges { 2 + 6 * sample.subsamples.len() } else { 0 };
    fit((vector + ranges) as u64, "an entry size of", "saiz")
}

/// `saiz` and `saio` (ISO/IEC 14496-12:2022 §§ 8.7.8, 8.7.9); gives back the field of the offset.
fn sizes_and_offset(w: &mut BoxWriter<'_>, sizes: &[u8]) -> Gap {
    let same = sizes.first().copied().filter(|first| sizes.iter().all(|size| size == first));
    w.full(b"saiz", 0, 0, |w| {
        w.u8(same.unwrap_or(0));
        w.u32(sizes.len() as u32);
        if same.is_none() {
            w.bytes(sizes);
        }
    });
    w.full(b"saio", 0, 0, |w| {
        w.u32(1);
        w.gap32()
    })
}

/// ProtectionSystemSpecificHeaderBox (§ 8.1) of the system with this UUID: version 1 names keys, version 0 has none.
pub fn system_header(system: &[u8; 16], keys: &[[u8; 16]], data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    BoxWriter::new(&mut out).full(b"pssh", u8::from(!keys.is_empty()), 0, |w| {
        w.bytes(system);
        if !keys.is_empty() {
            w.u32(keys.len() as u32);
            keys.iter().for_each(|key| w.bytes(key));
        }
        w.u32(data.len() as u32);
        w.bytes(data);
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{KeyId, Pattern, Subsample};

    fn cbcs() -> Protection {
        let pattern = Some(Pattern { crypt: 1, skip: 9 });
        Protection { scheme: Scheme::Cbcs, kid: KeyId([0xaa; 16]), pattern, vector: VectorOf::Track([0xbb; 16]) }
    }

    #[test]
    fn an_entry_keeps_its_name_in_the_scheme_information() {
        let mut out = Vec::new();
        let entry = |w: &mut BoxWriter<'_>| w.boxed(b"avc1", |w| w.u16(7));
        protected_entry(&mut BoxWriter::new(&mut out), b"encv", &cbcs(), entry);
        let length = out.len() as u32;
        assert_eq!(out[..14], [&length.to_be_bytes()[..], b"encv\0\x07", &(length - 10).to_be_bytes()[..]].concat());
        assert_eq!(out[14..30], *b"sinf\0\0\0\x0cfrmaavc1");
        let tenc = [&b"tenc\x01\0\0\0\0\x19\x01\0"[..], &[0xaa; 16], &[16], &[0xbb; 16]].concat();
        assert!(out.ends_with(&tenc), "{out:02x?}");
    }

    #[test]
    fn the_offset_leads_to_the_first_entry() {
        let mut out = b"styp".to_vec();
        let subsamples = vec![Subsample { clear: 5, protected: 32 }];
        let samples = [SampleProtection { vector: Some([1; 8]), subsamples }, SampleProtection::default()];
        let mut w = BoxWriter::new(&mut out);
        w.boxed(b"moof", |w| auxiliary(w, &samples, 4)).expect("small");
        let saio = out.windows(4).position(|word| word == b"saio").expect("there") + 12;
        let at = 4 + u32::from_be_bytes(out[saio..saio + 4].try_into().expect("four")) as usize;
        assert_eq!(out[at..at + 16], [1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 5, 0, 0, 0, 32]);
    }

    #[test]
    fn whole_samples_under_one_vector_need_no_entry() {
        let mut out = Vec::new();
        let samples = [SampleProtection::default(), SampleProtection::default()];
        assert_eq!(auxiliary(&mut BoxWriter::new(&mut out), &samples, 0), Ok(()));
        assert!(out.is_empty());
    }

    #[test]
    fn more_ranges_than_a_byte_counts_are_refused() {
        let subsamples = vec![Subsample::default(); 43];
        let sample = SampleProtection { vector: None, subsamples };
        assert!(matches!(auxiliary(&mut BoxWriter::new(&mut Vec::new()), &[sample], 0), Err(Error::Field { .. })));
    }
}
