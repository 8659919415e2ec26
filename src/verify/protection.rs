//! What a header says of the key of encrypted media, against itself.

use super::boxes::{self, Place};
use super::finding::Findings;
use super::header::Header;
use super::rule::rules;

rules! {
    NAMED: Error "ISO 23001-7 8.1" "a pssh that names keys names the key of the track";
}

/// What the `pssh` of a header name.
pub(super) fn check_header(header: &Header, findings: &mut Findings<'_>) {
    let Some(key) = header.entry.key.filter(|_| header.entry.encrypted) else { return };
    for pssh in &header.pssh {
        let Some(named) = named_keys(pssh).filter(|named| !named.is_empty()) else { continue };
        findings.check(named.contains(&key), NAMED, &header.file, || {
            let list: Vec<String> = named.iter().map(|key| hex(key)).collect();
            format!("pssh names {}, the key of the track is {}", list.join(", "), hex(&key))
        });
    }
}

/// The keys that a `pssh` of version 1 lists (ISO/IEC 23001-7:2023 § 8.1.2).
fn named_keys(pssh: &[u8]) -> Option<Vec<[u8; 16]>> {
    let place = Place { kind: *b"pssh", start: 0, body: 8, end: pssh.len() };
    let (version, _) = boxes::version_and_flags(pssh, place);
    let count = if version == 0 { 0 } else { boxes::word(pssh, place, 20)? as usize };
    let list = pssh.get(32..)?.get(..count.checked_mul(16)?)?;
    Some(list.as_chunks().0.to_vec())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
