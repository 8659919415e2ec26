//! Audio groups: which sound may be played with a variant (RFC 8216bis § 4.4.6.1.1).

use std::cmp::Reverse;

use crate::manifest::choice::Choice;
use crate::manifest::stored::{Media, Sound};
use crate::plan::{AudioRole, names};

use super::playlist::Playlist;
use super::tag::Tag;

/// One audio group: every choice of the programme, once, of about one kind and bit rate.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// GROUP-ID: `aac-128k`, `ac3-5.1-448k`.
    pub id: String,
    members: Vec<Member<'a>>,
}

#[derive(Debug, Clone, Copy)]
struct Member<'a> {
    choice: &'a Choice<'a>,
    sound: &'a Sound<'a>,
}

impl<'a> Group<'a> {
    /// One group per codec, number of channels and bit rate that occurs: first what plays everywhere, then by
    /// codec, the most channels and bits first. RFC 8216bis § 4.4.6.2.1 wants the same set of renditions in every
    /// group that the variants name, so a choice that lacks one lends the nearest that it has; a group that would
    /// repeat another is left out.
    pub(super) fn all(choices: &'a [Choice<'a>]) -> Vec<Self> {
        let mut levels: Vec<&Sound<'_>> = choices.iter().flat_map(|choice| &choice.sounds).collect();
        levels.sort_by_key(|sound| (sound.kind(), Reverse(sound.offer.bitrate)));
        let mut groups: Vec<Self> = Vec::new();
        for level in levels {
            let members: Vec<_> = choices.iter().filter_map(|choice| Member::of(choice, level)).collect();
            if !groups.iter().any(|group| same(&group.members, &members)) {
                let id = unique(name(level), &groups);
                groups.push(Self { id, members });
            }
        }
        groups
    }

    /// Every player that plays AAC plays all of it.
    pub(super) fn plays_everywhere(&self) -> bool {
        self.members.iter().all(|member| member.sound.plays_everywhere())
    }

    /// The rendition that plays when the viewer has not chosen.
    pub(super) fn default(&self) -> Option<&'a Sound<'a>> {
        self.members.iter().find(|m| m.choice.default).or(self.members.first()).map(|m| m.sound)
    }

    /// The largest peak over the group: Apple's rule 9.13 wants the largest sum that can be played.
    pub(super) fn peak(&self, target: u64) -> u64 {
        self.media().map(|media| media.peak(target)).max().unwrap_or(0)
    }

    /// The largest average over the group.
    pub(super) fn average(&self) -> u64 {
        self.media().map(Media::average).max().unwrap_or(0)
    }

    fn media(&self) -> impl Iterator<Item = &Media<'a>> {
        self.members.iter().map(|member| &member.sound.media)
    }

    /// The codec strings of all renditions, each once.
    pub(super) fn codecs(&self) -> Vec<&'a str> {
        let mut codecs = Vec::new();
        for member in &self.members {
            let codec = member.sound.media.stored.init.track.codec_string.as_str();
            if !codecs.contains(&codec) {
                codecs.push(codec);
            }
        }
        codecs
    }

    /// Writes one EXT-X-MEDIA per rendition.
    pub(super) fn write(&self, playlist: &mut Playlist) {
        for (at, member) in self.members.iter().enumerate() {
            let automatic = member.is_automatic(&self.members[..at]);
            playlist.line(member.tag(&self.id, automatic, playlist));
        }
    }
}

impl<'a> Member<'a> {
    /// The nearest to `level` that a choice has: of its codec and channels, or of its codec, or what plays
    /// everywhere; among those the nearest bit rate, the lower of two.
    fn of(choice: &'a Choice<'a>, level: &Sound<'_>) -> Option<Self> {
        let distance = |sound: &Sound<'_>| {
            let unlike = match (sound.codec() == level.codec(), sound.kind() == level.kind()) {
                (true, true) => 0,
                (true, false) => 1,
                (false, _) if sound.plays_everywhere() => 2,
                (false, _) => 3,
            };
            let channels = sound.track.layout.channels().abs_diff(level.track.layout.channels());
            let rate = sound.offer.bitrate.as_bps();
            (unlike, channels, rate.abs_diff(level.offer.bitrate.as_bps()), rate)
        };
        choice.sounds.iter().min_by_key(|sound| distance(sound)).map(|sound| Self { choice, sound })
    }

    /// AUTOSELECT: a player may pick it for its language without being asked. DEFAULT=YES needs it
    /// (RFC 8216bis § 4.4.6.1), and so does described video (Apple's rules 2.12 to 2.15). Comments are only for
    /// those who ask, and of two members that nothing but their name tells apart the first wins
    /// (RFC 8216bis § 4.4.6.1.1).
    fn is_automatic(&self, before: &[Self]) -> bool {
        let role = self.choice.role;
        let alike = |m: &Self| {
            m.choice.language == self.choice.language
                && describes_video(m.choice.role) == describes_video(role)
                && m.choice.role != AudioRole::Commentary
        };
        self.choice.default || (role != AudioRole::Commentary && !before.iter().any(alike))
    }

    fn tag(&self, group: &str, automatic: bool, playlist: &Playlist) -> Tag {
        let choice = self.choice;
        let mut tag = Tag::new("EXT-X-MEDIA").plain("TYPE", "AUDIO").quoted("GROUP-ID", group);
        tag = tag.quoted("NAME", &choice.label);
        if !choice.language.is_undetermined() {
            tag = tag.quoted("LANGUAGE", choice.language.tag());
        }
        let yes_or_no = |yes| if yes { "YES" } else { "NO" };
        tag = tag.plain("DEFAULT", yes_or_no(choice.default)).plain("AUTOSELECT", yes_or_no(automatic));
        if describes_video(choice.role) {
            tag = tag.quoted("CHARACTERISTICS", "public.accessibility.describes-video");
        }
        tag.quoted("CHANNELS", &channels(self.sound))
            .quoted("URI", &playlist.uri(&names::playlist(self.sound.media.id)))
    }
}

fn name(sound: &Sound<'_>) -> String {
    let (codec, kbps, layout) = (sound.codec(), sound.offer.bitrate.as_kbps(), sound.track.layout);
    if layout.channels() > 2 { format!("{codec}-{layout}-{kbps}k") } else { format!("{codec}-{kbps}k") }
}

/// Measured bit rates may round to the same name.
fn unique(name: String, groups: &[Group<'_>]) -> String {
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let mut names = std::iter::once(name.clone()).chain(numbered);
    names.find(|name| groups.iter().all(|group| group.id != *name)).unwrap_or(name)
}

/// CHANNELS. Of joint object coding (Dolby Atmos) it is the number of objects, and what they are
/// (RFC 8216bis § 4.4.6.1; Apple's rule 2.9).
fn channels(sound: &Sound<'_>) -> String {
    match sound.track.joint_objects {
        Some(objects) => format!("{objects}/JOC"),
        None => sound.track.layout.channels().to_string(),
    }
}

fn same(a: &[Member<'_>], b: &[Member<'_>]) -> bool {
    a.iter().map(|m| m.sound.media.id).eq(b.iter().map(|m| m.sound.media.id))
}

fn describes_video(role: AudioRole) -> bool {
    match role {
        AudioRole::Description => true,
        AudioRole::Main | AudioRole::Dub | AudioRole::Commentary => false,
    }
}
