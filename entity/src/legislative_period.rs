//! The periods for which parliaments and chambers are elected.

use sea_orm::entity::prelude::*;

use crate::{Id, RecordKind, kind::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "legislative_period")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id,
    #[sea_orm(unique)]
    pub slug: String,
    #[sea_orm(indexed)]
    pub organization_id: Id,
    pub organization_kind: RecordKind,
    pub name: String,
    pub starts_earliest: Option<Date>,
    pub starts_latest: Option<Date>,
    pub ends_earliest: Option<Date>,
    pub ends_latest: Option<Date>,
    pub note: Option<String>,
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
        belongs_to = "super::record::Entity",
        from = "Column::OrganizationId",
        to = "super::record::Column::Id"
    )]
    Organization,
}

impl ActiveModelBehavior for ActiveModel {}

impl RecordEntity for Entity {
    const KIND: Kind = Kind {
        time: Temporality::Dates { start: "starts", end: "ends" },
        small: true,
        naming: Some("name"),
        fields: &[
            reference(
                "organization",
                Target::Some(&[RecordKind::Parliament, RecordKind::Chamber], Group::Organization),
                "Parliament or chamber that is elected for the period.",
            )
            .required()
            .bounds()
            .inverse(&[Inverse::new(
                "legislative_periods",
                "Legislative periods of the parliament or chamber.",
            )]),
            NAME,
            date("starts", "First day. Null if no document states it.").claimable().permanent(),
            date("ends", "Last day. Null if no document states it.").claimable().permanent(),
            NOTE,
        ],
        rules: &[Rule::InOrder { start: "starts", end: "ends" }],
        dated_by: &["starts"],
        ..Kind::new(
            RecordKind::LegislativePeriod,
            "legislative_period",
            "Period for which a parliament or chamber is elected, such as a term or convocation.",
        )
    };
}
