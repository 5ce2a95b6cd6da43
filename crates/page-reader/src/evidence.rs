//! What documents say of the records of the pages.

use std::collections::HashMap;

use crate::{
    address,
    directory::Directory,
    graph::{Citation, Claim},
    posts::PostReading,
    report::Standing,
};

/// What documents say of the records of the pages, and which of them support whom.
pub struct Evidence {
    claims: HashMap<String, Vec<Claim>>,
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

    /// The claims of a property of a record, also those without a value.
    pub fn claims<'a>(
        &'a self,
        record: &str,
        property: &'a str,
    ) -> impl Iterator<Item = &'a Claim> + use<'a> {
        let claims = self.claims.get(record).into_iter().flatten();
        claims.filter(move |claim| claim.property == property)
    }

    /// Those that have a value.
    pub fn values<'a>(
        &'a self,
        record: &str,
        property: &'a str,
    ) -> impl Iterator<Item = (&'a Claim, &'a str)> + use<'a> {
        self.claims(record, property).filter_map(|claim| Some((claim, claim.value.as_deref()?)))
    }

    /// An address as it is known already, where only its way of writing differs.
    pub fn spelling(&self, record: &str, url: &str, document: &str) -> String {
        let all = address::addresses(url);
        let known = self
            .values(record, "website")
            .filter(|(_, value)| all.iter().any(|address| address == value.trim_end_matches('/')));
        let known = known.min_by_key(|(claim, _)| claim.document != document);
        known.map_or(url, |(_, value)| value).to_owned()
    }

    pub fn standing(&self, record: &str, property: &str, value: &str, document: &str) -> Standing {
        let mut standing = Standing::default();
        for (claim, known) in self.values(record, property) {
            let slug = claim.document.clone();
            if known == value {
                standing.same.push(slug);
            } else if claim.document == document {
                standing.before = Some(known.to_owned());
            } else {
                let place = claim.locator.as_ref().map(|at| format!(" ({at})")).unwrap_or_default();
                standing.others.push((known.to_owned(), format!("{slug}{place}")));
            }
        }
        standing
    }

    /// Who else is shown in a post that one person holds, and by which documents.
    pub fn standing_of(&self, directory: &Directory, post: &PostReading) -> Standing {
        let documents = |slug: &str| self.documents.get(slug).cloned().unwrap_or_default();
        let mut standing = Standing { same: documents(&post.membership), ..Standing::default() };
        if directory.is_exclusive(&post.role) {
            let others = directory.posts.iter().filter(|other| {
                other.is(&post.organization, &post.role)
                    && other.member != post.member
                    && other.open
            });
            for other in others {
                let documents = documents(&other.slug);
                if !documents.is_empty() {
                    standing.others.push((other.member.clone(), documents.join(", ")));
                }
            }
        }
        standing
    }
}
