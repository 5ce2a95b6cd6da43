//! Positions taken at a stage.

use async_graphql::Context;
use entity::stance::StancePosition;

use super::{
    attendance::{Actor, actor},
    stage::Stage,
};
use crate::graph::{Day, GraphContext, Result};

node! { Stance of stance }

filter! {
    /// Which positions.
    StanceFilter on Stance(stance), record {
        stage: one(Stage),
        holder: one(Actor),
        position: word(StancePosition),
    }
}

order! { Stance { position: text } }

counts! { Stance { position: text, holder: record } }

record! {
    /// The position that someone took at a stage of a decision.
    impl Stance {
        /// The stage.
        pub async fn stage(&self, ctx: &Context<'_>) -> Result<Stage> {
            ctx.at(self.moment).one(self.row.stage_id).await
        }

        /// Whose position it is, as they were then.
        pub async fn holder(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "The date to read it and all below it at; where it is left out, as \
                above it if a date is stated there, else as of the stage's date.")]
            as_of: Option<Day>,
        ) -> Result<Actor> {
            let stage: Stage = ctx.at(self.moment).one(self.row.stage_id).await?;
            actor(stage.then(ctx, as_of).await?, self.row.holder_kind, self.row.holder_id).await
        }

        /// Where they stand.
        pub async fn position(&self) -> StancePosition {
            self.row.position
        }

        /// What they asked for or said, in our words.
        pub async fn statement(&self) -> Option<&str> {
            self.row.statement.as_deref()
        }
    }
    pages {}
    lives {}
}
