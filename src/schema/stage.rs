//! The steps in decisions' lives.

use async_graphql::Context;
use entity::{PartialDate, stage::StageKind, stance};

use super::{
    decision::Decision,
    member::Member,
    record::{Organization, organization},
    session::Session,
    stance::Stance,
};
use crate::graph::{Edge, GraphContext, Many, Maybe, Result};

node! { Stage of stage by Number "position" }

record! {
    /// One step in a decision's life.
    impl Stage {
        /// The decision.
        pub async fn decision(&self, ctx: &Context<'_>) -> Result<Decision> {
            ctx.graph().one(self.0.decision_id).await
        }

        /// Its place among the steps of the decision, from 1.
        pub async fn order(&self) -> i32 {
            self.0.position
        }

        /// What happened.
        pub async fn kind(&self) -> StageKind {
            self.0.kind
        }

        /// The body that took the step.
        pub async fn body(&self, ctx: &Context<'_>) -> Maybe<Organization> {
            Maybe::of(async {
                Ok(match self.0.body_kind.zip(self.0.body_id) {
                    Some((kind, id)) => Some(organization(ctx, kind, id).await?),
                    None => None,
                })
            })
            .await
        }

        /// The session at which it was taken.
        pub async fn session(&self, ctx: &Context<'_>) -> Maybe<Session> {
            ctx.graph().maybe(self.0.session_id).await.into()
        }

        /// When it was taken.
        pub async fn date(&self) -> Option<PartialDate> {
            PartialDate::from_columns(self.0.date_earliest, self.0.date_latest)
        }

        /// What came of it, in words.
        pub async fn outcome(&self) -> Option<&str> {
            self.0.outcome.as_deref()
        }

        /// Who reported.
        pub async fn reporter(&self, ctx: &Context<'_>) -> Maybe<Member> {
            ctx.graph().maybe(self.0.reporter_id).await.into()
        }

        /// The decision that called for the step.
        pub async fn basis(&self, ctx: &Context<'_>) -> Maybe<Decision> {
            ctx.graph().maybe(self.0.basis_id).await.into()
        }

        /// The positions that were taken at it.
        pub async fn stances(&self, ctx: &Context<'_>) -> Result<Many<Stance>> {
            ctx.graph().many(Edge::key(stance::Column::StageId), self.0.id).await
        }
    }
    pages {}
}
