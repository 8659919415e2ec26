//! Boxes by closure: the size is filled in when the closure ends.

/// Appends boxes to a buffer.
#[derive(Debug)]
pub(super) struct BoxWriter<'a> {
    out: &'a mut Vec<u8>,
}

/// A field whose value is known only after what follows it.
#[derive(Debug)]
#[must_use = "a gap must be filled"]
pub(super) struct Gap(usize);

impl<'a> BoxWriter<'a> {
    /// Writes at the end of `out`.
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out }
    }

    /// A box (ISO/IEC 14496-12:2022 § 4.2.2) with what `body` writes; gives back what `body` gives.
    pub(super) fn boxed<T>(&mut self, kind: &[u8; 4], body: impl FnOnce(&mut Self) -> T) -> T {
        let start = self.len();
        let size = self.gap32();
        self.bytes(kind);
        let result = body(self);
        let length = u32::try_from(self.len() - start).expect("only mdat grows past 4 GiB, and it is not written here");
        self.fill32(size, length);
        result
    }

    /// A box with version and flags (a FullBox).
    pub(super) fn full<T>(&mut self, kind: &[u8; 4], version: u8, flags: u32, body: impl FnOnce(&mut Self) -> T) -> T {
        self.boxed(kind, |w| {
            w.u32(u32::from(version) << 24 | flags);
            body(w)
        })
    }

    /// Gives the box that begins at `start` another name, and gives back the one it had.
    pub(super) fn rename(&mut self, start: usize, kind: &[u8; 4]) -> [u8; 4] {
        let name = &mut self.out[start + 4..start + 8];
        let mut old = *kind;
        old.swap_with_slice(name);
        old
    }

    /// Goes on with the last box, which begins at `start`.
    pub(super) fn grow(&mut self, start: usize, body: impl FnOnce(&mut Self)) {
        body(self);
        let length = u32::try_from(self.len() - start).expect("only mdat grows past 4 GiB, and it is not written here");
        self.fill32(Gap(start), length);
    }

    /// Bytes in the buffer so far.
    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    /// Four bytes to be filled later.
    pub(super) fn gap32(&mut self) -> Gap {
        let at = self.len();
        self.u32(0);
        Gap(at)
    }

    /// Fills a gap.
    pub(super) fn fill32(&mut self, gap: Gap, value: u32) {
        self.out[gap.0..gap.0 + 4].copy_from_slice(&value.to_be_bytes());
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// `count` bytes of zero: reserved and predefined fields.
    pub(super) fn zeros(&mut self, count: usize) {
        self.out.resize(self.out.len() + count, 0);
    }

    pub(super) fn u8(&mut self, value: u8) {
        self.out.push(value);
    }

    pub(super) fn u16(&mut self, value: u16) {
        self.bytes(&value.to_be_bytes());
    }

    pub(super) fn u32(&mut self, value: u32) {
        self.bytes(&value.to_be_bytes());
    }

    pub(super) fn i32(&mut self, value: i32) {
        self.bytes(&value.to_be_bytes());
    }

    pub(super) fn u64(&mut self, value: u64) {
        self.bytes(&value.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_count_headers_and_children() {
        let mut out = b"before".to_vec();
        BoxWriter::new(&mut out).boxed(b"moof", |w| w.full(b"mfhd", 1, 0x02_0304, |w| w.u16(7)));
        assert_eq!(out, *b"before\0\0\0\x16moof\0\0\0\x0emfhd\x01\x02\x03\x04\0\x07");
    }

    #[test]
    fn a_gap_is_filled_where_it_was_left() {
        let mut out = Vec::new();
        let mut w = BoxWriter::new(&mut out);
        w.u8(9);
        let gap = w.gap32();
        w.u8(9);
        w.fill32(gap, 0x0102_0304);
        assert_eq!(out, [9, 1, 2, 3, 4, 9]);
    }
}
