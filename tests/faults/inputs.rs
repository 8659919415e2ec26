//! Inputs that are no media.

use std::fs;

use super::{SHARDS, is_unpublished};
use crate::support::run::encode;
use crate::support::{TestDir, clip};

#[test]
fn what_is_no_media_is_refused_in_one_line_and_leaves_no_output() {
    for name in ["absent.mp4", "empty.mp4", "random.mp4", "text.mp4", "no_moov.mp4", "playlist.mp4"] {
        let directory = TestDir::new();
        let out = directory.join("out");
        let message = encode(&clip(name), &out, SHARDS).refused(10);
        assert!(message.contains("testdata"), "{name}: {message}");
        is_unpublished(&out);
        assert!(!out.exists(), "{name}");
    }
}

#[test]
fn a_playlist_does_not_lead_to_other_files() {
    let directory = TestDir::new();
    fs::copy(clip("h264_720p25.mp4"), directory.join("secret.mp4")).expect("writable");
    let secret = directory.join("secret.mp4");
    let hls = |uri: &str| format!("#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n{uri}\n#EXT-X-ENDLIST\n");
    let texts = [
        hls("secret.mp4"),
        hls(&format!("file:{}", secret.display())),
        hls("http://127.0.0.1:9/secret.mp4"),
        "ffconcat version 1.0\nfile secret.mp4\n".to_owned(),
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\n".to_owned(),
        "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\"><Period>\
         <AdaptationSet><Representation id=\"1\" bandwidth=\"1\"><BaseURL>secret.mp4</BaseURL></Representation>\
         </AdaptationSet></Period></MPD>\n"
            .to_owned(),
    ];
    for (number, text) in texts.iter().enumerate() {
        for ending in ["mp4", "m3u8", "mpd", "ffconcat", "sdp"] {
            let input = directory.join(format!("{number}.{ending}"));
            fs::write(&input, text).expect("writable");
            let out = directory.join("out");
            encode(&input, &out, SHARDS).refused(10);
            assert!(!out.exists(), "{}", input.display());
        }
    }
}
