//! The boxes we write: as text that is read in review, and as two independent readers see them.
//! `UPDATE_GOLDEN=1 cargo test --test boxes` rewrites the text.

#[path = "support/boxdump.rs"]
mod boxdump;
#[path = "support/renditions.rs"]
mod renditions;

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::time::Duration;

use mp4_atom::{Any, Codec, Decode, FourCC, Moof, Moov, Sidx, Styp};
use renditions::{ASC, coded_pictures, id, package, packets, pictures, sound};
use streampack::media::{FrameRate, SegmentNumber, TrackConfig};
use streampack::package::{InitSegment, Packaged, init, single_file, verify};
use streampack::plan::{AudioUnits, Layout, SegmentGrid};

const AAC: AudioUnits = AudioUnits { sample_rate: 48_000, frame_length: 1024, priming: 1024 };

/// Three GOPs of five frames in two segments, so that the goldens stay short.
fn grid() -> SegmentGrid {
    SegmentGrid::new(FrameRate::whole(25), Duration::from_millis(200), Duration::from_millis(400), 22)
}

fn video() -> TrackConfig {
    pictures(grid().rate())
}

fn video_segments(layout: Layout) -> Vec<Packaged> {
    package(&video(), grid(), SegmentNumber(1), layout, coded_pictures(&grid(), 0..22))
}

fn audio() -> TrackConfig {
    sound(AAC, "pt-BR")
}

fn audio_segments() -> Vec<Packaged> {
    let samples = packets(AAC, 0..grid().audio_packets(AAC));
    package(&audio(), grid(), SegmentNumber(1), Layout::SegmentFiles, samples)
}

fn header_and_facts(track: &TrackConfig) -> (InitSegment, Vec<u8>) {
    init(&id(track), track, grid().rate(), Layout::SegmentFiles, None).expect("a track that boxes can say")
}

fn header(track: &TrackConfig) -> Vec<u8> {
    header_and_facts(track).1
}

fn golden(name: &str, bytes: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/boxes/{name}.txt"));
    let found = boxdump::dump(bytes);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().expect("a directory")).expect("a writable tree");
        fs::write(&path, &found).expect("a writable tree");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, expected, "{name} changed; UPDATE_GOLDEN=1 rewrites it");
}

fn atoms(mut bytes: &[u8]) -> Vec<Any> {
    let mut atoms = Vec::new();
    while !bytes.is_empty() {
        atoms.push(Any::decode(&mut bytes).expect("mp4-atom reads our boxes"));
    }
    atoms
}

fn moov(track: &TrackConfig) -> Moov {
    let atoms = atoms(&header(track));
    match <[Any; 2]>::try_from(atoms) {
        Ok([Any::Ftyp(_), Any::Moov(moov)]) => *Box::new(moov),
        other => panic!("a header is ftyp and moov, not {other:?}"),
    }
}

fn moofs(body: &[u8]) -> Vec<Moof> {
    atoms(body).into_iter().filter_map(|atom| if let Any::Moof(moof) = atom { Some(moof) } else { None }).collect()
}

fn kinds(body: &[u8]) -> Vec<String> {
    atoms(body).iter().map(|atom| atom.kind().to_string()).collect()
}

#[test]
fn headers_are_as_reviewed() {
    golden("video_header", &header(&video()));
    golden("audio_header", &header(&audio()));
}

#[test]
fn segments_are_as_reviewed() {
    golden("video_segment", &video_segments(Layout::SegmentFiles)[0].body.after(0).expect("in memory"));
    golden("audio_segment", &audio_segments()[0].body.after(0).expect("in memory"));
}

#[test]
fn the_index_is_as_reviewed() {
    golden("video_index", &single(&video_segments(Layout::SingleFile)).1);
}

fn single(made: &[Packaged]) -> (streampack::package::SingleFile, Vec<u8>) {
    let (facts, _) =
        init(&id(&video()), &video(), grid().rate(), Layout::SingleFile, None).expect("a track that boxes can say");
    single_file(&facts, made.iter().map(|made| &made.facts)).expect("segments in order")
}

#[test]
fn a_picture_header_keeps_the_rules_of_cmf2() {
    let bytes = header(&video());
    let Any::Ftyp(ftyp) = &atoms(&bytes)[0] else { panic!("ftyp comes first") };
    assert_eq!((ftyp.major_brand, ftyp.minor_version), (FourCC::new(b"cmf2"), 0));
    assert!(ftyp.compatible_brands.contains(&FourCC::new(b"cfsd")));
    let moov = moov(&video());
    let trak = &moov.trak[0];
    assert_eq!((moov.mvhd.duration, trak.tkhd.duration, trak.mdia.mdhd.duration), (0, 0, 0));
    assert_eq!((trak.tkhd.width.integer(), trak.tkhd.height.integer()), (640, 360));
    assert!(trak.edts.is_none() && moov.udta.is_none() && moov.meta.is_none() && moov.mvex.is_some());
    let Codec::Avc1(entry) = &trak.mdia.minf.stbl.stsd.codecs[0] else { panic!("an avc1 entry") };
    assert_eq!(entry.avcc.avc_level_indication, 30);
    assert_eq!(entry.avcc.sequence_parameter_sets.len(), 1);
    let pasp = entry.pasp.as_ref().expect("square pixels are said");
    assert_eq!((pasp.h_spacing, pasp.v_spacing), (1, 1));
    assert!(entry.colr.is_some());
}

#[test]
fn a_sound_header_has_one_edit_that_skips_the_priming() {
    let moov = moov(&audio());
    let trak = &moov.trak[0];
    let edits = &trak.edts.as_ref().expect("edts").elst.as_ref().expect("elst").entries;
    let seen: Vec<_> = edits.iter().map(|edit| (edit.segment_duration, edit.media_time)).collect();
    assert_eq!(seen, [(0, Some(1024))]);
    assert_eq!(trak.mdia.mdhd.language, "por");
    let Codec::Mp4a(entry) = &trak.mdia.minf.stbl.stsd.codecs[0] else { panic!("an mp4a entry") };
    assert_eq!(entry.esds.es_desc.es_id, 0);
    assert_eq!(entry.esds.es_desc.dec_config.dec_specific.as_ref().map(|asc| asc.raw.as_slice()), Some(ASC));
}

#[test]
fn the_extended_language_stands_only_where_three_letters_do_not_suffice() {
    let has_elng = |language| header(&sound(AAC, language)).windows(4).any(|word| word == b"elng");
    assert!(has_elng("pt-BR") && !has_elng("pt") && !has_elng("gsw") && !has_elng("und"));
}

#[test]
fn segment_files_start_with_styp_and_single_files_with_moof() {
    let body = &video_segments(Layout::SegmentFiles)[0].body.after(0).expect("in memory");
    assert_eq!(kinds(body), ["styp", "moof", "mdat", "moof", "mdat"]);
    let styp = Styp::decode(&mut body.as_slice()).expect("a styp");
    assert!([b"msdh", b"cmfs"].iter().all(|brand| styp.compatible_brands.contains(&FourCC::new(brand))));
    assert_eq!(
        kinds(&video_segments(Layout::SingleFile)[0].body.after(0).expect("in memory")),
        ["moof", "mdat", "moof", "mdat"]
    );
}

#[test]
fn fragments_explain_themselves() {
    for moof in moofs(&video_segments(Layout::SegmentFiles)[0].body.after(0).expect("in memory")) {
        let tfhd = &moof.traf[0].tfhd;
        assert!(tfhd.default_base_is_moof && tfhd.base_data_offset.is_none());
        assert_eq!((tfhd.sample_description_index, tfhd.default_sample_duration), (Some(1), Some(1000)));
        assert_eq!(tfhd.default_sample_flags, Some(0x0101_0000));
        let flags: Vec<_> = moof.traf[0].trun[0].samples.iter().map(|sample| sample.flags).collect();
        assert_eq!(flags[0], Some(0x0200_0000));
    }
}

#[test]
fn decode_times_are_the_sum_of_the_durations_before() {
    for made in [video_segments(Layout::SegmentFiles), audio_segments()] {
        let (mut next, mut sequence) = (0, 0);
        for moof in made.iter().flat_map(|made| moofs(&made.body.after(0).expect("in memory"))) {
            let traf = &moof.traf[0];
            assert_eq!(traf.tfdt.as_ref().map(|tfdt| tfdt.base_media_decode_time), Some(next));
            assert!(moof.mfhd.sequence_number > sequence);
            let default = traf.tfhd.default_sample_duration;
            let lasts = |duration: Option<u32>| u64::from(duration.or(default).expect("a duration"));
            next += traf.trun[0].samples.iter().map(|sample| lasts(sample.duration)).sum::<u64>();
            sequence = moof.mfhd.sequence_number;
        }
    }
}

#[test]
fn data_offsets_lead_to_the_samples() {
    let made = &video_segments(Layout::SegmentFiles)[1];
    let first = &made.facts.fragments[0];
    let moof = &moofs(&made.body.after(0).expect("in memory"))[0];
    let at = first.offset as usize + moof.traf[0].trun[0].data_offset.expect("a data offset") as usize;
    let expected: Vec<_> =
        coded_pictures(&grid(), 10..15).flat_map(|sample| sample.data.here().expect("in memory").to_vec()).collect();
    assert_eq!(&made.body.after(at).expect("in memory")[..expected.len()], expected);
}

#[test]
fn the_index_has_one_reference_per_fragment() {
    let made = video_segments(Layout::SingleFile);
    let (file, index) = single(&made);
    let sidx = Sidx::decode(&mut index.as_slice()).expect("a sidx");
    assert_eq!((sidx.reference_id, sidx.timescale, sidx.earliest_presentation_time), (1, 25_000, 0));
    let fragments: Vec<_> = made.iter().flat_map(|made| &made.facts.fragments).collect();
    let seen: Vec<_> =
        sidx.references.iter().map(|r| (u64::from(r.referenced_size), u64::from(r.subsegment_duration))).collect();
    assert_eq!(seen, fragments.iter().map(|f| (f.bytes, f.duration.ticks())).collect::<Vec<_>>());
    assert!(sidx.references.iter().all(|r| r.starts_with_sap && r.sap_type == 1 && !r.reference_type));
    assert_eq!(file.bytes, file.init_bytes + file.index_bytes + made.iter().map(|m| m.facts.bytes).sum::<u64>());
}

#[test]
fn both_tracks_pass_the_verification_of_every_run() {
    for (track, made) in [(video(), video_segments(Layout::SegmentFiles)), (audio(), audio_segments())] {
        for Packaged { facts, body } in &made {
            verify(
                &header(&track),
                &header_and_facts(&track).0,
                std::io::Cursor::new(body.after(0).expect("in memory")),
                facts,
            )
            .expect("own bytes");
        }
    }
}

#[test]
fn the_mp4_crate_counts_the_samples_of_the_whole_track() {
    let whole: Vec<u8> = std::iter::once(header(&video()))
        .chain(video_segments(Layout::SegmentFiles).into_iter().map(|made| made.body.into_vec().expect("in memory")))
        .flatten()
        .collect();
    let reader = mp4::Mp4Reader::read_header(Cursor::new(&whole), whole.len() as u64).expect("a fragmented file");
    assert_eq!(reader.sample_count(1).expect("track 1"), 22);
    let track = &reader.tracks()[&1];
    assert_eq!(track.sequence_parameter_set().expect("an SPS")[0], 0x67);
}
