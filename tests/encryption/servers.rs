//! Keys of key servers: CPIX documents from files, and asked for by SPEKE.

use std::fs;
use std::process::{Command, Output};
use std::thread::JoinHandle;

use crate::bench::{AAC, Bench, H264, KEY, KID, packets};
use crate::support::answering::{self, Asked};
use crate::support::run::{package, run};

const DATA: &str =
    "<cpix:Data><pskc:Secret><pskc:PlainValue>KEY</pskc:PlainValue></pskc:Secret></cpix:Data></cpix:ContentKey>";

/// The key in base64.
fn base64_key() -> String {
    let raw: Vec<u8> =
        (0..32).step_by(2).map(|at| u8::from_str_radix(&KEY[at..at + 2], 16).expect("hexadecimal")).collect();
    streampack::crypt::base64(&raw)
}

/// A `pssh` of Widevine with data of our own.
fn pssh() -> String {
    let data = b"of the key server";
    let size = (32 + data.len() as u32).to_be_bytes();
    let widevine = streampack::crypt::WIDEVINE;
    let head = [&size[..], b"pssh\0\0\0\0", &widevine, &(data.len() as u32).to_be_bytes(), data].concat();
    streampack::crypt::base64(&head)
}

/// A document with one key for everything, and what Widevine and FairPlay are told of it.
pub(crate) fn document() -> String {
    let lines = streampack::crypt::base64(
        b"#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://of-the-server\",KEYFORMAT=\"com.apple.streamingkeydelivery\",KEYFORMATVERSIONS=\"1\"\n",
    );
    let protection = streampack::crypt::base64(
        format!("<cenc:pssh xmlns:cenc=\"urn:mpeg:cenc:2013\">{}</cenc:pssh>", pssh()).as_bytes(),
    );
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<cpix:CPIX contentId="film" version="2.3" xmlns:cpix="urn:dashif:org:cpix" xmlns:pskc="urn:ietf:params:xml:ns:keyprov:pskc">
 <cpix:ContentKeyList><cpix:ContentKey kid="{KID}">{}</cpix:ContentKeyList>
 <cpix:DRMSystemList>
  <cpix:DRMSystem kid="{KID}" systemId="edef8ba9-79d6-4ace-a3c8-27dcd51d21ed">
   <cpix:PSSH>{}</cpix:PSSH><cpix:ContentProtectionData>{protection}</cpix:ContentProtectionData>
  </cpix:DRMSystem>
  <cpix:DRMSystem kid="{KID}" systemId="94ce86fb-07ff-4f43-adb8-93d2fa968ca2">
   <cpix:HLSSignalingData playlist="media">{lines}</cpix:HLSSignalingData>
  </cpix:DRMSystem>
 </cpix:DRMSystemList>
</cpix:CPIX>"#,
        DATA.replace("KEY", &base64_key()),
        pssh()
    )
}

#[test]
fn a_cpix_document_encrypts_and_says_what_systems_are_told() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, AAC);
    let cpix = bench.key_file("keys.xml", &document()).display().to_string();
    bench.packaged(&film, "clear", &[]);
    let ended = bench.packaged(&film, "out", &["--encrypt", "cbcs", "--cpix", &cpix]);
    for rendition in bench.renditions("clear") {
        let clear = packets(&bench.joined("clear", &rendition), None);
        assert_eq!(packets(&bench.joined("out", &rendition), Some(KEY)), clear, "{rendition}");
    }
    let read = |name: &str| fs::read_to_string(bench.at("out").join(name)).expect("text");
    let (master, mpd) = (read("master.m3u8"), read("manifest.mpd"));
    assert!(master.contains("#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,URI=\"skd://of-the-server\""), "{master}");
    assert!(master.contains(&format!("base64,{}\"", pssh())), "{master}");
    assert!(mpd.contains(&format!("<cenc:pssh xmlns:cenc=\"urn:mpeg:cenc:2013\">{}</cenc:pssh>", pssh())), "{mpd}");
    // Of PlayReady the document says nothing, and it is told what it always is.
    assert!(mpd.contains("9a04f079-"), "{mpd}");
    let header = fs::read(bench.at("out").join(&bench.renditions("out")[0]).join("init.mp4")).expect("a header");
    assert!(header.windows(17).any(|window| window == b"of the key server"));
    let report = read("streampack.json");
    for text in [&master, &mpd, &report, &ended.out, &ended.err] {
        assert!(!text.contains(base64_key().trim_end_matches('=')) && !text.contains(KEY));
    }
    let out = bench.at("out").display().to_string();
    assert_eq!(run(&["verify", &out, "--cpix", &cpix]).expect(0).out.matches("error").count(), 0);
}

#[test]
fn documents_that_cannot_be_used_are_refused_without_their_keys() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, AAC);
    let sealed = "<cpix:DeliveryDataList><cpix:DeliveryData/></cpix:DeliveryDataList></cpix:CPIX>";
    let cases = [
        (document().replace("</cpix:CPIX>", sealed), "encrypted"),
        (document().replace("PlainValue", "Value"), "has no value"),
        (document().replace(&base64_key(), &base64_key()[..12]), "16 bytes in base64"),
        (document().replace("</cpix:DRMSystemList>", ""), "well-formed"),
    ];
    for (text, words) in cases {
        let cpix = bench.key_file("bad.xml", &text).display().to_string();
        let said = package(&[&film], &bench.at("out"), &["--encrypt", "cbcs", "--cpix", &cpix]).refused(10);
        assert!(said.contains(words) && !said.contains(&base64_key()[..12]), "{said}");
    }
}

#[test]
fn what_a_document_leaves_out_for_hls_players_are_told_all_the_same() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, AAC);
    let playready = streampack::crypt::PLAYREADY;
    let object = b"object of the server";
    let size = (32 + object.len() as u32).to_be_bytes();
    let head = [&size[..], b"pssh\0\0\0\0", &playready, &(object.len() as u32).to_be_bytes(), object].concat();
    let document = document();
    let (before, rest) = document.split_once("<cpix:DRMSystemList>").expect("systems");
    let (_, after) = rest.split_once("</cpix:DRMSystemList>").expect("systems");
    // Of FairPlay there is an element that was not filled.
    let systems = format!(
        r#"<cpix:DRMSystemList>
  <cpix:DRMSystem kid="{KID}" systemId="9a04f079-9840-4286-ab92-e65be0885f95"><cpix:PSSH>{}</cpix:PSSH></cpix:DRMSystem>
  <cpix:DRMSystem kid="{KID}" systemId="94ce86fb-07ff-4f43-adb8-93d2fa968ca2"><cpix:PSSH/><cpix:HLSSignalingData/></cpix:DRMSystem>
 </cpix:DRMSystemList>"#,
        streampack::crypt::base64(&head)
    );
    let cpix = bench.key_file("keys.xml", &[before, &systems, after].concat()).display().to_string();
    let kid = KID.replace('-', "");
    let cases = [
        ("playready", format!("base64,{}\",KEYFORMAT=\"com.microsoft.playready\"", streampack::crypt::base64(object))),
        ("fairplay", format!("URI=\"skd://{kid}\",KEYFORMAT=\"com.apple.streamingkeydelivery\"")),
    ];
    for (system, tag) in cases {
        bench.packaged(&film, system, &["--encrypt", "cbcs", "--drm", system, "--cpix", &cpix]);
        let master = fs::read_to_string(bench.at(system).join("master.m3u8")).expect("a playlist");
        assert!(master.contains(&tag), "{master}");
        for rendition in bench.renditions(system).iter().filter(|name| !name.contains("trick")) {
            let playlist = bench.at(system).join(rendition).join("playlist.m3u8");
            let playlist = fs::read_to_string(playlist).expect("a playlist");
            assert!(playlist.contains("#EXT-X-KEY:METHOD=SAMPLE-AES,") && playlist.contains(&tag), "{playlist}");
        }
    }
}

#[test]
fn keys_for_one_scheme_are_not_used_in_another() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, AAC);
    let named = document().replace(
        &format!("<cpix:ContentKey kid=\"{KID}\""),
        &format!("<cpix:ContentKey kid=\"{KID}\" commonEncryptionScheme=\"cbcs\""),
    );
    for (text, words) in [(document(), "says SAMPLE-AES, and"), (named.clone(), "says cbcs, and")] {
        let cpix = bench.key_file("other.xml", &text).display().to_string();
        let said = package(&[&film], &bench.at("out"), &["--encrypt", "cenc", "--cpix", &cpix]).refused(10);
        assert!(said.contains(words), "{said}");
    }
    let cpix = bench.key_file("same.xml", &named).display().to_string();
    bench.packaged(&film, "out", &["--encrypt", "cbcs", "--cpix", &cpix]);
}

/// A key server that answers one request after another with these statuses, 200 with keys for all that is asked,
/// and with everything else as it was.
pub(crate) fn server(statuses: &'static [u16]) -> (String, JoinHandle<Vec<Asked>>) {
    let (url, answers) = answering::server(statuses, |asked| {
        let data = DATA.replace("KEY", &base64_key());
        asked.replace(" commonEncryptionScheme=\"cbcs\"/>", &format!(">{data}"))
    });
    (url + "/speke", answers)
}

/// A run that has credentials for the server.
fn ask(bench: &Bench, film: &std::path::Path, url: &str) -> Output {
    ask_with(bench, film, url, "Bearer of-the-tests-4711\n", &[])
}

fn ask_with(bench: &Bench, film: &std::path::Path, url: &str, credentials: &str, flags: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_streampack"));
    command.arg("package").arg(film).arg("-o").arg(bench.at("out"));
    command.args(["--json", "-v", "--encrypt", "cbcs", "--speke", url, "--content-id", "a film"]);
    command.args(flags).env("STREAMPACK_SPEKE_AUTHORIZATION", credentials);
    command.output().expect("the binary was built")
}

#[test]
fn a_key_server_is_asked_until_it_answers() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, AAC);
    bench.packaged(&film, "clear", &[]);
    let (url, answers) = server(&[503, 200]);
    let output = ask(&bench, &film, &url);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out} {err}");
    let asked = answers.join().expect("it ended");
    let [first, second] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!(first.body, second.body, "the second request is the first one again");
    let head = second.head.to_ascii_lowercase();
    assert!(head.contains("x-speke-version: 2.0\r\n") && head.contains("x-speke-user-agent: streampack/"), "{head}");
    assert!(head.contains("authorization: bearer of-the-tests-4711"), "{head}");
    assert!(second.body.contains("contentId=\"a film\"") && second.body.contains("intendedTrackType=\"SD\""));
    assert!(!second.body.contains("HD"), "nothing is asked for that the film has not: {}", second.body);
    for rendition in bench.renditions("clear") {
        let clear = packets(&bench.joined("clear", &rendition), None);
        assert_eq!(packets(&bench.joined("out", &rendition), Some(KEY)), clear, "{rendition}");
    }
    let report = fs::read_to_string(bench.at("out/streampack.json")).expect("a report");
    for text in [&*out, &*err, &report] {
        assert!(!text.contains("of-the-tests-4711") && !text.contains(&base64_key()), "{text}");
    }
}

#[test]
fn what_cannot_be_asked_for_is_refused_before_anybody_is_asked() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, AAC);
    // Nobody listens there: who asked would end with 14.
    let nobody = "http://127.0.0.1:1/speke";
    let output = ask_with(&bench, &film, nobody, "Bearer of-the-tests-4711\nX: y", &[]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("must be one line") && !said.contains("of-the-tests-4711"), "{said}");
    let (film, out) = (film.display().to_string(), bench.at("out").display().to_string());
    let endless = ["--encrypt", "cbcs", "--speke", nobody, "--content-id", "x", "--crypto-period", "2"];
    let said = run(&[&["live", &film, "-o", &out][..], &endless].concat()).refused(2);
    assert!(said.contains("the key periods of a live programme"), "{said}");
}

/// Each period has a key of its own, which the server makes of its id.
#[test]
fn a_key_server_is_asked_for_the_tracks_and_periods_that_there_are() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, AAC);
    let (url, answers) = answering::server(&[200, 200], |asked| {
        let head = "<cpix:ContentKey kid=\"";
        let key = |line: &str| match line.strip_prefix(head) {
            Some(rest) => {
                let kid = rest[..36].replace('-', "");
                let raw: Vec<u8> =
                    (0..32).step_by(2).filter_map(|at| u8::from_str_radix(&kid[at..at + 2], 16).ok()).collect();
                let data = DATA.replace("KEY", &streampack::crypt::base64(&raw));
                format!("{}>{data}", line.strip_suffix(" commonEncryptionScheme=\"cbcs\"/>").expect("asked for cbcs"))
            }
            None => line.to_owned(),
        };
        asked.lines().map(key).collect::<Vec<_>>().join("\n")
    });
    let flags = ["--segment-duration", "1", "--crypto-period", "1"];
    let output = ask_with(&bench, &film, &url, "Bearer x", &flags);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let out = bench.at("out").display().to_string();
    let verified = run(&["verify", &out, "--speke", &url, "--content-id", "a film"]).expect(0);
    let [packaged, again] = &answers.join().expect("it ended")[..] else { panic!("two requests") };
    let count = |asked: &Asked, text: &str| asked.body.matches(text).count();
    let types = ["\"AUDIO\"", "\"SD\"", "intendedTrackType"];
    assert_eq!(types.map(|of| count(packaged, of)), [3, 3, 6], "{packaged:?}");
    // What has been made with periods is opened with the keys of all of them.
    assert_eq!(types.map(|of| count(again, of)), [3, 3, 15], "{again:?}");
    for asked in [packaged, again] {
        assert_eq!(count(asked, "<cpix:ContentKeyPeriod id="), 3, "{asked:?}");
    }
    assert!(!verified.out.contains("error"), "{}", verified.out);
    let video = bench.renditions("out").into_iter().find(|name| name.starts_with("video/") && !name.contains("trick"));
    let playlist = bench.at("out").join(video.expect("pictures")).join("playlist.m3u8");
    let playlist = fs::read_to_string(playlist).expect("a playlist");
    let kids: std::collections::BTreeSet<&str> = playlist.split("KEYID=0x").skip(1).map(|rest| &rest[..32]).collect();
    assert_eq!(kids.len(), 3, "{playlist}");
}

/// A run over several files, all of which need keys, ends as one over one file does, and asks no more often.
#[test]
fn a_key_server_that_gives_no_keys_ends_a_run_over_several_files() {
    let bench = Bench::new();
    fs::create_dir(bench.at("films")).expect("writable");
    let film = bench.film("films/1.mp4", H264, AAC);
    for copy in ["films/2.mp4", "films/3.mp4"] {
        fs::copy(&film, bench.at(copy)).expect("writable");
    }
    for going_on in [&[][..], &["--keep-going"]] {
        let (url, answers) = server(&[403]);
        let (films, out) = (bench.at("films").display().to_string(), bench.at("out").display().to_string());
        let junit = bench.at("junit.xml").display().to_string();
        let flags = ["-j", "2", "--encrypt", "cbcs", "--speke", &url, "--content-id", "x", "--junit", &junit];
        let ended = run(&[&["encode", &films, "-o", &out][..], &flags, going_on].concat()).expect(14);
        assert!(ended.err.contains("streampack: error: the key server"), "{}", ended.err);
        assert_eq!(answers.join().expect("it ended").len(), 1);
        let report = fs::read_to_string(bench.at("out/streampack-batch.json")).expect("a report");
        assert!(report.contains("answers 403") && fs::read_to_string(&junit).expect("JUnit").contains("answers 403"));
    }
}

/// The keys of a live programme are there before its source is.
#[test]
fn a_key_server_is_asked_before_anybody_is_on_air() {
    let bench = Bench::new();
    let (missing, out) = (bench.at("missing.ts").display().to_string(), bench.at("out").display().to_string());
    let (url, answers) = server(&[403]);
    let flags = ["--encrypt", "cbcs", "--speke", &url, "--content-id", "x"];
    let said = run(&[&["live", &missing, "-o", &out][..], &flags].concat()).refused(14);
    assert!(said.contains("answers 403"), "{said}");
    let asked = &answers.join().expect("it ended")[0].body;
    assert_eq!(asked.matches("intendedTrackType").count(), 5, "{asked}");
}

#[test]
fn a_key_server_that_says_no_ends_the_run() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, AAC);
    let (url, answers) = server(&[403]);
    let output = ask(&bench, &film, &url);
    assert_eq!(answers.join().expect("it ended").len(), 1);
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(14), "{said}");
    assert!(said.contains("answers 403") && !said.contains("of-the-tests-4711"), "{said}");
    assert!(!bench.at("out/master.m3u8").exists());
}
