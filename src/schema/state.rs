//! Countries.

use async_graphql::Context;
use entity::{attendance, decision, membership, parliament, participation, session, stance};

use super::{
    attendance::Attendance, decision::Decision, membership::Membership, parliament::Parliament,
    participation::Participation, session::Session, stance::Stance,
};
use crate::graph::{Day, Edge, GraphContext, List, Many, Maybe, When};

node! { State of state by text "code" }

filter! {
    /// Which states.
    StateFilter on State(state), record, few {
        code: code,
        name: text,
        parliaments: then(Parliament at Edge::key(parliament::Column::StateId)),
        participations: then(Participation at Edge::key(participation::Column::ParticipantId)),
        sessions: many(Session at Edge::key(session::Column::StateId)),
        decisions: many(Decision at Edge::key(decision::Column::StateId)),
        represented_by: then(Membership at Edge::key(membership::Column::OnBehalfOfId)),
    }
}

order! { State { code: text, name: text } }

counts! {
    State {
        assembly: then(Edge::key(participation::Column::ParticipantId), participation record),
        status: then(Edge::key(participation::Column::ParticipantId), participation text),
    }
}

named! {
    /// A country.
    impl State {
        /// ISO 3166-1 alpha-2 code, such as `KG`.
        pub async fn code(&self) -> &str {
            &self.row.code
        }

        /// Its parliament; several in a history where one followed another.
        pub async fn parliaments(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "The date to read it and all below it at; as above it, or today, \
                where it is left out.")]
            as_of: Option<Day>,
            #[graphql(
                default_with = "Some(false)",
                desc = "All spells, past and to come too, not only those of the date."
            )]
            history: Option<bool>,
        ) -> Maybe<Many<Parliament>> {
            let parliaments = Edge::key(parliament::Column::StateId);
            let list = List::default().when(When::of(as_of, history));
            ctx.at(self.moment).many_of(parliaments, self.row.id, list).await.into()
        }
    }
    pages {
        /// Gatherings that were held in it.
        sessions: Session at Edge::key(session::Column::StateId);
        /// Gatherings that it took part in.
        attendances: Attendance at Edge::key(attendance::Column::AttendeeId);
        /// Its own acts that follow or bear on those of assemblies.
        decisions: Decision at Edge::key(decision::Column::StateId);
        /// Positions that it took.
        stances: Stance at Edge::key(stance::Column::HolderId);
    }
    lives {
        /// Its standing in assemblies.
        participations: Participation at Edge::key(participation::Column::ParticipantId);
        /// Memberships whose holders speak for it.
        represented_by: Membership at Edge::key(membership::Column::OnBehalfOfId);
    }
}
