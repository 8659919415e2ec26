//! XML as a tree of elements by their local names, read by quick-xml. Text is wiped when it is dropped, for some of it is
//! keys. Document types are refused: entities grow.

use std::collections::BTreeMap;

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::{NsReader, XmlVersion};
use zeroize::Zeroizing;

/// The deepest nesting that is read; a CPIX document has nine levels.
const MOST_LEVELS: usize = 64;

/// An element.
#[derive(Default)]
pub(super) struct Element {
    /// Its name without a prefix.
    pub(super) name: String,
    attributes: BTreeMap<String, String>,
    /// What it holds, in order.
    pub(super) children: Vec<Element>,
    /// Its text.
    pub(super) text: Zeroizing<String>,
}

impl Element {
    /// The root of a document, behind which nothing stands; why it is none, in words that repeat nothing of it.
    pub(super) fn read(text: &str) -> Result<Self, &'static str> {
        const BROKEN: &str = "it is not well-formed XML";
        const BEHIND: &str = "something stands behind its root";
        let mut reader = NsReader::from_str(text);
        let mut open: Vec<Self> = Vec::new();
        let mut root = None;
        loop {
            let event = reader.read_event().map_err(|_| BROKEN)?;
            if let Event::Start(start) | Event::Empty(start) = &event
                && !declared(&reader, start)
            {
                return Err("a prefix of a name in it is not declared");
            }
            match event {
                Event::Start(_) | Event::Empty(_) if root.is_some() => return Err(BEHIND),
                Event::Start(_) if open.len() >= MOST_LEVELS => return Err("its elements are nested too deeply"),
                Event::Start(start) => open.push(Self::start(&start).ok_or(BROKEN)?),
                Event::Empty(start) => {
                    let element = Self::start(&start).ok_or(BROKEN)?;
                    match open.last_mut() {
                        Some(parent) => parent.children.push(element),
                        None => root = Some(element),
                    }
                }
                Event::End(_) => {
                    let done = open.pop().ok_or(BROKEN)?;
                    match open.last_mut() {
                        Some(parent) => parent.children.push(done),
                        None => root = Some(done),
                    }
                }
                Event::Text(piece) => match open.last_mut() {
                    Some(parent) => parent.append(piece.trim()),
                    None if piece.trim().is_empty() => {}
                    None => return Err(BROKEN),
                },
                Event::CData(piece) => open.last_mut().ok_or(BROKEN)?.append(&piece),
                Event::GeneralRef(name) => open.last_mut().ok_or(BROKEN)?.append(&meant(&name).ok_or(BROKEN)?),
                Event::DocType(_) => return Err("it has a document type, which no such document needs"),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
                Event::Eof => return root.filter(|_| open.is_empty()).ok_or(BROKEN),
            }
        }
    }

    fn start(start: &BytesStart<'_>) -> Option<Self> {
        let local = |name: &str| name.rsplit(':').next().unwrap_or(name).to_owned();
        let mut attributes = BTreeMap::new();
        for attribute in start.attributes() {
            let attribute = attribute.ok()?;
            // XML § 2.3, AttValue: "<" is never in a value, and the reader takes it.
            if attribute.value.contains('<') {
                return None;
            }
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned();
            attributes.insert(local(attribute.key.as_ref()), value);
        }
        Some(Self { name: local(start.name().as_ref()), attributes, ..Self::default() })
    }

    /// More of its text. What grows in place leaves copies behind.
    fn append(&mut self, piece: &str) {
        if self.text.capacity() - self.text.len() < piece.len() {
            let mut larger = Zeroizing::new(String::with_capacity(2 * (self.text.len() + piece.len())));
            larger.push_str(&self.text);
            self.text = larger;
        }
        self.text.push_str(piece);
    }

    /// An attribute.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// The children of a name.
    pub(super) fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first element at the end of a path of names.
    pub(super) fn first(&self, path: &[&str]) -> Option<&Self> {
        let [name, rest @ ..] = path else { return Some(self) };
        self.children.iter().find(|child| child.name == *name)?.first(rest)
    }

    /// What the children of the first `list` hold by the name `item`.
    pub(super) fn list<'e>(&'e self, list: &'e str, item: &'e str) -> impl Iterator<Item = &'e Self> {
        self.first(&[list]).into_iter().flat_map(move |list| list.all(item))
    }
}

/// Whether an element and its attributes have no prefix but those that stand for something (Namespaces in XML § 5).
fn declared(reader: &NsReader<&[u8]>, start: &BytesStart<'_>) -> bool {
    let names = reader.resolver();
    let unknown = |resolved: ResolveResult<'_>| matches!(resolved, ResolveResult::Unknown(_));
    !unknown(names.resolve_element(start.name()).0)
        && !start.attributes().flatten().any(|attribute| unknown(names.resolve_attribute(attribute.key).0))
}

/// What a reference to a character, or to one of the entities that every document has, stands for.
fn meant(name: &BytesRef<'_>) -> Option<String> {
    match name.resolve_char_ref().ok()? {
        Some(character) => Some(character.to_string()),
        None => resolve_predefined_entity(name).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_stands_behind_the_root() {
        assert!(Element::read("<?xml version=\"1.0\"?><a/>\n<!-- the end -->\n").is_ok());
        for text in ["<a/><b/>", "<a></a></b>", "<a/>b", "<a/><b", "a<a/>", "<a/>&#65;", "<a><b></a>", "<a>", ""] {
            assert!(Element::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn prefixes_are_declared() {
        assert!(Element::read("<p:a xmlns:p=\"urn:p\" p:b=\"1\" xml:lang=\"en\"/>").is_ok());
        for text in ["<p:a/>", "<a p:b=\"1\"/>", "<a><b xmlns:p=\"urn:p\"/><p:c/></a>", "<a b=\"<\"/>"] {
            assert!(Element::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn references_stand_for_characters_or_are_refused() {
        let text = Element::read("<a>A&#66;&lt;&#x43;</a>").map(|root| root.text.to_string());
        assert_eq!(text.as_deref(), Ok("AB<C"));
        assert!(Element::read("<a>A&b;C</a>").is_err());
    }
}
