//! The data of Widevine's `pssh`: a WidevinePsshData message in the wire format of Protocol Buffers.

use crate::media::{KeyId, Scheme};

/// Fields of the message, as key (field number and wire type).
const KEY_ID: u8 = 2 << 3 | 2;
const PROVIDER: u8 = 3 << 3 | 2;
const CONTENT_ID: u8 = 4 << 3 | 2;
const PROTECTION_SCHEME: u8 = 9 << 3;

/// The message for one key. The scheme is its four-character code as a number; `cenc` is what is meant without one.
pub(super) fn data(kid: KeyId, scheme: Scheme, provider: Option<&str>, content_id: Option<&str>) -> Vec<u8> {
    let mut out = Vec::new();
    field(&mut out, KEY_ID, &kid.0);
    provider.iter().for_each(|provider| field(&mut out, PROVIDER, provider.as_bytes()));
    content_id.iter().for_each(|id| field(&mut out, CONTENT_ID, id.as_bytes()));
    match scheme {
        Scheme::Cenc => {}
        Scheme::Cbcs => {
            out.push(PROTECTION_SCHEME);
            number(&mut out, u32::from_be_bytes(*scheme.fourcc()).into());
        }
    }
    out
}

fn field(out: &mut Vec<u8>, key: u8, bytes: &[u8]) {
    out.push(key);
    number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// A varint: seven bits a byte, the lowest first.
fn number(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_the_one_that_other_packagers_write() {
        let message = data(KeyId([0xab; 16]), Scheme::Cbcs, Some("acme"), Some("film"));
        let expected = [
            &[0x12, 0x10][..],
            &[0xab; 16],
            b"\x1a\x04acme\x22\x04film",
            // 48 f3 c6 89 9b 06: Shaka Packager's protection_scheme of cbcs.
            &[0x48, 0xf3, 0xc6, 0x89, 0x9b, 0x06],
        ];
        assert_eq!(message, expected.concat());
        assert_eq!(data(KeyId([1; 16]), Scheme::Cenc, None, None), [&[0x12, 0x10][..], &[1; 16]].concat());
    }
}
