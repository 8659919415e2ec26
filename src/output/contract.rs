//! What every output promises; each runs this suite in its own tests.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{ChangedRuns, Error, Part, Piece, Run, Workspace};
use crate::cancel::CancelToken;
use crate::media::Change;

/// Fails the test when `output`, empty so far, breaks a promise.
pub(super) fn check(output: &dyn Workspace) {
    objects_come_back_as_they_were_put(output);
    pieces_are_put_as_one(output);
    runs_of_files_are_put_among_them(output);
    runs_are_changed_on_their_way(output);
    deleting_is_final_and_absence_is_fine(output);
    keys_that_lead_elsewhere_are_refused(output);
    errors_name_the_key(output);
    parts_are_joined_in_order(output);
    runs_of_bytes_are_joined(output);
    a_cancelled_join_stores_nothing(output);
    readers_see_the_old_or_the_new_object(output);
}

fn objects_come_back_as_they_were_put(output: &dyn Workspace) {
    assert_eq!(output.size("video/720p/init.mp4").expect("readable"), None);
    for (key, body) in [("master.m3u8", &b"#EXTM3U\n"[..]), ("video/720p/init.mp4", b""), ("video/a.mp4", b"\0\xff")] {
        output.put(key, body).expect("stored");
        assert_eq!(output.get(key).expect("stands"), body, "{key}");
        assert!(output.exists_with_size(key, body.len() as u64).expect("readable"));
        assert!(!output.exists_with_size(key, body.len() as u64 + 1).expect("readable"));
    }
    output.put("master.m3u8", b"new").expect("replaced");
    assert_eq!(output.get("master.m3u8").expect("stands"), b"new");
}

/// More of them than an operating system takes with one call.
fn pieces_are_put_as_one(output: &dyn Workspace) {
    let numbers: Vec<[u8; 2]> = (0..3000_u16).map(u16::to_be_bytes).collect();
    let mut pieces: Vec<Piece<'_>> = numbers.iter().map(|number| Piece::Bytes(number)).collect();
    pieces.insert(0, Piece::Bytes(b""));
    pieces.insert(7, Piece::Bytes(b""));
    output.put_pieces("pieces", &pieces).expect("stored");
    assert_eq!(output.get("pieces").expect("stands"), numbers.concat());
    output.put_pieces("pieces", &[]).expect("replaced");
    assert_eq!(output.get("pieces").expect("stands"), b"");
}

/// Of one that has not all of them any more nothing is put.
fn runs_of_files_are_put_among_them(output: &dyn Workspace) {
    let temp = tempfile::TempDir::new().expect("a temporary directory");
    let path = temp.path().join("media");
    let media: Vec<u8> = (0..1_000_000_u32).map(|at| (at % 251) as u8).collect();
    std::fs::write(&path, &media).expect("writable");
    let file = std::fs::File::open(&path).expect("readable");
    let run = |offset, bytes| Piece::Run(Run { file: &file, path: &path, offset, bytes });
    let pieces = [Piece::Bytes(b"head"), run(7, 600_000), run(3, 1), Piece::Bytes(b"x"), run(0, 0), run(999_990, 10)];
    output.put_pieces("run", &pieces).expect("stored");
    let expected = [b"head", &media[7..600_007], &media[3..4], b"x", &media[999_990..]].concat();
    assert!(output.get("run").expect("stands") == expected);
    let error = output.put_pieces("run", &[run(999_000, 1001)]).expect_err("the file is shorter");
    assert!(matches!(error, Error::Changed { .. }), "{error}");
    assert!(output.get("run").expect("stands") == expected);
}

/// Each byte becomes itself and the number of its sample.
#[derive(Debug)]
struct Numbered;

impl Change for Numbered {
    fn apply(&self, first: usize, samples: &mut [&mut [u8]]) {
        for (number, sample) in samples.iter_mut().enumerate() {
            sample.iter_mut().for_each(|byte| *byte ^= (first + number) as u8);
        }
    }
}

fn runs_are_changed_on_their_way(output: &dyn Workspace) {
    let temp = tempfile::TempDir::new().expect("a temporary directory");
    let path = temp.path().join("media");
    let media: Vec<u8> = (0..1_000_000_u32).map(|at| (at % 251) as u8).collect();
    std::fs::write(&path, &media).expect("writable");
    let file = std::fs::File::open(&path).expect("readable");
    let run = |(offset, bytes): (u64, usize)| Run { file: &file, path: &path, offset, bytes };
    let changed = |first, ranges: &[(u64, usize)]| {
        Piece::Changed(ChangedRuns { runs: ranges.iter().copied().map(run).collect(), first, change: &Numbered })
    };
    let ranges = [(9, 200_000), (300_000, 50_000), (7, 100_000), (500_000, 400_000), (3, 1), (0, 0), (999_990, 10)];
    output.put_pieces("changed", &[Piece::Bytes(b"head"), changed(5, &ranges), Piece::Bytes(b"x")]).expect("stored");
    let mut expected = b"head".to_vec();
    for (number, (offset, bytes)) in (5..).zip(ranges) {
        expected.extend(media[offset as usize..][..bytes].iter().map(|byte| byte ^ number));
    }
    expected.push(b'x');
    assert!(output.get("changed").expect("stands") == expected);
    let error = output.put_pieces("changed", &[changed(0, &[(999_000, 1001)])]).expect_err("the file is shorter");
    assert!(matches!(error, Error::Changed { .. }), "{error}");
    assert!(output.get("changed").expect("stands") == expected);
}

fn deleting_is_final_and_absence_is_fine(output: &dyn Workspace) {
    output.put("gone/1", b"x").expect("stored");
    output.delete("gone/1").expect("deleted");
    output.delete("gone/1").expect("absent is fine");
    output.delete("never/was/here").expect("absent is fine");
    assert_eq!(output.size("gone/1").expect("readable"), None);
    output.put("gone/1", b"y").expect("a key can come back");
    assert_eq!(output.get("gone/1").expect("stands"), b"y");
}

fn keys_that_lead_elsewhere_are_refused(output: &dyn Workspace) {
    let part = [Part::whole("master.m3u8")];
    for key in ["", "/", "/etc/x", "..", "../x", "a/../x", "a/..", "./a", "a//b", "a/", "a\\..\\b", "a\0b"] {
        let refused = |result: Result<(), Error>| assert!(matches!(result, Err(Error::Key { .. })), "{key:?}");
        refused(output.put(key, b"x"));
        refused(output.delete(key));
        refused(output.get(key).map(drop));
        refused(output.size(key).map(drop));
        refused(output.concat(key, b"", &part, &CancelToken::default()).map(drop));
        refused(output.concat("whole", b"", &[Part::whole(key)], &CancelToken::default()).map(drop));
    }
    assert_eq!(output.size("whole").expect("readable"), None);
    output.put("...a/..b", b"x").expect("dots alone are harmless");
}

fn errors_name_the_key(output: &dyn Workspace) {
    for key in ["absent/object", "../x"] {
        let message = output.get(key).expect_err("there is none").to_string();
        assert!(message.contains(key), "{message}");
    }
}

fn parts_are_joined_in_order(output: &dyn Workspace) {
    let long = vec![7; 300_000];
    let keys = ["parts/1", "parts/2", "parts/3"].map(Part::whole);
    for (part, body) in keys.iter().zip([&b"ab"[..], &long, b"c"]) {
        output.put(&part.key, body).expect("stored");
    }
    let never = CancelToken::default();
    assert_eq!(output.concat("joined/whole", b"head", &keys, &never).expect("joined"), 300_007);
    assert_eq!(output.get("joined/whole").expect("stands"), [&b"headab"[..], &long, b"c"].concat());
    assert!(output.exists_with_size("parts/2", 300_000).expect("readable"), "parts stay");
    assert_eq!(output.concat("joined/whole", b"just a head", &[], &never).expect("joined"), 11);
    assert_eq!(output.get("joined/whole").expect("stands"), b"just a head");
}

fn runs_of_bytes_are_joined(output: &dyn Workspace) {
    output.put("runs/letters", b"abcdef").expect("stored");
    let run = |first, length| Part { key: "runs/letters".to_owned(), range: Some((first, length)) };
    let never = CancelToken::default();
    assert_eq!(output.concat("runs/whole", b"-", &[run(4, 2), run(0, 1), run(2, 0)], &never).expect("joined"), 4);
    assert_eq!(output.get("runs/whole").expect("stands"), b"-efa");
    assert!(matches!(output.concat("runs/whole", b"", &[run(5, 2)], &never), Err(Error::Read { .. })));
    assert_eq!(output.get("runs/whole").expect("stands"), b"-efa");
}

fn a_cancelled_join_stores_nothing(output: &dyn Workspace) {
    output.put("one", b"1").expect("stored");
    let cancel = CancelToken::default();
    cancel.cancel();
    let joined = output.concat("never", b"head", &[Part::whole("one")], &cancel);
    assert!(matches!(joined, Err(Error::Cancelled(_))));
    assert_eq!(output.size("never").expect("readable"), None);
}

fn readers_see_the_old_or_the_new_object(output: &dyn Workspace) {
    let bodies = [vec![b'a'; 100_000], vec![b'b'; 50_000]];
    output.put("live/playlist", &bodies[0]).expect("stored");
    let written = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..40 {
                output.put("live/playlist", &bodies[n % 2]).expect("replaced");
            }
            written.store(true, Ordering::Relaxed);
        });
        while !written.load(Ordering::Relaxed) {
            let seen = output.get("live/playlist").expect("stands at any time");
            assert!(bodies.contains(&seen), "half an object of {} bytes", seen.len());
        }
    });
}
