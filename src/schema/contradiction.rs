//! Claims that cannot all be true, kept and not settled.

use async_graphql::{Context, ID, Object};
use entity::{contradiction::ContradictionStatus, contradiction_claim};

use super::{
    claim::Claim,
    record::{Record, record},
};
use crate::graph::{Edge, GlobalId, GraphContext, Many, Maybe, Result};

node! { Contradiction of contradiction }

/// Claims that cannot all be true.
#[Object]
impl Contradiction {
    /// Opaque id, for `node`.
    pub async fn id(&self) -> ID {
        GlobalId::new("Contradiction", self.0.id).into()
    }

    /// Its name for people, as in the data set.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// The record that the claims are about.
    async fn record(&self, ctx: &Context<'_>) -> Maybe<Record> {
        Maybe::of(async {
            Ok(match self.0.record_kind.zip(self.0.record_id) {
                Some((kind, id)) => Some(record(ctx, kind, id).await?),
                None => None,
            })
        })
        .await
    }

    /// The property that the claims are about.
    async fn property(&self) -> &str {
        &self.0.property
    }

    /// The field it belongs to, such as `delegations`.
    async fn topic(&self) -> Option<&str> {
        self.0.topic.as_deref()
    }

    /// What it is about, in words.
    async fn about(&self) -> Option<&str> {
        self.0.about.as_deref()
    }

    /// The claims.
    async fn claims(&self, ctx: &Context<'_>) -> Result<Many<Claim>> {
        let sides = Edge::link(
            contradiction_claim::Column::ContradictionId,
            contradiction_claim::Column::ClaimId,
        );
        ctx.graph().many(sides.ranked(contradiction_claim::Column::Position), self.0.id).await
    }

    /// Whether somebody has explained it.
    async fn status(&self) -> ContradictionStatus {
        self.0.status
    }

    /// How the claims may go together, or which is likely right: an opinion, no verdict.
    async fn reading(&self) -> Option<&str> {
        self.0.reading.as_deref()
    }

    /// The rule that picked the served value, where one of the claims is served.
    async fn rule(&self) -> Option<&str> {
        self.0.rule.as_deref()
    }
}
