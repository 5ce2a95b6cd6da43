//! Dated gatherings.

use async_graphql::Context;
use entity::{PartialDate, attendance, decision, membership, session::SessionKind, stage};

use super::{
    assembly::Assembly, attendance::Attendance, commission::Commission, decision::Decision,
    membership::Membership, stage::Stage, state::State,
};
use crate::graph::{Edge, GraphContext, Maybe};

node! { Session of session }

named! {
    /// A dated gathering: a plenary session, a meeting, a workshop, a hearing, a mission.
    impl Session {
        /// What sort of gathering it is.
        pub async fn kind(&self) -> SessionKind {
            self.0.kind
        }

        /// Its number among those of its kind.
        pub async fn number(&self) -> Option<i32> {
            self.0.number
        }

        /// Its first day.
        pub async fn starts(&self) -> Option<PartialDate> {
            PartialDate::from_columns(self.0.starts_earliest, self.0.starts_latest)
        }

        /// Its last day, where a document states one.
        pub async fn ends(&self) -> Option<PartialDate> {
            PartialDate::from_columns(self.0.ends_earliest, self.0.ends_latest)
        }

        /// Where it was held.
        pub async fn place(&self) -> Option<&str> {
            self.0.place.as_deref()
        }

        /// The state in which it was held; of a mission, the state whose vote it observed.
        pub async fn state(&self, ctx: &Context<'_>) -> Maybe<State> {
            ctx.graph().maybe(self.0.state_id).await.into()
        }

        /// The assembly that held it.
        pub async fn assembly(&self, ctx: &Context<'_>) -> Maybe<Assembly> {
            ctx.graph().maybe(self.0.assembly_id).await.into()
        }

        /// The commission that held it.
        pub async fn commission(&self, ctx: &Context<'_>) -> Maybe<Commission> {
            ctx.graph().maybe(self.0.commission_id).await.into()
        }

        /// Announced only: no document seen shows that it took place.
        pub async fn planned(&self) -> bool {
            self.0.planned
        }

        /// A remark of the data's keepers.
        pub async fn note(&self) -> Option<&str> {
            self.0.note.as_deref()
        }
    }
    pages {
        /// Who took part, and in what capacity.
        attendees: Attendance at Edge::key(attendance::Column::SessionId);
        /// The acts that it adopted or dealt with.
        decisions: Decision at Edge::key(decision::Column::SessionId);
        /// Steps in decisions' lives that it took.
        stages: Stage at Edge::key(stage::Column::SessionId);
        /// Memberships that it elected.
        elected: Membership at Edge::key(membership::Column::ElectedAtId);
    }
}
