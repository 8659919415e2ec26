//! The pictures of one shard in every size that the ladder needs: one chain of scalers for all rungs.

use std::collections::VecDeque;
use std::fmt::Write;

use super::{Error, Slot, Slots};
use crate::av::caps::require_filter;
use crate::av::filter::PictureGraph;
use crate::av::frame::Frame;
use crate::media::{ColorInfo, Resolution};
use crate::plan::PictureSteps;
use crate::source::feed::{Held, HeldPictures};

/// Bicubic costs no measurable quality as a cascade; the other flags make it the same on every machine.
const SCALER: &str = "flags=bicubic+accurate_rnd+bitexact";

/// Sees every slot before it is encoded.
pub trait Watch: Send {
    /// What may go wrong in looking.
    type Error;
    /// Looks at a slot.
    fn see(&mut self, slot: &Slot) -> Result<(), Self::Error>;
}

/// These sizes, the largest first, each once.
pub fn sizes(of: impl IntoIterator<Item = Resolution>) -> Vec<Resolution> {
    let mut sizes: Vec<Resolution> = of.into_iter().collect();
    sizes.sort_by_key(|size| std::cmp::Reverse(size.pixels()));
    sizes.dedup();
    sizes
}

/// The filter graph from decoded pictures to every size, each made from the one before it.
///
/// # Errors
/// When a filter is missing that tone mapping or a change of colours needs.
pub fn graph(steps: &PictureSteps, color: ColorInfo, sizes: &[Resolution]) -> Result<PictureGraph, Error> {
    Ok(PictureGraph::new(spec(steps, color, sizes)?, sizes.len()))
}

fn spec(steps: &PictureSteps, color: ColorInfo, sizes: &[Resolution]) -> Result<String, Error> {
    let mut spec = String::from("[in]");
    for filter in turns(steps) {
        let _ = write!(spec, "{filter},");
    }
    for (index, size) in sizes.iter().enumerate() {
        if index == 0 {
            spec.push_str(&first(steps, color, *size)?);
        } else {
            let _ = write!(spec, ";[chain{index}]scale={}:{}:{SCALER}", size.width, size.height);
        }
        match sizes.get(index + 1) {
            Some(_) => {
                let _ = write!(spec, ",split[out{index}][chain{}]", index + 1);
            }
            None => {
                let _ = write!(spec, "[out{index}]");
            }
        }
    }
    Ok(spec)
}

fn turns(steps: &PictureSteps) -> impl Iterator<Item = &'static str> {
    let turn: &[&str] = match steps.rotation {
        90 => &["transpose=clock"],
        180 => &["hflip", "vflip"],
        270 => &["transpose=cclock"],
        _ => &[],
    };
    steps.mirrored.then_some("hflip").into_iter().chain(turn.iter().copied())
}

/// From decoded pictures to the largest rung: size, colour, range and format in as few steps as possible.
fn first(steps: &PictureSteps, color: ColorInfo, size: Resolution) -> Result<String, Error> {
    let source = steps.source_color;
    let Resolution { width, height } = size;
    if let Some(tone_map) = steps.tone_map {
        require_filter("zscale")?;
        require_filter("tonemap")?;
        // Scaling first, for tone mapping works on floats of every pixel. The primaries are said again for
        // pictures that do not say theirs: zscale passes on what it reads in them.
        return Ok(format!(
            "zscale=w={width}:h={height}:{from}:p={primaries}:t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,\
             tonemap=tonemap=hable:desat=0:peak={peak},zscale={to}:dither=error_diffusion,format=yuv420p,setsar=1",
            from = zimg_input(source),
            primaries = source.primaries,
            to = zimg_output(color),
            peak = tone_map.peak / 100.0,
        ));
    }
    let same_colors = (source.primaries, source.matrix) == (color.primaries, color.matrix);
    if !same_colors && source.matrix != 0 {
        require_filter("zscale")?;
        return Ok(format!(
            "zscale=w={width}:h={height}:{from}:{to}:dither=error_diffusion,format=yuv420p,setsar=1",
            from = zimg_input(source),
            to = zimg_output(color),
        ));
    }
    // Without range and matrix swscale passes a picture on untouched when nothing is to be done.
    let mut scale = format!("scale={width}:{height}:{SCALER}");
    if source.full_range && source.matrix != 0 {
        scale.push_str(":in_range=full:out_range=limited");
    }
    if source.matrix == 0 {
        let _ = write!(scale, "+full_chroma_inp:out_color_matrix={}:out_range=limited", swscale_matrix(color.matrix));
    }
    Ok(format!("{scale},format=yuv420p,setsar=1"))
}

/// zscale takes the code points of H.273 by number.
fn zimg_input(color: ColorInfo) -> String {
    let range = if color.full_range { "full" } else { "limited" };
    format!("pin={}:tin={}:min={}:rin={range}", color.primaries, color.transfer, color.matrix)
}

fn zimg_output(color: ColorInfo) -> String {
    format!("p={}:t={}:m={}:r=limited", color.primaries, color.transfer, color.matrix)
}

fn swscale_matrix(code: u8) -> &'static str {
    match code {
        5 | 6 => "bt601",
        _ => "bt709",
    }
}

/// The slots of one shard.
pub struct ShardPictures<'a, E> {
    feed: &'a mut dyn HeldPictures,
    end: u64,
    graph: PictureGraph,
    sizes: usize,
    watch: Option<&'a mut dyn Watch<Error = E>>,
    ready: Option<(std::ops::Range<u64>, Vec<Frame>)>,
    captions: Captions,
}

/// Closed captions on their way to the slots in which they are due.
#[derive(Debug, Default)]
struct Captions(VecDeque<[u8; 3]>);

impl Captions {
    /// As many triplets as one picture can hold (cc_count, ANSI/CTA-708-E Table 2).
    const MOST: usize = 31;

    /// Adds triplets. Where pictures are left out and theirs become too many, padding goes first.
    fn add(&mut self, triplets: &[u8]) {
        const VALID: u8 = 4;
        let says = |[head, first, second]: &[u8; 3]| {
            head & VALID != 0 && (head & 2 != 0 || (first & 0x7f, second & 0x7f) != (0, 0))
        };
        self.0.extend(triplets.chunks_exact(3).map(|triplet| [triplet[0], triplet[1], triplet[2]]));
        if self.0.len() > Self::MOST {
            self.0.retain(says);
        }
    }

    /// What the next slot takes.
    fn next(&mut self) -> Vec<u8> {
        let count = self.0.len().min(Self::MOST);
        self.0.drain(..count).flatten().collect()
    }
}

impl<E> std::fmt::Debug for ShardPictures<'_, E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ShardPictures").field("end", &self.end).finish_non_exhaustive()
    }
}

impl<'a, E> ShardPictures<'a, E> {
    /// The slots that `feed` has before `end`, scaled by `graph` to `sizes` sizes, seen by `watch` if any.
    pub fn new(
        feed: &'a mut dyn HeldPictures,
        end: u64,
        graph: PictureGraph,
        sizes: usize,
        watch: Option<&'a mut dyn Watch<Error = E>>,
    ) -> Self {
        Self { feed, end, graph, sizes, watch, ready: None, captions: Captions::default() }
    }

    /// The picture in every size, without captions: filters differ in whether they keep them, and a picture that is
    /// shown in several slots must not say them again.
    fn scaled(&mut self, held: &Held) -> Result<Vec<Frame>, Error> {
        let silent = held.frame.has_captions().then(|| held.frame.with_captions(&[])).transpose()?;
        self.graph.push(silent.as_ref().unwrap_or(&held.frame))?;
        let mut sizes = Vec::with_capacity(self.sizes);
        for output in 0..self.sizes {
            sizes.extend(self.graph.pull(output)?);
        }
        if sizes.len() < self.sizes {
            return Err(Error::Sizes { frame: held.slots.start, given: sizes.len(), wanted: self.sizes });
        }
        Ok(sizes)
    }
}

impl<E: From<Error>> Slots for ShardPictures<'_, E> {
    type Error = E;

    fn is_ready(&mut self) -> Result<bool, E> {
        let held = self.ready.as_ref().is_some_and(|(slots, _)| !slots.is_empty());
        Ok(held || self.feed.is_ready().map_err(Error::from)?)
    }

    fn next(&mut self) -> Result<Option<Slot>, E> {
        loop {
            if let Some((slots, sizes)) = &mut self.ready
                && let Some(number) = slots.next()
            {
                let captions = self.captions.next();
                let with =
                    |size: &Frame| if captions.is_empty() { Ok(size.clone()) } else { size.with_captions(&captions) };
                let sizes = sizes.iter().map(with).collect::<Result<_, _>>().map_err(Error::from)?;
                let slot = Slot { number, sizes };
                if let Some(watch) = &mut self.watch {
                    watch.see(&slot)?;
                }
                return Ok(Some(slot));
            }
            let Some(held) = self.feed.read_until(self.end).map_err(Error::from)? else { return Ok(None) };
            let sizes = self.scaled(&held)?;
            self.captions.add(&held.captions);
            self.ready = Some((held.slots, sizes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::CancelToken;
    use crate::media::{FrameRate, TrackIndex};
    use crate::source::feed::{PictureFeed, PictureSource};

    fn steps(source_color: ColorInfo, rotation: u16) -> PictureSteps {
        PictureSteps {
            deinterlace: false,
            source_color,
            tone_map: None,
            mirrored: false,
            rotation,
            display: Resolution::new(1280, 720),
        }
    }

    #[test]
    fn every_size_is_made_from_the_one_before_it() {
        let sizes = [Resolution::new(1280, 720), Resolution::new(640, 360)];
        let spec = spec(&steps(ColorInfo::BT709, 90), ColorInfo::BT709, &sizes).expect("no special filter");
        assert_eq!(
            spec,
            "[in]transpose=clock,scale=1280:720:flags=bicubic+accurate_rnd+bitexact,format=yuv420p,setsar=1,\
             split[out0][chain1];[chain1]scale=640:360:flags=bicubic+accurate_rnd+bitexact[out1]"
        );
    }

    /// It was left out without a word, and the rest came a frame too early.
    #[test]
    fn a_picture_that_the_filters_swallow_is_an_error() {
        let source = PictureSource {
            path: concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/video_only.mp4").into(),
            track: TrackIndex(0),
            origin_us: 0,
            rate: FrameRate::whole(25),
            deinterlace: false,
            key_frames_us: Vec::new(),
            shifts: Vec::new(),
            keys_only: false,
        };
        let mut feed = PictureFeed::from_start(&source, &CancelToken::default()).expect("a clip");
        let graph = PictureGraph::new("[in]split[out0][b];[b]select=lt(n\\,3)[out1]".to_owned(), 2);
        let mut pictures = ShardPictures::<Error>::new(&mut feed, 25, graph, 2, None);
        for number in 0..3 {
            assert_eq!(pictures.next().expect("two sizes").map(|slot| slot.number), Some(number));
        }
        let message = pictures.next().expect_err("one size").to_string();
        assert_eq!(message, "the filters gave 1 of 2 sizes of the picture at frame 3");
    }

    #[test]
    fn captions_of_many_pictures_are_spread_over_slots_and_padding_goes_first() {
        let letter = |n: u8| [0xfc, n, n];
        let mut captions = Captions::default();
        captions.add(&[letter(0x41), [0xfc, 0x80, 0x80]].concat());
        assert_eq!(captions.next(), [0xfc, 0x41, 0x41, 0xfc, 0x80, 0x80], "what fits stays as it is");
        assert_eq!(captions.next(), Vec::<u8>::new());
        captions.add(&(0x20..0x44).map(letter).collect::<Vec<_>>().concat());
        captions.add(&[[0xfc, 0x80, 0x80], [0xf8, 0x41, 0x41]].concat());
        assert_eq!([captions.next().len(), captions.next().len(), captions.next().len()], [93, 15, 0]);
    }

    #[test]
    fn full_range_is_narrowed_once() {
        let source = ColorInfo { full_range: true, ..ColorInfo::BT709 };
        let spec = spec(&steps(source, 0), ColorInfo::BT709, &[Resolution::new(64, 64)]).expect("no special filter");
        assert_eq!(spec.matches("out_range=limited").count(), 1);
    }
}
