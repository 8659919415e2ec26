//! A CPIX document in, keys and what systems are told of them out.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::SystemData;
use super::xml::Element;
use crate::crypt::key::{ContentKey, Key};
use crate::crypt::keys::{Entry, Keys, KeysError};
use crate::crypt::system::parts;
use crate::crypt::track_type::TrackType;
use crate::media::KeyId;

/// A document that cannot be used. No message holds a part of a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CpixError {
    /// It is not XML.
    #[error("{0}")]
    Xml(&'static str),
    /// It is another document.
    #[error("its root is {0}, and that of a CPIX document is CPIX")]
    Root(String),
    /// Its keys are encrypted.
    #[error(
        "its keys are encrypted for somebody with a certificate, which is not supported; ask the key server for plain \
         keys (no DeliveryDataList), over HTTPS"
    )]
    Encrypted,
    /// A key has no value.
    #[error("the key {0} has no value: it looks like a request, and not like the answer of a key server")]
    NoValue(KeyId),
    /// Something is not written as it should be.
    #[error("{what} of {of} is not {form}")]
    Form {
        /// What.
        what: &'static str,
        /// Of which element.
        of: String,
        /// What it should be.
        form: &'static str,
    },
    /// A rule is for tracks that we do not tell apart.
    #[error(
        "the usage rule of the key {kid} is for {what}, and tracks are told apart as AUDIO, SD (up to 442368 pixels), HD \
         (2073600), UHD1 (8847360) and UHD2 here; let the key server use these"
    )]
    Rule {
        /// The key.
        kid: KeyId,
        /// For what it is.
        what: String,
    },
    /// Some keys are for nothing.
    #[error("there are usage rules, and none for the key {0}")]
    NoRule(KeyId),
    /// A rule is for a key that is not there.
    #[error("there is a usage rule for the key {0}, and no such key")]
    NoKey(KeyId),
    /// A key server answers with a key that nobody asked for.
    #[error("it holds the key {0}, which was not asked for")]
    NotAsked(KeyId),
    /// A key server leaves out a key.
    #[error("it does not hold the key {0}, which was asked for")]
    NotGiven(KeyId),
    /// A key server answers for other content.
    #[error("its keys are for the content {said:?}, and those of {asked:?} were asked for")]
    OtherContent {
        /// What it says.
        said: String,
        /// What was asked for.
        asked: String,
    },
    /// The keys do not go together.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

impl Keys {
    /// Reads a CPIX document with plain keys.
    pub fn from_cpix(text: &[u8]) -> Result<Self, CpixError> {
        Self::of_document(&root(text)?)
    }

    /// The keys of a document with this root.
    pub(super) fn of_document(root: &Element) -> Result<Self, CpixError> {
        if root.list("DeliveryDataList", "DeliveryData").next().is_some() {
            return Err(CpixError::Encrypted);
        }
        let periods = periods(root)?;
        let known = root.list("ContentKeyList", "ContentKey").map(kid).collect::<Result<BTreeSet<_>, _>>()?;
        let mut rules: BTreeMap<KeyId, Vec<&Element>> = BTreeMap::new();
        for rule in root.list("ContentKeyUsageRuleList", "ContentKeyUsageRule") {
            let kid = kid(rule)?;
            if !known.contains(&kid) {
                return Err(CpixError::NoKey(kid));
            }
            rules.entry(kid).or_default().push(rule);
        }
        let mut entries = Vec::new();
        let mut schemes = Vec::new();
        for key in root.list("ContentKeyList", "ContentKey") {
            let content = content(key)?;
            if let Some(scheme) = key.get("commonEncryptionScheme") {
                schemes.push((content.kid, scheme.to_owned()));
            }
            if rules.is_empty() {
                entries.push(Entry { track: None, period: None, content });
                continue;
            }
            for rule in rules.get(&content.kid).ok_or(CpixError::NoRule(content.kid))? {
                let tracks = tracks(rule, content.kid)?;
                for period in of_periods(rule, &periods)? {
                    entries.extend(tracks.iter().map(|track| Entry {
                        track: *track,
                        period,
                        content: content.clone(),
                    }));
                }
            }
        }
        let systems = root.list("DRMSystemList", "DRMSystem").map(system).collect::<Result<Vec<_>, _>>()?;
        Ok(Self::new(entries)?.with_systems(systems.into_iter().flatten().collect(), schemes))
    }
}

/// The root of a CPIX document.
pub(super) fn root(text: &[u8]) -> Result<Element, CpixError> {
    let text = std::str::from_utf8(text).map_err(|_| CpixError::Xml("it is not UTF-8"))?;
    let root = Element::read(text.trim_start_matches('\u{feff}')).map_err(CpixError::Xml)?;
    if root.name == "CPIX" { Ok(root) } else { Err(CpixError::Root(root.name)) }
}

fn form(what: &'static str, of: &Element, form: &'static str) -> CpixError {
    CpixError::Form { what, of: of.name.clone(), form }
}

fn kid(element: &Element) -> Result<KeyId, CpixError> {
    let id = element.get("kid").and_then(|kid| kid.parse().ok());
    id.ok_or_else(|| form("kid", element, "a UUID"))
}

/// The bytes that base64 stands for, wherever lines are broken.
fn decoded(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; text.len()]);
    let joined: Zeroizing<String> = Zeroizing::new(text.split_ascii_whitespace().collect());
    let count = STANDARD.decode_slice(joined.as_bytes(), &mut bytes).ok()?;
    bytes.truncate(count);
    Some(bytes)
}

fn sixteen(text: &str) -> Option<Zeroizing<[u8; 16]>> {
    decoded(text).and_then(|bytes| Some(Zeroizing::new(*bytes.first_chunk()?)).filter(|_| bytes.len() == 16))
}

/// A ContentKey with its value (CPIX § 5.3: the Secret of RFC 6030).
fn content(element: &Element) -> Result<ContentKey, CpixError> {
    let kid = kid(element)?;
    let secret = element.first(&["Data", "Secret"]);
    if secret.is_some_and(|secret| secret.first(&["EncryptedValue"]).is_some()) {
        return Err(CpixError::Encrypted);
    }
    let value = secret.and_then(|secret| secret.first(&["PlainValue"])).ok_or(CpixError::NoValue(kid))?;
    let key = sixteen(&value.text).ok_or_else(|| form("PlainValue", element, "16 bytes in base64"))?;
    let vector =
        element.get("explicitIV").map(|iv| sixteen(iv).ok_or(form("explicitIV", element, "16 bytes in base64")));
    Ok(ContentKey { kid, key: Key::new(*key), vector: vector.transpose()?.map(|iv| *iv) })
}

/// The key periods by their ids, counted from 0 in the order of time. Of two with one id it is the first.
fn periods(root: &Element) -> Result<BTreeMap<&str, u32>, CpixError> {
    const FORM: &str = "a number of its own";
    let all: Vec<&Element> = root.list("ContentKeyPeriodList", "ContentKeyPeriod").collect();
    let mut periods = BTreeMap::new();
    for period in &all {
        let id = period.get("id").ok_or_else(|| form("id", period, "a name"))?;
        // One alone is the first, whatever it says of time.
        let index = match period.get("index").map(str::parse::<u64>) {
            Some(Ok(index)) => index,
            None if all.len() == 1 => 0,
            _ => return Err(form("index", period, FORM)),
        };
        if periods.insert(index, id).is_some() {
            return Err(form("index", period, FORM));
        }
    }
    let mut numbers = BTreeMap::new();
    for (number, id) in (0..).zip(periods.into_values()) {
        numbers.entry(id).or_insert(number);
    }
    Ok(numbers)
}

/// The periods that a rule is for, counted from 0; nothing stands for all. Filters of one kind are alternatives
/// (CPIX § 5.5).
fn of_periods(rule: &Element, periods: &BTreeMap<&str, u32>) -> Result<Vec<Option<u32>>, CpixError> {
    let mut found = Vec::new();
    for filter in rule.all("KeyPeriodFilter") {
        let period = filter.get("periodId").and_then(|id| periods.get(id).copied());
        found.push(Some(period.ok_or_else(|| form("periodId", filter, "the id of a ContentKeyPeriod"))?));
    }
    Ok(if found.is_empty() { vec![None] } else { found })
}

/// The types of tracks that a rule is for; nothing stands for all.
fn tracks(rule: &Element, kid: KeyId) -> Result<Vec<Option<TrackType>>, CpixError> {
    let refuse = |what: String| Err(CpixError::Rule { kid, what });
    if let Some(other) = rule.children.iter().find(|filter| {
        filter.name.ends_with("Filter")
            && !matches!(filter.name.as_str(), "VideoFilter" | "AudioFilter" | "KeyPeriodFilter")
    }) {
        return refuse(format!("what passes a {}", other.name));
    }
    let mut tracks = Vec::new();
    for filter in rule.all("AudioFilter") {
        let bound = |name| filter.get(name).map(str::to_owned);
        match bound("minChannels").filter(|min| min != "0" && min != "1").or(bound("maxChannels")) {
            Some(channels) => return refuse(format!("sound by its channels ({channels})")),
            None => tracks.push(Some(TrackType::Audio)),
        }
    }
    for filter in rule.all("VideoFilter") {
        if let Some(other) = ["hdr", "wcg", "minFps", "maxFps"].into_iter().find(|name| filter.get(name).is_some()) {
            return refuse(format!("pictures by {other}"));
        }
        let number = |name: &'static str| {
            let value = filter.get(name).map(|text| text.parse::<u64>());
            value.transpose().map_err(|_| form(name, filter, "a number"))
        };
        let (min, max) = (number("minPixels")?.unwrap_or(0), number("maxPixels")?.unwrap_or(u64::MAX));
        for (kind, least, most) in TrackType::of_video() {
            // A picture of 0 or 1 pixels is none: rules may begin with either.
            let (inside, apart) = (min <= least.max(1) && most <= max, max < least || most < min);
            match (inside, apart) {
                (true, _) => tracks.push(Some(kind)),
                (false, true) => {}
                (false, false) => return refuse(format!("pictures of {min} to {max} pixels")),
            }
        }
    }
    if tracks.is_empty() {
        let named = rule.first(&["VideoFilter"]).is_some();
        return if named { refuse("pictures of no size".to_owned()) } else { Ok(vec![None]) };
    }
    Ok(tracks)
}

/// The prefixes that the MPD declares, around what is put into it.
const OF_THE_MPD: &str = "xmlns:cenc=\"urn:mpeg:cenc:2013\" xmlns:mspr=\"urn:microsoft:playready\"";

/// A DRMSystem: what it says is taken as it is. Nothing when it says nothing, as one does that a server did not fill.
fn system(element: &Element) -> Result<Option<SystemData>, CpixError> {
    let filled = |of: &&Element| !of.text.trim().is_empty();
    let kid = kid(element)?;
    let system = element.get("systemId").and_then(|id| id.parse().ok());
    let system: KeyId = system.ok_or_else(|| form("systemId", element, "a UUID"))?;
    let bytes =
        |of: &Element, what| decoded(&of.text).map(|bytes| bytes.to_vec()).ok_or_else(|| form(what, element, "base64"));
    let text =
        |of: &Element, what| String::from_utf8(bytes(of, what)?).map_err(|_| form(what, element, "text in base64"));
    let mut data = SystemData { kid, system, pssh: None, protection: None, media: None, multivariant: None };
    if let Some(pssh) = element.first(&["PSSH"]).filter(filled) {
        let pssh = bytes(pssh, "PSSH")?;
        if parts(&pssh).is_none_or(|(of, ..)| of != system.0) {
            return Err(form("PSSH", element, "one pssh box of the system"));
        }
        data.pssh = Some(pssh);
    }
    if let Some(protection) = element.first(&["ContentProtectionData"]).filter(filled) {
        let xml = text(protection, "ContentProtectionData")?;
        // Several elements may stand beside each other.
        Element::read(&format!("<all {OF_THE_MPD}>{xml}</all>"))
            .map_err(|_| form("ContentProtectionData", element, "XML in base64"))?;
        data.protection = Some(xml.trim().to_owned());
    }
    for signal in element.all("HLSSignalingData").filter(filled) {
        let lines = text(signal, "HLSSignalingData")?;
        let (name, place) = match signal.get("playlist") {
            Some("master") => ("#EXT-X-SESSION-KEY:", &mut data.multivariant),
            _ => ("#EXT-X-KEY:", &mut data.media),
        };
        let lines: Vec<&str> = lines.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        if lines.is_empty() || !lines.iter().all(|line| line.starts_with(name)) {
            return Err(form("HLSSignalingData", element, "lines with EXT-X-KEY, or EXT-X-SESSION-KEY for master"));
        }
        *place = Some(lines.join("\n"));
    }
    let said = data.pssh.is_some() || data.protection.is_some() || data.media.is_some() || data.multivariant.is_some();
    Ok(said.then_some(data))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KID: &str = "6a1b42c8-0d3e-4f59-9a77-c1d2e3f40516";
    const VALUE: &str =
        "<Data><pskc:Secret><pskc:PlainValue>AAECAwQFBgcICQoLDA0ODw==</pskc:PlainValue></pskc:Secret></Data>";

    fn document(inside: &str) -> String {
        format!(
            "<?xml version=\"1.0\"?><cpix:CPIX xmlns:cpix=\"urn:dashif:org:cpix\" xmlns:pskc=\"urn:ietf:params:xml:ns:keyprov:pskc\">{inside}</cpix:CPIX>"
        )
        .replace("<Data>", "<cpix:Data>")
        .replace("</Data>", "</cpix:Data>")
    }

    fn key(value: &str) -> String {
        format!("<cpix:ContentKeyList><cpix:ContentKey kid=\"{KID}\">{value}</cpix:ContentKey></cpix:ContentKeyList>")
    }

    fn rule(filters: &str) -> String {
        format!(
            "<cpix:ContentKeyUsageRuleList><cpix:ContentKeyUsageRule kid=\"{KID}\">{filters}</cpix:ContentKeyUsageRule></cpix:ContentKeyUsageRuleList>"
        )
    }

    fn kinds(filters: &str) -> Result<Vec<Option<TrackType>>, CpixError> {
        let keys = Keys::from_cpix(document(&(key(VALUE) + &rule(filters))).as_bytes())?;
        Ok(keys.entries().iter().map(|entry| entry.track).collect())
    }

    #[test]
    fn a_key_without_rules_is_for_everything() {
        let keys = Keys::from_cpix(document(&key(VALUE)).as_bytes()).expect("one key");
        let [entry] = keys.entries() else { panic!("one entry") };
        assert_eq!((entry.track, entry.period, entry.content.kid.to_string().as_str()), (None, None, KID));
        assert_eq!(entry.content.key, Key::new(std::array::from_fn(|at| at as u8)));
    }

    #[test]
    fn filters_are_types_of_tracks() {
        assert_eq!(kinds("<cpix:AudioFilter/>"), Ok(vec![Some(TrackType::Audio)]));
        assert_eq!(kinds("<cpix:VideoFilter maxPixels=\"442368\"/>"), Ok(vec![Some(TrackType::Sd)]));
        let large = "<cpix:VideoFilter minPixels=\"442369\"/>";
        assert_eq!(kinds(large), Ok([TrackType::Hd, TrackType::Uhd1, TrackType::Uhd2].map(Some).to_vec()));
        assert_eq!(kinds(""), Ok(vec![None]));
        for other in [
            "<cpix:VideoFilter maxPixels=\"500000\"/>",
            "<cpix:AudioFilter minChannels=\"3\"/>",
            "<cpix:BitrateFilter/>",
        ] {
            assert!(matches!(kinds(other), Err(CpixError::Rule { .. })), "{other}");
        }
    }

    #[test]
    fn periods_are_counted_by_their_index() {
        let periods = "<cpix:ContentKeyPeriodList><cpix:ContentKeyPeriod id=\"b\" index=\"8\"/><cpix:ContentKeyPeriod id=\"a\" index=\"7\"/></cpix:ContentKeyPeriodList>";
        let text = document(&(key(VALUE) + periods + &rule("<cpix:KeyPeriodFilter periodId=\"b\"/>")));
        assert_eq!(Keys::from_cpix(text.as_bytes()).expect("one key").entries()[0].period, Some(1));
        let unknown = text.replace("periodId=\"b\"", "periodId=\"c\"");
        assert!(matches!(Keys::from_cpix(unknown.as_bytes()), Err(CpixError::Form { .. })));
    }

    #[test]
    fn periods_of_a_rule_are_alternatives_and_each_has_its_index() {
        let periods = "<cpix:ContentKeyPeriodList><cpix:ContentKeyPeriod id=\"a\" index=\"1\"/><cpix:ContentKeyPeriod id=\"b\" index=\"2\"/></cpix:ContentKeyPeriodList>";
        let both = rule("<cpix:KeyPeriodFilter periodId=\"a\"/><cpix:KeyPeriodFilter periodId=\"b\"/>");
        let text = document(&(key(VALUE) + periods + &both));
        let keys = Keys::from_cpix(text.as_bytes()).expect("one key");
        assert_eq!(keys.entries().iter().map(|entry| entry.period).collect::<Vec<_>>(), [Some(0), Some(1)]);
        for index in ["", " index=\"1\"", " index=\"two\""] {
            let broken = Keys::from_cpix(text.replace(" index=\"2\"", index).as_bytes());
            assert!(matches!(broken, Err(CpixError::Form { what: "index", .. })), "{index}");
        }
    }

    #[test]
    fn rules_are_for_keys_that_are_there() {
        let text = document(&(key(VALUE) + &rule("") + &key(VALUE)));
        let other = "00000000-0000-0000-0000-000000000001";
        let lost =
            rule("").replace("</cpix:ContentKeyUsageRuleList>", "").replace("<cpix:ContentKeyUsageRuleList>", "");
        for (kid, of) in [(other, Err(CpixError::NoKey(other.parse().expect("a UUID")))), ("none", Err(form_of_kid()))]
        {
            let lost = lost.replace(KID, kid) + "</cpix:ContentKeyUsageRuleList>";
            let text = text.replacen("</cpix:ContentKeyUsageRuleList>", &lost, 1);
            assert_eq!(Keys::from_cpix(text.as_bytes()), of, "{kid}");
        }
    }

    fn form_of_kid() -> CpixError {
        CpixError::Form { what: "kid", of: "ContentKeyUsageRule".into(), form: "a UUID" }
    }

    #[test]
    fn what_goes_into_the_mpd_is_whole_elements_and_what_is_empty_is_not_there() {
        let systems = |data: &str| {
            document(
                &(key(VALUE)
                    + &format!(
                        "<cpix:DRMSystemList><cpix:DRMSystem kid=\"{KID}\" systemId=\"edef8ba9-79d6-4ace-a3c8-27dcd51d21ed\"><cpix:PSSH/><cpix:ContentProtectionData>{data}</cpix:ContentProtectionData><cpix:HLSSignalingData playlist=\"media\"/></cpix:DRMSystem></cpix:DRMSystemList>"
                    )),
            )
        };
        let read = |xml: &str| Keys::from_cpix(systems(&crate::crypt::base64(xml.as_bytes())).as_bytes());
        let keys = read("<cenc:pssh>AAAA</cenc:pssh><a xmlns=\"urn:a\"/>").expect("elements");
        let [system] = keys.systems() else { panic!("one system") };
        assert_eq!((&system.pssh, &system.media), (&None, &None));
        for broken in ["<a/></all></ContentProtection><broken", "<a/></all><all>", "<no:a/>", "<a>"] {
            assert!(matches!(read(broken), Err(CpixError::Form { what: "ContentProtectionData", .. })), "{broken}");
        }
        assert_eq!(Keys::from_cpix(systems("").as_bytes()).expect("a key").systems(), []);
    }

    #[test]
    fn encrypted_and_empty_documents_are_refused() {
        let delivery = "<cpix:DeliveryDataList><cpix:DeliveryData/></cpix:DeliveryDataList>";
        let sealed = "<cpix:Data><pskc:Secret><pskc:EncryptedValue/></pskc:Secret></cpix:Data>";
        for inside in [delivery.to_owned() + &key(VALUE), key(sealed)] {
            assert_eq!(Keys::from_cpix(document(&inside).as_bytes()), Err(CpixError::Encrypted));
        }
        assert!(matches!(Keys::from_cpix(document(&key("")).as_bytes()), Err(CpixError::NoValue(_))));
        assert_eq!(Keys::from_cpix(document("").as_bytes()), Err(CpixError::Keys(KeysError::Empty)));
        assert_eq!(Keys::from_cpix(b"<MPD/>"), Err(CpixError::Root("MPD".into())));
        assert!(matches!(Keys::from_cpix(b"<!DOCTYPE CPIX><CPIX/>"), Err(CpixError::Xml(_))));
    }

    #[test]
    fn what_systems_are_told_is_checked_and_kept() {
        let pssh = crate::crypt::base64(
            &[&[0, 0, 0, 32][..], b"pssh", &[0; 4], &super::super::super::WIDEVINE, &[0; 4]].concat(),
        );
        let lines = crate::crypt::base64(b"#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://a\"\n");
        let systems = |pssh: &str| {
            format!(
                "<cpix:DRMSystemList><cpix:DRMSystem kid=\"{KID}\" systemId=\"edef8ba9-79d6-4ace-a3c8-27dcd51d21ed\"><cpix:PSSH>{pssh}</cpix:PSSH><cpix:HLSSignalingData playlist=\"media\">{lines}</cpix:HLSSignalingData></cpix:DRMSystem></cpix:DRMSystemList>"
            )
        };
        let keys = Keys::from_cpix(document(&(key(VALUE) + &systems(&pssh))).as_bytes()).expect("one key");
        let [system] = keys.systems() else { panic!("one system") };
        assert_eq!(system.media.as_deref(), Some("#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://a\""));
        assert_eq!(system.pssh.as_ref().map(Vec::len), Some(32));
        let broken = Keys::from_cpix(document(&(key(VALUE) + &systems("AAAA"))).as_bytes());
        assert!(matches!(broken, Err(CpixError::Form { what: "PSSH", .. })));
    }
}
