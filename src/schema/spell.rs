//! What holds for a time and is filtered by how sure that is.

use async_graphql::{InputObject, InputType};
use entity::{Certainty, Dated};

use super::{
    membership::Membership, participation::Participation, seat_allocation::SeatAllocation,
};
use crate::graph::Node;

/// An object that holds for a time.
pub trait Spelled: Node {
    type Filter: InputType;

    /// How sure it is that it holds on the date that it is read at; none where it does not.
    fn certainty(&self) -> Option<Certainty>;
}

macro_rules! spelled {
    ($($name:ident by $(#[$doc:meta])* $filter:ident)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, Default, InputObject)]
            pub struct $filter {
                /// Only those that certainly hold on the date, or only those that merely may.
                pub certainty: Option<Certainty>,
            }

            impl Spelled for $name {
                type Filter = $filter;

                fn certainty(&self) -> Option<Certainty> {
                    self.row.span().certainty(self.moment.date())
                }
            }
        )*
    };
}

spelled! {
    Participation by
    /// Which standings.
    ParticipationFilter
    SeatAllocation by
    /// Which allocations of seats.
    SeatAllocationFilter
    Membership by
    /// Which memberships.
    MembershipFilter
}
