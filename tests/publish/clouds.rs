//! `gs://` and `az://`: what the tests of S3 say, as far as the services differ.
//!
//! Azure is Azurite, Microsoft's own emulator. Google is moto with Google's names of headers: `object_store` speaks
//! Google's XML API, and no emulator does. Of the two that can be installed here, fake-gcs-server refuses to store an
//! object by it, and gcp-storage-emulator (2026.7.19) neither lists by it nor keeps the headers.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use percent_encoding::percent_decode_str;

use super::support::moto::Moto;
use super::support::proxy::{Mood, Proxy, Seen};
use super::support::published::{listed, make_set, put, report};
use super::support::run::{Ended, Running};
use super::support::server::{Answer, Server};
use super::support::{TestDir, clip, tree};
use super::{assert_order, name, puts};

/// Who is asked.
enum Cloud {
    Google(Moto),
    Azure(Server),
}

/// A set, a bucket called `films`, and a proxy in front of it.
struct Scene {
    cloud: Cloud,
    proxy: Proxy,
    out: TestDir,
    cache: TestDir,
}

/// The account that every emulator of Azure's storage has.
const ACCOUNT: &str = "devstoreaccount1";
const ACCOUNT_KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

impl Scene {
    fn google() -> Self {
        let moto = Moto::google();
        moto.bucket("films");
        let address = moto.address().to_owned();
        Self::of(Cloud::Google(moto), &address)
    }

    fn azure() -> Self {
        let store = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/store");
        assert!(store.join("node_modules/azurite").exists(), "Azurite is not installed; run scripts/setup.sh test");
        let server = Server::start(Command::new("node").arg(store.join("azure.mjs")).arg("films"));
        let address = server.address().to_owned();
        Self::of(Cloud::Azure(server), &address)
    }

    fn of(cloud: Cloud, address: &str) -> Self {
        let out = TestDir::new();
        make_set(out.path(), 3);
        Self { cloud, proxy: Proxy::start(address, Mood::Good), out, cache: TestDir::new() }
    }

    fn destination(&self) -> &'static str {
        match self.cloud {
            Cloud::Google(_) => "gs://films/one",
            Cloud::Azure(_) => "az://films/one",
        }
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        let url = self.proxy.url();
        let cache = self.cache.path().to_str().expect("text").to_owned();
        let mut all = vec![("XDG_CACHE_HOME", cache)];
        match self.cloud {
            Cloud::Google(_) => {
                let account = "{\"private_key\": \"none\", \"private_key_id\": \"none\", \"client_email\": \"none\", \
                               \"disable_oauth\": true}";
                all.push(("GOOGLE_SERVICE_ACCOUNT_KEY", account.to_owned()));
                all.push(("GOOGLE_BASE_URL", url));
                all.push(("GOOGLE_ALLOW_HTTP", "true".to_owned()));
            }
            Cloud::Azure(_) => {
                all.push(("AZURE_STORAGE_ACCOUNT_NAME", ACCOUNT.to_owned()));
                all.push(("AZURE_STORAGE_ACCOUNT_KEY", ACCOUNT_KEY.to_owned()));
                all.push(("AZURE_STORAGE_ENDPOINT", format!("{url}/{ACCOUNT}")));
                all.push(("AZURE_ALLOW_HTTP", "true".to_owned()));
            }
        }
        all
    }

    fn run(&self, words: &[&OsStr]) -> Ended {
        Running::with(words, &self.environment()).end()
    }

    fn try_sync(&self, flags: &[&str]) -> Ended {
        let words = [OsStr::new("sync"), self.out.path().as_os_str(), OsStr::new(self.destination())];
        self.run(&words.into_iter().chain(["--json"].iter().chain(flags).map(OsStr::new)).collect::<Vec<_>>())
    }

    /// Publishes, and gives what was asked of the service, with paths as people read them.
    #[track_caller]
    fn sync(&self, flags: &[&str]) -> Vec<Seen> {
        self.try_sync(flags).expect(0);
        self.seen()
    }

    fn seen(&self) -> Vec<Seen> {
        let plain = |path: &str| percent_decode_str(path).decode_utf8().expect("UTF-8").into_owned();
        self.proxy.take().into_iter().map(|seen| Seen { path: plain(&seen.path), ..seen }).collect()
    }

    /// Asks the service itself, as a viewer does.
    fn ask(&self, method: &str, key: &str) -> Answer {
        match &self.cloud {
            Cloud::Google(moto) => moto.ask(method, &format!("/films/one/{key}"), &[], b""),
            Cloud::Azure(server) => server.ask(method, &format!("/{ACCOUNT}/films/one/{key}"), &[], b""),
        }
    }

    fn headers(&self, key: &str) -> (String, String) {
        let head = self.ask("HEAD", key);
        assert_eq!(head.status, 200, "{key}");
        (head.header("content-type"), head.header("cache-control"))
    }

    /// Expects that the service has these files of the directory.
    #[track_caller]
    fn assert_same(&self) {
        for name in tree::names(self.out.path()) {
            let there = self.ask("GET", &name);
            assert!(there.body == std::fs::read(self.out.join(&name)).expect("readable"), "{name}: {}", there.status);
        }
    }
}

/// What holds of both.
fn publishes(scene: &Scene) {
    let seen = scene.sync(&[]);
    scene.assert_same();
    assert_order(&seen);
    assert_eq!(puts(&seen).len(), listed(scene.out.path()).len() + 1, "each once, and the report: {seen:#?}");
    let forever = "public, max-age=31536000, immutable";
    let short = "public, max-age=0, s-maxage=60, must-revalidate";
    for (key, content_type, cache_control) in [
        ("video/360p_h264/init.mp4", "video/mp4", forever),
        ("audio/en_aac_128k/segment_00001.m4s", "audio/mp4", forever),
        ("video/360p_h264/playlist.m3u8", "application/vnd.apple.mpegurl", short),
        ("manifest.mpd", "application/dash+xml", short),
        ("streampack.json", "application/json", short),
    ] {
        assert_eq!(scene.headers(key), (content_type.to_owned(), cache_control.to_owned()), "{key}");
    }

    // A listing and the notes say that nothing changed.
    let again = scene.sync(&["--delete"]);
    let asked: Vec<&str> = again.iter().map(|seen| seen.method.as_str()).collect();
    assert_eq!(asked, ["GET", "GET"], "{again:#?}");

    let longer = scene.sync(&["--cache-control-manifest", "max-age=2"]);
    assert!(puts(&longer).iter().all(|seen| !seen.path.contains("segment_")), "{longer:#?}");
    assert_eq!(scene.headers("master.m3u8").1, "max-age=2");

    // What goes, goes after what changed, and nothing of others goes.
    put(scene.out.path(), "notes.txt", b"mine");
    scene.sync(&["--all"]);
    let goes = |key: &String| key == "notes.txt" || key.contains("segment_00003");
    let (gone, kept): (Vec<String>, Vec<String>) = tree::names(scene.out.path()).into_iter().partition(goes);
    gone.iter().for_each(|key| std::fs::remove_file(scene.out.join(key)).expect("it was there"));
    report(scene.out.path(), &kept.into_iter().filter(|key| key != "streampack.json").collect::<Vec<_>>());
    let seen = scene.sync(&["--delete"]);
    assert_eq!(gone.len(), 3, "{gone:?}");
    for key in &gone {
        assert_eq!(scene.ask("HEAD", key).status, 404, "{key}");
    }
    let stored = puts(&seen).iter().map(|seen| seen.ended).max().expect("the report changed");
    let deletions = |seen: &&Seen| seen.method == "DELETE" || (seen.method == "POST" && !seen.path.contains("upload"));
    let removed = seen.iter().filter(deletions).map(|seen| seen.began).min().expect("something was removed");
    assert!(stored < removed, "{seen:#?}");
    scene.assert_same();
}

/// An object of more than one part, which is put together in the end.
fn sends_large_objects_in_parts(scene: &Scene) {
    let large: Vec<u8> = (0..(8 << 20) + 4321).map(|n| (n / 7 % 251) as u8).collect();
    put(scene.out.path(), "video/360p_h264/media.mp4", &large);
    let keys: Vec<String> =
        listed(scene.out.path()).into_iter().chain(["video/360p_h264/media.mp4".to_owned()]).collect();
    report(scene.out.path(), &keys);
    let seen = scene.sync(&[]);
    assert_order(&seen);
    let parts = seen.iter().filter(|seen| seen.method == "PUT" && name(&seen.path) == "media.mp4").count();
    assert!(parts >= 2, "{seen:#?}");
    scene.assert_same();
    assert_eq!(scene.headers("video/360p_h264/media.mp4").0, "video/mp4");
    assert!(scene.sync(&[]).iter().all(|seen| seen.method == "GET"));
}

fn leaves_objects_of_others_alone(scene: &Scene) {
    scene.sync(&[]);
    // Its notes and its mark are gone, so it is somebody else's.
    assert!(matches!(scene.ask("DELETE", ".streampack-sync.json").status, 200..=299));
    assert!(matches!(scene.ask("DELETE", "master.m3u8").status, 200..=299));
    let url = match scene.cloud {
        Cloud::Google(_) => "/films/one/master.m3u8",
        Cloud::Azure(_) => "/devstoreaccount1/films/one/master.m3u8",
    };
    let answer = match &scene.cloud {
        Cloud::Google(moto) => moto.ask("PUT", url, &[], b"mine"),
        Cloud::Azure(server) => server.ask("PUT", url, &[("x-ms-blob-type", "BlockBlob")], b"mine"),
    };
    assert!(matches!(answer.status, 200 | 201), "{}", answer.status);
    let refused = scene.try_sync(&[]).expect(13).err;
    assert!(refused.contains("/one/master.m3u8 is already there"), "{refused}");
    scene.sync(&["--force"]);
    scene.assert_same();
}

/// Straight from the encoder, and up to date the next time.
fn is_encoded_into(scene: &Scene) {
    let (input, output) = (clip("one_frame.mp4"), format!("{}/direct", scene.destination()));
    let words = ["encode", "--json", "--speed", "draft", "--cache-control-media", "max-age=7", "-o", &output];
    let words: Vec<&OsStr> = words.iter().map(OsStr::new).chain([input.as_os_str()]).collect();
    scene.run(&words).expect(0);
    let seen = scene.seen();
    let init = puts(&seen).into_iter().find(|seen| seen.path.ends_with("init.mp4")).expect("a header");
    let key = init.path.split("/one/").nth(1).expect("below the prefix").to_owned();
    assert_eq!(scene.headers(&key), ("video/mp4".to_owned(), "max-age=7".to_owned()));
    assert_eq!(scene.ask("GET", "direct/master.m3u8").status, 200);
    scene.run(&words).expect(0);
    assert!(puts(&scene.seen()).is_empty());
    assert_eq!(tree::names(scene.cache.path()), Vec::<String>::new());
}

#[test]
fn google_takes_a_set_in_order_and_a_second_run_puts_nothing() {
    publishes(&Scene::google());
}

#[test]
fn azure_takes_a_set_in_order_and_a_second_run_puts_nothing() {
    publishes(&Scene::azure());
}

#[test]
fn google_takes_large_objects_in_parts() {
    sends_large_objects_in_parts(&Scene::google());
}

#[test]
fn azure_takes_large_objects_in_parts() {
    sends_large_objects_in_parts(&Scene::azure());
}

#[test]
fn google_is_encoded_into() {
    is_encoded_into(&Scene::google());
}

#[test]
fn azure_is_encoded_into() {
    is_encoded_into(&Scene::azure());
}

#[test]
fn objects_of_others_are_left_alone_on_google() {
    leaves_objects_of_others_alone(&Scene::google());
}
