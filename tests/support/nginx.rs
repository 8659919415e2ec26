//! nginx, as many run it: with its RTMP module a server between a publisher and us.

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
        let path = directory.join("nginx.conf");
        std::fs::write(&path, conf).expect("writable");
        let mut nginx = Command::new(program);
        nginx.arg("-c").arg(&path).arg("-p").arg(directory).stdin(Stdio::null()).stderr(Stdio::null());
        let mut server = nginx.spawn().expect("nginx comes with its module");
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = server.try_wait().expect("it was started");
            assert_eq!(
                ended,
                None,
                "nginx: {}",
                std::fs::read_to_string(directory.join("error.log")).unwrap_or_default()
            );
            std::thread::yield_now();
        }
        Some(Self { server, port })
    }

    /// The URL of a stream.
    pub fn url(&self, name: &str) -> String {
        format!("rtmp://127.0.0.1:{}/live/{name}", self.port)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // One that has ended by itself cannot be killed.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
