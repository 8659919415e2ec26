//! EXT-X-MEDIA: groups of renditions (RFC 8216bis § 4.4.6.1).

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::super::Session;
use super::super::entry::Media;
use super::super::finding::{Findings, or_none};
use super::super::language::same_language;
use super::super::rule::rules;
use super::text::{Attributes, Text};
use super::{Rendition, Renditions, Variant, media};

rules! {
    TYPE: Error "RFC 8216bis 4.4.6.1" "TYPE is AUDIO, VIDEO, SUBTITLES or CLOSED-CAPTIONS";
    NAMED: Error "RFC 8216bis 4.4.6.1" "GROUP-ID and NAME are there";
    UNIQUE: Error "RFC 8216bis 4.4.6.1.1" "a NAME stands once in its group";
    ONE_DEFAULT: Error "RFC 8216bis 4.4.6.1.1" "at most one member of a group has DEFAULT=YES";
    A_DEFAULT: Warning "RFC 8216bis 4.4.6.1" "a group of sound has a member with DEFAULT=YES";
    AUTOSELECT: Error "RFC 8216bis 4.4.6.1" "a member with DEFAULT=YES has not AUTOSELECT=NO";
    SAME_MEMBERS: Error "RFC 8216bis 4.4.6.2.1" "the groups of one type have the same members";
    DEFINED: Error "RFC 8216bis 4.4.6.2" "a group that a variant names is defined";
    USED: Warning "RFC 8216bis 4.4.6.1" "a group that is defined is named by a variant";
    URI: Error "RFC 8216bis 4.4.6.1" "subtitles have a URI, closed captions an INSTREAM-ID and no URI";
    IN_STREAM: Error "RFC 8216bis 4.4.6.1" "INSTREAM-ID is CC1 to CC4 or SERVICE1 to SERVICE63";
    CHANNELS: Error "RFC 8216bis 4.4.6.1" "CHANNELS is the number of channels, of Dolby Atmos that of its objects";
    HAS_CHANNELS: Warning "RFC 8216bis 4.4.6.1" "a rendition of sound has CHANNELS";
    LANGUAGE: Warning "Apple 8.10" "EXT-X-MEDIA has a LANGUAGE";
    SAME_LANGUAGE: Error "RFC 8216bis 4.4.6.1" "LANGUAGE is the one of the media, where that says it";
    CAPTION_LANGUAGE: Error "Apple 4.4" "closed captions have a LANGUAGE";
    DESCRIPTION: Error "Apple 2.13" "sound that describes the video has AUTOSELECT=YES";
    FORCED: Error "Apple 5.11" "forced subtitles have AUTOSELECT=YES";
    STEREO: Error "Apple 2.3" "there is AAC of at most two channels";
    LOUDNESS: Warning "Apple 2.19" "where one rendition of sound says how loud it is, all do";
    DOLBY: Warning "Apple 2.6" "Dolby Digital Plus comes with Dolby Digital";
}

/// A rendition of a group.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) kind: String,
    pub(super) group: String,
    pub(super) attributes: Attributes,
    /// The path of its playlist.
    pub(super) file: Option<String>,
    /// Sound or pictures that were read.
    pub(super) rendition: Option<Rc<Rendition>>,
}

/// All members of all groups.
pub(super) type Groups = Vec<Member>;

/// The members of one group.
pub(super) fn of<'g>(groups: &'g Groups, kind: &'g str, group: &'g str) -> impl Iterator<Item = &'g Member> {
    groups.iter().filter(move |member| member.kind == kind && member.group == group)
}

/// Reads every EXT-X-MEDIA, and the media of sound and pictures.
pub(super) fn read(text: &Text, renditions: &mut Renditions, session: &mut Session<'_, '_>) -> Groups {
    let name = &text.name;
    let mut groups = Groups::new();
    for value in text.values("EXT-X-MEDIA") {
        let attributes = Attributes::read(name, value, &mut session.findings);
        let word = |key: &str| attributes.get(key).unwrap_or_default().to_owned();
        let (kind, group) = (word("TYPE"), word("GROUP-ID"));
        let known = matches!(&kind[..], "AUDIO" | "VIDEO" | "SUBTITLES" | "CLOSED-CAPTIONS");
        session.findings.check(known, TYPE, name, || format!("TYPE is {kind:?}"));
        let named = !group.is_empty() && attributes.get("NAME").is_some_and(|name| !name.is_empty());
        session.findings.check(named, NAMED, name, || format!("GROUP-ID or NAME is missing in {value}"));
        let uri = attributes.get("URI");
        let file = uri.and_then(|uri| session.files.resolve(name, uri, media::missing(), &mut session.findings));
        let rendition = file.as_ref().filter(|_| matches!(&kind[..], "AUDIO" | "VIDEO"));
        let rendition = rendition.and_then(|file| Rendition::read(file, renditions, session));
        groups.push(Member { kind, group, attributes, file, rendition });
    }
    groups
}

/// Checks the groups by themselves and against the variants.
pub(super) fn check(text: &Text, groups: &Groups, variants: &[Variant], findings: &mut Findings<'_>) {
    let name = &text.name;
    for member in groups {
        check_member(name, member, findings);
    }
    let mut members: BTreeMap<(&str, &str), Vec<&Member>> = BTreeMap::new();
    for member in groups {
        members.entry((&member.kind, &member.group)).or_default().push(member);
    }
    for ((kind, group), members) in &members {
        let names: BTreeSet<_> = members.iter().map(|member| member.attributes.get("NAME")).collect();
        findings
            .check(names.len() == members.len(), UNIQUE, name, || format!("a NAME stands twice in the group {group}"));
        let defaults = members.iter().filter(|member| member.attributes.yes("DEFAULT")).count();
        findings.check(defaults <= 1, ONE_DEFAULT, name, || {
            format!("{defaults} members of the group {group} have DEFAULT=YES")
        });
        findings.check(defaults > 0 || *kind != "AUDIO", A_DEFAULT, name, || {
            format!("no member of the group {group} has DEFAULT=YES")
        });
        let used = variants.iter().any(|variant| variant.attributes.get(kind) == Some(group));
        findings.check(used, USED, name, || format!("no variant names the group {group} of {kind}"));
    }
    check_membership(name, &members, findings);
    for variant in variants {
        for kind in ["AUDIO", "VIDEO", "SUBTITLES", "CLOSED-CAPTIONS"] {
            let Some(group) = variant.attributes.get(kind) else { continue };
            let none = kind == "CLOSED-CAPTIONS" && group == "NONE";
            let defined = none || members.contains_key(&(kind, group));
            findings.check(defined, DEFINED, name, || {
                format!("{} names the group {group} of {kind}, which is not there", variant.uri)
            });
        }
    }
    check_sound(name, groups, findings);
}

fn check_membership(name: &str, members: &BTreeMap<(&str, &str), Vec<&Member>>, findings: &mut Findings<'_>) {
    for kind in ["AUDIO", "VIDEO", "SUBTITLES"] {
        let names = |list: &Vec<&Member>| -> BTreeSet<String> {
            list.iter().map(|member| or_none(member.attributes.get("NAME"))).collect()
        };
        let mut sets = members.iter().filter(|((own, _), _)| *own == kind);
        let Some(((_, first), list)) = sets.next() else { continue };
        for ((_, group), other) in sets {
            let same = names(list) == names(other);
            findings.check(same, SAME_MEMBERS, name, || {
                format!("the groups {first} and {group} of {kind} have different members")
            });
        }
    }
}

fn check_member(name: &str, member: &Member, findings: &mut Findings<'_>) {
    let attributes = &member.attributes;
    let here = || format!("{} of the group {}", or_none(attributes.get("NAME")), member.group);
    let refused = attributes.yes("DEFAULT") && attributes.get("AUTOSELECT") == Some("NO");
    findings.check(!refused, AUTOSELECT, name, || format!("{} has DEFAULT=YES and AUTOSELECT=NO", here()));
    let uri = attributes.get("URI").is_some();
    let language = attributes.get("LANGUAGE");
    let automatic = attributes.yes("AUTOSELECT") || attributes.yes("DEFAULT");
    match &member.kind[..] {
        "SUBTITLES" => {
            findings.check(uri, URI, name, || format!("{} has no URI", here()));
            let kept = !attributes.yes("FORCED") || automatic;
            findings.check(kept, FORCED, name, || format!("{} is forced and has not AUTOSELECT=YES", here()));
        }
        "CLOSED-CAPTIONS" => {
            let kept = !uri && attributes.get("INSTREAM-ID").is_some();
            findings.check(kept, URI, name, || format!("{} has a URI or no INSTREAM-ID", here()));
            if let Some(id) = attributes.get("INSTREAM-ID") {
                findings.check(is_in_stream(id), IN_STREAM, name, || format!("INSTREAM-ID of {} is {id}", here()));
            }
            findings.check(language.is_some(), CAPTION_LANGUAGE, name, || format!("{} has no LANGUAGE", here()));
        }
        "AUDIO" => {
            let said = attributes.get("CHARACTERISTICS").unwrap_or_default();
            let kept = !said.contains("public.accessibility.describes-video") || automatic;
            findings.check(kept, DESCRIPTION, name, || format!("{} has not AUTOSELECT=YES", here()));
        }
        _ => {}
    }
    let header = member.rendition.as_ref().and_then(|rendition| rendition.track.as_ref()?.header.as_ref());
    let media_language = header.map(|header| &header.language[..]).filter(|language| *language != "und");
    findings.check(language.is_some() || header.is_some() && media_language.is_none(), LANGUAGE, name, || {
        format!("{} has no LANGUAGE", here())
    });
    if let (Some(said), Some(real)) = (language, media_language) {
        findings.check(same_language(said, real), SAME_LANGUAGE, name, || {
            format!("{} is {said}, its media {real}", here())
        });
    }
    if let Some((entry, Media::Audio { channels, .. })) = header.map(|header| (&header.entry, &header.entry.media)) {
        match attributes.get("CHANNELS") {
            Some(said) if is_atmos(said, entry.codec.as_deref(), *channels) => {}
            Some(said) => {
                let (what, said) = (format!("CHANNELS of {}", here()), said.split('/').next().unwrap_or_default());
                findings.equal(CHANNELS, name, what, said, &channels.to_string()[..]);
            }
            None => findings.breaks(HAS_CHANNELS, name, format!("{} has no CHANNELS", here())),
        }
    }
}

/// Joint object coding in Dolby Digital Plus (RFC 8216bis § 4.4.6.1, `16/JOC`): the number is that of its objects, of
/// which the header only says the channels that other decoders hear.
fn is_atmos(said: &str, codec: Option<&str>, channels: u32) -> bool {
    let mut parameters = said.split('/');
    let objects = parameters.next().and_then(|count| count.parse::<u32>().ok());
    let coded = parameters.next().is_some_and(|coding| coding.split(',').any(|one| one == "JOC"));
    coded && codec == Some("ec-3") && objects.is_some_and(|objects| objects >= channels)
}

fn is_in_stream(id: &str) -> bool {
    let number = |prefix: &str| id.strip_prefix(prefix)?.parse::<u8>().ok();
    number("CC").is_some_and(|n| (1..=4).contains(&n)) || number("SERVICE").is_some_and(|n| (1..=63).contains(&n))
}

fn check_sound(name: &str, groups: &Groups, findings: &mut Findings<'_>) {
    let headers = groups.iter().filter_map(|member| member.rendition.as_ref()?.track.as_ref()?.header.as_ref());
    let sound: Vec<(&str, u32)> = headers
        .filter_map(|header| match header.entry.media {
            Media::Audio { channels, .. } => Some((header.entry.codec.as_deref().unwrap_or_default(), channels)),
            Media::Video { .. } | Media::Text => None,
        })
        .collect();
    check_loudness(name, groups, findings);
    let stereo = sound.iter().any(|(codec, channels)| codec.starts_with("mp4a.40.") && *channels <= 2);
    findings.check(stereo || sound.is_empty(), STEREO, name, || "no rendition of sound is AAC of at most two channels");
    let has = |codec: &str| sound.iter().any(|(own, _)| *own == codec);
    findings.check(has("ac-3") || !has("ec-3"), DOLBY, name, || "there is ec-3 and no ac-3");
}

fn check_loudness(name: &str, groups: &Groups, findings: &mut Findings<'_>) {
    let headers = groups.iter().filter_map(|member| member.rendition.as_ref()?.track.as_ref()?.header.as_ref());
    let sound = headers.filter(|header| matches!(header.entry.media, Media::Audio { .. }));
    let (says, silent): (Vec<_>, Vec<_>) = sound.partition(|header| header.loud);
    if let Some((says, silent)) = says.first().zip(silent.first()) {
        findings.breaks(LOUDNESS, name, format!("{} says how loud it is, {} does not", says.file, silent.file));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn atmos_counts_its_objects() {
        assert!(is_atmos("16/JOC", Some("ec-3"), 6));
        assert!(is_atmos("12/JOC/BINAURAL", Some("ec-3"), 6));
        assert!(!is_atmos("16/JOC", Some("ac-3"), 6), "only Dolby Digital Plus has objects");
        assert!(!is_atmos("16", Some("ec-3"), 6));
        assert!(!is_atmos("2/JOC", Some("ec-3"), 6));
    }
}
