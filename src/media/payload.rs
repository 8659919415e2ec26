//! The bytes of a sample, or where they lie.

use std::fmt;
use std::sync::Arc;

/// A run of bytes of an input file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The file, counted among the inputs of a run from 0.
    pub file: usize,
    /// Its first byte.
    pub offset: u64,
    /// How many there are.
    pub bytes: usize,
}

impl Extent {
    /// Both as one, when the other begins where this one ends.
    pub fn joined(self, next: Self) -> Option<Self> {
        let follows = self.file == next.file && self.offset + self.bytes as u64 == next.offset;
        follows.then_some(Self { bytes: self.bytes + next.bytes, ..self })
    }
}

/// The bytes of a sample: media that is packaged as it is need not be read to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// In memory.
    Here(Vec<u8>),
    /// Where they lie in an input file.
    There(Fronted),
    /// The same, and what they become when they are written.
    Changed(Changed),
}

/// Bytes that lie in an input file, and some that were read of their front.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fronted {
    /// Where they lie.
    pub extent: Extent,
    /// The first of them.
    pub front: Vec<u8>,
}

/// What becomes of the samples of a fragment when they are written.
pub trait Change: fmt::Debug + Send + Sync {
    /// Changes some that follow each other in their place; `first` is the number of the first of them in the fragment.
    /// Many together take less time than one by one.
    fn apply(&self, first: usize, samples: &mut [&mut [u8]]);
}

/// Samples of a fragment that follow each other and are changed when they are written.
#[derive(Clone, Debug)]
pub struct Changed {
    runs: Vec<Extent>,
    first: usize,
    change: Arc<dyn Change>,
}

impl Changed {
    /// The sample `number` of a fragment, which lies there.
    pub fn new(extent: Extent, number: usize, change: Arc<dyn Change>) -> Self {
        Self { runs: vec![extent], first: number, change }
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.runs.iter().map(|run| run.bytes).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where each sample lies.
    pub fn runs(&self) -> &[Extent] {
        &self.runs
    }

    /// The number of the first in its fragment.
    pub fn first(&self) -> usize {
        self.first
    }

    /// What becomes of them.
    pub fn change(&self) -> &dyn Change {
        &*self.change
    }

    /// Takes the samples that follow, unless they are of another fragment.
    pub fn join(&mut self, next: Self) -> Result<(), Self> {
        if !Arc::ptr_eq(&self.change, &next.change) || self.first + self.runs.len() != next.first {
            return Err(next);
        }
        self.runs.extend(next.runs);
        Ok(())
    }
}

impl PartialEq for Changed {
    fn eq(&self, other: &Self) -> bool {
        self.runs == other.runs && self.first == other.first && Arc::ptr_eq(&self.change, &other.change)
    }
}

impl Eq for Changed {}

impl Payload {
    /// How many bytes there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Here(bytes) => bytes.len(),
            Self::There(fronted) => fronted.extent.bytes,
            Self::Changed(changed) => changed.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes; nothing when they are not in memory.
    pub fn here(&self) -> Option<&[u8]> {
        match self {
            Self::Here(bytes) => Some(bytes),
            Self::There(_) | Self::Changed(_) => None,
        }
    }

    /// The bytes that are in memory, from the first on: all of them or some.
    pub fn front(&self) -> &[u8] {
        match self {
            Self::Here(bytes) => bytes,
            Self::There(fronted) => &fronted.front,
            Self::Changed(_) => &[],
        }
    }
}

impl From<Vec<u8>> for Payload {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Here(bytes)
    }
}
