//! Inter-parliamentary assemblies.

use sea_orm::entity::prelude::*;

use crate::{Id, RecordKind, kind::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "assembly")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id,
    #[sea_orm(unique)]
    pub slug: String,
    pub name: String,
    pub acronym: Option<String>,
    pub founded_earliest: Option<Date>,
    pub founded_latest: Option<Date>,
    #[sea_orm(indexed)]
    pub founding_decision_id: Option<Id>,
    pub seat: Option<String>,
    /// Organization to which the assembly belongs.
    #[sea_orm(indexed)]
    pub parent_id: Option<Id>,
    pub website: Option<String>,
    pub note: Option<String>,
    pub dissolved_earliest: Option<Date>,
    pub dissolved_latest: Option<Date>,
    /// The end of its existence, derived from its own dates and the records it belongs to.
    pub ended_earliest: Option<Date>,
    pub ended_latest: Option<Date>,
    /// The period in which it may exist, derived from its own dates and the records it belongs to.
    pub holds_from: Date,
    pub holds_until: Date,
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
        belongs_to = "super::decision::Entity",
        from = "Column::FoundingDecisionId",
        to = "super::decision::Column::Id"
    )]
    FoundingDecision,
    #[sea_orm(
        belongs_to = "super::commission::Entity",
        from = "Column::ParentId",
        to = "super::commission::Column::Id"
    )]
    Parent,
}

impl ActiveModelBehavior for ActiveModel {}

impl RecordEntity for Entity {
    const KIND: Kind = Kind {
        groups: PARTICIPANT,
        time: Temporality::Existence,
        small: true,
        naming: Some("name"),
        fields: &[
            NAME,
            text("acronym", "Acronym, such as `CSTO PA`.").claimable().single().search_rank(1),
            FOUNDED,
            DISSOLVED,
            reference(
                "founding_decision",
                one(RecordKind::Decision),
                "Act that founded the assembly.",
            )
            .loose()
            .inverse(&[Inverse::new("founded", "Assemblies founded by the act.").timeless()]),
            code("seat", "City where the assembly has its seat.").claimable().single().varying(),
            reference(
                "parent",
                one(RecordKind::Commission),
                "Organization to which the assembly belongs.",
            )
            .loose()
            .inverse(&[Inverse::new("parent_of", "Assemblies that belong to the organization.")]),
            WEBSITE,
            NOTE,
        ],
        ..Kind::new(RecordKind::Assembly, "assembly", "Inter-parliamentary assembly.")
    };
}
