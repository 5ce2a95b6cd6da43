//! Links from contradictions to the assemblies that they concern.

use sea_orm::entity::prelude::*;

use crate::Id;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contradiction_assembly")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub contradiction_id: Id,
    #[sea_orm(primary_key, auto_increment = false, indexed)]
    pub assembly_id: Id,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::contradiction::Entity",
        from = "Column::ContradictionId",
        to = "super::contradiction::Column::Id"
    )]
    Contradiction,
    #[sea_orm(
        belongs_to = "super::assembly::Entity",
        from = "Column::AssemblyId",
        to = "super::assembly::Column::Id"
    )]
    Assembly,
}

impl ActiveModelBehavior for ActiveModel {}
