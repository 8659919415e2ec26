//! Servers of others on this machine, and a plain client of them.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use ureq::Agent;
use ureq::http::{HeaderMap, Request};

/// A server, which ends with this value; or with the process, however that ends.
#[derive(Debug)]
pub struct Server {
    child: Child,
    address: String,
    agent: Agent,
}

/// What a server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// A header as text; empty when there is none.
    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).map_or_else(String::new, |value| value.to_str().expect("ASCII").to_owned())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("text")
    }

    /// What stands between the tags `name`, each time.
    pub fn all(&self, name: &str) -> Vec<String> {
        let (text, tag) = (self.text(), format!("<{name}>"));
        let parts = text.split(&tag).skip(1);
        parts.map(|part| part.split("</").next().unwrap_or_default().to_owned()).collect()
    }
}

impl Server {
    /// Starts a server that says `Running on http://HOST:PORT` when it listens, and ends with its standard input.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut log: Box<dyn BufRead + Send> = Box::new(BufReader::new(child.stderr.take().expect("it is piped")));
        let mut out: Box<dyn BufRead + Send> = Box::new(BufReader::new(child.stdout.take().expect("it is piped")));
        if command.get_program() == "node" {
            std::mem::swap(&mut log, &mut out);
        }
        let mut said = String::new();
        let address = loop {
            let start = said.len();
            assert_ne!(log.read_line(&mut said).expect("text"), 0, "{command:?} ended: {said}");
            if let Some((_, address)) = said[start..].split_once("Running on http://") {
                break address.trim().to_owned();
            }
        };
        // They tell every request; a pipe that nobody reads would stop them.
        for mut pipe in [log, out] {
            std::thread::spawn(move || pipe.read_to_end(&mut Vec::new()));
        }
        let agent = Agent::config_builder().http_status_as_error(false).build().into();
        Self { child, address, agent }
    }

    /// `HOST:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Makes a request.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body).expect("a request");
        let mut answer = self.agent.run(request).unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let body = answer.body_mut().with_config().limit(100 << 20).read_to_vec().expect("a body");
        Answer { status: answer.status().as_u16(), headers: answer.headers().clone(), body }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
