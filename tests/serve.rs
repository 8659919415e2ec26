//! `streampack serve`: headers, ranges, what is not served, and how it ends.

mod support;

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use serde_json::{Value, json};
use support::TestDir;
use support::run::run;
use support::serving::Serving;
use ureq::http::Response;
use ureq::{Agent, Body};

const PLAYLIST: &str = "video/360p_h264/playlist.m3u8";
const SEGMENT: &str = "video/360p_h264/segment_00001.m4s";

/// Files with the names of a set: a server does not look into them.
fn set_at(root: &Path) {
    let playlist = "#EXTM3U\n".to_owned() + &"#EXTINF:6.00000,\nsegment_00001.m4s\n".repeat(40) + "#EXT-X-ENDLIST\n";
    let media: Vec<u8> = (0..5000_u32).flat_map(u32::to_be_bytes).collect();
    let files: [(&str, &[u8]); 12] = [
        ("master.m3u8", playlist.as_bytes()),
        ("manifest.mpd", playlist.as_bytes()),
        ("streampack.json", br#"{"duration_s":6.0,"video":[]}"#),
        ("poster.jpg", &media),
        ("thumbnails/thumbnails.vtt", playlist.as_bytes()),
        ("thumbnails/sprite_00001.jpg", &media),
        (PLAYLIST, playlist.as_bytes()),
        ("video/360p_h264/init.mp4", &media),
        (SEGMENT, &media),
        ("audio/en_aac_128k/init.mp4", &media),
        ("audio/en_aac_128k/segment_00001.m4s", &media),
        (".streampack/journal.ndjson", b"{}"),
    ];
    for (name, body) in files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().expect("inside the directory")).expect("writable");
        fs::write(path, body).expect("writable");
    }
}

/// A set and a server of it.
fn serving() -> (TestDir, Serving) {
    let dir = TestDir::new();
    set_at(dir.path());
    let server = Serving::start(dir.path(), &[]);
    (dir, server)
}

fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into()
}

/// Asks for a path with headers.
fn get(server: &Serving, path: &str, headers: &[(&str, &str)]) -> Response<Body> {
    let mut request = agent().get(server.url(path));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.call().expect("the server answers")
}

fn header<'a>(response: &'a Response<Body>, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("text"))
}

fn status(server: &Serving, path: &str) -> u16 {
    get(server, path, &[]).status().as_u16()
}

fn bytes(mut response: Response<Body>) -> Vec<u8> {
    response.body_mut().read_to_vec().expect("a body")
}

/// Sends a request as it is written, which a client would tidy up; gives the status line.
fn raw(server: &Serving, target: &str) -> String {
    let mut stream = TcpStream::connect(server.address()).expect("it listens");
    let request = format!("GET {target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers in text");
    answer.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn every_object_has_its_media_type() {
    let (_dir, server) = serving();
    let types = [
        ("master.m3u8", "application/vnd.apple.mpegurl"),
        (PLAYLIST, "application/vnd.apple.mpegurl"),
        ("manifest.mpd", "application/dash+xml"),
        ("video/360p_h264/init.mp4", "video/mp4"),
        (SEGMENT, "video/mp4"),
        ("audio/en_aac_128k/init.mp4", "audio/mp4"),
        ("audio/en_aac_128k/segment_00001.m4s", "audio/mp4"),
        ("thumbnails/thumbnails.vtt", "text/vtt"),
        ("thumbnails/sprite_00001.jpg", "image/jpeg"),
        ("poster.jpg", "image/jpeg"),
        ("streampack.json", "application/json"),
    ];
    for (path, media_type) in types {
        let response = get(&server, path, &[]);
        assert_eq!((response.status().as_u16(), header(&response, "content-type")), (200, media_type), "{path}");
        assert_eq!(header(&response, "x-content-type-options"), "nosniff");
    }
}

#[test]
fn media_is_kept_for_good_and_what_names_it_is_asked_for_again() {
    let (dir, server) = serving();
    for path in [SEGMENT, "audio/en_aac_128k/init.mp4", "thumbnails/sprite_00001.jpg"] {
        let response = get(&server, path, &[]);
        assert_eq!(header(&response, "cache-control"), "public, max-age=31536000, immutable", "{path}");
    }
    for path in ["master.m3u8", "manifest.mpd", PLAYLIST, "poster.jpg", "streampack.json", "thumbnails/thumbnails.vtt"]
    {
        let response = get(&server, path, &[]);
        assert_eq!(header(&response, "cache-control"), "public, max-age=0, s-maxage=60, must-revalidate", "{path}");
    }
    for path in ["nothing.mp4", "", "_preview/assets/page/player.js"] {
        assert_eq!(header(&get(&server, path, &[]), "cache-control"), "no-cache", "{path}");
    }
    // A programme that goes on.
    fs::write(dir.path().join(PLAYLIST), "#EXTM3U\n#EXTINF:6.00000,\nsegment_00001.m4s\n").expect("writable");
    let response = get(&server, PLAYLIST, &[]);
    assert_eq!(header(&response, "cache-control"), "public, max-age=0, s-maxage=1, must-revalidate");
}

#[test]
fn a_range_is_answered_with_that_part() {
    let (dir, server) = serving();
    let media = fs::read(dir.join(SEGMENT)).expect("readable");
    let parts =
        [("bytes=0-0", 0..1), ("bytes=100-299", 100..300), ("bytes=19990-", 19990..20000), ("bytes=-7", 19993..20000)];
    for (range, part) in parts {
        let response = get(&server, SEGMENT, &[("Range", range)]);
        assert_eq!(response.status(), 206, "{range}");
        let told = format!("bytes {}-{}/20000", part.start, part.end - 1);
        assert_eq!(header(&response, "content-range"), told);
        assert_eq!(header(&response, "content-type"), "video/mp4");
        assert_eq!(header(&response, "cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(bytes(response), media[part], "{range}");
    }
    let beyond = get(&server, SEGMENT, &[("Range", "bytes=20000-")]);
    assert_eq!((beyond.status().as_u16(), header(&beyond, "content-range")), (416, "bytes */20000"));
    let several = get(&server, SEGMENT, &[("Range", "bytes=0-1,5-6")]);
    assert_eq!((several.status().as_u16(), bytes(several)), (200, media));
}

#[test]
fn a_range_of_another_version_is_answered_with_the_whole() {
    let (_dir, server) = serving();
    let tag = header(&get(&server, SEGMENT, &[]), "etag").to_owned();
    let part = get(&server, SEGMENT, &[("Range", "bytes=0-9"), ("If-Range", &tag)]);
    assert_eq!((part.status().as_u16(), bytes(part).len()), (206, 10));
    let whole = get(&server, SEGMENT, &[("Range", "bytes=0-9"), ("If-Range", "\"another\"")]);
    assert_eq!((whole.status().as_u16(), bytes(whole).len()), (200, 20000));
}

#[test]
fn what_has_not_changed_is_not_sent_again() {
    let (dir, server) = serving();
    for path in [SEGMENT, "master.m3u8"] {
        let first = get(&server, path, &[]);
        let (tag, date) = (header(&first, "etag").to_owned(), header(&first, "last-modified").to_owned());
        for (name, value) in [("If-None-Match", &tag), ("If-Modified-Since", &date)] {
            let again = get(&server, path, &[(name, value)]);
            assert_eq!(again.status(), 304, "{path} {name}: {value}");
            assert_eq!(header(&again, "cache-control"), header(&first, "cache-control"));
            assert!(bytes(again).is_empty());
        }
    }
    let tag = header(&get(&server, "master.m3u8", &[]), "etag").to_owned();
    fs::write(dir.join("master.m3u8"), "#EXTM3U\n# edited\n").expect("writable");
    let edited = get(&server, "master.m3u8", &[("If-None-Match", &tag)]);
    assert_eq!((edited.status().as_u16(), bytes(edited)), (200, b"#EXTM3U\n# edited\n".to_vec()));
}

#[test]
fn texts_are_compressed_and_media_and_ranges_are_not() {
    let (dir, server) = serving();
    let gzip = ("Accept-Encoding", "gzip, deflate, br");
    for path in ["master.m3u8", "manifest.mpd", "thumbnails/thumbnails.vtt", "", "_preview/assets/page/base.css"] {
        let response = get(&server, path, &[gzip]);
        assert_eq!(header(&response, "content-encoding"), "gzip", "{path}");
        assert_eq!(header(&response, "vary"), "accept-encoding", "{path}");
        let tag = header(&response, "etag");
        assert!(tag.is_empty() || tag.starts_with("W/"), "{path}: other bytes have no strong tag of the file's: {tag}");
        assert_eq!(bytes(response)[..2], [0x1f, 0x8b], "{path}");
    }
    for path in [SEGMENT, "poster.jpg", "thumbnails/sprite_00001.jpg"] {
        let response = get(&server, path, &[gzip]);
        assert_eq!(header(&response, "content-encoding"), "", "{path}");
        assert_eq!(header(&response, "content-length"), "20000");
    }
    let part = get(&server, "master.m3u8", &[gzip, ("Range", "bytes=0-6")]);
    assert_eq!((header(&part, "content-encoding"), part.status().as_u16()), ("", 206));
    assert_eq!(bytes(part), b"#EXTM3U");
    let plain = get(&server, "master.m3u8", &[("Accept-Encoding", "identity")]);
    assert_eq!(bytes(plain), fs::read(dir.join("master.m3u8")).expect("readable"));
}

#[test]
fn head_says_what_get_would() {
    let (_dir, server) = serving();
    for path in ["master.m3u8", SEGMENT, ""] {
        let head = agent().head(server.url(path)).header("Accept-Encoding", "identity").call().expect("an answer");
        let whole = get(&server, path, &[("Accept-Encoding", "identity")]);
        assert_eq!(head.status(), 200);
        for name in ["content-type", "content-length", "etag", "cache-control", "accept-ranges"] {
            assert_eq!(header(&head, name), header(&whole, name), "{path} {name}");
        }
        assert!(bytes(head).is_empty());
    }
    assert_eq!(agent().head(server.url("nothing")).call().expect("an answer").status(), 404);
}

#[test]
fn pages_of_other_origins_may_play() {
    let (_dir, server) = serving();
    let origin = ("Origin", "https://player.example");
    let response = get(&server, SEGMENT, &[origin, ("Range", "bytes=0-9")]);
    assert_eq!(header(&response, "access-control-allow-origin"), "*");
    let exposed = header(&response, "access-control-expose-headers").to_lowercase();
    assert!(exposed.contains("content-length") && exposed.contains("content-range"), "{exposed}");
    assert_eq!(header(&response, "timing-allow-origin"), "*");
    let preflight = agent()
        .options(server.url(SEGMENT))
        .header(origin.0, origin.1)
        .header("Access-Control-Request-Method", "GET")
        .header("Access-Control-Request-Headers", "range")
        .call()
        .expect("an answer");
    assert_eq!(preflight.status(), 200);
    assert_eq!(header(&preflight, "access-control-allow-origin"), "*");
    assert!(header(&preflight, "access-control-allow-methods").contains("GET"));
    let allowed = header(&preflight, "access-control-allow-headers");
    assert!(allowed == "*" || allowed.to_lowercase().contains("range"), "{allowed}");
}

#[test]
fn only_reading_is_allowed() {
    let (dir, server) = serving();
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        let request = ureq::http::Request::builder().method(method).uri(server.url("master.m3u8")).body(());
        let response = agent().run(request.expect("a request")).expect("an answer");
        assert_eq!(response.status(), 405, "{method}");
    }
    assert!(dir.join("master.m3u8").exists());
}

#[test]
fn nothing_outside_and_nothing_hidden_is_served() {
    let parent = TestDir::new();
    let root = parent.join("out");
    set_at(&root);
    fs::write(parent.join("secret.mp4"), "secret").expect("writable");
    fs::write(root.join(".env"), "secret").expect("writable");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(parent.join("secret.mp4"), root.join("link.mp4")).expect("writable");
        std::os::unix::fs::symlink(parent.path(), root.join("up")).expect("writable");
    }
    let server = Serving::start(&root, &[]);
    let targets = [
        "/../secret.mp4",
        "/video/../../secret.mp4",
        "/%2e%2e/secret.mp4",
        "/..%2fsecret.mp4",
        "/video/..%5c..%5csecret.mp4",
        "//etc/passwd",
        "/%2fetc/passwd",
        "/.env",
        "/%2eenv",
        "/.streampack/journal.ndjson",
        "/link.mp4",
        "/up/secret.mp4",
        "/video/%00",
        "/_preview/at/1/../secret.mp4",
        "/_preview/at/1/%2e%2e/secret.mp4",
        "/_preview/at/1/.env",
        "/_preview/assets/../mod.rs",
        "/_preview/play/../",
    ];
    for target in targets {
        let line = raw(&server, target);
        assert!(line.starts_with("HTTP/1.1 404") || line.starts_with("HTTP/1.1 400"), "{target}: {line}");
    }
    assert!(raw(&server, "/master.m3u8").starts_with("HTTP/1.1 200"), "the same request for a file is answered");
}

#[test]
fn directories_are_not_listed() {
    let (_dir, server) = serving();
    for path in ["video", "video/", "video/360p_h264/", "thumbnails/", "_preview/assets/", "_preview/at/1/"] {
        assert_eq!(status(&server, path), 404, "{path}");
    }
}

#[test]
fn a_set_shows_its_player_and_a_batch_its_sets() {
    let (_one, server) = serving();
    let page = String::from_utf8(bytes(get(&server, "", &[]))).expect("text");
    assert!(page.contains("page/player.js"), "{page}");
    assert_eq!(
        server.told["sets"],
        json!([{
            "path": "", "hls": server.url("master.m3u8"), "dash": server.url("manifest.mpd")
        }])
    );

    let dir = TestDir::new();
    for name in ["b", "a film/part 1"] {
        set_at(&dir.join(name));
    }
    let server = Serving::start(dir.path(), &[]);
    let page = String::from_utf8(bytes(get(&server, "", &[]))).expect("text");
    assert!(page.contains("page/sets.js"), "{page}");
    let sets: Value = serde_json::from_slice(&bytes(get(&server, "_preview/sets.json", &[]))).expect("JSON");
    let urls: Vec<&str> =
        sets["sets"].as_array().expect("a list").iter().filter_map(|set| set["url"].as_str()).collect();
    assert_eq!(urls, ["/a%20film/part%201/", "/b/"]);
    for path in ["a%20film/part%201/", "_preview/play/a%20film/part%201/", "_preview/play/b"] {
        let page = String::from_utf8(bytes(get(&server, path, &[]))).expect("text");
        assert!(page.contains("page/player.js"), "{path}: {page}");
    }
    assert_eq!(status(&server, "a%20film/part%201/master.m3u8"), 200);
    assert_eq!(status(&server, "a%20film/"), 404);
    let bare = get(&server, "b", &[]);
    assert_eq!((bare.status().as_u16(), header(&bare, "location")), (308, "/b/"));
}

#[test]
fn a_page_of_ones_own_stands_before_the_preview() {
    let dir = TestDir::new();
    set_at(dir.path());
    fs::write(dir.join("index.html"), "<title>mine</title>").expect("writable");
    let server = Serving::start(dir.path(), &[]);
    assert_eq!(bytes(get(&server, "", &[])), b"<title>mine</title>");
    assert_eq!(server.told["preview"], json!(server.url("_preview/")));
    assert!(String::from_utf8(bytes(get(&server, "_preview/", &[]))).expect("text").contains("page/player.js"));
}

#[test]
fn without_the_preview_there_are_only_files() {
    let dir = TestDir::new();
    set_at(dir.path());
    let server = Serving::start(dir.path(), &["--no-preview"]);
    assert_eq!(server.told["preview"], Value::Null);
    for path in ["", "_preview/", "_preview/sets.json", "_preview/assets/page/player.js"] {
        assert_eq!(status(&server, path), 404, "{path}");
    }
    assert_eq!(status(&server, "master.m3u8"), 200);
}

#[test]
fn the_preview_loads_media_under_a_path_that_changes_with_the_set() {
    let (dir, server) = serving();
    let version = || {
        let sets: Value = serde_json::from_slice(&bytes(get(&server, "_preview/sets.json", &[]))).expect("JSON");
        sets["sets"][0]["version"].as_str().expect("text").to_owned()
    };
    let first = version();
    let path = format!("_preview/at/{first}/{SEGMENT}");
    assert_eq!(bytes(get(&server, &path, &[])), fs::read(dir.join(SEGMENT)).expect("readable"));
    assert_eq!(header(&get(&server, &path, &[]), "content-type"), "video/mp4");
    let master = fs::File::options().write(true).open(dir.join("master.m3u8")).expect("there");
    master.set_modified(std::time::SystemTime::now() + std::time::Duration::from_secs(5)).expect("ours");
    assert_ne!(version(), first);
}

#[test]
fn every_answer_of_a_page_is_from_this_origin_only() {
    let (_dir, server) = serving();
    let policy = header(&get(&server, "", &[]), "content-security-policy").to_owned();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    for part in ["http:", "https:", "*", "unsafe"] {
        assert!(!policy.contains(part), "{policy}");
    }
}

#[test]
fn a_taken_port_is_said_so() {
    let dir = TestDir::new();
    set_at(dir.path());
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("bound").to_string();
    let line = run(&["serve", dir.path().to_str().expect("UTF-8"), "--addr", &address]).refused(14);
    assert!(line.starts_with(&format!("cannot listen on {address}: another program uses this port")), "{line}");
}

#[test]
fn what_holds_no_set_is_refused() {
    let dir = TestDir::new();
    fs::create_dir(dir.join("empty")).expect("writable");
    fs::write(dir.join("film.mp4"), "x").expect("writable");
    for (name, why) in [("empty", "holds no set"), ("film.mp4", "is not a directory"), ("none", "cannot read")] {
        let path = dir.join(name);
        let line = run(&["serve", path.to_str().expect("UTF-8"), "--addr", "127.0.0.1:0"]).refused(10);
        assert!(line.contains(why) && line.contains(name), "{line}");
    }
}

#[test]
fn ctrl_c_ends_it_with_130_whatever_is_under_way() {
    let (dir, server) = serving();
    // Larger than what the sockets hold, so that it is still being sent to a client that does not read.
    fs::File::create(dir.join("video/360p_h264/media.mp4")).and_then(|file| file.set_len(1 << 28)).expect("room");
    let mut stream = TcpStream::connect(server.address()).expect("it listens");
    stream.write_all(b"GET /video/360p_h264/media.mp4 HTTP/1.1\r\nHost: test\r\n\r\n").expect("it reads");
    stream.read_exact(&mut [0; 100]).expect("it answers");
    let idle = TcpStream::connect(server.address()).expect("it listens");
    let address = server.address();

    let (status, out, err) = server.interrupt();

    assert_eq!(status.code(), Some(130), "{err}");
    assert_eq!(err, "");
    let last: Value = serde_json::from_str(out.lines().last().expect("a line")).expect("JSON");
    assert_eq!(
        (&last["type"], &last["status"], &last["exit_code"]),
        (&json!("summary"), &json!("interrupted"), &json!(130))
    );
    assert!(TcpStream::connect(address).is_err(), "nobody listens any more");
    drop((stream, idle));
}

#[cfg(unix)]
#[test]
fn open_starts_the_browser_and_goes_on_without_one() {
    use std::os::unix::fs::PermissionsExt;
    let dir = TestDir::new();
    set_at(&dir.join("set"));
    let mut server = Serving::start_with_path(&dir.join("set"), &["--open"], &dir.join("nothing here"));
    let warning = server.next();
    assert_eq!((&warning["type"], &warning["code"]), (&json!("warning"), &json!("no_browser")), "{warning}");
    assert!(warning["message"].as_str().expect("text").contains(server.told["preview"].as_str().expect("a URL")));
    assert_eq!(status(&server, "master.m3u8"), 200);
    if cfg!(target_os = "linux") {
        fs::create_dir(dir.join("bin")).expect("writable");
        let (browser, pipe) = (dir.join("bin/xdg-open"), dir.join("opened"));
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
        fs::write(&browser, format!("#!/bin/sh\necho \"$1\" > '{}'\n", pipe.display())).expect("writable");
        fs::set_permissions(&browser, fs::Permissions::from_mode(0o755)).expect("ours");
        let server = Serving::start_with_path(&dir.join("set"), &["--open"], &dir.join("bin"));
        let opened = fs::read_to_string(&pipe).expect("somebody writes");
        assert_eq!(opened.trim(), server.told["preview"].as_str().expect("a URL"));
    }
}

/// Asks by HTTP/2 for a file, lets nothing of it come, and answers when it is asked whether it is there (RFC 9113).
fn take_nothing(stream: &mut TcpStream) {
    let frame = |kind: u8, flags: u8, id: u8, body: &[u8]| {
        [&[0, 0, body.len() as u8, kind, flags, 0, 0, 0, id][..], body].concat()
    };
    // SETTINGS_INITIAL_WINDOW_SIZE is 0; GET by http of the path, from HPACK's static table (RFC 7541 appendix A).
    let settings = frame(4, 0, 0, &[0, 4, 0, 0, 0, 0]);
    let head = [&[0x82, 0x86, 0x41, 1, b'x', 0x44, 12][..], b"/master.m3u8"].concat();
    let asked = [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &settings, &frame(1, 5, 1, &head)].concat();
    stream.write_all(&asked).expect("it listens");
    let mut head = [0; 9];
    while stream.read_exact(&mut head).is_ok() {
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let mut body = vec![0; length];
        if stream.read_exact(&mut body).is_err() {
            break;
        }
        assert_ne!(head[3], 0, "nothing of it may come");
        if (head[3], head[4]) == (6, 0) {
            let _ = stream.write_all(&frame(6, 1, 0, &body));
        }
    }
}

#[test]
fn clients_that_do_not_get_on_are_cut_off() {
    let (_dir, server) = serving();
    let connect = || {
        let stream = TcpStream::connect(server.address()).expect("it listens");
        stream.set_read_timeout(Some(std::time::Duration::from_secs(60))).expect("a socket");
        stream
    };
    let end = |mut stream: TcpStream| {
        let mut rest = Vec::new();
        match stream.read_to_end(&mut rest) {
            Ok(_) => true,
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    };
    let (silent, mut begun, mut taking) = (connect(), connect(), connect());
    begun.write_all(b"PRI * HTT").expect("it listens");
    std::thread::scope(|scope| {
        let taken = scope.spawn(|| take_nothing(&mut taking));
        assert!(end(silent), "one that says nothing stays");
        assert!(end(begun), "one that begins and does not go on stays");
        taken.join().expect("a client");
    });
    assert!(end(taking), "one that takes nothing stays");
}

#[test]
fn a_secret_is_not_served_like_any_other_file() {
    let dir = TestDir::new();
    set_at(dir.path());
    let keys = dir.path().join("keys.json");
    let (keys, root) = (keys.to_str().expect("UTF-8"), dir.path().to_str().expect("UTF-8"));
    run(&["keys", "new", "-o", keys]).expect(0);
    let line = run(&["serve", root, "--key-file", keys, "--addr", "127.0.0.1:0"]).expect(2).err;
    assert!(line.contains("where everybody could fetch it"), "{line}");
}
