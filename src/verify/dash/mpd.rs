//! The MPD as a whole (ISO/IEC 23009-1 § 5.3.1) and its Periods.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::super::Session;
use super::super::finding::or_none;
use super::super::rule::rules;
use super::super::switching;
use super::super::track::Track;
use super::adaptation::{self, Adaptation, TRICK_MODE};
use super::value::seconds;
use super::xml::Element;
use super::{marked, order};

rules! {
    ROOT: Error "ISO 23009-1 5.2" "the root is MPD in the namespace urn:mpeg:dash:schema:mpd:2011";
    STATIC: Error "ISO 23009-1 5.3.1.2" "@type of a finished programme is static";
    LENGTH: Error "ISO 23009-1 5.3.1.2" "@mediaPresentationDuration is the length of the media, up to a sample of sound";
    DURATION: Error "ISO 23009-1 5.3.1.2" "times are of the type xs:duration";
    BUFFER: Error "ISO 23009-1 5.3.1.2" "@minBufferTime is there and more than nothing";
    LONGEST: Error "ISO 23009-1 5.3.1.2" "no segment is longer than @maxSegmentDuration or @maxSubsegmentDuration";
    LIVE_PROFILE: Error "ISO 23009-1 8.4" "an MPD with templates has the profile isoff-live:2011";
    ON_DEMAND_PROFILE: Error "ISO 23009-1 8.3" "an MPD with SegmentBase has the profile isoff-on-demand:2011";
    PERIOD: Error "ISO 23009-1 5.3.2" "there is a Period, and it holds an AdaptationSet";
    UNIQUE_ID: Error "ISO 23009-1 5.3.5.2" "@id of a Representation stands once in its Period";
    UNIQUE_SET: Error "ISO 23009-1 5.3.3.2" "@id of an AdaptationSet stands once in its Period";
    ONE_MAIN: Error "DASH-IF IOP 3.9.2" "exactly one AdaptationSet of each kind of media, or several that players switch between, has the Role main";
    TRICK_OF: Error "DASH-IF IOP 3.2.9" "a trick mode set names the set that it belongs to";
}

/// So much later than its media is a Period presented, in seconds (§ 5.3.2.1, § 5.3.9.2).
fn shift(period: &Element) -> f64 {
    let set = period.first("AdaptationSet");
    let places = [set.and_then(|set| set.first("Representation")), set, Some(period)].into_iter().flatten();
    let kinds = ["SegmentTemplate", "SegmentList", "SegmentBase"];
    let address = places.flat_map(|place| kinds.iter().filter_map(|kind| place.first(kind))).next();
    let number = |name| address.and_then(|address| address.number(name));
    let offset = number("presentationTimeOffset").unwrap_or(0) as f64 / number("timescale").unwrap_or(1).max(1) as f64;
    period.get("start").and_then(seconds).unwrap_or(0.0) - offset
}

/// Checks an MPD and everything it leads to.
pub(in super::super) fn check(name: &str, session: &mut Session<'_, '_>) {
    let Some(text) = session.files.text(name, &mut session.findings) else { return };
    let Some(mpd) = Element::read(name, &text, &mut session.findings) else { return };
    let right = mpd.name == "MPD" && mpd.get("xmlns") == Some("urn:mpeg:dash:schema:mpd:2011");
    if !session
        .findings
        .check(right, ROOT, name, || format!("the root is {} in {}", mpd.name, or_none(mpd.get("xmlns"))))
    {
        return;
    }
    order::check(name, &mpd, &mut session.findings);
    let reader = Presentation { name, mpd: &mpd };
    reader.check(session);
}

/// An MPD being checked.
struct Presentation<'m> {
    name: &'m str,
    mpd: &'m Element,
}

impl Presentation<'_> {
    fn check(&self, session: &mut Session<'_, '_>) {
        let (name, mpd) = (self.name, self.mpd);
        let kind = mpd.get("type").unwrap_or("static");
        session.findings.check(kind == "static", STATIC, name, || format!("@type is {kind}"));
        let buffer = self.seconds("minBufferTime", session).filter(|seconds| *seconds > 0.0);
        session.findings.check(buffer.is_some(), BUFFER, name, || {
            format!("@minBufferTime is {}", or_none(mpd.get("minBufferTime")))
        });
        let whole = self.seconds("mediaPresentationDuration", session);
        let periods: Vec<&Element> = mpd.all("Period").collect();
        session.findings.check(!periods.is_empty(), PERIOD, name, || "there is no Period");
        for period in &periods {
            let said = period.get("duration").map(|_| ()).and_then(|()| seconds(period.get("duration")?));
            let length = said.or(if periods.len() == 1 { whole } else { None });
            let sets = self.period(period, (length, buffer.unwrap_or(0.0)), session);
            if let [_] = periods[..] {
                self.check_length(whole.map(|whole| whole - shift(period)), &sets, session);
            }
        }
    }

    /// An attribute of the type xs:duration.
    fn seconds(&self, attribute: &str, session: &mut Session<'_, '_>) -> Option<f64> {
        let said = self.mpd.get(attribute)?;
        let value = seconds(said);
        session.findings.check(value.is_some(), DURATION, self.name, || format!("@{attribute} is {said}"));
        value
    }

    fn period(
        &self,
        period: &Element,
        (length, buffer): (Option<f64>, f64),
        session: &mut Session<'_, '_>,
    ) -> Vec<Rc<Track>> {
        let name = self.name;
        let elements: Vec<&Element> = period.all("AdaptationSet").collect();
        session.findings.check(!elements.is_empty(), PERIOD, name, || "a Period holds no AdaptationSet");
        self.check_ids(&elements, session);
        marked::check(name, period, &mut session.findings);
        let mut sets = Vec::new();
        for element in &elements {
            let place = adaptation::Place { file: name, mpd: self.mpd, period, set: element, seconds: length, buffer };
            sets.push(adaptation::check(&place, session));
        }
        self.check_main(&sets, session);
        self.check_trick_mode(&sets, session);
        self.check_profiles(&elements, period, session);
        self.check_longest(&sets, session);
        let main = |set: &&Adaptation<'_>| !set.trick;
        let tracks = sets.iter().filter(main).flat_map(|set| &set.tracks);
        let (mut video, mut audio) = (Vec::new(), Vec::new());
        for track in tracks {
            match track.header.as_ref().map(|header| (header.is_video(), &header.entry.media)) {
                Some((true, _)) => video.push(track.clone()),
                Some((false, super::super::entry::Media::Audio { .. })) => audio.push(track.clone()),
                Some((false, _)) | None => {}
            }
        }
        fn borrowed(tracks: &[Rc<Track>]) -> Vec<&Track> {
            tracks.iter().map(|track| &**track).collect()
        }
        switching::check_programme(&borrowed(&video), &borrowed(&audio), &mut session.findings);
        if video.is_empty() { audio } else { video }
    }

    fn check_ids(&self, sets: &[&Element], session: &mut Session<'_, '_>) {
        let mut seen = BTreeSet::new();
        for id in sets.iter().flat_map(|set| set.all("Representation")).filter_map(|element| element.get("id")) {
            let new = seen.insert(id);
            session.findings.check(new, UNIQUE_ID, self.name, || format!("two representations have the @id {id}"));
        }
        let mut seen = BTreeSet::new();
        for id in sets.iter().filter_map(|set| set.get("id")) {
            session.findings.check(seen.insert(id), UNIQUE_SET, self.name, || format!("two sets have the @id {id}"));
        }
    }

    fn check_main(&self, sets: &[Adaptation<'_>], session: &mut Session<'_, '_>) {
        let mut main: BTreeMap<&str, usize> = BTreeMap::new();
        for set in sets.iter().filter(|set| !set.kind.is_empty()) {
            *main.entry(&set.kind).or_default() += usize::from(set.main);
        }
        for (kind, count) in main {
            // Subtitles are there to be chosen; none of them is the main content.
            let kept = count == 1 || (kind == "text" && count == 0);
            session.findings.check(kept, ONE_MAIN, self.name, || format!("{count} sets of {kind} have the Role main"));
        }
    }

    fn check_trick_mode(&self, sets: &[Adaptation<'_>], session: &mut Session<'_, '_>) {
        for set in sets.iter().filter(|set| set.trick) {
            let of = set.element.property("EssentialProperty", TRICK_MODE).unwrap_or_default();
            let found = of.split_whitespace().all(|id| {
                sets.iter().any(|other| !other.trick && other.element.get("id") == Some(id) && other.kind == set.kind)
            });
            session.findings.check(found && !of.is_empty(), TRICK_OF, self.name, || format!("trick mode of {of:?}"));
        }
    }

    fn check_profiles(&self, sets: &[&Element], period: &Element, session: &mut Session<'_, '_>) {
        let profiles = self.mpd.get("profiles").unwrap_or_default();
        let has =
            |profile: &str| profiles.split(',').any(|own| own.trim() == format!("urn:mpeg:dash:profile:{profile}"));
        // Sheets of thumbnails have templates in either profile.
        let media = sets.iter().filter(|set| set.get("contentType") != Some("image"));
        let uses = |kind: &str| {
            let inside = media
                .clone()
                .any(|set| set.first(kind).is_some() || set.all("Representation").any(|r| r.first(kind).is_some()));
            inside || period.first(kind).is_some()
        };
        session.findings.check(!uses("SegmentTemplate") || has("isoff-live:2011"), LIVE_PROFILE, self.name, || {
            format!("@profiles is {profiles}")
        });
        session.findings.check(
            !uses("SegmentBase") || has("isoff-on-demand:2011"),
            ON_DEMAND_PROFILE,
            self.name,
            || format!("@profiles is {profiles}"),
        );
    }

    fn check_longest(&self, sets: &[Adaptation<'_>], session: &mut Session<'_, '_>) {
        for attribute in ["maxSegmentDuration", "maxSubsegmentDuration"] {
            let Some(most) = self.seconds(attribute, session) else { continue };
            for track in sets.iter().flat_map(|set| &set.tracks) {
                let Some(header) = &track.header else { continue };
                let lengths = track.segments.iter().filter_map(|segment| track.shown(track.of(segment)));
                let longest = lengths.map(|(begin, end)| header.seconds(end - begin)).fold(0.0, f64::max);
                session.findings.check(longest <= most + 1e-3, LONGEST, self.name, || {
                    format!("@{attribute} is {most} s, a segment of {} lasts {longest:.6} s", track.name())
                });
            }
        }
    }

    fn check_length(&self, whole: Option<f64>, tracks: &[Rc<Track>], session: &mut Session<'_, '_>) {
        let Some(whole) = whole else {
            return session.findings.breaks(LENGTH, self.name, "@mediaPresentationDuration is missing");
        };
        let ends = tracks.iter().filter_map(|track| Some((track, track.header.as_ref()?, track.extent()?.1)));
        let Some((track, header, end)) = ends.max_by(|one, other| one.2.total_cmp(&other.2)) else { return };
        // Sound alone ends with a whole packet, the programme does not.
        let most = if header.is_video() { 1e-3 } else { track.longest_sample() };
        if (whole - end).abs() > most {
            let what = format!("@mediaPresentationDuration beside {}", track.name());
            session.findings.differs(LENGTH, self.name, what, format!("{whole} s"), format!("{end:.6} s"));
        }
    }
}
