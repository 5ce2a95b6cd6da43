//! What holds for a time: how sure it is that it does.

use entity::{Certainty, Dated};

use super::{
    membership::Membership, participation::Participation, seat_allocation::SeatAllocation,
};
use crate::graph::Node;

/// An object that holds for a time.
pub trait Spelled: Node {
    /// How sure it is that it holds on the date that it is read at; none where it does not.
    fn certainty(&self) -> Option<Certainty>;
}

macro_rules! spelled {
    ($($name:ident)*) => {
        $(impl Spelled for $name {
            fn certainty(&self) -> Option<Certainty> {
                self.row.span().certainty(self.moment.date())
            }
        })*
    };
}

spelled! { Participation SeatAllocation Membership }
