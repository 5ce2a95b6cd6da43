//! The claims and citations of the records on the pages.

use std::collections::HashMap;

use crate::{
    address,
    directory::Directory,
    graph::{Citation, Claim},
    posts::ListedPost,
    report::Comparison,
};

/// Claims and citations, by slug of the record.
pub struct Evidence {
    claims: HashMap<String, Vec<Claim>>,
    /// The documents that are cited for a record.
    documents: HashMap<String, Vec<String>>,
}

impl Evidence {
    pub fn new(claims: Vec<Claim>, citations: Vec<Citation>) -> Self {
        let mut evidence = Self { claims: HashMap::new(), documents: HashMap::new() };
        for claim in claims {
            evidence.claims.entry(claim.record.clone()).or_default().push(claim);
        }
        for Citation { record, document } in citations {
            evidence.documents.entry(record).or_default().push(document);
        }
        evidence
    }

    /// Returns the claims of a property of a record, including those without a value.
    pub fn claims<'a>(
        &'a self,
        record: &str,
        property: &'a str,
    ) -> impl Iterator<Item = &'a Claim> + use<'a> {
        let claims = self.claims.get(record).into_iter().flatten();
        claims.filter(move |claim| claim.property == property)
    }

    /// Returns the claims of a property of a record that have a value, with the value.
    pub fn values<'a>(
        &'a self,
        record: &str,
        property: &'a str,
    ) -> impl Iterator<Item = (&'a Claim, &'a str)> + use<'a> {
        self.claims(record, property).filter_map(|claim| Some((claim, claim.value.as_deref()?)))
    }

    /// Returns the claimed variant of a website, preferably claimed by `document`; `url` if no variant
    /// is claimed.
    pub fn claimed_website(&self, record: &str, url: &str, document: &str) -> String {
        let variants = address::variants(url);
        let claims = self.values(record, "website").filter(|(_, value)| {
            variants.iter().any(|variant| variant == value.trim_end_matches('/'))
        });
        let preferred = claims.min_by_key(|(claim, _)| claim.document != document);
        preferred.map_or(url, |(_, value)| value).to_owned()
    }

    /// Compares a value stated by a document with the claims of the property.
    pub fn compare(&self, record: &str, property: &str, value: &str, document: &str) -> Comparison {
        let mut comparison = Comparison::default();
        for (claim, claimed) in self.values(record, property) {
            let slug = claim.document.clone();
            if claimed == value {
                comparison.supporting.push(slug);
            } else if claim.document == document {
                comparison.previous = Some(claimed.to_owned());
            } else {
                let locator = claim.locator.as_ref().map(|locator| format!(" ({locator})"));
                let source = format!("{slug}{}", locator.unwrap_or_default());
                comparison.conflicting.push((claimed.to_owned(), source));
            }
        }
        comparison
    }

    /// Compares a post with the citations of the membership. For an exclusive role, other current
    /// holders are conflicts.
    pub fn compare_post(&self, directory: &Directory, post: &ListedPost) -> Comparison {
        let documents = |slug: &str| self.documents.get(slug).cloned().unwrap_or_default();
        let mut comparison =
            Comparison { supporting: documents(&post.membership), ..Comparison::default() };
        if directory.is_exclusive(&post.role) {
            let others = directory.posts.iter().filter(|other| {
                other.is(&post.organization, &post.role)
                    && other.member != post.member
                    && other.open
            });
            for other in others {
                let documents = documents(&other.slug);
                if !documents.is_empty() {
                    comparison.conflicting.push((other.member.clone(), documents.join(", ")));
                }
            }
        }
        comparison
    }
}
