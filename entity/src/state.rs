//! States: countries with an ISO 3166-1 code.

use sea_orm::entity::prelude::*;

use crate::{Id, RecordKind, kind::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "state")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id,
    #[sea_orm(unique)]
    pub slug: String,
    /// ISO 3166-1 alpha-2.
    #[sea_orm(unique)]
    pub code: String,
    pub name: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::record::Entity",
        from = "Column::Id",
        to = "super::record::Column::Id"
    )]
    Record,
}

impl ActiveModelBehavior for ActiveModel {}

impl RecordEntity for Entity {
    const KIND: Kind = Kind {
        groups: &[Group::Actor, Group::Participant, Group::Represented],
        small: true,
        naming: Some("name"),
        fields: &[
            code("code", "ISO 3166-1 alpha-2 code, such as `KG`.")
                .required()
                .single()
                .search_rank(1),
            NAME,
        ],
        unique: &[Unique { fields: &["code"], what: "the code `{}`" }],
        rules: &[Rule::CountryCode { field: "code" }],
        order: &["code"],
        ..Kind::new(RecordKind::State, "state", "Country.")
    };
}
