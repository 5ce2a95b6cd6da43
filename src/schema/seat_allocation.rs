//! How many of a delegation's seats a chamber fills.

use async_graphql::Context;
use entity::{Observed, PartialDate, Spell};

use super::{chamber::Chamber, delegation::Delegation};
use crate::graph::{GraphContext, Maybe, Result};

node! { SeatAllocation of seat_allocation }

record! {
    /// How many of a delegation's seats a chamber fills.
    impl SeatAllocation {
        /// The delegation.
        pub async fn delegation(&self, ctx: &Context<'_>) -> Result<Delegation> {
            ctx.graph().one(self.0.delegation_id).await
        }

        /// The chamber that fills the seats; null where it is the parliament as a whole.
        pub async fn chamber(&self, ctx: &Context<'_>) -> Maybe<Chamber> {
            ctx.graph().maybe(self.0.chamber_id).await.into()
        }

        /// How many seats: one of the claimed numbers where documents differ.
        pub async fn seats(&self) -> i32 {
            self.0.seats
        }

        /// The start, where a document states one.
        pub async fn since(&self) -> Option<PartialDate> {
            self.0.since()
        }

        /// The end, where a document states one.
        pub async fn until(&self) -> Option<PartialDate> {
            self.0.until()
        }

        /// Whether a document states that it goes on without an end. False also where nothing is
        /// known of its end.
        pub async fn ongoing(&self) -> bool {
            self.0.ongoing
        }

        /// When documents show it to hold.
        pub async fn observed(&self) -> Option<Observed> {
            self.0.observed()
        }

        /// Whether documents differ about the number: see `claims`.
        pub async fn disputed(&self) -> bool {
            self.0.disputed
        }

        /// A remark of the data's keepers.
        pub async fn note(&self) -> Option<&str> {
            self.0.note.as_deref()
        }
    }
    pages {}
}
