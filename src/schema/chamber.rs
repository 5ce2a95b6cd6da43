//! The houses of parliaments.

use async_graphql::Context;
use entity::{chamber::House, commission, legislative_period, participation, seat_allocation};

use super::{
    attendance::Attendance, commission::Commission, legislative_period::LegislativePeriod,
    membership::Membership, parliament::Parliament, participation::Participation,
    seat_allocation::SeatAllocation, stage::Stage, stance::Stance,
};
use crate::evidence;
use crate::graph::{Edge, GraphContext, Result};

node! { Chamber of chamber }

filter! {
    /// Which houses of parliaments.
    ChamberFilter on Chamber(chamber), record, few, lives {
        name: text,
        parliament: one(Parliament),
        house: word(House),
        size: number_at,
        founded: date,
        dissolved: date,
        seat_allocations: then(SeatAllocation at Edge::key(seat_allocation::Column::ChamberId)),
        commissions: then(Commission at Edge::key(commission::Column::ChamberId)),
        legislative_periods: many(LegislativePeriod at
            Edge::key(legislative_period::Column::OrganizationId)),
        memberships: then(Membership at Edge::key(entity::membership::Column::OrganizationId)),
    }
}

order! { Chamber { name: text, founded: date } }

counts! { Chamber { house: text, parliament: record } }

organization! {
    /// A house of a parliament.
    impl Chamber {
        /// The parliament whose house it is.
        pub async fn parliament(&self, ctx: &Context<'_>) -> Result<Parliament> {
            ctx.at(self.moment).one(self.row.parliament_id).await
        }

        /// Which house it is.
        pub async fn house(&self) -> House {
            self.row.house
        }

        /// Seats in the chamber as a whole, not in its delegations.
        pub async fn size(&self) -> Option<i32> {
            let then = self.row.varying.as_deref();
            let then = evidence::value_at(then, "size", self.moment.date());
            then.map_or(self.row.size, |size| size.parse().ok())
        }

        /// A remark of the data's keepers.
        pub async fn note(&self) -> Option<&str> {
            self.row.note.as_deref()
        }
    }
    pages {
        /// The periods for which it is elected.
        legislative_periods: LegislativePeriod at Edge::key(legislative_period::Column::OrganizationId);
    }
    lives {
        /// Its committees, as far as they act in the assemblies' field.
        commissions: Commission at Edge::key(commission::Column::ChamberId);
        /// The seats that it fills in delegations.
        seat_allocations: SeatAllocation at Edge::key(seat_allocation::Column::ChamberId);
        /// States' standings in assemblies that are held through it.
        participations: Participation at Edge::key(participation::Column::ChamberId);
    }
}
