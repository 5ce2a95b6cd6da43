//! Parliaments of states.

use async_graphql::Context;
use entity::{
    chamber, delegation, legislative_period, parliament::ParliamentStructure, participation,
};
use sea_orm::ActiveEnum;

use super::{
    attendance::Attendance, chamber::Chamber, delegation::Delegation,
    legislative_period::LegislativePeriod, membership::Membership, participation::Participation,
    stage::Stage, stance::Stance, state::State,
};
use crate::evidence;
use crate::graph::{Day, Edge, GraphContext, List, Many, Maybe, When};

node! { Parliament of parliament }

filter! {
    /// Which parliaments.
    ParliamentFilter on Parliament(parliament), record, few, lives {
        name: text,
        state: one(State),
        structure: word_at(ParliamentStructure),
        founded: date,
        dissolved: date,
        chambers: then(Chamber at Edge::key(chamber::Column::ParliamentId)),
        delegations: then(Delegation at Edge::key(delegation::Column::ParliamentId)),
        participations: then(Participation at Edge::key(participation::Column::ParticipantId)),
        legislative_periods: many(LegislativePeriod at
            Edge::key(legislative_period::Column::OrganizationId)),
        memberships: then(Membership at Edge::key(entity::membership::Column::OrganizationId)),
    }
}

order! { Parliament { name: text, founded: date } }

counts! { Parliament { state: record } }

organization! {
    /// A state's parliament, or that of a part of one.
    impl Parliament {
        /// The state whose parliament it is; null where no source says so.
        pub async fn state(&self, ctx: &Context<'_>) -> Maybe<State> {
            ctx.at(self.moment).maybe(self.row.state_id).await.into()
        }

        /// How many chambers it has.
        pub async fn structure(&self) -> ParliamentStructure {
            let then = self.row.varying.as_deref();
            let then = evidence::value_at(then, "structure", self.moment.date());
            let then = then.and_then(|word| ParliamentStructure::try_from_value(&word).ok());
            then.unwrap_or(self.row.structure)
        }

        /// Its houses.
        pub async fn chambers(
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
        ) -> Maybe<Many<Chamber>> {
            let chambers = Edge::key(chamber::Column::ParliamentId);
            let list = List::default().when(When::of(as_of, history));
            ctx.at(self.moment).many_of(chambers, self.row.id, list).await.into()
        }

        /// A remark of the data's keepers.
        pub async fn note(&self) -> Option<&str> {
            self.row.note.as_deref()
        }
    }
    pages {
        /// The periods for which it is elected as a whole.
        legislative_periods: LegislativePeriod at Edge::key(legislative_period::Column::OrganizationId);
    }
    lives {
        /// The delegations that it sends to assemblies.
        delegations: Delegation at Edge::key(delegation::Column::ParliamentId);
        /// Its own standing in assemblies.
        participations: Participation at Edge::key(participation::Column::ParticipantId);
    }
}
