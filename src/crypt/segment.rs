//! Whole segments, encrypted: the method AES-128 of HLS (RFC 8216bis § 4.4.4.4), AES-CBC with the padding of PKCS #7.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Error;
use super::chains::LANES;
use super::cipher::Cipher;
use super::key::ContentKey;
use super::ranges::BLOCK;
use super::schedule::Schedule;
use crate::config::{Encryption, HdcpLevel};
use crate::media::{CutNumber, SegmentNumber};

/// What playlists say of a key of whole segments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentKey {
    /// Where players get it.
    pub uri: String,
    /// The initialization vector of every segment; nothing where it is the media sequence number.
    pub vector: Option<[u8; BLOCK]>,
}

/// What playlists say of the protection of whole segments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentSignal {
    /// The key of each period.
    pub keys: Vec<SegmentKey>,
    /// Which segments are under which.
    pub schedule: Schedule,
    /// The protection that HLS asks of screens.
    pub hdcp_level: Option<HdcpLevel>,
}

/// Encrypts the segments of a track, each on its own.
#[derive(Debug)]
pub struct SegmentEncryptor {
    signal: SegmentSignal,
    ciphers: Arc<[Cipher]>,
}

/// How one segment is to be encrypted. Whoever has it can do so, in any order and place.
#[derive(Debug)]
pub struct SegmentTask {
    ciphers: Arc<[Cipher]>,
    period: usize,
    /// The one of the segment, or of what is next: the last block.
    vector: [u8; BLOCK],
}

impl SegmentEncryptor {
    /// With the key of each period.
    pub(super) fn new(encryption: &Encryption, schedule: Schedule, keys: &[&ContentKey]) -> Self {
        let template = encryption.key_uri.as_deref().unwrap_or_default();
        let key = |key: &&ContentKey| SegmentKey { uri: template.replace("{kid}", &key.kid.hex()), vector: key.vector };
        let signal =
            SegmentSignal { keys: keys.iter().map(key).collect(), schedule, hdcp_level: encryption.hdcp_level };
        Self { signal, ciphers: keys.iter().map(|key| Cipher::new(&key.key)).collect() }
    }

    /// What playlists say of the track.
    pub fn signal(&self) -> &SegmentSignal {
        &self.signal
    }

    /// What is to be done to the segment `number` at a cut, whose number is its media sequence number; nothing when it
    /// stays clear.
    pub fn task(&self, number: SegmentNumber, cut: CutNumber) -> Result<Option<SegmentTask>, Error> {
        let Some(period) = self.signal.schedule.of(cut) else { return Ok(None) };
        // There are as many as the track has segments for.
        let Some(key) = self.signal.keys.get(period) else { return Err(Error::Segment { cut }) };
        let vector = key.vector.unwrap_or_else(|| u128::from(number.0).to_be_bytes());
        Ok(Some(SegmentTask { ciphers: Arc::clone(&self.ciphers), period, vector }))
    }
}

/// The next bytes of a segment that is encrypted on its way: whole blocks, but for the last ones.
#[derive(Debug)]
pub struct Stretch<'a> {
    /// What encrypts the segment.
    pub task: &'a mut SegmentTask,
    /// The bytes.
    pub bytes: &'a mut Vec<u8>,
    /// No more follow.
    pub last: bool,
}

impl SegmentTask {
    /// So many segments take little more time beside each other than one.
    pub const ABREAST: usize = LANES;

    /// How many bytes a segment of so many has when it is encrypted.
    pub fn encrypted_bytes(bytes: usize) -> usize {
        bytes + missing(bytes)
    }

    /// Encrypts the whole segment in its place.
    pub fn encrypt(mut self, bytes: &mut Vec<u8>) {
        Self::go_on(&mut [Stretch { task: &mut self, bytes, last: true }]);
    }

    /// Encrypts the next bytes of several segments in their place. The last ones of each become a block more, at most.
    pub fn go_on(stretches: &mut [Stretch<'_>]) {
        for Stretch { bytes, .. } in stretches.iter_mut().filter(|stretch| stretch.last) {
            let missing = missing(bytes.len());
            bytes.resize(bytes.len() + missing, missing as u8);
        }
        // Those of one key go together.
        stretches.sort_by_key(|stretch| stretch.task.cipher_address());
        for same in stretches.chunk_by_mut(|a, b| a.task.cipher_address() == b.task.cipher_address()) {
            let (ciphers, period) = (Arc::clone(&same[0].task.ciphers), same[0].task.period);
            ciphers[period]
                .chain_each(same.iter_mut().map(|stretch| (stretch.bytes.as_mut_slice(), stretch.task.vector)));
            for Stretch { task, bytes, .. } in same {
                task.vector = *bytes.last_chunk().unwrap_or(&task.vector);
            }
        }
    }

    fn cipher_address(&self) -> *const Cipher {
        &self.ciphers[self.period]
    }
}

/// RFC 5652 § 6.3: as many bytes as are missing, each of that value; a whole block where none is.
fn missing(bytes: usize) -> usize {
    BLOCK - bytes % BLOCK
}

impl SegmentSignal {
    /// Where the key of the segment at a cut stands; nothing where that stays clear.
    pub fn of(&self, cut: CutNumber) -> Option<&SegmentKey> {
        self.schedule.of(cut).and_then(|period| self.keys.get(period))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{EncryptionLayer, EncryptionMode};
    use crate::crypt::key::Key;
    use crate::media::KeyId;
    use crate::media::protect::{hex, sixteen_bytes};

    fn encryptor(vector: Option<[u8; 16]>) -> SegmentEncryptor {
        let mode = Some(EncryptionMode::Aes128);
        let layer = EncryptionLayer { mode, key_uri: Some("k/{kid}".into()), ..EncryptionLayer::default() };
        let encryption = layer.resolve().expect("it fits").expect("encryption");
        let key = Key::new(sixteen_bytes("2b7e151628aed2a6abf7158809cf4f3c").expect("16 bytes"));
        let key = ContentKey { kid: KeyId([0xab; 16]), key, vector };
        SegmentEncryptor::new(&encryption, Schedule::default(), &[&key])
    }

    /// NIST SP 800-38A § F.2.1, first block.
    #[test]
    fn a_whole_block_is_added_where_none_is_missing() {
        let vector = sixteen_bytes("000102030405060708090a0b0c0d0e0f");
        let mut body = sixteen_bytes("6bc1bee22e409f96e93d7e117393172a").expect("16 bytes").to_vec();
        encryptor(vector).task(SegmentNumber(7), CutNumber(7)).expect("a key").expect("not clear").encrypt(&mut body);
        assert_eq!((body.len(), &hex(&body)[..32]), (32, "7649abac8119b246cee98e9b12e9197d"));
    }

    #[test]
    fn without_a_vector_it_is_the_number_of_the_segment() {
        let encrypted = |number: u64, vector: Option<u128>| {
            let mut body = b"abc".to_vec();
            let encryptor = encryptor(vector.map(u128::to_be_bytes));
            encryptor
                .task(SegmentNumber(number), CutNumber(number))
                .expect("a key")
                .expect("not clear")
                .encrypt(&mut body);
            body
        };
        assert_eq!(encrypted(258, None), encrypted(1, Some(258)));
        assert_ne!(encrypted(1, None), encrypted(2, None));
        assert_eq!(encryptor(None).signal().of(CutNumber(1)).expect("a key").uri, format!("k/{}", "ab".repeat(16)));
    }

    /// In stretches, beside others of this key and of another one.
    #[test]
    fn segments_beside_each_other_are_what_they_are_alone() {
        let (one, other) = (encryptor(None), encryptor(Some([7; 16])));
        let task = |number: u64| {
            let encryptor = if number.is_multiple_of(3) { &other } else { &one };
            encryptor.task(SegmentNumber(number), CutNumber(number)).expect("a key").expect("not clear")
        };
        let clear: Vec<Vec<u8>> = (0..11).map(|number| (0..number * 37 + 3).map(|at| at as u8).collect()).collect();
        let alone: Vec<Vec<u8>> = (1..)
            .zip(clear.clone())
            .map(|(number, mut bytes)| {
                task(number).encrypt(&mut bytes);
                bytes
            })
            .collect();
        let mut tasks: Vec<SegmentTask> = (1..=11).map(task).collect();
        let mut beside = vec![Vec::new(); 11];
        for from in (0..).step_by(64).take_while(|from| *from < 11 * 37 + 3) {
            let mut windows: Vec<(usize, Vec<u8>, bool)> = clear
                .iter()
                .enumerate()
                .filter(|(_, bytes)| from < bytes.len())
                .map(|(at, bytes)| (at, bytes[from..bytes.len().min(from + 64)].to_vec(), bytes.len() <= from + 64))
                .collect();
            let mut stretches = Vec::new();
            let mut left = tasks.iter_mut().enumerate();
            for (at, bytes, last) in &mut windows {
                let (_, task) = left.find(|(number, _)| number == at).expect("a task");
                stretches.push(Stretch { task, bytes, last: *last });
            }
            SegmentTask::go_on(&mut stretches);
            windows.into_iter().for_each(|(at, bytes, _)| beside[at].extend(bytes));
        }
        assert_eq!(beside, alone);
        assert!(clear.iter().zip(&alone).all(|(clear, all)| SegmentTask::encrypted_bytes(clear.len()) == all.len()));
    }
}
