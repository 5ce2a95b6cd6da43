//! What the documents of the graph say of the records of a page.

use std::collections::BTreeMap;

use entity::{Id, citation, claim, document as documents};
use sea_orm::{DatabaseTransaction, DbErr};

use super::{Post, Read, document, known::Known, report::Standing};
use crate::{evidence::spans::HELD_BY_ONE, store::find};

/// What documents say of the records of a page.
pub struct Evidence {
    claims: Vec<claim::Model>,
    ids: BTreeMap<String, Id>,
    documents: BTreeMap<Id, String>,
    /// Which documents support a membership.
    supports: BTreeMap<Id, Vec<Id>>,
}

impl Evidence {
    pub async fn load(
        store: &DatabaseTransaction,
        read: &Read,
        ids: &BTreeMap<&str, Id>,
    ) -> Result<Self, DbErr> {
        let claims = read.sidebar.findings.iter().filter_map(|finding| finding.said.claim());
        let findings = claims.map(|claim| claim.0);
        let posts = read.posts.iter().map(|post| post.membership.as_str());
        let ids: BTreeMap<String, Id> =
            ids.iter().map(|(slug, id)| ((*slug).to_owned(), *id)).collect();
        let records = findings.chain(posts).filter_map(|slug| ids.get(slug)).copied().collect();
        let claims = find::<claim::Entity>(store, claim::Column::RecordId, &records).await?;
        let members = ids.values().copied().collect();
        let cited = find::<citation::Entity>(store, citation::Column::RecordId, &members).await?;
        let mut supports: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
        for row in &cited {
            supports.entry(row.record_id).or_default().push(row.document_id);
        }
        let documents = claims.iter().map(|claim| claim.document_id);
        let documents = documents.chain(cited.iter().map(|row| row.document_id)).collect();
        let documents = find::<documents::Entity>(store, documents::Column::Id, &documents).await?;
        let documents = documents.into_iter().map(|row| (row.id, row.slug)).collect();
        Ok(Self { claims, ids, documents, supports })
    }

    fn said(&self, record: &str, property: &str) -> impl Iterator<Item = &claim::Model> {
        let id = self.ids.get(record).copied();
        let property = property.to_owned();
        let of = move |claim: &&claim::Model| {
            Some(claim.record_id) == id && claim.property == property && claim.value.is_some()
        };
        self.claims.iter().filter(of)
    }

    /// What the document itself was known to say.
    pub fn own(
        &self,
        record: &str,
        property: &str,
        document: Option<Id>,
    ) -> impl Iterator<Item = &claim::Model> {
        self.said(record, property).filter(move |claim| Some(claim.document_id) == document)
    }

    fn slug(&self, document: Id) -> String {
        self.documents.get(&document).cloned().unwrap_or_default()
    }

    /// An address as it is known already, where only its way of writing differs.
    pub fn spelling(&self, record: &str, url: &str, document: Option<Id>) -> String {
        let all = document::addresses(url);
        let known = self.said(record, "website").filter(|claim| {
            claim
                .value
                .as_ref()
                .is_some_and(|value| all.contains(&value.trim_end_matches('/').to_owned()))
        });
        let known = known.min_by_key(|claim| (Some(claim.document_id) != document, claim.id));
        known.and_then(|claim| claim.value.clone()).unwrap_or_else(|| url.to_owned())
    }

    pub fn standing(
        &self,
        record: &str,
        property: &str,
        value: &str,
        document: Option<Id>,
    ) -> Standing {
        let mut standing = Standing::default();
        for claim in self.said(record, property) {
            let said = claim.value.clone().unwrap_or_default();
            let slug = self.slug(claim.document_id);
            if said == value {
                standing.same.push(slug);
            } else if Some(claim.document_id) == document {
                standing.before = Some(said);
            } else {
                let place = claim.locator.as_ref().map(|at| format!(" ({at})")).unwrap_or_default();
                standing.others.push((said, format!("{slug}{place}")));
            }
        }
        standing
    }

    /// Who else is shown in a post that one person holds, and by which documents.
    pub fn holding(&self, known: &Known, post: &Post) -> Standing {
        let documents = |slug: &str| {
            let id = self.ids.get(slug);
            let all = id.and_then(|id| self.supports.get(id)).into_iter().flatten();
            all.map(|id| self.slug(*id)).collect::<Vec<_>>()
        };
        let mut standing = Standing { same: documents(&post.membership), ..Standing::default() };
        if HELD_BY_ONE.contains(&post.role) {
            let others = known.posts.iter().filter(|other| {
                other.organization == post.organization
                    && other.role == post.role
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
