//! `streampack live`: flags in, a set that players can follow out.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use streampack::av;
use streampack::config::{Preset, Seconds};
use streampack::event::{Control, Event, Observer, Warning};
use streampack::job::apart::is_within;
use streampack::job::keys::open_to_others;
use streampack::job::live::{self as job, Loss, OnLoss, Overload, Request, secret};
use streampack::job::sync::{CacheControl, Delivery};
use streampack::origin::Certificate;
use streampack::origin::live::Address;
use streampack::output::object::Location;
use streampack::plan::names;
use streampack::source::locator::{Listen, Locator};
use streampack::source::secret::Secret;

use super::Run;
use super::args::{Live, OriginFlags, SettingFlags, SourceFlags};
use super::delivery::{located as place_of, require_effect};
use super::error::Error;
use super::notify::{self, About, Hooks};
use super::run::{close, processors, start};
use super::serve::{self, Reached};
use super::view::View;
use super::{keys, layer, speke};

/// Segments that players are offered at a time.
const WINDOW: u64 = 6;

/// A source that gives nothing for so long is lost: one that comes evenly, and others.
const PATIENCE: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(10)];

/// A source that was lost is waited for so long.
const LOSS: Duration = Duration::from_secs(60);

/// The length of a part at low latency.
const PART: Duration = Duration::from_millis(500);

/// The source that the flags name, with its secrets.
fn located(input: Option<&str>, flags: &SourceFlags, run: &Run, view: &View<'_>) -> Result<Locator, Error> {
    let secret = |what, path: &Option<PathBuf>| -> Result<Option<Secret>, Error> {
        let Some(path) = path else { return Ok(None) };
        let (secret, warning) = secret::read(what, path)?;
        warning.iter().for_each(|warning| view.on(&Event::Warned(warning)));
        Ok(Some(secret))
    };
    let input = match (input, &flags.listen) {
        (Some(input), _) => input.parse::<Locator>().map_err(|error| Error::Usage(error.to_string()))?,
        (None, Some(listen)) => {
            let listen: Listen = listen.parse().map_err(|error| Error::Usage(format!("--listen: {error}")))?;
            if flags.takeover.is_some() && !listen.can_be_taken_over() {
                let why = "--takeover is for rtmp://…; a caller of srt has the port for himself until he goes";
                return Err(Error::Usage(why.to_owned()));
            }
            listen.into_locator(flags.takeover.unwrap_or_default())
        }
        (None, None) => return Err(Error::Usage("name a source, or pass --listen".to_owned())),
    };
    if input.tells_secrets() {
        let message = "the URL holds a password, which other users of this machine can see; put it in a file \
                       (--passphrase-file), or make sure that there are none";
        view.on(&Event::Warned(&Warning { code: "secret_in_arguments", message: message.to_owned() }));
    }
    let (key, passphrase) =
        (secret("stream key", &flags.stream_key_file)?, secret("passphrase", &flags.passphrase_file)?);
    let input = input.with_secrets(key, passphrase).map_err(|error| Error::Usage(error.to_string()))?;
    if input.holds_secrets() && run.logs_ffmpeg() {
        // It names URLs whole, and repeats what servers answer.
        streampack::av::init(false);
        let message = "FFmpeg's own messages are left out: they would repeat what is secret of the source".to_owned();
        view.on(&Event::Warned(&Warning { code: "ffmpeg_log_left_out", message }));
    }
    Ok(input)
}

/// What is done when the source is lost. Nothing stands in for pictures that are copied.
fn on_loss(asked: Option<OnLoss>, copy: bool) -> Result<OnLoss, Error> {
    match asked {
        Some(OnLoss::Slate) if copy => {
            let why = "--on-loss slate needs encoders, and --copy has none; choose wait or end";
            Err(Error::Usage(why.to_owned()))
        }
        Some(asked) => Ok(asked),
        None => Ok(if copy { OnLoss::Wait } else { OnLoss::Slate }),
    }
}

/// Makes a live set until the source ends or a signal comes.
pub(crate) fn live(live: Live, run: &Run, view: &View<'_>) -> Result<(), Error> {
    start(run);
    av::expect_filters();
    let hooks = Hooks::of(&live.hooks)?;
    let duration = |seconds: Seconds| Duration::from_secs_f64(seconds.as_f64());
    let Live {
        input,
        output,
        preset,
        quality,
        segments,
        window,
        audio,
        encryption,
        keys,
        source,
        serve: address,
        record,
        metadata_pipe,
        cache_control_media,
        cache_control_manifest,
        origin: OriginFlags { tls_cert, tls_key, token_key_file },
        no_hls,
        no_dash,
        force,
        resume,
        ..
    } = live;
    let place = place_of(&output)?;
    if resume && !matches!(place, Location::Directory(_)) {
        let why = "--resume is for a programme in a directory; one in a bucket begins anew, with a prefix of its own";
        return Err(Error::Usage(why.to_owned()));
    }
    if let (Some(record), Location::Directory(output)) = (&record, &place)
        && (is_within(record, output) || is_within(output, record))
    {
        let (record, output) = (record.display(), output.display());
        return Err(Error::Usage(format!("--record {record} and -o {output} are in each other; keep them apart")));
    }
    if address.is_some() {
        let (key, passphrase) = (&source.stream_key_file, &source.passphrase_file);
        let secrets = [&tls_key, &token_key_file, key, passphrase, &keys.key_file, &keys.cpix].map(Option::as_deref);
        serve::check_outside(&output, &secrets)?;
    }
    for (what, path) in [("TLS key", &tls_key), ("token key file", &token_key_file)] {
        if let Some(warning) = path.as_deref().and_then(|path| open_to_others(what, path)) {
            view.on(&Event::Warned(&warning));
        }
    }
    let certificate = tls_cert.zip(tls_key).map(|(chain, key)| Certificate { chain, key });
    let how = Reached { tls: certificate.is_some(), token: token_key_file.is_some() };
    let address = address.map(|at| Address { at, certificate, token_keys: token_key_file });
    let part = live.low_latency.then(|| live.part.map_or(PART, duration));
    let mut flags = SettingFlags { preset, quality, segments, audio, encryption, ..SettingFlags::default() };
    (flags.output.no_hls, flags.output.no_dash) = (no_hls, no_dash);
    let cache_control = CacheControl { media: cache_control_media, manifest: cache_control_manifest };
    require_effect(&Delivery { cache_control: cache_control.clone(), invalidate: None }, &place)?;
    let input = located(input.as_deref(), &source, run, view)?;
    if metadata_pipe.as_deref() == Some(Path::new("-")) && matches!(input, Locator::Stdin) {
        return Err(Error::Usage("--metadata-pipe - and the source are both standard input; name a pipe".to_owned()));
    }
    let [even, other] = PATIENCE;
    let loss = Loss {
        after: source.timeout.map_or(if input.comes_evenly() { even } else { other }, duration),
        then: on_loss(source.on_loss, live.copy)?,
        at_most: source.loss_timeout.map_or(LOSS, duration),
    };
    let settings = layer::resolve_over(Preset::LIVE, &flags, None)?.settings;
    if keys.speke.is_some() && settings.encryption.as_ref().is_some_and(|one| one.crypto_period_s.is_some()) {
        return Err(speke::Error::Periods.into());
    }
    let keys = keys::source(&keys, settings.encryption.as_ref(), view)?;
    let request = Request {
        input,
        output,
        settings,
        copy: live.copy,
        keys,
        window: window.window.unwrap_or(WINDOW),
        back: window.dvr.map(duration),
        paced: source.realtime,
        loss,
        overload: live.overload.unwrap_or(Overload::DropFrames),
        jobs: live.jobs.map_or_else(processors, NonZeroUsize::get),
        cache_control,
        force,
        resume,
        serve: address,
        record,
        metadata: metadata_pipe,
        part,
    };
    let control = Control { observer: view, cancel: &run.cancel };
    let (hls, dash) = (request.settings.hls, request.settings.dash);
    let served = |address| serve::tell_live(address, how, (hls, dash), &request.output, run, view);
    let made = job::run(&request, &run.clock, control, served);
    view.close();
    if let Ok(report) = &made {
        close(report, Path::new(&request.output), "makes", live.telling, run);
    }
    let report = made.as_ref().ok().map(serde_json::to_value).transpose()?;
    let about = About {
        inputs: vec![request.input.to_string()],
        output: request.output.display().to_string(),
        report_path: Some(request.output.join(names::REPORT).display().to_string()),
    };
    let stopped = || run.signals.caught().map_or(Ok(()), |signal| Err(Error::Closed(signal)));
    let result = made.map_err(Error::from).and_then(|_| stopped());
    notify::notify(result, report, (&hooks, &about), run, view)
}
