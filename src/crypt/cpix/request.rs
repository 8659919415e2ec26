//! What a key server is asked: a CPIX document without keys (AWS, Secure Packager and Encoder Key Exchange v2).

use quick_xml::escape::escape;

use super::document::{CpixError, root};
use crate::config::DrmSystem;
use crate::crypt::keys::Keys;
use crate::crypt::system::{FAIRPLAY, PLAYREADY, WIDEVINE};
use crate::crypt::track_type::TrackType;
use crate::media::{KeyId, Scheme};

/// The version of SPEKE, for its header.
pub const SPEKE_VERSION: &str = "2.0";

/// The name of the key of a type of tracks: equal for equal content, so that a run that is repeated asks for the same
/// keys, and a UUID (RFC 9562 § 5.8).
fn key_id(content_id: &str, track: TrackType) -> KeyId {
    let mut hasher = blake3::Hasher::new_derive_key("streampack 2026-11 key ids of SPEKE");
    hasher.update(content_id.as_bytes()).update(&[0]).update(track.name().as_bytes());
    let mut kid = [0; 16];
    hasher.finalize_xof().fill(&mut kid);
    kid[6] = kid[6] & 0x0f | 0x80;
    kid[8] = kid[8] & 0x3f | 0x80;
    KeyId(kid)
}

/// Asks for a key for each type of tracks of `content_id`, and what these systems are told of it.
pub fn request(content_id: &str, scheme: Scheme, systems: &[DrmSystem]) -> String {
    let content_id = escape(content_id);
    let kids = TrackType::ALL.map(|track| (track, key_id(&content_id, track)));
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<cpix:CPIX contentId=\"{content_id}\" version=\"2.3\" \
         xmlns:cpix=\"urn:dashif:org:cpix\" xmlns:pskc=\"urn:ietf:params:xml:ns:keyprov:pskc\">\n<cpix:ContentKeyList>\n"
    );
    for (_, kid) in kids {
        xml += &format!("<cpix:ContentKey kid=\"{kid}\" commonEncryptionScheme=\"{scheme}\"/>\n");
    }
    xml += "</cpix:ContentKeyList>\n<cpix:DRMSystemList>\n";
    for (_, kid) in kids {
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
    xml += "</cpix:DRMSystemList>\n<cpix:ContentKeyUsageRuleList>\n";
    for (track, kid) in kids {
        let filter = match TrackType::of_video().into_iter().find(|(kind, ..)| *kind == track) {
            Some((_, least, u64::MAX)) => format!("<cpix:VideoFilter minPixels=\"{least}\"/>"),
            Some((_, least, most)) => format!("<cpix:VideoFilter minPixels=\"{least}\" maxPixels=\"{most}\"/>"),
            None => "<cpix:AudioFilter/>".to_owned(),
        };
        xml += &format!(
            "<cpix:ContentKeyUsageRule kid=\"{kid}\" intendedTrackType=\"{track}\">{filter}</cpix:ContentKeyUsageRule>\n"
        );
    }
    xml + "</cpix:ContentKeyUsageRuleList>\n</cpix:CPIX>\n"
}

/// The keys that a server gives for our request for `content_id`: those that were asked for, each of them, and no other.
pub fn answered(content_id: &str, text: &[u8]) -> Result<Keys, CpixError> {
    let root = root(text)?;
    if let Some(said) = root.get("contentId").filter(|said| *said != content_id) {
        return Err(CpixError::OtherContent { said: said.to_owned(), asked: content_id.to_owned() });
    }
    let keys = Keys::of_document(&root)?;
    let asked = TrackType::ALL.map(|track| key_id(&escape(content_id), track));
    if let Some(other) = keys.entries().iter().find(|entry| !asked.contains(&entry.content.kid)) {
        return Err(CpixError::NotAsked(other.content.kid));
    }
    match asked.into_iter().find(|kid| keys.named(*kid).is_none()) {
        Some(kid) => Err(CpixError::NotGiven(kid)),
        None => Ok(keys),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_to_our_request_is_read() {
        let asked = request("film & \"1\"", Scheme::Cbcs, &[DrmSystem::Widevine]);
        let value = "<cpix:Data><pskc:Secret><pskc:PlainValue>AAECAwQFBgcICQoLDA0ODw==</pskc:PlainValue></pskc:Secret></cpix:Data>";
        // What a server does not fill it leaves as it was.
        let answer = asked.replace(" commonEncryptionScheme=\"cbcs\"/>", &format!(">{value}</cpix:ContentKey>"));
        let keys = answered("film & \"1\"", answer.as_bytes()).expect("an answer");
        let tracks: Vec<_> = keys.entries().iter().filter_map(|entry| entry.track).collect();
        assert_eq!(tracks, TrackType::ALL);
        assert_eq!(keys.systems(), []);
        let of = |text: &str| answered("film & \"1\"", text.as_bytes());
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
        assert_eq!(request("a", Scheme::Cenc, &[]), request("a", Scheme::Cenc, &[]));
        assert_ne!(key_id("a", TrackType::Sd), key_id("b", TrackType::Sd));
        assert!(matches!(Keys::from_cpix(asked.as_bytes()), Err(crate::crypt::CpixError::NoValue(_))));
    }
}
