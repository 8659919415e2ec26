//! Streams that are pulled from nginx, while their publishers come and go behind it.

use std::path::Path;

use crate::losses::ends;
use crate::support::nginx::Nginx;
use crate::support::publisher::{Publisher, programme};
use crate::support::run::{Running, Signal};
use crate::support::{TestDir, decode_cleanly};
use crate::{warnings, words};

/// nginx tells players that a publisher has gone by closing their connections, or says nothing, and then the next
/// publisher's timestamps begin anew in the same connection.
#[test]
fn a_programme_outlives_a_publisher_behind_nginx() {
    for notify in ["on", "off"] {
        let directory = TestDir::new();
        let test = "a_programme_outlives_a_publisher_behind_nginx";
        let Some(nginx) = Nginx::start(test, directory.path(), notify) else { return };
        let source = programme(directory.path(), "programme.flv", 90, &[]);
        let (url, out) = (nginx.url("s3cret"), directory.join("out"));
        let first = Publisher::start(&source, &["-f", "flv", &url]);
        // It waits for its turn when it is earlier than the publisher.
        let mut live = Running::of(&words(Path::new(&url), &out, &["--dvr", "300", "--timeout", "20"]));
        assert!(live.saw("\"type\":\"live\"", 3), "{:?}", live.end());
        first.kill();
        drop(first);
        let told = notify == "on";
        assert!(
            live.saw(if told { "source_lost" } else { "\"type\":\"live\"" }, if told { 1 } else { 4 }),
            "{:?}",
            live.end()
        );
        let again = Publisher::start(&source, &["-f", "flv", &url]);
        assert!(live.saw(if told { "source_back" } else { "timestamp_jump" }, 1), "{:?}", live.end());
        assert!(live.saw("\"type\":\"live\"", 4), "{:?}", live.end());
        live.signal(Signal::Term);
        let ended = live.end().expect(143);
        drop(again);
        let expected: &[&str] = if told { &["source_lost", "source_back"] } else { &["timestamp_jump"] };
        assert_eq!(warnings(&ended), expected, "publish_notify {notify}");
        assert!(!ended.out.contains("s3cret") && !ended.err.contains("s3cret"));
        let ends = ends(&out);
        let (least, most) =
            ends.iter().fold((f64::MAX, 0.0_f64), |(least, most), end| (least.min(*end), most.max(*end)));
        assert!(most - least < 0.1, "publish_notify {notify}: {ends:?}");
        decode_cleanly(&out.join("master.m3u8"));
    }
}
