//! Tables of ISO BMFF that count how often a value follows itself.

use super::writer::BoxWriter;

/// Values, each with the number of times that it comes in a row.
#[derive(Clone, Debug)]
pub(super) struct Runs<T>(Vec<(u32, T)>);

impl<T> Default for Runs<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: PartialEq> Runs<T> {
    pub(super) fn push(&mut self, value: T) {
        match self.0.last_mut() {
            Some((count, last)) if *last == value && *count < u32::MAX => *count += 1,
            Some(_) | None => self.0.push((1, value)),
        }
    }

    /// Whether any value is another one than this.
    pub(super) fn is_varied(&self, usual: T) -> bool {
        self.0.iter().any(|(_, value)| *value != usual)
    }

    /// Writes the number of runs, and of each its length and value.
    pub(super) fn write(&self, w: &mut BoxWriter<'_>, field: impl Fn(&T) -> u32) {
        w.u32(self.0.len() as u32);
        for (count, value) in &self.0 {
            w.u32(*count);
            w.u32(field(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_in_a_row_are_counted() {
        let mut runs = Runs::default();
        [5, 5, 7, 5].into_iter().for_each(|value| runs.push(value));
        let mut out = Vec::new();
        runs.write(&mut BoxWriter::new(&mut out), |value| *value);
        let expected = [3_u32, 2, 5, 1, 7, 1, 5].map(u32::to_be_bytes).concat();
        assert_eq!((out, runs.is_varied(5)), (expected, true));
    }
}
