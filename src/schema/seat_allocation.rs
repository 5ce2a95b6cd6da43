//! How many of a delegation's seats a chamber fills.

use async_graphql::Context;
use entity::{Certainty, Observed, PartialDate, Spell};

use super::{chamber::Chamber, delegation::Delegation, spell::Spelled};
use crate::evidence;
use crate::graph::{GraphContext, Maybe, Result};

node! { SeatAllocation of seat_allocation }

filter! {
    /// Which allocations of seats.
    SeatAllocationFilter on SeatAllocation(seat_allocation), record, few, lives {
        delegation: one(Delegation),
        chamber: one(Chamber),
        seats: number_at,
        disputed: flag,
        since: date,
        until: date,
        ongoing: flag,
        certainty: certainty,
    }
}

order! { SeatAllocation { since: date, until: date } }

counts! { SeatAllocation { delegation: record, chamber: record } }

record! {
    /// How many of a delegation's seats a chamber fills.
    impl SeatAllocation {
        /// The delegation.
        pub async fn delegation(&self, ctx: &Context<'_>) -> Result<Delegation> {
            ctx.at(self.moment).one(self.row.delegation_id).await
        }

        /// The chamber that fills the seats; null where it is the parliament as a whole.
        pub async fn chamber(&self, ctx: &Context<'_>) -> Maybe<Chamber> {
            ctx.at(self.moment).maybe(self.row.chamber_id).await.into()
        }

        /// How many seats: one of the claimed numbers where documents differ.
        pub async fn seats(&self) -> i32 {
            evidence::seats::seats_on(&self.row, self.moment.date())
        }

        /// The start, where a document states one.
        pub async fn since(&self) -> Option<PartialDate> {
            self.row.since()
        }

        /// The end, where a document states one.
        pub async fn until(&self) -> Option<PartialDate> {
            self.row.until()
        }

        /// Whether a document states that it goes on without an end. False also where nothing is
        /// known of its end.
        pub async fn ongoing(&self) -> bool {
            self.row.ongoing
        }

        /// When documents show it to hold.
        pub async fn observed(&self) -> Option<Observed> {
            self.row.observed()
        }

        /// Whether documents differ about the number: see `claims`.
        pub async fn disputed(&self) -> bool {
            self.row.disputed
        }

        /// Whether it certainly holds on the date that it is read at, or only may. Null where it
        /// does not hold then: in a history, or found by its slug or id.
        pub async fn certainty(&self) -> Option<Certainty> {
            Spelled::certainty(self)
        }

        /// A remark of the data's keepers.
        pub async fn note(&self) -> Option<&str> {
            self.row.note.as_deref()
        }
    }
    pages {}
    lives {}
}
