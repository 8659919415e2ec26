//! A filter graph with one input and any number of outputs, rebuilt when the input changes its shape.

use ffmpeg_next::{Frame as AvFrame, filter, frame};

use super::demux::to_us;
use super::frame::Frame;
use super::{Error, raw};

/// What a graph must know of the frames it gets; when it changes, the graph is built anew.
type Shape = String;

/// A graph over pictures: `spec` joins the pad `[in]` to the pads `[out0]`, `[out1]` …
pub struct PictureGraph {
    spec: String,
    outputs: usize,
    built: Option<(Shape, filter::Graph)>,
}

impl std::fmt::Debug for PictureGraph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PictureGraph").field("spec", &self.spec).finish_non_exhaustive()
    }
}

fn find(name: &str) -> Result<filter::Filter, Error> {
    filter::find(name).ok_or_else(|| Error::Missing { kind: "filter", name: name.to_owned() })
}

impl PictureGraph {
    /// A graph that is built when the first frame shows its shape.
    pub fn new(spec: String, outputs: usize) -> Self {
        Self { spec, outputs, built: None }
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

    fn build(&self, shape: &str) -> Result<filter::Graph, Error> {
        let failed = || Error::failed("building the filter graph", self.spec.clone());
        let mut graph = filter::Graph::new();
        raw::single_threaded(&mut graph);
        graph.add(&find("buffer")?, "in", shape).map_err(failed())?;
        let sink = find("buffersink")?;
        for output in 0..self.outputs {
            graph.add(&sink, &format!("out{output}"), "").map_err(failed())?;
        }
        // The parser's view: the graph's input is an open output pad, and the other way round.
        let mut parser = graph.output("in", 0).map_err(failed())?;
        for output in 0..self.outputs {
            parser = parser.input(&format!("out{output}"), 0).map_err(failed())?;
        }
        parser.parse(&self.spec).map_err(failed())?;
        graph.validate().map_err(failed())?;
        Ok(graph)
    }

    /// Sends one picture in. What a graph of another shape still held is dropped.
    pub fn push(&mut self, picture: &Frame) -> Result<(), Error> {
        let shape = Self::shape(picture.inner());
        if self.built.as_ref().is_none_or(|(built, _)| *built != shape) {
            self.built = Some((shape.clone(), self.build(&shape)?));
        }
        let mut input = picture.share()?;
        input.set_pts(picture.at_us());
        self.send(&input)
    }

    fn send(&mut self, picture: &AvFrame) -> Result<(), Error> {
        let failed = Error::failed("filtering a frame", self.spec.clone());
        let Some(mut source) = self.built.as_mut().and_then(|(_, graph)| graph.get("in")) else { return Ok(()) };
        raw::send_to_filter(&mut source, picture).map_err(failed)
    }

    /// Says that no more pictures come; what the graph holds back can then be pulled.
    pub fn finish(&mut self) -> Result<(), Error> {
        let failed = Error::failed("ending the filter graph", self.spec.clone());
        match self.built.as_mut().and_then(|(_, graph)| graph.get("in")) {
            Some(mut source) => source.source().flush().map_err(failed),
            None => Ok(()),
        }
    }

    /// The next picture at an output, when there is one.
    pub fn pull(&mut self, output: usize) -> Result<Option<Frame>, Error> {
        let failed = Error::failed("filtering a frame", self.spec.clone());
        let Some(mut sink) = self.built.as_mut().and_then(|(_, graph)| graph.get(&format!("out{output}"))) else {
            return Ok(None);
        };
        let mut picture = frame::Video::empty();
        match sink.sink().frame(&mut picture) {
            Ok(()) => {
                let time_base = sink.sink().time_base();
                // A filter sets the time of what it gives out, and leaves the decoder's estimate
                // (best_effort_timestamp, in another time base) as it came in.
                let at = picture.pts().map(|t| to_us(t, time_base));
                Ok(Some(Frame::new(picture, at)))
            }
            Err(ffmpeg_next::Error::Eof | ffmpeg_next::Error::Other { errno: ffmpeg_next::error::EAGAIN }) => Ok(None),
            Err(e) => Err(failed(e)),
        }
    }
}
