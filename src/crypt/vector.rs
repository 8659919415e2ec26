//! Initialization vectors that are the same each time, and never the same for two samples.

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

use super::key::ContentKey;
use crate::media::{KeyId, Sample};

/// So much of the front of a sample is hashed: of a picture, some coded bytes behind its headers are among it.
const FRONT: usize = 256;

/// The vector of a whole track that none is given for: a hash of the key's name. It is no secret, and `cbcs` has the
/// same one in every sample.
pub(super) fn of_track(kid: KeyId) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new_derive_key("streampack 2026-11 constant vector of cbcs");
    hasher.update(&kid.0);
    let mut vector = [0; 16];
    hasher.finalize_xof().fill(&mut vector);
    vector
}

/// Makes the vectors of samples under `cenc`, of a secret that comes from their key. It is wiped when it is dropped.
pub(super) struct Vectors {
    secret: Zeroizing<[u8; blake3::KEY_LEN]>,
    /// Tells the files of which media is copied.
    inputs: Option<[u8; blake3::OUT_LEN]>,
}

impl fmt::Debug for Vectors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vectors(…)")
    }
}

impl Vectors {
    /// For samples that are encrypted with this key. `inputs` tells the files of which they are copied, and what is made of
    /// them, from all others and from what they were before.
    pub(super) fn of(key: &ContentKey, inputs: Option<&str>) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("streampack 2026-11 first vector of cenc");
        hasher.update(&key.kid.0);
        hasher.update(key.key.expose());
        let mut secret = Zeroizing::new([0; blake3::KEY_LEN]);
        hasher.finalize_xof().fill(secret.as_mut_slice());
        hasher.zeroize();
        Self { secret, inputs: inputs.map(|inputs| *blake3::hash(inputs.as_bytes()).as_bytes()) }
    }

    /// The vectors of the samples of a fragment, which count up from the first.
    ///
    /// Under one key no two samples may have the same one: whoever knows one of them would know the other. So the first
    /// is a hash of the key and of all that the fragment holds (RFC 8452 calls such a vector synthetic): other media,
    /// other settings or another film under the same key have other vectors, and equal input has equal bytes, however the
    /// work is shared out and wherever it goes on. Nothing less will do: a number of the sample would be the same in a
    /// film that is encoded anew, and two that differ in a watermark alone agree in all but a few bytes. Of 600 000
    /// fragments of fifty samples, two weeks of a rendition, two meet by a chance of one in a million.
    ///
    /// Of media that is copied out of input files, the fronts and lengths of the samples are hashed, and what tells these
    /// files from all others and from what they were before, down to the moment of their last change that nobody can set,
    /// what is made of them, and the rendition. To hash all of it would take as long as to encrypt it. Nothing where a
    /// sample lies in a file that is not told.
    pub(super) fn of_samples(&self, samples: &[Sample]) -> Option<impl Iterator<Item = [u8; 8]> + use<>> {
        let mut all = blake3::Hasher::new_keyed(&self.secret);
        self.inputs.iter().for_each(|inputs| {
            all.update(inputs);
        });
        for sample in samples {
            all.update(&sample.dts.ticks().to_be_bytes());
            if self.inputs.is_some() {
                let front = sample.data.front();
                all.update(&(sample.data.len() as u64).to_be_bytes()).update(&front[..front.len().min(FRONT)]);
            } else {
                // Each by itself: the hash is fastest over what lies in one run.
                all.update(blake3::keyed_hash(&self.secret, sample.data.here()?).as_bytes());
            }
        }
        let mut first = [0; 8];
        all.finalize_xof().fill(&mut first);
        all.zeroize();
        let first = u64::from_be_bytes(first);
        Some((0..).map(move |at| first.wrapping_add(at).to_be_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypt::key::Key;
    use crate::media::{Extent, Fronted, Payload, Span, Timescale, Timestamp};

    fn first(kid: u8, key: u8, data: &[&[u8]]) -> [u8; 8] {
        let key = ContentKey { kid: KeyId([kid; 16]), key: Key::new([key; 16]), vector: None };
        let scale = Timescale::new(1);
        let sample = |data: &&[u8]| Sample {
            dts: Timestamp::zero(scale),
            cts_offset: 0,
            duration: Span::new(1, scale),
            sync: true,
            data: data.to_vec().into(),
        };
        let samples: Vec<Sample> = data.iter().map(sample).collect();
        let mut vectors = Vectors::of(&key, None).of_samples(&samples).expect("all is in memory");
        vectors.next().expect("endless")
    }

    #[test]
    fn media_that_lies_in_a_file_has_vectors_of_its_own_where_the_file_is_known() {
        let first = |inputs: Option<&str>, front: &[u8], bytes| {
            let key = ContentKey { kid: KeyId([1; 16]), key: Key::new([2; 16]), vector: None };
            let scale = Timescale::new(1);
            let extent = Extent { file: 0, offset: 7, bytes };
            let sample = Sample {
                dts: Timestamp::zero(scale),
                cts_offset: 0,
                duration: Span::new(1, scale),
                sync: true,
                data: Payload::There(Fronted { extent, front: front.to_vec() }),
            };
            Vectors::of(&key, inputs).of_samples(&[sample]).map(|mut vectors| vectors.next().expect("endless"))
        };
        let base = first(Some("a"), b"front", 100).expect("the file is known");
        assert_eq!(first(Some("a"), b"front", 100), Some(base));
        for other in [first(Some("b"), b"front", 100), first(Some("a"), b"fronT", 100), first(Some("a"), b"front", 99)]
        {
            assert!(other.is_some_and(|other| other != base));
        }
        assert_eq!(first(None, b"front", 100), None);
    }

    #[test]
    fn equal_media_under_equal_keys_has_equal_vectors_and_no_other_has() {
        let base = first(1, 2, &[b"abc", b"d"]);
        assert_eq!(first(1, 2, &[b"abc", b"d"]), base);
        for other in [first(2, 2, &[b"abc", b"d"]), first(1, 3, &[b"abc", b"d"]), first(1, 2, &[b"ab", b"cd"])] {
            assert_ne!(other, base);
        }
        assert_ne!(of_track(KeyId([1; 16])), of_track(KeyId([2; 16])));
    }
}
