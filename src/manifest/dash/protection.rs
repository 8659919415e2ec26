//! ContentProtection: the key of a set, and what each system is told of it (ISO/IEC 23009-1:2022 § 5.8.4.1; DASH-IF
//! IOP, Part 6).

use crate::crypt::{Signal, SystemData, SystemSignal, base64};
use crate::manifest::stored::Media;
use crate::package::system_header;

use super::element::Element;

/// Prefix and namespace of what other specifications have put into MPDs.
const NAMESPACES: [(&str, &str); 3] = [
    ("xmlns:cenc", "urn:mpeg:cenc:2013"),
    ("xmlns:mspr", "urn:microsoft:playready"),
    ("xmlns:dashif", "https://dashif.org/CPS"),
];

const MP4_PROTECTION: &str = "urn:mpeg:dash:mp4protection:2011";
const WIDEVINE: &str = "urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed";
const PLAYREADY: &str = "urn:uuid:9a04f079-9840-4286-ab92-e65be0885f95";
const FAIRPLAY: &str = "urn:uuid:94ce86fb-07ff-4f43-adb8-93d2fa968ca2";
const CLEARKEY: &str = "urn:uuid:e2719d58-a985-b3c9-781a-b030af78d30e";
const COMMON: &str = "urn:uuid:1077efec-c0b2-4d02-ace3-3c1e52e2fb4b";

/// The namespaces of an MPD in which something is protected.
pub(super) fn namespaces(mpd: Element) -> Element {
    NAMESPACES.into_iter().fold(mpd, |mpd, (name, namespace)| mpd.attribute(name, namespace))
}

/// The descriptors of a set whose representations are protected as `media` is: the scheme and the key first, then one
/// for each system.
pub(super) fn descriptors(media: &Media<'_>) -> Vec<Element> {
    // Where keys change, the segments carry what is told of the later ones.
    let Some(signal) = media.stored.init.protection.as_ref().map(Signal::first) else { return Vec::new() };
    let kid = signal.kid();
    let first =
        Element::descriptor("ContentProtection", MP4_PROTECTION, signal.scheme()).attribute("cenc:default_KID", kid);
    let system = |system: &SystemSignal| {
        if let SystemSignal::Given { data, .. } = system {
            return given(data);
        }
        let (scheme, value) = match system {
            SystemSignal::Widevine { .. } => (WIDEVINE, Some("Widevine")),
            SystemSignal::Playready { .. } => (PLAYREADY, Some("MSPR 2.0")),
            SystemSignal::Fairplay { .. } => (FAIRPLAY, Some("FairPlay")),
            SystemSignal::Clearkey { .. } => (CLEARKEY, Some("ClearKey1.0")),
            SystemSignal::Common | SystemSignal::Given { .. } => (COMMON, None),
        };
        let element = Element::new("ContentProtection").attribute("schemeIdUri", scheme);
        let element = value.into_iter().fold(element, |element, value| element.attribute("value", value));
        // Clear Key goes by the key id and the address alone; dash.js takes a pssh that stands here for a list of key ids.
        let told = (!matches!(system, SystemSignal::Clearkey { .. })).then(|| system.header(kid)).flatten();
        let header =
            told.map(|(id, keys, data)| Element::new("cenc:pssh").text(&base64(&system_header(&id, &keys, data))));
        let own = match system {
            SystemSignal::Playready { object } => Some(Element::new("mspr:pro").text(&base64(object))),
            SystemSignal::Clearkey { url } => {
                Some(Element::new("dashif:Laurl").attribute("Lic_type", "EME-1.0").text(url))
            }
            SystemSignal::Widevine { .. }
            | SystemSignal::Fairplay { .. }
            | SystemSignal::Common
            | SystemSignal::Given { .. } => None,
        };
        element.children(header).children(own)
    };
    std::iter::once(first).chain(signal.systems.iter().map(system)).collect()
}

/// The descriptor of a system of which a key server says what to tell.
fn given(data: &SystemData) -> Element {
    let element = Element::new("ContentProtection").attribute("schemeIdUri", format_args!("urn:uuid:{}", data.system));
    match (&data.protection, &data.pssh) {
        (Some(xml), _) => element.xml(xml),
        (None, Some(pssh)) => element.child(Element::new("cenc:pssh").text(&base64(pssh))),
        (None, None) => element,
    }
}
