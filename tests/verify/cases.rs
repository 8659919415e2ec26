//! What can be wrong with a set: each case breaks one thing in a good one.

use std::path::Path;

use streampack::plan::Layout::{self, SegmentFiles, SingleFile};

use crate::change::{
    TAG, add, all, append, boxed, bytes, cut, drop_last_fragment, encrypt, message, messages, picture, poke, ranges,
    read, remove, rename, scale, shift_all, subtitle, swap, tell, text, write,
};

/// One broken thing.
pub(crate) struct Case {
    /// What is broken.
    pub(crate) name: &'static str,
    pub(crate) layout: Layout,
    /// The clause that must be named, and the file that must be blamed.
    pub(crate) clause: &'static str,
    pub(crate) file: &'static str,
    /// Breaks it.
    pub(crate) change: fn(&Path),
}

const MASTER: &str = "master.m3u8";
const MPD: &str = "manifest.mpd";
const PLAYLIST: &str = "video/180p_h264/playlist.m3u8";
const FRAMES: &str = "video/180p_h264/iframes.m3u8";
const INIT: &str = "video/180p_h264/init.mp4";
const SOUND_INIT: &str = "audio/en_aac_64k_1/init.mp4";
const SOUND_PLAYLIST: &str = "audio/en_aac_64k_1/playlist.m3u8";
const FIRST: &str = "video/180p_h264/segment_00001.m4s";
const SECOND: &str = "video/180p_h264/segment_00002.m4s";
const SMALL_SECOND: &str = "video/90p_h264/segment_00002.m4s";
const SINGLE: &str = "video/180p_h264/media.mp4";
const IMAGES: &str = "thumbnails/images.m3u8";
const SPRITE: &str = "thumbnails/sprite_00002.jpg";

/// An edit that skips nothing, as version 0 of `elst` has it.
const EDIT: [u8; 12] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0];

/// Subtitles that are as they should be.
const VTT: &str = "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n\n00:01.000 --> 00:02.000\nx\n";

/// Up to the key.
const PROTECTION: &str = "<ContentProtection schemeIdUri=\"urn:mpeg:dash:mp4protection:2011\" cenc:default_KID=\"";

/// A key of FairPlay in the playlist of a rung.
fn key(root: &Path, method: &str, more: &str) {
    let key = format!(
        "#EXT-X-KEY:METHOD={method},URI=\"skd://k\",KEYFORMAT=\"com.apple.streamingkeydelivery\"{more}\n#EXTINF"
    );
    text(root, PLAYLIST, "#EXTINF", &key);
}

/// Date ranges in the playlist of a rung, which says when it was.
fn range(root: &Path, ranges: &[&str]) {
    let tags: String = ranges.iter().map(|range| format!("#EXT-X-DATERANGE:{range}\n")).collect();
    text(root, PLAYLIST, "#EXTINF", &format!("#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00Z\n{tags}#EXTINF"));
}

/// An event stream with these attributes, and an event in it.
fn event(root: &Path, stream: &str, attributes: &str, held: &str) {
    let stream = format!("<EventStream {stream}><Event {attributes}>{held}</Event></EventStream><AdaptationSet");
    text(root, MPD, "<AdaptationSet", &stream);
}

/// Says in a header of sound how loud it is; a count stands before the measurements.
fn loud(root: &Path, measurements: &[u8]) {
    let tlou = boxed(b"tlou", &[&[0; 10], measurements].concat());
    append(root, SOUND_INIT, &[b"moov", b"trak"], &boxed(b"udta", &boxed(b"ludt", &tlou)));
}

macro_rules! cases {
    ($($name:literal, $layout:ident, $clause:literal, $file:expr, $change:expr;)+) => {
        &[$(Case { name: $name, layout: $layout, clause: $clause, file: $file, change: $change }),+]
    };
}

pub(crate) const CASES: &[Case] = cases! {
    // Media playlists.
    "a wrong EXTINF", SegmentFiles, "Apple 8.1", PLAYLIST, |r| text(r, PLAYLIST, "#EXTINF:1.2", "#EXTINF:1.3");
    "an EXTINF off by a millisecond", SegmentFiles, "Apple 8.1", PLAYLIST, |r| text(r, PLAYLIST, "6.000000", "5.999000");
    "an EXTINF that is no number", SegmentFiles, "RFC 8216bis 4.4.4.1", PLAYLIST, |r| text(r, PLAYLIST, "6.000000", "six");
    "EXTINF above the target duration", SegmentFiles, "RFC 8216bis 4.4.3.1", PLAYLIST, |r| text(r, PLAYLIST, "DURATION:6", "DURATION:5");
    "no target duration", SegmentFiles, "RFC 8216bis 4.4.3.1", PLAYLIST, |r| text(r, PLAYLIST, "#EXT-X-TARGETDURATION:6\n", "");
    "two target durations", SegmentFiles, "RFC 8216bis 4.4", PLAYLIST, |r| text(r, PLAYLIST, "#EXTINF", "#EXT-X-TARGETDURATION:6\n#EXTINF");
    "another target duration", SegmentFiles, "Apple 8.2", SOUND_PLAYLIST, |r| text(r, SOUND_PLAYLIST, "DURATION:6", "DURATION:7");
    "a playlist without end", SegmentFiles, "RFC 8216bis 4.4.3.4", PLAYLIST, |r| text(r, PLAYLIST, "#EXT-X-ENDLIST\n", "");
    "no playlist type", SegmentFiles, "Apple 8.6", PLAYLIST, |r| text(r, PLAYLIST, "#EXT-X-PLAYLIST-TYPE:VOD\n", "");
    "an unknown playlist type", SegmentFiles, "RFC 8216bis 4.4.3.5", PLAYLIST, |r| text(r, PLAYLIST, "TYPE:VOD", "TYPE:FILM");
    "a version that is too low", SegmentFiles, "RFC 8216bis 8", PLAYLIST, |r| text(r, PLAYLIST, "VERSION:6", "VERSION:5");
    "no EXT-X-MAP", SegmentFiles, "Apple 8.20", PLAYLIST, |r| text(r, PLAYLIST, "#EXT-X-MAP:URI=\"init.mp4\"\n", "");
    "a byte order mark", SegmentFiles, "RFC 8216bis 4.1", PLAYLIST, |r| text(r, PLAYLIST, "#EXTM3U", "\u{feff}#EXTM3U");
    "no #EXTM3U", SegmentFiles, "RFC 8216bis 4.4.1.1", PLAYLIST, |r| text(r, PLAYLIST, "#EXTM3U", "#EXTM4U");
    "Latin-1 instead of UTF-8", SegmentFiles, "RFC 8216bis 4.1", MASTER, |r| bytes(r, MASTER, |b| b.extend(b"# \xe9\n"));
    "a media tag in the multivariant playlist", SegmentFiles, "RFC 8216bis 4.1", MASTER, |r| text(r, MASTER, "#EXT-X-VERSION:6", "#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:6");
    "a multivariant tag in a media playlist", SegmentFiles, "RFC 8216bis 4.1", PLAYLIST, |r| text(r, PLAYLIST, "#EXTINF", "#EXT-X-SESSION-DATA:DATA-ID=\"a\",VALUE=\"b\"\n#EXTINF");
    "a missing segment", SegmentFiles, "RFC 8216bis 6.2.1", PLAYLIST, |r| remove(r, SECOND);
    "a missing playlist", SegmentFiles, "RFC 8216bis 6.2.1", MASTER, |r| remove(r, PLAYLIST);
    "a URI that leaves the set", SegmentFiles, "RFC 3986 5.2", PLAYLIST, |r| text(r, PLAYLIST, "segment_00001", "../../../segment_00001");
    "a dropped segment", SegmentFiles, "Apple 8.3", PLAYLIST, |r| text(r, PLAYLIST, "#EXTINF:1.200000,\nsegment_00002.m4s\n", "");
    "sound that ends early", SegmentFiles, "Apple 8.3", SOUND_INIT, |r| text(r, SOUND_PLAYLIST, "#EXTINF:1.216000,\nsegment_00002.m4s\n", "");
    "an EXT-X-BITRATE that is not true", SegmentFiles, "RFC 8216bis 4.4.4.8", PLAYLIST, |r| text(r, PLAYLIST, "#EXTINF", "#EXT-X-BITRATE:1\n#EXTINF");
    "a byte range past the end", SingleFile, "RFC 8216bis 4.4.4.2", "video/180p_h264/playlist.m3u8", |r| text(r, PLAYLIST, "BYTERANGE:", "BYTERANGE:1");
    "a byte range that cuts a fragment", SingleFile, "CMAF 7.3.3.1", SINGLE, |r| add(r, PLAYLIST, "EXT-X-BYTERANGE:", -1);

    // I-frame playlists.
    "a key frame at another place", SegmentFiles, "Apple 6.10", FRAMES, |r| add(r, FRAMES, "@", 1);
    "a key frame that is cut", SegmentFiles, "RFC 8216bis 4.4.3.6", FRAMES, |r| add(r, FRAMES, "BYTERANGE:", -1);
    "an I-frame playlist that does not say so", SegmentFiles, "Apple 6.8", FRAMES, |r| text(r, FRAMES, "#EXT-X-I-FRAMES-ONLY\n", "");
    "the length of a key frame", SegmentFiles, "RFC 8216bis 4.4.3.6", FRAMES, |r| text(r, FRAMES, "2.000000", "1.500000");
    "no I-frame playlists", SegmentFiles, "Apple 6.1", MASTER, |r| all(r, MASTER, "#EXT-X-I-FRAME-STREAM-INF", "#");

    // The multivariant playlist.
    "BANDWIDTH that is too low", SegmentFiles, "RFC 8216bis 4.4.6.2", MASTER, |r| scale(r, MASTER, ":BANDWIDTH=", 98);
    "BANDWIDTH that is ten times too high", SegmentFiles, "Apple 1.27", MASTER, |r| scale(r, MASTER, ":BANDWIDTH=", 1000);
    "BANDWIDTH that is somewhat too high", SegmentFiles, "Apple 9.13", MASTER, |r| scale(r, MASTER, ":BANDWIDTH=", 103);
    "AVERAGE-BANDWIDTH that is wrong", SegmentFiles, "Apple 1.26", MASTER, |r| scale(r, MASTER, "AVERAGE-BANDWIDTH=", 80);
    "no AVERAGE-BANDWIDTH", SegmentFiles, "Apple 9.14", MASTER, |r| text(r, MASTER, "AVERAGE-BANDWIDTH=", "X-AVERAGE=");
    "BANDWIDTH of key frames", SegmentFiles, "Apple 1.27", MASTER, |r| scale(r, MASTER, "I-FRAME-STREAM-INF:BANDWIDTH=", 130);
    "CODECS of another level", SegmentFiles, "RFC 8216bis 4.4.6.2", MASTER, |r| text(r, MASTER, "avc1.64000C,mp4a", "avc1.64001F,mp4a");
    "CODECS without the sound", SegmentFiles, "RFC 8216bis 4.4.6.2", MASTER, |r| text(r, MASTER, "64000C,mp4a.40.2", "64000C");
    "no CODECS", SegmentFiles, "Apple 9.1", MASTER, |r| text(r, MASTER, "CODECS=\"avc1.64000C,mp4a.40.2\",", "");
    "a wrong RESOLUTION", SegmentFiles, "RFC 8216bis 4.4.6.2", MASTER, |r| text(r, MASTER, "320x180", "320x182");
    "no RESOLUTION", SegmentFiles, "Apple 9.2", MASTER, |r| text(r, MASTER, "RESOLUTION=320x180,", "");
    "a wrong FRAME-RATE", SegmentFiles, "RFC 8216bis 4.4.6.2", MASTER, |r| text(r, MASTER, "FRAME-RATE=25.000", "FRAME-RATE=24.000");
    "no FRAME-RATE", SegmentFiles, "Apple 9.15", MASTER, |r| text(r, MASTER, "FRAME-RATE=25.000,", "");
    "a wrong VIDEO-RANGE", SegmentFiles, "Apple 9.16", MASTER, |r| text(r, MASTER, "RANGE=SDR", "RANGE=PQ");
    "no EXT-X-INDEPENDENT-SEGMENTS", SegmentFiles, "Apple 9.11", MASTER, |r| text(r, MASTER, "#EXT-X-INDEPENDENT-SEGMENTS\n", "");
    "DEFAULT twice", SegmentFiles, "RFC 8216bis 4.4.6.1.1", MASTER, |r| text(r, MASTER, "DEFAULT=NO", "DEFAULT=YES");
    "a default that is not selected", SegmentFiles, "RFC 8216bis 4.4.6.1", MASTER, |r| text(r, MASTER, "DEFAULT=YES,AUTOSELECT=YES", "DEFAULT=YES,AUTOSELECT=NO");
    "a NAME twice", SegmentFiles, "RFC 8216bis 4.4.6.1.1", MASTER, |r| text(r, MASTER, "German", "English");
    "a GROUP-ID that is not defined", SegmentFiles, "RFC 8216bis 4.4.6.2", MASTER, |r| text(r, MASTER, "AUDIO=\"aac-64k\"", "AUDIO=\"aac-65k\"");
    "CHANNELS that are not there", SegmentFiles, "RFC 8216bis 4.4.6.1", MASTER, |r| text(r, MASTER, "CHANNELS=\"2\"", "CHANNELS=\"6\"");
    "another LANGUAGE", SegmentFiles, "RFC 8216bis 4.4.6.1", MASTER, |r| text(r, MASTER, "LANGUAGE=\"de\"", "LANGUAGE=\"fr\"");
    "CLOSED-CAPTIONS=NONE at some variants", SegmentFiles, "RFC 8216bis 4.4.6.2", MASTER, |r| text(r, MASTER, ",CLOSED-CAPTIONS=NONE", "");
    "SCORE at one variant", SegmentFiles, "Apple 9.19", MASTER, |r| text(r, MASTER, "VIDEO-RANGE", "SCORE=1.0,VIDEO-RANGE");
    "an attribute in quotation marks", SegmentFiles, "RFC 8216bis 4.2", MASTER, |r| text(r, MASTER, "RESOLUTION=320x180", "RESOLUTION=\"320x180\"");
    "an attribute that stands twice", SegmentFiles, "RFC 8216bis 4.2", MASTER, |r| text(r, MASTER, "VIDEO-RANGE=SDR", "VIDEO-RANGE=SDR,VIDEO-RANGE=SDR");
    "a variant without URI", SegmentFiles, "RFC 8216bis 4.4.6.2", MASTER, |r| text(r, MASTER, "video/180p_h264/playlist.m3u8\n", "");

    // Messages.
    "an emsg without a timescale", SegmentFiles, "ISO 23009-1 5.10.3.3", FIRST, |r| tell(r, FIRST, &message(1, 0, 0, TAG));
    "an emsg behind the last fragment", SegmentFiles, "CMAF 7.4.5", FIRST, |r| bytes(r, FIRST, |b| b.extend(message(1, 1, 0, TAG)));
    "an emsg with ID3 of version 0", SegmentFiles, "AOM ID3 2.2.1", FIRST, |r| tell(r, FIRST, &message(0, 1, 0, TAG));
    "an emsg with half of a tag", SegmentFiles, "AOM ID3 2.2.3", FIRST, |r| tell(r, FIRST, &message(1, 1, 0, &TAG[..15]));
    "an emsg with a frame that is none", SegmentFiles, "AOM ID3 2.2.3", FIRST, |r| tell(r, FIRST, &message(1, 1, 0, &[&TAG[..10], b"txxx", &TAG[14..]].concat()));
    "an emsg for another time", SegmentFiles, "AOM ID3 2.2.3", FIRST, |r| tell(r, FIRST, &message(1, 1, 9, TAG));
    "messages of many kinds", SegmentFiles, "ISO 23009-1 5.10.3.3", FIRST, |r| tell(r, FIRST, &messages(65));
    "an emsg in one rendition", SegmentFiles, "ISO 23009-1 5.10.3.3", "video/90p_h264/init.mp4", |r| tell(r, FIRST, &message(1, 1, 0, TAG));
    "an emsg that is not announced", SegmentFiles, "ISO 23009-1 5.10.3.2", MPD, |r| tell(r, FIRST, &message(1, 1, 0, TAG));

    // The CMAF header.
    "an empty header", SegmentFiles, "CMAF 7.3.3.1", INIT, |r| cut(r, INIT, 0);
    "a header that is cut", SegmentFiles, "CMAF 7.3.2.1", INIT, |r| cut(r, INIT, 300);
    "no structural brand", SegmentFiles, "CMAF 7.2", INIT, |r| bytes(r, INIT, |b| b[8..32].iter_mut().for_each(|b| *b = b'x'));
    "a minor version", SegmentFiles, "CMAF 7.2", INIT, |r| poke(r, INIT, b"ftyp", 7, 2);
    "colr is missing", SegmentFiles, "CMAF 9.2.3", INIT, |r| rename(r, INIT, b"colr", b"free");
    "colr of another colour than the SPS", SegmentFiles, "CMAF 9.2.3", INIT, |r| poke(r, INIT, b"colr", 5, 9);
    "pasp is missing", SegmentFiles, "CMAF 9.2.3", INIT, |r| rename(r, INIT, b"pasp", b"free");
    "a level in avcC that the SPS does not have", SegmentFiles, "ISO 14496-15 5.3.3.1", INIT, |r| poke(r, INIT, b"avcC", 3, 31);
    "a codec string that avcC does not have", SegmentFiles, "ISO 23009-1 5.3.7.2", MPD, |r| text(r, MPD, "avc1.64000C", "avc1.4D400C");
    "avc3 instead of avc1", SegmentFiles, "Apple 1.10", INIT, |r| rename(r, INIT, b"avc1", b"avc3");
    "another size in the sample entry", SegmentFiles, "ISO 14496-12 12.1.3", INIT, |r| poke(r, INIT, b"avc1", 25, 65);
    "an edit list of two entries", SegmentFiles, "CMAF 7.5.13", SOUND_INIT, |r| {
        append(r, SOUND_INIT, &[b"moov", b"trak", b"edts", b"elst"], &EDIT);
        poke(r, SOUND_INIT, b"elst", 7, 2);
    };
    "an edit list on video", SegmentFiles, "CMAF 7.7.2", INIT, |r| {
        let elst = [&[0, 0, 0, 28][..], b"elst", &[0; 7], &[1], &EDIT].concat();
        append(r, INIT, &[b"moov", b"trak"], &[&[0, 0, 0, 36][..], b"edts", &elst].concat());
    };
    "a duration in mdhd", SegmentFiles, "CMAF 7.5.5", INIT, |r| poke(r, INIT, b"mdhd", 19, 9);
    "a duration in tkhd", SegmentFiles, "CMAF 7.5.4", INIT, |r| poke(r, INIT, b"tkhd", 23, 9);
    "a duration in mvhd", SegmentFiles, "CMAF 7.5.1", INIT, |r| poke(r, INIT, b"mvhd", 19, 9);
    "a ludt that is cut", SegmentFiles, "ISO 14496-12 12.2.7", SOUND_INIT, |r| loud(r, &[1, 1, 140]);
    "a ludt without the programme", SegmentFiles, "Apple 2.19", SOUND_INIT, |r| loud(r, &[1, 6, 140, 0x13]);
    "one rendition that says how loud it is", SegmentFiles, "Apple 2.19", MASTER, |r| loud(r, &[1, 1, 140, 0x13]);
    "udta in moov", SegmentFiles, "CMAF 7.5.2", INIT, |r| append(r, INIT, &[b"moov"], b"\0\0\0\x08udta");
    "trex of another track", SegmentFiles, "CMAF 7.5.14", INIT, |r| poke(r, INIT, b"trex", 7, 9);
    "a table of samples", SegmentFiles, "CMAF 7.5.12", INIT, |r| poke(r, INIT, b"stsz", 11, 1);
    "data that are elsewhere", SegmentFiles, "CMAF 7.5.9", INIT, |r| poke(r, INIT, b"url ", 3, 0);
    "an ES_ID", SegmentFiles, "CMAF 10.3.4.2.3", SOUND_INIT, |r| poke(r, SOUND_INIT, b"esds", 7, 1);
    "one colour here, another there", SegmentFiles, "CMAF B.2.4", "video/90p_h264/init.mp4", |r| poke(r, INIT, b"colr", 5, 9);

    // Fragments.
    "a tfdt off by one", SegmentFiles, "CMAF 7.3.2.2", SECOND, |r| shift_all(r, SECOND, b"tfdt", 11, 1);
    "key frames of two rungs at different times", SegmentFiles, "CMAF 7.3.4.1", "video/90p_h264/init.mp4", |r| shift_all(r, SMALL_SECOND, b"tfdt", 10, 4);
    "a fragment less in one rung", SegmentFiles, "CMAF 7.3.4.1", "video/90p_h264/init.mp4", |r| drop_last_fragment(r, "video/90p_h264/segment_00001.m4s");
    "swapped segments", SegmentFiles, "CMAF 7.3.2.2", SECOND, |r| swap(r, FIRST, SECOND);
    "a segment of another rung", SegmentFiles, "RFC 8216bis 4.4.3.6", FRAMES, |r| write(r, SECOND, &read(r, SMALL_SECOND));
    "a truncated segment", SegmentFiles, "CMAF 7.3.3.1", SECOND, |r| bytes(r, SECOND, |b| b.truncate(b.len() - 1));
    "an empty segment", SegmentFiles, "CMAF 7.3.3.1", SECOND, |r| cut(r, SECOND, 0);
    "a moof without its mdat", SegmentFiles, "CMAF 7.5.19", SECOND, |r| rename(r, SECOND, b"mdat", b"free");
    "a key frame that is no sync sample", SegmentFiles, "CMAF 7.5.17", SECOND, |r| poke(r, SECOND, b"trun", 13, 1);
    "a sync sample that is no key frame", SegmentFiles, "CMAF 7.5.17", SECOND, |r| poke(r, SECOND, b"tfhd", 17, 0);
    "a data offset that is off", SegmentFiles, "CMAF 7.5.17", SECOND, |r| shift_all(r, SECOND, b"trun", 11, 1);
    "a sample that is too large", SegmentFiles, "CMAF 7.3.2.3", SECOND, |r| shift_all(r, SECOND, b"trun", 19, 1);
    "trun of version 0", SegmentFiles, "CMAF 7.7.3", SECOND, |r| poke(r, SECOND, b"trun", 0, 0);
    "offsets from the start of the file", SegmentFiles, "CMAF 7.5.16", SECOND, |r| poke(r, SECOND, b"tfhd", 1, 0);
    "a fragment of another track", SegmentFiles, "CMAF 7.5.16", SECOND, |r| poke(r, SECOND, b"tfhd", 7, 9);
    "a composition offset that leaves a gap", SegmentFiles, "CMAF 7.5.17", SECOND, |r| shift_all(r, SECOND, b"trun", 22, 1);
    "a NAL unit that is longer than its sample", SegmentFiles, "ISO 14496-15 5.3.3", SECOND, |r| poke(r, SECOND, b"mdat", 0, 1);
    "sequence numbers that fall", SegmentFiles, "ISO 14496-12 8.8.5", SECOND, |r| poke(r, SECOND, b"mfhd", 7, 0);
    "styp of another kind", SegmentFiles, "ISO 23009-1 6.3.4.2", SECOND, |r| rename(r, SECOND, b"styp", b"free");

    // Single files.
    "the size of a fragment in sidx", SingleFile, "CMAF 7.3.3.3", SINGLE, |r| shift_all(r, SINGLE, b"sidx", 27, 1);
    "the length of a fragment in sidx", SingleFile, "CMAF 7.3.3.3", SINGLE, |r| shift_all(r, SINGLE, b"sidx", 31, 1);
    "a fragment without access point in sidx", SingleFile, "CMAF 7.3.3.3", SINGLE, |r| poke(r, SINGLE, b"sidx", 32, 0);
    "an index range that is off", SingleFile, "ISO 14496-12 8.16.3", SINGLE, |r| add(r, MPD, "indexRange=\"", 1);
    "a header range that is off", SingleFile, "CMAF 7.3.2.1", SINGLE, |r| add(r, MPD, " range=\"0-", -1);
    "a header range that reaches into the index", SingleFile, "ISO 23009-1 5.3.9.2", MPD, |r| add(r, MPD, " range=\"0-", 10);

    // The MPD.
    "S@t off by one", SegmentFiles, "ISO 23009-1 5.3.9.6", MPD, |r| text(r, MPD, "<S t=\"0\"", "<S t=\"1\"");
    "S@d off by one", SegmentFiles, "ISO 23009-1 5.3.9.6", MPD, |r| text(r, MPD, "d=\"30000\"", "d=\"30001\"");
    "a gap in a timeline", SegmentFiles, "DASH-IF IOP 5.3.2", MPD, |r| text(r, MPD, "<S d=\"30000\"", "<S t=\"150010\" d=\"30000\"");
    "another timescale", SegmentFiles, "DASH-IF IOP 5.3.2", MPD, |r| text(r, MPD, "timescale=\"25000\"", "timescale=\"90000\"");
    "a timeline without end", SegmentFiles, "ISO 23009-1 5.3.9.6", MPD, |r| text(r, MPD, "d=\"30000\"", "d=\"30000\" r=\"4000000000\"");
    "a segment too many", SegmentFiles, "ISO 23009-1 5.3.9", MPD, |r| text(r, MPD, "d=\"30000\"", "d=\"30000\" r=\"1\"");
    "elements in another order", SegmentFiles, "ISO 23009-1 Annex B", MPD, |r| {
        text(r, MPD, "<Label>English</Label>", "");
        text(r, MPD, "<Representation id=\"en_aac", "<Label>English</Label><Representation id=\"en_aac");
    };
    "an unknown element", SegmentFiles, "ISO 23009-1 Annex B", MPD, |r| text(r, MPD, "<Label>English</Label>", "<Lable>English</Lable>");
    "no @minBufferTime", SegmentFiles, "ISO 23009-1 Annex B", MPD, |r| text(r, MPD, " minBufferTime=\"PT6S\"", "");
    "no Role main", SegmentFiles, "DASH-IF IOP 3.9.2", MPD, |r| text(r, MPD, "value=\"main\"", "value=\"alternate\"");
    "no Role", SegmentFiles, "DASH-IF IOP 3.9.2", MPD, |r| text(r, MPD, "<Role schemeIdUri=\"urn:mpeg:dash:role:2011\" value=\"alternate\"/>", "");
    "the length of the programme", SegmentFiles, "ISO 23009-1 5.3.1.2", MPD, |r| text(r, MPD, "PT7.2S", "PT7.3S");
    "the longest segment", SegmentFiles, "ISO 23009-1 5.3.1.2", MPD, |r| text(r, MPD, "maxSegmentDuration=\"PT6S\"", "maxSegmentDuration=\"PT5S\"");
    "the wrong profile", SegmentFiles, "ISO 23009-1 8.4", MPD, |r| text(r, MPD, "isoff-live", "isoff-main");
    "@bandwidth that is too low", SegmentFiles, "ISO 23009-1 5.3.5.2", MPD, |r| scale(r, MPD, "bandwidth=\"", 70);
    "another @frameRate", SegmentFiles, "ISO 23009-1 5.3.7.2", MPD, |r| text(r, MPD, "frameRate=\"25\"", "frameRate=\"30\"");
    "another @width", SegmentFiles, "ISO 23009-1 5.3.7.2", MPD, |r| text(r, MPD, " width=\"320\"", " width=\"322\"");
    "another @maxWidth", SegmentFiles, "ISO 23009-1 5.3.3.2", MPD, |r| text(r, MPD, "maxWidth=\"320\"", "maxWidth=\"640\"");
    "another @audioSamplingRate", SegmentFiles, "ISO 23009-1 5.3.7.2", MPD, |r| text(r, MPD, "48000\">", "44100\">");
    "no AudioChannelConfiguration", SegmentFiles, "DASH-IF IOP 6.3.3", MPD, |r| text(r, MPD, "<AudioChannelConfiguration schemeIdUri=\"urn:mpeg:mpegB:cicp:ChannelConfiguration\" value=\"2\"/>", "");
    "another @lang", SegmentFiles, "ISO 23009-1 5.3.3.2", MPD, |r| text(r, MPD, "lang=\"de\"", "lang=\"fr\"");
    "sets that are not aligned", SegmentFiles, "DASH-IF IOP 3.2.2", MPD, |r| text(r, MPD, " segmentAlignment=\"true\"", "");
    "an @id that stands twice", SegmentFiles, "ISO 23009-1 5.3.5.2", MPD, |r| text(r, MPD, "id=\"90p_h264\"", "id=\"180p_h264\"");
    "a template that cannot be expanded", SegmentFiles, "ISO 23009-1 5.3.9.4.4", MPD, |r| text(r, MPD, "$Number%05d$", "$Nummer$");
    "trick mode of nothing", SegmentFiles, "DASH-IF IOP 3.2.9", MPD, |r| text(r, MPD, "trickmode\" value=\"1\"", "trickmode\" value=\"7\"");
    "trick mode without a rate", SegmentFiles, "DASH-IF IOP 3.2.9", MPD, |r| text(r, MPD, " maxPlayoutRate=\"50\"", "");
    "XML that is not well-formed", SegmentFiles, "XML 1.0 2.1", MPD, |r| text(r, MPD, "</Period>", "");
    "entities that grow", SegmentFiles, "ISO 23009-1 5.2", MPD, |r| text(r, MPD, "<MPD", "<!DOCTYPE MPD [<!ENTITY a \"&#38;b;&#38;b;\">]><MPD");
    "an MPD of another namespace", SegmentFiles, "ISO 23009-1 5.2", MPD, |r| text(r, MPD, "schema:mpd:2011", "schema:mpd:2012");

    // Thumbnails.
    "a sheet of another size", SegmentFiles, "DASH-IF IOP 6.2.6", MPD, |r| picture(r, SPRITE, 64, 36);
    "tiles that do not fill the sheet", SegmentFiles, "HLS images 0.4 2.3", IMAGES, |r| text(r, IMAGES, "LAYOUT=2x2", "LAYOUT=2x3");
    "a sheet that covers too much", SegmentFiles, "HLS images 0.4 2.3", IMAGES, |r| text(r, IMAGES, "DURATION=1.000000", "DURATION=0.500000");
    "sheets that end early", SegmentFiles, "HLS images 0.4 2.2", IMAGES, |r| text(r, IMAGES, "3.200000", "2.200000");
    "a sheet that is cut", SegmentFiles, "DASH-IF IOP 6.2.6", SPRITE, |r| cut(r, SPRITE, 40);
    "tiles that the MPD does not say", SegmentFiles, "DASH-IF IOP 6.2.6", MPD, |r| text(r, MPD, "value=\"2x2\"", "value=\"2\"");
    "an image set of another size", SegmentFiles, "DASH-IF IOP 6.2.6", MPD, |r| text(r, MPD, "width=\"320\" height=\"180\">", "width=\"640\" height=\"180\">");

    // Files.
    "a URI of a directory", SegmentFiles, "RFC 3986 3.3", PLAYLIST, |r| text(r, PLAYLIST, "segment_00001.m4s", "../180p_h264");
    "a URI of another host", SegmentFiles, "RFC 3986 4.2", PLAYLIST, |r| text(r, PLAYLIST, "segment_00001.m4s", "https://localhost/segment_00001.m4s");
    "a playlist of many megabytes", SegmentFiles, "RFC 8216bis 4.1", PLAYLIST, |r| bytes(r, PLAYLIST, |b| b.resize(17 << 20, b'\n'));

    // More of media playlists.
    "a control character", SegmentFiles, "RFC 8216bis 4.1", PLAYLIST, |r| text(r, PLAYLIST, "#EXTINF", "#\u{7}\n#EXTINF");
    "no segment", SegmentFiles, "RFC 8216bis 4.1", PLAYLIST, |r| {
        text(r, PLAYLIST, "segment_00001.m4s\n", "");
        text(r, PLAYLIST, "segment_00002.m4s\n", "");
    };
    "more lines than a week of segments needs", SegmentFiles, "RFC 8216bis 4.1", PLAYLIST, |r| bytes(r, PLAYLIST, |b| b.extend("#EXTX\n".repeat(1 << 20).bytes()));
    "a version that is no number", SegmentFiles, "RFC 8216bis 4.2", PLAYLIST, |r| text(r, PLAYLIST, "VERSION:6", "VERSION:six");
    "EXT-X-MAP without URI", SegmentFiles, "RFC 8216bis 4.4.4.5", PLAYLIST, |r| text(r, PLAYLIST, "URI=\"init.mp4\"", "X-URI=\"init.mp4\"");
    "an EXT-X-MAP that changes", SegmentFiles, "RFC 8216bis 4.4.4.5", PLAYLIST, |r| text(r, PLAYLIST, "#EXTINF:1.2", "#EXT-X-MAP:URI=\"../90p_h264/init.mp4\"\n#EXTINF:1.2");
    "a date range without dates", SegmentFiles, "RFC 8216bis 4.4.5.1", PLAYLIST, |r| text(r, PLAYLIST, "#EXTINF", "#EXT-X-DATERANGE:ID=\"a\",START-DATE=\"2020-01-01T00:00:00Z\"\n#EXTINF");
    "a date range without an ID", SegmentFiles, "RFC 8216bis 4.4.5.1", PLAYLIST, |r| range(r, &["START-DATE=\"2026-01-01T00:00:00Z\""]);
    "a date range that never says when it begins", SegmentFiles, "RFC 8216bis 4.4.5.1", PLAYLIST, |r| range(r, &["ID=\"a\",DURATION=1"]);
    "a date without a time", SegmentFiles, "RFC 8216bis 4.4.5.1", PLAYLIST, |r| range(r, &["ID=\"a\",START-DATE=\"2026-01-01\""]);
    "a date range that ends before it begins", SegmentFiles, "RFC 8216bis 4.4.5.1", PLAYLIST, |r| range(r, &["ID=\"a\",START-DATE=\"2026-01-01T00:00:01Z\",END-DATE=\"2026-01-01T00:00:00Z\""]);
    "a planned length below nothing", SegmentFiles, "RFC 8216bis 4.4.5.1", PLAYLIST, |r| range(r, &["ID=\"a\",START-DATE=\"2026-01-01T00:00:00Z\",PLANNED-DURATION=-1"]);
    "an end that is not where the length says", SegmentFiles, "RFC 8216bis 4.4.5.1", PLAYLIST, |r| range(r, &["ID=\"a\",START-DATE=\"2026-01-01T00:00:00Z\"", "ID=\"a\",END-DATE=\"2026-01-01T00:00:09Z\",DURATION=8"]);
    "a date range that is told of in two ways", SegmentFiles, "RFC 8216bis 4.4.5.1", PLAYLIST, |r| range(r, &["ID=\"a\",START-DATE=\"2026-01-01T00:00:00Z\"", "ID=\"a\",START-DATE=\"2026-01-01T00:00:01Z\""]);
    "a section of SCTE 35 that is cut off", SegmentFiles, "RFC 8216bis 4.4.5.1", PLAYLIST, |r| range(r, &["ID=\"a\",START-DATE=\"2026-01-01T00:00:00Z\",SCTE35-OUT=0xFC3012AABB"]);
    "a discontinuity in one playlist", SegmentFiles, "Apple 8.13", PLAYLIST, |r| text(r, PLAYLIST, "#EXTINF:1.2", "#EXT-X-DISCONTINUITY\n#EXTINF:1.2");
    "segments that are encrypted as a whole", SegmentFiles, "RFC 8216bis 4.4.4.4", PLAYLIST, |r| text(r, PLAYLIST, "#EXT-X-MAP", "#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXT-X-MAP");
    "a header under a key without a vector", SegmentFiles, "RFC 8216bis 4.4.4.5", PLAYLIST, |r| text(r, PLAYLIST, "#EXT-X-MAP", "#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXT-X-MAP");
    "a vector that is no number", SegmentFiles, "RFC 8216bis 4.4.4.4", PLAYLIST, |r| text(r, PLAYLIST, "#EXTINF", "#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0xg\n#EXTINF");
    "a key of an unknown method", SegmentFiles, "RFC 8216bis 4.4.4.4", PLAYLIST, |r| text(r, PLAYLIST, "#EXTINF", "#EXT-X-KEY:METHOD=ROT-13,URI=\"k\"\n#EXTINF");
    "FairPlay of a whole segment", SegmentFiles, "Apple 13.2", PLAYLIST, |r| key(r, "AES-128", "");
    "FairPlay with an IV", SegmentFiles, "Apple 13.4", PLAYLIST, |r| key(r, "SAMPLE-AES", ",IV=0x00");
    "FairPlay with counters", SegmentFiles, "Apple 13.11", PLAYLIST, |r| key(r, "SAMPLE-AES-CTR", "");
    "the length of a key frame off by a millisecond", SegmentFiles, "RFC 8216bis 4.4.3.6", FRAMES, |r| text(r, FRAMES, "2.000000", "2.001000");

    // More of the multivariant playlist.
    "an attribute list that is none", SegmentFiles, "RFC 8216bis 4.2", MASTER, |r| text(r, MASTER, "NAME=\"German\"", "NAME\"German\"");
    "no variant", SegmentFiles, "RFC 8216bis 4.4.6.2", MASTER, |r| {
        all(r, MASTER, "#EXT-X-STREAM-INF", "#");
        all(r, MASTER, "video/", "#");
        all(r, MASTER, "\naudio/", "\n#");
    };
    "an I-frame playlist without URI", SegmentFiles, "RFC 8216bis 4.4.6.3", MASTER, |r| text(r, MASTER, "URI=\"video/180p_h264/iframes", "X-URI=\"video/180p_h264/iframes");
    "an unknown TYPE", SegmentFiles, "RFC 8216bis 4.4.6.1", MASTER, |r| text(r, MASTER, "TYPE=AUDIO", "TYPE=SOUND");
    "no NAME", SegmentFiles, "RFC 8216bis 4.4.6.1", MASTER, |r| text(r, MASTER, "NAME=\"German\",", "");
    "no DEFAULT", SegmentFiles, "RFC 8216bis 4.4.6.1", MASTER, |r| text(r, MASTER, "DEFAULT=YES", "DEFAULT=NO");
    "groups of different members", SegmentFiles, "RFC 8216bis 4.4.6.2.1", MASTER, |r| text(r, MASTER, "\n#EXT-X-STREAM-INF", "\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"b\",NAME=\"French\",LANGUAGE=\"en\",CHANNELS=\"2\",URI=\"audio/en_aac_64k_1/playlist.m3u8\"\n#EXT-X-STREAM-INF");
    "a group that nobody names", SegmentFiles, "RFC 8216bis 4.4.6.1", MASTER, |r| all(r, MASTER, ",AUDIO=\"aac-64k\"", "");
    "closed captions without INSTREAM-ID", SegmentFiles, "RFC 8216bis 4.4.6.1", MASTER, |r| text(r, MASTER, "\n#EXT-X-STREAM-INF", "\n#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"c\",NAME=\"c\"\n#EXT-X-STREAM-INF");
    "closed captions without LANGUAGE", SegmentFiles, "Apple 4.4", MASTER, |r| text(r, MASTER, "\n#EXT-X-STREAM-INF", "\n#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"c\",NAME=\"c\",INSTREAM-ID=\"CC1\"\n#EXT-X-STREAM-INF");
    "no CHANNELS", SegmentFiles, "RFC 8216bis 4.4.6.1", MASTER, |r| text(r, MASTER, "CHANNELS=\"2\",", "");
    "no LANGUAGE", SegmentFiles, "Apple 8.10", MASTER, |r| text(r, MASTER, "LANGUAGE=\"de\",", "");
    "a description that is not selected", SegmentFiles, "Apple 2.13", MASTER, |r| text(r, MASTER, "DEFAULT=NO,AUTOSELECT=YES", "CHARACTERISTICS=\"public.accessibility.describes-video\"");
    "no RESOLUTION of key frames", SegmentFiles, "Apple 9.4", MASTER, |r| text(r, MASTER, "RESOLUTION=320x180,VIDEO-RANGE=SDR,URI", "VIDEO-RANGE=SDR,URI");
    "no CODECS of key frames", SegmentFiles, "Apple 9.3", MASTER, |r| text(r, MASTER, "CODECS=\"avc1.64000C\",", "");
    "HDR without SDR", SegmentFiles, "Apple 1.24", MASTER, |r| all(r, MASTER, "VIDEO-RANGE=SDR", "VIDEO-RANGE=PQ");
    "sound with a RESOLUTION", SegmentFiles, "RFC 8216bis 4.4.6.2", MASTER, |r| text(r, MASTER, "CODECS=\"mp4a.40.2\",", "CODECS=\"mp4a.40.2\",RESOLUTION=320x180,");
    "nothing for telephones", SegmentFiles, "Apple 9.21", MASTER, |r| all(r, MASTER, "BANDWIDTH=", "BANDWIDTH=9");
    "VP9 for Apple", SegmentFiles, "Apple 1.1", MASTER, |r| text(r, MASTER, "avc1.64000C,", "vp09.00.10.08,");
    "SUPPLEMENTAL-CODECS without brands", SegmentFiles, "RFC 8216bis 4.4.6.2", MASTER, |r| text(r, MASTER, "VIDEO-RANGE", "SUPPLEMENTAL-CODECS=\"dvh1.08.07\",VIDEO-RANGE");
    "no BANDWIDTH", SegmentFiles, "RFC 8216bis 4.4.6.2", MASTER, |r| text(r, MASTER, "INF:BANDWIDTH=", "INF:X-BANDWIDTH=");

    // Subtitles.
    "subtitles that end early", SegmentFiles, "Apple 5.5", "subtitles/playlist.m3u8", |r| subtitle(r, "", "5.0", VTT);
    "subtitles without X-TIMESTAMP-MAP", SegmentFiles, "Apple 5.3", "subtitles/en.vtt", |r| subtitle(r, "", "7.2", "WEBVTT\n\n00:01.000 --> 00:02.000\nx\n");
    "subtitles that are no WebVTT", SegmentFiles, "WebVTT 4.1", "subtitles/en.vtt", |r| subtitle(r, "", "7.2", "1\n00:01 --> 00:02\n");
    "a cue that ends before it starts", SegmentFiles, "WebVTT 4.1", "subtitles/en.vtt", |r| subtitle(r, "", "7.2", &VTT.replace("--> 00:02", "--> 00:00"));
    "cues in another order", SegmentFiles, "WebVTT 4.1", "subtitles/en.vtt", |r| subtitle(r, "", "7.2", &format!("{VTT}\n00:00.500 --> 00:00.700\ny\n"));
    "X-TIMESTAMP-MAP without MPEGTS", SegmentFiles, "RFC 8216bis 3.1.4", "subtitles/en.vtt", |r| subtitle(r, "", "7.2", &VTT.replace(",MPEGTS:0", ""));
    "a cue that is not said again in the next segment", SegmentFiles, "RFC 8216bis 3.1.4", "subtitles/next.vtt", |r| {
        subtitle(r, "", "5.0", &VTT.replace("--> 00:02", "--> 00:06"));
        write(r, "subtitles/next.vtt", VTT.split("\n00:").next().expect("the header").as_bytes());
        text(r, "subtitles/playlist.m3u8", "en.vtt\n", "en.vtt\n#EXTINF:2.2,\nnext.vtt\n");
    };
    "session data without a value", SegmentFiles, "RFC 8216bis 4.4.6.4", MASTER, |r| text(r, MASTER, "\n#EXT-X-MEDIA", "\n#EXT-X-SESSION-DATA:DATA-ID=\"a\"\n#EXT-X-MEDIA");
    "session data twice", SegmentFiles, "RFC 8216bis 4.4.6.4", MASTER, |r| text(r, MASTER, "\n#EXT-X-MEDIA", "\n#EXT-X-SESSION-DATA:DATA-ID=\"a\",VALUE=\"b\"\n#EXT-X-SESSION-DATA:DATA-ID=\"a\",VALUE=\"c\"\n#EXT-X-MEDIA");
    "session data that is no JSON", SegmentFiles, "RFC 8216bis 4.4.6.4", "data.json", |r| {
        write(r, "data.json", b"{");
        text(r, MASTER, "\n#EXT-X-MEDIA", "\n#EXT-X-SESSION-DATA:DATA-ID=\"a\",URI=\"data.json\"\n#EXT-X-MEDIA");
    };
    "chapters without a time", SegmentFiles, "Apple JSON chapters", "data.json", |r| {
        write(r, "data.json", b"[{\"titles\":[]}]");
        text(r, MASTER, "\n#EXT-X-MEDIA", "\n#EXT-X-SESSION-DATA:DATA-ID=\"com.apple.hls.chapters\",URI=\"data.json\"\n#EXT-X-MEDIA");
    };
    "captions in a channel that is none", SegmentFiles, "RFC 8216bis 4.4.6.1", MASTER, |r| text(r, MASTER, "\n#EXT-X-MEDIA", "\n#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"cc\",NAME=\"x\",LANGUAGE=\"en\",INSTREAM-ID=\"CC5\"\n#EXT-X-MEDIA");
    "forced subtitles that are not selected", SegmentFiles, "Apple 5.11", MASTER, |r| subtitle(r, ",FORCED=YES", "7.2", VTT);
    "subtitles that are pictures", SegmentFiles, "Apple 5.2", PLAYLIST, |r| text(r, MASTER, "\n#EXT-X-STREAM-INF:", "\n#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"s\",LANGUAGE=\"en\",URI=\"video/180p_h264/playlist.m3u8\"\n#EXT-X-STREAM-INF:SUBTITLES=\"s\",");

    // More of headers.
    "a moov without mvex", SegmentFiles, "CMAF 7.3.2.1", INIT, |r| rename(r, INIT, b"mvex", b"free");
    "video without the brand cmf2", SegmentFiles, "CMAF 7.7", INIT, |r| bytes(r, INIT, |b| {
        b[8..12].copy_from_slice(b"cmfc");
        b[16..20].copy_from_slice(b"iso6");
    });
    "a major brand that is not compatible", SegmentFiles, "ISO 14496-12 4.3", INIT, |r| bytes(r, INIT, |b| b[8..12].copy_from_slice(b"mp42"));
    "AAC without its brand", SegmentFiles, "CMAF 10.4", SOUND_INIT, |r| rename(r, SOUND_INIT, b"caac", b"iso6");
    "AAC core at 64 kHz", SegmentFiles, "CMAF 10.4", SOUND_INIT, |r| bytes(r, SOUND_INIT, |b| {
        let entry = b.windows(4).position(|window| window == b"mp4a").expect("it is there");
        b[entry + 28..entry + 30].copy_from_slice(&64_000u16.to_be_bytes());
    });
    "an SD brand on tall pictures", SegmentFiles, "CMAF A.2", INIT, |r| poke(r, INIT, b"avc1", 26, 9);
    "another size in tkhd", SegmentFiles, "CMAF 7.5.4", INIT, |r| poke(r, INIT, b"tkhd", 81, 9);
    "sound with the handler of pictures", SegmentFiles, "ISO 14496-12 8.4.5", SOUND_INIT, |r| rename(r, SOUND_INIT, b"smhd", b"free");
    "sound on one side", SegmentFiles, "CMAF 7.5.7", SOUND_INIT, |r| poke(r, SOUND_INIT, b"smhd", 4, 1);
    "no avcC", SegmentFiles, "ISO 14496-12 8.5.2", INIT, |r| rename(r, INIT, b"avcC", b"free");
    "pixels that are not square", SegmentFiles, "CMAF 9.2.3", INIT, |r| poke(r, INIT, b"pasp", 3, 4);
    "an SPS that cannot be read", SegmentFiles, "ISO 14496-15 5.3.3", INIT, |r| bytes(r, INIT, |b| {
        let config = b.windows(4).position(|window| window == b"avcC").expect("it is there");
        b[config + 16..config + 20].fill(0xff);
    });
    "H.264 in ten bits", SegmentFiles, "Apple 1.3b", INIT, |r| poke(r, INIT, b"avcC", 1, 110);
    "H.264 Main Profile", SegmentFiles, "Apple 1.4", INIT, |r| poke(r, INIT, b"avcC", 1, 77);
    "a length that is not true", SegmentFiles, "CMAF 7.3.2.1", INIT, |r| append(r, INIT, &[b"moov", b"mvex"], &boxed(b"mehd", &[0, 0, 0, 0, 0, 0, 0, 9]));
    "pictures of another shape", SegmentFiles, "Apple 1.33", "video/90p_h264/init.mp4", |r| poke(r, INIT, b"avc1", 25, 180);
    "another timescale in one rung", SegmentFiles, "CMAF 7.3.4.1", "video/90p_h264/init.mp4", |r| poke(r, INIT, b"mdhd", 15, 0xa9);
    "60 frames per second and more", SegmentFiles, "Apple 1.19", MASTER, |r| poke(r, INIT, b"mdhd", 14, 0xff);
    "an encrypted header without its scheme", SegmentFiles, "CMAF 8.2.2", INIT, |r| rename(r, INIT, b"avc1", b"encv");
    "a pattern that is not 1:9", SegmentFiles, "CMAF 8.2.1", INIT, |r| encrypt(r, INIT, b"cbcs", 0x55);
    "encrypted fragments without IVs", SegmentFiles, "CMAF 8.2.2", FIRST, |r| encrypt(r, INIT, b"cbcs", 0x19);
    "one rung that is encrypted", SegmentFiles, "CMAF 8.2.2", "video/90p_h264/init.mp4", |r| encrypt(r, INIT, b"cenc", 0);
    "encrypted media that the MPD does not call so", SegmentFiles, "DASH-IF IOP 7.5", MPD, |r| encrypt(r, INIT, b"cenc", 0);
    "another key in the MPD", SegmentFiles, "DASH-IF IOP 7.5", MPD, |r| {
        encrypt(r, INIT, b"cenc", 0);
        text(r, MPD, "<Role", &format!("{PROTECTION}08080808-0808-0808-0808-080808080808\"/><Role"));
    };
    "encrypted media without a key in its playlist", SegmentFiles, "RFC 8216bis 4.4.4.4", PLAYLIST, |r| encrypt(r, INIT, b"cenc", 0);
    "a key in the playlist of clear media", SegmentFiles, "RFC 8216bis 4.4.4.4", PLAYLIST, |r| key(r, "SAMPLE-AES", "");
    "a KEYID that is not the key of the media", SegmentFiles, "RFC 8216bis 4.4.4.4", PLAYLIST, |r| {
        encrypt(r, INIT, b"cbcs", 0x19);
        key(r, "SAMPLE-AES", ",KEYID=0x08080808080808080808080808080808");
    };
    "a key for another scheme", SegmentFiles, "RFC 8216bis 4.4.4.4", PLAYLIST, |r| {
        encrypt(r, INIT, b"cenc", 0);
        key(r, "SAMPLE-AES", "");
    };
    "a pssh of another key", SegmentFiles, "ISO 23001-7 8.1", INIT, |r| {
        encrypt(r, INIT, b"cenc", 0);
        let named = [&[1, 0, 0, 0][..], &[3; 16], &[0, 0, 0, 1], &[8; 16], &[0; 4]].concat();
        append(r, INIT, &[b"moov"], &boxed(b"pssh", &named));
    };
    "ranges that are not all of a sample", SegmentFiles, "ISO 23001-7 9.5", FIRST, |r| {
        encrypt(r, INIT, b"cenc", 0);
        ranges(r, FIRST);
    };
    "a pssh that the header does not hold", SegmentFiles, "DASH-IF IOP 7.5", MPD, |r| {
        encrypt(r, INIT, b"cenc", 0);
        append(r, INIT, &[b"moov"], &boxed(b"pssh", &[0; 24]));
        let more = "07070707-0707-0707-0707-070707070707\"/><ContentProtection schemeIdUri=\"urn:uuid:0\"><cenc:pssh>AAAA</cenc:pssh></ContentProtection><Role";
        text(r, MPD, "<Role", &format!("{PROTECTION}{more}"));
    };

    // More of fragments.
    "a header in a segment", SegmentFiles, "CMAF 7.3.3.1", SECOND, |r| bytes(r, SECOND, |b| b.extend(boxed(b"moov", &[])));
    "styp without cmfs", SegmentFiles, "CMAF 7.3.3.1", SECOND, |r| rename(r, SECOND, b"cmfs", b"iso6");
    "styp of a strange major brand", SegmentFiles, "ISO 14496-12 8.16.2", SECOND, |r| bytes(r, SECOND, |b| b[8..12].copy_from_slice(b"mp42"));
    "a moof without mfhd", SegmentFiles, "CMAF 7.3.2.3", SECOND, |r| rename(r, SECOND, b"mfhd", b"free");
    "a fragment that says it is empty", SegmentFiles, "CMAF 7.5.16", SECOND, |r| poke(r, SECOND, b"tfhd", 1, 3);
    "a fragment without tfdt", SegmentFiles, "CMAF 7.5.16", SECOND, |r| rename(r, SECOND, b"tfdt", b"free");
    "a description in trex alone", SegmentFiles, "CMAF 7.7.3", SECOND, |r| bytes(r, SECOND, |b| {
        // The index of the description becomes a duration, that one a size.
        let tfhd = b.windows(4).position(|window| window == b"tfhd").expect("it is there");
        b[tfhd + 7] = b[tfhd + 7] & !2 | 0x10;
    });
    "sound that is no sync sample", SegmentFiles, "CMAF 10.2.5", "audio/en_aac_64k_1/segment_00002.m4s", |r| bytes(r, "audio/en_aac_64k_1/segment_00002.m4s", |b| {
        let flags = b.windows(4).position(|window| window == [2, 0, 0, 0]).expect("flags of a sync sample");
        b[flags..flags + 4].copy_from_slice(&[1, 1, 0, 0]);
    });
    "a parameter set in a sample", SegmentFiles, "ISO 14496-15 5.4.2.1", SECOND, |r| poke(r, SECOND, b"mdat", 4, 0x67);
    "sidx of another timescale", SingleFile, "CMAF 7.3.3.3", SINGLE, |r| poke(r, SINGLE, b"sidx", 10, 1);
    "sidx of another begin", SingleFile, "CMAF 7.3.3.3", SINGLE, |r| poke(r, SINGLE, b"sidx", 15, 1);
    "sidx that skips bytes", SingleFile, "CMAF 7.3.3.3", SINGLE, |r| poke(r, SINGLE, b"sidx", 19, 1);
    "an index of indexes", SingleFile, "ISO 14496-12 8.16.3", SINGLE, |r| poke(r, SINGLE, b"sidx", 24, 0x80);

    // More of the MPD.
    "a number that is none", SegmentFiles, "ISO 23009-1 Annex B", MPD, |r| text(r, MPD, "maxWidth=\"320\"", "maxWidth=\"wide\"");
    "a live MPD", SegmentFiles, "ISO 23009-1 5.3.1.2", MPD, |r| text(r, MPD, "type=\"static\"", "type=\"dynamic\"");
    "a duration that is none", SegmentFiles, "ISO 23009-1 5.3.1.2", MPD, |r| text(r, MPD, "minBufferTime=\"PT6S\"", "minBufferTime=\"6\"");
    "the wrong profile of single files", SingleFile, "ISO 23009-1 8.3", MPD, |r| text(r, MPD, "isoff-on-demand", "isoff-main");
    "an offset that the media does not have", SegmentFiles, "ISO 23009-1 5.3.9.6", MPD, |r| text(r, MPD, "startNumber=", "presentationTimeOffset=\"25000\" startNumber=");
    "an event at a time that is no number", SegmentFiles, "ISO 23009-1 5.10.2.2", MPD, |r| event(r, "schemeIdUri=\"a\"", "presentationTime=\"1.5\"", "x");
    "two events of one id", SegmentFiles, "ISO 23009-1 5.10.2.2", MPD, |r| event(r, "schemeIdUri=\"a\"", "id=\"1\"", "x</Event><Event id=\"1\">");
    "an event stream whose time stands still", SegmentFiles, "ISO 23009-1 5.10.2.2", MPD, |r| event(r, "schemeIdUri=\"a\" timescale=\"0\"", "id=\"1\"", "x");
    "an event stream without a scheme", SegmentFiles, "ISO 23009-1 Annex B", MPD, |r| event(r, "", "id=\"1\"", "x");
    "an event of SCTE 35 without a section", SegmentFiles, "SCTE 214-1 6.7.4", MPD, |r| event(r, "schemeIdUri=\"urn:scte:scte35:2014:xml+bin\"", "id=\"1\"", "<Signal><Binary>AAAA</Binary></Signal>");
    "no AdaptationSet", SegmentFiles, "ISO 23009-1 5.3.2", MPD, |r| write(r, MPD, b"<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" profiles=\"\" minBufferTime=\"PT1S\"><Period/></MPD>");
    "an @id of a set that stands twice", SegmentFiles, "ISO 23009-1 5.3.3.2", MPD, |r| text(r, MPD, "AdaptationSet id=\"2\"", "AdaptationSet id=\"1\"");
    "a set that does not say what it holds", SegmentFiles, "DASH-IF IOP 3.2.4", MPD, |r| text(r, MPD, "contentType=\"video\" mimeType=\"video/mp4\"", "");
    "a set without representation", SegmentFiles, "ISO 23009-1 5.3.3", MPD, |r| text(r, MPD, "</Period>", "<AdaptationSet id=\"9\" contentType=\"text\" lang=\"en\"><Role schemeIdUri=\"a\" value=\"subtitle\"/></AdaptationSet></Period>");
    "no @startWithSAP", SegmentFiles, "DASH-IF IOP 3.2.2", MPD, |r| text(r, MPD, " startWithSAP=\"1\"", "");
    "sound without @lang", SegmentFiles, "DASH-IF IOP 3.9.4", MPD, |r| text(r, MPD, " lang=\"de\"", "");
    "a language that is none", SegmentFiles, "RFC 5646 2.1", MPD, |r| text(r, MPD, "lang=\"de\"", "lang=\"German language\"");
    "another @par", SegmentFiles, "ISO 23009-1 5.3.3.2", MPD, |r| text(r, MPD, "par=\"16:9\"", "par=\"4:3\"");
    "another @mimeType", SegmentFiles, "DASH-IF IOP 3.2.4", MPD, |r| text(r, MPD, "mimeType=\"video/mp4\"", "mimeType=\"video/webm\"");
    "@bandwidth that is too high", SegmentFiles, "ISO 23009-1 5.3.5.2", MPD, |r| scale(r, MPD, "bandwidth=\"", 150);
    "another @sar", SegmentFiles, "ISO 23009-1 5.3.7.2", MPD, |r| text(r, MPD, "sar=\"1:1\"", "sar=\"4:3\"");
    "no @frameRate", SegmentFiles, "DASH-IF IOP 3.2.4", MPD, |r| text(r, MPD, " frameRate=\"25\"", "");
    "a representation without segments", SingleFile, "ISO 23009-1 5.3.9.1", MPD, |r| all(r, MPD, "SegmentBase", "Label");
    "two kinds of addresses", SegmentFiles, "ISO 23009-1 5.3.9.1", MPD, |r| text(r, MPD, "<SegmentTemplate timescale=\"25000\"", "<SegmentBase/><SegmentTemplate timescale=\"25000\"");
    "no @indexRange", SingleFile, "ISO 23009-1 5.3.9.2", MPD, |r| text(r, MPD, "indexRange", "x:indexRange");
    "a range that is none", SingleFile, "ISO 23009-1 5.3.9.2", MPD, |r| text(r, MPD, "indexRange=\"", "indexRange=\"9999999");
    "a timeline and a duration", SegmentFiles, "ISO 23009-1 5.3.9.5.3", MPD, |r| text(r, MPD, "timescale=\"25000\"", "timescale=\"25000\" duration=\"150000\"");
    "a length that makes no number of segments", SegmentFiles, "ISO 23009-1 5.3.9.5.3", MPD, |r| text(r, MPD, "timescale=\"1\" duration=\"4\"", "timescale=\"1\" duration=\"0\"");
    "segments that overlap", SegmentFiles, "ISO 23009-1 5.3.9.6.1", MPD, |r| text(r, MPD, "<S d=\"30000\"", "<S t=\"149000\" d=\"30000\"");
    "segments far from their nominal times", SegmentFiles, "ISO 23009-1 5.3.9.5.3", MPD, |r| {
        text(r, MPD, "timescale=\"25000\"", "timescale=\"25000\" duration=\"90000\"");
        text(r, MPD, "<SegmentTimeline>", "<!--");
        text(r, MPD, "</SegmentTimeline>", "-->");
    };
    "thumbnails of another @mimeType", SegmentFiles, "DASH-IF IOP 6.2.6", MPD, |r| text(r, MPD, "image/jpeg", "image/gif");
    "tiles that leave a rest", SegmentFiles, "DASH-IF IOP 6.2.6", MPD, |r| text(r, MPD, "value=\"2x2\"", "value=\"3x2\"");
    "thumbnails with a timeline", SegmentFiles, "DASH-IF IOP 6.2.6", MPD, |r| text(r, MPD, "timescale=\"1\" duration=\"4\" startNumber=\"1\" media=\"thumbnails/sprite_$Number%05d$.jpg\"/>", "timescale=\"1\" startNumber=\"1\" media=\"thumbnails/sprite_$Number%05d$.jpg\"><SegmentTimeline><S t=\"0\" d=\"4\" r=\"1\"/></SegmentTimeline></SegmentTemplate>");

    // More of images.
    "an image stream without RESOLUTION", SegmentFiles, "HLS images 0.4 2.1", MASTER, |r| text(r, MASTER, "RESOLUTION=160x90,CODECS=\"jpeg\"", "CODECS=\"jpeg\"");
    "an image playlist that does not say so", SegmentFiles, "HLS images 0.4 2.2", IMAGES, |r| text(r, IMAGES, "#EXT-X-IMAGES-ONLY\n", "");
    "tiles without LAYOUT", SegmentFiles, "HLS images 0.4 2.3", IMAGES, |r| text(r, IMAGES, "LAYOUT=2x2,", "");
};
