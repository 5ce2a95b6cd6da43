//! Dated gatherings.

use async_graphql::Context;
use entity::{PartialDate, attendance, decision, membership, session::SessionKind, stage};

use super::{
    assembly::Assembly, attendance::Attendance, commission::Commission, decision::Decision,
    membership::Membership, stage::Stage, state::State,
};
use crate::graph::{
    Connection, Day, Edge, GraphContext, List, Maybe, filter::Filter, order::OrderBy,
};

node! { Session of session }

filter! {
    /// Which gatherings.
    SessionFilter on Session(session), record, few {
        kind: word(SessionKind),
        number: number,
        name: text,
        starts: date,
        ends: date,
        place: text,
        planned: flag,
        state: one(State),
        assembly: one(Assembly),
        commission: one(Commission),
        attendees: many(Attendance at Edge::key(attendance::Column::SessionId)),
        elected: many(Membership at Edge::key(membership::Column::ElectedAtId)),
        decisions: many(Decision at Edge::key(decision::Column::SessionId)),
        stages: many(Stage at Edge::key(stage::Column::SessionId)),
    }
}

order! { Session { starts: date, ends: date, name: text, number: number_or_none } }

counts! {
    Session {
        year: year(starts),
        kind: text,
        place: text,
        state: record,
        assembly: record,
        commission: record,
    }
}

impl Session {
    /// The date that it brings to those who took part.
    pub fn day(&self) -> Option<PartialDate> {
        PartialDate::from_columns(self.row.starts_earliest, self.row.starts_latest)
    }
}

named! {
    /// A dated gathering: a plenary session, a meeting, a workshop, a hearing, a mission.
    impl Session {
        /// What sort of gathering it is.
        pub async fn kind(&self) -> SessionKind {
            self.row.kind
        }

        /// Its number among those of its kind.
        pub async fn number(&self) -> Option<i32> {
            self.row.number
        }

        /// Its first day.
        pub async fn starts(&self) -> Option<PartialDate> {
            self.day()
        }

        /// Its last day, where a document states one.
        pub async fn ends(&self) -> Option<PartialDate> {
            PartialDate::from_columns(self.row.ends_earliest, self.row.ends_latest)
        }

        /// Where it was held.
        pub async fn place(&self) -> Option<&str> {
            self.row.place.as_deref()
        }

        /// The state in which it was held; of a mission, the state whose vote it observed.
        pub async fn state(&self, ctx: &Context<'_>) -> Maybe<State> {
            ctx.at(self.moment).maybe(self.row.state_id).await.into()
        }

        /// The assembly that held it.
        pub async fn assembly(&self, ctx: &Context<'_>) -> Maybe<Assembly> {
            ctx.at(self.moment).maybe(self.row.assembly_id).await.into()
        }

        /// The commission that held it.
        pub async fn commission(&self, ctx: &Context<'_>) -> Maybe<Commission> {
            ctx.at(self.moment).maybe(self.row.commission_id).await.into()
        }

        /// Who took part, and in what capacity: each as they were then.
        pub async fn attendees(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many rows from the start: at most 100; 20 where nothing \
                is said.")]
            first: Option<i32>,
            #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
            #[graphql(desc = "How many rows from the end: at most 100.")] last: Option<i32>,
            #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
            #[graphql(desc = "Only rows that pass. What is null in it is as if left out.")] filter: Option<Filter<Attendance>>,
            #[graphql(desc = "The keys to order by, the first first; rows that are equal by all \
                come in a fixed order.")]
            order_by: Option<Vec<OrderBy<Attendance>>>,
            #[graphql(desc = "The date to read it and all below it at; where it is left out, as \
                above it if a date is stated there, else as of the session's date.")]
            as_of: Option<Day>,
        ) -> Maybe<Connection<Attendance>> {
            let attendees = Edge::key(attendance::Column::SessionId);
            let list = List::of(ctx, first, after, last, before).asked(filter, order_by);
            let view = ctx.at(self.moment).of(self.day()).stated(as_of);
            view.under(attendees, self.row.id, list).await.into()
        }

        /// Memberships that it elected, as they were then.
        pub async fn elected(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many rows from the start: at most 100; 20 where nothing \
                is said.")]
            first: Option<i32>,
            #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
            #[graphql(desc = "How many rows from the end: at most 100.")] last: Option<i32>,
            #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
            #[graphql(desc = "Only rows that pass. What is null in it is as if left out.")] filter: Option<Filter<Membership>>,
            #[graphql(desc = "The keys to order by, the first first; rows that are equal by all \
                come in a fixed order.")]
            order_by: Option<Vec<OrderBy<Membership>>>,
            #[graphql(desc = "The date to read it and all below it at; where it is left out, as \
                above it if a date is stated there, else as of the session's date.")]
            as_of: Option<Day>,
        ) -> Maybe<Connection<Membership>> {
            let elected = Edge::key(membership::Column::ElectedAtId);
            let list = List::of(ctx, first, after, last, before).asked(filter, order_by);
            let view = ctx.at(self.moment).of(self.day()).stated(as_of);
            view.under(elected, self.row.id, list).await.into()
        }

        /// Announced only: no document seen shows that it took place.
        pub async fn planned(&self) -> bool {
            self.row.planned
        }

        /// A remark of the data's keepers.
        pub async fn note(&self) -> Option<&str> {
            self.row.note.as_deref()
        }
    }
    pages {
        /// The acts that it adopted or dealt with.
        decisions: Decision at Edge::key(decision::Column::SessionId);
        /// Steps in decisions' lives that it took.
        stages: Stage at Edge::key(stage::Column::SessionId);
    }
    lives {}
}
