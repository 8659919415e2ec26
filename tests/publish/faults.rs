//! Servers and lines that fail: complete in the end, nothing left over, order kept.

use super::support::proxy::Mood;
use super::support::published::{listed, make_set, put, report, start, sync};
use super::support::run::Signal;
use super::{Scene, assert_order, puts};

/// More than one part.
const LARGE: usize = (8 << 20) + 4321;

fn add_large(scene: &Scene) {
    let body: Vec<u8> = (0..LARGE).map(|n| (n / 7 % 251) as u8).collect();
    put(scene.out.path(), "video/360p_h264/media.mp4", &body);
    let mut keys = listed(scene.out.path());
    keys.push("video/360p_h264/media.mp4".to_owned());
    report(scene.out.path(), &keys);
}

#[test]
fn a_large_object_goes_up_in_parts() {
    let scene = Scene::new("parts", Mood::Good);
    add_large(&scene);
    let seen = scene.sync(&[]);
    scene.assert_same();
    assert_eq!(seen.iter().filter(|seen| seen.path.contains("partNumber")).count(), 2, "{seen:#?}");
    let head = scene.moto.head(scene.bucket, "films/one/video/360p_h264/media.mp4");
    assert_eq!(head.header("content-type"), "video/mp4");
    assert!(puts(&scene.sync(&[])).is_empty());
}

/// One request of ten is refused, cut off or slow, also those that begin and end uploads in parts.
#[test]
fn with_a_tenth_of_all_requests_spoilt_the_set_is_complete_in_the_end() {
    for seed in 1..=4 {
        let bucket = ["spoilt1", "spoilt2", "spoilt3", "spoilt4"][seed as usize - 1];
        let scene = Scene::new(bucket, Mood::Bad(seed));
        make_set(scene.out.path(), 12);
        add_large(&scene);
        let seen = scene.sync(&[]);
        assert!(scene.proxy.faults() > 0, "the proxy spoils something");
        scene.assert_same();
        assert_order(&seen);
        assert_eq!(scene.moto.dangling(bucket), Vec::<String>::new());
        scene.proxy.set(Mood::Good);
        scene.proxy.take();
        assert!(puts(&scene.sync(&[])).is_empty(), "nothing is left to do");
    }
}

#[test]
fn a_signal_in_the_middle_of_an_upload_leaves_no_parts_and_no_manifest() {
    for (signal, code, bucket) in [(Signal::Term, 143, "term"), (Signal::Int, 130, "int")] {
        let scene = Scene::new(bucket, Mood::Holding("partNumber=2"));
        add_large(&scene);
        let mut running = start(scene.out.path(), &scene.destination(), &scene.proxy.url(), &[]);
        assert!(running.saw("\"moved\"", 1), "it began");
        while !scene.moto.dangling(bucket).iter().any(|id| !id.is_empty()) {
            std::thread::yield_now();
        }
        running.signal(signal);
        running.end().expect(code);
        assert_eq!(scene.moto.dangling(bucket), Vec::<String>::new(), "{:#?}", scene.proxy.take());
        assert!(scene.objects().keys().all(|key| !key.ends_with(".m3u8") && !key.ends_with(".mpd")));
        scene.proxy.set(Mood::Good);
        scene.sync(&[]);
        scene.assert_same();
    }
}

#[test]
fn a_refusal_is_told_in_one_line_with_a_remedy_and_its_exit_code() {
    let scene = Scene::new("refusals", Mood::Good);
    let refused = |destination: &str, code: i32| {
        let ended = sync(scene.out.path(), destination, &scene.proxy.url(), &[]).expect(code);
        assert_eq!(ended.err.lines().count(), 1, "{}", ended.err);
        ended.err
    };
    assert!(refused("s3://nosuchbucket/x", 13).contains("no such bucket; make it"));
    for (status, body, code, words) in [
        (403, "<Error><Code>AccessDenied</Code></Error>", 13, "access denied"),
        (403, "<Error><Code>RequestTimeTooSkewed</Code></Error>", 13, "the clock of this machine"),
        (400, "<Error><Code>AuthorizationHeaderMalformed</Code></Error>", 13, "set AWS_REGION"),
        (400, "<Error><Code>ExpiredToken</Code></Error>", 13, "renew them"),
        (301, "", 13, "set AWS_REGION"),
    ] {
        scene.proxy.set(Mood::Refusing(status, body));
        let told = refused("s3://refusals/x", code);
        assert!(told.contains(words) && told.contains("s3://refusals/x"), "{told}");
    }
}

#[test]
fn a_store_that_cannot_be_reached_is_a_failure_of_the_network() {
    let scene = Scene::new("unreachable", Mood::Good);
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("bound");
    let ended = sync(scene.out.path(), &scene.destination(), &format!("http://{free}"), &[]).expect(14);
    assert!(ended.err.contains("check network and endpoint"), "{}", ended.err);
}

/// Somebody else may be sending the same object at this moment.
#[test]
fn only_uploads_of_which_nothing_came_are_removed_while_they_are_young() {
    let scene = Scene::new("theiruploads", Mood::Young);
    add_large(&scene);
    let path = "/theiruploads/films/one/video/360p_h264/media.mp4";
    let begin = || scene.moto.ask("POST", &format!("{path}?uploads"), &[], b"").all("UploadId")[0].clone();
    let (growing, lost) = (begin(), begin());
    let part = scene.moto.ask("PUT", &format!("{path}?partNumber=1&uploadId={growing}"), &[], b"theirs");
    assert_eq!(part.status, 200);
    scene.sync(&[]);
    assert_eq!(scene.moto.dangling("theiruploads"), [growing], "not {lost}");
    scene.proxy.set(Mood::Good);
    put(scene.out.path(), "video/360p_h264/media.mp4", &[7; LARGE]);
    scene.sync(&[]);
    assert_eq!(scene.moto.dangling("theiruploads"), Vec::<String>::new(), "it has grown old");
}

/// A store that is too busy for longer than the client's own patience.
#[test]
fn a_busy_store_is_waited_for() {
    let scene = Scene::new("busy", Mood::RefusingOf("/busy/", 503, "<Error><Code>SlowDown</Code></Error>"));
    let running = start(scene.out.path(), &scene.destination(), &scene.proxy.url(), &[]);
    // The client asks eleven times at most by itself.
    let mut asked = 0;
    while asked < 13 {
        asked += scene.proxy.take().len();
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    scene.proxy.set(Mood::Good);
    running.end().expect(0);
    scene.assert_same();
}
