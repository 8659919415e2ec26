//! Pictures of thumbnails: their size, without decoding them.

use std::io::{BufReader, Cursor};

use image::{ImageFormat, ImageReader};

use super::Session;
use super::rule::rules;

rules! {
    READABLE: Error "DASH-IF IOP 6.2.6" "a sheet of thumbnails is a whole JPEG or PNG";
}

/// The largest picture that is read.
const MOST_BYTES: u64 = 64 << 20;

/// Width and height of a picture; nothing, and a finding, when it is none.
pub(super) fn size(file: &str, session: &mut Session<'_, '_>) -> Option<(u32, u32)> {
    let read = read(file, session);
    read.map_err(|why| session.findings.breaks(READABLE, file, why)).ok()
}

fn read(file: &str, session: &mut Session<'_, '_>) -> Result<(u32, u32), String> {
    let mut object = session.files.open(file).map_err(|why| why.to_string())?;
    if object.size > MOST_BYTES {
        return Err(format!("has {} bytes", object.size));
    }
    let bytes = object.read(0, object.size).map_err(|why| why.to_string())?;
    let reader = ImageReader::new(BufReader::new(Cursor::new(&bytes)));
    let reader = reader.with_guessed_format().map_err(|why| why.to_string())?;
    // EOI of JPEG; the last chunk of PNG.
    let end: &[u8] = match reader.format() {
        Some(ImageFormat::Jpeg) => &[0xff, 0xd9],
        Some(ImageFormat::Png) => &[0xae, 0x42, 0x60, 0x82],
        _ => return Err("is neither JPEG nor PNG".to_owned()),
    };
    let size = reader.into_dimensions().map_err(|why| format!("cannot be read: {why}"))?;
    if bytes.ends_with(end) { Ok(size) } else { Err("is cut".to_owned()) }
}
