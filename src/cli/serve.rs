//! `streampack serve`: tells where the server listens, opens the browser, and waits for the end.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::path::Path;

use streampack::event::{Event, Observer, Warning};
use streampack::origin::live::token;
use streampack::origin::{self, Serving, Set};
use streampack::plan::names;

use super::Run;
use super::args::Serve;
use super::error::Error;
use super::keys;
use super::line::ServedSet;
use super::terminal::Terminal;
use super::view::View;

/// Only this machine reaches it.
const ADDRESS: &str = "127.0.0.1:8080";

/// So many sets are listed; the page has them all.
const LISTED: usize = 8;

/// Serves `root` until a signal comes.
pub(crate) fn serve(serve: &Serve, root: &Path, run: &Run, view: &View<'_>) -> Result<(), Error> {
    let secrets = [&serve.keys.key_file, &serve.keys.cpix, &serve.key_token_file];
    check_outside(root, &secrets.map(Option::as_deref))?;
    let config = origin::Config {
        root: root.to_owned(),
        address: serve.addr.clone().unwrap_or_else(|| ADDRESS.to_owned()),
        preview: !serve.no_preview,
        keys: keys::read(&serve.keys, root, run, view)?,
        token: serve.key_token_file.as_deref().map(|path| keys::token(path, view)).transpose()?,
    };
    origin::serve(&config, &run.cancel, |serving| {
        let url = format!("http://{}", reachable(serving.address));
        let preview = serving.preview.map(|path| format!("{url}{path}"));
        match view {
            View::Json(json) => {
                json.serving(
                    &format!("{url}/"),
                    preview.as_deref(),
                    serving.sets.iter().map(|s| served(&url, s)).collect(),
                );
            }
            View::Bars(_) | View::Lines(_) | View::ManyBars(_) | View::ManyLines(_) | View::Silent => {
                tell(&run.terminal, &url, preview.as_deref(), serving);
            }
        }
        if let Some(warning) = exposed(serving.address, root, config.keys.is_some() && config.token.is_none()) {
            view.on(&Event::Warned(&warning));
        }
        if let Some(page) = preview.filter(|_| serve.open)
            && let Err(error) = open::that_detached(&page)
        {
            let message = format!("no browser could be opened ({error}); open {page}");
            view.on(&Event::Warned(&Warning { code: "no_browser", message }));
        }
    })?;
    match run.signals.caught() {
        Some(signal) => Err(Error::Closed(signal)),
        // The reader of the events has gone, which the view knows more about.
        None => Err(Error::Stdout(io::ErrorKind::BrokenPipe.into())),
    }
}

/// How a live programme is reached.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reached {
    /// With TLS.
    pub(super) tls: bool,
    /// With a token.
    pub(super) token: bool,
}

/// Tells where a live programme will be, in HLS and in DASH if it has that.
pub(super) fn tell_live(
    address: SocketAddr,
    how: Reached,
    (hls, dash): (bool, bool),
    root: &Path,
    run: &Run,
    view: &View<'_>,
) {
    let scheme = if how.tls { "https" } else { "http" };
    // Who may see it gets a token for it; it is no matter for a log.
    let directory = if how.token { format!("/{}/TOKEN", token::DIRECTORY) } else { String::new() };
    let url = format!("{scheme}://{}{directory}", reachable(address));
    let (hls, dash) = (hls.then(|| format!("{url}/{}", names::MASTER)), dash.then(|| format!("{url}/{}", names::MPD)));
    match view {
        View::Json(json) => json.serving(&format!("{url}/"), None, vec![ServedSet { path: "", hls, dash }]),
        View::Bars(_) | View::Lines(_) | View::ManyBars(_) | View::ManyLines(_) | View::Silent => {
            let rows = hls.into_iter().map(|url| (url, "HLS")).chain(dash.map(|url| (url, "DASH")));
            let line = |(url, what): (String, &str)| format!("{}  {what}\n", run.terminal.stderr.bold(&url));
            run.terminal.tell(&rows.map(line).collect::<String>());
        }
    }
    if let Some(warning) = exposed(address, root, false).filter(|_| !how.token) {
        view.on(&Event::Warned(&warning));
    }
}

/// Refuses secrets in files that would be served like any other.
pub(super) fn check_outside(root: &Path, secrets: &[Option<&Path>]) -> Result<(), Error> {
    let real = |path: &Path| path.canonicalize().ok();
    let Some(served) = real(root) else { return Ok(()) };
    match secrets.iter().flatten().find(|path| real(path).is_some_and(|path| path.starts_with(&served))) {
        Some(secret) => {
            let (secret, root) = (secret.display(), root.display());
            Err(Error::Usage(format!("{secret} lies in {root}, where everybody could fetch it; put it elsewhere")))
        }
        None => Ok(()),
    }
}

/// What must be said of an address that other machines reach: with `keys`, that they get those too.
fn exposed(address: SocketAddr, root: &Path, keys: bool) -> Option<Warning> {
    let keys = if keys { ", and get the keys; --key-token-file asks for a token" } else { "" };
    let message = format!("every machine that reaches {address} can read {}{keys}", root.display());
    (!address.ip().is_loopback()).then_some(Warning { code: "public_address", message })
}

/// An address to type: one that stands for every address of this machine becomes the one that others reach.
fn reachable(address: SocketAddr) -> SocketAddr {
    if !address.ip().is_unspecified() {
        return address;
    }
    let (here, there, own): (_, SocketAddr, IpAddr) = match address {
        // Addresses for documentation (RFC 5737, RFC 3849). Nothing is sent to them: to connect a UDP socket only
        // asks which way packets would go.
        SocketAddr::V4(_) => ("0.0.0.0:0", ([192, 0, 2, 1], 9).into(), Ipv4Addr::LOCALHOST.into()),
        SocketAddr::V6(_) => ("[::]:0", ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1], 9).into(), Ipv6Addr::LOCALHOST.into()),
    };
    let route = || {
        let socket = UdpSocket::bind(here)?;
        socket.connect(there)?;
        socket.local_addr()
    };
    SocketAddr::new(route().map_or(own, |found: SocketAddr| found.ip()), address.port())
}

fn served<'a>(url: &str, set: &'a Set) -> ServedSet<'a> {
    let hls = set.hls.then(|| format!("{url}{}{}", set.url, names::MASTER));
    let dash = set.dash.then(|| format!("{url}{}{}", set.url, names::MPD));
    ServedSet { path: &set.path, hls, dash }
}

/// The URLs for people, what each of them is behind it.
fn tell(terminal: &Terminal, url: &str, preview: Option<&str>, serving: &Serving) {
    let mut rows: Vec<(String, &str)> = preview.into_iter().map(|page| (page.to_owned(), "preview")).collect();
    for set in serving.sets.iter().take(LISTED) {
        let ServedSet { hls, dash, .. } = served(url, set);
        rows.extend(hls.map(|url| (url, "HLS")));
        rows.extend(dash.map(|url| (url, "DASH")));
    }
    rows.extend(serving.licence.map(|path| (format!("{url}{path}"), "Clear Key licences")));
    rows.extend(serving.key.map(|path| (format!("{url}{path}"), "keys of aes-128, with ?token=… or as Bearer")));
    let width = rows.iter().map(|(url, _)| url.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (url, what) in rows {
        text += &format!("{}{:indent$}  {what}\n", terminal.stderr.bold(&url), "", indent = width - url.len());
    }
    if let Some(more) = serving.sets.len().checked_sub(LISTED).filter(|more| *more > 0) {
        text += &format!("and {more} more {}\n", if more == 1 { "set" } else { "sets" });
    }
    terminal.tell(&(text + "Ctrl-C ends it\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_for_everybody_comes_with_a_warning() {
        let warned =
            |text: &str| exposed(text.parse().expect("an address"), Path::new("out"), false).map(|w| w.message);
        assert_eq!(warned("127.0.0.1:80"), None);
        assert_eq!(warned("[::1]:80"), None);
        assert_eq!(warned("0.0.0.0:80").as_deref(), Some("every machine that reaches 0.0.0.0:80 can read out"));
        let keys = exposed("0.0.0.0:80".parse().expect("an address"), Path::new("out"), true).map(|w| w.message);
        assert!(keys.is_some_and(|message| message.contains("get the keys")));
    }

    #[test]
    fn an_address_that_is_one_stays_and_one_for_all_becomes_one_to_type() {
        let address = |text: &str| text.parse::<SocketAddr>().expect("an address");
        assert_eq!(reachable(address("127.0.0.1:80")), address("127.0.0.1:80"));
        let found = reachable(address("0.0.0.0:8080"));
        assert!(!found.ip().is_unspecified() && found.port() == 8080, "{found}");
    }
}
