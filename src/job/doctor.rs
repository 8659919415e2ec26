//! Whether this machine can do the work: what of FFmpeg there is, room for the output, and who may write to buckets.

use std::io::{self, Write};
use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use super::direct;
use crate::av::caps::{self, Libraries};
use crate::cancel::CancelToken;
use crate::clock::Clock;
use crate::output::object::{Location, Service, credentials};
use crate::output::{Error as OutputError, Objects, Output};

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Check {
    /// What: `FFmpeg`, `encoder libx264`, `output`.
    pub name: String,
    /// How it is.
    pub status: Status,
    /// What was found, for people.
    pub message: String,
    /// What to do about it; null when there is nothing to do.
    pub remedy: Option<String>,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// As it should be.
    Ok,
    /// Some work cannot be done, or is slow.
    Warn,
    /// Hardly any work can be done.
    Fail,
}

/// Encoders, what they are for, and how it is without them.
const ENCODERS: [(&str, &str, Status); 6] = [
    ("libx264", "H.264", Status::Fail),
    ("aac", "AAC", Status::Fail),
    ("ac3", "AC-3", Status::Warn),
    ("eac3", "E-AC-3", Status::Warn),
    ("libopus", "Opus", Status::Warn),
    ("flac", "FLAC", Status::Warn),
];

/// Filters, what they are for, and how it is without them.
const FILTERS: [(&str, &str, Status); 4] = [
    ("scale", "every rendition", Status::Fail),
    ("bwdif", "interlaced sources", Status::Warn),
    ("zscale", "HDR and colours that need conversion", Status::Warn),
    ("tonemap", "HDR", Status::Warn),
];

/// Decoders of what most sources hold, by the names of those that do.
const DECODERS: [(&str, &[&str]); 13] = [
    ("H.264", &["h264"]),
    ("HEVC", &["hevc"]),
    ("AV1", &["libdav1d", "libaom-av1", "av1"]),
    ("VP9", &["vp9"]),
    ("MPEG-2", &["mpeg2video"]),
    ("ProRes", &["prores"]),
    ("AAC", &["aac"]),
    ("AC-3", &["ac3"]),
    ("E-AC-3", &["eac3"]),
    ("MP3", &["mp3float", "mp3"]),
    ("Opus", &["opus", "libopus"]),
    ("FLAC", &["flac"]),
    ("PCM", &["pcm_s16le"]),
];

/// Less free space than this is none, and less than that is soon none: an hour of the default ladder takes 5 GB.
const NO_ROOM: u64 = 100_000_000;
const LITTLE_ROOM: u64 = 10_000_000_000;

/// What is written to measure the speed, in pieces of a MiB.
const TRIAL_MIB: usize = 32;
/// Bytes per second below which an encode may wait for the disk: ten times what a ladder has at four times realtime.
const SLOW: f64 = 20e6;

/// What is put into a bucket to see whether it can be, and taken away again. Hidden, so that no set can have one of
/// this name.
const TRIAL: &str = ".streampack-doctor";

/// Looks at everything. Nothing is left behind in `output`, a directory that need not exist, or the URL of a bucket.
pub fn check(output: &Path, clock: &dyn Clock, cancel: &CancelToken) -> Vec<Check> {
    let mut checks = vec![ffmpeg(), license()];
    checks.extend(ENCODERS.iter().map(|(name, codec, without)| encoder(name, codec, *without)));
    checks.extend(FILTERS.iter().map(|(name, what, without)| filter(name, what, *without)));
    checks.push(decoders());
    checks.push(hardware());
    checks.push(processors());
    match Location::parse(output.as_os_str()) {
        Ok(Location::Directory(directory)) => checks.extend(room(&directory, clock)),
        Ok(bucket @ Location::Bucket(_)) => {
            checks.extend(room(&direct::cache(), clock));
            checks.push(store(&bucket, cancel));
        }
        Err(error) => checks.push(refused("output", Status::Fail, &error.to_string())),
    }
    checks.extend(accounts(Service::ALL.map(|service| (service.scheme(), credentials(service)))));
    checks
}

fn ok(name: impl Into<String>, message: impl Into<String>) -> Check {
    Check { name: name.into(), status: Status::Ok, message: message.into(), remedy: None }
}

fn ffmpeg() -> Check {
    let one = |(name, version): &(String, String)| format!("{name} {version}");
    match caps::versions(Libraries::All) {
        Ok(versions) => ok("FFmpeg", versions.iter().map(one).collect::<Vec<_>>().join(", ")),
        Err(error) => {
            let others = caps::versions(Libraries::WithoutFilters).unwrap_or_default();
            let others: String = others.iter().map(|other| one(other) + ", ").collect();
            refused("FFmpeg", Status::Fail, &format!("{others}but {error}"))
        }
    }
}

fn license() -> Check {
    let license = caps::license();
    match license.contains("nonfree") {
        false => ok("licence", license),
        true => Check {
            name: "licence".to_owned(),
            status: Status::Warn,
            message: license,
            remedy: Some(
                "do not pass this FFmpeg on to others; for that, build it without --enable-nonfree".to_owned(),
            ),
        },
    }
}

fn encoder(name: &str, codec: &str, without: Status) -> Check {
    match caps::require_encoder(name) {
        Ok(()) => ok(format!("encoder {name}"), format!("there, for {codec}")),
        Err(error) => missing(format!("encoder {name}"), without, &format!("none for {codec}"), &error),
    }
}

fn filter(name: &str, what: &str, without: Status) -> Check {
    match caps::require_filter(name) {
        Ok(()) => ok(format!("filter {name}"), format!("there, for {what}")),
        Err(error) => missing(format!("filter {name}"), without, &format!("none for {what}"), &error),
    }
}

/// `error` says what is missing and, after a semicolon, what to do.
fn missing(name: String, status: Status, message: &str, error: &impl ToString) -> Check {
    let text = error.to_string();
    let remedy = text.split_once("; ").map_or(text.as_str(), |(_, remedy)| remedy).to_owned();
    Check { name, status, message: message.to_owned(), remedy: Some(remedy) }
}

/// `text` says what is wrong and, after a semicolon or else a colon, what to do.
fn refused(name: impl Into<String>, status: Status, text: &str) -> Check {
    let (message, remedy) = text.split_once("; ").or_else(|| text.split_once(": ")).unwrap_or((text, "try again"));
    Check { name: name.into(), status, message: message.to_owned(), remedy: Some(remedy.to_owned()) }
}

/// Whether a bucket can be read and written.
fn store(bucket: &Location, cancel: &CancelToken) -> Check {
    let tried = || -> Result<(), OutputError> {
        let objects = Objects::open(bucket, 1, cancel)?;
        // Who may not list is refused here on Amazon: there is no such object.
        objects.headers(TRIAL, cancel)?;
        objects.put(TRIAL, b"")?;
        objects.delete(TRIAL)
    };
    match tried() {
        Ok(()) => ok("output", format!("{bucket} can be read and written")),
        Err(error) => refused("output", Status::Fail, &error.to_string()),
    }
}

/// The credentials of each kind of bucket. Where there are none, only those who want to publish miss them.
fn accounts<E: ToString>(found: [(&'static str, Result<Option<String>, E>); 3]) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut without = Vec::new();
    for (scheme, found) in found {
        let name = format!("credentials {scheme}");
        match found {
            Ok(Some(from)) => checks.push(ok(name, format!("there, from {from}"))),
            Ok(None) => without.push(scheme),
            Err(error) => checks.push(refused(name, Status::Warn, &error.to_string())),
        }
    }
    if !without.is_empty() {
        checks.push(ok("credentials", format!("none for {}, which only buckets need", without.join(", "))));
    }
    checks
}

fn decoders() -> Check {
    let there = |names: &[&str]| names.iter().any(|name| caps::has_decoder(name));
    let (found, lost): (Vec<_>, Vec<_>) = DECODERS.iter().partition(|(_, names)| there(names));
    let list = |codecs: &[&(&str, &[&str])]| codecs.iter().map(|(codec, _)| *codec).collect::<Vec<_>>().join(", ");
    if lost.is_empty() {
        return ok("decoders", list(&found));
    }
    Check {
        name: "decoders".to_owned(),
        status: Status::Warn,
        message: format!("none for {}", list(&lost)),
        remedy: Some("install an FFmpeg built with them, if sources hold these".to_owned()),
    }
}

fn hardware() -> Check {
    let devices = caps::hardware();
    let names = |usable: bool| -> Vec<&str> {
        devices.iter().filter(|device| device.usable == usable).map(|device| device.name.as_str()).collect()
    };
    let (usable, known) = (names(true).join(", "), names(false).join(", "));
    let message = match (usable.is_empty(), known.is_empty()) {
        (true, true) => "FFmpeg knows none".to_owned(),
        (true, false) => format!("no device here (FFmpeg knows {known})"),
        (false, _) => format!("{usable} can be opened"),
    };
    ok("hardware", message + "; streampack encodes in software, with the same bytes everywhere")
}

fn processors() -> Check {
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    let plural = if count == 1 { "" } else { "s" };
    ok("processors", format!("{count} thread{plural}, which is what -j is without a number"))
}

/// Whether the output can be written to, how much fits, and how fast it is.
fn room(output: &Path, clock: &dyn Clock) -> Vec<Check> {
    let existing = output.ancestors().find(|path| path.exists()).filter(|path| !path.as_os_str().is_empty());
    let directory = existing.unwrap_or(Path::new("."));
    let refused = |error: &io::Error| Check {
        name: "output".to_owned(),
        status: Status::Fail,
        message: format!("cannot write to {}: {error}", directory.display()),
        remedy: Some("choose another output, or make this one writable".to_owned()),
    };
    let space = match fs4::available_space(directory) {
        Ok(bytes) => space(directory, bytes),
        Err(error) => return vec![refused(&error)],
    };
    match trial(directory, clock) {
        Ok(rate) => vec![space, speed(directory, rate)],
        // What is said of a full disk need not be said twice.
        Err(_) if space.status == Status::Fail => vec![space],
        Err(error) => vec![space, refused(&error)],
    }
}

fn space(directory: &Path, bytes: u64) -> Check {
    let message = format!("{:.1} GB free in {}", bytes as f64 / 1e9, directory.display());
    let status = match bytes {
        ..NO_ROOM => Status::Fail,
        NO_ROOM..LITTLE_ROOM => Status::Warn,
        _ => return ok("disk space", message),
    };
    let remedy = "make room: an hour of the default ladder takes about 5 GB, and up to as much while it is made";
    Check { name: "disk space".to_owned(), status, message, remedy: Some(remedy.to_owned()) }
}

/// Bytes per second of a file that nobody sees.
fn trial(directory: &Path, clock: &dyn Clock) -> io::Result<f64> {
    let piece = vec![0x5a; 1 << 20];
    let mut file = tempfile::tempfile_in(directory)?;
    let start = clock.elapsed();
    for _ in 0..TRIAL_MIB {
        file.write_all(&piece)?;
    }
    file.sync_data()?;
    let seconds = (clock.elapsed() - start).as_secs_f64();
    Ok((TRIAL_MIB * piece.len()) as f64 / seconds.max(1e-6))
}

fn speed(directory: &Path, rate: f64) -> Check {
    let message = format!("{:.0} MB/s in {}", rate / 1e6, directory.display());
    if rate >= SLOW {
        return ok("disk speed", message);
    }
    let remedy = "encode into a faster disk, and copy the set afterwards; network file systems are slow here";
    Check { name: "disk speed".to_owned(), status: Status::Warn, message, remedy: Some(remedy.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    #[test]
    fn this_machine_can_encode_and_nothing_is_left_behind() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let checks = check(&directory.path().join("a/b"), &SystemClock::start(), &CancelToken::default());
        let of = |name: &str| checks.iter().find(|check| check.name == name).expect(name).status;
        for name in ["FFmpeg", "encoder libx264", "encoder aac", "filter scale"] {
            assert_eq!(of(name), Status::Ok, "{name}");
        }
        assert!(checks.iter().all(|check| (check.status == Status::Ok) == check.remedy.is_none()), "{checks:#?}");
        assert_eq!(std::fs::read_dir(directory.path()).expect("readable").count(), 0);
    }

    #[test]
    fn what_is_missing_says_what_to_do() {
        let check = encoder("libx999", "H.999", Status::Fail);
        assert_eq!((check.status, check.message.as_str()), (Status::Fail, "none for H.999"));
        assert_eq!(check.remedy.as_deref(), Some("install an FFmpeg built with it"));
        assert_eq!(filter("nothing", "nobody", Status::Warn).status, Status::Warn);
    }

    #[test]
    fn credentials_that_are_named_and_not_to_be_had_say_what_to_do() {
        use crate::output::Refusal;
        let denied = Refusal::NoCredentials("profile work: run aws sso login".to_owned());
        let checks = accounts([("s3://", Err(denied)), ("gs://", Ok(Some("a file".to_owned()))), ("az://", Ok(None))]);
        let lines: Vec<_> =
            checks.iter().map(|check| (check.name.as_str(), check.status, check.message.as_str())).collect();
        assert_eq!(
            lines,
            [
                ("credentials s3://", Status::Warn, "no credentials were found"),
                ("credentials gs://", Status::Ok, "there, from a file"),
                ("credentials", Status::Ok, "none for az://, which only buckets need"),
            ]
        );
        assert_eq!(checks[0].remedy.as_deref(), Some("profile work: run aws sso login"));
    }

    #[test]
    fn a_place_that_is_none_fails_with_the_remedy() {
        let checks = check(Path::new("ftp://host/x"), &SystemClock::start(), &CancelToken::default());
        let output = checks.iter().find(|check| check.name == "output").expect("looked at");
        assert_eq!((output.status, output.message.as_str()), (Status::Fail, "ftp:// outputs are not supported"));
        assert!(output.remedy.as_deref().is_some_and(|remedy| remedy.starts_with("give s3://")), "{output:?}");
    }

    #[test]
    fn little_room_and_slow_disks_are_told() {
        let statuses = [0, NO_ROOM, LITTLE_ROOM].map(|bytes| space(Path::new("."), bytes).status);
        assert_eq!(statuses, [Status::Fail, Status::Warn, Status::Ok]);
        assert_eq!([SLOW - 1.0, SLOW].map(|rate| speed(Path::new("."), rate).status), [Status::Warn, Status::Ok]);
    }
}
