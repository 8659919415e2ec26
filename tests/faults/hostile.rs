//! Damaged files: whatever the bytes say, a run ends by itself, and says how.

use std::fs;

use crate::support::run::encode;
use crate::support::{TestDir, check_set, clip};

/// Mutations of each clip.
const MUTATIONS: u64 = 15;

/// xorshift64*: the same numbers on every machine.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit
    }
}

/// A clip with a few bytes changed, most of them where headers are, and sometimes an end cut off.
fn mutated(clip: &[u8], seed: u64) -> Vec<u8> {
    let mut numbers = Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut bytes = clip.to_vec();
    for _ in 0..1 + numbers.below(40) {
        let edge = bytes.len().min(4096);
        let at = match numbers.below(3) {
            0 => numbers.below(edge),
            1 => bytes.len() - 1 - numbers.below(edge),
            _ => numbers.below(bytes.len()),
        };
        bytes[at] = numbers.below(256) as u8;
    }
    if numbers.below(3) == 0 {
        bytes.truncate(numbers.below(bytes.len()));
    }
    bytes
}

#[track_caller]
fn survives(name: &str) {
    let good = fs::read(clip(name)).expect("testdata is readable");
    let flags = ["--ladder", "90p@100k", "--speed", "draft"];
    for seed in 1..=MUTATIONS {
        let directory = TestDir::new();
        let (input, out) = (directory.join(name), directory.join("out"));
        fs::write(&input, mutated(&good, seed)).expect("writable");
        let ended = encode(&input, &out, &flags);
        let summary = ended.events().pop().unwrap_or_else(|| panic!("seed {seed}: no summary: {}", ended.err));
        match ended.code {
            Some(0) => {
                check_set(&out);
            }
            Some(code @ (10 | 12)) => {
                assert_eq!(summary["exit_code"], code);
                ended.refused(code);
            }
            other => panic!("seed {seed}: exit code {other:?}: {}", ended.err),
        }
    }
}

#[test]
fn mutations_of_an_mp4() {
    survives("edit_list.mp4");
}

#[test]
fn mutations_of_a_transport_stream() {
    survives("open_gop.ts");
}
