//! A programme that is served with TLS, to those who have a token.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use serde_json::Value;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body, http::Response};

use crate::served::header;
use crate::support::TestDir;
use crate::support::certificate::{Own, certificate};
use crate::support::publisher::programme;
use crate::support::run::{Running, Signal, run};
use crate::{uris, words};

/// The protocol that a client and the server agree on, and the first bytes that the server sends of its own accord.
fn agreed(port: u16, own: &Own, protocols: &[&[u8]], first: &[u8]) -> (Option<Vec<u8>>, [u8; 9]) {
    let mut roots = RootCertStore::empty();
    roots.add(own.der.clone()).expect("a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let mut config = builder.expect("versions").with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    let name = ServerName::try_from("localhost").expect("a name");
    let mut client = ClientConnection::new(Arc::new(config), name).expect("a client");
    let mut socket = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    let mut stream = rustls::Stream::new(&mut client, &mut socket);
    stream.write_all(first).expect("a handshake");
    let mut answer = [0; 9];
    stream.read_exact(&mut answer).expect("an answer");
    (client.alpn_protocol().map(<[u8]>::to_vec), answer)
}

#[test]
fn a_programme_is_served_with_tls_to_those_who_have_a_token() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.flv", 60, &[]);
    let (own, keys, out) = (certificate(directory.path()), directory.join("keys.txt"), directory.join("out"));
    std::fs::write(&keys, "the key of this year\nthe key of last year\n").expect("writable");
    let paths = [&own.chain, &own.key, &keys].map(|path| path.to_str().expect("UTF-8").to_owned());
    let flags = ["--realtime", "--serve", "127.0.0.1:0", "--tls-cert", &paths[0], "--tls-key", &paths[1]];
    let flags = [&flags[..], &["--token-key-file", &paths[2]]].concat();
    for secret in [&own.key, &keys] {
        std::fs::set_permissions(secret, std::os::unix::fs::PermissionsExt::from_mode(0o644)).expect("ours");
    }
    let mut live = Running::of(&words(&source, &out, &flags));
    assert!(live.saw("\"type\":\"live\"", 2), "{:?}", live.end());
    assert_eq!(live.seen().matches("\"key_file_readable\"").count(), 2, "{}", live.seen());
    let told = live.seen().lines().find(|line| line.contains("\"serving\"")).expect("it is served").to_owned();
    let told: Value = serde_json::from_str(&told).expect("JSON");
    let place = told["sets"][0]["hls"].as_str().expect("a URL").replace("127.0.0.1", "localhost");
    assert!(place.starts_with("https://localhost:") && place.ends_with("/t/TOKEN/master.m3u8"), "{place}");

    let token = |words: &[&str]| {
        let words = [&["token", "--token-key-file", &paths[2]], words].concat();
        let ended = run(&words).expect(0);
        assert!(ended.err.contains("others may read the token key file"), "{}", ended.err);
        ended.out.trim().to_owned()
    };
    let url = token(&["--valid", "1h", &place]);
    let certificates = [Certificate::from_der(&own.der).to_owned()];
    let tls = TlsConfig::builder().root_certs(RootCerts::new_with_certs(&certificates)).build();
    let agent: Agent = Agent::config_builder().tls_config(tls).http_status_as_error(false).build().into();
    let get = |url: &str| -> Response<Body> { agent.get(url).call().unwrap_or_else(|e| panic!("{url}: {e}")) };
    let text = |url: &str| get(url).body_mut().read_to_string().expect("text");

    // What playlists name is below the token too, and what they are stays the same for all.
    let base = url.strip_suffix("master.m3u8").expect("the URL of a playlist").to_owned();
    let master = text(&url);
    assert!(master.starts_with("#EXTM3U") && !master.contains("/t/"), "{master}");
    for rendition in uris(&master) {
        let playlist_url = format!("{base}{rendition}");
        let playlist = text(&playlist_url);
        let segment = format!("{}/{}", playlist_url.trim_end_matches("/playlist.m3u8"), uris(&playlist)[0]);
        assert_eq!(get(&segment).status(), 200, "{segment}");
    }
    assert_eq!(
        (get(&format!("{base}time")).status(), get(&format!("{base}manifest.mpd")).status().as_u16()),
        (200.try_into().expect("a status"), 200)
    );

    // Who has none, an old one or one for something else is sent away.
    let server = place.split("/t/").next().expect("a server").to_owned();
    let old = token(&["--valid", "0.001"]);
    let sound = token(&["--valid", "1h", "--path", "audio/"]);
    for (path, status) in [
        ("master.m3u8".to_owned(), 404),
        ("t/TOKEN/master.m3u8".to_owned(), 403),
        (format!("t/{old}/master.m3u8"), 403),
        (format!("t/{sound}/master.m3u8"), 403),
        (format!("t/{sound}/audio/und_aac_128k/playlist.m3u8"), 200),
        (format!("t/{sound}/audio/../master.m3u8"), 404),
        ("healthz".to_owned(), 200),
        ("metrics".to_owned(), 200),
    ] {
        let answer = get(&format!("{server}/{path}"));
        assert_eq!(answer.status(), status, "{path}");
        if status == 403 {
            assert_eq!(header(&answer, "cache-control"), "no-store");
        }
    }

    // Both versions of HTTP are spoken; the first frame of HTTP/2 is SETTINGS (RFC 9113 § 3.4).
    let port = server.rsplit(':').next().expect("a port").parse().expect("a number");
    let (protocol, frame) =
        agreed(port, &own, &[b"h2", b"http/1.1"], b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
    assert_eq!((protocol.as_deref(), frame[3]), (Some(&b"h2"[..]), 4));
    let request = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let (protocol, line) = agreed(port, &own, &[b"http/1.1"], request);
    assert_eq!((protocol.as_deref(), &line[..]), (Some(&b"http/1.1"[..]), &b"HTTP/1.1 "[..]));

    live.signal(Signal::Term);
    live.end().expect(143);
}

#[test]
fn what_cannot_be_used_ends_the_run_before_it_begins() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.ts", 1, &[]);
    let (own, out, short) = (certificate(directory.path()), directory.join("out"), directory.join("short.txt"));
    std::fs::write(&short, "secret\n").expect("writable");
    let path = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let (chain, key, short) = (path(&own.chain), path(&own.key), path(&short));
    let refused = |flags: &[&str]| run(&words(&source, &out, &[&["--serve", "127.0.0.1:0"], flags].concat()));
    let line = refused(&["--tls-cert", &key, "--tls-key", &key]).expect(10).err;
    assert!(line.contains("cannot use the certificate") && line.contains("there is none in it, in PEM"), "{line}");
    let line = refused(&["--token-key-file", &short]).expect(10).err;
    assert!(line.contains("key 1 has fewer than 16 characters") && !line.contains("secret"), "{line}");
    let line = refused(&["--tls-cert", &chain]).expect(2).err;
    assert!(line.contains("--tls-key"), "{line}");
    let line = run(&["token", "--token-key-file", &short, "--valid", "1h"]).expect(10).err;
    assert!(line.contains("fewer than 16"), "{line}");
    assert!(!out.exists());
}
