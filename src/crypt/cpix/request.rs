//! What a key server is asked: a CPIX document without keys (AWS, Secure Packager and Encoder Key Exchange v2).

use std::collections::BTreeSet;

use quick_xml::escape::escape;

use super::document::{CpixError, root};
use crate::config::DrmSystem;
use crate::crypt::keys::Keys;
use crate::crypt::system::{FAIRPLAY, PLAYREADY, WIDEVINE};
use crate::crypt::track_type::TrackType;
use crate::media::{KeyId, Scheme};

/// The version of SPEKE, for its header.
pub const SPEKE_VERSION: &str = "2.0";

/// What keys are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeysWanted {
    /// A key for each of these types of tracks.
    pub tracks: BTreeSet<TrackType>,
    /// And for each of so many key periods; nothing where keys do not change.
    pub periods: Option<u32>,
}

impl KeysWanted {
    /// For whatever tracks there may be.
    pub fn all() -> Self {
        Self { tracks: TrackType::ALL.into(), periods: None }
    }

    /// The keys, by name, period by period.
    fn kids(&self, content_id: &str) -> Vec<(TrackType, Option<u32>, KeyId)> {
        let periods: Vec<Option<u32>> =
            self.periods.map_or_else(|| vec![None], |periods| (0..periods).map(Some).collect());
        let of = |period| self.tracks.iter().map(move |track| (*track, period, key_id(content_id, *track, period)));
        periods.into_iter().flat_map(of).collect()
    }
}

/// The name of the key of a type of tracks in a period: equal for equal content, so that a run that is repeated asks for the same
/// keys, and a UUID (RFC 9562 § 5.8).
fn key_id(content_id: &str, track: TrackType, period: Option<u32>) -> KeyId {
    let mut hasher = blake3::Hasher::new_derive_key("streampack 2026-11 key ids of SPEKE");
    hasher.update(content_id.as_bytes()).update(&[0]).update(track.name().as_bytes());
    if let Some(period) = period {
        hasher.update(&[0]).update(&period.to_be_bytes());
    }
    let mut kid = [0; 16];
    hasher.finalize_xof().fill(&mut kid);
    kid[6] = kid[6] & 0x0f | 0x80;
    kid[8] = kid[8] & 0x3f | 0x80;
    KeyId(kid)
}

/// Asks for these keys of `content_id`, and what these systems are told of them.
pub fn request(content_id: &str, scheme: Scheme, systems: &[DrmSystem], wanted: &KeysWanted) -> String {
    let content_id = escape(content_id);
    let kids = wanted.kids(&content_id);
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<cpix:CPIX contentId=\"{content_id}\" version=\"2.3\" \
         xmlns:cpix=\"urn:dashif:org:cpix\" xmlns:pskc=\"urn:ietf:params:xml:ns:keyprov:pskc\">\n<cpix:ContentKeyList>\n"
    );
    for (.., kid) in &kids {
        xml += &format!("<cpix:ContentKey kid=\"{kid}\" commonEncryptionScheme=\"{scheme}\"/>\n");
    }
    xml += "</cpix:ContentKeyList>\n<cpix:DRMSystemList>\n";
    for (.., kid) in &kids {
        for system in systems {
            let (uuid, asked) = match system {
                DrmSystem::Widevine => (WIDEVINE, "<cpix:PSSH/><cpix:ContentProtectionData/>"),
                DrmSystem::Playready => (PLAYREADY, "<cpix:PSSH/><cpix:ContentProtectionData/>"),
                DrmSystem::Fairplay => (FAIRPLAY, ""),
                // Nobody has to be asked about these.
                DrmSystem::Clearkey | DrmSystem::Common => continue,
            };
            xml += &format!(
                "<cpix:DRMSystem kid=\"{kid}\" systemId=\"{}\">{asked}<cpix:HLSSignalingData playlist=\"media\"/>\
                 <cpix:HLSSignalingData playlist=\"master\"/></cpix:DRMSystem>\n",
                KeyId(uuid)
            );
        }
    }
    xml += "</cpix:DRMSystemList>\n";
    if let Some(periods) = wanted.periods {
        xml += "<cpix:ContentKeyPeriodList>\n";
        for period in 0..periods {
            xml += &format!("<cpix:ContentKeyPeriod id=\"keyPeriod_{period}\" index=\"{period}\"/>\n");
        }
        xml += "</cpix:ContentKeyPeriodList>\n";
    }
    xml += "<cpix:ContentKeyUsageRuleList>\n";
    for (track, period, kid) in kids {
        let when = period.map(|period| format!("<cpix:KeyPeriodFilter periodId=\"keyPeriod_{period}\"/>"));
        let filter = match TrackType::of_video().into_iter().find(|(kind, ..)| *kind == track) {
            Some((_, least, u64::MAX)) => format!("<cpix:VideoFilter minPixels=\"{least}\"/>"),
            Some((_, least, most)) => format!("<cpix:VideoFilter minPixels=\"{least}\" maxPixels=\"{most}\"/>"),
            None => "<cpix:AudioFilter/>".to_owned(),
        };
        xml += &format!(
            "<cpix:ContentKeyUsageRule kid=\"{kid}\" intendedTrackType=\"{track}\">{}{filter}</cpix:ContentKeyUsageRule>\n",
            when.unwrap_or_default()
        );
    }
    xml + "</cpix:ContentKeyUsageRuleList>\n</cpix:CPIX>\n"
}

/// The keys that a server gives for our request for `content_id`: those that were asked for, each of them, and no other.
pub fn answered(content_id: &str, wanted: &KeysWanted, text: &[u8]) -> Result<Keys, CpixError> {
    let root = root(text)?;
    if let Some(said) = root.get("contentId").filter(|said| *said != content_id) {
        return Err(CpixError::OtherContent { said: said.to_owned(), asked: content_id.to_owned() });
    }
    let keys = Keys::of_document(&root)?;
    let asked: BTreeSet<KeyId> = wanted.kids(&escape(content_id)).into_iter().map(|(.., kid)| kid).collect();
    if let Some(other) = keys.entries().iter().find(|entry| !asked.contains(&entry.content.kid)) {
        return Err(CpixError::NotAsked(other.content.kid));
    }
    let given: BTreeSet<KeyId> = keys.entries().iter().map(|entry| entry.content.kid).collect();
    match asked.into_iter().find(|kid| !given.contains(kid)) {
        Some(kid) => Err(CpixError::NotGiven(kid)),
        None => Ok(keys),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_to_our_request_is_read() {
        let all = &KeysWanted::all();
        let asked = request("film & \"1\"", Scheme::Cbcs, &[DrmSystem::Widevine], all);
        let value = "<cpix:Data><pskc:Secret><pskc:PlainValue>AAECAwQFBgcICQoLDA0ODw==</pskc:PlainValue></pskc:Secret></cpix:Data>";
        // What a server does not fill it leaves as it was.
        let answer = asked.replace(" commonEncryptionScheme=\"cbcs\"/>", &format!(">{value}</cpix:ContentKey>"));
        let keys = answered("film & \"1\"", all, answer.as_bytes()).expect("an answer");
        let tracks: Vec<_> = keys.entries().iter().filter_map(|entry| entry.track).collect();
        assert_eq!(tracks, TrackType::ALL);
        assert_eq!(keys.systems(), []);
        let of = |text: &str| answered("film & \"1\"", all, text.as_bytes());
        assert!(matches!(of(&answer.replace("film &amp;", "films &amp;")), Err(CpixError::OtherContent { .. })));
        let own = keys.entries()[0].content.kid.to_string();
        let foreign = answer.replace(&own, "00000000-0000-0000-0000-000000000001");
        assert!(matches!(of(&foreign), Err(CpixError::NotAsked(_))));
        let key = format!("<cpix:ContentKey kid=\"{own}\">{value}</cpix:ContentKey>");
        let rule = answer.lines().find(|line| line.contains("UsageRule kid") && line.contains(&own)).expect("a rule");
        assert_eq!(
            of(&answer.replace(&key, "").replace(rule, "")),
            Err(CpixError::NotGiven(keys.entries()[0].content.kid))
        );
        assert_eq!(request("a", Scheme::Cenc, &[], all), request("a", Scheme::Cenc, &[], all));
        assert_ne!(key_id("a", TrackType::Sd, None), key_id("b", TrackType::Sd, None));
        assert!(matches!(Keys::from_cpix(asked.as_bytes()), Err(crate::crypt::CpixError::NoValue(_))));
    }

    #[test]
    fn keys_are_asked_for_the_tracks_and_periods_that_there_are() {
        let wanted = KeysWanted { tracks: [TrackType::Audio, TrackType::Hd].into(), periods: Some(2) };
        let asked = request("film", Scheme::Cbcs, &[], &wanted);
        let count = |text: &str| asked.matches(text).count();
        assert_eq!((count("<cpix:ContentKey kid="), count("\"AUDIO\""), count("\"HD\""), count("SD")), (4, 2, 2, 0));
        assert_eq!((count("<cpix:ContentKeyPeriod id="), count("periodId=\"keyPeriod_1\"")), (2, 2));
        let mut next = 0;
        let mut answer = asked.clone();
        while let Some(at) = answer.find(" commonEncryptionScheme=\"cbcs\"/>") {
            next += 1;
            let value = crate::crypt::base64(&[next; 16]);
            let value = format!(
                "><cpix:Data><pskc:Secret><pskc:PlainValue>{value}</pskc:PlainValue></pskc:Secret></cpix:Data></cpix:ContentKey>"
            );
            answer.replace_range(at..at + " commonEncryptionScheme=\"cbcs\"/>".len(), &value);
        }
        let keys = answered("film", &wanted, answer.as_bytes()).expect("an answer");
        let found: BTreeSet<_> = keys.entries().iter().map(|entry| (entry.track, entry.period)).collect();
        let expected = [TrackType::Audio, TrackType::Hd].map(|track| [0, 1].map(|period| (Some(track), Some(period))));
        assert_eq!(found, expected.into_iter().flatten().collect());
        let kids: BTreeSet<_> = keys.entries().iter().map(|entry| entry.content.kid).collect();
        assert_eq!(kids.len(), 4);
        assert!(matches!(answered("film", &KeysWanted::all(), answer.as_bytes()), Err(CpixError::NotAsked(_))));
    }
}
