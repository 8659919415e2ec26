//! Filter graphs with one input and any number of outputs, for pictures and for sound.

use std::collections::VecDeque;

use ffmpeg_next::{Frame as AvFrame, Rational, frame};

use super::frame::Frame;
use super::packet::to_us;
use super::raw::filters::{FilterGraph, Parts, find};
use super::{Error, given};

/// What a graph must know of the frames it gets; when it changes, the graph is built anew.
type Shape = String;

/// The filters through which frames enter and leave a graph.
pub(super) struct Ends {
    source: &'static str,
    sink: &'static str,
}

impl Ends {
    const PICTURES: Self = Self { source: "buffer", sink: "buffersink" };
    pub(super) const SOUND: Self = Self { source: "abuffer", sink: "abuffersink" };
}

/// A built graph: its spec joins the pad `[in]` to the pads `[out0]`, `[out1]` …
pub(super) struct Graph {
    inner: FilterGraph,
    spec: String,
}

impl Graph {
    /// Builds a graph for frames of one shape.
    pub(super) fn build(ends: &Ends, shape: &str, spec: &str, outputs: usize) -> Result<Self, Error> {
        let parts = Parts { source: (find(ends.source)?, shape), sinks: (find(ends.sink)?, outputs), spec };
        let inner = FilterGraph::build(&parts).map_err(Error::failed("building the filter graph", spec))?;
        Ok(Self { inner, spec: spec.to_owned() })
    }

    /// Sends one frame in.
    pub(super) fn send(&mut self, frame: &AvFrame) -> Result<(), Error> {
        self.inner.send(frame).map_err(Error::failed("filtering a frame", self.spec.as_str()))
    }

    /// Says that no more frames come; what the graph holds back can then be pulled.
    pub(super) fn finish(&mut self) -> Result<(), Error> {
        self.inner.finish().map_err(Error::failed("ending the filter graph", self.spec.as_str()))
    }

    /// Fills `frame` with the next one at an output, of just so many `samples` when they are said.
    /// Gives the time base it counts in; nothing when no frame is ready.
    pub(super) fn pull(
        &mut self,
        output: usize,
        samples: Option<usize>,
        frame: &mut AvFrame,
    ) -> Result<Option<Rational>, Error> {
        let mut time_base = None;
        let pulled = self.inner.pull(output, samples, frame).map(|its| time_base = Some(its));
        given(pulled).map_err(Error::failed("filtering a frame", self.spec.as_str()))?;
        Ok(time_base)
    }
}

/// A graph over pictures, rebuilt when they change their shape.
pub struct PictureGraph {
    spec: String,
    outputs: usize,
    built: Option<(Shape, Graph)>,
    /// What graphs of earlier shapes still held, by output.
    left: Vec<VecDeque<Frame>>,
}

impl std::fmt::Debug for PictureGraph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PictureGraph").field("spec", &self.spec).finish_non_exhaustive()
    }
}

fn shape(picture: &frame::Video) -> Shape {
    let aspect = picture.aspect_ratio();
    let (num, den) = if aspect.numerator() > 0 { (aspect.numerator(), aspect.denominator()) } else { (1, 1) };
    format!(
        "video_size={}x{}:pix_fmt={}:time_base=1/1000000:pixel_aspect={num}/{den}",
        picture.width(),
        picture.height(),
        ffmpeg_next::ffi::AVPixelFormat::from(picture.format()) as i32,
    )
}

impl PictureGraph {
    /// A graph that joins `[in]` to `[out0]`, `[out1]` …, built when the first frame shows its shape.
    pub fn new(spec: String, outputs: usize) -> Self {
        Self { spec, outputs, built: None, left: vec![VecDeque::new(); outputs] }
    }

    /// Sends one picture in. What a graph of another shape still held comes out first.
    pub fn push(&mut self, picture: &Frame) -> Result<(), Error> {
        let mut input = picture.share()?;
        input.set_pts(picture.at_us());
        let shape = shape(picture.inner());
        if let Some((built, graph)) = &mut self.built
            && *built == shape
        {
            return graph.send(&input);
        }
        self.finish()?;
        for output in 0..self.outputs {
            while let Some(held) = self.pull_built(output)? {
                self.left[output].push_back(held);
            }
        }
        let graph = Graph::build(&Ends::PICTURES, &shape, &self.spec, self.outputs)?;
        self.built.insert((shape, graph)).1.send(&input)
    }

    /// Says that no more pictures come; what the graph holds back can then be pulled.
    pub fn finish(&mut self) -> Result<(), Error> {
        self.built.as_mut().map_or(Ok(()), |(_, graph)| graph.finish())
    }

    /// The next picture at an output, when there is one.
    pub fn pull(&mut self, output: usize) -> Result<Option<Frame>, Error> {
        match self.left.get_mut(output).and_then(VecDeque::pop_front) {
            Some(left) => Ok(Some(left)),
            None => self.pull_built(output),
        }
    }

    fn pull_built(&mut self, output: usize) -> Result<Option<Frame>, Error> {
        let Some((_, graph)) = &mut self.built else { return Ok(None) };
        let mut picture = frame::Video::empty();
        let time_base = graph.pull(output, None, &mut picture)?;
        // A filter sets the time of what it gives out, and leaves the decoder's estimate
        // (best_effort_timestamp, in another time base) as it came in.
        Ok(time_base.map(|time_base| {
            let at = picture.pts().map(|ticks| to_us(ticks, time_base));
            Frame::new(picture, at)
        }))
    }
}

#[cfg(test)]
mod tests {
    use ffmpeg_next::format::Pixel;

    use super::*;

    /// What FFmpeg leaves of such a graph is freed once; a sanitizer or valgrind would tell.
    #[test]
    fn a_spec_that_makes_no_graph_is_refused() {
        crate::av::init(false);
        let shape = "video_size=64x48:pix_fmt=0:time_base=1/1000000:pixel_aspect=1/1";
        let build = |spec: &str, outputs| Graph::build(&Ends::PICTURES, shape, spec, outputs);
        for (spec, outputs) in [
            ("[in]no_such_filter[out0]", 1),
            ("[in]scale=w=no_number[out0]", 1),
            ("[in]scale[elsewhere]", 1),
            ("[in]split[out0]", 1),
            ("[in]scale[out0]", 2),
            ("[in]scale[out0];[more]scale", 1),
            ("[in]sc\0ale[out0]", 1),
        ] {
            let refused = build(spec, outputs).err().expect(spec);
            assert!(matches!(&refused, Error::Failed { target, .. } if target == spec), "{refused}");
        }
        assert!(matches!(
            Graph::build(&Ends { source: "nowhere", sink: "buffersink" }, shape, "[in]null[out0]", 1).err(),
            Some(Error::Missing { kind: "filter", name }) if name == "nowhere"
        ));
        let mut graph = build("[in]null[out0]", 1).expect("a graph");
        graph.finish().expect("it ends");
        for output in [0, 1] {
            assert_eq!(graph.pull(output, None, &mut frame::Video::empty()).expect("it is at its end"), None);
        }
    }

    /// bwdif gives a picture out only when it has seen the next one.
    #[test]
    fn no_picture_is_lost_where_the_shape_changes() {
        let mut graph = PictureGraph::new("[in]bwdif=mode=send_frame[out0]".to_owned(), 1);
        let sent = [(64, 0), (64, 40_000), (64, 80_000), (96, 120_000), (96, 160_000), (64, 200_000)];
        let mut given = Vec::new();
        let mut take = |graph: &mut PictureGraph| {
            while let Some(picture) = graph.pull(0).expect("it filters") {
                given.push((picture.resolution().width, picture.at_us()));
            }
        };
        for (width, at_us) in sent {
            let mut picture = frame::Video::new(Pixel::YUV420P, width, 48);
            for plane in 0..3 {
                picture.data_mut(plane).fill(128);
            }
            graph.push(&Frame::new(picture, Some(at_us))).expect("it filters");
            take(&mut graph);
        }
        graph.finish().expect("it ends");
        take(&mut graph);
        assert_eq!(given, sent.map(|(width, at_us)| (width, Some(at_us))));
    }
}
