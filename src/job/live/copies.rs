//! The lanes of a live programme of which nothing is encoded. The pictures tell where segments begin, and sound follows.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::Scope;
use std::time::Duration;

use super::anchor::Anchor;
use super::ingest::Outlet;
use super::keep::Keep;
use super::lanes::{Lanes, Running, header, outlet};
use super::thread::spawn;
use crate::crypt::Vault;
use crate::encode::live_pictures::{Copied, LivePictureCopier};
use crate::encode::live_sound::LiveSoundCopier;
use crate::encode::{self};
use crate::event::{Control, Event, Warning};
use crate::job::Error;
use crate::media::{Rounding, Sample, SampleSink, Span, Timescale, Timestamp, TrackIndex};
use crate::package::{Cut, InitSegment};
use crate::plan::{Cutter, Plan, Window};
use crate::source::live::{Fed, LiveSource};

/// Sound may come so much later than pictures of its time before its place is silent, and pictures before they are missed,
/// in microseconds.
const LATE_US: i64 = 1_000_000;

/// No first segment is longer.
const LONGEST_FIRST: Duration = Duration::from_secs(60);

/// Sound goes on so much longer than the pictures of its segment, in seconds.
const SOUND_BEYOND: f64 = 0.05;

const MICROSECONDS: Timescale = Timescale::new(1_000_000);

/// What the lane of the pictures tells those of sound.
enum News {
    /// A fragment begins.
    Cut(Cut),
    /// None begins before it that was not told of.
    Reached(Timestamp),
    /// The pictures end, or do for now.
    End(Timestamp),
}

/// What copies the tracks of a source, before the first packet.
pub(super) struct Copiers {
    pictures: Option<LivePictureCopier>,
    sounds: Vec<LiveSoundCopier>,
}

impl Copiers {
    /// Reads the headers of every track of the plan. With `at_once` pictures are handed on one by one.
    fn open(plan: &Plan, source: &LiveSource, at_once: bool) -> Result<Self, Error> {
        let info = source.info();
        let head = |track| source.head(track).ok_or_else(|| encode::Error::Gone { input: info.input.clone() });
        let copied = plan.video.iter().find_map(|video| video.copied.as_ref());
        let first = copied.map(|copied| copied.track).or(plan.audio.first().map(|sound| sound.track));
        let origin_us = first.map(head).transpose()?.map_or(0, |head| head.at_us);
        let pictures = copied.map(|copied| LivePictureCopier::open(info, copied, &head(copied.track)?, at_once));
        let sound = |rendition| LiveSoundCopier::open(&info.input, rendition, &head(rendition.track)?, origin_us);
        Ok(Self { pictures: pictures.transpose()?, sounds: plan.audio.iter().map(sound).collect::<Result<_, _>>()? })
    }
}

/// The header of every rendition, with its bytes.
pub(super) fn headers(
    plan: &Plan,
    vault: Option<&Vault>,
    source: &LiveSource,
) -> Result<Vec<(InitSegment, Vec<u8>)>, Error> {
    let Copiers { pictures, sounds } = Copiers::open(plan, source, false)?;
    let copied = plan.video.iter().find_map(|video| video.copied.as_ref());
    let pictures = copied.zip(pictures).map(|(copied, copier)| (&copied.id, copier.track()));
    let sounds = plan.audio.iter().zip(&sounds).map(|(rendition, copier)| (&rendition.id, copier.track()));
    pictures.into_iter().chain(sounds).map(|(id, track)| header(plan, vault, id, &track)).collect()
}

/// The tracks that a plan copies: the one that the programme begins with, and the sound of its time.
pub(super) fn beginning(plan: &Plan) -> Option<(TrackIndex, Vec<TrackIndex>)> {
    let mut tracks = super::tracks(plan).into_iter();
    Some((tracks.next()?, tracks.collect()))
}

impl<'a> Lanes<'a> {
    /// Starts the lane of every track. They run until the outlets are gone.
    pub(super) fn start_copies<'scope>(
        &self,
        scope: &'scope Scope<'scope, '_>,
        source: &LiveSource,
        stop: &'scope (impl Fn() + Sync),
    ) -> Result<(Vec<Outlet>, Running<'scope>), Error>
    where
        'a: 'scope,
    {
        let Copiers { pictures, sounds } = Copiers::open(self.plan, source, self.parts.is_some())?;
        let (mut outlets, mut running, mut news) = (Vec::new(), Vec::new(), Vec::new());
        let (plan, control, window, anchor) = (self.plan, self.control, self.window, &self.anchor);
        for (rendition, copier) in plan.audio.iter().zip(sounds) {
            let main = pictures.is_none() && outlets.is_empty();
            let fed = outlet(&mut outlets, rendition.track, main);
            let keep = self.keep_of_copy(&rendition.id)?;
            let told = match &pictures {
                Some(_) => {
                    let (tell, told) = channel();
                    news.push(tell);
                    Ok(told)
                }
                // Any packet of sound can begin a segment.
                None => Err(Cutter::new(copier.track().timescale, &plan.grid, LONGEST_FIRST)),
            };
            let rests = main.then(|| self.rests(anchor));
            let lane = Sound { copier, keep, told, rests, waiting: VecDeque::new(), known: 0, ended: None };
            running.push(spawn(scope, "sound", stop, move || lane.run(&fed, control))?);
        }
        if let Some((copied, copier)) = plan.video.iter().find_map(|video| video.copied.as_ref()).zip(pictures) {
            let fed = outlet(&mut outlets, copied.track, true);
            let cutter = Cutter::new(copier.track().timescale, &plan.grid, LONGEST_FIRST);
            let keep = self.keep_of_copy(&copied.id)?;
            let (fragments, input) = (self.parts.is_none(), source.info().input.clone());
            let rests = self.rests(anchor);
            let lane = Pictures {
                copier,
                keep,
                news,
                rests,
                cutter,
                window,
                fragments,
                input,
                first: None,
                longest: 0,
                key: 0,
            };
            running.push(spawn(scope, "pictures", stop, move || lane.run(&fed, control))?);
        }
        self.work.check()?;
        Ok((outlets, running))
    }

    fn rests(&self, anchor: &Arc<Anchor>) -> Rests {
        Rests { anchor: Arc::clone(anchor), tell: self.rests.clone() }
    }
}

/// Where those look who must know where the programme rests.
struct Rests {
    anchor: Arc<Anchor>,
    tell: Sender<i64>,
}

impl Rests {
    /// Nothing is made from here on, where a segment begins, until the source is back.
    fn rest(&self, keep: &mut Keep, end: Timestamp) -> Result<(), Error> {
        let next = keep.rest()?;
        self.anchor.rest(next, end);
        keep.tell_rest();
        // Who has gone waits for nothing.
        let _ = self.tell.send(end.rescale(MICROSECONDS, Rounding::Nearest).ticks());
        Ok(())
    }
}

/// The lane of the pictures.
struct Pictures {
    copier: LivePictureCopier,
    keep: Keep,
    news: Vec<Sender<News>>,
    rests: Rests,
    cutter: Cutter,
    window: Window,
    /// Each GOP is a fragment; else each segment, so that parts are of one length.
    fragments: bool,
    input: String,
    /// When the first segment ended.
    first: Option<i64>,
    /// The longest distance of key frames in it, and when the latest one was.
    longest: i64,
    key: i64,
}

impl Pictures {
    fn run(mut self, fed: &Receiver<Fed>, control: Control<'_>) -> Result<(), Error> {
        for fed in fed {
            match fed {
                Fed::Packet(packet) => {
                    for copied in self.copier.push(&packet)? {
                        match copied {
                            Copied::Key(at) => self.key(at, control)?,
                            Copied::Sample(sample) => self.keep.push(sample)?,
                        }
                    }
                    let reached = self.copier.reached();
                    self.in_time(reached)?;
                    self.tell(|| News::Reached(reached));
                }
                Fed::Reached(us) => {
                    let at = Timestamp::new(us.saturating_sub(LATE_US), MICROSECONDS);
                    self.in_time(at.rescale(self.copier.reached().scale(), Rounding::Down))?;
                }
                Fed::Rest(_) => self.rest()?,
                Fed::Copied(beginning) => self.copier.go_on(&beginning.head())?,
                // They are for what is encoded.
                Fed::Away(_) | Fed::Pictures(_) | Fed::Sound(_) => {}
            }
        }
        for sample in self.copier.finish() {
            self.keep.push(sample)?;
        }
        let end = self.copier.end();
        self.tell(|| News::End(end));
        self.keep.finish()?;
        tell_left_out("pictures", self.copier.left_out(), control);
        Ok(())
    }

    /// The segment ends with the last picture that has come, and the next one begins when the source is back.
    fn rest(&mut self) -> Result<(), Error> {
        let samples = self.copier.finish();
        let end = self.copier.end();
        if !samples.is_empty() {
            let cut = Cut { at: end, segment: true };
            self.cutter.begin(end.ticks());
            self.keep.tell(cut)?;
            self.tell(|| News::Cut(cut));
        }
        samples.into_iter().try_for_each(|sample| self.keep.push(sample))?;
        self.tell(|| News::End(end));
        self.rests.rest(&mut self.keep, end)
    }

    /// Somebody who has failed needs no news.
    fn tell(&self, news: impl Fn() -> News) {
        self.news.iter().for_each(|lane| drop(lane.send(news())));
    }

    fn key(&mut self, at: Timestamp, control: Control<'_>) -> Result<(), Error> {
        if at.ticks() <= 0 {
            return Ok(());
        }
        if self.first.is_none() {
            self.longest = self.longest.max(at.ticks() - self.key);
            self.key = at.ticks();
        }
        let segment = self.cutter.key(at.ticks());
        if segment || self.fragments {
            let cut = Cut { at, segment };
            self.keep.tell(cut)?;
            self.tell(|| News::Cut(cut));
        }
        if segment && self.first.is_none() {
            self.begun(at, control);
        }
        Ok(())
    }

    /// The first segment tells how long others may be.
    fn begun(&mut self, end: Timestamp, control: Control<'_>) {
        self.first = Some(end.ticks());
        let seconds = |ticks: i64| ticks as f64 / f64::from(end.scale().hz());
        let first = Span::new(end.ticks().unsigned_abs(), end.scale());
        let most = self.window.as_the_first(first).longest.as_seconds();
        self.cutter.allow(((most - SOUND_BEYOND) * f64::from(end.scale().hz())) as i64);
        let (usual, gop) = (self.window.segment.as_seconds(), seconds(self.longest));
        if gop > usual + SOUND_BEYOND {
            let message = format!(
                "key frames of the source are {gop:.2} s apart, so segments are that long at least, and not \
                 {usual:.2} s; let its encoder place them more often"
            );
            control.observer.on(&Event::Warned(&Warning { code: "long_segments", message }));
        }
    }

    fn in_time(&self, at: Timestamp) -> Result<(), Error> {
        if !self.cutter.is_late(at.ticks()) {
            return Ok(());
        }
        let why = match self.first {
            Some(_) => {
                "the next key frame (IDR) comes later than players were told that any would (EXT-X-TARGETDURATION); let \
                 its encoder place them at even distances, or choose a longer --segment-duration and --gop"
            }
            None => "no second key frame (IDR) came within a minute; let its encoder place one every other second",
        };
        Err(encode::Error::Uncopied { input: self.input.clone(), why: why.to_owned() }.into())
    }
}

/// The lane of one sound track.
struct Sound {
    copier: LiveSoundCopier,
    keep: Keep,
    /// Who tells where segments begin; without pictures it is told by the sound itself.
    told: Result<Receiver<News>, Cutter>,
    /// Without pictures one of them tells where the programme rests.
    rests: Option<Rests>,
    /// What comes behind the pictures that are known.
    waiting: VecDeque<Sample>,
    /// No cut before this decode time will be told of.
    known: i64,
    /// Where the pictures end, or do for now, once that was told.
    ended: Option<Timestamp>,
}

impl Sound {
    fn run(mut self, fed: &Receiver<Fed>, control: Control<'_>) -> Result<(), Error> {
        for fed in fed {
            let samples = match fed {
                Fed::Packet(packet) => self.copier.push(&packet)?,
                Fed::Reached(us) => self.copier.fill(Timestamp::new(us.saturating_sub(LATE_US), MICROSECONDS)),
                Fed::Rest(_) => {
                    self.rest()?;
                    Vec::new()
                }
                Fed::Copied(beginning) => {
                    self.copier.go_on(&beginning.head())?;
                    Vec::new()
                }
                // They are for what is encoded.
                Fed::Away(_) | Fed::Pictures(_) | Fed::Sound(_) => Vec::new(),
            };
            self.wait(samples)?;
            self.listen(Receiver::try_recv)?;
            self.hand_on()?;
        }
        self.listen(Receiver::recv)?;
        let end = self.ended.take();
        let last = end.map_or_else(Vec::new, |end| self.copier.fill(end));
        let last = last.into_iter().chain(self.copier.finish()).collect();
        self.wait(last)?;
        // Sound that begins behind the pictures is no part of the programme.
        let end = end.map(|end| self.copier.decoded_at(end));
        self.waiting.retain(|sample| end.is_none_or(|end| sample.dts.ticks() < end));
        self.known = i64::MAX;
        self.hand_on()?;
        self.keep.finish()?;
        tell_left_out("sound", self.copier.left_out(), control);
        Ok(())
    }

    /// The segment ends where the pictures do, or with the last packet.
    fn rest(&mut self) -> Result<(), Error> {
        self.listen(Receiver::recv)?;
        let end = self.ended.take().map(|end| self.copier.decoded_at(end));
        let last = end.map_or_else(Vec::new, |end| self.copier.fill_to_cut(end));
        let last = last.into_iter().chain(self.copier.finish()).collect();
        self.wait(last)?;
        let middle = |sample: &Sample| sample.dts.ticks() + sample.duration.ticks() as i64 / 2;
        let beyond = self.waiting.iter().position(|sample| end.is_some_and(|end| middle(sample) >= end));
        if let Some(first) = beyond.and_then(|beyond| self.waiting.drain(beyond..).next()) {
            self.copier.go_back(first.dts.ticks());
        }
        let (next, shown) = self.copier.next();
        if let Err(cutter) = &mut self.told {
            cutter.begin(next);
            self.keep.tell(Cut { at: Timestamp::new(next, shown.scale()), segment: true })?;
        }
        let known = std::mem::replace(&mut self.known, i64::MAX);
        self.hand_on()?;
        self.known = known;
        match &self.rests {
            Some(rests) => rests.rest(&mut self.keep, shown),
            None => self.keep.rest().map(drop),
        }
    }

    fn wait(&mut self, samples: Vec<Sample>) -> Result<(), Error> {
        for sample in samples {
            if let Err(cutter) = &mut self.told {
                if sample.dts.ticks() > 0 && cutter.key(sample.dts.ticks()) {
                    self.keep.tell(Cut { at: sample.dts, segment: true })?;
                }
                self.known = sample.dts.ticks();
                self.hand_on()?;
            }
            self.waiting.push_back(sample);
        }
        Ok(())
    }

    /// Hears what the pictures tell, up to their end. Without pictures there is nothing to hear, and after their lane has
    /// failed, which ends the run.
    fn listen<E>(&mut self, hear: impl Fn(&Receiver<News>) -> Result<News, E>) -> Result<(), Error> {
        while self.ended.is_none() {
            let Some(news) = self.told.as_ref().ok().and_then(|told| hear(told).ok()) else { break };
            let at = match news {
                News::Cut(Cut { at, segment }) => {
                    let scale = self.copier.track().timescale;
                    self.keep.tell(Cut { at: Timestamp::new(self.copier.decoded_at(at), scale), segment })?;
                    at
                }
                News::Reached(at) => at,
                News::End(at) => *self.ended.insert(at),
            };
            self.known = self.known.max(self.copier.decoded_at(at));
        }
        Ok(())
    }

    /// Hands on what no cut can lie in any more.
    fn hand_on(&mut self) -> Result<(), Error> {
        let alone = self.told.is_err();
        while let Some(sample) = self.waiting.front() {
            let (begin, length) = (sample.dts.ticks(), sample.duration.ticks() as i64);
            // It belongs where its middle lies.
            let reach = if alone { 0 } else { length / 2 + 1 };
            if begin.saturating_add(length + reach) > self.known {
                return Ok(());
            }
            let Some(sample) = self.waiting.pop_front() else { return Ok(()) };
            self.keep.push(sample)?;
        }
        Ok(())
    }
}

fn tell_left_out(what: &str, packets: u64, control: Control<'_>) {
    if packets > 0 {
        let message =
            format!("{packets} packets of {what} were left out: damaged, without a time, or not in their time");
        control.observer.on(&Event::Warned(&Warning { code: "packets_left_out", message }));
    }
}
