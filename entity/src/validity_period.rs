//! The start, the end and the sightings of a record that is valid for a period.

use async_graphql::SimpleObject;

use crate::PartialDate;

/// First and last day on which documents show something to be valid. They are evidence, not the
/// start and end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SimpleObject)]
pub struct Sightings {
    /// First day on which a document shows it. Null if unknown.
    pub first: Option<PartialDate>,
    /// Last day on which a document shows it. Null if unknown.
    pub last: Option<PartialDate>,
}

/// A validity period as documents state it.
pub trait ValidityPeriod {
    /// Returns the start, if a document states one.
    fn since(&self) -> Option<PartialDate>;
    /// Returns the end, if a document states one.
    fn until(&self) -> Option<PartialDate>;
    /// Returns the first and last day on which a document shows the record.
    fn observed(&self) -> Option<Sightings>;
}

macro_rules! validity_period {
    ($($table:ident),*) => {
        $(impl ValidityPeriod for crate::$table::Model {
            fn since(&self) -> Option<PartialDate> {
                PartialDate::from_columns(self.since_earliest, self.since_latest)
            }

            fn until(&self) -> Option<PartialDate> {
                PartialDate::from_columns(self.until_earliest, self.until_latest)
            }

            fn observed(&self) -> Option<Sightings> {
                let first = PartialDate::from_columns(
                    self.observed_first_earliest,
                    self.observed_first_latest,
                );
                let last = PartialDate::from_columns(
                    self.observed_last_earliest,
                    self.observed_last_latest,
                );
                (first.is_some() || last.is_some()).then_some(Sightings { first, last })
            }
        })*
    };
}

validity_period!(participation, seat_allocation, membership, claim);
