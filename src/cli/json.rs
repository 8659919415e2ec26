//! Events as JSON for scripts: one object per line on stdout, flushed.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use streampack::cancel::CancelToken;
use streampack::clock::Clock;
use streampack::event::{End, Event, Expected, Observer};
use streampack::job;
use streampack::media::{RenditionId, Says};
use streampack::verify::Finding;

use super::error::chain;
use super::exit::Code;
use super::line::{Body, Line, ListedInput, LiveRendition, PlannedPut, PlannedRendition, ServedSet, Status, VERSION};
use super::moving::Moving;
use super::tally::{Row, Tally};

/// Time between two lines of one rendition's progress.
const PROGRESS_EVERY: Duration = Duration::from_secs(1);

/// Writes events; when they cannot be written, stops the run and remembers why.
pub(crate) struct Json<'c, W> {
    clock: &'c dyn Clock,
    cancel: &'c CancelToken,
    input: Option<String>,
    state: Mutex<State<W>>,
}

struct State<W> {
    out: W,
    failed: Option<io::Error>,
    /// Several inputs, as they were given or found.
    inputs: Vec<String>,
    /// How far each input is, by its position; the only one has none.
    paces: BTreeMap<Of, Pace>,
    /// Bytes on their way, when they were told last and how many were done then.
    moving: Option<(Moving, Duration, u64)>,
}

/// Which of several inputs; none when there is one.
type Of = Option<usize>;

#[derive(Default)]
struct Pace {
    tally: Tally,
    /// For each row of the tally, when it was told last and how many frames were done then.
    told: Vec<(Duration, u64)>,
}

impl<'c, W: Write + Send> Json<'c, W> {
    /// Lines about `input` on `out`.
    pub(crate) fn new(clock: &'c dyn Clock, cancel: &'c CancelToken, input: Option<String>, out: W) -> Self {
        let state = State { out, failed: None, inputs: Vec::new(), paces: BTreeMap::new(), moving: None };
        Self { clock, cancel, input, state: Mutex::new(state) }
    }

    /// Tells the last progress of renditions that ended between two lines.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        let inputs: Vec<Of> = state.paces.keys().copied().collect();
        inputs.into_iter().for_each(|of| self.catch_up(&mut state, of));
    }

    fn moving(&self, state: &mut State<W>, what: &'static str, bytes: u64) {
        let now = self.clock.elapsed();
        state.moving = Some((Moving::begin(what, bytes, now), now, 0));
    }

    fn moved(&self, state: &mut State<W>, of: Of, bytes: i64) {
        let now = self.clock.elapsed();
        let Some((moving, last, done)) = &mut state.moving else { return };
        moving.add(bytes);
        if moving.done == *done || !(moving.is_done() || now.saturating_sub(*last) >= PROGRESS_EVERY) {
            return;
        }
        (*last, *done) = (now, moving.done);
        let body = Body::Moved {
            what: moving.what,
            bytes_done: moving.done,
            bytes_total: moving.total,
            eta_s: moving.remaining(now).map(thousandths),
        };
        self.write(state, of, body);
    }

    /// Why lines could not be written, if so.
    pub(crate) fn take_failure(&self) -> Option<io::Error> {
        self.lock().failed.take()
    }

    /// Tells that a server listens.
    pub(crate) fn serving(&self, url: &str, preview: Option<&str>, sets: Vec<ServedSet<'_>>) {
        self.write(&mut self.lock(), None, Body::Serving { url, preview, sets });
    }

    /// Tells a broken rule.
    pub(crate) fn violation(&self, finding: &Finding) {
        let message = finding.message();
        let body = Body::Violation {
            severity: finding.rule.severity.name(),
            clause: finding.rule.clause,
            rule: finding.rule.checks,
            file: &finding.file,
            message: &message,
            measured: finding.measured.as_deref(),
            expected: finding.expected.as_deref(),
        };
        self.write(&mut self.lock(), None, body);
    }

    /// Tells the end. Nothing may be told after it.
    pub(crate) fn summary(&self, code: Code, error: Option<String>) {
        let status = match code {
            Code::Ok => Status::Ok,
            Code::Interrupted | Code::Terminated => Status::Interrupted,
            Code::Failure
            | Code::Usage
            | Code::Partly
            | Code::Input
            | Code::Locked
            | Code::Unsupported
            | Code::Output
            | Code::Network
            | Code::Violations
            | Code::LiveFailed
            | Code::Hook
            | Code::BrokenPipe => Status::Failed,
        };
        self.write(&mut self.lock(), None, Body::Summary { status, exit_code: code.number(), error });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State<W>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, state: &mut State<W>, of: Of, body: Body<'_>) {
        if state.failed.is_some() {
            return;
        }
        let t_ms = u64::try_from(self.clock.elapsed().as_millis()).unwrap_or(u64::MAX);
        let one = of.and_then(|input| state.inputs.get(input));
        let line = Line { v: VERSION, t_ms, input: one.or(self.input.as_ref()).map(String::as_str), body };
        let written = serde_json::to_string(&line)
            .map_err(io::Error::from)
            .and_then(|text| state.out.write_all((text + "\n").as_bytes()))
            .and_then(|()| state.out.flush());
        if let Err(error) = written {
            state.failed = Some(error);
            self.cancel.cancel();
        }
    }

    fn planned(&self, state: &mut State<W>, of: Of, expected: &[Expected], media_seconds: f64) {
        let now = self.clock.elapsed();
        let tally = Tally::new(expected, media_seconds, now);
        let told = tally.rows().iter().map(|row| (now, row.done)).collect();
        let renditions = tally.rows().iter().map(planned_rendition).collect();
        state.paces.insert(of, Pace { tally, told });
        self.write(state, of, Body::Planned { media_seconds, renditions });
    }

    fn encoded(&self, state: &mut State<W>, of: Of, rendition: &RenditionId, frames: u64) {
        let now = self.clock.elapsed();
        let Some(pace) = state.paces.get_mut(&of) else { return };
        let Some((index, row)) = pace.tally.add(rendition, frames) else { return };
        let (last, done) = pace.told[index];
        if row.done != done && (row.is_done() || now.saturating_sub(last) >= PROGRESS_EVERY) {
            self.progress(state, of, index, now);
        }
    }

    /// Tells the last progress of the renditions of an input that ended between two lines.
    fn catch_up(&self, state: &mut State<W>, of: Of) {
        let now = self.clock.elapsed();
        let Some(pace) = state.paces.get(&of) else { return };
        let behind =
            |(index, (_, done)): (usize, &(Duration, u64))| (pace.tally.rows()[index].done != *done).then_some(index);
        let behind: Vec<usize> = pace.told.iter().enumerate().filter_map(behind).collect();
        behind.into_iter().for_each(|index| self.progress(state, of, index, now));
    }

    fn progress(&self, state: &mut State<W>, of: Of, index: usize, now: Duration) {
        let Some(pace) = state.paces.get_mut(&of) else { return };
        let elapsed = pace.tally.elapsed(now);
        let row = &pace.tally.rows()[index];
        pace.told[index] = (now, row.done);
        let body = Body::Progress {
            rendition: row.rendition.to_string(),
            frames_done: row.done,
            frames_total: row.total,
            fps: thousandths(row.fps(elapsed)),
            eta_s: row.remaining(elapsed).map(thousandths),
        };
        self.write(state, of, body);
    }

    /// Tells the end of one of several inputs.
    fn ended(&self, state: &mut State<W>, input: usize, end: End, error: Option<&(dyn Error + 'static)>) {
        self.catch_up(state, Some(input));
        state.paces.remove(&Some(input));
        let exit_code =
            error.map(|error| error.downcast_ref().map_or(Code::Failure, |error: &job::Error| error.into()));
        let body = Body::Ended { status: end, exit_code: exit_code.map(Code::number), error: error.map(chain) };
        self.write(state, Some(input), body);
    }

    fn event(&self, state: &mut State<W>, of: Of, event: &Event<'_>) {
        match event {
            Event::Planned { expected, media_seconds } => self.planned(state, of, expected, *media_seconds),
            Event::Encoded { rendition, frames } => self.encoded(state, of, rendition, *frames),
            Event::SegmentStored { rendition, key, bytes, seconds } => {
                let body = Body::Segment { rendition: rendition.to_string(), key, bytes: *bytes, seconds: *seconds };
                self.write(state, of, body);
            }
            Event::ManifestStored { key } => self.write(state, of, Body::Manifest { key }),
            Event::LiveStarted { renditions, segment_seconds, window_segments, first_segment } => {
                let renditions = renditions.iter().map(LiveRendition::of).collect();
                let (segment_s, window_segments, first_segment) = (*segment_seconds, *window_segments, first_segment.0);
                self.write(state, of, Body::Started { segment_s, window_segments, first_segment, renditions });
            }
            Event::LiveAdvanced { segment, edge_seconds, edge, behind_seconds } => {
                let (edge_s, behind_s) = (thousandths(*edge_seconds), thousandths(*behind_seconds));
                self.write(state, of, Body::Live { segment: segment.0, edge_s, edge: edge.to_string(), behind_s });
            }
            Event::Marked { marker, date, ended } => {
                let body = Body::Marker {
                    id: &marker.id,
                    kind: Some(marker.says.name()),
                    at_s: Some(thousandths(marker.at_us as f64 / 1e6)),
                    date: Some(date.to_string()),
                    planned_s: marker.planned_us.map(|us| thousandths(us as f64 / 1e6)),
                    end: ended.map(|end| end.to_string()),
                    data: Some(said(&marker.says)),
                };
                self.write(state, of, body);
            }
            Event::MarkerWithdrawn { id } => {
                let (kind, at_s, date, planned_s, end, data) = (None, None, None, None, None, None);
                self.write(state, of, Body::Marker { id, kind, at_s, date, planned_s, end, data });
            }
            Event::MetadataPlaced { line, segment, at_seconds } => {
                self.write(
                    state,
                    of,
                    Body::Metadata { line: *line, segment: segment.0, at_s: thousandths(*at_seconds) },
                );
            }
            Event::Warned(warning) => {
                self.write(state, of, Body::Warning { code: warning.code, message: &warning.message });
            }
            Event::Inputs { inputs } => {
                state.inputs = inputs.iter().map(|input| input.path.display().to_string()).collect();
                let listed = inputs.iter().map(|input| ListedInput {
                    input: input.path.display().to_string(),
                    output: input.output.display().to_string(),
                    bytes: input.bytes,
                });
                let inputs = listed.collect();
                self.write(state, of, Body::Inputs { inputs });
            }
            Event::Of { input, event } => self.event(state, Some(*input), event),
            Event::Ended { input, end, error } => self.ended(state, *input, *end, *error),
            Event::TransferPlanned(transfer) => {
                let put = transfer.put.iter();
                let put = put.map(|(key, bytes, why)| PlannedPut { key, bytes: *bytes, why: why.name() }).collect();
                let (delete, invalidate) = (transfer.remove, transfer.invalidate);
                self.write(state, of, Body::Transfer { put, unchanged: transfer.same, delete, invalidate });
            }
            Event::Moving { what, bytes } => self.moving(state, what, *bytes),
            Event::Moved { bytes } => self.moved(state, of, *bytes),
            Event::ObjectPut { key, bytes, why } => {
                self.write(state, of, Body::Put { key, bytes: *bytes, why: why.name() });
            }
            Event::ObjectRemoved { key } => self.write(state, of, Body::Delete { key }),
            Event::Invalidated { distribution, id, paths } => {
                self.write(state, of, Body::Invalidation { distribution, id, paths });
            }
            // What a newer library tells has no line in this version.
            _ => {}
        }
    }
}

fn planned_rendition(row: &Row) -> PlannedRendition<'static> {
    PlannedRendition {
        rendition: row.rendition.to_string(),
        kind: row.rendition.kind().name(),
        frames_total: row.total,
        frames_resumed: row.resumed,
    }
}

impl LiveRendition {
    fn of(id: &RenditionId) -> Self {
        Self { rendition: id.to_string(), kind: id.kind().name() }
    }
}

/// A section in hexadecimal digits, a message as it is.
fn said(says: &Says) -> String {
    match says {
        Says::Out(section) | Says::Command(section) => section.iter().map(|byte| format!("{byte:02X}")).collect(),
        Says::Message { json, .. } => json.clone(),
    }
}

/// Rounded to what a reader can use.
fn thousandths(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

impl<W: Write + Send> Observer for Json<'_, W> {
    fn on(&self, event: &Event<'_>) {
        self.event(&mut self.lock(), None, event);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use serde_json::{Value, json};
    use streampack::event::{Input, Transfer, Warning, Why};
    use streampack::media::{Marker, RenditionKind, SegmentNumber, Utc};

    use super::*;

    #[derive(Default)]
    struct ManualClock(AtomicU64);

    impl Clock for ManualClock {
        fn elapsed(&self) -> Duration {
            Duration::from_millis(self.0.load(Ordering::Relaxed))
        }
    }

    struct ClosedPipe;

    impl Write for ClosedPipe {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn rendition() -> RenditionId {
        RenditionId::new(RenditionKind::Video, "360p_h264")
    }

    fn plan(json: &dyn Observer, frames: u64, resumed: u64) {
        let expected = [Expected { rendition: rendition(), frames, resumed }];
        json.on(&Event::Planned { expected: &expected, media_seconds: 4.0 });
    }

    fn lines<W: AsRef<[u8]>>(json: Json<'_, W>) -> Vec<Value> {
        let out = json.state.into_inner().expect("no panic").out;
        let text = std::str::from_utf8(out.as_ref()).expect("text").to_owned();
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    #[test]
    fn every_event_is_one_line_as_the_schema_says() {
        let (clock, cancel) = (ManualClock::default(), CancelToken::default());
        let json = Json::new(&clock, &cancel, Some("in.mp4".into()), Vec::new());
        plan(&json, 100, 50);
        clock.0.store(2000, Ordering::Relaxed);
        json.on(&Event::Encoded { rendition: &rendition(), frames: 25 });
        json.on(&Event::SegmentStored { rendition: &rendition(), key: "a.m4s", bytes: 10, seconds: 2.0 });
        json.on(&Event::Warned(&Warning { code: "odd", message: "an odd thing".into() }));
        json.on(&Event::ManifestStored { key: "master.m3u8" });
        let (put, paths) = ([("a.m4s".to_owned(), 10, Why::New)], ["/master.m3u8".to_owned()]);
        json.on(&Event::TransferPlanned(&Transfer { put: &put, same: 3, remove: &[], invalidate: &paths }));
        json.on(&Event::Moving { what: "uploading", bytes: 10 });
        json.on(&Event::Moved { bytes: 10 });
        json.on(&Event::ObjectPut { key: "a.m4s", bytes: 10, why: Why::New });
        json.on(&Event::ObjectRemoved { key: "b.m4s" });
        json.on(&Event::Invalidated { distribution: "E1", id: "I1", paths: &paths });
        let set = ServedSet { path: "film", hls: Some("http://localhost/film/master.m3u8".into()), dash: None };
        let renditions = [rendition()];
        json.on(&Event::LiveStarted {
            renditions: &renditions,
            segment_seconds: 2.0,
            window_segments: 6,
            first_segment: SegmentNumber(1),
        });
        let edge = Utc::since_1970(Duration::from_secs(1_700_000_000));
        let segment = SegmentNumber(3);
        json.on(&Event::LiveAdvanced { segment, edge_seconds: 6.0, edge, behind_seconds: 1.2345 });
        let marker = |says| Marker { id: "splice-1".into(), at_us: 7_040_000, planned_us: Some(30_000_000), says };
        let cue = marker(Says::Message { name: "onCuePoint".into(), json: "{}".into() });
        json.on(&Event::Marked { marker: &marker(Says::Out(vec![0xFC, 0x0A])), date: edge, ended: Some(edge) });
        json.on(&Event::Marked { marker: &cue, date: edge, ended: None });
        json.on(&Event::MarkerWithdrawn { id: "splice-1" });
        json.serving("http://localhost/", None, vec![set]);
        json.summary(Code::Output, Some("no room".into()));
        let lines = lines(json);
        let schema: Value = serde_json::from_str(include_str!("../../docs/schema/events.json")).expect("JSON");
        let schema = jsonschema::validator_for(&schema).expect("a schema");
        for line in &lines {
            assert!(schema.is_valid(line), "{line}");
        }
        let types: Vec<&str> = lines.iter().filter_map(|line| line["type"].as_str()).collect();
        let made = ["planned", "progress", "segment", "warning", "manifest"];
        let brought = ["transfer", "moved", "put", "delete", "invalidation"];
        let served = ["started", "live", "marker", "marker", "marker", "serving", "summary"];
        assert_eq!(types, [&made[..], &brought, &served].concat());
        let progress = json!({
            "v": 1, "t_ms": 2000, "input": "in.mp4", "type": "progress", "rendition": "video/360p_h264",
            "frames_done": 75, "frames_total": 100, "fps": 12.5, "eta_s": 2.0
        });
        assert_eq!(lines[1], progress);
        let live = json!({
            "v": 1, "t_ms": 2000, "input": "in.mp4", "type": "live", "segment": 3, "edge_s": 6.0,
            "edge": "2023-11-14T22:13:20.000Z", "behind_s": 1.235
        });
        assert_eq!(lines[11], live);
        let marker = json!({
            "v": 1, "t_ms": 2000, "input": "in.mp4", "type": "marker", "id": "splice-1", "kind": "out", "at_s": 7.04,
            "date": "2023-11-14T22:13:20.000Z", "planned_s": 30.0, "end": "2023-11-14T22:13:20.000Z", "data": "FC0A"
        });
        assert_eq!(lines[12], marker);
        assert_eq!((&lines[16]["status"], &lines[16]["exit_code"]), (&json!("failed"), &json!(13)));
    }

    #[test]
    fn lines_about_one_of_several_inputs_name_it() {
        let (clock, cancel) = (ManualClock::default(), CancelToken::default());
        let json = Json::new(&clock, &cancel, None, Vec::new());
        let input = |name: &str| Input { path: name.into(), output: format!("out/{name}").into(), bytes: 7 };
        json.on(&Event::Inputs { inputs: &[input("a.mp4"), input("b.mp4")] });
        let expected = [Expected { rendition: rendition(), frames: 100, resumed: 0 }];
        for input in [1, 0] {
            json.on(&Event::Of { input, event: &Event::Planned { expected: &expected, media_seconds: 4.0 } });
        }
        json.on(&Event::Of { input: 1, event: &Event::Encoded { rendition: &rendition(), frames: 25 } });
        let error = job::Error::NotAFile("b.mp4".into());
        json.on(&Event::Ended { input: 1, end: End::Failed, error: Some(&error) });
        json.on(&Event::Ended { input: 0, end: End::Done, error: None });
        let lines = lines(json);
        let schema: Value = serde_json::from_str(include_str!("../../docs/schema/events.json")).expect("JSON");
        let schema = jsonschema::validator_for(&schema).expect("a schema");
        assert!(lines.iter().all(|line| schema.is_valid(line)), "{lines:#?}");
        let told: Vec<_> = lines.iter().map(|line| (line["type"].as_str(), line["input"].as_str())).collect();
        let line = |kind, input| (Some(kind), input);
        let expected = [
            line("inputs", None),
            line("planned", Some("b.mp4")),
            line("planned", Some("a.mp4")),
            line("progress", Some("b.mp4")),
            line("ended", Some("b.mp4")),
            line("ended", Some("a.mp4")),
        ];
        assert_eq!(told, expected);
        assert_eq!((&lines[4]["status"], &lines[4]["exit_code"]), (&json!("failed"), &json!(10)));
        assert_eq!((&lines[5]["exit_code"], &lines[5]["error"]), (&Value::Null, &Value::Null));
    }

    #[test]
    fn progress_comes_once_a_second_and_at_the_end() {
        let (clock, cancel) = (ManualClock::default(), CancelToken::default());
        let json = Json::new(&clock, &cancel, None, Vec::new());
        plan(&json, 100, 0);
        for _ in 0..99 {
            clock.0.fetch_add(30, Ordering::Relaxed);
            json.on(&Event::Encoded { rendition: &rendition(), frames: 1 });
        }
        json.close();
        json.close();
        let done: Vec<Value> = lines(json).iter().skip(1).map(|line| line["frames_done"].clone()).collect();
        assert_eq!(done, [34, 68, 99]);
    }

    #[test]
    fn a_closed_pipe_stops_the_run_and_is_remembered() {
        let (clock, cancel) = (ManualClock::default(), CancelToken::default());
        let json = Json::new(&clock, &cancel, None, ClosedPipe);
        json.on(&Event::ManifestStored { key: "master.m3u8" });
        assert!(cancel.is_cancelled());
        assert_eq!(json.take_failure().map(|error| error.kind()), Some(io::ErrorKind::BrokenPipe));
    }
}
