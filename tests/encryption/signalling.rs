//! What players are told.

use std::fs;

use crate::bench::{AAC, Bench, H264, KID};

#[test]
fn hls_names_the_key_once_for_each_system() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, AAC);
    let flags =
        ["--fairplay-uri", "skd://acme/{kid}", "--hdcp-level", "type-0", "--drm", "widevine,playready,fairplay"];
    bench.encrypted(&film, "out", "cbcs", &flags);
    let master = fs::read_to_string(bench.at("out/master.m3u8")).expect("a playlist");
    let kid = KID.replace('-', "");
    let session: Vec<&str> = master.lines().filter(|line| line.starts_with("#EXT-X-SESSION-KEY")).collect();
    assert_eq!(session.len(), 3, "{master}");
    assert!(
        session.iter().all(|line| line.contains("METHOD=SAMPLE-AES,") && line.ends_with("KEYFORMATVERSIONS=\"1\""))
    );
    assert!(
        session[0].contains(&format!("KEYID=0x{kid}")) && session[0].contains("edef8ba9-79d6-4ace-a3c8-27dcd51d21ed")
    );
    assert!(session[1].contains("KEYFORMAT=\"com.microsoft.playready\""));
    let fairplay = format!("URI=\"skd://acme/{kid}\",KEYFORMAT=\"com.apple.streamingkeydelivery\"");
    assert!(session[2].contains(&fairplay) && !session[2].contains("IV="), "{}", session[2]);
    assert!(
        master.lines().filter(|line| line.starts_with("#EXT-X-STREAM-INF:")).any(|l| l.contains("HDCP-LEVEL=TYPE-0"))
    );
    for rendition in bench.renditions("out").iter().filter(|name| !name.contains("trick")) {
        let playlist = fs::read_to_string(bench.at("out").join(rendition).join("playlist.m3u8")).expect("a playlist");
        let keys: Vec<String> = playlist
            .lines()
            .filter(|line| line.starts_with("#EXT-X-KEY:"))
            .map(|line| line.replace("EXT-X-KEY", "EXT-X-SESSION-KEY"))
            .collect();
        assert_eq!(keys, session, "{rendition}");
    }
}

#[test]
fn dash_names_scheme_and_key_first_and_then_each_system() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, AAC);
    let flags = ["--drm", "widevine,playready,clearkey,common", "--clearkey-url", "https://keys.example/?a=1&b=2"];
    bench.encrypted(&film, "out", "cenc", &flags);
    let mpd = fs::read_to_string(bench.at("out/manifest.mpd")).expect("an MPD");
    let media: Vec<&str> = mpd.split("<AdaptationSet ").skip(1).filter(|set| !set.contains("image/jpeg")).collect();
    let first = format!(
        "<ContentProtection schemeIdUri=\"urn:mpeg:dash:mp4protection:2011\" value=\"cenc\" cenc:default_KID=\"{KID}\"/>"
    );
    assert_eq!(mpd.matches(&first).count(), media.len(), "{mpd}");
    for set in media {
        let systems: Vec<usize> = [&first, "edef8ba9-", "9a04f079-", "e2719d58-", "1077efec-"]
            .iter()
            .map(|system| set.find(*system).unwrap_or_else(|| panic!("{system} is not in {set}")))
            .collect();
        assert!(systems.is_sorted(), "{set}");
        assert_eq!(set.matches("<cenc:pssh>").count(), 3);
        assert!(set.contains("<mspr:pro>"));
        assert!(set.contains("<dashif:Laurl Lic_type=\"EME-1.0\">https://keys.example/?a=1&amp;b=2</dashif:Laurl>"));
    }
}

#[test]
fn tracks_of_other_types_have_other_keys_and_sets_of_their_own() {
    let bench = Bench::new();
    let small = bench.film("small.mp4", H264, AAC);
    let large = bench.at("large.mp4");
    let words = "-nostdin -v error -y -f lavfi -i testsrc2=s=1280x720:r=25:d=3";
    let words = words.split_whitespace().chain(H264.split_whitespace()).map(str::to_owned);
    crate::bench::ffmpeg(words.chain([large.display().to_string()]));
    let key = |kind: &str, digit: char| {
        let (kid, key) = (digit.to_string().repeat(32), digit.to_string().repeat(32));
        format!(r#"{{"type": "{kind}", "kid": "{kid}", "key": "{key}"}}"#)
    };
    let text = format!("{{\"keys\": [{}, {}, {}]}}", key("AUDIO", 'a'), key("SD", 'b'), key("HD", 'c'));
    let keys = bench.key_file("typed.json", &text).display().to_string();
    let flags = ["--encrypt", "cbcs", "--key-file", &keys, "--drm", "widevine"];
    crate::support::run::package(&[&large, &small], &bench.at("out"), &flags).expect(0);
    let mpd = fs::read_to_string(bench.at("out/manifest.mpd")).expect("an MPD");
    let kids: Vec<&str> = mpd.split("cenc:default_KID=\"").skip(1).map(|rest| &rest[..1]).collect();
    assert_eq!(kids, ["c", "b", "a", "b"], "{mpd}");
    assert_eq!(mpd.matches("adaptation-set-switching:2016\" value=\"2\"").count(), 1, "{mpd}");
    assert_eq!(mpd.matches("adaptation-set-switching:2016\" value=\"1\"").count(), 1, "{mpd}");
}
