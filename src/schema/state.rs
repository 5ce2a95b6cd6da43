//! Countries.

use async_graphql::Context;
use entity::{attendance, decision, membership, parliament, participation, session, stance};

use super::{
    attendance::Attendance, decision::Decision, membership::Membership, parliament::Parliament,
    participation::Participation, session::Session, stance::Stance,
};
use crate::graph::{Edge, GraphContext, Many, Result};

node! { State of state by Text "code" }

named! {
    /// A country.
    impl State {
        /// ISO 3166-1 alpha-2 code, such as `KG`.
        pub async fn code(&self) -> &str {
            &self.0.code
        }

        /// Its parliament; several where one followed another.
        pub async fn parliaments(&self, ctx: &Context<'_>) -> Result<Many<Parliament>> {
            ctx.graph().many(Edge::key(parliament::Column::StateId), self.0.id).await
        }
    }
    pages {
        /// Its standing in assemblies, one entry for each spell.
        participations: Participation at Edge::key(participation::Column::ParticipantId);
        /// Gatherings that were held in it.
        sessions: Session at Edge::key(session::Column::StateId);
        /// Gatherings that it took part in.
        attendances: Attendance at Edge::key(attendance::Column::AttendeeId);
        /// Its own acts that follow or bear on those of assemblies.
        decisions: Decision at Edge::key(decision::Column::StateId);
        /// Positions that it took.
        stances: Stance at Edge::key(stance::Column::HolderId);
        /// Memberships whose holders speak for it.
        represented_by: Membership at Edge::key(membership::Column::OnBehalfOfId);
    }
}
