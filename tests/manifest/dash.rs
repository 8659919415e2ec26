//! The MPD as dash-mpd-core reads it, and its element order as the schema wants it.

use dash_mpd_core::{AdaptationSet, MPD, check_conformity, parse};
use quick_xml::Reader;
use quick_xml::events::Event;
use streampack::media::{ColorInfo, RenditionId, RenditionKind};
use streampack::plan::names;

use crate::{body, fake, feature, made, radio, silent, single_file};

fn mpd(documents: &[streampack::manifest::Document]) -> MPD {
    parse(body(documents, "manifest.mpd")).expect("it parses")
}

fn sets<'a>(mpd: &'a MPD, kind: &str) -> Vec<&'a AdaptationSet> {
    mpd.periods[0].adaptations.iter().filter(|a| a.contentType.as_deref() == Some(kind)).collect()
}

#[test]
fn the_reader_finds_nothing_wrong() {
    for plan in [feature(), single_file(), radio(), silent()] {
        assert_eq!(check_conformity(&mpd(&made(&plan))), Vec::<String>::new());
    }
}

#[test]
fn timelines_are_the_stored_segments() {
    for plan in [feature(), radio(), silent()] {
        let mpd = mpd(&made(&plan));
        let facts = fake::presentation(&plan);
        for set in mpd.periods[0].adaptations.iter().filter(|a| a.contentType.as_deref() != Some("image")) {
            let kind =
                if set.contentType.as_deref() == Some("video") { RenditionKind::Video } else { RenditionKind::Audio };
            for representation in &set.representations {
                let id = RenditionId::new(kind, representation.id.as_deref().expect("an id"));
                let stored = facts.rendition(&id).expect("stored");
                let template = representation.SegmentTemplate.as_ref().expect("a template");
                assert_eq!(template.timescale, Some(u64::from(stored.init.track.timescale.hz())));
                let mut listed = Vec::new();
                let mut time = 0;
                for s in &template.SegmentTimeline.as_ref().expect("a timeline").segments {
                    time = s.t.unwrap_or(time);
                    for _ in 0..=s.r.unwrap_or(0) {
                        listed.push((time as i64, s.d));
                        time += s.d;
                    }
                }
                let segments = stored.segments.values();
                assert_eq!(listed, segments.map(|s| (s.start.ticks(), s.duration.ticks())).collect::<Vec<_>>(), "{id}");
            }
        }
    }
}

#[test]
fn single_files_name_their_header_and_index() {
    let plan = single_file();
    let documents = made(&plan);
    let facts = fake::presentation(&plan);
    let rendition = &plan.video.as_ref().expect("pictures").renditions[0];
    let file = facts.rendition(&rendition.id).and_then(|r| r.single.clone()).expect("single file");
    let mpd = mpd(&documents);
    let representation = &sets(&mpd, "video")[0].representations[0];
    assert_eq!(representation.BaseURL[0].base, names::single(&rendition.id));
    let base = representation.SegmentBase.as_ref().expect("SegmentBase");
    assert_eq!(base.indexRange.as_deref(), Some(format!("800-{}", 799 + file.index_bytes).as_str()));
    let header = base.Initialization.as_ref().and_then(|i| i.range.as_deref());
    assert_eq!(header, Some("0-799"));
    assert!(mpd.profiles.as_deref().is_some_and(|p| p.contains("isoff-on-demand:2011") && !p.contains("live")));
}

#[test]
fn exactly_one_set_of_a_kind_is_main_and_ids_are_unique() {
    for plan in [feature(), single_file(), radio(), silent()] {
        let mpd = mpd(&made(&plan));
        for kind in ["video", "audio", "image"] {
            let sets = sets(&mpd, kind);
            let main = sets.iter().filter(|a| a.Role.iter().any(|r| r.value.as_deref() == Some("main"))).count();
            assert_eq!(main, usize::from(!sets.is_empty()), "{kind}");
            assert!(sets.iter().all(|a| !a.Role.is_empty()), "{kind}");
        }
        let mut ids: Vec<_> = mpd.periods[0].adaptations.iter().map(|a| a.id.clone()).collect();
        let all = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), all);
    }
}

#[test]
fn one_set_per_source_track_says_what_it_is_for() {
    let mpd = mpd(&made(&radio()));
    let facts: Vec<_> = sets(&mpd, "audio")
        .iter()
        .map(|a| {
            let role = a.Role.iter().filter_map(|r| r.value.clone()).collect::<Vec<_>>().join(" ");
            (a.lang.clone().unwrap_or_default(), role, a.Accessibility.len(), a.representations.len())
        })
        .collect();
    let fact =
        |lang: &str, role: &str, accessibility, renditions| (lang.into(), role.into(), accessibility, renditions);
    assert_eq!(
        facts,
        [
            fact("en", "main", 0, 2),
            fact("de", "dub", 0, 2),
            fact("en", "commentary", 0, 1),
            fact("en", "alternate", 1, 1)
        ]
    );
}

#[test]
fn trick_mode_belongs_to_the_rungs() {
    let mpd = mpd(&made(&feature()));
    let sets = sets(&mpd, "video");
    let trick = sets[1];
    let property = &trick.essential_property[0];
    assert_eq!(property.schemeIdUri, "http://dashif.org/guidelines/trickmode");
    assert_eq!(property.value, sets[0].id);
    let representation = &trick.representations[0];
    assert_eq!(representation.frameRate.as_deref(), Some("500/1001"));
    assert_eq!((representation.maxPlayoutRate, representation.codingDependency), (Some(60.0), Some(false)));
}

#[test]
fn thumbnails_say_the_size_of_the_whole_sheet() {
    let mpd = mpd(&made(&feature()));
    let set = sets(&mpd, "image")[0];
    let representation = &set.representations[0];
    assert_eq!((representation.width, representation.height), (Some(800), Some(450)));
    assert_eq!(representation.essential_property[0].value.as_deref(), Some("5x5"));
    let template = set.SegmentTemplate.as_ref().expect("a template");
    assert_eq!((template.duration, template.timescale), (Some(1001.0), Some(8)));
}

#[test]
fn only_hdr_keeps_other_players_away() {
    let properties = |color| {
        let mut plan = silent();
        plan.video.as_mut().expect("pictures").color = color;
        let mpd = mpd(&made(&plan));
        let set = sets(&mpd, "video")[0];
        (set.essential_property.len(), set.supplemental_property.len())
    };
    let color = |primaries, transfer, matrix| ColorInfo { primaries, transfer, matrix, full_range: false };
    assert_eq!(properties(ColorInfo::BT709), (0, 0));
    assert_eq!(properties(ColorInfo::UNSPECIFIED), (0, 0));
    assert_eq!(properties(color(6, 6, 6)), (0, 3));
    assert_eq!(properties(color(9, 16, 9)), (3, 0));
    assert_eq!(properties(ColorInfo { full_range: true, ..ColorInfo::BT709 }), (0, 4));
}

/// The order of children in DASH-MPD.xsd, for the elements that we write.
const ORDER: &[(&str, &[&str])] = &[
    ("MPD", &["Period"]),
    ("Period", &["AdaptationSet"]),
    (
        "AdaptationSet",
        &[
            "AudioChannelConfiguration",
            "EssentialProperty",
            "SupplementalProperty",
            "Label",
            "Accessibility",
            "Role",
            "SegmentTemplate",
            "Representation",
        ],
    ),
    ("Representation", &["EssentialProperty", "BaseURL", "SegmentBase", "SegmentTemplate"]),
    ("SegmentBase", &["Initialization"]),
    ("SegmentTemplate", &["SegmentTimeline"]),
    ("SegmentTimeline", &["S"]),
];

#[test]
fn children_stand_in_the_order_of_the_schema() {
    for mut plan in [feature(), single_file(), radio(), silent()] {
        if let Some(video) = &mut plan.video {
            video.color = ColorInfo { primaries: 9, transfer: 16, matrix: 9, full_range: true };
        }
        let documents = made(&plan);
        let mut reader = Reader::from_str(body(&documents, "manifest.mpd"));
        let mut open: Vec<(String, usize)> = Vec::new();
        loop {
            let event = reader.read_event().expect("well-formed");
            if let Event::Start(element) | Event::Empty(element) = &event {
                let name = element.name().as_ref().to_owned();
                if let Some((parent, reached)) = open.last_mut() {
                    let order = ORDER.iter().find(|(p, _)| p == parent).map_or(&[][..], |(_, order)| order);
                    let at = order.iter().position(|child| *child == name);
                    let at = at.unwrap_or_else(|| panic!("{parent} cannot hold {name}"));
                    assert!(at >= *reached, "{name} comes too late in {parent}");
                    *reached = at;
                }
                if matches!(event, Event::Start(_)) {
                    open.push((name, 0));
                }
            } else if matches!(event, Event::End(_)) {
                open.pop();
            } else if matches!(event, Event::Eof) {
                break;
            }
        }
    }
}
