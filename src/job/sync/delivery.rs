//! What whoever publishes a set may say of how its objects are delivered.

/// How objects are delivered from where they are brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// How long caches keep them.
    pub cache_control: CacheControl,
    /// A distribution of CloudFront whose copies of what changed are to go.
    pub invalidate: Option<Distribution>,
}

/// Values of `Cache-Control`; nothing for our own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CacheControl {
    /// Of media.
    pub media: Option<String>,
    /// Of manifests, and of everything else that may change.
    pub manifest: Option<String>,
}

/// A distribution of CloudFront.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distribution {
    /// Its name: `E2EXAMPLE`.
    pub id: String,
    /// What the paths of the objects begin with there; nothing for what they begin with in the bucket.
    pub root: Option<String>,
}

impl Delivery {
    /// The same of what is below `name` at the same place.
    pub(in crate::job) fn below(&self, name: &str) -> Self {
        let root = |root: String| format!("{}/{name}", root.trim_end_matches('/'));
        let within = |Distribution { id, root: of_all }| Distribution { id, root: of_all.map(root) };
        Self { invalidate: self.invalidate.clone().map(within), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_a_set_among_others_begin_with_its_name() {
        let root = |root: Option<&str>| {
            let invalidate = Some(Distribution { id: "E1".to_owned(), root: root.map(str::to_owned) });
            let below = Delivery { invalidate, ..Delivery::default() }.below("season1/e01");
            below.invalidate.and_then(|distribution| distribution.root)
        };
        assert_eq!(root(Some("/")).as_deref(), Some("/season1/e01"));
        assert_eq!(root(Some("/films")).as_deref(), Some("/films/season1/e01"));
        assert_eq!(root(None), None, "the set knows its own prefix");
    }
}
