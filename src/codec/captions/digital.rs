//! CEA-708: services in caption channel packets (ANSI/CTA-708-E §§ 5, 6, 7).

use std::collections::BTreeSet;

use crate::media::CaptionService;

/// The packet that is being put together.
#[derive(Clone, Debug, Default)]
pub(super) struct Packets {
    bytes: Vec<u8>,
}

impl Packets {
    /// Takes two bytes, with which a packet begins or goes on; adds the services that say something to `found`.
    pub(super) fn take(&mut self, begins: bool, pair: [u8; 2], found: &mut BTreeSet<CaptionService>) {
        if begins {
            self.bytes.clear();
        } else if self.bytes.is_empty() {
            return;
        }
        self.bytes.extend(pair);
        // packet_size_code (§ 5.2): the length in pairs, of which 0 means 64.
        let size = match usize::from(self.bytes[0] & 0x3f) {
            0 => 128,
            pairs => 2 * pairs,
        };
        if self.bytes.len() >= size {
            self.bytes.truncate(size);
            services(&self.bytes[1..], found);
            self.bytes.clear();
        }
    }
}

/// Reads the service blocks of a packet (§ 6.2).
fn services(mut blocks: &[u8], found: &mut BTreeSet<CaptionService>) {
    while let [head, rest @ ..] = blocks {
        let (mut service, size, mut rest) = (head >> 5, usize::from(head & 0x1f), rest);
        if service == 0 {
            return;
        }
        if service == 7 && size > 0 {
            let [extended, after @ ..] = rest else { return };
            (service, rest) = (extended & 0x3f, after);
        }
        let Some((block, after)) = rest.split_at_checked(size) else { return };
        if (1..=63).contains(&service) && has_letters(block) {
            found.insert(CaptionService::Service(service));
        }
        blocks = after;
    }
}

/// Whether a block shows letters, and not only commands (§ 7.1).
fn has_letters(block: &[u8]) -> bool {
    let mut at = 0;
    while let Some(code) = block.get(at) {
        at += match code {
            0x20..=0x7f | 0xa0..=0xff => return true,
            // EXT1: a code of another table follows.
            0x10 => match block.get(at + 1) {
                Some(0x20..=0x7f | 0xa0..=0xff) => return true,
                _ => 2,
            },
            0x00..=0x0f => 1,
            0x11..=0x17 => 2,
            0x18..=0x1f => 3,
            // The commands of C1 with their parameters (§ 8.10.5).
            0x88..=0x8d => 2,
            0x90 | 0x92 => 3,
            0x91 => 4,
            0x97 => 5,
            0x98..=0x9f => 7,
            0x80..=0x87 | 0x8e | 0x8f | 0x93..=0x96 => 1,
        };
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(blocks: &[u8]) -> Vec<String> {
        let mut found = BTreeSet::new();
        services(blocks, &mut found);
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn commands_and_their_parameters_are_no_letters() {
        // DefineWindow with six parameters that look like letters, SetCurrentWindow, a null block.
        assert_eq!(found(&[0x28, 0x98, b'a', b'b', b'c', b'd', b'e', b'f', 0x80, 0]), [""; 0]);
        assert_eq!(found(&[0x22, 0x80, b'a', 0]), ["SERVICE1"]);
        assert_eq!(found(&[0xe2, 0x09, b'a', b'b', 0x41, b'c']), ["SERVICE2", "SERVICE9"]);
    }

    #[test]
    fn blocks_that_break_off_are_left() {
        for blocks in [&[0x25, b'a'][..], &[0xe1], &[]] {
            assert_eq!(found(blocks), [""; 0]);
        }
    }
}
