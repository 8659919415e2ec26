//! Progress of a run over several inputs: what each weighs, how far it is, and how all of them are together.

mod bars;
mod lines;

pub(crate) use bars::Bars;
pub(crate) use lines::{Lines, Loudness};

use std::error::Error;
use std::time::Duration;

use streampack::event::{End, Event, Input};

use super::error::one_line;
use super::tally::{Tally, clock_time};

/// One input.
#[derive(Clone, Debug)]
struct One {
    name: String,
    /// What it weighs: the size of its file, for nothing else is known of all inputs from the start.
    bytes: f64,
    /// How far it is, once it is planned.
    tally: Option<Tally>,
    end: Option<End>,
}

impl One {
    fn fraction(&self) -> f64 {
        match (self.end, &self.tally) {
            (Some(_), _) => 1.0,
            (None, Some(tally)) => tally.fraction(),
            (None, None) => 0.0,
        }
    }

    /// The part that is done and was not done by this run. What failed took no time that says anything.
    fn idle_fraction(&self) -> f64 {
        match (self.end, &self.tally) {
            (Some(End::Done), Some(tally)) | (None, Some(tally)) => tally.resumed_fraction(),
            (Some(_), _) => 1.0,
            (None, None) => 0.0,
        }
    }

    fn media_seconds(&self) -> f64 {
        let worked = self.fraction() - self.idle_fraction();
        self.tally.as_ref().map_or(0.0, |tally| tally.media_seconds() * worked)
    }
}

/// All inputs.
#[derive(Clone, Debug, Default)]
struct Several {
    inputs: Vec<One>,
    started: Duration,
}

impl Several {
    fn new(inputs: &[Input], now: Duration) -> Self {
        let one = |input: &Input| One {
            name: one_line(&input.path.display().to_string()),
            bytes: input.bytes.max(1) as f64,
            tally: None,
            end: None,
        };
        Self { inputs: inputs.iter().map(one).collect(), started: now }
    }

    /// Takes what happened to one input, and says whether that moved it on.
    fn note(&mut self, input: usize, event: &Event<'_>, now: Duration) -> bool {
        let Some(one) = self.inputs.get_mut(input) else { return false };
        match (event, &mut one.tally) {
            (Event::Planned { expected, media_seconds }, tally) => {
                *tally = Some(Tally::new(expected, *media_seconds, now))
            }
            (Event::Encoded { rendition, frames }, Some(tally)) => {
                tally.add(rendition, *frames);
            }
            _ => return false,
        }
        true
    }

    fn end(&mut self, input: usize, end: End) {
        if let Some(one) = self.inputs.get_mut(input) {
            one.end = Some(end);
        }
    }

    fn name(&self, input: usize) -> &str {
        self.inputs.get(input).map_or("", |one| &one.name)
    }

    fn ended(&self) -> usize {
        self.inputs.iter().filter(|one| one.end.is_some()).count()
    }

    /// The part of all work that is done, 0 to 1.
    fn fraction(&self) -> f64 {
        self.weigh(One::fraction)
    }

    /// `2.1x realtime, 1:20 left`, as far as it can be told.
    fn pace(&self, now: Duration) -> String {
        let elapsed = now.saturating_sub(self.started).as_secs_f64();
        let worked = self.fraction() - self.weigh(One::idle_fraction);
        let left = Duration::try_from_secs_f64((1.0 - self.fraction()) * elapsed / worked);
        let media: f64 = self.inputs.iter().map(One::media_seconds).sum();
        match left {
            Ok(left) if worked > 0.0 && elapsed > 0.0 => {
                format!("{:.1}x realtime, {} left", media / elapsed, clock_time(left))
            }
            Ok(_) | Err(_) => String::new(),
        }
    }

    fn weigh(&self, part: impl Fn(&One) -> f64) -> f64 {
        let all: f64 = self.inputs.iter().map(|one| one.bytes).sum();
        let sum: f64 = self.inputs.iter().map(|one| one.bytes * part(one)).sum();
        if all > 0.0 { sum / all } else { 1.0 }
    }

    /// What people are told when an input ended: `films/a.mp4 done (3 of 12)`.
    fn end_line(&self, input: usize, end: End) -> String {
        let how = match end {
            End::Done => "done",
            End::UpToDate => "is up to date",
            End::Failed => "failed",
            End::Stopped => "stopped",
            End::NotStarted => "not begun",
        };
        format!("{} {how} ({} of {})", self.name(input), self.ended(), self.inputs.len())
    }

    /// The text of a failure, which says of which input it is.
    fn failure(&self, input: usize, error: &(dyn Error + 'static)) -> String {
        self.about(input, &error.to_string())
    }

    /// A message about an input, which names it.
    fn about(&self, input: usize, message: &str) -> String {
        let (name, message) = (self.name(input), one_line(message));
        if message.contains(name) { message } else { format!("{name}: {message}") }
    }
}

#[cfg(test)]
mod tests {
    use streampack::event::Expected;
    use streampack::media::{RenditionId, RenditionKind};

    use super::*;

    pub(super) fn inputs() -> Vec<Input> {
        let one = |name: &str, bytes| Input { path: name.into(), output: format!("out/{name}").into(), bytes };
        vec![one("a.mp4", 300), one("b.mp4", 100)]
    }

    pub(super) fn rendition() -> RenditionId {
        RenditionId::new(RenditionKind::Video, "360p_h264")
    }

    pub(super) fn expected(resumed: u64) -> Expected {
        Expected { rendition: rendition(), frames: 100, resumed }
    }

    #[test]
    fn inputs_weigh_what_their_files_do() {
        let second = Duration::from_secs;
        let mut several = Several::new(&inputs(), second(0));
        let expected = [expected(50)];
        assert!(several.note(0, &Event::Planned { expected: &expected, media_seconds: 40.0 }, second(0)));
        assert_eq!((several.fraction(), several.pace(second(1)).as_str()), (0.375, ""));
        assert!(several.note(0, &Event::Encoded { rendition: &rendition(), frames: 25 }, second(10)));
        assert_eq!(several.fraction(), 0.5625);
        assert_eq!(several.pace(second(10)), "1.0x realtime, 0:23 left");
        several.end(1, End::UpToDate);
        assert_eq!(several.pace(second(10)), "1.0x realtime, 0:10 left");
        several.end(0, End::Done);
        assert_eq!((several.fraction(), several.ended()), (1.0, 2));
    }

    #[test]
    fn a_message_names_its_input_once() {
        let several = Several::new(&inputs(), Duration::ZERO);
        assert_eq!(several.about(0, "no room"), "a.mp4: no room");
        assert_eq!(several.about(0, "cannot read a.mp4: no"), "cannot read a.mp4: no");
    }
}
