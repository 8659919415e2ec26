//! ID3 tags (ID3v2.4.0), by the crate `id3`.

use id3::frame::{Content, ExtendedText, Private};
use id3::{Encoder, Tag, TagLike, Version};

/// Why no tag can be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unwritten {
    /// A string of ID3 ends with the first NUL.
    #[error("a name or text holds a NUL, which ends strings of ID3")]
    Nul,
    /// It cannot be written.
    #[error("no ID3 tag can be made of it: {0}")]
    Tag(#[from] id3::Error),
}

/// A frame to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Frame {
    /// Text under a name of the user's own (TXXX).
    Named { name: String, value: String },
    /// Text of a known kind.
    Text { kind: String, text: String },
    /// Bytes that their owner understands (PRIV).
    Private { owner: String, data: Vec<u8> },
}

/// A tag of these frames, in UTF-8.
pub(super) fn write(frames: &[Frame]) -> Result<Vec<u8>, Unwritten> {
    let mut tag = Tag::with_version(Version::Id3v24);
    for frame in frames {
        let texts = match frame {
            Frame::Named { name, value } => [name, value],
            Frame::Text { kind, text } => [kind, text],
            Frame::Private { owner, .. } => [owner, owner],
        };
        if texts.iter().any(|text| text.contains('\0')) {
            return Err(Unwritten::Nul);
        }
        match frame.clone() {
            Frame::Named { name, value } => drop(tag.add_frame(ExtendedText { description: name, value })),
            Frame::Text { kind, text } => drop(tag.add_frame(id3::Frame::with_content(kind, Content::Text(text)))),
            Frame::Private { owner, data } => {
                drop(tag.add_frame(Private { owner_identifier: owner, private_data: data }));
            }
        }
    }
    let mut bytes = Vec::new();
    Encoder::new().version(Version::Id3v24).encode(&tag, &mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_a_header_and_frames_in_utf_8() {
        let frame = Frame::Named { name: "chat".to_owned(), value: "hi".to_owned() };
        let bytes = write(&[frame]).expect("a tag");
        // TXXX: encoding 3, the description with its NUL, the value.
        let golden = [&b"ID3\x04\0\0\0\0\0\x12"[..], b"TXXX\0\0\0\x08\0\0", b"\x03chat\0hi"].concat();
        assert_eq!(bytes, golden);
    }
}
