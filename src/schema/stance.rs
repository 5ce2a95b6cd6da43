//! Positions taken at a stage.

use async_graphql::Context;
use entity::stance::StancePosition;

use super::{
    attendance::{Actor, actor},
    stage::Stage,
};
use crate::graph::{GraphContext, Result};

node! { Stance of stance }

record! {
    /// The position that someone took at a stage of a decision.
    impl Stance {
        /// The stage.
        pub async fn stage(&self, ctx: &Context<'_>) -> Result<Stage> {
            ctx.graph().one(self.0.stage_id).await
        }

        /// Whose position it is.
        pub async fn holder(&self, ctx: &Context<'_>) -> Result<Actor> {
            actor(ctx, self.0.holder_kind, self.0.holder_id).await
        }

        /// Where they stand.
        pub async fn position(&self) -> StancePosition {
            self.0.position
        }

        /// What they asked for or said, in our words.
        pub async fn statement(&self) -> Option<&str> {
            self.0.statement.as_deref()
        }
    }
    pages {}
}
