//! Which known name somebody may have meant.

/// Below this similarity a suggestion is more confusing than none.
const SIMILAR: f64 = 0.8;

/// The known name most like `name`, if one is like it at all. `-` and `_` are the same here.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_ascii_lowercase().replace('-', "_");
    let similarity = |candidate: &str| strsim::jaro_winkler(&name, &candidate.replace('-', "_"));
    known
        .into_iter()
        .map(|candidate| (similarity(candidate), candidate))
        .filter(|(score, _)| *score >= SIMILAR)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_finger_find_their_name() {
        let known = ["ladder", "segment_duration", "single_file"];
        assert_eq!(nearest("segment-duraton", known), Some("segment_duration"));
        assert_eq!(nearest("lader", known), Some("ladder"));
        assert_eq!(nearest("colour", known), None);
    }
}
