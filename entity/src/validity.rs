//! The days on which a record is valid, for reading it as of a date.

use async_graphql::Enum;
use chrono::NaiveDate;

use crate::PartialDate;

/// The start of a period without a known start.
pub const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(1, 1, 1).expect("a day of the calendar");
/// The end of a period without a known end.
pub const LAST_DAY: NaiveDate =
    NaiveDate::from_ymd_opt(9999, 12, 31).expect("a day of the calendar");

/// Certainty that something is valid on a date. New values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
pub enum Certainty {
    /// Documents show that it is valid on the date, or both before and after it.
    Definite,
    /// Documents show neither that it is valid nor that it is not.
    Possible,
}

/// The days from `from` to `until`, both included. Empty if `until` is before `from`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub from: NaiveDate,
    pub until: NaiveDate,
}

impl Period {
    /// No day.
    pub const NEVER: Self = Self { from: LAST_DAY, until: FIRST_DAY };

    pub fn is_empty(&self) -> bool {
        self.from > self.until
    }

    pub fn contains(&self, day: NaiveDate) -> bool {
        self.from <= day && day <= self.until
    }
}

/// The days on which a record may be valid, and the days on which it certainly is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    pub possible: Period,
    pub definite: Period,
}

impl Validity {
    /// Returns the certainty that the record is valid on `date`, or `None` if it is not valid on
    /// any day of `date`.
    pub fn certainty(&self, date: PartialDate) -> Option<Certainty> {
        let (first, last) = (date.earliest(), date.latest());
        let is_possible = self.possible.from <= last && self.possible.until >= first;
        let is_definite = self.definite.contains(first) && self.definite.contains(last);
        is_possible.then_some(if is_definite { Certainty::Definite } else { Certainty::Possible })
    }
}

/// A record with a derived validity.
pub trait Temporal {
    fn validity(&self) -> Validity;
    fn set_validity(&mut self, validity: Validity);
}

macro_rules! temporal {
    ($($table:ident),*) => {
        $(impl Temporal for crate::$table::Model {
            fn validity(&self) -> Validity {
                Validity {
                    possible: Period { from: self.holds_from, until: self.holds_until },
                    definite: Period { from: self.sure_from, until: self.sure_until },
                }
            }

            fn set_validity(&mut self, Validity { possible, definite }: Validity) {
                (self.holds_from, self.holds_until) = (possible.from, possible.until);
                (self.sure_from, self.sure_until) = (definite.from, definite.until);
            }
        })*
    };
}

temporal!(participation, seat_allocation, membership);
