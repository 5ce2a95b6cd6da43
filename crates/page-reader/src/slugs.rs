//! Slugs for new records.

use std::collections::HashSet;

/// The slugs that are taken.
#[derive(Clone, Default)]
pub struct Slugs(pub HashSet<String>);

impl Slugs {
    /// Takes a free slug that is, or begins like, the one wished for.
    pub fn take(&mut self, wish: &str) -> String {
        let wish = if wish.is_empty() { "page" } else { wish };
        // Room for what makes it unique.
        let wish = wish.get(..190).unwrap_or(wish).trim_end_matches('-');
        let mut slug = wish.to_owned();
        let mut next = 2;
        while !self.0.insert(slug.clone()) {
            slug = format!("{wish}-{next}");
            next += 1;
        }
        slug
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_taken_once() {
        let mut slugs = Slugs(HashSet::from(["a".to_owned()]));
        assert_eq!(["a", "a", "b", ""].map(|wish| slugs.take(wish)), ["a-2", "a-3", "b", "page"]);
    }
}
