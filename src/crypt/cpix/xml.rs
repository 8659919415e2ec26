//! XML as a tree of elements by their local names, read by quick-xml. Text is wiped when it is dropped, for some of it is
//! keys. Document types are refused: entities grow.

use std::collections::BTreeMap;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
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
    /// The root of a document; why it is none, in words that repeat nothing of it.
    pub(super) fn read(text: &str) -> Result<Self, &'static str> {
        const BROKEN: &str = "it is not well-formed XML";
        let mut reader = Reader::from_str(text);
        let mut open: Vec<Self> = Vec::new();
        loop {
            match reader.read_event().map_err(|_| BROKEN)? {
                Event::Start(_) if open.len() >= MOST_LEVELS => return Err("its elements are nested too deeply"),
                Event::Start(start) => open.push(Self::start(&start).ok_or(BROKEN)?),
                Event::Empty(start) => {
                    let element = Self::start(&start).ok_or(BROKEN)?;
                    match open.last_mut() {
                        Some(parent) => parent.children.push(element),
                        None => return Ok(element),
                    }
                }
                Event::End(_) => {
                    let done = open.pop().ok_or(BROKEN)?;
                    match open.last_mut() {
                        Some(parent) => parent.children.push(done),
                        None => return Ok(done),
                    }
                }
                Event::Text(piece) => {
                    if let Some(parent) = open.last_mut() {
                        parent.text.push_str(piece.trim());
                    }
                }
                Event::CData(piece) => {
                    if let Some(parent) = open.last_mut() {
                        parent.text.push_str(&piece);
                    }
                }
                Event::DocType(_) => return Err("it has a document type, which no such document needs"),
                Event::GeneralRef(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
                Event::Eof => return Err(BROKEN),
            }
        }
    }

    fn start(start: &BytesStart<'_>) -> Option<Self> {
        let local = |name: &str| name.rsplit(':').next().unwrap_or(name).to_owned();
        let mut attributes = BTreeMap::new();
        for attribute in start.attributes() {
            let attribute = attribute.ok()?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned();
            attributes.insert(local(attribute.key.as_ref()), value);
        }
        Some(Self { name: local(start.name().as_ref()), attributes, ..Self::default() })
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
