//! Bodies of assemblies, and external bodies that work with them.

use async_graphql::Enum;
use sea_orm::entity::prelude::*;

use crate::{Id, RecordKind, kind::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "commission")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id,
    #[sea_orm(unique)]
    pub slug: String,
    pub name: String,
    pub kind: CommissionKind,
    /// Parent body.
    #[sea_orm(indexed)]
    pub under_id: Option<Id>,
    /// Chamber to which the committee belongs.
    #[sea_orm(indexed)]
    pub chamber_id: Option<Id>,
    pub website: Option<String>,
    pub note: Option<String>,
    pub founded_earliest: Option<Date>,
    pub founded_latest: Option<Date>,
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
    #[sea_orm(belongs_to = "Entity", from = "Column::UnderId", to = "Column::Id")]
    Under,
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
        groups: ORGANIZATION,
        time: Temporality::Existence,
        small: true,
        naming: Some("name"),
        fields: &[
            NAME,
            values::<CommissionKind>("kind", "Kind of body.").required(),
            references(
                "assemblies",
                References {
                    to: RecordKind::Assembly,
                    table: "commission_assembly",
                    own: "commission_id",
                    other: "assembly_id",
                    one: "assembly",
                    bounds: true,
                    owner: true,
                    inverse: Inverse::new(
                        "commissions",
                        "Commissions and other bodies of the assembly.",
                    ),
                },
                "Assemblies to which the body belongs. Empty for an external body.",
            ),
            reference("under", one(RecordKind::Commission), "Parent body. Null if there is none.")
                .loose()
                .bounds()
                .inverse(&[Inverse::new("subordinates", "Subordinate bodies.")]),
            reference(
                "chamber",
                one(RecordKind::Chamber),
                "Chamber to which the committee belongs.",
            )
            .bounds()
            .inverse(&[Inverse::new(
                "commissions",
                "Committees of the chamber that work with assemblies.",
            )]),
            FOUNDED,
            DISSOLVED,
            WEBSITE,
            NOTE,
        ],
        of_state: Some("chamber"),
        ..Kind::new(
            RecordKind::Commission,
            "commission",
            "Body of one or several assemblies, such as a commission, council or secretariat, or \
                an external body that works with them.",
        )
    };
}

/// Kind of a commission. New values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CommissionKind {
    /// Standing (permanent) commission.
    Standing,
    /// Joint commission of several bodies or assemblies.
    Joint,
    /// Temporary commission.
    Temporary,
    /// Council of an assembly.
    Council,
    /// Board of experts.
    ExpertBoard,
    /// Secretariat.
    Secretariat,
    /// Meeting that coordinates commissions or committees.
    CoordinationMeeting,
    /// Working group.
    WorkingGroup,
    /// Institute or centre of an assembly.
    Institute,
    /// Youth assembly.
    YouthAssembly,
    /// Committee or group of one state.
    National,
    /// External body.
    External,
}
