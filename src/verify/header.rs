//! The CMAF header: `ftyp` and `moov` of one track (ISO/IEC 23000-19 § 7.3.2.1, § 7.5).

use mp4_atom::{
    Elst, ElstEntry, FourCC, Ftyp, Hdlr, Matrix, Mdhd, Mehd, Mvhd, Smhd, Stco, Stsc, Stsz, StszSamples, Stts, Tkhd,
    Trex,
};

use super::boxes::{self, Place};
use super::entry::{Entry, Media};
use super::files::Object;
use super::finding::{Findings, or_none};
use super::rule::rules;
use super::{loudness, stream};

rules! {
    READ: Error "CMAF 7.3.2.1" "the header is ftyp and one moov, which can be read";
    MOVIE: Error "CMAF 7.3.2.1" "moov starts with mvhd and holds one trak and mvex";
    BRAND: Error "CMAF 7.2" "ftyp names the structural brand cmfc or cmf2";
    CMF2: Warning "CMAF 7.7" "ftyp of pictures names the brand cmf2";
    MINOR: Error "CMAF 7.2" "a structural brand as major brand has minor version 0";
    MAJOR: Error "ISO 14496-12 4.3" "the major brand is one of the compatible brands";
    AAC_BRAND: Warning "CMAF 10.4" "AAC of at most two channels and 48 kHz names the brand caac";
    AAC_CORE: Error "CMAF 10.4" "the brand caac stands for at most two channels and 48 kHz";
    HD_BRAND: Error "CMAF A.2" "the brands cfsd and cfhd stand for at most 864x576 and 1920x1080";
    DEFAULTS: Error "CMAF 7.5.1" "rate, volume and matrices are the defaults, and mvhd has no duration";
    NO_META: Error "CMAF 7.5.2" "there is no file-level meta and no udta in moov";
    TRACK: Error "CMAF 7.5.4" "tkhd has no duration, is enabled, and is 0x0 for sound";
    TRACK_SIZE: Warning "CMAF 7.5.4" "tkhd has the size of the sample entry, with square pixels";
    MEDIA_DURATION: Error "CMAF 7.5.5" "mdhd has no duration and a timescale";
    HANDLER: Error "ISO 14496-12 8.4.5" "hdlr and vmhd, smhd, nmhd or sthd are those of the media";
    BALANCE: Error "CMAF 7.5.7" "the balance in smhd is 0";
    SELF_CONTAINED: Error "CMAF 7.5.9" "dref is one self-contained entry";
    EMPTY_TABLES: Error "CMAF 7.5.12" "stts, stsc, stsz and stco have no entries";
    ONE_EDIT: Error "CMAF 7.5.13" "at most one edit, with rate 1, no duration and a media time";
    NO_EDIT: Error "CMAF 7.7.2" "video of the brand cmf2 has no edit list";
    TREX: Error "CMAF 7.5.14" "mvex holds the trex of the track";
    PROTECTED: Error "CMAF 8.2.2" "an encrypted sample entry holds sinf with schm and tenc, which says isProtected";
    SCHEME: Error "CMAF 8.2.1" "the scheme is cenc or cbcs, and cbcs has the pattern 1:9 for video";
}

/// What a CMAF header says.
#[derive(Debug, Clone)]
pub(super) struct Header {
    /// The file it is in.
    pub(super) file: String,
    /// Ticks per second.
    pub(super) timescale: u32,
    /// The track's id.
    pub(super) track_id: u32,
    /// The presentation starts at this media time.
    pub(super) media_time: u64,
    /// Ticks that an empty edit delays the presentation, and how much its clock rounds them.
    pub(super) delay: (i64, i64),
    /// Language by ISO 639-2/T.
    pub(super) language: String,
    /// Brands of `ftyp`.
    pub(super) brands: Vec<FourCC>,
    /// The defaults that fragments may leave out.
    pub(super) defaults: Option<Trex>,
    /// The real length, if `mehd` says it: ticks and ticks per second.
    pub(super) length: Option<(u64, u32)>,
    /// The kinds of DRM that `pssh` names, with the bytes of each box.
    pub(super) pssh: Vec<Vec<u8>>,
    /// It says how loud it is.
    pub(super) loud: bool,
    /// How the media is coded.
    pub(super) entry: Entry,
}

impl Header {
    /// Reads and checks the header in the bytes `from..to` of `file`.
    pub(super) fn read(
        file: &str,
        object: &mut Object,
        (from, to): (u64, u64),
        findings: &mut Findings<'_>,
    ) -> Option<Self> {
        Self::try_read(file, object, (from, to), findings).map_err(|why| findings.breaks(READ, file, why)).ok()
    }

    /// Whether it holds pictures.
    pub(super) fn is_video(&self) -> bool {
        matches!(self.entry.media, Media::Video { .. })
    }

    /// Whether it names a brand.
    pub(super) fn has(&self, brand: &[u8; 4]) -> bool {
        self.brands.contains(&FourCC::new(brand))
    }

    /// `ticks` in seconds.
    pub(super) fn seconds(&self, ticks: i64) -> f64 {
        ticks as f64 / f64::from(self.timescale)
    }

    fn try_read(
        file: &str,
        object: &mut Object,
        (from, to): (u64, u64),
        findings: &mut Findings<'_>,
    ) -> Result<Self, String> {
        let spans = stream::spans(object, from, to)?;
        let kinds: Vec<String> = spans.iter().map(|span| boxes::name(span.kind)).collect();
        let first = spans.first().filter(|span| &span.kind == b"ftyp").ok_or("does not start with ftyp")?;
        let movies: Vec<_> = spans.iter().filter(|span| &span.kind == b"moov").collect();
        let [movie] = movies[..] else { return Err(format!("holds {} moov", movies.len())) };
        let odd = kinds.iter().any(|kind| matches!(&kind[..], "moof" | "mdat"));
        findings.check(!odd, READ, file, || format!("the header holds {}", kinds.join(", ")));
        findings.check(!kinds.contains(&"meta".to_owned()), NO_META, file, || "there is a file-level meta");
        let (bytes, place) = stream::read(object, *first)?;
        let brands: Ftyp = boxes::decode(&bytes, place)?;
        let (bytes, place) = stream::read(object, *movie)?;
        let header = Movie { file, bytes: &bytes, moov: place }.read(&brands, findings)?;
        check_brands(&header, &brands, findings);
        Ok(header)
    }
}

/// A `moov` being read.
struct Movie<'b> {
    file: &'b str,
    bytes: &'b [u8],
    moov: Place,
}

impl Movie<'_> {
    fn read(&self, brands: &Ftyp, findings: &mut Findings<'_>) -> Result<Header, String> {
        let (file, bytes) = (self.file, self.bytes);
        let inside = boxes::walk(bytes, self.moov.body, self.moov.end)?;
        let tracks: Vec<Place> = inside.iter().filter(|place| &place.kind == b"trak").copied().collect();
        let first = inside.first().is_some_and(|place| &place.kind == b"mvhd");
        let fragmented = inside.iter().any(|place| &place.kind == b"mvex");
        findings.check(first && fragmented, MOVIE, file, || format!("moov holds {}", boxes::names(&inside)));
        let odd = inside.iter().any(|place| matches!(&place.kind, b"udta" | b"meta"));
        findings.check(!odd, NO_META, file, || format!("moov holds {}", boxes::names(&inside)));
        let [trak] = tracks[..] else { return Err(format!("moov holds {} tracks, not one", tracks.len())) };

        let mvhd: Mvhd = boxes::read(bytes, self.moov, &[b"mvhd"])?;
        let tkhd: Tkhd = boxes::read(bytes, trak, &[b"tkhd"])?;
        let mdhd: Mdhd = boxes::read(bytes, trak, &[b"mdia", b"mdhd"])?;
        let hdlr: Hdlr = boxes::read(bytes, trak, &[b"mdia", b"hdlr"])?;
        let handler: [u8; 4] = hdlr.handler.into();
        let entry = self.entry(trak, handler, findings)?;
        self.check_defaults(&mvhd, &tkhd, findings);
        self.check_track(&tkhd, &entry.media, findings);
        findings.equal(MEDIA_DURATION, file, "the duration in mdhd", mdhd.duration, 0);
        if mdhd.timescale == 0 {
            return Err("the timescale in mdhd is 0".to_owned());
        }
        self.check_handler(trak, handler, &entry.media, findings);
        self.check_tables(trak, findings);
        let trex = self.defaults(tkhd.track_id, findings);
        let mehd = boxes::read::<Mehd>(bytes, self.moov, &[b"mvex", b"mehd"]).ok();
        let video = matches!(entry.media, Media::Video { .. });
        let cmf2 = brands.compatible_brands.contains(&FourCC::new(b"cmf2"));
        let edits = self.edits(trak, video && cmf2, findings)?;
        let empty: u64 = edits.iter().filter(|edit| edit.media_time.is_none()).map(|edit| edit.segment_duration).sum();
        let ticks = |movie: u64| {
            i64::try_from(u128::from(movie) * u128::from(mdhd.timescale) / u128::from(mvhd.timescale.max(1)))
        };
        let round = if empty > 0 { ticks(1).unwrap_or(0) + 1 } else { 0 };
        let loud = loudness::check(file, bytes, trak, findings);
        let systems = inside.iter().filter(|place| &place.kind == b"pssh");
        Ok(Header {
            file: file.to_owned(),
            timescale: mdhd.timescale,
            track_id: tkhd.track_id,
            media_time: edits.iter().find_map(|edit| edit.media_time).unwrap_or(0),
            delay: (ticks(empty).map_err(|_| "an edit is too long")?, round),
            language: mdhd.language,
            brands: brands.compatible_brands.clone(),
            defaults: trex,
            length: mehd.filter(|mehd| mehd.fragment_duration > 0).map(|mehd| (mehd.fragment_duration, mvhd.timescale)),
            pssh: systems.map(|place| bytes[place.start..place.end].to_vec()).collect(),
            loud,
            entry,
        })
    }

    fn entry(&self, trak: Place, handler: [u8; 4], findings: &mut Findings<'_>) -> Result<Entry, String> {
        let path: [&[u8; 4]; 4] = [b"mdia", b"minf", b"stbl", b"stsd"];
        let stsd = boxes::find(self.bytes, trak, &path).ok_or("stsd is missing")?;
        // A version and a count stand before the entries.
        let entries = boxes::walk(self.bytes, (stsd.body + 8).min(stsd.end), stsd.end)?;
        let entry = entries.first().ok_or("stsd has no entry")?;
        let read =
            Entry::read(self.file, self.bytes, *entry, handler, findings).ok_or("there is no sample entry to read")?;
        if read.encrypted {
            self.check_protection(*entry, matches!(read.media, Media::Video { .. }), findings);
        }
        Ok(read)
    }

    fn check_protection(&self, entry: Place, video: bool, findings: &mut Findings<'_>) {
        let from = entry.body + if video { 78 } else { 28 };
        let inside = boxes::walk(self.bytes, from.min(entry.end), entry.end).unwrap_or_default();
        let sinf = inside.iter().find(|place| &place.kind == b"sinf").copied();
        let schm = sinf.and_then(|sinf| boxes::find(self.bytes, sinf, &[b"schm"]));
        let tenc = sinf.and_then(|sinf| boxes::find(self.bytes, sinf, &[b"schi", b"tenc"]));
        let scheme = schm.and_then(|schm| boxes::word(self.bytes, schm, 4)).map(u32::to_be_bytes);
        // reserved, crypt and skip blocks, isProtected, size of the IV.
        let said = tenc.and_then(|tenc| boxes::word(self.bytes, tenc, 4)).map(u32::to_be_bytes);
        let protected = said.is_some_and(|said| said[2] == 1);
        findings.check(scheme.is_some() && protected, PROTECTED, self.file, || {
            format!("{} holds {}", entry.name(), boxes::names(&inside))
        });
        let (Some(scheme), Some(said)) = (scheme, said) else { return };
        let kept = match &scheme {
            b"cenc" => true,
            b"cbcs" => !video || said[1] == 0x19,
            _ => false,
        };
        let pattern = format!("{}:{}", said[1] >> 4, said[1] & 15);
        findings.check(kept, SCHEME, self.file, || format!("the scheme is {} {pattern}", boxes::name(scheme)));
    }

    fn check_defaults(&self, mvhd: &Mvhd, tkhd: &Tkhd, findings: &mut Findings<'_>) {
        let identity = Matrix { a: 1 << 16, b: 0, u: 0, c: 0, d: 1 << 16, v: 0, x: 0, y: 0, w: 1 << 30 };
        let kept = mvhd.matrix == identity && tkhd.matrix == identity;
        findings.check(kept, DEFAULTS, self.file, || "a matrix is not the identity");
        let rate = (mvhd.rate.integer(), mvhd.rate.decimal());
        findings.check(rate == (1, 0), DEFAULTS, self.file, || format!("the rate in mvhd is {}.{}", rate.0, rate.1));
        findings.equal(DEFAULTS, self.file, "the volume in mvhd", mvhd.volume.integer(), 1);
        findings.equal(DEFAULTS, self.file, "the duration in mvhd", mvhd.duration, 0);
    }

    fn check_track(&self, tkhd: &Tkhd, media: &Media, findings: &mut Findings<'_>) {
        let file = self.file;
        findings.equal(TRACK, file, "the duration in tkhd", tkhd.duration, 0);
        findings.check(tkhd.enabled, TRACK, file, || "the track is not enabled");
        let size = (u32::from(tkhd.width.integer()), u32::from(tkhd.height.integer()));
        let text = |size: (u32, u32)| format!("{}x{}", size.0, size.1);
        match media {
            Media::Video { width, height, pixel, .. } => {
                // Either side may be stretched to square pixels.
                let wide = (u64::from(*width) * u64::from(pixel.0)) as f64 / f64::from(pixel.1);
                let near = (f64::from(size.0) - wide).abs() <= 1.0 && size.1 == *height;
                let kept = near || (pixel.0 != pixel.1 && size.0 >= *width && size.1 >= *height);
                findings.check(kept, TRACK_SIZE, file, || {
                    format!("tkhd is {}, the sample entry {width}x{height}", text(size))
                });
            }
            Media::Audio { .. } => {
                findings.equal(TRACK, file, "the size in tkhd", text(size), text((0, 0)));
            }
            Media::Text => {}
        }
    }

    fn check_handler(&self, trak: Place, handler: [u8; 4], media: &Media, findings: &mut Findings<'_>) {
        let has = |kind: &[u8; 4]| boxes::find(self.bytes, trak, &[b"mdia", b"minf", kind]).is_some();
        let kept = match media {
            Media::Video { .. } => has(b"vmhd"),
            Media::Audio { .. } => has(b"smhd"),
            Media::Text => matches!(&handler, b"text" | b"subt") && (has(b"nmhd") || has(b"sthd")),
        };
        findings
            .check(kept, HANDLER, self.file, || format!("the handler is {} without its header", boxes::name(handler)));
        if let Ok(smhd) = boxes::read::<Smhd>(self.bytes, trak, &[b"mdia", b"minf", b"smhd"]) {
            findings.equal(BALANCE, self.file, "the balance", smhd.balance.integer(), 0);
        }
        let dref = boxes::find(self.bytes, trak, &[b"mdia", b"minf", b"dinf", b"dref"]);
        let entries = dref.map(|dref| boxes::walk(self.bytes, (dref.body + 8).min(dref.end), dref.end));
        let own = match entries {
            Some(Ok(entries)) => {
                matches!(entries[..], [entry] if boxes::version_and_flags(self.bytes, entry).1 & 1 == 1)
            }
            Some(Err(_)) | None => false,
        };
        findings.check(own, SELF_CONTAINED, self.file, || "dref is not one self-contained entry");
    }

    fn check_tables(&self, trak: Place, findings: &mut Findings<'_>) {
        let path = |kind| [b"mdia", b"minf", b"stbl", kind];
        let mut entries = Vec::new();
        entries.push(("stts", boxes::read::<Stts>(self.bytes, trak, &path(b"stts")).map(|t| t.entries.len())));
        entries.push(("stsc", boxes::read::<Stsc>(self.bytes, trak, &path(b"stsc")).map(|t| t.entries.len())));
        entries.push(("stco", boxes::read::<Stco>(self.bytes, trak, &path(b"stco")).map(|t| t.entries.len())));
        let sizes = boxes::read::<Stsz>(self.bytes, trak, &path(b"stsz")).map(|table| match table.samples {
            StszSamples::Identical { count, .. } => count as usize,
            StszSamples::Different { sizes } => sizes.len(),
        });
        entries.push(("stsz", sizes));
        for (name, count) in entries {
            match count {
                Ok(count) => {
                    findings.equal(EMPTY_TABLES, self.file, format!("the number of entries of {name}"), count, 0);
                }
                Err(why) => findings.breaks(EMPTY_TABLES, self.file, why),
            }
        }
    }

    fn defaults(&self, track_id: u32, findings: &mut Findings<'_>) -> Option<Trex> {
        let mvex = boxes::find(self.bytes, self.moov, &[b"mvex"])?;
        let all = boxes::inside(self.bytes, mvex).into_iter().filter(|place| &place.kind == b"trex");
        let all: Vec<Trex> = all.filter_map(|place| boxes::decode(self.bytes, place).ok()).collect();
        let own = all.iter().find(|trex| trex.track_id == track_id).cloned();
        findings.check(own.is_some() && all.len() == 1, TREX, self.file, || {
            let ids: Vec<_> = all.iter().map(|trex| trex.track_id.to_string()).collect();
            format!("trex is of the tracks [{}], the track is {track_id}", ids.join(", "))
        });
        own
    }

    /// The edits, of which there is one at most.
    fn edits(&self, trak: Place, forbidden: bool, findings: &mut Findings<'_>) -> Result<Vec<ElstEntry>, String> {
        let Some(place) = boxes::find(self.bytes, trak, &[b"edts", b"elst"]) else { return Ok(Vec::new()) };
        let elst: Elst = boxes::decode(self.bytes, place)?;
        let text = || {
            let edit = |edit: &ElstEntry| format!("{}+{}", or_none(edit.media_time), edit.segment_duration);
            elst.entries.iter().map(edit).collect::<Vec<_>>().join(", ")
        };
        findings.check(!forbidden, NO_EDIT, self.file, || format!("there is an edit list: {}", text()));
        let one = matches!(&elst.entries[..], [edit] if edit.segment_duration == 0
            && edit.media_time.is_some() && (edit.media_rate.integer(), edit.media_rate.decimal()) == (1, 0));
        findings.check(one, ONE_EDIT, self.file, || format!("the edits (media time + duration) are {}", text()));
        Ok(elst.entries)
    }
}

/// CMAF § 7.2, and what the brands of media profiles promise.
fn check_brands(header: &Header, ftyp: &Ftyp, findings: &mut Findings<'_>) {
    let file = &header.file;
    let list =
        || ftyp.compatible_brands.iter().map(|brand| boxes::name((*brand).into())).collect::<Vec<_>>().join(", ");
    let structural = header.has(b"cmfc") || header.has(b"cmf2");
    if findings.check(structural, BRAND, file, || format!("the brands are {}", list())) && header.is_video() {
        findings.check(header.has(b"cmf2"), CMF2, file, || format!("the brands are {}", list()));
    }
    let major: [u8; 4] = ftyp.major_brand.into();
    if matches!(&major, b"cmfc" | b"cmf2") {
        findings.equal(MINOR, file, "the minor version", ftyp.minor_version, 0);
    }
    let known = ftyp.compatible_brands.contains(&ftyp.major_brand);
    findings.check(known, MAJOR, file, || format!("{} is not among {}", boxes::name(major), list()));
    match header.entry.media {
        Media::Audio { rate, channels } if &header.entry.format == b"mp4a" => {
            let core = rate <= 48_000 && channels <= 2;
            if header.has(b"caac") {
                findings.check(core, AAC_CORE, file, || format!("caac with {channels} channels at {rate} Hz"));
            } else {
                findings.check(!core || !structural, AAC_BRAND, file, || format!("the brands are {}", list()));
            }
        }
        Media::Video { width, height, .. } => {
            let small = width <= 864 && height <= 576;
            findings.check(small || !header.has(b"cfsd"), HD_BRAND, file, || format!("cfsd with {width}x{height}"));
            let high = width <= 1920 && height <= 1080;
            findings.check(high || !header.has(b"cfhd"), HD_BRAND, file, || format!("cfhd with {width}x{height}"));
        }
        Media::Audio { .. } | Media::Text => {}
    }
}
