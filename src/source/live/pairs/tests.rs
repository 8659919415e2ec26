use super::*;

/// A section with this command and these descriptors.
fn section(command: &[u8], descriptors: &[u8]) -> Vec<u8> {
    let [kind, body @ ..] = command else { panic!("a command has a type") };
    let length = body.len() as u32;
    let [high, low] = (descriptors.len() as u16).to_be_bytes();
    let header = [0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xF0 | (length >> 8) as u8, length as u8, *kind];
    let body = [&header, body, &[high, low], descriptors].concat();
    let [high, low] = (0x3000 | (body.len() + 4) as u16).to_be_bytes();
    scte35::summed(&[&[0xFC, high, low][..], &body].concat())
}

fn time(seconds: i64) -> [u8; 5] {
    let [.., first, a, b, c, d] = (seconds * CLOCK).to_be_bytes();
    [0xFE | first & 1, a, b, c, d]
}

fn length(seconds: i64, ends: bool) -> [u8; 5] {
    let [first, rest @ ..] = time(seconds);
    [&[first & 1 | 0x7E | u8::from(ends) << 7], &rest[..]].concat().try_into().expect("five bytes")
}

fn out(event: u8, at: i64, long: i64, ends: bool) -> Vec<u8> {
    section(&[&[5, 0, 0, 0, event, 0x7F, 0xEF][..], &time(at), &length(long, ends), &[0; 4]].concat(), &[])
}

fn back(event: u8, at: i64) -> Vec<u8> {
    section(&[&[5, 0, 0, 0, event, 0x7F, 0x4F][..], &time(at), &[0; 4]].concat(), &[])
}

/// A `time_signal` with segments of these types, of event 9.
fn segments(at: i64, kinds: &[u8]) -> Vec<u8> {
    let descriptor = |kind: &u8| [&[2, 15][..], b"CUEI", &[0, 0, 0, 9, 0x7F, 0xBF, 0, 0, *kind, 0, 0]].concat();
    let descriptors: Vec<u8> = kinds.iter().flat_map(descriptor).collect();
    section(&[&[6][..], &time(at)].concat(), &descriptors)
}

fn see(pairs: &mut Pairs, bytes: &[u8], now: i64) -> Vec<Marking> {
    let told = pairs.section(bytes, now * 1_000_000, |ticks| ticks * 100 / 9).expect("a section");
    assert!(!told.far);
    told.markings
}

fn begun(id: &str, at: i64, planned: Option<i64>, says: Says) -> Marking {
    let us = |seconds: i64| seconds * 1_000_000;
    Marking::Begin(Marker { id: id.to_owned(), at_us: us(at), planned_us: planned.map(us), says })
}

fn ended(id: &str, at: i64, section: Option<&[u8]>) -> Marking {
    let (planned, section) = (section.is_none(), section.map(<[u8]>::to_vec));
    Marking::End(id.to_owned(), MarkerEnd { at_us: at * 1_000_000, planned, section })
}

#[test]
fn a_break_begins_and_ends_once_however_often_that_is_told() {
    let mut pairs = Pairs::default();
    let (leave, enter) = (out(7, 20, 30, false), back(7, 45));
    let begin = begun("splice-00000007-20000", 20, Some(30), Says::Out(leave.clone()));
    assert_eq!(see(&mut pairs, &leave, 12), [begin]);
    // The same bytes, and the same event with another adjustment.
    assert_eq!(see(&mut pairs, &leave, 14), []);
    assert_eq!(see(&mut pairs, &out(7, 20, 31, false), 16), []);
    assert_eq!(pairs.reached(60_000_000), [], "it does not end by itself");
    assert_eq!(see(&mut pairs, &enter, 44), [ended("splice-00000007-20000", 45, Some(&enter))]);
    assert_eq!(see(&mut pairs, &enter, 45), []);
    // One that ends nothing is handed on all the same.
    let enter = back(7, 90);
    let command = begun("splice-90000", 90, None, Says::Command(enter.clone()));
    assert_eq!(see(&mut pairs, &enter, 88), [command]);
}

#[test]
fn a_break_that_ends_by_itself_does_so_unless_it_is_ended_before() {
    let mut pairs = Pairs::default();
    see(&mut pairs, &out(7, 20, 30, true), 12);
    assert_eq!(pairs.reached(49_000_000), []);
    assert_eq!(pairs.reached(50_040_000), [ended("splice-00000007-20000", 50, None)]);
    assert_eq!(see(&mut pairs, &back(7, 50), 50), [], "it is known");
    see(&mut pairs, &out(8, 60, 30, true), 58);
    let enter = back(3, 70);
    assert_eq!(see(&mut pairs, &enter, 69), [ended("splice-00000008-60000", 70, Some(&enter))], "another event");
    assert_eq!(pairs.reached(100_000_000), []);
}

#[test]
fn what_is_cancelled_or_moved_before_it_begins_was_never_there() {
    let mut pairs = Pairs::default();
    let cancel = section(&[5, 0, 0, 0, 7, 0xFF], &[]);
    see(&mut pairs, &out(7, 20, 30, false), 12);
    let gone = Marking::Withdraw("splice-00000007-20000".to_owned());
    assert_eq!(see(&mut pairs, &cancel, 14), [gone]);
    let moved = out(7, 28, 30, false);
    see(&mut pairs, &out(7, 24, 30, false), 15);
    let gone = Marking::Withdraw("splice-00000007-24000".to_owned());
    let begin = begun("splice-00000007-28000", 28, Some(30), Says::Out(moved.clone()));
    assert_eq!(see(&mut pairs, &moved, 16), [gone, begin]);
    // Later it is too late.
    let cancel = section(&[5, 0, 0, 0, 7, 0xFF], &[1, 4, b'a', b'b', b'c', b'd']);
    assert_eq!(see(&mut pairs, &cancel, 30), []);
}

#[test]
fn segments_of_different_types_are_different_markers_of_one_section() {
    let mut pairs = Pairs::default();
    let begin = segments(20, &[0x10, 0x34, 0x30]);
    let marked = see(&mut pairs, &begin, 18);
    let wanted = [
        begun("segment-00000009-10-20000", 20, None, Says::Command(begin.clone())),
        begun("segment-00000009-34-20000", 20, None, Says::Out(begin.clone())),
        begun("segment-00000009-30-20000", 20, None, Says::Out(begin.clone())),
    ];
    assert_eq!(marked, wanted);
    let end = segments(35, &[0x31, 0x35]);
    let wanted = ["segment-00000009-30-20000", "segment-00000009-34-20000"].map(|id| ended(id, 35, Some(&end)));
    assert_eq!(see(&mut pairs, &end, 30), wanted);
}

#[test]
fn what_says_nothing_is_no_marker_and_what_is_unknown_is_one() {
    let mut pairs = Pairs::default();
    assert_eq!(see(&mut pairs, &section(&[0], &[]), 1), []);
    assert_eq!(see(&mut pairs, &section(&[7], &[]), 1), []);
    let private = section(&[0xFF, b'C', b'U', b'E', b'I'], &[]);
    assert_eq!(see(&mut pairs, &private, 2), [begun("command-2000", 2, None, Says::Command(private.clone()))]);
    // Another one at the same time.
    let other = section(&[0xFF, b'C', b'U', b'E', b'J'], &[]);
    assert_eq!(see(&mut pairs, &other, 2), [begun("command-2000-2", 2, None, Says::Command(other.clone()))]);
    assert_eq!(pairs.section(&other[..9], 0, |_| 0), Err(Damage::Short));
    let message = pairs.message(5_000_000, None, "onCuePoint".to_owned(), "{}".to_owned());
    let says = Says::Message { name: "onCuePoint".to_owned(), json: "{}".to_owned() };
    assert_eq!(message, begun("onCuePoint-5000", 5, None, says));
}

#[test]
fn a_time_of_another_clock_is_not_believed() {
    let mut pairs = Pairs::default();
    let told = pairs.section(&out(7, 20_000, 30, false), 1_000_000, |ticks| ticks * 100 / 9).expect("a section");
    assert!(told.far && matches!(&told.markings[..], [Marking::Begin(Marker { at_us: 1_000_000, .. })]), "{told:?}");
}

#[test]
fn times_that_wrap_are_near() {
    let wrap_us = scte35::WRAP * 100 / 9;
    assert_eq!(later_us(90_000, 500_000), 500_000);
    assert_eq!(later_us(90_000, wrap_us - 1_000_000), 2_000_000);
    assert_eq!(later_us(scte35::WRAP - 90_000, 1_000_000), -2_000_000);
    // FFmpeg counts on where they wrap.
    assert_eq!(later_us(90_000, 3 * wrap_us + 500_000), 500_000);
}

#[test]
fn nothing_ends_before_it_begins_nor_by_what_has_ended_another() {
    let mut pairs = Pairs::default();
    see(&mut pairs, &out(1, 20, 10, true), 12);
    see(&mut pairs, &out(2, 60, 10, false), 25);
    assert_eq!(pairs.reached(30_000_000), [ended("splice-00000001-20000", 30, None)]);
    // Too late for the one, too early for the other, and no end of it.
    for at in [31, 61] {
        assert!(matches!(see(&mut pairs, &back(1, at), at).as_slice(), [Marking::Begin(_)]), "{at}");
    }
    let enter = back(2, 70);
    assert_eq!(see(&mut pairs, &enter, 69), [ended("splice-00000002-60000", 70, Some(&enter))]);
}

#[test]
fn what_an_earlier_run_has_told_of_ends_in_the_next_one() {
    let mut first = Pairs::default();
    let sections = [out(1, 20, 10, true), out(2, 21, 0, false), segments(22, &[0x34])];
    let mut told = Vec::new();
    for section in &sections {
        told.extend(see(&mut first, section, 15).into_iter().map(|marking| match marking {
            Marking::Begin(marker) => marker,
            other => panic!("{other:?}"),
        }));
    }
    let mut next = Pairs::default();
    next.going_on(told);
    for section in &sections {
        assert_eq!(see(&mut next, section, 16), [], "it was told of");
    }
    assert_eq!(next.reached(30_000_000), [ended("splice-00000001-20000", 30, None)]);
    let (enter, end) = (back(2, 40), segments(41, &[0x35]));
    assert_eq!(see(&mut next, &enter, 39), [ended("splice-00000002-21000", 40, Some(&enter))]);
    assert_eq!(see(&mut next, &end, 39), [ended("segment-00000009-34-22000", 41, Some(&end))]);
}

/// Whose return comes late, or never.
#[test]
fn a_break_that_is_longer_than_planned_goes_on_until_the_next_one() {
    let mut pairs = Pairs::default();
    see(&mut pairs, &out(1, 20, 10, false), 12);
    see(&mut pairs, &segments(25, &[0x34]), 24);
    assert_eq!(pairs.reached(120_000_000), []);
    let enter = back(1, 121);
    assert_eq!(see(&mut pairs, &enter, 120), [ended("splice-00000001-20000", 121, Some(&enter))]);
    see(&mut pairs, &out(2, 200, 30, false), 195);
    see(&mut pairs, &out(3, 215, 30, false), 210);
    see(&mut pairs, &out(4, 300, 30, false), 290);
    assert_eq!(pairs.reached(304_000_000), [], "its return may be late");
    let planned =
        [("splice-00000002-200000", 230), ("splice-00000003-215000", 245)].map(|(id, at)| ended(id, at, None));
    assert_eq!(pairs.reached(305_000_000), planned);
    // The segment is of another kind, and the last break is on.
    assert_eq!(pairs.reached(900_000_000), []);
    let enter = back(4, 901);
    assert_eq!(see(&mut pairs, &enter, 900), [ended("splice-00000004-300000", 901, Some(&enter))]);
}

/// The source was lost in a break, and nothing was made for 20 s.
#[test]
fn what_ends_by_itself_does_so_by_the_wall_clock() {
    let mut pairs = Pairs::default();
    let leave = out(1, 20, 30, true);
    see(&mut pairs, &leave, 12);
    assert_eq!(pairs.reached(25_000_000), []);
    pairs.away(20_000_000);
    assert_eq!(see(&mut pairs, &out(1, 1, 31, true), 26), [], "it is the same, as far as anybody knows");
    assert_eq!(pairs.reached(29_000_000), []);
    assert_eq!(pairs.reached(30_000_000), [ended("splice-00000001-20000", 30, None)]);
    assert_eq!(see(&mut pairs, &back(1, 30), 30), [], "it is known");
}

#[test]
fn however_many_are_of_one_millisecond_each_has_a_name_of_its_own() {
    let mut pairs = Pairs::default();
    let told: Vec<Marker> =
        (0..3).map(|_| pairs.message(5_000_000, None, "onCuePoint".to_owned(), "1".to_owned())).map(marker).collect();
    let mut later = Pairs::default();
    later.going_on(told.clone());
    let more = (0..500).map(|_| marker(later.message(5_000_000, None, "onCuePoint".to_owned(), "1".to_owned())));
    let mut names: Vec<String> = told.iter().cloned().chain(more).map(|marker| marker.id).collect();
    assert_eq!(names[1], format!("{}-2", names[0]));
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 503);
}

fn marker(marking: Marking) -> Marker {
    let Marking::Begin(marker) = marking else { panic!("a message begins") };
    marker
}
