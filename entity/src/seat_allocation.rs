//! The number of a delegation's seats that a chamber fills.

use sea_orm::entity::prelude::*;

use crate::{Id, RecordKind, kind::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "seat_allocation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id,
    #[sea_orm(unique)]
    pub slug: String,
    #[sea_orm(indexed)]
    pub delegation_id: Id,
    /// Null if the parliament as a whole fills the seats.
    #[sea_orm(indexed)]
    pub chamber_id: Option<Id>,
    pub seats: i32,
    pub disputed: bool,
    pub note: Option<String>,
    pub since_earliest: Option<Date>,
    pub since_latest: Option<Date>,
    pub until_earliest: Option<Date>,
    pub until_latest: Option<Date>,
    pub ongoing: bool,
    pub observed_first_earliest: Option<Date>,
    pub observed_first_latest: Option<Date>,
    pub observed_last_earliest: Option<Date>,
    pub observed_last_latest: Option<Date>,
    /// The periods in which it is possibly and definitely valid, derived from its own dates and the
    /// records it belongs to.
    pub holds_from: Date,
    pub holds_until: Date,
    pub sure_from: Date,
    pub sure_until: Date,
    /// The values of properties that change over time, as JSON.
    pub varying: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::record::Entity",
        from = "Column::Id",
        to = "super::record::Column::Id"
    )]
    Record,
    #[sea_orm(
        belongs_to = "super::delegation::Entity",
        from = "Column::DelegationId",
        to = "super::delegation::Column::Id"
    )]
    Delegation,
    #[sea_orm(
        belongs_to = "super::chamber::Entity",
        from = "Column::ChamberId",
        to = "super::chamber::Column::Id"
    )]
    Chamber,
}

impl ActiveModelBehavior for ActiveModel {}

impl RecordEntity for Entity {
    const KIND: Kind = Kind {
        time: Temporality::Validity,
        small: true,
        fields: &[
            reference("delegation", one(RecordKind::Delegation), "Delegation that has the seats.")
                .owner()
                .required()
                .bounds()
                .inverse(&[Inverse::new(
                    "seats",
                    "Seat allocations: the number of seats that each chamber fills.",
                )
                .short()]),
            reference(
                "chamber",
                one(RecordKind::Chamber),
                "Chamber that fills the seats, if it is not the parliament as a whole.",
            )
            .bounds()
            .inverse(&[Inverse::new(
                "seat_allocations",
                "Allocations of seats in delegations that the chamber fills.",
            )]),
            number("seats", "Number of seats.").required_or_claimed().claimable().varying(),
            SINCE,
            UNTIL,
            ONGOING,
            OBSERVED,
            NOTE,
            flag(
                "disputed",
                false,
                "Whether documents state different numbers of seats, which `claimsAbout` lists.",
            )
            .derived(),
        ],
        ..Kind::new(
            RecordKind::SeatAllocation,
            "seat_allocation",
            "Number of a delegation's seats that a chamber fills.",
        )
    };
}
