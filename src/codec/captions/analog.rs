//! CEA-608: two channels of captions in each of two fields (ANSI/CTA-608-E).

/// What one field has said so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Field {
    /// The channel that is spoken to, 1 or 2.
    channel: u8,
    /// Whether each channel is in a caption mode, not in one of text services.
    captions: [bool; 2],
    /// Extended data services go on until the next control code.
    other: bool,
}

impl Field {
    /// Takes a pair of bytes; gives the channel, 1 or 2, whose captions they are letters of.
    pub(super) fn take(&mut self, first: u8, second: u8) -> Option<u8> {
        // The highest bit is parity.
        let (first, second) = (first & 0x7f, second & 0x7f);
        match first {
            0x01..=0x0f => {
                self.other = true;
                None
            }
            0x10..=0x1f => {
                self.other = false;
                self.channel = if first & 0x08 == 0 { 1 } else { 2 };
                self.control(first & 0x17, second);
                None
            }
            0x20..=0x7f if !self.other => {
                let spoken = self.channel > 0 && self.captions[usize::from(self.channel - 1)];
                spoken.then_some(self.channel)
            }
            _ => None,
        }
    }

    /// Miscellaneous control codes (§ 4.2, Table 52): those that choose a mode.
    fn control(&mut self, first: u8, second: u8) {
        let captions = &mut self.captions[usize::from(self.channel - 1)];
        match (first, second) {
            // Resume caption loading, two to four rows rolled up, resume direct captioning.
            (0x14 | 0x15, 0x20 | 0x25..=0x27 | 0x29) => *captions = true,
            // Text restart, resume text display.
            (0x14 | 0x15, 0x2a | 0x2b) => *captions = false,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_services_and_extended_data_are_no_captions() {
        let mut field = Field::default();
        assert_eq!(field.take(0x14, 0x2a), None);
        assert_eq!(field.take(b'A', b'B'), None, "text service");
        assert_eq!(field.take(0x14, 0x26), None);
        assert_eq!(field.take(b'A', b'B'), Some(1));
        assert_eq!(field.take(0x01, 0x03), None);
        assert_eq!(field.take(b'A', b'B'), None, "extended data");
        field.take(0x14, 0x2d);
        assert_eq!(field.take(b'A', b'B'), Some(1));
        field.take(0x1c, 0x2d);
        assert_eq!(field.take(b'A', b'B'), None, "the other channel has no mode yet");
    }
}
