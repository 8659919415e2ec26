//! PlayReady's header: a PlayReady Object with one WRMHEADER (Microsoft, PlayReady Header Specification).

use quick_xml::escape::escape;

use super::text::base64;
use crate::media::{KeyId, Scheme};

/// The object for one key. `cenc` has the header that every client reads, version 4.0; `cbcs` came with 4.3. There is no
/// CHECKSUM: it is optional, and made of the key.
pub(super) fn object(kid: KeyId, scheme: Scheme, licence_server: Option<&str>) -> Vec<u8> {
    const HEADER_RECORD: u16 = 1;
    let text: Vec<u8> = header(kid, scheme, licence_server).encode_utf16().flat_map(u16::to_le_bytes).collect();
    // Settings allow no licence server that is longer.
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    let mut object = (10 + u32::from(length)).to_le_bytes().to_vec();
    object.extend(1_u16.to_le_bytes());
    object.extend(HEADER_RECORD.to_le_bytes());
    object.extend(length.to_le_bytes());
    object.extend_from_slice(&text[..length.into()]);
    object
}

fn header(kid: KeyId, scheme: Scheme, licence_server: Option<&str>) -> String {
    let kid = base64(&as_guid(kid));
    let (version, info) = match scheme {
        Scheme::Cenc => {
            ("4.0.0.0", format!("<PROTECTINFO><KEYLEN>16</KEYLEN><ALGID>AESCTR</ALGID></PROTECTINFO><KID>{kid}</KID>"))
        }
        Scheme::Cbcs => {
            let kid = format!("<KID ALGID=\"AESCBC\" VALUE=\"{kid}\"></KID>");
            ("4.3.0.0", format!("<PROTECTINFO><KIDS>{kid}</KIDS></PROTECTINFO>"))
        }
    };
    let server = licence_server.map_or(String::new(), |url| format!("<LA_URL>{}</LA_URL>", escape(url)));
    let namespace = "http://schemas.microsoft.com/DRM/2007/03/PlayReadyHeader";
    format!("<WRMHEADER xmlns=\"{namespace}\" version=\"{version}\"><DATA>{info}{server}</DATA></WRMHEADER>")
}

/// The bytes of a key id in the order of a GUID: its first three numbers lowest byte first.
fn as_guid(kid: KeyId) -> [u8; 16] {
    let mut bytes = kid.0;
    bytes[..4].reverse();
    bytes[4..6].reverse();
    bytes[6..8].reverse();
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_id_is_in_the_order_of_a_guid() {
        let kid = KeyId([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
        assert_eq!(as_guid(kid), [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]);
    }

    #[test]
    fn an_object_tells_its_lengths_and_escapes_the_server() {
        let object = object(KeyId([7; 16]), Scheme::Cbcs, Some("https://drm.example/?a=1&b=2"));
        assert_eq!(object[..4], (object.len() as u32).to_le_bytes());
        assert_eq!(object[4..8], [1, 0, 1, 0]);
        assert_eq!(object[8..10], (object.len() as u16 - 10).to_le_bytes());
        let units: Vec<u16> = object[10..].as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
        let text = String::from_utf16(&units).expect("UTF-16");
        assert!(text.contains("version=\"4.3.0.0\"") && text.contains("ALGID=\"AESCBC\""), "{text}");
        assert!(text.contains("<LA_URL>https://drm.example/?a=1&amp;b=2</LA_URL>"), "{text}");
    }
}
