//! `streampack sync` against servers on this machine: what is there afterwards, and in which order it came.

#[path = "publish/changes.rs"]
mod changes;
#[path = "publish/clouds.rs"]
mod clouds;
#[path = "publish/credentials.rs"]
mod credentials;
#[path = "publish/direct.rs"]
mod direct;
#[path = "publish/directories.rs"]
mod directories;
#[path = "publish/documents.rs"]
mod documents;
#[path = "publish/faults.rs"]
mod faults;
#[path = "publish/invalidations.rs"]
mod invalidations;
#[path = "publish/jobs.rs"]
mod jobs;
#[path = "publish/live.rs"]
mod live;
mod support;
#[path = "publish/together.rs"]
mod together;

use std::sync::{Arc, Mutex, PoisonError, Weak};

use support::moto::Moto;
use support::proxy::{Mood, Proxy, Seen};
use support::published::{listed, make_set, put, sync};
use support::{TestDir, tree};

/// One server for the tests that run at one time; it takes seconds to start.
fn moto() -> Arc<Moto> {
    static SHARED: Mutex<Weak<Moto>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    shared.upgrade().unwrap_or_else(|| {
        let moto = Arc::new(Moto::start());
        *shared = Arc::downgrade(&moto);
        moto
    })
}

/// A set, a bucket of its own, and a proxy in front of it.
struct Scene {
    moto: Arc<Moto>,
    proxy: Proxy,
    out: TestDir,
    bucket: &'static str,
}

impl Scene {
    fn new(bucket: &'static str, mood: Mood) -> Self {
        let (moto, out) = (moto(), TestDir::new());
        moto.bucket(bucket);
        make_set(out.path(), 3);
        Self { proxy: Proxy::start(moto.address(), mood), moto, out, bucket }
    }

    fn destination(&self) -> String {
        format!("s3://{}/films/one", self.bucket)
    }

    /// Publishes with these flags, and expects success; gives what was asked of the server.
    #[track_caller]
    fn sync(&self, flags: &[&str]) -> Vec<Seen> {
        sync(self.out.path(), &self.destination(), &self.proxy.url(), flags).expect(0);
        self.proxy.take()
    }

    /// Every object with its body, without the prefix.
    fn objects(&self) -> std::collections::BTreeMap<String, Vec<u8>> {
        let keys = self.moto.list(self.bucket).into_keys();
        keys.map(|key| (key["films/one/".len()..].to_owned(), self.moto.get(self.bucket, &key))).collect()
    }

    /// The keys of all objects that begin with `prefix`, without it.
    fn objects_below(&self, prefix: &str) -> std::collections::BTreeSet<String> {
        let keys = self.moto.list(self.bucket).into_keys();
        keys.filter_map(|key| key.strip_prefix(prefix).map(str::to_owned)).collect()
    }

    /// Expects that the bucket holds just the files of the directory.
    #[track_caller]
    fn assert_same(&self) {
        let mut files = std::collections::BTreeMap::new();
        for name in tree::names(self.out.path()) {
            files.insert(name.clone(), std::fs::read(self.out.join(name)).expect("readable"));
        }
        assert_eq!(self.objects(), files);
    }
}

/// The last part of a path, without its query.
fn name(path: &str) -> &str {
    path.split('?').next().unwrap_or(path).rsplit('/').next().unwrap_or(path)
}

/// Keys that requests put.
fn puts(seen: &[Seen]) -> Vec<&Seen> {
    seen.iter().filter(|seen| seen.method == "PUT" && !seen.path.contains("streampack-sync")).collect()
}

/// In which stage a path is published.
fn stage(path: &str) -> usize {
    match name(path) {
        "init.mp4" => 0,
        "master.m3u8" | "manifest.mpd" => 3,
        "thumbnails.vtt" | "streampack.json" => 2,
        name if name.ends_with(".m3u8") => 2,
        _ => 1,
    }
}

/// Expects that every stage began after the one before it stood.
#[track_caller]
fn assert_order(seen: &[Seen]) {
    assert_order_of(1..=3, seen);
}

/// Expects that these stages began after those before them stood. Paths are spelled as people read them.
#[track_caller]
fn assert_order_of(stages: std::ops::RangeInclusive<usize>, seen: &[Seen]) {
    // An object that goes up in parts stands when its upload is completed.
    let stores = |seen: &&Seen| match seen.method.as_str() {
        "PUT" => !seen.path.contains("uploadId") && !seen.path.contains("blockid"),
        "POST" => seen.path.contains("uploadId"),
        _ => false,
    };
    for at in stages {
        let puts = puts(seen);
        let ours = seen.iter().filter(|seen| !seen.path.contains("streampack-sync"));
        let before =
            ours.filter(stores).filter(|seen| stage(&seen.path) < at && matches!(seen.status, Some(200 | 201)));
        // The first time that each of them was stored: what is sent once more, because the answer was lost, is there.
        let mut first = std::collections::BTreeMap::new();
        for seen in before {
            let key = seen.path.split('?').next().unwrap_or_default();
            let ended = first.entry(key).or_insert(seen.ended);
            *ended = (*ended).min(seen.ended);
        }
        let began = puts.iter().filter(|seen| stage(&seen.path) >= at).map(|seen| seen.began).min();
        let stood = first.values().max();
        assert!(stood.is_some() && stood < began.as_ref(), "stage {at}: {puts:#?}");
    }
}

#[test]
fn a_set_goes_up_in_order_with_its_types_and_cache_headers() {
    let scene = Scene::new("order", Mood::Good);
    let seen = scene.sync(&[]);
    scene.assert_same();
    assert_order(&seen);
    assert_eq!(puts(&seen).len(), listed(scene.out.path()).len() + 1, "each once, and the report");
    let forever = "public, max-age=31536000, immutable";
    let short = "public, max-age=0, s-maxage=60, must-revalidate";
    for (key, content_type, cache_control) in [
        ("video/360p_h264/init.mp4", "video/mp4", forever),
        ("video/360p_h264/segment_00001.m4s", "video/mp4", forever),
        ("audio/en_aac_128k/segment_00001.m4s", "audio/mp4", forever),
        ("thumbnails/sprite_00001.jpg", "image/jpeg", forever),
        ("video/360p_h264/playlist.m3u8", "application/vnd.apple.mpegurl", short),
        ("thumbnails/thumbnails.vtt", "text/vtt", short),
        ("poster.jpg", "image/jpeg", short),
        ("master.m3u8", "application/vnd.apple.mpegurl", short),
        ("manifest.mpd", "application/dash+xml", short),
        ("streampack.json", "application/json", short),
    ] {
        let head = scene.moto.head(scene.bucket, &format!("films/one/{key}"));
        assert_eq!(
            (head.header("content-type").as_str(), head.header("cache-control").as_str()),
            (content_type, cache_control),
            "{key}"
        );
    }
}

#[test]
fn a_second_run_of_an_unchanged_set_puts_and_reads_nothing() {
    let scene = Scene::new("again", Mood::Good);
    scene.sync(&[]);
    let seen = scene.sync(&["--delete"]);
    let asked: Vec<&str> = seen.iter().map(|seen| seen.method.as_str()).collect();
    assert_eq!(asked, ["GET", "GET"], "a listing and the notes: {seen:#?}");
}

#[test]
fn several_sets_below_a_directory_go_up_together() {
    let (moto, out) = (moto(), TestDir::new());
    moto.bucket("library");
    for set in ["a", "season 1/ä & b"] {
        make_set(&out.join(set), 1);
    }
    put(out.path(), "notes.txt", b"mine");
    let ended = sync(out.path(), "s3://library", &format!("http://{}", moto.address()), &[]).expect(0);
    assert_eq!(ended.warnings(), ["not_of_a_set"]);
    let there = moto.list("library");
    assert_eq!(there.len(), 2 * (listed(&out.join("a")).len() + 1));
    assert!(!there.contains_key("notes.txt"));
    let ended = sync(out.path(), "s3://library", &format!("http://{}", moto.address()), &["--all"]).expect(0);
    let put: Vec<_> = ended.events().into_iter().filter(|event| event["type"] == "put").collect();
    assert_eq!(put.len(), 1, "{put:?}");
    assert_eq!(moto.head("library", "notes.txt").header("content-type"), "text/plain");
}

#[test]
fn headers_are_those_that_the_flags_ask_for() {
    let scene = Scene::new("flags", Mood::Good);
    scene.sync(&["--cache-control-media", "max-age=1", "--cache-control-manifest", "max-age=2"]);
    let header = |key: &str| scene.moto.head(scene.bucket, &format!("films/one/{key}")).header("cache-control");
    assert_eq!((header("video/360p_h264/init.mp4"), header("master.m3u8")), ("max-age=1".into(), "max-age=2".into()));
    let seen = scene.sync(&["--cache-control-media", "max-age=1"]);
    let media = |path: &str| [".mp4", ".m4s", "sprite_00001.jpg"].iter().any(|end| path.ends_with(end));
    assert!(puts(&seen).iter().all(|seen| !media(&seen.path)) && !puts(&seen).is_empty(), "{seen:#?}");
    assert_eq!(header("master.m3u8"), "public, max-age=0, s-maxage=60, must-revalidate");
}
