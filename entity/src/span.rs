//! The days on which something holds, for reading it as of a date.

use async_graphql::Enum;
use chrono::NaiveDate;

use crate::PartialDate;

/// Stands for "no matter how early".
pub const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(1, 1, 1).expect("a day of the calendar");
/// Stands for "no matter how late".
pub const LAST_DAY: NaiveDate =
    NaiveDate::from_ymd_opt(9999, 12, 31).expect("a day of the calendar");

/// How sure it is that something holds on a date, by what documents show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
pub enum Certainty {
    /// Documents show it to hold then.
    Definite,
    /// It may hold then: no document shows that it did, none that it did not.
    Possible,
}

/// The days on which something may hold, and those on which it certainly does. Both ends of each
/// stretch belong to it; a stretch that ends before it begins is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub holds: (NaiveDate, NaiveDate),
    pub sure: (NaiveDate, NaiveDate),
}

impl Span {
    /// Holds on no day for certain.
    pub const NEVER_SURE: (NaiveDate, NaiveDate) = (LAST_DAY, FIRST_DAY);

    /// How sure it is that it holds on a day that is known as precisely as `date`; none where it
    /// does not hold.
    pub fn certainty(&self, date: PartialDate) -> Option<Certainty> {
        let holds = self.holds.0 <= date.latest() && self.holds.1 >= date.earliest();
        let sure = self.sure.0 <= date.earliest() && self.sure.1 >= date.latest();
        holds.then_some(if sure { Certainty::Definite } else { Certainty::Possible })
    }
}

/// A row that is read as of a date.
pub trait Dated {
    fn span(&self) -> Span;
}

macro_rules! dated {
    ($($table:ident),*) => {
        $(impl Dated for crate::$table::Model {
            fn span(&self) -> Span {
                Span {
                    holds: (self.holds_from, self.holds_until),
                    sure: (self.sure_from, self.sure_until),
                }
            }
        })*
    };
}

dated!(participation, seat_allocation, membership);
