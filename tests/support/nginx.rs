//! nginx, as many run it: with its RTMP module a server between a publisher and us, or a cache between us and viewers.

use std::io::Write;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::publisher::free_port;
use super::tools::have;

/// Where `make test` unpacks it when it is not installed.
const UNPACKED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/store/.nginx");

/// The program for the test of that name, and the directory that its package was put into; nothing where there is none.
pub fn program(test: &str) -> Option<(PathBuf, PathBuf)> {
    let roots = [UNPACKED, "/"].map(PathBuf::from);
    let there = roots.into_iter().map(|root| (root.join("usr/sbin/nginx"), root)).find(|(program, _)| program.exists());
    there.or_else(|| have(test, &["nginx"]).then(|| ("nginx".into(), "/".into())))
}

/// A server on loopback, until it is dropped.
#[derive(Debug)]
pub struct Nginx {
    server: Child,
    port: u16,
}

impl Nginx {
    /// Starts a server for the test of that name, whose files are in `directory`; nothing where it or the module is not
    /// installed. `notify` says whether players are told when a publisher goes.
    pub fn start(test: &str, directory: &Path, notify: &str) -> Option<Self> {
        let (program, root) = program(test)?;
        let module = root.join("usr/lib/nginx/modules/ngx_rtmp_module.so");
        if !module.exists() {
            let _ = writeln!(std::io::stderr(), "skipped: {test}: nginx has no RTMP module here");
            return None;
        }
        let port = free_port();
        let (module, at) = (module.display(), directory.display());
        let conf = format!(
            "load_module {module};\ndaemon off;\nmaster_process off;\npid {at}/nginx.pid;\n\
             error_log {at}/error.log warn;\nevents {{ worker_connections 64; }}\n\
             rtmp {{ access_log off; server {{ listen 127.0.0.1:{port}; chunk_size 4096;\n\
             application live {{ live on; record off; publish_notify {notify}; idle_streams on; }} }} }}\n"
        );
        Some(Self { server: run(&program, directory, &conf, port), port })
    }

    /// Starts a server for the test of that name that caches what another one at `origin` gives, and asks it once for
    /// what many want at a time; nothing where it is not installed.
    pub fn caching(test: &str, directory: &Path, origin: &str) -> Option<Self> {
        let (program, _) = program(test)?;
        let (port, at) = (free_port(), directory.display());
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let temporary: String = temporary.iter().map(|name| format!("{name}_temp_path {at}/{name};\n")).collect();
        let conf = format!(
            "daemon off;\nmaster_process off;\npid {at}/nginx.pid;\nerror_log {at}/error.log warn;\n\
             events {{ worker_connections 256; }}\nhttp {{ access_log off;\n{temporary}\
             proxy_cache_path {at}/cache keys_zone=live:1m;\n\
             server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass {origin}; proxy_http_version 1.1;\n\
             proxy_cache live; proxy_cache_lock on; proxy_cache_lock_timeout 60s; proxy_cache_lock_age 60s; }} }} }}\n"
        );
        Some(Self { server: run(&program, directory, &conf, port), port })
    }

    /// The URL of what it caches, without a slash at its end.
    pub fn front(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The URL of a stream.
    pub fn url(&self, name: &str) -> String {
        format!("rtmp://127.0.0.1:{}/live/{name}", self.port)
    }
}

/// Runs it in `directory`, and waits until it listens at `port`.
fn run(program: &Path, directory: &Path, conf: &str, port: u16) -> Child {
    let path = directory.join("nginx.conf");
    std::fs::write(&path, conf).expect("writable");
    let mut nginx = Command::new(program);
    nginx.arg("-c").arg(&path).arg("-p").arg(directory).stdin(Stdio::null()).stderr(Stdio::null());
    let mut server = nginx.spawn().expect("it is there");
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        let ended = server.try_wait().expect("it was started");
        let said = || std::fs::read_to_string(directory.join("error.log")).unwrap_or_default();
        assert_eq!(ended, None, "nginx: {}", said());
        std::thread::yield_now();
    }
    server
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // One that has ended by itself cannot be killed.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
