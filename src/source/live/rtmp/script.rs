//! Data messages of RTMP, and script tags of FLV, which are the same (Adobe Flash Video File Format Specification, version
//! 10.1, E.4.4): the names of those that mark something, and what they hold.

use std::collections::BTreeMap;

use rtmp_rs::amf::{AmfValue, amf0};
use serde_json::{Map, Number, Value};

use super::amf;

/// Messages that mark something in a programme: cue points of Adobe's, advertisements as Azure Media Services had them.
/// Others tell of the stream, and some come with every picture.
const MARKING: [&str; 3] = ["onCuePoint", "onAdCue", "onUserDataEvent"];

/// Before what a server should keep for those who come late.
const KEEP: &[u8] = b"\x02\0\x0d@setDataFrame";

/// The name of a message that marks something.
pub(in crate::source::live) fn marking(bytes: &[u8]) -> Option<&'static str> {
    let bytes = bytes.strip_prefix(KEEP).unwrap_or(bytes);
    let [0x02, high, low, rest @ ..] = bytes else { return None };
    let name = rest.get(..usize::from(u16::from_be_bytes([*high, *low])))?;
    MARKING.into_iter().find(|marking| marking.as_bytes() == name)
}

/// What a message holds behind its name; nothing when that cannot be read.
pub(in crate::source::live) fn value(bytes: &[u8]) -> Option<Value> {
    amf::check(bytes).ok()?;
    let bytes = bytes.strip_prefix(KEEP).unwrap_or(bytes);
    let mut values = amf0::decode_all(bytes).ok()?.into_iter().skip(1);
    Some(values.next().map_or(Value::Null, json))
}

fn json(value: AmfValue) -> Value {
    match value {
        AmfValue::Null | AmfValue::Undefined => Value::Null,
        AmfValue::Boolean(fact) => Value::Bool(fact),
        AmfValue::Number(number) | AmfValue::Date(number) => number_of(number),
        AmfValue::Integer(number) => Value::from(number),
        AmfValue::String(text) | AmfValue::Xml(text) => Value::String(text),
        AmfValue::Array(values) => Value::Array(values.into_iter().map(json).collect()),
        AmfValue::ByteArray(bytes) => Value::Array(bytes.into_iter().map(Value::from).collect()),
        AmfValue::Object(properties) | AmfValue::EcmaArray(properties) | AmfValue::TypedObject { properties, .. } => {
            // The same message is the same text.
            let sorted: BTreeMap<_, _> = properties.into_iter().collect();
            Value::Object(sorted.into_iter().map(|(name, value)| (name, json(value))).collect::<Map<_, _>>())
        }
    }
}

/// A number without a fraction where it has none: what AMF has are all of one kind.
fn number_of(number: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() < EXACT {
        return Value::from(number as i64);
    }
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_that_mark_something_are_told_by_their_names() {
        let cue = b"\x02\0\x0aonCuePoint\x05";
        assert_eq!(marking(cue), Some("onCuePoint"));
        assert_eq!(marking(&[KEEP, cue].concat()), Some("onCuePoint"));
        for other in [&b"\x02\0\x0aonMetaData\x05"[..], b"\x02\0\x0aonCue", b"", b"\x05", b"\x02\xff\xffonCuePoint"] {
            assert_eq!(marking(other), None, "{other:?}");
        }
    }

    #[test]
    fn what_they_hold_is_json_in_one_order() {
        let cue = b"\x02\0\x0aonCuePoint\x03\0\x01b\0\x3f\xf8\0\0\0\0\0\0\0\x01a\x01\x01\0\x01c\0\x7f\xf8\0\0\0\0\0\0\0\0\x09";
        let wanted = r#"{"a":true,"b":1.5,"c":null}"#;
        assert_eq!(value(cue).map(|value| value.to_string()).as_deref(), Some(wanted));
        assert_eq!(value(&[KEEP, cue].concat()).map(|value| value.to_string()).as_deref(), Some(wanted));
        assert_eq!(value(b"\x02\0\x0aonCuePoint"), Some(Value::Null));
    }
}
