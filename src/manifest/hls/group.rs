//! Audio groups: which sound may be played with a variant (RFC 8216bis § 4.4.6.1.1).

use std::cmp::Reverse;

use crate::manifest::bandwidth::Load;
use crate::manifest::choice::Choice;
use crate::manifest::stored::Sound;
use crate::media::{AudioCodec, Bitrate};
use crate::plan::{AudioRole, names};

use super::playlist::Playlist;
use super::tag::Tag;

/// One audio group: every choice of the programme, once, at about one bit rate.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// GROUP-ID: `aac-128k`.
    pub id: String,
    members: Vec<Member<'a>>,
}

#[derive(Debug, Clone, Copy)]
struct Member<'a> {
    choice: &'a Choice<'a>,
    sound: &'a Sound<'a>,
}

impl<'a> Group<'a> {
    /// One group per codec and bit rate that occurs, the highest first. RFC 8216bis § 4.4.6.2.1 wants the
    /// same set of renditions in every group that the variants name, so a choice that lacks a bit rate
    /// lends the nearest one it has; a group that would repeat another is left out.
    pub(super) fn all(choices: &'a [Choice<'a>]) -> Vec<Self> {
        let mut levels: Vec<(AudioCodec, Bitrate)> =
            choices.iter().flat_map(|c| &c.sounds).map(|s| (s.codec(), s.offer.bitrate)).collect();
        levels.sort_by_key(|&(codec, bitrate)| (codec, Reverse(bitrate)));
        levels.dedup();
        let mut groups: Vec<Self> = Vec::new();
        for (codec, bitrate) in levels {
            let members: Vec<_> = choices.iter().filter_map(|choice| Member::of(choice, codec, bitrate)).collect();
            if !groups.iter().any(|group| same(&group.members, &members)) {
                groups.push(Self { id: format!("{codec}-{}k", bitrate.as_kbps()), members });
            }
        }
        groups
    }

    /// The rendition that plays when the viewer has not chosen.
    pub(super) fn default(&self) -> Option<&'a Sound<'a>> {
        self.members.iter().find(|m| m.choice.default).or(self.members.first()).map(|m| m.sound)
    }

    /// The largest peak over the group: Apple's rule 9.13 wants the largest sum that can be played.
    pub(super) fn peak(&self, target: u64) -> u64 {
        self.loads().map(|load| load.peak(target)).max().unwrap_or(0)
    }

    /// The largest average over the group.
    pub(super) fn average(&self) -> u64 {
        self.loads().map(|load| load.average()).max().unwrap_or(0)
    }

    fn loads(&self) -> impl Iterator<Item = Load> {
        self.members.iter().map(|member| Load::of_segments(member.sound.media.stored))
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
    fn of(choice: &'a Choice<'a>, codec: AudioCodec, bitrate: Bitrate) -> Option<Self> {
        let fits = |s: &&Sound<'_>| s.codec() == codec;
        // Descending bit rates: the first that is not above the level, or else the lowest there is.
        let below = choice.sounds.iter().filter(fits).find(|s| s.offer.bitrate <= bitrate);
        let sound = below.or_else(|| choice.sounds.iter().rfind(fits))?;
        Some(Self { choice, sound })
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
        tag.quoted("CHANNELS", &self.sound.track.layout.channels().to_string())
            .quoted("URI", &playlist.uri(&names::playlist(self.sound.media.id)))
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
