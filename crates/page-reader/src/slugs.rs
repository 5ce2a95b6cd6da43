//! Slugs for new records.

use std::collections::HashSet;

/// The slugs in use.
#[derive(Clone, Default)]
pub struct Slugs(pub HashSet<String>);

impl Slugs {
    /// Reserves the preferred slug, with a numeric suffix if it is in use.
    pub fn reserve(&mut self, preferred: &str) -> String {
        let base = if preferred.is_empty() { "page" } else { preferred };
        // Leaves room for the suffix.
        let base = base.get(..190).unwrap_or(base).trim_end_matches('-');
        let mut slug = base.to_owned();
        let mut next = 2;
        while !self.0.insert(slug.clone()) {
            slug = format!("{base}-{next}");
            next += 1;
        }
        slug
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_unique() {
        let mut slugs = Slugs(HashSet::from(["a".to_owned()]));
        let reserved = ["a", "a", "b", ""].map(|preferred| slugs.reserve(preferred));
        assert_eq!(reserved, ["a-2", "a-3", "b", "page"]);
    }
}
