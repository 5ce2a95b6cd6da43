//! Claims that cannot all be true, kept and not settled.

use async_graphql::{Context, ID, Object};
use entity::{
    contradiction::{ContradictionKind, ContradictionStatus},
    contradiction_assembly, contradiction_claim, contradiction_record,
};

use super::{
    assembly::Assembly,
    claim::Claim,
    record::{Record, record, records},
};
use crate::graph::{Edge, GlobalId, GraphContext, Many, Maybe, Result};

node! { Contradiction of contradiction }

filter! {
    /// Which contradictions.
    ContradictionFilter on Contradiction(contradiction), few {
        id: id(Contradiction),
        slug: code,
        record: one(Record),
        kind: word(ContradictionKind),
        property: code,
        topic: code,
        status: word(ContradictionStatus),
        computed: flag,
        curated: flag,
        records: many(Record at Edge::link(
            contradiction_record::Column::ContradictionId,
            contradiction_record::Column::RecordId
        )),
        assemblies: many(Assembly at Edge::link(
            contradiction_assembly::Column::ContradictionId,
            contradiction_assembly::Column::AssemblyId
        )),
        claims: many(Claim at Edge::link(
            contradiction_claim::Column::ContradictionId,
            contradiction_claim::Column::ClaimId
        )),
    }
}

order! { Contradiction { slug: text, property: text } }

counts! {
    Contradiction { kind: text, status: text, property: text, topic: text, record: record }
}

/// Claims that cannot all be true.
#[Object]
impl Contradiction {
    /// Opaque id, for `node`.
    pub async fn id(&self) -> ID {
        GlobalId::new("Contradiction", self.row.id, self.moment).into()
    }

    /// Its name for people, as in the data set.
    async fn slug(&self) -> &str {
        &self.row.slug
    }

    /// The record that the claims are about.
    async fn record(&self, ctx: &Context<'_>) -> Maybe<Record> {
        Maybe::of(async {
            Ok(match self.row.record_kind.zip(self.row.record_id) {
                Some((kind, id)) => Some(record(ctx.at(self.moment), kind, id).await?),
                None => None,
            })
        })
        .await
    }

    /// All records that it is about; several where spells overlap, or a total has parts.
    async fn records(&self, ctx: &Context<'_>) -> Result<Many<Record>> {
        let about = Edge::link(
            contradiction_record::Column::ContradictionId,
            contradiction_record::Column::RecordId,
        );
        let about = about.ranked(contradiction_record::Column::Position);
        records(ctx.at(self.moment), about, self.row.id).await
    }

    /// The assemblies that it touches: whose bodies, delegations, members or acts it is about.
    async fn assemblies(&self, ctx: &Context<'_>) -> Result<Many<Assembly>> {
        let touched = Edge::link(
            contradiction_assembly::Column::ContradictionId,
            contradiction_assembly::Column::AssemblyId,
        );
        ctx.at(self.moment).many(touched, self.row.id).await
    }

    /// In what way the claims exclude each other.
    async fn kind(&self) -> ContradictionKind {
        self.row.kind
    }

    /// The property that the claims are about.
    async fn property(&self) -> &str {
        &self.row.property
    }

    /// The field it belongs to, such as `delegations`.
    async fn topic(&self) -> Option<&str> {
        self.row.topic.as_deref()
    }

    /// What it is about, in words.
    async fn about(&self) -> Option<&str> {
        self.row.about.as_deref()
    }

    /// The claims.
    async fn claims(&self, ctx: &Context<'_>) -> Result<Many<Claim>> {
        let sides = Edge::link(
            contradiction_claim::Column::ContradictionId,
            contradiction_claim::Column::ClaimId,
        );
        ctx.at(self.moment)
            .many(sides.ranked(contradiction_claim::Column::Position), self.row.id)
            .await
    }

    /// Whether somebody has explained it.
    async fn status(&self) -> ContradictionStatus {
        self.row.status
    }

    /// How the claims may go together, or which is likely right: an opinion, no verdict.
    async fn reading(&self) -> Option<&str> {
        self.row.reading.as_deref()
    }

    /// Whether it follows from what documents claim and from dates, by the server's own reckoning.
    async fn computed(&self) -> bool {
        self.row.computed
    }

    /// Whether the data's keepers wrote it down.
    async fn curated(&self) -> bool {
        self.row.curated
    }

    /// The keepers' contradiction whose reading explains this one too.
    async fn explained_by(&self, ctx: &Context<'_>) -> Maybe<Contradiction> {
        ctx.at(self.moment).maybe(self.row.explained_by_id).await.into()
    }

    /// The rule that picked the served value, where one of the claims is served.
    async fn rule(&self) -> Option<&str> {
        self.row.rule.as_deref()
    }
}
