//! Those whom one parliament sends to one assembly.

use async_graphql::Context;
use entity::{Spell, membership, membership::Role, seat_allocation};
use sea_orm::ActiveEnum;

use super::{
    assembly::Assembly, attendance::Attendance, membership::Membership, parliament::Parliament,
    seat_allocation::SeatAllocation, stage::Stage, stance::Stance,
};
use crate::graph::{Edge, GraphContext, Many, Maybe, Result};

node! { Delegation of delegation }

impl Delegation {
    async fn allocations(&self, ctx: &Context<'_>) -> Result<Vec<SeatAllocation>> {
        ctx.graph().list(Edge::key(seat_allocation::Column::DelegationId), self.0.id).await
    }
}

organization! {
    /// Those whom one parliament sends to one assembly.
    impl Delegation {
        /// The assembly that it is sent to.
        pub async fn assembly(&self, ctx: &Context<'_>) -> Result<Assembly> {
            ctx.graph().one(self.0.assembly_id).await
        }

        /// The parliament that sends it.
        pub async fn parliament(&self, ctx: &Context<'_>) -> Result<Parliament> {
            ctx.graph().one(self.0.parliament_id).await
        }

        /// Its seats, one entry for each chamber that sends.
        pub async fn seats(&self, ctx: &Context<'_>) -> Result<Many<SeatAllocation>> {
            ctx.graph().many(Edge::key(seat_allocation::Column::DelegationId), self.0.id).await
        }

        /// All its seats together; null where no document says.
        pub async fn total_seats(&self, ctx: &Context<'_>) -> Maybe<i32> {
            Maybe::of(async {
                let seats = self.allocations(ctx).await?;
                let seats = seats.iter().filter(|allocation| allocation.0.until().is_none());
                let seats: Vec<i64> = seats.map(|allocation| allocation.0.seats.into()).collect();
                let total = (!seats.is_empty()).then(|| seats.iter().sum::<i64>());
                Ok(total.and_then(|total| i32::try_from(total).ok()))
            })
            .await
        }

        /// The plenipotentiary representative of the parliament in the assembly.
        pub async fn representative(&self, ctx: &Context<'_>) -> Maybe<Membership> {
            Maybe::of(async {
                let representatives = Edge::key(membership::Column::OrganizationId)
                    .only(membership::Column::Role, [Role::Representative.to_value()]);
                let holders: Vec<Membership> = ctx.graph().list(representatives, self.0.id).await?;
                Ok(holders.into_iter().rfind(|holder| holder.0.effective_until_latest.is_none()))
            })
            .await
        }

        /// A remark of the data's keepers.
        pub async fn note(&self) -> Option<&str> {
            self.0.note.as_deref()
        }
    }
    pages {}
}
