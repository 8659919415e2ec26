//! The MPD and its Periods: one, but of a live programme that has had breaks.

use crate::manifest::Document;
use crate::manifest::complete::Complete;
use crate::manifest::label::printable;
use crate::manifest::stored::{InSpell, Media, Pictures};
use crate::media::{Rounding, SegmentNumber, Span, Timescale};
use crate::plan::{Layout, LiveOffer, Metadata, Spell, names};

use super::element::Element;
use super::{audio, close, events, protection, text, thumbnails, video};

const NAMESPACE: &str = "urn:mpeg:dash:schema:mpd:2011";

/// xs:duration is written with microseconds.
const MICROSECONDS: Timescale = Timescale::new(1_000_000);

/// So often clients ask for the MPD while the source is away.
const RESTING: Span = Span::new(500_000, MICROSECONDS);

/// The MPD of a presentation.
pub(in crate::manifest) fn document(complete: &Complete<'_>) -> Document {
    let buffer = buffer(complete);
    let mpd = Element::new("MPD").attribute("xmlns", NAMESPACE).attribute("profiles", profiles(complete.offer.layout));
    let mpd = match &complete.offer.live {
        Some(live) if !live.ended => dynamic(mpd, live, last(complete, live)),
        Some(_) | None => mpd
            .attribute("type", "static")
            .attribute("mediaPresentationDuration", xs_duration(shown(complete), Rounding::Nearest)),
    };
    let mpd = mpd.attribute("minBufferTime", xs_duration(buffer, Rounding::Up));
    let protected = all(complete).any(|media| media.stored.init.protection.is_some());
    let mpd = if protected { protection::namespaces(mpd) } else { mpd };
    let mpd = longest(mpd, complete).children(information(&complete.offer.metadata));
    let lasting = complete.offer.live.as_ref().filter(|live| !live.ended);
    let mpd = mpd.children(lasting.and_then(close::service)).children(periods(complete, buffer));
    // Where a client learns the time of day that segments are counted by (§ 5.8.4.11): from the same server.
    let mpd = mpd.children(lasting.filter(|live| live.timed).map(|_| close::time()));
    Document { key: names::MPD.to_owned(), body: mpd.into_document() }
}

/// What an MPD says that will be followed by another one (§ 5.3.1.2). Its timeline begins at the zero of the
/// programme for as long as that lasts, also when the segments from there are gone: clients that play it then find
/// everything where it was.
fn dynamic(mpd: Element, live: &LiveOffer, last: SegmentNumber) -> Element {
    let window = &live.window;
    let segments = |count: u64| Span::new(window.segment.ticks().saturating_mul(count), window.segment.scale());
    mpd.attribute("type", "dynamic")
        .attribute("availabilityStartTime", live.spells.start())
        .attribute("publishTime", live.now)
        .attribute("minimumUpdatePeriod", xs_duration(update(live), Rounding::Down))
        .attribute("timeShiftBufferDepth", xs_duration(depth(live, segments(window.segments), last), Rounding::Nearest))
        // As HLS has it: a player begins three segments from the end.
        .attribute("suggestedPresentationDelay", xs_duration(segments(3), Rounding::Nearest))
}

/// MPD@minimumUpdatePeriod. Nobody knows when a break will be over, and clients that are told once in a segment go on up
/// to a segment later than they could.
fn update(live: &LiveOffer) -> Span {
    match live.resting {
        Some(_) if RESTING.cmp_span(live.window.segment).is_lt() => RESTING,
        Some(_) | None => live.window.segment,
    }
}

/// MPD@timeShiftBufferDepth. Clients take away what is older than this, so it covers a break while that lasts. Behind it
/// the buffer begins anew where it is shorter than a break may be: clients that still stand before it go on at once then.
/// dash.js would first wait for as long as the break has lasted (`GapController`), and play so much later from there on.
fn depth(live: &LiveOffer, window: Span, last: SegmentNumber) -> Span {
    let window = window.rescale(MICROSECONDS, Rounding::Nearest);
    let rest = Span::new(live.rest.as_micros() as u64, MICROSECONDS);
    let spells: Vec<Spell> = live.spells.between(live.first, last).map(|(spell, _)| spell).collect();
    let covering = Span::new(window.ticks() + rest.ticks(), MICROSECONDS);
    match spells[..] {
        _ if live.resting.is_some() => covering,
        [.., before, latest] if window.cmp_span(rest).is_lt() => {
            // From the middle of the break on: clocks are off by a little.
            let gap = latest.zero.since_us(before.zero);
            let shown = live.now.since_us(live.spells.start()) - begin(live, latest).ticks() as i64;
            let anew = u64::try_from(shown + gap / 2).unwrap_or(0);
            let least = live.window.segment.rescale(MICROSECONDS, Rounding::Up).ticks();
            Span::new(anew.max(least).min(window.ticks()), MICROSECONDS)
        }
        [_, _, ..] => covering,
        [] | [_] => window,
    }
}

/// What the programme is called (§ 5.7).
fn information(metadata: &Metadata) -> Option<Element> {
    let title = Element::new("Title").text(&printable(metadata.title.as_ref()?));
    let information = Element::new("ProgramInformation");
    let information = match &metadata.language {
        Some(language) => information.attribute("lang", language.tag()),
        None => information,
    };
    Some(information.child(title))
}

/// Segment files follow the live profile, single files the on-demand one (§ 8.4, § 8.3); both the CMAF one.
fn profiles(layout: Layout) -> &'static str {
    match layout {
        Layout::SegmentFiles => "urn:mpeg:dash:profile:isoff-live:2011,urn:mpeg:dash:profile:cmaf:2019",
        Layout::SingleFile => "urn:mpeg:dash:profile:isoff-on-demand:2011,urn:mpeg:dash:profile:cmaf:2019",
    }
}

/// MPD@minBufferTime: the longest segment of sound, picture or text, in whole microseconds, as @bandwidth is
/// measured against it. A client that plays a segment when it has all of it then finds @bandwidth to be
/// the rate of the heaviest one.
fn buffer(complete: &Complete<'_>) -> Span {
    if let Some(live) = &complete.offer.live {
        return live.window.longest.rescale(MICROSECONDS, Rounding::Up);
    }
    let spans = all(complete).flat_map(|media| media.stored.segments.values()).map(|segment| segment.duration);
    spans.max_by(|a, b| a.cmp_span(*b)).map_or(Span::zero(MICROSECONDS), |s| s.rescale(MICROSECONDS, Rounding::Up))
}

/// @maxSegmentDuration holds for every segment of the MPD (§ 5.3.1.2), thumbnail sheets among them. In the
/// on-demand profile a segment is a whole file, so there its fragments are measured, which `sidx` lists.
fn longest(mpd: Element, complete: &Complete<'_>) -> Element {
    if let Some(live) = &complete.offer.live {
        return mpd.attribute("maxSegmentDuration", xs_duration(live.window.longest, Rounding::Up));
    }
    let segments = all(complete).flat_map(|media| media.stored.segments.values());
    let (name, spans): (_, Vec<Span>) = match complete.offer.layout {
        Layout::SegmentFiles => {
            let sheets = complete.sheets.map(thumbnails::sheet_span);
            ("maxSegmentDuration", segments.map(|s| s.duration).chain(sheets).collect())
        }
        Layout::SingleFile => {
            ("maxSubsegmentDuration", segments.flat_map(|s| &s.fragments).map(|f| f.duration).collect())
        }
    };
    match spans.into_iter().max_by(|a, b| a.cmp_span(*b)) {
        Some(longest) => mpd.attribute(name, xs_duration(longest, Rounding::Up)),
        None => mpd,
    }
}

fn all<'c>(complete: &'c Complete<'_>) -> impl Iterator<Item = &'c Media<'c>> {
    let pictures = complete.video.iter().map(|pictures| &pictures.media);
    let pictures = pictures.chain(complete.trick.iter().map(|trick| &trick.media));
    let sounds = complete.audio.iter().flat_map(|choice| &choice.sounds).map(|sound| &sound.media);
    pictures.chain(sounds).chain(complete.text.iter().filter_map(|words| words.media.as_ref()))
}

/// The Periods: a live programme has one for each spell (§ 5.3.2.1), at its place on the wall clock.
fn periods(complete: &Complete<'_>, buffer: Span) -> Vec<Element> {
    let Some(live) = &complete.offer.live else {
        let place = PeriodPlace { id: 0, start: Span::zero(MICROSECONDS), duration: None, within: None };
        return vec![period(complete, place, buffer)];
    };
    let spells: Vec<_> = live.spells.between(live.first, last(complete, live)).collect();
    let next = spells.iter().skip(1).map(|(next, _)| Some(*next)).chain([None]);
    let earliest = spells.first().map(|(spell, _)| spell.breaks);
    let each = spells.iter().zip(next).map(|(&(spell, until), next)| {
        let part = complete.in_spell(InSpell { spell, until });
        let duration = next.and_then(|next| next.from.since(spell.from));
        let within = Some(events::Within { spell, next, first: earliest == Some(spell.breaks) });
        let place = PeriodPlace { id: spell.breaks, start: begin(live, spell), duration, within };
        period(&part, place, buffer)
    });
    each.collect()
}

/// The last segment that is offered.
fn last(complete: &Complete<'_>, live: &LiveOffer) -> SegmentNumber {
    let last = all(complete).filter_map(|media| media.stored.segments.keys().next_back()).max();
    last.copied().unwrap_or(live.first)
}

/// Which Period it is, and where it is on the timeline.
struct PeriodPlace {
    id: u64,
    start: Span,
    /// How long it lasts, where a break follows: it is an Early Terminated Period then (§ 5.3.2.1). Else it would last to
    /// the begin of the next one, and dash.js looks for its segments in the break when it goes to the live edge.
    duration: Option<Span>,
    /// The spell that it is, of a live programme.
    within: Option<events::Within>,
}

/// When a spell begins, counted from the availability start.
fn begin(live: &LiveOffer, spell: Spell) -> Span {
    let from = spell.from.rescale(MICROSECONDS, Rounding::Nearest).ticks();
    let after = from.saturating_add(spell.zero.since_us(live.spells.start()));
    Span::new(u64::try_from(after).unwrap_or(0), MICROSECONDS)
}

/// How long the presentation is: breaks are a part of it.
fn shown(complete: &Complete<'_>) -> Span {
    let last = |live: &LiveOffer| live.spells.spell(SegmentNumber(u64::MAX)).zero.since_us(live.spells.start());
    let breaks = complete.offer.live.as_ref().map_or(0, last);
    let breaks = Span::new(u64::try_from(breaks).unwrap_or(0), MICROSECONDS);
    complete.offer.duration.plus(breaks.rescale(complete.offer.duration.scale(), Rounding::Nearest))
}

fn period(complete: &Complete<'_>, place: PeriodPlace, buffer: Span) -> Element {
    // Ids are counted from 1 in the order of the sets, so the pictures, when there are any, have the first.
    // One set has one key (DASH-IF IOP, Part 6); a player may still switch to those of the same pictures.
    let together = |a: &Pictures<'_>, b: &Pictures<'_>| a.offer.set == b.offer.set && a.media.kid() == b.media.kid();
    let switching: Vec<&[Pictures<'_>]> = complete.video.chunk_by(together).collect();
    let number = |rungs: &[Pictures<'_>]| rungs.first().map(|first| first.offer.set);
    let rungs = (1..).zip(&switching).map(|(id, rungs)| {
        let others = (1..).zip(&switching).filter(|(other, set)| *other != id && number(set) == number(rungs));
        let others: Vec<usize> = others.map(|(other, _)| other).collect();
        video::rungs(id, rungs, &others, complete.offer, buffer)
    });
    let mut sets: Vec<Element> = rungs.collect();
    let told = complete.offer.messages && complete.video.is_empty();
    sets.extend(audio::sets(sets.len() + 1, &complete.audio, buffer, told));
    sets.extend(text::sets(sets.len() + 1, &complete.text, buffer));
    if let Some(trick) = &complete.trick {
        let of = switching.iter().position(|set| set.iter().any(|p| *p.media.id == trick.offer.of));
        sets.push(video::trick(sets.len() + 1, of.unwrap_or(0) + 1, trick, buffer));
    }
    if let Some(sheets) = complete.sheets {
        sets.push(thumbnails::set(sets.len() + 1, sheets));
    }
    let start = xs_duration(place.start, Rounding::Nearest);
    let period = Element::new("Period").attribute("id", place.id).attribute("start", start);
    let period = match place.duration {
        Some(duration) => period.attribute("duration", xs_duration(duration, Rounding::Nearest)),
        None => period,
    };
    period.children(events::streams(&complete.offer.marks, place.within)).children(sets)
}

/// `span` as xs:duration, in seconds without trailing zeros: `PT6.006S`.
fn xs_duration(span: Span, rounding: Rounding) -> String {
    let micros = span.rescale(MICROSECONDS, rounding).ticks();
    let decimals = format!("{:06}", micros % 1_000_000);
    let text = format!("{}.{decimals}", micros / 1_000_000);
    format!("PT{}S", text.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_keep_what_counts_and_no_zeros() {
        let written = |ticks, hz, rounding| xs_duration(Span::new(ticks, Timescale::new(hz)), rounding);
        assert_eq!(written(180 * 1001, 30_000, Rounding::Nearest), "PT6.006S");
        assert_eq!(written(100, 1, Rounding::Nearest), "PT100S");
        assert_eq!(written(1, 3, Rounding::Up), "PT0.333334S");
        assert_eq!(written(0, 1, Rounding::Up), "PT0S");
    }
}
