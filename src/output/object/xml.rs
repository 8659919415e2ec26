//! The answers of S3, as far as they are lists of records with plain values.

use quick_xml::Reader;
use quick_xml::events::Event;

/// Tells `ended` the name of each element that ends, and the text in it.
pub(super) fn each(text: &str, mut ended: impl FnMut(&str, &str)) -> Result<(), quick_xml::Error> {
    let (mut reader, mut value) = (Reader::from_str(text), String::new());
    loop {
        match reader.read_event()? {
            Event::Start(_) => value.clear(),
            Event::Text(text) => value += &text,
            Event::GeneralRef(reference) => {
                let number = reference.resolve_char_ref()?.map(String::from);
                let known = quick_xml::escape::resolve_predefined_entity(&reference).map(str::to_owned);
                value += &number.or(known).unwrap_or_default();
            }
            Event::End(end) => {
                ended(end.local_name().as_ref(), &value);
                value.clear();
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}
