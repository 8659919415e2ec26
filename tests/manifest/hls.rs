//! Playlists as m3u8-rs reads them.

use m3u8_rs::{MasterPlaylist, MediaPlaylist, MediaPlaylistType};
use streampack::manifest::Document;
use streampack::media::{ColorInfo, FrameRate};
use streampack::plan::AudioRole;

use crate::{body, fake, feature, made, planned, radio, silent, single_file};

fn master(documents: &[Document]) -> MasterPlaylist {
    let (_, playlist) = m3u8_rs::parse_master_playlist(body(documents, "master.m3u8").as_bytes()).expect("it parses");
    playlist
}

fn media(body: &str) -> MediaPlaylist {
    let (_, playlist) = m3u8_rs::parse_media_playlist(body.as_bytes()).expect("it parses");
    playlist
}

/// All playlists of segments.
fn playlists(documents: &[Document]) -> impl Iterator<Item = (&str, MediaPlaylist)> {
    let playlists = documents.iter().filter(|d| d.key.ends_with(".m3u8") && d.key != "master.m3u8");
    playlists.map(|d| (d.key.as_str(), media(&d.body)))
}

fn extinfs(body: &str) -> Vec<f64> {
    let values = body.lines().filter_map(|line| line.strip_prefix("#EXTINF:")?.strip_suffix(','));
    values.map(|value| value.parse().expect("a number")).collect()
}

#[test]
fn every_playlist_is_complete_and_agrees_on_the_target() {
    for plan in [feature(), single_file(), radio(), silent()] {
        let documents = made(&plan);
        let mut targets = Vec::new();
        for (key, playlist) in playlists(&documents) {
            assert!(playlist.end_list, "{key}");
            assert_eq!(playlist.playlist_type, Some(MediaPlaylistType::Vod), "{key}");
            assert!(extinfs(body(&documents, key)).iter().all(|s| s.round() <= playlist.target_duration as f64));
            if !key.contains("thumbnails") {
                assert!(playlist.independent_segments, "{key}");
                assert!(playlist.segments[0].map.is_some(), "{key}");
                targets.push(playlist.target_duration);
            }
        }
        targets.dedup();
        assert_eq!(targets.len(), 1, "{targets:?}");
    }
}

#[test]
fn every_playlist_lasts_as_long_as_the_programme() {
    for plan in [feature(), single_file(), radio(), silent()] {
        for document in made(&plan).iter().filter(|d| d.key.ends_with(".m3u8") && d.key != "master.m3u8") {
            let sum: f64 = extinfs(&document.body).iter().sum();
            let programme = plan.duration().as_seconds();
            assert!((sum - programme).abs() < 1.0 / 48_000.0 + 1e-6, "{}: {sum} and {programme}", document.key);
        }
    }
}

#[test]
fn every_playlist_that_is_named_exists_and_every_one_is_named() {
    for plan in [feature(), single_file(), radio(), silent()] {
        let documents = made(&plan);
        let master = master(&documents);
        let variants = master.variants.iter().map(|v| v.uri.clone());
        let audio = master.alternatives.iter().filter_map(|a| a.uri.clone());
        let images = master.unknown_tags.iter().filter_map(|t| t.rest.as_ref()?.split("URI=\"").nth(1));
        let images = images.map(|uri| uri.trim_end_matches('"').to_owned());
        let mut named: Vec<_> = variants.chain(audio).chain(images).collect();
        named.sort();
        named.dedup();
        let mut there: Vec<_> = playlists(&documents).map(|(key, _)| key.to_owned()).collect();
        there.sort();
        assert_eq!(named, there);
    }
}

#[test]
fn the_first_variant_has_about_two_megabits_and_the_others_fall() {
    let master = master(&made(&feature()));
    let streams: Vec<_> = master.variants.iter().filter(|v| !v.is_i_frame).collect();
    assert_eq!(streams[0].uri, "video/480p_h264/playlist.m3u8");
    assert!(streams[1..].is_sorted_by(|a, b| a.bandwidth >= b.bandwidth));
    assert!(streams.iter().all(|v| v.average_bandwidth <= Some(v.bandwidth)));
    assert!(streams.iter().all(|v| v.closed_captions.is_some()), "NONE on all or on none");
    let cellular = streams.last().expect("audio only");
    assert!(cellular.bandwidth <= 192_000 && cellular.codecs.as_deref() == Some("mp4a.40.2"), "{cellular:?}");
}

#[test]
fn the_bandwidth_is_the_sum_of_the_measured_peaks() {
    let plan = planned::with_video(planned::plan(FrameRate::whole(25), 300), &[(720, 1000)]);
    let plan = planned::with_audio(plan, 1, "en", AudioRole::Main, 100);
    let master = master(&made(&plan));
    // Two segments of three GOPs at 90, 70, 80 and 100, 60, 110 per cent, and 24 bytes of styp each.
    let styp = 24.0 * 8.0 / 6.0;
    let video = 1_000_000.0 * (100.0 + 60.0 + 110.0) / 300.0 + styp;
    let audio = 100_000.0 + styp;
    let variant = &master.variants[0];
    assert!((variant.bandwidth as f64 - video - audio).abs() < 40.0, "{} and {}", variant.bandwidth, video + audio);
    let average = 1_000_000.0 * (90.0 + 70.0 + 80.0 + 100.0 + 60.0 + 110.0) / 600.0 + 100_000.0 + 2.0 * styp;
    let written = variant.average_bandwidth.expect("always written") as f64;
    assert!((written - average).abs() < 40.0, "{written} and {average}");
}

#[test]
fn every_picture_is_offered_with_every_group_and_groups_have_the_same_members() {
    let plan = planned::with_video(planned::plan(FrameRate::whole(25), 300), &[(720, 2000), (360, 800)]);
    let mut plan = planned::with_audio(plan, 1, "en", AudioRole::Main, 128);
    plan = planned::with_audio(plan, 1, "en", AudioRole::Main, 64);
    plan = planned::with_audio(plan, 2, "de", AudioRole::Dub, 128);
    let master = master(&made(&plan));
    let group = |id: &str| {
        let members = master.alternatives.iter().filter(|a| a.group_id == id);
        members.map(|a| (a.name.as_str(), a.uri.as_deref().expect("a URI"))).collect::<Vec<_>>()
    };
    let german = ("German", "audio/de_aac_128k_2/playlist.m3u8");
    assert_eq!(group("aac-128k"), [("English", "audio/en_aac_128k_1/playlist.m3u8"), german]);
    assert_eq!(group("aac-64k"), [("English", "audio/en_aac_64k_1/playlist.m3u8"), german]);
    let mut pairs: Vec<_> =
        master.variants.iter().filter_map(|v| Some((v.uri.as_str(), v.audio.as_deref()?))).collect();
    pairs.sort();
    let (low, high) = ("video/360p_h264/playlist.m3u8", "video/720p_h264/playlist.m3u8");
    assert_eq!(pairs, [(low, "aac-128k"), (low, "aac-64k"), (high, "aac-128k"), (high, "aac-64k")]);
}

#[test]
fn a_commentary_and_a_description_are_only_played_when_wanted() {
    let master = master(&made(&radio()));
    let members = master.alternatives.iter().filter(|a| a.group_id == "aac-128k");
    let facts: Vec<_> =
        members.map(|a| (a.name.as_str(), a.default, a.autoselect, a.characteristics.as_deref())).collect();
    let describes = Some("public.accessibility.describes-video");
    assert_eq!(
        facts,
        [
            ("English", true, true, None),
            ("German", false, true, None),
            ("English (commentary)", false, false, None),
            ("English (described)", false, true, describes),
        ]
    );
}

#[test]
fn key_frame_ranges_lie_in_their_segments_and_start_at_the_fragment() {
    for plan in [feature(), single_file()] {
        let documents = made(&plan);
        let facts = fake::presentation(&plan);
        for rendition in &plan.video.as_ref().expect("pictures").renditions {
            let stored = facts.rendition(&rendition.id).expect("stored");
            let playlist = media(body(&documents, &format!("{}/iframes.m3u8", rendition.id)));
            assert!(playlist.i_frames_only);
            let mut listed = playlist.segments.iter().map(|s| s.byte_range.as_ref().expect("a range"));
            for (at, segment) in stored.segments.values().enumerate() {
                let origin = stored.single.as_ref().map_or(0, |file| file.segment_offsets[at]);
                for fragment in &segment.fragments {
                    let range = listed.next().expect("one entry per fragment");
                    assert_eq!((range.length, range.offset), (fragment.key_bytes, Some(origin + fragment.offset)));
                }
            }
            assert!(listed.next().is_none());
        }
    }
}

#[test]
fn single_file_ranges_follow_each_other_to_the_end() {
    let plan = single_file();
    let documents = made(&plan);
    let facts = fake::presentation(&plan);
    for id in plan.audio.iter().map(|a| &a.id) {
        let file = facts.rendition(id).and_then(|r| r.single.clone()).expect("single file");
        let playlist = media(body(&documents, &format!("{id}/playlist.m3u8")));
        let mut end = file.init_bytes + file.index_bytes;
        for segment in &playlist.segments {
            let range = segment.byte_range.as_ref().expect("a range");
            assert_eq!((segment.uri.as_str(), range.offset), ("media.mp4", Some(end)));
            end += range.length;
        }
        assert_eq!(end, file.bytes);
    }
}

#[test]
fn hdr_is_said_by_its_transfer() {
    let range = |transfer| {
        let mut plan = silent();
        let video = plan.video.as_mut().expect("pictures");
        video.color = ColorInfo { primaries: 9, transfer, matrix: 9, full_range: false };
        let documents = made(&plan);
        let text = body(&documents, "master.m3u8");
        assert_eq!(text.matches("VIDEO-RANGE=").count(), 2, "the variant and its key frames");
        text.split("VIDEO-RANGE=").nth(1).and_then(|t| t.split(',').next()).map(str::to_owned)
    };
    assert_eq!([range(16), range(18), range(1)].map(Option::unwrap), ["PQ", "HLG", "SDR"]);
}

#[test]
fn a_label_cannot_break_its_playlist() {
    let mut plan = radio();
    plan.audio[0].label = "5\" \"disc\"\n#EXT-X-ENDLIST".into();
    let master = master(&made(&plan));
    assert_eq!(master.alternatives[0].name, "5' 'disc' #EXT-X-ENDLIST");
}

#[test]
fn sheets_cover_the_programme_and_no_more() {
    let documents = made(&feature());
    let images = body(&documents, "thumbnails/images.m3u8");
    assert_eq!(extinfs(images), [125.125, 150.016_533 - 125.125].map(|s: f64| (s * 1e6).round() / 1e6));
    assert!(images.contains("#EXT-X-TILES:RESOLUTION=160x90,LAYOUT=5x5,DURATION=5.005000\nsprite_00001.jpg\n"));
}
