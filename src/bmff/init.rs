//! The CMAF header: `ftyp` and `moov` of one track (ISO/IEC 23000-19:2020 § 7.3.2.1).

use super::entry::SampleEntry;
use super::protect::{HeaderProtection, protected_entry};
use super::writer::BoxWriter;
use super::{Error, TRACK_ID, brands, loudness};
use crate::media::{AudioTrack, FrameRate, Language, Timescale, TrackConfig, TrackMedia};

/// The CMAF header of `track`. `rate` is the frame rate of pictures, which the brands promise a limit of.
pub fn cmaf_header(track: &TrackConfig, rate: FrameRate, protection: &HeaderProtection) -> Result<Vec<u8>, Error> {
    let entry = SampleEntry::new(track)?;
    let edit = Edit::of(track)?;
    let mut out = Vec::new();
    let mut w = BoxWriter::new(&mut out);
    brands::write(&mut w, &brands::of(&entry, rate));
    w.boxed(b"moov", |w| {
        movie_header(w, track.timescale, 0, TRACK_ID + 1);
        w.boxed(b"trak", |w| {
            track_header(w, track, TRACK_ID, 0);
            if let Some(edit) = edit {
                edit.write(w);
            }
            media(w, track, 0, |w| sample_tables(w, |w| sample_entries(w, track, &entry, protection)));
            if let TrackMedia::Audio(AudioTrack { loudness: Some(loudness), .. }) = &track.media {
                w.boxed(b"udta", |w| loudness::write(w, loudness));
            }
        });
        // ISO/IEC 14496-12:2022 § 8.8: samples follow in fragments.
        w.boxed(b"mvex", track_extends);
        protection.system_headers.iter().for_each(|header| w.bytes(header));
    });
    Ok(out)
}

/// The transformation that changes nothing (ISO/IEC 14496-12:2022 § 6.2.2), asked for by CMAF § 7.5.1.
const IDENTITY: [u32; 9] = [1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30];

/// MovieHeaderBox (ISO/IEC 14496-12:2022 § 8.2.2). Times are 0 so that equal input gives equal bytes;
/// the duration, in ticks of `scale`, is 0 when no sample stands in the `moov`.
pub(super) fn movie_header(w: &mut BoxWriter<'_>, scale: Timescale, duration: u64, next_track: u32) {
    let length = Length(duration);
    w.full(b"mvhd", length.version(), 0, |w| {
        length.dates(w);
        w.u32(scale.hz());
        length.write(w);
        w.u32(1 << 16); // rate
        w.u16(1 << 8); // volume
        w.zeros(10);
        IDENTITY.iter().for_each(|&value| w.u32(value));
        w.zeros(24);
        w.u32(next_track);
    });
}

/// A duration, which takes a box of version 1 when it does not fit in 32 bits.
#[derive(Clone, Copy)]
struct Length(u64);

impl Length {
    fn version(self) -> u8 {
        u8::from(self.0 > u64::from(u32::MAX))
    }

    /// creation_time and modification_time: 0.
    fn dates(self, w: &mut BoxWriter<'_>) {
        w.zeros(if self.version() == 0 { 8 } else { 16 });
    }

    fn write(self, w: &mut BoxWriter<'_>) {
        match u32::try_from(self.0) {
            Ok(short) => w.u32(short),
            Err(_) => w.u64(self.0),
        }
    }
}

/// TrackHeaderBox (ISO/IEC 14496-12:2022 § 8.3.2), with the sizes of CMAF § 7.5.4; the duration is in ticks of the
/// movie.
pub(super) fn track_header(w: &mut BoxWriter<'_>, track: &TrackConfig, id: u32, duration: u64) {
    const ENABLED_IN_MOVIE_IN_PREVIEW: u32 = 7;
    let (volume, width, height) = match &track.media {
        TrackMedia::Video(video) => (0, video.display().width, video.display().height),
        TrackMedia::Audio(_) => (1 << 8, 0, 0),
        TrackMedia::Text => (0, 0, 0),
    };
    let length = Length(duration);
    w.full(b"tkhd", length.version(), ENABLED_IN_MOVIE_IN_PREVIEW, |w| {
        length.dates(w);
        w.u32(id);
        w.zeros(4);
        length.write(w);
        w.zeros(8);
        w.zeros(4); // layer, alternate_group
        w.u16(volume);
        w.zeros(2);
        IDENTITY.iter().for_each(|&value| w.u32(value));
        w.u32(width << 16);
        w.u32(height << 16);
    });
}

/// The one edit of a sound track: what the decoder puts out before the first real sample is skipped.
/// Players ignore lists of more than one entry, so it stands there even when there is nothing to skip.
#[derive(Clone, Copy)]
struct Edit {
    media_time: i32,
}

impl Edit {
    /// CMAF § 7.7.2: pictures have none; their first presentation time is 0 by signed offsets.
    fn of(track: &TrackConfig) -> Result<Option<Self>, Error> {
        match &track.media {
            TrackMedia::Video(_) | TrackMedia::Text => Ok(None),
            TrackMedia::Audio(audio) => {
                Ok(Some(Self { media_time: super::fit(audio.priming, "the priming of", "elst")? }))
            }
        }
    }

    /// As CMAF § 7.5.13 restricts it: to the end of the track.
    fn write(self, w: &mut BoxWriter<'_>) {
        edit_list(w, 0, self.media_time);
    }
}

/// EditListBox (ISO/IEC 14496-12:2022 § 8.6.6) with one edit: the media from `media_time` on, for so many ticks of
/// the movie.
pub(super) fn edit_list(w: &mut BoxWriter<'_>, duration: u64, media_time: i32) {
    let length = Length(duration);
    w.boxed(b"edts", |w| {
        w.full(b"elst", length.version(), 0, |w| {
            w.u32(1);
            length.write(w);
            if length.version() == 0 {
                w.i32(media_time)
            } else {
                w.u64(i64::from(media_time) as u64)
            }
            w.u32(1 << 16); // media_rate
        });
    });
}

/// MediaBox (ISO/IEC 14496-12:2022 § 8.4.1): so many ticks of the track, whose sample tables `tables` writes.
pub(super) fn media(
    w: &mut BoxWriter<'_>,
    track: &TrackConfig,
    duration: u64,
    tables: impl FnOnce(&mut BoxWriter<'_>),
) {
    w.boxed(b"mdia", |w| {
        media_header(w, track, duration);
        handler(w, &track.media);
        extended_language(w, &track.language);
        w.boxed(b"minf", |w| {
            media_information(w, &track.media);
            w.boxed(b"dinf", data_reference);
            w.boxed(b"stbl", tables);
        });
    });
}

/// MediaHeaderBox (ISO/IEC 14496-12:2022 § 8.4.2).
fn media_header(w: &mut BoxWriter<'_>, track: &TrackConfig, duration: u64) {
    let length = Length(duration);
    w.full(b"mdhd", length.version(), 0, |w| {
        length.dates(w);
        w.u32(track.timescale.hz());
        length.write(w);
        w.u16(packed(track.language.iso639_2()));
        w.zeros(2);
    });
}

/// Three letters of five bits each, counted from `a` = 1.
fn packed(code: [u8; 3]) -> u16 {
    code.iter().fold(0, |packed, letter| packed << 5 | u16::from(letter & 0x1f))
}

/// ExtendedLanguageBox (ISO/IEC 14496-12:2022 § 8.4.6), for tags of which `mdhd` can say only a part.
fn extended_language(w: &mut BoxWriter<'_>, language: &Language) {
    if language.tag().contains('-') {
        w.full(b"elng", 0, 0, |w| {
            w.bytes(language.tag().as_bytes());
            w.u8(0);
        });
    }
}

/// HandlerBox (ISO/IEC 14496-12:2022 § 8.4.3).
fn handler(w: &mut BoxWriter<'_>, media: &TrackMedia) {
    let (kind, name) = match media {
        TrackMedia::Video(_) => (b"vide", "Video\0"),
        TrackMedia::Audio(_) => (b"soun", "Sound\0"),
        TrackMedia::Text => (b"text", "Text\0"),
    };
    w.full(b"hdlr", 0, 0, |w| {
        w.zeros(4);
        w.bytes(kind);
        w.zeros(12);
        w.bytes(name.as_bytes());
    });
}

/// VideoMediaHeaderBox, SoundMediaHeaderBox or, for text, NullMediaHeaderBox (ISO/IEC 14496-12:2022 §§ 12.1.2,
/// 12.2.2, 8.4.5.2).
fn media_information(w: &mut BoxWriter<'_>, media: &TrackMedia) {
    match media {
        TrackMedia::Video(_) => w.full(b"vmhd", 0, 1, |w| w.zeros(8)), // copy mode, black
        TrackMedia::Audio(_) => w.full(b"smhd", 0, 0, |w| w.zeros(4)), // balance in the middle
        TrackMedia::Text => w.full(b"nmhd", 0, 0, |_| {}),
    }
}

/// DataReferenceBox (ISO/IEC 14496-12:2022 § 8.7.2): the samples are in this same file.
fn data_reference(w: &mut BoxWriter<'_>) {
    const SELF_CONTAINED: u32 = 1;
    w.full(b"dref", 0, 0, |w| {
        w.u32(1);
        w.full(b"url ", 0, SELF_CONTAINED, |_| {});
    });
}

/// SampleDescriptionBox (ISO/IEC 14496-12:2022 § 8.5.2): one sample entry, and of a track that begins in the clear
/// a second one for that.
fn sample_entries(w: &mut BoxWriter<'_>, track: &TrackConfig, entry: &SampleEntry<'_>, protection: &HeaderProtection) {
    let kind = match &track.media {
        TrackMedia::Video(_) => b"encv",
        TrackMedia::Audio(_) => b"enca",
        TrackMedia::Text => b"enct",
    };
    w.full(b"stsd", 0, 0, |w| match &protection.default {
        None => {
            w.u32(1);
            entry.write(w);
        }
        Some(default) => {
            w.u32(1 + u32::from(protection.clear_entry));
            protected_entry(w, kind, default, |w| entry.write(w));
            if protection.clear_entry {
                entry.write(w);
            }
        }
    });
}

/// SampleTableBox (ISO/IEC 14496-12:2022 § 8.5) of a track whose samples are all in fragments: what `entries` writes
/// and four empty tables (CMAF § 7.5.12).
fn sample_tables(w: &mut BoxWriter<'_>, entries: impl FnOnce(&mut BoxWriter<'_>)) {
    entries(w);
    w.full(b"stts", 0, 0, |w| w.u32(0));
    w.full(b"stsc", 0, 0, |w| w.u32(0));
    w.full(b"stsz", 0, 0, |w| w.zeros(8)); // sample_size, sample_count
    w.full(b"stco", 0, 0, |w| w.u32(0));
}

/// TrackExtendsBox (ISO/IEC 14496-12:2022 § 8.8.3). The defaults that count stand in each `tfhd`,
/// so that a fragment explains itself and the headers of a switching set agree.
fn track_extends(w: &mut BoxWriter<'_>) {
    w.full(b"trex", 0, 0, |w| {
        w.u32(TRACK_ID);
        w.u32(1); // default_sample_description_index
        w.zeros(12); // duration, size, flags
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_packed_in_five_bits_per_letter() {
        assert_eq!(packed(*b"und"), 0x55c4);
        assert_eq!(packed(*b"eng"), 0x15c7);
    }
}
