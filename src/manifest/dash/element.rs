//! XML elements as values, written by quick-xml.

use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use quick_xml::writer::Writer;

/// DASH's own roles (ISO/IEC 23009-1 § 5.8.5.5).
const ROLES: &str = "urn:mpeg:dash:role:2011";

/// An element with its attributes and children, both in the order they are added. The schema prescribes
/// the order of the children.
#[derive(Debug)]
pub(super) struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    text: Option<String>,
    xml: Option<String>,
    children: Vec<Element>,
}

impl Element {
    /// An empty element.
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, attributes: Vec::new(), text: None, xml: None, children: Vec::new() }
    }

    /// A DescriptorType (ISO/IEC 23009-1 § 5.8.2): a scheme and its value.
    pub(super) fn descriptor(name: &'static str, scheme: &str, value: impl ToString) -> Self {
        Self::new(name).attribute("schemeIdUri", scheme).attribute("value", value)
    }

    /// A Role of an AdaptationSet: `main`, `alternate`, `dub`, `commentary`.
    pub(super) fn role(value: &str) -> Self {
        Self::descriptor("Role", ROLES, value)
    }

    /// Adds an attribute.
    pub(super) fn attribute(mut self, name: &'static str, value: impl ToString) -> Self {
        self.attributes.push((name, value.to_string()));
        self
    }

    /// Adds a child.
    pub(super) fn child(mut self, child: Self) -> Self {
        self.children.push(child);
        self
    }

    /// Adds children.
    pub(super) fn children(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children);
        self
    }

    /// Sets the text; an element has text or children.
    pub(super) fn text(mut self, text: &str) -> Self {
        self.text = Some(text.to_owned());
        self
    }

    /// Sets what stands before the children as it is: XML that somebody else made and that was checked to be some.
    pub(super) fn xml(mut self, xml: &str) -> Self {
        self.xml = Some(xml.to_owned());
        self
    }

    /// The document whose root is this element.
    pub(super) fn into_document(self) -> String {
        let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
        let done = writer
            .write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))
            .and_then(|()| self.write(&mut writer));
        done.expect("a Vec takes every byte");
        let mut bytes = writer.into_inner();
        bytes.push(b'\n');
        String::from_utf8(bytes).expect("names, attributes and text are strings")
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
        let attributes = self.attributes.iter().map(|(name, value)| (*name, value.as_str()));
        let start = BytesStart::new(self.name).with_attributes(attributes);
        if self.children.is_empty() && self.text.is_none() && self.xml.is_none() {
            return writer.write_event(Event::Empty(start));
        }
        writer.write_event(Event::Start(start))?;
        if let Some(text) = &self.text {
            writer.write_event(Event::Text(BytesText::new(text)))?;
        }
        if let Some(xml) = &self.xml {
            writer.write_event(Event::Text(BytesText::from_escaped(xml)))?;
        }
        self.children.iter().try_for_each(|child| child.write(writer))?;
        writer.write_event(Event::End(BytesEnd::new(self.name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_attributes_are_escaped() {
        let label = Element::new("Label").attribute("lang", "\"<en>\"").text("Cut & <Paste>");
        let document = Element::new("Set").child(label).into_document();
        assert!(
            document.contains("<Label lang=\"&quot;&lt;en&gt;&quot;\">Cut &amp; &lt;Paste&gt;</Label>"),
            "{document}"
        );
    }
}
