//! The periods for which parliaments and chambers are elected.

use async_graphql::Context;
use entity::{PartialDate, membership};

use super::{
    membership::Membership,
    record::{Organization, organization},
};
use crate::graph::{Edge, GraphContext, Result};

node! { LegislativePeriod of legislative_period }

filter! {
    /// Which legislative periods.
    LegislativePeriodFilter on LegislativePeriod(legislative_period), record, few {
        name: text,
        organization: one(Organization),
        starts: date,
        ends: date,
        memberships: then(Membership at Edge::key(membership::Column::LegislativePeriodId)),
    }
}

order! { LegislativePeriod { starts: date, ends: date, name: text } }

counts! { LegislativePeriod { organization: record, year: year(starts) } }

named! {
    /// A period for which a parliament or a chamber is elected: a term, a convocation.
    impl LegislativePeriod {
        /// The parliament or chamber that is elected.
        pub async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
            organization(ctx.at(self.moment), self.row.organization_kind, self.row.organization_id).await
        }

        /// Its first day, where a document states one.
        pub async fn starts(&self) -> Option<PartialDate> {
            PartialDate::from_columns(self.row.starts_earliest, self.row.starts_latest)
        }

        /// Its last day, where a document states one.
        pub async fn ends(&self) -> Option<PartialDate> {
            PartialDate::from_columns(self.row.ends_earliest, self.row.ends_latest)
        }

        /// A remark of the data's keepers.
        pub async fn note(&self) -> Option<&str> {
            self.row.note.as_deref()
        }
    }
    pages {}
    lives {
        /// Memberships for this period.
        memberships: Membership at Edge::key(membership::Column::LegislativePeriodId);
    }
}
