//! A server of one test, which answers what it is asked one after another.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

/// One request that was made.
#[derive(Debug)]
pub struct Asked {
    /// Request line and headers.
    pub head: String,
    /// The body, which is text.
    pub body: String,
}

/// Answers with these statuses and what `answer` makes of each body, and then ends. Gives its URL without a path.
pub fn server(
    statuses: &'static [u16],
    answer: impl Fn(&str) -> String + Send + 'static,
) -> (String, JoinHandle<Vec<Asked>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let answers = move || {
        let one = |status: &u16| {
            let (stream, _) = listener.accept().expect("a client comes");
            let mut reader = BufReader::new(stream);
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                reader.read_line(&mut head).expect("a request");
            }
            let lower = head.to_ascii_lowercase();
            let length = lower.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
            let mut body = vec![0; length.parse().expect("a number")];
            reader.read_exact(&mut body).expect("a body");
            let body = String::from_utf8(body).expect("text");
            let said = answer(&body);
            let said =
                format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{said}", said.len());
            reader.get_mut().write_all(said.as_bytes()).expect("the client waits");
            Asked { head, body }
        };
        statuses.iter().map(one).collect()
    };
    (url, std::thread::spawn(answers))
}
