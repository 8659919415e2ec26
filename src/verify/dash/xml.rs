//! XML as a tree of elements, read by quick-xml. Document types are refused: an MPD needs none, and entities grow.

use std::collections::BTreeMap;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::super::finding::Findings;
use super::super::rule::rules;

rules! {
    WELL_FORMED: Error "XML 1.0 2.1" "an MPD is well-formed XML";
    NO_DOCTYPE: Error "ISO 23009-1 5.2" "an MPD has no document type";
}

/// The deepest nesting that is read; an MPD has ten levels.
const MOST_LEVELS: usize = 64;

/// The most elements that are read: a timeline of a week without a repetition.
const MOST_ELEMENTS: usize = 1 << 19;

/// An element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Element {
    /// Its name, without a prefix when it is in the namespace of the document.
    pub(super) name: String,
    /// Its attributes, by their name with the prefix.
    pub(super) attributes: BTreeMap<String, String>,
    /// What it holds, in order.
    pub(super) children: Vec<Element>,
    /// Its text.
    pub(super) text: String,
}

impl Element {
    /// Reads a document; nothing, and a finding, when it is none.
    pub(super) fn read(name: &str, text: &str, findings: &mut Findings<'_>) -> Option<Self> {
        match parse(text) {
            Ok(root) => Some(root),
            Err(Refused::DocType) => {
                findings.breaks(NO_DOCTYPE, name, "has a document type and was not read");
                None
            }
            Err(Refused::Syntax(why)) => {
                findings.breaks(WELL_FORMED, name, why);
                None
            }
        }
    }

    /// An attribute.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// An attribute that is a whole number.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.trim().parse().ok()
    }

    /// The children of a name.
    pub(super) fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first child of a name.
    pub(super) fn first(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The first child of a name, whatever its namespace.
    pub(super) fn first_local(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name.rsplit(':').next() == Some(name))
    }

    /// A property by its scheme, and its value.
    pub(super) fn property(&self, kind: &str, scheme: &str) -> Option<&str> {
        let property =
            self.children.iter().find(|child| child.name == kind && child.get("schemeIdUri") == Some(scheme));
        property.map(|property| property.get("value").unwrap_or_default())
    }
}

/// Why a document was not read.
#[derive(Debug, PartialEq, Eq)]
enum Refused {
    DocType,
    Syntax(String),
}

fn syntax(why: impl std::fmt::Display) -> Refused {
    Refused::Syntax(why.to_string())
}

fn parse(text: &str) -> Result<Element, Refused> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    let mut elements = 0;
    loop {
        if elements > MOST_ELEMENTS {
            return Err(syntax("there are too many elements"));
        }
        match reader.read_event().map_err(syntax)? {
            Event::Start(_) | Event::Empty(_) if root.is_some() => return Err(syntax("there are two root elements")),
            Event::Start(start) => {
                if open.len() >= MOST_LEVELS {
                    return Err(syntax("elements are nested too deeply"));
                }
                elements += 1;
                open.push(element(&start)?);
            }
            Event::Empty(start) => {
                elements += 1;
                close(element(&start)?, &mut open, &mut root);
            }
            Event::End(_) => {
                // quick-xml has checked that the names fit.
                let done = open.pop().ok_or_else(|| syntax("an element ends that did not begin"))?;
                close(done, &mut open, &mut root);
            }
            Event::Text(piece) => {
                if let Some(parent) = open.last_mut() {
                    parent.text += piece.trim();
                }
            }
            Event::GeneralRef(reference) => {
                let number = reference.resolve_char_ref().map_err(syntax)?.map(String::from);
                let known = quick_xml::escape::resolve_predefined_entity(&reference).map(str::to_owned);
                let piece =
                    number.or(known).ok_or_else(|| syntax(format!("the entity {} is not known", &*reference)))?;
                if let Some(parent) = open.last_mut() {
                    parent.text += &piece;
                }
            }
            Event::CData(piece) => {
                if let Some(parent) = open.last_mut() {
                    parent.text += &piece;
                }
            }
            Event::DocType(_) => return Err(Refused::DocType),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof if open.is_empty() => return root.ok_or_else(|| syntax("there is no element")),
            Event::Eof => return Err(syntax("the document ends within an element")),
        }
    }
}

fn close(element: Element, open: &mut [Element], root: &mut Option<Element>) {
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None => *root = Some(element),
    }
}

fn element(start: &BytesStart<'_>) -> Result<Element, Refused> {
    let name = start.name().as_ref().to_owned();
    let mut attributes = BTreeMap::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(syntax)?;
        let key = attribute.key.as_ref().to_owned();
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(syntax)?.into_owned();
        attributes.insert(key, value);
    }
    Ok(Element { name, attributes, children: Vec::new(), text: String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_keep_their_order_and_their_text() {
        let root = parse("<?xml version=\"1.0\"?><a x='1 &amp; 2'><b/>t &lt;u<c y=\"z\"/></a>").expect("sound");
        let names: Vec<&str> = root.children.iter().map(|child| &child.name[..]).collect();
        assert_eq!((names, root.get("x")), (vec!["b", "c"], Some("1 & 2")));
        assert_eq!(root.text, "t<u");
    }

    #[test]
    fn what_is_no_document_is_refused() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"xx\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>";
        assert_eq!(parse(bomb), Err(Refused::DocType));
        let deep = "<a>".repeat(1000) + &"</a>".repeat(1000);
        for text in ["", "<a>", "<a></b>", "<a/><b/>", "<a x=1/>", "<a>&b;</a>", &deep] {
            assert!(matches!(parse(text), Err(Refused::Syntax(_))), "{}", &text[..text.len().min(20)]);
        }
    }
}
