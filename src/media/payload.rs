//! The bytes of a sample, or where they lie.

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
    There(Extent),
}

impl Payload {
    /// How many bytes there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Here(bytes) => bytes.len(),
            Self::There(extent) => extent.bytes,
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
            Self::There(_) => None,
        }
    }

    /// The same, to be changed.
    pub fn here_mut(&mut self) -> Option<&mut [u8]> {
        match self {
            Self::Here(bytes) => Some(bytes),
            Self::There(_) => None,
        }
    }
}

impl From<Extent> for Payload {
    fn from(extent: Extent) -> Self {
        Self::There(extent)
    }
}

impl From<Vec<u8>> for Payload {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Here(bytes)
    }
}
