//! Stored headers and segments in, a complete set out: read back, joined where that is wanted, named by manifests.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Error;
use super::journal::Journal;
use crate::event::{Control, Event};
use crate::manifest::{self, Document, Presentation, Rendition};
use crate::media::RenditionId;
use crate::output::{Dir, Output, Part, Stored, Workspace, store};
use crate::package::{self, Flat, FlatRendition, InitSegment, Page, Segment};
use crate::plan::{Layout, Offer};

/// Everything that stands in the output, and the manifests that are still to be written.
pub(super) struct Set {
    pub(super) presentation: Presentation,
    documents: Vec<Document>,
    files: Vec<File>,
}

/// One object of the set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct File {
    /// Its path in the output.
    pub key: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// A set that is being put together.
pub(super) struct Assembly<'a> {
    dir: &'a Dir,
    journal: &'a Journal,
    layout: Layout,
    control: Control<'a>,
    pub(super) presentation: Presentation,
    files: Vec<File>,
}

impl<'a> Assembly<'a> {
    /// Of the media that was stored. One segment of each rendition is read back; in single-file layout all of them
    /// are joined.
    pub(super) fn of_media(
        (dir, journal): (&'a Dir, &'a Journal),
        layout: Layout,
        inits: Vec<Stored<InitSegment>>,
        segments: impl Iterator<Item = Stored<Segment>>,
        control: Control<'a>,
    ) -> Result<Self, Error> {
        let presentation = Presentation::default();
        let mut assembly = Self { dir, journal, layout, control, presentation, files: Vec::new() };
        for init in inits {
            assembly.note(&init.facts().key, init.facts().bytes);
            assembly.presentation.add_init(init);
        }
        for segment in segments {
            assembly.note(&segment.facts().key, segment.facts().bytes);
            assembly.presentation.add_segment(segment);
        }
        assembly.check_first_segments()?;
        if layout == Layout::SingleFile {
            assembly.join()?;
        }
        Ok(assembly)
    }

    /// Adds WebVTT segments that were stored, and stores whole files, each with its key.
    pub(super) fn add_text(&mut self, pages: Vec<Stored<Page>>, whole: &[(String, String)]) -> Result<(), Error> {
        for page in pages {
            self.files.push(File { key: page.facts().key.clone(), bytes: page.facts().bytes });
            self.presentation.add_page(page);
        }
        whole.iter().try_for_each(|(key, body)| self.put(key, body.as_bytes()))
    }

    /// Objects of the single-file layout that are still apart stand in the work directory, not in the set.
    fn note(&mut self, key: &str, bytes: u64) {
        if self.layout == Layout::SegmentFiles {
            self.files.push(File { key: key.to_owned(), bytes });
        }
    }

    /// Reads one segment of each rendition back with an independent reader: what a player would choke on
    /// stops the run before a manifest names it.
    fn check_first_segments(&self) -> Result<(), Error> {
        for rendition in self.presentation.renditions() {
            let Some(first) = rendition.segments.values().next() else { continue };
            // What is encrypted as a whole nobody reads without the key.
            if rendition.init.segment_keys.is_some() {
                continue;
            }
            let header = self.dir.get(&rendition.init.key)?;
            let body = self.dir.open(&first.key)?;
            package::verify(&header, &rendition.init, body, first)?;
        }
        Ok(())
    }

    /// Joins header, index and segments of each rendition into its one file.
    fn join(&mut self) -> Result<(), Error> {
        let ids: Vec<RenditionId> = self.presentation.renditions().map(|r| r.init.rendition.clone()).collect();
        for id in ids {
            let Some(rendition) = self.presentation.rendition(&id) else { continue };
            let segments: Vec<&Segment> = rendition.segments.values().collect();
            let (single, index) = package::single_file(&rendition.init, segments.iter().copied())?;
            let mut head = self.dir.get(&rendition.init.key)?;
            head.extend_from_slice(&index);
            let parts: Vec<Part> = segments.iter().map(|s| Part::whole(s.key.clone())).collect();
            self.journal.claim(vec![single.key.clone()])?;
            let key = single.key.clone();
            let bytes = self.dir.concat(&key, &head, &parts, self.control.cancel)?;
            if bytes != single.bytes {
                return Err(Error::Internal(format!("{key} came out with {bytes} bytes instead of {}", single.bytes)));
            }
            self.files.push(File { key: key.clone(), bytes });
            self.presentation.set_single(&id, believed(self.dir, &key, bytes, single)?);
        }
        Ok(())
    }

    /// Lists objects that are neither header nor segment and stand there already.
    pub(super) fn list(&mut self, files: Vec<File>) {
        self.files.extend(files);
    }

    /// Stores an object that is neither header nor segment. The journal knows of it first: killed before
    /// the report lists it, a run with other settings could not tell it from a foreign file.
    pub(super) fn put(&mut self, key: &str, body: &[u8]) -> Result<(), Error> {
        self.journal.claim(vec![key.to_owned()])?;
        self.dir.put(key, body)?;
        self.files.push(File { key: key.to_owned(), bytes: body.len() as u64 });
        self.control.observer.on(&Event::ManifestStored { key });
        Ok(())
    }

    /// Puts a plain file together of stored renditions, the pictures first.
    pub(super) fn put_flat(&mut self, key: &str, renditions: &[&RenditionId]) -> Result<u64, Error> {
        let mut flat = Vec::new();
        for id in renditions {
            let Some(rendition) = self.presentation.rendition(id) else { continue };
            let mut samples = FlatRendition::new(&rendition.init.track);
            for segment in rendition.segments.values() {
                self.control.cancel.check()?;
                samples.push(segment, &self.dir.get(&segment.key)?)?;
            }
            flat.push(samples);
        }
        let Flat { header, pieces } =
            package::flat(flat).map_err(|source| Error::Flat { key: key.to_owned(), source })?;
        let parts: Vec<Part> =
            pieces.into_iter().map(|piece| Part { key: piece.key, range: Some((piece.offset, piece.bytes)) }).collect();
        self.journal.claim(vec![key.to_owned()])?;
        let bytes = self.dir.concat(key, &header, &parts, self.control.cancel)?;
        self.files.push(File { key: key.to_owned(), bytes });
        self.control.observer.on(&Event::ManifestStored { key });
        Ok(bytes)
    }

    /// How many segments there are of each rendition.
    pub(super) fn segment_counts(&self) -> BTreeMap<RenditionId, u64> {
        let count = |rendition: &Rendition| (rendition.init.rendition.clone(), rendition.segments.len() as u64);
        self.presentation.renditions().map(count).collect()
    }

    /// The set that offers this. Its manifests are made and not yet written.
    pub(super) fn finish(mut self, offer: &Offer) -> Result<Set, Error> {
        let documents = manifest::documents(offer, &self.presentation)?;
        for document in &documents {
            self.files.push(File { key: document.key.clone(), bytes: document.body.len() as u64 });
        }
        Ok(Set { presentation: self.presentation, documents, files: self.files })
    }
}

/// Facts about an object that was stored a moment ago.
pub(super) fn believed<T>(dir: &Dir, key: &str, bytes: u64, facts: T) -> Result<Stored<T>, Error> {
    Stored::found(dir, key, bytes, facts)?.ok_or_else(|| Error::Internal(format!("{key} is gone or has changed")))
}

impl Set {
    /// Of a live programme that has ended. What players are offered no longer still stands, and is `behind`.
    pub(super) fn of_live(
        dir: &Dir,
        presentation: Presentation,
        documents: Vec<Document>,
        behind: Vec<String>,
    ) -> Result<Self, Error> {
        let mut files = Vec::new();
        for key in behind {
            let bytes = dir.size(&key)?.ok_or_else(|| Error::Internal(format!("{key} is gone")))?;
            files.push(File { key, bytes });
        }
        for rendition in presentation.renditions() {
            files.push(File { key: rendition.init.key.clone(), bytes: rendition.init.bytes });
            files.extend(rendition.segments.values().map(|s| File { key: s.key.clone(), bytes: s.bytes }));
        }
        files.extend(documents.iter().map(|d| File { key: d.key.clone(), bytes: d.body.len() as u64 }));
        Ok(Self { presentation, documents, files })
    }

    /// Every object of the set but the report.
    pub(super) fn files(&self) -> &[File] {
        &self.files
    }

    /// Writes the manifests, the ones that name others last.
    pub(super) fn publish(&self, dir: &Dir, control: Control<'_>) -> Result<(), Error> {
        for document in &self.documents {
            let stored = store(dir, &document.key, document.body.as_bytes(), ())?;
            control.observer.on(&Event::ManifestStored { key: &document.key });
            stored.into_facts();
        }
        Ok(())
    }
}
