//! A server between a client and another server: passes requests on, writes them down, and spoils some of them.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A request that came, in the order of `began` and `ended`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// `PUT`.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// When it came: steps of a counter, not of a clock.
    pub began: u64,
    /// When the answer was known; later than everything that came before.
    pub ended: u64,
    /// The status that the other server gave; nothing when it was not asked.
    pub status: Option<u16>,
}

/// What is done to requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Nothing.
    Good,
    /// One of ten is refused, cut off or slow; which ones, the seed says.
    Bad(u64),
    /// Every answer is this one, with a body.
    Refusing(u16, &'static str),
    /// The same, of requests with this word in their path alone.
    RefusingOf(&'static str, u16, &'static str),
    /// Requests with this word in their path are held back until there is another mood.
    Holding(&'static str),
    /// Nobody is asked and nobody answers.
    Down,
    /// Uploads in parts were begun just now: of moto's all were begun in 2010.
    Young,
}

/// A proxy, which ends with this value.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    upstream: String,
    mood: Mutex<Mood>,
    step: AtomicU64,
    count: AtomicU64,
    faults: AtomicU64,
    seen: Mutex<Vec<Seen>>,
    over: AtomicBool,
}

/// What happens to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// 503, and the other server is not asked.
    Refused,
    /// The connection ends before the other server is asked.
    CutBefore,
    /// The connection ends after the other server has done it, and before the answer.
    CutAfter,
    /// The connection ends in the middle of the answer.
    CutWithin,
    /// The answer comes in small pieces.
    Slow,
}

impl Proxy {
    /// A proxy of the server at `HOST:PORT`.
    pub fn start(upstream: &str, mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        let shared = Arc::new(Shared {
            upstream: upstream.to_owned(),
            mood: Mutex::new(mood),
            step: AtomicU64::new(0),
            count: AtomicU64::new(0),
            faults: AtomicU64::new(0),
            seen: Mutex::default(),
            over: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if accepting.over.load(Ordering::SeqCst) {
                    return;
                }
                let serving = Arc::clone(&accepting);
                // A client that goes away is its own business.
                std::thread::spawn(move || client.and_then(|client| serving.serve(client)));
            }
        });
        Self { address, shared }
    }

    /// Where it listens, as a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on.
    pub fn set(&self, mood: Mood) {
        *self.shared.mood.lock().expect("no panic") = mood;
    }

    /// What came since the last time.
    pub fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.shared.seen.lock().expect("no panic"))
    }

    /// How many requests were spoilt.
    pub fn faults(&self) -> u64 {
        self.shared.faults.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts; when it cannot be reached it is gone.
        drop(TcpStream::connect(self.address));
    }
}

impl Shared {
    fn fault(&self, path: &str) -> Fault {
        // Not locked while a request is held back, or it would hold back all others.
        let mood = *self.mood.lock().expect("no panic");
        match mood {
            Mood::Good | Mood::Young | Mood::Refusing(..) | Mood::RefusingOf(..) => Fault::None,
            Mood::Down => Fault::CutBefore,
            Mood::Holding(word) => {
                let still = || *self.mood.lock().expect("no panic") == mood && !self.over.load(Ordering::SeqCst);
                while path.contains(word) && still() {
                    std::thread::sleep(Duration::from_millis(10));
                }
                Fault::None
            }
            Mood::Bad(seed) => {
                let n = mixed(seed, self.count.fetch_add(1, Ordering::SeqCst));
                let faults = [Fault::Refused, Fault::CutBefore, Fault::CutAfter, Fault::CutWithin, Fault::Slow];
                match n % 10 {
                    0 => faults[(n / 10 % 5) as usize],
                    _ => Fault::None,
                }
            }
        }
    }

    fn serve(&self, mut client: TcpStream) -> io::Result<()> {
        let Some(request) = Message::read(&mut client)? else { return Ok(()) };
        let began = self.step.fetch_add(1, Ordering::SeqCst);
        let mut words = request.head.split_whitespace().map(str::to_owned);
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let fault = self.fault(&path);
        if fault != Fault::None {
            self.faults.fetch_add(1, Ordering::SeqCst);
        }
        let mood = *self.mood.lock().expect("no panic");
        let refused = match mood {
            Mood::Refusing(status, body) => Some((status, body)),
            Mood::RefusingOf(word, status, body) if path.contains(word) => Some((status, body)),
            _ if fault == Fault::Refused => Some((503, "<Error><Code>SlowDown</Code></Error>")),
            _ => None,
        };
        let mut answer = None;
        if refused.is_none() && fault != Fault::CutBefore {
            answer = Some(self.pass_on(&request)?);
            if let Some(answer) = answer.as_mut().filter(|_| mood == Mood::Young) {
                let begun = b"<Initiated>2010";
                let at = answer.windows(begun.len()).enumerate().filter(|(_, window)| window == begun);
                for start in at.map(|(start, _)| start + begun.len()).collect::<Vec<_>>() {
                    answer[start - 4..start].copy_from_slice(b"2999");
                }
            }
        }
        let ended = self.step.fetch_add(1, Ordering::SeqCst);
        let status = answer.as_ref().and_then(|answer| answer.split(|b| *b == b' ').nth(1));
        let status = status.and_then(|status| std::str::from_utf8(status).ok()?.parse().ok());
        self.seen.lock().expect("no panic").push(Seen { method: method.clone(), path, began, ended, status });
        if let Some((status, body)) = refused {
            let body = if method == "HEAD" { "" } else { body };
            let head = format!("HTTP/1.1 {status} No\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            return client.write_all((head + body).as_bytes());
        }
        let Some(answer) = answer else { return client.shutdown(Shutdown::Both) };
        match fault {
            Fault::CutAfter => client.shutdown(Shutdown::Both),
            Fault::CutWithin => {
                client.write_all(&answer[..answer.len() * 2 / 3])?;
                client.shutdown(Shutdown::Both)
            }
            Fault::Slow => answer.chunks(64).try_for_each(|piece| {
                std::thread::sleep(Duration::from_millis(2));
                client.write_all(piece)
            }),
            Fault::None | Fault::Refused | Fault::CutBefore => client.write_all(&answer),
        }
    }

    /// Asks the other server, and gives its whole answer.
    fn pass_on(&self, request: &Message) -> io::Result<Vec<u8>> {
        let mut server = TcpStream::connect(&self.upstream)?;
        let mut head = String::new();
        for line in request.head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("connection:")) {
            head += &format!("{line}\r\n");
        }
        server.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes())?;
        server.write_all(&request.body)?;
        let mut answer = Vec::new();
        match server.read_to_end(&mut answer) {
            // The other side may end a connection without ceremony once it has said everything.
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset && !answer.is_empty() => {}
            other => {
                other?;
            }
        }
        Ok(answer)
    }
}

/// A request with its body.
struct Message {
    head: String,
    body: Vec<u8>,
}

impl Message {
    fn read(from: &mut TcpStream) -> io::Result<Option<Self>> {
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") {
            if from.read(&mut byte)? == 0 {
                return Ok(None);
            }
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head).trim_end().to_owned();
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
        });
        let mut body = vec![0; length.unwrap_or(0)];
        from.read_exact(&mut body)?;
        Ok(Some(Self { head, body }))
    }
}

/// A number that looks like chance and is not (SplitMix64).
fn mixed(seed: u64, n: u64) -> u64 {
    let mut z = seed.wrapping_add(n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
