//! Those whom one parliament sends to one assembly.

use std::sync::Arc;

use async_graphql::{Context, SimpleObject};
use entity::{membership, membership::Role, seat_allocation, seat_total};
use sea_orm::ActiveEnum;

use super::{
    assembly::Assembly,
    attendance::Attendance,
    composition,
    composition::{Composition, StretchConnection},
    membership::Membership,
    parliament::Parliament,
    seat_allocation::SeatAllocation,
    stage::Stage,
    stance::Stance,
};
use crate::evidence;
use crate::graph::{
    Day, Edge, GraphContext, List, Many, Maybe, Result, View, When, filter::Filter, moment::During,
};

node! { Delegation of delegation }

filter! {
    /// Which delegations.
    DelegationFilter on Delegation(delegation), record, few, lives {
        name: text,
        assembly: one(Assembly),
        parliament: one(Parliament),
        total_seats: number_then(Edge::key(seat_total::Column::DelegationId), seat_total seats),
        seats: then(SeatAllocation at Edge::key(seat_allocation::Column::DelegationId)),
        memberships: then(Membership at Edge::key(membership::Column::OrganizationId)),
    }
}

order! { Delegation { name: text } }

counts! { Delegation { assembly: record, parliament: record } }

/// The seats that a delegation is declared to have beside the members that documents name.
#[derive(SimpleObject)]
pub struct Coverage {
    /// All its seats together; null where no document says.
    declared: Option<i32>,
    /// How many different persons documents show in it, in whatever role.
    named: usize,
}

impl Delegation {
    async fn parts<N: crate::graph::Node>(
        &self,
        view: View<'_>,
        edge: Edge,
        when: When,
    ) -> Result<Vec<N>> {
        let (view, during) = view.when(when)?;
        view.list(edge.during(during), self.row.id).await
    }

    async fn seats_then(&self, view: View<'_>) -> Result<Option<i32>> {
        let edge = Edge::key(seat_allocation::Column::DelegationId);
        let seats: Vec<SeatAllocation> = self.parts(view, edge, When::default()).await?;
        Ok(evidence::seats::total(seats.iter().map(|part| &*part.row), view.moment.date()))
    }
}

organization! {
    /// Those whom one parliament sends to one assembly.
    impl Delegation {
        /// The assembly that it is sent to.
        pub async fn assembly(&self, ctx: &Context<'_>) -> Result<Assembly> {
            ctx.at(self.moment).one(self.row.assembly_id).await
        }

        /// The parliament that sends it.
        pub async fn parliament(&self, ctx: &Context<'_>) -> Result<Parliament> {
            ctx.at(self.moment).one(self.row.parliament_id).await
        }

        /// Its seats, one entry for each chamber that sends.
        pub async fn seats(
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
            #[graphql(desc = "Only rows that pass. What is null in it is as if left out.")] filter: Option<Filter<SeatAllocation>>,
        ) -> Maybe<Many<SeatAllocation>> {
            let seats = Edge::key(seat_allocation::Column::DelegationId);
            let list = List::of(ctx, None, None, None, None).asked(filter, None);
            let list = list.when(When::of(as_of, history));
            ctx.at(self.moment).many_of(seats, self.row.id, list).await.into()
        }

        /// All its seats together: of several allocations to one chamber that may hold, one that
        /// certainly does, else the latest. Null where no document says.
        pub async fn total_seats(&self, ctx: &Context<'_>) -> Maybe<i32> {
            self.seats_then(ctx.at(self.moment)).await.into()
        }

        /// The plenipotentiary representative of the parliament in the assembly: of several who may
        /// be, one who certainly is, else the latest. In a history, the last one known.
        pub async fn representative(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "The date to read it and all below it at; as above it, or today, \
                where it is left out.")]
            as_of: Option<Day>,
            #[graphql(
                default_with = "Some(false)",
                desc = "Past spells and such to come too, not only those of the date."
            )]
            history: Option<bool>,
        ) -> Maybe<Membership> {
            Maybe::of(async {
                let edge = Edge::key(membership::Column::OrganizationId)
                    .only(membership::Column::Role, [Role::Representative.to_value()]);
                let when = When::of(as_of, history);
                let ever = when.history;
                let all: Vec<Membership> = self.parts(ctx.at(self.moment), edge, when).await?;
                Ok(if ever { composition::last(all) } else { composition::foremost(all) })
            })
            .await
        }

        /// Its seats and its members over all time: one entry for each stretch of days in which
        /// neither changes, the first first.
        pub async fn composition(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many rows from the start: at most 100; 20 where nothing \
                is said.")]
            first: Option<i32>,
            #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
            #[graphql(desc = "How many rows from the end: at most 100.")] last: Option<i32>,
            #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
        ) -> Maybe<StretchConnection> {
            let list = List::of(ctx, first, after, last, before);
            Maybe::of(async {
                let window = list.check(&Composition::order())?;
                let view = ctx.at(self.moment);
                let seats = Edge::key(seat_allocation::Column::DelegationId);
                let members = Edge::key(membership::Column::OrganizationId);
                let (seats, members) = futures_util::try_join!(
                    view.list(seats.during(During::Ever), self.row.id),
                    view.list(members.during(During::Ever), self.row.id),
                )?;
                let today = ctx.graph().today();
                let composition = Composition::new(self.row.id, seats, members, today);
                Ok(Some(Arc::new(composition).page(&window)))
            })
            .await
        }

        /// The seats that it is declared to have beside the members that documents name.
        pub async fn coverage(&self, ctx: &Context<'_>) -> Result<Coverage> {
            let view = ctx.at(self.moment);
            let edge = Edge::key(membership::Column::OrganizationId);
            let (declared, members) = futures_util::try_join!(
                self.seats_then(view),
                self.parts::<Membership>(view, edge, When::default()),
            )?;
            Ok(Coverage { declared, named: composition::persons(&members) })
        }

        /// A remark of the data's keepers.
        pub async fn note(&self) -> Option<&str> {
            self.row.note.as_deref()
        }
    }
    pages {}
    lives {}
}
