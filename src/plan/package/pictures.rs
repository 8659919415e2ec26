//! Which pictures are packaged, between which of them players switch, and where they are cut.

use std::time::Duration;

use super::align::{self, Keys};
use super::clock::Clock;
use super::{Alignment, PictureCopy, Timeline, Track};
use crate::media::{Bitrate, ColorInfo, FrameRate, RenditionId, RenditionKind, VideoCodec};
use crate::plan::{Cuts, Error};
use crate::source::{Gop, PictureScan, Scan, VideoInfo};

/// So many times at which key frames differ are told of each rendition.
const TOLD: usize = 3;
/// Half a frame of pictures whose rate nothing tells.
const USUAL_HALF_FRAME_US: i64 = 20_000;
/// The rate of pictures whose own nothing tells.
const USUAL_RATE: FrameRate = FrameRate::whole(25);
/// A group of pictures tells its rate when it lasts so long: times may be whole milliseconds.
const TELLS_US: i64 = 500_000;
/// A rate that was measured is a common one when it is this near: 24 and 24000/1001 are ten times as far apart.
const SAME_RATE: f64 = 1e-4;

/// A picture track of a file.
#[derive(Clone, Debug)]
pub(super) struct Pictures<'a> {
    pub(super) track: Track,
    codec: VideoCodec,
    info: &'a VideoInfo,
    scan: &'a PictureScan,
    id: RenditionId,
    keys: Keys,
    origin_us: i64,
    clock: Clock,
}

/// The pictures of all files, in the order of the files. Fails when one of them cannot be packaged.
pub(super) fn all<'a>(scans: &'a [Scan], origins_us: &[i64]) -> Result<Vec<Pictures<'a>>, Error> {
    let mut pictures = Vec::new();
    for (file, scan) in scans.iter().enumerate() {
        for (info, found) in scan.info.video.iter().zip(&scan.video) {
            let codec = check(scan, info, found)?;
            let origin_us = origins_us[file];
            let first_us = found.gops.first().map_or(origin_us, |gop| gop.first_us);
            let timing = info.timing.as_ref();
            let exact = timing.filter(|timing| timing.constant).and_then(|timing| timing.exact_rate);
            let clock = exact.map_or_else(|| Clock::of_time_base(info.time_base), Clock::of_rate);
            pictures.push(Pictures {
                track: Track { file, index: info.track },
                codec,
                info,
                scan: found,
                id: RenditionId::new(RenditionKind::Video, &format!("{}p_{codec}", info.resolution.short_side())),
                keys: keys(info, found, origin_us),
                origin_us,
                clock: clock.starting(first_us, origin_us),
            });
        }
    }
    Ok(pictures)
}

/// Leaves out renditions of nothing but key frames that another one has too, which is for trick modes (ours, or Shaka
/// Packager's `trick_play_factor`): it would be one that players switch to and that stands still. Gives the others,
/// named, and those.
pub(super) fn distinct(pictures: Vec<Pictures<'_>>) -> (Vec<Pictures<'_>>, Vec<Pictures<'_>>) {
    let trick: Vec<bool> = pictures.iter().map(|p| pictures.iter().any(|of| p.is_trick_of(of))).collect();
    let mut trick = trick.into_iter();
    let (trick, mut others): (Vec<_>, Vec<_>) = pictures.into_iter().partition(|_| trick.next() == Some(true));
    tell_apart(&mut others);
    (others, trick)
}

/// Refuses what CMAF has no place for.
fn check(scan: &Scan, info: &VideoInfo, found: &PictureScan) -> Result<VideoCodec, Error> {
    let (input, track) = (scan.info.input.clone(), info.track);
    let Some(codec) = VideoCodec::named(&info.codec) else {
        return Err(Error::Codec { input, track, codec: info.codec.clone() });
    };
    let why = match () {
        () if found.encrypted => "it is encrypted; decrypt it first",
        () if info.rotation != 0 || info.mirrored => {
            "it is shown turned or mirrored, which CMAF cannot say (ISO/IEC 23000-19 § 7.5.4); encode it"
        }
        () if found.untimed > 0 => "it has pictures without timestamps; put it into a container that has them",
        () => return Ok(codec),
    };
    Err(Error::Track { input, track, why })
}

fn keys(info: &VideoInfo, found: &PictureScan, origin_us: i64) -> Keys {
    let rate = info.timing.as_ref().map(|timing| timing.mean_rate).filter(|rate| *rate > 0.0);
    Keys {
        starts_us: found.gops.iter().map(|gop| gop.first_us - origin_us).collect(),
        end_us: found.end_us - origin_us,
        half_frame_us: rate.map_or(USUAL_HALF_FRAME_US, |rate| (5e5 / rate) as i64),
    }
}

/// Gives renditions with the same name their bit rates as well, and a number where that is not enough.
fn tell_apart(pictures: &mut [Pictures<'_>]) {
    let names: Vec<String> = pictures.iter().map(|p| p.id.name().to_owned()).collect();
    let mut taken = super::super::audio::Unique::default();
    for (at, picture) in pictures.iter_mut().enumerate() {
        let alone = names.iter().filter(|name| **name == names[at]).count() == 1;
        let kbps = Bitrate::from_bps(picture.scan.bits_per_second()).as_kbps();
        let name = if alone { names[at].clone() } else { format!("{}_{kbps}k", names[at]) };
        picture.id = RenditionId::new(RenditionKind::Video, &taken.claim(&name, "_"));
    }
}

/// Cuts the pictures into switching sets, and each set into segments and fragments; gives the renditions, set by
/// set, the widest first, and how sound is cut beside them.
pub(super) fn cut(
    pictures: Vec<Pictures<'_>>,
    target: Duration,
    alignment: Alignment,
) -> Result<(Vec<PictureCopy>, Option<Timeline>), Error> {
    let sets = sets(pictures, target, alignment)?;
    let all: Vec<&Keys> = sets.iter().flatten().map(|p| &p.keys).collect();
    let end_us = all.iter().map(|keys| keys.end_us).max().unwrap_or(0);
    // All sets have the same segments where that is possible.
    let shared = align::fit(&all, target).then(|| align::segments(&align::common(&all), end_us, target));
    let mut timeline = None;
    let mut copies = Vec::new();
    for (number, mut set) in sets.into_iter().enumerate() {
        Clock::agree(&mut set.iter_mut().map(|p| &mut p.clock).collect::<Vec<_>>());
        let keys: Vec<&Keys> = set.iter().map(|p| &p.keys).collect();
        let (starts, set_end) = (align::common(&keys), keys.iter().map(|keys| keys.end_us).max().unwrap_or(0));
        // The times of a set are those of its longest track; those of all sets lie within half a frame of them.
        let near = |us: &i64| starts.iter().copied().min_by_key(|start| (start - us).abs()).unwrap_or(*us);
        let segments: Vec<i64> = match &shared {
            // The first segment takes all that comes before the second.
            Some(shared) => starts.first().copied().into_iter().chain(shared.iter().skip(1).map(near)).collect(),
            None => align::segments(&starts, set_end, target),
        };
        let fragments = align::fragments(&starts, &segments);
        timeline.get_or_insert_with(|| Timeline::new(fragments.clone(), &segments, end_us));
        set.sort_by_key(|p| std::cmp::Reverse((p.info.resolution.pixels(), p.scan.bits_per_second())));
        copies.extend(set.into_iter().map(|picture| picture.copy(number, &fragments, &segments)));
    }
    Ok((copies, timeline))
}

/// Renditions between which a player may switch: of one codec and one range of brightness, cut together.
fn sets<'a>(
    pictures: Vec<Pictures<'a>>,
    target: Duration,
    alignment: Alignment,
) -> Result<Vec<Vec<Pictures<'a>>>, Error> {
    let kind = |p: &Pictures<'_>| (p.codec, range(p.info.color));
    let mut sets: Vec<Vec<Pictures<'a>>> = Vec::new();
    for picture in pictures {
        let fits = |set: &&mut Vec<Pictures<'_>>| {
            let keys: Vec<&Keys> = set.iter().chain([&picture]).map(|p| &p.keys).collect();
            kind(&set[0]) == kind(&picture) && (alignment == Alignment::Required || align::fit(&keys, target))
        };
        match sets.iter_mut().find(fits) {
            Some(set) => set.push(picture),
            None => sets.push(vec![picture]),
        }
    }
    for set in &sets {
        let keys: Vec<&Keys> = set.iter().map(|p| &p.keys).collect();
        if !align::fit(&keys, target) {
            return Err(unaligned(set));
        }
    }
    Ok(sets)
}

/// The transfer of HDR, or that of everything else.
fn range(color: ColorInfo) -> Option<u8> {
    color.is_hdr().then_some(color.transfer)
}

fn unaligned(set: &[Pictures<'_>]) -> Error {
    let keys: Vec<&Keys> = set.iter().map(|p| &p.keys).collect();
    let missing = set.iter().filter_map(|picture| {
        let missing = align::missing(&picture.keys, &keys);
        let times: Vec<String> = missing.iter().take(TOLD).map(|us| format!("{:.3}", *us as f64 / 1e6)).collect();
        let more = if missing.len() > TOLD { format!(" s and {} more", missing.len() - TOLD) } else { " s".into() };
        (!times.is_empty()).then(|| format!("{} has none at {}{more}", picture.id, times.join(", ")))
    });
    Error::Unaligned { missing: missing.collect::<Vec<_>>().join("; ") }
}

impl Pictures<'_> {
    fn is_trick_of(&self, of: &Pictures<'_>) -> bool {
        let keys_alone = |scan: &PictureScan| scan.gops.iter().all(|gop| gop.pictures == 1);
        let alike = self.codec == of.codec && self.info.resolution == of.info.resolution;
        let has = |us: &i64| of.keys.find(*us).is_some();
        alike && keys_alone(self.scan) && !keys_alone(of.scan) && self.keys.starts_us.iter().all(has)
    }

    fn copy(self, set: usize, fragments_us: &[i64], segments_us: &[i64]) -> PictureCopy {
        let Self { track, codec, info, scan, id, keys, origin_us, clock } = self;
        let (mut fragments, mut segments, mut open) = (Vec::new(), Vec::new(), false);
        for us in fragments_us {
            let Some(gop) = keys.find(*us).and_then(|at| scan.gops.get(at)) else { continue };
            if segments_us.binary_search(us).is_ok() {
                segments.push(fragments.len());
            }
            open |= gop.is_open();
            fragments.push(clock.tick(gop.first_us));
        }
        let last = scan.gops.last().map_or(0, |gop| clock.tick(gop.last_us));
        PictureCopy {
            id,
            track,
            codec,
            set,
            resolution: info.resolution,
            frame_rate: frame_rate(info, scan),
            bitrate: Bitrate::from_bps(scan.bits_per_second()),
            end: clock.tick(scan.end_us).max(last + clock.ticks_per_step()),
            origin_us,
            cuts: Cuts::new(clock.scale(), fragments, segments, 0),
            clock,
            open,
        }
    }
}

/// The exact rate, or the highest that is measured (RFC 8216bis 4.4.6.2: FRAME-RATE is the maximum): that of a group of
/// pictures, which one that is held between two groups does not slow, or of all of them.
fn frame_rate(info: &VideoInfo, scan: &PictureScan) -> FrameRate {
    let exact = info.timing.as_ref().and_then(|timing| timing.exact_rate);
    exact.or_else(|| highest_rate(scan)).or(info.declared_rate).unwrap_or(USUAL_RATE)
}

/// The highest rate that is measured: of each group of pictures that lasts long enough to tell, from its first to its
/// last; and of all, the last of which may be shown for long.
fn highest_rate(scan: &PictureScan) -> Option<FrameRate> {
    let tells = |gop: &&Gop| gop.last_us - gop.first_us >= TELLS_US;
    let within = |gop: &Gop| (gop.pictures.saturating_sub(1), gop.last_us - gop.first_us);
    let begins = scan.gops.first().map_or(scan.end_us, |gop| gop.first_us);
    let all = (scan.gops.iter().map(|gop| gop.pictures).sum(), scan.end_us - begins);
    let measured = scan.gops.iter().filter(tells).map(within).chain([all]).filter(|(_, us)| *us > 0);
    measured.map(|(pictures, us)| pictures as f64 * 1e6 / us as f64).max_by(f64::total_cmp).and_then(meant)
}

/// A rate that was measured: a common one where it comes out as that, or else in thousandths.
fn meant(measured: f64) -> Option<FrameRate> {
    let same = |rate: &FrameRate| (measured / rate.as_f64() - 1.0).abs() < SAME_RATE;
    FrameRate::common().find(same).or_else(|| FrameRate::new((measured * 1000.0).round() as u32, 1000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::TrackIndex;

    fn scan(gops: &[(i64, i64, u64)], end_us: i64) -> PictureScan {
        let gop = |&(key_us, last_us, pictures)| Gop { key_us, first_us: key_us, last_us, pictures };
        PictureScan {
            track: TrackIndex(0),
            config: Vec::new(),
            head: Vec::new(),
            gops: gops.iter().map(gop).collect(),
            skipped: 0,
            broken: 0,
            hidden: 0,
            untimed: 0,
            end_us,
            bytes: 0,
            encrypted: false,
        }
    }

    #[test]
    fn pictures_held_between_groups_slow_no_rate() {
        let held = scan(&[(0, 1_960_000, 50), (2_013_000, 3_973_000, 50)], 4_013_000);
        assert_eq!(highest_rate(&held), Some(FrameRate::whole(25)));
        let ntsc = scan(&[(0, 1_968_633, 60), (2_500_000, 3_500_000, 16)], 3_533_367);
        assert_eq!(highest_rate(&ntsc), FrameRate::new(30_000, 1001));
    }

    #[test]
    fn the_fastest_group_counts_and_short_ones_tell_nothing() {
        let varied = scan(&[(0, 1_000_000, 13), (1_100_000, 2_100_000, 21), (2_200_000, 2_201_000, 2)], 2_300_000);
        assert_eq!(highest_rate(&varied), FrameRate::new(20, 1));
        let short = scan(&[(0, 100_000, 2), (250_000, 350_000, 2)], 500_000);
        assert_eq!(highest_rate(&short), FrameRate::new(8, 1));
        let late = scan(&[(0, 567_000, 4)], 600_000);
        assert_eq!(highest_rate(&late), FrameRate::new(6667, 1000), "the average is higher than 3 steps in 0.567 s");
    }
}
