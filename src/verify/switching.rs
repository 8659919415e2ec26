//! Tracks that belong together: switching sets, and the presentation as a whole.

use super::boxes;
use super::entry::Media;
use super::finding::Findings;
use super::rule::rules;
use super::track::Track;

rules! {
    SAME_KIND: Error "CMAF 7.3.4.1" "a switching set is of one kind of media, one sample entry and one language";
    SAME_SCALE: Error "CMAF 7.3.4.1" "the tracks of a switching set have one timescale";
    SAME_FRAGMENTS: Error "CMAF 7.3.4.1" "the tracks of a switching set have fragments of the same times";
    SAME_START: Error "CMAF 7.3.4.1" "the tracks of a switching set have one earliest presentation time";
    SAME_KEY: Error "CMAF 8.2.2" "all tracks of a switching set are encrypted, or none";
    SAME_COLOR: Error "CMAF B.2.4" "the tracks of a switching set have one colour";
    SHAPE: Error "Apple 1.33" "all video has the same aspect ratio";
    SAME_LENGTH: Error "CMAF 7.3.6" "video tracks end together";
    ENDS: Error "Apple 8.3" "sound and pictures cover the same time, up to one sample";
    BOUNDARIES: Warning "Apple 8.22" "all tracks have the same segment boundaries, sound up to one of its samples";
}

/// Checks the tracks of a switching set.
pub(super) fn check_set(tracks: &[&Track], findings: &mut Findings<'_>) {
    let Some((first, rest)) = tracks.split_first() else { return };
    let Some(main) = &first.header else { return };
    for track in rest {
        let Some(header) = &track.header else { continue };
        let file = track.name();
        let kind = |entry: &super::entry::Entry| (boxes::name(entry.format), std::mem::discriminant(&entry.media));
        let same = kind(&header.entry) == kind(&main.entry) && header.language == main.language;
        findings.check(same, SAME_KIND, file, || {
            let text =
                |header: &super::header::Header| format!("{} in {}", boxes::name(header.entry.format), header.language);
            format!("{} beside {}", text(header), text(main))
        });
        findings.equal(SAME_SCALE, file, "the timescale", header.timescale, main.timescale);
        let keys = header.entry.encrypted == main.entry.encrypted;
        findings.check(keys, SAME_KEY, file, || {
            format!("encrypted: {}, {}: {}", header.entry.encrypted, first.name(), main.entry.encrypted)
        });
        check_colors(track, first, findings);
        check_times(track, first, findings);
    }
}

fn check_colors(track: &Track, first: &Track, findings: &mut Findings<'_>) {
    let color = |track: &Track| match track.header.as_ref().map(|header| &header.entry.media) {
        Some(Media::Video { color, .. }) => *color,
        Some(Media::Audio { .. } | Media::Text) | None => None,
    };
    if let (Some(own), Some(other)) = (color(track), color(first)) {
        findings.check(own == other, SAME_COLOR, track.name(), || {
            format!("the colour is {}, of {} it is {}", own.text(), first.name(), other.text())
        });
    }
}

fn check_times(track: &Track, first: &Track, findings: &mut Findings<'_>) {
    let (Some(header), Some(main)) = (&track.header, &first.header) else { return };
    let file = track.name();
    let counts = (track.fragments.len(), first.fragments.len());
    findings.equal(
        SAME_FRAGMENTS,
        file,
        format!("the number of fragments beside {}", first.name()),
        counts.0,
        counts.1,
    );
    let differs = track.fragments.iter().zip(&first.fragments).find(|(own, other)| {
        let (own, other) = (header.seconds(own.decode_time as i64), main.seconds(other.decode_time as i64));
        (own - other).abs() > 1.0 / f64::from(header.timescale.min(main.timescale))
    });
    if let Some((own, other)) = differs {
        let (own, other) = (header.seconds(own.decode_time as i64), main.seconds(other.decode_time as i64));
        findings.breaks(
            SAME_FRAGMENTS,
            file,
            format!("a fragment begins at {own:.6} s, of {} at {other:.6} s", first.name()),
        );
    }
    if let Some((own, other)) = track.extent().zip(first.extent()) {
        let kept = (own.0 - other.0).abs() <= 1.0 / f64::from(header.timescale);
        findings.check(kept, SAME_START, file, || {
            format!("begins at {:.6} s, {} at {:.6} s", own.0, first.name(), other.0)
        });
    }
}

/// Checks all tracks of one programme: `video` and `audio` that are played together.
pub(super) fn check_programme(video: &[&Track], audio: &[&Track], findings: &mut Findings<'_>) {
    let Some(main) = video.first().or(audio.first()) else { return };
    let Some(end) = main.extent() else { return };
    for track in video.iter().skip(1) {
        check_shape(track, main, findings);
        check_boundaries(track, main, 0.0, findings);
        let Some(own) = track.extent() else { continue };
        let most = track.longest_sample().max(main.longest_sample());
        findings.check((own.1 - end.1).abs() <= most, SAME_LENGTH, track.name(), || {
            format!("ends at {:.6} s, {} at {:.6} s", own.1, main.name(), end.1)
        });
    }
    for track in audio.iter().filter(|track| !std::ptr::eq(**track, *main)) {
        let Some(own) = track.extent() else { continue };
        let most = track.longest_sample().max(main.longest_sample()) + 1e-6;
        findings.check((own.1 - end.1).abs() <= most, ENDS, track.name(), || {
            format!("ends at {:.6} s, {} at {:.6} s", own.1, main.name(), end.1)
        });
        if !video.is_empty() {
            check_boundaries(track, main, track.longest_sample(), findings);
        }
    }
}

/// When the segments of a track begin, in seconds.
pub(super) fn begins(track: &Track) -> Vec<f64> {
    let begin = |segment| Some(track.header.as_ref()?.seconds(track.shown(track.of(segment))?.0));
    track.segments.iter().filter_map(begin).collect()
}

fn check_boundaries(track: &Track, main: &Track, most: f64, findings: &mut Findings<'_>) {
    let (own, other) = (begins(track), begins(main));
    let odd = own.iter().zip(&other).find(|(own, other)| (*own - *other).abs() > most + 1e-6);
    findings.check(odd.is_none() && own.len() == other.len(), BOUNDARIES, track.name(), || match odd {
        Some((own, other)) => format!("a segment begins at {own:.6} s, of {} at {other:.6} s", main.name()),
        None => format!("there are {} segments, of {} {}", own.len(), main.name(), other.len()),
    });
}

fn check_shape(track: &Track, main: &Track, findings: &mut Findings<'_>) {
    let size = |track: &Track| match track.header.as_ref()?.entry.media {
        Media::Video { width, height, pixel, .. } => {
            Some((f64::from(width) * f64::from(pixel.0) / f64::from(pixel.1), f64::from(height)))
        }
        Media::Audio { .. } | Media::Text => None,
    };
    let Some(((w, h), (mw, mh))) = size(track).zip(size(main)) else { return };
    // Even dimensions allow an error of one pixel on either side.
    let off = w - h * mw / mh;
    findings
        .check(off.abs() <= 1.0 + mw / mh, SHAPE, track.name(), || format!("{w}x{h} is not the shape of {mw}x{mh}"));
}
