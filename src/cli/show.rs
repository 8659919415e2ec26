//! A source and a plan as tables for people and as JSON for scripts.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;
use streampack::config::{Origin, Resolved, Setting};
use streampack::job::sync;
use streampack::job::vod::Planned;
use streampack::media::ColorInfo;
use streampack::plan::{
    AudioReason, CopiedRendition, Plan, RateControl, SoundLeftOut, TextRendition, TextSource, VideoRendition,
};
use streampack::source::{AudioInfo, Sidecar, SourceInfo, TextInfo, VideoInfo};

use super::document::{Decided, Destined, PlanDocument, SourceDocument, VERSION};
use super::error::{Error, one_line};

/// Rows of names and values, the values in one column.
fn rows(out: &mut String, indent: usize, rows: &[(&str, String)]) {
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(out, "{:indent$}{name:<width$}  {}", "", one_line(value));
    }
}

fn seconds(us: i64) -> String {
    format!("{:.3} s", us as f64 / 1e6)
}

fn optional<T: ToString>(value: Option<&T>) -> String {
    value.map_or_else(String::new, T::to_string)
}

fn codec(name: &str, profile: Option<&String>) -> String {
    profile.map_or_else(|| name.to_owned(), |profile| format!("{name} {profile}"))
}

fn kilobits(bitrate: Option<u64>) -> String {
    bitrate.map_or_else(String::new, |bps| format!("{} kb/s", bps / 1000))
}

fn frame_rate(video: &VideoInfo) -> String {
    let Some(timing) = &video.timing else { return optional(video.declared_rate.as_ref()) };
    match timing.exact_rate {
        Some(rate) if timing.constant => format!("{rate} (constant)"),
        Some(rate) => format!("{rate} (some frames missing)"),
        None => format!("variable, {:.3} on average", timing.mean_rate),
    }
}

fn color(color: ColorInfo) -> String {
    let ColorInfo { primaries, transfer, matrix, full_range } = color;
    let range = if full_range { "full" } else { "narrow" };
    let hdr = if color.is_hdr() { ", HDR" } else { "" };
    if (primaries, transfer, matrix) == (2, 2, 2) {
        return format!("unsaid, {range} range");
    }
    let (primaries, transfer, matrix) = (primaries_name(primaries), transfer_name(transfer), matrix_name(matrix));
    if primaries == transfer && transfer == matrix {
        return format!("{primaries}, {range} range");
    }
    format!("primaries {primaries}, transfer {transfer}, matrix {matrix}, {range} range{hdr}")
}

/// A code point of ITU-T H.273 § 8.1, by its name where it is common.
fn primaries_name(code: u8) -> String {
    match code {
        1 => "BT.709".to_owned(),
        2 => "unsaid".to_owned(),
        5 => "BT.601 (625 lines)".to_owned(),
        6 => "BT.601 (525 lines)".to_owned(),
        9 => "BT.2020".to_owned(),
        12 => "Display P3".to_owned(),
        code => code.to_string(),
    }
}

/// A code point of ITU-T H.273 § 8.2, by its name where it is common.
fn transfer_name(code: u8) -> String {
    match code {
        1 => "BT.709".to_owned(),
        2 => "unsaid".to_owned(),
        6 => "BT.601".to_owned(),
        13 => "sRGB".to_owned(),
        14 | 15 => "BT.2020".to_owned(),
        ColorInfo::TRANSFER_PQ => "PQ".to_owned(),
        ColorInfo::TRANSFER_HLG => "HLG".to_owned(),
        code => code.to_string(),
    }
}

/// A code point of ITU-T H.273 § 8.3, by its name where it is common.
fn matrix_name(code: u8) -> String {
    match code {
        0 => "RGB".to_owned(),
        1 => "BT.709".to_owned(),
        2 => "unsaid".to_owned(),
        5 | 6 => "BT.601".to_owned(),
        9 | 10 => "BT.2020".to_owned(),
        code => code.to_string(),
    }
}

/// `stereo`; the number of channels where the layout does not say it.
fn channels(audio: &AudioInfo) -> String {
    match (audio.channels, audio.channel_layout.as_str()) {
        (1, "mono") | (2, "stereo") => audio.channel_layout.clone(),
        (1, layout) => format!("{layout} (1 channel)"),
        (count, layout) => format!("{layout} ({count} channels)"),
    }
}

fn video_rows(video: &VideoInfo) -> Vec<(&'static str, String)> {
    let when = |said: bool, text: String| if said { text } else { String::new() };
    let (aspect, fields) = (video.pixel_aspect, video.field_order);
    let frames = video.timing.as_ref().map(|t| format!("{} ({} key frames)", t.frames, t.key_frames_us.len()));
    vec![
        ("codec", codec(&video.codec, video.profile.as_ref())),
        ("size", format!("{} {} {} bit", video.resolution, video.pixel_format, video.bit_depth)),
        ("pixel aspect", when(aspect.num != aspect.den, format!("{}:{}", aspect.num, aspect.den))),
        ("turned", when(video.rotation != 0, format!("{}° clockwise", video.rotation))),
        ("mirrored", when(video.mirrored, "left to right".to_owned())),
        ("frame rate", frame_rate(video)),
        ("frames", frames.unwrap_or_default()),
        ("fields", when(fields.is_interlaced(), format!("{fields:?}").to_lowercase())),
        ("colour", color(video.color)),
        ("time", format!("{} to {}", seconds(video.start_us), seconds(video.end_us))),
        ("bit rate", kilobits(video.bitrate)),
        ("language", when(!video.language.is_undetermined(), video.language.to_string())),
        ("captions", video.captions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    ]
}

fn audio_rows(audio: &AudioInfo) -> Vec<(&'static str, String)> {
    let marks = [
        (audio.default, "default"),
        (audio.commentary, "commentary"),
        (audio.description, "description"),
        (audio.dub, "dub"),
    ];
    let marks: Vec<_> = marks.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect();
    vec![
        ("codec", codec(&audio.codec, audio.profile.as_ref())),
        ("sound", format!("{} Hz, {}", audio.sample_rate, channels(audio))),
        ("language", audio.language.to_string()),
        ("title", optional(audio.title.as_ref())),
        ("marked", marks.join(", ")),
        ("time", format!("{} to {}", seconds(audio.start_us), seconds(audio.end_us))),
        ("bit rate", kilobits(audio.bitrate)),
    ]
}

fn text_rows(text: &TextInfo) -> Vec<(&'static str, String)> {
    let marks = [
        (text.default, "default"),
        (text.forced, "forced"),
        (text.hearing_impaired, "hearing impaired"),
        (text.commentary, "commentary"),
    ];
    let marks: Vec<_> = marks.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect();
    vec![
        ("codec", text.codec.clone()),
        ("language", text.language.to_string()),
        ("title", optional(text.title.as_ref())),
        ("marked", marks.join(", ")),
        ("packets", optional(text.packets.as_ref())),
    ]
}

/// A source as a table.
pub(crate) fn source(info: &SourceInfo) -> String {
    let mut out = format!("{}\n", super::error::one_line(&info.input));
    let container = [
        ("container", info.container.clone()),
        ("title", optional(info.title.as_ref())),
        ("bytes", optional(info.bytes.as_ref())),
        ("time", format!("{} to {}", seconds(info.start_us), seconds(info.end_us))),
    ];
    rows(&mut out, 2, &container);
    for video in &info.video {
        let _ = writeln!(out, "  track {}: video", video.track.0);
        rows(&mut out, 4, &video_rows(video));
    }
    for audio in &info.audio {
        let _ = writeln!(out, "  track {}: audio", audio.track.0);
        rows(&mut out, 4, &audio_rows(audio));
    }
    for text in &info.text {
        let _ = writeln!(out, "  track {}: subtitles", text.track.0);
        rows(&mut out, 4, &text_rows(text));
    }
    for (number, chapter) in (1..).zip(&info.chapters) {
        let title = chapter.title.as_deref().unwrap_or_default();
        let (start, end) = (seconds(chapter.start_us), seconds(chapter.end_us));
        let _ = writeln!(out, "  chapter {number}: {start} to {end} {}", super::error::one_line(title));
    }
    for other in &info.other {
        let codec = optional(other.codec.as_ref());
        let _ = writeln!(out, "  track {}: {} {codec} {}", other.track.0, other.kind, other.language);
    }
    out
}

/// A source as one JSON object.
pub(crate) fn source_json(info: &SourceInfo) -> Result<String, Error> {
    json(&SourceDocument { v: VERSION, r#type: SourceDocument::TYPE, source: info })
}

fn rendition(rendition: &VideoRendition) -> String {
    let encoding = &rendition.encoding;
    let bits = match encoding.rate_control {
        RateControl::CappedCrf { crf } => format!("crf {crf} up to {}", encoding.maxrate),
        RateControl::Vbr => format!("{} on average, up to {}", encoding.bitrate, encoding.maxrate),
        RateControl::TwoPass => format!("{} on average in two passes, up to {}", encoding.bitrate, encoding.maxrate),
    };
    let options: Vec<_> = encoding.options.iter().map(|(key, value)| format!("{key}={value}")).collect();
    format!("{}  {bits}\n      {} {}", rendition.resolution, encoding.encoder, options.join(" "))
}

/// What a subtitle rendition is, in words.
pub(crate) fn words(text: &TextRendition) -> String {
    let marks = [
        (text.default, ", default"),
        (text.forced, ", forced"),
        (text.hearing_impaired, ", for the hard of hearing"),
        (text.commentary, ", commentary"),
    ];
    let marks: String = marks.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect();
    format!("{} \"{}\"{marks}", text.language, super::error::one_line(&text.label))
}

/// Where the words of a subtitle rendition come from.
fn words_from(text: &TextRendition, sidecars: &[Sidecar]) -> String {
    match text.from {
        TextSource::Track { track, .. } => format!("track {}", track.0),
        TextSource::Sidecar { number } => {
            sidecars.get(number).map_or_else(String::new, |sidecar| super::error::one_line(&sidecar.input))
        }
    }
}

/// Why there is a rendition that nobody asked for.
fn reason(reason: AudioReason) -> &'static str {
    match reason {
        AudioReason::Asked => "",
        AudioReason::PlaysEverywhere => ", added: every player needs stereo AAC",
        AudioReason::BesideDolbyPlus => ", added: E-AC-3 comes with AC-3",
    }
}

/// A plan as a table, with the origin of each setting.
pub(crate) fn plan(
    planned: &Planned,
    resolved: &Resolved,
    publish: Option<&sync::Request>,
    delivery: Option<&Destined>,
) -> String {
    let Planned { info, sidecars, plan, .. } = planned;
    let mut out = source(info);
    let grid = &plan.grid;
    let _ = writeln!(out, "\nplan");
    let mut facts = vec![
        ("length", plan.duration().to_string()),
        ("begins at", format!("{} of the source", seconds(plan.origin_us))),
        (
            "segments",
            format!(
                "{} of {}, a key frame every {} frames",
                grid.segments(),
                grid.segment_duration(),
                grid.gop_frames()
            ),
        ),
    ];
    if let Some(video) = &plan.video {
        facts.push(("frame rate", grid.rate().to_string()));
        facts.push(("shards", video.shards.len().to_string()));
    }
    if let Some(request) = publish {
        facts.push(("publish", published(request)));
    }
    rows(&mut out, 2, &facts);
    for copied in plan.video.iter().filter_map(|video| video.copied.as_ref()) {
        let CopiedRendition { id, resolution, bitrate, track, .. } = copied;
        let _ = writeln!(out, "  {id}  {resolution}  {bitrate} as it is\n      copy of track {}", track.0);
    }
    for made in plan.video.iter().flat_map(|video| &video.renditions) {
        let _ = writeln!(out, "  {}  {}", made.id, rendition(made));
    }
    for audio in &plan.audio {
        let _ = writeln!(
            out,
            "  {}  track {}, {} Hz {}, {}{}, \"{}\"{}{}",
            audio.id,
            audio.track.0,
            audio.sample_rate,
            audio.layout,
            audio.bitrate,
            if audio.is_copy() { ", copied" } else { "" },
            audio.label,
            if audio.default { ", default" } else { "" },
            reason(audio.reason)
        );
    }
    for reason in plan.video.iter().flat_map(|video| &video.not_copied) {
        let _ = writeln!(out, "  top rung not copied: {reason}");
    }
    if let Some(loudness) = plan.loudness {
        let (target, peak) = (loudness.target_lufs, loudness.highest_peak_dbtp);
        let _ = writeln!(out, "  loudness  {target} LUFS, true peaks up to {peak} dBTP, in two passes");
    }
    for SoundLeftOut { track, asked, why } in &plan.left_out {
        let _ = writeln!(out, "  {asked}  of track {} is left out: {why}", track.0);
    }
    for track in &plan.captions {
        let _ = writeln!(out, "  {}  closed captions, {} \"{}\"", track.service, track.language, track.label);
    }
    for text in &plan.text {
        let _ = writeln!(out, "  {}  {} of {}", text.id, words(text), words_from(text, sidecars));
    }
    for plain in &plan.progressive {
        let sound = plain.audio.as_ref().map_or_else(String::new, |id| format!(" and {id}"));
        let _ = writeln!(out, "  {}  {}{sound}, for download", plain.file, plain.video);
    }
    if let Some(thumbnails) = plan.video.as_ref().and_then(|video| video.thumbnails.as_ref()) {
        let sheet = format!("{}x{} tiles", thumbnails.columns, thumbnails.rows);
        let _ = writeln!(out, "  thumbnails  {} every {}, {sheet} a sheet", thumbnails.tile, thumbnails.interval);
    }
    let _ = writeln!(out, "\nsettings");
    let settings = settings(resolved);
    let width = settings.keys().map(|setting| setting.name().len()).max().unwrap_or(0);
    for (setting, Decided { value, origin }) in settings {
        let _ = writeln!(out, "  {:<width$}  {value}  ({origin})", setting.name());
    }
    out + &delivery.map_or_else(String::new, Destined::table)
}

/// Each setting that somebody decided.
fn settings(resolved: &Resolved) -> BTreeMap<Setting, Decided> {
    let values = serde_json::to_value(&resolved.settings).unwrap_or_default();
    let value = |setting: Setting| values.get(setting.name()).cloned().unwrap_or_default();
    let decided =
        |(setting, origin): (&Setting, &Origin)| (*setting, Decided { value: value(*setting), origin: origin.clone() });
    resolved.origins.iter().map(decided).collect()
}

/// Source, plan and settings as one JSON object.
pub(crate) fn plan_json(
    info: &SourceInfo,
    plan: &Plan,
    resolved: &Resolved,
    publish: Option<&sync::Request>,
    delivery: Option<&Destined>,
) -> Result<String, Error> {
    let (settings, publish) = (settings(resolved), publish.map(|request| request.destination.to_string()));
    json(&PlanDocument { v: VERSION, r#type: PlanDocument::TYPE, source: info, plan, settings, publish, delivery })
}

/// `s3://bucket/films when all is made, deletes what is gone, invalidates E1`.
fn published(request: &sync::Request) -> String {
    let mut text = format!("{} when all is made", request.destination);
    if request.delete {
        text += ", deletes what is gone";
    }
    if let Some(distribution) = &request.delivery.invalidate {
        let _ = write!(text, ", invalidates {}", distribution.id);
    }
    text
}

fn json(document: &impl Serialize) -> Result<String, Error> {
    Ok(serde_json::to_string_pretty(document)? + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_named_and_once_where_they_agree() {
        let said =
            |primaries, transfer, matrix, full_range| color(ColorInfo { primaries, transfer, matrix, full_range });
        assert_eq!(said(1, 1, 1, false), "BT.709, narrow range");
        assert_eq!(said(2, 2, 2, true), "unsaid, full range");
        assert_eq!(said(9, 16, 9, false), "primaries BT.2020, transfer PQ, matrix BT.2020, narrow range, HDR");
        assert_eq!(said(6, 6, 6, false), "primaries BT.601 (525 lines), transfer BT.601, matrix BT.601, narrow range");
        assert_eq!(said(11, 8, 2, false), "primaries 11, transfer 8, matrix unsaid, narrow range");
    }
}
