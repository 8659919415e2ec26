//! Boxes as text: one line per box, fields in hexadecimal words below it. Knows the layout of boxes only
//! as far as it must to find their children; shares no code with the writer.

use std::fmt::Write;

/// What stands between a box header and what is inside.
enum Inside {
    /// Children after this many bytes of fields.
    Children(usize),
    /// Version and flags, then children after this many bytes.
    FullChildren(usize),
    /// Version and flags, then fields.
    FullFields,
    /// Fields.
    Fields,
    /// Media, of which only the size is of interest.
    Media,
}

fn inside(kind: &[u8]) -> Inside {
    match kind {
        b"moov" | b"trak" | b"edts" | b"mdia" | b"minf" | b"dinf" | b"stbl" | b"mvex" | b"moof" | b"traf" => {
            Inside::Children(0)
        }
        b"avc1" | b"hvc1" | b"av01" | b"vp09" => Inside::Children(78),
        b"mp4a" | b"ac-3" | b"ec-3" | b"Opus" | b"fLaC" => Inside::Children(28),
        b"dref" | b"stsd" => Inside::FullChildren(4),
        b"ftyp" | b"styp" | b"avcC" | b"hvcC" | b"av1C" | b"colr" | b"pasp" | b"mdcv" | b"clli" | b"dac3" | b"dec3"
        | b"dOps" => Inside::Fields,
        b"mdat" => Inside::Media,
        _ => Inside::FullFields,
    }
}

/// The boxes in `bytes`.
pub(crate) fn dump(bytes: &[u8]) -> String {
    let mut out = String::new();
    boxes(&mut out, bytes, 0);
    out
}

fn boxes(out: &mut String, mut bytes: &[u8], depth: usize) {
    while !bytes.is_empty() {
        let size = u32::from_be_bytes(bytes[..4].try_into().expect("four bytes")) as usize;
        let (kind, body) = (&bytes[4..8], &bytes[8..size]);
        write!(out, "{:1$}{2} {size}", "", depth * 2, String::from_utf8_lossy(kind)).expect("a string grows");
        match inside(kind) {
            Inside::Children(fields) => {
                fields_of(out, &body[..fields], depth);
                boxes(out, &body[fields..], depth + 1);
            }
            Inside::FullChildren(fields) => {
                version(out, body);
                fields_of(out, &body[4..4 + fields], depth);
                boxes(out, &body[4 + fields..], depth + 1);
            }
            Inside::FullFields => {
                version(out, body);
                fields_of(out, &body[4..], depth);
            }
            Inside::Fields => fields_of(out, body, depth),
            Inside::Media => out.push('\n'),
        }
        bytes = &bytes[size..];
    }
}

fn version(out: &mut String, body: &[u8]) {
    write!(out, " v{} flags {:02x}{:02x}{:02x}", body[0], body[1], body[2], body[3]).expect("a string grows");
}

fn fields_of(out: &mut String, fields: &[u8], depth: usize) {
    out.push('\n');
    for line in fields.chunks(32) {
        let words: Vec<_> = line.chunks(4).map(hex).collect();
        writeln!(out, "{:1$}| {2}", "", depth * 2, words.join(" ")).expect("a string grows");
    }
}

fn hex(word: &[u8]) -> String {
    let text = word.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b' ') && word.len() == 4;
    if text && word.iter().any(|byte| byte.is_ascii_lowercase()) {
        return format!("'{}'", String::from_utf8_lossy(word));
    }
    word.iter().map(|byte| format!("{byte:02x}")).collect()
}
