//! Job files that publish what they make, and several inputs that go straight into a bucket.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::support::proxy::Mood;
use super::support::published::environment;
use super::support::run::{Ended, Running};
use super::support::{TestDir, clip, tree};
use super::{Scene, assert_order, puts};

/// `encode` with these words, the server of the scene and a cache of its own.
fn encode(scene: &Scene, cache: &Path, words: &[&OsStr]) -> Ended {
    let mut variables = environment(&scene.proxy.url());
    variables.push(("XDG_CACHE_HOME", cache.to_str().expect("text").to_owned()));
    let words: Vec<&OsStr> =
        [OsStr::new("encode"), OsStr::new("--json")].into_iter().chain(words.iter().copied()).collect();
    Running::with(&words, &variables).end()
}

/// A job in a directory of its own, which publishes to the bucket of the scene.
fn job(scene: &Scene, extra: Value) -> TestDir {
    let directory = TestDir::new();
    fs::copy(clip("video_only.mp4"), directory.join("film.mp4")).expect("writable");
    fs::write(directory.join("words.vtt"), "WEBVTT\n\n00:00.000 --> 00:01.000\nGuten Tag\n").expect("writable");
    let mut job = json!({
        "inputs": ["film.mp4"], "output": "set", "ladder": ["90p@100k"], "speed": "draft",
        "publish": { "to": scene.destination() }
    });
    let all = job.as_object_mut().expect("an object");
    all.extend(extra.as_object().expect("an object").clone());
    fs::write(directory.join("job.json"), job.to_string()).expect("writable");
    directory
}

fn run(scene: &Scene, directory: &TestDir, flags: &[&str]) -> Ended {
    let path = directory.join("job.json");
    let words: Vec<&OsStr> =
        [OsStr::new("--job"), path.as_os_str()].into_iter().chain(flags.iter().map(OsStr::new)).collect();
    encode(scene, directory.path(), &words)
}

#[test]
fn a_job_publishes_what_it_made_with_its_subtitles_and_then_tells_the_hooks() {
    let scene = Scene::new("job", Mood::Good);
    let publish = json!({ "to": scene.destination(), "cache_control_manifest": "max-age=2" });
    let told = json!(["sh -c 'cp \"$STREAMPACK_REPORT\" \"$STREAMPACK_OUTPUT.told\"'"]);
    let directory = job(&scene, json!({ "publish": publish, "subtitles": ["words.vtt:de"], "on_complete": told }));
    run(&scene, &directory, &[]).expect(0);
    assert_order(&scene.proxy.take());
    let there = scene.objects();
    assert!(there.contains_key("subtitles/de/segment_00001.vtt"), "{:?}", there.keys());
    for name in tree::names(&directory.join("set")) {
        assert_eq!(there[&name], fs::read(directory.join("set").join(&name)).expect("readable"), "{name}");
    }
    let master = scene.moto.head(scene.bucket, "films/one/master.m3u8");
    assert_eq!(master.header("cache-control"), "max-age=2");
    assert!(directory.join("set.told").exists(), "the hook was told");
    // Again, everything stands already here and there.
    run(&scene, &directory, &[]).expect(0);
    assert!(puts(&scene.proxy.take()).is_empty());
}

#[test]
fn a_job_that_fails_or_is_told_not_to_publishes_nothing() {
    let scene = Scene::new("jobnot", Mood::Good);
    let directory = job(&scene, json!({}));
    run(&scene, &directory, &["--no-publish"]).expect(0);
    assert!(directory.join("set/master.m3u8").exists());
    let broken = job(&scene, json!({ "inputs": ["film.mp4", "none.mp4"], "keep_going": true }));
    run(&scene, &broken, &[]).expect(3);
    assert!(scene.proxy.take().is_empty() && scene.objects().is_empty());
}

#[test]
fn a_job_whose_store_refuses_fails_and_the_next_one_only_publishes() {
    let scene = Scene::new("jobdenied", Mood::Refusing(403, "<Error><Code>AccessDenied</Code></Error>"));
    let directory = job(&scene, json!({ "on_failure": ["sh -c 'touch \"$STREAMPACK_OUTPUT.failed\"'"] }));
    let told = run(&scene, &directory, &[]).expect(13).err;
    assert!(told.contains("access denied"), "{told}");
    assert!(directory.join("set.failed").exists(), "the hook was told");
    scene.proxy.set(Mood::Good);
    let ended = run(&scene, &directory, &[]).expect(0);
    assert!(ended.events().iter().all(|event| event["type"] != "segment"), "nothing was encoded again");
    assert!(scene.objects().contains_key("master.m3u8"));
}

#[test]
fn what_cannot_be_published_is_refused_before_anything_is_encoded() {
    let scene = Scene::new("jobrefused", Mood::Good);
    for (extra, why) in [
        (json!({ "publish": { "to": "ftp://host/x" } }), "ftp:// outputs are not supported"),
        (json!({ "publish": { "to": "gs://b/x", "invalidate": "E1" } }), "for CloudFront"),
        (json!({ "publish": { "to": "s3://b/x", "max_delete": 3 } }), "no effect without `delete`"),
        (json!({ "publish": { "to": "s3://b/x", "cache_control_media": "a\nb" } }), "no value of a header"),
        (json!({ "output": "s3://b/y" }), "in a bucket already"),
        (json!({ "output": "s3://b/y", "publish": { "delete": true } }), "are about what is brought to `to`"),
        (json!({ "output": "gs://b/y", "publish": { "invalidate": "E1" } }), "for CloudFront"),
        (json!({ "publish": { "invalidate": "E1" } }), "`to` is missing"),
    ] {
        let directory = job(&scene, extra);
        let told = run(&scene, &directory, &[]).expect(2).err;
        assert!(told.contains(why), "{told}");
        assert!(!directory.join("set").exists());
    }
}

#[test]
fn flags_of_delivery_that_would_have_no_effect_are_refused() {
    let directory = TestDir::new();
    let (input, out) = (clip("one_frame.mp4"), directory.join("out"));
    let (input, out) = (input.to_str().expect("text"), out.to_str().expect("text"));
    for (verb, flag) in [
        ("encode", ["--cache-control-media", "max-age=1"]),
        ("package", ["--invalidate", "E1"]),
        ("live", ["--cache-control-manifest", "max-age=1"]),
    ] {
        let told = super::support::run::run(&[verb, input, "-o", out, flag[0], flag[1]]).refused(2);
        assert!(told.contains(&format!("{} has no effect", flag[0])), "{told}");
    }
    let told = super::support::run::run(&["encode", input, "-o", "gs://b/x", "--invalidate", "E1"]).refused(2);
    assert!(told.contains("for CloudFront"), "{told}");
    assert!(!directory.join("out").exists());
}

#[test]
fn a_job_says_how_an_output_in_a_bucket_is_delivered() {
    let scene = Scene::new("jobdirect", Mood::Good);
    let distribution = scene.moto.distribution("jobdirect");
    let publish =
        json!({ "invalidate": distribution, "invalidate_root": "/films", "cache_control_manifest": "max-age=2" });
    let wanted = |crf: u32| json!({ "output": scene.destination(), "publish": publish, "crf": crf });
    run(&scene, &job(&scene, wanted(30)), &[]).expect(0);
    let header = |key: &str| scene.moto.head(scene.bucket, &format!("films/one/{key}")).header("cache-control");
    assert_eq!(header("master.m3u8"), "max-age=2");
    run(&scene, &job(&scene, wanted(40)), &["--cache-control-manifest", "max-age=5"]).expect(0);
    assert_eq!(header("master.m3u8"), "max-age=5", "flags are over the job");
    let told = scene.moto.invalidations(&distribution);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains(&"/films/master.m3u8".to_owned()), "{told:?}");
    // What is published from a directory takes the flags, too.
    let elsewhere = job(&scene, json!({ "publish": { "to": format!("s3://{}/two", scene.bucket) } }));
    run(&scene, &elsewhere, &["--cache-control-media", "max-age=6"]).expect(0);
    let head = scene.moto.head(scene.bucket, "two/video/90p_h264/init.mp4");
    assert_eq!(head.header("cache-control"), "max-age=6");
}

#[test]
fn several_inputs_go_straight_into_a_bucket_with_one_report() {
    let (scene, directory) = (Scene::new("several", Mood::Good), TestDir::new());
    // The last is the name of a file that no URL can spell as it is.
    for name in ["films/a.mp4", "films/deep/b.mp4", "films/Episode #1?.mp4"] {
        let path = directory.join(name);
        fs::create_dir_all(path.parent().expect("inside")).expect("writable");
        fs::copy(clip("one_frame.mp4"), path).expect("writable");
    }
    fs::create_dir(directory.join("cache")).expect("writable");
    let (input, destination) = (directory.join("films"), scene.destination());
    let words =
        [input.as_os_str(), OsStr::new("-o"), OsStr::new(&destination), OsStr::new("--speed"), OsStr::new("draft")];
    encode(&scene, &directory.join("cache"), &words).expect(0);
    let there = scene.objects();
    for key in ["a/master.m3u8", "deep/b/manifest.mpd", "Episode #1?/master.m3u8"] {
        assert!(there.contains_key(key), "{key} of {:?}", there.keys());
    }
    let report: Value = serde_json::from_slice(&there["streampack-batch.json"]).expect("JSON");
    assert_eq!((&report["status"], &report["totals"]["done"]), (&json!("ok"), &json!(3)));
    assert_eq!(tree::names(&directory.join("cache")), Vec::<String>::new());
    // The next run finds both sets there.
    scene.proxy.take();
    encode(&scene, &directory.join("cache"), &words).expect(0);
    let report: Value = serde_json::from_slice(&scene.objects()["streampack-batch.json"]).expect("JSON");
    assert_eq!(report["totals"]["up_to_date"], json!(3));
    assert!(puts(&scene.proxy.take()).iter().all(|seen| seen.path.ends_with("streampack-batch.json")));
    // Each set has its own place on a distribution.
    let distribution = scene.moto.distribution("several");
    let flags = ["--invalidate", &distribution, "--invalidate-root", "/vod", "--cache-control-manifest", "max-age=9"];
    let flags: Vec<&OsStr> = words.iter().copied().chain(flags.iter().map(OsStr::new)).collect();
    encode(&scene, &directory.join("cache"), &flags).expect(0);
    let told = scene.moto.invalidations(&distribution);
    assert_eq!(told.len(), 3, "{told:?}");
    for path in ["/vod/a/master.m3u8", "/vod/deep/b/manifest.mpd", "/vod/Episode%20%231%3F/master.m3u8"] {
        assert!(told.iter().any(|paths| paths.contains(&path.to_owned())), "{path} of {told:?}");
    }
    for key in ["films/one/a/master.m3u8", "films/one/streampack-batch.json"] {
        assert_eq!(scene.moto.head(scene.bucket, key).header("cache-control"), "max-age=9", "{key}");
    }
}

/// The script of docs/ci.md, with a command `aws` that knows one object.
#[test]
fn the_script_of_the_batch_example_encodes_and_publishes_an_object() {
    let (scene, directory) = (Scene::new("batchscript", Mood::Good), TestDir::new());
    let document = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci.md")).expect("readable");
    let script = document.split("```bash\n").find(|block| block.contains("# encode-object BUCKET KEY"));
    let script = script.and_then(|block| block.split("```").next()).expect("the script");
    let aws = format!(
        "#!/bin/sh\nset -eu\ntest \"$*\" = 's3 cp s3://uploads/films/a b.mp4 input'\ncp '{}' \"$4\"\n",
        clip("one_frame.mp4").display()
    );
    for (name, text) in [("encode-object", script), ("aws", aws.as_str())] {
        let path = directory.join(name);
        fs::write(&path, text).expect("writable");
        std::process::Command::new("chmod").arg("755").arg(&path).status().expect("every system has it");
    }
    let ours = Path::new(env!("CARGO_BIN_EXE_streampack")).parent().expect("a directory");
    let path = format!("{}:{}:{}", directory.path().display(), ours.display(), std::env::var("PATH").expect("a path"));
    let mut script = std::process::Command::new(directory.join("encode-object"));
    script.args(["uploads", "films/a b.mp4"]).current_dir(directory.path());
    script.env("PATH", path).env("OUTPUT_BUCKET", scene.bucket).env("STREAMPACK_SPEED", "draft");
    script.envs(environment(&scene.proxy.url()));
    let ended = script.output().expect("it is there");
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let there = scene.moto.list(scene.bucket);
    assert!(there.contains_key("a b/master.m3u8") && there.contains_key("a b/streampack.json"), "{there:?}");
}
