//! What of AMF0 (Action Message Format, version 0, of 2007) is let through to `rtmp-rs`, which decodes a message whole
//! before it looks at it.

/// No command of an encoder nests deeper, and each level is copied once when it is decoded.
const DEPTH: usize = 8;

/// What nobody sends who means well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// § 2.9: it is answered with a copy, so a few of them make any number of values.
    Reference,
    TooDeep,
}

/// Looks through the values of a message, read as `rtmp-rs` reads them. What it cannot read is nothing to refuse: it cannot
/// either, and ends the connection.
pub(super) fn check(message: &[u8]) -> Result<(), Refused> {
    let mut rest = message;
    while !rest.is_empty() {
        if value(&mut rest, DEPTH)?.is_none() {
            break;
        }
    }
    Ok(())
}

/// Passes over one value; nothing where it is cut off.
fn value(rest: &mut &[u8], depth: usize) -> Result<Option<()>, Refused> {
    let Some(marker) = byte(rest) else { return Ok(None) };
    match marker {
        // A number; a Boolean; a string; a date; long strings and XML.
        0x00 => Ok(skip(rest, 8)),
        0x01 => Ok(skip(rest, 1)),
        0x02 => Ok(length(rest, 2).and_then(|bytes| skip(rest, bytes))),
        0x0b => Ok(skip(rest, 10)),
        0x0c | 0x0f => Ok(length(rest, 4).and_then(|bytes| skip(rest, bytes))),
        0x07 => Err(Refused::Reference),
        // An object; an array by names, which has a hint of its size; an object of a class, which has a name.
        0x03 => properties(rest, depth),
        0x08 => match skip(rest, 4) {
            Some(()) => properties(rest, depth),
            None => Ok(None),
        },
        0x10 => match length(rest, 2).and_then(|bytes| skip(rest, bytes)) {
            Some(()) => properties(rest, depth),
            None => Ok(None),
        },
        0x0a => elements(rest, depth),
        // Others have nothing behind them, and what is not known is passed over.
        _ => Ok(Some(())),
    }
}

/// Names and values, up to an empty name and one byte.
fn properties(rest: &mut &[u8], depth: usize) -> Result<Option<()>, Refused> {
    let depth = depth.checked_sub(1).ok_or(Refused::TooDeep)?;
    loop {
        let Some(name) = length(rest, 2) else { return Ok(None) };
        if name == 0 {
            let _ = byte(rest);
            return Ok(Some(()));
        }
        if skip(rest, name).is_none() || value(rest, depth)?.is_none() {
            return Ok(None);
        }
    }
}

fn elements(rest: &mut &[u8], depth: usize) -> Result<Option<()>, Refused> {
    let depth = depth.checked_sub(1).ok_or(Refused::TooDeep)?;
    let Some(count) = length(rest, 4) else { return Ok(None) };
    for _ in 0..count {
        if value(rest, depth)?.is_none() {
            return Ok(None);
        }
    }
    Ok(Some(()))
}

fn byte(rest: &mut &[u8]) -> Option<u8> {
    let (first, behind) = rest.split_first()?;
    *rest = behind;
    Some(*first)
}

/// A number of so many bytes.
fn length(rest: &mut &[u8], bytes: usize) -> Option<usize> {
    let (number, behind) = rest.split_at_checked(bytes)?;
    *rest = behind;
    Some(number.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
}

fn skip(rest: &mut &[u8], bytes: usize) -> Option<()> {
    *rest = rest.get(bytes..)?;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_of_encoders_are_let_through() {
        let connect = b"\x02\0\x07connect\0\x3f\xf0\0\0\0\0\0\0\x03\0\x03app\x02\0\x04live\0\x01x\x01\x01\0\0\x09";
        let metadata = b"\x02\0\x0aonMetaData\x08\0\0\0\x01\0\x05width\0\x40\x94\0\0\0\0\0\0\0\0\x09";
        let array = b"\x0a\0\0\0\x02\x05\x0b\0\0\0\0\0\0\0\0\0\0";
        // A string may hold any byte.
        let string = b"\x02\0\x03\x07\x07\x07";
        // What is cut off is no matter, nor what has no end.
        for message in [&connect[..], metadata, array, string, &connect[..20], b"\x03\0\0", b"", b"\x42"] {
            assert_eq!(check(message), Ok(()), "{message:?}");
        }
    }

    #[test]
    fn what_is_copied_again_and_again_is_refused() {
        assert_eq!(check(b"\x05\x07\0\0"), Err(Refused::Reference));
        assert_eq!(check(b"\x0a\0\0\0\x01\x07\0\0"), Err(Refused::Reference));
        assert_eq!(check(b"\x03\0\x01a\x08\0\0\0\0\0\x01b\x07\0\0\0\0\x09"), Err(Refused::Reference));
        // An object that has ended early is followed by what is a value again.
        assert_eq!(check(b"\x03\0\0\x05\x07\0\0"), Err(Refused::Reference));
        assert_eq!(check(b"\x11\x07\0\0"), Err(Refused::Reference));
        let deep = b"\x0a\0\0\0\x01".repeat(9);
        assert_eq!(check(&deep), Err(Refused::TooDeep));
        assert_eq!(check(&deep[5..]), Ok(()));
    }
}
