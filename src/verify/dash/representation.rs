//! Representations against their media (ISO/IEC 23009-1 § 5.3.5, § 5.3.7).

use std::rc::Rc;

use super::super::Session;
use super::super::entry::{Media, same_codec};
use super::super::finding::{Findings, or_none};
use super::super::language::same_language;
use super::super::rate::{Load, ahead, excess, sustained};
use super::super::rule::rules;
use super::super::track::Track;
use super::address::{Address, Lineage};
use super::timeline;
use super::value::ratio;
use super::xml::Element;

rules! {
    CODECS: Error "ISO 23009-1 5.3.7.2" "@codecs is the codec of the media";
    MIME: Error "DASH-IF IOP 3.2.4" "@mimeType is the one of the media";
    BANDWIDTH: Error "ISO 23009-1 5.3.5.2" "a client that receives @bandwidth plays without a stop after @minBufferTime";
    LOW_BANDWIDTH: Warning "ISO 23009-1 5.3.5.2" "@bandwidth is the lowest rate that suffices, within 10 %";
    SIZE: Error "ISO 23009-1 5.3.7.2" "@width and @height are those of the pictures";
    FRAME_RATE: Error "ISO 23009-1 5.3.7.2" "@frameRate is the one of the media";
    PIXELS: Error "ISO 23009-1 5.3.7.2" "@sar is the shape of the pixels";
    HAS_PICTURE: Error "DASH-IF IOP 3.2.4" "video has @width, @height, @frameRate and @sar";
    SAMPLE_RATE: Error "ISO 23009-1 5.3.7.2" "@audioSamplingRate is the one of the media";
    CHANNELS: Error "DASH-IF IOP 6.3.3" "AudioChannelConfiguration is there, and is the one of the media";
    SAME_LANGUAGE: Error "ISO 23009-1 5.3.3.2" "@lang is the language of the media, where that says it";
    PROTECTION: Error "DASH-IF IOP 7.5" "encrypted media has ContentProtection with cenc:default_KID before any other";
    KEY: Error "DASH-IF IOP 7.5" "cenc:default_KID is the key of the media";
    PSSH: Error "DASH-IF IOP 7.5" "cenc:pssh is a pssh box of the header, where that holds any";
}

/// Reads the media of a representation and checks it.
pub(super) fn check(
    lineage: &Lineage<'_>,
    address: Address,
    (buffer, trick): (f64, bool),
    session: &mut Session<'_, '_>,
) -> Rc<Track> {
    let file = lineage.file;
    let track = session.track(address.listing.clone());
    let findings = &mut session.findings;
    let (times, offset) = ((&address.times, address.timescale), (address.offset, lineage.period()));
    timeline::check(file, lineage.id(), times, offset, &track, findings);
    if let Some(index) = &address.index {
        index.check_times(&track, findings);
    }
    check_rate(lineage, &track, buffer, findings);
    let Some(header) = &track.header else { return track };
    let id = lineage.id();
    let said = lineage.common("codecs");
    if let Some(codec) = &header.entry.codec
        && !said.is_some_and(|said| same_codec(said, codec))
    {
        findings.differs(CODECS, file, format!("@codecs of {id}"), or_none(said), codec);
    }
    let language = lineage.common("lang").filter(|_| header.language != "und");
    if let Some(tag) = language {
        let same = same_language(tag, &header.language);
        findings.check(same, SAME_LANGUAGE, file, || format!("@lang of {id} is {tag}, its media {}", header.language));
    }
    match header.entry.media {
        Media::Video { .. } => check_picture(lineage, &track, trick, findings),
        Media::Audio { rate, channels } => check_sound(lineage, (rate, channels), findings),
        Media::Text => {
            let mime = lineage.common("mimeType");
            findings.check(mime == Some("application/mp4"), MIME, file, || {
                format!("@mimeType of {id} is {}", or_none(mime))
            });
        }
    }
    if header.entry.encrypted {
        check_protection(lineage, header, findings);
    }
    track
}

fn check_rate(lineage: &Lineage<'_>, track: &Track, buffer: f64, findings: &mut Findings<'_>) {
    let Some(header) = &track.header else { return };
    let Some(declared) = lineage.representation().number("bandwidth") else { return };
    let load: Load = track
        .segments
        .iter()
        .filter_map(|segment| {
            let (begin, end) = track.shown(track.of(segment))?;
            Some((segment.bytes, header.seconds(end - begin)))
        })
        .collect();
    if load.is_empty() || buffer <= 0.0 {
        return;
    }
    let measured = sustained(&load, buffer);
    let most = measured.max(ahead(&load, buffer));
    let what = format!("@bandwidth of {} with a buffer of {buffer} s", lineage.id());
    if excess(declared, measured) < 0.0 {
        findings.differs(BANDWIDTH, lineage.file, what, declared, format!("{measured:.0} or more"));
    } else if excess(declared, most) > 0.1 {
        findings.differs(LOW_BANDWIDTH, lineage.file, what, declared, format!("{measured:.0}"));
    }
}

fn check_picture(lineage: &Lineage<'_>, track: &Track, trick: bool, findings: &mut Findings<'_>) {
    let (file, id) = (lineage.file, lineage.id());
    let Some(Media::Video { width, height, pixel, .. }) = track.header.as_ref().map(|header| &header.entry.media)
    else {
        return;
    };
    let mime = lineage.common("mimeType");
    findings.check(mime == Some("video/mp4"), MIME, file, || format!("@mimeType of {id} is {}", or_none(mime)));
    for name in ["width", "height", "frameRate", "sar"] {
        findings.check(lineage.common(name).is_some(), HAS_PICTURE, file, || format!("{id} has no @{name}"));
    }
    let said = lineage.common("width").zip(lineage.common("height"));
    if let Some((w, h)) = said {
        findings.equal(SIZE, file, format!("the size of {id}"), format!("{w}x{h}"), format!("{width}x{height}"));
    }
    if let Some(said) = lineage.common("sar") {
        let kept = said.split_once(':').and_then(|(x, y)| Some((x.parse::<u64>().ok()?, y.parse::<u64>().ok()?)));
        let same = kept.is_some_and(|(x, y)| x.checked_mul(pixel.1.into()) == y.checked_mul(pixel.0.into()));
        findings.check(same, PIXELS, file, || format!("@sar of {id} is {said}, the media has {}:{}", pixel.0, pixel.1));
    }
    if let (Some(said), Some((mean, most))) = (lineage.common("frameRate"), track.frame_rate()) {
        let constant = track.fragments.iter().all(|fragment| fragment.lengths.0 == fragment.lengths.1);
        let near = |rate: f64, least: f64, most: f64| rate >= least * (1.0 - 1e-6) && rate <= most * (1.0 + 1e-6);
        let kept = ratio(said).is_some_and(|rate| match constant {
            true => near(rate, mean.min(most), mean.max(most)),
            false => near(rate, mean * 0.99, most * 1.01),
        });
        // Key frames come at a rate of their own, and the last one stands for a rest.
        findings.check(
            kept || trick && ratio(said).is_some_and(|rate| near(rate, mean * 0.5, most * 2.0)),
            FRAME_RATE,
            file,
            || format!("@frameRate of {id} is {said}, the media has {most:.3}"),
        );
    }
}

fn check_sound(lineage: &Lineage<'_>, (rate, channels): (u32, u32), findings: &mut Findings<'_>) {
    let (file, id) = (lineage.file, lineage.id());
    let mime = lineage.common("mimeType");
    findings.check(mime == Some("audio/mp4"), MIME, file, || format!("@mimeType of {id} is {}", or_none(mime)));
    let said = lineage.common("audioSamplingRate");
    let kept = said.is_some_and(|said| said.split_whitespace().any(|said| said == rate.to_string()));
    findings.check(kept, SAMPLE_RATE, file, || {
        format!("@audioSamplingRate of {id} is {}, the media has {rate}", or_none(said))
    });
    let sets = [lineage.elements[2], lineage.elements[3]];
    let all: Vec<&Element> = sets.iter().flat_map(|element| element.all("AudioChannelConfiguration")).collect();
    findings.check(!all.is_empty(), CHANNELS, file, || format!("{id} has no AudioChannelConfiguration"));
    for said in all {
        let value = said.get("value").and_then(|value| value.parse::<u32>().ok());
        let right = match said.get("schemeIdUri").unwrap_or_default() {
            "urn:mpeg:mpegB:cicp:ChannelConfiguration" => cicp(channels),
            "urn:mpeg:dash:23003:3:audio_channel_configuration:2011" => Some(channels),
            // Masks of Dolby and others say more than a number.
            _ => None,
        };
        findings.check(right.is_none() || value == right, CHANNELS, file, || {
            format!("AudioChannelConfiguration of {id} is {}, the media has {channels} channels", or_none(value))
        });
    }
}

/// The usual layout of a number of channels (ISO/IEC 23091-3 table 8); more than 6 have several.
fn cicp(channels: u32) -> Option<u32> {
    (1..=6).contains(&channels).then_some(channels)
}

fn check_protection(lineage: &Lineage<'_>, header: &super::super::header::Header, findings: &mut Findings<'_>) {
    let (file, id) = (lineage.file, lineage.id());
    let all: Vec<&Element> = [2, 3].iter().flat_map(|at| lineage.elements[*at].all("ContentProtection")).collect();
    let first = all.first().filter(|first| first.get("schemeIdUri") == Some("urn:mpeg:dash:mp4protection:2011"));
    let key = first.and_then(|first| first.get("cenc:default_KID"));
    findings
        .check(key.is_some(), PROTECTION, file, || format!("{id} has no mp4protection with cenc:default_KID in front"));
    if let (Some(said), Some(real)) = (key, header.entry.key) {
        let real: String = real.iter().map(|byte| format!("{byte:02x}")).collect();
        let said = said.replace('-', "").to_ascii_lowercase();
        findings.equal(KEY, file, format!("cenc:default_KID of {id}"), said, real);
    }
    for system in all.iter().flat_map(|element| element.all("cenc:pssh")).filter(|_| !header.pssh.is_empty()) {
        let kept = header.pssh.iter().any(|pssh| base64(pssh) == system.text);
        findings.check(kept, PSSH, file, || format!("cenc:pssh of {id} is not in its header"));
    }
}

/// RFC 4648 § 4.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let digit = DIGITS[(word >> (18 - 6 * at)) as usize & 63];
            text.push(if at > chunk.len() { '=' } else { char::from(digit) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        assert_eq!(
            ["", "f", "fo", "foo", "foob"].map(|text| base64(text.as_bytes())),
            ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]
        );
    }
}
