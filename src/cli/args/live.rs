//! Flags of `live`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use streampack::config::Seconds;
use streampack::job::live::{OnLoss, Overload};
use streampack::source::locator::{Listen, Locator};
use streampack::source::takeover::Takeover;

use super::super::encryption::{EncryptionFlags, KeyFlags};
use super::settings::{AudioFlags, QualityFlags, SegmentFlags};
use super::values::{directory, header, jobs, on_loss, overload, takeover};
use super::{HookFlags, Telling};

/// Flags of `live`.
#[derive(Debug, Args)]
pub(crate) struct Live {
    /// The source: a URL (http, https, rtmp, rtmps, srt), a file, or - for standard input
    #[arg(value_name = "INPUT", required_unless_present = "listen", conflicts_with = "listen")]
    // As text: clap would repeat one that it refuses, with its secrets.
    pub(crate) input: Option<String>,
    /// The directory that is made, or s3://BUCKET/PREFIX, gs://… or az://…; it holds the window, and is complete at the
    /// end
    ///
    /// Into a bucket each segment goes as soon as it is finished, and then the manifests that name it.
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// The settings to start from: a name of `streampack presets`, or a JSON file [default: live]
    #[arg(short, long, value_name = "NAME|FILE")]
    pub(crate) preset: Option<String>,
    /// Encode nothing: the H.264 or HEVC and the AAC of the source, as they are
    ///
    /// There is one rendition of the pictures. A segment ends with the first key frame (IDR) that comes when it is as long
    /// as --segment-duration; players are told that --gop may pass until then. A source that is lost is waited for
    /// (--on-loss wait), for nothing can stand in for it. The programme ends where key frames come later than that, or the headers of a track change.
    #[arg(
        long,
        help_heading = "Video",
        conflicts_with_all = [
            "ladder", "video_codec", "crf", "rate_control", "speed", "top_rung", "audio", "loudness", "overload"
        ]
    )]
    pub(crate) copy: bool,
    #[command(flatten)]
    pub(crate) quality: QualityFlags,
    #[command(flatten)]
    pub(crate) segments: SegmentFlags,
    #[command(flatten)]
    pub(crate) window: WindowFlags,
    #[command(flatten)]
    pub(crate) audio: AudioFlags,
    #[command(flatten)]
    pub(crate) encryption: EncryptionFlags,
    #[command(flatten)]
    pub(crate) keys: KeyFlags,
    #[command(flatten)]
    pub(crate) source: SourceFlags,
    /// Serve it at HOST:PORT while it lasts, and as long as a playlist after it
    ///
    /// With /healthz and Prometheus metrics at /metrics. 0.0.0.0:PORT lets other machines in.
    #[arg(long, value_name = "ADDR", help_heading = "Output")]
    pub(crate) serve: Option<String>,
    #[command(flatten)]
    pub(crate) origin: OriginFlags,
    /// Offer segments in parts as they are made: players stay some three parts behind instead of three segments
    ///
    /// HLS has the parts as objects of their own (LL-HLS), DASH sends a segment while it is made (LL-DASH). Pictures are
    /// encoded without waiting for those after them, which costs bits.
    #[arg(long, requires = "serve", help_heading = "Low latency")]
    pub(crate) low_latency: bool,
    /// Length of a part in seconds, 0.2 to 1 [default: 0.5]
    #[arg(long, value_name = "SECONDS", requires = "low_latency", help_heading = "Low latency")]
    pub(crate) part: Option<Seconds>,
    /// Keep all of the programme in this directory, which is a complete set when it has ended
    ///
    /// The same segments, as the same files where both are in one file system. When they cannot be kept any more, the
    /// programme goes on. A directory that holds a set, or what a run has begun, is refused without --force.
    #[arg(long, value_name = "DIR", help_heading = "Output", value_parser = directory())]
    pub(crate) record: Option<PathBuf>,
    /// Tell players what is written to this named pipe or file, line by line, when they come to that time
    ///
    /// Each line is a JSON object: {"text": "hello"}, {"id": "chat", "data": {…}} or {"id3": {"TXXX": {…}, "PRIV": {…}}},
    /// with "at" (a time of RFC 3339; else the next chunk) and "duration" (seconds) where wanted. It becomes an ID3 tag in
    /// an emsg box in front of the pictures, or of the sound where there are none. Writers may come and go. A line that is
    /// not as it should be is left out, with a warning. - is standard input, where that is not INPUT.
    #[arg(long, value_name = "PATH", help_heading = "Metadata")]
    pub(crate) metadata_pipe: Option<PathBuf>,
    /// Write no HLS playlists
    #[arg(long, conflicts_with = "no_dash", help_heading = "Output")]
    pub(crate) no_hls: bool,
    /// Write no DASH MPD
    #[arg(long, help_heading = "Output")]
    pub(crate) no_dash: bool,
    /// Cache-Control of segments and headers in a bucket [default: public, max-age=60]
    #[arg(long, value_name = "VALUE", value_parser = header, help_heading = "Delivery")]
    pub(crate) cache_control_media: Option<String>,
    /// Cache-Control of manifests in a bucket [default: public, max-age=0, s-maxage=1, must-revalidate]
    ///
    /// Without it s-maxage is 60 when the programme has ended.
    #[arg(long, value_name = "VALUE", value_parser = header, help_heading = "Delivery")]
    pub(crate) cache_control_manifest: Option<String>,
    #[command(flatten)]
    pub(crate) hooks: HookFlags,
    /// Replace files of others
    ///
    /// Without it a file that stands where an object of the set will, and that streampack did not make, ends
    /// the run.
    #[arg(long, help_heading = "Run")]
    pub(crate) force: bool,
    /// Go on with the programme that an earlier run has begun in OUT and was killed in
    ///
    /// Numbers of segments go on, and a break (EXT-X-DISCONTINUITY, a new Period) stands where nothing was made. The flags
    /// must be the same, and the source give the same renditions. Where there is no such programme a new one begins.
    #[arg(long, conflicts_with_all = ["force", "low_latency", "copy"], help_heading = "Run")]
    pub(crate) resume: bool,
    /// What to do when this machine does not keep up with a source in real time [default: drop-frames]
    ///
    /// Rungs are spared from the largest on, one more every two seconds while encoding falls behind, and one less when it
    /// has kept up for a while. drop-frames: they show one picture of five. drop-rung: they show one picture of
    /// each group (--gop). fail: the programme ends.
    #[arg(long, value_name = "WHAT", help_heading = "Run", value_parser = overload())]
    pub(crate) overload: Option<Overload>,
    /// Use so many processors [default: all]
    #[arg(short, long, value_name = "N", help_heading = "Run", value_parser = jobs)]
    pub(crate) jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(crate) telling: Telling,
}

impl Live {
    /// The source as messages name it; nothing where it is none.
    pub(crate) fn source_name(&self) -> String {
        let input = self.input.as_deref().and_then(|input| input.parse::<Locator>().ok());
        let listen = self.source.listen.as_deref().and_then(|listen| listen.parse::<Listen>().ok());
        let source = input.or_else(|| listen.map(|listen| listen.into_locator(Takeover::Reject)));
        source.map_or_else(String::new, |source| source.to_string())
    }
}

/// How it is served.
#[derive(Debug, Args)]
#[command(next_help_heading = "Server")]
pub(crate) struct OriginFlags {
    /// Serve it with TLS (https, HTTP/2), with the certificate in this PEM file and those that lead to its root
    #[arg(long, value_name = "FILE", requires_all = ["serve", "tls_key"])]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The private key of the certificate, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Serve it to those alone who have a token of `streampack token`, signed with a key of this file
    ///
    /// One key to a line, of 16 characters or more. All are good, so that they can be replaced. /healthz and /metrics
    /// need no token.
    #[arg(long, value_name = "FILE", requires = "serve")]
    pub(crate) token_key_file: Option<PathBuf>,
}

/// What players are offered at a time.
#[derive(Debug, Args)]
#[command(next_help_heading = "Window")]
pub(crate) struct WindowFlags {
    /// So many segments, 3 or more [default: 6]
    ///
    /// Objects go when no player can want them any more: as long after they were offered last as the window lasts.
    #[arg(long, value_name = "SEGMENTS")]
    pub(crate) window: Option<u64>,
    /// So much time, if that is more: 90, 30m, 2h
    #[arg(long, value_name = "TIME")]
    pub(crate) dvr: Option<Seconds>,
}

/// How the source is read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Source")]
pub(crate) struct SourceFlags {
    /// Wait for a publisher at rtmp://ADDRESS:PORT/APPLICATION or srt://ADDRESS:PORT, in place of INPUT
    ///
    /// 0.0.0.0 lets other machines in. Publishers of RTMP need the key in --stream-key-file, those of SRT the passphrase in
    /// --passphrase-file.
    #[arg(long, value_name = "URL")]
    pub(crate) listen: Option<String>,
    /// The stream key: the one line of this file
    ///
    /// It is the last part of an rtmp:// URL that ends before it, or the stream id of srt://, and what publishers of RTMP
    /// must know where they are waited for. Keys in URLs are seen by other users of the machine.
    #[arg(long, value_name = "FILE")]
    pub(crate) stream_key_file: Option<PathBuf>,
    /// The passphrase of srt://: the one line of this file
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// What becomes of a publisher of RTMP who comes while another one is there [default: reject]
    #[arg(long, value_name = "WHAT", value_parser = takeover(), requires = "listen")]
    pub(crate) takeover: Option<Takeover>,
    /// Read no faster than the media is shown; for files and pipes that hold more than the present
    #[arg(long)]
    pub(crate) realtime: bool,
    /// A source is lost when nothing comes for so long [default: 5 for RTMP and SRT, 10 for others]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timeout: Option<Seconds>,
    /// What to do when a source of the network is lost [default: slate, and wait with --copy]
    ///
    /// slate: the programme goes on, with the last picture for five seconds and then black, in silence; the source is
    /// opened again and again. wait: it is opened again as well, and nothing is made meanwhile; the programme goes on
    /// after a break (EXT-X-DISCONTINUITY, a new Period). end: the programme ends.
    #[arg(long, value_name = "WHAT", value_parser = on_loss())]
    pub(crate) on_loss: Option<OnLoss>,
    /// A lost source ends the programme when it is not back within so long [default: 60]
    #[arg(long, value_name = "TIME")]
    pub(crate) loss_timeout: Option<Seconds>,
}
