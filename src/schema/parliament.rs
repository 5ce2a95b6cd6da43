//! Parliaments of states.

use async_graphql::Context;
use entity::{chamber, delegation, parliament::ParliamentStructure, participation};

use super::{
    attendance::Attendance, chamber::Chamber, delegation::Delegation, membership::Membership,
    participation::Participation, stage::Stage, stance::Stance, state::State,
};
use crate::graph::{Edge, GraphContext, Many, Result};

node! { Parliament of parliament }

organization! {
    /// A state's parliament.
    impl Parliament {
        /// The state whose parliament it is.
        pub async fn state(&self, ctx: &Context<'_>) -> Result<State> {
            ctx.graph().one(self.0.state_id).await
        }

        /// How many chambers it has.
        pub async fn structure(&self) -> ParliamentStructure {
            self.0.structure
        }

        /// Its houses.
        pub async fn chambers(&self, ctx: &Context<'_>) -> Result<Many<Chamber>> {
            ctx.graph().many(Edge::key(chamber::Column::ParliamentId), self.0.id).await
        }

        /// A remark of the data's keepers.
        pub async fn note(&self) -> Option<&str> {
            self.0.note.as_deref()
        }
    }
    pages {
        /// The delegations that it sends to assemblies.
        delegations: Delegation at Edge::key(delegation::Column::ParliamentId);
        /// Its own standing in assemblies.
        participations: Participation at Edge::key(participation::Column::ParticipantId);
    }
}
