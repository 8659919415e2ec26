//! A playlist that a client may ask for before it is there (RFC 8216bis § 6.2.5).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::text::Text;

/// The playlist of a rendition as it stands.
#[derive(Debug, Clone)]
pub struct Versions {
    /// All of it.
    pub full: String,
    /// Without what a player has already; nothing when all of it is new.
    pub skipping: Option<String>,
    /// The same for a player that asks to leave out date ranges too.
    pub skipping_dates: Option<String>,
    /// The latest segment that is whole, counted from 1; 0 before the first.
    pub whole: u64,
    /// Parts of each segment, the one that is being made among them.
    pub counts: BTreeMap<u64, u64>,
    /// EXT-X-TARGETDURATION.
    pub target_s: u64,
    /// PART-TARGET in seconds.
    pub part_s: f64,
}

/// The same as requests see it.
#[derive(Debug, Clone)]
pub(super) struct List {
    pub(super) full: Arc<Text>,
    skipping: Option<Arc<Text>>,
    skipping_dates: Option<Arc<Text>>,
    whole: u64,
    counts: BTreeMap<u64, u64>,
    target_s: u64,
    part_s: f64,
    ended: bool,
}

/// What a client asks for beside the playlist (§ 6.2.5).
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Directives {
    segment: Option<u64>,
    part: Option<u64>,
    skip: Option<Skip>,
}

/// What a client has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Skip {
    Segments,
    /// Date ranges as well.
    Dates,
}

/// Whether an answer can be given.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Ready,
    Wait,
    /// It asks for what cannot come soon, or makes no sense.
    Refuse,
}

impl Directives {
    /// From the query of a URL; nothing when it makes no sense.
    pub(super) fn of(query: Option<&str>) -> Option<Self> {
        let mut directives = Self::default();
        for (name, value) in query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('=')) {
            match name {
                "_HLS_msn" => directives.segment = Some(value.parse().ok()?),
                "_HLS_part" => directives.part = Some(value.parse().ok()?),
                "_HLS_skip" => {
                    directives.skip = match value {
                        "YES" => Some(Skip::Segments),
                        "v2" => Some(Skip::Dates),
                        _ => None,
                    };
                }
                _ => {}
            }
        }
        (directives.part.is_none() || directives.segment.is_some()).then_some(directives)
    }

    /// Whether it names a version, which stays what it is. A client that only leaves out what it has (§ 6.2.5.1) asks for
    /// the playlist of this moment.
    pub(super) const fn names_version(self) -> bool {
        self.segment.is_some()
    }
}

impl List {
    pub(super) fn new(versions: Versions) -> Self {
        let Versions { full, skipping, skipping_dates, whole, counts, target_s, part_s } = versions;
        let text = |text| Arc::new(Text::new(text));
        let (skipping, skipping_dates) = (skipping.map(text), skipping_dates.map(text));
        Self { full: text(full), skipping, skipping_dates, whole, counts, target_s, part_s, ended: false }
    }

    /// The last version, which waits for nothing.
    pub(super) fn ended(&self, full: Arc<Text>) -> Self {
        Self { full, skipping: None, skipping_dates: None, ended: true, ..self.clone() }
    }

    /// What is asked for.
    pub(super) fn text(&self, directives: Directives) -> Arc<Text> {
        let skipping = match directives.skip {
            None => None,
            Some(Skip::Segments) => self.skipping.as_ref(),
            Some(Skip::Dates) => self.skipping_dates.as_ref(),
        };
        Arc::clone(skipping.unwrap_or(&self.full))
    }

    /// How long a client is held at most (§ 6.2.5.2).
    pub(super) fn patience(&self) -> Duration {
        Duration::from_secs(3 * self.target_s)
    }

    /// How long an answer to directives is good (§ 6.2.5.2: six target durations), in seconds.
    pub(super) const fn directed_s(&self) -> u64 {
        6 * self.target_s
    }

    pub(super) fn verdict(&self, Directives { segment, part, .. }: Directives) -> Verdict {
        let Some(segment) = segment.filter(|_| !self.ended) else { return Verdict::Ready };
        let count = |segment| self.counts.get(&segment).copied().unwrap_or(0);
        // A part behind the last one of a whole segment is the first one of the next.
        let (segment, part) = match part {
            Some(part) if segment <= self.whole && part >= count(segment) && count(segment) > 0 => {
                (segment + 1, Some(0))
            }
            part => (segment, part),
        };
        if segment <= self.whole {
            return Verdict::Ready;
        }
        if segment > self.whole + 2 {
            return Verdict::Refuse;
        }
        let made = count(self.whole + 1);
        match part {
            Some(part) if segment == self.whole + 1 && part < made => Verdict::Ready,
            Some(part) if segment == self.whole + 1 && part >= made + self.advance_limit() => Verdict::Refuse,
            Some(_) | None => Verdict::Wait,
        }
    }

    /// The Advance Part Limit (§ 6.2.5.2).
    fn advance_limit(&self) -> u64 {
        if self.part_s < 1.0 { (3.0 / self.part_s).ceil() as u64 } else { 3 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two whole segments of four parts, and two parts of the third.
    fn list() -> List {
        let counts = BTreeMap::from([(1, 4), (2, 4), (3, 2)]);
        let (full, skipping) = ("full".to_owned(), Some("skipping".to_owned()));
        let skipping_dates = Some("skipping dates".to_owned());
        List::new(Versions { full, skipping, skipping_dates, whole: 2, counts, target_s: 2, part_s: 0.5 })
    }

    fn verdict(query: &str) -> Verdict {
        list().verdict(Directives::of(Some(query)).expect("it makes sense"))
    }

    #[test]
    fn what_stands_is_given_at_once() {
        for query in ["", "_HLS_msn=2", "_HLS_msn=1", "_HLS_msn=3&_HLS_part=1", "_HLS_msn=2&_HLS_part=3", "x=1&y"] {
            assert_eq!(verdict(query), Verdict::Ready, "{query}");
        }
    }

    #[test]
    fn what_comes_next_is_waited_for() {
        for query in ["_HLS_msn=3", "_HLS_msn=3&_HLS_part=2", "_HLS_msn=4", "_HLS_msn=4&_HLS_part=0"] {
            assert_eq!(verdict(query), Verdict::Wait, "{query}");
        }
    }

    #[test]
    fn a_part_behind_the_last_one_is_the_first_of_the_next_segment() {
        assert_eq!(verdict("_HLS_msn=2&_HLS_part=4"), Verdict::Ready, "part 0 of segment 3");
        assert_eq!(verdict("_HLS_msn=1&_HLS_part=9"), Verdict::Ready);
    }

    #[test]
    fn what_is_far_away_is_refused() {
        assert_eq!(verdict("_HLS_msn=5"), Verdict::Refuse);
        assert_eq!(verdict("_HLS_msn=3&_HLS_part=7"), Verdict::Wait);
        assert_eq!(verdict("_HLS_msn=3&_HLS_part=8"), Verdict::Refuse);
        for query in ["_HLS_part=1", "_HLS_msn=x", "_HLS_msn=1&_HLS_part=-1"] {
            assert_eq!(Directives::of(Some(query)), None, "{query}");
        }
    }

    #[test]
    fn a_programme_that_has_ended_waits_for_nothing() {
        let ended = list().ended(Arc::new(Text::new("end".to_owned())));
        assert_eq!(ended.verdict(Directives::of(Some("_HLS_msn=99")).expect("it makes sense")), Verdict::Ready);
    }

    #[test]
    fn a_client_that_asks_to_skip_gets_less() {
        let list = list();
        let text = |query| list.text(Directives::of(Some(query)).expect("it makes sense"));
        assert!(Arc::ptr_eq(&text("_HLS_skip=YES"), list.skipping.as_ref().expect("there is one")));
        let dates = list.skipping_dates.as_ref().expect("there is one");
        assert!(Arc::ptr_eq(&text("_HLS_skip=v2"), dates));
        assert!(Arc::ptr_eq(&text("_HLS_skip=NO"), &list.full));
    }

    #[test]
    fn only_an_answer_about_a_segment_stays_what_it_is() {
        let names = |query| Directives::of(Some(query)).expect("it makes sense").names_version();
        assert_eq!(
            ["", "_HLS_skip=YES", "_HLS_msn=1", "_HLS_msn=1&_HLS_skip=YES"].map(names),
            [false, false, true, true]
        );
    }
}
