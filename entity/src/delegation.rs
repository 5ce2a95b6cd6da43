//! Delegations of parliaments to assemblies.

use sea_orm::entity::prelude::*;

use crate::{Id, RecordKind, kind::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delegation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id,
    #[sea_orm(unique)]
    pub slug: String,
    #[sea_orm(indexed)]
    pub assembly_id: Id,
    #[sea_orm(indexed)]
    pub parliament_id: Id,
    /// State of the parliament.
    #[sea_orm(indexed)]
    pub state_id: Option<Id>,
    pub name: String,
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
    #[sea_orm(
        belongs_to = "super::assembly::Entity",
        from = "Column::AssemblyId",
        to = "super::assembly::Column::Id"
    )]
    Assembly,
    #[sea_orm(
        belongs_to = "super::parliament::Entity",
        from = "Column::ParliamentId",
        to = "super::parliament::Column::Id"
    )]
    Parliament,
    #[sea_orm(
        belongs_to = "super::state::Entity",
        from = "Column::StateId",
        to = "super::state::Column::Id"
    )]
    State,
}

impl ActiveModelBehavior for ActiveModel {}

impl RecordEntity for Entity {
    const KIND: Kind = Kind {
        groups: ORGANIZATION,
        time: Temporality::Existence,
        small: true,
        naming: Some("name"),
        fields: &[
            reference(
                "assembly",
                one(RecordKind::Assembly),
                "Assembly to which the delegation is sent.",
            )
            .owner()
            .required()
            .bounds()
            .inverse(&[Inverse::new("delegations", "Delegations of parliaments to the assembly.")]),
            reference(
                "parliament",
                one(RecordKind::Parliament),
                "Parliament that sends the delegation.",
            )
            .required()
            .bounds()
            .inverse(&[Inverse::new(
                "delegations",
                "Delegations of the parliament to assemblies.",
            )]),
            reference("state", one(RecordKind::State), "State of the parliament.")
                .derived()
                .loose()
                .inverse(&[Inverse::new(
                    "delegations",
                    "Delegations of the parliaments of the state to assemblies.",
                )]),
            NAME,
            FOUNDED,
            DISSOLVED,
            WEBSITE,
            NOTE,
        ],
        unique: &[Unique {
            fields: &["assembly", "parliament"],
            what: "the combination of `parliament` and `assembly`",
        }],
        of_state: Some("parliament"),
        ..Kind::new(
            RecordKind::Delegation,
            "delegation",
            "Delegation of a parliament to an assembly.",
        )
    };
}
