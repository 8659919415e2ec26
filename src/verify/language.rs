//! Languages, by the codes of manifests and of media.

/// Whether a tag of BCP 47 and a code of ISO 639-2/T may mean one language.
pub(super) fn same_language(tag: &str, code: &str) -> bool {
    let primary = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let of = |text: &str| match text.len() {
        2 => isolang::Language::from_639_1(text),
        _ => isolang::Language::from_639_3(text),
    };
    match (of(&primary), of(code)) {
        (Some(a), Some(b)) => a == b,
        // What no table knows cannot be compared.
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_compared_across_their_codes() {
        assert!(same_language("de-AT", "deu") && same_language("en", "eng") && same_language("eng", "eng"));
        assert!(!same_language("en", "deu"));
        assert!(same_language("x-klingon", "deu"), "a private tag says nothing to compare");
    }
}
